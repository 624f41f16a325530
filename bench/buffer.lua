--- Buffers against NumPy (buffer.py, same work, same sizes, same way of measuring).
-- Prints: name<TAB>ours in ns<TAB>peer in ns<TAB>peer. CPU time, the best of many repeats.
local core = require "lunq.core"

local here = arg[0]:match "^.*/" or ""
local N <const> = 1 << 20

--- The best time of work(), in ns for each of its `per` operations.
local function measure(work, per)
  local best, stop = math.huge, os.clock() + 0.3
  repeat
    local start = os.clock()
    work()
    best = math.min(best, os.clock() - start)
  until os.clock() > stop
  return best / (per or 1) * 1e9
end

--- Names and times in ns of the peer, from the first Python that has NumPy.
local function peers()
  local times = {}
  for _, python in ipairs { os.getenv "PYTHON" or "python3", "/usr/bin/python3" } do
    local out <close> = io.popen(("%s '%sbuffer.py' 2>/dev/null"):format(python, here))
    for line in out:lines() do
      local name, ns = line:match "^([^\t]+)\t([%d.]+)$"
      if name then times[name] = ns end
    end
    if next(times) then break end
  end
  return times
end

local peer = peers()
local function report(name, ns)
  print(("%s\t%.1f\t%s\tNumPy"):format(name, ns, peer[name] or "-"))
end

for _, t in ipairs { "u4", "f4" } do
  local a, b, d <close> = core.array(N, t, 3), core.array(N, t, 4), core.allocate(N, t)
  d:fill(0) -- the pages are there before the clock runs
  report("fill 1 Mi " .. t, measure(function() d:fill(7) end))
  report("copy 1 Mi " .. t, measure(function() a:copyto(d) end))
  report("sum 1 Mi " .. t, measure(function() return a:sum() end))
  report("min 1 Mi " .. t, measure(function() return a:min() end))
  report("add 1 Mi " .. t, measure(function() d:add(a, b) end))
  report("scale 1 Mi " .. t, measure(function() d:scale(1) end))
  report("equal 1 Mi " .. t, measure(function() return a:equal(a) end))
  report("new array a + b 1 Mi " .. t, measure(function() (a + b):close() end))
end

do
  local a, d = core.array(N, "u4", 3), core.array(N, "f4")
  report("convert 1 Mi u4 to f4", measure(function() a:copyto(d) end))
  local every2nd = core.array(2 * N, "u4", 1):slice(1, -1, 2)
  report("sum 1 Mi u4, every 2nd", measure(function() return every2nd:sum() end))
end

do
  local n <const> = 100000
  local b <close> = core.allocate(n, "u4")
  report("read an element", measure(function()
    local x
    for i = 1, n do x = b[i] end
    return x
  end, n))
  report("write an element", measure(function() for i = 1, n do b[i] = i end end, n))
  report("slice", measure(function() for _ = 1, 1000 do b:slice(10, 20) end end, 1000))
  report("allocate and close 4 KiB", measure(function()
    for _ = 1, 1000 do core.allocate(1024, "u4"):close() end
  end, 1000))
  local list = b:totable()
  report("to a list, per element", measure(function() return b:totable() end, n))
  report("from a list, per element", measure(function() b:set(list) end, n))
  local bytes = b:tobytes()
  report("to bytes 100,000 u4", measure(function() return b:tobytes() end))
  report("from bytes 100,000 u4", measure(function() b:frombytes(bytes) end))
end
