--- AXI Quad SPI 3.2 in standard mode, as the master of a SPI bus.
--
--   local spi = ol.axi_quad_spi_0
--   spi:configure { mode = 0, select = 1 }
--   spi:transfer "\x9f\0\0\0"                     --> as many bytes as were sent
--   spi:transfer { 0x9f, 0, 0, 0 }                --> a list gives a list
--   spi:query("\x03\0\0\0", 16)                   --> 16 bytes that follow a command
--   spi:selected(function() spi:transfer(a) spi:transfer(b) end)     -- one selection
--   local adc = spi:chip { select = 2, mode = 3, lsb_first = true }  -- with settings of its own
--   adc:transfer(bytes)                           -- as spi; see lunq.spi_chip
--   local flash = spi:flash()                     -- a serial flash; see lunq.spi_flash
--
-- Each word sent brings one back: the driver fills the transmit FIFO, lets it run, and takes exactly
-- as many words out of the receive FIFO. DRR is never read while it is empty, which on a board can
-- hang the whole bus (PYNQ issue 1435). Where the interrupt is wired a transfer sleeps while the FIFO
-- is being sent. Tasks may use one bus: a transfer, or what is done in one selection, stays together.
-- A task that is cancelled leaves nothing selected and both FIFOs empty.
-- The speed is fixed in the design (C_SCK_RATIO). Words of 16 or 32 bits are two or four bytes of
-- the string, the most significant first: the bytes leave in the order of the string. The elements of
-- a list are words.
-- Registers and rules: registers.md section 12 (PG153, embeddedsw, Linux spi-xilinx.c).
local lunq = require "lunq"
local errors = require "lunq.errors"
local flags = require "lunq.flags"
local InterruptSource = require "lunq.interrupt_source"
local Lock = require "lunq.lock"
local SpiChip = require "lunq.spi_chip"
local waiting = require "lunq.waiting"

local QuadSPI = lunq.DefaultIP:extend { bindto = { "xilinx.com:ip:axi_quad_spi:3.2" }, __name = "QuadSPI",
                                         sends_with = "transfer(data)" }

local DGIER <const>, IPISR <const>, IPIER <const>, SRR <const> = 0x1c, 0x20, 0x28, 0x40
local SPICR <const>, SPISR <const>, DTR <const>, DRR <const> = 0x60, 0x64, 0x68, 0x6c
local SSR <const>, RX_OCY <const> = 0x70, 0x78
local SPE <const>, MASTER <const>, INHIBIT <const>, MANUAL_SS <const>, RESET_FIFOS <const> = 2, 4, 0x100, 0x80, 0x60
local RX_EMPTY <const>, MODF <const> = 0x01, 0x10
local INT_MODF <const>, DTR_EMPTY <const> = 1, 4
local RESET_KEY <const> = 0xa
local NONE <const> = 0xffffffff -- no select
local SPISR_NAMES <const> = { [0] = "RxEmpty", "RxFull", "TxEmpty", "TxFull", "MODF", "NotSelected", "CPOL_CPHA_Error",
                              "SlaveModeError", "MSB_Error", "LoopbackError", "CommandError" }
local WORTH_AN_INTERRUPT <const> = 4 -- words; fewer are over before it has come

--- The interrupt tells that the transmit FIFO has run empty: the last word is on its way then.
local function interrupt_source(self)
  local mmio, before = self.mmio, nil
  return InterruptSource(self, {
    pin = "ip2intc_irpt", pause = self.word_ns,
    enable = function(on)
      if on then before = { dgier = mmio:read(DGIER), ipier = mmio:read(IPIER) } end
      mmio:write(IPIER, on and before.ipier | INT_MODF | DTR_EMPTY or before.ipier)
      mmio:write(DGIER, on and 0x80000000 or before.dgier)
    end,
    clear = function() -- a 1 toggles
      local set = mmio:read(IPISR) & (INT_MODF | DTR_EMPTY)
      if set ~= 0 then mmio:write(IPISR, set) end
    end,
  })
end

