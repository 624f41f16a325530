-- registers.md section 17: the mailbox's model and driver, and somebody on its other side.
describe("mailbox", function()
  local lunq = require "lunq"
  local support = dofile "spec/drivers/support.lua"
  local raised = support.raised
  local box, device, m
  local WRDATA <const>, RDDATA <const>, STATUS <const>, ERROR <const> = 0x00, 0x08, 0x10, 0x14
  local SIT <const>, RIT <const>, IS <const>, IE <const>, IP <const>, CTRL <const> = 0x18, 0x1c, 0x20, 0x24, 0x28, 0x2c

  before_each(function()
    local _
    _, box, device = support.open("box", "xilinx.com:ip:mailbox:2.1", { C_MAILBOX_DEPTH = 16 }, nil,
      { Interrupt_0 = 0 })
    m = box.mmio
  end)
  after_each(support.close)

  describe("the model", function()
    it("starts empty", function()
      assert.equal(0x5, m:read(STATUS))
      assert.equal(0, m:read(ERROR))
      assert.equal(0, m:read(IS))
    end)

    it("remembers a read of nothing and a write too many until ERROR is read", function()
      m:read(RDDATA)
      assert.equal(1, m:read(ERROR))
      assert.equal(0, m:read(ERROR))
      for i = 1, 17 do m:write(WRDATA, i) end
      assert.equal(0x3, m:read(STATUS))
      assert.equal(2, m:read(ERROR))
      assert.equal(4, m:read(IS))
      m:write(IS, 4)
      assert.equal(0, m:read(IS))
      m:write(CTRL, 1)
      assert.equal(0x5, m:read(STATUS))
    end)

    it("interrupts at its thresholds", function()
      local peer = device:attach("box", lunq.Peer:extend { bus = "mailbox" }())
      m:write(RIT, 1)
      m:write(SIT, 2)
      m:write(IE, 2)
      peer:send(string.pack("<I4", 1))
      assert.equal(0x4, m:read(STATUS))
      assert.equal(0, device:wire "box/Interrupt_0")
      peer:send(string.pack("<I4", 2))
      assert.equal(0xc, m:read(STATUS))
      assert.equal(1, device:wire "box/Interrupt_0")
      assert.equal(2, m:read(IP))
      m:write(IS, 2)
      assert.equal(0, device:wire "box/Interrupt_0")
      m:write(CTRL, 2)
      assert.equal(0x5, m:read(STATUS))
      assert.same({ 1, 2 }, { m:read(RIT), m:read(SIT) })
    end)

    it("takes whole words from a peer, as many as fit", function()
      local peer = device:attach("box", lunq.Peer:extend { bus = "mailbox" }())
      assert.equal("value", raised(peer.send, peer, "abc")[1])
      peer:send(("\0"):rep(60))
      assert.same({ "memory", "box: 2 words don't fit, there is room for 1." }, raised(peer.send, peer, ("\0"):rep(8)))
    end)
  end)

  describe("the driver", function()
    it("moves words both ways, more than the FIFOs hold", function()
      local Adder = lunq.Peer:extend { bus = "mailbox" }
      function Adder:receive(word) self:send(string.pack("<I4", (word + 1) & 0xffffffff)) end
      device:attach("box", Adder())
      for i = 1, 100 do
        assert.equal(1, box:send(i))
        assert.same({ i + 1 }, box:receive())
      end
      assert.equal(2, box:send "\1\0\0\0\xff\xff\xff\xff")
      assert.same({ 2, 0 }, box:receive(2))
      assert.is_nil(box:try_receive())
      box:send { 5 }
      device:advance(1000)
      assert.equal(6, box:try_receive())
      assert.equal(0, m:read(ERROR))
    end)

    it("gives up when nobody fetches, and says how many went", function()
      local words = {}
      for i = 1, 20 do words[i] = i end
      local ok, e = pcall(box.send, box, words, 0.01)
      assert.is_false(ok)
      assert.same({ "timeout", "box: sent 16 of 20 words in 0.01 s: the other side does not fetch them. STATUS "
                    .. "0x03 (Empty, Full)", 16 },
                  { e.kind, tostring(e), e.sent })
      assert.is_true(box:is_full())
      assert.equal(2, m:read(STATUS) & 2)
      assert.equal(box, box:reset())
      assert.is_false(box:is_full())
    end)

    it("gives up when nothing comes, and has what came", function()
      local peer = device:attach("box", lunq.peers.loopback { bus = "mailbox" })
      box:send { 1, 2 }
      local ok, e = pcall(box.receive, box, 3, 0.01)
      assert.is_false(ok)
      assert.same({ "timeout", "box: 2 of 3 words came in 0.01 s: the other side sends no more. STATUS 0x05 (Empty, "
                    .. "STA)", { 1, 2 } }, { e.kind, tostring(e), e.words })
      local before = device:now()
      assert.equal("timeout", raised(box.receive, box)[1])
      assert.is_true(device:now() - before < 10.1e9)
      device:detach(peer)
    end)

    it("waits for a peer that is slow", function()
      local Slow = lunq.Peer:extend { bus = "mailbox", ready = 2000000 }
      function Slow:receive() return self:now() >= self.ready end
      device:attach("box", Slow())
      local words = {}
      for i = 1, 40 do words[i] = i end
      assert.equal(40, box:send(words))
      assert.is_true(device:now() >= 2000000)
    end)

    it("takes buffers of words, and words only", function()
      local peer = device:attach("box", lunq.peers.loopback { bus = "mailbox" })
      local buffer <close> = lunq.array(2, "u4", { 7, 8 })
      assert.equal(2, box:send(buffer))
      assert.same({ 7, 8 }, box:receive(2))
      assert.same({ "value", "element 2 should be a word of 32 bits, not 0.5" }, raised(box.send, box, { 1, 0.5 }))
      assert.equal("value", raised(box.send, box, 1 << 32)[1])
      device:detach(peer)
    end)

    it("checks its arguments", function()
      assert.equal("type", raised(box.send, box, true)[1])
      assert.same({ "type", "send takes a word, a list or buffer of words or a string, not userdata" },
                  raised(box.send, box, io.stdout))
      assert.equal("value", raised(box.send, box, "abc")[1])
      assert.equal("value", raised(box.receive, box, -1)[1])
      assert.same({}, box:receive(0))
    end)

    it("is not read by a print", function()
      m:read(RDDATA)
      assert.matches("RDDATA", tostring(box.register_map))
      assert.equal(1, m:read(ERROR))
    end)
  end)

  describe("the interrupt", function()
    local said, previous, active
    before_each(function()
      active, said = lunq.core.active_device(), {}
      previous = lunq.warnings.set_hook(function(_, text) said[#said + 1] = text end)
      lunq.core.active_device(device)
    end)
    after_each(function()
      lunq.warnings.set_hook(previous)
      lunq.core.active_device(active)
      assert.same({}, said)
    end)

    local Talker = lunq.Peer:extend { bus = "mailbox" }
    function Talker:say(...) self:send(string.pack(("<I4"):rep(select("#", ...)), ...)) end

    local function accesses(f)
      local before = device:stats(true).box
      f()
      local after = device:stats(false).box
      return after.reads + after.writes - before.reads - before.writes
    end

    it("comes when as many words are there as are wanted; waiting costs nothing", function()
      local peer = device:attach("box", Talker())
      local task = lunq.spawn(function() return box:receive(5, 5) end)
      assert.is_true(accesses(function() device:advance(1000000000) end) < 10)
      assert.same({ 2, 4 }, { m:read(IE), m:read(RIT) })
      peer:say(1, 2, 3, 4)
      assert.equal(0, accesses(function() device:advance(1000000) end))
      assert.is_false(task.done)
      peer:say(5)
      assert.same({ 1, 2, 3, 4, 5 }, task:wait())
      assert.equal(0, m:read(IE))
    end)

    it("comes for more than the FIFO holds, part by part", function()
      local peer = device:attach("box", Talker())
      local task = lunq.spawn(function() return box:receive(40, 5) end)
      local all = {}
      for i = 1, 40 do
        all[i] = i
        peer:say(i)
        device:advance(10000)
      end
      assert.same(all, task:wait())
    end)

    it("comes for a sender when half of the FIFO is free", function()
      local got = {}
      local Slow = lunq.Peer:extend { bus = "mailbox", ready = 3000000 }
      function Slow:receive(word)
        if self:now() < self.ready then return false end
        got[#got + 1] = word
      end
      device:attach("box", Slow())
      local words = {}
      for i = 1, 100 do words[i] = i end
      local n = accesses(function() assert.equal(100, box:send(words)) end)
      assert.is_true(n < 100 * 2 + 14 * 8, n)
      device:advance(100000)
      assert.same(words, got)
    end)

    it("serves both directions at once, and what a task sends stays together", function()
      device:attach("box", lunq.peers.loopback { bus = "mailbox" })
      local reader = lunq.spawn(function() return box:receive(60, 5) end)
      lunq.gather(function() box:send(("\1\0\0\0"):rep(30)) end, function() box:send(("\2\0\0\0"):rep(30)) end)
      local words = reader:wait()
      for i = 1, 60 do assert.equal(i <= 30 and 1 or 2, words[i]) end
    end)

    it("is disabled when who waits is cancelled or the time is over", function()
      local task = lunq.spawn(function() box:receive(1, 5) end)
      device:advance(1000)
      task:cancel()
      device:advance(1000)
      assert.equal(0, m:read(IE))
      assert.equal("timeout", raised(box.receive, box, 1, 0.001)[1])
      assert.equal(0, m:read(IE))
    end)

    it("that never comes costs the time limit once, with a warning", function()
      local peer = device:attach("box", Talker())
      device:inject { ip = "box", fault = "lost_interrupt" }
      local task = lunq.spawn(function() return box:receive(2, 0.01) end)
      device:advance(1000)
      peer:say(1, 2)
      assert.same({ 1, 2 }, task:wait())
      assert.equal(1, #said)
      assert.matches("^box: the work is done, but interrupt box/Interrupt_0 never came", said[1])
      said = {}
    end)

    it("of the second side is Interrupt_1; without it waits poll", function()
      for pin, enabled in pairs { Interrupt_1 = 2, Interrupt_0 = 0 } do
        support.close()
        support.device = lunq.Device.open "sim"
        lunq.core.active_device(support.device)
        support.overlay = lunq.Overlay({ arch = "zynq", ip = { box = { vlnv = "xilinx.com:ip:mailbox:2.1",
          address = 0x40000000, interface = "S1_AXI", interrupts = { [pin] = 0 } } } }, { device = support.device })
        local second = support.overlay.ip_dict.box and support.overlay.box
        local task = lunq.spawn(function() second:receive(1, 0.01) end)
        support.device:advance(1000)
        assert.equal(enabled, second.mmio:read(IE), pin)
        assert.equal("timeout", raised(task.wait, task)[1])
      end
    end)
  end)
end)
