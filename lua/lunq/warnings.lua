--- Warnings: what a person should know but work goes on after. One hook takes all of them, those of
--- the C code too; without a hook they go to standard error.
-- Categories are PYNQ's (Python's) classes: "user" (UserWarning), "deprecated"
-- (DeprecationWarning), "resource" (ResourceWarning).
local core = require "lunq.core"

local warnings = {}
local hook

--- Says a warning.
---@param category string "user", "deprecated" or "resource"
---@param format string as for string.format when more arguments follow, else the text itself
function warnings.warn(category, format, ...)
  core.warn(category, select("#", ...) > 0 and format:format(...) or format)
end

--- Sets the function that gets every warning: fn(category, text). nil: back to standard error.
--- An error inside the hook is reported on standard error and goes no further.
---@param fn function|nil
---@return function|nil previous
function warnings.set_hook(fn)
  local previous = hook
  core.set_warning_hook(fn)
  hook = fn
  return previous
end

--- Calls fn(...) and collects the warnings instead of showing them.
---@return table list of { category =, text = }
---@return any ... what fn returned
function warnings.capture(fn, ...)
  local list = {}
  local previous = warnings.set_hook(function(category, text)
    list[#list + 1] = { category = category, text = text }
  end)
  local results = table.pack(pcall(fn, ...))
  warnings.set_hook(previous)
  if not results[1] then error(results[2], 0) end
  return list, table.unpack(results, 2, results.n)
end

return warnings
