local lunq = require "lunq"
local support = dofile "spec/dma/support.lua"

-- Memory a device may still write is never freed or reused (DESIGN.md section 6).
describe("the memory of a DMA transfer", function()
  local lb
  before_each(function() lb = support.open() end)
  after_each(function() if lb then lb:close() end end)

  it("is not freed while the transfer is under way, and freed when it ends", function()
    local dst <close> = lunq.allocate(64, "u1", { target = lb.device })
    lb.recv:transfer(dst)
    local count = lb.device.memory.count
    local e = support.error_of(dst.freebuffer, dst)
    assert.equal("runtime", e.kind)
    assert.matches("in use by a transfer", e.message)
    assert.equal(count, lb.device.memory.count)
    lb.send:transfer(lb:pattern(64))
    lb.send:wait()
    assert.equal(64, lb.recv:wait())
    assert.equal(count, lb.device.memory.count) -- the pattern came, dst went
  end)

  it("stays when its buffer is garbage", function()
    local recv, send = lb.recv, lb.send
    do
      local dst = lunq.allocate(64, "u1", { target = lb.device })
      recv:transfer(dst)
    end
    collectgarbage()
    collectgarbage()
    assert.equal(1, lb.device.memory.count)
    send:transfer(lb:pattern(64)) -- would land in freed memory
    send:wait()
    assert.equal(64, recv:wait())
    assert.equal(1, lb.device.memory.count)
  end)

  it("stays after a time-out, until the engine is reset", function()
    local dst <close> = lunq.allocate(64, "u1", { target = lb.device })
    lb.recv:transfer(dst)
    assert.equal("timeout", support.error_of(lb.recv.wait, lb.recv, 0.01).kind)
    assert.equal("runtime", support.error_of(dst.freebuffer, dst).kind)
    assert.equal(1, lb.device.memory.count)
    lb.dma:reset()
    assert.equal(0, lb.device.memory.count)
  end)

  it("stays after an error, until the engine is reset", function()
    local dst <close> = lunq.allocate(16, "u1", { target = lb.device })
    lb.recv:transfer(dst)
    lb.send:transfer(lb:pattern(64))
    assert.equal("runtime", support.error_of(lb.recv.wait, lb.recv).kind)
    assert.equal("runtime", support.error_of(dst.freebuffer, dst).kind)
    assert.equal(2, lb.device.memory.count)
    lb.dma:reset()
    assert.equal(1, lb.device.memory.count)
  end)

  it("goes when the driver is closed, which ends the transfer", function()
    local dst <close> = lunq.allocate(64, "u1", { target = lb.device })
    lb.recv:transfer(dst)
    lb.dma:free()
    dst:close()
    assert.equal(0, lb.device.memory.count)
  end)

  -- user-wishes 11: no DMA goes on writing into memory after its overlay is gone.
  it("goes when the overlay is freed, which ends the transfer", function()
    local ol = lunq.Overlay(support.hwh, { device = "sim" })
    local device = ol.device
    local dst <close> = lunq.allocate(64, "u1", { target = device })
    ol.axi_dma.recvchannel:transfer(dst)
    ol.axi_dma_sg.recvchannel:transfer(dst)
    ol:free()
    dst:close()
    assert.equal(0, device.memory.count)
    device:close()
  end)

  it("goes when another design is loaded over the transfer", function()
    local device = lunq.core.device_open "sim?seed=3"
    local old = lunq.Overlay(support.hwh, { device = device })
    local dst <close> = lunq.allocate(64, "u1", { target = device })
    local recv = old.axi_dma.recvchannel
    recv:transfer(dst)
    local new = lunq.Overlay(support.hwh, { device = device })
    dst:close()
    assert.equal(0, device.memory.count)
    assert.equal("runtime", support.error_of(recv.wait, recv).kind)
    assert.is_true(new.axi_dma.recvchannel.running)
    new:free()
    old:free()
    device:close()
  end)

  it("goes when the driver is garbage", function()
    local mmio = lunq.core.mmio(lb.description.phys_addr, lb.description.addr_range, lb.device)
    local dst <close> = lunq.allocate(64, "u1", { target = lb.device })
    do
      local engine = lunq.core.dma(mmio, "axi_dma", lb.description.parameters)
      engine:channel "s2mm":transfer(dst)
    end
    collectgarbage()
    collectgarbage()
    dst:close()
    mmio:close()
    assert.equal(0, lb.device.memory.count)
  end)

  it("is held once per channel when both use it", function()
    local b <close> = lunq.allocate(128, "u1", { target = lb.device })
    lb.recv:transfer(b, 64, 64)
    lb.send:transfer(b, 0, 64)
    lb.send:wait()
    assert.equal("runtime", support.error_of(b.freebuffer, b).kind)
    lb.recv:wait()
    assert.equal(0, lb.device.memory.count)
  end)
end)
