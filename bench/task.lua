--- Tasks: an event to a waiting task, from a task and through a descriptor, alone and among 10,000 that
-- wait; start and end of a task; memory.
-- Peers: task_epoll.c, what a C program does for an event in its own thread: it writes an eventfd, epoll_wait
-- says so, it reads it and calls a function. task.py: asyncio.Event, and an eventfd with add_reader.
-- The first figure of ours needs no descriptor: the event wakes the task, which has a time limit, as all waits
-- have. The second goes the same way as the C program's: write, epoll_wait, read, the task goes on.
-- Prints: name<TAB>ours in ns<TAB>peer in ns<TAB>peer<TAB>most that ours / peer may be
local core = require "lunq.core"
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

local function report(name, ns, peer, of, limit)
  print(("%s\t%.0f\t%s\t%s\t%s"):format(name, ns, peer and ("%.0f"):format(peer) or "-", of, limit or ""))
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

--- n times: a task writes a descriptor and waits until the loop has read it.
local function through_descriptor(n)
  local fd <close> = core._bench.eventfd()
  lunq.run(function()
    for _ = 1, n do
      fd:write()
      fd:wait()
    end
  end)
end

--- n tasks that wait, half of them for an event and half for a time, while work() runs; then they end.
local function among(n, work)
  local never, crowd = lunq.event(), {}
  for i = 1, n do
    crowd[i] = lunq.spawn(function()
      if i % 2 == 0 then never:wait(1e6) else lunq.sleep(1e6 + i) end
    end)
  end
  lunq.sleep(0)
  local result = work()
  for _, t in ipairs(crowd) do t:cancel() end
  return result
end

--- What the process takes from the system, bytes.
local function resident()
  local f <close> = io.open "/proc/self/statm"
  return tonumber(f:read "a":match "^%d+ (%d+)") * 4096
end

local N <const>, CROWD <const> = 20000, 10000
local ASYNCIO <const> = ("%.3f"):format(1 / 3.5) -- at least 3.5 times as fast
local epoll = c_peer()

-- First: what ran before would leave room for it.
collectgarbage()
local lua, system = collectgarbage "count" * 1024, resident()
among(CROWD, function()
  collectgarbage()
  print(("# a waiting task takes %.0f bytes of Lua's, %.0f of the system's; at most 2048: %s"):format(
    (collectgarbage "count" * 1024 - lua) / CROWD, (resident() - system) / CROWD,
    math.max(collectgarbage "count" * 1024 - lua, resident() - system) / CROWD < 2048 and "ok" or "MISSED"))
end)

local event = measure(2 * N, function() ping_pong(N) end)
report("event to a waiting task", event, epoll, "C: eventfd, epoll, read", 1.6)
report("event to a waiting task", event, tonumber(python:match "event\t(%d+)"), "asyncio.Event", ASYNCIO)

local descriptor = measure(N, function() through_descriptor(N) end)
report("event through a descriptor to a task", descriptor, epoll, "C: eventfd, epoll, read", 1.6)
report("event through a descriptor to a task", descriptor, tonumber(python:match "descriptor\t(%d+)"),
       "asyncio, add_reader", ASYNCIO)

report("task: spawn, run, wait", measure(N, function()
  lunq.run(function()
    for _ = 1, N do lunq.spawn(function() end):wait() end
  end)
end), tonumber(python:match "spawn\t(%d+)"), "asyncio.create_task")

for name, work in pairs { ["an event"] = function() return measure(2 * N, function() ping_pong(N) end) end,
                          ["a descriptor's event"] = function()
                            return measure(N, function() through_descriptor(N) end)
                          end } do
  local few = among(10, work)
  report(("%s while 10,000 tasks wait"):format(name), among(CROWD, work), few, "while 10 wait", 1.15)
end
