--- A step goes through a moving average, and a sum that is too large is noticed. The same on the model and on the RTL:
--   lunq overlays/rtl_filter/demo.lua
--   lunq rtl build overlays/rtl_filter/rtl/fir.v -o fir.rtl
--   lunq --device rtl:fir.rtl overlays/rtl_filter/demo.lua
local lunq = require "lunq"

local here = arg and arg[0] and arg[0]:match "^.*/" or ""
local ol <close> = lunq.Overlay(here .. "rtl_filter.hwh")

local step = {}
for i = 1, 16 do step[i] = i <= 8 and 0 or 800 end

print("impulse response", table.concat(ol:filter({ 1, 0, 0, 0, 0, 0, 0, 0, 0 }, { 1, 2, 3, 4, 5, 6, 7, 8 }), " "))
print("step, averaged  ", table.concat(ol:filter(step, { 1, 1, 1, 1, 1, 1, 1, 1 }, 3), " "))

local samples, overflow = ol:filter({ 0x7fffffff, -0x80000000 }, { 2 })
print("twice too much  ", table.concat(samples, " "), overflow and "overflow" or "no overflow")
print("samples, packets", ol.fir:count())
