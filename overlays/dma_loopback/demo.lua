--- Loads the loopback design, shows it, and moves data through both of its DMAs.
--   lunq overlays/dma_loopback/demo.lua
--   lunq --device 'sim:zynq7000?coherent=0' overlays/dma_loopback/demo.lua
local lunq = require "lunq"

local here = arg[0]:match "^.*/" or ""
local ol <close> = lunq.Overlay(here .. "dma_loopback.hwh")
print(ol)

local function report(dma, words)
  local clock = os.clock()
  local r = ol:move(dma, words)
  print(("%-10s %-6s %7d bytes received, %d of %d elements equal, %.1f us on the device, %.2f ms here")
    :format(dma.fullpath, dma.mode, r.bytes, r.equal, words, r.device_ns / 1e3, (os.clock() - clock) * 1e3))
  assert(r.equal == words, "what came back differs from what was sent")
end

report(ol.axi_dma, 1024)         -- one transfer of the length register
report(ol.axi_dma_sg, 64 * 1024) -- a chain of descriptors
