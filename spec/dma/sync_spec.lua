local support = dofile "spec/dma/support.lua"

describe("DMA on memory that is not coherent", function()
  local lb
  before_each(function() lb = support.open { device = "sim?coherent=0" } end)
  after_each(function() lb:close() end)

  it("sees what the host wrote, and the host what it wrote, without a sync in the script", function()
    local src, dst = lb:pattern(64), lb:bytes(64)
    assert.equal(64, lb:move(dst, src))
    assert.equal(src:tobytes(), dst:tobytes())
  end)

  it("shows a sync somebody forgot", function()
    local src, dst = lb:pattern(64), lb:bytes(64)
    local mmio = lb.dma.mmio
    mmio:write(0x48, dst.device_address)
    mmio:write(0x4c, 0)
    mmio:write(0x58, 64)
    mmio:write(0x18, src.device_address)
    mmio:write(0x1c, 0)
    mmio:write(0x28, 64)
    mmio:poll(0x34, 2, 2, 1)
    dst:sync_from_device()
    assert.equal(("\0"):rep(64), dst:tobytes()) -- the pattern never left the host's copy
    lb.dma:reset()
  end)

  -- C23: PYNQ flushes and invalidates the whole array for a partial transfer.
  it("syncs only the part it sends", function()
    local src, dst = lb:pattern(64), lb:bytes(64)
    lb.recv:transfer(dst, 0, 16)
    lb.send:transfer(src, 16, 16)
    lb.send:wait()
    lb.recv:wait()
    assert.equal(src:tobytes():sub(17, 32), dst:tobytes():sub(1, 16))
    src:sync_from_device() -- what the device holds: only the part that was sent
    assert.equal(("\0"):rep(16), src:tobytes():sub(1, 16))
    assert.equal(("\0"):rep(32), src:tobytes():sub(33))
  end)

  it("syncs only the part it received", function()
    local src, dst = lb:pattern(64), lb:bytes(64)
    for i = 1, 64 do dst[i] = 0xee end -- only the host knows
    lb.recv:transfer(dst, 0, 32)
    lb.send:transfer(src, 0, 16) -- TLAST comes early
    lb.send:wait()
    assert.equal(16, lb.recv:wait())
    assert.equal(src:tobytes():sub(1, 16), dst:tobytes():sub(1, 16))
    assert.equal(("\xee"):rep(48), dst:tobytes():sub(17))
  end)

  -- C21: PYNQ flushes the descriptors but never invalidates them before it reads their status.
  it("reads the descriptors' status from the device", function()
    lb:close()
    lb = support.open { device = "sim?coherent=0", ip = "axi_dma_sg" }
    local src, dst = lb:pattern(40000), lb:bytes(40000)
    for _ = 1, 3 do
      dst:fill(0)
      assert.equal(40000, lb:move(dst, src))
      assert.equal(40000, lb.send.transferred)
      assert.equal(src:tobytes(), dst:tobytes())
    end
  end)
end)
