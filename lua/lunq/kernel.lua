--- Kernels of a card, called like functions: what the IP of a card's overlay have for it.
--
--   ol.vadd_1:call(a, b, c, 1024)                  -- starts it and waits
--   ol.vadd_1:call { a = a, b = b, c = c, n = 1024 }
--   local h1 = ol.vadd_1:start(a, b, c, 1024)      -- a run: h1:wait(0.5), h1:done(), h1.state; see bindings/l_run.c
--   local h2 = ol.vadd_1:start(c, d, e, 1024, { waitfor = { h1 } })
--   print(ol.vadd_1.signature)                     --> void vadd(const int *a, const int *b, int *c, int n)
--   ol.vadd_1.args.a                               --> { name = "a", index = 1, type = "const int *", mem = "bank0" }
--   ol.kernels.vadd:start(a, b, c, 1024)           -- whichever unit of the kernel is free first
--
-- Nothing is synchronised by a call: buf:sync_to_device() before, buf:sync_from_device() behind it. A start
-- with waitfor is taken note of at once; the card starts it when those runs have completed, without coming
-- back to Lua, and cancels it when one of them fails.
--
-- Rules: pynq-behaviour.md B15; xrt.md 7 and 8.
local Arguments = require "lunq.kernel.arguments"
local core = require "lunq.core"
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"

local kernel = {}

--- Names an IP that is a kernel has besides its driver's.
kernel.names = { call = true, start = true, args = true, signature = true }

--- Is this entry of ip_dict a compute unit of a card?
function kernel.is_unit(description) return description ~= nil and description.cu_name ~= nil end

local function arguments_of(ip)
  local known = rawget(ip, "_arguments")
  if not known then
    known = Arguments(ip.description.overlay.design, ip.fullpath)
    rawset(ip, "_arguments", known)
  end
  return known
end

--- Opens the kernel for one IP. Its methods become fields of the IP: nothing is looked up in a call.
local function open(ip)
  local k = core.kernel(ip.device, ip.description.overlay.design, { ip.fullpath }, arguments_of(ip))
  rawset(ip, "_kernel", k)
  local call, start = core.kernel_methods(k, ip)
  rawset(ip, "call", call)
  rawset(ip, "start", start)
end

--- The member of an IP called `name`, one of kernel.names.
--- Raises `unsupported` for call and start of a kernel that can't be started.
function kernel.member(ip, name)
  if name == "signature" then return arguments_of(ip):signature() end
  if name == "args" then return arguments_of(ip):args() end
  open(ip)
  return rawget(ip, name)
end

-- ---- all units of a kernel ----------------------------------------------------------------------

--- Names of compute units by kernel, in the order of their addresses.
local function units_by_kernel(overlay)
  local list, by_kernel = {}, {}
  for _, d in pairs(overlay.ip_dict) do
    if kernel.is_unit(d) then list[#list + 1] = d end
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

local Kernels = {} -- metatable of ol.kernels

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
Kernels.__name = "lunq.Kernels"

--- ol.kernels: every kernel of the design with all its compute units.
---@param overlay table
function kernel.all(overlay)
  return setmetatable({ _overlay = overlay, _units = units_by_kernel(overlay) }, Kernels)
end

return kernel
