--- Designs described by a Lua table: what comes out, and what wrong descriptions say.
local core = require "lunq.core"

local function full()
  return {
    name = "filter", part = "xc7z020", tool = "2020.1",
    ip = {
      ["video/fir"] = {
        vlnv = "acme.com:user:fir:1.0", address = 0x43C00000, interface = "S_AXI",
        parameters = { TAPS = 16, NAME = "x", FAST = true },
        registers = {
          GAIN = 0x10,
          CTRL = { offset = 0, access = "read-only", description = "control", enabled = false,
                   fields = { START = 0, MODE = { bit = 4, width = 2, access = "write-only" } } },
        },
        interrupts = { done = 9, late = { controller = "intc", index = 3 } },
        streams = { M_AXIS = "fifo/S_AXIS" },
      },
      fifo = { type = "xilinx.com:ip:axis_data_fifo:2.0" },
      intc = { vlnv = "xilinx.com:ip:axi_intc:4.1", phys_addr = 0x41800000, addr_range = 4096,
               interrupts = { irq = { controller = "outer", index = 31 } } },
      outer = { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x41810000, interrupts = { irq = 0 } },
    },
    memory = { bram = { vlnv = "xilinx.com:ip:axi_bram_ctrl:4.1", address = 0x40000000, range = 8192 } },
    gpio = { led_reset = 3, ["video/sel"] = { index = 7, lines = 4 } },
    clocks = { [0] = { enable = 1, divisor0 = 5, divisor1 = 2 } },
  }
end

describe("a design from a table", function()
  local design, d
  before_each(function()
    design = core.design_from_table(full())
    d = design:dictionaries()
  end)

  it("has the facts as fields", function()
    assert.same({ "(table)", "table", "filter", "zynq", "xc7z020", "2020.1", "processing_system7_0" },
                { design.file, design.format, design.name, design.arch, design.part, design.tool, design.ps })
    assert.same({}, d.warnings)
  end)

  it("has IP and memories with PYNQ's keys", function()
    local fir = d.ip_dict["video/fir"]
    assert.same({ "video/fir", "acme.com:user:fir:1.0", 0x43C00000, 0x10000, "S_AXI", "REGISTER" },
                { fir.fullpath, fir.type, fir.phys_addr, fir.addr_range, fir.mem_id, fir.memtype })
    assert.same({ TAPS = "16", NAME = "x", FAST = "true" }, fir.parameters)
    assert.equal(4096, d.ip_dict.intc.addr_range)
    assert.is_nil(d.ip_dict.fifo) -- no address
    assert.equal(8192, d.mem_dict.bram.addr_range)
    assert.equal(fir, d.hierarchy_dict.video.ip.fir)
  end)

  it("has registers and fields", function()
    local r = d.ip_dict["video/fir"].registers
    assert.same({ address_offset = 16, size = 32, access = "read-write", description = "", fields = {} },
                r.GAIN)
    assert.same({
      address_offset = 0, size = 32, access = "read-only", description = "control", enabled = false,
      fields = {
        START = { bit_offset = 0, bit_width = 1, access = "read-write", description = "" },
        MODE = { bit_offset = 4, bit_width = 2, access = "write-only", description = "" },
      },
    }, r.CTRL)
  end)

  it("has interrupts on the PS and through a cascade", function()
    assert.same({ controller = "", index = 9, raw_irq = 85, fullpath = "video/fir/done" },
                d.interrupt_pins["video/fir/done"])
    assert.same({ controller = "intc", index = 3, fullpath = "video/fir/late" },
                d.ip_dict["video/fir"].interrupts.late)
    assert.same({ outer = { parent = "", index = 0, raw_irq = 61 }, intc = { parent = "outer", index = 31 } },
                d.interrupt_controllers)
  end)

  it("has GPIO lines, clocks and streams", function()
    assert.same({ index = 3, pins = { "led_reset/Dout" } }, d.gpio_dict.led_reset)
    assert.same({ index = 7, lines = 4, pins = { "video/sel/Dout" } }, d.gpio_dict["video/sel"])
    assert.same({ [0] = { enable = 1, divisor0 = 5, divisor1 = 2 } }, d.clock_dict)
    assert.same({ { bus = "video/fir_M_AXIS", master = "video/fir/M_AXIS", slave = "fifo/S_AXIS" } },
                d.streams)
  end)

  it("numbers the interrupts of a ZynqMP through both inputs", function()
    local z = core.design_from_table { arch = "zynquplus", ip = { k = { interrupts = { a = 7, b = 8 } } } }
    local pins = z:dictionaries().interrupt_pins
    assert.same({ 7, 128 }, { pins["k/a"].index, pins["k/a"].raw_irq })
    assert.same({ 0, 136 }, { pins["k/b"].index, pins["k/b"].raw_irq })
  end)

  it("needs no processing system", function()
    local card = core.design_from_table { arch = "virtexuplus", ip = { k = { address = 0x1800000 } } }
    local c = card:dictionaries()
    assert.is_true(c.partial)
    assert.is_nil(c.ps)
    assert.equal(0x1800000, c.ip_dict.k.phys_addr)
  end)

  it("may be empty", function()
    assert.same({ "processing_system7_0" }, { next(core.design_from_table({}):dictionaries().ip_dict) and
                                              core.design_from_table({}).ps })
  end)

  it("warns about an interrupt that reaches nobody", function()
    local t = { ip = { a = { interrupts = { x = { controller = "b", index = 0 } } },
                       b = { vlnv = "xilinx.com:ip:axi_intc:4.1" } } }
    local w = core.design_from_table(t):dictionaries().warnings
    assert.equal("(table): interrupt x of a does not reach the PS", w[1])
  end)
end)

