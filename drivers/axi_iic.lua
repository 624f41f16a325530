--- AXI IIC 2.0 and 2.1, as the master of an I2C bus: at register level, in both of its modes.
--
--   local iic = ol.axi_iic_0
--   iic:write_to(0x50, "\x10hello")                -- friendly forms raise when not all was moved
--   iic:write_read(0x50, "\x10", 5)                --> "hello", with a repeated START
--   iic:read_from(0x48, 2)   iic:scan()   iic:probe(0x50)
--   iic:send(0x50, data, 2, iic.REPEAT_START)      -- PYNQ's AxiIIC
--   iic:receive(0x50, data, 5)  iic:wait()
--
-- Addresses have 7 bits, without the read bit. Each message has a time limit in seconds as its last
-- argument (lunq.time_limit when not said). After an error the bus is free again: the driver ends the
-- transfer, and resets the IP when that does not help.
-- iic.mode: "standard" (byte by byte as embeddedsw's XIic_Send and XIic_Recv do: any length, and it is
-- known how many bytes were acknowledged) or "dynamic" (START, count and STOP go through the FIFO:
-- fewer accesses, reads of up to 255 bytes; longer ones and those that hold the bus are done in
-- standard mode).
-- Registers and rules: registers.md section 11 (PG090, embeddedsw); behaviour: pynq-behaviour.md B8.
local lunq = require "lunq"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"

local AxiIIC = lunq.DefaultIP:extend { bindto = { "xilinx.com:ip:axi_iic:2.1", "xilinx.com:ip:axi_iic:2.0" },
                                       __name = "AxiIIC", REPEAT_START = 1, mode = "standard" }

local ISR <const>, SOFTR <const>, CR <const>, SR <const> = 0x20, 0x40, 0x100, 0x104
local TX_FIFO <const>, RX_FIFO <const>, PIRQ <const> = 0x108, 0x10c, 0x120
local EN <const>, TX_RESET <const>, MSMS <const>, TX <const>, TXAK <const>, RSTA <const> = 1, 2, 4, 8, 16, 32
local ARB_LOST <const>, TX_ERROR <const>, TX_EMPTY <const> = 1, 2, 4
local BUSY <const>, FIFO_FULL <const>, RX_EMPTY <const>, FIFO_EMPTY <const> = 4, 0x10, 0x40, 0x80
local DYN_START <const>, DYN_STOP <const> = 0x100, 0x200
local RESET_KEY <const> = 0xa
local DYN_MOST <const> = 255

--- Opens the IP and resets it.
---@param description table entry of ip_dict
function AxiIIC:init(description)
  lunq.DefaultIP.init(self, description)
  self.frequency = tonumber(self.parameters.C_IIC_FREQ) or 100000
  self._byte = 9e9 / self.frequency -- ns
  self:reset()
end

--- Resets the IP: a transfer under way ends, the bus is let go.
---@return table self
function AxiIIC:reset()
  self.mmio:write(SOFTR, RESET_KEY)
  self.mmio:write(CR, TX_RESET)
  self.mmio:write(CR, EN)
  self.mmio:write(PIRQ, 0)
  self._held = false
  return self
end

--- Clears interrupt bits: a 1 toggles, so only bits that are set are written.
local function clear(self, bits)
  local set = self.mmio:read(ISR) & bits
  if set ~= 0 then self.mmio:write(ISR, set) end
end

-- ---- what may go wrong ---------------------------------------------------------------------------

--- Why a message ended early. The text follows PYNQ's.
local REASONS <const> = {
  address = "nobody acknowledged address %#x. Is the chip powered, and is that its 7-bit address?",
  data = "%#x did not acknowledge byte %d of %d: it is busy, protected, or takes no more.",
  arbitration = "arbitration lost: another master uses the bus, or SDA is held low.",
}

local function busy_text(self)
  return ("%s: the bus is busy: another master uses it, or a chip holds SDA or SCL low (reset it, or are the "
          .. "pull-ups missing?)"):format(self.fullpath)
end

local function time_out(self, message, moved, wanted)
  errors.raise("timeout", "%s: %d of %d bytes in %g s on %s. ISR %#04x, SR %#04x, CR %#04x: a chip holds SCL low, or "
               .. "the limit is too short for %.0f Hz. The IP was reset.", message.fail, moved, wanted, message.seconds,
               self.fullpath, message.isr, message.sr, message.cr, self.frequency)
end

--- Ends a transfer that failed. What doesn't end by itself is reset.
local function recover(self)
  self._held = false
  self.mmio:write(CR, EN | TX_RESET)
  self.mmio:write(CR, EN)
  clear(self, ARB_LOST | TX_ERROR | TX_EMPTY)
  local free = waiting.wait(self.device, self._byte * 4e-9, self._byte / 4,
                            function() return self.mmio:read(SR) & BUSY == 0 end)
  if not free then self:reset() end
