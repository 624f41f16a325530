-- Several clocks of one IP, each with the frequency its design says.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"

--- A design of spec/rtl/two_clocks.v with these frequencies in Hz.
local function design(bus, work)
  return core.design_parse("clocks.hwh", ([[
<EDKSYSTEM EDWVERSION="1.2" VIVADOVERSION="2020.1">
 <SYSTEMINFO ARCH="zynq" NAME="clocks"/>
 <EXTERNALINTERFACES><BUSINTERFACE NAME="host" TYPE="SLAVE"><MEMORYMAP>
  <MEMRANGE BASEVALUE="0x43C00000" HIGHVALUE="0x43C0FFFF" INSTANCE="t" MEMTYPE="REGISTER" SLAVEBUSINTERFACE="s_axi"/>
 </MEMORYMAP></BUSINTERFACE></EXTERNALINTERFACES>
 <MODULES><MODULE FULLNAME="/t" INSTANCE="t" MODTYPE="two_clocks" VLNV="acme.com:user:two_clocks:1.0">
  <PORTS>
   <PORT CLKFREQUENCY="%d" DIR="I" NAME="s_axi_aclk" SIGIS="clk"/>
   <PORT CLKFREQUENCY="%d" DIR="I" NAME="core_clk" SIGIS="clk"/>
  </PORTS>
 </MODULE></MODULES>
</EDKSYSTEM>]]):format(bus, work))
end

describe("RTL with two clocks", function()
  local it = fixture.with_verilator(it, pending)

  --- Counts up 100 times in the core; gives the cycles of the bus it took, and those of the core.
  local function count(bus, work, options)
    local d <close> = core.device_open("rtl:" .. fixture.model("two_clocks", { parameters = { LOOPS = 100 } })
                                       .. (options or ""))
    d:program(design(bus, work))
    local m <close> = lunq.MMIO(0x43c00000, 0x10, d)
    m:write(0, 1000)
    local before = m:read(8)
    repeat d:step(1) until m:read(4) == 0
    assert.equal(1100, m:read(0))
    local result = { m:read(8) - before, m:read(0xc), d:now() }
    return result
  end

  it("runs both at once when they are the same", function()
    local r = count(100e6, 100e6)
    assert.is_true(r[1] >= 100 and r[1] < 125, r[1])
  end)

  it("does not let one run away while the other stands", function()
    local r
    local texts = lunq.warnings.capture(function() r = count(1, 1000000000) end)
    assert.equal("Clock core_clk of t is more than 100000 times as fast as s_axi_aclk, by what the metadata say: it "
                 .. "runs with that one.", texts[1].text)
    assert.is_true(r[1] >= 100 and r[1] < 125, r[1])
  end)

  for _, case in ipairs { { 100, 250, 40 }, { 100, 50, 200 }, { 150, 100, 150 }, { 100, 33, 303 },
                          { 250, 400, 62.5 } } do
    it(("keeps them apart: %d and %d MHz"):format(case[1], case[2]), function()
      local r = count(case[1] * 1000000, case[2] * 1000000)
      -- 100 cycles of the core, and a few of each clock for the way there and back
      assert.is_true(r[1] > case[3] and r[1] < case[3] + 14 + 5 * case[1] / case[2], ("%d cycles"):format(r[1]))
    end)
  end

  it("is the same every time", function()
    assert.same(count(100e6, 333e6), count(100e6, 333e6))
  end)

  it("runs the other clock as the board's clock behind it is set", function()
    local designs = dofile "spec/overlay/fixture.lua"
    local function port(name, net)
      return { NAME = name, DIR = "I", SIGNAME = net, SIGIS = "clk", CLKFREQUENCY = 100000000 }
    end
    local hwh = designs.write(designs.folder() .. "/two.hwh", designs.hwh {
      modules = { { path = "t", vlnv = "acme.com:user:two_clocks:1.0", base = 0x43c00000,
                    ports = { port("s_axi_aclk", "clk0"), port("core_clk", "clk1") } } },
      ps_ports = { { NAME = "FCLK_CLK0", DIR = "O", SIGNAME = "clk0" },
                   { NAME = "FCLK_CLK1", DIR = "O", SIGNAME = "clk1" } },
      ps_params = { -- IO PLL 50 * 20 = 1000 MHz, both clocks: / 5 / 2
        PCW_CRYSTAL_PERIPHERAL_FREQMHZ = "50", PCW_IOPLL_CTRL_FBDIV = 20,
        PCW_FPGA_FCLK0_ENABLE = 1, PCW_FCLK0_PERIPHERAL_CLKSRC = "IO PLL", PCW_FPGA0_PERIPHERAL_FREQMHZ = 100,
        PCW_FCLK0_PERIPHERAL_DIVISOR0 = 5, PCW_FCLK0_PERIPHERAL_DIVISOR1 = 2,
        PCW_FPGA_FCLK1_ENABLE = 1, PCW_FCLK1_PERIPHERAL_CLKSRC = "IO PLL", PCW_FPGA1_PERIPHERAL_FREQMHZ = 100,
        PCW_FCLK1_PERIPHERAL_DIVISOR0 = 5, PCW_FCLK1_PERIPHERAL_DIVISOR1 = 2,
      },
    })
    local device <close> = lunq.Device.open "sim"
    local ol = lunq.Overlay(hwh, { device = device, rtl = { t = fixture.model("two_clocks",
                                                                             { parameters = { LOOPS = 100 } }) } })
    local clocks = lunq.Clocks(device)
    local function cycles()
      local before = ol.t:read(8)
      ol.t:write(0, 1000)
      repeat device:step(1) until ol.t:read(4) == 0
      return ol.t:read(8) - before
    end
    local same = cycles()
    clocks.fclk1_mhz = 25
    local slow = cycles()
    assert.is_true(same < 125 and slow > 400 and slow < 450, same .. ", " .. slow)
    ol:free()
  end)

  it("goes on at another frequency when the board's clock is set, with what it holds", function()
    local model = fixture.model("fir", { sources = "overlays/rtl_filter/rtl/fir.v" })
    local device <close> = lunq.Device.open "sim"
    local ol = lunq.Overlay("overlays/rtl_filter/rtl_filter.hwh", { device = device, rtl = { fir = model } })
    local clocks, tap = lunq.Clocks(device), ol.fir.register_map.TAP_0
    local function time_of(cycles)
      local cycle, now = device.cycle, device:now()
      device:step(cycles)
      assert.equal(cycles, device.cycle - cycle)
      return device:now() - now
    end
    tap:set(77)
    assert.equal(1000, time_of(100))
    clocks.fclk0_mhz = 50
    assert.equal(2000, time_of(100))
    clocks.fclk0_mhz = 100
    assert.equal(1000, time_of(100))
    assert.equal(77, tap:get())
    ol:free()
  end)

  it("lets the time of the device pass as the clock of the bus says", function()
    local d <close> = core.device_open("rtl:" .. fixture.model "two_clocks")
    d:program(design(250e6, 100e6))
    d:step(25)
    assert.equal(100, d:now()) -- 25 cycles of 4 ns
  end)
end)
