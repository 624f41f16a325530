--- Waiting, for drivers: a time limit over several waits, registers, looks, and errors that explain.
--
--   local waiting = require "lunq.waiting"
--   local left, seconds = waiting.limit(self.device, timeout)   -- left(): seconds that are left
--   waiting.word(self.mmio, STATUS, DONE, DONE, left(), function() return "what is the matter" end)
--   if not waiting.wait(self.device, left(), 1000, look) then errors.raise("timeout", ...) end
--
-- All of it waits as everything else does: in a task others run meanwhile. What has an interrupt is
-- waited for with lunq.interrupt_source, which comes back to `wait` where the pin is not wired.
local core = require "lunq.core"
local errors = require "lunq.errors"

local waiting = {}

local LONGEST <const> = 1000000 -- ns between two looks at most
local MANY <const> = 64         -- looks before it may be said that somebody waits

--- Starts a time limit on a device's clock.
---@param device table
---@param timeout? number seconds; lunq.time_limit when nil, math.huge for none
---@return fun(): number left seconds, never negative; 0 means "look once more"
---@return number seconds all of them
--- Raises `type`, `value` for what is no time.
function waiting.limit(device, timeout)
  local seconds = timeout == nil and core.time_limit or timeout
  if type(seconds) ~= "number" then
    errors.raise("type", "timeout should be a number of seconds, not %s", type(seconds))
  end
  if seconds < 0 or seconds ~= seconds then
    errors.raise("value", "timeout should be a number of seconds, at least 0, not %s", tostring(seconds))
  end
  if seconds == math.huge then return function() return seconds end, seconds end
  local start <const> = device:now()
  return function() return math.max(0, seconds - (device:now() - start) / 1e9) end, seconds
end

--- Reads a word until (word & mask) == want.
---@param mmio table
---@param offset integer bytes
---@param mask integer
---@param want integer
---@param seconds number
---@param explain fun(e: table): string the text of the error when time is over
---@return integer word
--- Raises `timeout` with that text; other errors of the bus as they come.
function waiting.word(mmio, offset, mask, want, seconds, explain)
  local ok, result = pcall(mmio.poll, mmio, offset, mask, want, seconds)
  if ok then return result end
  if not errors.is(result, "timeout") then error(result, 0) end
  errors.raise("timeout", "%s", explain(result))
end

--- A rest between two looks: time passes on the device, others run. Gives the next rest, longer.
---@param device userdata
---@param pause number nanoseconds
---@param left number seconds until the time limit
---@return number pause
function waiting.rest(device, pause, left)
  device:advance(math.max(1, math.min(pause, left * 1e9)) // 1 | 0)
  return math.min(pause * 1.25, LONGEST)
end

--- Looks so many times, with rests between. What a look gave, or nil; and when there may be more looks the next
--- rest.
local function looks(most, device, left, pause, look, progress)
  for _ = 1, most do
    local result, ahead = look()
    if result then return result end
    local remaining = left()
    if remaining == 0 then return nil end
    if ahead and ahead > pause then
      waiting.rest(device, ahead, remaining)
    else
      pause = waiting.rest(device, pause, remaining)
    end
    if progress then progress:at(0) end
  end
  return nil, pause
end

--- Calls look() until it gives something that is not nil or false: for what one look at a register can't
--- say, any of several bits, an error meanwhile. After the limit there is one last look. A look that
--- knows how long it will take at least gives that as a second value, ns: then the next one is after that.
---@param device userdata
---@param seconds number|nil time limit; nil: lunq.time_limit
---@param pause number nanoseconds: about as long as one step of what is waited for takes
---@param look function
---@return any result what look gave; nil: time is over
function waiting.wait(device, seconds, pause, look)
  local left = waiting.limit(device, seconds)
  local result, again = looks(MANY, device, left, pause, look)
  if not again then return result end
  local progress <close> = core.progress "the hardware" -- a person at the prompt may want to know by now
  return (looks(math.huge, device, left, again, look, progress))
end

--- A time for people: "12.5 s", "20 ms", "1.25 us".
---@param seconds number
function waiting.time_text(seconds)
  for _, unit in ipairs { { 1, "s" }, { 1e-3, "ms" }, { 1e-6, "us" } } do
    if seconds >= unit[1] then return ("%.4g %s"):format(seconds / unit[1], unit[2]) end
  end
  return ("%.4g ns"):format(seconds * 1e9)
end

return waiting