end

--- Waits inside a message. look() gives true, or the name of a reason; time over ends the message.
local function await(self, message, moved, wanted, look)
  local left = message.seconds - (self.device:now() - message.began) / 1e9
  local result = waiting.wait(self.device, math.max(0, left), self._byte / 4, look)
  if result then return result end
  message.isr, message.sr, message.cr = self.mmio:read(ISR), self.mmio:read(SR), self.mmio:read(CR)
  recover(self)
  self:reset()
  time_out(self, message, moved, wanted)
end

--- An error that came, or nil. `moved`: bytes before.
local function trouble(self, moved)
  local isr = self.mmio:read(ISR)
  if isr & ARB_LOST ~= 0 then return "arbitration" end
  if isr & TX_ERROR ~= 0 then return moved < 0 and "address" or "data" end
end

--- True while a message may begin: the bus is free, or ours.
local function begin(self, message, wanted)
  message.began = self.device:now()
  if not self._held then
    self.mmio:write(CR, EN | TX_RESET)
    self.mmio:write(CR, EN)
    local free = waiting.wait(self.device, message.seconds, self._byte,
                              function() return self.mmio:read(SR) & BUSY == 0 end)
    if not free then
      errors.raise("timeout", "%s: 0 of %d bytes in %g s: %s", message.fail, wanted, message.seconds, busy_text(self))
    end
  end
  clear(self, ARB_LOST | TX_ERROR | TX_EMPTY)
end

--- Waits for the STOP that ends a message.
local function finish(self, message, moved, wanted)
  await(self, message, moved, wanted, function() return self.mmio:read(SR) & BUSY == 0 end)
end

-- ---- standard mode -------------------------------------------------------------------------------

--- START or repeated START, with the address in the FIFO first.
local function standard_start(self, address_byte, control)
  local mmio = self.mmio
  if self._held then
    mmio:write(CR, control | RSTA)
    mmio:write(TX_FIFO, address_byte)
  else
    mmio:write(TX_FIFO, address_byte)
    mmio:write(CR, control)
  end
end

--- Waits until the last byte (the address at first) is acknowledged and the FIFO empty.
local function standard_room(self, message, moved, wanted)
  local result = await(self, message, math.max(moved, 0), wanted, function()
    return trouble(self, moved) or self.mmio:read(ISR) & TX_EMPTY ~= 0
  end)
  return result ~= true and result or nil
end

local function standard_send(self, message, address, bytes, hold)
  local mmio, n = self.mmio, #bytes
  begin(self, message, n)
  standard_start(self, address << 1, EN | MSMS | TX)
  local moved = -1 -- the address is on its way
  for i = 1, n do
    local reason = standard_room(self, message, moved, n)
    if reason then return math.max(moved, 0), reason end
    moved = i - 1
    if i == n and not hold then mmio:write(CR, EN | TX) end -- STOP behind the byte that is written now
    mmio:write(TX_FIFO, bytes:byte(i))
    clear(self, TX_EMPTY)
  end
  if hold then
    local reason = standard_room(self, message, moved, n)
    if reason then return math.max(moved, 0), reason end
  else
    finish(self, message, n - 1, n)
    local reason = trouble(self, moved)
    if reason then return moved, reason end
  end
  self._held = hold
  return n
end

--- Waits for a byte in the receive FIFO. Our own "no acknowledge" behind the last one sets TX_ERROR
--- too: it is an error only when no byte comes with it.
local function standard_byte(self, message, moved, wanted)
  local mmio = self.mmio
  local result = await(self, message, moved, wanted, function()
    if mmio:read(SR) & RX_EMPTY == 0 then return true end
    local reason = trouble(self, moved - 1)
    if reason == "arbitration" then return reason end
    if not reason then return nil end
    local status = mmio:read(SR)
    if status & RX_EMPTY == 0 then return true end
    return status & BUSY == 0 and reason
  end)
  return result ~= true and result or nil
end

local function standard_receive(self, message, address, n, hold)
  local mmio, bytes = self.mmio, {}
  begin(self, message, n)
  while mmio:read(SR) & RX_EMPTY == 0 do mmio:read(RX_FIFO) end
  standard_start(self, address << 1 | 1, EN | MSMS | (n == 1 and TXAK or 0))
  for i = 1, n do
    local reason = standard_byte(self, message, i - 1, n)
    if reason then return table.concat(bytes), reason end
    -- The bus stands still until the byte is fetched: now is the time to say what comes after it.
    if i == n - 1 then mmio:write(CR, EN | MSMS | TXAK) end
    if i == n and not hold then mmio:write(CR, EN) end
    bytes[i] = string.char(mmio:read(RX_FIFO) & 0xff)
  end
  if not hold then finish(self, message, n, n) end
  self._held = hold
  return table.concat(bytes)
