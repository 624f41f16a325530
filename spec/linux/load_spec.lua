--- Loading a design on the device `linux` with its device-tree overlay, on a fake kernel.
local dtc = dofile "spec/design/support/dtc.lua"
local fixture = dofile "spec/overlay/fixture.lua"
local kernel = dofile "spec/linux/kernel.lua"
local write, read = kernel.write, kernel.read

local BIT <const> = fixture.bit("xczu9eg-ffvb1156-2-e", "\xaa\x99\x55\x66\1\2\3\4")
local BIN <const> = "\x66\x55\x99\xaa\4\3\2\1"

local blobs = {} -- overlays: a region that loads, a plain one, one that doesn't fit

setup(function()
  kernel.setup()
  blobs.region = dtc.blob '/dts-v1/; /plugin/; &fpga_full { firmware-name = "top.bit.bin"; };'
  blobs.partial = dtc.blob '/dts-v1/; /plugin/; &fpga_full { firmware-name = "top.bit.bin"; partial-fpga-config; };'
  blobs.plain = dtc.blob [[/dts-v1/; /plugin/;
    &amba { fir@a0000000 { compatible = "generic-uio"; reg = <0 0xa0000000 0 0x1000>; }; };]]
  blobs.wrong = dtc.blob '/dts-v1/; /plugin/; &nowhere { };'
  dtc.clean()
end)
teardown(kernel.teardown)
before_each(function()
  kernel.fresh()
  for _, name in ipairs { "top", "other" } do
    write(("/d/%s.bit"):format(name), BIT)
    write(("/d/%s.lua.table"):format(name), "")
  end
end)
after_each(kernel.clean)

--- A script with `open(name, options)`, which tells what happened, and `try(f, ...)`.
local function run(mode, script, environment)
  return kernel.run(mode, ([[
    lunq.warnings.set_hook(function(_, text) print("warning: " .. text) end)
    local ROOT <const> = %q
    local device = lunq.core.device_open("linux?root=" .. ROOT)
    local function try(f, ...)
      local ok, e = pcall(f, ...)
      if not ok then print(type(e) == "table" and e.kind .. ": " .. e.message or e) end
      return ok and e
    end
    local function open(name, o)
      o = o or {}
      o.device = device
      o.design = { name = name, arch = "zynquplus", part = "xczu9eg", ip = {
        fir = { type = "acme.com:user:fir:1.0", address = 0xa0000000, range = 0x1000 } } }
      local ol = try(lunq.Overlay, ROOT .. "/d/" .. name .. ".bit", o)
      if ol then print(name .. (ol:is_loaded() and " loaded" or " not loaded")) end
      return ol
    end
    %s]]):format(kernel.root, script), environment)
end

