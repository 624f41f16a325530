--- lunq.dtbo: overlays made from designs, compared with what the design says, with Debian's dtc and fdtoverlay,
--- and with PYNQ's dictionaries of the corpus.
local core = require "lunq.core"
local errors = require "lunq.errors"
local helper = require "spec.helper"
local lfs = require "lfs"
local lunq = require "lunq"
local dtc = dofile "spec/design/support/dtc.lua"

local HWH <const> = "overlays/dma_loopback/dma_loopback.hwh"
local BOARD <const> = { zynq = dtc.slurp "spec/design/fixtures/zynq.dts",
                        zynquplus = dtc.slurp "spec/design/fixtures/zynqmp.dts" }

local function shown(tree) return require "lunq.fdt_text".text(tree:table()) end

local function fails(...)
  local ok, e = pcall(lunq.dtbo.build, ...)
  assert.is_false(ok)
  assert.is_true(errors.is(e))
  return { e.kind, e.message }
end

after_each(dtc.clean)

describe("an overlay made from a design", function()
  local TABLE <const> = {
    name = "t", arch = "zynquplus",
    ip = {
      ["video/fir"] = { vlnv = "acme.com:user:fir:1.0", address = 0xa0000000, range = 0x1000,
                        parameters = { C_TAPS = 16, Component_Name = "x" },
                        interrupts = { done = 0, late = 9, far = { controller = "intc", index = 3 } } },
      intc = { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x480000000, range = 0x10000,
               interrupts = { irq = 1 } },
    },
    memory = { bram = { vlnv = "xilinx.com:ip:axi_bram_ctrl:4.1", address = 0xa0002000, range = 0x2000 } },
  }

  it("has a UIO node for each IP, one more for a second interrupt, and what LUNQ has to know", function()
    assert.equal([[
/dts-v1/;
/plugin/;

/ {
	lunq,arch = "zynquplus";
};

&fpga_full {  /* fragment@0 */
	firmware-name = "t.bit.bin";
};

&amba {  /* fragment@1 */
	#address-cells = <2>;
	#size-cells = <2>;

	video_fir@a0000000 {
		compatible = "generic-uio";
		reg = <0 0xa0000000 0 4096>;  /* 0xa0000000, 4 KiB */
		linux,uio-name = "video_fir";
		interrupt-parent = <&gic>;
		interrupts = <0 89 4>;  /* SPI 89 = GIC 121, level high */
		lunq,pins = "done - 0", "far intc 3", "late - 9";
		lunq,vlnv = "acme.com:user:fir:1.0";
		lunq,path = "video/fir";
		lunq,params = "C_TAPS=16";
	};

	video_fir_late {
		compatible = "generic-uio";
		linux,uio-name = "video_fir_late";
		interrupt-parent = <&gic>;
		interrupts = <0 105 4>;  /* SPI 105 = GIC 137, level high */
	};

	bram@a0002000 {
		compatible = "generic-uio";
		reg = <0 0xa0002000 0 8192>;  /* 0xa0002000, 8 KiB */
		linux,uio-name = "bram";
		lunq,vlnv = "xilinx.com:ip:axi_bram_ctrl:4.1";
	};

	intc@480000000 {
		compatible = "generic-uio";
		reg = <4 0x80000000 0 0x10000>;  /* 0x480000000, 64 KiB */
		linux,uio-name = "intc";
		interrupt-parent = <&gic>;
		interrupts = <0 90 4>;  /* SPI 90 = GIC 122, level high */
		lunq,pins = "irq - 1";
		lunq,vlnv = "xilinx.com:ip:axi_intc:4.1";
	};
};
]], shown(lunq.dtbo.build(TABLE, { firmware = "t.bit.bin" })))
  end)

  it("brings memory: u-dma-buf, and regions that are reserved", function()
    local tree = lunq.dtbo.build({ arch = "zynq", ip = {} }, {
      udmabuf = { buf0 = 1 << 20, buf1 = { size = 4096, coherent = true, region = "pool" } },
      reserved = { pool = { address = 0x10000000, size = 1 << 24, no_map = true } },
    })
    local text = shown(tree)
    for _, part in ipairs {
      'udmabuf@0 {\n\t\tcompatible = "ikwzm,u-dma-buf";\n\t\tdevice-name = "buf0";\n\t\tsize = <0x100000>;\n\t};',
      "dma-coherent;\n\t\tmemory-region = <&{/fragment@0/__overlay__/reserved-memory/pool@10000000}>;",
      'pool@10000000 {\n\t\t\tcompatible = "shared-dma-pool";\n\t\t\treg = <0x10000000 0x1000000>;  '
        .. "/* 0x10000000, 16 MiB */\n\t\t\tno-map;",
    } do
      assert.truthy(text:find(part, 1, true), part .. "\n\n" .. text)
    end
    local _, out = dtc.lunq("fdt", dtc.file_of(dtc.apply(dtc.blob(BOARD.zynq), tree:blob()), ".dtb"))
    assert.matches("memory%-region = <&{/reserved%-memory/pool@10000000}>;", out)
  end)

  it("asks for the clocks of the design, and says which an IP is on", function()
    local text = shown(lunq.dtbo.build(HWH))
    assert.truthy(text:find([[
	clocking0 {
		compatible = "xlnx,fclk";
		#clock-cells = <0>;
		clocks = <&clkc 15>;
		assigned-clocks = <&clkc 15>;
		assigned-clock-rates = <100000000>;  /* 100 MHz */
	};]], 1, true), text)
    assert.matches("axi_dma@40400000 {.-\n\t\tclocks = <&clkc 15>;", text)
  end)

  it("may be of some IP only", function()
    local d = core.design_parse("x", lunq.dtbo.build(HWH, { only = { "axi_dma_sg" } }):blob()):dictionaries()
    assert.is_nil(d.ip_dict.axi_dma)
    assert.is_table(d.ip_dict.axi_dma_sg)
    assert.same({ "attribute", 'The design has no IP axi_dmas; did you mean "axi_dma"?' },
                fails(HWH, { only = { "axi_dmas" } }))
  end)

  it("is decompiled by dtc and applied by fdtoverlay, with the same result as here", function()
    for arch, source in pairs(BOARD) do
      local design = arch == "zynq" and HWH or TABLE
      local tree = lunq.dtbo.build(design, { firmware = "x.bin", udmabuf = { u = 4096 } })
      local board = core.fdt_parse("board", dtc.blob(source))
      assert.matches("generic%-uio", dtc.source(tree:blob()))
      assert.equal(dtc.source(dtc.apply(board:blob(), tree:blob())), dtc.source(board:apply(tree):blob()))
    end
  end)

  it("fits a tree without labels when it is made for that", function()
    for arch, source in pairs(BOARD) do
      local board = core.fdt_parse("board", dtc.blob(source, false))
      local design = arch == "zynq" and HWH or TABLE
      local ok, e = pcall(board.apply, board, lunq.dtbo.build(design, { firmware = "x.bin" }))
      assert.is_false(ok)
      assert.matches("has no labels", e.message)
      local tree = lunq.dtbo.build(design, { firmware = "x.bin", base = board })
      local both = dtc.source(dtc.apply(board:blob(), tree:blob()))
      assert.matches("generic%-uio", both)
      assert.equal(both, dtc.source(board:apply(tree):blob()))
    end
  end)

  it("is refused where it makes no sense", function()
    assert.same({ "unsupported", "spec/design/fixtures/partial.hwh is a partial design: its processor, and so its "
                                 .. "interrupts, are in the full design" }, fails "spec/design/fixtures/partial.hwh")
    assert.same({ "unsupported", "spec/design/fixtures/versal.hwh: overlays are for designs with a Zynq-7000 or Zynq "
                                 .. "UltraScale+; this one is for 'versal'" }, fails "spec/design/fixtures/versal.hwh")
    assert.same({ "value", 'lunq.dtbo has no option "firmwar"; did you mean "firmware"?' },
                fails(HWH, { firmwar = "x" }))
    assert.same({ "type", "option partial of lunq.dtbo should be a boolean, not number" }, fails(HWH, { partial = 1 }))
    assert.same({ "value", "firmware '../x' should be a name below /lib/firmware, shorter than 255 bytes and "
                           .. "without '..'" },
                fails(HWH, { firmware = "../x" }))
    assert.same({ "value", "'a/b' is no name for a node: letters, digits, '_' and '-'" },
                fails(HWH, { udmabuf = { ["a/b"] = 1 } }))
    assert.same({ "value", "The size of u should be a number of bytes from 1 to 4294967295, not 4294967296" },
                fails(HWH, { udmabuf = { u = 1 << 32 } }))
    assert.same({ "value", "u uses region p, which is not in reserved" },
                fails(HWH, { udmabuf = { u = { size = 1, region = "p" } } }))
    assert.same({ "value", "far at 0x400000000 lies beyond the 32 bits of a Zynq-7000" },
                fails { ip = { far = { vlnv = "a:b:c:1", address = 0x400000000 } } })
    local zynqmp = core.fdt_parse("zynqmp.dtb", dtc.blob(BOARD.zynquplus))
    assert.same({ "value", "zynqmp.dtb has no node for 'clkc' (compatible with xlnx,ps7-clkc); is it the tree of such "
                           .. "a board?" }, fails(HWH, { base = zynqmp }))
  end)
end)

