--- Several output lines of the processor as one value: a slice of more than one bit.
--
--   local mode = ol.gpio.mode        -- an xlslice with DIN_FROM 7, DIN_TO 4
--   mode:write(9)  mode:written()  mode:on()  mode:off()  mode:toggle()
--   mode[0]:on()  print(#mode)       -- single lines count from 0, the lowest bit
-- The lines change one after the other, the lowest first.
local Class = require "lunq.class"
local errors = require "lunq.errors"

local Group = Class:extend { __name = "lunq.GPIOGroup" }

---@param list table lines, the lowest first
function Group:init(list) self.lines, self.width = list, #list end

---@param value integer a bit for each line
--- Raises `value` "{} too large for {} bits".
function Group:write(value)
  if math.type(value) ~= "integer" or value < 0 then
    errors.raise("value", "%s is not a value for %d bits", tostring(value), self.width)
  end
  if value >> self.width ~= 0 then errors.raise("value", "%d too large for %d bits", value, self.width) end
  for i, line in ipairs(self.lines) do line:write(value >> (i - 1) & 1) end
end

--- What was written last.
---@return integer
function Group:written()
  local value = 0
  for i, line in ipairs(self.lines) do value = value | line:written() << (i - 1) end
  return value
end

function Group:on() self:write((1 << self.width) - 1) end
function Group:off() self:write(0) end
function Group:toggle() self:write(self:written() ~ (1 << self.width) - 1) end

--- Lets go of the lines. May be repeated.
function Group:release()
  for _, line in ipairs(self.lines) do line:release() end
end
Group.close, Group.__close, Group.free = Group.release, Group.release, Group.release

--- group[i]: one line.
function Group:missing(name)
  if math.type(name) == "integer" then
    if name >= 0 and name < self.width then return self.lines[name + 1] end
    errors.raise("index", "line %d is not in a group of %d lines, 0 to %d", name, self.width, self.width - 1)
  end
  if type(name) == "string" and name:sub(1, 1) == "_" then return nil end
  errors.raise("attribute", 'a group of GPIO lines has no "%s"', tostring(name))
end

function Group:__len() return self.width end

function Group:__tostring()
  local first, last = self.lines[1], self.lines[self.width]
  return ("GPIO %d to %d (out)"):format(first.index, last.index)
end

return Group