describe("a design with a device-tree overlay", function()
  it("is loaded by the manager's files, then its overlay is inserted; freeing takes that out", function()
    kernel.manager()
    write("/d/top.dtbo", blobs.plain)
    assert.equal("top loaded\n", run("", "local ol <close> = open 'top'"))
    assert.equal("load 0 lunq-design.bin\ninsert top\nremove top\n", read "/log")
    assert.equal(BIN, read "/image")
    assert.equal("", read "/lib/firmware/lunq-design.bin") -- the kernel has read it
  end)

  it("that names its bitstream is loaded by inserting that, which the manager's files have no part in", function()
    kernel.manager()
    write("/d/top.dtbo", blobs.region)
    assert.equal("top loaded\n", run("", "open 'top'", "FAKE_FIRMWARE=top.bit.bin"))
    assert.equal("insert top\nload 0 top.bit.bin\n", read "/log")
    assert.equal(BIN, read "/image")
    assert.equal("", read "/lib/firmware/top.bit.bin")
    assert.same({ "top" }, kernel.overlays())
  end)

  it("keeps a bitstream that stands in /lib/firmware already, if it is the same", function()
    kernel.manager()
    write("/d/top.dtbo", blobs.region)
    write("/lib/firmware/top.bit.bin", BIN)
    run("", "open 'top'", "FAKE_FIRMWARE=top.bit.bin")
    assert.equal(BIN, read "/lib/firmware/top.bit.bin")
    write("/lib/firmware/top.bit.bin", "another one")
    assert.equal("value: ROOT/lib/firmware/top.bit.bin is another bitstream than ROOT/d/top.bit. Remove it: LUNQ "
                 .. "puts the bitstream there by itself.\n", run("", "open 'top'", "FAKE_FIRMWARE=top.bit.bin"))
    assert.equal("another one", read "/lib/firmware/top.bit.bin")
  end)

  it("takes out the overlays of what was loaded before, the newest first", function()
    kernel.manager()
    write("/d/top.dtbo", blobs.plain)
    write("/d/more.dtbo", dtc.blob '/dts-v1/; /plugin/; &amba { status = "okay"; };')
    write("/d/other.dtbo", blobs.plain)
    assert.equal("top loaded\nother loaded\nfalse\n", run("", [[
      local top = open 'top'
      local more = lunq.DeviceTreeSegment(ROOT .. "/d/more.dtbo", { root = ROOT })
      more:insert()
      require "lunq.device_trees".add(device, more)
      open 'other'
      print(top:is_loaded())
      top:free() -- has nothing in the kernel any more
    ]]))
    assert.equal("load 0 lunq-design.bin\ninsert top\ninsert more\nremove more\nremove top\n"
                 .. "load 0 lunq-design.bin\ninsert other\n", read "/log")
    assert.same({ "other" }, kernel.overlays())
  end)

  it("takes out one of its own name that a program before left there", function()
    kernel.manager()
    write("/d/top.dtbo", blobs.plain)
    run("", "open 'top'")
    run("", "open 'top'")
    assert.equal("load 0 lunq-design.bin\ninsert top\nremove top\nload 0 lunq-design.bin\ninsert top\n", read "/log")
  end)

  it("has PYNQ's insert_dtbo and remove_dtbo, and takes another dtbo or none", function()
    kernel.manager()
    write("/d/top.dtbo", blobs.wrong)
    write("/d/mine.dtbo", blobs.plain)
    assert.equal("top loaded\nvalue: DTBO path has to be specified.\nio: DTBO file no.dtbo does not exist.\n",
                 run("", [[
      local ol <close> = open('top', { dtbo = false })
      try(ol.insert_dtbo, ol)
      try(ol.insert_dtbo, ol, "no.dtbo")
      ol:insert_dtbo "mine.dtbo"
      ol:remove_dtbo()
      ol:remove_dtbo()
      ol:insert_dtbo()
      ol:download()
      ol:download(false)
    ]]))
    assert.equal("load 0 lunq-design.bin\ninsert mine\nremove mine\ninsert mine\nremove mine\n"
                 .. "load 0 lunq-design.bin\ninsert mine\nremove mine\nload 0 lunq-design.bin\n", read "/log")
  end)
end)

