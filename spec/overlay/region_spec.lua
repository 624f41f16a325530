-- Partial reconfiguration as one operation: what keeps a region apart does so while it is loaded.
describe("a region with decouplers", function()
  local lunq = require "lunq"
  local core = require "lunq.core"
  local helper = require "spec.helper"
  local fixture = dofile "spec/overlay/fixture.lua"
  local raised = fixture.raised
  local AXIS <const> = "xilinx.com:interface:axis:1.0"
  local dir, log, Blur

  local function bus(name, kind, net) return { NAME = name, TYPE = kind, BUSNAME = net, VLNV = AXIS } end

  --- Two regions. pr_1 has a decoupler with registers and, behind it, a shutdown manager; the decoupler of pr_2 is
  --- driven by bit 1 of an AXI GPIO, its reset by bit 3 of the processor's GPIO.
  local function base_design()
    return fixture.hwh {
      ps_ports = { { DIR = "O", NAME = "GPIO_O", LEFT = 3, RIGHT = 0, SIGNAME = "ps_GPIO_O" } },
      modules = {
        { path = "pr_1", bdtype = "BLOCK_CONTAINER", modtype = "", base = 0x43C00000, params = { ENABLE_DFX = 1 },
          buses = { bus("in", "SLAVE", "d1_rp") } },
        { path = "d1", vlnv = "xilinx.com:ip:dfx_decoupler:1.0", base = 0x43C40000,
          buses = { bus("rp_in_0", "MASTER", "d1_rp"), bus("s_in_0", "SLAVE", "s1_m") } },
        { path = "s1", vlnv = "xilinx.com:ip:dfx_axi_shutdown_manager:1.0", base = 0x43C50000,
          buses = { bus("M", "MASTER", "s1_m") } },
        { path = "pr_2", bdtype = "BLOCK_CONTAINER", modtype = "", base = 0x43C20000, params = { ENABLE_DFX = 1 },
          buses = { bus("in", "SLAVE", "d2_rp") },
          ports = { { DIR = "I", NAME = "resetn", SIGIS = "rst", POLARITY = "ACTIVE_LOW", SIGNAME = "reset_net" } } },
        { path = "d2", vlnv = "xilinx.com:ip:dfx_decoupler:1.0", buses = { bus("rp_in_0", "MASTER", "d2_rp") },
          ports = { { DIR = "I", NAME = "decouple", SIGNAME = "slice_Dout" } } },
        { path = "control", vlnv = "xilinx.com:ip:axi_gpio:2.0", base = 0x43C60000,
          params = { C_GPIO_WIDTH = 4, C_ALL_OUTPUTS = 1 },
          ports = { { DIR = "O", NAME = "gpio_io_o", LEFT = 3, RIGHT = 0, SIGNAME = "control_out" } } },
        { path = "slice", vlnv = "xilinx.com:ip:xlslice:1.0", params = { DIN_FROM = 1, DIN_TO = 1, DIN_WIDTH = 4 },
          ports = { { DIR = "I", NAME = "Din", LEFT = 3, RIGHT = 0, SIGNAME = "control_out" },
                    { DIR = "O", NAME = "Dout", LEFT = 0, RIGHT = 0, SIGNAME = "slice_Dout" } } },
        { path = "reset_slice", vlnv = "xilinx.com:ip:xlslice:1.0",
          params = { DIN_FROM = 3, DIN_TO = 3, DIN_WIDTH = 4 },
          ports = { { DIR = "I", NAME = "Din", LEFT = 3, RIGHT = 0, SIGNAME = "ps_GPIO_O" },
                    { DIR = "O", NAME = "Dout", LEFT = 0, RIGHT = 0, SIGNAME = "reset_net" } } },
      },
    }
  end

  local function partial_design(base)
    return fixture.hwh { partial = true, name = "blur", modules = {
      { path = "blur", vlnv = "acme.com:user:blur:1.0", base = base, range = 0x1000 } } }
  end

  before_each(function()
    dir, log = fixture.folder(), {}
    fixture.write(dir .. "/top.hwh", base_design())
    fixture.write(dir .. "/blur.hwh", partial_design(0x43C00000))
    fixture.write(dir .. "/blur2.hwh", partial_design(0x43C20000))
    --- Tells at the moment it is loaded how the guards stand.
    Blur = lunq.Model:extend { models = { "acme.com:user:blur:1.0" } }
    function Blur.init() log[#log + 1] = "loaded" end
  end)
  after_each(function()
    fixture.clean()
    lunq.warnings.set_hook()
  end)

  --- The overlay; its methods of this name are noted.
  local function open()
    local ol = lunq.Overlay(dir .. "/top.hwh")
    for ip, methods in pairs { d1 = { "decouple", "couple" }, s1 = { "shutdown", "release" } } do
      for _, name in ipairs(methods) do
        local method = ol[ip][name]
        rawset(ol[ip], name, function(...)
          log[#log + 1] = name
          return method(...)
        end)
      end
    end
    return ol
  end

  it("is decoupled by their registers: transfers end first, and go on last", function()
    local ol <close> = open()
    ol:pr_download("pr_1", dir .. "/blur.hwh")
    assert.same({ "shutdown", "decouple", "loaded", "couple", "release" }, log)
    assert.is_false(ol.d1:is_decoupled())
    assert.is_false(ol.s1:is_shutdown())
    assert.equal("pr_1/blur", ol.pr_1.blur.fullpath)
  end)

  it("is decoupled by the line that drives the pin, and reset by a line of its own", function()
    local ol <close> = open()
    assert.same({ { path = "d2", shutdown = false, line = { path = "control", channel = 1, bit = 1 } },
                  reset = { path = "ps", bit = 3, low = true } }, ol.design:guards "pr_2")
    ol.control.channel1:write(0x8, 0xf)
    local function note()
      local state = ("control %x resetn %d"):format(ol.control.mmio:read(0), ol.device:wire "reset_slice/Dout")
      if log[#log] ~= state then log[#log + 1] = state end
    end
    Blur.init, Blur.wire_changed = note, note
    ol:pr_download("pr_2", dir .. "/blur2.hwh")
    note()
    -- Decoupled, the other lines as they were; reset meanwhile.
    assert.same({ "control a resetn 0", "control a resetn 1", "control 8 resetn 1" }, log)
    assert.equal("pr_2/blur", ol.pr_2.blur.fullpath)
  end)

  it("is connected again as it was when the partial design can't be loaded", function()
    local ol <close> = open()
    ol:pr_download("pr_1", dir .. "/blur.hwh")
    local blur = ol.pr_1.blur
    log = {}
    function Blur.init() error("no such thing", 0) end
    assert.matches("no such thing", raised(ol.pr_download, ol, "pr_1", dir .. "/blur.hwh")[2])
    assert.is_false(ol.d1:is_decoupled())
    assert.same({ "shutdown", "decouple", "couple", "release" }, log)
    assert.equal(blur, ol.pr_1.blur)
    assert.equal(0, blur:read(0))
  end)

  it("is not loaded when a transfer does not end, and nothing stays asked for", function()
    local ol <close> = open()
    lunq.time_limit = 0.01
    finally(function() lunq.time_limit = 10 end)
    ol.device:inject { ip = "s1", fault = "stall" }
    local e = raised(ol.pr_download, ol, "pr_1", dir .. "/blur.hwh")
    assert.equal("timeout", e[1])
    assert.matches("^s1: not shut down: an AXI transfer of the region is still under way", e[2])
    assert.same({ "shutdown", "release" }, log)
    assert.same({}, ol.pr_dict)
    ol.device:clear_faults()
    ol:pr_download("pr_1", dir .. "/blur.hwh")
    assert.equal("pr_1/blur", ol.pr_1.blur.fullpath)
  end)

  it("that stays decoupled says so", function()
    local ol <close> = open()
    lunq.time_limit = 0.01
    finally(function() lunq.time_limit = 10 end)
    function Blur.init() ol.device:inject { ip = "d1", fault = "stall" } end
    local e = raised(ol.pr_download, ol, "pr_1", dir .. "/blur.hwh")
    assert.equal("timeout", e[1])
    assert.matches("^d1: still decoupled after .* %(pr_1 is loaded, but not connected: s1, d1%)$", e[2])
  end)

  it("is found in a real design: decouplers on an AXI GPIO, each at its own region", function()
    if not helper.corpus then pending(helper.no_corpus) return end
    local design = core.design_read(helper.corpus .. "/files/hwh/kv260-cvdfx-3pr-2022.1.hwh")
    for i = 0, 2 do
      assert.same({ { path = "composable/dfx_decouplers/dfx_decoupler_pr_" .. i, shutdown = false,
                      line = { path = "composable/pipeline_control", channel = 2, bit = i } } },
                  design:guards("composable/pr_" .. i)) -- its reset is that of the whole pipeline
    end
    assert.equal("attribute", raised(design.guards, design, "composable/pr_3")[1])
  end)
end)
