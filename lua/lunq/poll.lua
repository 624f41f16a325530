--- Waiting for a register, for drivers: a time limit over several polls, and errors that explain.
--
--   local poll = require "lunq.poll"
--   local left = poll.limit(self.device, timeout)         -- a function: seconds that are left
--   poll.word(self.mmio, STATUS, DONE, DONE, left(), function() return "what is the matter" end)
-- All waiting is done by mmio:poll, so these wait as everything else does.
local core = require "lunq.core"
local errors = require "lunq.errors"

local poll = {}

--- Starts a time limit on a device's clock.
---@param device table
---@param timeout? number seconds; lunq.time_limit when nil, math.huge for none
---@return fun(): number left seconds, never negative; 0 means "look once more"
---@return number seconds all of them
--- Raises `type`, `value` for what is no time.
function poll.limit(device, timeout)
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
function poll.word(mmio, offset, mask, want, seconds, explain)
  local ok, result = pcall(mmio.poll, mmio, offset, mask, want, seconds)
  if ok then return result end
  if not errors.is(result, "timeout") then error(result, 0) end
  errors.raise("timeout", "%s", explain(result))
end

--- A time for people: "12.5 s", "20 ms", "1.25 us".
---@param seconds number
function poll.time_text(seconds)
  for _, unit in ipairs { { 1, "s" }, { 1e-3, "ms" }, { 1e-6, "us" } } do
    if seconds >= unit[1] then return ("%.4g %s"):format(seconds / unit[1], unit[2]) end
  end
  return ("%.4g ns"):format(seconds * 1e9)
end

return poll
