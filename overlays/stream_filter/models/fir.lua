--- Model of the FIR core for simulated devices: the same sum as fir.cpp in the README, a sample a clock.
local lunq = require "lunq"

local FirModel = lunq.Model:extend { models = { "acme.com:hls:fir:1.0" } }

local N <const> = 8

local function signed(word) return word >= 0x80000000 and word - (1 << 32) or word end

function FirModel:reset()
  self.past = {} -- the last samples, the newest first
  self.rest = "" -- bytes of a sample that is not whole yet
  for k = 1, N do self.past[k] = 0 end
end

local function step(past, taps, shift, x)
  local sum = 0
  for k = N, 2, -1 do
    past[k] = past[k - 1]
    sum = sum + taps[k] * past[k]
  end
  past[1] = x
  return (sum + taps[1] * x) // (1 << shift) -- >> of a signed number in C
end

local function coefficients(registers)
  local taps = {}
  for k = 1, N do taps[k] = signed(registers["taps_" .. k - 1]) end
  return taps, registers.shift & 31
end

--- Some samples arrive. They are taken when the ones before have left: the core stores a few only, so
--- when nobody receives, the sender stops too.
function FirModel:stream(_, data, last)
  if self:waiting() > 0 then return false end
  local taps, shift = coefficients(self.registers)
  local bytes, out = self.rest .. data, {}
  if last and #bytes % 4 > 0 then bytes = bytes .. ("\0"):rep(4 - #bytes % 4) end
  for at = 1, #bytes - 3, 4 do
    local y = step(self.past, taps, shift, ("<i4"):unpack(bytes, at))
    out[#out + 1] = ("<I4"):pack(y & 0xffffffff)
  end
  self.rest = bytes:sub(#bytes - #bytes % 4 + 1)
  if last then self:reset() end -- the next packet starts from silence
  if #out > 0 then self:send("y", table.concat(out), last) end
end

return FirModel
