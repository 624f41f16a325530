-- AXI DMA 7.1 with scatter-gather: registers.md section 5. QEMU: hw/dma/xilinx_axidma.c, whose stream goes
-- through an Ethernet MAC (60 to 4092 bytes a packet) and comes back.
describe("AXI DMA on sim and in QEMU", function()
  local lunq = require "lunq"
  local compare = dofile "lab/qtest/compare.lua"
  local MACHINE <const> = "petalogix-ml605"
  local DMACR <const>, DMASR <const>, CURDESC <const>, TAILDESC <const>, S2MM <const> = 0x0, 0x4, 0x8, 0x10, 0x30

  local function pattern(b, seed)
    local bytes = {}
    for i = 1, #b do bytes[i] = string.char((i * 37 + i // 256 + seed) & 0xff) end
    b:frombytes(table.concat(bytes))
  end

  --- What QEMU does not write must not keep a spec from seeing the data it wrote.
  local function came(dst, src, n)
    dst:sync_from_device()
    return dst:tobytes():sub(1, n) == src:tobytes():sub(1, n)
  end

  local function kind(f, ...)
    local ok, e = pcall(f, ...)
    return ok and "no error" or e.kind
  end

  -- PG021 table 2-12, registers.md 5: STATUS 25:0 is the number of bytes. QEMU leaves it 0.
  local NO_COUNT <const> = "PG021 'S2MM_STATUS': bits 25:0 count the bytes; QEMU leaves them 0"

  describe("with its driver", function()
    it("moves every size", function()
      local differences = {}
      for _, n in ipairs { 64, 65, 100, 1000, 1500, 2048, 4001, 4092 } do
        for _, what in ipairs { "received ", "sent " } do
          differences[what .. n] = { sim = n, qemu = 0, why = NO_COUNT }
        end
      end
      compare.run(MACHINE, function(t)
        local src, dst = t.bytes(4092), t.bytes(4092)
        for i, n in ipairs { 64, 65, 100, 1000, 1500, 2048, 4001, 4092 } do
          pattern(src, i)
          dst:fill(0)
          dst:sync_to_device()
          t.ol.dma.recvchannel:transfer(dst, 0, n)
          t.ol.dma.sendchannel:transfer(src, 0, n)
          t.step("sent " .. n, t.ol.dma.sendchannel:wait(1))
          t.step("received " .. n, t.ol.dma.recvchannel:wait(1))
          t.step("data " .. n, came(dst, src, n))
          t.step("nothing behind " .. n, n == #dst or dst[n + 1] == 0)
          t.step("halted after " .. n, t.ol.dma.recvchannel.halted and t.ol.dma.sendchannel.halted)
        end
      end, differences)
    end)

    it("starts inside a buffer", function()
      compare.run(MACHINE, function(t)
        local src, dst = t.bytes(4096), t.bytes(4096)
        pattern(src, 7)
        t.ol.dma.recvchannel:transfer(dst, 512, 1000)
        t.ol.dma.sendchannel:transfer(src, 2048, 1000)
        t.ol.dma.sendchannel:wait(1)
        t.ol.dma.recvchannel:wait(1)
        dst:sync_from_device()
        t.step("data", dst:tobytes():sub(513, 1512) == src:tobytes():sub(2049, 3048))
        t.step("before", dst:tobytes():sub(1, 512) == ("\0"):rep(512))
        t.step("after", dst:tobytes():sub(1513) == ("\0"):rep(4096 - 1512))
      end)
    end)

    it("receives what was sent before it was ready, but QEMU does not notice the end", function()
      compare.run(MACHINE, function(t)
        local src, dst = t.bytes(256), t.bytes(256)
        pattern(src, 3)
        t.ol.dma.sendchannel:transfer(src)
        t.ol.dma.sendchannel:wait(1)
        lunq.sleep(0.01)
        t.ol.dma.recvchannel:transfer(dst)
        t.step("received", kind(t.ol.dma.recvchannel.wait, t.ol.dma.recvchannel, 0.1))
        t.step("data", came(dst, src, 256))
        t.ol.dma:reset()
      end, { received = { sim = "no error", qemu = "timeout",
        why = "PG021: writing TAILDESC starts a channel. QEMU's S2MM starts with RS = 1, so it has passed the tail "
              .. "before it is told where that is" } })
    end)

    it("waits in vain for a packet that is too short, and works again after a reset", function()
      compare.run(MACHINE, function(t)
        local src, dst = t.bytes(200), t.bytes(2000)
        pattern(src, 5)
        t.ol.dma.recvchannel:transfer(dst) -- two descriptors of 1000 bytes
        t.ol.dma.sendchannel:transfer(src)
        t.step("sent", kind(t.ol.dma.sendchannel.wait, t.ol.dma.sendchannel, 1))
        local ok, e = pcall(t.ol.dma.recvchannel.wait, t.ol.dma.recvchannel, 0.05)
        t.step("ended", ok)
        t.step("kind", e.kind)
        t.step("says", e.message:match "%d+ of %d+ descriptors complete")
        t.ol.dma:reset()
        t.step("halted", t.ol.dma.recvchannel.halted and t.ol.dma.sendchannel.halted)
        t.ol.dma.recvchannel:transfer(dst, 0, 200)
        t.ol.dma.sendchannel:transfer(src)
        t.ol.dma.sendchannel:wait(1)
        t.step("again", kind(t.ol.dma.recvchannel.wait, t.ol.dma.recvchannel, 1))
        t.step("data", came(dst, src, 200))
      end)
    end)

    it("interrupts once for each packet, both channels", function()
      compare.run(MACHINE, function(t)
        local src, dst = t.bytes(64), t.bytes(64)
        local pins = t.ol.dma.interrupts
        local sent, received = pins.mm2s_introut, pins.s2mm_introut
        for n = 1, 3 do
          local a <close> = sent:hold()
          local b <close> = received:hold()
          t.step("not before " .. n, a.fired or b.fired)
          t.ol.dma.recvchannel:transfer(dst)
          t.ol.dma.sendchannel:transfer(src)
          t.step("sent " .. n, (a:wait(1)))
          t.step("received " .. n, (b:wait(1)))
          t.ol.dma.sendchannel:wait(1)
          t.ol.dma.recvchannel:wait(1)
        end
        t.step("enables at rest", t.ol.intc:read(8))
      end)
    end)

    it("receives packet after packet in a ring", function()
      local differences = {}
      for k = 1, 12 do
        differences["bytes " .. k] = { sim = 80 * k, qemu = 0, why = NO_COUNT }
      end
      compare.run(MACHINE, function(t)
        local src = t.bytes(1024)
        local ring <close> = t.ol.dma.recvchannel:ring { count = 4, bytes = 1024 }
        for k = 1, 12 do
          src:fill(k)
          t.ol.dma.sendchannel:transfer(src, 0, 80 * k)
          t.ol.dma.sendchannel:wait(1)
          local _, n, last = ring:read(1)
          t.step("bytes " .. k, n)
          t.step("end of packet " .. k, last)
        end
        t.step("nothing more", kind(ring.read, ring, 0.02))
      end, differences)
    end)

    it("works in tasks that sleep until the interrupt", function()
      compare.run(MACHINE, function(t)
        local src, dst = t.bytes(1024), t.bytes(1024)
        pattern(src, 9)
        local receiver = lunq.spawn(function()
          t.ol.dma.recvchannel:transfer(dst)
          return kind(t.ol.dma.recvchannel.wait, t.ol.dma.recvchannel, 2)
        end)
        local sender = lunq.spawn(function()
          lunq.sleep(0.02)
          t.ol.dma.sendchannel:transfer(src)
          return kind(t.ol.dma.sendchannel.wait, t.ol.dma.sendchannel, 2)
        end)
        t.step("sender", sender:wait())
        t.step("receiver", receiver:wait())
        t.step("data", came(dst, src, 1024))
      end)
    end)
  end)

  describe("by its registers", function()
    --- One descriptor of a ring in `ring`; n counts from 0.
    local function descriptor(ring, n, count, at, length, control, status)
      local function word(v) return string.pack("<I4", v & 0xffffffff) end
      local next_one <const> = ring.physical_address + 64 * ((n + 1) % count)
      local text = word(next_one) .. word(0) .. word(at) .. word(0) .. word(0) .. word(0)
                   .. word(length | (control or 0)) .. word(status or 0) .. ("\0"):rep(32)
      for i = 1, 64 do ring[64 * n + i] = text:byte(i) end
    end

    local function status(ring, n)
      local word = 0
      for i = 3, 0, -1 do word = word << 8 | ring[64 * n + 29 + i] end
      return word
    end

    local SOF <const>, EOF <const>, CMPLT <const> = 1 << 27, 1 << 26, 1 << 31

    --- Runs `packets` packets of 64 bytes through both channels; gives the rings.
    local function run(t, packets, control, options)
      local o, m = options or {}, t.ol.dma.mmio
      local src, dst = t.bytes(64), t.bytes(64 * packets)
      local tx, rx = t.bytes(64 * packets), t.bytes(64 * packets)
      src:fill(0x5a)
      for n = 0, packets - 1 do
        descriptor(tx, n, packets, src.physical_address, 64, SOF | EOF, o.stale and CMPLT)
        descriptor(rx, n, packets, dst.physical_address + 64 * n, 64)
      end
      for _, b in ipairs { src, tx, rx } do b:sync_to_device() end
      for _, base in ipairs { S2MM, 0 } do
        m:write(base + CURDESC, (base == 0 and tx or rx).physical_address)
        m:write(base + DMACR, control)
      end
      m:write(S2MM + TAILDESC, rx.physical_address + 64 * (packets - 1))
      m:write(TAILDESC, tx.physical_address + 64 * (packets - 1))
      pcall(m.poll, m, S2MM + DMASR, 2, 2, 0.2)
      for _, b in ipairs { dst, tx, rx } do b:sync_from_device() end
      return tx, rx, dst
    end

    local FRAME <const> = "PG021 'S2MM_STATUS': RXSOF and RXEOF are for the first and the last descriptor of a packet"
    local FRAMES <const> = {
      ["RXEOF 0"] = { sim = 0, qemu = 1, why = FRAME }, ["RXSOF 1"] = { sim = 0, qemu = 1, why = FRAME },
      ["RXEOF 1"] = { sim = 0, qemu = 1, why = FRAME }, ["RXSOF 2"] = { sim = 0, qemu = 1, why = FRAME },
    }

    local RESET_DIFFERENCES <const> = {
      ["MM2S control"] = { sim = 0x10002, qemu = 0x10000,
        why = "registers.md 5 (HWH): bit 1 reads 1; QEMU sets it with the first write" },
      ["S2MM control"] = { sim = 0x10002, qemu = 0x10000, why = "the same" },
      ["MM2S status"] = { sim = 0x10009, qemu = 0x10001, why = "PG021: SGIncld (bit 3) is 1 with scatter-gather" },
      ["S2MM status"] = { sim = 0x10009, qemu = 0x10001, why = "the same" },
    }

    it("has the same registers after reset", function()
      compare.run(MACHINE, function(t)
        local m = t.ol.dma.mmio
        t.step("MM2S status", m:read(DMASR))
        t.step("S2MM status", m:read(S2MM + DMASR))
        -- the driver has stopped both channels, which shows in QEMU's control words
        t.step("MM2S control", m:read(DMACR))
        t.step("S2MM control", m:read(S2MM + DMACR))
        for _, off in ipairs { CURDESC, TAILDESC } do
          t.step("MM2S " .. off, m:read(off))
          t.step("S2MM " .. off, m:read(S2MM + off))
        end
      end, { ["MM2S status"] = RESET_DIFFERENCES["MM2S status"], ["S2MM status"] = RESET_DIFFERENCES["S2MM status"] })
    end)

    it("completes descriptors, interrupts, and is idle", function()
      compare.run(MACHINE, function(t)
        local m = t.ol.dma.mmio
        local tx, rx, dst = run(t, 3, 0x17001)
        for n = 0, 2 do
          t.step("sent " .. n, status(tx, n) & ~0x3ffffff)
          t.step("sent bytes " .. n, status(tx, n) & 0x3ffffff)
          t.step("received " .. n, status(rx, n) & ~0x3ffffff)
          t.step("received bytes " .. n, status(rx, n) & 0x3ffffff)
        end
        t.step("data", dst:tobytes() == ("\x5a"):rep(192))
        t.step("MM2S", m:read(DMASR) & 0x7077)
        t.step("S2MM", m:read(S2MM + DMASR) & 0x7077)
        t.step("tail", m:read(TAILDESC) - tx.physical_address)
        t.step("current", m:read(CURDESC) - tx.physical_address)
        t.step("input of the controller", t.ol.intc:read(0) & 3)
        m:write(DMASR, 0x1000)
        t.step("acknowledged", m:read(DMASR) & 0x7077)
      end, {
        current = { sim = 128, qemu = 0, why = "PG021 'MM2S_CURDESC': the descriptor being worked on; the core's "
          .. "register follows it (axi_dma_register.vhd), so it stays at the last. QEMU goes on to the next" },
        ["sent bytes 0"] = { sim = 64, qemu = 0, why = NO_COUNT },
        ["sent bytes 1"] = { sim = 64, qemu = 0, why = NO_COUNT },
        ["sent bytes 2"] = { sim = 64, qemu = 0, why = NO_COUNT },
        ["received bytes 0"] = { sim = 64, qemu = 0, why = NO_COUNT },
        ["received bytes 1"] = { sim = 64, qemu = 0, why = NO_COUNT },
        ["received bytes 2"] = { sim = 64, qemu = 0, why = NO_COUNT },
      })
    end)

    it("spreads a packet over descriptors", function()
      compare.run(MACHINE, function(t)
        local m = t.ol.dma.mmio
        local src, dst, tx, rx = t.bytes(192), t.bytes(192), t.bytes(192), t.bytes(192)
        pattern(src, 2)
        for n = 0, 2 do
          descriptor(tx, n, 3, src.physical_address + 64 * n, 64, (n == 0 and SOF or 0) | (n == 2 and EOF or 0))
          descriptor(rx, n, 3, dst.physical_address + 64 * n, 64)
        end
        for _, b in ipairs { src, tx, rx } do b:sync_to_device() end
        for _, c in ipairs { { S2MM, rx }, { 0, tx } } do
          m:write(c[1] + CURDESC, c[2].physical_address)
          m:write(c[1] + DMACR, 0x17001)
          m:write(c[1] + TAILDESC, c[2].physical_address + 128)
        end
        pcall(m.poll, m, S2MM + DMASR, 2, 2, 0.2)
        for _, b in ipairs { tx, rx } do b:sync_from_device() end
        for n = 0, 2 do
          t.step("sent " .. n, status(tx, n) >> 31)
          t.step("received " .. n, status(rx, n) >> 31)
          t.step("RXSOF " .. n, status(rx, n) >> 27 & 1)
          t.step("RXEOF " .. n, status(rx, n) >> 26 & 1)
        end
        t.step("data", came(dst, src, 192))
        t.step("idle", m:read(S2MM + DMASR) & 0x1002)
      end, FRAMES)
    end)

    it("counts packets against the threshold", function()
      compare.run(MACHINE, function(t)
        local m = t.ol.dma.mmio
        run(t, 3, 0x41001)
        t.step("after three of four, MM2S", m:read(DMASR) & 0x7000)
        t.step("after three of four, S2MM", m:read(S2MM + DMASR) & 0x7000)
        t.step("one is missing", m:read(DMASR) >> 16 & 0xff)
        t.ol.dma:reset()
        run(t, 4, 0x41001)
        t.step("after four, MM2S", m:read(DMASR) & 0x7000)
        t.step("after four, S2MM", m:read(S2MM + DMASR) & 0x7000)
        t.step("starts anew", m:read(DMASR) >> 16 & 0xff)
      end)
    end)

    it("stops at a descriptor that is complete already", function()
      compare.run(MACHINE, function(t)
        run(t, 1, 0x17001, { stale = true })
        t.step("halted", t.ol.dma.mmio:read(DMASR) & 1)
        t.step("error", t.ol.dma.mmio:read(DMASR) & 0x4770)
      end, { error = { sim = 0x4100, qemu = 0,
        why = "PG021 'MM2S_DMASR': SGIntErr and Err_Irq when a fetched descriptor has Cmplt; QEMU only halts" } })
    end)

    local DECERR <const> = "PG021: SGDecErr, Err_Irq, halted. QEMU 7.2 takes it for a descriptor of zeros"

    it("reports descriptors where nothing is", function()
      compare.run(MACHINE, function(t)
        local m = t.ol.dma.mmio
        m:write(CURDESC, 0xe0000000)
        m:write(DMACR, 0x17001)
        m:write(TAILDESC, 0xe0000000)
        pcall(m.poll, m, DMASR, 1, 1, 0.1)
        t.step("halted", m:read(DMASR) & 1)
        t.step("interrupt", m:read(DMASR) & 0x7000)
        t.step("RS", m:read(DMACR) & 1)
        t.step("error", m:read(DMASR) & 0x770)
      end, {
        halted = { sim = 1, qemu = 0, why = DECERR }, interrupt = { sim = 0x4000, qemu = 0, why = "the same" },
        RS = { sim = 0, qemu = 1, why = "the same" }, error = { sim = 0x400, qemu = 0, why = "the same" },
      })
    end)

    describe("as QEMU has it, nothing mended,", function()
      it("differs after reset", function()
        compare.run(MACHINE, function(t)
          local m = t.ol.dma.mmio
          m:write(DMACR, 4)
          m:write(S2MM + DMACR, 4)
          m:poll(DMACR, 4, 0, 0.1)
          m:poll(S2MM + DMACR, 4, 0, 0.1)
          t.step("MM2S status", m:read(DMASR))
          t.step("S2MM status", m:read(S2MM + DMASR))
          t.step("MM2S control", m:read(DMACR))
          t.step("S2MM control", m:read(S2MM + DMACR))
        end, RESET_DIFFERENCES, "?raw=1")
      end)

      it("never halts, forgets its status, needs a threshold, resets one channel only", function()
        compare.run(MACHINE, function(t)
          local m = t.ol.dma.mmio
          t.ol.dma:reset()
          run(t, 1, 0x17001)
          m:write(DMACR, 0x16000)
          t.step("halted after RS = 0", m:read(DMASR) & 3)
          m:write(DMASR, 0x1000)
          t.step("halted after IOC was cleared", m:read(DMASR) & 0x7003)
          m:write(DMACR, 4)
          m:poll(DMACR, 4, 0, 0.1)
          t.step("the other channel after a reset", m:read(S2MM + DMASR) & 3)
          m:write(S2MM + DMACR, 4)
          m:poll(S2MM + DMACR, 4, 0, 0.1)
          run(t, 1, 0x7001)
          t.step("an interrupt with threshold 0 written", m:read(DMASR) & 0x1000)
        end, {
          ["halted after RS = 0"] = { sim = 1, qemu = 2,
            why = "PG021 'MM2S_DMASR', Halted: set when RS = 0 and what was under way has ended" },
          ["halted after IOC was cleared"] = { sim = 1, qemu = 0,
            why = "PG021: Halted and Idle are read-only; QEMU stores what is written" },
          ["the other channel after a reset"] = { sim = 1, qemu = 2, why = "PG021: a reset is for the whole engine" },
          ["an interrupt with threshold 0 written"] = { sim = 0x1000, qemu = 0,
            why = "axi_dma_register.vhd: 0 is taken for 1" },
        }, "?raw=1")
      end)
    end)
  end)
end)