describe("what goes wrong half way", function()
  it("an overlay that doesn't fit is refused before anything is loaded", function()
    kernel.manager "operating"
    write("/d/top.dtbo", blobs.wrong)
    assert.equal("value: ROOT/d/top.dtbo doesn't fit ROOT/proc/device-tree: label 'nowhere' (/fragment@0:target:0) is "
                 .. "not there; lunq fdt ROOT/proc/device-tree shows the labels it has\n", run("", "open 'top'"))
    assert.equal("", read "/log")
  end)

  it("and says what has been taken out for it by then", function()
    kernel.manager()
    write("/d/top.dtbo", blobs.plain)
    write("/d/other.dtbo", blobs.wrong)
    assert.matches("top loaded\nvalue: .*shows the labels it has%. Nothing was loaded; the device tree of what is "
                   .. "%(top%) has been taken out\ntrue\n$", run("", [[
      local top = open 'top'
      open 'other'
      print(top:is_loaded())]]))
    assert.same({}, kernel.overlays())
  end)

  it("an overlay that the kernel keeps stops the load", function()
    kernel.manager()
    write("/d/top.dtbo", blobs.plain)
    assert.equal("top loaded\nruntime: Device tree top cannot be removed: ROOT" .. kernel.OVERLAYS
                 .. "/top: Device or resource busy\ntrue\n", run("keeps", [[
      local top = open 'top'
      open 'other'
      print(top:is_loaded())]]))
    assert.equal("load 0 lunq-design.bin\ninsert top\n", read "/log")
  end)

  it("a bitstream that is refused leaves nothing loaded, and no file", function()
    kernel.manager "operating"
    write("/d/top.dtbo", blobs.plain)
    assert.equal('device: The FPGA manager did not load ROOT/d/top.bit: Input/output error; its state is "write '
                 .. 'error". The logic is not configured now. Is the bitstream for this device, '
                 .. "not for xczu9eg-ffvb1156-2-e?\n"
                 .. "nil\n", run("refuses", "open 'top' print(device.design)"))
    assert.equal("load 0 lunq-design.bin\n", read "/log")
    assert.equal("", read "/lib/firmware/lunq-design.bin")
    assert.same({}, kernel.overlays())
  end)

  it("an older design is gone then, and its overlay says so", function()
    kernel.manager()
    assert.equal("top loaded\nruntime: Overlay not currently loaded (loading a design on linux?root=ROOT has failed "
                 .. "since; call :download())\n",
                 run("", [[
      local top = open 'top'
      local fir = top.fir
      os.remove(ROOT .. "/sys/class/fpga_manager/fpga0/firmware")
      os.execute("mkdir " .. ROOT .. "/sys/class/fpga_manager/fpga0/firmware") -- can't be written
      pcall(device.program, device, top.design, { bitstream = lunq.core.bitstream_read(ROOT .. "/d/top.bit") })
      try(function() return top.fir end)]]))
  end)

  it("an overlay the kernel refuses behind the bitstream: the design is loaded, and stays so", function()
    kernel.manager()
    write("/d/top.dtbo", blobs.plain)
    assert.equal("runtime: ROOT/d/top.bit is loaded, but not its device tree: Device tree top cannot be applied: the "
                 .. "kernel does not keep it; the kernel says: OF: resolver: overlay phandle fixup failed: -22; "
                 .. "create_overlay: Failed to resolve tree\ntop\n",
                 run("fails", "open 'top' print(device.design.name)"))
    assert.same({}, kernel.overlays())
  end)

  it("an overlay that should have loaded the bitstream", function()
    kernel.manager()
    write("/d/top.dtbo", blobs.region)
    assert.equal('device: The FPGA manager did not load ROOT/d/top.bit: Device tree top cannot be applied: the kernel '
                 .. "does not keep it; the kernel says: OF: resolver: overlay phandle fixup failed: -22; "
                 .. 'create_overlay: Failed to resolve tree; its state is "unknown".\nnil\n',
                 run("fails", "open 'top' print(device.design)"))
    assert.equal("", read "/lib/firmware/top.bit.bin")
    assert.equal('device: The FPGA manager did not load ROOT/d/top.bit: its overlay is applied, but loaded nothing; '
                 .. 'its state is "unknown".\n', run("", "open 'top'"))
    assert.same({}, kernel.overlays())
  end)

  it("a partial configuration over all of the logic", function()
    kernel.manager()
    write("/d/top.dtbo", blobs.partial)
    assert.equal("value: ROOT/d/top.dtbo says partial-fpga-config, but ROOT/d/top.bit is a full design.\n",
                 run("", "open 'top'"))
  end)
end)

