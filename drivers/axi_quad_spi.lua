--- AXI Quad SPI 3.2 in standard mode, as the master of a SPI bus.
--
--   local spi = ol.axi_quad_spi_0
--   spi:configure { mode = 0, select = 1 }
--   spi:transfer "\x9f\0\0\0"                     --> as many bytes as were sent
--   spi:query("\x03\0\0\0", 16)                   --> 16 bytes that follow a command
--   spi:selected(function() spi:transfer(a) spi:transfer(b) end)     -- one selection
--   local flash = spi:flash()                     -- a serial flash; see lunq.spi_flash
--
-- Each word sent brings one back: the driver fills the transmit FIFO, lets it run, and takes exactly
-- as many words out of the receive FIFO. DRR is never read while it is empty, which on a board can
-- hang the whole bus (PYNQ issue 1435).
-- The speed is fixed in the design (C_SCK_RATIO). Words of 16 or 32 bits are two or four bytes of
-- the string, the most significant first: the bytes leave in the order of the string.
-- Registers and rules: registers.md section 12 (PG153, embeddedsw).
local lunq = require "lunq"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"

local QuadSPI = lunq.DefaultIP:extend { bindto = { "xilinx.com:ip:axi_quad_spi:3.2" }, __name = "QuadSPI" }

local SRR <const>, SPICR <const>, SPISR <const>, DTR <const>, DRR <const> = 0x40, 0x60, 0x64, 0x68, 0x6c
local SSR <const>, RX_OCY <const> = 0x70, 0x78
local LOOP <const>, SPE <const>, MASTER <const>, INHIBIT <const>, LSB_FIRST <const> = 1, 2, 4, 0x100, 0x200
local MANUAL_SS <const>, RESET_FIFOS <const> = 0x80, 0x60
local RX_EMPTY <const>, MODF <const> = 0x01, 0x10
local RESET_KEY <const> = 0xa
local NONE <const> = 0xffffffff -- no select

--- Opens the IP and resets it: mode 0, select 0, most significant bit first.
---@param description table entry of ip_dict
--- Raises `unsupported` for XIP mode, which has other registers.
function QuadSPI:init(description)
  lunq.DefaultIP.init(self, description)
  local function parameter(name, otherwise) return tonumber(self.parameters[name]) or otherwise end
  if parameter("C_XIP_MODE", 0) ~= 0 then
    errors.raise("unsupported", "%s is in XIP mode: its memory is read through its AXI4 port", self.fullpath)
  end
  self.fifo_depth = parameter("C_FIFO_DEPTH", 16)
  self.word_bits = parameter("C_NUM_TRANSFER_BITS", 8)
  self.selects = parameter("C_NUM_SS_BITS", 1)
  self._word_ns = self.word_bits * parameter("C_SCK_RATIO", 16) * 10 -- at 100 MHz: only paces the polling
  self:reset()
end

--- Resets the IP, the configuration and the FIFOs.
---@return table self
function QuadSPI:reset()
  self.mmio:write(SRR, RESET_KEY)
  self._control, self._line, self._holding = SPE | MASTER | MANUAL_SS, 0, false
  self.mmio:write(SSR, NONE)
  self.mmio:write(SPICR, self._control | INHIBIT | RESET_FIFOS)
  return self
end

local OPTIONS <const> = { mode = true, select = true, lsb_first = true, loopback = true }

--- Says how to talk. What is left out stays as it is.
---@param options table mode: 0 to 3 (CPOL * 2 + CPHA); select: line, from 0; lsb_first, loopback: booleans
---@return table self
--- Raises `value` for what the design or the bus doesn't have.
function QuadSPI:configure(options)
  for name in pairs(options) do
    if not OPTIONS[name] then
      errors.raise("value", 'configure has no option "%s"; it has mode, select, lsb_first and loopback', tostring(name))
    end
  end
  local mode, line = options.mode, options.select
  if mode and (math.type(mode) ~= "integer" or mode < 0 or mode > 3) then
    errors.raise("value", "a SPI mode is 0, 1, 2 or 3, not %s", tostring(mode))
  end
  if line and (math.type(line) ~= "integer" or line < 0 or line >= self.selects) then
    errors.raise("value", "%s has selects 0 to %d, not %s", self.fullpath, self.selects - 1, tostring(line))
  end
  if self._holding then errors.raise("runtime", "%s is in the middle of a selection", self.fullpath) end
  local control = self._control
  if mode then control = control & ~0x18 | (mode & 2) << 2 | (mode & 1) << 4 end
  if options.lsb_first ~= nil then control = control & ~LSB_FIRST | (options.lsb_first and LSB_FIRST or 0) end
  if options.loopback ~= nil then control = control & ~LOOP | (options.loopback and LOOP or 0) end
  self._control, self._line = control, line or self._line
  self.mmio:write(SPICR, control | INHIBIT)
  return self
end

local function deselect(self)
  self.mmio:write(SSR, NONE)
  self._holding = false
