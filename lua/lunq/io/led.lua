--- LED: one output line as a light.
--   local led = lunq.LED(ol.leds[0])     led:on()  led:off()  led:toggle()  led:write(1)  led:read()
local Class = require "lunq.class"
local errors = require "lunq.errors"

local LED = Class:extend { __name = "lunq.LED", missing = Class.unknown }

---@param line table a line that can be written: gpio[i], or anything with on, off, toggle and read
function LED:init(line)
  if type(line) ~= "table" and type(line) ~= "userdata" then
    errors.raise("type", "an LED is made from a line, as in lunq.LED(ol.leds[0]), not from a %s", type(line))
  end
  self.line = line
end

--- Whether it is lit, as it was switched last: 1 or 0.
function LED:read() return (self.line.written or self.line.read)(self.line) end

function LED:on() self.line:on() end
function LED:off() self.line:off() end
function LED:toggle() self.line:toggle() end

--- Switches it.
---@param value integer|boolean 0 or false: off; 1 or true: on
function LED:write(value)
  if value ~= 0 and value ~= 1 and type(value) ~= "boolean" then
    errors.raise("value", "an LED is 0 or 1, not %s", tostring(value))
  end
  if value == 1 or value == true then self.line:on() else self.line:off() end
end

function LED:__tostring() return ("LED on %s"):format(tostring(self.line)) end

return LED
