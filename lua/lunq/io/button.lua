--- Button: one input line somebody presses.
--   local button = lunq.Button(ol.btns[0])     button:read() --> 1 while it is pressed
--   button:wait_for_value(1, timeout)          -- seconds; lunq.time_limit when not said
local Class = require "lunq.class"
local errors = require "lunq.errors"

local Button = Class:extend { __name = "lunq.Button", missing = Class.unknown }

---@param line table a line that can be read: gpio[i]
function Button:init(line)
  if type(line) ~= "table" and type(line) ~= "userdata" then
    errors.raise("type", "%s is made from a line, as in %s(ol.btns[0]), not from a %s", self.__name, self.__name,
                 type(line))
  end
  self.line = line
end

function Button:read() return self.line:read() end

--- Waits until the line reads `value`, with an interrupt where the design has one.
---@param value integer 0 or 1
---@param timeout? number seconds
--- Raises `value` for another value, and `timeout`.
function Button:wait_for_value(value, timeout)
  if value ~= 0 and value ~= 1 then
    errors.raise("value", "the value of a line is 0 or 1, not %s", tostring(value))
  end
  self.line:wait_for_value(value, timeout)
end

function Button:__tostring() return ("%s on %s"):format(self.__name:match "%w+$", tostring(self.line)) end

return Button
