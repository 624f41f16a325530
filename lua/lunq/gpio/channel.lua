--- One channel of an AXI GPIO: a word of lines.
--
--   local ch = ol.btns.channel1
--   ch[0], ch["0:4"], ch:slice(0, 4)    -- line 0; lines 0 to 3: the end does not count
--   #ch                                 -- lines in use
--   ch:setdirection "in"  ch:setlength(4)
--   ch:read()  ch:write(value, mask)    -- the word
--   ch.trimask                          -- TRI: 1 is an input; may be assigned
--   ch:wait_for_interrupt(timeout)  ch:wait_for_value(v, timeout)  ch:wait_for_level(level, timeout)
-- Indices count from 0, as the pins of the design do.
local Class = require "lunq.class"
local errors = require "lunq.errors"
local lines = require "lunq.gpio.lines"

local Channel = Class:extend { __name = "lunq.gpio.Channel", element = lines.InOut }

local WORDS <const> = { ["in"] = lines.Input, out = lines.Output, inout = lines.InOut }

--- "in", "out", "inout" for messages.
local function word_of(direction)
  for word, class in pairs(WORDS) do
    if class == direction then return word end
  end
end

local function parameter(gpio, name, second, otherwise)
  local value = gpio.parameters[second and name .. "_2" or name]
  return math.tointeger(tonumber(value)) or otherwise
end

--- For the driver: width, direction and outputs are what the design says (C25, C26).
---@param gpio table the AxiGPIO
---@param number integer 1 or 2
function Channel:init(gpio, number)
  local second = number == 2
  local width = parameter(gpio, second and "C_GPIO2_WIDTH" or "C_GPIO_WIDTH", false, 32)
  self.gpio, self.number = gpio, number
  self.data = second and 0x8 or 0x0
  self.width = (width >= 1 and width <= 32) and width or 32
  self.length = self.width
  self.fixed = parameter(gpio, "C_ALL_INPUTS", second, 0) == 1 and lines.Input
               or parameter(gpio, "C_ALL_OUTPUTS", second, 0) == 1 and lines.Output or nil
  self.direction = self.fixed or lines.InOut
  -- The output register after a download. One write of some lines must not clear the others.
  self.value = parameter(gpio, "C_DOUT_DEFAULT", second, 0) & ((1 << self.width) - 1)
end

--- Uses only the first `length` lines.
--- Raises `value` when the channel has fewer.
function Channel:setlength(length)
  if math.type(length) ~= "integer" or length < 1 or length > self.width then
    errors.raise("value", "channel %d of %s has %d lines; %s is not a length for it", self.number,
                 self.gpio.fullpath, self.width, tostring(length))
  end
  self.length = length
end

--- Whether setdirection takes this.
function Channel.is_direction(direction) return word_of(WORDS[direction] or direction) ~= nil end

--- Says how lines are used from now on; writes no register.
--- Raises `value` for another word, or for what the design does not allow (C_ALL_INPUTS, C_ALL_OUTPUTS).
function Channel:setdirection(direction)
  local wanted = WORDS[direction] or direction
  if not Channel.is_direction(direction) then
    errors.raise("value", "direction should be one of AxiGPIO.{Input,Output,InOut} or the string 'in', 'out' "
                 .. "or 'inout'")
  end
  if self.fixed and wanted ~= self.fixed and wanted ~= lines.InOut then
    errors.raise("value", "channel %d of %s has only %s in this design", self.number, self.gpio.fullpath,
                 self.fixed == lines.Input and "inputs" or "outputs")
  end
  self.direction = self.fixed or wanted
end

--- Some lines, as objects of the channel's direction.
---@param first integer from 0
---@param stop integer the line after the last one
---@param step? integer only 1
--- Raises `index` for lines that are not there (C27).
function Channel:slice(first, stop, step)
  if step ~= nil and step ~= 1 then errors.raise("index", "Steps other than 1 not supported") end
  if math.type(first) ~= "integer" or math.type(stop) ~= "integer" or first < 0 or stop > self.length
     or first >= stop then
    errors.raise("index", "lines %s:%s are not in channel %d of %s, which has 0:%d", tostring(first or ""),
                 tostring(stop or ""), self.number, self.gpio.fullpath, self.length)
  end
  return self.direction(self, first, stop)
end

--- ch[i] and ch["a:b"].
function Channel:missing(name)
  if name == "trimask" then return self.gpio.mmio:read(self.data + 4) end
  if name == "fixed" then return nil end
  if math.type(name) == "integer" then
    if name < 0 or name >= self.length then
      errors.raise("index", "line %d is not in channel %d of %s, which has 0 to %d", name, self.number,
                   self.gpio.fullpath, self.length - 1)
    end
    return self.direction(self, name, name + 1)
  end
  local first, stop, step = tostring(name):match "^(%-?%d*):(%-?%d*):?(%-?%d*)$"
  if first then
    return self:slice(math.tointeger(tonumber(first)), math.tointeger(tonumber(stop)),
                      math.tointeger(tonumber(step)))
  end
  errors.raise("attribute", 'a channel of an AXI GPIO has no "%s"', tostring(name))
end

function Channel:__newindex(name, value)
  if name == "trimask" then
    self.gpio.mmio:write(self.data + 4, value)
  else
    rawset(self, name, value)
  end
end

--- The word of the pins.
--- Raises `runtime` when the channel is used for output.
function Channel:read()
  if self.direction == lines.Output then errors.raise("runtime", "You cannot read from an output") end
  return self.gpio.mmio:read(self.data)
end

local function check_word(self, what, value)
  if math.type(value) ~= "integer" then
    errors.raise("value", "%s is not a %s for channel %d of %s, which has %d lines", tostring(value), what,
                 self.number, self.gpio.fullpath, self.length)
  end
end

--- Writes the outputs under a mask and remembers them; one access.
---@param value integer
---@param mask? integer all lines in use when not said
--- Raises `value` when one of them is no integer, `runtime` when the channel has only inputs.
function Channel:write(value, mask)
  if self.direction == lines.Input then errors.raise("runtime", "You cannot write to an Input") end
  mask = mask == nil and (1 << self.length) - 1 or mask
  check_word(self, "value", value)
  check_word(self, "mask", mask)
  self.value = (self.value & ~mask | value & mask) & 0xffffffff
  self.gpio.mmio:write(self.data, self.value)
end

--- Waits until an input has changed since the last such wait, or the last change nobody waited for.
---@param timeout? number seconds
--- Raises `runtime` "Interrupts not available for this IP", and `timeout` with an explanation.
function Channel:wait_for_interrupt(timeout) self.gpio:_wait_for_change(self.number, timeout) end

--- All lines in use at once; see lunq.gpio.lines.
function Channel:wait_for_value(value, timeout) self:slice(0, self.length):wait_for_value(value, timeout) end
function Channel:wait_for_level(level, timeout) self:slice(0, self.length):wait_for_level(level, timeout) end

function Channel:__len() return self.length end

function Channel:__tostring()
  return ("channel %d with %d lines (%s)"):format(self.number, self.length, word_of(self.direction))
end

return Channel
