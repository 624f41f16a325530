local support = dofile "spec/dma/support.lua"

local CURDESC <const>, TAILDESC <const> = 0x08, 0x10

--- First and last descriptor of a channel and how many there are, as its registers say just after
--- the start: CURDESC moves on with each descriptor.
local function ring(lb, base)
  local first = lb.dma.mmio:read(base + CURDESC)
  local last = lb.dma.mmio:read(base + TAILDESC)
  return first, last, (last - first) // 64 + 1
end

--- Moves n bytes; gives the number of descriptors each channel was started with.
local function descriptors(lb, dst, src, n)
  lb.recv:transfer(dst, 0, n)
  local _, _, received = ring(lb, 0x30)
  lb.send:transfer(src, 0, n)
  local _, _, sent = ring(lb, 0x00)
  lb.send:wait()
  assert.equal(n, lb.recv:wait())
  return sent, received
end

describe("a scatter-gather DMA transfer", function()
  local lb
  before_each(function() lb = support.open { ip = "axi_dma_sg" } end)
  after_each(function() lb:close() end)

  it("moves every size, with as many descriptors as it takes", function()
    local src, dst = lb:pattern(100000), lb:bytes(100000)
    for _, n in ipairs { 1, 7, 8, 9, 64, 4096, 16383, 16384, 16385, 32768, 100000 } do
      dst:fill(0)
      assert.equal(n, lb:move(dst, src, n))
      assert.equal(src:tobytes():sub(1, n), dst:tobytes():sub(1, n))
      if n < #dst then assert.equal(0, dst[n + 1]) end
      assert.equal(n, lb.send.transferred)
    end
  end)

  -- Sizes measured on PYNQ (pynq-behaviour B5): max - max % align, halved when that is more than all.
  it("splits as PYNQ does: 12 bytes aligned to 4 are three descriptors, 16 two, 40000 three", function()
    lb:close()
    lb = support.open { ip = "axi_dma_sg", changes = {
      c_m_axi_mm2s_data_width = 32, c_m_axis_mm2s_tdata_width = 32, c_m_axi_s2mm_data_width = 32,
      c_s_axis_s2mm_tdata_width = 32 } }
    local src, dst = lb:pattern(40000), lb:bytes(40000)
    for n, count in pairs { [12] = 3, [16] = 2, [40000] = 3 } do
      assert.same({ count, count }, { descriptors(lb, dst, src, n) })
    end
  end)

  -- C19: PYNQ divides by zero here.
  it("uses one descriptor for as many bytes as the alignment, and for less", function()
    local src, dst = lb:pattern(64), lb:bytes(64)
    for _, n in ipairs { 8, 3, 1 } do
      assert.same({ 1, 1 }, { descriptors(lb, dst, src, n) })
    end
  end)

  -- C18: PYNQ leaves `start` out of the low address word and moves the wrong bytes.
  it("starts at `start`", function()
    local src, dst = lb:pattern(4096), lb:bytes(4096)
    lb.recv:transfer(dst, 512, 1000)
    lb.send:transfer(src, 2048, 1000)
    lb.send:wait()
    assert.equal(1000, lb.recv:wait())
    assert.equal(src:tobytes():sub(2049, 3048), dst:tobytes():sub(513, 1512))
    assert.equal(("\0"):rep(512), dst:tobytes():sub(1, 512))
  end)

  -- C14, C15: PYNQ compares nothing here either.
  it("refuses a range outside the buffer, and an empty one, before any register is written", function()
    local b = lb:bytes(64)
    local function refused(message, ...)
      local e = support.error_of(lb.send.transfer, lb.send, b, ...)
      assert.same({ "value", message }, { e.kind, e.message })
    end
    refused("Transfer of 65 bytes from byte 0 is outside the buffer of 64 bytes.", 0, 65)
    refused("Transfer of 8 bytes from byte 60 is outside the buffer of 64 bytes.", 60, 8)
    refused("Nothing to transfer: 0 bytes from byte 64 of a buffer of 64 bytes.", 64)
    assert.same({ 0, 0 }, { lb.dma.mmio:read(CURDESC), lb.dma.mmio:read(TAILDESC) })
    assert.is_true(lb.send.halted)
  end)

  it("uses one allocation again and again, and a larger one when it must", function()
    local src, dst = lb:pattern(64), lb:bytes(64)
    lb:move(dst, src)
    local memory, last = lb.device.memory.count, lb.dma.mmio:read(TAILDESC)
    for _ = 1, 100 do lb:move(dst, src) end
    assert.equal(memory, lb.device.memory.count)
    assert.equal(last, lb.dma.mmio:read(TAILDESC))
    local large, back = lb:pattern(2000000), lb:bytes(2000000)
    assert.equal(2000000, lb:move(back, large))
    assert.equal(large:tobytes(), back:tobytes())
    assert.equal(memory + 2, lb.device.memory.count) -- the two large buffers
  end)

  it("is halted when it is over", function()
    lb:move(lb:bytes(64), lb:pattern(64))
    assert.is_true(lb.send.halted)
    assert.is_true(lb.recv.halted)
  end)

  it("refuses to start while another is under way", function()
    lb.recv:transfer(lb:bytes(64))
    local e = support.error_of(lb.recv.transfer, lb.recv, lb:bytes(64))
    assert.equal("runtime", e.kind)
    assert.matches("^DMA channel not halted", e.message)
  end)

  it("has nothing to wait for before a transfer", function()
    local e = support.error_of(lb.send.wait, lb.send)
    assert.equal("runtime", e.kind)
    assert.matches("^DMA transfer not started", e.message)
    lb:move(lb:bytes(64), lb:pattern(64))
    e = support.error_of(lb.send.wait, lb.send)
    assert.matches("^DMA transfer not started", e.message)
  end)

  it("needs alignment without a realignment engine", function()
    lb:close()
    lb = support.open { ip = "axi_dma_sg", changes = { c_include_mm2s_dre = 0 } }
    local e = support.error_of(lb.send.transfer, lb.send, lb:bytes(64), 4)
    assert.matches("^DMA does not support unaligned transfers; Starting address must be aligned to 8 bytes%.",
                   e.message)
  end)

  it("counts what came in when the packet ends early, and brings in all of it", function()
    lb:close()
    lb = support.open { ip = "axi_dma_sg", device = "sim?coherent=0" }
    local src, dst = lb:pattern(64), lb:bytes(64)
    lb.recv:transfer(dst) -- two descriptors of 32 bytes
    for _ = 1, 2 do
      lb.send:transfer(src, 0, 16) -- a packet each
      lb.send:wait()
    end
    assert.equal(32, lb.recv:wait())
    local half = src:tobytes():sub(1, 16)
    assert.equal(half, dst:tobytes():sub(1, 16))
    assert.equal(half, dst:tobytes():sub(33, 48))
  end)

  it("explains a packet that ends before the last descriptor", function()
    lb.recv:transfer(lb:bytes(4096))
    lb.send:transfer(lb:pattern(100))
    lb.send:wait()
    local e = support.error_of(lb.recv.wait, lb.recv, 0.1)
    assert.equal("timeout", e.kind)
    assert.matches("100 of 4096 bytes received, 1 of 2 descriptors complete", e.message)
    assert.matches("TLAST came too early: 1 packet of 100 bytes ended in descriptor 1 of 2", e.message)
    lb.dma:reset()
    assert.equal(64, lb:move(lb:bytes(64), lb:pattern(64)))
  end)

  describe("in cyclic mode", function()
    it("repeats until it is stopped", function()
      local src = lb:pattern(64)
      local one, two = lb:bytes(64), lb:bytes(64)
      lb.send:transfer(src, { cyclic = true })
      for _, dst in ipairs { one, two, one, two } do
        dst:fill(0)
        lb.recv:transfer(dst)
        assert.equal(64, lb.recv:wait())
        assert.equal(src:tobytes(), dst:tobytes())
      end
      assert.is_true(lb.send.busy)
      lb.send:stop()
      assert.is_false(lb.send.busy)
      assert.is_true(lb.send.halted)
      src:close()
    end)

    it("cannot be waited for", function()
      lb.send:transfer(lb:pattern(64), 0, 0, true)
      for _, f in ipairs { lb.send.wait, lb.send.done } do
        local e = support.error_of(f, lb.send)
        assert.same({ "runtime", "Cannot wait in cyclic BD mode" }, { e.kind, e.message })
      end
      lb.send:stop()
    end)

    it("is for sending only", function()
      local e = support.error_of(lb.recv.transfer, lb.recv, lb:bytes(64), 0, 0, true)
      assert.same({ "runtime", "Cyclic BD mode only valid in sendchannel" }, { e.kind, e.message })
    end)

    -- C22: PYNQ resets the engine to end it, and with it the other channel.
    it("does not break a receive under way when it is stopped", function()
      local src, dst = lb:pattern(48), lb:bytes(64)
      lb.send:transfer(src, { cyclic = true })
      lb.recv:transfer(dst)
      lb.recv:wait()
      dst:fill(0)
      lb.recv:transfer(dst)
      assert.is_true(lb.recv.busy)
      lb.send:stop()
      assert.is_true(lb.send.halted)
      assert.equal(48, lb.recv:wait())
      assert.equal(src:tobytes(), dst:tobytes():sub(1, 48))
    end)
  end)
end)
