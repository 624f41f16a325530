--- A plug that connects what a UART, a SPI master or a mailbox sends with what it receives.
--
--   lunq.peers.loopback {}                 -- UART
--   lunq.peers.loopback { bus = "spi" }         -- or "mailbox"
local Peer = require "lunq.peer"

local Loopback = Peer:extend { __name = "Loopback", bus = "uart" }

function Loopback:receive(what) self:send(self.bus == "mailbox" and string.pack("<I4", what) or string.char(what)) end
function Loopback:transfer(word) return word end -- luacheck: ignore 212/self

return Loopback
