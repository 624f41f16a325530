--- Device trees: blobs and folders as nodes, what points where, and `lunq fdt`.
local core = require "lunq.core"
local helper = require "spec.helper"
local json = require "dkjson"
local lfs = require "lfs"
local dtc = dofile "spec/design/support/dtc.lua"
local fdt = dofile "spec/design/support/fdt.lua"

local ZYNQMP <const> = "spec/design/fixtures/zynqmp.dts"
local ZYNQ <const> = "spec/design/fixtures/zynq.dts"

local OVERLAY <const> = [[
/dts-v1/; /plugin/;
&fpga_full { firmware-name = "a.bit.bin"; resets = <&zynqmp_reset 116>, <&zynqmp_reset 117>; };
&amba {
	intc: interrupt-controller@a0010000 {
		compatible = "xlnx,axi-intc-4.1"; interrupt-controller; #interrupt-cells = <2>;
		reg = <0 0xa0010000 0 0x10000>; interrupt-parent = <&gic>; interrupts = <0 89 4>;
	};
	timer@a0000000 {
		compatible = "generic-uio"; reg = <0 0xa0000000 0 0x10000>;
		interrupts-extended = <&intc 3 2>, <&gic 0 90 1>;
	};
};
&{/axi/gpio@ff0a0000} { status = "okay"; };
]]

local function parse(source, symbols) return core.fdt_parse("x.dtb", dtc.blob(source, symbols)):table() end

--- The node at a path.
local function at(tree, path)
  local node = tree.root
  for name in path:gmatch "[^/]+" do
    local found
    for _, c in ipairs(node.children) do found = c.name == name and c or found end
    node = assert(found, name)
  end
  return node
end

local function property(node, name)
  for _, p in ipairs(node.properties) do
    if p.name == name then return p end
  end
  return nil
end

--- The references of a property: "4 label /path".
local function refs(node, name)
  local list = {}
  for i, r in ipairs(property(node, name).refs) do
    list[i] = ("%d %s %s"):format(r.at, r.label or "-", r.path or "-")
  end
  return list
end

local function ranges(node)
  local list = {}
  for i, r in ipairs(node.reg) do list[i] = ("%x+%x"):format(r.base, r.size) end
  return list
end

local function interrupts(node)
  local list = {}
  for i, irq in ipairs(node.interrupts) do
    list[i] = (irq.controller or "-") .. ": " .. table.concat(irq, " ")
  end
  return list
end

after_each(dtc.clean)

describe("a device tree read from a blob", function()
  it("has nodes, properties and labels", function()
    local t = parse(dtc.slurp(ZYNQMP))
    assert.same({ "x.dtb", false, false, 0 }, { t.file, t.folder, t.overlay, t.unreadable })
    assert.equal("A ZynqMP board\0", property(t.root, "model").value)
    local uart = at(t, "axi/serial@ff000000")
    assert.same({ "serial@ff000000", "uart0", "/axi/serial@ff000000" }, { uart.name, uart.label, uart.path })
    assert.equal("xlnx,zynqmp-uart\0cdns,uart-r1p12\0", property(uart, "compatible").value)
  end)

  it("knows by the meaning of a property which node a phandle means", function()
    local t = parse(dtc.slurp(ZYNQMP))
    assert.same({ "0 zynqmp_clk /firmware/zynqmp-firmware/clock-controller",
                  "8 zynqmp_clk /firmware/zynqmp-firmware/clock-controller" },
                refs(at(t, "axi/serial@ff000000"), "clocks"))
    assert.same({ "0 gpio /axi/gpio@ff0a0000" }, refs(at(t, "axi/i2c@ff030000/eeprom@50"), "reset-gpios"))
    assert.same({ "0 zynqmp_firmware /firmware/zynqmp-firmware" }, refs(at(t, "fpga-full"), "fpga-mgr"))
    t = parse(dtc.slurp(ZYNQMP), false)
    assert.same({ "0 - /axi/gpio@ff0a0000" }, refs(at(t, "axi/i2c@ff030000/eeprom@50"), "reset-gpios"))
    assert.same({}, refs(at(t, "axi/gpio@ff0a0000"), "interrupts"))
  end)

  it("translates addresses through the buses above, and none that are no memory", function()
    local t = parse(dtc.slurp(ZYNQMP))
    assert.same({ "0+7ff00000", "800000000+80000000" }, ranges(at(t, "memory@0")))
    assert.same({ "ff000000+1000" }, ranges(at(t, "axi/serial@ff000000")))
    assert.same({}, ranges(at(t, "axi/i2c@ff030000/eeprom@50")))
    assert.same({ "e0000010+10" }, ranges(at(t, "bus@e0000000/low@1000")))
    assert.same({ "400000100+100" }, ranges(at(t, "bus@e0000000/high@8000")))
    assert.same({}, ranges(at(t, "bus@e0000000/outside@0")))
    assert.same({ "100+100" }, ranges(at(parse(dtc.slurp(ZYNQ)), "axi/slcr@f8000000/clkc@100")))
  end)

  it("finds the interrupt controller in the nodes above", function()
    assert.same({ "gic: 0 21 4" }, interrupts(at(parse(dtc.slurp(ZYNQMP)), "axi/serial@ff000000")))
    assert.same({ "/interrupt-controller@f9010000: 0 21 4" },
                interrupts(at(parse(dtc.slurp(ZYNQMP), false), "axi/serial@ff000000")))
  end)
end)