--- Keys of the dictionaries that a device tree can carry.
local function kept(dictionaries)
  local t = { ip = {}, mem = {}, controllers = {}, pins = {} }
  for name, e in pairs(dictionaries.ip_dict) do
    local parameters = {}
    for key, value in pairs(e.parameters) do parameters[key] = key:find "^[Cc]_" and value or nil end
    if e.phys_addr then t.ip[name] = { e.phys_addr, e.addr_range, e.type, parameters } end
  end
  for name, e in pairs(dictionaries.mem_dict) do
    t.mem[name] = { e.base_address or e.phys_addr, e.addr_range or e.size }
  end
  for name, c in pairs(dictionaries.interrupt_controllers) do t.controllers[name] = { c.parent, c.index, c.raw_irq } end
  for _, e in pairs(dictionaries.ip_dict) do
    for pin, i in pairs(e.interrupts or {}) do
      if e.phys_addr and not dictionaries.interrupt_controllers[e.fullpath] then
        t.pins[e.fullpath .. "/" .. pin] = { i.controller, i.index, i.raw_irq }
      end
    end
  end
  return t
end

describe("designs of the corpus", function()
  it("come back from their overlays: addresses, types, parameters, controllers, interrupts", function()
    if not helper.corpus then return pending(helper.no_corpus) end
    local compared = 0
    for name in lfs.dir(helper.corpus .. "/files/hwh") do
      local design = name:find "%.hwh$" and core.design_read(helper.corpus .. "/files/hwh/" .. name)
      if design and design.ps and design.arch ~= "versal" then
        local d, tree = design:dictionaries(), lunq.dtbo.build(design)
        assert.same(kept(d), kept(core.design_parse(name, tree:blob()):dictionaries()), name)
        local board = core.fdt_parse("board", dtc.blob(BOARD[design.arch == "zynq" and "zynq" or "zynquplus"]))
        board:apply(tree)
        compared = compared + 1
      end
    end
    assert.equal(12, compared)
  end)
end)

