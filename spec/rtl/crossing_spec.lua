-- Buses of one IP on different clocks: each is driven in the time of its own.
local bench = require "lunq.bench"
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"

local function model(clocks)
  return (fixture.model("crossing", { sources = { "spec/rtl/crossing.v", "spec/rtl/axil_port.v" },
                                      pins = clocks and { clocks = clocks } }))
end

--- A design in which m_clk has this frequency, and s_clk 100 MHz.
local function design(hz)
  return core.design_parse("crossing.hwh", ([[
<EDKSYSTEM EDWVERSION="1.2" VIVADOVERSION="2020.1">
 <SYSTEMINFO ARCH="zynq" NAME="clocks"/>
 <EXTERNALINTERFACES><BUSINTERFACE NAME="host" TYPE="SLAVE"><MEMORYMAP>
  <MEMRANGE BASEVALUE="0x43C00000" HIGHVALUE="0x43C0FFFF" INSTANCE="t" MASTERBUSINTERFACE="s_axil"/>
  <MEMRANGE BASEVALUE="0x43C10000" HIGHVALUE="0x43C1FFFF" INSTANCE="t" MASTERBUSINTERFACE="m_axil"/>
 </MEMORYMAP></BUSINTERFACE></EXTERNALINTERFACES>
 <MODULES><MODULE FULLNAME="/t" INSTANCE="t" MODTYPE="crossing" VLNV="acme.com:user:crossing:1.0">
  <PORTS>
   <PORT CLKFREQUENCY="100000000" DIR="I" NAME="s_clk" SIGIS="clk"/>
   <PORT CLKFREQUENCY="%d" DIR="I" NAME="m_clk" SIGIS="clk"/>
  </PORTS>
  <BUSINTERFACES>
   <BUSINTERFACE NAME="s_axil" TYPE="SLAVE" VLNV="xilinx.com:interface:aximm:1.0"/>
   <BUSINTERFACE NAME="m_axil" TYPE="SLAVE" VLNV="xilinx.com:interface:aximm:1.0"/>
   <BUSINTERFACE BUSNAME="from" NAME="s_axis" TYPE="TARGET" VLNV="xilinx.com:interface:axis:1.0">
    <PARAMETER NAME="TDATA_NUM_BYTES" VALUE="2"/>
   </BUSINTERFACE>
   <BUSINTERFACE BUSNAME="to" NAME="m_axis" TYPE="INITIATOR" VLNV="xilinx.com:interface:axis:1.0">
    <PARAMETER NAME="TDATA_NUM_BYTES" VALUE="2"/>
   </BUSINTERFACE>
  </BUSINTERFACES>
 </MODULE></MODULES>
</EDKSYSTEM>]]):format(hz))
end

describe("buses on two clocks", function()
  local it = fixture.with_verilator(it, pending)
  local d, s, m

  local function open(hz, options)
    d = core.device_open("rtl:" .. model() .. (options or ""))
    d:program(design(hz))
    s, m = lunq.MMIO(0x43c00000, 0x10, d), lunq.MMIO(0x43c10000, 0x10, d)
  end
  local function close()
    if not d then return end
    s:close()
    m:close()
    d:close()
    d = nil
  end
  after_each(close)

  it("are on the clock of their name", function()
    open(33000000)
    local clocks = {}
    for _, bus in ipairs(d:rtl()[1].buses) do clocks[bus.name] = bus.clock end
    assert.same({ s_axis = "s_clk", m_axis = "m_clk", s_axil = "s_clk", m_axil = "m_clk", m_axi = "m_clk" }, clocks)
  end)

  -- A beat that was looked at with the wrong clock would come twice, or never.
  for _, case in ipairs { { 33000000, "" }, { 133000000, "" }, { 417000000, "" }, { 33000000, "?stress=3" },
                          { 133000000, "?stress=4" } } do
    it(("pass each beat once, with the other clock at %g MHz%s"):format(case[1] / 1e6, case[2]), function()
      open(case[1], case[2])
      local source <close> = bench.source("t/s_axis", { device = d, gaps = 0.2, seed = 1 })
      local sink <close> = bench.sink("t/m_axis", { device = d, stalls = 0.2, seed = 2 })
      local sent = {}
      for i = 1, 200 do sent[i] = i * 77 & 0xffff end
      source:send(sent)
      assert.same(sent, sink:receive())
      assert.same({ 200, 200 }, { s:read(0), m:read(0) })
      assert.same({}, d:rtl()[1].violations)
    end)
  end

  it("have registers that take as long as their clock says", function()
    for _, hz in ipairs { 25000000, 400000000 } do
      close()
      open(hz)
      local from, at = m:read(4), d:now()
      d:step(4000)
      assert.near((d:now() - at) * hz / 1e9, m:read(4) - from, 40)
    end
  end)

  it("take an access from the next edge of their own clock on", function()
    open(25000000)
    m:read(4)
    local seen = { m:read(4), m:read(4), m:read(4) }
    assert.same({ 2, 2 }, { seen[2] - seen[1], seen[3] - seen[2] }) -- the request, and the answer
  end)

  it("are with the main one, and a warning says so, where theirs is a thousand times as slow", function()
    local texts = lunq.warnings.capture(function() open(1000) end)
    assert.equal("Clock m_clk of t is more than 1000 times as slow as s_clk, by what the metadata say: it runs with "
                 .. "that one.", texts[1].text)
    assert.equal(0, m:read(0))
  end)
end)

-- The table's frequency is that of the model alone.
describe("a master on a faster clock", function()
  fixture.with_verilator(it, pending)("writes as that runs, and its pulses are seen", function()
    local d <close> = core.device_open("rtl:" .. model { m_clk = 400e6 })
    local m <close> = lunq.MMIO(0x10000, 0x10, d)
    local b <close> = lunq.allocate(4, "u4", { target = d })
    local irq <close> = lunq.Interrupt("crossing/done_irq", d)
    local hold <close> = irq:hold()
    d:step(50) -- 200 of its cycles
    m:write(8, b.physical_address + 8)
    hold:wait(1e-5)
    assert.near(200, b[3], 5)
    assert.same({}, d:rtl()[1].violations)
  end)
end)

describe("a table of pins", function()
  it("tells frequencies in whole numbers, and buses by a list", function()
    local fails, build = fixture.fails, fixture.with_verilator(model, function() end)
    if fixture.missing then return end
    assert.equal("pins.clocks.m_clk: a frequency is a whole number of Hz, not fast",
                 fails("value", build, { m_clk = "fast" }))
    assert.equal("pins.clocks.m_clk: hz and buses can be said, not mhz", fails("value", build, { m_clk = { mhz = 1 } }))
    assert.equal("pins.clocks.m_clk.buses should be a list of names, not a string",
                 fails("type", build, { m_clk = { buses = "m_axi" } }))
  end)
end)
