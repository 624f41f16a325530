--- A time limit that several waits share, one after the other.
--   local left = deadline(device, timeout)     irq:wait(left())  irq:wait(left())
local errors = require "lunq.errors"

--- Raises `type` or `value` for what is no time.
---@param device userdata in whose time it counts
---@param timeout? number seconds, lunq.time_limit when not said, math.huge: no limit
---@return function left gives the seconds left, at least 0
return function(device, timeout)
  local seconds = timeout == nil and require "lunq".time_limit or timeout
  if type(seconds) ~= "number" then
    errors.raise("type", "timeout should be a number of seconds, not %s", type(seconds))
  end
  if seconds ~= seconds or seconds < 0 then
    errors.raise("value", "timeout should be at least 0, not %s", tostring(seconds))
  end
  local over = device:now() + seconds * 1e9
  return function() return math.max(0, (over - device:now()) / 1e9) end
end
