--- One message on the bus of an AXI IIC: its time limit, its waits, and what goes wrong with it.
--
--   local m <close> = Message(iic, address, #bytes, timeout, "Could not send I2C data")
--   m:begin()                       -- waits until the bus is free
--   m:start(CR_bits, address_byte)
--   local result = m:await("room")  -- true, or why it is over: "arbitration", "address", "data"
--
-- A message that does not come to its end (an error, a cancelled task) resets the IP, which lets go of
-- the bus. Bits of ISR are latched while their condition holds and toggle when 1 is written; TxEmpty
-- says that the last byte was acknowledged and the FIFO is empty (iic_control.vhd and reg_interface.vhd
-- of the core, v2.0), so it can be cleared only when there is something in the FIFO again.
-- Registers: registers.md section 11.
local Class = require "lunq.class"
local errors = require "lunq.errors"
local flags = require "lunq.flags"
local InterruptSource = require "lunq.interrupt_source"
local waiting = require "lunq.waiting"

local Message = Class:extend { __name = "lunq.iic.Message", addressed = false, moved = 0, over = false }

--- Offsets and bits of the registers, for all that drives the IP.
local R <const> = {
  GIE = 0x1c, ISR = 0x20, IER = 0x28, SOFTR = 0x40, CR = 0x100, SR = 0x104, TX_FIFO = 0x108, RX_FIFO = 0x10c,
  PIRQ = 0x120, KEY = 0xa,
  EN = 1, TX_RESET = 2, MSMS = 4, TX = 8, TXAK = 16, RSTA = 32,             -- CR
  BUSY = 4, FIFO_FULL = 0x10, RX_EMPTY = 0x40, FIFO_EMPTY = 0x80,            -- SR
  ARB_LOST = 1, TX_ERROR = 2, TX_EMPTY = 4, RX_FULL = 8, NOT_BUSY = 16, TX_HALF = 128, -- ISR, IER
  DYN_START = 0x100, DYN_STOP = 0x200,                                       -- TX_FIFO
}
Message.registers = R

local ISR_NAMES <const> = { [0] = "ArbLost", "TxError", "TxEmpty", "RxFull", "BusNotBusy", "AAS", "NAAS", "TxHalf" }
local SR_NAMES <const> = { [0] = "ABGC", "AAS", "BusBusy", "SRW", "TxFull", "RxFull", "RxEmpty", "TxEmpty" }
local CR_NAMES <const> = { [0] = "EN", "TxFifoReset", "MSMS", "TX", "TXAK", "RSTA", "GC_EN" }

--- What may be waited for, and the bits of ISR that tell it.
local EVENTS <const> = { room = R.TX_EMPTY, half = R.TX_HALF, byte = R.RX_FULL, free = R.NOT_BUSY }

--- Clears bits of ISR: a 1 toggles, so only bits that are set are written.
local function clear(mmio, bits)
  local set = mmio:read(R.ISR) & bits
  if set ~= 0 then mmio:write(R.ISR, set) end
end

--- The interrupts of an IP by event. Errors wake too, except who waits for the bus to be free, which it
--- is after an error. The looks read error bits, so those are never cleared before one.
---@param iic table driver
---@return table<string, table>
function Message.sources(iic)
  local sources, mmio = {}, iic.mmio
  for event, bits in pairs(EVENTS) do
    local enabled, before = event == "free" and bits or bits | R.ARB_LOST | R.TX_ERROR, nil
    sources[event] = InterruptSource(iic, {
      pin = "iic2intc_irpt", pause = iic.byte_ns / 4,
      enable = function(on)
        if on then before = { gie = mmio:read(R.GIE), ier = mmio:read(R.IER) } end
        mmio:write(R.IER, on and before.ier | enabled or before.ier)
        mmio:write(R.GIE, on and 0x80000000 or before.gie)
      end,
      clear = function() clear(mmio, bits) end,
    })
  end
  return sources
end

---@param iic table driver
---@param address integer
---@param wanted integer bytes to move
---@param seconds? number
---@param fail string how its errors begin
function Message:init(iic, address, wanted, seconds, fail)
  self.iic, self.mmio, self.address, self.wanted, self.fail = iic, iic.mmio, address, wanted, fail
  self.left, self.seconds = waiting.limit(iic.device, seconds)
end

function Message.__close(self)
  if self.over then return end
  self.over = true
  pcall(self.iic.reset, self.iic) -- when the IP can't be reached either, the first error says so
end

--- Marks its end. `held`: the bus stays ours for the next one.
function Message:done(held)
  self.over = true
  self.iic._held = held or false
end

function Message:clear(bits) clear(self.mmio, bits) end

--- Why the message is over, or nil.
function Message:trouble()
  local isr = self.mmio:read(R.ISR)
  if isr & R.ARB_LOST ~= 0 then return "arbitration" end
  if isr & R.TX_ERROR ~= 0 then return self.addressed and "data" or "address" end
end

--- What is seen when a message stands still.
local function time_out(self)
  local function see(register, names) return flags.text(register, self.mmio:read(R[register]), names) end
  local text = ("%s: %d of %d bytes in %g s on %s. %s, %s, %s: a chip holds SCL low (it stretches the clock for "
                .. "longer, or is stuck), or the limit is too short for %.0f Hz. The IP was reset."):format(
    self.fail, self.moved, self.wanted, self.seconds, self.iic.fullpath, see("ISR", ISR_NAMES), see("SR", SR_NAMES),
    see("CR", CR_NAMES), self.iic.frequency)
  self.over = true
  self.iic:reset()
  errors.raise("timeout", "%s", text)
end

--- Waits for an event; nil when the time is over. An interrupt that never comes costs the time limit
--- once: from then on all waits poll, and this message gets its time again.
local function await(self, event, look)
  local sources = self.iic._sources
  local source = sources[event]
  local trusted = source.trusted
  local result = source:wait(self.left(), look)
  if trusted and not source.trusted then
    for _, other in pairs(sources) do other.trusted = false end
    self.left = waiting.limit(self.iic.device, self.seconds)
  end
  return result
end

--- Waits for an event with a look of its own; time over ends the message.
---@param event string room, half, byte or free
---@param look function
---@return any result what look gave
function Message:await(event, look) return await(self, event, look) or time_out(self) end

--- Waits until the last byte (the address at first) was acknowledged and the FIFO is empty.
---@return any result true, or why the message is over
function Message:await_room()
  return self:await("room", function()
    return self:trouble() or self.mmio:read(R.ISR) & R.TX_EMPTY ~= 0
  end)
end

--- Waits for a byte in the receive FIFO. Our own "no acknowledge" behind the last one sets TxError
--- too: it is an error only when no byte comes with it.
---@return any result true, or why the message is over
function Message:await_byte()
  local mmio = self.mmio
  return self:await("byte", function()
    if mmio:read(R.SR) & R.RX_EMPTY == 0 then return true end
    local reason = self:trouble()
    if reason == "arbitration" then return reason end
    if not reason then return nil end
    local status = mmio:read(R.SR)
    if status & R.RX_EMPTY == 0 then return true end
    return status & R.BUSY == 0 and reason
  end)
end

local function is_free(mmio) return mmio:read(R.SR) & R.BUSY == 0 end

--- Waits for the STOP that ends it.
function Message:await_stop()
  self:await("free", function() return is_free(self.mmio) end)
end

--- Waits until it may begin: the bus is free, or ours.
--- Raises `timeout` when somebody else keeps it.
function Message:begin()
  local iic, mmio = self.iic, self.mmio
  if not iic._held then
    mmio:write(R.CR, R.EN | R.TX_RESET)
    mmio:write(R.CR, R.EN)
    if not await(self, "free", function() return is_free(mmio) end) then
      self.over = true
      errors.raise("timeout", "%s: 0 of %d bytes in %g s: %s", self.fail, self.wanted, self.seconds, iic:_busy_text())
    end
  end
  self:clear(R.ARB_LOST | R.TX_ERROR | R.TX_EMPTY)
end

--- START in standard mode, or a repeated one, with the address.
---@param control integer bits of CR
---@param address_byte integer with the read bit
function Message:start(control, address_byte)
  local mmio = self.mmio
  if self.iic._held then -- RSTA counts while the FIFO is empty
    mmio:write(R.CR, control | R.RSTA)
    mmio:write(R.TX_FIFO, address_byte)
    self:clear(R.TX_EMPTY) -- what it says is about the message before
  else
    mmio:write(R.TX_FIFO, address_byte)
    mmio:write(R.CR, control)
  end
end

function Message:empty_receive_fifo()
  while self.mmio:read(R.SR) & R.RX_EMPTY == 0 do self.mmio:read(R.RX_FIFO) end
end

--- Ends a message that failed. What doesn't end by itself is reset.
function Message:recover()
  local iic, mmio = self.iic, self.mmio
  mmio:write(R.CR, R.EN | R.TX_RESET)
  mmio:write(R.CR, R.EN)
  self:clear(R.ARB_LOST | R.TX_ERROR | R.TX_EMPTY)
  local free = iic._sources.free:wait(iic.byte_ns * 4e-9, function() return is_free(mmio) end)
  if free then self:done() else
    self.over = true
    iic:reset()
  end
end

return Message
