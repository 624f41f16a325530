--- What a user's table says of pins, put over what metadata says: the option `pins` of lunq.rtl.build.
--
--   pins = {
--     clocks = { "tick", m_clk = 33e6, s_clk = { hz = 250e6, buses = { "s_axis" } } }, -- in Hz, and whose
--     resets = { halt = "high", nrst = "low" },
--     interrupts = { done = "edge", level_irq = "level" },
--     buses = { regs = { AWADDR = "a5", AWVALID = "a1[0]", WDATA = "a2[31:0]", ... } },  -- AXI signal = pin, or a part
--   }
--     addresses = { s_axi = { base = 0x40000000, size = 0x10000 } }, -- of slave ports, for the model alone
-- It is written into the model as metadata is, so that one way leads from there to the pins.
local errors = require "lunq.errors"
local metadata = require "lunq.rtl.metadata"
local nearest = require "lunq.nearest"
local xml = require "lunq.rtl.xml"

local pins = {}

local KEYS <const> = { "addresses", "buses", "clocks", "interrupts", "resets" }
local LEVELS <const> = { high = "ACTIVE_HIGH", low = "ACTIVE_LOW" }
local SENSES <const> = { edge = "EDGE_RISING", level = "LEVEL_HIGH" }

local function sorted(t)
  local list = {}
  for k in pairs(t) do list[#list + 1] = k end
  table.sort(list, function(a, b) return tostring(a) < tostring(b) end)
  return list
end

local function check_pin(known, name, where)
  if known[name] then return end
  errors.raise("value", 'pins.%s: the module has no pin "%s"%s', where, tostring(name),
               nearest.hint(tostring(name), sorted(known)))
end

--- A pin, or a part of one: "data[7:0]", "valid[2]". An element of an array is a pin.
local function check_part(known, text, where)
  local name, part = tostring(text):match "^(.*)(%[[%d:]+%])$"
  if known[text] or not known[name] then return check_pin(known, name or text, where) end
  local high, low = part:match "^%[(%d+):(%d+)%]$"
  high = math.tointeger(high or part:match "^%[(%d+)%]$")
  low = math.tointeger(low or high)
  if not high or high < low or high >= known[name] then
    errors.raise("value", "pins.%s: %s has %d bits, so there is no %s", where, name, known[name], text)
  end
end

local function choice(where, name, value, values)
  if values[value] then return values[value] end
  errors.raise("value", 'pins.%s.%s should be "%s", not %s', where, name, table.concat(sorted(values), '" or "'),
               tostring(value))
end

--- What the table says of a clock by name: a frequency, or { hz =, buses = }.
local function read_clock(name, said)
  local t = type(said) == "table" and said or { hz = said }
  for key in pairs(t) do
    if key ~= "hz" and key ~= "buses" then
      errors.raise("value", "pins.clocks.%s: hz and buses can be said, not %s", name, tostring(key))
    end
  end
  local hz = math.tointeger(t.hz or 0)
  if not hz or hz < 0 then
    errors.raise("value", "pins.clocks.%s: a frequency is a whole number of Hz, not %s", name, tostring(t.hz))
  elseif type(t.buses or {}) ~= "table" then
    errors.raise("type", "pins.clocks.%s.buses should be a list of names, not a %s", name, type(t.buses))
  end
  return { SIGIS = "clk", CLKFREQUENCY = hz > 0 and tostring(hz) or nil }, t.buses or {}
end

--- Ports by what the table calls them: { name = attributes }.
local function read_ports(given, known)
  local ports = {}
  local clock_of = {}
  for key, said in pairs(given.clocks or {}) do
    local name = type(key) == "number" and said or key
    check_pin(known, name, "clocks")
    local buses
    ports[name], buses = read_clock(name, type(key) ~= "number" and said or nil)
    for _, bus in ipairs(buses) do clock_of[bus] = name end
  end
  for name, level in pairs(given.resets or {}) do
    check_pin(known, name, "resets")
    ports[name] = { SIGIS = "rst", POLARITY = choice("resets", name, level, LEVELS) }
  end
  for name, sense in pairs(given.interrupts or {}) do
    check_pin(known, name, "interrupts")
    ports[name] = { SIGIS = "INTERRUPT", SENSITIVITY = choice("interrupts", name, sense, SENSES) }
  end
  return ports, clock_of
end

--- Says something of a bus that is described, or, where names find it, of its name alone.
local function put_parameter(list, bus, name, value)
  local found
  for _, e in ipairs(list.children) do found = found or e.attributes.NAME == bus and e end
  if not found then
    found = xml.element("BUSINTERFACE", { NAME = bus, TYPE = "SLAVE" })
    table.insert(list.children, found)
  end
  table.insert(found.children, 1, xml.element("PARAMETER", { NAME = name, VALUE = value })) -- before the metadata's
end

local BUFFERS <const>, LARGE <const> = 0x100000, 0x40000000

--- Places of slave ports: those the engine takes as they are.
local function check_addresses(addresses)
  local names = sorted(addresses)
  for i, name in ipairs(names) do
    local a = addresses[name]
    local base, size = math.tointeger(type(a) == "table" and a.base), math.tointeger(type(a) == "table" and a.size)
    if not base or not size then
      errors.raise("type", "pins.addresses.%s should say where, as in { base = 0x40000000, size = 0x10000 }", name)
    elseif size < 16 or size > LARGE or size & (size - 1) ~= 0 or base < 0 or base % size ~= 0 then
      errors.raise("value", "pins.addresses.%s: the size is a power of two from 16 to 1 GiB, and the base a multiple "
                   .. "of it, not %#x at %#x", name, size, base)
    elseif base < LARGE and base + size > BUFFERS then
      errors.raise("value", "pins.addresses.%s: buffers are from %#x on, and ports below that or from %#x on, not at "
                   .. "%#x", name, BUFFERS, LARGE, base)
    end
    for k = 1, i - 1 do
      local b = addresses[names[k]]
      if base < b.base + b.size and b.base < base + size then
        errors.raise("value", "pins.addresses: %s and %s overlap", names[k], name)
      end
    end
  end
end

local function read_buses(given, known)
  local list = {}
  for _, name in ipairs(sorted(given.buses or {})) do
    local maps, stream = {}, false
    for _, signal in ipairs(sorted(given.buses[name])) do
      local pin = given.buses[name][signal]
      check_part(known, pin, "buses." .. name)
      stream = stream or signal:upper() == "TVALID"
      maps[#maps + 1] = xml.element("PORTMAP", { LOGICAL = signal:upper(), PHYSICAL = pin })
    end
    list[#list + 1] = xml.element("BUSINTERFACE", {
      NAME = name, TYPE = "SLAVE", VLNV = "xilinx.com:interface:" .. (stream and "axis" or "aximm") .. ":1.0",
    }, { xml.element("PORTMAPS", {}, maps) })
  end
  return list
end

--- Checks the form of the table; the names of pins are checked when they are known.
---@param given table
--- Raises `type` and `value`.
function pins.check(given)
  local known = {}
  for _, key in ipairs(KEYS) do known[key] = true end
  for key, value in pairs(given) do
    if not known[key] then
      errors.raise("value", 'pins has no "%s"%s', tostring(key), nearest.hint(tostring(key), KEYS))
    elseif type(value) ~= "table" then
      errors.raise("type", "pins.%s should be a table, not a %s", key, type(value))
    end
  end
  check_addresses(given.addresses or {})
  for name, signals in pairs(given.buses or {}) do
    if type(signals) ~= "table" then
      errors.raise("type", "pins.buses.%s should be a table of signals, not a %s", tostring(name), type(signals))
    end
  end
end

--- The list of this name in a module, made when it isn't there.
local function part(module, tag)
  local e = module:child(tag)
  if not e then
    e = xml.element(tag)
    table.insert(module.children, e)
  end
  return e
end

local function put_ports(list, ports, directions)
  for i = #list.children, 1, -1 do
    local given = ports[list.children[i].attributes.NAME]
    if given then table.remove(list.children, i) end
  end
  for _, name in ipairs(sorted(ports)) do
    local a = ports[name]
    a.NAME, a.DIR = name, directions[name]
    table.insert(list.children, xml.element("PORT", a))
  end
end

--- Metadata with the table over it.
---@param given table
---@param list table[] pins of the model
---@param top string
---@param text? string metadata so far
---@return string text
--- Raises `value` for pins that aren't there.
function pins.over(given, list, top, text)
  local known, directions = {}, {}
  for _, p in ipairs(list) do
    known[p.name] = p.width
    directions[p.name] = p.direction == "in" and "I" or p.direction == "out" and "O" or "IO"
  end
  local root = xml.parse(top, text or metadata.text(top, { tool = "" }, xml.element("MODULE", { MODTYPE = top }), {}))
  local module = root:at("MODULES", "MODULE")
  local ports, clock_of = read_ports(given, known)
  put_ports(part(module, "PORTS"), ports, directions)
  local buses = part(module, "BUSINTERFACES")
  for _, bus in ipairs(read_buses(given, known)) do table.insert(buses.children, 1, bus) end
  for _, bus in ipairs(sorted(clock_of)) do put_parameter(buses, bus, "ASSOCIATED_CLOCK", clock_of[bus]) end
  for _, bus in ipairs(sorted(given.addresses or {})) do
    put_parameter(buses, bus, "BASE_ADDRESS", ("%#x"):format(given.addresses[bus].base))
    put_parameter(buses, bus, "RANGE", ("%#x"):format(given.addresses[bus].size))
  end
  return '<?xml version="1.0" encoding="UTF-8"?>\n' .. xml.text(root)
end

return pins
