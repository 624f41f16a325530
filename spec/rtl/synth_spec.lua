-- VHDL as Verilog: designs in both languages, and VHDL on Verilator.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"
local fails = fixture.fails

local FOLDER <const> = "spec/rtl/vhdl/"

local function paths(...)
  local list = {}
  for i, name in ipairs { ... } do list[i] = FOLDER .. name end
  return list
end

describe("VHDL on Verilator", function()
  local it = fixture.with_verilator(fixture.with_ghdl(it, pending), pending)

  it("does what it does on GHDL: registers, strobes, what a case has for all others, two clocks", function()
    local path, about = fixture.model("regs", { sources = paths("regs.vhd", "axil_port.vhd"), simulator = "verilator" })
    assert.same({ {}, 21, 2, true },
                { about.warnings, #about.pins, #about.files,
                  about.files[1]:find(FOLDER .. "regs.vhd", 1, true) ~= nil })
    local d <close> = core.device_open("rtl:" .. path)
    local m <close> = lunq.MMIO(0, 0x60, d)
    m:write(4, 0x11223344)
    m:write8(5, 0xab)
    assert.same({ 0x4c554e51, 0x1122ab44 }, { m:read(0), m:read(4) })
    assert.match("Bus error (SLVERR) reading 4 bytes at 0x40", fails("io", m.read, m, 0x40), 1, true)
    local before = m:read(0x28)
    d:step(50)
    assert.is_true(m:read(0x28) >= before + 50)
  end)

  it("has the run time that Verilog has, which takes five seconds to compile", function()
    local verilator, folder = require "lunq.rtl.verilator", os.tmpname()
    local compile, seen = verilator.compile, nil
    finally(function()
      verilator.compile = compile
      require "lunq.rtl.cache".remove(folder)
    end)
    os.remove(folder)
    verilator.compile = function(_, _, versions)
      seen = versions
      error("far enough", 0)
    end
    assert.has_error(function()
      lunq.rtl.build { sources = FOLDER .. "double.vhd", simulator = "verilator", cache = folder }
    end, "far enough")
    assert.equal(select(2, verilator.version()) .. require "lunq.rtl.compile".version(), seen)
  end)
end)

describe("a design in Verilog and VHDL", function()
  local it = fixture.with_icarus(fixture.with_ghdl(it, pending), pending)

  it("has its top in Verilog", function()
    local path = fixture.model("verilog_top", { sources = paths("verilog_top.v", "double.vhd"), simulator = "icarus" })
    local ol <close> = lunq.Overlay({ ip = { v = {
      vlnv = "acme.com:user:verilog_top:1.0", address = 0x43c00000, range = 0x1000,
      streams = { s_axis = "in", m_axis = "out" },
    } } }, { device = "sim", rtl = { v = path } })
    local source <close> = lunq.bench.source(ol.v, "s_axis", { gaps = 0.5 })
    local sink <close> = lunq.bench.sink(ol.v, "m_axis", { stalls = 0.5 })
    source:send { 1, 2, 3 }
    source:send { 0x20000000, 5 }
    assert.same({ { 4, 8, 12 }, { 0x80000000, 20 } }, { sink:receive(), sink:receive() })
  end)

  it("has its top in VHDL, whose generics are set and reach the Verilog", function()
    local path, about = fixture.model("vhdl_top", { sources = paths("vhdl_top.vhd", "counted.v"), simulator = "icarus",
                                                    parameters = { STEP = 5 } })
    assert.equal("STEP=5", about.parameters[1])
    local d <close>, seen = core.device_open("rtl:" .. path), {}
    for i, value in ipairs { 0, 2, 255, 99, 130 } do
      d:wire("vhdl_top/by_how_much", value)
      d:step(2)
      seen[i] = { d:wire "vhdl_top/kind", d:wire "vhdl_top/distance" }
    end
    assert.same({ { 0, 100 }, { 1, 98 }, { 2, 155 }, { 5, 1 }, { 5, 30 } }, seen)
    assert.equal(10 * (0 + 2 + 255 + 99 + 130), d:wire "vhdl_top/Total")
  end)

  it("is for Verilator where nobody says otherwise, not for GHDL alone", function()
    local options = require "lunq.rtl.options"
    assert.equal("verilator", options.check { sources = paths("verilog_top.v", "double.vhd") }.simulator)
    assert.equal("ghdl", options.check { sources = paths "double.vhd" }.simulator)
    assert.match("GHDL reads VHDL only, and " .. core.absolute(FOLDER .. "counted.v") .. " is Verilog: leave",
                 fails("unsupported", options.check, { sources = paths("vhdl_top.vhd", "counted.v"),
                                                       simulator = "ghdl" }), 1, true)
  end)

  it("is refused where VHDL is no logic", function()
    local text = fails("value", fixture.model, "faults", { sources = paths "faults.vhd", simulator = "icarus" })
    assert.matches('^GHDL refuses faults:\n.*call to foreign procedure "control_simulation" is not supported', text)
    assert.matches("\nThis was the way to Verilog, for icarus; GHDL simulates more %(%-%-simulator ghdl, VHDL alone%)$",
                   text)
  end)
end)
