-- Several buses in one vector, elements of arrays, and vectors of interrupts.
local bench = require "lunq.bench"
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"
local fails = fixture.fails

describe("several buses in one vector", function()
  local it = fixture.with_verilator(it, pending)
  local d
  before_each(function() if not fixture.missing then d = core.device_open("rtl:" .. fixture.model "vectors") end end)
  after_each(function() if d then d:close() end end)

  it("are as many buses, in order, and elements of arrays are", function()
    local names = {}
    for i, bus in ipairs(d:rtl()[1].buses) do names[i] = ("%s %s %d"):format(bus.name, bus.kind, bus.bits) end
    assert.same({
      "s_axi[0] AXI4-Lite slave 32", "s_axi[1] AXI4-Lite slave 32",
      "s_axis[0] AXI4-Stream sink 16", "s_axis[1] AXI4-Stream sink 16", "s_axis[2] AXI4-Stream sink 16",
      "m_axis[0] AXI4-Stream source 16", "m_axis[1] AXI4-Stream source 16", "m_axis[2] AXI4-Stream source 16",
      "in[0] AXI4-Stream sink 8", "in[1] AXI4-Stream sink 8",
      "out[0] AXI4-Stream source 8", "out[1] AXI4-Stream source 8",
    }, names)
  end)

  it("are left in one piece where they can't be cut, with the reason", function()
    local why = {}
    for _, p in ipairs(d:rtl()[1].pins) do why[p.name] = p.why or "plain" end
    assert.same({ irq_state = "plain", irq_ack = "plain", odd_tdata = "odd: more than one bit in tvalid",
                  odd_tvalid = "odd: more than one bit in tvalid" }, why)
  end)

  it("have registers of their own", function()
    local a <close> = lunq.MMIO(0, 16, d)
    local b <close> = lunq.MMIO(0x10000, 16, d)
    a:write(0, 0x12345678)
    b:write(0, 0x9abcdef0)
    assert.same({ 0x12345679, 0x9abcdef2 }, { a:read(0), b:read(0) })
  end)

  it("carry packets of their own, with gaps and stalls", function()
    local sources, sinks = {}, {}
    for i = 0, 2 do
      sources[i] = bench.source(("vectors/s_axis[%d]"):format(i), { device = d, gaps = 0.3, seed = i })
      sinks[i] = bench.sink(("vectors/m_axis[%d]"):format(i), { device = d, stalls = 0.3, seed = 9 + i, as = "string" })
    end
    for n = 1, 5 do
      for i = 0, 2 do sources[i]:send { 100 * i + n, 0xfff0, n } end
    end
    for n = 1, 5 do
      for i = 2, 0, -1 do
        assert.same({ 100 * i + n + 1 + i, 0xfff1 + i, n + 1 + i },
                    table.move({ ("<I2I2I2"):unpack(sinks[i]:receive()) }, 1, 3, 1, {}))
      end
    end
    for i = 0, 2 do
      sources[i]:close()
      sinks[i]:close()
    end
    local source <close> = bench.source("vectors/in[1]", { device = d })
    local sink <close> = bench.sink("vectors/out[1]", { device = d })
    source:send { 1, 2, 3 }
    assert.same({ 0xfe, 0xfd, 0xfc }, sink:receive())
  end)
end)

describe("several buses in one vector, of four states", function()
  fixture.with_icarus(it, pending)("are looked at for unknown bits, each its own", function()
    local path = fixture.cache .. "/half_known.v"
    require "lunq.rtl.cache".make_folder(fixture.cache)
    require "lunq.rtl.cache".write(path, [[
      module half_known(input clk, output [1:0] m_axis_tvalid, input [1:0] m_axis_tready, output [15:0] m_axis_tdata);
        reg [7:0] never; reg go = 0;
        always @(posedge clk) go <= 1;
        assign m_axis_tvalid = {go, 1'b0}, m_axis_tdata = {never, 8'h55};
      endmodule]])
    local d <close> = core.device_open("rtl:" .. fixture.model("half_known", { sources = path,
      simulator = "icarus" }))
    d:step(4)
    local said = d:rtl()[1].violations
    assert.same({ 1, "m_axis[1]: TDATA has unknown bits" }, { #said, said[1] and said[1].text })
  end)
end)

describe("a vector of interrupts", function()
  local it = fixture.with_verilator(it, pending)

  it("is one interrupt for each bit, and what only tells of one is none", function()
    local ol <close> = lunq.Overlay((fixture.model "vectors"))
    assert.same({ "irq[2:0]" }, ol.device:rtl()[1].interrupts)
    for bit = 0, 2 do
      local irq <close> = lunq.Interrupt(("vectors/irq[%d]"):format(bit))
      assert.match("interrupt " .. 61 + bit, irq:explain())
    end
    assert.match("^No Pin of name vectors/irq%[3%] found", fails("value", lunq.Interrupt, "vectors/irq[3]"))
  end)

  it("wakes who waits for the bit", function()
    local ol <close> = lunq.Overlay((fixture.model "vectors"))
    local irq <close> = lunq.Interrupt "vectors/irq[2]"
    local source <close> = bench.source("vectors/s_axis[2]", { device = ol.device })
    source:send { 1, 2 }
    irq:wait(1e-3)
    local other <close> = lunq.Interrupt "vectors/irq[1]"
    assert.match("irq%[1%]", fails("timeout", other.wait, other, 1e-6))
  end)
end)

describe("parts of a pin that a table names", function()
  local it = fixture.with_verilator(it, pending)

  local function build(buses) return fixture.model("vectors", { pins = { buses = buses } }) end

  it("are buses of the names it gives", function()
    local d <close> = core.device_open("rtl:" .. build {
      left = { TDATA = "odd_tdata[7:0]", TVALID = "odd_tvalid[0]" },
      right = { TDATA = "odd_tdata[23:16]", TVALID = "odd_tvalid[3]" },
    })
    local kinds = {}
    for _, bus in ipairs(d:rtl()[1].buses) do kinds[bus.name] = bus.kind .. " " .. bus.bits end
    assert.same({ "AXI4-Stream sink 8", "AXI4-Stream sink 8" }, { kinds.left, kinds.right })
  end)

  it("have to be in the pin", function()
    assert.equal('pins.buses.left: odd_tdata has 30 bits, so there is no odd_tdata[40:33]',
                 fails("value", build, { left = { TDATA = "odd_tdata[40:33]" } }))
    assert.equal('pins.buses.left: odd_tdata has 30 bits, so there is no odd_tdata[0:7]',
                 fails("value", build, { left = { TDATA = "odd_tdata[0:7]" } }))
    assert.match('^pins.buses.left: the module has no pin "odd_data"; did you mean "odd_tdata"',
                 fails("value", build, { left = { TDATA = "odd_data[7:0]" } }))
  end)
end)
