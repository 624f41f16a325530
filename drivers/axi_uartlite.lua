--- AXI UART Lite 2.0: bytes out and in at a baud rate that is fixed in the design.
--
--   local uart = ol.axi_uartlite_0
--   uart:write "version\n"                  -- a string, or a list of bytes
--   print(uart:readline(0.5))               -- seconds; lunq.time_limit when not said
--   uart:read(4)                            -- waits for 4 bytes; uart:read() takes what is there
--   uart:read_until "> "
--   for line in uart:lines(2) do print(line) end      -- until nothing comes for 2 s
--   uart:poll(0)                            --> true when there is something to read
--   uart:available(), uart:flush(), uart:reset()
--
-- read and write are those of a serial port; registers are at uart.mmio and uart.register_map. The
-- FIFOs hold 16 bytes: at 115,200 baud what is not fetched within 1.4 ms is lost, and the next read
-- says so. Nothing that was received is lost by a time-out, an error or a cancelled task: the next read
-- gives it. Where the interrupt is wired reads and writes sleep until it comes. Tasks may read and write
-- at the same time; what one of them writes or waits for stays together.
-- Registers: registers.md section 13: RX_FIFO is read only while STAT says that it has data, TX_FIFO
-- written only while it has room; otherwise both answer SLVERR. The interrupt is a pulse when the
-- receive FIFO gets something or the transmit FIFO has become empty, so after it both are looked at
-- until there is nothing left (uartlite_core.vhd of the core, v2.0). Reading STAT clears the error bits,
-- so it is read in one place only.
local lunq = require "lunq"
local bytes_of = require "lunq.bytes".of
local errors = require "lunq.errors"
local flags = require "lunq.flags"
local InterruptSource = require "lunq.interrupt_source"
local Lock = require "lunq.lock"

local UartLite = lunq.DefaultIP:extend { bindto = { "xilinx.com:ip:axi_uartlite:2.0" }, __name = "UartLite" }

local RX_FIFO <const>, TX_FIFO <const>, STAT <const>, CTRL <const> = 0x0, 0x4, 0x8, 0xc
local RX_VALID <const>, TX_EMPTY <const>, TX_FULL <const> = 1, 4, 8
local RESET_BOTH <const>, ENABLE_INTR <const> = 3, 0x10
local STAT_NAMES <const> = { [0] = "RxValid", "RxFull", "TxEmpty", "TxFull", "IntrEnabled", "Overrun", "Frame",
                             "Parity" }
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
  self._interrupt = InterruptSource(self, {
    pin = "interrupt", pause = self._frame,
    enable = function(on) self.mmio:write(CTRL, on and ENABLE_INTR or 0) end,
  })
  self._reading = Lock(self.device, self.fullpath .. " (reading)")
  self._writing = Lock(self.device, self.fullpath .. " (writing)")
  self:reset()
end

--- Empties both FIFOs and what the driver has kept; line errors so far are forgotten.
---@return table self
function UartLite:reset()
  self.mmio:write(CTRL, RESET_BOTH | (self._interrupt.holders > 0 and ENABLE_INTR or 0))
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

--- Takes what the FIFO has. True when there was something. An error that lost a byte is news too, but
--- not to who sleeps until the interrupt: it raises none.
local function fetch(self)
  local bytes, n = {}, 0
  while status(self) & RX_VALID ~= 0 do
    n = n + 1
    bytes[n] = string.char(self.mmio:read(RX_FIFO) & 0xff)
  end
  if n > 0 then self._kept = self._kept .. table.concat(bytes) end
  return n > 0 or self._problem and not self._interrupt:wired()
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

local function nothing_came(self, wanted, seconds)
  local have = #self._kept
  errors.raise("timeout", "%s: waited %g s for %s: %s. Is the other side sending, at %d baud? %s", self.fullpath,
               seconds, wanted, have == 0 and "nothing came"
               or ("%d byte%s came, and %s kept for the next read"):format(have, have == 1 and "" or "s",
                                                                          have == 1 and "is" or "are"),
               self.baudrate, flags.text("STAT", status(self), STAT_NAMES))
