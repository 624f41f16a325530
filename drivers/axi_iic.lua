--- AXI IIC 2.0 and 2.1, as the master of an I2C bus.
--
--   local iic = ol.axi_iic_0
--   print(table.concat(iic:scan(), " "))           -- who is there
--   local sensor = iic:chip(0x48)                  -- registers of a chip: lunq/iic/chip.lua
--   sensor:write_register(0x01, 0x60)   sensor:read_register(0x00, 2)
--   iic:write_to(0x50, "\x10hello")                -- these raise when not all was moved
--   iic:write_read(0x50, "\x10", 5)                --> "hello", with a repeated START
--   iic:read_from(0x48, 2)   iic:read_register(0x48, 0, 2)   iic:write_register(0x48, 1, 0x60)
--   iic:transfer(0x50, { "\x10", 5, "\x20", 3 })   --> two strings: texts are written, numbers read
--   iic:send(0x50, data, 2, iic.REPEAT_START)      -- PYNQ's AxiIIC: these give the number of bytes
--   iic:receive(0x50, data, 5)   iic:wait()
--
-- Addresses have 7 bits, without the read bit. Bytes are strings, lists or buffers. Each call has a time
-- limit in seconds as its last argument (lunq.time_limit when not said). Where the interrupt is wired a
-- message sleeps, and wakes for what it waits for and for errors; in tasks others run meanwhile, and a
-- second message waits until the first is over. After an error, or when the task was cancelled, the bus
-- is free again: the driver ends the transfer, and resets the IP when that does not help.
-- iic.mode: "standard" (byte by byte: any length, and it is known how many bytes were acknowledged) or
-- "dynamic" (fewer accesses; reads of more than 255 bytes and those that hold the bus are done in
-- standard mode). Registers and rules: registers.md section 11 (PG090, embeddedsw), lunq/iic/message.lua;
-- behaviour of send, receive and wait: pynq-behaviour.md B8.
local lunq = require "lunq"
local bytes_of = require "lunq.bytes".of
local dynamic = require "lunq.iic.dynamic"
local errors = require "lunq.errors"
local Lock = require "lunq.lock"
local Message = require "lunq.iic.message"
local standard = require "lunq.iic.standard"
local waiting = require "lunq.waiting"

local AxiIIC = lunq.DefaultIP:extend { bindto = { "xilinx.com:ip:axi_iic:2.1", "xilinx.com:ip:axi_iic:2.0" },
                                       __name = "AxiIIC", REPEAT_START = 1, mode = "standard",
                                       sends_with = "write_to(address, data) or chip(address):write(data)" }

local R <const> = Message.registers
local SEND <const>, RECEIVE <const> = "Could not send I2C data", "Could not receive I2C data"

--- Opens the IP and resets it.
---@param description table entry of ip_dict
function AxiIIC:init(description)
  lunq.DefaultIP.init(self, description)
  self.frequency = tonumber(self.parameters.C_IIC_FREQ) or 100000
  self.byte_ns = 9e9 / self.frequency
  self._sources = Message.sources(self)
  self._bus = Lock(self.device, self.fullpath)
  self:reset()
end

--- Lets other tasks use a bus that the last message had kept.
local function give_back(self)
  local kept = self._kept
  self._kept = nil
  if kept then kept:close() end
end

--- Resets the IP: a transfer under way ends, the bus is let go.
---@return table self
function AxiIIC:reset()
  self._held = false
  give_back(self)
  self.mmio:write(R.SOFTR, R.KEY)
  self.mmio:write(R.CR, R.TX_RESET)
  self.mmio:write(R.CR, R.EN)
  self.mmio:write(R.PIRQ, 0)
  return self
end

--- Reads a register of the IP.
---@param offset? integer bytes
---@return integer
--- Raises `type` for a number of bytes behind it: those of a chip come with read_from.
function AxiIIC:read(offset, n)
  if n ~= nil then
    errors.raise("type", "%s: read(offset) reads a register of the IP; bytes of a chip come with "
                 .. "read_from(address, n) or chip(address):read_register(register, n)", self.fullpath)
  end
  return lunq.DefaultIP.read(self, offset)
