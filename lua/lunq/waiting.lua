--- Waiting for what one look at a register can't say: any of several bits, an error meanwhile.
local poll = require "lunq.poll"

local waiting = {}

local LONGEST <const> = 1000000 -- ns between two looks at most

--- Calls look() until it gives something that is not nil or false. Between two looks time passes on
--- the device: `pause` at first, then longer each time. After the limit there is one last look.
---@param device userdata
---@param seconds number|nil time limit; nil: lunq.time_limit
---@param pause number nanoseconds: about as long as one step of what is waited for takes
---@param look function
---@return any result what look gave; nil: time is over
function waiting.wait(device, seconds, pause, look)
  local time_left = poll.limit(device, seconds)
  while true do
    local result = look()
    if result then return result end
    local left = time_left() * 1e9
    if left <= 0 then return nil end
    device:advance(math.max(1, math.min(pause, left)) // 1 | 0)
    pause = math.min(pause * 1.25, LONGEST)
  end
end

return waiting
