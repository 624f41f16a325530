--- Driver of the FIR filter: its taps, and a wait for the interrupt of a packet.
local lunq = require "lunq"

local Fir = lunq.DefaultIP:extend { __name = "Fir", bindto = { "acme.com:user:fir:1.0" }, n_taps = 8 }

local VERSION <const> = 0x46495201
local PACKET <const>, OVERFLOW <const> = 1, 2 -- bits of INT_STATUS

--- Raises `device` when something else than this filter answers.
function Fir:init(description)
  lunq.DefaultIP.init(self, description)
  local version = self.register_map.VERSION:get()
  if version ~= VERSION then
    lunq.errors.raise("device", "%s: VERSION is 0x%08x, not 0x%08x: this is no such filter, or it has no clock",
                      self.fullpath, version, VERSION)
  end
  self:clear()
end

--- Sets the coefficients: y[n] = (taps[1] * x[n] + taps[2] * x[n - 1] + ...) >> shift, cut to 32 bits.
---@param taps integer[] 1 to 8 signed 32-bit integers; the rest of the taps become 0
---@param shift? integer 0 to 31, default 0
--- Raises `value`; the filter is not touched then.
function Fir:set(taps, shift)
  shift = shift or 0
  if #taps < 1 or #taps > self.n_taps then
    lunq.errors.raise("value", "%s has %d taps, not %d", self.fullpath, self.n_taps, #taps)
  elseif math.type(shift) ~= "integer" or shift < 0 or shift > 31 then
    lunq.errors.raise("value", "%s: shift is %s; it goes from 0 to 31", self.fullpath, tostring(shift))
  end
  for k, tap in ipairs(taps) do
    local n = math.tointeger(tap)
    if not n or n < -0x80000000 or n > 0x7fffffff then
      lunq.errors.raise("value", "%s: tap %d is %s; taps are signed 32-bit integers", self.fullpath, k, tostring(tap))
    end
  end
  for k = 1, self.n_taps do self.register_map["TAP_" .. k - 1] = (taps[k] or 0) & 0xffffffff end
  self.register_map.SHIFT = shift
end

--- Forgets the past samples, the counters and what has happened.
function Fir:clear()
  self.register_map.CONTROL = 3 -- ENABLE, CLEAR
  self.register_map.INT_STATUS = PACKET | OVERFLOW
end

--- Waits for the interrupt: the last sample of a packet has left the filter.
---@param timeout? number seconds, default lunq.time_limit
---@return boolean overflow a sum did not fit since the last wait, so that a sample is too small
--- Raises `timeout`.
function Fir:wait(timeout)
  local registers = self.register_map
  registers.INT_ENABLE = PACKET
  local ok, e = pcall(self.irq.wait, self.irq, timeout)
  registers.INT_ENABLE = 0
  if not ok then error(e, 0) end
  local status = registers.INT_STATUS:get()
  registers.INT_STATUS = status -- write one to clear
  return status & OVERFLOW ~= 0
end

--- Samples and packets that came out since clear().
---@return integer samples
---@return integer packets
function Fir:count() return self.register_map.SAMPLES:get(), self.register_map.PACKETS:get() end

return Fir
