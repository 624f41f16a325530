--- Lock: what one task uses at a time, such as a bus with several chips.
--
--   self._bus = Lock(self.device, self.fullpath)
--   local _ <close> = self._bus:hold(timeout)       -- waits until it is free
--
-- The task that has it may take it again. Others get it in the order in which they asked, so one that
-- takes it again and again does not keep it. A task that has ended without giving it back lost it.
local Class = require "lunq.class"
local core = require "lunq.core"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"

local Lock = Class:extend { __name = "lunq.Lock", owner = false, depth = 0 }

local MAIN <const> = "the main thread" -- whoever is no task
local PAUSE <const> = 10000            -- ns between two looks at first

---@param device userdata its time counts
---@param what string what is locked, for the message
function Lock:init(device, what)
  self.device, self.what, self._queue = device, what, {}
end

--- The next in the queue has it from now on, whether or not it runs at once.
local function pass_on(self)
  local next_one = table.remove(self._queue, 1)
  self.owner, self.depth = next_one or false, 0
end

local function is_over(owner) return type(owner) == "userdata" and owner.done end

--- Leaves the queue when the wait was in vain; when it had just been given the lock, passes it on.
local function leave(place)
  local self = place.lock
  if place.served then return end
  for i, who in ipairs(self._queue) do
    if who == place.who then
      table.remove(self._queue, i)
      return
    end
  end
  if self.owner == place.who and self.depth == 0 then pass_on(self) end
end

local function queue(self, me, timeout)
  local place <close> = setmetatable({ lock = self, who = me, served = false }, { __close = leave })
  self._queue[#self._queue + 1] = me
  local _, seconds = waiting.limit(self.device, timeout)
  place.served = waiting.wait(self.device, seconds, PAUSE, function()
    if is_over(self.owner) then pass_on(self) end
    return self.owner == me
  end)
  if not place.served then
    errors.raise("timeout", "%s was in use for more than %s, by %s. Does that keep it, or wait for something itself?",
                 self.what, waiting.time_text(seconds), tostring(self.owner))
  end
end

local Hold <const> = { __close = function(hold)
  local self = hold.lock
  if hold.closed then return end
  hold.closed = true
  if self.owner ~= hold.owner then return end -- it was taken from a task that had ended
  self.depth = self.depth - 1
  if self.depth == 0 then pass_on(self) end
end }
Hold.__index = Hold
Hold.close = Hold.__close

--- Does the running task have it?
---@return boolean
function Lock:is_mine() return self.owner == (core.current() or MAIN) end

--- Takes it for the running task; closing what this gives gives it back.
---@param timeout? number seconds; lunq.time_limit when not said
---@return table hold
--- Raises `timeout` with the name of the task that has it.
function Lock:hold(timeout)
  local me = core.current() or MAIN
  if is_over(self.owner) then pass_on(self) end
  if not self.owner then
    self.owner = me
  elseif self.owner ~= me then
    queue(self, me, timeout)
  end
  self.depth = self.depth + 1
  return setmetatable({ lock = self, owner = me, closed = false }, Hold)
end

return Lock
