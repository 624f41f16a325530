-- What is known of an IP's ports besides its Verilog: an HWH file or component.xml, kept in the model as an HWH file
-- with one module.
local bench = require "lunq.bench"
local core = require "lunq.core"
local fails = dofile "spec/rtl/fixture.lua".fails
local helper = require "spec.helper"
local component = require "lunq.rtl.component"
local metadata = require "lunq.rtl.metadata"
local modules = require "lunq.rtl.modules"
local options = require "lunq.rtl.options"
local process = dofile "spec/program/process.lua"
local xml = require "lunq.rtl.xml"

local function read(path)
  local f <close> = assert(io.open(path, "rb"))
  return f:read "a"
end

--- The dictionaries of a text, which must read without a warning.
local function dictionaries(text)
  local d = core.design_parse("model", text):dictionaries()
  assert.same({}, d.warnings)
  return d
end

describe("a module taken out of an HWH file", function()
  local ADDER <const> = "overlays/adder/adder.hwh"

  it("is a design of its own, from address 0 on, with all registers", function()
    local text, from = metadata.from_hwh(ADDER, read(ADDER), "adder")
    local ip = dictionaries(text).ip_dict
    local whole = core.design_read(ADDER):dictionaries().ip_dict.adder
    assert.same({ "adder" }, { next(ip), next(ip, "adder") })
    assert.same({ whole.type, 0, whole.addr_range, whole.registers },
                { ip.adder.type, ip.adder.phys_addr, ip.adder.addr_range, ip.adder.registers })
    assert.equal(ADDER .. ", module adder (acme.com:hls:adder:1.0)", from)
    assert.matches('NAME="ap_rst_n" POLARITY="ACTIVE_LOW" SIGIS="rst"', text)
    assert.matches('NAME="interrupt" SENSITIVITY="LEVEL_HIGH" SIGIS="INTERRUPT"', text)
    assert.matches('LOGICAL="AWADDR" PHYSICAL="s_axi_control_AWADDR"', text)
    assert.is_nil(text:find "SIGNAME" or text:find "CONNECTION")
  end)

  it("is found by its type or its name in the design", function()
    local file = "overlays/dma_loopback/dma_loopback.hwh"
    local text, from = metadata.from_hwh(file, read(file), "my_top", "axi_dma")
    assert.truthy(dictionaries(text).ip_dict.my_top)
    assert.matches("module axi_dma %(xilinx.com:ip:axi_dma:7.1%)$", from)
    assert.matches("^overlays/.*hwh has no module no_dma; name the one that is meant %(%-%-instance%): .*axi_dma",
                   fails("value", metadata.from_hwh, file, read(file), "x", "no_dma"))
  end)

  it("is said to be the first of several", function()
    local file = "overlays/dma_loopback/dma_loopback.hwh"
    local _, from = metadata.from_hwh(file, read(file), "axi_dma")
    assert.matches(", the first of %d of its type$", from)
  end)

  it("reads without a warning, whichever module it is", function()
    if not helper.corpus then return pending(helper.no_corpus) end
    for _, name in ipairs { "pynqz2-dma-loopback-2020.1", "pynqz2-psgpio-2020.1" } do
      local path = ("%s/files/hwh/%s.hwh"):format(helper.corpus, name)
      local text = read(path)
      for instance in text:gmatch '<MODULE [^>]-INSTANCE="([^"]*)"' do
        dictionaries((metadata.from_hwh(path, text, "top", instance)))
      end
    end
  end)

  it("has no ranges that end before they begin", function()
    for _, high in ipairs { "0x3FFFFFFF", "0x3FFFFFF0" } do
      local text = read(ADDER):gsub('BASEVALUE="0x[%dA-Fa-f]+"', 'BASEVALUE="0x40000000"')
        :gsub('HIGHVALUE="0x[%dA-Fa-f]+"', ('HIGHVALUE="%s"'):format(high))
      assert.is_nil(metadata.from_hwh(ADDER, text, "adder"):find "MEMRANGE")
    end
    assert.truthy(metadata.from_hwh(ADDER, read(ADDER), "adder"):find "MEMRANGE")
  end)

  it("needs an HWH file", function()
    assert.equal("x: the root element is <a>: this is no HWH file", fails("value", metadata.from_hwh, "x", "<a/>", "t"))
    assert.equal("x:2: </b> closes nothing", fails("value", metadata.from_hwh, "x", "<a>\n</b>", "t"))
  end)
end)

