--- AXI DMA 7.1: memory to stream (sendchannel) and stream to memory (recvchannel).
--
--   local dma = ol.axi_dma_0
--   dma.recvchannel:transfer(dst)             -- first the receiver, so that nothing is lost
--   dma.sendchannel:transfer(src)
--   dma.sendchannel:wait(); dma.recvchannel:wait()
--
-- A channel is nil when the design leaves it out. Its methods and fields (bindings/l_dma_channel.c):
--   transfer(buffer [, start [, nbytes [, cyclic]]])   start and nbytes in bytes; nbytes 0: to the end
--   transfer(buffer, { start = , nbytes = , cyclic = })
--   wait([timeout])   seconds (lunq.time_limit when not said, math.huge: no limit); gives the bytes moved
--   done()            true when the transfer is over, without waiting
--   coalesce(threshold [, delay])   scatter-gather: an interrupt for so many packets, or so many times 125
--                     clock cycles after the last one
--   ring { count = , bytes = }   scatter-gather: a stream that goes on, block by block, without losses:
--                     lua/lunq/dma_ring.lua
--   start(), stop()   running, halted, idle, error, busy, transferred, buffer_max_size, progress, status
-- A buffer, a row or a slice without gaps may be moved. The driver syncs the part it moves, and the
-- memory is held until the transfer has ended. After an error or a time-out dma:reset() brings the
-- engine back: both channels, whatever they were doing, end and (simple mode) start again.
-- Where the design wires mm2s_introut or s2mm_introut a wait that takes longer than a short transfer
-- sleeps until that interrupt, in a task and on the main thread: completion and errors both wake it, the
-- pin is enabled only meanwhile, and all who wait for one transfer wake with its bytes. An interrupt that
-- is lost costs the time limit (and a warning), not the transfer. Elsewhere a wait looks again and again.
-- What PYNQ calls wait_async is wait in a task.
-- Registers and rules: registers.md section 5 (PG021); behaviour: pynq-behaviour.md B4 and B5.
local lunq = require "lunq"
local core = require "lunq.core"
local errors = require "lunq.errors"

local DMA = lunq.DefaultIP:extend { bindto = { "xilinx.com:ip:axi_dma:7.1" }, __name = "DMA", parts = {
  sendchannel = { "lunq.DMAChannel", with = "C_INCLUDE_MM2S" },
  recvchannel = { "lunq.DMAChannel", with = "C_INCLUDE_S2MM" },
} }

--- PYNQ's checks, in PYNQ's order.
local function check(description)
  if type(description) ~= "table" then
    errors.raise("runtime", "You appear to want the old DMA driver which has been deprecated and moved to "
                 .. "pynq.lib.deprecated")
  end
  if not description.device then errors.raise("runtime", "Device not specified in description") end
  if not description.parameters then
    errors.raise("runtime", "Unable to get parameters from description; Users must use *.hwh files for "
                 .. "overlays.")
  end
end

--- Opens the engine: simple channels are started, scatter-gather ones stopped.
---@param description table entry of ip_dict
--- Raises `unsupported` for micro mode together with scatter-gather.
function DMA:init(description)
  check(description)
  lunq.DefaultIP.init(self, description)
  local pins = description.interrupts or {}
  self.engine = core.dma(self.mmio, description.fullpath, description.parameters,
                         { mm2s = pins.mm2s_introut, s2mm = pins.s2mm_introut })
  local limits = self.engine:limits()
  self.mode, self.buffer_max_size, self.limits = limits.mode, limits.max, limits
  self.sendchannel = self.engine:channel "mm2s"
  self.recvchannel = self.engine:channel "s2mm"
end

--- The channels again, as PYNQ's methods of these names give them.
function DMA:set_up_tx_channel() return self.sendchannel end
--- The same for recvchannel.
function DMA:set_up_rx_channel() return self.recvchannel end

--- Resets the whole engine. Transfers of both channels are over, their memory is released, what was
--- received is undefined. Simple channels run again, scatter-gather ones are halted, errors are gone.
-- Data that waits in a FIFO behind the DMA stays there and comes first in the next receive.
---@return table self
function DMA:reset()
  self.engine:reset()
  return self
end

--- Both channels' registers decoded, bytes moved, and what probably went wrong.
---@return string
function DMA:explain() return self.engine:explain() end

--- What both channels do, for ol:monitor(): see drivers/README.md.
---@return table[] rows
function DMA:activity()
  local rows = {}
  for _, channel in ipairs { self.sendchannel or false, self.recvchannel or false } do
    local p = channel and channel.progress
    if p then
      rows[#rows + 1] = { name = channel.name, state = p.state, done = p.done, of = p.of, total = p.total,
                          count = p.transfers, unit = p.state == "ring" and "blocks" or "bytes" }
    end
  end
  return rows
end

--- Ends transfers under way (with a reset) and releases their memory. The overlay calls this before
--- another design takes the engine's place: the memory would stay held for ever.
function DMA:release()
  if rawget(self, "engine") then self.engine:close() end
end

--- Does that and closes the registers. May be repeated.
function DMA:free()
  self:release()
  lunq.DefaultIP.free(self)
end

-- nil for a channel that is left out, not "no such name".
function DMA:missing(name)
  if name == "sendchannel" or name == "recvchannel" then return nil end
  return lunq.DefaultIP.missing(self, name)
end

function DMA:__tostring()
  local channels = (self.sendchannel and " send" or "") .. (self.recvchannel and " receive" or "")
  return ("DMA %s (%s) %#x+%#x: %s,%s, up to %d bytes"):format(
    self.fullpath, self.type, self.phys_addr, self.addr_range, self.mode, channels, self.buffer_max_size)
end

return DMA
