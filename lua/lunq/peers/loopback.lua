--- A plug that connects what a UART or a SPI master sends with what it receives.
--
--   lunq.peers.loopback {}                 -- UART
--   lunq.peers.loopback { bus = "spi" }
local Peer = require "lunq.peer"

local Loopback = Peer:extend { __name = "Loopback", bus = "uart" }

function Loopback:receive(byte) self:send(string.char(byte)) end
function Loopback:transfer(word) return word end -- luacheck: ignore 212/self

return Loopback
