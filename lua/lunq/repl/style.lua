--- Colours for a terminal that has them; none in a pipe, with NO_COLOR, or where TERM is "dumb" or an
--- old one's ("vt100").
local host = require "lunq.host"

local style = {}

local CODES <const> = { red = "31", green = "32", yellow = "33", blue = "34", cyan = "36", dim = "2", bold = "1" }

--- Whether descriptor fd (1: output, 2: errors) shows colours.
function style.has(fd)
  local no, term = os.getenv "NO_COLOR", os.getenv "TERM" or "dumb"
  return not (no and no ~= "") and term ~= "dumb" and not term:find "^vt" and host.is_terminal(fd)
end

--- A function that colours text for descriptor fd: paint("red", text).
function style.painter(fd)
  if not style.has(fd) then return function(_, text) return text end end
  return function(colour, text) return ("\27[%sm%s\27[0m"):format(CODES[colour], text) end
end

return style
