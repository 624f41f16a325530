--- Registers that are mapped, and interrupts through UIO, on the device `linux`: on a board with a timer (TTC) on
--- generic-uio, as those of the lab are, else on a folder that looks like one.
-- Prints: name<TAB>ours in ns<TAB>peer in ns<TAB>peer[<TAB>limit]. Peers: a C loop (CPU time, the best of many
-- repeats), what lua-periphery does (periphery.c, which Debian has no package of), and a C program that reads the
-- node (uio.c; in turn, the best of some medians). In a guest without a compiler both stand beside this file, built.
local core = require "lunq.core"
local lunq = require "lunq"

local here = arg[0]:match "^.*/" or "./"
local floor, cpu = core._bench, core._bench.cpu
local N <const>, REPEATS <const>, INTERRUPTS <const>, ROUNDS <const> = 20000, 20, 150, 5
local GOAL <const> = 1.3

local folder = os.tmpname()
os.remove(folder)
assert(os.execute("mkdir " .. folder))

local function write(path, text)
  assert(os.execute(("mkdir -p '%s'"):format(folder .. path:match "^(.*)/")))
  local f <close> = assert(io.open(folder .. path, "wb"))
  f:write(text)
end

local function contents(path)
  local f <close> = io.open(path, "rb")
  return f and f:read "a"
end

--- The program or module of a C file: what stands beside this one, else compiled.
local function built(name, flags)
  local ready = here .. name:gsub("%.c$", flags:find "shared" and ".so" or "")
  if core.file_kind(ready) == "file" then return ready end
  local out = folder .. "/" .. ready:match "[^/]*$"
  local command = ("%s -O2 -std=gnu11 -D_GNU_SOURCE %s -o %s %s%s"):format(os.getenv "CC" or "cc", flags, out, here,
                                                                        name)
  assert(os.execute(command), command)
  return out
end

-- ---- the board ----------------------------------------------------------------------------------

--- One that has the registers, and how its interrupts are measured.
local function timer_of(compatible)
  local zynq = compatible:find "zynq%-7000" ~= nil
  local name = zynq and "f8002000" or "ff110000"
  for _, uio in ipairs(core.list_dir "/sys/class/uio" or {}) do
    if (contents("/sys/class/uio/" .. uio .. "/maps/map0/addr") or ""):find(name) then
      return { device = core.device_open "linux?force=1", node = "/dev/" .. uio, address = tonumber(name, 16),
               register = 0x24, gic = zynq and 69 or 68, arch = zynq and "zynq" or "zynquplus", what = "a timer" }
    end
  end
end

--- A folder with a UIO device of memory, and one of interrupts, which a program plays.
local function pretended()
  write("/proc/device-tree/compatible", "xlnx,zynq-7000\0")
  for n, address in pairs { [4] = 0x40000000, [5] = 0x40010000 } do
    local sys = "/sys/class/uio/uio" .. n
    write(sys .. "/name", "bench\n")
    write(sys .. "/maps/map0/addr", ("0x%x\n"):format(address))
    write(sys .. "/maps/map0/size", "0x1000\n")
    write(sys .. "/maps/map0/offset", "0x0\n")
    write("/dev/uio" .. n, ("\0"):rep(0x1000))
  end
  write("/sys/class/uio/uio6/device/of_node/interrupts", string.pack(">I4I4I4", 0, 29, 4))
  write("/sys/class/fpga_manager/fpga0/state", "operating\n")
  write("/sys/class/fpga_manager/fpga0/flags", "0\n")
  write("/sys/class/fpga_manager/fpga0/firmware", "")
  write("/lib/firmware/readme", "")
  return { device = core.device_open("linux?root=" .. folder), node = folder .. "/dev/uio4", address = 0x40000000,
           register = 0x10, gic = 61, arch = "zynq", what = "memory", stamp = folder .. "/dev/uio5" }
end

local compatible = contents "/proc/device-tree/compatible"
local board = compatible and timer_of(compatible) or pretended()
local m <close> = lunq.MMIO(board.address, 0x1000, board.device)

-- ---- registers ----------------------------------------------------------------------------------

--- The best time of each of some loops of N operations, in ns per operation, run in turn.
local function measure(...)
  local works, best = { ... }, {}
  for _ = 1, REPEATS do
    for i, work in ipairs(works) do
      local start = cpu()
      local seconds = work() or cpu() - start -- a loop in C gives its own time
      best[i] = math.min(best[i] or math.huge, seconds / N * 1e9)
    end
  end
  return table.unpack(best)
end