describe("a kernel whose manager takes no names", function()
  it("loads by an overlay of LUNQ's own, which stays until the next design", function()
    kernel.manager("unknown", true)
    write("/d/top.dtbo", blobs.plain)
    assert.equal("top loaded\ntop loaded\n", run("", "open 'top' open 'top'", "FAKE_FIRMWARE=lunq-design.bin"))
    assert.equal(BIN, read "/image")
    assert.equal("", read "/lib/firmware/lunq-design.bin")
    assert.same({ "lunq-design", "top" }, kernel.overlays())
    local tree = dtc.source(read(kernel.OVERLAYS .. "/lunq-design/dtbo"))
    assert.matches('fragment@0 {%s+target%-path = "/fpga%-full";%s+__overlay__ {%s+firmware%-name = '
                   .. '"lunq%-design.bin";', tree)
  end)

  it("loads by the region that has a driver only", function()
    kernel.manager("unknown", true)
    local region = kernel.root .. "/sys/class/fpga_region/region0/device"
    os.execute(("mkdir -p %s; ln -s ../../../firmware/devicetree/base/other-region %s/of_node"):format(region, region))
    assert.matches("^unsupported: .* no node of the device tree is an fpga%-region of it", run("", "open 'top'"))
    kernel.manager "operating"
    write("/d/top.dtbo", blobs.region)
    assert.matches("^unsupported: ROOT/d/top.dtbo lays firmware%-name over /fpga%-full, which is no FPGA region of "
                   .. "this kernel", run("", "open 'top'"))
    os.execute(("ln -sfn ../../../firmware/devicetree/base/fpga-full %s/of_node"):format(region))
    assert.equal("top loaded\n", run("", "open 'top'", "FAKE_FIRMWARE=top.bit.bin"))
  end)

  it("and has no overlays, or no region, says so", function()
    kernel.manager("unknown", true)
    os.execute("rm -r " .. kernel.root .. "/proc/device-tree/fpga-full")
    assert.matches("^unsupported: This kernel's FPGA manager takes no bitstream from programs %(ROOT/sys/class/"
                   .. "fpga_manager/fpga0/firmware is not there; vendor kernels have it%), and no node of the device "
                   .. "tree is an fpga%-region of it", run("", "open 'top'"))
    os.execute("rm -r " .. kernel.root .. "/sys/kernel")
    assert.matches("and it takes no device%-tree overlays either %(/sys/kernel/config/device%-tree/overlays is not "
                   .. "there; mainline has none%)%. Boot a kernel of PYNQ", run("", "open 'top'"))
  end)

  it("needs no dtbo; one beside the bitstream is refused with the way out", function()
    kernel.manager()
    write("/d/top.dtbo", blobs.plain)
    os.execute("rm -r " .. kernel.root .. "/sys/kernel")
    assert.matches("^unsupported: This kernel has no configfs", run("", "open 'top'"))
    assert.equal("top loaded\n", run("", "open('top', { dtbo = false })"))
  end)
end)

