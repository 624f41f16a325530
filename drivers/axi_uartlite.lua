--- AXI UART Lite 2.0: bytes out and in at a baud rate that is fixed in the design.
--
--   local uart = ol.axi_uartlite_0
--   uart:write "version\n"
--   print(uart:readline(0.5))               -- seconds; lunq.time_limit when not said
--   uart:read(4), uart:available(), uart:flush(), uart:reset()
--
-- read and write are those of a serial port; registers are at uart.mmio and uart.register_map. The
-- FIFOs hold 16 bytes: at 115,200 baud what is not fetched within 1.4 ms is lost, and the next read
-- says so. Nothing that was received is lost by a time-out or an error: the next read gives it.
-- Registers: registers.md section 13: RX_FIFO is read only while STAT says that it has data, TX_FIFO
-- written only while it has room; otherwise both answer SLVERR (uartlite_core.vhd of the core, v2.0).
-- Reading STAT clears the error bits, so it is read in one place only.
local lunq = require "lunq"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"

local UartLite = lunq.DefaultIP:extend { bindto = { "xilinx.com:ip:axi_uartlite:2.0" }, __name = "UartLite" }

local RX_FIFO <const>, TX_FIFO <const>, STAT <const>, CTRL <const> = 0x0, 0x4, 0x8, 0xc
local RX_VALID <const>, TX_EMPTY <const>, TX_FULL <const> = 1, 4, 8
local RESET_BOTH <const> = 3
local ERRORS <const> = {
  { 0x20, "overrun", "bytes were lost because nobody fetched them in time" },
  { 0x40, "frame", "a byte was lost whose stop bit was wrong: do both sides use the same baud rate?" },
  { 0x80, "parity", "a byte has the wrong parity" },
}

--- Opens the UART and empties its FIFOs.
---@param description table entry of ip_dict
function UartLite:init(description)
  lunq.DefaultIP.init(self, description)
  self.baudrate = tonumber(self.parameters.C_BAUDRATE) or 9600
  local parity = tonumber(self.parameters.C_USE_PARITY) or 0
  self.data_bits = tonumber(self.parameters.C_DATA_BITS) or 8
  self._frame = 1e9 * (2 + self.data_bits + parity) / self.baudrate -- ns a byte takes
  self._tail = 1e9 * (1 + parity) / self.baudrate -- ns of it behind the data bits
  self.tolerant = false
  self:reset()
end

--- Empties both FIFOs and what the driver has kept; line errors so far are forgotten.
---@return table self
function UartLite:reset()
  self.mmio:write(CTRL, RESET_BOTH)
  self.mmio:read(STAT) -- clears the error bits
  self._kept, self._problem = "", false
  self.line_errors = { overrun = 0, frame = 0, parity = 0 }
  return self
end

--- Reads STAT, counting the error bits it clears.
local function status(self)
  local word = self.mmio:read(STAT)
  if word & 0xe0 ~= 0 then
    for _, e in ipairs(ERRORS) do
      if word & e[1] ~= 0 then
        self.line_errors[e[2]] = self.line_errors[e[2]] + 1
        self._problem = self._problem or e
      end
    end
  end
  return word
end

--- Takes what the FIFO has.
local function fetch(self)
  local bytes, n = {}, 0
  while status(self) & RX_VALID ~= 0 do
    n = n + 1
    bytes[n] = string.char(self.mmio:read(RX_FIFO) & 0xff)
  end
  if n > 0 then self._kept = self._kept .. table.concat(bytes) end
end

local function check_line(self)
  local problem = self._problem
  self._problem = false
  if not problem or self.tolerant then return end
  errors.raise("io", "%s: %s error: %s. What came is kept for the next read; with tolerant = true such errors "
               .. "are only counted, in line_errors.", self.fullpath, problem[2], problem[3])
end

--- Bytes that can be read without waiting.
---@return integer
function UartLite:available()
  fetch(self)
  return #self._kept
end

