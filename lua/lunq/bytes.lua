--- Bytes as drivers of serial IP take them: a string, a list of bytes (or of strings and lists), a
--- buffer of bytes.
local errors = require "lunq.errors"

local bytes = {}

--- All of it as one string.
---@param data string|table|userdata
---@return string
--- Raises `type` for what is none of these, `value` for an element that is no byte.
function bytes.of(data)
  if type(data) == "string" then return data end
  if type(data) ~= "table" and type(data) ~= "userdata" then
    errors.raise("type", "data should be a string, a list of bytes or a buffer, not %s", type(data))
  end
  local parts = {}
  for i = 1, #data do
    local b = data[i]
    if math.type(b) == "integer" and b >= 0 and b <= 255 then
      parts[i] = string.char(b)
    elseif type(b) == "string" or type(b) == "table" then
      parts[i] = bytes.of(b)
    else
      errors.raise("value", "element %d should be a byte, not %s", i, tostring(b))
    end
  end
  return table.concat(parts)
end

return bytes
