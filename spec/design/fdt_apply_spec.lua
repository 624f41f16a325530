--- Overlays tried on a tree in memory: what they change, and each reason to refuse one before Linux does.
local core = require "lunq.core"
local helper = require "spec.helper"
local dtc = dofile "spec/design/support/dtc.lua"
local fdt = dofile "spec/design/support/fdt.lua"

local ZYNQMP <const> = dtc.slurp "spec/design/fixtures/zynqmp.dts"

local OVERLAY <const> = [[
/dts-v1/; /plugin/;
&fpga_full { firmware-name = "a.bit.bin"; resets = <&zynqmp_reset 116>; };
&amba {
	#address-cells = <2>;
	intc: interrupt-controller@a0010000 {
		interrupt-controller; #interrupt-cells = <2>; reg = <0 0xa0010000 0 0x10000>;
		interrupt-parent = <&gic>; interrupts = <0 89 4>;
	};
	timer@a0000000 { reg = <0 0xa0000000 0 0x10000>; interrupts-extended = <&intc 3 2>; };
};
]]

local function plugin(text) return "/dts-v1/; /plugin/;\n" .. text end
local function read(source, name, symbols) return core.fdt_parse(name, dtc.blob(source, symbols)) end

local board
setup(function() board = read(ZYNQMP, "board.dtb") end)
after_each(dtc.clean)

local function fails(source, base, symbols)
  local overlay = type(source) == "string" and read(source, "x.dtbo", symbols) or source
  local ok, e = pcall(board.apply, base or board, overlay)
  assert.is_false(ok, "the overlay was accepted")
  return { e.kind, e.message }
end

local function refused(why) return { "value", "x.dtbo doesn't fit board.dtb: " .. why } end

describe("an overlay applied in memory", function()
  it("gives what Debian's fdtoverlay gives", function()
    local both = board:apply(read(OVERLAY, "x.dtbo"))
    assert.equal(dtc.source(dtc.apply(board:blob(), dtc.blob(OVERLAY))), dtc.source(both:blob()))
    assert.equal("DeviceTree board.dtb + x.dtbo (23 nodes)", tostring(both))
  end)

  it("leaves base and overlay as they were", function()
    local base, overlay = board:blob(), read(OVERLAY, "x.dtbo")
    local before = overlay:blob()
    board:apply(overlay)
    board:apply(overlay)
    assert.is_true(base == board:blob() and before == overlay:blob())
  end)

  it("may come in by a path, on a tree without labels", function()
    local base = read(ZYNQMP, "board.dtb", false)
    local both = base:apply(read(plugin '&{/axi} { added@1000 { reg = <0 0x1000 0 0x10>; }; };', "x.dtbo"))
    assert.matches("\n\tadded@1000 {\n", dtc.source(both:blob()):gsub("\t\t", "\t"))
  end)

  it("takes a live tree, too", function()
    local folder = os.tmpname()
    os.remove(folder)
    fdt.folder(board:table().root, folder)
    local live = core.fdt_read(folder)
    os.execute("rm -r " .. folder)
    local text = require "lunq.fdt_changes".text("live", "x.dtbo", live, live:apply(read(OVERLAY, "x.dtbo")))
    assert.equal([[
x.dtbo fits live:
  adds     /axi/interrupt-controller@a0010000
  adds     /axi/timer@a0000000
  changes  /fpga-full                          resets (new), firmware-name (new)
  Properties of nodes that are there cost Linux memory for good when the overlay is removed.
]], text)
  end)

  -- libfdt 1.6.1 puts it over the base's, and all that named the base's node names nothing.
  it("keeps the phandles of nodes that are there", function()
    local with = fdt.blob { { "fragment@0", { { "target-path", "/axi/gpio@ff0a0000\0" },
                                              { "__overlay__", { { "phandle", fdt.cells(77) } } } } } }
    local both = board:apply(core.fdt_parse("x.dtbo", with))
    assert.equal(dtc.source(board:blob()), dtc.source(both:blob()))
  end)
end)

