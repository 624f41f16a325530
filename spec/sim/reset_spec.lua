-- IP whose reset a program drives: GPIO lines of the processor, or an AXI GPIO, through slices and gates.
describe("a reset by GPIO", function()
  local lunq = require "lunq"
  local core = require "lunq.core"
  local support = dofile "spec/sim/support.lua"
  local d, line

  local FIR <const>, GPIO <const>, OTHER <const>, DMA <const> = 0x40000000, 0x41200000, 0x43c00000, 0x40400000

  --- fir: reset by line 0, active low; plain: by the AXI GPIO, active high; dma: by line 1 through a gate
  --- that inverts; other: by a reset block, as most IP are.
  local function open(polarity, spec)
    d = support.open(support.hwh({}, {
      { "ps", "xilinx.com:ip:processing_system7:5.5", ports = { { "GPIO_O", "O", "o", width = 64 } }, memory = {
        { "fir", FIR, FIR + 0xffff, "S_AXI", "M_AXI_GP0" }, { "gpio", GPIO, GPIO + 0xffff, "S_AXI", "M_AXI_GP0" },
        { "plain", OTHER, OTHER + 0xffff, "S_AXI", "M_AXI_GP0" },
        { "other", OTHER + 0x10000, OTHER + 0x1ffff, "S_AXI", "M_AXI_GP0" },
        { "timer", DMA, DMA + 0xffff, "S_AXI", "M_AXI_GP0" } } },
      { "slice0", "xilinx.com:ip:xlslice:1.0", parameters = { DIN_FROM = 0, DIN_TO = 0 },
        ports = { { "Din", "I", "o", width = 64 }, { "Dout", "O", "line0" } } },
      { "slice1", "xilinx.com:ip:xlslice:1.0", parameters = { DIN_FROM = 1, DIN_TO = 1 },
        ports = { { "Din", "I", "o", width = 64 }, { "Dout", "O", "line1" } } },
      { "inverter", "xilinx.com:ip:util_vector_logic:2.0", parameters = { C_OPERATION = "not" },
        ports = { { "Op1", "I", "line1" }, { "Res", "O", "line1_n" } } },
      { "fir", "acme.com:user:fir:1.0", ports = { { "ap_rst_n", "I", "line0", sigis = "rst" } } },
      { "gpio", "xilinx.com:ip:axi_gpio:2.0", parameters = { C_GPIO_WIDTH = 1, C_ALL_OUTPUTS = 1, C_DOUT_DEFAULT = 1 },
        ports = { { "gpio_io_o", "O", "gpio_o" } } },
      { "plain", "acme.com:user:plain:1.0",
        ports = { { "ap_rst", "I", "gpio_o", sigis = "rst", polarity = polarity } } },
      { "timer", "xilinx.com:ip:axi_timer:2.0", ports = { { "s_axi_aresetn", "I", "line1_n", sigis = "rst" },
        { "interrupt", "O", "timer_irq" } } },
      { "rst", "xilinx.com:ip:proc_sys_reset:5.0", ports = { { "ext_reset_in", "I", "line0", sigis = "rst" },
        { "peripheral_aresetn", "O", "rst_n", sigis = "rst" } } },
      { "other", "acme.com:user:plain:1.0", ports = { { "aresetn", "I", "rst_n", sigis = "rst" } } },
    }), spec)
    line = function(i) return lunq.GPIO(lunq.GPIO.get_gpio_pin(i, nil, d), "out", d) end
  end
  after_each(function() d:close() end)

  local function window(address) return core.mmio(address, 0x1000, d) end
  local function failure(...)
    local e = support.failure(...)
    return { e.kind, tostring(e) }
  end

  it("holds an IP from the download on, until somebody lets it go", function()
    open()
    local m <close> = window(FIR)
    local text = "%s 4 bytes at 0x40000010 (fir + 0x10): the IP is held in reset by GPIO, its pin ap_rst_n is low; on "
                 .. "a board the access would never end."
    assert.same({ "io", "Bus error (no answer) " .. text:format "reading" }, failure(m.read, m, 0x10))
    assert.same({ "io", "Bus error (no answer) " .. text:format "writing" }, failure(m.write, m, 0x10, 1))
    local reset <close> = line(0)
    reset:on()
    m:write(0x10, 5)
    assert.equal(5, m:read(0x10))
  end)

  it("gives the registers their first values again, in windows that are open", function()
    open()
    local m <close> = window(FIR)
    local reset <close> = line(0)
    reset:on()
    m:write(0x10, 5)
    reset:off()
    assert.equal("io", failure(m.read, m, 0x10)[1])
    reset:on()
    assert.equal(0, m:read(0x10))
  end)

  it("counts as one however short it is", function()
    open()
    local m <close> = window(FIR)
    local reset <close> = line(0)
    reset:on()
    m:write(0x10, 5)
    reset:off()
    reset:on()
    assert.equal(0, m:read(0x10))
  end)

  it("reaches others through gates, and stops what they were at", function()
    open()
    local m <close> = window(DMA)
    local reset <close> = line(1) -- low: the timer runs
    m:write(4, 1000)
    m:write(0, 1 << 5)
    m:write(0, 1 << 7 | 1 << 6)
    d:advance(1000)
    assert.is_true(m:read(8) > 1000)
    reset:on()
    assert.equal("io", failure(m.read, m, 0)[1])
    d:advance(1000)
    reset:off()
    assert.same({ 0, 0, 0 }, { m:read(0), m:read(4), m:read(8) })
    assert.is_false(d:step())
  end)

  it("comes from an AXI GPIO too, with the polarity the design says", function()
    for _, case in ipairs { { nil, 1 }, { "ACTIVE_HIGH", 1 }, { "ACTIVE_LOW", 0 } } do
      if d and not d.closed then d:close() end
      open(case[1])
      local m <close>, gpio = window(OTHER), window(GPIO)
      gpio:write(0, case[2])
      local e = failure(m.read, m, 0)
      assert.equal("io", e[1])
      assert.matches("its pin ap_rst is " .. (case[2] == 1 and "high" or "low"), e[2])
      gpio:write(0, 1 - case[2])
      assert.equal(0, m:read(0))
      gpio:close()
    end
  end)

  it("is no matter of those behind a reset block", function()
    open()
    local m <close> = window(OTHER + 0x10000)
    m:write(0, 7)
    assert.equal(7, m:read(0))
  end)

  it("makes the object of a model in Lua anew", function()
    local Fir = lunq.Model:extend { models = { "fir" } }
    finally(function() Fir:unbind() end)
    function Fir:reset() self.value = 3 end
    function Fir:read() return self.value end
    function Fir:write(_, value) self.value = value end
    open()
    local m <close> = window(FIR)
    local reset <close> = line(0)
    reset:on()
    assert.equal(3, m:read(0))
    m:write(0, 9)
    reset:toggle()
    reset:toggle()
    assert.equal(3, m:read(0))
  end)

  it("may be done by the model itself, which goes when its call is over", function()
    local Fir = lunq.Model:extend { models = { "fir" } }
    local reset, made, after = nil, 0, nil
    finally(function() Fir:unbind() end)
    function Fir:reset()
      made = made + 1
      self.number = made
    end
    function Fir:read() return self.number end
    function Fir:write(_, value)
      reset:off()
      collectgarbage()
      after = { self.number, value, pcall(core.gpio, 960, "out", d) }
      reset:on()
    end
    open()
    local m <close> = window(FIR)
    reset = line(0)
    reset:on()
    assert.equal(1, m:read(0))
    m:write(0, 5)
    assert.same({ 1, 5, false }, { after[1], after[2], after[3] })
    assert.equal(2, m:read(0))
    reset:release()
  end)

  it("that goes in a circle ends", function()
    d = support.open(support.hwh({}, {
      { "ps", "xilinx.com:ip:processing_system7:5.5",
        memory = { { "gpio", GPIO, GPIO + 0xffff, "S_AXI", "M_AXI_GP0" } } },
      { "gpio", "xilinx.com:ip:axi_gpio:2.0", parameters = { C_GPIO_WIDTH = 1, C_ALL_OUTPUTS = 1 },
        ports = { { "gpio_io_o", "O", "own" }, { "s_axi_areset", "I", "own", sigis = "rst" } } },
    }))
    local m <close> = window(GPIO)
    assert.equal(0, m:read(0))
    m:write(0, 1) -- it resets itself, and is there again
    assert.equal(0, m:read(0))
  end)

  it("of a model that fails then, fails the accesses after it", function()
    local n = 0
    local Fir = lunq.Model:extend { models = { "fir" } }
    finally(function() Fir:unbind() end)
    function Fir.reset()
      n = n + 1
      if n > 1 then error "broken" end
    end
    open()
    local m <close> = window(FIR)
    local reset <close> = line(0)
    reset:on()
    reset:off()
    assert.matches("broken", failure(function()
      reset:on()
      m:read(0)
    end)[2])
    assert.equal("io", failure(m.read, m, 0)[1])
    assert.matches("its model failed when it was reset", failure(m.read, m, 0)[2])
  end)

  it("stops the streams that come in, which go on afterwards", function()
    local Source = lunq.Model:extend { models = { "source" } }
    local Sink = lunq.Model:extend { models = { "sink" } }
    local got = {}
    finally(function()
      Source:unbind()
      Sink:unbind()
    end)
    function Source:write(_, value) self:send("M_AXIS", ("<I4"):pack(value), true) end
    function Sink.packet(_, _, data) got[#got + 1] = ("<I4"):unpack(data) end
    d = support.open(support.hwh({}, {
      { "ps", "xilinx.com:ip:processing_system7:5.5", ports = { { "GPIO_O", "O", "o", width = 64 } },
        memory = { { "source", FIR, FIR + 0xffff, "S_AXI", "M_AXI_GP0" } } },
      { "slice0", "xilinx.com:ip:xlslice:1.0", parameters = { DIN_FROM = 0, DIN_TO = 0 },
        ports = { { "Din", "I", "o", width = 64 }, { "Dout", "O", "line0" } } },
      { "source", "acme.com:user:source:1.0", buses = { { "M_AXIS", "INITIATOR", "stream" } } },
      { "sink", "acme.com:user:sink:1.0", buses = { { "S_AXIS", "TARGET", "stream" } },
        ports = { { "aresetn", "I", "line0", sigis = "rst" } } },
    }))
    local m <close> = window(FIR)
    local reset <close> = lunq.GPIO(lunq.GPIO.get_gpio_pin(0, nil, d), "out", d)
    m:write(0, 7)
    d:advance(1000)
    assert.same({ {}, true }, { got, d:streams()[1].waiting })
    reset:on()
    d:advance(1000)
    assert.same({ { 7 }, false }, { got, d:streams()[1].waiting })
  end)

  it("stands in a recording", function()
    open()
    local reset <close> = line(0)
    d:trace(true)
    reset:on()
    reset:off()
    local text = d:trace(false)
    assert.matches("fir out of reset\n", text)
    assert.matches("fir held in reset\n", text)
  end)

  it("survives loading the design again", function()
    open()
    local reset <close> = line(0)
    reset:on()
    d:program(d.design)
    local m <close> = window(FIR)
    m:write(0, 1) -- the line is the processor's and still high
    reset:off()
    d:program(d.design)
    assert.equal("io", failure(m.read, m, 0)[1])
  end)
end)
