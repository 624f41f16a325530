--- What goes wrong with a DMA, on purpose: each lesson makes one of the mistakes that cost people a
-- day on a board, and prints what LUNQ says about it. See README.md.
--   lunq overlays/dma_loopback/lessons.lua
local lunq = require "lunq"

local here = arg[0]:match "^.*/" or ""

local function lesson(title, device, f)
  local ol <close> = lunq.Overlay(here .. "dma_loopback.hwh", { device = device })
  local src <close> = lunq.allocate(1024, "u32", { target = ol.device })
  local dst <close> = lunq.allocate(1024, "u32", { target = ol.device })
  for i = 1, #src do src[i] = i end
  print(("\n-- %s"):format(title))
  local ok, e = pcall(f, ol.axi_dma, src, dst, ol.device)
  print(ok and "   (no error)" or tostring(e))
  ol.axi_dma:reset()
end

lesson("1. nobody receives: 4 KiB do not fit in the FIFO", "sim", function(dma, src)
  dma.sendchannel:transfer(src)
  dma.sendchannel:wait(0.1)
end)

lesson("2. the TLAST of the packet gets lost", "sim", function(dma, src, dst, device)
  device:inject { fault = "lose_tlast", ip = "axis_data_fifo_0" }
  dma.recvchannel:transfer(dst, 0, 64)
  dma.sendchannel:transfer(src, 0, 32)
  dma.sendchannel:wait(0.1)
  dma.recvchannel:wait(0.1)
end)

lesson("3. the packet is longer than the receiver expects", "sim", function(dma, src, dst)
  dma.recvchannel:transfer(dst, 0, 32)
  dma.sendchannel:transfer(src, 0, 64)
  dma.sendchannel:wait(0.1)
  dma.recvchannel:wait(0.1)
end)

lesson("4. the packet is shorter: no error, look at what wait() gives", "sim", function(dma, src, dst)
  dma.recvchannel:transfer(dst)
  dma.sendchannel:transfer(src, 0, 400)
  dma.sendchannel:wait()
  print(("   received %d of %d bytes"):format(dma.recvchannel:wait(), dst.nbytes))
end)

lesson("5. more than the length register holds", "sim", function(dma)
  local big <close> = lunq.allocate(64 * 1024, "u32", { target = dma.device })
  dma.sendchannel:transfer(big)
end)

--- The registers alone, as a driver that has never heard of caches would write them.
local function move_without_sync(regs, src, dst)
  for offset, value in pairs { [0x48] = dst.device_address, [0x18] = src.device_address } do
    regs:write(offset, value)
    regs:write(offset + 4, 0)
  end
  regs:write(0x58, dst.nbytes)
  regs:write(0x28, src.nbytes)
  regs:poll(0x34, 2, 2, 1) -- S2MM idle
end

lesson("6. memory that is not coherent: each side sees its own copy until somebody syncs",
  "sim:zynq7000?coherent=0", function(dma, src, dst)
    src[1] = 77
    move_without_sync(dma.mmio, src, dst)
    print(("   sent 77 by hand, received %d"):format(dst[1]))
    dst:sync_from_device()
    print(("   after dst:sync_from_device() %d: the DMA had read what memory held before"):format(dst[1]))
    src:sync_to_device()
    move_without_sync(dma.mmio, src, dst)
    dst:sync_from_device()
    print(("   with both syncs %d"):format(dst[1]))
    dma.recvchannel:transfer(dst)
    dma.sendchannel:transfer(src)
    dma.sendchannel:wait()
    dma.recvchannel:wait()
    print(("   the driver syncs by itself: %d"):format(dst[1]))
  end)
