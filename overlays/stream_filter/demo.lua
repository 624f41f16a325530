--- A noisy square wave goes through the filter in hardware and comes back smooth.
--   lunq overlays/stream_filter/demo.lua
--   lunq --device 'sim?coherent=0' overlays/stream_filter/demo.lua
local lunq = require "lunq"

local here = arg and arg[0] and arg[0]:match "^.*/" or ""
local ol <close> = lunq.Overlay(here .. "stream_filter.hwh")
print(ol)
print()

print("impulse response", table.concat(ol.filter:run({ 1, 0, 0, 0, 0, 0 }, { 4, 3, 2, 1 }), " "))
print("running sum     ", table.concat(ol.filter:run({ 1, 2, 3, 4, 5, 6 }, { 1, 1, 1 }), " "))
print()

--- The same noise each time, so that the picture is the same.
local function noisy_square(n)
  local samples, state = {}, 1
  for i = 1, n do
    state = state * 1103515245 + 12345 & 0x7fffffff
    samples[i] = ((i - 1) // 20 % 2 == 0 and 600 or -600) + (state >> 16) % 500 - 250
  end
  return samples
end

local function draw(title, samples)
  local rows = {}
  for level = 4, -4, -1 do
    local row = {}
    for i, sample in ipairs(samples) do row[i] = (sample + 100) // 200 == level and "*" or level == 0 and "-" or " " end
    rows[#rows + 1] = table.concat(row):gsub(" +$", "")
  end
  print(title .. "\n" .. table.concat(rows, "\n"))
end

local smooth = {} -- the mean of eight samples
for k = 1, ol.filter.fir.n_taps do smooth[k] = 1 / ol.filter.fir.n_taps end

local samples = noisy_square(80)
draw("before", samples)
draw("after", ol.filter:run(samples, ol.filter.fir:fixed(smooth)))
