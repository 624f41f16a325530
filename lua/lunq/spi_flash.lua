--- A serial NOR flash behind a SPI master: the commands all families share, 3-byte addresses.
--
--   local flash = ol.axi_quad_spi_0:flash()
--   flash:jedec_id()  --> "\xef\x40\x18"
--   flash:erase(0x10000)              -- the sector of 4 KiB that holds the address
--   flash:program(0x10000, bytes)     -- any length; pages are taken care of
--   flash:read(0x10000, #bytes)
--   flash:verify(0x10000, bytes)      --> true, or false and the first address that differs
-- Tasks may share it: each call is over before the next begins. The bus is free while the flash works.
local Class = require "lunq.class"
local core = require "lunq.core"
local errors = require "lunq.errors"
local Lock = require "lunq.lock"
local waiting = require "lunq.waiting"

local SpiFlash = Class:extend { __name = "SpiFlash", missing = Class.unknown }

local PAGE <const>, SECTOR <const> = 256, 4096
local WRITE_ENABLE <const>, STATUS <const>, READ <const> = "\x06", "\x05", 0x03
local PROGRAM <const>, ERASE <const>, JEDEC <const> = 0x02, 0x20, "\x9f"
local BUSY <const>, WRITABLE <const> = 1, 2
local CHUNK <const> = 65536 -- bytes of one read, so that a string of any length can be read

---@param chip table lunq.spi_chip
function SpiFlash:init(chip)
  self.chip, self.spi, self.line = chip, chip.spi, chip.line
  self._lock = Lock(chip.spi.device, tostring(self))
end

local function query(self, command, n) return self.chip:query(command, n) end

local function check(address, n)
  if math.type(address) ~= "integer" or address < 0 or address > 0xffffff then
    errors.raise("value", "a flash address should be 0 to 0xffffff, not %s", tostring(address))
  end
  if math.type(n) ~= "integer" or n < 0 or n > 0x1000000 - address then
    errors.raise("value", "%s bytes at %#x are outside of a flash with 3-byte addresses", tostring(n), address)
  end
end

local function command(code, address) return string.pack(">B I3", code, address) end

--- Manufacturer, type and capacity.
---@return string three bytes
function SpiFlash:jedec_id() return query(self, JEDEC, 3) end

--- The status register: bit 0 busy, bit 1 write enabled.
---@return integer
function SpiFlash:status() return query(self, STATUS, 1):byte() end

--- Waits until it is not busy.
---@param timeout? number seconds
--- Raises `timeout`.
function SpiFlash:wait(timeout)
  local word
  local ready = waiting.wait(self.spi.device, timeout, 20000, function()
    word = self:status()
    return word & BUSY == 0
  end)
  if not ready then
    errors.raise("timeout", "the flash at select %d of %s is still busy (status %#04x)%s", self.line,
                 self.spi.fullpath, word, word == 0xff and ": is there a flash at all?" or "")
  end
end

--- What a call that failed or was cancelled has begun goes on in the flash: while it does, nothing can be
--- read or written. Status 0xff is no flash, which whoever writes says at once.
local function settle(self, timeout)
  if self:status() ~= 0xff then self:wait(timeout) end
end

--- Allows one program or erase.
--- Raises `io` when the flash doesn't take it: it is protected, or not there.
function SpiFlash:write_enable()
  query(self, WRITE_ENABLE, 0)
  local word = self:status()
  if word & (BUSY | WRITABLE) ~= WRITABLE then
    errors.raise("io", "the flash at select %d of %s can't be written: its status is %#04x%s", self.line,
                 self.spi.fullpath, word, word == 0xff and " (is there a flash at all?)" or "")
  end
end

--- Reads bytes.
---@param address integer
---@param n integer
---@return string
--- Raises `timeout` when it stays busy.
function SpiFlash:read(address, n)
  check(address, n)
  local _ <close> = self._lock:hold()
  settle(self)
  local parts = {}
  local progress <close> = n > CHUNK and core.progress("reading the flash", n) or nil
  for at = 0, n - 1, CHUNK do
    if progress then progress:at(at) end
    parts[#parts + 1] = query(self, command(READ, address + at), math.min(CHUNK, n - at))
  end
  return table.concat(parts)
end

--- Compares what is there with bytes.
---@param address integer
---@param bytes string
---@return boolean same
---@return integer|nil address the first that differs
--- Raises as read does.
function SpiFlash:verify(address, bytes)
  local there = self:read(address, #bytes)
  if there == bytes then return true end
  local at = 1
  while there:byte(at) == bytes:byte(at) do at = at + 1 end
  return false, address + at - 1
end

--- Programs at most a page; only 1 bits become 0.
---@param timeout? number seconds
--- Raises `value` when the bytes don't fit into one page, `timeout` when it stays busy.
function SpiFlash:page_program(address, bytes, timeout)
  check(address, #bytes)
  if #bytes == 0 or address % PAGE + #bytes > PAGE then
    errors.raise("value", "%d bytes at %#x are not inside of one page of %d", #bytes, address, PAGE)
  end
  local _ <close> = self._lock:hold(timeout)
  settle(self, timeout)
  self:write_enable()
  query(self, command(PROGRAM, address) .. bytes, 0)
  self:wait(timeout)
end

--- Programs any number of bytes, page by page. What is there must be erased.
---@param timeout? number seconds, for each page
function SpiFlash:program(address, bytes, timeout)
  check(address, #bytes)
  local at = 0
  local _ <close> = self._lock:hold(timeout)
  local progress <close> = #bytes > PAGE and core.progress("programming the flash", #bytes) or nil
  while at < #bytes do
    if progress then progress:at(at) end
    local n = math.min(PAGE - (address + at) % PAGE, #bytes - at)
    self:page_program(address + at, bytes:sub(at + 1, at + n), timeout)
    at = at + n
  end
end

--- Erases the sector of 4 KiB that holds an address.
---@param timeout? number seconds
--- Raises `timeout` when it stays busy.
function SpiFlash:erase(address, timeout)
  check(address, 1)
  local _ <close> = self._lock:hold(timeout)
  settle(self, timeout)
  self:write_enable()
  query(self, command(ERASE, address // SECTOR * SECTOR), 0)
  self:wait(timeout)
end

function SpiFlash:__tostring() return ("SpiFlash at select %d of %s"):format(self.line, self.spi.fullpath) end

return SpiFlash