describe("an overlay", function()
  it("has its phandles resolved by labels and fix-ups", function()
    local t = parse(OVERLAY)
    assert.is_true(t.overlay)
    assert.same({ "0 fpga_full -" }, refs(at(t, "fragment@0"), "target"))
    assert.same({ "0 zynqmp_reset -", "8 zynqmp_reset -" }, refs(at(t, "fragment@0/__overlay__"), "resets"))
    local timer = at(t, "fragment@1/__overlay__/timer@a0000000")
    assert.same({ "0 intc /fragment@1/__overlay__/interrupt-controller@a0010000", "12 gic -" },
                refs(timer, "interrupts-extended"))
    assert.same({ "intc: 3 2", "gic: 0 90 1" }, interrupts(timer))
    assert.same({ "gic: 0 89 4" }, interrupts(at(t, "fragment@1/__overlay__/interrupt-controller@a0010000")))
  end)

  -- #address-cells of the target are not in the overlay: 2+2 on ZynqMP, 1+1 on Zynq-7000.
  it("gets the cells of its target from unit address and length", function()
    local function reg(text)
      local t = parse(("/dts-v1/; /plugin/; &amba { %s };"):format(text))
      return ranges(at(t, "fragment@0/__overlay__").children[1])
    end
    assert.same({ "a0000000+10000" }, reg "x@a0000000 { reg = <0 0xa0000000 0 0x10000>; };")
    assert.same({ "40000000+10000" }, reg "x@40000000 { reg = <0x40000000 0x10000>; };")
    assert.same({ "40000000+1000", "50000000+2000" },
                reg "x@40000000 { reg = <0x40000000 0x1000 0x50000000 0x2000>; };")
    assert.same({ "400000000+1000" }, reg "x@400000000 { reg = <4 0 0 0x1000>; };")
    assert.same({ "80020000+1000" }, reg "axi-interrupt-ctrl { reg = <0 0x80020000 0 0x1000>; };")
    assert.same({ "1000+10" }, reg "#address-cells = <1>; #size-cells = <1>; x@1000 { reg = <0x1000 0x10>; };")
    assert.same({ "a0001000+10" }, ranges(at(parse [[/dts-v1/; /plugin/;
      &amba {
        #address-cells = <2>; #size-cells = <2>;
        b@0 {
          #address-cells = <1>; #size-cells = <1>; ranges = <0 0 0xa0000000 0x10000>;
          x@1000 { reg = <0x1000 0x10>; };
        };
      };]], "fragment@0/__overlay__/b@0/x@1000")))
  end)
end)

