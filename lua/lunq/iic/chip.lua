--- A chip on an I2C bus, addressed once: `iic:chip(0x50)`.
--
--   local sensor = iic:chip(0x48)
--   sensor:write "\x01\x60"                 sensor:read(2)
--   sensor:read_register(0x00, 2)           --> two bytes, from register 0 on
--   sensor:write_register(0x01, 0x60)       -- a byte, or a string or list of bytes
--   local eeprom = iic:chip(0x57, { register_bytes = 2 })        -- how long a register's number is
--   eeprom:write_register(0x0120, "text")   eeprom:wait_ready()  -- it acknowledges nothing while it writes
-- Numbers of several bytes go out most significant byte first, as chips expect them. All raise as
-- iic:write_to and iic:read_from do.
local Class = require "lunq.class"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"

local Chip = Class:extend { __name = "lunq.iic.Chip", register_bytes = 1, missing = Class.unknown }

local RETRY_NS <const> = 100000 -- between two probes of a chip that is busy

---@param iic table driver
---@param address integer 7 bits
---@param options? table register_bytes: 1 (default) or 2
function Chip:init(iic, address, options)
  for name in pairs(options or {}) do
    if name ~= "register_bytes" then errors.raise("value", 'a chip has no option "%s"; it has register_bytes',
                                                  tostring(name)) end
  end
  self.iic, self.address = iic, address
  self.register_bytes = options and options.register_bytes or 1
  if self.register_bytes ~= 1 and self.register_bytes ~= 2 then
    errors.raise("value", "register_bytes should be 1 or 2, not %s", tostring(self.register_bytes))
  end
end

local function number(self, register)
  local most = (1 << 8 * self.register_bytes) - 1
  if math.type(register) ~= "integer" or register < 0 or register > most then
    errors.raise("value", "a register of this chip should be 0 to %#x, not %s", most, tostring(register))
  end
  return string.pack(">I" .. self.register_bytes, register)
end

--- Writes bytes, without a register in front.
---@param bytes string|table
---@param timeout? number seconds
function Chip:write(bytes, timeout) self.iic:write_to(self.address, bytes, timeout) end

--- Reads n bytes, from wherever the chip is.
---@param n integer
---@param timeout? number seconds
---@return string
function Chip:read(n, timeout) return self.iic:read_from(self.address, n, timeout) end

--- Reads bytes from a register on.
---@param register integer
---@param n? integer bytes, 1 when left out
---@param timeout? number seconds
---@return string
function Chip:read_register(register, n, timeout)
  return self.iic:write_read(self.address, number(self, register), n or 1, timeout)
end

--- Writes bytes from a register on.
---@param register integer the first one
---@param value integer|string|table a byte, or bytes
---@param timeout? number seconds
function Chip:write_register(register, value, timeout)
  if math.type(value) == "integer" then value = { value } end
  self.iic:write_to(self.address, { number(self, register), value }, timeout)
end

--- Is it there, and not busy?
---@return boolean
function Chip:probe(timeout) return self.iic:probe(self.address, timeout) end

--- Waits until it acknowledges its address: an EEPROM does not while it writes.
---@param timeout? number seconds
--- Raises `timeout`.
function Chip:wait_ready(timeout)
  local _, seconds = waiting.limit(self.iic.device, timeout)
  if not waiting.wait(self.iic.device, seconds, RETRY_NS, function() return self:probe() end) then
    errors.raise("timeout", "%s: nobody acknowledged address %#x for %s: is the chip still busy, or not there?",
                 self.iic.fullpath, self.address, waiting.time_text(seconds))
  end
end

function Chip:__tostring() return ("chip at %#x of %s"):format(self.address, self.iic.fullpath) end

return Chip
