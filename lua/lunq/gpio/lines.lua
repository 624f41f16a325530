--- Lines of an AXI GPIO: what gpio[i] and gpio["a:b"] give, by the direction of their channel.
--
--   Input   read()  wait_for_value(v, timeout)  wait_for_level(level, timeout)
--   Output  write(v)  on()  off()  toggle()  written() --> what was written, without an access; so read()
--   InOut   all of these; read turns its pins to inputs, write to outputs
-- A value has line `first` in bit 0.
local Class = require "lunq.class"
local errors = require "lunq.errors"

local Lines = Class:extend { __name = "lunq.gpio.Lines" }

function Lines:init(channel, first, stop)
  self.channel, self.first = channel, first
  self.width = stop - first
  self.mask = ((1 << self.width) - 1) << first
end

local function check(self, value)
  if math.type(value) ~= "integer" or value < 0 then
    errors.raise("value", "%s is not a value for %d bits", tostring(value), self.width)
  end
  if value >> self.width ~= 0 then
    errors.raise("value", "%d too large for %d bits", value, self.width)
  end
  return value << self.first
end

local function describe(self)
  local first, last = self.first, self.first + self.width - 1
  return (first == last and "line %d" or "lines %d to %d"):format(first, last)
end

-- ---- reading ----------------------------------------------------------------------------------------

local function read_pins(self) return (self.channel:read() & self.mask) >> self.first end

local function read_as_input(self)
  local channel = self.channel
  channel.trimask = channel.trimask | self.mask
  return read_pins(self)
end

--- Reads until the lines have the value. With an interrupt it sleeps in between; without one it polls.
local function wait_for_value(self, value, timeout)
  local channel, last = self.channel, nil
  check(self, value)
  local function look()
    last = self:read()
    return last == value
  end
  channel.gpio:_wait_until(channel.number, timeout, look, function()
    return ("AXI GPIO %s: %s of channel %d did not become %d (now %d)"):format(
      channel.gpio.fullpath, describe(self), channel.number, value, last)
  end)
end

--- Waits until all lines are at one level.
---@param level integer|boolean|string 1, true or "high"; 0, false or "low"
local function wait_for_level(self, level, timeout)
  local high = level == 1 or level == true or level == "high"
  if not high and level ~= 0 and level ~= false and level ~= "low" then
    errors.raise("value", 'level should be 1 or 0, true or false, "high" or "low", not %s', tostring(level))
  end
  self:wait_for_value(high and (1 << self.width) - 1 or 0, timeout)
end

-- ---- writing ----------------------------------------------------------------------------------------

local function write_word(self, word) self.channel:write(word, self.mask) end

local function write_as_output(self, word)
  local channel = self.channel
  channel.trimask = channel.trimask & ~self.mask
  channel:write(word, self.mask)
end

--- The methods that put a word on the lines with `put`.
local function writing(class, put)
  --- Raises `value` "{} too large for {} bits".
  function class:write(value) put(self, check(self, value)) end

  function class:on() put(self, self.mask) end

  function class:off() put(self, 0) end

  --- What was written last, or the design's default; no access.
  function class:written() return (self.channel.value & self.mask) >> self.first end

  --- The opposite of what was written last.
  function class:toggle() put(self, self.channel.value ~ self.mask) end
end

-- ---- the three --------------------------------------------------------------------------------------

local lines = {}

lines.Input = Lines:extend { __name = "Input", read = read_pins, wait_for_value = wait_for_value,
                             wait_for_level = wait_for_level }

lines.Output = Lines:extend { __name = "Output" }
writing(lines.Output, write_word)

lines.Output.read = lines.Output.written

lines.InOut = Lines:extend { __name = "InOut", read = read_as_input, wait_for_value = wait_for_value,
                             wait_for_level = wait_for_level }
writing(lines.InOut, write_as_output)

--- A typo, or something the direction can't do.
function Lines:missing(name)
  errors.raise("attribute", '%s %s of %s has no "%s"', getmetatable(self).__name, describe(self),
               self.channel.gpio.fullpath, tostring(name))
end

function Lines:__tostring()
  return ("%s %s of %s"):format(getmetatable(self).__name, describe(self), self.channel.gpio.fullpath)
end

return lines
