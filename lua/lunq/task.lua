--- Working with several tasks: gather, race, timeout, on, run. A task itself (spawn, wait, cancel)
--- is C: bindings/l_task.c.
-- Where a function below takes tasks it takes functions too and starts a task for each. A task it
-- started never outlives the call: one that is not needed any more is cancelled, also when the call
-- itself ends by an error or is cancelled. It also takes whatever else has a method `wait(timeout)`, such as
-- runs of kernels: those go on.
local core = require "lunq.core"
local errors = require "lunq.errors"

local task = {}

local FOREVER <const> = math.huge

--- Tasks that end with the scope they are made in: `local g <close> = Group.new()`.
local Group = {}
Group.__index = Group
Group.__close = function(self)
  for _, t in ipairs(self) do t:cancel() end
end

function Group.new() return setmetatable({}, Group) end

--- Something to be waited for as it is: a task, a run. An object without `wait` may raise when asked.
local function is_waited_for(v)
  if type(v) ~= "userdata" and (type(v) ~= "table" or getmetatable(v) == nil) then return false end
  local ok, wait = pcall(function() return v.wait end)
  return ok and wait ~= nil
end

--- Starts watching `item`, a task, a function or something with `wait`; calls note(true, results...) or
--- note(false, error) when it has ended.
function Group:watch(item, note)
  local watched
  -- Started before what it watches: somebody waits then, whatever happens first.
  local watcher = core.spawn(function() note(pcall(watched.wait, watched, FOREVER)) end)
  self[#self + 1] = watcher
  watched = is_waited_for(item) and item or core.spawn(item)
  if watched ~= item then self[#self + 1] = watched end
  watcher.name = "waits for " .. tostring(watched)
  watcher.background = true
end

local function items(what, ...)
  local list = ...
  if select("#", ...) ~= 1 or type(list) ~= "table" or getmetatable(list) then list = { ... } end
  if #list == 0 then errors.raise("value", "%s needs tasks or functions", what) end
  return list
end

--- Waits for all. Takes them one by one or as a list. The first that fails ends it: its error is
--- raised and the tasks gather started are cancelled.
---@param ... function|table tasks, functions or runs, or one list of them
---@return any ... the first result of each, in this order
function task.gather(...)
  local list = items("gather", ...)
  local group <close> = Group.new()
  local news, results, left, failed = core.event "gather", {}, #list, nil
  for i, item in ipairs(list) do
    group:watch(item, function(ok, value)
      if ok then results[i] = value else failed = failed or { value } end
      left = left - 1
      if failed or left == 0 then news:set() end
    end)
  end
  news:wait(FOREVER)
  if failed then error(failed[1], 0) end
  return table.unpack(results, 1, #list)
end

--- Waits for the first to end, well or not; the others that race started are cancelled.
---@param ... function|table tasks, functions or runs, or one list of them
---@return integer winner its place among the arguments
---@return any ... its results; its error is raised
function task.race(...)
  local list = items("race", ...)
  local group <close> = Group.new()
  local news, winner = core.event "race", nil
  for i, item in ipairs(list) do
    group:watch(item, function(...)
      winner = winner or table.pack(i, ...)
      news:set()
    end)
  end
  news:wait(FOREVER)
  if not winner[2] then error(winner[3], 0) end
  return winner[1], table.unpack(winner, 3, winner.n)
end

--- Runs f(...) as a task and gives it so many seconds.
---@param seconds number in the time of the active device; math.huge: no limit
---@param f function
---@return any ... what f returned
--- Raises `timeout` when the time is over, after the task was cancelled.
function task.timeout(seconds, f, ...)
  if type(seconds) ~= "number" then
    errors.raise("type", "timeout(seconds, f) needs a number, not %s (the limit of all waits is lunq.time_limit)",
                 type(seconds))
  end
  local t <close> = core.spawn(f, ...)
  return t:wait(seconds)
end

--- Calls f with what `source:wait()` gives, each time it happens, in a task in the background.
--- An error in f is shown with its traceback, and the next event calls f again; an error of the source
--- ends it.
---@param source any an event, an interrupt: whatever has a method `wait(timeout)`
---@param f function
---@return any task cancel() it to stop
function task.on(source, f)
  if type(f) ~= "function" then errors.raise("type", "on(source, f) needs a function, not %s", type(f)) end
  local what = tostring(source)
  local t = core.spawn(function()
    while true do core.callback(what, f, source:wait(FOREVER)) end
  end)
  t.background = true
  t.name = "on " .. what
  return t
end

--- Runs f(...) as a task and waits until it has ended. Without f: until all tasks have, but those in
--- the background.
---@param f? function
---@return any ... what f returned
function task.run(f, ...)
  if f == nil then return core.run() end
  local t <close> = core.spawn(f, ...)
  return t:wait(FOREVER)
end

return task
