--- The arguments of Overlay(file, ...): a table of options, or PYNQ's positional forms.
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"

local options = {}

local TYPES <const> = {
  download = "boolean", ignore_version = "boolean", dtbo = "string or false", design = "table",
  device = "device", force = "boolean", secure = "table", rtl = "table",
}

local function is_a(value, wanted)
  if wanted == "string or false" then return type(value) == "string" or value == false end
  if wanted == "device" then return type(value) == "userdata" or type(value) == "string" end
  return type(value) == wanted
end

local function check(o)
  for name, value in pairs(o) do
    local wanted = TYPES[name]
    if not wanted then
      local names = {}
      for known in pairs(TYPES) do names[#names + 1] = known end
      errors.raise("value", 'Overlay has no option "%s"%s', tostring(name), nearest.hint(name, names))
    end
    if not is_a(value, wanted) then
      errors.raise("type", "Overlay option %s should be a %s, not %s", name, wanted, type(value))
    end
  end
  return o
end

--- Understands what follows the file name:
---   { download =, ignore_version =, device =, dtbo =, design =, rtl = }
---   download                                   (a boolean: the oldest form)
---   dtbo, download, ignore_version, device     (PYNQ's order)
---@return table options; nothing in it is filled in
--- Raises `value` for an unknown option, `type` for one of the wrong type.
function options.read(...)
  local first, second, third, fourth = ...
  if type(first) == "table" and getmetatable(first) == nil then
    local copy = {}
    for name, value in pairs(first) do copy[name] = value end
    return check(copy)
  end
  if type(first) == "boolean" then return check { download = first } end
  return check { dtbo = first, download = second, ignore_version = third, device = fourth }
end

return options
