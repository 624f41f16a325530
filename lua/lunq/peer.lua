--- lunq.Peer: what stands at the pins of a serial IP of a simulated device: a chip, a terminal.
--
--   local Thermometer = lunq.Peer:extend { bus = "i2c", address = 0x48 }
--   function Thermometer:read() return 21 end
--   ol.device:attach("axi_iic_0", Thermometer())
--
-- Ready-made ones are in lunq.peers. A peer stays attached when another design is loaded, as a chip
-- on a board would, until device:detach(peer). `bus` says which IP it fits, and which methods are
-- called (those that are left out do nothing):
--
--   "i2c"     start(address, reading)  true: it is meant (default: address == self.address)
--             write(byte)              false: not acknowledged (default: all are)
--             read()                   the next byte
--             stop()
--   "spi"     select(), deselect()     device:attach(path, peer, n) is select n
--             transfer(word, mode)     what comes back (default: ones); mode: CPOL * 2 + CPHA
--   "uart"    receive(byte)            and self:send(bytes), whenever it likes
--   "mailbox" receive(word)            false: not now; self:send(string.pack("<I4", word))
--   "analog"  sample(channel)          16 bits, left-aligned; see drivers/xadc.lua for the channels
--
-- An error in a method is raised by whoever accesses the device or waits for it, with kind "device".
local core = require "lunq.core"
local Class = require "lunq.class"
local errors = require "lunq.errors"

local Peer = Class:extend { __name = "Peer", bus = "none", address = false }

local OPTIONS_TEXT <const> = "%s has no option \"%s\""

--- Takes the options as fields. Only fields the class has a default for are options.
---@param options? table
--- Raises `value` for an unknown option.
function Peer:init(options)
  for name, value in pairs(options or {}) do
    if self[name] == nil or type(self[name]) == "function" then
      errors.raise("value", OPTIONS_TEXT, getmetatable(self).__name, tostring(name))
    end
    self[name] = value
  end
end

--- I2C: somebody is addressed after a start.
---@param address integer 7 bits
---@return boolean meant
function Peer:start(address) return address == self.address end

--- UART: bytes for the IP. They arrive one after another at its baud rate.
---@param bytes string
--- Raises `runtime` when the peer is not attached.
function Peer:send(bytes) core.peer_send(self, bytes) end

--- Time on the device it is attached to.
---@return integer ns; 0 when it is not attached
function Peer:now() return core.peer_now(self) end

return Peer
