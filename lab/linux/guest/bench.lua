-- bench.lua: what LUNQ costs on the kernel of a guest, beside C in the same guest. No check: figures of a busy machine
-- say little. test-bench.sh runs it: lunq bench.lua
local core = require "lunq.core"
local lunq = require "lunq"

local zynq = assert(io.open "/proc/device-tree/compatible"):read "a":find "zynq%-7000" ~= nil
local TTC <const>, GIC <const> = zynq and 0xf8002000 or 0xff110000, zynq and 69 or 68 -- bound to generic-uio
local ROUNDS <const>, REPEATS <const> = 300, 3

local device = core.active_device()
local bin = "/run/design.bin"
assert(io.open(bin, "wb")):write("\x66\x55\x99\xaa", ("LUNQ"):rep(1000)):close()
device:program(core.design_from_table { name = "t", arch = zynq and "zynq" or "zynquplus", ip = {} },
               { bitstream = core.bitstream_read(bin) })
local ttc <const> = lunq.MMIO(TTC, 0x1000)
local irq <const> = lunq.Interrupt { fullpath = "ttc/irq", controller = "", index = 0, raw_irq = GIC }

--- The median of the timer's ticks from an interrupt to the line after the wait.
local function waits()
  local ticks = {}
  ttc:write(0x0c, 0x21)
  ttc:write(0x00, 1 | 2 << 1)
  ttc:write(0x24, 30000)
  ttc:write(0x60, 1)
  ttc:write(0x0c, 2 | 16)
  for i = -9, ROUNDS do
    irq:wait(5)
    local tick = ttc:read(0x18)
    ttc:read(0x54)
    if i > 0 then ticks[i] = tick end
  end
  ttc:write(0x60, 0)
  ttc:write(0x0c, 0x21)
  table.sort(ticks)
  return ticks[ROUNDS // 2]
end

local function peer()
  local p <close> = assert(io.popen(("bench %#x %d"):format(TTC, ROUNDS)))
  return (assert(p:read "n", "the peer failed"))
end

local function in_task() return lunq.spawn(waits):wait(math.huge) end

local best = {}
for _ = 1, REPEATS do
  for name, f in pairs { C = peer, script = waits, task = in_task } do
    best[name] = math.min(best[name] or math.huge, f())
  end
end
for _, name in ipairs { "script", "task" } do
  print(("interrupt to Lua, %-7s %5d ticks, a C program's read() %5d: %.2f times"):format(name .. ":", best[name],
    best.C, best[name] / best.C))
end

--- ns of CPU time for one of n calls.
local N <const> = 200000
local function cost(f)
  local least = math.huge
  for _ = 1, REPEATS do
    local start = core._bench.cpu()
    local seconds = f() or core._bench.cpu() - start
    least = math.min(least, seconds / N * 1e9)
  end
  return least
end

local memory <const> = lunq.MMIO(0x0e000000, 0x1000) -- reserved memory: a register that costs nothing itself
local call = cost(function() for _ = 1, N do memory:read(0) end end)
local floor = cost(function() local b <const> = core._bench.nop; for _ = 1, N do b:nop() end end)
local loop = cost(function() return core._bench.read(memory, 0, N) end)
print(("register read: %.0f ns, a method call that does nothing %.0f ns, a C loop with the same checks %.0f ns")
  :format(call, floor, loop))
