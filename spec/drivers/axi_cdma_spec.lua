-- AXI CDMA 4.1: registers.md section 6, PG034.
describe("the AXI CDMA", function()
  local support = dofile "spec/drivers/support.lua"
  local lunq = require "lunq"
  local raises = support.raises
  local cdma, device, buffers
  local pins
  local CDMACR <const>, CDMASR <const>, CURDESC <const>, TAILDESC <const>, SA <const>, DA <const>, BTT <const> =
    0x00, 0x04, 0x08, 0x10, 0x18, 0x20, 0x28
  local IDLE <const>, SGINCLD <const>, IOC <const>, DLY <const>, ERR <const> = 2, 8, 1 << 12, 1 << 13, 1 << 14
  local SG <const> = 8

  local function start(parameters, spec)
    buffers = {}
    cdma, device = support.driver(support.design("xilinx.com:ip:axi_cdma:4.1", parameters,
      { interrupts = pins },
      { bram = { vlnv = "xilinx.com:ip:axi_bram_ctrl:4.1", address = 0x42000000, range = 0x1000 },
        fifo = { vlnv = "xilinx.com:ip:axi_fifo_mm_s:4.2", address = 0x43c00000, range = 0x10000,
                 parameters = { C_TX_FIFO_DEPTH = 64 } } }), "ip", "drivers.axi_cdma", spec)
  end
  before_each(function() pins = { cdma_introut = 0 } end)
  after_each(function()
    cdma:free()
    for _, b in ipairs(buffers) do b:close() end
    device:close()
  end)

  local function set(offset, value) cdma:write(offset, value) end
  local function get(offset) return cdma:read(offset) end
  local function bytes(n)
    local b = lunq.allocate(n, "u1", { target = device })
    buffers[#buffers + 1] = b
    return b
  end
  local function pattern(n)
    local b, t = bytes(n), {}
    for i = 1, n do t[i] = string.char((i * 41 + i // 256) & 0xff) end
    b:frombytes(table.concat(t))
    return b
  end
  --- A descriptor at a device address.
  local function descriptor(at, next_one, src, dst, n, status)
    device:poke(at, string.pack("<I8I8I8I4I4", next_one, src, dst, n, status or 0))
  end
  local function status_of(at) return (string.unpack("<I4", device:peek(at + 28, 4))) end

  describe("model", function()
    it("comes up idle, ready without a run bit", function()
      start { C_INCLUDE_SG = 0 }
      assert.equal(0x00010000, get(CDMACR))
      assert.equal(IDLE, get(CDMASR))
      start { C_INCLUDE_SG = 1 }
      assert.equal(0x00010000 | IDLE | SGINCLD, get(CDMASR))
    end)

    it("fails when 0 bytes are asked for (PG034, BTT)", function()
      start { C_INCLUDE_SG = 0 }
      set(BTT, 0)
      support.settle(device)
      assert.equal(IDLE | ERR | 1 << 4, get(CDMASR))
      set(CDMACR, 4)
      support.settle(device)
      assert.equal(IDLE, get(CDMASR))
    end)

    it("moves BTT bytes when BTT is written", function()
      start { C_INCLUDE_SG = 0 }
      local src, dst = pattern(10000), bytes(10000)
      set(SA, src.device_address)
      set(DA, dst.device_address)
      set(BTT, 10000)
      assert.equal(0, get(CDMASR) & IDLE)
      set(BTT, 4) -- at work: ignored
      support.settle(device)
      assert.equal(IDLE | IOC, get(CDMASR))
      assert.equal(src:tobytes(), dst:tobytes())
      set(CDMASR, IOC)
      assert.equal(IDLE, get(CDMASR))
    end)

    it("takes as long as the data path needs", function()
      start({ C_INCLUDE_SG = 0, C_M_AXI_DATA_WIDTH = 64 })
      local src, dst = pattern(80000), bytes(80000)
      set(SA, src.device_address)
      set(DA, dst.device_address)
      set(BTT, 80000)
      local from = device:now()
      cdma.mmio:poll(CDMASR, IDLE, IDLE)
      local took = device:now() - from -- 10000 beats of 10 ns, and latencies
      assert.is_true(took >= 100000 and took < 102000)
    end)

    it("stops at an address that leads nowhere, and only a reset helps", function()
      start { C_INCLUDE_SG = 0 }
      local dst = bytes(64)
      set(CDMACR, 0x00015000)
      set(SA, 0xf0000000)
      set(DA, dst.device_address)
      set(BTT, 64)
      support.settle(device)
      assert.equal(IDLE | ERR | 1 << 6, get(CDMASR))
      assert.equal(1, device:wire "ip/cdma_introut")
      set(CDMASR, ERR)
      assert.equal(0, device:wire "ip/cdma_introut")
      set(SA, dst.device_address)
      set(BTT, 64)
      support.settle(device)
      assert.equal(IDLE | 1 << 6, get(CDMASR))
      set(CDMACR, 4)
      assert.equal(4, get(CDMACR) & 4)
      support.settle(device)
      assert.equal(0x00010000, get(CDMACR))
      assert.equal(IDLE, get(CDMASR))
    end)

    it("drops the low address bits without a realignment engine", function()
      start { C_INCLUDE_SG = 0, C_INCLUDE_DRE = 0 }
      local src, dst = pattern(16), bytes(16)
      set(SA, src.device_address + 3)
      set(DA, dst.device_address)
      set(BTT, 8)
      support.settle(device)
      assert.equal(src:tobytes():sub(1, 8), dst:tobytes():sub(1, 8))
    end)

    -- axi_cdma_register.vhd
    it("takes a threshold of 0 for 1, and has none without scatter-gather", function()
      start { C_INCLUDE_SG = 1 }
      set(CDMACR, 7 << 16 | 9 << 24)
      assert.equal(7 << 16 | 9 << 24 | 2, get(CDMACR))
      assert.equal(7, get(CDMASR) >> 16)
      set(CDMACR, 0)
      assert.equal(1 << 16 | 2, get(CDMACR))
      cdma:free()
      device:close()
      start { C_INCLUDE_SG = 0 }
      set(CDMACR, 7 << 16 | 9 << 24 | DLY | IOC)
      assert.equal(1 << 16 | IOC, get(CDMACR))
      assert.equal(IDLE, get(CDMASR))
    end)

    it("changes SGMode only while idle, and clears the pointers when it is left", function()
      start { C_INCLUDE_SG = 1 }
      local src = pattern(4096)
      set(CURDESC, 0x1000)
      assert.equal(0, get(CURDESC))
      set(CDMACR, SG)
      set(CURDESC, 0x103f)
      assert.equal(0x1000, get(CURDESC)) -- multiples of 64
      set(CDMACR, 0)
      assert.equal(0, get(CURDESC))
      set(SA, src.device_address)
      set(DA, src.device_address)
      set(BTT, 4096)
      set(CDMACR, SG)
      assert.equal(0, get(CDMACR) & SG)
    end)

    it("has no SGMode without C_INCLUDE_SG", function()
      start { C_INCLUDE_SG = 0 }
      set(CDMACR, SG)
      assert.equal(0, get(CDMACR) & SG)
    end)

    it("does descriptors up to the tail, marks them, and goes on when the tail moves", function()
      start { C_INCLUDE_SG = 1 }
      local ring, src, dst = bytes(256), pattern(96), bytes(96)
      local r, s, t = ring.device_address, src.device_address, dst.device_address
      for i = 0, 2 do descriptor(r + 64 * i, r + 64 * (i + 1), s + 32 * i, t + 32 * i, 32) end
      set(CDMACR, SG)
      set(CURDESC, r)
      set(TAILDESC, r + 64)
      set(CURDESC, 0x40) -- at work: ignored
      support.settle(device)
      assert.equal(1 << 31, status_of(r))
      assert.equal(1 << 31, status_of(r + 64))
      assert.equal(0, status_of(r + 128))
      assert.equal(IDLE | IOC, get(CDMASR) & (IDLE | IOC))
      assert.equal(r + 64, get(CURDESC))
      set(TAILDESC, r + 128)
      support.settle(device)
      assert.equal(1 << 31, status_of(r + 128))
      assert.equal(src:tobytes(), dst:tobytes())
    end)

    it("counts descriptors for the interrupt, and the delay timer fires for the rest", function()
      start { C_INCLUDE_SG = 1, C_DLYTMR_RESOLUTION = 100 }
      local ring, src, dst = bytes(256), pattern(96), bytes(96)
      local r, s, t = ring.device_address, src.device_address, dst.device_address
      for i = 0, 2 do descriptor(r + 64 * i, r + 64 * (i + 1), s, t, 32) end
      set(CDMACR, SG | 2 << 16 | 5 << 24 | IOC | DLY)
      set(CURDESC, r)
      set(TAILDESC, r + 128)
      cdma.mmio:poll(CDMASR, IOC, IOC)
      set(CDMASR, IOC)
      cdma.mmio:poll(CDMASR, IDLE, IDLE)
      assert.equal(0, get(CDMASR) & (IOC | DLY))
      support.settle(device)
      assert.equal(DLY, get(CDMASR) & (IOC | DLY))
      set(CDMACR, 0) -- leaving SGMode clears it
      assert.equal(0, get(CDMASR) & DLY)
    end)

    it("finds stale descriptors, empty ones, and addresses that lead nowhere", function()
      start { C_INCLUDE_SG = 1 }
      local ring, src = bytes(256), pattern(64)
      local r, s = ring.device_address, src.device_address
      local function run(at)
        set(CDMACR, 4)
        support.settle(device)
        set(CDMACR, SG)
        set(CURDESC, at)
        set(TAILDESC, at)
        support.settle(device)
        return get(CDMASR) & 0x770
      end
      descriptor(r, r, s, s, 64, 1 << 31)
      assert.equal(1 << 8, run(r))
      descriptor(r, r, s, s, 0)
      assert.equal(1 << 4, run(r))
      assert.equal(1 << 28, status_of(r))
      descriptor(r, r, 0xf0000000, s, 64)
      assert.equal(1 << 6, run(r))
      assert.equal(1 << 30, status_of(r))
      assert.equal(1 << 10, run(0xf0000000))
      assert.equal(0xf0000000, get(CURDESC))
    end)

    it("goes round with CyclicBD until it is reset", function()
      start { C_INCLUDE_SG = 1 }
      local ring, src, dst = bytes(128), pattern(64), bytes(64)
      descriptor(ring.device_address, ring.device_address, src.device_address, dst.device_address, 64)
      set(CDMACR, SG | 1 << 6)
      set(CURDESC, ring.device_address)
      set(TAILDESC, ring.device_address)
      device:advance(100000)
      assert.equal(0, get(CDMASR) & IDLE)
      set(CDMACR, 4)
      support.settle(device)
      assert.equal(IDLE, get(CDMASR) & IDLE)
    end)
  end)

  local function driver_specs()
    it("copies buffers, rows and slices", function()
      start { C_INCLUDE_DRE = 1 }
      local src, dst = pattern(1000), bytes(1000)
      assert.equal(1000, cdma:copy(dst, src))
      assert.equal(src:tobytes(), dst:tobytes())
      dst:fill(0)
      assert.equal(10, cdma:copy(dst:slice(5, 50), src:slice(3, 12)))
      assert.equal(("\0"):rep(4) .. src:tobytes():sub(3, 12) .. "\0", dst:tobytes():sub(1, 15))
      assert.equal(7, cdma:copy(dst, src, { dst_start = 900, src_start = 100, nbytes = 7 }))
      assert.equal(src:tobytes():sub(101, 107), dst:tobytes():sub(901, 907))
      assert.equal(7, cdma.transferred)
    end)

    it("copies to and from memory of the design", function()
      start()
      local bram = lunq.Memory { fullpath = "bram", base_address = 0x42000000, size = 0x1000, device = device }
      local src, dst = pattern(256), bytes(256)
      cdma:copy(bram, src, { dst_start = 0x100 })
      assert.equal(src[1] | src[2] << 8 | src[3] << 16 | src[4] << 24, bram:read(0x100))
      cdma:copy(dst, bram, { src_start = 0x100, nbytes = 256 })
      assert.equal(src:tobytes(), dst:tobytes())
      assert.matches("Transfer of 8 bytes from byte 4092 is outside the 4096 bytes of bram.",
                     raises("value", cdma.copy, cdma, bram, src, { dst_start = 4092, nbytes = 8 }), 1, true)
      bram:free()
    end)

    it("fills a FIFO through a keyhole", function()
      start()
      local fifo = lunq.DefaultIP { fullpath = "fifo", type = "x", phys_addr = 0x43c00000, addr_range = 0x10000,
                                    device = device }
      cdma:copy(fifo, pattern(40), { dst_start = 0x10, nbytes = 40, keyhole_write = true })
      assert.equal(60 - 10, fifo:read(0x0c))
      fifo:free()
    end)

    it("starts, and says when it is done", function()
      start()
      local src, dst = pattern(4096), bytes(4096)
      assert.is_true(cdma:done())
      cdma:transfer(dst, src)
      assert.is_true(cdma.busy)
      assert.is_false(cdma.idle)
      assert.is_false(cdma:done())
      assert.equal("CDMA ip is not idle: wait for its transfer, or reset it.",
                   raises("runtime", cdma.transfer, cdma, dst, src))
      device:advance(100000)
      assert.is_true(cdma:done())
      assert.equal(4096, cdma.transferred)
      assert.equal("CDMA ip: there is no transfer to wait for.", raises("runtime", cdma.wait, cdma))
    end)

    it("does a list with scatter-gather, again and again", function()
      start { C_INCLUDE_SG = 1, C_ADDR_WIDTH = 40 }
      local src, dst = pattern(4096), bytes(4096)
      for _ = 1, 3 do
        dst:fill(0)
        cdma:scatter { { dst:slice(1, 1024), src:slice(3073, 4096) }, { dst, src, dst_start = 1024, nbytes = 3072 } }
        assert.equal(4096, cdma:wait())
        assert.equal(src:tobytes():sub(3073) .. src:tobytes():sub(1, 3072), dst:tobytes())
      end
      assert.equal(4096, cdma:copy(dst, src)) -- and a simple one after it
      assert.equal(src:tobytes(), dst:tobytes())
      assert.equal(2, device.memory.count)
    end)

    it("names the copy of a list that failed", function()
      start { C_INCLUDE_SG = 1 }
      local src, dst = pattern(64), bytes(64)
      device:inject { ip = "ip", fault = "slave_error", where = "M_AXI", after = 2 }
      cdma:scatter { { dst, src }, { dst, src }, { dst, src } }
      local text = raises("runtime", cdma.wait, cdma)
      assert.matches("^CDMA transfer failed%. Copy 2 of 3 failed%.\nip: CDMACR", text)
      assert.matches("error DMASlvErr: the memory answered with an error (SLVERR)", text, 1, true)
    end)

    it("explains what happens to its descriptors", function()
      start { C_INCLUDE_SG = 1 }
      local src, dst = pattern(64), bytes(64)
      for fault, name in pairs { slave_error = "SGSlvErr", decode_error = "SGDecErr" } do
        device:inject { ip = "ip", fault = fault, where = "M_AXI_SG", count = 1 }
        cdma:scatter { { dst, src }, { dst, src } }
        local text = raises("runtime", cdma.wait, cdma)
        assert.matches("^CDMA transfer failed%. Copy 1 of 2 failed%.\nip: CDMACR .*scatter%-gather", text)
        assert.matches("error " .. name, text, 1, true)
        cdma:reset()
      end
      cdma:scatter { { dst, src } }
      assert.equal(64, cdma:wait())
    end)

    it("explains an error, and goes on after a reset", function()
      start { C_INCLUDE_SG = 0 }
      local src, dst = pattern(64), bytes(64)
      device:inject { ip = "ip", fault = "decode_error", where = "M_AXI", count = 1 }
      cdma:transfer(dst, src)
      local text = raises("runtime", cdma.wait, cdma)
      assert.matches("^CDMA transfer failed%.\nip: CDMACR 0x00010000 %(simple%), CDMASR 0x0000[04]042 %(idle%)\n", text)
      assert.matches("error DMADecErr: an address leads nowhere", text, 1, true)
      assert.is_true(cdma.error)
      cdma:reset()
      assert.is_false(cdma.error)
      cdma:copy(dst, src)
      assert.equal(src:tobytes(), dst:tobytes())
    end)

    it("the default wait has a limit, explains, and the transfer goes on", function()
      start { C_INCLUDE_SG = 0 }
      local src, dst = pattern(64), bytes(64)
      device:inject { ip = "ip", fault = "no_done", count = 1 }
      cdma:transfer(dst, src)
      local text = raises("timeout", cdma.wait, cdma)
      assert.matches("^Timeout: CDMA transfer of ip did not end within 10 s; it is still under way, and its memory "
                     .. "held%.\nip: CDMACR", text)
      assert.is_true(cdma.busy)
      cdma:reset()
      cdma:copy(dst, src)
    end)

    it("checks before anything is written", function()
      start { C_INCLUDE_SG = 0, C_M_AXI_DATA_WIDTH = 64 }
      local src, dst = pattern(64), bytes(64)
      assert.equal(("ip: the source at %#x is not a multiple of 8 bytes; without C_INCLUDE_DRE the engine can't "
                   .. "start there."):format(src.device_address + 4),
                   raises("runtime", cdma.transfer, cdma, dst, src:slice(5, 64)))
      assert.matches("the source has 64 bytes, the destination 32",
                     raises("value", cdma.transfer, cdma, dst:slice(1, 32), src))
      assert.equal("Transfer of 60 bytes from byte 8 is outside the buffer of 64 bytes.",
                   raises("value", cdma.transfer, cdma, dst, src, { src_start = 8, nbytes = 60 }))
      raises("type", cdma.transfer, cdma, dst, 0x1000)
      raises("type", cdma.transfer, cdma, dst, src, 64)
      raises("value", cdma.transfer, cdma, dst, src, { nbytes = -1 })
      raises("value", cdma.transfer, cdma, dst, src, { nbytes = "x" })
      assert.matches('not "size"', raises("value", cdma.transfer, cdma, dst, src, { size = 5 }), 1, true)
      local host <close> = lunq.array(64, "u1")
      raises("value", cdma.transfer, cdma, host, src)
      assert.matches("C_INCLUDE_SG", raises("unsupported", cdma.scatter, cdma, { { dst, src } }), 1, true)
      assert.is_false(cdma.busy)
      dst:freebuffer() -- nothing is held
      cdma:copy(bytes(64), src)
    end)

    it("splits what is longer than the engine takes at once", function()
      start()
      cdma.buffer_max_size = 8191 -- the real one needs 64 MB
      local src, dst = pattern(20000), bytes(20000)
      assert.equal(20000, cdma:copy(dst, src))
      assert.equal(src:tobytes(), dst:tobytes())
      assert.equal(12000, cdma:copy(dst, src, { src_start = 8000, dst_start = 4 }))
      assert.equal(src:tobytes():sub(8001), dst:tobytes():sub(5, 12004))
      assert.equal("Transfer size is 20000 bytes, which exceeds the maximum CDMA transfer of 8191.",
                   raises("value", cdma.transfer, cdma, dst, src))
    end)

    it("does not take an engine that somebody else uses, and resets one left in error", function()
      start { C_INCLUDE_SG = 0 }
      local src, dst = pattern(64), bytes(64)
      device:inject { ip = "ip", fault = "no_done", count = 1 }
      set(BTT, 4)
      assert.equal("CDMA ip is not idle, and not by this driver: does somebody else use it?",
                   raises("runtime", cdma.transfer, cdma, dst, src))
      set(CDMACR, 4)
      support.settle(device)
      set(BTT, 0)
      assert.matches("error DMAIntErr: a length of 0 was asked for\nCall reset() before the next transfer.",
                     raises("runtime", cdma.transfer, cdma, dst, src), 1, true)
      local again = require "drivers.axi_cdma"(cdma.description)
      assert.equal(64, again:copy(dst, src))
      again:free()
    end)

    it("does not take a list that is none", function()
      start { C_INCLUDE_SG = 1 }
      local src, dst = pattern(64), bytes(64)
      raises("value", cdma.scatter, cdma, {})
      raises("value", cdma.scatter, cdma, { dst })
      raises("value", cdma.scatter, cdma, { { dst, src, keyhole_write = true } })
      raises("value", cdma.scatter, cdma, { { dst, src }, { dst, src, nbytes = 65 } })
      dst:freebuffer()
    end)

    it("refuses a buffer of another device", function()
      start()
      local other <close> = lunq.core.device_open "sim?seed=9"
      local foreign = lunq.allocate(64, "u1", { target = other })
      assert.matches("is on device sim, the buffer is not",
                     raises("value", cdma.transfer, cdma, foreign, pattern(64)), 1, true)
      foreign:close()
    end)

    it("moves lists of any length, with as few interrupts as their length allows", function()
      start { C_INCLUDE_SG = 1 }
      local src, dst = pattern(1024), bytes(1024)
      for n, thresholds in pairs { [1] = 1, [7] = 7, [255] = 255, [256] = 128, [257] = 1 } do
        local list = {}
        for i = 1, n do
          local at = i * 3 % 1000 & ~3
          list[i] = { dst, src, src_start = at, dst_start = at, nbytes = 4 }
        end
        cdma:scatter(list)
        assert.equal(thresholds, get(CDMACR) >> 16 & 0xff)
        assert.equal(4 * n, cdma:wait())
      end
    end)

    it("copies for several tasks, one after the other", function()
      start()
      local active, tasks, buffers_of = lunq.core.active_device(device), {}, {}
      for i = 1, 4 do
        buffers_of[i] = { bytes(4096), pattern(4096) }
        tasks[i] = lunq.spawn(function() return cdma:copy(buffers_of[i][1], buffers_of[i][2]) end)
      end
      for i, task in ipairs(tasks) do
        assert.equal(4096, task:wait())
        assert.equal(buffers_of[i][2]:tobytes(), buffers_of[i][1]:tobytes())
      end
      lunq.core.active_device(active)
    end)

    it("lets several wait for one transfer", function()
      start()
      local active = lunq.core.active_device(device)
      cdma:transfer(bytes(4096), pattern(4096))
      local a, b = lunq.spawn(cdma.wait, cdma), lunq.spawn(cdma.wait, cdma)
      assert.same({ 4096, 4096 }, { a:wait(), b:wait() })
      assert.is_true(cdma:done())
      lunq.core.active_device(active)
    end)

    it("tells all who wait for a transfer that it failed, or was reset", function()
      start()
      local active = lunq.core.active_device(device)
      local function both()
        local texts = {}
        for i = 1, 2 do
          texts[i] = lunq.spawn(function() return raises("runtime", cdma.wait, cdma) end)
        end
        return texts
      end
      device:inject { ip = "ip", fault = "slave_error", where = "M_AXI", count = 1 }
      cdma:transfer(bytes(64), pattern(64))
      for _, text in ipairs(both()) do assert.matches("DMASlvErr", text:wait()) end
      cdma:reset()
      device:inject { ip = "ip", fault = "no_done", count = 1 }
      cdma:transfer(bytes(64), pattern(64))
      local texts = both()
      lunq.sleep(1e-5)
      cdma:reset()
      for _, text in ipairs(texts) do
        assert.equal("CDMA ip: the transfer was ended by a reset.", text:wait())
      end
      lunq.core.active_device(active)
    end)
  end
  describe("driver", driver_specs)
  describe("driver without its interrupt", function()
    before_each(function() pins = nil end)
    driver_specs()
  end)

  describe("interrupt", function()
    local warnings = require "lunq.warnings"

    it("ends a wait, whatever it takes, with the same few accesses", function()
      start { C_INCLUDE_SG = 0 }
      local accesses = {}
      for i, n in ipairs { 4096, 409600 } do
        local src, dst = pattern(n), bytes(n)
        cdma:transfer(dst, src)
        local before = device:stats(true).ip
        assert.equal(n, cdma:wait())
        local after = device:stats(false).ip
        accesses[i] = after.reads + after.writes - before.reads - before.writes
      end
      assert.equal(accesses[1], accesses[2])
      assert.is_true(accesses[1] < 15)
    end)

    it("is enabled only while somebody waits", function()
      start()
      local active = lunq.core.active_device(device)
      device:inject { ip = "ip", fault = "no_done", count = 1 }
      cdma:transfer(bytes(64), pattern(64))
      assert.equal(0, get(CDMACR) & 0x7000)
      local task = lunq.spawn(cdma.wait, cdma)
      lunq.sleep(1e-5)
      assert.equal(IOC | ERR, get(CDMACR) & 0x7000)
      task:cancel()
      lunq.sleep(1e-5)
      assert.equal(0, get(CDMACR) & 0x7000)
      raises("timeout", cdma.wait, cdma, 1e-4)
      assert.equal(0, get(CDMACR) & 0x7000)
      lunq.core.active_device(active)
    end)

    it("comes for an error too", function()
      start()
      device:inject { ip = "ip", fault = "decode_error", where = "M_AXI", count = 1 }
      cdma:transfer(bytes(64), pattern(64))
      local from = device:now()
      assert.matches("DMADecErr", raises("runtime", cdma.wait, cdma))
      assert.is_true(device:now() - from < 10000)
    end)

    it("that is lost costs time, not the transfer", function()
      start()
      local src, dst = pattern(4096), bytes(4096)
      device:inject { ip = "ip", fault = "lost_interrupt", where = "cdma_introut" }
      cdma:transfer(dst, src)
      local list, n = warnings.capture(cdma.wait, cdma, 0.5)
      assert.equal(4096, n)
      assert.matches("^ip: the work is done, but interrupt ip/cdma_introut never came%.", list[1].text)
      assert.equal(src:tobytes(), dst:tobytes())
      assert.equal(4096, cdma:copy(dst, src))
    end)

    it("that is stuck is polled around", function()
      start()
      device:inject { ip = "ip", fault = "stuck_interrupt", where = "cdma_introut" }
      device:inject { ip = "ip", fault = "no_done", count = 1 }
      cdma:transfer(bytes(64), pattern(64))
      local list, ok, e = warnings.capture(pcall, cdma.wait, cdma)
      assert.same({ false, "timeout" }, { ok, e.kind })
      assert.matches("^ip: interrupt ip/cdma_introut stays high", list[1].text)
      cdma:reset()
      assert.equal(64, cdma:copy(bytes(64), pattern(64)))
    end)
  end)

  -- Memory a device may still write is never freed or reused (DESIGN.md section 6).
  describe("memory", function()
    it("is held until the transfer is over", function()
      start()
      local src, dst = pattern(64), bytes(64)
      cdma:transfer(dst, src)
      assert.matches("in use by a transfer", raises("runtime", dst.freebuffer, dst), 1, true)
      assert.equal(2, device.memory.count)
      cdma:wait()
      assert.equal(1, device.memory.count)
    end)

    it("stays when its buffer is garbage", function()
      start()
      do
        local dst = lunq.allocate(64, "u1", { target = device })
        cdma:transfer(dst, pattern(64))
      end
      collectgarbage()
      collectgarbage()
      assert.equal(2, device.memory.count)
      assert.equal(64, cdma:wait())
      assert.equal(1, device.memory.count)
    end)

    it("goes after a time-out when the engine was reset", function()
      start()
      local src, dst = pattern(64), bytes(64)
      device:inject { ip = "ip", fault = "no_done" }
      cdma:transfer(dst, src)
      raises("timeout", cdma.wait, cdma, 0.01)
      raises("runtime", dst.freebuffer, dst)
      cdma:reset()
      assert.equal(1, device.memory.count)
    end)

    it("stays when the reset does not end", function()
      start()
      local src, dst = pattern(64), bytes(64)
      cdma:transfer(dst, src)
      device:inject { ip = "ip", fault = "stuck_reset", count = 1 }
      assert.matches("^Timeout: ip: the reset did not end within 1 s", raises("timeout", cdma.reset, cdma))
      raises("runtime", dst.freebuffer, dst)
      cdma:reset()
      assert.equal(1, device.memory.count)
    end)

    it("goes when the driver is freed or garbage, which ends the transfer", function()
      start()
      local description = cdma.description
      for _, way in ipairs { "free", "garbage" } do
        local dst = bytes(64)
        do
          local driver = require "drivers.axi_cdma"(description)
          device:inject { ip = "ip", fault = "no_done", count = 1 }
          driver:transfer(dst, pattern(64))
          if way == "free" then driver:free() end
        end
        collectgarbage()
        collectgarbage()
        assert.is_true(cdma.idle)
        dst:freebuffer()
      end
    end)

    it("goes when another design is loaded over it", function()
      start()
      local dst = bytes(64)
      device:inject { ip = "ip", fault = "no_done", count = 1 }
      cdma:transfer(dst, pattern(64))
      device:program(support.design "acme.com:user:other:1.0")
      cdma:free()
      dst:freebuffer()
      assert.equal(1, device.memory.count)
    end)

    it("is kept, with a warning, when the engine can't be stopped", function()
      start()
      local driver = require "drivers.axi_cdma"(cdma.description)
      local dst = bytes(64)
      driver:transfer(dst, pattern(64))
      local hold = driver._engine.holds[1]
      local other = driver._engine.holds[2]
      device:inject { ip = "ip", fault = "stuck_reset", count = 1 }
      local said = require "lunq.warnings".capture(driver.free, driver)
      assert.matches("^ip does not stop: the memory of its transfer is kept%. Timeout: ip: the reset", said[1].text)
      raises("runtime", dst.freebuffer, dst)
      hold:release()
      other:release()
    end)
  end)
end)
