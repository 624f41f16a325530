--- Waiting for an HLS core: a short look, then its interrupt where the design wires one and nobody else
-- uses it, else looks with longer and longer rests.
--
-- The core's enables are other people's: when IP_IER has a bit set already, whoever set it waits for
-- the interrupt, and would miss what this one clears. Then the enables and IP_ISR are not touched.
local InterruptSource = require "lunq.interrupt_source"
local errors = require "lunq.errors"
local waiting = require "lunq.waiting"

local completion = {}

local CTRL <const>, GIER <const>, IP_IER <const>, IP_ISR <const> = 0x00, 0x04, 0x08, 0x0c
local AP_DONE <const> = 1 << 0 -- of IP_IER and IP_ISR
local SPIN_SECONDS <const> = 20e-6 -- about what enabling the interrupt, waking and disabling it costs
local PAUSE <const> = 1000 -- ns

--- IP_ISR is toggled by a write or, in release 2022.1, cleared by a read: what was 1 is written back once,
--- which is right for both (registers.md section 15).
local function clear_status(mmio)
  local status = mmio:read(IP_ISR) & 3
  if status ~= 0 then mmio:write(IP_ISR, status) end
  return status
end

--- Nobody uses the core's interrupts when this begins, see `usable`.
local function enable(core)
  local mmio = core.mmio
  clear_status(mmio)
  core.gier = mmio:read(GIER)
  mmio:write(IP_IER, AP_DONE)
  if core.gier & 1 == 0 then mmio:write(GIER, 1) end
end

--- What others have switched on meanwhile stays on.
local function disable(core)
  local mmio = core.mmio
  local others = mmio:read(IP_IER) & ~AP_DONE
  mmio:write(IP_IER, others)
  if others ~= 0 then return end
  clear_status(mmio) -- it stays on the line when its enable is taken away
  if core.gier & 1 == 0 then mmio:write(GIER, 0) end
end

--- What makes the line fall. The interrupt comes with AP_DONE, AP_IDLE perhaps later (dataflow).
local function clear(core)
  if clear_status(core.mmio) & AP_DONE ~= 0 then core.seen = true end
end

--- The interrupt of a core.
---@param core table HLS
---@param ip table DefaultIP
---@return table|false source false: it has none
function completion.source(core, ip)
  local r = ip.description.registers
  if not (core.controlled and r.GIER and r.IP_IER and r.IP_ISR) then return false end
  return InterruptSource(ip, {
    pin = "interrupt", pause = PAUSE,
    enable = function(on) if on then enable(core) else disable(core) end end,
    clear = function() clear(core) end,
  })
end

local function usable(core)
  local source = core.source
  return source and source:wired() and (source.holders > 0 or core.mmio:read(IP_IER) & 3 == 0)
end

--- The first look, and all there are in a short time, without leaving C.
local function spin(core, bit, seconds)
  local ok, e = pcall(core.mmio.poll, core.mmio, CTRL, bit, bit, seconds)
  if not ok and not errors.is(e, "timeout") then error(e, 0) end
  return ok
end

--- Waits until a look gives something.
---@param core table HLS: source; `seen` becomes true when the interrupt tells that the core is done
---@param left fun(): number of waiting.limit
---@param bit integer of CTRL, that makes the look give something
---@param look function
---@param quiet? boolean not by interrupt: AP_DONE is not what ends it
---@return any result what look gave; nil: time is over
function completion.wait(core, left, bit, look, quiet)
  if not core.seen and spin(core, bit, math.min(SPIN_SECONDS, left())) then return true end
  if not quiet and usable(core) then return core.source:wait(left(), look) end
  return waiting.wait(core.device, left(), PAUSE, look)
end

return completion
