--- A design read from a device-tree overlay alone: which nodes are IP, of what type, where, with which
--- interrupts and clocks.
local core = require "lunq.core"
local helper = require "spec.helper"
local dtc = dofile "spec/design/support/dtc.lua"

local function read(inside, name)
  local source = inside:find "/dts%-v1/" and inside or "/dts-v1/; /plugin/;\n&amba {\n" .. inside .. "\n};\n"
  return core.design_parse(name or "dir/x.v1.dtbo", dtc.blob(source))
end

local function dictionaries(inside) return read(inside):dictionaries() end

--- "name 0xbase+0xsize type" of all IP and memories but the processor.
local function listed(d)
  local list = {}
  for _, dict in ipairs { d.ip_dict, d.mem_dict } do
    for name, ip in pairs(dict) do
      local base = ip.phys_addr or ip.base_address
      if base then list[#list + 1] = ("%s 0x%x+0x%x %s"):format(name, base, ip.addr_range or ip.size, ip.type) end
    end
  end
  table.sort(list)
  return list
end

local function node(name, compatible, more)
  local address = name:match "@(.*)$"
  return ("%s { compatible = %s; reg = <0 0x%s 0 0x1000>; %s };"):format(name, compatible, address, more or "")
end

local function type_of(name, compatible, more)
  local d = dictionaries(node(name, compatible, more))
  local _, ip = next(d.ip_dict)
  if not ip.phys_addr then _, ip = next(d.ip_dict, _) end
  return (ip or select(2, next(d.mem_dict))).type
end

local function parameters(compatible, more)
  for _, ip in pairs(dictionaries(node("x@a0000000", compatible, more)).ip_dict) do
    if ip.phys_addr then return ip.parameters end
  end
end

--- "pin controller index raw_irq" of all interrupt pins.
local function pins(d)
  local list = {}
  for name, pin in pairs(d.interrupt_pins) do
    list[#list + 1] = ("%s %s %d %s"):format(name, pin.controller == "" and "PS" or pin.controller, pin.index,
                                            pin.raw_irq or "-")
  end
  table.sort(list)
  return list
end

after_each(dtc.clean)

describe("a design read from an overlay", function()
  it("has the nodes with registers as IP, the bitstream and the family", function()
    local d = read(dtc.slurp "spec/design/fixtures/uio.dts")
    assert.same({ "dtbo", "zynquplus", "x", "design.bit.bin", "zynq_ultra_ps_e_0" },
                { d.format, d.arch, d.name, d.firmware, d.ps })
    assert.same({ "axi_dma_0 0xa0000000+0x10000 xilinx.com:ip:axi_dma:7.1", "gpio 0xa0010000+0x10000 nil",
                  "pl_intc 0xa0020000+0x10000 xilinx.com:ip:axi_intc:4.1" }, listed(d:dictionaries()))
  end)

  it("leaves out what is switched off, has no size, or is memory for Linux", function()
    assert.same({ "a 0xa0000000+0x1000 nil" }, listed(dictionaries [[
      a@a0000000 { reg = <0 0xa0000000 0 0x1000>; status = "okay"; };
      b@a0001000 { reg = <0 0xa0001000 0 0x1000>; status = "disabled"; };
      c@a0002000 { reg = <0 0xa0002000 0 0>; };
      i2c@1 { #address-cells = <1>; #size-cells = <0>; chip@50 { reg = <0x50>; }; };
      reserved-memory { #address-cells = <2>; #size-cells = <2>; ranges; p@0 { reg = <0 0 0 0x1000>; }; };
      zocl { compatible = "xlnx,zocl"; };]]))
  end)

  it("names IP by UIO name, label or node, and each once", function()
    assert.same({ "fir_0 0xa0000000+0x1000 nil", "lab_el 0xa0001000+0x1000 nil", "node 0xa0002000+0x1000 nil",
                  "node_a0003000 0xa0003000+0x1000 nil" }, listed(dictionaries [[
      x: a@a0000000 { reg = <0 0xa0000000 0 0x1000>; linux,uio-name = "fir_0"; };
      lab_el: b@a0001000 { reg = <0 0xa0001000 0 0x1000>; };
      node@a0002000 { reg = <0 0xa0002000 0 0x1000>; };
      node@a0003000 { reg = <0 0xa0003000 0 0x1000>; };]]))
  end)

  it("takes the paths that lunq dtbo writes, and no others", function()
    assert.same({ "odd 0xa0001000+0x1000 nil", "video/fir 0xa0000000+0x1000 nil" }, listed(dictionaries [[
      a@a0000000 { reg = <0 0xa0000000 0 0x1000>; lunq,path = "video/fir"; };
      odd@a0001000 { reg = <0 0xa0001000 0 0x1000>; lunq,path = "video//fir"; };]]))
  end)

  it("keeps several ranges of a node apart by reg-names, or by address", function()
    assert.same({ "v/core 0xa0001000+0x1000 nil", "v/slcr 0xa0000000+0x1000 nil", "w@0xa0002000 0xa0002000+0x10 nil",
                  "w@0xa0003000 0xa0003000+0x10 nil" }, listed(dictionaries [[
      v@a0000000 { reg = <0 0xa0000000 0 0x1000>, <0 0xa0001000 0 0x1000>; reg-names = "slcr", "core"; };
      w@a0002000 { reg = <0 0xa0002000 0 0x10>, <0 0xa0003000 0 0x10>; };]]))
  end)

  it("tells the family by the board's labels, else by the addresses", function()
    assert.equal("zynq", read("x@43c00000 { reg = <0x43c00000 0x10000>; };").arch)
    assert.equal("zynquplus", read("x@80000000 { reg = <0 0x80000000 0 0x10000>; };").arch)
    assert.equal("zynq", read("x@80000000 { reg = <0x80000000 0x10000>; clocks = <&clkc 15>; };").arch)
    assert.equal("zynquplus", read("x@40000000 { reg = <0 0x40000000 0 0x1000>; resets = <&zynqmp_reset 1>; };").arch)
  end)
end)

describe("the type of an IP in an overlay", function()
  it("is in its compatible strings: name and version", function()
    for compatible, vlnv in pairs {
      ['"xlnx,axi-gpio-2.0", "xlnx,xps-gpio-1.00.a"'] = "xilinx.com:ip:axi_gpio:2.0",
      ['"generic-uio", "xlnx,axi-iic-2.0"'] = "xilinx.com:ip:axi_iic:2.0",
      ['"xlnx,xps-intc-1.00.a"'] = "xilinx.com:ip:axi_intc:4.1",
      ['"xlnx,axi-vdma-6.3", "xlnx,axi-vdma-1.00.a"'] = "xilinx.com:ip:axi_vdma:6.3",
      ['"xlnx,axi-fifo-mm-s-4.1"'] = "xilinx.com:ip:axi_fifo_mm_s:4.1",
      ['"xlnx,axi-bram-ctrl-4.1"'] = "xilinx.com:ip:axi_bram_ctrl:4.1",
    } do
      assert.equal(vlnv, type_of("x@a0000000", compatible))
    end
  end)

  it("has neither vendor nor library when the IP is none of Xilinx's", function()
    assert.equal("*:*:fir_filter:1.2", type_of("x@a0000000", '"xlnx,fir-filter-1.2"'))
    assert.equal("*:*:axi_frmbuf_wr:2.1", type_of("x@a0000000", '"xlnx,axi-frmbuf-wr-v2.1"'))
    local d = dictionaries(node("x@a0000000", '"xlnx,fir-1.2"'))
    assert.same({ "dir/x.v1.dtbo: a device tree does not say the vendor of custom IP: x is *:*:fir:1.2, and gets the "
                  .. "driver that is bound to this name and version, if there is one" }, d.warnings)
  end)

  it("is what lunq,vlnv says", function()
    local vlnv = "acme.com:user:fir:1.0"
    assert.equal(vlnv, type_of("x@a0000000", '"generic-uio"', ('lunq,vlnv = "%s";'):format(vlnv)))
  end)

  it("is guessed from the name when there is nothing else, with a warning", function()
    local d = dictionaries(node("axi_timer_0@a0000000", '"generic-uio"'))
    assert.same({ "axi_timer_0 0xa0000000+0x1000 xilinx.com:ip:axi_timer:2.0" }, listed(d))
    assert.same({ "dir/x.v1.dtbo: axi_timer_0 says nothing of its type; by its name it is taken for "
                  .. "xilinx.com:ip:axi_timer:2.0" }, d.warnings)
    assert.is_nil(type_of("axi_timers@a0000000", '"generic-uio"'))
  end)

  it("is not known in strings of other shapes", function()
    for _, s in ipairs { "xlnx,zocl", "acme,fir-1.0", "xlnx,-1.0", "xlnx,fir-", "xlnx,fir-x.0", "xlnx,fir-1.0.ab",
                          "xlnx,f\\x1bir-1.0", "xlnx,a:b-1.0" } do
      assert.is_nil(type_of("x@a0000000", '"' .. s .. '"'), s)
    end
    assert.is_nil(type_of("x@a0000000", '"generic-uio"', 'lunq,vlnv = "a:b:c d:1";'))
  end)
end)

describe("parameters of an IP in an overlay", function()
  it("are its xlnx properties under the names of HWH files", function()
    assert.same({ C_GPIO_WIDTH = "8", C_IS_DUAL = "1", C_FAMILY = "zynq" },
                parameters('"x"', 'xlnx,gpio-width = <8>; xlnx,is-dual; xlnx,family = "zynq"; xlnx,list = <1 2>;'))
  end)

  it("of a DMA come from its channels, too", function()
    assert.same({ C_INCLUDE_SG = "1", C_SG_LENGTH_WIDTH = "14", C_ADDRWIDTH = "40", C_ADDR_WIDTH = "40",
                  C_INCLUDE_MM2S = "1", C_M_AXI_MM2S_DATA_WIDTH = "64", C_M_AXIS_MM2S_TDATA_WIDTH = "64",
                  C_INCLUDE_MM2S_DRE = "1", C_INCLUDE_S2MM = "0" },
                parameters('"xlnx,axi-dma-7.1"', [[
                  xlnx,include-sg; xlnx,sg-length-width = <14>; xlnx,addrwidth = <40>;
                  dma-channel@a0000000 {
                    compatible = "xlnx,axi-dma-mm2s-channel"; xlnx,datawidth = <64>; xlnx,include-dre;
                  };]]))
  end)

  it("say how UIO calls it", function()
    assert.same({ UIO_NAME = "fir" }, parameters('"generic-uio"', 'linux,uio-name = "fir";'))
    assert.same({ UIO_NAME = "x" }, parameters '"xlnx,zzz", "generic-uio"')
    assert.same({}, parameters '"generic-uio-x"')
  end)
end)

describe("interrupts in an overlay", function()
  local function irq(cells) return "interrupt-parent = <&gic>; interrupts = " .. cells .. ";" end

  it("are inputs of the processor, by its family", function()
    local function zynqmp(spi) return pins(dictionaries(node("x@a0000000", '"x"', irq("<0 " .. spi .. " 4>")))) end
    assert.same({ "x/interrupt PS 0 121" }, zynqmp(89))
    assert.same({ "x/interrupt PS 7 128" }, zynqmp(96))
    assert.same({ "x/interrupt PS 0 136" }, zynqmp(104))
    assert.same({ "x/interrupt PS 7 143" }, zynqmp(111))
    local function zynq(spi)
      return pins(dictionaries(("x@43c00000 { reg = <0x43c00000 0x1000>; interrupt-parent = <&intc>; "
                                .. "interrupts = <0 %d 1>; };"):format(spi)))
    end
    assert.same({ "x/interrupt PS 0 61" }, zynq(29))
    assert.same({ "x/interrupt PS 7 68" }, zynq(36))
    assert.same({ "x/interrupt PS 8 84" }, zynq(52))
    assert.same({ "x/interrupt PS 15 91" }, zynq(59))
  end)

  it("that are none of its inputs from the logic are left out, with a warning", function()
    local d = dictionaries(node("x@a0000000", '"x"', irq "<0 21 4>"))
    assert.same({}, d.interrupt_pins)
    assert.same({ "dir/x.v1.dtbo: interrupt interrupt of x is none of the processor's inputs from the logic (number "
                  .. "21 of gic); it is left out" }, d.warnings)
  end)

  it("have the names of the node, or those the IP usually has", function()
    local function names(compatible, more) return pins(dictionaries(node("x@a0000000", compatible, more))) end
    local two = irq "<0 89 4 0 90 4>"
    assert.same({ "x/ip2intc_irpt PS 0 121" }, names('"xlnx,axi-gpio-2.0"', irq "<0 89 4>"))
    assert.same({ "x/mm2s_introut PS 0 121", "x/s2mm_introut PS 1 122" }, names('"xlnx,axi-dma-7.1"', two))
    assert.same({ "x/done PS 0 121", "x/late PS 1 122" }, names('"x"', two .. 'interrupt-names = "done", "late";'))
    assert.same({ "x/interrupt PS 0 121", "x/interrupt_1 PS 1 122" }, names('"x"', two))
    assert.same({ "x/mm2s_introut PS 0 121", "x/s2mm_introut PS 1 122" }, names('"xlnx,axi-vdma-6.3"', ([[
      a { compatible = "xlnx,axi-vdma-mm2s-channel"; %s };
      b { compatible = "xlnx,axi-vdma-s2mm-channel"; %s };]]):format(irq "<0 89 4>", irq "<0 90 4>")))
  end)

  it("go through the controllers of the design, also one behind the other", function()
    local d = dictionaries [[
      one: c@a0000000 { compatible = "xlnx,axi-intc-4.1"; reg = <0 0xa0000000 0 0x1000>; #interrupt-cells = <2>;
                        interrupt-parent = <&gic>; interrupts = <0 89 4>; };
      two: c@a0001000 { compatible = "xlnx,axi-intc-4.1"; reg = <0 0xa0001000 0 0x1000>; #interrupt-cells = <2>;
                        interrupt-parent = <&one>; interrupts = <31 4>; };
      x@a0002000 { reg = <0 0xa0002000 0 0x1000>; interrupts-extended = <&two 5 4>, <&one 2 4>; };]]
    assert.same({ "x/interrupt two 5 -", "x/interrupt_1 one 2 -" }, pins(d))
    assert.same({ one = { parent = "", index = 0, raw_irq = 121 }, two = { parent = "one", index = 31 } },
                d.interrupt_controllers)
  end)
end)

describe("clocks in an overlay", function()
  it("are those of the processor, also through clocks made of them", function()
    local d = dictionaries [[
      half: half { compatible = "fixed-factor-clock"; #clock-cells = <0>; clocks = <&zynqmp_clk 72>;
                   clock-mult = <1>; clock-div = <2>; };
      f: f { compatible = "xlnx,fclk"; #clock-cells = <0>; clocks = <&zynqmp_clk 71>;
             assigned-clocks = <&zynqmp_clk 71>; assigned-clock-rates = <99999001>; };
      a@a0000000 { reg = <0 0xa0000000 0 0x1000>; clocks = <&half>; };
      b@a0001000 { reg = <0 0xa0001000 0 0x1000>; clocks = <&f>; };]]
    assert.same({ { clock = 0, users = { "b" } }, { clock = 1, users = { "a" } } }, d.clock_users)
    assert.equal(99.999001, d.clock_dict[0].mhz)
  end)

  it("of Zynq-7000 are the fabric clocks of clkc", function()
    local d = dictionaries [[a@43c00000 { reg = <0x43c00000 0x1000>; clocks = <&clkc 16>; };]]
    assert.same({ { clock = 1, users = { "a" } } }, d.clock_users)
  end)

  it("that go in circles end", function()
    local d = dictionaries [[
      a: a { compatible = "fixed-factor-clock"; #clock-cells = <0>; clocks = <&b>; };
      b: b { compatible = "fixed-factor-clock"; #clock-cells = <0>; clocks = <&a>; };
      x@a0000000 { reg = <0 0xa0000000 0 0x1000>; clocks = <&a>; };]]
    assert.same({}, d.clock_users)
  end)
end)

describe("lunq info", function()
  it("shows an overlay", function()
    local path = dtc.file(dtc.slurp "spec/design/fixtures/uio.dts")
    local code, out = dtc.lunq("info", path)
    assert.equal(0, code)
    assert.equal(([[
PATH, device-tree overlay, taken for zynquplus, bitstream design.bit.bin
IP and memory
  axi_dma_0                      0xa0000000   64 KiB  xilinx.com:ip:axi_dma:7.1
  gpio                           0xa0010000   64 KiB  no VLNV
  pl_intc                        0xa0020000   64 KiB  xilinx.com:ip:axi_intc:4.1
  zynq_ultra_ps_e_0              xilinx.com:ip:zynq_ultra_ps_e:3.5  (processing system)
interrupts
  pl_intc                 controller, on PS input 0, GIC 121
  axi_dma_0/mm2s_introut  pl_intc input 0
  axi_dma_0/s2mm_introut  pl_intc input 1
  gpio/interrupt          PS input 0, GIC 136
warnings
  PATH: axi_dma_0 says nothing of its type; by its name it is taken for xilinx.com:ip:axi_dma:7.1
]]):gsub("PATH", path), out)
  end)

  it("refuses the tree of a board and damaged files", function()
    local path = dtc.file(dtc.slurp "spec/design/fixtures/zynqmp.dts")
    local code, _, err = dtc.lunq("info", path)
    assert.same({ 1, ("lunq: %s: the device tree of a board, no overlay of a design; lunq fdt %s shows it\n")
                     :format(path, path) }, { code, err })
    local ok, e = pcall(core.design_parse, "x.dtbo", dtc.blob("/dts-v1/; /plugin/; &a { };"):sub(1, 60))
    assert.is_false(ok)
    assert.matches("^x%.dtbo: the header says %d+ bytes, but there are 60: the file is cut off", e.message)
  end)

  it("shows the overlays of the corpus", function()
    if not helper.corpus then return pending(helper.no_corpus) end
    local dir = helper.corpus .. "/files/"
    local d = core.design_read(dir .. "dtbo/kv260-ros-kernel_default.dtbo")
    assert.same({ "zynquplus", ".bin" }, { d.arch, d.firmware })
    assert.same({ "axi_intc_0 0x80000000+0x10000 xilinx.com:ip:axi_intc:4.1" }, listed(d:dictionaries()))
    assert.same({ axi_intc_0 = { parent = "", index = 0, raw_irq = 121 } }, d:dictionaries().interrupt_controllers)
    local function source(name)
      return "/dts-v1/; /plugin/;\n" .. dtc.slurp(dir .. "dts/" .. name):gsub("/dts%-v1/;%s*/plugin/;", "")
    end
    d = read(source "zynq-zocl-intc.dtsi")
    assert.equal("zynq", d.arch)
    assert.same({ axi_intc_0 = { parent = "", index = 0, raw_irq = 61 } }, d:dictionaries().interrupt_controllers)
    assert.same({ "fabric 0xa0000000+0x10000 nil" }, listed(dictionaries(source "kv260-pynq.dts")))
    assert.same({ "al5d/interrupt PS 2 138", "al5e/interrupt PS 2 138", "axi_iic/iic2intc_irpt PS 3 139",
                  "isp_csiss/interrupt PS 0 136", "isp_fb_wr_csi/interrupt PS 1 137" },
                (function()
                  local list = {}
                  for _, line in ipairs(pins(dictionaries(source "kv260-smartcam.dtsi"))) do
                    if not line:find "^vcu" then list[#list + 1] = line end
                  end
                  return list
                end)())
  end)
end)
