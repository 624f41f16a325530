--- The adder design on whatever device is there: lunq overlays/adder/demo.lua
local lunq = require "lunq"

local here = arg and arg[0] and arg[0]:match "^(.*)/[^/]*$" or "."
local ol <close> = lunq.Overlay(here .. "/adder.hwh")
print(ol)
print()

print("3 + 4 =", ol.adder:add(3, 4))
print("sum of 1 to 10 =", ol:sum { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 })
print()

-- What the driver's add does: a call of the C function. Or start it and look after something else.
print(ol.adder.signature)
print("5 - 7 =", ol.adder:call { a = 5, b = -7 })
local run = ol.adder:start(40, 2)
print(run)
print("40 + 2 =", run:wait())
print()

-- The same by hand, through the register map that comes out of the metadata.
local rm = ol.adder.register_map
rm.a = 20
rm.b = 22
rm.CTRL.AP_START = 1
repeat until rm.CTRL.AP_DONE == 1
print("20 + 22 =", rm.c:get())
print()
print(rm)
