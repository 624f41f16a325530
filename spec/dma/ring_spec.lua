local lunq = require "lunq"
local hook = require "lunq.warnings"
local loops = dofile "spec/dma/loops.lua"
local process = dofile "spec/program/process.lua"

local S2MM <const>, DMACR <const>, DMASR <const> = 0x30, 0x00, 0x04
local HALTED <const>, IDLE <const> = 1, 2

describe("a ring of a DMA", function()
  local l, dma, send, recv, warnings

  local function open(o)
    o = o or {}
    if o.sg == nil then o.sg = true end
    l = loops.open(o)
    dma = l.dma[1]
    send, recv = dma.sendchannel, dma.recvchannel
  end

  before_each(function()
    warnings = {}
    hook.set_hook(function(_, text) warnings[#warnings + 1] = text end)
  end)
  after_each(function()
    hook.set_hook(nil)
    if l then l:close() end
    l = nil
  end)

  --- Sends pieces one after the other in a task: the sizes of packets, of data that tells its place.
  local function sender(sizes, tail)
    local ring = send:ring { count = 4, bytes = 256 }
    local data = {}
    for i, n in ipairs(sizes) do data[i] = loops.pattern(n, i) end
    return lunq.spawn(function()
      for _, d in ipairs(data) do ring:write(d, tail) end
      ring:flush()
      local stats = ring:stats()
      ring:close()
      return stats
    end), table.concat(data)
  end

  describe("that receives", function()
    it("gives blocks in order, as long as what came, with the ends of packets", function()
      open()
      local ring <close> = recv:ring { count = 4, bytes = 256 }
      local task, all = sender { 256, 100, 600, 4 }
      local got, list = {}, {}
      repeat
        local block, n, last = ring:read()
        assert.equal(n, #block)
        got[#got + 1] = block:tobytes()
        list[#list + 1] = { n, last }
      until #table.concat(got) == #all
      assert.same({ { 256, true }, { 100, true }, { 256, false }, { 256, false }, { 88, true }, { 4, true } }, list)
      assert.equal(all, table.concat(got))
      task:wait()
      local stats = ring:stats()
      assert.same({ 6, 960, 4, 0 }, { stats.blocks, stats.bytes, stats.packets, stats.overruns })
    end)

    it("copies nothing, and takes a block back with the next read or before", function()
      open()
      local ring <close> = recv:ring { count = 2, bytes = 256 }
      sender { 4, 4, 4 }
      local first = ring:read()
      local address = first.device_address
      local second = ring:read()
      assert.equal(address + 256, second.device_address)
      assert.matches("Buffer was freed", tostring(loops.error_of(first.tobytes, first)))
      assert.equal(loops.pattern(4, 2), second:tobytes())
      ring:release()
      ring:release()
      assert.matches("Buffer was freed", tostring(loops.error_of(second.tobytes, second)))
      local third = ring:read()
      assert.equal(address, third.device_address)
      assert.equal(loops.pattern(4, 3), third:tobytes())
    end)

    it("has blocks of a type", function()
      open()
      local ring <close> = recv:ring { count = 2, bytes = 256, dtype = "i2" }
      sender { 64 }
      local block, n = ring:read()
      assert.same({ "i2", 32, 64 }, { block.dtype, #block, n })
    end)

    -- All full: the engine stops at TAILDESC, S2MM takes nothing, the FIFO fills, MM2S stands.
    it("holds the stream while the script is slow, and loses nothing", function()
      open()
      local ring <close> = recv:ring { count = 4, bytes = 256 }
      local sizes = {}
      for i = 1, 100 do sizes[i] = 256 end
      local task, all = sender(sizes)
      local first = ring:read()
      lunq.sleep(0.01)
      assert.equal("waiting", task.state)
      assert.equal(3, ring:stats().ready)
      assert.equal(IDLE, dma:read(S2MM + DMASR) & (HALTED | IDLE))
      assert.equal(all:sub(1, 256), first:tobytes()) -- nobody has written over it
      local got = { first:tobytes() }
      for i = 2, 100 do
        if i % 10 == 0 then lunq.sleep(1e-3) end
        got[i] = ring:read():tobytes()
      end
      assert.equal(all, table.concat(got))
      task:wait()
      local stats = ring:stats()
      assert.is_true(stats.stalls >= 10, stats.stalls)
      assert.equal(0, stats.overruns)
      assert.equal(0, #warnings)
    end)

    it("never lets the engine stand still when the script is fast", function()
      open()
      local ring <close> = recv:ring { count = 4, bytes = 256 }
      local sizes = {}
      for i = 1, 50 do sizes[i] = 256 end
      local task, all = sender(sizes)
      local got = {}
      for i = 1, 50 do got[i] = ring:read():tobytes() end
      assert.equal(all, table.concat(got))
      assert.equal(0, ring:stats().stalls)
      assert.is_true(ring:stats().waits > 10)
      task:wait()
    end)

    -- No TLAST, no interrupt: blocks that are full are found by looking.
    it("takes a stream without packets", function()
      open()
      local ring <close> = recv:ring { count = 4, bytes = 256 }
      local task, all = sender({ 1000, 1000, 48 }, false)
      local got = {}
      for i = 1, 8 do
        local block, n, last = ring:read()
        assert.same({ 256, false }, { n, last })
        got[i] = block:tobytes()
      end
      assert.equal(all, table.concat(got))
      task:wait()
      assert.equal(0, ring:stats().packets)
    end)

    it("goes on until it is closed", function()
      open()
      local ring = recv:ring { count = 4, bytes = 256 }
      local task = sender { 256, 256, 256, 256, 256, 256 }
      local n = 0
      for block, bytes in ring:blocks() do
        assert.equal(bytes, #block)
        n = n + 1
        if n == 6 then ring:close() end
      end
      assert.equal(6, n)
      task:wait()
    end)

    it("sleeps until the interrupt", function()
      open()
      local ring <close> = recv:ring { count = 4, bytes = 256 }
      local t = lunq.spawn(function() return ring:read(5) end)
      lunq.sleep(1e-6)
      assert.equal(1 << 2, l:enabled(0))
      local _, n = (sender { 100 } and t):wait()
      assert.equal(100, n)
      assert.equal(0, l:enabled(0))
    end)

    it("gives a block to the next reader when the first one is cancelled", function()
      open()
      local ring <close> = recv:ring { count = 4, bytes = 256 }
      local t = lunq.spawn(function() ring:read(5) end)
      lunq.sleep(1e-6)
      send:transfer(l:bytes(100, 1))
      while l.device:step() do end -- it is there, and t does not know yet
      lunq.sleep(0) -- both may go on now, and this one is first
      assert.equal("waiting", t.state)
      t:cancel()
      local _, n = ring:read(0)
      assert.equal(100, n)
    end)

    it("explains a time-out", function()
      open()
      local ring <close> = recv:ring { count = 4, bytes = 256 }
      local e = loops.error_of(ring.read, ring, 0.01)
      assert.equal("timeout", e.kind)
      assert.matches("^DMA S2MM has filled no block of its ring within 0.01 s: dma00 S2MM", tostring(e))
      assert.matches("ring of 4 blocks of 256 bytes: 0 full, 4 empty; so far 0 blocks", tostring(e), 1, true)
      assert.matches("The source has sent nothing, or less than a block and no TLAST", tostring(e), 1, true)
      sender { 8 }
      assert.equal(8, (select(2, ring:read())))
    end)
  end)

  -- Looking now and then must not make simulated time pass for ever.
  it("without a time limit ends when nothing is under way", function()
    open()
    local ring <close> = recv:ring { count = 4, bytes = 256 }
    local t = lunq.spawn(function() ring:read(math.huge) end)
    local e = loops.error_of(t.wait, t, math.huge)
    assert.equal("timeout", e.kind)
    assert.matches("^DMA S2MM has filled no block of its ring within inf s", tostring(e))
    assert.equal(0, l:enabled(0))
  end)

  describe("that sends", function()
    it("drops at once what was not sent when its task is cancelled", function()
      open()
      local began
      local task = lunq.spawn(function()
        local ring <close> = send:ring { count = 2, bytes = 64 }
        began = true
        ring:write(("x"):rep(1000000)) -- nobody receives: it waits for an empty block
      end)
      lunq.sleep(0.001)
      assert.is_true(began)
      local before = lunq.now()
      task:cancel()
      assert.is_true(lunq.now() - before < 0.1)
      assert.same({}, warnings)
    end)

    it("sends strings and buffers of any length", function()
      open()
      local ring <close> = recv:ring { count = 8, bytes = 1024 }
      local out <close> = send:ring { count = 2, bytes = 64 }
      local src = l:bytes(300, 7)
      lunq.spawn(function()
        out:write(loops.pattern(1000, 5)):write(src):write("abc")
      end)
      for _, want in ipairs { loops.pattern(1000, 5), loops.pattern(300, 7), "abc" } do
        local block, n, last = ring:read()
        assert.same({ #want, true }, { n, last })
        assert.equal(want, block:tobytes())
      end
    end)

    it("waits for room, and says when none comes", function()
      open()
      local out = send:ring { count = 2, bytes = 256 }
      local e = loops.error_of(out.write, out, loops.pattern(4096, 1), true, 0.01)
      assert.equal("timeout", e.kind)
      assert.matches("^DMA MM2S has sent no block of its ring within 0.01 s: dma00 MM2S", tostring(e))
      assert.matches("takes no more data %(TREADY low%)", tostring(e))
      out:close()
      assert.equal(HALTED, dma:read(DMASR) & HALTED)
    end)

    it("gives blocks to fill in place", function()
      open()
      local ring <close> = recv:ring { count = 4, bytes = 256 }
      local out <close> = send:ring { count = 2, bytes = 256, dtype = "u4" }
      local block = out:next()
      assert.same({ "u4", 64 }, { block.dtype, #block })
      for i = 1, 10 do block[i] = i * i end
      out:send(40)
      assert.matches("Buffer was freed", tostring(loops.error_of(block.tobytes, block)))
      local got, n = ring:read()
      assert.equal(40, n)
      assert.equal(100, got:view("u4")[10])
    end)

    it("flushes: then all of it has been sent", function()
      open()
      local ring <close> = recv:ring { count = 8, bytes = 256 }
      local out <close> = send:ring { count = 8, bytes = 256 }
      out:write(loops.pattern(1500, 1)):flush()
      local stats = out:stats()
      assert.same({ 6, 1500, 1, 8 }, { stats.blocks, stats.bytes, stats.packets, stats.ready })
      lunq.sleep(1e-4) -- through the FIFO
      assert.equal(6, ring:stats().ready)
      assert.equal("value", loops.error_of(ring.core.flush, ring.core).kind)
    end)

    it("sends what was written before the end of a scope, but not after an error", function()
      open()
      local ring <close> = recv:ring { count = 8, bytes = 256 }
      do
        local out <close> = send:ring { count = 8, bytes = 256 }
        out:write(loops.pattern(1500, 1))
      end
      lunq.sleep(1e-4)
      assert.equal(6, ring:stats().ready)
      local ok = pcall(function()
        local out <close> = send:ring { count = 8, bytes = 256 }
        out:next()
        error "stop"
      end)
      assert.is_false(ok)
      assert.equal(HALTED, dma:read(DMASR) & HALTED)
    end)
  end)

  describe("that is closed", function()
    it("in the middle leaves the hardware halted and gives the memory back", function()
      open()
      local before = l.device.memory.count
      local ring = recv:ring { count = 4, bytes = 256 }
      local out = send:ring { count = 4, bytes = 256 }
      out:write(loops.pattern(700, 1))
      local block = ring:read()
      out:close()
      ring:close()
      ring:close()
      assert.equal(HALTED, dma:read(DMASR) & HALTED)
      assert.equal(HALTED, dma:read(S2MM + DMASR) & HALTED)
      assert.matches("freed", tostring(loops.error_of(block.tobytes, block)))
      assert.equal("runtime", loops.error_of(ring.read, ring).kind)
      assert.equal("The ring is closed.", tostring(loops.error_of(ring.read, ring)))
      assert.equal("DMA ring S2MM (closed)", tostring(ring))
      assert.equal(before + 2, l.device.memory.count) -- the descriptors of both channels, used again
      local again <close> = recv:ring { count = 4, bytes = 256 }
      assert.equal(0, again:stats().blocks)
    end)

    -- A receive that waits for data is ended only by a reset, and that would break the other channel.
    it("keeps the memory while only a reset would halt it and the other channel is at work", function()
      open()
      local before = l.device.memory.count
      local ring = recv:ring { count = 4, bytes = 256 }
      local out = send:ring { count = 4, bytes = 256 }
      ring:close()
      assert.equal(before + 4, l.device.memory.count)
      local e = loops.error_of(recv.ring, recv, { count = 4, bytes = 256 })
      assert.equal("runtime", e.kind)
      assert.matches("^DMA channel not halted", tostring(e))
      assert.matches("A ring was closed here while a transfer of MM2S kept it from being halted", tostring(e))
      out:close()
      assert.equal(before + 2, l.device.memory.count)
      recv:ring { count = 4, bytes = 256 }:close()
    end)

    it("ends who waits for it", function()
      open()
      local ring = recv:ring { count = 4, bytes = 256 }
      local t = lunq.spawn(function() ring:read(5) end)
      lunq.sleep(1e-6)
      ring:close()
      local e = loops.error_of(t.wait, t)
      assert.same({ "runtime", "The ring is closed." }, { e.kind, tostring(e) })
      assert.equal(0, l:enabled(0))
    end)

    it("by the garbage collector leaves the hardware halted", function()
      open()
      local before = l.device.memory.count
      recv:ring { count = 4, bytes = 256 }
      collectgarbage()
      collectgarbage()
      assert.equal(HALTED, dma:read(S2MM + DMASR) & HALTED)
      assert.equal(before + 1, l.device.memory.count)
    end)
  end)

  describe("when something fails", function()
    it("gives the blocks that came before an error first", function()
      open()
      local ring <close> = recv:ring { count = 4, bytes = 256 }
      l.device:inject { ip = "dma00", fault = "slave_error", where = "M_AXI_S2MM", after = 2 }
      send:transfer(l:bytes(768, 1))
      lunq.sleep(1e-3)
      assert.equal(loops.pattern(768, 1):sub(1, 256), ring:read():tobytes())
      local e = loops.error_of(ring.read, ring)
      assert.equal("runtime", e.kind)
      assert.matches("^DMA Slave Error", tostring(e))
      dma:reset()
      e = loops.error_of(ring.read, ring)
      assert.equal("This ring is over: a reset ended it. Open a new one.", tostring(e))
    end)

    it("wakes for an error", function()
      open()
      local ring <close> = recv:ring { count = 4, bytes = 256 }
      l.device:inject { ip = "dma00", fault = "decode_error", where = "M_AXI_S2MM" }
      local t = lunq.spawn(function() ring:read(5) end)
      lunq.sleep(1e-6)
      send:transfer(l:bytes(64, 1))
      assert.matches("^DMA Decode Error", tostring(loops.error_of(t.wait, t)))
      dma:reset()
    end)

    it("is over when another design is loaded, or its driver is closed", function()
      open()
      local ring = recv:ring { count = 4, bytes = 256 }
      l.device:program(loops.design { sg = true })
      local e = loops.error_of(ring.read, ring)
      assert.equal("This ring is over: its design is no longer loaded. Open a new one.", tostring(e))
      l:close()
      open()
      ring = recv:ring { count = 4, bytes = 256 }
      dma:free()
      assert.matches("^This ring is over: ", tostring(loops.error_of(ring.read, ring)))
      ring:close()
    end)

    it("finds its blocks when interrupts are lost, and says so once", function()
      open()
      l.device:inject { ip = "dma00", fault = "lost_interrupt", where = "s2mm_introut" }
      local ring <close> = recv:ring { count = 4, bytes = 256 }
      local task = lunq.spawn(function()
        local out <close> = send:ring { count = 4, bytes = 256 }
        for i = 1, 10 do
          lunq.sleep(0.01)
          out:write(loops.pattern(256, i))
        end
      end)
      for i = 1, 10 do assert.equal(loops.pattern(256, i), ring:read():tobytes()) end
      task:wait()
      assert.equal(1, #warnings)
      assert.matches("^dma00 S2MM: 4 blocks were done and no interrupt came", warnings[1])
      assert.matches("Check how dma00/s2mm_introut is wired.", warnings[1], 1, true)
    end)
  end)

  it("needs scatter-gather, and says what to do without", function()
    open { sg = false }
    local e = loops.error_of(recv.ring, recv, { count = 4, bytes = 256 })
    assert.equal("unsupported", e.kind)
    assert.matches("^A ring needs scatter%-gather, which dma00 does not have %(c_include_sg%)", tostring(e))
    assert.matches("two buffers in turn", tostring(e))
  end)

  it("refuses what can't be", function()
    open()
    local function refused(channel, options) local e = loops.error_of(channel.ring, channel, options)
      return e.kind .. ": " .. tostring(e)
    end
    assert.equal("type: ring takes a table, as in channel:ring { count = 8, bytes = 65536 }, not number",
                 refused(recv, 8))
    assert.equal('value: ring knows count, bytes, dtype and cacheable, not "size"', refused(recv, { size = 8 }))
    assert.equal("value: A ring has 2 to 65536 blocks, not 1.", refused(recv, { count = 1 }))
    assert.matches("^value: A block of 16384 bytes does not fit a descriptor: 1 to 16383 ",
                   refused(recv, { bytes = 16384 }))
    assert.matches("^value: Blocks of 6 bytes would not end at a multiple of 4 bytes", refused(recv, { bytes = 6 }))
    assert.matches("^memory: ring of dma00: ", refused(recv, { count = 65536, bytes = 16000 }))
    local ring <close> = recv:ring {}
    assert.same({ 8, 8192 }, { ring.count, ring.bytes })
    assert.equal("runtime: A ring is open on dma00 S2MM: its blocks are moved with read, and close() ends it.",
                 refused(recv, {}))
    for _, name in ipairs { "wait", "stop", "done" } do
      assert.matches("^A ring is open on dma00 S2MM", tostring(loops.error_of(recv[name], recv)))
    end
    assert.matches("^A ring is open on dma00 S2MM", tostring(loops.error_of(recv.transfer, recv, l:bytes(4))))
    assert.same({ "unsupported", "this ring receives: it has no write" },
                { loops.error_of(ring.write, ring, "x").kind, tostring(loops.error_of(ring.write, ring, "x")) })
    local out <close> = send:ring {}
    assert.equal("value", loops.error_of(out.write, out, "").kind)
    assert.equal("type", loops.error_of(out.write, out, 5).kind)
    out:next()
    assert.matches("^A block holds 1 to 8192 bytes, not 8193", tostring(loops.error_of(out.send, out, 8193)))
    assert.matches("^A block of the ring is out", tostring(loops.error_of(out.next, out)))
    out:send(4)
    assert.matches("^No block of the ring is out", tostring(loops.error_of(out.send, out, 4)))
  end)

  it("works on memory that is not coherent, and with long addresses", function()
    for _, o in ipairs { { device = "sim?coherent=0" }, { parameters = { C_ADDR_WIDTH = 40 } },
                         { wired = false }, { wired = "ps" } } do
      open(o)
      local ring = recv:ring { count = 3, bytes = 128, cacheable = true }
      local task, all = sender { 1000, 24 }
      local got = {}
      while #table.concat(got) < #all do got[#got + 1] = ring:read():tobytes() end
      assert.equal(all, table.concat(got))
      task:wait()
      ring:close()
      l:close()
    end
    l = nil
  end)

  it("works with 16 DMAs at once", function()
    open { n = 16 }
    local tasks = {}
    for i, d in ipairs(l.dma) do
      local ring, out = d.recvchannel:ring { count = 4, bytes = 128 }, d.sendchannel:ring { count = 3, bytes = 128 }
      tasks[#tasks + 1] = lunq.spawn(function()
        for k = 1, 20 do out:write(loops.pattern(40 + 8 * i, i * 100 + k)) end
        out:flush()
      end)
      tasks[#tasks + 1] = lunq.spawn(function()
        for k = 1, 20 do
          local got = ""
          repeat
            local block, _, last = ring:read()
            got = got .. block:tobytes()
            if (i + k) % 7 == 0 then lunq.sleep(1e-5) end
          until last
          assert.equal(loops.pattern(40 + 8 * i, i * 100 + k), got)
        end
        ring:close()
        out:close()
      end)
    end
    lunq.gather(table.unpack(tasks))
    for _, d in ipairs(l.dma) do
      assert.equal(HALTED, d:read(S2MM + DMASR) & HALTED)
      assert.equal(0, d:read(S2MM + DMACR) & 1)
    end
  end)

  it("works on the main thread", function()
    local code, out, err = process.lunq("spec/dma/main_thread.lua", "ring")
    assert.same({ 0, "100\t25600\ttrue\t0\nenabled 0\n", "" }, { code, out, err })
  end)

  describe("from C", function()
    local program = dofile "spec/c_program.lua" "spec/dma/ring.c"
    setup(program.build)

    for name, behaviour in pairs {
      stream = "moves packets of all sizes, and gives everything back",
      engine_first = "is over when its engine was closed",
      sleeping = "sleeps in the wait for a transfer, too",
    } do
      it(behaviour, function() assert.same({ true, "ok\n" }, { program.run(name) }) end)
    end
  end)
end)
