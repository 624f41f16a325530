--- Two kernels with a stream between them, on a card: a simulated one when none is named.
--   lunq overlays/kernel_streams/demo.lua
--   lunq --device xrt:0 overlays/kernel_streams/demo.lua
local lunq = require "lunq"

local here = arg and arg[0] and arg[0]:match "^(.*)/[^/]*$" or "."
local ol <close> = lunq.Overlay(here .. "/kernel_streams.lua", { device = os.getenv "LUNQ_DEVICE" or "sim:alveo" })
print(ol)
print()

print(ol.dc_3)
print(ol.dc_3.source_ip)
print(ol.vmult_1.streams.in_a == ol.dc_3)
print()

-- No target: one bank alone is in use, so it is the default.
lunq.Device.active_device = ol.device
local a <close> = lunq.allocate(8, "i4")
local b <close> = lunq.allocate(8, "i4")
local d <close> = lunq.allocate(8, "i4")
local c <close> = lunq.allocate(8, "i4")
for i = 1, 8 do
  a[i], b[i], d[i] = i, 10 * i, 2
end
for _, buffer in ipairs { a, b, d } do buffer:sync_to_device() end

-- The second kernel is started first, and waits for data. `call` would wait for ever: neither is done alone.
local multiply = ol.vmult_1:start(d, c, 8)
local add = ol.vadd_1:start(a, b, 8)
lunq.gather(function() add:wait() end, function() multiply:wait() end)
print(add, multiply)
c:sync_from_device()
print("(a + b) * d =", table.concat(c:totable(), " "))