describe("a region of a board", function()
  local function hwh(t)
    t.arch, t.device = "zynquplus", "xczu9eg"
    return fixture.hwh(t)
  end

  before_each(function()
    kernel.manager "operating"
    local AXIS <const> = "xilinx.com:interface:axis:1.0"
    write("/d/top.hwh", hwh { modules = {
      { path = "pr_1", bdtype = "BLOCK_CONTAINER", modtype = "", base = 0xa0000000, params = { ENABLE_DFX = 1 },
        buses = { { NAME = "in", TYPE = "SLAVE", BUSNAME = "d1_rp", VLNV = AXIS } } },
      { path = "d1", vlnv = "xilinx.com:ip:dfx_decoupler:1.0", base = 0xa0040000,
        buses = { { NAME = "rp_in_0", TYPE = "MASTER", BUSNAME = "d1_rp", VLNV = AXIS } } } } })
    write("/d/blur.hwh", hwh { partial = true, name = "blur", modules = {
      { path = "blur", vlnv = "acme.com:user:blur:1.0", base = 0xa0000000, range = 0x1000 } } })
    write("/d/blur.bit", BIT)
    write("/sys/class/uio/uio0/name", "d1\n")
    write("/sys/class/uio/uio0/maps/map0/addr", "0xa0040000\n")
    write("/sys/class/uio/uio0/maps/map0/size", "0x10000\n")
    write("/sys/class/uio/uio0/maps/map0/offset", "0x0\n")
    write("/dev/uio0", ("\0"):rep(0x10000))
  end)

  local OPEN <const> = [[
    local ol = lunq.Overlay(ROOT .. "/d/top.bit", { device = device })
    local function part(o) try(ol.pr_download, ol, "pr_1", ROOT .. "/d/blur.bit", o) end
  ]]

  it("is loaded with the flag for a part of the logic, which goes again, and gets its overlay", function()
    write("/d/blur.dtbo", blobs.plain)
    assert.equal("pr_1/blur\nfalse\n", run("", OPEN .. [[
      part()
      print(ol.pr_1.blur.fullpath)
      part()
      print(ol.d1:is_decoupled())
      ol:download()]]))
    assert.equal("load 0 lunq-design.bin\nload 1 lunq-design.bin\ninsert blur\nremove blur\n"
                 .. "load 1 lunq-design.bin\ninsert blur\nremove blur\nload 0 lunq-design.bin\n", read "/log")
    assert.equal("0", read("/sys/class/fpga_manager/fpga0/flags"):sub(1, 1))
  end)

  it("by its overlay, which has to say that it is a part", function()
    write("/d/blur.dtbo", blobs.partial)
    assert.equal("pr_1/blur\n", run("", OPEN .. "part() print(ol.pr_1.blur.fullpath)", "FAKE_FIRMWARE=top.bit.bin"))
    assert.equal("load 0 lunq-design.bin\ninsert blur\nload 0 top.bit.bin\n", read "/log")
    write("/d/blur.dtbo", blobs.region)
    assert.equal("value: ROOT/d/blur.dtbo does not say partial-fpga-config, but ROOT/d/blur.bit is a partial design.\n"
                 .. "false\n", run("", OPEN .. "part() print(ol.d1:is_decoupled())"))
  end)

  it("whose load fails before it lost anything keeps its design, for programs to come as well", function()
    local function noted() return require "dkjson".decode(read "/run/lunq/programs/linux.json").regions.pr_1 end
    assert.equal("pr_1/blur\n", run("", OPEN .. "part() print(ol.pr_1.blur.fullpath)"))
    assert.equal(kernel.root .. "/d/blur.bit", noted())
    write("/d/region.dtbo", blobs.region)
    local said = run("", OPEN .. [[
      part()
      part { dtbo = ROOT .. "/d/region.dtbo" }
      print(ol.pr_1.blur.fullpath)]])
    assert.matches("^value: ROOT/d/region.dtbo does not say partial%-fpga%-config, [^\n]*\npr_1/blur\n$", said)
    assert.equal(kernel.root .. "/d/blur.bit", noted())
    assert.equal("stuck\n", run("", OPEN .. "rawset(ol.d1, 'couple', function() error('stuck', 0) end) part()"))
    assert.equal(kernel.root .. "/d/blur.bit, not connected", noted())
  end)

  it("that fails to load stays decoupled and empty, and says so", function()
    assert.equal('device: The FPGA manager did not load ROOT/d/blur.bit: Input/output error; its state is "write '
                 .. 'error". pr_1 is not configured now. Is the bitstream for this device, not for xczu9eg-ffvb1156-2-'
                 .. "e? It stays decoupled (d1): load a partial design that fits.\ntrue\ttrue\tnil\tnil\n"
                 .. "runtime: MMIO at 0xa0000000 belongs to a design that is no longer loaded: use the objects of the "
                 .. "new overlay.\n",
                 run("", OPEN .. [[
      part()
      local blur = ol.pr_1.blur
      io.open(ROOT .. "/refuses", "w"):close()
      part()
      print(ol:is_loaded(), ol.d1:is_decoupled(), ol.pr_dict.pr_1, ol.ip_dict["pr_1/blur"])
      try(blur.read, blur, 0)]]))
    assert.equal("nothing: a load that failed",
                 require "dkjson".decode(read "/run/lunq/programs/linux.json").regions.pr_1)
  end)
end)

