local lunq = require "lunq"
local support = dofile "spec/dma/support.lua"

describe("the AXI DMA driver", function()
  local DMA = require "drivers.axi_dma"
  local lb

  after_each(function()
    if lb then lb:close() end
    lb = nil
  end)

  it("refuses what is no description, with PYNQ's words", function()
    local e = support.error_of(DMA, 0x40400000)
    assert.same({ "runtime", "You appear to want the old DMA driver which has been deprecated and moved to "
                  .. "pynq.lib.deprecated" }, { e.kind, e.message })
    e = support.error_of(DMA, { parameters = {} })
    assert.same({ "runtime", "Device not specified in description" }, { e.kind, e.message })
    local device <close> = lunq.core.device_open "sim"
    e = support.error_of(DMA, { device = device })
    assert.same({ "runtime", "Unable to get parameters from description; Users must use *.hwh files for "
                  .. "overlays." }, { e.kind, e.message })
  end)

  it("refuses micro mode together with scatter-gather as unsupported", function()
    local e = support.error_of(support.open, { ip = "axi_dma_sg", changes = { c_micro_dma = 1 } })
    assert.same({ "unsupported", "Micro and Scatter-gather modes not supported simultaneously." },
                { e.kind, e.message })
  end)

  it("takes its limits from the parameters", function()
    lb = support.open { changes = { c_sg_length_width = 10, c_addr_width = 40, c_include_s2mm_dre = 1 } }
    assert.equal(1023, lb.dma.buffer_max_size)
    assert.equal(1023, lb.send.buffer_max_size)
    assert.same({ mode = "simple", max = 1023, length_width = 10, addr_width = 40,
                  align = { mm2s = 4, s2mm = 4 }, dre = { mm2s = false, s2mm = true } }, lb.dma.limits)
  end)

  it("takes the wider of memory and stream side as alignment", function()
    lb = support.open { ip = "axi_dma_sg", changes = { c_m_axi_mm2s_data_width = 32 } }
    assert.same({ mm2s = 8, s2mm = 8 }, lb.dma.limits.align)
  end)

  it("moves one burst in micro mode", function()
    lb = support.open { changes = { c_micro_dma = 1, c_mm2s_burst_size = 8 } }
    assert.equal("micro", lb.dma.mode)
    assert.equal(8 * 4, lb.send.buffer_max_size)
    assert.equal(16 * 4, lb.recv.buffer_max_size)
    local e = support.error_of(lb.send.transfer, lb.send, lb:bytes(36))
    assert.equal("value", e.kind)
    assert.matches("^Transfer size is 36 bytes, which exceeds the maximum DMA buffer size 32%.", e.message)
    local page = lb:bytes(8192)
    local to_boundary = 4096 - page.device_address % 4096
    e = support.error_of(lb.send.transfer, lb.send, page, to_boundary - 8, 16)
    assert.equal("value", e.kind)
    assert.matches("crosses a 4 KiB boundary", e.message)
  end)

  it("says no to parameters no such core can have", function()
    local e = support.error_of(support.open, { changes = { c_sg_length_width = 40 } })
    assert.same({ "value", "Parameter c_sg_length_width of an AXI DMA is 8 to 26, not 40." },
                { e.kind, e.message })
    e = support.error_of(support.open, { changes = { c_m_axi_s2mm_data_width = "wide" } })
    assert.equal("value", e.kind)
  end)

  it("has no channel the design leaves out", function()
    lb = support.open { changes = { c_include_mm2s = 0 } }
    assert.is_nil(lb.dma.sendchannel)
    assert.truthy(lb.dma.recvchannel)
    assert.is_nil(lb.dma:set_up_tx_channel())
    assert.equal(lb.dma.recvchannel, lb.dma:set_up_rx_channel())
    assert.matches("MM2S is not in this design", lb.dma:explain())
  end)

  it("starts simple channels and leaves scatter-gather ones halted", function()
    lb = support.open()
    for _, ch in ipairs { lb.send, lb.recv } do
      assert.is_true(ch.running)
      assert.is_false(ch.halted)
      assert.is_false(ch.idle) -- before the first transfer Idle reads 0 (registers.md section 5)
      assert.is_false(ch.error)
    end
    lb:close()
    lb = support.open { ip = "axi_dma_sg" }
    assert.is_true(lb.send.halted)
    assert.is_false(lb.recv.running)
  end)

  it("shows a channel as text and as a table", function()
    lb = support.open()
    assert.equal("DMA channel MM2S (send): running", tostring(lb.send))
    assert.equal("DMA channel S2MM (receive): running", tostring(lb.recv))
    assert.matches("^DMA axi_dma %(xilinx.com:ip:axi_dma:7.1%) 0x40400000%+0x10000: simple, send receive, "
                   .. "up to 16383 bytes$", tostring(lb.dma))
    local status = lb.send.status
    assert.same({ true, false, false, false, false, 0, 16383 },
                { status.running, status.halted, status.idle, status.error, status.busy,
                  status.transferred, status.buffer_max_size })
    assert.equal(0x00015003, status.control | 2) -- RS, IOC and Err: the interrupts are wired
  end)

  it("names what a channel has when asked for something else", function()
    lb = support.open()
    local e = support.error_of(function() return lb.send.runing end)
    assert.equal("attribute", e.kind)
    assert.matches('^a DMA channel has no "runing": transfer, wait', e.message)
  end)

  it("is closed by free, which may be repeated", function()
    lb = support.open()
    lb.dma:free()
    lb.dma:free()
    local e = support.error_of(lb.send.transfer, lb.send, lb:bytes(4))
    assert.equal("runtime", e.kind)
    assert.matches("closed", e.message)
    assert.equal("DMA channel MM2S (send) (closed)", tostring(lb.send))
  end)

  it("fails clearly when another design is loaded", function()
    lb = support.open()
    local src = lb:bytes(64)
    lb.recv:transfer(src)
    lb.device:program(lunq.core.design_parse("again.hwh", support.text()))
    local e = support.error_of(lb.recv.wait, lb.recv)
    assert.equal("runtime", e.kind)
    assert.matches("no longer loaded", e.message)
    lb.dma:free() -- the engine is gone with its design: the memory is free again
    src:close()
    assert.equal(0, lb.device.memory.count)
  end)
end)
