--- Designs of many AXI DMAs, each with its output led through a FIFO into its input, and with its
--- interrupts at a tree of interrupt controllers.
local core = require "lunq.core"

local loops = {}

loops.INTC = 0x41800000

--- Where pin i (from 0) arrives: 16 at each controller from input 1 on. The controllers are a chain: the
--- next one hangs on input 0 of the one before.
local function input(i) return { controller = ("intc%d"):format(i // 16), index = 1 + i % 16 } end

--- o: n DMAs; sg = true, or function(i); parameters for all DMAs; fifo: parameters of the FIFOs;
--- wired = false: no interrupts, "ps": straight to the processor; kind(i): C_KIND_OF_INTR of controller i;
--- output(i): its C_IRQ_IS_LEVEL; sources: IP "srcNN" with a pin "irq" that a spec drives by hand
function loops.design(o)
  local ip, n, sources = {}, o.n or 1, o.sources or 0
  for i = 0, n - 1 do
    local sg = o.sg
    if type(sg) == "function" then sg = sg(i) end
    local parameters = { C_INCLUDE_SG = sg and 1 or 0, C_SG_LENGTH_WIDTH = 14, C_INCLUDE_MM2S = 1,
                         C_INCLUDE_S2MM = 1, C_M_AXI_MM2S_DATA_WIDTH = 32, C_M_AXI_S2MM_DATA_WIDTH = 32,
                         C_ADDR_WIDTH = 32 }
    for k, v in pairs(o.parameters or {}) do parameters[k] = v end
    local fifo = { TDATA_NUM_BYTES = 4, FIFO_DEPTH = 64, FIFO_MODE = 1 }
    for k, v in pairs(o.fifo or {}) do fifo[k] = v end
    local dma, name = ("dma%02d"):format(i), ("fifo%02d"):format(i)
    ip[dma] = { vlnv = "xilinx.com:ip:axi_dma:7.1", address = 0x40400000 + (i << 16), parameters = parameters,
                interface = "S_AXI_LITE", streams = { M_AXIS_MM2S = name .. "/S_AXIS" } }
    ip[name] = { vlnv = "xilinx.com:ip:axis_data_fifo:2.0", parameters = fifo,
                 streams = { M_AXIS = dma .. "/S_AXIS_S2MM" } }
    if o.wired == "ps" then
      ip[dma].interrupts = { mm2s_introut = 2 * i, s2mm_introut = 2 * i + 1 }
    elseif o.wired ~= false then
      ip[dma].interrupts = { mm2s_introut = input(2 * i), s2mm_introut = input(2 * i + 1) }
    end
  end
  for i = 0, sources - 1 do
    ip[("src%02d"):format(i)] = { vlnv = "acme.com:user:src:1.0", interrupts = { irq = input(2 * n + i) } }
  end
  for c = 0, o.wired == nil and (2 * n + sources - 1) // 16 or -1 do
    ip[("intc%d"):format(c)] = {
      vlnv = "xilinx.com:ip:axi_intc:4.1", address = loops.INTC + (c << 16),
      parameters = { C_KIND_OF_INTR = ("0x%X"):format(o.kind and o.kind(c) or 0),
                     C_IRQ_IS_LEVEL = o.output and o.output(c) or 1 },
      interrupts = { irq = c == 0 and 0 or { controller = ("intc%d"):format(c - 1), index = 0 } } }
  end
  return core.design_from_table { name = "loops", arch = "zynq", ip = ip }
end

--- Opens a device with that design and makes it the active one: tasks sleep in its time. Gives
--- { device, dma = list of drivers }; close() it.
function loops.open(o)
  local self = setmetatable({ before = core.active_device(), device = core.device_open(o.device or "sim"),
                              dma = {}, buffers = {} }, { __index = loops })
  core.active_device(self.device)
  local design = loops.design(o)
  self.device:program(design)
  local ip = design:dictionaries().ip_dict
  for i = 0, (o.n or 1) - 1 do
    local description = ip[("dma%02d"):format(i)]
    description.device = self.device
    self.dma[i + 1] = require "drivers.axi_dma"(description)
  end
  return self
end

--- A buffer of bytes on the device, closed with the rest; pattern: a number that tells it from others.
function loops:bytes(n, pattern)
  local b = require "lunq".allocate(n, "u1", { target = self.device })
  self.buffers[#self.buffers + 1] = b
  if pattern then b:frombytes(loops.pattern(n, pattern)) end
  return b
end

--- n bytes that no other number gives in this order.
function loops.pattern(n, number)
  local words = {}
  for i = 1, (n + 3) // 4 do words[i] = ("<I4"):pack((number << 16 ~ i * 2654435761) & 0xffffffff) end
  return table.concat(words):sub(1, n)
end

--- The registers of a controller: IER of what is enabled.
function loops:enabled(c)
  local m <close> = core.mmio(loops.INTC + (c << 16), 0x10000, self.device)
  return m:read(8)
end

function loops:close()
  for _, dma in ipairs(self.dma) do dma:free() end
  for _, b in ipairs(self.buffers) do b:close() end
  core.active_device(self.before)
  self.device:close()
end

--- The error object f raises.
function loops.error_of(f, ...)
  local ok, e = pcall(f, ...)
  assert(not ok, "nothing was raised")
  assert(type(e) == "table" and e.kind, "not an error object: " .. tostring(e))
  return e
end

return loops