end

--- Ends a transfer that failed: nothing is selected, and both FIFOs are empty.
local function give_up(self)
  self.mmio:write(SPICR, self._control | INHIBIT | RESET_FIFOS)
  deselect(self)
end

--- Words that can be read now; nil when there are none. Reading SPISR clears the mode fault.
local function ready(self)
  local word = self.mmio:read(SPISR)
  if word & MODF ~= 0 then return "mode fault" end
  if word & RX_EMPTY ~= 0 then return nil end
  return self.fifo_depth > 0 and self.mmio:read(RX_OCY) + 1 or 1
end

--- Sends words, at most as many as fit into the FIFO, and takes as many.
local function exchange(self, words, first, last, back, limit, began)
  local mmio, device = self.mmio, self.device
  for i = first, last do mmio:write(DTR, words[i]) end
  mmio:write(SPICR, self._control)
  local at = first
  while at <= last do
    local left = math.max(0, limit - (device:now() - began) / 1e9)
    local n = waiting.wait(device, left, self._word_ns, function() return ready(self) end)
    if n == "mode fault" then
      give_up(self)
      errors.raise("io", "%s: mode fault: another master selects this one (its SPISEL pin is low)", self.fullpath)
    elseif n == nil then
      give_up(self)
      errors.raise("timeout", "%s: %d of %d words came back in %g s: is the SPI clock (ext_spi_clk) running?",
                   self.fullpath, at - 1, #words, limit)
    end
    for _ = 1, math.min(n, last - at + 1) do
      back[at] = mmio:read(DRR)
      at = at + 1
    end
  end
  mmio:write(SPICR, self._control | INHIBIT)
end

--- A string as words, the first byte on top.
local function to_words(self, bytes)
  local size = self.word_bits // 8
  if #bytes % size ~= 0 then
    errors.raise("value", "%s sends words of %d bytes: %d bytes are not a whole number of them", self.fullpath, size,
                 #bytes)
  end
  if size == 1 then
    local words = {}
    for i = 1, #bytes do words[i] = bytes:byte(i) end
    return words
  end
  local words, format = {}, ">I" .. size
  for i = 1, #bytes, size do words[#words + 1] = string.unpack(format, bytes, i) end
  return words
end

local function to_string(self, words)
  local size = self.word_bits // 8
  local format, parts = ">I" .. size, {}
  for i, word in ipairs(words) do parts[i] = string.pack(format, word) end
  return table.concat(parts)
end

--- Sends bytes and gives those that came back meanwhile.
-- The select is active for the whole transfer, and stays so inside of selected().
---@param bytes string
---@param timeout? number seconds
---@return string as many bytes
--- Raises `timeout` when they don't come back, `io` for a mode fault; nothing is selected then.
function QuadSPI:transfer(bytes, timeout)
  if type(bytes) ~= "string" then errors.raise("type", "transfer takes a string of bytes, not %s", type(bytes)) end
  local words, back = to_words(self, bytes), {}
  local limit, began, depth = timeout or lunq.time_limit, self.device:now(), math.max(1, self.fifo_depth)
  self.mmio:write(SPICR, self._control | INHIBIT | RESET_FIFOS)
  if not self._holding then self.mmio:write(SSR, ~(1 << self._line) & NONE) end
  for first = 1, #words, depth do
    exchange(self, words, first, math.min(#words, first + depth - 1), back, limit, began)
  end
  if not self._holding then deselect(self) end
  return to_string(self, back)
end

--- Sends a command and gives the n bytes that follow it.
---@param command string
---@param n integer
---@param timeout? number seconds
---@return string n bytes
--- Raises as transfer does.
function QuadSPI:query(command, n, timeout)
  if math.type(n) ~= "integer" or n < 0 then
    errors.raise("value", "query takes a number of bytes, at least 0, not %s", tostring(n))
  end
  return self:transfer(command .. ("\0"):rep(n), timeout):sub(#command + 1)
end

--- Calls f(spi) with the select active from begin to end, however many transfers it makes.
---@return any what f returns
function QuadSPI:selected(f)
  if self._holding then errors.raise("runtime", "%s is in the middle of a selection", self.fullpath) end
  self.mmio:write(SSR, ~(1 << self._line) & NONE)
  self._holding = true
  local results = table.pack(pcall(f, self))
  deselect(self)
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

--- A serial NOR flash at a select.
---@param line? integer select; the configured one when left out
---@return table flash lunq.spi_flash
function QuadSPI:flash(line) return require "lunq.spi_flash"(self, line or self._line) end

function QuadSPI:__tostring()
  return ("QuadSPI %s (%s) %#x+%#x: words of %d bits, FIFO %d, %d select%s"):format(
    self.fullpath, self.type, self.phys_addr, self.addr_range, self.word_bits, self.fifo_depth, self.selects,
    self.selects == 1 and "" or "s")
end

return QuadSPI
