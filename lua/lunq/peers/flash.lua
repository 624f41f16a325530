--- A small serial NOR flash (W25Q and N25Q families): JEDEC id, read, fast read, write enable and
--- disable, status, page program, erase of a sector, a block and the chip, deep reset.
--
--   local flash = lunq.peers.flash { size = 1 << 20, jedec = "\xef\x40\x14" }
--   flash:get(0x100, 4) --> "\xff\xff\xff\xff"      flash:put(0x100, "boot")
-- size: bytes, a multiple of 4,096; page_time, erase_time, chip_time: ns it is busy (0.7, 45 and
-- 10,000 ms); while it is, only the status can be read. Programming can only clear bits, and works
-- only after write enable, on one page of 256 bytes. It listens in SPI modes 0 and 3.
local errors = require "lunq.errors"
local Peer = require "lunq.peer"

local Flash = Peer:extend { __name = "Flash", bus = "spi", size = 1 << 20, jedec = "\xef\x40\x14",
                            page_time = 700000, erase_time = 45000000, chip_time = 10000000000 }

local PAGE <const>, SECTOR <const>, BLOCK <const> = 256, 4096, 65536

function Flash:init(options)
  Peer.init(self, options)
  if math.type(self.size) ~= "integer" or self.size < SECTOR or self.size > 1 << 24 or self.size % SECTOR ~= 0 then
    errors.raise("value", "size of a flash should be a multiple of 4096 up to 16 MiB, not %s", tostring(self.size))
  end
  self._bytes = {} -- what is not erased, by address
  self._busy_until, self._writable, self._command, self._n = 0, false, false, 0
end

--- Bytes as they are, behind the bus.
---@param address integer
---@param n integer
---@return string
function Flash:get(address, n)
  local bytes = {}
  for i = 1, n do bytes[i] = string.char(self._bytes[(address + i - 1) % self.size] or 0xff) end
  return table.concat(bytes)
end

--- Puts bytes, whatever was there.
function Flash:put(address, bytes)
  for i = 1, #bytes do self._bytes[(address + i - 1) % self.size] = bytes:byte(i) end
end

local function busy(self) return self:now() < self._busy_until end
local function status(self) return (busy(self) and 1 or 0) | (self._writable and 2 or 0) end

local function erase(self, size, time)
  local first = size == self.size and 0 or self._address % self.size // size * size
  for address in pairs(self._bytes) do
    if address >= first and address < first + size then self._bytes[address] = nil end
  end
  self._busy_until = self:now() + time
end

function Flash:select() self._command, self._n, self._address, self._page = false, 0, 0, {} end

--- Commands act when the select goes: a program of whole bytes, an erase with its address.
function Flash:deselect()
  local command, n = self._command, self._n
  self._command = false
  if command == 0x06 then
    self._writable = true
  elseif command == 0x04 then
    self._writable = false
  elseif not self._writable then
    return
  elseif command == 0x02 and n > 4 then
    for address, byte in pairs(self._page) do
      self._bytes[address] = (self._bytes[address] or 0xff) & byte
    end
    self._busy_until, self._writable = self:now() + self.page_time, false
  elseif command == 0x20 and n == 4 then
    erase(self, SECTOR, self.erase_time)
    self._writable = false
  elseif command == 0xd8 and n == 4 then
    erase(self, math.min(BLOCK, self.size), self.erase_time * 3)
    self._writable = false
  elseif (command == 0xc7 or command == 0x60) and n == 1 then
    erase(self, self.size, self.chip_time)
    self._writable = false
  end
end

--- The answer to byte n of a command, 2 being the first behind the command itself.
local ANSWERS <const> = {
  [0x9f] = function(self, n) return self.jedec:byte(n - 1) or 0 end,
  [0x05] = status,
  [0x03] = function(self, n) return n > 4 and self:get(self._address + n - 5, 1):byte() end,
  [0x0b] = function(self, n) return n > 5 and self:get(self._address + n - 6, 1):byte() end,
  [0x02] = function(self, n, byte)
    if n > 4 then
      local first = self._address % self.size // PAGE * PAGE
      self._page[first + (self._address + n - 5) % PAGE] = byte
    end
  end,
}

function Flash:transfer(byte, mode)
  if mode ~= 0 and mode ~= 3 then return 0xff end
  self._n = self._n + 1
  local n = self._n
  if n == 1 then
    self._command = (byte == 0x05 or not busy(self)) and byte or false
    return 0xff
  end
  if n <= 4 then self._address = self._address << 8 | byte end
  local answer = self._command and ANSWERS[self._command]
  return answer and answer(self, n, byte) or 0xff
end

return Flash