local function report(name, ours, peer, what, limit)
  print(("%s\t%.3f\t%.3f\t%s%s"):format(name, ours, peer, what, limit and "\t" .. limit or ""))
end

local function registers()
  local off <const> = board.register
  local open = assert(package.loadlib(built("periphery.c", "-shared -fPIC -I/usr/include/lua5.4"),
                                      "luaopen_periphery"))().open
  local p, rd = open(board.node, 0, 0x1000), m:reader(off)
  local read, reader, loop, theirs, write_, write_theirs = measure(
    function() for _ = 1, N do m:read(off) end end,
    function() for _ = 1, N do rd() end end,
    function() return floor.poll_loop(m, off, N) end,
    function() for _ = 1, N do p:read32(off) end end,
    function() for i = 1, N do m:write(off, i) end end,
    function() for i = 1, N do p:write32(off, i) end end)
  local of = (", register of %s"):format(board.what)
  report("m:read(off)" .. of, read, loop, "C loop")
  report("reader()" .. of, reader, loop, "C loop")
  report("m:read(off)" .. of, read, theirs, "lua-periphery's way")
  report("m:write(off, v)" .. of, write_, write_theirs, "lua-periphery's way")
end

-- ---- interrupts ---------------------------------------------------------------------------------

local CLOCK <const>, CONTROL <const>, COUNTER <const> = 0x00, 0x0c, 0x18 -- of a TTC, as in uio.c
local INTERVAL <const>, ISR <const>, IER <const> = 0x24, 0x54, 0x60

--- The median of some waits; `since` says how many ns ago the interrupt was.
local function wait(since)
  local pin <close>, times = core.interrupt(board.device, "irq", "", 0, board.gic), {}
  for i = -2, INTERRUPTS do
    local hold <close> = pin:hold()
    hold:wait(5)
    times[math.max(i, 1)] = since()
  end
  table.sort(times)
  return times[#times // 2 + 1]
end

--- A design must be loaded before interrupts can be waited for.
local function load()
  local bin = folder .. "/bench.bin"
  write("/bench.bin", "\x66\x55\x99\xaa" .. ("\0"):rep(4092))
  board.device:program(core.design_from_table { name = "bench", arch = board.arch, ip = {} },
                       { bitstream = core.bitstream_read(bin) })
end

local function run(...)
  local p <close> = io.popen(table.concat({ ... }, " "))
  return (assert(p:read "n", "the C program failed"))
end

--- In a script, in a task and in C in turn: the best of each.
local function rounds(theirs, ours)
  local best, task, peer = math.huge, math.huge, math.huge
  for _ = 1, ROUNDS do
    peer = math.min(peer, theirs())
    best = math.min(best, ours())
    task = math.min(task, (lunq.spawn(ours):wait(math.huge)))
  end
  return best, task, peer
end

local function timer_interrupts()
  local program = built("uio.c", "")
  return rounds(function() return run(program, "timer", board.node, INTERRUPTS) end, function()
    for _, write_ in ipairs { { CONTROL, 1 }, { CLOCK, 1 | 2 << 1 }, { INTERVAL, 40000 }, { IER, 1 } } do
      m:write(write_[1], write_[2])
    end
    m:write(CONTROL, 1 << 1 | 1 << 4)
    local ns = wait(function()
      local ticks = m:read(COUNTER)
      m:read(ISR)
      return ticks * 8e9 / 133e6
    end)
    m:write(CONTROL, 1)
    return ns
  end)
end

local function pretended_interrupts()
  local program = built("uio.c", "")
  local source <close> = io.popen(("exec %s source %s"):format(program, board.stamp))
  local node, process = source:read "l":match "^(%S+) (%d+)$"
  local _ <close> = setmetatable({}, { __close = function() os.execute("kill " .. process) end })
  assert(os.execute(("ln -s %s %s/dev/uio6"):format(node, folder)))
  local stamp <close> = lunq.MMIO(0x40010000, 0x1000, board.device)
  local since = function() return board.device:now() - stamp:read(0, 8) end
  local best, task, peer = rounds(function() return run(program, "read", node, board.stamp, INTERRUPTS) end,
                                  function() return wait(since) end)
  return best, task, peer -- no tail call: what is above closes afterwards
end

registers()
load()
local script, task, peer = (board.stamp and pretended_interrupts or timer_interrupts)()
local how = board.stamp and ", a pseudo-terminal" or ", a timer through UIO"
report("interrupt to Lua" .. how, script, peer, "C, read()", GOAL)
report("interrupt to a task" .. how, task, peer, "C, read()", GOAL)
m:close()
board.device:close()
os.execute("rm -rf " .. folder)