describe("an overlay is refused before Linux sees it", function()
  it("when it names labels and the tree has none", function()
    local why = refused("it names label 'fpga_full' (/fragment@0:target:0), but that tree has no labels (__symbols__); "
                        .. "compile it with dtc -@, or name targets by target-path, as lunq dtbo --base does")
    assert.same(why, fails(OVERLAY, read(ZYNQMP, "board.dtb", false)))
  end)

  it("when a label is missing", function()
    local why = "label 'fpga_ful' (/fragment@0:target:0) is not there; lunq fdt board.dtb shows the labels it has"
    assert.same(refused(why), fails(plugin "&fpga_ful { };"))
  end)

  it("when it brings labels and the tree has none, or has the same", function()
    assert.same(refused("it brings label 'x', but that tree has no labels (__symbols__), and Linux takes no new ones "
                        .. "then; compile the tree with -@, or the overlay without"),
                fails(plugin "&{/axi} { x: x { }; };", read(ZYNQMP, "board.dtb", false)))
    local why = "label 'intc' is there already; is this overlay, or another with the same names, applied? "
                .. "Remove it first"
    local ok, e = pcall(board.apply, board:apply(read(OVERLAY, "x.dtbo")), read(OVERLAY, "x.dtbo"))
    assert.same({ false, "value", "x.dtbo doesn't fit board.dtb + x.dtbo: " .. why }, { ok, e.kind, e.message })
  end)

  it("when a target is missing, or not said", function()
    assert.same(refused "target '/axi/spi@0' of fragment@0 is not there; lunq fdt board.dtb shows what is",
                fails(plugin "&{/axi/spi@0} { };"))
    assert.same(refused "fragment@7 has neither target nor target-path",
                fails(core.fdt_parse("x.dtbo", fdt.blob { { "fragment@7", { { "__overlay__", {} } } } })))
    assert.same(refused "target of fragment@0 is phandle 0x777, which no node has",
                fails(core.fdt_parse("x.dtbo", fdt.blob { { "fragment@0", { { "target", fdt.cells(0x777) },
                                                                            { "__overlay__", {} } } } })))
  end)

  it("when it changes the cells of a node", function()
    assert.same(refused "fragment@0 would change #address-cells of /axi from 2 to 1, which Linux refuses",
                fails(plugin "&amba { #address-cells = <1>; };"))
    assert.same(refused "fragment@0 would change #size-cells of /fpga-full from 2 to 1, which Linux refuses",
                fails(plugin "&{/} { fpga-full { #size-cells = <1>; }; };"))
  end)

  it("when two fragments give the same", function()
    assert.same(refused("fragment@0 and fragment@1 both give property 'status' to /axi/gpio@ff0a0000, which Linux "
                        .. "refuses; put it into one of them"),
                fails(plugin '&gpio { status = "okay"; };\n&{/axi/gpio@ff0a0000} { status = "okay"; };'))
    assert.same(refused("fragment@0 and fragment@1 both give node 'x' to /axi, which Linux refuses; put it into one "
                        .. "of them"),
                fails(plugin "&amba { x { a; }; };\n&{/axi} { x { b; }; };"))
  end)

  it("when phandles clash", function()
    local function phandle(n, more)
      return fdt.blob { { "fragment@0", { { "target-path", "/axi\0" }, { "__overlay__", {
        { "a", { { "phandle", fdt.cells(n) } } }, more } } } } }
    end
    assert.same(refused "phandles clash: 0x5 there and 0xfffffffa here leave no number for new nodes",
                fails(core.fdt_parse("x.dtbo", phandle(0xfffffffa)),
                      read("/dts-v1/; / { #address-cells = <2>; axi { phandle = <5>; }; };", "board.dtb")))
    assert.same(refused("phandles clash: /fragment@0/__overlay__/a and /fragment@0/__overlay__/b of the overlay have "
                        .. "the same, 3"),
                fails(core.fdt_parse("x.dtbo", phandle(3, { "b", { { "phandle", fdt.cells(3) } } }))))
  end)

  it("when what it names by its own label would be ignored", function()
    assert.same(refused("phandles clash: /axi/gpio@ff0a0000 is there already and keeps its own, so what names it by "
                        .. "the label of fragment@0 would name nothing; use the label of that tree"),
                fails(plugin "&amba { mine: gpio@ff0a0000 { }; x { gpios = <&mine 1 0>; }; };"))
  end)

  it("when it is no overlay, or the base is one", function()
    assert.same({ "value", "x.dtbo: no overlay: no node of its root has an __overlay__; the base comes first, then "
                           .. "overlays (.dtbo)" }, fails(ZYNQMP))
    local overlay = read(OVERLAY, "x.dtbo")
    assert.same({ "value", "x.dtbo: an overlay itself, not the tree of a board; name the board's .dtb or "
                           .. "/proc/device-tree" }, fails(overlay, overlay))
  end)
end)

