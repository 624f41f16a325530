--- Interrupts of a UIO node on the device `linux`, against a C program that reads the node (uio.c): from the interrupt
--- to the first instruction of whoever waits, with the program asleep when it comes.
-- Both do the same: arm the node (write 1), sleep, take the count (read 4 bytes). C sleeps in the read; ours also ends
-- at a time limit and with Ctrl-C, lets tasks and libuv run, and says when it was. C, script and task take turns, and
-- the medians of all their events are compared. In a guest whose QEMU counts instructions ("counted" in the kernel's
-- command line, lab/linux/run.sh) time is their number, so that other load changes nothing.
-- Prints: name<TAB>ours in ns<TAB>peer in ns<TAB>peer<TAB>limit, and the quartiles.
local core = require "lunq.core"
local lunq = require "lunq"

local here = arg[0]:match "^.*/" or "./"
local ROUNDS <const>, EVENTS <const>, COLD <const> = 12, 100, 3
local GOAL <const> = 1.3

local board <close> = dofile(here .. "lib/board.lua")(here)
local program = board:built("uio.c", "")

--- A design must be loaded before interrupts can be waited for.
local function load()
  board:write("/bench.bin", "\x66\x55\x99\xaa" .. ("\0"):rep(4092))
  board.device:program(core.design_from_table { name = "bench", arch = board.arch, ip = {} },
                       { bitstream = core.bitstream_read(board.folder .. "/bench.bin") })
end

--- What the C program prints: the times of its events.
local function run(times, ...)
  local p <close> = io.popen(table.concat({ program, ... }, " "))
  for line in p:lines() do times[#times + 1] = assert(tonumber(line)) end
end

--- How the events are made and timed: ready() before all, start() before each; clock() is asked at once, since(that)
--- gives the ns since the event.
local function timer_events()
  local CLOCK <const>, CONTROL <const>, COUNTER <const> = 0x00, 0x0c, 0x18 -- of a TTC, as in uio.c
  local INTERVAL <const>, ISR <const>, IER <const> = 0x24, 0x54, 0x60
  local m = lunq.MMIO(board.address, 0x1000, board.device)
  return setmetatable({
    how = "a timer through UIO", args = "timer " .. board.node,
    ready = function()
      for _, w in ipairs { { CONTROL, 1 }, { CLOCK, 1 | 2 << 1 }, { INTERVAL, 133 * 150 - 1 }, { IER, 1 } } do
        m:write(w[1], w[2])
      end
    end,
    start = function() m:write(CONTROL, 1 << 1 | 1 << 4) end,
    clock = m:reader(COUNTER),
    since = function(ticks)
      m:write(CONTROL, 1)
      m:read(ISR)
      return ticks * 8e9 / 133e6
    end,
  }, { __close = function() m:close() end })
end

--- A pseudo-terminal that behaves as a UIO node, played by another process.
local function pretended_events()
  local source = io.popen(("exec %s source %s"):format(program, board.stamp))
  local node, process = source:read "l":match "^(%S+) (%d+)$"
  assert(os.execute(("ln -s %s %s/dev/uio6"):format(node, board.folder)))
  local when = lunq.MMIO(0x40010000, 0x1000, board.device):reader(0, 8)
  local function nothing() end
  return setmetatable({
    how = "a pseudo-terminal", args = ("read %s %s"):format(node, board.stamp),
    ready = nothing, start = nothing,
    clock = function() return board.device:now() end,
    since = function(now) return now - when() end,
  }, { __close = function()
    os.execute("kill " .. process)
    source:close()
  end })
end

local function wait(events, times)
  local pin <close> = core.interrupt(board.device, "irq", "", 0, board.gic)
  local clock <const> = events.clock
  events.ready()
  for i = 1 - COLD, EVENTS do
    local hold <close> = pin:hold()
    events.start()
    hold:wait(5)
    local now = clock()
    local ns = events.since(now)
    if i > 0 then times[#times + 1] = ns end
  end
end

local function quartile(times, n) return times[(#times * n + 3) // 4] end

load()
local events <close> = board.stamp and pretended_events() or timer_events()
local script, task, peer = {}, {}, {}
for _ = 1, ROUNDS do
  run(peer, events.args, EVENTS)
  wait(events, script)
  lunq.spawn(wait, events, task):wait(math.huge)
end

local function report(name, times, limit)
  table.sort(times)
  if limit then
    print(("%s, %s\t%.0f\t%.0f\tC, read()\t%s"):format(name, events.how, quartile(times, 2), quartile(peer, 2), limit))
  end
  print(("#   quartiles %.2f  %.2f  %.2f us of %d, %s"):format(quartile(times, 1) / 1e3, quartile(times, 2) / 1e3,
                                                            quartile(times, 3) / 1e3, #times, name))
end

report("C, read()", peer)
report("interrupt to Lua", script, GOAL)
report("interrupt to a task", task, GOAL)
