-- AXI VDMA 6.3: registers.md section 7. Frames of 16 x 8 pixels of 32 bits: 8 lines of 64 bytes.
describe("the AXI VDMA", function()
  local support = dofile "spec/drivers/support.lua"
  local lunq = require "lunq"
  local raises = support.raises
  local vdma, device, buffers
  local pins
  local CR <const>, SR <const>, FRMSTORE <const>, PARK <const>, S2MM <const> = 0x00, 0x04, 0x18, 0x28, 0x30
  local MASK <const>, TX <const>, RX <const> = 0x3c, 0x50, 0xa0
  local VSIZE <const>, HSIZE <const>, STRIDE <const>, ADDRESS <const> = 0, 4, 8, 12
  local FRAME <const>, ERR <const>, LINES <const>, LINE <const> = 1 << 12, 1 << 14, 8, 64
  local MODE <const> = { width = 16, height = 8, bits_per_pixel = 32 }

  --- streams: "loop", "fifo" (a stream FIFO on both sides, at 0x43c00000) or "open".
  local function start(parameters, streams)
    local p = { C_NUM_FSTORES = 3, C_M_AXI_MM2S_DATA_WIDTH = 32, C_M_AXI_S2MM_DATA_WIDTH = 32 }
    for k, v in pairs(parameters or {}) do p[k] = v end
    buffers = {}
    local out = { loop = "ip/S_AXIS_S2MM", fifo = "fifo/AXI_STR_RXD" }
    vdma, device = support.driver(support.design("xilinx.com:ip:axi_vdma:6.3", p,
      { interrupts = pins,
        streams = streams ~= "open" and { M_AXIS_MM2S = out[streams or "fifo"] } or nil },
      streams ~= "loop" and { fifo = { vlnv = "xilinx.com:ip:axi_fifo_mm_s:4.2", address = 0x43c00000,
        range = 0x10000, parameters = { C_TX_FIFO_DEPTH = 1024, C_RX_FIFO_DEPTH = 1024 },
        streams = streams ~= "open" and { AXI_STR_TXD = "ip/S_AXIS_S2MM" } or nil } } or nil),
      "ip", "drivers.axi_vdma")
  end
  local function fifo()
    local f = require "drivers.axi_fifo_mm_s" { fullpath = "fifo", type = "xilinx.com:ip:axi_fifo_mm_s:4.2",
      phys_addr = 0x43c00000, addr_range = 0x10000, device = device,
      parameters = { C_TX_FIFO_DEPTH = 1024, C_RX_FIFO_DEPTH = 1024 } }
    buffers[#buffers + 1] = { close = function() f:free() end }
    return f
  end
  before_each(function() pins = { mm2s_introut = 0, s2mm_introut = 1 } end)
  after_each(function()
    vdma:free()
    for _, b in ipairs(buffers) do b:close() end
    device:close()
  end)

  local function set(offset, value) vdma:write(offset, value) end
  local function get(offset) return vdma:read(offset) end
  local function frames(n)
    local b = lunq.allocate(n * LINES * LINE, "u1", { target = device })
    buffers[#buffers + 1] = b
    return b
  end
  local function fill(frame, value) frame:frombytes(string.char(value):rep(LINES * LINE)) end
  local function line(value) return string.char(value):rep(LINE) end
  --- Sets sizes and addresses of a channel; VSIZE last.
  local function sizes(base, buffer, n)
    set(base + HSIZE, LINE)
    set(base + STRIDE, LINE)
    for i = 0, n - 1 do set(base + ADDRESS + 4 * i, buffer.device_address + i * LINES * LINE) end
    set(base + VSIZE, LINES)
  end

  describe("model", function()
    it("comes up halted, with the stores of the design", function()
      start()
      for _, base in ipairs { 0, S2MM } do
        assert.equal(0x10042, get(base + CR))
        assert.equal(0x10001, get(base + SR))
        assert.equal(3, get(base + FRMSTORE))
      end
      assert.equal(0x62000000, get(0x2c))
      set(FRMSTORE, 0)
      set(FRMSTORE, 4)
      assert.equal(3, get(FRMSTORE))
      set(FRMSTORE, 2)
      assert.equal(2, get(FRMSTORE))
    end)

    it("starts when VSIZE is written, and only while it runs", function()
      start()
      local b, f = frames(1), fifo()
      sizes(TX, b, 1)
      assert.equal(1, get(SR) & 1)
      set(CR, 0x10003)
      assert.equal(0, get(SR) & 1)
      device:advance(100000)
      assert.equal(0, f:occupancy())
      sizes(TX, b, 3)
      assert.equal(line(0), (f:receive()))
    end)

    it("goes round through the stores, or stays at the one of PARK_PTR", function()
      start({}, "open")
      local b = frames(3)
      set(CR, 0x10003)
      sizes(TX, b, 3)
      local seen = {}
      for _ = 1, 4 do
        set(SR, FRAME)
        vdma.mmio:poll(SR, FRAME, FRAME)
        seen[#seen + 1] = get(PARK) >> 16 & 0x1f
      end
      assert.same({ 1, 2, 0, 1 }, seen)
      set(PARK, 2)
      set(CR, 0x10001)
      for _ = 1, 3 do
        set(SR, FRAME)
        vdma.mmio:poll(SR, FRAME, FRAME)
      end
      assert.equal(2, get(PARK) >> 16 & 0x1f)
      set(CR, 0x10000) -- ends with the frame under way
      assert.equal(0, get(SR) & 1)
      vdma.mmio:poll(SR, 1, 1)
    end)

    it("counts frames for its interrupt, and stops at the count with FrameCntEn", function()
      start({}, "open")
      local b = frames(3)
      set(CR, 0x31013)
      sizes(TX, b, 3)
      vdma.mmio:poll(SR, FRAME, FRAME)
      assert.equal(1, device:wire "ip/mm2s_introut")
      vdma.mmio:poll(SR, 1, 1)
      assert.equal(0, get(PARK) >> 16 & 0x1f)
      set(SR, FRAME)
      assert.equal(0, device:wire "ip/mm2s_introut")
    end)

    it("a size of 0 is an internal error at the next frame", function()
      start({}, "open")
      set(CR, 0x14003)
      set(TX + VSIZE, LINES) -- HSIZE is 0
      assert.equal(1 | 1 << 4 | ERR, get(SR) & 0xffff)
      set(SR, 1 << 4 | ERR)
      assert.equal(1, get(SR) & 0xffff)
    end)

    it("an address that leads nowhere halts the channel", function()
      start({}, "open")
      set(CR, 0x10003)
      set(TX + HSIZE, LINE)
      set(TX + ADDRESS, 0xf0000000)
      set(TX + VSIZE, LINES)
      support.settle(device)
      assert.equal(1 | 1 << 6 | ERR, get(SR) & 0xffff)
      set(SR, 1 << 6) -- read-only
      assert.equal(1 << 6, get(SR) & 1 << 6)
    end)

    it("tells lines that are too short or too long, unless masked", function()
      start()
      local b, f = frames(3), fifo()
      set(S2MM, 0x14003)
      sizes(RX, b, 3)
      f:send(("a"):rep(60))
      support.settle(device)
      assert.equal(1 << 8 | 1 << 4 | ERR, get(S2MM + SR) & 0xffff)
      assert.equal(1, device:wire "ip/s2mm_introut")
      set(S2MM + SR, 1 << 8 | 1 << 4 | ERR)
      set(MASK, 1 << 3)
      f:send(("b"):rep(68))
      f:send(("c"):rep(64))
      support.settle(device)
      assert.equal(1 << 15 | 1 << 4, get(S2MM + SR) & 0xffff)
      local text = b:tobytes()
      assert.equal(("a"):rep(60) .. "\0\0\0\0" .. ("b"):rep(64) .. ("c"):rep(64), text:sub(1, 192))
    end)

    -- axi_vdma_register.vhd: frm_store_i follows only while no error bit is set.
    it("shows the store of an error as long as its bits are set", function()
      start()
      local b, f = frames(3), fifo()
      set(S2MM, 0x10003)
      sizes(RX, b, 3)
      f:send "short"
      for _ = 1, LINES - 1 do f:send(line(1)) end
      support.settle(device)
      assert.equal(0, get(PARK) >> 24 & 0x1f)
      set(S2MM + SR, 1 << 8 | 1 << 4)
      assert.equal(1, get(PARK) >> 24 & 0x1f)
    end)

    it("halts on such a line without C_FLUSH_ON_FSYNC", function()
      start { C_FLUSH_ON_FSYNC = 0 }
      local b, f = frames(3), fifo()
      set(S2MM, 0x10003)
      sizes(RX, b, 3)
      f:send "short"
      support.settle(device)
      assert.equal(1, get(S2MM + SR) & 1)
    end)

    it("writes lines from the bottom up with vertical flip", function()
      start { C_ENABLE_VERT_FLIP = 1 }
      local b, f = frames(3), fifo()
      set(0xec, 1)
      set(S2MM, 0x10003)
      sizes(RX, b, 3)
      for i = 1, LINES do f:send(line(i)) end
      support.settle(device)
      assert.equal(line(8) .. line(7), b:tobytes():sub(1, 2 * LINE))
    end)

    it("reaches more than 16 stores through REG_INDEX", function()
      start { C_NUM_FSTORES = 32 }
      set(TX + ADDRESS, 0x1000)
      set(0x14, 1)
      assert.equal(0, get(TX + ADDRESS))
      set(TX + ADDRESS, 0x2000)
      set(0x14, 0)
      assert.equal(0x1000, get(TX + ADDRESS))
      vdma:free()
      device:close()
      start { C_NUM_FSTORES = 16 } -- PG020: reserved with fewer
      set(0x14, 1)
      assert.equal(0, get(0x14))
    end)
  end)

  local function driver_specs()
    it("reads frames that come", function()
      start()
      local f = fifo()
      vdma.readchannel:start(MODE)
      assert.is_true(vdma.readchannel.running)
      for n = 1, 5 do
        for i = 1, LINES do f:send(line(n * 10 + i)) end
        local frame <close> = vdma.readchannel:readframe()
        assert.same({ 8, 16, 4 }, frame.shape)
        assert.equal(n * 10 + 1, frame[1][1][1])
        assert.equal(line(n * 10 + 8), frame:tobytes():sub(-LINE))
      end
      vdma.readchannel:stop()
      assert.is_false(vdma.readchannel.running)
      assert.equal(0, device.memory.count)
    end)

    it("shows frames, each until the next", function()
      start()
      local f = fifo()
      local channel, frames_shown = vdma.writechannel:start(MODE), {}
      for n = 1, 4 do
        local frame = channel:newframe()
        fill(frame, n)
        -- nobody reads: once the FIFO is full the frame before is under way, and the new one comes after it
        local ok, e = pcall(channel.writeframe, channel, frame, 1e-6)
        assert.is_true(ok or e.kind == "timeout")
        if n > 1 then assert.is_false(ok) end
        local got
        repeat got = f:receive() until got == line(n)
        frames_shown[n] = frame
      end
      raises("runtime", frames_shown[4].freebuffer, frames_shown[4])
      channel:reset()
      for _, frame in ipairs(frames_shown) do frame:close() end
      assert.equal(0, device.memory.count)
    end)

    it("shows frames with one store, and lets go of the one before", function()
      start({ C_NUM_FSTORES = 1 }, "open")
      local channel = vdma.writechannel:start(MODE)
      local a, b = channel:newframe(), channel:newframe()
      channel:writeframe(a)
      raises("runtime", a.freebuffer, a)
      channel:writeframe(b)
      assert.equal(1, device.memory.count) -- a went as it was asked to
      channel:stop()
      b:close()
      assert.equal(0, device.memory.count)
    end)

    it("moves frames from one channel to the other", function()
      start({}, "loop")
      vdma.readchannel:start(MODE)
      vdma.writechannel:start(MODE)
      local frame = vdma.writechannel:newframe()
      fill(frame, 0x5a)
      vdma.writechannel:writeframe(frame)
      local seen
      for _ = 1, 6 do
        local got <close> = vdma.readchannel:readframe()
        seen = got:tobytes()
      end
      assert.equal(frame:tobytes(), seen)
      vdma.writechannel:stop()
      vdma.readchannel:stop()
      frame:close()
      assert.equal(0, device.memory.count)
    end)

    it("the default wait has a limit and explains", function()
      start()
      vdma.readchannel:start(MODE)
      local text = raises("timeout", vdma.readchannel.readframe, vdma.readchannel)
      assert.matches("^Timeout: ip readchannel: no frame within 10 s%. Does a stream arrive, with TLAST", text)
      assert.matches("VDMASR 0x00010000 (running), store 0, 8 lines of 64 bytes", text, 1, true)
    end)

    it("says when a frame is damaged, and goes on", function()
      start()
      local f = fifo()
      vdma.readchannel:start(MODE)
      for _ = 1, 7 do f:send(line(1)) end
      f:send "too short"
      local text = raises("runtime", vdma.readchannel.readframe, vdma.readchannel)
      assert.matches("EOLEarlyErr: a line ended (TLAST) before HSIZE bytes", text, 1, true)
      device:inject { ip = "ip", fault = "sof_early", count = 1 }
      for _ = 1, 8 do f:send(line(2)) end
      assert.matches("SOFEarlyErr", raises("runtime", vdma.readchannel.readframe, vdma.readchannel), 1, true)
      device:inject { ip = "ip", fault = "sof_late", count = 1 }
      for _ = 1, 8 do f:send(line(2)) end
      assert.matches("SOFLateErr", raises("runtime", vdma.readchannel.readframe, vdma.readchannel), 1, true)
      for _ = 1, 8 do f:send(line(3)) end
      local frame <close> = vdma.readchannel:readframe()
      assert.equal(3, frame[8][16][4])
    end)

    -- The store register stands still while an error is set: the driver took the wrong frame.
    it("takes the right frame after a damaged one, and tells of damage that came in between", function()
      start()
      local f = fifo()
      local channel = vdma.readchannel:start(MODE)
      local function send(value)
        for _ = 1, LINES do f:send(line(value)) end
        support.settle(device)
      end
      send(1)
      f:send "too short"
      for _ = 2, LINES do f:send(line(2)) end
      support.settle(device)
      assert.equal(2, channel.activeframe)
      assert.matches("EOLEarlyErr", raises("runtime", channel.readframe, channel), 1, true)
      send(3)
      local frame <close> = channel:readframe()
      assert.equal(3, frame[1][1][1])
      assert.is_true(channel.running)
    end)

    it("explains a memory error, and starts again", function()
      start()
      local f = fifo()
      vdma.readchannel:start(MODE)
      device:inject { ip = "ip", fault = "slave_error", where = "M_AXI_S2MM", count = 1 }
      f:send(line(1))
      local text = raises("runtime", vdma.readchannel.readframe, vdma.readchannel)
      assert.matches("VDMASlvErr: the memory answered with an error", text, 1, true)
      assert.matches("^ip readchannel has failed", raises("runtime", vdma.readchannel.readframe, vdma.readchannel))
      vdma.readchannel:start()
      for _ = 1, 8 do f:send(line(4)) end -- the line that was refused comes first
      local frame <close> = vdma.readchannel:readframe()
      assert.equal(line(1) .. line(4), frame:tobytes():sub(1, 2 * LINE))
    end)

    it("explains a channel that does not start, and a frame that is not begun", function()
      start()
      device:inject { ip = "ip", fault = "stuck_reset", where = "mm2s", count = 1 }
      local channel = vdma.writechannel
      assert.matches("^Timeout: ip writechannel: the reset did not end within 1 s%.", raises("timeout", channel.reset,
        channel))
      assert.matches("^Timeout: ip writechannel does not start%.\nip writechannel: VDMACR",
                     raises("timeout", channel.start, channel, MODE))
      channel:reset()
      channel:start(MODE)
      device:inject { ip = "ip", fault = "stall", where = "M_AXIS_MM2S" }
      local frame <close> = channel:newframe()
      assert.matches("^Timeout: ip writechannel: the frame was not begun within 1 ms%. Does the receiver of the "
                     .. "stream take data%?\nip writechannel: VDMACR", raises("timeout", channel.writeframe, channel,
                     frame, 0.001))
      channel:reset()
    end)

    it("counts no frames when its model is told to", function()
      start()
      local f = fifo()
      vdma.readchannel:start(MODE)
      device:inject { ip = "ip", fault = "no_done", where = "s2mm", count = 1 }
      for n = 1, 2 do
        for _ = 1, LINES do f:send(line(n)) end
        if n == 1 then raises("timeout", vdma.readchannel.readframe, vdma.readchannel, 0.001) end
      end
      local frame <close> = vdma.readchannel:readframe()
      assert.equal(2, frame[1][1][1])
    end)

    it("refuses modes it can't have, and calls out of order", function()
      start({ C_M_AXI_S2MM_DATA_WIDTH = 64 })
      local channel = vdma.readchannel
      assert.matches("Video mode not set, channel not started", raises("runtime", channel.start, channel), 1, true)
      raises("runtime", channel.newframe, channel)
      assert.equal("DMA channel not started: call readchannel:start first.",
                   raises("runtime", channel.readframe, channel))
      raises("value", channel.start, channel, { width = 0, height = 8 })
      raises("value", channel.start, channel, { width = 16, height = 8192 })
      raises("value", channel.start, channel, { width = 30000, height = 8 })
      raises("value", channel.start, channel, { width = 16, height = 8, bits_per_pixel = 12 })
      assert.matches("a line of 12 bytes is no multiple of the 8 bytes", raises("value", channel.start, channel,
        { width = 4, height = 8 }), 1, true)
      channel:start(MODE)
      assert.equal("ip readchannel runs already: stop it first.", raises("runtime", channel.start, channel))
      vdma.writechannel:start(MODE)
      local small <close> = lunq.allocate(64, "u1", { target = device })
      assert.matches("the frame has 64 bytes, the video mode 512", raises("value", vdma.writechannel.writeframe,
        vdma.writechannel, small), 1, true)
      raises("type", vdma.writechannel.writeframe, vdma.writechannel, 5)
      raises("value", channel.park, channel, 3)
    end)

    it("refuses frames that its memory port can't reach, and designs without parameters", function()
      start()
      vdma.writechannel:start(MODE)
      local buffer <close> = lunq.allocate(600, "u1", { target = device })
      assert.matches("^ip writechannel: a frame at 0x%x+ is not a multiple of 4 bytes%.",
                     raises("runtime", vdma.writechannel.writeframe, vdma.writechannel, buffer:slice(3, 514)))
      vdma.writechannel:stop()
      assert.equal("Unable to get parameters from description; Users must use *.hwh files for overlays.",
                   raises("runtime", require "drivers.axi_vdma", { fullpath = "ip", phys_addr = 0x40000000,
                     addr_range = 0x10000, device = device }))
    end)

    it("reads no frames with one store", function()
      start { C_NUM_FSTORES = 1 }
      vdma.readchannel:start(MODE)
      assert.matches("one frame store", raises("unsupported", vdma.readchannel.readframe, vdma.readchannel), 1, true)
    end)

    it("parks the read channel", function()
      start()
      local f = fifo()
      vdma.readchannel:start(MODE):park(2)
      assert.is_true(vdma.readchannel.parked)
      for n = 1, 3 do
        for _ = 1, 8 do f:send(line(n)) end
        local frame <close> = vdma.readchannel:readframe()
        if n > 1 then assert.equal(n, frame[1][1][1]) end
      end
      assert.equal(2, vdma.readchannel.activeframe)
      vdma.readchannel:park(nil)
      assert.is_false(vdma.readchannel.parked)
    end)

    describe("tied", function()
      local f, read, write
      local function tied(parameters)
        local p = { C_MM2S_GENLOCK_MODE = 1 }
        for k, v in pairs(parameters or {}) do p[k] = v end
        start(p)
        f = fifo()
        read, write = vdma.readchannel:start(MODE), vdma.writechannel:start(MODE)
        assert.equal(read, read:tie(write))
      end
      local function send(value)
        for _ = 1, LINES do f:send(line(value)) end
        support.settle(device)
      end
      --- The last line that is shown once all has been shown that waited.
      local function shown()
        local last
        for _ = 1, 200 do
          last = f:receive()
          support.settle(device)
        end
        return last:byte()
      end
      local function same_addresses()
        for store = 0, 2 do
          assert.equal(get(RX + ADDRESS + 4 * store), get(TX + ADDRESS + 4 * store))
        end
      end

      for name, mode in pairs { slave = 1, ["dynamic slave"] = 3 } do
        it("shows what comes as a genlock " .. name .. ", while frames are read", function()
          tied { C_MM2S_GENLOCK_MODE = mode }
          for n = 1, 5 do
            send(n)
            assert.equal(n, shown())
            same_addresses()
            if n % 2 == 0 then
              local frame <close> = read:readframe()
              assert.equal(n, frame[8][16][4])
              same_addresses()
            end
          end
          assert.equal(1, write.framedelay)
          write:reset()
          read:stop()
          collectgarbage()
          collectgarbage()
          assert.equal(0, device.memory.count)
        end)
      end

      it("stays at its frame when the tie ends, by itself or by writing one", function()
        tied()
        send(1)
        assert.equal(1, shown())
        read:tie()
        send(2)
        assert.equal(1, shown())
        assert.is_true(write.parked)
        assert.is_false(write.sourcechannel)
        read:tie(write)
        assert.equal(read, write.sourcechannel)
        local frame = write:newframe()
        fill(frame, 9)
        raises("timeout", write.writeframe, write, frame, 1e-6)
        assert.is_false(read.sinkchannel)
        assert.equal(9, shown())
        write:reset()
        frame:close()
        read:tie(write:start(MODE)):stop()
        assert.is_false(write.sourcechannel)
        assert.is_true(write.running)
      end)

      it("needs a channel that can show these frames", function()
        tied()
        write:stop()
        assert.equal("DMA channel not started: call writechannel:start first.",
                     raises("runtime", read.tie, read, write))
        write:start { width = 16, height = 4, bits_per_pixel = 32 }
        assert.equal("ip writechannel shows frames of 4 lines of 64 bytes, ip readchannel has 8 of 64.",
                     raises("value", read.tie, read, write))
        write.genlock = false
        assert.matches("ip writechannel can't follow another channel: it is no genlock slave (C_MM2S_GENLOCK_MODE).",
                       raises("unsupported", read.tie, read, write), 1, true)
        raises("value", function() write.framedelay = 3 end)
      end)
    end)

    it("has PYNQ's fields", function()
      start()
      local channel = vdma.readchannel
      assert.is_nil(channel.mode)
      assert.matches("Video mode not set, channel not started", raises("runtime", channel.start, channel), 1, true)
      channel.mode = { width = 16, height = 8, bits_per_pixel = 32, fps = 60 }
      assert.same({ width = 16, height = 8, bits_per_pixel = 32, bytes_per_pixel = 4, stride = 64, nbytes = 512,
                    fps = 60, shape = { 8, 16, 4 } }, channel.mode)
      channel:start()
      assert.is_true(channel.running)
      assert.is_false(channel.parked)
      channel.parked = true
      channel.desiredframe = 2
      assert.same({ true, 2, 0, 1 }, { channel.parked, channel.desiredframe, channel.activeframe,
                                       channel.irqframecount })
      channel.irqframecount = 4
      assert.equal(4, channel.irqframecount)
      assert.matches("^Invalid frame index", raises("value", function() channel.desiredframe = 3 end))
      raises("value", function() channel.irqframecount = 256 end)
      assert.equal("ip readchannel: running can't be assigned",
                   raises("attribute", function() channel.running = true end))
      assert.matches('^ip readchannel has no "activeframes".*activeframe',
                     raises("attribute", function() return channel.activeframes end))
      channel.mode = { width = 8, height = 8, bits_per_pixel = 32 } -- another mode stops it
      assert.is_false(channel.running)
      assert.equal("VDMAReadChannel ip readchannel: 8 x 8, 32 bits, 3 stores", tostring(channel))
    end)

    it("says when the core counts single frames only", function()
      start { C_ENABLE_DEBUG_INFO_15 = 0 }
      vdma.readchannel.irqframecount = 1
      assert.equal("ip readchannel counts single frames only (C_ENABLE_DEBUG_INFO_15 is 0).",
                   raises("unsupported", function() vdma.readchannel.irqframecount = 2 end))
      vdma.writechannel.irqframecount = 2
    end)

    it("allocates frames as cacheable_frames says", function()
      start()
      for _, cacheable in ipairs { true, false } do
        vdma.readchannel.cacheable_frames = cacheable
        vdma.readchannel.mode = MODE
        local frame <close> = vdma.readchannel:newframe()
        assert.equal(cacheable, frame.cacheable)
      end
    end)

    it("tells who waits that the channel was stopped, reset or closed", function()
      start()
      local active, channel = lunq.core.active_device(device), vdma.readchannel
      local function told_by(f)
        if not channel.running then channel:start(MODE) end
        local task = lunq.spawn(function() return raises("runtime", channel.readframe, channel) end)
        lunq.sleep(1e-5)
        f()
        return task:wait()
      end
      assert.equal("DMA channel not started: call readchannel:start first.", told_by(function() channel:stop() end))
      assert.equal("DMA channel not started: call readchannel:start first.", told_by(function() channel:reset() end))
      assert.matches("closed", told_by(function() vdma:free() end))
      lunq.core.active_device(active)
    end)

    -- PG020: with more than 32 address bits two registers are an address, 8 stores at most, no REG_INDEX.
    it("writes addresses of more than 32 bits", function()
      start({ C_ADDR_WIDTH = 40, C_NUM_FSTORES = 12 }, "open")
      assert.equal(8, vdma.writechannel.framecount)
      vdma.writechannel:start(MODE)
      local seen = {}
      for store = 0, 7 do
        local address = get(TX + ADDRESS + 8 * store) | get(TX + ADDRESS + 8 * store + 4) << 32
        assert.is_true(address > 0 and not seen[address])
        seen[address] = true
      end
      local frame <close> = vdma.writechannel:newframe()
      vdma.writechannel:writeframe(frame)
      vdma.writechannel:stop()
    end)

    it("has the channels of the design", function()
      start { C_INCLUDE_S2MM = 0 }
      assert.is_nil(vdma.readchannel)
      assert.matches("^ip writechannel: VDMACR", vdma:explain())
    end)
  end

  describe("driver", driver_specs)
  describe("driver without its interrupts", function()
    before_each(function() pins = nil end)
    driver_specs()
  end)

  describe("interrupt", function()
    local warnings = require "lunq.warnings"
    local f, channel, active
    before_each(function()
      start()
      f, channel = fifo(), vdma.readchannel:start(MODE)
      active = lunq.core.active_device(device)
    end)
    after_each(function() lunq.core.active_device(active) end)
    local function send(value, n)
      for _ = 1, n or LINES do f:send(line(value)) end
    end
    local function accesses(call)
      local before = device:stats(true).ip
      call()
      local after = device:stats(false).ip
      return after.reads + after.writes - before.reads - before.writes
    end

    it("ends a wait, whatever that takes, with the same few accesses", function()
      local counts = {}
      for i, seconds in ipairs { 1e-4, 1 } do
        counts[i] = accesses(function() raises("timeout", channel.readframe, channel, seconds) end)
      end
      assert.equal(counts[1], counts[2])
      assert.is_true(counts[1] < 30)
    end)

    it("is enabled only while somebody waits", function()
      assert.equal(0, get(S2MM) & 0x7000)
      local task = lunq.spawn(channel.readframe, channel)
      lunq.sleep(1e-5)
      assert.equal(FRAME | ERR, get(S2MM) & 0x7000)
      task:cancel()
      lunq.sleep(1e-5)
      assert.equal(0, get(S2MM) & 0x7000)
      assert.is_true(channel.running)
    end)

    it("comes for an error of the memory, and for one of the stream", function()
      local from = device:now()
      local task = lunq.spawn(function() return raises("runtime", channel.readframe, channel) end)
      lunq.sleep(1e-5)
      f:send "short"
      send(1, LINES - 1)
      assert.matches("EOLEarlyErr", task:wait(), 1, true)
      device:inject { ip = "ip", fault = "slave_error", where = "M_AXI_S2MM", count = 1 }
      task = lunq.spawn(function() return raises("runtime", channel.readframe, channel) end)
      lunq.sleep(1e-5)
      f:send(line(1))
      assert.matches("VDMASlvErr", task:wait(), 1, true)
      assert.is_true(device:now() - from < 1000000)
    end)

    it("gives each of several readers a frame of its own, in the order in which they asked", function()
      local got = {}
      local tasks = {}
      for i = 1, 3 do
        tasks[i] = lunq.spawn(function()
          local frame <close> = channel:readframe()
          got[i] = frame[1][1][1]
        end)
      end
      for n = 1, 3 do
        lunq.sleep(1e-4)
        send(n)
      end
      for _, task in ipairs(tasks) do task:wait() end
      assert.same({ 1, 2, 3 }, got)
    end)

    it("that is lost costs time, not the frame", function()
      device:inject { ip = "ip", fault = "lost_interrupt", where = "s2mm_introut" }
      local list, value = warnings.capture(function()
        local task = lunq.spawn(function()
          local frame <close> = channel:readframe(0.1)
          return frame[1][1][1]
        end)
        lunq.sleep(1e-5)
        send(7)
        return task:wait()
      end)
      assert.equal(7, value)
      assert.matches("^ip: the work is done, but interrupt ip/s2mm_introut never came%.", list[1].text)
    end)
  end)

  describe("memory", function()
    it("is held while the channel runs", function()
      start()
      vdma.readchannel:start(MODE)
      assert.equal(3, device.memory.count)
      collectgarbage()
      assert.equal(3, device.memory.count)
      vdma.readchannel:stop()
      collectgarbage()
      collectgarbage()
      assert.equal(0, device.memory.count)
    end)

    it("stays when a stuck channel can't be reset", function()
      start()
      local f = fifo()
      vdma.readchannel:start(MODE)
      f:send(line(1)) -- in the middle of a frame it does not halt
      support.settle(device)
      device:inject { ip = "ip", fault = "stuck_reset", count = 1 }
      assert.matches("^Timeout: ip readchannel: the reset did not end", raises("timeout", vdma.readchannel.stop,
        vdma.readchannel))
      collectgarbage()
      collectgarbage()
      assert.equal(3, device.memory.count)
      vdma.readchannel:stop()
      collectgarbage()
      collectgarbage()
      assert.equal(0, device.memory.count)
    end)

    it("goes when another design is loaded over it", function()
      start()
      vdma.readchannel:start(MODE)
      device:program(support.design "acme.com:user:other:1.0")
      vdma:free()
      collectgarbage()
      collectgarbage()
      assert.equal(0, device.memory.count)
    end)
  end)
end)
