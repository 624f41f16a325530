--- AXI GPIO 2.0: one or two channels of up to 32 lines, inputs and outputs, with interrupts.
--
--   local leds, btns = ol.leds, ol.btns
--   leds:setdirection "out"                 -- not needed when the design says C_ALL_OUTPUTS
--   leds[0]:on(); leds["0:4"]:write(5)      -- line 0; lines 0 to 3, as PYNQ writes a slice
--   print(btns[2]:read(), btns.channel1["0:4"]:read())
--   btns[0]:wait_for_value(1)               -- seconds as the second argument: lunq.time_limit
--
-- gpio[i] and gpio["a:b"] are those of channel1; channel2 is there when the design has it (C_IS_DUAL).
-- What a channel and its lines can do: lua/lunq/gpio/channel.lua and lines.lua. A direction says how
-- lines are used and writes no register: In lines read, Out lines write DATA and remember what they wrote,
-- InOut lines turn the pins as needed. A block that is not all outputs drives its pins only with InOut, or
-- after channel.trimask = 0.
-- Registers and rules: registers.md section 8 (PG144); behaviour: pynq-behaviour.md B7, C25 to C27.
local lunq = require "lunq"
local errors = require "lunq.errors"
local Channel = require "lunq.gpio.channel"
local InterruptSource = require "lunq.interrupt_source"
local waiting = require "lunq.waiting"
local lines = require "lunq.gpio.lines"

local AxiGPIO = lunq.DefaultIP:extend {
  bindto = { "xilinx.com:ip:axi_gpio:2.0" }, __name = "AxiGPIO", element = lines.InOut,
  parts = { channel1 = Channel, channel2 = { Channel, with = "C_IS_DUAL" } },
}

--- The directions, for setdirection; "in", "out" and "inout" do as well.
AxiGPIO.Input, AxiGPIO.Output, AxiGPIO.InOut = lines.Input, lines.Output, lines.InOut

local GIER <const>, ISR <const>, IER <const> = 0x11c, 0x120, 0x128
local PIN <const> = "ip2intc_irpt"
local PAUSE <const> = 10000 -- ns between two looks where nothing is wired: fast for a person

--- Notes what ISR says for everybody who waits, and clears it: a bit toggles when 1 is written, so only
--- bits that were read as 1 are written.
local function collect(self)
  local isr = self.mmio:read(ISR) & 3
  if isr ~= 0 then self.mmio:write(ISR, isr) end
  for i = 1, 2 do
    if isr & (1 << (i - 1)) ~= 0 then self._seen[i] = self._seen[i] + 1 end
  end
end

local function change_of(self, number)
  local bit <const> = 1 << (number - 1)
  return InterruptSource(self, {
    pin = PIN, pause = PAUSE,
    enable = function(on) self.mmio:update(IER, bit, on and bit or 0) end,
    clear = function() collect(self) end,
  })
end

--- Opens the channels. With an interrupt pin the global enable is set; nothing else is accessed.
---@param description table entry of ip_dict
function AxiGPIO:init(description)
  lunq.DefaultIP.init(self, description)
  self.has_interrupts = (description.interrupts or {})[PIN] ~= nil
  self._seen, self._told = { 0, 0 }, { 0, 0 } -- changes of each channel so far, and those waits ended with
  self._changes = { change_of(self, 1), change_of(self, 2) }
  self.channel1 = Channel(self, 1)
  self._second = tonumber(self.parameters.C_IS_DUAL or 0) == 1 and Channel(self, 2) or nil
  if self.has_interrupts then self.mmio:write(GIER, 0x80000000) end
end

--- A channel by number. Raises `value` when the block has no such channel.
---@param number integer 1 or 2
function AxiGPIO:channel(number)
  if number == 1 or number == nil then return self.channel1 end
  if number == 2 and self._second then return self._second end
  errors.raise("value", "AXI GPIO %s has no channel %s: it has %s", self.fullpath, tostring(number),
               self._second and "1 and 2" or "1 only (C_IS_DUAL is 0)")
end

--- How many lines of a channel are used: at most those it has, which is the default.
function AxiGPIO:setlength(length, channel) self:channel(channel):setlength(length) end

--- How the lines of a channel are used.
---@param direction any AxiGPIO.Input, .Output, .InOut, or "in", "out", "inout"
function AxiGPIO:setdirection(direction, channel)
  if not Channel.is_direction(direction) then
    errors.raise("value", "direction should be one of AxiGPIO.{Input,Output,InOut}")
  end
  self:channel(channel):setdirection(direction)
end

-- ---- interrupts: one pin for both channels ----------------------------------------------------------

--- Waits until look() gives true; between two looks it sleeps until an input of the channel changes,
--- or for a while where no interrupt is wired.
---@param number integer channel
---@param timeout number|nil seconds
---@param look function
---@param what function the text of the error when time is over
function AxiGPIO:_wait_until(number, timeout, look, what)
  local source <const> = self._changes[number]
  local _, seconds = waiting.limit(self.device, timeout)
  local done, why = source:wait(timeout, look)
  if done then return end
  if not source:wired() then why = "It was polled: no interrupt of the IP is wired, or none that works." end
  errors.raise("timeout", "%s within %s.%s", what(), waiting.time_text(seconds),
               why and "\n" .. tostring(why) or "")
end

--- Waits until an input of the channel has changed since the last such wait.
---@param number integer channel
---@param timeout? number seconds
function AxiGPIO:_wait_for_change(number, timeout)
  if not self.has_interrupts then errors.raise("runtime", "Interrupts not available for this IP") end
  if not self.interrupts[PIN] then
    errors.raise("runtime", "Interrupts not available for this IP (%s)", self.fullpath)
  end
  local told <const> = self._told[number]
  local function look()
    collect(self)
    local seen = self._seen[number]
    if seen ~= told then self._told[number] = seen end
    return seen ~= told
  end
  self:_wait_until(number, timeout, look, function()
    return ("AXI GPIO %s: no input of channel %d changed"):format(self.fullpath, number)
  end)
end

-- nil for a channel that is left out, not "no such name"; lines of the first channel by number.
function AxiGPIO:missing(name)
  if name == "channel2" then return rawget(self, "_second") end
  if math.type(name) == "integer" or type(name) == "string" and name:find "^%-?%d*:" then
    return self.channel1[name]
  end
  return lunq.DefaultIP.missing(self, name)
end

function AxiGPIO:__len() return #self.channel1 end

function AxiGPIO:__tostring()
  local second = self._second
  return ("AxiGPIO %s (%s) %#x+%#x: %s%s%s"):format(
    self.fullpath, self.type or "no VLNV", self.phys_addr, self.addr_range, tostring(self.channel1),
    second and ", " .. tostring(second) or "", self.has_interrupts and ", interrupts" or "")
end

return AxiGPIO