end

-- ---- dynamic mode --------------------------------------------------------------------------------

local function dynamic_send(self, message, address, bytes, hold)
  local mmio, n = self.mmio, #bytes
  begin(self, message, n)
  mmio:write(TX_FIFO, DYN_START | address << 1 | (n == 0 and not hold and DYN_STOP or 0))
  local i = 0
  local function push()
    local reason = trouble(self, -1)
    if reason then return reason end
    while i < n and mmio:read(SR) & FIFO_FULL == 0 do
      i = i + 1
      mmio:write(TX_FIFO, bytes:byte(i) | (i == n and not hold and DYN_STOP or 0))
    end
    return i == n
  end
  local result = await(self, message, 0, n, push)
  if result == true then
    clear(self, TX_EMPTY)
    -- Before START nothing is in the FIFO any more and the bus looks free: give it time to begin.
    self.device:advance(math.ceil(self._byte))
    result = await(self, message, 0, n, function()
      local reason = trouble(self, -1)
      if reason then return reason end
      local status = mmio:read(SR)
      if hold then return status & FIFO_EMPTY ~= 0 and mmio:read(ISR) & TX_EMPTY ~= 0 end
      return status & (FIFO_EMPTY | BUSY) == FIFO_EMPTY
    end)
  end
  -- The last byte may have been refused just before the STOP that was seen.
  if result == true and not hold then result = trouble(self, -1) or true end
  if result ~= true then return 0, result == "address" and n > 0 and "dynamic" or result end
  self._held = hold
  return n
end