end

-- The names smbus has, and what is called here.
local SMBUS <const> = {
  read_byte = "read_from(address, 1)", write_byte = "write_to(address, { byte })",
  read_byte_data = "read_register(address, register)", read_word_data = "read_register(address, register, 2)",
  read_i2c_block_data = "read_register(address, register, n)",
  write_byte_data = "write_register(address, register, byte)",
  write_word_data = "write_register(address, register, bytes)",
  write_i2c_block_data = "write_register(address, register, bytes)",
  i2c_rdwr = "transfer(address, { bytes, n })", writeto = "write_to(address, bytes)",
  readfrom = "read_from(address, n)",
}

function AxiIIC:missing(name)
  if SMBUS[name] then
    errors.raise("attribute", 'IP %s (driver AxiIIC) has no "%s": it is %s', self.fullpath, name, SMBUS[name])
  end
  return lunq.DefaultIP.missing(self, name)
end

-- ---- what may go wrong ---------------------------------------------------------------------------

--- Why a message ended early.
local REASONS <const> = {
  address = "nobody acknowledged address %#x. Is the chip powered, and is that its 7-bit address?",
  data = "%#x did not acknowledge byte %d of %d: it is busy, protected, or takes no more.",
  either = "%#x did not acknowledge its address or a byte (in dynamic mode it isn't known which).",
  arbitration = "arbitration lost: another master uses the bus, or SDA is held low.",
}

local function reason_text(m, reason)
  if reason == "arbitration" then return REASONS.arbitration end
  return REASONS[reason]:format(m.address, m.moved + 1, m.wanted)
end

function AxiIIC:_busy_text()
  return ("%s: the bus is busy: another master uses it, or a chip holds SDA or SCL low (reset it, or are the "
          .. "pull-ups missing?)"):format(self.fullpath)
end

-- ---- messages ------------------------------------------------------------------------------------

local function check_address(address)
  if math.type(address) ~= "integer" or address < 0 or address > 0x7f then
    errors.raise("value", "an I2C address should be 0 to 0x7f (7 bits, without the read bit), not %s",
                 math.type(address) == "integer" and ("%#x"):format(address) or tostring(address))
  end
end

local function is_dynamic(self)
  if self.mode ~= "standard" and self.mode ~= "dynamic" then
    errors.raise("value", 'mode should be "standard" or "dynamic", not %s', tostring(self.mode))
  end
  return self.mode == "dynamic"
end

--- The bus stays with the task whose message has kept it; else it is free for others.
local function end_reservation(reserved)
  local self = reserved.iic
  if not self._held then
    give_back(self)
  elseif not self._kept then
    self._kept = self._bus:hold()
  end
  reserved.hold:close()
end

local Reserved <const> = { __close = end_reservation }

--- The bus for the running task, for one message.
local function reserve(self, seconds)
  local hold = self._bus:hold(seconds)
  if self._held and self._held ~= hold.owner then self:reset() end -- of a task that has ended
  return setmetatable({ iic = self, hold = hold, owner = hold.owner }, Reserved)
end

--- Runs a message. Gives what the engine gives, and why not all was moved: in words and by name.
local function run(self, m, hold, engine, ...)
  local bus <close> = reserve(self, m.left())
  local _ <close> = m
  m:begin()
  local result, reason = engine(m, ...)
  if not reason then
    m:done(hold and bus.owner)
    return result
  end
  m:recover()
  return result, reason_text(m, reason), reason
end

