--- A plug that connects what a UART, a SPI master or a mailbox sends with what it receives.
--
--   lunq.peers.loopback {}                 -- UART
--   lunq.peers.loopback { bus = "spi" }         -- or "mailbox": words wait while there is no room for them
local errors = require "lunq.errors"
local Peer = require "lunq.peer"

local Loopback = Peer:extend { __name = "Loopback", bus = "uart" }

function Loopback:receive(what)
  if self.bus ~= "mailbox" then return self:send(string.char(what)) end
  local ok, e = pcall(self.send, self, string.pack("<I4", what))
  if not ok and not errors.is(e, "memory") then error(e, 0) end
  return ok
end

function Loopback:transfer(word) return word end -- luacheck: ignore 212/self

return Loopback
