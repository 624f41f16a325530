-- VHDL: GHDL behind the same interface, four states, the same device and drivers.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"
local process = dofile "spec/program/process.lua"
local fails = fixture.fails

local FOLDER <const> = "spec/rtl/vhdl"

describe("a model of VHDL", function()
  local it = fixture.with_ghdl(it, pending)
  local d, m

  local function model(name, more)
    local o = { sources = ("%s/%s.vhd"):format(FOLDER, name), libraries = FOLDER }
    for k, v in pairs(more or {}) do o[k] = v end
    return fixture.model(name, o)
  end
  local function open(name, options, more)
    d = core.device_open(("rtl:%s%s"):format(model(name, more), options or ""))
    m = lunq.MMIO(0, 0x60, d)
  end

  after_each(function()
    if m then m:close() end
    if d then d:close() end
    d, m = nil, nil
  end)

  it("is made by GHDL, and has the ports of the entity as the source writes them", function()
    local _, about = model "regs"
    local names = {}
    for _, p in ipairs(about.pins) do names[p.name] = p.direction .. p.width end
    assert.same({ 21, "in32", "out1", "in8" },
                { #about.pins, names.S_AXI_WDATA, names.irq, names.S_AXI_AWADDR })
    assert.matches("^regs, by GHDL %d", tostring(about))
  end)

  it("is a device: registers, strobes, errors of the bus, interrupts", function()
    open "regs"
    m:write(4, 0x11223344)
    m:write8(5, 0xab)
    assert.same({ 0x4c554e51, 0x1122ab44 }, { m:read(0), m:read(4) })
    assert.match("Bus error (SLVERR) reading 4 bytes at 0x40", fails("io", m.read, m, 0x40), 1, true)
  end)

  it("takes generics, those of a design where they are numbers and nobody set them", function()
    local design = { C_S_AXI_ADDR_WIDTH = "0x9", ID = "77" }
    local _, about = model("regs", { parameters = { c_s_axi_addr_width = 7 }, instance_parameters = design })
    assert.same({ 7, { "c_s_axi_addr_width=7" } }, { about.pins[3].width, about.parameters })
    local o = require "lunq.rtl.options".check { sources = FOLDER .. "/regs.vhd", instance_parameters = design }
    assert.same({ { name = "C_S_AXI_ADDR_WIDTH", value = "9" } }, o.parameters)
    assert.matches("^GHDL refuses regs:\nunhandled type for generic override of 'id'\n.*numbers, texts",
                   fails("value", model, "regs", { parameters = { ID = 77 } }))
    assert.equal("GHDL refuses regs:\ncannot find in top entity generic 'width'",
                 fails("value", model, "regs", { parameters = { WIDTH = 4 } }))
  end)

  it("has a value for each generic, in any case", function()
    local path = fixture.source("sized.vhd", [[
      entity sized is
        generic (Lanes : positive; depth, unused : natural; by_itself : natural := 2);
        port (d : in bit_vector(8 * Lanes - 1 downto 0); q : out bit_vector(depth - 1 downto 0));
      end;
      architecture a of sized is begin q <= (others => '1'); end;]])
    local function sized(parameters) return fixture.model("sized", { sources = path, parameters = parameters }) end
    assert.equal("Generics of sized have no default and no value: depth, unused. -G NAME=VALUE (parameters) gives "
                 .. "them one", fails("value", sized, { LANES = 2 }))
    local _, about = sized { lanes = 2, Depth = 3, unused = 1 }
    assert.same({ 16, 3 }, { about.pins[1].width, about.pins[2].width })
  end)

  it("has several clocks", function()
    open "regs"
    d:program(core.design_parse("clocks.hwh", [[
      <EDKSYSTEM EDWVERSION="1.2" VIVADOVERSION="2020.1"><SYSTEMINFO ARCH="zynq" NAME="clocks"/>
       <EXTERNALINTERFACES><BUSINTERFACE NAME="host" TYPE="SLAVE"><MEMORYMAP>
        <MEMRANGE BASEVALUE="0x43C00000" HIGHVALUE="0x43C0FFFF" INSTANCE="t" MEMTYPE="REGISTER"
                  SLAVEBUSINTERFACE="S_AXI"/></MEMORYMAP></BUSINTERFACE></EXTERNALINTERFACES>
       <MODULES><MODULE FULLNAME="/t" INSTANCE="t" MODTYPE="regs" VLNV="acme.com:user:regs:1.0"><PORTS>
        <PORT CLKFREQUENCY="100000000" DIR="I" NAME="S_AXI_ACLK" SIGIS="clk"/>
        <PORT CLKFREQUENCY="250000000" DIR="I" NAME="core_clk" SIGIS="clk"/></PORTS></MODULE></MODULES></EDKSYSTEM>]]))
    local r <close> = lunq.MMIO(0x43c00000, 0x30, d)
    local bus, work = r:read(0x24), r:read(0x28)
    d:step(100)
    bus, work = r:read(0x24) - bus, r:read(0x28) - work
    assert.is_true(math.abs(work - 2.5 * bus) <= 3, ("%d and %d cycles"):format(bus, work))
  end)

  it("is a stream with TLAST under gaps and stalls", function()
    local ol <close> = lunq.Overlay({ ip = { double = {
      vlnv = "acme.com:user:double:1.0", address = 0x43c00000, range = 0x1000,
      streams = { s_axis = "in", m_axis = "out" },
    } } }, { device = "sim", rtl = { double = model "double" } })
    local source <close> = lunq.bench.source(ol.double, "s_axis", { gaps = 0.5 })
    local sink <close> = lunq.bench.sink(ol.double, "m_axis", { stalls = 0.5 })
    source:send { 1, 2, 3 }
    source:send { 0x40000000, 5 }
    assert.same({ { 2, 4, 6 }, { 0x80000000, 10 } }, { sink:receive(), sink:receive() })
  end)

  it("shows all that is inside in windows, where it was built with waves", function()
    local path = os.tmpname()
    finally(function() os.remove(path) end)
    local function shown(from, to)
      d:trace(path)
      m:write(4, from)
      d:trace(false)
      m:write(4, to)
      local f <close> = assert(io.open(path))
      return f:read "a"
    end
    open("regs", "", { trace = "vcd" })
    m:write(4, 1)
    local text = shown(0x5a5a, 0x3c3c)
    assert.matches("^%$date\n.*%$var %S+ 32 %S+ timer%[31:0%] %$end\n.*%$enddefinitions %$end\n#%d+\n", text)
    assert.match("0101101001011010 ", text, 1, true)
    assert.is_nil(text:find("11110000111100", 1, true))
    assert.not_matches("VPI", text)
    text = shown(0x6b6b, 0)
    assert.match("110101101101011 ", text, 1, true)
    assert.match("11110000111100 ", text, 1, true) -- what was there when the window opened
    assert.equal("A model for GHDL writes waves as VCD only: --trace vcd",
                 fails("unsupported", model, "regs", { trace = "fst" }))
  end)

  -- ---- what goes wrong ----------------------------------------------------------------------------

  for offset, words in pairs { [0x10] = "std.env.finish at 160ns", [0x14] = "std.env.stop at 160ns",
                               [0x18] = "faults.vhd:56: on purpose", [0x24] = "faults.vhd:58: an error on purpose",
                               [0x28] = "index (40) out of bounds (0 to 3) at faults.vhd:59",
                               [0x38] = "signals that never settle, 5000 delta cycles" } do
    it("ends with " .. words, function()
      open "faults"
      assert.match("The RTL of faults has ended: " .. words, fails("device", m.write, m, offset, 1), 1, true)
      assert.match(words, fails("device", m.read, m, 0), 1, true)
    end)
  end

  it("goes on after a report", function()
    open "faults"
    m:write(0x1c, 1)
    assert.equal(0x1234, m:read(0))
  end)

  it("that never comes back is ended", function()
    open("faults", "?isolate_limit=1")
    assert.match("The RTL of faults has ended: no answer of the simulator for 1 s: an endless loop?",
                 fails("device", m.write, m, 0x34, 1), 1, true)
  end)

  it("names a missing answer", function()
    open("faults", "?timeout=20")
    assert.match("no BVALID within 20 cycles", fails("timeout", m.write, m, 0x44, 1), 1, true)
  end)

  it("can't go on with a valid nobody knows", function()
    open "faults"
    assert.equal("The RTL of faults can't go on: BVALID of s_axi is unknown, cycle 17. A register without a reset, or "
                 .. "an input nobody drives? (?check=0 takes unknown bits as 0.)", fails("device", m.write, m, 0x50, 1))
    assert.match("BVALID of s_axi is unknown", fails("device", m.read, m, 0), 1, true)
    m:close()
    d:close()
    open("faults", "?check=0&timeout=20")
    assert.match("no BVALID within 20 cycles", fails("timeout", m.write, m, 0x50, 1), 1, true)
  end)

  it("warns of unknown bits beside a valid, and reads L and H as 0 and 1", function()
    open "faults"
    local value
    local said = lunq.warnings.capture(function() value = m:read(0x54) end)
    assert.equal(5, value)
    assert.matches("s_axi: RDATA has unknown bits", said[1].text)
    said = lunq.warnings.capture(function() fails("io", m.read, m, 0x58) end)
    assert.same({}, said) -- nobody takes them
  end)

  -- ---- sources -----------------------------------------------------------------------------------

  local source = fixture.source
  local function bad(text, more)
    local o = { sources = source("bad.vhd", text) }
    for k, v in pairs(more or {}) do o[k] = v end
    return fails("value", fixture.model, "bad", o)
  end

  it("names what is wrong in the sources", function()
    local HEAD <const> = "entity bad is port (a : in bit; q : out bit); end;\narchitecture r of bad is "
    assert.matches("^GHDL refuses bad:\nbuild/%S*bad.vhd:2:37: no declaration for \"nothing\"\n",
                   bad(HEAD .. "begin q <= nothing; end;\n"))
    assert.matches('\nother is in none of the sources: name its file, or the folder it is in with %-y$',
                   bad(HEAD .. "begin i : entity work.other port map (a, q); end;\n"))
    local component = "component other is port (a : in bit); end component;\nbegin i : other port map (a); end;"
    assert.matches('instance "i" of component "other" is not bound.*\nother is in none of the sources',
                   bad(HEAD .. component))
    assert.matches("\nThe library olo is in none of the sources: any files behind %-w olo are in it$",
                   bad("library olo;\n" .. HEAD .. "begin q <= a; end;\n"))
  end)

  it("leaves out what no VPI reaches, and says so", function()
    local _, about = model "faults"
    assert.same({ "port left out, only bits and vectors of bits can be reached: level : integer" }, about.notes)
  end)

  it("is told of unknown numbers once, not in each cycle", function()
    finally(process.clean)
    local script = process.file "require('lunq').Device.active_device:step(20)"
    local code, _, err = process.lunq("--device", "rtl:" .. model "faults", script)
    assert.equal(0, code)
    assert.equal(1, select(2, err:gsub("NUMERIC_STD.TO_INTEGER: metavalue detected", "")))
  end)

  it("may be in any order, and in several libraries, Vivado's own among them", function()
    local path = source("several.vhd", [[
      LIBRARY parts, xil_defaultlib;
      ENTITY Several IS PORT (CLK : IN BIT; Q : OUT BIT_VECTOR(parts.sizes.N + XIL_DEFAULTLIB.widths.N DOWNTO 1)); END;
      ARCHITECTURE r OF Several IS BEGIN Q <= (OTHERS => CLK); END; -- "]])
    local sizes = source("sizes.vhd", "package sizes is constant N : integer := 9; end;")
    local widths = source("widths.VHD", "package widths is constant N : integer := 100; end;\r\n")
    local o = { sources = { path, widths }, work = { Parts = sizes } }
    local _, about = fixture.model("several", o)
    assert.same({ "Q", 109 }, { about.pins[2].name, about.pins[2].width })
    source("sizes.vhd", "package sizes is constant N : integer := 12; end;")
    _, about = fixture.model("several", o)
    assert.equal(112, about.pins[2].width)
  end)

  it("of an overlay is found in its folder, that of libraries, too", function()
    local ol <close> = lunq.Overlay("overlays/adder/adder.hwh", { device = "sim", rtl = {
      adder = { sources = "rtl/adder.vhd", work = { more = "rtl/adder.vhd" }, cache = fixture.cache },
    } })
    assert.equal(7, ol.adder:add(3, 4))
  end)

  it("says what is missing where a model is run without GHDL", function()
    finally(process.clean)
    local script = process.file "print(require('lunq').MMIO(0, 4):read(0))"
    local code, _, err = process.sh(("PATH=/dev/null LUNQ --device rtl:%s %s"):format(model "regs", script))
    assert.equal(3, code)
    assert.match("The model of regs makes no instance. It printed last:\n  GHDL can't be started (on Debian: apt-get "
                 .. "install ghdl-mcode)\n", err, 1, true)
  end)

  it("is refused where it can't be", function()
    assert.match("GHDL reads VHDL only, and " .. core.absolute "spec/rtl/regs.v" .. " is Verilog: leave",
                 fails("unsupported", fixture.model, "regs", { simulator = "ghdl" }), 1, true)
    assert.matches("^A model for GHDL has no coverage", fails("unsupported", model, "regs", { coverage = "line" }))
    assert.equal('std should be 00 or 02 or 08 or 87 or 93 or 93c, not 2008',
                 fails("value", model, "regs", { std = "2008" }))
  end)
end)
