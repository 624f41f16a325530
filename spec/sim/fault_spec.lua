describe("injected faults", function()
  local support = dofile "spec/sim/support.lua"
  local core = require "lunq.core"
  local d, m, mm2s, s2mm

  before_each(function()
    d = support.open(support.loopback { C_SG_LENGTH_WIDTH = 20 })
    m = core.mmio(support.DMA, 0x10000, d)
    mm2s, s2mm = support.channel(d, 0), support.channel(d, 0x30)
  end)
  after_each(function()
    m:close()
    mm2s.close()
    s2mm.close()
    d:close()
  end)

  local function transfer(n, room)
    mm2s.control(1)
    s2mm.control(1)
    s2mm.address(0x300000)
    s2mm.length(room or n)
    mm2s.address(0x200000)
    mm2s.length(n)
    support.settle(d)
  end

  it("must be of a known kind, for a known IP", function()
    local e = support.failure(d.inject, d, { ip = "dma", fault = "loose_tlast" })
    assert.equal("value", e.kind)
    assert.match('There is no fault "loose_tlast" (did you mean lose_tlast?). Faults are: slave_error, decode_error,',
      tostring(e), 1, true)
    e = support.failure(d.inject, d, { ip = "dna", fault = "stall" })
    assert.match('The loaded design has no IP "dna" (did you mean dma?).', tostring(e), 1, true)
    e = support.failure(d.inject, d, { ip = "dma", fault = "stall", often = 1 })
    assert.match('inject has no field "often"', tostring(e), 1, true)
    assert.equal("type", support.failure(d.inject, d, "stall").kind)
    assert.equal("value", support.failure(d.inject, d, { fault = "stall", count = -1 }).kind)
  end)

  it("a slave error is raised by the access, as often as asked for", function()
    local id = d:inject { ip = "dma", fault = "slave_error", offset = 4, after = 1, count = 1 }
    assert.is_false(d.direct)
    assert.equal(0x10001, m:read(4))
    local e = support.failure(m.read, m, 4)
    assert.equal("io", e.kind)
    assert.equal("Bus error (SLVERR) reading 4 bytes at 0x40400004 (dma + 0x4): an injected fault.", tostring(e))
    assert.equal(0x10001, m:read(4))
    assert.same({ { id = id, fault = "slave_error", ip = "dma", fired = 1, left = 0 } }, d:faults())
    assert.is_true(d.direct)
    d:clear_faults()
    assert.same({}, d:faults())
  end)

  it("one of several ends alone", function()
    local one = d:inject { ip = "dma", fault = "slave_error", offset = 4 }
    d:inject { ip = "dma", fault = "slave_error", offset = 0 }
    d:clear_faults(one)
    assert.equal(0x10001, m:read(4))
    assert.equal("io", support.failure(m.read, m, 0).kind)
    local e = support.failure(d.clear_faults, d, one)
    assert.same({ "value", ("There is no fault number %d: inject gives the number."):format(one) },
                { e.kind, tostring(e) })
    d:clear_faults()
    assert.is_true(d.direct)
  end)

  it("a decode error is one too, and an error never reaches the model", function()
    d:inject { ip = "dma", fault = "decode_error" }
    assert.match("DECERR", tostring(support.failure(m.write, m, 0, 0x00050000)))
    d:clear_faults()
    assert.equal(0x00010002, m:read(0))
  end)

  it("without an IP they hit every one", function()
    d:inject { fault = "slave_error", count = 1 }
    assert.equal("io", support.failure(m.read, m, 0).kind)
  end)

  it("a slow bus takes its time", function()
    local t = d:now()
    m:read(0)
    local usual = d:now() - t
    d:inject { ip = "dma", fault = "slow_bus", ns = 5000 }
    t = d:now()
    m:read(0)
    assert.equal(usual + 5000, d:now() - t)
  end)

  it("TLAST can come early: the rest is a packet of its own", function()
    d:poke(0x200000, "abcdefghijklmnop")
    d:inject { ip = "dma", where = "M_AXIS_MM2S", fault = "early_tlast", bytes = 8, count = 1 }
    transfer(16, 100)
    assert.equal(8, s2mm.length())
    assert.equal("abcdefgh\0", d:peek(0x300000, 9))
    s2mm.length(100)
    support.settle(d)
    assert.equal(8, s2mm.length())
    assert.equal("ijklmnop", d:peek(0x300000, 8))
  end)

  it("TLAST can get lost on the way in", function()
    d:inject { ip = "dma", where = "S_AXIS_S2MM", fault = "lose_tlast" }
    transfer(16, 100)
    assert.equal(0, s2mm.status() & 2)
    assert.equal(2, mm2s.status() & 2)
  end)

  it("a stalled stream goes on when the fault is gone", function()
    d:inject { ip = "dma", where = "M_AXIS_MM2S", fault = "stall" }
    transfer(16)
    assert.equal(0, mm2s.status() & 2)
    d:clear_faults()
    support.settle(d)
    assert.equal(2, mm2s.status() & 2)
    assert.equal(16, s2mm.length())
  end)

  it("a FIFO that looks empty hands over when the fault is gone", function()
    d:inject { ip = "fifo", fault = "fifo_empty", count = 3 }
    transfer(16)
    assert.equal(16, s2mm.length())
    assert.equal(3, d:faults()[1].fired)
  end)

  it("an interrupt can be stuck or lost", function()
    d:inject { ip = "dma", where = "s2mm_introut", fault = "stuck_interrupt" }
    assert.equal(1, d:wire "dma/s2mm_introut")
    assert.equal(0, d:wire "dma/mm2s_introut")
    d:clear_faults()
    assert.equal(0, d:wire "dma/s2mm_introut")
    d:inject { ip = "dma", where = "mm2s_introut", fault = "lost_interrupt", count = 1 }
    transfer(16)
    mm2s.control(0x1001)
    assert.equal(0, d:wire "dma/mm2s_introut")
    mm2s.status(0x1000)
    mm2s.control(1)
    transfer(16)
    mm2s.control(0x1001)
    assert.equal(1, d:wire "dma/mm2s_introut")
  end)

  it("go with the device, not with the design", function()
    d:inject { ip = "dma", fault = "slave_error" }
    d:program(support.loopback())
    assert.equal("io", support.failure(m.read, m, 0).kind)
  end)
end)
