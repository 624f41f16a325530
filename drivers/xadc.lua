--- XADC Wizard 3.3 (7 series) and System Management Wizard 1.3 (UltraScale): temperature and voltages.
--
--   local adc = ol.xadc_wiz_0
--   adc:temperature()              --> 41.3, degrees Celsius; also :max_temperature(), :min_temperature()
--   adc:voltage "vccint"           --> 0.998, volts; also :max_voltage(name), :min_voltage(name)
--   adc:aux(3)                     --> 0.52, volts at auxiliary input pair 3 (0 to 1 V)
--   adc:measure()                  --> { temperature = 41.3, vccint = 0.998, vccaux = 1.803, ... }
--   adc:alarms()                   --> { over_temperature = false, vccint = true, ... }
--   adc:set_limits("vccint", 0.95, 1.05)         -- degrees or volts; outside of them there is an alarm
--   adc:wait_for_alarm("vccint", 10)             -- sleeps until it comes on; seconds
--   adc:wait()                                   -- until the next conversion has ended
-- Voltages: vccint, vccaux, vbram, vrefp, vrefn, vp_vn; the 7 series also vccpint, vccpaux, vcco_ddr (of a
-- Zynq's processing system), UltraScale vuser0 to vuser3. Where the interrupt is wired the waits sleep.
-- The PS of a Zynq has an ADC of its own, which belongs to the kernel (IIO): this is the one in the fabric.
-- Registers and conversions: registers.md section 16 (embeddedsw xsysmon_hw.h): data are left-aligned in
-- 16 bits. IPISR is the same in both; SR is not (its end of conversion is bit 5 of the XADC's, bit 6 of
-- the other's, TBV), so it is used only where the design has no interrupt registers (C_INCLUDE_INTR).
local lunq = require "lunq"
local errors = require "lunq.errors"
local flags = require "lunq.flags"
local InterruptSource = require "lunq.interrupt_source"
local nearest = require "lunq.nearest"
local waiting = require "lunq.waiting"

local XADC = lunq.DefaultIP:extend {
  bindto = { "xilinx.com:ip:xadc_wiz:3.3", "xilinx.com:ip:system_management_wiz:1.3" }, __name = "XADC",
}

local SRR <const>, SR <const>, AOR <const>, RESET_KEY <const> = 0x00, 0x04, 0x08, 0xa
local GIER <const>, IPISR <const>, IPIER <const> = 0x5c, 0x60, 0x68
local IS_EOC <const>, IS_ALARMS <const> = 0x20, 0x3fc0f
local SR_EOC <const> = 0x20 -- of the XADC
local SR_NAMES <const> = { [5] = "EOC", [6] = "EOS", [7] = "Busy", [8] = "JTAGLocked", [9] = "JTAGModified",
                           [10] = "JTAGBusy" }
local TEMP <const>, MAX_TEMP <const>, MIN_TEMP <const>, FIRST_AUX <const> = 0x00, 0x80, 0x90, 0x40
local CFR1 <const>, CFR3 <const>, OT_UPPER <const> = 0x104, 0x10c, 0x14c

--- Value, maximum, minimum: offsets in the ADC's block. VP/VN and auxiliary inputs are 1 V full scale.
local VOLTAGES <const> = {
  vccint = { 0x04, 0x84, 0x94 }, vccaux = { 0x08, 0x88, 0x98 }, vbram = { 0x18, 0x8c, 0x9c },
  vccpint = { 0x2c, 0xa0, 0xb0, of = "xadc" }, vccpaux = { 0x30, 0xa4, 0xb4, of = "xadc" },
  vcco_ddr = { 0x34, 0xa8, 0xb8, of = "xadc" },
  vuser0 = { 0x200, 0x280, 0x2a0, of = "sysmon" }, vuser1 = { 0x204, 0x284, 0x2a4, of = "sysmon" },
  vuser2 = { 0x208, 0x288, 0x2a8, of = "sysmon" }, vuser3 = { 0x20c, 0x28c, 0x2ac, of = "sysmon" },
  vrefp = { 0x10 }, vrefn = { 0x14 }, vp_vn = { 0x0c, full = 1 },
}

--- Bit in AOR; registers of the upper and the lower limit; what switches it off.
local ALARMS <const> = {
  over_temperature = { 0, 0x14c, 0x15c, CFR1, 0 }, temperature = { 1, 0x140, 0x150, CFR1, 1 },
  vccint = { 2, 0x144, 0x154, CFR1, 2 }, vccaux = { 3, 0x148, 0x158, CFR1, 3 },
  vbram = { 4, 0x160, 0x170, CFR1, 8 }, vccpint = { 5, 0x164, 0x174, CFR1, 9 },
  vccpaux = { 6, 0x168, 0x178, CFR1, 10 }, vcco_ddr = { 7, 0x16c, 0x17c, CFR1, 11 },
  vuser0 = { 9, 0x180, 0x1a0, CFR3, 0 }, vuser1 = { 10, 0x184, 0x1a4, CFR3, 1 },
  vuser2 = { 11, 0x188, 0x1a8, CFR3, 2 }, vuser3 = { 12, 0x18c, 0x1ac, CFR3, 3 },
}

--- Interrupts of the same pin: each wait enables its bits, the last one takes the global enable back.
local function enable(self, bits, on)
  local mmio, before = self.mmio, self._enabled
  self._enabled = on and before | bits or before & ~bits
  if before == 0 then self._gier = mmio:read(GIER) end
  mmio:write(IPIER, mmio:read(IPIER) & ~bits | (on and bits or 0))
  mmio:write(GIER, self._enabled ~= 0 and 0x80000000 or self._gier)
end

--- Clears bits of IPISR: a 1 toggles, so only bits that are set are written.
local function clear(self, bits)
  local set = self.mmio:read(IPISR) & bits
  if set ~= 0 then self.mmio:write(IPISR, set) end
end

local function interrupt_source(self, bits)
  return InterruptSource(self, {
    pin = "ip2intc_irpt", pause = 10000,
    enable = function(on) enable(self, bits, on) end,
    clear = function() clear(self, bits) end,
  })
end

--- Names as they are in data sheets do as well: "VCCINT".
local function lower_case(name) return type(name) == "string" and name:lower() or name end

--- Opens the ADC as it is configured.
---@param description table entry of ip_dict
function XADC:init(description)
  lunq.DefaultIP.init(self, description)
  self.ultrascale = self.type:find("system_management", 1, true) ~= nil
  self._adc = self.ultrascale and 0x400 or 0x200
  self._has_interrupts = (tonumber(self.parameters.C_INCLUDE_INTR) or 1) ~= 0
  self._enabled = 0
  self._converted, self._alarm = interrupt_source(self, IS_EOC), interrupt_source(self, IS_ALARMS)
end

-- ---- conversions ---------------------------------------------------------------------------------

local function raw(self, offset) return self.mmio:read(self._adc + offset) & 0xffff end

local function celsius(self, value)
  if self.ultrascale then return value / 65536 / 0.00199451786 - 273.67 end
  return value / 65536 / 0.00198421639 - 273.15
end

local function from_celsius(self, degrees)
  if self.ultrascale then return (degrees + 273.67) * 0.00199451786 * 65536 end
  return (degrees + 273.15) * 0.00198421639 * 65536
end

local function is_here(self, channel)
  return channel.of == nil or channel.of == (self.ultrascale and "sysmon" or "xadc")
end

--- Raises `value` for a name that is not among `known`.
local function unknown(self, what, name, known)
  table.sort(known)
  errors.raise("value", "%s %s %s%s; it has %s", self.fullpath, what, tostring(name),
               nearest.hint(tostring(name), known), table.concat(known, ", "))
end

-- ---- measuring -----------------------------------------------------------------------------------

--- Temperature of the chip in degrees Celsius.
---@return number
function XADC:temperature() return celsius(self, raw(self, TEMP)) end

--- The highest and the lowest since the last reset.
---@return number
function XADC:max_temperature() return celsius(self, raw(self, MAX_TEMP)) end
--- The lowest since then.
function XADC:min_temperature() return celsius(self, raw(self, MIN_TEMP)) end

local function voltage(self, name, which)
  name = lower_case(name)
  local channel = VOLTAGES[name]
  if not channel or not channel[which] or not is_here(self, channel) then
    local names = {}
    for known, c in pairs(VOLTAGES) do
      if c[which] and is_here(self, c) then names[#names + 1] = known end
    end
    unknown(self, "does not measure", name, names)
  end
  return raw(self, channel[which]) * (channel.full or 3) / 65536
end

--- A voltage by name; the list is at the top.
---@param name string
---@return number volts
--- Raises `value` for another name.
function XADC:voltage(name) return voltage(self, name, 1) end

--- The highest and the lowest since the last reset, of those the ADC keeps them for.
---@return number volts
function XADC:max_voltage(name) return voltage(self, name, 2) end
--- The lowest since then.
function XADC:min_voltage(name) return voltage(self, name, 3) end

--- Voltage between an auxiliary input pair.
---@param n integer 0 to 15
---@return number volts 0 to 1
function XADC:aux(n)
  if math.type(n) ~= "integer" or n < 0 or n > 15 then
    errors.raise("value", "auxiliary inputs are 0 to 15, not %s", tostring(n))
  end
  return raw(self, FIRST_AUX + 4 * n) / 65536
end

--- All at once, without the auxiliary inputs.
---@return table<string, number> degrees Celsius for `temperature`, volts for the others
function XADC:measure()
  local values = { temperature = self:temperature() }
  for name, channel in pairs(VOLTAGES) do
    if is_here(self, channel) then values[name] = self:voltage(name) end
  end
  return values
end

-- ---- alarms --------------------------------------------------------------------------------------

local function has_alarm(self, name)
  return ALARMS[name] and (not VOLTAGES[name] or is_here(self, VOLTAGES[name]))
end

local function alarm_of(self, name)
  if has_alarm(self, name) then return ALARMS[name] end
  local names = {}
  for known in pairs(ALARMS) do
    if has_alarm(self, known) then names[#names + 1] = known end
  end
  unknown(self, "has no alarm for", name, names)
end

local function decode(self, word)
  local list, any = {}, false
  for name, alarm in pairs(ALARMS) do
    if has_alarm(self, name) then
      list[name] = word >> alarm[1] & 1 == 1
      any = any or list[name]
    end
  end
  return list, any
end

--- Which alarms are on now.
---@return table<string, boolean>
function XADC:alarms() return (decode(self, self.mmio:read(AOR))) end

local function unit(self, name, value)
  local degrees = not VOLTAGES[name]
  local word = degrees and from_celsius(self, value) or value * 65536 / 3
  if word ~= word or word < 0 or word > 0xffff then
    errors.raise("value", "%s can't measure %g %s", self.fullpath, value, degrees and "degrees" or "V")
  end
  return (word + 0.5) // 1 | 0
end

--- Says when there is an alarm, and switches it on. A supply: below `low` or above `high`. A temperature:
--- above `high`, until it is below `low`.
---@param name string one of those in alarms()
---@param low number volts or degrees Celsius
---@param high number
---@return table self
--- Raises `value` for a name without alarm, or what can't be measured.
function XADC:set_limits(name, low, high)
  name = lower_case(name)
  local alarm = alarm_of(self, name)
  if type(low) ~= "number" or type(high) ~= "number" or low > high then
    errors.raise("value", "limits should be two numbers, the lower one first, not %s and %s", tostring(low),
                 tostring(high))
  end
  local lower, upper = unit(self, name, low), unit(self, name, high)
  -- UG480: the upper limit of the over-temperature counts only with 3 in its last bits.
  if alarm[2] == OT_UPPER then upper = upper & 0xfff0 | 3 end
  self.mmio:write(self._adc + alarm[2], upper)
  self.mmio:write(self._adc + alarm[3], lower)
  self.mmio:write(self._adc + alarm[4], raw(self, alarm[4]) & ~(1 << alarm[5]))
  return self
end

--- The limits of an alarm.
---@param name string
---@return number low volts or degrees Celsius
---@return number high
function XADC:limits(name)
  name = lower_case(name)
  local alarm = alarm_of(self, name)
  local function value(offset)
    local word = raw(self, offset)
    return VOLTAGES[name] and word * 3 / 65536 or celsius(self, word)
  end
  return value(alarm[3]), value(alarm[2])
end

--- Waits until an alarm is on.
---@param name? string which one; any when left out
---@param timeout? number seconds
---@return table<string, boolean> alarms all of them
--- Raises `timeout` with what is measured, `value` for a name without alarm.
function XADC:wait_for_alarm(name, timeout)
  name = lower_case(name)
  if name then alarm_of(self, name) end
  local _, seconds = waiting.limit(self.device, timeout)
  local alarms = self._alarm:wait(seconds, function()
    local list, any = decode(self, self.mmio:read(AOR))
    return name and list[name] and list or not name and any and list
  end)
  if alarms then return alarms end
  if not name then errors.raise("timeout", "%s: no alarm within %s", self.fullpath, waiting.time_text(seconds)) end
  local low, high = self:limits(name)
  local volts = VOLTAGES[name]
  errors.raise("timeout", "%s: no alarm for %s within %s: it is %.4g %s, its limits are %.4g and %.4g", self.fullpath,
               name, waiting.time_text(seconds), volts and self:voltage(name) or self:temperature(),
               volts and "V" or "degrees", low, high)
end

--- Waits until a conversion that ends from now on has ended.
---@param timeout? number seconds
--- Raises `timeout` when there is none: no clock, or the sequencer waits for a trigger.
function XADC:wait(timeout)
  local _, seconds = waiting.limit(self.device, timeout)
  local shift = self.ultrascale and 1 or 0
  if self._has_interrupts then clear(self, IS_EOC) end
  local ended = self._converted:wait(seconds, function()
    if self._has_interrupts then return self.mmio:read(IPISR) & IS_EOC ~= 0 end
    return self.mmio:read(SR) & SR_EOC << shift ~= 0
  end)
  if ended then return end
  errors.raise("timeout", "%s: no conversion has ended in %g s: does its clock run, or does it wait for a trigger? %s",
               self.fullpath, seconds, flags.text("SR", self.mmio:read(SR) >> shift, SR_NAMES))
end

--- Resets the ADC: its configuration, minima and maxima.
---@return table self
function XADC:reset()
  self.mmio:write(SRR, RESET_KEY)
  return self
end

return XADC
