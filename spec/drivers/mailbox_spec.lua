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
      assert.same({ "timeout", "box: sent 16 of 20 words in 0.01 s: the other side does not fetch them", 16 },
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
      assert.same({ "timeout", "box: 2 of 3 words came in 0.01 s", { 1, 2 } }, { e.kind, tostring(e), e.words })
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

    it("checks its arguments", function()
      assert.equal("type", raised(box.send, box, true)[1])
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
end)
