-- clocks.lua: clocks of the programmable logic on the kernel of a guest, by its driver and by registers, each
-- checked against the other. test-lunq.sh runs it: lunq --device linux clocks.lua CASE
local lunq = require "lunq"

local clocks = lunq.Clocks
local zynq = assert(io.open "/proc/device-tree/compatible"):read "a":find "zynq%-7000" ~= nil

--- What the kernel believes of a clock, in MHz.
local function kernel(name)
  local f <close> = assert(io.open(("/sys/kernel/debug/clk/%s/clk_rate"):format(name)))
  return f:read "n" / 1e6
end

--- What the registers of a Zynq-7000 say (UG585, "Clocks"): the IO PLL of 33.333333 MHz, divided twice.
local function registers(index)
  local slcr <close> = lunq.MMIO(0xf8000000, 0x1000)
  local pll, clock = slcr:read(0x108), slcr:read(0x170 + 0x10 * index)
  assert(clock >> 4 & 3 < 2, "another PLL than the IO PLL")
  return 33.333333 * (pll >> 12 & 0x7f) / (clock >> 8 & 0x3f) / (clock >> 20 & 0x3f)
end

local function same(what, a, b)
  print(("%-40s %.6f %.6f MHz"):format(what, a, b))
  assert(math.abs(a - b) < 1e-3, what)
end

local function fails(kind, f, ...)
  local ok, e = pcall(f, ...)
  assert(not ok and e.kind == kind, tostring(e))
  print(e)
end

local cases = {}

--- fclk0 has a driver (mod/lunq-fclk.c) on the kernel's own clock framework.
function cases.kernel()
  assert(not clocks[0].source, "it is made of registers")
  fails("value", clocks.set_pl_clk, 0, 5, 2)
  fails("unsupported", function() clocks[0].on = false end)
  if not zynq then -- a fixed clock: the nearest frequency is the one it has
    clocks.fclk0_mhz = 50
    same("a fixed clock stays", clocks.fclk0_mhz, 100)
    return
  end
  for _, mhz in ipairs { 50, 25, 100 } do
    clocks.fclk0_mhz = mhz
    same("by the kernel", clocks.fclk0_mhz, kernel "fclk0")
    same("and in the registers", clocks.fclk0_mhz, registers(0))
    assert(math.abs(clocks[0].error) < 0.05) -- of a PLL at 866.7 MHz, by dividers the kernel chooses
  end
end

--- fclk1 has none.
function cases.registers()
  if not zynq then -- QEMU has no model of these registers: they read 0, and no source is made of that
    print(clocks)
    return
  end
  same("the CPU", clocks.cpu_mhz, kernel "cpu_6or4x")
  same("as the kernel reads it", clocks.fclk1_mhz, kernel "fclk1")
  assert(clocks[1].source == "IO PLL")
  for _, mhz in ipairs { 20, 125 } do
    clocks.fclk1_mhz = mhz
    same("by registers", clocks.fclk1_mhz, registers(1))
    assert(math.abs(clocks[1].error) < 0.01)
  end
  clocks[1].on = false
  assert(not clocks[1].on)
  clocks[1].on = true
  assert(clocks[1].on)
  print(clocks)
end

cases[arg[1]]()