describe("lunq fdt --apply", function()
  it("says what overlays change, and writes the tree", function()
    local base, overlay = dtc.file(ZYNQMP), dtc.file(OVERLAY)
    local out = dtc.file_of("", ".dtb")
    local code, text = dtc.lunq("fdt", "--apply", base, overlay, "-o", out)
    assert.equal(0, code)
    assert.equal(("%s fits %s:"):format(overlay, base), text:match "^[^\n]*")
    assert.matches("\n  adds     /axi/timer@a0000000\n", text)
    assert.equal(dtc.source(dtc.apply(dtc.slurp(base), dtc.slurp(overlay))), dtc.source(dtc.slurp(out)))
    code, text = dtc.lunq("fdt", "--apply", base, overlay, "--all")
    assert.equal(0, code)
    assert.matches("\n\t\ttimer@a0000000 {\n", text)
  end)

  it("says why an overlay doesn't fit, and what it lacks itself", function()
    local base, overlay = dtc.file(ZYNQMP, false), dtc.file(OVERLAY)
    local code, out, err = dtc.lunq("fdt", "--apply", base, overlay)
    assert.same({ 1, "" }, { code, out })
    assert.matches("^lunq: .- doesn't fit .-: it names label 'fpga_full'", err)
    for arguments, why in pairs {
      ["--apply x"] = "--apply needs the tree of a board and an overlay",
      ["x -o y"] = "-o goes with --apply",
      ["--apply x y -o"] = "-o needs the file to write",
    } do
      local words = {}
      for w in arguments:gmatch "%S+" do words[#words + 1] = w end
      code, out, err = dtc.lunq("fdt", table.unpack(words))
      assert.same({ 2, "", "lunq fdt: " .. why }, { code, out, err:match "^[^\n]*" })
    end
  end)

  it("takes the overlays of the corpus that are for such a board", function()
    if not helper.corpus then return pending(helper.no_corpus) end
    local dir, took = helper.corpus .. "/files/", 0
    for _, file in ipairs { "dtbo/kv260-ros-kernel_default.dtbo", "dts/kv260-ros-kernel_default.dtsi",
                            "dts/kv260-pynq.dts", "dts/zynqmp-zocl-intc.dtsi" } do
      local data = dtc.slurp(dir .. file)
      if not file:find "dtbo$" then
        data = dtc.blob(data:find "/dts%-v1/" and data or plugin(data))
      end
      board:apply(core.fdt_parse(file, data))
      took = took + 1
    end
    local zynq = read(dtc.slurp "spec/design/fixtures/zynq.dts", "zynq.dtb")
    zynq:apply(read(plugin(dtc.slurp(dir .. "dts/zynq-zocl-intc.dtsi")), "zynq-zocl-intc"))
    assert.equal(4, took)
  end)
end)
