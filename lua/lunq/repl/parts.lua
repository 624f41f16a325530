--- What objects have that nobody has made yet, for completion: pins of an IP, and what the class of a driver
--- says that its init makes:
--   parts = { timer0 = Counter, channel2 = { Channel, with = "C_IS_DUAL" }, sendchannel = "lunq.DMAChannel" }
--   element = Channel                -- what x[0] is
-- A class is a table or the name of one written in C; `with` names a parameter of the IP that is not 0 when
-- the part is there. These are data: pressing TAB runs nobody's code.
local core = require "lunq.core"

local parts = {}

--- An object of a class that does not exist yet, as completion looks at it.
local function stand_in(class)
  if class == "lunq.MMIO" then return { _driver = core.mmio_methods } end
  if type(class) == "table" then return { _driver = class } end
  local meta = debug.getregistry()[class]
  local object = { _driver = meta and rawget(meta, "methods") }
  for name in next, meta and rawget(meta, "properties") or {} do object[name] = true end
  return object
end

--- The classes of an object or of what stands in for it, the nearest first.
local function classes(v)
  local list, class = {}, nil
  if type(v) == "table" then class = rawget(v, "_driver") or debug.getmetatable(v) end
  while type(class) == "table" and #list < 10 do
    list[#list + 1] = class
    local meta = debug.getmetatable(class)
    class = type(meta) == "table" and rawget(meta, "__index")
  end
  return list
end

local function description_of(v)
  local d = type(v) == "table" and rawget(v, "description")
  return type(d) == "table" and type(rawget(d, "phys_addr")) == "number" and d or nil
end

--- Whether the IP is configured with the part.
local function is_there(part, d)
  local parameter = type(part) == "table" and rawget(part, "with")
  local value = parameter and (rawget(d or {}, "parameters") or {})[parameter]
  return value == nil or tonumber(value) ~= 0
end

--- The pins of an IP as objects of a class.
local function pins(entries, class)
  local list = {}
  for name in next, type(entries) == "table" and entries or {} do list[name] = { _driver = class } end
  return list
end

-- What DefaultIP.init takes over from the description.
local TAKEN <const> = { "fullpath", "type", "phys_addr", "addr_range", "parameters", "device" }

--- What v has, by name: stand-ins, and what its description says.
---@param v any
---@return table<string, any>
function parts.of(v)
  local d, list = description_of(v), {}
  for _, class in ipairs(classes(v)) do
    for name, part in next, rawget(class, "parts") or {} do
      if not list[name] and is_there(part, d) then
        list[name] = stand_in(type(part) == "table" and rawget(part, 1) or part)
      end
    end
  end
  if d then
    for _, name in ipairs(TAKEN) do list[name] = rawget(d, name) end
    list.mmio = stand_in "lunq.MMIO"
    list.interrupts = pins(rawget(d, "interrupts"), require "lunq.interrupt")
    list.gpio = pins(rawget(d, "gpio"), stand_in "lunq.GPIO"._driver)
    for name, pin in next, list.interrupts do list[name] = list[name] or pin end
    for name, pin in next, list.gpio do list[name] = list[name] or pin end
  end
  return list
end

--- What v[n] is.
---@param v any
---@return table?
function parts.element(v)
  for _, class in ipairs(classes(v)) do
    local element = rawget(class, "element")
    if element then return stand_in(element) end
  end
end

return parts
