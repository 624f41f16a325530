--- Driver of the FIR core: its coefficients. They are the arguments of the C++ function in the README,
-- which has no control register (ap_ctrl_none): calling it writes them, and it goes on running.
local lunq = require "lunq"

local Fir = lunq.DefaultIP:extend { __name = "Fir", bindto = { "acme.com:hls:fir:1.0" }, n_taps = 8,
  signature = [[void fir(int taps_0, int taps_1, int taps_2, int taps_3, int taps_4, int taps_5, int taps_6,
    int taps_7, int shift)]] }

local INT_MIN <const>, INT_MAX <const> = -0x80000000, 0x7fffffff

local function signed(word) return word > INT_MAX and word - (1 << 32) or word end

local function check_tap(self, k, value)
  local n = math.tointeger(value)
  if not n or n < INT_MIN or n > INT_MAX then
    lunq.errors.raise("value", "%s: tap %d is %s; taps are 32-bit integers. For fractions use fixed(taps).",
                      self.fullpath, k, tostring(value))
  end
  return n
end

--- Sets the coefficients: y[n] = (taps[1] * x[n] + taps[2] * x[n - 1] + ...) >> shift.
---@param taps integer[] 1 to 8 signed 32-bit integers; the rest of the core's taps become 0
---@param shift? integer 0 to 31, default 0
--- Raises `value`; the core is not touched then. Don't call it while samples are on their way.
function Fir:set(taps, shift)
  shift = shift or 0
  if #taps < 1 or #taps > self.n_taps then
    lunq.errors.raise("value", "%s has %d taps, not %d", self.fullpath, self.n_taps, #taps)
  end
  if math.type(shift) ~= "integer" or shift < 0 or shift > 31 then
    lunq.errors.raise("value", "%s: shift is %s; it goes from 0 to 31", self.fullpath, tostring(shift))
  end
  local arguments = { shift = shift }
  for k = 1, self.n_taps do arguments["taps_" .. k - 1] = check_tap(self, k, taps[k] or 0) end
  self:call(arguments)
end

--- What is set now.
---@return integer[] taps all of them
---@return integer shift
function Fir:get()
  local taps, registers = {}, self.register_map
  for k = 1, self.n_taps do taps[k] = signed(registers["taps_" .. k - 1]:get()) end
  return taps, registers.shift:get()
end

--- Fractions as the core wants them: set(fir:fixed { 0.25, 0.5, 0.25 }).
---@param coefficients number[]
---@param shift? integer binary places, default 15
---@return integer[] taps rounded
---@return integer shift
function Fir.fixed(_, coefficients, shift)
  local taps = {}
  shift = shift or 15
  for k, c in ipairs(coefficients) do taps[k] = math.floor(c * (1 << shift) + 0.5) end
  return taps, shift
end

return Fir