local function dynamic_receive(self, message, address, n)
  local mmio, bytes = self.mmio, {}
  begin(self, message, n)
  while mmio:read(SR) & RX_EMPTY == 0 do mmio:read(RX_FIFO) end
  mmio:write(TX_FIFO, DYN_START | address << 1 | 1)
  mmio:write(TX_FIFO, DYN_STOP | n)
  while #bytes < n do
    local reason = standard_byte(self, message, #bytes, n)
    if reason then return table.concat(bytes), reason end
    bytes[#bytes + 1] = string.char(mmio:read(RX_FIFO) & 0xff)
  end
  finish(self, message, n, n)
  self._held = false
  return table.concat(bytes)
end

-- ---- messages ------------------------------------------------------------------------------------

local function check_address(address)
  if math.type(address) ~= "integer" or address < 0 or address > 0x7f then
    errors.raise("value", "an I2C address should be 0 to 0x7f (7 bits, without the read bit), not %s",
                 math.type(address) == "integer" and ("%#x"):format(address) or tostring(address))
  end
end

local function check_mode(self)
  if self.mode ~= "standard" and self.mode ~= "dynamic" then
    errors.raise("value", 'mode should be "standard" or "dynamic", not %s', tostring(self.mode))
  end
  return self.mode
end

local SEND <const>, RECEIVE <const> = "Could not send I2C data", "Could not receive I2C data"

local function reason_text(reason, address, moved, wanted)
  if reason == "dynamic" then
    return ("%#x did not acknowledge its address or a byte (in dynamic mode it isn't known which)."):format(address)
  end
  local text = REASONS[reason]
  return reason == "address" and text:format(address)
         or reason == "data" and text:format(address, moved + 1, wanted) or text
end

--- One message out. Gives the bytes acknowledged and why it ended early.
local function send(self, address, bytes, hold, seconds)
  check_address(address)
  local message = { seconds = seconds or lunq.time_limit, fail = SEND }
  local dynamic = check_mode(self) == "dynamic" or #bytes == 0
  local moved, reason = (dynamic and dynamic_send or standard_send)(self, message, address, bytes, hold)
  if reason then
    recover(self)
    return moved, reason_text(reason, address, moved, #bytes), reason
  end
  return moved
end

--- One message in. Gives the bytes and why it ended early.
local function receive(self, address, n, hold, seconds)
  check_address(address)
  local message = { seconds = seconds or lunq.time_limit, fail = RECEIVE }
  local dynamic = check_mode(self) == "dynamic" and n <= DYN_MOST and not hold
  local bytes, reason
  if dynamic then
    bytes, reason = dynamic_receive(self, message, address, n)
  else
    bytes, reason = standard_receive(self, message, address, n, hold)
  end
  if reason then
    recover(self)
    return bytes, reason_text(reason, address, #bytes, n)
  end
  return bytes
end

--- A string, a list of bytes or a buffer of bytes as a string of `length` bytes.
local function to_bytes(data, length)
  if type(data) == "string" then
    length = length or #data
    if length <= #data then return data:sub(1, length) end
  elseif type(data) == "table" or type(data) == "userdata" then
    length = length or #data
    local bytes = {}
    for i = 1, math.min(length, #data) do
      local b = data[i]
      if math.type(b) ~= "integer" or b < 0 or b > 255 then
        errors.raise("value", "element %d should be a byte, not %s", i, tostring(b))
      end
      bytes[i] = string.char(b)
    end
    if #bytes == length then return table.concat(bytes) end
  else
    errors.raise("type", "data should be a string, a list of bytes or a buffer, not %s", type(data))
  end
  errors.raise("value", "length is %d, but there are only %d bytes", length, #data)
end

local function check_length(length)
  if math.type(length) ~= "integer" or length < 0 then
    errors.raise("value", "length should be a number of bytes, at least 0, not %s", tostring(length))
  end
end

--- PYNQ's send.
---@param address integer 7 bits
---@param data string|table|userdata bytes
---@param length? integer how many of them; all when left out
---@param option? integer REPEAT_START keeps the bus for the next message
---@param timeout? number seconds
---@return integer n bytes acknowledged; fewer than length when the chip took no more
--- Raises `runtime` "Could not send I2C data" when none was, `timeout` when the bus stands still.
function AxiIIC:send(address, data, length, option, timeout)
  if length ~= nil then check_length(length) end
  local bytes = to_bytes(data, length)
  local n, reason = send(self, address, bytes, option == self.REPEAT_START, timeout)
  if n == 0 and reason then errors.raise("runtime", "%s: %s: %s", SEND, self.fullpath, reason) end
  return n
end

--- PYNQ's receive.
---@param address integer 7 bits
---@param data table|userdata|nil list or buffer the bytes are put into, from element 1 on
---@param length integer
---@param option? integer REPEAT_START keeps the bus for the next message
---@param timeout? number seconds
---@return integer n bytes received
---@return string bytes
--- Raises `runtime` "Could not receive I2C data" when none came, `timeout` when the bus stands still.
function AxiIIC:receive(address, data, length, option, timeout)
  check_length(length)
  if length == 0 then return 0, "" end
  local bytes, reason = receive(self, address, length, option == self.REPEAT_START, timeout)
  if #bytes == 0 then errors.raise("runtime", "%s: %s: %s", RECEIVE, self.fullpath, reason) end
  if data then
    for i = 1, #bytes do data[i] = bytes:byte(i) end
  end
  return #bytes, bytes
end

--- PYNQ's wait: until the bus is free.
---@param timeout? number seconds
--- Raises `runtime` "Timed out waiting for free bus".
function AxiIIC:wait(timeout)
  local free = waiting.wait(self.device, timeout, self._byte, function() return self.mmio:read(SR) & BUSY == 0 end)
  if not free then
    errors.raise("runtime", "Timed out waiting for free bus: %s", self._held
                 and self.fullpath .. ": the last message kept it (REPEAT_START): send one more without, or reset()"
                 or busy_text(self))
  end
end

--- Writes bytes to a chip.
---@param address integer 7 bits
---@param bytes string|table
---@param timeout? number seconds
--- Raises `io` when the chip does not acknowledge all of them, `timeout` when the bus stands still.
function AxiIIC:write_to(address, bytes, timeout)
  local _, reason = send(self, address, to_bytes(bytes), false, timeout)
  if reason then errors.raise("io", "%s: %s: %s", SEND, self.fullpath, reason) end
end

--- Reads n bytes from a chip.
---@return string
--- Raises as write_to does.
function AxiIIC:read_from(address, n, timeout)
  check_length(n)
  if n == 0 then return "" end
  local bytes, reason = receive(self, address, n, false, timeout)
  if reason then errors.raise("io", "%s: %s: %s", RECEIVE, self.fullpath, reason) end
  return bytes
end

--- Writes, then reads behind a repeated START: how registers of a chip are read.
---@param address integer 7 bits
---@param bytes string|table
---@param n integer bytes to read, at least 1
---@param timeout? number seconds, for each of the two
---@return string
--- Raises as write_to does.
function AxiIIC:write_read(address, bytes, n, timeout)
  check_length(n)
  if n == 0 then errors.raise("value", "write_read reads at least one byte") end
  local _, reason = send(self, address, to_bytes(bytes), true, timeout)
  if reason then errors.raise("io", "%s: %s: %s", SEND, self.fullpath, reason) end
  return self:read_from(address, n, timeout)
end

--- True when a chip acknowledges its address. Nothing is written to it.
---@param address integer 7 bits
---@param timeout? number seconds
---@return boolean
--- Raises `io` when the arbitration is lost, `timeout` when the bus stands still.
function AxiIIC:probe(address, timeout)
  local _, reason, key = send(self, address, "", false, timeout)
  if reason and key ~= "address" then errors.raise("io", "%s: %s: %s", SEND, self.fullpath, reason) end
  return reason == nil
end

--- The addresses at which a chip answers, 0x08 to 0x77 (the others are reserved).
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
