--- Somebody at the other end of a UART: keeps what it receives, and answers by a script.
--
--   local t = lunq.peers.terminal { answers = { ["id\n"] = "lunq 1\n" } }
--   t:send "hello\n"            -- to the UART
--   t.received                  --> all the UART has sent
-- answers: a text that has been received -> what to send then (a string, or a function that is given
-- the terminal and returns one). The text is what has come since the last answer.
local Peer = require "lunq.peer"

local Terminal = Peer:extend { __name = "Terminal", bus = "uart", received = "", answers = {}, line = "" }

--- Called for each byte the UART sends.
function Terminal:receive(byte)
  local char = string.char(byte)
  self.received, self.line = self.received .. char, self.line .. char
  local answer = self.answers[self.line]
  if answer == nil then return end
  self.line = ""
  if type(answer) == "function" then answer = answer(self) end
  if answer then self:send(answer) end
end

return Terminal