describe("component.xml", function()
  local FILE <const> = "spec/rtl/scale.xml"
  local root
  setup(function() root = component.read(FILE, read(FILE)) end)

  it("gives ports, buses, registers and addresses", function()
    local text, from = component.metadata(FILE, root, "scale")
    local d = dictionaries(text)
    local ip = d.ip_dict.scale
    assert.same({ "acme.com:hls:scale:1.0", 0, 0x10000 }, { ip.type, ip.phys_addr, ip.addr_range })
    assert.equal(FILE .. " (acme.com:hls:scale:1.0)", from)
    local r = ip.registers
    assert.same({ 0, 0x0c, 0x10 }, { r.CTRL.address_offset, r.IP_ISR.address_offset, r.GAIN.address_offset })
    assert.same({ "Start, done & idle", 1, "oneToClear" },
                { r.CTRL.description, r.CTRL.fields.AP_DONE.bit_offset, r.IP_ISR.fields.DONE.write_effect })
    assert.matches('<PORT CLKFREQUENCY="125000000" DIR="I" NAME="ap_clk" SIGIS="clk"/>', text)
    assert.matches('<PORT DIR="I" NAME="ap_rst_n" POLARITY="ACTIVE_LOW" SIGIS="rst"/>', text)
    assert.matches('<PORT DIR="O" NAME="interrupt" SENSITIVITY="LEVEL_HIGH" SIGIS="INTERRUPT"/>', text)
    assert.matches('<PORT DIR="I" LEFT="31" NAME="in_tdata" RIGHT="0" SIGIS="undef"/>', text)
    assert.matches('<BUSINTERFACE NAME="scaled" TYPE="MASTER" VLNV="xilinx.com:interface:axis:1.0">', text)
    assert.matches('<PORTMAP LOGICAL="TLAST" PHYSICAL="out_tlast"/>', text)
    assert.matches('<PARAMETER NAME="clk_period" VALUE="8"/>', text)
  end)

  it("names the Verilog of the IP and its top module", function()
    assert.same({ sources = { "spec/rtl/axil_port.v", "spec/rtl/scale.v" }, includes = {}, top = "scale" },
                component.files(FILE, root))
    local o = options.check { component = FILE }
    assert.same({ "scale", core.absolute "spec/rtl/scale.v" }, { o.top, o.sources[2] })
    o = options.check { component = FILE, sources = "spec/rtl/regs.v" }
    assert.same({ "regs", 1 }, { o.top, #o.sources })
  end)

  it("names the VHDL of an IP that has nothing else, by library", function()
    local text = read(FILE):gsub("<spirit:view>%s*<spirit:name>xilinx_verilogsynthesis.-</spirit:view>", "")
    assert.same({ sources = { "x/scale.vhd" }, includes = {}, top = "scale" },
                component.files("x/component.xml", component.read("x", text)))
    local other = text:gsub("(<spirit:fileType>vhdlSource[^<]*</spirit:fileType>)",
                            "%1<spirit:logicalName>parts</spirit:logicalName>")
    assert.matches("names no Verilog or VHDL files", fails("value", component.files, "x", component.read("x", other)))
    text = text:gsub("xilinx_vhdlsynthesis<", "docs<")
    assert.equal("x names no Verilog or VHDL files for synthesis; name them on the command line",
                 fails("value", component.files, "x", component.read("x", text)))
    assert.equal("x: the root element is <EDKSYSTEM>: this is no component.xml of an IP",
                 fails("value", component.read, "x", "<EDKSYSTEM/>"))
  end)
end)

describe("the reader of XML", function()
  local function parse(text) return xml.parse("f.xml", text) end

  it("knows attributes, texts, entities, comments and CDATA", function()
    local e = parse('<?xml version="1.0"?><!-- <no/> --><p:a x="1 > 0" q:y=\'"&amp;&#65;&#x42;\'>t<b/>&lt;u'
                    .. '<![CDATA[<raw>]]></p:a>')
    assert.same({ "a", "1 > 0", '"&AB', "t<u<raw>" }, { e.tag, e.attributes.x, e.attributes.y, e.text })
    assert.equal('<a x="1 &gt; 0" y="&quot;&amp;AB">\n <b/>\n</a>\n', xml.text(e))
  end)

  it("names the line of what is wrong", function()
    for text, message in pairs {
      ["<a>\n<b>\n</a>"] = "f.xml:3: </a> closes nothing",
      ["<a>\n<b>"] = "f.xml:2: <b> is not closed; is the file cut off?",
      ["<!DOCTYPE a>\n<a/>"] = "f.xml:1: not well-formed, or a DOCTYPE, which no such file has",
      ["<a x=>"] = "f.xml:1: <a is not well-formed",
      ["<a x='1>"] = "f.xml:1: <a is not well-formed",
      ["<a/><b/>"] = "f.xml:1: a second root element",
      [""] = "f.xml:1: no element in it",
      [("<a>"):rep(65)] = "f.xml:1: elements are nested deeper than 64",
      ["<a><![CDATA[x</a>"] = "f.xml:1: CDATA is not closed",
      ["<a><!-- x</a>"] = "f.xml:1: not well-formed, or a DOCTYPE, which no such file has",
    } do
      assert.equal(message, fails("value", parse, text))
    end
  end)
end)

describe("parameters of an instance", function()
  after_each(process.clean)
  local V <const> = [[
    module other #(parameter X = 1) (input a); endmodule
    module automatic top import p::*; #(parameter integer A = 1, B = (2 == 3), parameter [7:0] C = {4{2'b1}},
                localparam L = 4) (input [A-1:0] d /* parameter no = 1 */);
      parameter D = 5, E = 6; // parameter N = 7;
      localparam M = 8; wire w = 1;
    endmodule]]

  it("are those the top module has, where nobody set another", function()
    local path = process.file(V, ".v")
    assert.same({ A = true, B = true, C = true, D = true, E = true }, modules.parameters({ path }, "top"))
    local o = options.check {
      sources = path, top = "top", parameters = { B = 7 },
      instance_parameters = { A = "0x10", B = "2", C = "text", Component_Name = "x", D = 9.0, X = 3 },
    }
    local set = {}
    for _, parameter in ipairs(o.parameters) do set[parameter.name] = parameter.value end
    assert.same({ A = "16", B = "7", D = "9" }, set)
  end)
end)

describe("a model with metadata", function()
  local fixture = dofile "spec/rtl/fixture.lua"
  local lunq = require "lunq"
  local it = fixture.with_verilator(it, pending)

  -- No name of a pin says anything, and one says something wrong.
  local V <const> = [[
    module strange(input tick, input halt, input a1, output a2, input [31:0] a3, input [3:0] a4, input [3:0] a5,
      input a6, output a7, output [1:0] a8, output reg a9, input b1, input [3:0] b2, input b3, output b4,
      output [31:0] b5, output [1:0] b6, output reg b7, input b8, output bell, input my_clk, output first_irq);
      reg [31:0] r;
      assign a2 = a1 & a6 & !a9, a7 = a2, a8 = 0, b4 = b3 & !b7, b5 = r, b6 = 0, bell = r == 7, first_irq = my_clk;
      always @(posedge tick)
        if (halt) begin r <= 32'h55; a9 <= 0; b7 <= 0; end
        else begin
          if (a2) begin r <= a3; a9 <= 1; end else if (b1) a9 <= 0;
          if (b4) b7 <= 1; else if (b8) b7 <= 0;
        end
    endmodule]]
  local SIGNALS <const> = {
    AWADDR = "a5", AWVALID = "a1", AWREADY = "a2", WDATA = "a3", WSTRB = "a4", WVALID = "a6", WREADY = "a7",
    BRESP = "a8", BVALID = "a9", BREADY = "b1", ARADDR = "b2", ARVALID = "b3", ARREADY = "b4", RDATA = "b5",
    RRESP = "b6", RVALID = "b7", RREADY = "b8",
  }

  local function port(name, direction, is, more)
    local a = more or {}
    a.NAME, a.DIR, a.SIGIS = name, direction, is
    return xml.element("PORT", a)
  end

  --- The metadata of that module, as a design in which it is "strange_0".
  local function write_hwh()
    local maps = {}
    for logical, physical in pairs(SIGNALS) do
      maps[#maps + 1] = xml.element("PORTMAP", { LOGICAL = logical, PHYSICAL = physical })
    end
    table.sort(maps, function(a, b) return a.attributes.LOGICAL < b.attributes.LOGICAL end)
    local module = xml.element("MODULE", { MODTYPE = "strange", VLNV = "acme.com:user:strange:1.0" }, {
      xml.element("PORTS", {}, {
        port("tick", "I", "clk", { CLKFREQUENCY = "50000000" }), port("halt", "I", "rst", { POLARITY = "ACTIVE_HIGH" }),
        port("bell", "O", "INTERRUPT", { SENSITIVITY = "LEVEL_HIGH" }), port("my_clk", "I", "ce"),
      }),
      xml.element("BUSINTERFACES", {}, {
        xml.element("BUSINTERFACE", { NAME = "REGS", TYPE = "SLAVE", VLNV = "xilinx.com:interface:aximm:1.0" },
                    { xml.element("PORTMAPS", {}, maps) }),
      }),
    })
    return fixture.source("strange.hwh", metadata.text("strange", { tool = "2020.1", arch = "zynq" }, module, {}))
  end

  it("is bound by it: buses, clock, reset, interrupt, and names where it says nothing", function()
    local v = fixture.source("strange.v", V)
    local path = fixture.model("strange", { sources = v, hwh = write_hwh() })
    local ol <close> = lunq.Overlay(path, { device = "sim" })
    local r = ol.device:rtl()[1]
    assert.same({ { "tick" }, { "halt" }, { "my_clk" }, { "bell", "first_irq" } },
                { r.clocks, r.resets, r.enables, r.interrupts })
    assert.same({ { name = "REGS", kind = "AXI4-Lite slave", bits = 32, address = 4, clock = "tick" } }, r.buses)
    assert.equal("acme.com:user:strange:1.0", ol.ip_dict.strange.type)
    assert.equal(0x55, ol.strange:read(0))
    ol.strange:write(0, 6)
    assert.equal(6, ol.strange:read(0))
  end)

  -- The form of ports in block designs of Vivado, and of what SpinalHDL writes.
  it("is bound by attributes in its source", function()
    local v = fixture.source("attributed.v", [[
      // (* X_INTERFACE_INFO = "acme.com:interface:axis:1.0 no TDATA" *)
      module attributed (
        (* X_INTERFACE_INFO = "xilinx.com:signal:clock:1.0 beat CLK" *)
        (* X_INTERFACE_PARAMETER = "XIL_INTERFACENAME beat, ASSOCIATED_BUSIF in:out, FREQ_HZ 50000000" *) input beat,
        input aclk,
        (* X_INTERFACE_INFO = "xilinx.com:signal:reset:1.0 r RST", X_INTERFACE_PARAMETER = "POLARITY ACTIVE_HIGH" *)
        input wire zero_n,
        (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 in TVALID" *) input wire iv,
        (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 in TREADY" *) output ir,
        (* x_interface_info = "xilinx.com:interface:axis:1.0 in TDATA" *) (* keep *) input wire [7:0] id,
        (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 out TVALID" *) output reg ov,
        (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 out TREADY" *) input orr,
        (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 out TDATA" *) output reg [7:0] od);
        assign ir = !ov | orr;
        always @(*) if (zero_n) ; // (*) is no attribute
        always @(posedge beat) if (zero_n) ov <= 0; else if (ir) begin ov <= iv; od <= ~id; end
      endmodule]])
    local path, about = fixture.model("attributed", { sources = v })
    assert.match("metadata +attributes in .*/attributed.v", tostring(about))
    local d <close> = core.device_open("rtl:" .. path)
    local r = d:rtl()[1]
    assert.same({ { "beat", "aclk" }, { "zero_n" },
                  { { name = "in", kind = "AXI4-Stream sink", bits = 8, clock = "beat" },
                    { name = "out", kind = "AXI4-Stream source", bits = 8, clock = "beat" } } },
                { r.clocks, r.resets, r.buses })
    local source <close> = bench.source("attributed/in", { device = d })
    local sink <close> = bench.sink("attributed/out", { device = d, length = 2 })
    source:send { 1, 2 }
    assert.same({ 0xfe, 0xfd }, sink:receive())
  end)

  it("is an overlay with registers by name", function()
    local path = lunq.rtl.build { component = "spec/rtl/scale.xml", cache = fixture.cache }
    local ol <close> = lunq.Overlay(path, { device = "sim" })
    assert.same({ "acme.com:hls:scale:1.0", 0x10000 }, { ol.ip_dict.scale.type, ol.ip_dict.scale.addr_range })
    ol.scale.register_map.GAIN = 9
    assert.equal(9, ol.scale:read(0x10))
    assert.same({ "words", "scaled" }, { ol.device:rtl()[1].buses[2].name, ol.device:rtl()[1].buses[3].name })
  end)

  it("is bound by a user's table where there is no other, and against it", function()
    local v = fixture.source("strange.v", V)
    local path = fixture.model("strange", { sources = v, pins = {
      clocks = { "tick", my_clk = { buses = { "regs" } } }, resets = { halt = "high" },
      interrupts = { bell = "level" }, buses = { regs = SIGNALS },
    } })
    local ol <close> = lunq.Overlay(path, { device = "sim" })
    assert.equal(0x55, ol.strange:read(0))
    local r = ol.device:rtl()[1]
    assert.same({ { "tick", "my_clk" }, { "halt" }, "regs", "my_clk" },
                { r.clocks, r.resets, r.buses[1].name, r.buses[1].clock })
  end)

  it("puts slave ports of the model alone where a table says, and the others around them", function()
    local path = fixture.model("vectors", { pins = { addresses = { ["s_axi[1]"] = { base = 0, size = 0x10000 } } } })
    local places = {}
    for name, ip in pairs(core.rtl_design(path):dictionaries().ip_dict) do places[name] = ip.phys_addr end
    assert.same({ ["vectors/s_axi[0]"] = 0x10000, ["vectors/s_axi[1]"] = 0 }, places)
    local d <close> = core.device_open("rtl:" .. path)
    local m <close> = lunq.MMIO(0xfff0, 16, d)
    m:write(0, 5)
    assert.equal(7, m:read(0))
  end)

  it("takes no places of ports that can't be", function()
    local function check(addresses)
      return options.check { sources = "spec/rtl/regs.v", pins = { addresses = addresses } }
    end
    assert.equal("pins.addresses.s_axi should say where, as in { base = 0x40000000, size = 0x10000 }",
                 fails("type", check, { s_axi = 0x40000000 }))
    assert.equal("pins.addresses.s_axi: the size is a power of two from 16 to 1 GiB, and the base a multiple of it, "
                 .. "not 0x1000 at 0x800", fails("value", check, { s_axi = { base = 0x800, size = 0x1000 } }))
    assert.equal("pins.addresses.s_axi: buffers are from 0x100000 on, and ports below that or from 0x40000000 on, not "
                 .. "at 0x200000", fails("value", check, { s_axi = { base = 0x200000, size = 0x1000 } }))
    assert.equal("pins.addresses: a and b overlap", fails("value", check, {
      a = { base = 0x40000000, size = 0x1000 }, b = { base = 0x40000800, size = 0x800 } }))
  end)

  it("takes no table of pins that makes no sense", function()
    local function check(given) return options.check { sources = "spec/rtl/regs.v", pins = given } end
    assert.equal('pins has no "clock"; did you mean "clocks"?', fails("value", check, { clock = {} }))
    assert.equal("pins.clocks should be a table, not a string", fails("type", check, { clocks = "aclk" }))
    assert.equal("pins.buses.x should be a table of signals, not a string",
                 fails("type", check, { buses = { x = "y" } }))
    local over = require "lunq.rtl.pins".over
    local pins = { { name = "aclk", direction = "in", width = 1 }, { name = "rst", direction = "in", width = 1 } }
    assert.equal('pins.clocks: the module has no pin "alck"; did you mean "aclk"?',
                 fails("value", over, { clocks = { "alck" } }, pins, "x"))
    assert.equal('pins.resets.rst should be "high" or "low", not 1',
                 fails("value", over, { resets = { rst = 1 } }, pins, "x"))
  end)
end)