describe("a wrong description", function()
  local function fails(t)
    local ok, e = pcall(core.design_from_table, t)
    assert.is_false(ok)
    return { e.kind, e.message }
  end
  local function register(r) return { ip = { adder = { registers = { CTRL = r } } } } end

  it("names the place of a wrong type", function()
    assert.same({ "type", "a design is described by a table, not a number" }, fails(5))
    assert.same({ "type", "ip.adder should be a table, not a number" }, fails { ip = { adder = 4 } })
    assert.same({ "type", "ip.adder.vlnv should be a string, not a number" },
                fails { ip = { adder = { vlnv = 3 } } })
    assert.same({ "type", "ip.adder.registers.CTRL.offset should be a whole number, not a string" },
                fails(register { offset = "0x10" }))
    assert.same({ "type", "ip.adder.registers.CTRL.enabled should be a boolean, not a number" },
                fails(register { offset = 0, enabled = 0 }))
    assert.same({ "type", "ip: its keys should be names, not 1" }, fails { ip = { {} } })
    assert.same({ "type", "ip.adder.parameters.P should be a text, a number or a boolean, not a table" },
                fails { ip = { adder = { parameters = { P = {} } } } })
  end)

  it("names the place of a wrong key and lists the known ones", function()
    assert.same({ "value", "ips: there is no such key (known: ip, memory, gpio, clocks, name, part, arch, " ..
                  "board, tool)" }, fails { ips = {} })
    assert.matches("^ip.adder.adress: there is no such key %(known: vlnv, address, range",
                   fails({ ip = { adder = { adress = 3 } } })[2])
    assert.matches("^ip.adder.registers.CTRL.fields.GO.bits: there is no such key",
                   fails(register { offset = 0, fields = { GO = { bits = 3 } } })[2])
  end)

  it("names the place of a wrong value", function()
    assert.same({ "value", "ip.adder.registers.CTRL.offset is missing" }, fails(register {}))
    assert.same({ "value", "ip.adder.registers.CTRL.offset should be a whole number from 0 to " ..
                  "0x7FFFFFFFFFFFFFFF, not -1" }, fails(register { offset = -1 }))
    assert.same({ "value", "ip.adder.registers.CTRL should be a whole number from 0 to " ..
                  "0x7FFFFFFFFFFFFFFF, not 0.5" }, fails(register(0.5)))
    assert.same({ "value", "ip.adder.registers.CTRL.access should be read-write, read-only or " ..
                  "write-only, not rw" }, fails(register { offset = 0, access = "rw" }))
    assert.same({ "value", "ip.a.interrupts.x should be a whole number from 0 to 0xF, not 16" },
                fails { ip = { a = { interrupts = { x = 16 } } } })
    assert.same({ "value", "ip.a.interrupts.x.controller: there is no IP called b" },
                fails { ip = { a = { interrupts = { x = { controller = "b", index = 0 } } } } })
    assert.same({ "value", "ip.a.streams.M: there is no IP called b" },
                fails { ip = { a = { streams = { M = "b/S" } } } })
    assert.same({ "value", "ip.a.streams.M: b should name an IP and its port, as in fifo/S_AXIS, or be "
      .. '"in" or "out"' },
                fails { ip = { a = { streams = { M = "b" } } } })
    assert.same({ "value", "ip./a: /a is no path; write hierarchy/name" }, fails { ip = { ["/a"] = {} } })
    assert.same({ "value", "the name a stands for two things" },
                fails { ip = { a = {} }, memory = { a = {} } })
    assert.same({ "value", "clocks: its keys are the clocks 0 to 3" }, fails { clocks = { [4] = {} } })
    assert.same({ "value", "gpio.led.lines should be a whole number from 1 to 0x3, not 4" },
                fails { gpio = { led = { index = 2, lines = 4 } } })
  end)

  it("may not leave the address space", function()
    assert.same({ "value", "ip.a: a range of 0x7fffffffffffffff bytes at 0x2 ends beyond the address space" },
                fails { ip = { a = { address = 2, range = math.maxinteger } } })
  end)

  it("is never asked through its metatable", function()
    local function asked() error "asked" end
    local trap = setmetatable({}, { __index = asked, __pairs = asked, __len = asked })
    assert.equal("(table)", core.design_from_table({ ip = { a = trap } }).file)
  end)
end)
