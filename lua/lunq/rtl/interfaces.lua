--- Interfaces of an IP as component.xml and attributes in Verilog name them, as elements of an HWH file: buses, and
--- what single signals (clocks, resets, interrupts) say of their ports.
local xml = require "lunq.rtl.xml"

local interfaces = {}

--- Kinds of interfaces that are one signal, not a bus.
local SIGNALS <const> = { clock = "clk", reset = "rst", interrupt = "INTERRUPT" }

--- What clock, reset and interrupt interfaces say of their port.
local function describe_signal(kind, port, values)
  port.SIGIS = SIGNALS[kind]
  if kind == "clock" then port.CLKFREQUENCY = values.FREQ_HZ end
  if kind == "reset" then port.POLARITY = values.POLARITY end
  if kind == "interrupt" then port.SENSITIVITY = values.SENSITIVITY end
end

--- Buses a clock is said to be of: "S_AXI:M_AXI".
local function note_clock(clock_of, busif, port)
  for name in (busif or ""):gmatch "[^:%s]+" do clock_of[name] = port end
end

local function bus_element(i, clock)
  local list = {}
  for k, m in ipairs(i.maps) do
    list[k] = xml.element("PORTMAP", { LOGICAL = m.logical, PHYSICAL = m.physical })
  end
  local children = table.move(i.parameters, 1, #i.parameters, 1, {})
  if clock then children[#children + 1] = xml.element("PARAMETER", { NAME = "ASSOCIATED_CLOCK", VALUE = clock }) end
  children[#children + 1] = xml.element("PORTMAPS", {}, list)
  return xml.element("BUSINTERFACE", { NAME = i.name, VLNV = i.vlnv, DATAWIDTH = i.width, TYPE = i.role }, children)
end

--- Buses as elements; signals are written into the attributes of their ports.
---@param list table[] { name, vlnv, kind = name of the type, role, width?, values = { NAME = value }, parameters =
---  elements, maps = { { logical, physical } ... } }
---@param ports table<string, table> attributes by name
---@return table[] elements
function interfaces.elements(list, ports)
  local clock_of, buses = {}, {}
  for _, i in ipairs(list) do
    for _, m in ipairs(SIGNALS[i.kind] and i.maps or {}) do
      if ports[m.physical] then describe_signal(i.kind, ports[m.physical], i.values) end
      if i.kind == "clock" then note_clock(clock_of, i.values.ASSOCIATED_BUSIF, m.physical) end
    end
  end
  for _, i in ipairs(list) do
    if not SIGNALS[i.kind] then buses[#buses + 1] = bus_element(i, clock_of[i.name]) end
  end
  return buses
end

return interfaces