describe("a device tree read from a folder as /proc/device-tree is", function()
  local folder, blob

  setup(function()
    blob = dtc.blob(dtc.slurp(ZYNQMP))
    folder = os.tmpname()
    os.remove(folder)
    fdt.folder(core.fdt_parse("x.dtb", blob):table().root, folder)
  end)
  teardown(function() os.execute("rm -rf " .. folder) end)

  it("is the tree of its blob", function()
    local t = core.fdt_read(folder):table()
    assert.is_true(t.folder)
    assert.is_nil(property(t.root, "name"))
    local uart = at(t, "axi/serial@ff000000")
    assert.same({ "uart0", { "ff000000+1000" }, { "gic: 0 21 4" } }, { uart.label, ranges(uart), interrupts(uart) })
    local line = ("dtc -q -s -I fs -O dts %s | grep -v '\tname = '"):format(folder)
    assert.equal(select(2, dtc.sh(line)):gsub("\n\n", "\n"), dtc.source(blob):gsub("\n\n", "\n"))
  end)

  it("passes over what is no part of a tree", function()
    assert(os.execute(("ln -s / %s/link && mkfifo %s/fifo"):format(folder, folder)))
    local t = core.fdt_read(folder):table()
    assert.is_nil(property(t.root, "fifo"))
    for _, c in ipairs(t.root.children) do assert.not_equal("link", c.name) end
    os.remove(folder .. "/link")
    os.remove(folder .. "/fifo")
  end)

  it("is refused when it is another folder, or without an end", function()
    local ok, e = pcall(core.fdt_read, "spec/design")
    assert.is_false(ok)
    assert.same({ "value", "spec/design: this folder is no device tree: it has neither 'compatible' nor "
                           .. "'#address-cells'; the live tree is /proc/device-tree, for a blob name the file" },
                { e.kind, e.message })
    local deep = folder .. "/deep"
    assert(os.execute("mkdir -p " .. deep .. ("/d"):rep(40)))
    ok, e = pcall(core.fdt_read, folder)
    os.execute("rm -r " .. deep)
    assert.is_false(ok)
    assert.same({ "value", folder .. ": more than a device tree has (limits: 100000 files, 4 MiB, 32 levels); is "
                           .. "this a tree as /proc/device-tree is?" }, { e.kind, e.message })
  end)

  it("says which file can't be read", function()
    local ok, e = pcall(core.fdt_read, "no/such")
    assert.is_false(ok)
    assert.same({ "io", "no/such: No such file or directory" }, { e.kind, e.message })
  end)
end)

