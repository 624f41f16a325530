-- RTL in an overlay: the same driver and bench on a behavioural model and on Verilog.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"
local fails = fixture.fails
local process = dofile "spec/program/process.lua"

local ADDER <const> = "overlays/adder/adder.hwh"

describe("the option rtl of an overlay", function()
  local it = fixture.with_verilator(it, pending)

  --- The adder, with this behind its IP. Sources are beside the design.
  local function open(rtl) return lunq.Overlay(ADDER, { device = "sim", rtl = rtl }) end
  local function adder(more)
    local o = { sources = "rtl/adder.v", cache = fixture.cache }
    for k, v in pairs(more or {}) do o[k] = v end
    return o
  end

  it("puts what it builds behind IP of a type, and the driver does not notice", function()
    for _, key in ipairs { "acme.com:hls:adder:1.0", "acme.com:hls:adder", "adder" } do
      local ol <close> = open { [key] = adder() }
      assert.same({ adder = "adder (RTL)" }, { adder = ol.device:models().adder })
      assert.same({ 7, -0x80000000 }, { ol.adder:add(3, 4), ol.adder:add(0x7fffffff, 1) })
      assert.equal(6, ol:sum { 1, 2, 3 })
    end
  end)

  it("takes what was built before", function()
    local path = lunq.rtl.build(adder { sources = "overlays/adder/rtl/adder.v" })
    local ol <close> = open { adder = path }
    assert.equal(7, ol.adder:add(3, 4))
  end)

  it("ends with the overlay: the next one has its model again", function()
    open { adder = adder() }:free()
    local ol <close> = lunq.Overlay(ADDER, { device = "sim" })
    assert.not_matches("RTL", ol.device:models().adder)
    assert.equal(7, ol.adder:add(3, 4))
  end)

  it("stays when the overlay is loaded again", function()
    local ol <close> = open { adder = adder() }
    ol:download()
    assert.equal("adder (RTL)", ol.device:models().adder)
  end)

  it("gives the IP's parameters to the RTL", function()
    local kept = fixture.cache .. "/seven.v" -- one name, so that later runs find the model
    require "lunq.rtl.cache".write(kept, [[
      module seven #(parameter C_S_AXI_CONTROL_ADDR_WIDTH = 12, WIDE = 1) (input aclk, input aresetn,
        input [C_S_AXI_CONTROL_ADDR_WIDTH-1:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready,
        output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output reg s_axi_rvalid, input s_axi_rready);
        assign s_axi_rdata = C_S_AXI_CONTROL_ADDR_WIDTH, s_axi_rresp = 0, s_axi_arready = !s_axi_rvalid;
        always @(posedge aclk) s_axi_rvalid <= aresetn & (s_axi_rvalid ? !s_axi_rready : s_axi_arvalid);
      endmodule]])
    local ol <close> = open { adder = { sources = core.absolute(kept), cache = fixture.cache } }
    assert.equal(6, ol.adder:read(0x40))
  end)

  -- $test$plusargs and $value$plusargs; of one name the device's own comes first.
  it("gives plusargs to the RTL, of the device and of the IP", function()
    local kept = fixture.cache .. "/plus.v"
    require "lunq.rtl.cache".write(kept, [[
      module plus (input aclk, input aresetn, input [11:0] s_axi_araddr, input s_axi_arvalid,
        output s_axi_arready, output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output reg s_axi_rvalid,
        input s_axi_rready);
        reg [31:0] seed;
        initial if (!$value$plusargs("seed=%d", seed)) seed = 0;
        assign s_axi_rdata = $test$plusargs("fast") ? seed : ~seed, s_axi_rresp = 0, s_axi_arready = !s_axi_rvalid;
        always @(posedge aclk) s_axi_rvalid <= aresetn & (s_axi_rvalid ? !s_axi_rready : s_axi_arvalid);
      endmodule]])
    local path = fixture.model("plus", { sources = kept })
    local function read(device, plusargs)
      local d <close> = lunq.Device.open(device)
      local ol <close> = lunq.Overlay(ADDER, { device = d, rtl = { adder = { model = path, plusargs = plusargs } } })
      return ol.adder:read(0)
    end
    assert.equal(~0 & 0xffffffff, read "sim")
    assert.equal(7, read("sim", { fast = true, seed = 7, slow = false }))
    local d <close> = lunq.Device.open("rtl:" .. path .. "?plus=seed=9&plus=fast")
    assert.equal(9, lunq.MMIO(0, 16, d):read(0))
    local ol <close> = lunq.Overlay(ADDER, { device = d, rtl = { adder = { model = path, plusargs = { seed = 7 } } } })
    assert.equal(9, ol.adder:read(0))
    local isolated <close> = lunq.Device.open("rtl:" .. path .. "?isolate=1&plus=+fast&plus=seed=5")
    assert.equal(5, lunq.MMIO(0, 16, isolated):read(0))
  end)

  it("refuses plusargs of another form", function()
    assert.equal('rtl["adder"].plusargs should be a table, as in { fast = true, seed = 7 }, not a string',
                 fails("type", open, { adder = { model = "x.rtl", plusargs = "fast" } }))
    assert.equal('rtl["adder"].plusargs: names and values, as in { fast = true, seed = 7 }, not a list',
                 fails("type", open, { adder = { model = "x.rtl", plusargs = { "fast" } } }))
    assert.equal('rtl["adder"]: a model that is built takes plusargs and isolate, and no top',
                 fails("value", open, { adder = { model = "x.rtl", top = "x" } }))
  end)

  it("gives those of the first by path where it stands for several IP", function()
    local designs = dofile "spec/overlay/fixture.lua"
    local kept, modules = fixture.cache .. "/which.v", {}
    require "lunq.rtl.cache".write(kept, [[
      module which #(parameter NUMBER = 0) (input aclk, input aresetn, input [11:0] s_axi_araddr, input s_axi_arvalid,
        output s_axi_arready, output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output reg s_axi_rvalid,
        input s_axi_rready);
        assign s_axi_rdata = NUMBER, s_axi_rresp = 0, s_axi_arready = !s_axi_rvalid;
        always @(posedge aclk) s_axi_rvalid <= aresetn & (s_axi_rvalid ? !s_axi_rready : s_axi_arvalid);
      endmodule]])
    for i = 8, 1, -1 do
      modules[#modules + 1] = { path = "which_" .. i, vlnv = "acme.com:user:which:1.0", base = 0x43c00000 + i * 0x10000,
                                params = { NUMBER = 100 + i } }
    end
    local hwh = designs.write(designs.folder() .. "/which.hwh", designs.hwh { modules = modules })
    local ol <close> = lunq.Overlay(hwh, { device = "sim", rtl = {
      ["acme.com:user:which"] = { sources = core.absolute(kept), cache = fixture.cache } } })
    assert.same({ 101, 101 }, { ol.which_1:read(0), ol.which_8:read(0) })
  end)

  it("warns of a name that is no IP of the design", function()
    local path = lunq.rtl.build(adder { sources = "overlays/adder/rtl/adder.v" })
    local list, ol = lunq.warnings.capture(open, { ader = path })
    ol:free()
    assert.equal(1, #list)
    assert.matches('^rtl: no IP of %S*adder.hwh is "ader"; did you mean "adder"%?$', list[1].text)
    list, ol = lunq.warnings.capture(open, { filter = path })
    ol:free()
    assert.equal(1, #list)
    assert.matches('^rtl: no IP of %S*adder.hwh is "filter"%. Its IP: adder, processing_system7_0$', list[1].text)
  end)

  it("warns of a key whose IP other keys name more exactly", function()
    local path = lunq.rtl.build(adder { sources = "overlays/adder/rtl/adder.v" })
    local list, ol = lunq.warnings.capture(open, { adder = path, ["acme.com:hls:adder"] = path })
    ol:free()
    assert.equal(1, #list)
    assert.matches('^rtl: "acme.com:hls:adder" stands for no IP of %S*adder.hwh: what it names has more exact keys, '
                   .. 'as "adder"$', list[1].text)
  end)

  it("refuses what makes no sense, and leaves nothing behind", function()
    assert.equal('rtl["adder"] should be the path of a model or a table for lunq.rtl.build, not a number',
                 fails("type", open, { adder = 1 }))
    assert.equal("rtl should name IP by path, VLNV or name, not by a number", fails("type", open, { "x.rtl" }))
    assert.equal("Overlay option rtl should be a table, not string", fails("type", open, "x.rtl"))
    assert.equal("The source no.v does not exist.", fails("io", open, { adder = { sources = "no.v" } }))
    assert.match("no.rtl can't be read", fails("io", open, { adder = "no.rtl" }), 1, true)
    local ol <close> = lunq.Overlay(ADDER, { device = "sim" })
    assert.not_matches("RTL", ol.device:models().adder)
  end)
end)

describe("a table of RTL", function()
  after_each(process.clean)

  it("is no script that opens it: that would run itself again and again", function()
    local path = process.file('require "lunq".Device.open("rtl:" .. arg[0])', ".lua")
    local code, _, err = process.lunq(path)
    assert.equal(1, code)
    assert.matches("lunq: " .. path .. " opens what it belongs to, by its name", err, 1, true)
  end)
end)

describe("an overlay of a model alone", function()
  local it = fixture.with_verilator(it, pending)

  it("has IP without a VLNV, which print and have no registers by name", function()
    local ol <close> = lunq.Overlay((fixture.model "regs"))
    assert.equal("lunq.DefaultIP regs (no VLNV) 0+0x100", (tostring(ol.regs)))
    assert.is_nil(ol.regs.type)
    local ok, e = pcall(function() return ol.regs.register_map end)
    assert.same({ false, "attribute" }, { ok, e.kind })
    assert.matches("register_map only available if the .hwh is provided (regs has no registers", e.message, 1, true)
  end)
end)

describe("docs/rtl.md", function()
  local verilog, vhdl = fixture.with_verilator(it, pending), fixture.with_ghdl(it, pending)
  after_each(process.clean)

  for _, block in ipairs(dofile "spec/docs/blocks.lua".of("docs/rtl.md", "lua")) do
    local it = block.text:find("vhd", 1, true) and vhdl or verilog
    it(("shows what works, in line %d"):format(block.line), function()
      local script = process.file('local lunq = require "lunq"\n' .. block.text)
      local code, out, err = process.sh(("XDG_CACHE_HOME=%s LUNQ %s"):format(fixture.home, script))
      assert.same({ 0, "" }, { code, err })
      local shown = {}
      for line in block.text:gmatch "%-%-> ?([^\n]-)%s*\n" do shown[#shown + 1] = line .. "\n" end
      assert.equal(table.concat(shown), out)
    end)
  end
end)

describe("overlays/adder", function()
  local it = fixture.with_verilator(it, pending)

  it("passes its bench on RTL as on the model, and its demo prints the same", function()
    local path = lunq.rtl.build { sources = "overlays/adder/rtl/adder.v", cache = fixture.cache }
    local code, out, err = process.lunq("test", "--device", "rtl:" .. path, "overlays/adder/adder_spec.lua")
    assert.same({ 0, "" }, { code, err }, out)
    assert.matches("\n9 successes / 0 failures / 0 errors / 1 pending", out)
    local function demo(device)
      local _, text = process.lunq("--device", device, "overlays/adder/demo.lua")
      return (text:gsub("on %S*,", "on it,"):gsub("%(%l+%)\n", "(at work)\n")) -- the RTL takes a few cycles more
    end
    assert.equal(demo "sim", demo("rtl:" .. path))
  end)
end)
