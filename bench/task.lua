--- Tasks: an event to a waiting task, alone and among 10,000 that wait; start and end of a task;
-- memory. Peers: a C program with eventfd and epoll (task_epoll.c), asyncio (task.py).
-- Prints: name<TAB>ours in ns<TAB>peer in ns<TAB>peer
local lunq = require "lunq"

local here = arg[0]:match "^.*/" or ""

local function read(command)
  local p <close> = io.popen(command .. " 2>/dev/null")
  return p:read "a" or ""
end

local function c_peer()
  local program = os.tmpname()
  local text = read(("cc -O2 -o %s %stask_epoll.c && %s"):format(program, here, program))
  os.remove(program)
  return tonumber(text)
end

local python = read("python3 " .. here .. "task.py")

--- Nanoseconds of CPU for each of the `per` events in work().
local function measure(per, work)
  local best = math.huge
  for _ = 1, 7 do
    collectgarbage()
    local start = os.clock()
    work()
    best = math.min(best, (os.clock() - start) / per * 1e9)
  end
  return best
end

local function report(name, ns, peer, of)
  print(("%s\t%.0f\t%s\t%s"):format(name, ns, peer or "-", of))
end

--- n turns of one task setting an event for another and back: 2 n events, each with a wait.
local function ping_pong(n)
  local ping, pong = lunq.event(), lunq.event()
  local task = lunq.spawn(function()
    while true do
      ping:wait(1000)
      pong:set()
    end
  end)
  lunq.run(function()
    for _ = 1, n do
      ping:set()
      pong:wait(1000)
    end
  end)
  task:cancel()
end

local N <const> = 20000
local epoll, asyncio = c_peer(), tonumber(python:match "event\t(%d+)")
local few = measure(2 * N, function() ping_pong(N) end)
report("event to a waiting task", few, epoll, "C, eventfd and epoll")
report("event to a waiting task", few, asyncio, "asyncio.Event")

report("task: spawn, run, wait", measure(N, function()
  lunq.run(function()
    for _ = 1, N do lunq.spawn(function() end):wait() end
  end)
end), tonumber(python:match "spawn\t(%d+)"), "asyncio.create_task")

collectgarbage()
local before, never, crowd = collectgarbage "count", lunq.event(), {}
for i = 1, 10000 do
  crowd[i] = lunq.spawn(function()
    if i % 2 == 0 then never:wait(1e6) else lunq.sleep(1e6 + i) end
  end)
end
lunq.sleep(0)
collectgarbage()
local each = (collectgarbage "count" - before) * 1024 / #crowd
report("the same while 10,000 others wait", measure(2 * N, function() ping_pong(N) end), ("%.0f"):format(few),
       "while none waits")
print(("# a waiting task takes %.0f bytes"):format(each))
for _, t in ipairs(crowd) do t:cancel() end
