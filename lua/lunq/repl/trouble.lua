--- What the prompt says of an error: the message, then where it happened, nearest first, each place
--- with its line of source. LUNQ's own modules and C functions are left out: the message speaks for
--- them.
local advice = require "lunq.advice"
local errors = require "lunq.errors"
local host = require "lunq.host"

local trouble = {}

local FRAMES <const> = 8

--- For xpcall: the error with the places it passed, as long as they are known.
---@param e any
---@return table { error =, frames = { { source=, short=, line=, name= } ... }, more = integer }
function trouble.catch(e)
  local frames, more = {}, 0
  for level = 2, math.huge do
    local info = debug.getinfo(level, "Sln")
    if not info then break end
    if info.currentline > 0 and info.source:sub(1, 6) ~= "@lunq:" then
      if #frames < FRAMES then
        frames[#frames + 1] = { source = info.source, short = info.short_src, line = info.currentline,
                                name = info.name, main = info.what == "main" }
      else
        more = more + 1
      end
    end
  end
  if type(e) == "string" then e = e .. host.dot_advice() end
  return { error = e, frames = frames, more = more }
end

local function message_of(e)
  if type(e) == "string" then return e end
  if type(e) == "table" and not (getmetatable(e) and getmetatable(e).__tostring) then
    return ("(error object is a %s value)"):format(type(e))
  end
  local ok, text = pcall(tostring, e)
  return ok and text or "(error without message)"
end

--- The first line of a message, with what Lua has instead of what is Python's.
---@param message string
---@param session table gives lines of source
---@param paint function style.painter's
---@return string
function trouble.message(message, session, paint)
  local source, line = message:match "^(%[%d+%]):(%d+): "
  local text = advice.of(message, source and session:source_line("=" .. source, tonumber(line)))
  return paint("red", message) .. (text and "\n  " .. text or "")
end

--- The text for a person.
---@param caught table of trouble.catch
---@param session table gives lines of source
---@param paint function style.painter's
---@return string
function trouble.text(caught, session, paint)
  local message = message_of(caught.error)
  local first, rest = message:match "^([^\n]*)(.*)$"
  local lines = { trouble.message(first, session, paint) .. rest }
  local frames = caught.frames
  -- A one-line input in which the error was raised says nothing new.
  local only = frames[1] and #frames == 1 and frames[1].main and frames[1].line == 1
  for _, f in ipairs(only and {} or frames) do
    local where = ("  at %s:%d"):format(f.short, f.line)
    if f.name and not f.main then where = where .. (" in '%s'"):format(f.name) end
    local code = session:source_line(f.source, f.line)
    if code and #code > 60 then code = code:sub(1, 57) .. "..." end
    lines[#lines + 1] = code and ("%-32s  %s"):format(where, paint("dim", code)) or where
  end
  if caught.more > 0 then lines[#lines + 1] = ("  ... and %d more places"):format(caught.more) end
  return table.concat(lines, "\n")
end

--- Whether somebody pressed Ctrl-C.
function trouble.is_interrupt(caught)
  return errors.is(caught.error, "runtime") and message_of(caught.error):find "interrupted" ~= nil
end

return trouble