--- A message out, as bytes acknowledged.
local function send(self, address, bytes, hold, seconds)
  check_address(address)
  local engine = (is_dynamic(self) or #bytes == 0) and dynamic or standard
  local m = Message(self, address, #bytes, seconds, SEND)
  local _, text, reason = run(self, m, hold, function() return nil, engine.send(m, bytes, hold) end)
  return m.moved, text, reason
end

--- A message in, as a string.
local function receive(self, address, n, hold, seconds)
  check_address(address)
  local m = Message(self, address, n, seconds, RECEIVE)
  if is_dynamic(self) and n <= dynamic.most and not hold then return run(self, m, hold, dynamic.receive, n) end
  return run(self, m, hold, standard.receive, n, hold)
end

-- ---- bytes ---------------------------------------------------------------------------------------

local function check_length(length)
  if math.type(length) ~= "integer" or length < 0 then
    errors.raise("value", "length should be a number of bytes, at least 0, not %s", tostring(length))
  end
end

local function first_bytes(data, length)
  local bytes = bytes_of(data)
  if length == nil then return bytes end
  check_length(length)
  if length > #bytes then
    errors.raise("value", "length is %d, but there are only %d bytes", length, #bytes)
  end
  return bytes:sub(1, length)
end

-- ---- as PYNQ has it ------------------------------------------------------------------------------

--- PYNQ's send.
---@param address integer 7 bits
---@param data string|table|userdata bytes
---@param length? integer how many of them; all when left out
---@param option? integer REPEAT_START keeps the bus for the next message of this task
---@param timeout? number seconds
---@return integer n bytes acknowledged; fewer than length when the chip took no more
--- Raises `runtime` "Could not send I2C data" when none was, `timeout` when the bus stands still.
function AxiIIC:send(address, data, length, option, timeout)
  local bytes = first_bytes(data, length)
  local n, text = send(self, address, bytes, option == self.REPEAT_START, timeout)
  if n == 0 and text then errors.raise("runtime", "%s: %s: %s", SEND, self.fullpath, text) end
  return n
end

--- PYNQ's receive.
---@param address integer 7 bits
---@param data table|userdata|nil list or buffer the bytes are put into, from element 1 on
---@param length integer
---@param option? integer REPEAT_START keeps the bus for the next message of this task
---@param timeout? number seconds
---@return integer n bytes received
---@return string bytes
--- Raises `runtime` "Could not receive I2C data" when none came, `timeout` when the bus stands still.
function AxiIIC:receive(address, data, length, option, timeout)
  check_length(length)
  if length == 0 then return 0, "" end
  local bytes, text = receive(self, address, length, option == self.REPEAT_START, timeout)
  if #bytes == 0 then errors.raise("runtime", "%s: %s: %s", RECEIVE, self.fullpath, text) end
  if data then
    for i = 1, #bytes do data[i] = bytes:byte(i) end
  end
  return #bytes, bytes
end

--- PYNQ's wait: until the bus is free.
---@param timeout? number seconds
--- Raises `runtime` "Timed out waiting for free bus".
function AxiIIC:wait(timeout)
  local left = waiting.limit(self.device, timeout)
  local _ <close> = self._bus:hold(left())
  local free = self._sources.free:wait(left(), function() return self.mmio:read(R.SR) & R.BUSY == 0 end)
  if not free then
    errors.raise("runtime", "Timed out waiting for free bus: %s", self._held
                 and self.fullpath .. ": the last message kept it (REPEAT_START): send one more without, or reset()"
                 or self:_busy_text())
  end
end

-- ---- the friendly forms --------------------------------------------------------------------------

--- Writes bytes to a chip.
---@param address integer 7 bits
---@param bytes string|table|userdata
---@param timeout? number seconds
--- Raises `io` when the chip does not acknowledge all of them, `timeout` when the bus stands still.
function AxiIIC:write_to(address, bytes, timeout) self:transfer(address, { bytes_of(bytes) }, timeout) end

--- Reads n bytes from a chip.
---@return string
--- Raises as write_to does.
function AxiIIC:read_from(address, n, timeout)
  check_length(n)
  return n == 0 and "" or self:transfer(address, { n }, timeout)
end

--- Writes, then reads behind a repeated START: how registers of a chip are read.
---@param address integer 7 bits
---@param bytes string|table|userdata
---@param n integer bytes to read, at least 1
---@param timeout? number seconds, for each of the two
---@return string
--- Raises as write_to does.
function AxiIIC:write_read(address, bytes, n, timeout)
  check_length(n)
  if n == 0 then errors.raise("value", "write_read reads at least one byte") end
  return self:transfer(address, { bytes_of(bytes), n }, timeout)
end

local function check_messages(messages)
  if type(messages) ~= "table" or #messages == 0 then
    errors.raise("type", "transfer takes a list of messages: bytes to write, or how many to read")
  end
  local checked = {}
  for i, message in ipairs(messages) do
    if type(message) == "number" then
      if math.type(message) ~= "integer" or message < 1 then
        errors.raise("value", "message %d: a read should be of at least 1 byte, not %s", i, tostring(message))
      end
      checked[i] = message
    else
      checked[i] = bytes_of(message)
    end
  end
  return checked
end

--- Several messages to one chip with a repeated START between them and one STOP at the end. No other
--- task comes in between.
---@param address integer 7 bits
---@param messages table list: bytes are written, a number says how many to read
---@param timeout? number seconds, for each message
---@return string ... what was read, one for each number
--- Raises `io` when one of them fails, `timeout` when the bus stands still; the bus is free then.
function AxiIIC:transfer(address, messages, timeout)
  messages = check_messages(messages)
  local results = {}
  local _ <close> = self._bus:hold(timeout)
  for i, message in ipairs(messages) do
    local reads, hold = type(message) == "number", i < #messages
    local bytes, text = (reads and receive or send)(self, address, message, hold, timeout)
    if text then errors.raise("io", "%s: %s: %s", reads and RECEIVE or SEND, self.fullpath, text) end
    if reads then results[#results + 1] = bytes end
  end
  return table.unpack(results)
end

--- A chip by its address, with its registers.
---@param address integer 7 bits
---@param options? table register_bytes: how long the number of a register is, 1 (default) or 2
---@return table chip lunq.iic.chip
function AxiIIC:chip(address, options)
  check_address(address)
  return require "lunq.iic.chip"(self, address, options)
end

--- Reads registers of a chip whose number is one byte: as chip(address):read_register.
---@param address integer 7 bits
---@param register integer
---@param n? integer bytes, 1 when left out
---@param timeout? number seconds
---@return string
function AxiIIC:read_register(address, register, n, timeout)
  return self:chip(address):read_register(register, n, timeout)
end

--- Writes registers of a chip whose number is one byte: as chip(address):write_register.
---@param address integer 7 bits
---@param register integer the first one
---@param value integer|string|table a byte, or bytes
---@param timeout? number seconds
function AxiIIC:write_register(address, register, value, timeout)
  self:chip(address):write_register(register, value, timeout)
end

--- True when a chip acknowledges its address. Nothing is written to it.
---@param address integer 7 bits
---@param timeout? number seconds
---@return boolean
--- Raises `io` when the arbitration is lost, `timeout` when the bus stands still.
function AxiIIC:probe(address, timeout)
  local _, text, reason = send(self, address, "", false, timeout)
  if reason and reason ~= "address" then errors.raise("io", "%s: %s: %s", SEND, self.fullpath, text) end
  return reason == nil
end

--- The addresses at which a chip answers, 0x08 to 0x77 (the others are reserved).
---@param timeout? number seconds, for each of them
---@return integer[]
function AxiIIC:scan(timeout)
  local found = {}
  for address = 0x08, 0x77 do
    if self:probe(address, timeout) then found[#found + 1] = address end
  end
  return found
end

function AxiIIC:__tostring()
  return ("AxiIIC %s (%s) %#x+%#x: %d Hz, %s mode"):format(self.fullpath, self.type, self.phys_addr,
                                                          self.addr_range, self.frequency, self.mode)
end

return AxiIIC
