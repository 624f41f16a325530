--- Designs with interrupts: sources that a spec drives by hand, controllers, wires to the processor.
local core = require "lunq.core"

local support = { device = "sim" }

--- pins: { name = { controller, index } or bit of the processor }; every source is an IP "name" with the
--- pin "irq". controllers: { name = { parent =, index =, parameters = } }, at 0x41800000 and up.
function support.design(pins, controllers, arch)
  local ip, n = {}, 0
  for name, at in pairs(pins) do
    ip[name] = { vlnv = "acme.com:user:src:1.0",
                 interrupts = { irq = type(at) == "table" and { controller = at[1], index = at[2] } or at } }
  end
  local names = {}
  for name in pairs(controllers or {}) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local c = controllers[name]
    ip[name] = { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x41800000 + (n << 16),
                 parameters = c.parameters,
                 interrupts = { irq = c.parent and { controller = c.parent, index = c.index } or c.index or 0 } }
    n = n + 1
  end
  return core.design_from_table { arch = arch or "zynq", ip = ip }
end

--- A device with that design, active during the spec.
function support.open(...)
  local d = core.device_open(support.device)
  d:program(support.design(...))
  return d
end

--- Calls and returns kind and text of the error; fails when there is none.
function support.failure(...)
  local ok, e = pcall(...)
  assert(not ok, "an error was expected")
  return { e.kind, tostring(e) }
end

--- The registers of the controllers as they are: { ISR, IER } by name.
function support.registers(device, base)
  local m <close> = core.mmio(base or 0x41800000, 0x10000, device)
  return { isr = m:read(0), ier = m:read(8), mer = m:read(0x1c) }
end

return support
