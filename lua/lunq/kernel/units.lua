--- ol.kernels: the kernels of a card's design, each with all its compute units. A run goes to the one that is
-- free first.
--   ol.kernels.vadd:call(a, b, c, 1024)         ol.kernels.vadd.units    --> { "vadd_1", "vadd_2" }
--   for name, kernel in pairs(ol.kernels) do print(name, kernel.signature) end
-- The units of a kernel can take each other's runs when their arguments are connected to the same memories; else
-- reading the kernel raises `value` and says which argument differs.
local Arguments = require "lunq.kernel.arguments"
local core = require "lunq.core"
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"

local Kernels = { __name = "lunq.Kernels" } -- the metatable

--- Names of compute units by kernel, in the order of their addresses.
local function units_by_kernel(overlay)
  local list, by_kernel = {}, {}
  for _, d in pairs(overlay.ip_dict) do
    if type(d.cu_name) == "string" then list[#list + 1] = d end
  end
  table.sort(list, function(a, b)
    local x, y = a.cu_index or math.huge, b.cu_index or math.huge
    if x ~= y then return x < y end
    return a.fullpath < b.fullpath
  end)
  for _, d in ipairs(list) do
    local name = d.cu_name:match "^[^:]*"
    by_kernel[name] = by_kernel[name] or {}
    table.insert(by_kernel[name], d.fullpath)
  end
  return by_kernel
end

local function sorted_names(t)
  local names = {}
  for name in pairs(t) do names[#names + 1] = name end
  table.sort(names)
  return names
end

function Kernels:__index(name)
  local overlay = rawget(self, "_overlay")
  local tree, units = overlay:_live_tree(), rawget(self, "_units")
  local known = tree.kernels[name]
  if known then return known end
  if not units[name] then
    errors.raise("attribute", "The design has no kernel %s%s", tostring(name),
                 nearest.hint(name, sorted_names(units)))
  end
  local k = core.kernel(overlay.device, overlay.design, units[name], Arguments(overlay.design, units[name][1], name))
  tree.kernels[name] = k
  return k
end

function Kernels:__pairs()
  local names, i = sorted_names(rawget(self, "_units")), 0
  return function()
    i = i + 1
    return names[i], names[i] and self[names[i]]
  end
end

function Kernels:__tostring()
  local units, lines = rawget(self, "_units"), {}
  for _, name in ipairs(sorted_names(units)) do
    lines[#lines + 1] = ("%s: %s"):format(name, table.concat(units[name], ", "))
  end
  return #lines > 0 and table.concat(lines, "\n") or "no kernels"
end

Kernels.__newindex = function() errors.raise("attribute", "kernels come from the design and can't be assigned") end

--- The kernels of an overlay.
---@param overlay table
function Kernels.of(overlay)
  return setmetatable({ _overlay = overlay, _units = units_by_kernel(overlay) }, Kernels)
end

return Kernels