--- What the waits for bytes have in common: until find() gives how many of the bytes kept to return.
local function receive(self, timeout, wanted, find)
  local n = waiting.wait(self.device, timeout, self._frame, function()
    fetch(self)
    check_line(self)
    return find(self._kept)
  end)
  if not n then
    local have = #self._kept
    errors.raise("timeout", "%s: waited %g s for %s: %s. Is the other side sending, at %d baud?", self.fullpath,
                 timeout or lunq.time_limit, wanted, have == 0 and "nothing came"
                 or ("%d byte%s came, and %s kept for the next read"):format(have, have == 1 and "" or "s",
                                                                            have == 1 and "is" or "are"),
                 self.baudrate)
  end
  local bytes = self._kept:sub(1, n)
  self._kept = self._kept:sub(n + 1)
  return bytes
end

--- Reads n bytes; without n those that are there, if any.
---@param n? integer
---@param timeout? number seconds
---@return string
--- Raises `timeout`, and `io` after an overrun, framing or parity error. What came is kept.
function UartLite:read(n, timeout)
  if n == nil then
    fetch(self)
    check_line(self)
    n = #self._kept
  end
  if math.type(n) ~= "integer" or n < 0 then
    errors.raise("value", "read takes a number of bytes, at least 0, not %s", tostring(n))
  end
  return receive(self, timeout, n == 1 and "a byte" or ("%d bytes"):format(n),
                 function(kept) return #kept >= n and n end)
end

--- Reads up to and with a text.
---@param text? string "\n" when left out
---@param timeout? number seconds
---@return string
--- Raises as read does.
function UartLite:read_until(text, timeout)
  text = text or "\n"
  if type(text) ~= "string" or text == "" then errors.raise("value", "read_until takes a text to wait for") end
  return receive(self, timeout, ("%q"):format(text):gsub("\\\n", "\\n"), function(kept)
    local _, last = kept:find(text, 1, true)
    return last
  end)
end

--- Reads a line.
---@param timeout? number seconds
---@return string line without its end, "\n" or "\r\n"
--- Raises as read does.
function UartLite:readline(timeout) return (self:read_until("\n", timeout):gsub("\r?\n$", "")) end

--- Sends bytes; returns when the last one is in the FIFO.
---@param bytes string
---@param timeout? number seconds, for all of them
---@return integer n bytes sent
--- Raises `timeout` when the FIFO stays full; its field `sent` says how many are on their way.
function UartLite:write(bytes, timeout)
  if type(bytes) ~= "string" then
    errors.raise("type", "write takes a string of bytes, not %s; registers are at :write of .mmio", type(bytes))
  end
  local sent, all = 0, #bytes
  local function push()
    while sent < all and status(self) & TX_FULL == 0 do
      sent = sent + 1
      self.mmio:write(TX_FIFO, bytes:byte(sent))
    end
    return sent == all
  end
  local seconds = timeout or lunq.time_limit + all * self._frame * 2e-9
  if not waiting.wait(self.device, seconds, self._frame, push) then
    error(errors.new("timeout", ("%s: sent %d of %d bytes in %g s, then its FIFO stayed full. A byte should take "
          .. "%.3g ms at %d baud."):format(self.fullpath, sent, all, seconds, self._frame / 1e6, self.baudrate),
          { sent = sent }), 0)
  end
  return all
end

--- Waits until all that was written has left: the FIFO is empty and the last byte is over.
---@param timeout? number seconds
--- Raises `timeout`.
function UartLite:flush(timeout)
  if not waiting.wait(self.device, timeout, self._frame, function() return status(self) & TX_EMPTY ~= 0 end) then
    errors.raise("timeout", "%s: its transmit FIFO was not empty after %g s", self.fullpath,
                 timeout or lunq.time_limit)
  end
  self.device:advance(math.ceil(self._tail)) -- the FIFO is empty when the last data bit goes out
end

function UartLite:__tostring()
  return ("UartLite %s (%s) %#x+%#x: %d baud, %d bits"):format(self.fullpath, self.type, self.phys_addr,
                                                              self.addr_range, self.baudrate, self.data_bits)
end

return UartLite