end

--- What the waits for bytes have in common: until find() gives how many of the bytes kept to return.
local function receive(self, timeout, wanted, find)
  local left, seconds = self._interrupt:limit(timeout)
  local _ <close> = self._reading:hold(left())
  fetch(self)
  while true do
    check_line(self)
    local n = find(self._kept)
    if n then
      local bytes = self._kept:sub(1, n)
      self._kept = self._kept:sub(n + 1)
      return bytes
    end
    if not self._interrupt:wait(left(), function() return fetch(self) end) then
      check_line(self)
      nothing_came(self, wanted, seconds)
    end
  end
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

--- The lines that come, one after another, until none comes in time; what is left of one is kept.
---@param timeout? number seconds for each line
---@return function iterator
--- The iterator raises `io` as read does.
function UartLite:lines(timeout)
  return function()
    local ok, line = pcall(self.readline, self, timeout)
    if ok then return line end
    if not errors.is(line, "timeout") then error(line, 0) end
    return nil
  end
end

--- Waits until there is something to read.
---@param timeout? number seconds
---@return boolean false: nothing came in time
function UartLite:poll(timeout)
  return self._interrupt:wait(timeout, function() return fetch(self) or #self._kept > 0 end) ~= nil
end

--- Puts bytes into the FIFO as long as there is room. `fresh`: any room will do; else an interrupt is
--- waited for, which comes when it is empty. True when some went in.
local function push(self, bytes, sent, fresh)
  local word, n = status(self), sent
  if not fresh and word & TX_EMPTY == 0 and self._interrupt:wired() then return false, sent end
  while n < #bytes and word & TX_FULL == 0 do
    n = n + 1
    self.mmio:write(TX_FIFO, bytes:byte(n))
    word = status(self)
  end
  return n > sent, n
end

--- Sends bytes; returns when the last one is in the FIFO.
---@param bytes string|table|userdata
---@param timeout? number seconds, for all of them
---@return integer n bytes sent
--- Raises `timeout` when the FIFO stays full; its field `sent` says how many are on their way.
function UartLite:write(bytes, timeout)
  if type(bytes) == "number" then
    errors.raise("type", "write takes a string or a list of bytes, not a number; registers are at uart.mmio:write")
  end
  bytes = bytes_of(bytes)
  local left, seconds = self._interrupt:limit(timeout or lunq.time_limit + #bytes * self._frame * 2e-9)
  local _ <close> = self._writing:hold(left())
  local sent, fresh = 0, true
  while sent < #bytes do
    local went = self._interrupt:wait(left(), function()
      local some
      some, sent = push(self, bytes, sent, fresh)
      fresh = false
      return some
    end)
    if not went then
      error(errors.new("timeout", ("%s: sent %d of %d bytes in %g s, then its FIFO stayed full. A byte should take "
            .. "%.3g ms at %d baud. %s"):format(self.fullpath, sent, #bytes, seconds, self._frame / 1e6, self.baudrate,
            flags.text("STAT", status(self), STAT_NAMES)), { sent = sent }), 0)
    end
  end
  return #bytes
end

--- Waits until all that was written has left: the FIFO is empty and the last byte is over.
---@param timeout? number seconds
--- Raises `timeout`.
function UartLite:flush(timeout)
  local _, seconds = self._interrupt:limit(timeout)
  if not self._interrupt:wait(seconds, function() return status(self) & TX_EMPTY ~= 0 end) then
    errors.raise("timeout", "%s: its transmit FIFO was not empty after %g s: does its clock run? %s", self.fullpath,
                 seconds, flags.text("STAT", status(self), STAT_NAMES))
  end
  self.device:advance(math.ceil(self._tail)) -- the FIFO is empty when the last data bit goes out
end

function UartLite:__tostring()
  return ("UartLite %s (%s) %#x+%#x: %d baud, %d bits"):format(self.fullpath, self.type, self.phys_addr,
                                                              self.addr_range, self.baudrate, self.data_bits)
end

return UartLite
