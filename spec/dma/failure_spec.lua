local support = dofile "spec/dma/support.lua"

-- Each cause of "my DMA hangs" (user-wishes 1), made on the simulated device, and what LUNQ says.
describe("a DMA that goes wrong", function()
  local lb

  local function open(o) lb = support.open(o) end

  after_each(function()
    lb.device:clear_faults()
    lb:close()
  end)

  --- The error of waiting on a channel; its text starts with `first` and contains the rest.
  local function expect(channel, kind, first, ...)
    local e = support.error_of(channel.wait, channel, 0.1)
    assert.equal(kind, e.kind)
    assert.equal(first, e.message:sub(1, #first))
    for _, part in ipairs { ... } do
      assert.truthy(e.message:find(part, 1, true), ("%q is not in: %s"):format(part, e.message))
    end
    assert.truthy(e.message:find("reset() brings the engine back.", 1, true), e.message)
    return e
  end

  --- A reset of the DMA does not reach the FIFO behind it: what is left there is taken out.
  local function drain()
    lb.recv:transfer(lb:bytes(16383))
    pcall(lb.recv.wait, lb.recv, 0.001)
    lb.dma:reset()
  end

  --- After a reset everything works.
  local function recovers()
    lb.device:clear_faults()
    lb.dma:reset()
    assert.is_false(lb.send.error)
    drain()
    local src, dst = lb:pattern(64), lb:bytes(64)
    assert.equal(64, lb:move(dst, src))
    assert.equal(src:tobytes(), dst:tobytes())
  end

  it("says that nobody receives when the FIFO is full", function()
    open()
    lb.send:transfer(lb:pattern(8192))
    expect(lb.send, "timeout", "DMA MM2S did not finish within 0.1 s: axi_dma MM2S.",
           "MM2S DMACR 0x00015003", "S2MM DMACR 0x00015003",
           "transfer of 8192 bytes at 0x", "S2MM was not started, so nobody takes the data")
    recovers()
  end)

  it("says that nothing was sent", function()
    open()
    lb.recv:transfer(lb:bytes(64))
    expect(lb.recv, "timeout", "DMA S2MM did not finish within 0.1 s: axi_dma S2MM.",
           "S2MM is not idle and nothing was sent on MM2S: start sendchannel:transfer")
    recovers()
  end)

  -- A sender nobody waited for was taken for one that is still at it, and a lost TLAST suspected.
  it("says that nothing was sent since, whether the last send was waited for or not", function()
    for _, waited in ipairs { true, false } do
      open()
      lb.recv:transfer(lb:bytes(64))
      lb.send:transfer(lb:pattern(64))
      lb.recv:wait()
      if waited then lb.send:wait() end
      lb.recv:transfer(lb:bytes(64))
      expect(lb.recv, "timeout", "DMA S2MM did not finish within 0.1 s",
             "Nothing was sent on MM2S since this receive was started (the 64 bytes before that came through")
      recovers()
      lb:close()
    end
    open() -- for after_each
  end)

  it("says that the TLAST got lost when all was sent and the receiver still waits", function()
    open()
    lb.device:inject { fault = "lose_tlast", ip = "axis_data_fifo_0" }
    lb.recv:transfer(lb:bytes(64))
    lb.send:transfer(lb:pattern(32))
    lb.send:wait()
    expect(lb.recv, "timeout", "DMA S2MM did not finish within 0.1 s",
           "last transfer: 32 of 32 bytes sent", "MM2S has sent all of its 32 bytes", "TLAST got lost",
           "the core between the channels must set TLAST on the last word")
    recovers()
  end)

  it("says that TLAST came early when the receiver has ended and the sender has not", function()
    open()
    lb.device:inject { fault = "early_tlast", ip = "axis_data_fifo_0", bytes = 256 }
    lb.recv:transfer(lb:bytes(8192))
    lb.send:transfer(lb:pattern(8192))
    assert.equal(256, lb.recv:wait())
    expect(lb.send, "timeout", "DMA MM2S did not finish within 0.1 s",
           "The receiver has ended after 256 bytes and takes no more: TLAST came early")
    recovers()
  end)

  it("reports a packet that is longer than the receiver asked for", function()
    open()
    lb.recv:transfer(lb:bytes(32))
    lb.send:transfer(lb:pattern(64))
    local e = expect(lb.recv, "runtime", "DMA Internal Error (transfer length 0?): axi_dma S2MM.",
                     "Halted", "DMAIntErr", "Err_Irq", "The packet is longer than the 32 bytes asked for")
    assert.is_true(e.fault)
    assert.is_true(lb.recv.error)
    assert.is_true(lb.recv.halted)
    -- what comes next says why it does not work
    local b = lb:bytes(64)
    e = support.error_of(lb.recv.transfer, lb.recv, b)
    assert.equal("runtime", e.kind)
    assert.matches("^DMA channel not started", e.message)
    assert.matches("The packet is longer than the 32 bytes asked for", e.message)
    assert.matches("reset%(%) brings the engine back%.$", e.message)
    e = support.error_of(lb.recv.start, lb.recv)
    assert.matches("^DMA channel not started", e.message)
    recovers()
  end)

  it("reports memory that refuses", function()
    open()
    lb.device:inject { fault = "slave_error", ip = "axi_dma", where = "M_AXI_MM2S" }
    lb.send:transfer(lb:pattern(64))
    expect(lb.send, "runtime", "DMA Slave Error (cannot access memory map interface): axi_dma MM2S.",
           "DMASlvErr", "is the port behind M_AXI_MM2S (HP, HPC, ACP) enabled")
    recovers()
  end)

  it("reports memory the DMA does not see", function()
    -- the receiver sees the upper half of memory only
    open { edit = function(text)
      return (text:gsub('(BASEVALUE=")0x00000000("[^>]*INSTANCE="processing_system7_0"[^>]*M_AXI_S2MM)',
                        "%10x10000000%2"))
    end }
    local dst = lb:bytes(64)
    lb.recv:transfer(dst)
    lb.send:transfer(lb:pattern(64))
    expect(lb.recv, "runtime", "DMA Decode Error (invalid address): axi_dma S2MM.", "DMADecErr",
           ("Address 0x%x is not decoded: M_AXI_S2MM does not see this memory"):format(dst.device_address))
    lb.dma:reset()
  end)

  it("tells the sender what happened to the receiver", function()
    open()
    lb.device:inject { fault = "slave_error", ip = "axi_dma", where = "M_AXI_S2MM" }
    lb.recv:transfer(lb:bytes(8192))
    lb.send:transfer(lb:pattern(8192))
    expect(lb.send, "timeout", "DMA MM2S did not finish", "The receiver halted on an error: DMA Slave Error")
    recovers()
  end)

  -- axi_dma_register.vhd: error_in clears RS of the channel that had no error.
  for _, ip in ipairs { "axi_dma", "axi_dma_sg" } do
    it("tells a channel that the error of the other one has stopped it, with " .. ip, function()
      open { ip = ip }
      lb.device:inject { fault = "slave_error", ip = ip, where = "M_AXI_MM2S", count = 1 }
      lb.send:transfer(lb:pattern(64))
      assert.equal("runtime", support.error_of(lb.send.wait, lb.send, 0.1).kind)
      local e = support.error_of(lb.recv.transfer, lb.recv, lb:bytes(64))
      assert.equal("runtime", e.kind)
      assert.matches("^DMA channel not started: " .. ip .. " S2MM%.", e.message)
      assert.matches("MM2S halted on an error, and that stops the whole engine: DMA Slave Error (cannot access "
                     .. "memory map interface). reset() brings the engine back.", e.message, 1, true)
      assert.is_nil(e.message:find("start()", 1, true))
      recovers()
    end)
  end

  it("says that the core between the channels takes nothing", function()
    open()
    lb.device:inject { fault = "stall", ip = "axis_data_fifo_0", where = "S_AXIS" }
    lb.recv:transfer(lb:bytes(64))
    lb.send:transfer(lb:pattern(64))
    expect(lb.send, "timeout", "DMA MM2S did not finish",
           "S2MM is ready, so the core between the channels takes no data (TREADY low)")
    expect(lb.recv, "timeout", "DMA S2MM did not finish", "Both channels wait")
    recovers()
  end)

  it("speaks of the source when the design has only a receiver", function()
    open { changes = { c_include_mm2s = 0 } }
    lb.recv:transfer(lb:bytes(64))
    local e = support.error_of(lb.recv.wait, lb.recv, 0.1)
    assert.matches("the source has sent nothing", e.message)
    assert.matches("MM2S is not in this design", e.message)
  end)

  describe("with scatter-gather", function()
    it("reports descriptors it can't fetch", function()
      open { ip = "axi_dma_sg" }
      lb.device:inject { fault = "decode_error", ip = "axi_dma_sg", where = "M_AXI_SG" }
      lb.send:transfer(lb:pattern(64))
      expect(lb.send, "runtime", "Scatter-Gather Decode Error (invalid descriptor address): axi_dma_sg MM2S.",
             "SGDecErr", "M_AXI_SG must see the memory it is in")
      local e = support.error_of(lb.send.transfer, lb.send, lb:bytes(64))
      assert.matches("^DMA channel not started", e.message)
      recovers()
    end)

    it("reports descriptors memory refuses", function()
      open { ip = "axi_dma_sg" }
      lb.device:inject { fault = "slave_error", ip = "axi_dma_sg", where = "M_AXI_SG" }
      lb.recv:transfer(lb:bytes(64))
      expect(lb.recv, "runtime", "Scatter-Gather Slave Error (cannot access memory map interface)",
             "SGSlvErr")
      recovers()
    end)

    -- C20: PYNQ's mask misses DecErr.
    it("reports a buffer the DMA does not see", function()
      open { ip = "axi_dma_sg" }
      lb.device:inject { fault = "decode_error", ip = "axi_dma_sg", where = "M_AXI_MM2S" }
      lb.send:transfer(lb:pattern(64))
      expect(lb.send, "runtime", "DMA Decode Error (invalid address): axi_dma_sg MM2S.", "DMADecErr")
      recovers()
    end)

    it("shows how far it came", function()
      open { ip = "axi_dma_sg" }
      lb.send:transfer(lb:pattern(65536))
      expect(lb.send, "timeout", "DMA MM2S did not finish", "of 65536 bytes sent", "descriptors complete",
             "S2MM was not started")
      recovers()
    end)
  end)

  it("explains itself at any time", function()
    open()
    local text = lb.dma:explain()
    assert.equal("axi_dma (simple)\n  MM2S DMACR 0x00015003 (RS IOC_IrqEn Err_IrqEn) DMASR 0x00010000 (-); "
                 .. "no transfer\n  S2MM DMACR 0x00015003 (RS IOC_IrqEn Err_IrqEn) DMASR 0x00010000 (-); "
                 .. "no transfer", text)
  end)

  it("says what a reset did to a transfer", function()
    open()
    lb.recv:transfer(lb:bytes(64))
    lb.dma:reset()
    local e = support.error_of(lb.recv.wait, lb.recv)
    assert.same({ "runtime", "Nothing to wait for on axi_dma S2MM: a reset ended the transfer." },
                { e.kind, e.message })
    assert.is_false(lb.recv.busy)
    assert.is_true(lb.recv.running)
  end)
end)
