--- XADC Wizard 3.3 (7 series) and System Management Wizard 1.3 (UltraScale): temperature and voltages.
--
--   local adc = ol.xadc_wiz_0
--   adc:temperature()              --> 41.3, degrees Celsius; also :max_temperature(), :min_temperature()
--   adc:voltage "vccint"           --> 0.998, volts; also :max_voltage(name), :min_voltage(name)
--   adc:aux(3)                     --> 0.52, volts at auxiliary input pair 3 (0 to 1 V)
--   adc:alarms()                   --> { over_temperature = false, vccint = true, ... }
-- The PS of a Zynq has an ADC of its own, which belongs to the kernel (IIO): this is the one in the fabric.
-- Registers and conversions: registers.md section 16 (embeddedsw): data are left-aligned in 16 bits.
local lunq = require "lunq"
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"

local XADC = lunq.DefaultIP:extend {
  bindto = { "xilinx.com:ip:xadc_wiz:3.3", "xilinx.com:ip:system_management_wiz:1.3" }, __name = "XADC",
}

local SRR <const>, SR <const>, AOR <const>, RESET_KEY <const> = 0x00, 0x04, 0x08, 0xa
local EOC <const> = 0x40
local TEMP <const>, MAX_TEMP <const>, MIN_TEMP <const>, FIRST_AUX <const> = 0x00, 0x80, 0x90, 0x40
--- value, maximum, minimum: offsets in the ADC's block. VP/VN and auxiliary inputs are 1 V full scale.
local VOLTAGES <const> = {
  vccint = { 0x04, 0x84, 0x94 }, vccaux = { 0x08, 0x88, 0x98 }, vbram = { 0x18, 0x8c, 0x9c },
  vccpint = { 0x2c, 0xa0, 0xb0 }, vccpaux = { 0x30, 0xa4, 0xb4 }, vcco_ddr = { 0x34, 0xa8, 0xb8 },
  vrefp = { 0x10 }, vrefn = { 0x14 }, vp_vn = { 0x0c, full = 1 },
}
local ALARMS <const> = { [0] = "over_temperature", "temperature", "vccint", "vccaux", "vbram", "vccpint", "vccpaux",
                         "vcco_ddr" }

--- Opens the ADC as it is configured.
---@param description table entry of ip_dict
function XADC:init(description)
  lunq.DefaultIP.init(self, description)
  self.ultrascale = self.type:find("system_management", 1, true) ~= nil
  self._adc = self.ultrascale and 0x400 or 0x200
end

local function raw(self, offset) return self.mmio:read(self._adc + offset) & 0xffff end

local function celsius(self, value)
  if self.ultrascale then return value / 65536 / 0.00199451786 - 273.67 end
  return value / 65536 / 0.00198421639 - 273.15
end

--- Temperature of the chip in degrees Celsius.
---@return number
function XADC:temperature() return celsius(self, raw(self, TEMP)) end

--- The highest and the lowest since the last reset.
---@return number
function XADC:max_temperature() return celsius(self, raw(self, MAX_TEMP)) end
function XADC:min_temperature() return celsius(self, raw(self, MIN_TEMP)) end

local function voltage(self, name, which)
  local channel = VOLTAGES[name]
  if not channel or not channel[which] then
    local names = {}
    for known, c in pairs(VOLTAGES) do
      if c[which] then names[#names + 1] = known end
    end
    table.sort(names)
    errors.raise("value", "%s does not measure %s%s; it has %s", self.fullpath, tostring(name),
                 nearest.hint(tostring(name), names), table.concat(names, ", "))
  end
  return raw(self, channel[which]) * (channel.full or 3) / 65536
end

--- A voltage: vccint, vccaux, vbram, vccpint, vccpaux, vcco_ddr, vrefp, vrefn, vp_vn.
---@param name string
---@return number volts
--- Raises `value` for another name.
function XADC:voltage(name) return voltage(self, name, 1) end

--- The highest and the lowest since the last reset, of those the ADC keeps them for.
---@return number volts
function XADC:max_voltage(name) return voltage(self, name, 2) end
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

--- Which alarms are on now.
---@return table<string, boolean>
function XADC:alarms()
  local word, list = self.mmio:read(AOR), {}
  for bit = 0, #ALARMS do list[ALARMS[bit]] = word >> bit & 1 == 1 end
  return list
end

--- Waits for the end of a conversion.
---@param timeout? number seconds
--- Raises `timeout` when there is none: no clock, or the sequencer waits for a trigger.
function XADC:wait(timeout)
  local ok, e = pcall(self.mmio.poll, self.mmio, SR, EOC, EOC, timeout or lunq.time_limit)
  if ok then return end
  if not errors.is(e, "timeout") then error(e, 0) end
  errors.raise("timeout", "%s: no conversion has ended in %g s: does its clock run, or does it wait for a trigger?",
               self.fullpath, timeout or lunq.time_limit)
end

--- Resets the ADC: its configuration, minima and maxima.
---@return table self
function XADC:reset()
  self.mmio:write(SRR, RESET_KEY)
  return self
end

return XADC
