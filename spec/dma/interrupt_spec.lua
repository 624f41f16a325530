local lunq = require "lunq"
local hook = require "lunq.warnings"
local loops = dofile "spec/dma/loops.lua"
local process = dofile "spec/program/process.lua"

local DMACR <const>, DMASR <const>, S2MM <const> = 0x00, 0x04, 0x30
local IOC <const>, ERR <const> = 1 << 12, 1 << 14
local INPUT <const> = { mm2s = 1 << 1, s2mm = 1 << 2 } -- of the first DMA, at the first controller

-- A wait begins with a look, goes on looking for about as long as a short transfer takes, and then
-- sleeps until the interrupt. 8 KiB take 20 us at 100 MHz and four bytes a clock.
local LONG <const> = 16000

describe("waiting for a DMA with its interrupt", function()
  local l, dma, send, recv, warnings

  local function open(o)
    l = loops.open(o or {})
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

  --- Waits in a task until the channel sleeps; gives the task.
  local function sleeper(channel, seconds)
    local t = lunq.spawn(function() return channel:wait(seconds) end)
    lunq.sleep(1e-6)
    return t
  end

  local function move(n, number)
    local src, dst = l:bytes(n, number or 1), l:bytes(n)
    recv:transfer(dst)
    send:transfer(src)
    return dst
  end

  describe("in a task", function()
    it("enables the pin while it waits, and nothing afterwards", function()
      open()
      recv:transfer(l:bytes(64))
      local t = sleeper(recv)
      assert.equal(INPUT.s2mm, l:enabled(0))
      send:transfer(l:bytes(64, 1))
      assert.equal(64, t:wait())
      assert.equal(0, l:enabled(0))
    end)

    it("touches no controller when the transfer is done already", function()
      open()
      move(64)
      lunq.sleep(1e-3)
      local before = l.device:stats()
      assert.equal(64, send:wait())
      assert.equal(64, recv:wait())
      local after = l.device:stats()
      assert.same(before.intc0, after.intc0)
      assert.equal(3, after.dma00.reads - before.dma00.reads) -- DMASR twice, LENGTH
    end)

    it("reads no register between its first look and the interrupt", function()
      open()
      recv:transfer(l:bytes(64))
      local t = sleeper(recv)
      local before = l.device:stats()
      lunq.sleep(1e-3)
      assert.same(before.dma00, l.device:stats().dma00)
      send:transfer(l:bytes(64, 1))
      t:wait()
    end)

    it("leaves IOC_Irq cleared and the line low", function()
      open()
      local dst = move(LONG)
      lunq.gather(lunq.spawn(function() return send:wait() end), lunq.spawn(function() return recv:wait() end))
      assert.equal(loops.pattern(LONG, 1), dst:tobytes())
      assert.equal(0, dma:read(DMASR) & 7 << 12)
      assert.equal(0, dma:read(S2MM + DMASR) & 7 << 12)
      assert.equal(0, l.device:wire "dma00/s2mm_introut")
    end)

    -- PYNQ's wait_async enables IOC only and looks at no error bit: it sleeps for ever.
    it("wakes for an error as for completion", function()
      open()
      recv:transfer(l:bytes(32))
      local t = sleeper(recv, 5)
      local before = l.device:now()
      send:transfer(l:bytes(64, 1))
      local e = loops.error_of(t.wait, t)
      assert.equal("runtime", e.kind)
      assert.matches("^DMA Internal Error", tostring(e))
      assert.matches("packet is longer", tostring(e))
      assert.is_true(l.device:now() - before < 1e6)
      assert.equal(0, l:enabled(0))
      dma:reset()
    end)

    it("is woken by memory that refuses", function()
      open()
      l.device:inject { ip = "dma00", fault = "decode_error", where = "M_AXI_S2MM" }
      recv:transfer(l:bytes(64))
      local t = sleeper(recv, 5)
      send:transfer(l:bytes(64, 1))
      assert.matches("^DMA Decode Error %(invalid address%)", tostring(loops.error_of(t.wait, t)))
      dma:reset()
    end)

    it("sets enables that somebody took away, and takes them back", function()
      open()
      dma:write(S2MM + DMACR, 1)
      recv:transfer(l:bytes(64))
      local t = sleeper(recv)
      assert.equal(IOC | ERR, dma:read(S2MM + DMACR) & 7 << 12)
      send:transfer(l:bytes(64, 1))
      assert.equal(64, t:wait())
      assert.equal(0, dma:read(S2MM + DMACR) & 7 << 12)
    end)

    it("leaves the enables as they were when it is cancelled", function()
      open()
      dma:write(S2MM + DMACR, 1)
      recv:transfer(l:bytes(64))
      local t = sleeper(recv)
      t:cancel()
      assert.equal(0, dma:read(S2MM + DMACR) & 7 << 12)
      assert.equal(0, l:enabled(0))
      send:transfer(l:bytes(64, 1))
      assert.equal(64, recv:wait()) -- the transfer is as it was
    end)

    it("wakes all who wait for one transfer, with the same bytes", function()
      open()
      recv:transfer(l:bytes(100))
      local a, b, c = sleeper(recv), sleeper(recv), sleeper(recv)
      b:cancel()
      assert.equal(INPUT.s2mm, l:enabled(0))
      send:transfer(l:bytes(64, 1))
      assert.equal(64, a:wait())
      assert.equal(64, c:wait())
      assert.equal(0, l:enabled(0))
      assert.equal("runtime", loops.error_of(recv.wait, recv).kind) -- it was waited for
    end)

    it("leaves the result to the next one when it is cancelled before it could go on", function()
      open()
      recv:transfer(l:bytes(100))
      local t = sleeper(recv, 5)
      send:transfer(l:bytes(64, 1))
      while l.device:step() do end
      lunq.sleep(0) -- both may go on now, and this one is first
      assert.equal("waiting", t.state)
      t:cancel()
      assert.equal(64, recv:wait())
    end)

    it("gives its bytes to who waits, also when somebody starts the next transfer first", function()
      open()
      recv:transfer(l:bytes(100))
      local t = sleeper(recv)
      send:transfer(l:bytes(64, 1))
      l.device:advance(100000) -- done, and nobody has looked
      recv:transfer(l:bytes(100))
      assert.equal(64, t:wait())
      send:transfer(l:bytes(32, 1))
      assert.equal(32, recv:wait())
    end)

    it("hears of a reset", function()
      open()
      recv:transfer(l:bytes(64))
      local t = sleeper(recv, 5)
      dma:reset()
      assert.matches("a reset ended the transfer", tostring(loops.error_of(t.wait, t)))
      assert.equal(0, l:enabled(0))
    end)

    it("hears of a reset and a new transfer", function()
      open()
      recv:transfer(l:bytes(64))
      local t = sleeper(recv, 5)
      dma:reset()
      recv:transfer(l:bytes(64))
      assert.matches("ended by a reset or a stop", tostring(loops.error_of(t.wait, t)))
      dma:reset()
    end)

    it("hears that the driver is closed", function()
      open()
      recv:transfer(l:bytes(64))
      local t = sleeper(recv, 5)
      dma:free()
      local e = loops.error_of(t.wait, t)
      assert.same({ "runtime", "DMA is closed." }, { e.kind, tostring(e) })
      assert.equal(0, l:enabled(0))
    end)

    it("hears that another design is loaded", function()
      open()
      recv:transfer(l:bytes(64))
      local t = sleeper(recv, 5)
      l.device:program(loops.design {})
      local e = loops.error_of(t.wait, t)
      assert.equal("runtime", e.kind)
      assert.matches("no longer loaded", tostring(e))
    end)

    it("has a time limit", function()
      open()
      recv:transfer(l:bytes(64))
      local t = sleeper(recv, 0.01)
      local e = loops.error_of(t.wait, t)
      assert.equal("timeout", e.kind)
      assert.matches("^DMA S2MM did not finish within 0.01 s", tostring(e))
      assert.equal(0, l:enabled(0))
      assert.equal(0, #warnings)
      dma:reset()
    end)
  end)

  describe("on the main thread", function()
    local function run(case)
      local code, out, err = process.lunq("spec/dma/main_thread.lua", case)
      assert.equal("", case == "lost" and "" or err)
      assert.equal(0, code)
      assert.matches("enabled 0\n$", out)
      return out:match "^[^\n]*", err
    end

    it("sleeps once a short transfer would be over", function()
      assert.equal("16000\t16000\ttrue\ttrue", (run "long"))
    end)

    it("does not touch a controller for a short one", function() assert.equal("64\t64\t0", (run "short")) end)

    it("is woken by an error", function() assert.equal("runtime\tDMA Slave Error (cannot access memory map "
      .. "interface)\ttrue", (run "error")) end)

    it("has a time limit, and the transfer goes on", function()
      assert.equal("timeout\tDMA MM2S did not finish within 2.5e-05 s\t16000\t16000", (run "late"))
    end)

    it("is done at the time limit when the interrupt is lost, and says where it was wired", function()
      local out, err = run "lost"
      assert.equal("16000\t16000", out)
      assert.matches("dma00 MM2S was done, but its interrupt did not come", err, 1, true)
      assert.matches("Check how dma00/mm2s_introut is wired.", err, 1, true)
    end)

    it("ends without a time limit when nothing is under way", function()
      assert.equal("timeout\tDMA S2MM did not finish within inf s", (run "endless"))
    end)
  end)

  it("polls where nothing is wired", function()
    open { wired = false }
    recv:transfer(l:bytes(64))
    local t = sleeper(recv)
    assert.equal(0, dma:read(S2MM + DMACR) & 7 << 12)
    send:transfer(l:bytes(64, 1))
    assert.equal(64, t:wait())
    move(LONG)
    assert.equal(LONG, send:wait())
    assert.equal(LONG, recv:wait())
  end)

  it("works with pins straight at the processor, and with edge inputs", function()
    for _, o in ipairs { { wired = "ps" }, { kind = function() return 0xffffffff end } } do
      open(o)
      for i = 1, 3 do
        local dst = l:bytes(64)
        recv:transfer(dst)
        local t = sleeper(recv)
        send:transfer(l:bytes(64, i))
        if i == 2 then send:wait() end -- the others leave an interrupt behind
        assert.equal(64, t:wait())
        assert.equal(loops.pattern(64, i), dst:tobytes())
      end
      move(LONG)
      assert.equal(LONG, send:wait())
      assert.equal(LONG, recv:wait())
      l:close()
    end
    l = nil
    assert.equal(0, #warnings)
  end)

  describe("when interrupts go wrong", function()
    it("is done at the time limit when the interrupt is lost, and says where it was wired", function()
      open()
      l.device:inject { ip = "dma00", fault = "lost_interrupt", where = "s2mm_introut" }
      recv:transfer(l:bytes(64))
      local t = sleeper(recv, 0.01)
      send:transfer(l:bytes(64, 1))
      assert.equal(64, t:wait())
      assert.equal(1, #warnings)
      assert.matches("^dma00 S2MM was done, but its interrupt did not come: the wait ended with its time limit.",
                     warnings[1])
      assert.matches("Check how dma00/s2mm_introut is wired.", warnings[1], 1, true)
      assert.matches("intc0", warnings[1])
      assert.equal(0, l:enabled(0))
    end)

    it("does without an interrupt that is stuck, and says so once", function()
      open()
      l.device:inject { ip = "dma00", fault = "stuck_interrupt", where = "s2mm_introut" }
      recv:transfer(l:bytes(64))
      local t = sleeper(recv)
      lunq.sleep(1e-3)
      local before = l.device:stats().dma00.reads
      lunq.sleep(0.1)
      assert.is_true(l.device:stats().dma00.reads - before < 50) -- it doesn't spin either
      send:transfer(l:bytes(64, 1))
      assert.equal(64, t:wait())
      assert.equal(1, #warnings)
      assert.matches("^dma00 S2MM: its interrupt comes again and again while DMASR has none", warnings[1])
      assert.equal(0, l:enabled(0))
    end)

    it("goes on sleeping after an interrupt that means nothing", function()
      open()
      recv:transfer(l:bytes(64))
      local t = sleeper(recv)
      for _ = 1, 3 do
        l.device:inject { ip = "dma00", fault = "spurious_interrupt", where = "s2mm_introut", count = 1 }
        lunq.sleep(1e-5)
      end
      assert.equal("waiting", t.state)
      assert.equal(INPUT.s2mm, l:enabled(0))
      send:transfer(l:bytes(64, 1))
      assert.equal(64, t:wait())
      assert.equal(0, #warnings)
    end)

    it("fails with what the controller says, and the transfer goes on", function()
      open()
      recv:transfer(l:bytes(64))
      l.device:inject { ip = "intc0", fault = "slave_error", offset = 0x10, count = 1 }
      local t = sleeper(recv)
      local e = loops.error_of(t.wait, t)
      assert.equal("io", e.kind)
      assert.matches("intc0", tostring(e))
      assert.equal(0, l:enabled(0))
      send:transfer(l:bytes(64, 1))
      assert.equal(64, recv:wait())
    end)

    it("fails with what the controller says when it is asked later", function()
      open()
      recv:transfer(l:bytes(64))
      local t = sleeper(recv)
      l.device:inject { ip = "intc0", fault = "slave_error", offset = 0x04, count = 1 }
      send:transfer(l:bytes(64, 1))
      local e = loops.error_of(t.wait, t)
      assert.equal("io", e.kind)
      assert.matches("intc0", tostring(e))
      assert.equal(64, recv:wait())
    end)
  end)

  describe("with scatter-gather", function()
    it("sleeps until the last packet", function()
      open { sg = true }
      local dst = move(LONG)
      assert.same({ LONG, LONG },
                  { lunq.gather(lunq.spawn(function() return send:wait() end),
                                lunq.spawn(function() return recv:wait() end)) })
      assert.equal(loops.pattern(LONG, 1), dst:tobytes())
      assert.equal(0, l:enabled(0))
    end)

    -- IOC counts packets; a buffer that is full before TLAST completes its descriptors silently.
    it("is done when the buffer is full and no TLAST came, without waiting for the time limit", function()
      open { sg = true }
      l.device:inject { ip = "dma00", fault = "lose_tlast", where = "M_AXIS_MM2S" }
      recv:transfer(l:bytes(256))
      local t = sleeper(recv, 5)
      local before = l.device:now()
      send:transfer(l:bytes(256, 1))
      assert.equal(256, t:wait())
      assert.is_true(l.device:now() - before < 1e7)
      assert.equal(0, #warnings)
      send:wait()
    end)

    it("has one interrupt for many packets, and one for the last after the delay", function()
      open { sg = true }
      recv:coalesce(4, 10)
      recv:transfer(l:bytes(64)) -- at least two descriptors
      local t = sleeper(recv, 5)
      assert.equal(7 << 12, dma:read(S2MM + DMACR) & 7 << 12)
      assert.equal(10 << 8 | 4, dma:read(S2MM + DMACR) >> 16)
      for i = 1, 2 do
        send:transfer(l:bytes(32, i))
        send:wait()
      end
      assert.equal(64, t:wait())
      assert.equal(0, dma:read(S2MM + DMASR) & 7 << 12)
      assert.equal(0, l.device:wire "dma00/s2mm_introut")
      assert.equal(0, #warnings)
    end)

    it("refuses a threshold that would never tell of the last packets", function()
      open { sg = true }
      local e = loops.error_of(recv.coalesce, recv, 4)
      assert.equal("value", e.kind)
      assert.matches("^A threshold of 4 packets needs a delay", tostring(e))
      e = loops.error_of(recv.coalesce, recv, 256, 1)
      assert.same({ "value", "The interrupt threshold is 1 to 255 packets and the delay 0 to 255, not 256 and 1." },
                  { e.kind, tostring(e) })
    end)

    it("needs it for coalescing", function()
      open()
      local e = loops.error_of(recv.coalesce, recv, 4, 1)
      assert.equal("unsupported", e.kind)
      assert.matches("which dma00 does not have %(c_include_sg%)", tostring(e))
    end)

    it("ends a wait whose threshold somebody set by hand", function()
      open { sg = true }
      dma:write(DMACR, 8 << 16)
      local dst = move(64)
      local t = sleeper(send, 5)
      assert.equal(64, t:wait())
      assert.equal(64, recv:wait())
      assert.equal(loops.pattern(64, 1), dst:tobytes())
    end)
  end)

  it("serves 32 channels at once, each with its own data", function()
    open { n = 16, sg = function(i) return i % 2 == 1 end }
    local tasks, checks = {}, {}
    for i, d in ipairs(l.dma) do
      local n = 64 * i
      local src, dst = l:bytes(n, i), l:bytes(n)
      tasks[#tasks + 1] = lunq.spawn(function()
        for _ = 1, 5 do
          d.recvchannel:transfer(dst)
          assert.equal(n, d.recvchannel:wait())
          assert.equal(loops.pattern(n, i), dst:tobytes())
        end
        checks[i] = true
      end)
      tasks[#tasks + 1] = lunq.spawn(function()
        for k = 1, 5 do
          lunq.sleep(1e-6 * ((i * 7 + k) % 5))
          d.sendchannel:transfer(src)
          assert.equal(n, d.sendchannel:wait())
        end
      end)
    end
    lunq.gather(table.unpack(tasks))
    assert.equal(16, #checks)
    for c = 0, 1 do assert.equal(0, l:enabled(c)) end
    assert.equal(0, #warnings)
  end)

  -- A finalizer and a variable that is closed can't yield: they look until it is over.
  it("waits where a task can't be suspended", function()
    open()
    local result
    lunq.run(function()
      local dst = l:bytes(64)
      recv:transfer(dst)
      send:transfer(l:bytes(64, 1))
      table.sort({ 1, 2 }, function(a, b)
        result = result or recv:wait()
        return a < b
      end)
    end)
    assert.equal(64, result)
    assert.equal(0, l:enabled(0))
    send:wait()
  end)
end)