describe("a protected bitstream", function()
  local DIGITS <const> = ("0123456789abcdef"):rep(4)
  before_each(function()
    kernel.manager()
    write("/d/top.bit", "encrypted: no sync word anywhere")
    write("/sys/class/fpga_manager/fpga0/key", "")
  end)

  it("is loaded as it is, with the flags of the vendor's kernel, which go again", function()
    assert.equal("top loaded\ntop loaded\ntop loaded\n", run("", [[
      open('top', { secure = { encrypted = "device" } })
      open('top', { secure = { authenticated = "ddr" } })
      open('top', { secure = { encrypted = "device", authenticated = "ocm" } })]]))
    assert.equal("load 4 lunq-design.bin\nload 40 lunq-design.bin\nload 84 lunq-design.bin\n", read "/log")
    assert.equal("encrypted: no sync word anywhere", read "/image")
    assert.equal("0", read("/sys/class/fpga_manager/fpga0/flags"):sub(1, 1))
    assert.equal("", read "/sys/class/fpga_manager/fpga0/key")
  end)

  -- Drivers copy what is written to `key` without a bound into 64 bytes.
  it("by a key of the user, which stands in the manager no longer than the load", function()
    assert.equal("top loaded\n", run("", ([[
      open('top', { secure = { encrypted = "user", key = "%s" } })]]):format(DIGITS)))
    assert.equal("key " .. DIGITS .. "\nload 20 lunq-design.bin\nkey " .. ("0"):rep(64) .. "\n", read "/log")
    os.remove(kernel.root .. "/sys/class/fpga_manager/fpga0/key")
    assert.matches("^unsupported: This kernel's FPGA manager takes no key", run("", ([[
      open('top', { secure = { encrypted = "user", key = "%s" } })]]):format(DIGITS)))
  end)

  it("is none without the option", function()
    assert.matches("^runtime: Invalid length found", run("", "open 'top'"))
  end)

  it("that is refused is asked whether it is protected so", function()
    assert.matches("not configured now%. Is the bitstream for this device, and protected as was said, and can the "
                   .. "firmware do that%?", run("refuses", "open('top', { secure = { encrypted = 'device' } })"))
  end)

  it("needs an overlay that says so where that makes the kernel load it", function()
    write("/d/top.dtbo", blobs.region)
    local environment <const> = "FAKE_FIRMWARE=top.bit.bin"
    local script <const> = "open('top', { secure = { encrypted = 'device' } })"
    assert.equal("value: ROOT/d/top.dtbo makes the kernel load the bitstream, but does not say encrypted-fpga-config, "
                 .. "as the option secure does.\n", run("", script, environment))
    write("/d/top.dtbo", dtc.blob([[/dts-v1/; /plugin/;
      &fpga_full { firmware-name = "top.bit.bin"; encrypted-fpga-config; };]]))
    assert.equal("top loaded\n", run("", script, environment))
    os.remove(kernel.root .. "/d/top.dtbo")
    os.remove(kernel.root .. "/sys/class/fpga_manager/fpga0/firmware")
    assert.equal("top loaded\n", run("", script, "FAKE_FIRMWARE=lunq-design.bin"))
    assert.matches('firmware%-name = "lunq%-design.bin";%s+encrypted%-fpga%-config;',
                   dtc.source(read(kernel.OVERLAYS .. "/lunq-design/dtbo")):gsub("(%s+)(encrypted[^;]*;)(%s+)"
                              .. "(firmware[^;]*;)", "%1%4%3%2"))
  end)

  it("is described in words that are checked", function()
    for option, text in pairs {
      ["{}"] = "value: option secure should say encrypted, authenticated or both",
      ["{ encrypted = 'disk' }"] = 'value: secure.encrypted should be "device" or "user", not disk',
      ["{ encrypted = 'user' }"] = 'value: secure.key goes with encrypted = "user", and only with that',
      ["{ encrypted = 'user', key = '12' }"] = "value: secure.key should be a text of 64 hexadecimal digits, an "
                                               .. "AES-256 key",
      ["{ encripted = 'user' }"] = 'value: option secure has no "encripted"; did you mean "encrypted"?',
    } do
      assert.equal(text .. "\n", run("", ("open('top', { secure = %s })"):format(option)))
    end
  end)
end)
