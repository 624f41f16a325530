--- InterruptSource: what raises a pin of an IP, and the one way for a driver to wait for it.
--
--   self._done = InterruptSource(self, {
--     pin = "irq", pause = 1000,
--     enable = function(on) self.mmio:update(IER, DONE, on and DONE or 0) end,
--     clear = function() self.mmio:write(ISR, DONE) end,
--   })
--   if not self._done:wait(timeout, function() return self:read(STATUS) & BUSY == 0 end) then
--     errors.raise("timeout", ...)
--   end
--
-- What is there already costs one look. Else the pin is enabled first and the source behind it, so
-- nothing is missed; when the interrupt comes the source is cleared before the look, so that what
-- happens after the look raises it again. The enables go back however the wait ends. Where the design
-- does not wire the pin, the waits look again and again instead (lunq.waiting).
-- No interrupt, or one too many, is never a hang: at the time limit there is a last look, and a pin
-- that stays high makes waits look from time to time. Either is said in a warning that names the
-- wiring, and from then on this source is polled.
local Class = require "lunq.class"
local core = require "lunq.core"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"
local warnings = require "lunq.warnings"

local Source = Class:extend { __name = "lunq.InterruptSource", clear = false, trusted = true }

local GRACE <const> = 1e-3 -- seconds an interrupt may come after what it tells
local STUCK <const> = 100  -- so many interrupts that come at once and tell nothing

--- Several sources may share a pin; each is told to enable itself when somebody begins to wait.
---@param ip table a driver: interrupts, mmio, device, fullpath
---@param s table pin: its name; enable(on): the IP's own enable, which keeps those of other sources;
---   clear(): what makes the line fall, when the look does not say it (optional); pause: ns between two
---   looks where it polls, about as long as one step of the work takes
function Source:init(ip, s)
  self.ip, self.pin, self.pause = ip, s.pin, s.pause
  self.enable, self.clear = s.enable, s.clear
  self.holders = 0 -- waits under way
  -- Holds of those that sleep (weak: a cancelled wait leaves its own), and how often they were woken.
  self.asleep, self.woken = setmetatable({}, { __mode = "k" }), 0
  ip._sources = ip._sources or {} -- the IP's free wakes them
  table.insert(ip._sources, self)
end

--- Whether waits sleep until the interrupt: it is wired, and was found to work so far.
function Source:wired() return self.trusted and self.ip.interrupts[self.pin] ~= nil end

--- A time limit for several waits in a row, as waiting.limit gives it. An interrupt that never comes costs
--- all of it; then it begins again, once, because from then on the waits poll.
---@param timeout? number seconds; lunq.time_limit when nil
---@return fun(): number left seconds
---@return number seconds all of them
function Source:limit(timeout)
  local left, seconds = waiting.limit(self.ip.device, timeout)
  local trusted = self.trusted
  return function()
    if trusted and not self.trusted then
      trusted, left = false, waiting.limit(self.ip.device, seconds)
    end
    return left()
  end, seconds
end

--- Whether the IP's own enable is to be on: somebody waits.
function Source:active() return self.holders > 0 end

local function distrust(self, irq, what)
  self.trusted = false
  warnings.warn("user", "%s: %s. Is the pin wired to where the design says, and does nothing else write to the "
                .. "controllers on its way? This driver polls from now on.\n%s", self.ip.fullpath, what,
                irq:explain())
end

-- ---- the IP's own enable -------------------------------------------------------------------------

local function release(held, failure)
  local self = held.source
  self.holders = self.holders - 1
  local mmio = self.ip.mmio
  if self.holders > 0 or mmio.closed or core.is_stale(mmio) then return end -- the IP is gone
  local ok, e = pcall(self.enable, false)
  if not ok and failure == nil then error(e, 0) end
end

local Enabled <const> = { __close = release }

--- The source is enabled until what this gives is closed, and all others of its kind.
local function enabled(self)
  if self.holders == 0 then self.enable(true) end
  self.holders = self.holders + 1
  return setmetatable({ source = self }, Enabled)
end

-- ---- waiting -------------------------------------------------------------------------------------

--- The time is over without an interrupt: a last look.
local function last_look(self, irq, hold, look, left, timeout)
  local result = look()
  if not result then
    if left() == math.huge then error(timeout, 0) end -- nothing could have ended it
    return nil, timeout
  end
  local came, e = pcall(hold.wait, hold, GRACE)
  if came then return result end
  if not errors.is(e, "timeout") then error(e, 0) end
  distrust(self, irq, ("the work is done, but interrupt %s never came"):format(irq.fullpath))
  return result
end

--- Sleeps until the interrupt, the time limit or a wake. Gives which, and the error of the time limit.
local function sleep(self, hold, seconds)
  local woken <const> = self.woken
  self.asleep[hold] = true
  local ok, e = pcall(hold.wait, hold, seconds)
  self.asleep[hold] = nil
  if ok then return "interrupt" end
  if self.woken ~= woken then return "woken" end
  if not errors.is(e, "timeout") then error(e, 0) end
  return "timeout", e
end

--- Sleeps from interrupt to interrupt until the look gives something.
local function await(self, irq, look, left)
  local pause, fruitless = self.pause, 0
  local hold = irq:hold()
  local _ <close> = hold -- also when the source can't be enabled
  local _ <close> = enabled(self)
  while true do
    local current <close> = hold
    local result = look()
    if result then return result end
    local at_once = current.fired
    local why, e = sleep(self, current, left())
    if why == "timeout" then return last_look(self, irq, current, look, left, e) end
    if why == "interrupt" and self.clear then self.clear() end
    result = look()
    if result or left() == 0 then return result end
    -- It told of another source of the pin, whose waiter has its turn when this one sleeps. When it
    -- is up again at once that waiter was not there yet: time has to pass.
    if at_once and why == "interrupt" then
      pause, fruitless = waiting.rest(self.ip.device, pause, left()), fruitless + 1
    else
      pause, fruitless = self.pause, 0
    end
    if fruitless == STUCK then
      distrust(self, irq, ("interrupt %s stays high, but there is nothing it could tell"):format(irq.fullpath))
      return waiting.wait(self.ip.device, left(), pause, look)
    end
    hold = irq:hold()
  end
end

--- Waits until look() gives something that is not nil or false.
---@param timeout? number seconds; lunq.time_limit when nil
---@param look function reads what tells whether it is over, and clears nothing
---@return any result what look gave; nil: time is over
---@return any why the error of the pin when it did not come in time: its text has the pin's way, live
--- Raises what look and the bus raise, and `runtime` when another design was loaded meanwhile.
function Source:wait(timeout, look)
  local left = waiting.limit(self.ip.device, timeout)
  local result = look()
  if result then return result end
  if not self:wired() then return waiting.wait(self.ip.device, left(), self.pause, look) end
  local why
  result, why = await(self, self.ip.interrupts[self.pin], look, left)
  return result or nil, why
end

--- Lets all who sleep look again: what they wait for was ended by a reset, or is over for another reason
--- that gives no interrupt.
function Source:wake()
  self.woken = self.woken + 1
  for hold in pairs(self.asleep) do hold:close() end
end

return Source
