--- A small I2C EEPROM as the 24C series has them: 24C02 (256 bytes, one address byte) and its
--- larger relatives (above 2,048 bytes: two address bytes).
--
--   local eeprom = lunq.peers.eeprom { address = 0x50, size = 256, page = 8 }
--   eeprom.memory[0]      --> 0xFF: bytes by their address, from 0 on
--   eeprom.write_time     --> ns it is busy after a write, in which it acknowledges nothing (5 ms)
--   eeprom.protected = true   -- the write-protect pin: data bytes are not acknowledged
-- A write that reaches the end of a page goes on at its begin, as the chips do. A read goes on from
-- the last address and wraps at the end. Sizes 512 to 2,048 take the upper address bits out of the
-- device address.
local errors = require "lunq.errors"
local Peer = require "lunq.peer"

local Eeprom = Peer:extend { __name = "Eeprom", bus = "i2c", address = 0x50, size = 256, page = 8,
                             write_time = 5000000, protected = false }

function Eeprom:init(options)
  Peer.init(self, options)
  if math.type(self.size) ~= "integer" or self.size < 1 or self.size > 65536 then
    errors.raise("value", "size of an EEPROM should be 1 to 65536 bytes, not %s", tostring(self.size))
  end
  if math.type(self.page) ~= "integer" or self.page < 1 or self.size % self.page ~= 0 then
    errors.raise("value", "size of an EEPROM should be a multiple of its page, not %d and %s", self.size,
                 tostring(self.page))
  end
  self.memory, self.writes = {}, 0
  for i = 0, self.size - 1 do self.memory[i] = 0xff end
  self._at, self._address_bytes, self._busy_until, self._page_data = 0, 0, 0, false
  self._two = self.size > 2048
end

--- How many device addresses it answers to: those of its blocks of 256 bytes.
local function blocks(self) return self._two and 1 or math.max(1, self.size // 256) end

--- Selected: by any of its block addresses, unless it is still writing.
function Eeprom:start(address, reading)
  local block = address - self.address
  if block < 0 or block >= blocks(self) or self:now() < self._busy_until then return false end
  self._block, self._address_bytes, self._page_data = block, 0, false
  if not reading then self._new_at = 0 end
  return true
end

--- Address bytes first, then data.
function Eeprom:write(byte)
  local wanted = self._two and 2 or 1
  if self._address_bytes < wanted then
    self._new_at = self._new_at << 8 | byte
    self._address_bytes = self._address_bytes + 1
    if self._address_bytes == wanted then self._at = (self._new_at + (self._block << 8)) % self.size end
    return true
  end
  if self.protected then return false end
  self._page_data = self._page_data or {}
  local first = self._at // self.page * self.page
  table.insert(self._page_data, { self._at, byte })
  self._at = first + (self._at + 1 - first) % self.page
  return true
end

--- The byte at the current address.
function Eeprom:read()
  local byte = self.memory[self._at]
  self._at = (self._at + 1) % self.size
  return byte
end

--- What was written is stored now, and that takes a while.
function Eeprom:stop()
  if not self._page_data then return end
  for _, w in ipairs(self._page_data) do self.memory[w[1]] = w[2] end
  self._page_data = false
  self.writes = self.writes + 1
  self._busy_until = self:now() + self.write_time
end

return Eeprom
