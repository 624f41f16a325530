--- Designs described by a Lua table, or by a Lua file that returns one, in the place of metadata. Of a board:
-- bindings/l_design_table.c; of a card, with `kernels`: bindings/l_design_kernels.c.
local core = require "lunq.core"
local errors = require "lunq.errors"
local loader = require "lunq.loader"

local description = {}

--- Is this the path of a file with a description?
function description.is_file(path) return path:find "%.[Ll][Uu][Aa]$" ~= nil end

--- Runs the file.
---@param path string
---@return table
--- Raises `type` when it returns something else, what lunq.loader raises, and what the file does.
function description.read(path)
  local t = loader.run(path)
  if type(t) ~= "table" or getmetatable(t) ~= nil then
    errors.raise("type", "%s returns no description of a design, a plain table. A custom overlay file is used by "
                 .. "opening the .bit, .hwh or .xclbin file it is called like.", path)
  end
  return t
end

--- Text that is the same for the same table.
local function canonical(value, depth)
  if type(value) ~= "table" then return ("%s:%s"):format(type(value), tostring(value)) end
  if depth > 20 then errors.raise("value", "The description of the design is nested too deep.") end
  local parts = {}
  for key, item in pairs(value) do
    parts[#parts + 1] = canonical(key, depth + 1) .. "=" .. canonical(item, depth + 1)
  end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

--- Tells described designs apart.
---@param t table
---@return integer
function description.hash(t) return core.hash(canonical(t, 0)) end

--- The design. That of a card goes through an xclbin, which cards load.
---@param t table
---@param name string for messages: its file, or "(table)"
---@return userdata design
--- Raises `type` and `value` that name the place.
function description.design(t, name)
  local design = core.design_from_table(t)
  return design.card and core.design_parse(name, design:xclbin()) or design
end

return description
