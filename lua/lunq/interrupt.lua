--- Interrupt: a pin of the loaded design that tells the processor about something.
--
--   local irq = lunq.Interrupt "btns/ip2intc_irpt"      -- or ol.btns.interrupts.ip2intc_irpt
--   local count, when = irq:wait(5)                     -- seconds; lunq.time_limit when not said
--   print(irq:explain())                                -- its way to the processor, with live state
--
-- The pin is enabled only while somebody waits. Any number may wait, on one object or on several of
-- one pin, and all of them wake. An edge that comes while nobody waits is kept by the controller; a
-- level is acknowledged after the source was cleared, so clear it before waiting again. Behaviour:
-- pynq-behaviour.md B9, C28, C31, C32; order of work: registers.md section 10.
local Class = require "lunq.class"
local core = require "lunq.core"
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"

local Interrupt = Class:extend { __name = "lunq.Interrupt", missing = Class.unknown,
                                 optional = { controller = true, index = true, raw_irq = true, pin = true } }

--- An error of the core, with the nearest pin of the design where there is none of this name.
local function with_hint(e, device, name)
  if not errors.is(e, "value") or not device.design or not e.message:find "^No Pin of name" then return e end
  local names = {}
  for pin in pairs(device.design:dictionaries().interrupt_pins) do names[#names + 1] = pin end
  return errors.new("value", e.message .. nearest.hint(name, names))
end

--- Opens a pin.
---@param pin string|table name of a pin ("ip/pin"), or an entry of interrupt_pins
---@param device? userdata the active one when not given
--- Raises `value` "No Pin of name {} found".
function Interrupt:init(pin, device)
  local entry = pin
  if type(pin) == "string" then
    entry = { fullpath = pin }
  elseif type(pin) ~= "table" or type(pin.fullpath) ~= "string" then
    errors.raise("type", 'an interrupt is named by its pin, as in lunq.Interrupt "ip/pin", or by an entry '
                 .. "of interrupt_pins")
  end
  self.device = device or core.active_device()
  self.fullpath = entry.fullpath
  self.controller, self.index, self.raw_irq = entry.controller, entry.index, entry.raw_irq
  local ok, opened = pcall(core.interrupt, self.device, entry.fullpath, entry.controller, entry.index, entry.raw_irq)
  if not ok then error(with_hint(opened, self.device, entry.fullpath), 0) end
  self.pin = opened
end

--- Waits until the pin fires.
---@param timeout? number seconds of device time; math.huge: no limit
---@return integer count how often it fired since the wait began, at least 1
---@return integer when device time of the last one, ns
--- Raises `timeout` with the way of the pin explained, and `runtime` "Interrupt invalidated by Overlay
--- change" when another design was loaded, before or meanwhile.
function Interrupt:wait(timeout)
  local hold <close> = self.pin:hold()
  return hold:wait(timeout)
end

--- Begins a wait without waiting: the pin is enabled from now on. For when what causes the interrupt
--- is done in between; close it, or say `local hold <close> = irq:hold()`.
---@return userdata hold hold:wait([timeout]), hold.fired, hold:close()
function Interrupt:hold() return self.pin:hold() end

--- The way of the pin to the processor, stage by stage, and why nothing comes if that can be seen.
---@return string
function Interrupt:explain() return self.pin:explain() end

--- Lets go of the pin. May be repeated.
function Interrupt:close() self.pin:close() end
Interrupt.__close = Interrupt.close

function Interrupt:__tostring()
  return ("Interrupt %s (%s)"):format(self.fullpath, self.device.name)
end

return Interrupt
