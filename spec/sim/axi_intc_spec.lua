-- registers.md section 10.
describe("the AXI INTC model", function()
  local support = dofile "spec/sim/support.lua"
  local core = require "lunq.core"
  local ISR <const>, IPR <const>, IER <const>, IAR <const> = 0, 4, 8, 0xc
  local SIE <const>, CIE <const>, IVR <const>, MER <const> = 0x10, 0x14, 0x18, 0x1c
  local d, m

  --- An INTC with four sources that a spec drives: src0/irq to src3/irq.
  local function start(parameters)
    local ip = { intc = { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x41800000, parameters = parameters,
                          interrupts = { irq = 0 } } }
    for i = 0, 3 do
      ip["src" .. i] = { vlnv = "acme.com:user:src:1.0", address = 0x43c00000 + (i << 16),
                         interrupts = { irq = { controller = "intc", index = i } } }
    end
    d = support.open(core.design_from_table { arch = "zynq", ip = ip })
    m = core.mmio(0x41800000, 0x10000, d)
  end
  after_each(function()
    m:close()
    d:close()
  end)
  local function drive(i, level) d:wire(("src%d/irq"):format(i), level) end

  it("comes up disabled", function()
    start()
    local t = {}
    for _, offset in ipairs { ISR, IPR, IER, IVR, MER } do t[#t + 1] = m:read(offset) end
    assert.same({ 0, 0, 0, 0xffffffff, 0 }, t)
  end)

  it("shows its inputs once HIE is set, which only a reset clears; what came before is not lost", function()
    start { C_KIND_OF_INTR = 1 }
    drive(1, 1)
    drive(0, 1)
    drive(0, 0) -- an edge
    drive(2, 1)
    drive(2, 0) -- a level that has gone
    assert.equal(0, m:read(ISR))
    m:write(MER, 3)
    assert.equal(7, m:read(ISR))
    m:write(MER, 0)
    assert.equal(2, m:read(MER))
  end)

  it("forgets what came before HIE when that is acknowledged", function()
    start { C_KIND_OF_INTR = 1 }
    drive(0, 1)
    m:write(IAR, 0xffffffff)
    m:write(MER, 3)
    assert.equal(0, m:read(ISR))
  end)

  it("keeps a level as long as it lasts: an acknowledge before that is undone at once", function()
    start()
    m:write(MER, 3)
    drive(0, 1)
    m:write(IAR, 1)
    assert.equal(1, m:read(ISR))
    drive(0, 0)
    assert.equal(1, m:read(ISR)) -- it was there
    m:write(IAR, 1)
    assert.equal(0, m:read(ISR))
  end)

  it("latches an edge, and takes the next one after the acknowledge", function()
    start { C_KIND_OF_INTR = "0xFFFFFFFE" }
    m:write(MER, 3)
    drive(1, 1)
    m:write(IAR, 2)
    assert.equal(0, m:read(ISR))
    drive(1, 0)
    assert.equal(0, m:read(ISR))
    drive(1, 1)
    drive(1, 0)
    assert.equal(2, m:read(ISR))
  end)

  it("knows falling edges and low levels", function()
    start { C_KIND_OF_INTR = 1, C_KIND_OF_EDGE = "0xFFFFFFFE", C_KIND_OF_LVL = "0xFFFFFFFD", C_NUM_INTR_INPUTS = 2 }
    m:write(MER, 3)
    m:write(IAR, 0xf)
    assert.equal(2, m:read(ISR)) -- input 1 is low
    drive(0, 1)
    assert.equal(2, m:read(ISR))
    drive(0, 0)
    assert.equal(3, m:read(ISR))
    drive(2, 1) -- there is no input 2
    drive(1, 1)
    m:write(IAR, 0xf)
    assert.equal(0, m:read(ISR))
  end)

  it("its output is ME and any pending input that is enabled; IVR names the lowest", function()
    start()
    m:write(MER, 3)
    drive(3, 1)
    drive(2, 1)
    m:write(SIE, 8)
    assert.same({ 12, 8, 8, 3, 1 }, { m:read(ISR), m:read(IPR), m:read(IER), m:read(IVR), d:wire "intc/irq" })
    m:write(SIE, 4)
    assert.same({ 12, 2 }, { m:read(IER), m:read(IVR) })
    m:write(CIE, 12)
    assert.same({ 0, 0xffffffff, 0 }, { m:read(IER), m:read(IVR), d:wire "intc/irq" })
    m:write(IER, 8)
    assert.equal(1, d:wire "intc/irq")
    m:write(MER, 2) -- too late for an output that is up (the core's source; PG099 says otherwise)
    assert.equal(1, d:wire "intc/irq")
    m:write(IER, 0)
    m:write(IER, 8)
    assert.equal(0, d:wire "intc/irq")
    m:write(MER, 1)
    assert.equal(1, d:wire "intc/irq")
  end)

  it("ISR may be written for tests until HIE is set; software interrupts always", function()
    start { C_NUM_INTR_INPUTS = 4, C_NUM_SW_INTR = 2 }
    m:write(ISR, 0xff)
    assert.equal(0x3f, m:read(ISR))
    m:write(ISR, 0x21) -- replaces, adds nothing
    assert.equal(0x21, m:read(ISR))
    m:write(MER, 3) -- from here on the inputs are what they are
    assert.equal(0x20, m:read(ISR))
    m:write(ISR, 0x1f)
    assert.equal(0x10, m:read(ISR))
    m:write(IAR, 0x10)
    assert.equal(0, m:read(ISR))
  end)

  it("has only the registers its parameters give it", function()
    start { C_HAS_IPR = 0, C_HAS_SIE = 0, C_HAS_CIE = 0, C_HAS_IVR = 0 }
    m:write(MER, 3)
    drive(0, 1)
    m:write(SIE, 1)
    assert.equal(0, m:read(IER))
    m:write(IER, 1)
    m:write(CIE, 1)
    assert.same({ 1, 1, 0, 0xffffffff, 0 }, { m:read(ISR), m:read(IER), m:read(IPR), m:read(IVR), m:read(0x20) })
  end)

  it("its output goes down for two clocks when a level that lasts is acknowledged", function()
    start()
    m:write(MER, 3)
    m:write(IER, 0xf)
    drive(0, 1)
    local function gap(mask)
      d:trace(true)
      m:write(IAR, mask)
      return d:trace(false):match "intc/irq = 0\n%d+ intc/irq = 1\n" ~= nil
    end
    assert.is_true(gap(1))
    drive(1, 1)
    assert.is_false(gap(1)) -- input 1 holds it
    assert.is_true(gap(3))
  end)

  it("ILR blocks the inputs from its number on, where it is there", function()
    start { C_HAS_ILR = 1 }
    m:write(MER, 3)
    m:write(IER, 0xf)
    drive(2, 1)
    m:write(0x24, 2)
    assert.equal(0, d:wire "intc/irq")
    m:write(0x24, 3)
    assert.equal(1, d:wire "intc/irq")
  end)

  it("an output by edges pulses: the processor sees it only as an edge", function()
    start { C_IRQ_IS_LEVEL = 0 }
    m:write(MER, 3)
    m:write(IER, 0xf)
    d:trace(true)
    drive(2, 1)
    local text = d:trace(false) and d:trace()
    assert.match("intc/irq = 1\n%d+ intc/irq = 0\n", text)
    assert.equal(0, d:wire "intc/irq")
    assert.equal(4, m:read(IPR))
  end)

  it("an output by edges pulses once until something is acknowledged, whatever it is", function()
    start { C_IRQ_IS_LEVEL = 0 }
    m:write(MER, 3)
    m:write(IER, 0xf)
    local function pulses(f)
      d:trace(true)
      f()
      return select(2, d:trace(false):gsub("intc/irq = 1\n", ""))
    end
    assert.equal(1, pulses(function() drive(0, 1) end))
    assert.equal(0, pulses(function()
      m:write(CIE, 1)
      drive(1, 1)
    end))
    assert.equal(0, pulses(function() m:write(IAR, 0) end))
    assert.equal(1, pulses(function() m:write(IAR, 8) end)) -- of an input that did not come
    assert.equal(0, pulses(function() drive(2, 1) end))
    m:write(IER, 0)
    assert.equal(0, pulses(function() m:write(IAR, 8) end)) -- nothing is enabled
    assert.equal(1, pulses(function() m:write(IER, 4) end))
  end)
end)
