--- Error objects: { kind, message, ... } whose tostring is the message.
-- Kinds: value, type, index, memory, io, permission, timeout, unsupported, runtime, attribute,
-- device. C code raises the same objects (bindings/l_common.c).
local core = require "lunq.core"

local errors = {}

--- Makes an error object without raising it.
---@param kind string one of the kinds above
---@param message string
---@param more? table further fields (advice, registers, ...)
function errors.new(kind, message, more)
  local e = more or {}
  e.kind, e.message = kind, message
  return setmetatable(e, core.error_meta)
end

--- Raises an error of `kind` with a formatted message.
function errors.raise(kind, format, ...)
  error(errors.new(kind, select("#", ...) > 0 and format:format(...) or format), 0)
end

--- True when `e` is one of our error objects (of that kind, if one is given).
function errors.is(e, kind)
  return getmetatable(e) == core.error_meta and (kind == nil or e.kind == kind)
end

return errors
