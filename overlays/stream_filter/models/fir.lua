--- Model of the FIR core for simulated devices: the C++ function of the README, written in Lua.
local lunq = require "lunq"

local N <const> = 8

local FirModel = lunq.Model:extend { models = { "acme.com:hls:fir:1.0" },
  signature = [[void fir(hls::stream<ap_axis<32, 0, 0, 0>> &x, hls::stream<ap_axis<32, 0, 0, 0>> &y,
    int taps_0, int taps_1, int taps_2, int taps_3, int taps_4, int taps_5, int taps_6, int taps_7, int shift)]] }

local function step(past, taps, shift, x)
  local sum = 0
  for k = N, 2, -1 do
    past[k] = past[k - 1]
    sum = sum + taps[k] * past[k]
  end
  past[1] = x
  return (sum + taps[1] * x) // (1 << shift) -- >> of a signed number in C
end

--- One packet, which starts from silence. The core runs again at once (ap_ctrl_none); reading waits for
--- samples and writing for room, so when nobody receives, the sender stops too.
function FirModel:call(a)
  local past = {} -- the last samples, the newest first
  for k = 1, N do past[k] = 0 end
  repeat
    local samples, last = a.x:read_some()
    local taps, shift = {}, a.shift & 31
    for k = 1, N do taps[k] = a["taps_" .. k - 1] end
    for i, x in ipairs(samples) do samples[i] = step(past, taps, shift, x) end
    a.y:write(samples, last)
  until last
end

return FirModel