--- Opens the IP and resets it: mode 0, select 0, most significant bit first.
---@param description table entry of ip_dict
--- Raises `unsupported` for XIP mode, which has other registers.
function QuadSPI:init(description)
  lunq.DefaultIP.init(self, description)
  local function parameter(name, otherwise) return tonumber(self.parameters[name]) or otherwise end
  if parameter("C_XIP_MODE", 0) ~= 0 then
    errors.raise("unsupported", "%s is in XIP mode: its memory is read through its AXI4 port", self.fullpath)
  end
  self.spi_mode = parameter("C_SPI_MODE", 0)
  self.fifo_depth = parameter("C_FIFO_DEPTH", 16)
  self.word_bits = parameter("C_NUM_TRANSFER_BITS", 8)
  self.selects = parameter("C_NUM_SS_BITS", 1)
  self.word_ns = self.word_bits * parameter("C_SCK_RATIO", 16) * 10 -- at 100 MHz: only paces the polling
  self._bus = Lock(self.device, self.fullpath)
  self._interrupt = interrupt_source(self)
  self._flashes = {}
  self:reset()
end

--- Resets the IP, the configuration and the FIFOs.
---@return table self
function QuadSPI:reset()
  self._own, self._selection = SpiChip(self, {}), false
  self.mmio:write(SRR, RESET_KEY)
  self.mmio:write(SSR, NONE)
  self.mmio:write(SPICR, SPE | MASTER | MANUAL_SS | INHIBIT | RESET_FIFOS)
  return self
end

-- ---- the bus: what chips use ---------------------------------------------------------------------

--- Selects a chip for as long as what this gives is not closed; the bus is this task's meanwhile. In a
--- selection of the chip it is selected already.
---@param chip table lunq.spi_chip
---@param timeout? number seconds
---@return table selection
--- Raises `runtime` in the selection of another chip.
function QuadSPI:_select(chip, timeout)
  local hold = self._bus:hold(timeout)
  local inner = self._selection
  if inner and inner ~= chip then
    hold:close()
    errors.raise("runtime", "%s is in the middle of a selection (of select %d)", self.fullpath, inner.line)
  end
  local selection = setmetatable({}, { __close = function()
    if not inner then
      self._selection = false
      pcall(self.mmio.write, self.mmio, SSR, NONE)
    end
    hold:close()
  end })
  if not inner then
    self.mmio:write(SPICR, SPE | MASTER | MANUAL_SS | INHIBIT | RESET_FIFOS | chip.control)
    self.mmio:write(SSR, ~(1 << chip.line) & NONE)
    self._selection = chip
  end
  return selection
end

--- Ends a transfer that does not come to its end: only a reset stops the word under way, which would be
--- the first one of the next transfer. The interrupt enables stay.
local function stop(self)
  local dgier, ipier = self.mmio:read(DGIER), self.mmio:read(IPIER)
  self.mmio:write(SRR, RESET_KEY)
  self.mmio:write(DGIER, dgier)
  self.mmio:write(IPIER, ipier)
end

local Transfer <const> = { __close = function(transfer)
  if not transfer.over then pcall(stop, transfer.spi) end -- when it can't be reached the first error says so
end }

local function mode_fault(self)
  errors.raise("io", "%s: mode fault: another master selects this one (its SPISEL pin is low)", self.fullpath)
end

--- How many words can be read now. Reading SPISR clears the mode fault.
local function ready(self)
  local word = self.mmio:read(SPISR)
  if word & MODF ~= 0 then mode_fault(self) end
  if word & RX_EMPTY ~= 0 then return 0 end
  return self.fifo_depth > 0 and self.mmio:read(RX_OCY) + 1 or 1
end

--- Waits for `wanted` words, all that were sent, or the first of them: without FIFO, and where there is
--- no interrupt. With it: sleeps until only the last is missing.
local function await_words(self, wanted, left)
  local function some()
    local n = ready(self)
    return n > 0 and n
  end
  if wanted < WORTH_AN_INTERRUPT or not self._interrupt:wired() then
    return waiting.wait(self.device, left(), self.word_ns, some)
  end
  return self._interrupt:wait(left(), function()
    local n = ready(self)
    return n >= wanted - 1 and n
  end)
end