describe("lunq fdt", function()
  it("shows an overlay as its source has it, with remarks", function()
    local code, out, err = dtc.lunq("fdt", dtc.file(OVERLAY))
    assert.same({ 0, "" }, { code, err })
    assert.equal([[
/dts-v1/;
/plugin/;

&fpga_full {  /* fragment@0 */
	firmware-name = "a.bit.bin";
	resets = <&zynqmp_reset 116>, <&zynqmp_reset 117>;
};

&amba {  /* fragment@1 */
	intc: interrupt-controller@a0010000 {
		compatible = "xlnx,axi-intc-4.1";
		interrupt-controller;
		#interrupt-cells = <2>;
		reg = <0 0xa0010000 0 0x10000>;  /* 0xa0010000, 64 KiB */
		interrupt-parent = <&gic>;
		interrupts = <0 89 4>;  /* SPI 89 = GIC 121, level high */
	};

	timer@a0000000 {
		compatible = "generic-uio";
		reg = <0 0xa0000000 0 0x10000>;  /* 0xa0000000, 64 KiB */
		interrupts-extended = <&intc 3 2>, <&gic 0 90 1>;
	};
};

&{/axi/gpio@ff0a0000} {  /* fragment@2 */
	status = "okay";
};
]], out)
  end)

  it("shows what dtc takes again and makes the same blob of", function()
    for _, source in ipairs { OVERLAY, dtc.slurp(ZYNQMP), dtc.slurp(ZYNQ) } do
      local blob = dtc.blob(source)
      local _, out = dtc.lunq("fdt", dtc.file_of(blob, ".dtb"))
      assert.equal(dtc.source(blob), dtc.source(dtc.blob(out)))
    end
  end)

  it("keeps values that are neither text nor numbers", function()
    local source = [[/dts-v1/; / { empty; bytes = [01 02 03]; mixed = "a\"b\\", "c"; none = ""; "8bit" = "\xe4"; }; ]]
    source = source:gsub('"8bit"', "eight")
    local blob = dtc.blob(source)
    local _, out = dtc.lunq("fdt", dtc.file_of(blob, ".dtb"))
    assert.equal([[
/dts-v1/;

/ {
	empty;
	bytes = [01 02 03];
	mixed = "a\"b\\", "c";
	none = "";
	eight = [e4 00];
};
]], out)
    assert.equal(dtc.source(blob), dtc.source(dtc.blob(out)))
  end)

  it("shows the lists of labels and the phandles with --all", function()
    local _, out = dtc.lunq("fdt", dtc.file(OVERLAY), "--all")
    assert.matches("\n\tfragment@1 {\n\t\ttarget = <&amba>;\n\n\t\t__overlay__ {\n", out)
    assert.matches("\n\t__fixups__ {\n\t\tfpga_full = \"/fragment@0:target:0\";\n", out)
    assert.matches("\n\t\t\t\tphandle = <1>;\n", out)
  end)

  it("prints the same as JSON", function()
    local code, out = dtc.lunq("fdt", "--json", dtc.file(OVERLAY))
    assert.equal(0, code)
    local root = json.decode(out).root
    assert.equal("&fpga_full", root.children[1].target)
    assert.same({ "&zynqmp_reset", 116, "&zynqmp_reset", 117 },
                root.children[1].children[1].properties.resets)
    local timer = root.children[2].children[1].children[2]
    assert.same({ { base = 0xa0000000, size = 0x10000 } }, timer.reg)
    assert.same({ { controller = "intc", cells = { 3, 2 } }, { controller = "gic", cells = { 0, 90, 1 } } },
                timer.interrupts)
    assert.is_true(root.children[2].children[1].children[1].properties["interrupt-controller"])
  end)

  it("says what is wrong with a file and with its arguments", function()
    local function fails(code, text, ...)
      local c, out, err = dtc.lunq("fdt", ...)
      assert.same({ code, "" }, { c, out })
      assert.equal(text, err:match "^[^\n]*")
    end
    fails(1, "lunq: no/such.dtb: No such file or directory", "no/such.dtb")
    fails(1, "lunq: " .. ZYNQ .. ": this is the source of a device tree; compile it: dtc -@ -I dts -O dtb -o "
             .. "FILE.dtbo " .. ZYNQ, ZYNQ)
    fails(2, "lunq fdt: which file?")
    fails(2, "lunq fdt: one file at a time", "a", "b")
    fails(2, "lunq fdt: there is no option --x", "--x")
    assert.matches("^usage: lunq fdt FILE", select(2, dtc.lunq("fdt", "--help")))
  end)

  it("shows the overlays of the corpus as dtc has them", function()
    if not helper.corpus then return pending(helper.no_corpus) end
    local dir = helper.corpus .. "/files/"
    local blobs = { dtc.slurp(dir .. "dtbo/kv260-ros-kernel_default.dtbo") }
    for name in lfs.dir(dir .. "dts") do
      local source = name:find "^%." and "" or dtc.slurp(dir .. "dts/" .. name)
      if source ~= "" and not source:find "/dts%-v1/" then source = "/dts-v1/; /plugin/;\n" .. source end
      if source ~= "" then blobs[#blobs + 1] = dtc.blob(source) end
    end
    assert.equal(7, #blobs)
    for _, blob in ipairs(blobs) do
      local code, out = dtc.lunq("fdt", dtc.file_of(blob, ".dtbo"))
      assert.equal(0, code)
      local again = core.fdt_parse("again", dtc.blob(out)):table()
      local function numberless(text) return (text:gsub("fragment@%d", "fragment")) end
      assert.equal(numberless(out), numberless(require "lunq.fdt_text".text(again)))
    end
  end)
end)
