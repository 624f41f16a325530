--- What the specs of the simulated device share: small designs written as tables, raw DMA registers.
local core = require "lunq.core"

local support = {}

support.DMA = 0x40400000

local function copy(t, more)
  local r = {}
  for k, v in pairs(t) do r[k] = v end
  for k, v in pairs(more or {}) do r[k] = v end
  return r
end

--- An AXI DMA whose MM2S feeds its S2MM through a FIFO of 64 words.
---@param parameters? table of the DMA
---@param fifo? table parameters of the FIFO; false: directly connected, "open": not at all
function support.loopback(parameters, fifo)
  local dma = {
    vlnv = "xilinx.com:ip:axi_dma:7.1", address = support.DMA, range = 0x10000, interface = "S_AXI_LITE",
    parameters = copy({ C_INCLUDE_SG = 0, C_SG_LENGTH_WIDTH = 14, C_INCLUDE_MM2S = 1, C_INCLUDE_S2MM = 1,
      C_M_AXI_MM2S_DATA_WIDTH = 32, C_M_AXI_S2MM_DATA_WIDTH = 32, C_ADDR_WIDTH = 32 }, parameters),
    interrupts = { mm2s_introut = 0, s2mm_introut = 1 },
    streams = { M_AXIS_MM2S = fifo == false and "dma/S_AXIS_S2MM" or "fifo/S_AXIS" },
  }
  if fifo == "open" then dma.streams = nil end
  local ip = { dma = dma }
  if fifo ~= false and fifo ~= "open" then
    ip.fifo = { vlnv = "xilinx.com:ip:axis_data_fifo:2.0", streams = { M_AXIS = "dma/S_AXIS_S2MM" },
      parameters = copy({ TDATA_NUM_BYTES = 4, FIFO_DEPTH = 64, FIFO_MODE = 1 }, fifo) }
  end
  return core.design_from_table { name = "loopback", arch = "zynq", ip = ip }
end

--- Opens a device with a design loaded.
function support.open(design, spec)
  local d = core.device_open(spec or "sim")
  d:program(design)
  return d
end

--- Calls and returns the error; fails when there is none.
function support.failure(...)
  local ok, e = pcall(...)
  assert(not ok, "an error was expected")
  return e
end

--- One channel of a DMA by its registers. base: 0 for MM2S, 0x30 for S2MM.
function support.channel(device, base)
  local m = core.mmio(support.DMA, 0x10000, device)
  local c = { mmio = m }
  function c.control(v) if v then m:write(base, v) else return m:read(base) end end
  function c.status(v) if v then m:write(base + 4, v) else return m:read(base + 4) end end
  function c.address(v) if v then m:write(base + 0x18, v) else return m:read(base + 0x18) end end
  function c.length(v) if v then m:write(base + 0x28, v) else return m:read(base + 0x28) end end
  function c.current(v) if v then m:write(base + 8, v) else return m:read(base + 8) end end
  function c.tail(v) if v then m:write(base + 0x10, v) else return m:read(base + 0x10) end end
  function c.close() m:close() end
  return c
end

--- Lets everything happen that is under way.
function support.settle(device, limit)
  local n = 0
  while device:step() do
    n = n + 1
    assert(n < (limit or 100000), "the device never comes to rest")
  end
  return n
end

local function element(name, attributes, inner)
  local t = { "<" .. name }
  for k, v in pairs(attributes) do t[#t + 1] = (' %s="%s"'):format(k, v) end
  return table.concat(t) .. (inner and ">" .. inner .. "</" .. name .. ">" or "/>")
end

local function ports(list)
  local t = {}
  for _, p in ipairs(list or {}) do
    local width = p.width or 1
    t[#t + 1] = element("PORT", { NAME = p[1], DIR = p[2], SIGNAME = p[3], LEFT = width - 1, RIGHT = 0,
      SIGIS = p.sigis, POLARITY = p.polarity })
  end
  return "<PORTS>" .. table.concat(t) .. "</PORTS>"
end

--- A design in Vivado's format, for what tables can't say: nets and masters' address maps.
---@param external table list of ports { name, "I"|"O", net, width=, sigis=, polarity= }
---@param modules table list of { path, vlnv, parameters=, ports=, memory= }; memory: list of ranges
--- { instance, base, high, slave, master, type } of this module as a master
---@param arch? string "zynq" when not said
function support.hwh(external, modules, arch)
  local t = {}
  for _, m in ipairs(modules) do
    local params, ranges, buses = {}, {}, {}
    for k, v in pairs(m.parameters or {}) do params[#params + 1] = element("PARAMETER", { NAME = k, VALUE = v }) end
    for _, r in ipairs(m.memory or {}) do
      ranges[#ranges + 1] = element("MEMRANGE", { INSTANCE = r[1], BASEVALUE = ("0x%08X"):format(r[2]),
        HIGHVALUE = ("0x%08X"):format(r[3]), SLAVEBUSINTERFACE = r[4], MASTERBUSINTERFACE = r[5],
        MEMTYPE = r[6] or "REGISTER", ADDRESSBLOCK = "Reg" })
    end
    for _, b in ipairs(m.buses or {}) do
      buses[#buses + 1] = element("BUSINTERFACE", { NAME = b[1], TYPE = b[2], BUSNAME = b[3],
        VLNV = b[4] or "xilinx.com:interface:axis:1.0" })
    end
    t[#t + 1] = element("MODULE", { FULLNAME = "/" .. m[1], INSTANCE = m[1]:gsub("/", "_"), VLNV = m[2],
      MODTYPE = m[2]:match ":([^:]*):[^:]*$", HWVERSION = m[2]:match "[^:]*$" },
      "<PARAMETERS>" .. table.concat(params) .. "</PARAMETERS>" .. ports(m.ports) .. "<BUSINTERFACES>"
      .. table.concat(buses) .. "</BUSINTERFACES><MEMORYMAP>" .. table.concat(ranges) .. "</MEMORYMAP>")
  end
  local text = element("EDKSYSTEM", { EDWVERSION = "1.2", VIVADOVERSION = "2020.1" },
    element("SYSTEMINFO", { ARCH = arch or "zynq", DEVICE = "7z020", NAME = "test" })
    .. "<EXTERNALPORTS>" .. ports(external):gsub("</?PORTS>", "") .. "</EXTERNALPORTS>"
    .. "<MODULES>" .. table.concat(t) .. "</MODULES>")
  return core.design_parse("test.hwh", '<?xml version="1.0" encoding="UTF-8"?>\n' .. text)
end

return support