--- A core for dual or quad transfers stops at commands it does not know (Linux spi-xilinx.c).
local function mode_text(self)
  if self.spi_mode == 0 then return "" end
  return (" C_SPI_MODE is %d: such a core sends only commands of its kind of flash (C_SPI_MEMORY)."):format(
    self.spi_mode)
end

local function time_out(self, at, words, seconds)
  errors.raise("timeout", "%s: %d of %d words came back in %g s: is the SPI clock (ext_spi_clk) running? %s%s",
               self.fullpath, at - 1, #words, seconds, flags.text("SPISR", self.mmio:read(SPISR), SPISR_NAMES),
               mode_text(self))
end

--- Sends words first to last, no more than the FIFO takes, and fetches as many.
local function exchange(self, control, words, first, last, back, left, seconds)
  local mmio, at = self.mmio, first
  for i = first, last do mmio:write(DTR, words[i]) end
  mmio:write(SPICR, control)
  while at <= last do
    local n = await_words(self, last - at + 1, left)
    if not n then time_out(self, at, words, seconds) end
    for _ = 1, math.min(n, last - at + 1) do
      back[at] = mmio:read(DRR)
      at = at + 1
    end
  end
  mmio:write(SPICR, control | INHIBIT)
end

--- Sends words to a chip and gives those that came back.
---@param chip table lunq.spi_chip
---@param words integer[]
---@param timeout? number seconds
---@return integer[]
function QuadSPI:_exchange(chip, words, timeout)
  local left, seconds = self._interrupt:limit(timeout)
  local _ <close> = self:_select(chip, left())
  local transfer <close> = setmetatable({ spi = self, over = false }, Transfer)
  local control = SPE | MASTER | MANUAL_SS | chip.control
  local back, depth = {}, math.max(1, self.fifo_depth)
  for first = 1, #words, depth do
    exchange(self, control, words, first, math.min(#words, first + depth - 1), back, left, seconds)
  end
  transfer.over = true
  return back
end

-- ---- what a user calls ---------------------------------------------------------------------------

--- A chip at a select, with settings of its own, whatever configure says.
---@param options table select, mode, lsb_first, loopback: as configure
---@return table chip lunq.spi_chip
function QuadSPI:chip(options) return SpiChip(self, options) end

--- Says how the methods below talk. What is left out stays as it is.
---@param options table mode: 0 to 3 (CPOL * 2 + CPHA); select: line, from 0; lsb_first, loopback: booleans
---@return table self
--- Raises `value` for what the design or the bus doesn't have, `runtime` in a selection.
function QuadSPI:configure(options)
  local _ <close> = self._bus:hold()
  if self._selection then errors.raise("runtime", "%s is in the middle of a selection", self.fullpath) end
  self._own:configure(options)
  return self
end

--- Sends bytes and gives those that came back meanwhile.
-- The select is active for the whole transfer, and stays so inside of selected().
---@param data string|integer[]|userdata a list is one of words
---@param timeout? number seconds
---@return string|integer[] received as many bytes; a list for a list
--- Raises `timeout` when they don't come back, `io` for a mode fault; nothing is selected then.
function QuadSPI:transfer(data, timeout) return self._own:transfer(data, timeout) end

--- Sends a command and gives the n bytes that follow it.
---@param command string
---@param n integer
---@param timeout? number seconds
---@return string n bytes
--- Raises as transfer does.
function QuadSPI:query(command, n, timeout) return self._own:query(command, n, timeout) end

--- Calls f(spi) with the select active from begin to end, however many transfers it makes.
---@return any what f returns
function QuadSPI:selected(f)
  return self._own:selected(type(f) == "function" and function() return f(self) end or f)
end

--- A serial NOR flash at a select.
---@param line? integer select; the configured one when left out
---@return table flash lunq.spi_flash
function QuadSPI:flash(line)
  line = line or self._own.line
  local flash = self._flashes[line] or require "lunq.spi_flash"(self:chip { select = line })
  self._flashes[line] = flash
  return flash
end

function QuadSPI:__tostring()
  return ("QuadSPI %s (%s) %#x+%#x: words of %d bits, FIFO %d, %d select%s"):format(
    self.fullpath, self.type, self.phys_addr, self.addr_range, self.word_bits, self.fifo_depth, self.selects,
    self.selects == 1 and "" or "s")
end

return QuadSPI
