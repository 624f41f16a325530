--- A chip at a select of a SPI bus, with its mode: `spi:chip { select = 1, mode = 3 }`.
--
--   chip:transfer "\x0f\0\0"            --> as many bytes; chip:transfer { 1, 2 } gives a list of words
--   chip:query("\x03\0\0\0", 16)        --> the 16 bytes behind a command
--   chip:selected(function() chip:transfer(a) chip:transfer(b) end)      -- one selection
--   chip:configure { mode = 0 }
-- Each has its settings, so tasks that talk with several chips need not care for each other.
local Class = require "lunq.class"
local bytes_of = require "lunq.bytes".of
local errors = require "lunq.errors"

local SpiChip = Class:extend { __name = "lunq.SpiChip", line = 0, control = 0, missing = Class.unknown }

local LOOP <const>, LSB_FIRST <const>, CPOL_CPHA <const> = 1, 0x200, 0x18 -- bits of SPICR
local OPTIONS <const> = { mode = true, select = true, lsb_first = true, loopback = true }

---@param spi table driver
---@param options table as configure
function SpiChip:init(spi, options)
  self.spi = spi
  self:configure(options)
end

--- Says how to talk with it. What is left out stays as it is.
---@param options table mode: 0 to 3 (CPOL * 2 + CPHA); select: line, from 0; lsb_first, loopback: booleans
---@return table self
--- Raises `value` for what the design or the bus doesn't have.
function SpiChip:configure(options)
  for name in pairs(options) do
    if not OPTIONS[name] then
      errors.raise("value", 'SPI has no option "%s"; there are mode, select, lsb_first and loopback', tostring(name))
    end
  end
  local mode, line, spi = options.mode, options.select, self.spi
  if mode and (math.type(mode) ~= "integer" or mode < 0 or mode > 3) then
    errors.raise("value", "a SPI mode is 0, 1, 2 or 3, not %s", tostring(mode))
  end
  if line and (math.type(line) ~= "integer" or line < 0 or line >= spi.selects) then
    errors.raise("value", "%s has selects 0 to %d, not %s", spi.fullpath, spi.selects - 1, tostring(line))
  end
  local control = self.control
  if mode then control = control & ~CPOL_CPHA | (mode & 2) << 2 | (mode & 1) << 4 end
  if options.lsb_first ~= nil then control = control & ~LSB_FIRST | (options.lsb_first and LSB_FIRST or 0) end
  if options.loopback ~= nil then control = control & ~LOOP | (options.loopback and LOOP or 0) end
  self.control, self.line = control, line or self.line
  return self
end

--- A string as words, the first byte on top.
local function to_words(spi, bytes)
  local size = spi.word_bits // 8
  if #bytes % size ~= 0 then
    errors.raise("value", "%s sends words of %d bytes: %d bytes are not a whole number of them", spi.fullpath, size,
                 #bytes)
  end
  local words, format = {}, ">I" .. size
  for at = 1, #bytes, size do words[#words + 1] = string.unpack(format, bytes, at) end
  return words
end

local function to_string(spi, words)
  local format, parts = ">I" .. spi.word_bits // 8, {}
  for i, word in ipairs(words) do parts[i] = string.pack(format, word) end
  return table.concat(parts)
end

local function check_words(spi, words)
  local most = (1 << spi.word_bits) - 1
  for i = 1, #words do
    local word = words[i]
    if math.type(word) ~= "integer" or word < 0 or word > most then
      errors.raise("value", "element %d should be a word of %d bits, 0 to %#x, not %s", i, spi.word_bits, most,
                   tostring(word))
    end
  end
  return words
end

--- Sends bytes and gives those that came back meanwhile. It is selected for the whole transfer.
---@param data string|integer[]|userdata bytes, a buffer of them, or a list of words
---@param timeout? number seconds
---@return string|integer[] received as many bytes; a list for a list
--- Raises `timeout` when they don't come back, `io` for a mode fault; nothing is selected then.
function SpiChip:transfer(data, timeout)
  local spi = self.spi
  if type(data) == "table" then return spi:_exchange(self, check_words(spi, data), timeout) end
  return to_string(spi, spi:_exchange(self, to_words(spi, bytes_of(data)), timeout))
end

--- Sends a command and gives the n bytes that follow it.
---@param command string
---@param n integer
---@param timeout? number seconds
---@return string n bytes
--- Raises as transfer does.
function SpiChip:query(command, n, timeout)
  if math.type(n) ~= "integer" or n < 0 then
    errors.raise("value", "query takes a number of bytes, at least 0, not %s", tostring(n))
  end
  return self:transfer(command .. ("\0"):rep(n), timeout):sub(#command + 1)
end

--- Calls f(chip) with the select active from begin to end, however many transfers it makes. Other tasks
--- wait for the bus meanwhile.
---@return any what f returns
function SpiChip:selected(f)
  if type(f) ~= "function" then errors.raise("type", "selected takes a function, not %s", type(f)) end
  if self.spi._selection == self and self.spi._bus:is_mine() then
    errors.raise("runtime", "%s is in the middle of a selection", self.spi.fullpath)
  end
  local _ <close> = self.spi:_select(self)
  return table.unpack(table.pack(f(self))) -- no tail call: the selection ends behind it
end

function SpiChip:__tostring() return ("chip at select %d of %s"):format(self.line, self.spi.fullpath) end

return SpiChip
