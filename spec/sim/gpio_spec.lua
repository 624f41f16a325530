-- registers.md section 8, and the wires around a GPIO block.
describe("the AXI GPIO model", function()
  local support = dofile "spec/sim/support.lua"
  local core = require "lunq.core"
  local d, m
  local DATA <const>, TRI <const>, DATA2 <const>, TRI2 <const> = 0, 4, 8, 12
  local GIER <const>, ISR <const>, IER <const> = 0x11c, 0x120, 0x128

  local function start(parameters)
    local design = support.hwh(
      { { "btns", "I", "btns_net", width = 4 }, { "leds", "O", "leds_net", width = 4 } },
      {
        { "ps", "xilinx.com:ip:processing_system7:5.5", ports = { { "IRQ_F2P", "I", "irqs", width = 2 } },
          memory = { { "io_gpio", 0x41200000, 0x4120ffff, "S_AXI", "M_AXI_GP0" } } },
        { "io/gpio", "xilinx.com:ip:axi_gpio:2.0", parameters = parameters, ports = {
          { "gpio_io_i", "I", "btns_net", width = 4 }, { "gpio_io_o", "O", "out_net", width = 4 },
          { "gpio_io_t", "O", "t_net", width = 4 }, { "gpio2_io_o", "O", "leds_net", width = 4 },
          { "ip2intc_irpt", "O", "irpt" } } },
        { "concat", "xilinx.com:ip:xlconcat:2.1", parameters = { NUM_PORTS = 2 },
          ports = { { "In0", "I", "" }, { "In1", "I", "irpt" }, { "dout", "O", "irqs", width = 2 } } },
        { "slice", "xilinx.com:ip:xlslice:1.0", parameters = { DIN_FROM = 2, DIN_TO = 1 },
          ports = { { "Din", "I", "leds_net", width = 4 }, { "Dout", "O", "s", width = 2 } } },
      })
    d = support.open(design)
    m = core.mmio(0x41200000, 0x10000, d)
  end
  after_each(function()
    m:close()
    d:close()
  end)

  it("starts with the defaults of its parameters", function()
    start { C_GPIO_WIDTH = 4, C_IS_DUAL = 1, C_GPIO2_WIDTH = 3, C_TRI_DEFAULT_2 = "0x00000005",
      C_DOUT_DEFAULT_2 = "0x00000007" }
    assert.equal(0xf, m:read(TRI))
    assert.equal(5, m:read(TRI2))
    assert.equal(2, m:read(DATA2)) -- an input bit reads its pin, which nobody drives
  end)

  it("input bits read the pin, output bits the register", function()
    start { C_GPIO_WIDTH = 4 }
    d:wire("btns", 0xa)
    assert.equal(0xa, m:read(DATA))
    m:write(DATA, 5)
    assert.equal(0xa, m:read(DATA))
    m:write(TRI, 0xc)
    assert.equal(0x9, m:read(DATA))
    assert.equal(1, d:wire "io/gpio/gpio_io_o") -- bits 2 and 3 are not driven
  end)

  it("all inputs or all outputs can't be turned", function()
    start { C_GPIO_WIDTH = 4, C_ALL_INPUTS = 1, C_IS_DUAL = 1, C_GPIO2_WIDTH = 4, C_ALL_OUTPUTS_2 = 1 }
    m:write(TRI, 0)
    m:write(TRI2, 0xf)
    assert.equal(0xf, m:read(TRI))
    assert.equal(0, m:read(TRI2))
    m:write(DATA2, 6)
    assert.equal(6, d:wire "leds")
    assert.equal(3, d:wire "slice/Dout")
  end)

  it("has no second channel unless it is dual, and no interrupt unless it is there", function()
    start { C_GPIO_WIDTH = 4 }
    m:write(DATA2, 3)
    m:write(GIER, 0x80000000)
    m:write(IER, 3)
    assert.equal(0, m:read(DATA2))
    assert.equal(0, m:read(GIER))
    assert.equal(0, m:read(IER))
  end)

  it("interrupts on any change of an input; writing the status toggles it", function()
    start { C_GPIO_WIDTH = 4, C_INTERRUPT_PRESENT = 1 }
    m:write(GIER, 0x80000000)
    m:write(IER, 1)
    d:wire("btns", 1)
    assert.equal(1, m:read(ISR))
    assert.equal(1, d:wire "io/gpio/ip2intc_irpt")
    assert.equal(2, d:wire "ps/IRQ_F2P") -- In1 of the concat: In0 has no net but takes its bit
    m:write(ISR, 1)
    assert.equal(0, m:read(ISR))
    assert.equal(0, d:wire "ps/IRQ_F2P")
    d:wire("btns", 1)
    assert.equal(0, m:read(ISR)) -- no change
    d:wire("btns", 0)
    assert.equal(1, m:read(ISR))
    m:write(ISR, 1)
    m:write(ISR, 1)
    assert.equal(1, m:read(ISR)) -- a constant mask sets what was 0
  end)

  it("names the nearest pin when there is none of that name", function()
    start { C_GPIO_WIDTH = 4 }
    local e = support.failure(d.wire, d, "io/gpio/gpio_io_x")
    assert.equal("value", e.kind)
    assert.match("io/gpio has no pin \"gpio_io_x\" (did you mean gpio_io_i?).", tostring(e), 1, true)
    e = support.failure(d.wire, d, "btn")
    assert.match("The loaded design has no pin \"btn\" (did you mean btns?).", tostring(e), 1, true)
    e = support.failure(d.wire, d, "leds", 1)
    assert.match("leds is an output of the design", tostring(e), 1, true)
    e = support.failure(d.wire, d, "btns", 16)
    assert.match("btns has 4 bits: 0x10 does not fit.", tostring(e), 1, true)
  end)

  it("ends where gates drive each other in a circle", function()
    d = support.open(support.hwh({}, {
      { "ps", "xilinx.com:ip:processing_system7:5.5" },
      { "a", "xilinx.com:ip:util_vector_logic:2.0", parameters = { C_OPERATION = "not" },
        ports = { { "Op1", "I", "y" }, { "Res", "O", "x" } } },
      { "b", "xilinx.com:ip:util_vector_logic:2.0", parameters = { C_OPERATION = "or" },
        ports = { { "Op1", "I", "x" }, { "Op2", "I", "x" }, { "Res", "O", "y" } } },
    }))
    m = core.mmio(0x41200000, 4, d)
    assert.is_number(d:wire "a/Res")
  end)
end)