-- What a driver does depends on parameters: a DMA's length register, scatter-gather.
describe("an overlay opened out of what was made of a design", function()
  it("has the drivers of the design, with its parameters", function()
    local path = dtc.file_of(lunq.dtbo.build(HWH):blob(), ".dtbo")
    local device = core.device_open "sim:zynq7000?seed=31"
    local warned, ol = lunq.warnings.capture(lunq.Overlay, path, { device = device })
    assert.same({}, warned)
    assert.same({ "0", "1" }, { ol.axi_dma.parameters.C_INCLUDE_SG, ol.axi_dma_sg.parameters.C_INCLUDE_SG })
    ol:free()
    device:close()
  end)
end)

describe("lunq dtbo", function()
  it("writes a file that is a design, or shows it", function()
    local path = dtc.file_of("", ".dtbo")
    local code, out, err = dtc.lunq("dtbo", HWH, "-o", path, "--firmware", "x.bit.bin", "--udmabuf", "buf=1M")
    assert.same({ 0, "wrote " .. path .. "\n", "" }, { code, out, err })
    assert.same({ "dtbo", "zynq", "x.bit.bin" }, (function(d) return { d.format, d.arch, d.firmware } end)
                (core.design_read(path)))
    code, out = dtc.lunq("dtbo", HWH, "--only", "axi_dma")
    assert.equal(0, code)
    assert.matches("\n\taxi_dma@40400000 {\n", out)
  end)

  it("tries it on the board's tree", function()
    local code, out = dtc.lunq("dtbo", HWH, "--base", dtc.file(BOARD.zynq, false))
    assert.equal(0, code)
    assert.matches("\n&{/axi} {", out)
    local _, _, err = dtc.lunq("dtbo", HWH, "--base", "no/such.dtb")
    assert.equal("lunq: no/such.dtb: No such file or directory\n", err)
  end)

  it("explains its arguments", function()
    for arguments, why in pairs {
      [""] = "which design?", ["a b"] = "one design at a time", ["--x"] = "there is no option --x",
      ["a -o"] = "-o needs a value", ["a --udmabuf x"] = "--udmabuf takes NAME=SIZE, not x",
      ["a --udmabuf x=many"] = "--udmabuf takes NAME=SIZE, not x=many",
    } do
      local words = {}
      for w in arguments:gmatch "%S+" do words[#words + 1] = w end
      local code, out, err = dtc.lunq("dtbo", table.unpack(words))
      assert.same({ 2, "", "lunq dtbo: " .. why }, { code, out, err:match "^[^\n]*" })
    end
    assert.matches("^usage: lunq dtbo DESIGN", select(2, dtc.lunq("dtbo", "--help")))
  end)
end)
