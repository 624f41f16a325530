-- registers.md section 15.
describe("the model of an HLS core", function()
  local support = dofile "spec/sim/support.lua"
  local core = require "lunq.core"
  local lunq = require "lunq"
  local d, m
  local CTRL <const>, GIER <const>, IER <const>, ISR <const> = 0, 4, 8, 12
  local START <const>, DONE <const>, IDLE <const>, READY <const> = 1, 2, 4, 8
  local CONTINUE <const>, RESTART <const> = 16, 128
  local NAME <const> = "acme.com:hls:vmul:1.0"

  local function registers(fields)
    local ctrl = { AP_START = 0, AP_DONE = { bit = 1, width = 1 }, AP_IDLE = { bit = 2, width = 1 },
      AP_READY = { bit = 3, width = 1 }, AUTO_RESTART = { bit = 7, width = 1 } }
    for k, v in pairs(fields or {}) do ctrl[k] = v end
    return { CTRL = { offset = 0, fields = ctrl }, GIER = 4, IP_IER = 8, IP_ISR = 12, a = 0x10, b = 0x18,
      c = { offset = 0x20, access = "read-only" }, c_ctrl = { offset = 0x24, access = "read-only" } }
  end
  local function start(regs, more, tool)
    local ip = { vlnv = NAME, address = 0x43c00000, range = 0x10000, registers = regs, interrupts = { interrupt = 0 } }
    for k, v in pairs(more or {}) do ip[k] = v end
    d = support.open(core.design_from_table { arch = "zynq", tool = tool or "", ip = { vmul = ip } })
    m = core.mmio(0x43c00000, 0x10000, d)
  end
  after_each(function()
    m:close()
    d:close()
  end)

  it("is idle, runs when started, and is done", function()
    start(registers())
    assert.equal("HLS core (C)", d:models().vmul)
    assert.equal(IDLE, m:read(CTRL))
    m:write(CTRL, START)
    assert.equal(START, m:read(CTRL))
    support.settle(d)
    assert.equal(IDLE | DONE | READY, m:read(CTRL))
    assert.equal(IDLE, m:read(CTRL)) -- done and ready are cleared by the read
  end)

  it("keeps arguments, and writes to outputs do nothing", function()
    start(registers())
    m:write(0x10, 7)
    m:write(0x20, 9)
    assert.equal(7, m:read(0x10))
    assert.equal(0, m:read(0x20))
  end)

  it("marks outputs valid until that is read", function()
    start(registers())
    m:write(CTRL, START)
    support.settle(d)
    assert.equal(1, m:read(0x24) & 1)
    assert.equal(0, m:read(0x24) & 1)
  end)

  it("interrupts: latched when enabled, toggled by a write", function()
    start(registers())
    m:write(CTRL, START)
    support.settle(d)
    assert.equal(0, m:read(ISR))
    m:write(GIER, 1)
    m:write(IER, 1)
    m:write(CTRL, START)
    support.settle(d)
    assert.equal(1, m:read(ISR))
    assert.equal(1, m:read(ISR))
    assert.equal(1, d:wire "vmul/interrupt")
    m:write(ISR, 1)
    assert.equal(0, m:read(ISR))
    assert.equal(0, d:wire "vmul/interrupt")
  end)

  it("interrupts: what was latched stays on the line when its enable is taken away", function()
    start(registers())
    m:write(GIER, 1)
    m:write(IER, 3)
    m:write(CTRL, START)
    support.settle(d)
    m:write(IER, 0)
    assert.same({ 3, 1 }, { m:read(ISR), d:wire "vmul/interrupt" })
    m:write(GIER, 0)
    assert.same({ 3, 0 }, { m:read(ISR), d:wire "vmul/interrupt" })
  end)

  it("interrupts: cleared by a read in cores of release 2022.1, where writes do nothing", function()
    start(registers(), nil, "2022.1")
    m:write(GIER, 1)
    m:write(IER, 1)
    m:write(CTRL, START)
    support.settle(d)
    m:write(ISR, 1)
    assert.equal(1, d:wire "vmul/interrupt")
    assert.equal(1, m:read(ISR))
    assert.same({ 0, 0 }, { m:read(ISR), d:wire "vmul/interrupt" })
  end)

  it("from release 2021 on sets AP_DONE only after the last turn, and interrupts after each", function()
    start(registers { INTERRUPT = { bit = 9, width = 1 } })
    m:write(IER, 1)
    m:write(CTRL, START | RESTART)
    for _ = 1, 3 do assert.is_true(d:step()) end
    assert.equal(START | RESTART, m:read(CTRL))
    assert.equal(1, m:read(ISR))
    m:write(CTRL, 0)
    support.settle(d)
    assert.equal(IDLE | DONE | READY, m:read(CTRL))
  end)

  it("starts again by itself with AUTO_RESTART, until it is cleared", function()
    start(registers())
    m:write(CTRL, START | RESTART)
    for _ = 1, 5 do assert.is_true(d:step()) end
    assert.equal(START | RESTART | DONE | READY, m:read(CTRL))
    m:write(CTRL, 0)
    support.settle(d)
    assert.equal(IDLE, m:read(CTRL) & (IDLE | START))
  end)

  it("ap_ctrl_chain: done stays until AP_CONTINUE, and the next result waits for it", function()
    start(registers { AP_CONTINUE = { bit = 4, width = 1 } })
    m:write(CTRL, START)
    support.settle(d)
    assert.equal(DONE, m:read(CTRL) & DONE)
    assert.equal(DONE, m:read(CTRL) & DONE)
    m:write(CTRL, START)
    support.settle(d)
    assert.equal(START, m:read(CTRL) & (START | IDLE)) -- blocked
    m:write(CTRL, CONTINUE)
    assert.equal(IDLE | DONE, m:read(CTRL) & (IDLE | DONE | START))
    m:write(CTRL, CONTINUE)
    assert.equal(IDLE, m:read(CTRL) & (IDLE | DONE | START))
  end)

  it("takes no argument for the handshake of another", function()
    local regs = registers()
    regs.a_ctrl = 0x14
    start(regs)
    m:write(0x14, 0)
    m:write(CTRL, START)
    support.settle(d)
    assert.same({ 0, 1 }, { m:read(0x14), m:read(0x24) })
  end)

  it("ap_ctrl_none: no control register at 0", function()
    start({ a = 0x10, c = 0x20 })
    m:write(0, 1)
    assert.equal(1, m:read(0))
    assert.is_false(d:step())
  end)

  it("can be made never to end", function()
    start(registers())
    d:inject { ip = "vmul", fault = "no_done", count = 1 }
    m:write(CTRL, START)
    support.settle(d)
    assert.equal(START, m:read(CTRL))
  end)

  describe("that a script says the results of", function()
    local Model
    before_each(function() Model = lunq.Model:extend { models = { NAME }, __name = "VMul" } end)
    after_each(function() Model:unbind() end)

    it("computes when it is done", function()
      function Model:compute() self.registers.c = self.registers.a * self.registers.b end
      start(registers())
      m:write(0x10, 6)
      m:write(0x18, 7)
      m:write(CTRL, START)
      assert.equal(0, m:read(0x20))
      support.settle(d)
      assert.equal(42, m:read(0x20))
      assert.equal("VMul (Lua)", d:models().vmul)
    end)

    it("takes as long as it says", function()
      function Model:init() self:latency(5000) end
      function Model:compute() self.at = self:now() end
      start(registers())
      local t = d:now()
      m:write(CTRL, START)
      support.settle(d)
      assert.equal(t + 100 + 5000, d:model "vmul".at)
    end)

    it("without control register it computes on every write", function()
      function Model:compute() self.registers.c = self.registers.a + 1 end
      start({ a = 0x10, c = 0x20 })
      m:write(0x10, 6)
      assert.equal(7, m:read(0x20))
    end)

    it("is an HLS core also without any register metadata", function()
      function Model:compute() self:store(0x20, ("<I4"):pack(("<I4"):unpack(self:load(0x10, 4)) * 2)) end
      start(nil, { vlnv = "acme.com:user:plain:1.0" })
      assert.equal("register file", d:models().vmul)
      Model:unbind()
      Model.models = { "acme.com:user:plain" }
      core.model_bind(Model.models[1], Model)
      m:close()
      d:close()
      start(nil, { vlnv = "acme.com:user:plain:1.0" })
      m:write(0x10, 21)
      m:write(CTRL, START)
      support.settle(d)
      assert.equal(DONE | IDLE | READY, m:read(CTRL))
      assert.equal(42, m:read(0x20))
    end)
  end)
end)
