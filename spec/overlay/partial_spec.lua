-- Partial reconfiguration (pynq-behaviour.md B22, C58): the region's subtree is replaced, nothing else.
describe("pr_download", function()
  local lunq = require "lunq"
  local helper = require "spec.helper"
  local fixture = dofile "spec/overlay/fixture.lua"
  local raised = fixture.raised
  local dir, ol

  --- A region: two ports towards the base design, 64 KiB of addresses.
  local function region(path, base)
    local name = path:gsub("/", "_")
    return { path = path, bdtype = "BLOCK_CONTAINER", modtype = "", base = base, params = { ENABLE_DFX = 1 },
             ports = { { DIR = "O", NAME = "irq", SIGIS = "INTERRUPT", SIGNAME = name .. "_irq" },
                       { DIR = "I", NAME = "enable", SIGNAME = name .. "_enable_net" } } }
  end

  local function base_design()
    return fixture.hwh {
      ps_ports = {
        { DIR = "I", NAME = "IRQ_F2P", LEFT = 1, RIGHT = 0, SIGIS = "INTERRUPT", SIGNAME = "concat_dout" },
        { DIR = "O", NAME = "GPIO_O", LEFT = 3, RIGHT = 0, SIGNAME = "ps_GPIO_O" },
      },
      modules = {
        region("pr_1", 0x43C00000), region("pr_10", 0x43C20000),
        { path = "pr_1_control", vlnv = "acme.com:user:plain:1.0", base = 0x43C40000 },
        { path = "xlconcat_0", vlnv = "xilinx.com:ip:xlconcat:2.1", params = { NUM_PORTS = 2 }, ports = {
          { DIR = "I", NAME = "In0", LEFT = 0, RIGHT = 0, SIGNAME = "pr_1_irq" },
          { DIR = "I", NAME = "In1", LEFT = 0, RIGHT = 0, SIGNAME = "pr_10_irq" },
          { DIR = "O", NAME = "dout", LEFT = 1, RIGHT = 0, SIGNAME = "concat_dout" } } },
        { path = "slice", vlnv = "xilinx.com:ip:xlslice:1.0",
          params = { DIN_FROM = 2, DIN_TO = 2, DIN_WIDTH = 4 }, ports = {
            { DIR = "I", NAME = "Din", LEFT = 3, RIGHT = 0, SIGNAME = "ps_GPIO_O" },
            { DIR = "O", NAME = "Dout", LEFT = 0, RIGHT = 0, SIGNAME = "pr_1_enable_net" } } },
      },
    }
  end

  --- A partial design: one IP at `base` whose interrupt and enable reach the region's ports.
  local function partial_design(name, base)
    return fixture.hwh {
      partial = true, name = name,
      external = { { DIR = "O", NAME = "irq", SIGIS = "INTERRUPT", SIGNAME = name .. "_done" },
                   { DIR = "I", NAME = "enable", SIGNAME = "enable" } },
      modules = { { path = name, vlnv = "acme.com:user:" .. name .. ":1.0", base = base, range = 0x8000,
                    ports = { { DIR = "O", NAME = "done", SIGIS = "INTERRUPT", SIGNAME = name .. "_done" },
                              { DIR = "I", NAME = "enable", SIGNAME = "enable" } } } },
    }
  end

  before_each(function()
    dir = fixture.folder()
    fixture.write(dir .. "/top.hwh", base_design())
    fixture.write(dir .. "/blur.hwh", partial_design("blur", 0x43C00000))
    fixture.write(dir .. "/edge.hwh", partial_design("edge", 0x43C08000))
    fixture.write(dir .. "/ten.hwh", partial_design("ten", 0x43C20000))
    ol = lunq.Overlay(dir .. "/top.hwh")
  end)
  after_each(function()
    ol:free()
    fixture.clean()
  end)

  it("puts the partial design into its region", function()
    ol:pr_download("pr_1", dir .. "/blur.hwh")
    assert.equal("pr_1/blur", ol.pr_1.blur.fullpath)
    assert.equal(ol.pr_1.blur, ol["pr_1/blur"])
    assert.equal("acme.com:user:blur:1.0", ol.ip_dict["pr_1/blur"].type)
    assert.equal(ol.ip_dict["pr_1/blur"], ol.hierarchy_dict.pr_1.ip.blur)
    assert.same({ loaded = dir .. "/blur.hwh" }, ol.pr_dict.pr_1)
    ol.pr_1.blur:write(0, 7)
    assert.equal(7, ol.pr_1.blur:read(0))
  end)

  it("can be called on the region", function()
    assert.is_nil(ol.pr_1.pr_loaded)
    ol.pr_1:download(dir .. "/blur.hwh")
    assert.equal(dir .. "/blur.hwh", ol.pr_1.pr_loaded)
    assert.is_nil(ol.pr_10.pr_loaded)
    assert.equal("pr_1/blur", ol.pr_1.blur.fullpath)
  end)

  it("replaces what was there and makes its objects stale", function()
    ol:pr_download("pr_1", dir .. "/blur.hwh")
    local blur, pr_1 = ol.pr_1.blur, ol.pr_1
    ol:pr_download("pr_1", dir .. "/edge.hwh")
    assert.is_nil(ol.ip_dict["pr_1/blur"])
    assert.equal("pr_1/edge", ol.pr_1.edge.fullpath)
    local e = raised(blur.read, blur, 0)
    assert.equal("runtime", e[1])
    assert.matches("belongs to a design that is no longer loaded", e[2], 1, true)
    assert.same({ "runtime", "Hierarchy pr_1: the region was loaded anew; take the object from the overlay "
                  .. "again" }, raised(function() return pr_1.edge end))
    assert.not_equal(pr_1, ol.pr_1)
  end)

  -- PYNQ drops everything that starts with "pr_1".
  it("leaves regions and IP whose name begins the same way alone (C58)", function()
    ol:pr_download("pr_10", dir .. "/ten.hwh")
    local ten, control = ol.pr_10.ten, ol.pr_1_control
    ten:write(0, 3)
    ol:pr_download("pr_1", dir .. "/blur.hwh")
    assert.equal(ten, ol.pr_10.ten)
    assert.equal(3, ten:read(0))
    assert.equal(control, ol.pr_1_control)
    assert.equal(0, control:read(0))
    assert.equal("acme.com:user:plain:1.0", ol.ip_dict.pr_1_control.type)
  end)

  it("follows interrupts through the ports of the region (C58)", function()
    assert.equal(61, ol.interrupt_pins["pr_1/irq"].raw_irq)
    ol:pr_download("pr_1", dir .. "/blur.hwh")
    ol:pr_download("pr_10", dir .. "/ten.hwh")
    assert.same({ controller = "", index = 0, raw_irq = 61, fullpath = "pr_1/blur/done" },
                ol.interrupt_pins["pr_1/blur/done"])
    assert.equal(62, ol.interrupt_pins["pr_10/ten/done"].raw_irq)
    assert.equal(ol.interrupt_pins["pr_1/blur/done"], ol.pr_1.blur.description.interrupts.done)
    ol:pr_download("pr_1", dir .. "/edge.hwh")
    assert.is_nil(ol.interrupt_pins["pr_1/blur/done"])
    assert.equal(61, ol.interrupt_pins["pr_1/edge/done"].raw_irq)
    for path, irq in pairs { ["pr_1/edge/done"] = ol.pr_1.edge.interrupts.done,
                             ["pr_10/ten/done"] = ol.pr_10.ten.done } do
      local hold <close> = irq:hold()
      assert.is_false(hold.fired)
      ol.device:wire(path, 1)
      assert.equal(1, (hold:wait(0)))
      ol.device:wire(path, 0)
    end
  end)

  it("follows GPIO lines through the ports of the region (C58)", function()
    ol:pr_download("pr_1", dir .. "/blur.hwh")
    local pins = {}
    for _, pin in ipairs(ol.gpio_dict.slice.pins) do pins[pin] = true end
    assert.is_true(pins["pr_1/enable"])
    assert.is_true(pins["pr_1/blur/enable"])
    assert.equal(2, ol.pr_1.blur.gpio.enable.index - lunq.GPIO.get_gpio_pin(0, nil, ol.device))
  end)

  it("binds drivers inside the region", function()
    local Blur = lunq.DefaultIP:extend { bindto = { "acme.com:user:blur:1.0" } }
    finally(function() Blur:unregister() end)
    ol:pr_download("pr_1", dir .. "/blur.hwh")
    assert.equal(Blur, getmetatable(ol.pr_1.blur))
  end)

  it("is forgotten by a full download, and survives reset", function()
    ol:pr_download("pr_1", dir .. "/blur.hwh")
    ol:reset()
    assert.equal("pr_1/blur", ol.pr_1.blur.fullpath)
    ol:download()
    assert.is_nil(ol.ip_dict["pr_1/blur"])
    assert.same({}, ol.pr_dict)
  end)

  it("with program=false only exchanges the description", function()
    ol:pr_download("pr_1", dir .. "/blur.hwh")
    local blur = ol.pr_1.blur
    blur:write(0, 9)
    ol:pr_download("pr_1", dir .. "/edge.hwh", { program = false })
    assert.equal(9, blur:read(0)) -- the hardware is what it was
    assert.equal("pr_1/edge", ol.pr_1.edge.fullpath)
  end)

  it("refuses what is no region, no partial design, or made for another region", function()
    assert.same({ "attribute", 'pr_2 is no reconfigurable region of this overlay; did you mean "pr_1"? '
                  .. "(regions: pr_1, pr_10)" }, raised(ol.pr_download, ol, "pr_2", dir .. "/blur.hwh"))
    local e = raised(ol.pr_download, ol, "pr_1", dir .. "/top.hwh")
    assert.equal("value", e[1])
    assert.matches("top.hwh describes a full design %(it has a PS%)", e[2])
    e = raised(ol.pr_download, ol, "pr_1", dir .. "/ten.hwh")
    assert.equal("value", e[1])
    assert.matches("ten.hwh does not fit region pr_1: ten at 0x43c20000 lies outside", e[2], 1, true)
    assert.same({ "value", 'pr_download has no option "progam"' },
                raised(ol.pr_download, ol, "pr_1", dir .. "/blur.hwh", { progam = true }))
    assert.equal("io", raised(ol.pr_download, ol, "pr_1", dir .. "/none.hwh")[1])
    assert.is_nil(ol.ip_dict["pr_1/blur"])
    assert.same({}, ol.pr_dict)
  end)

  it("raises when the overlay is not loaded", function()
    ol:free()
    assert.matches("^Overlay not currently loaded", raised(ol.pr_download, ol, "pr_1", dir .. "/blur.hwh")[2])
  end)

  it("works on a real design: kv260-cvdfx and its partial designs", function()
    if not helper.corpus then pending(helper.no_corpus) return end
    local files = helper.corpus .. "/files/hwh/kv260-cvdfx-"
    local big <close> = lunq.Overlay(files .. "3pr-2022.1.hwh")
    local other = big.composable.lut_accel
    big:pr_download("composable/pr_0", files .. "rp0-dilate-erode-2022.1.hwh")
    big:pr_download("composable/pr_1", files .. "rp1-cornerharris-2022.1.hwh")
    assert.equal(0x80120000, big.composable.pr_0.dilate_accel.phys_addr)
    assert.equal(0x80128000, big.composable.pr_0.erode_accel.phys_addr)
    assert.equal(0x80130000, big["composable/pr_1/cornerHarris_accel"].phys_addr)
    assert.is_number(big.composable.pr_1.cornerHarris_accel:read(0))
    assert.equal(other, big.composable.lut_accel)
    assert.equal("value", raised(big.pr_download, big, "composable/pr_2",
                                 files .. "rp1-cornerharris-2022.1.hwh")[1])
  end)
end)
