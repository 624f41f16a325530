--- Interrupts on the simulated device: from a line that is up to the values in the script's hands.
-- Prints: name<TAB>ours in ns<TAB>peer in ns<TAB>peer<TAB>limit; the peer of a dispatch is the 4 us of its requirement.
local core = require "lunq.core"
local lunq = require "lunq"

local cpu <const> = core._bench.cpu
local GOAL <const>, ROUNDS <const>, BLOCKS <const> = 4000, 500, 20

--- 64 sources below two controllers behind a third, and one straight to the processor.
local function design()
  local ip = { direct = { vlnv = "acme.com:user:src:1.0", interrupts = { irq = 1 } } }
  for i, name in ipairs { "low", "mid", "top" } do
    ip[name] = { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x41800000 + (i << 16),
                 interrupts = { irq = name == "top" and 0 or { controller = "top", index = i } } }
  end
  for i = 0, 63 do
    ip["s" .. i] = { vlnv = "acme.com:user:src:1.0", interrupts = {
      irq = { controller = i < 32 and "low" or "mid", index = i % 32 } } }
  end
  return core.design_from_table { ip = ip }
end

local device <close> = core.device_open "sim"
device:program(design())

--- Times what lies between the event and the result; enabling and raising are not counted.
local function dispatch(pin)
  local irq <close> = lunq.Interrupt(pin, device)
  local best = math.huge
  for _ = 1, BLOCKS do
    local spent = 0
    for _ = 1, ROUNDS do
      local hold = irq:hold()
      device:wire(pin, 1)
      local start = cpu()
      hold:wait()
      spent = spent + (cpu() - start)
      hold:close()
      device:wire(pin, 0)
    end
    best = math.min(best, spent / ROUNDS * 1e9)
  end
  return best
end

--- Two clock calls with nothing in between.
local function overhead()
  local spent = 0
  for _ = 1, 10000 do
    local start = cpu()
    spent = spent + (cpu() - start)
  end
  return spent / 10000 * 1e9
end

local clock = overhead()
local function report(what, pin)
  print(("dispatch of %s\t%.0f\t%d\tat most this\t1"):format(what, dispatch(pin) - clock, GOAL))
end
report("a two-level cascade, 64 pins", "s37/irq")
report("a pin wired to the processor", "direct/irq")

local irq <close> = lunq.Interrupt("s37/irq", device)
device:wire("s37/irq", 1)
local best = math.huge
for _ = 1, BLOCKS do
  local start = cpu()
  for _ = 1, ROUNDS do irq:wait(0) end
  best = math.min(best, (cpu() - start) / ROUNDS * 1e9)
end
print(("irq:wait, enabling and disabling the cascade\t%.0f\t-\tnothing like it"):format(best))
