--- Register access: against calls that do nothing and loops in C in this same run, and against Python
--- doing what PYNQ does (mmio.py).
-- Prints: name<TAB>ours in ns<TAB>peer in ns<TAB>peer, per operation. CPU time of the thread; what is
-- compared runs in turn, and the best of many repeats counts. Where the system happens to put stacks
-- and tables moves a figure by a tenth, so the whole is done by five processes and the best counts.
local core = require "lunq.core"
local register_map = require "lunq.register_map"

local here = arg[0]:match "^.*/" or ""
local PROCESSES <const> = 5
local floor, cpu = core._bench, core._bench.cpu
local N <const>, REPEATS <const> = 100000, 40

--- The best time of each of some loops of n operations, in ns per operation, run in turn.
local function measure(n, ...)
  local works, best = { ... }, {}
  for _ = 1, REPEATS do
    for i, work in ipairs(works) do
      local start = cpu()
      local seconds = work() or cpu() - start -- a loop in C gives its own time
      best[i] = math.min(best[i] or math.huge, seconds / n * 1e9)
    end
  end
  return table.unpack(best)
end

--- Names and times in ns of the peer, from the first Python that has NumPy.
local function python()
  local times = {}
  for _, interpreter in ipairs { os.getenv "PYTHON" or "python3", "/usr/bin/python3" } do
    local out <close> = io.popen(("%s '%smmio.py' 2>/dev/null"):format(interpreter, here))
    for line in out:lines() do
      local name, ns = line:match "^([^\t]+)\t([%d.]+)$"
      if name then times[name] = tonumber(ns) end
    end
    if next(times) then break end
  end
  return times
end

--- Runs this file in several processes and prints the best figures of each line.
local function parent()
  local order, best = {}, {}
  local python_times = python()
  for _ = 1, PROCESSES do
    local out <close> = io.popen(("'%s' '%s' once"):format(arg[-1], arg[0]))
    for line in out:lines() do
      local name, ours, peer, what = line:match "^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$"
      local key = name .. what
      if not best[key] then
        best[key] = { name = name, what = what, ours = math.huge, peer = math.huge }
        order[#order + 1] = best[key]
      end
      best[key].ours = math.min(best[key].ours, tonumber(ours))
      best[key].peer = math.min(best[key].peer, tonumber(peer) or python_times[name] or math.huge)
    end
  end
  for _, b in ipairs(order) do
    print(("%s\t%.2f\t%s\t%s"):format(b.name, b.ours, b.peer < math.huge and ("%.2f"):format(b.peer) or "-",
                                      b.what))
  end
end

if arg[1] ~= "once" then return parent() end

local function report(name, ours, peer, what)
  print(("%s\t%.3f\t%s\t%s"):format(name, ours, peer and ("%.3f"):format(peer) or "-", what))
end

local function against_python(name, ours) report(name, ours, nil, "Python as PYNQ") end

local m <close> = core.mmio(0x40000000, 0x10000)
local nop, empty = floor.nop, floor.empty
local rd, wr = m:reader(8), m:writer(8)
m:fill(0, 0x4000, 0)

do -- calls against calls that do nothing, with the same arguments
  local read, call, write, call2 = measure(N,
    function() for _ = 1, N do m:read(0x10) end end,
    function() for _ = 1, N do nop:nop(0x10) end end,
    function() for i = 1, N do m:write(0x10, i) end end,
    function() for i = 1, N do nop:nop(0x10, i) end end)
  report("m:read(off)", read, call, "method call that does nothing")
  report("m:write(off, v)", write, call2, "method call that does nothing")
  local reader, call0, writer, call1 = measure(N,
    function() for _ = 1, N do rd() end end,
    function() for _ = 1, N do empty() end end,
    function() for i = 1, N do wr(i) end end,
    function() for i = 1, N do empty(i) end end)
  report("reader()", reader, call0, "C function that does nothing")
  report("writer(v)", writer, call1, "C function that does nothing")
  against_python("m:read(off)", read)
  against_python("m:write(off, v)", write)
end

do -- the limit: loops in C
  local b <close> = core.allocate(4096, "u4")
  b:fill(0)
  local n <const>, times_n <const> = 4096, 50
  local into, loop = measure(n * times_n,
    function() for _ = 1, times_n do m:read_block(0, n, { into = b }) end end,
    function()
      local t = 0
      for _ = 1, times_n do t = t + floor.block(m, 0, n) end
      return t
    end)
  report("read_block of 4096 words into a buffer, per word", into, loop, "C loop")
  local reads
  local poll, poll_loop = measure(1,
    function()
      local seconds
      seconds, reads = floor.poll()
      return seconds / reads
    end,
    function() return floor.poll_loop(m, 0, 100000) / 100000 end)
  report("poll, per read", poll, poll_loop, "C loop")
  local single = measure(N, function() return floor.read(m, 0, N) end)
  report("C: checked read, the limit of one call", single, poll_loop, "C loop without checks")
end

do
  local data = ("0123456789abcdef"):rep(4)
  local read8, bytes, table16 = measure(1000,
    function() for _ = 1, 1000 do m:read(0x10, 8) end end,
    function() for _ = 1, 1000 do m:write(0x100, data) end end,
    function() for _ = 1, 1000 do m:read_block(0x100, 16) end end)
  against_python("m:read(off, 8)", read8)
  against_python("m:write(off, 64 bytes)", bytes)
  against_python("m:read_block(off, 16) to a list", table16)
end

do -- a fixed sequence: one call instead of four
  local b, results = m:compile { { "write", 0, 1 }, { "write", 4, 2 }, { "read", 8 }, { "read", 12 } }, {}
  local batch, calls = measure(1000,
    function() for _ = 1, 1000 do b:run(results) end end,
    function() for _ = 1, 1000 do m:write(0, 1); m:write(4, 2); m:read(8); m:read(12) end end)
  report("batch of 2 writes and 2 reads", batch, calls, "the four calls")
end

do -- register maps
  local function field(offset, width)
    return { bit_offset = offset, bit_width = width, access = "read-write" }
  end
  local rm = register_map.new(m, { CTRL = {
    address_offset = 0x20, size = 32, access = "read-write",
    fields = { AP_START = field(0, 1), AP_DONE = field(1, 1), MODE = field(4, 4) },
  } }, "bench:user:ip:1.0")
  local reg = rm.CTRL
  local get, set, whole, get1, by_hand = measure(N,
    function() for _ = 1, N do local _ = rm.CTRL.AP_DONE end end,
    function() for _ = 1, N do rm.CTRL.MODE = 5 end end,
    function() for _ = 1, N do rm.CTRL = 3 end end,
    function() for _ = 1, N do local _ = reg.AP_DONE end end,
    function() for _ = 1, N do local _ = m:read(0x20) >> 1 & 1 end end)
  against_python("rm.CTRL.AP_DONE", get)
  against_python("rm.CTRL.MODE = 5", set)
  against_python("rm.CTRL = 3", whole)
  report("register.AP_DONE", get1, by_hand, "m:read(off) >> 1 & 1")
end

do
  local open = measure(1000, function() for _ = 1, 1000 do core.mmio(0x40000000, 0x1000):close() end end)
  against_python("MMIO()", open)
end
