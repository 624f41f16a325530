--- RGBLED: three output lines as a light of eight colours: blue in bit 0, green in 1, red in 2.
--   local rgb = lunq.RGBLED(ol.rgbleds["0:3"])     -- or lunq.RGBLED(ol.rgbleds.channel1, 0): its first three
--   rgb:on(lunq.RGBLED.CYAN)  rgb:write(0)  rgb:off()  rgb:toggle()  rgb:read() --> 3
-- LEDs of one channel share its word, so that one never changes another.
local Class = require "lunq.class"
local errors = require "lunq.errors"

local RGBLED = Class:extend { __name = "lunq.RGBLED", missing = Class.unknown }

RGBLED.CLEAR, RGBLED.BLUE, RGBLED.GREEN, RGBLED.CYAN = 0, 1, 2, 3
RGBLED.RED, RGBLED.MAGENTA, RGBLED.YELLOW, RGBLED.WHITE = 4, 5, 6, 7

---@param lines table three lines, or a channel of an AxiGPIO with `index`
---@param index? integer which three lines of the channel, from 0
function RGBLED:init(lines, index)
  if index then
    if math.type(index) ~= "integer" or index < 0 then
      errors.raise("value", "the index of an RGB LED counts from 0, %s does not", tostring(index))
    end
    lines = lines:slice(3 * index, 3 * index + 3)
  end
  if type(lines) ~= "table" or rawget(lines, "width") ~= 3 then
    errors.raise("type", 'an RGB LED is made from three lines, as in lunq.RGBLED(ol.rgbleds["0:3"])')
  end
  self.lines = lines
  self.last = RGBLED.WHITE -- what toggle comes back to
end

---@param colour integer 0 to 7
--- Raises `value` "color should be an integer value from 0 to 7."
function RGBLED:write(colour)
  if math.type(colour) ~= "integer" or colour < 0 or colour > 7 then
    errors.raise("value", "color should be an integer value from 0 to 7.")
  end
  self.lines:write(colour)
  if colour ~= 0 then self.last = colour end
end

--- Switches it on.
---@param colour? integer white when not said
function RGBLED:on(colour) self:write(colour or RGBLED.WHITE) end
function RGBLED:off() self:write(0) end

--- Off, or back to the colour it had.
function RGBLED:toggle() self:write(self:read() == 0 and self.last or 0) end

--- The colour as it was written last.
function RGBLED:read() return self.lines:written() end

function RGBLED:__tostring() return ("RGBLED on %s"):format(tostring(self.lines)) end

return RGBLED
