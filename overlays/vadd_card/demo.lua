--- Buffers in banks, kernels, and runs that wait for runs, on a card: a simulated one when none is named.
--   lunq overlays/vadd_card/demo.lua
--   lunq --device xrt:0 overlays/vadd_card/demo.lua
local lunq = require "lunq"

local here = arg and arg[0] and arg[0]:match "^(.*)/[^/]*$" or "."
local ol <close> = lunq.Overlay(here .. "/vadd_card.lua", { device = os.getenv "LUNQ_DEVICE" or "sim:alveo" })
print(ol)
print()

local function show(what, buffer) print(what, table.concat(buffer:totable(), " ")) end

-- Each buffer has to be in the bank its argument is connected to.
local N <const> = 1024
local a <close> = lunq.allocate(N, "i4", { target = ol.bank0 })
local b <close> = lunq.allocate(N, "i4", { target = ol.bank1 })
local c <close> = lunq.allocate(N, "i4", { target = ol.bank1 })
for i = 1, N do
  a[i] = i
  b[i] = 100 * i
end
print(("a is in %s at %#x, c in %s at %#x"):format(a.bank, a.device_address, c.bank, c.device_address))

-- Host and card have copies of their own.
a:sync_to_device()
b:sync_to_device()
ol.vadd_1:call(a, b, c, N)
show("without a sync: ", c:slice(1, 4))
c:sync_from_device()
show("with one:       ", c:slice(1, 4))

-- A part of a buffer is a buffer: it moves its own bytes only, and is an argument.
a:slice(1, 4):set(0)
a:slice(1, 2):sync_to_device()
ol.vadd_1:call { a = a:slice(1, 4), b = b:slice(1, 4), c = c:slice(1, 4), n = 4 }
c:slice(1, 4):sync_from_device()
show("two new zeros:  ", c:slice(1, 5))
print()

-- Both compute units at once, and what needs both after them: the card does not wait for Lua in between.
local sum <close> = lunq.allocate(N, "i4", { target = ol.bank1 })
local half <const> = N // 2
a:sync_to_device()
local low = ol.vadd_1:start(a:slice(1, half), b:slice(1, half), sum:slice(1, half), half)
local high = ol.vadd_2:start(a:slice(half + 1, N), b:slice(half + 1, N), sum:slice(half + 1, N), half)
local all = ol.kernels.vadd:start(a, sum, c, N, { waitfor = { low, high } })
print(low, high, all)
all:wait()
c:sync_from_device()
show("2 * a + b:      ", c:slice(-4, -1))
