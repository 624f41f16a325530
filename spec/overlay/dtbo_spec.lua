--- Overlays without an HWH: a device-tree overlay, or a firmware package as Kria boards have them.
describe("an overlay out of a device tree", function()
  local lunq = require "lunq"
  local core = require "lunq.core"
  local fixture = dofile "spec/overlay/fixture.lua"
  local dtc = dofile "spec/design/support/dtc.lua"
  local raised, write = fixture.raised, fixture.write
  local device, dir

  local SOURCE <const> = [[
    /dts-v1/; /plugin/;
    &fpga_full { firmware-name = "app.bit.bin"; };
    &amba {
      #address-cells = <2>; #size-cells = <2>;
      axi_gpio_0: gpio@a0010000 {
        compatible = "xlnx,axi-gpio-2.0", "xlnx,xps-gpio-1.00.a"; reg = <0 0xa0010000 0 0x10000>;
        xlnx,gpio-width = <4>; xlnx,all-outputs = <1>; clocks = <&zynqmp_clk 71>;
      };
      fir@a0000000 { compatible = "xlnx,spec-fir-1.0", "generic-uio"; reg = <0 0xa0000000 0 0x1000>; };
    };]]
  local BIN <const> = ("\xff"):rep(32) .. "\x66\x55\x99\xAA" .. ("\0"):rep(28)

  before_each(function()
    device, dir = core.device_open "sim:zynqmp?seed=77", fixture.folder()
    write(dir .. "/app.dtbo", dtc.blob(SOURCE))
  end)
  after_each(function()
    device:close()
    fixture.clean()
    dtc.clean()
  end)

  --- Opens without showing the warning about vendors: the overlay, its warnings as a text.
  local function open(file)
    local list, ol = lunq.warnings.capture(lunq.Overlay, file, { device = device })
    for i, w in ipairs(list) do list[i] = w.text end
    return ol, table.concat(list, "\n")
  end

  it("runs on the simulated device, with drivers and their parameters", function()
    local ol <close> = open(dir .. "/app.dtbo")
    assert.equal(dir .. "/app.dtbo", ol.dtbo)
    ol.axi_gpio_0.channel1:write(5, 0xf)
    assert.equal(5, ol.axi_gpio_0.mmio:read(0))
    assert.equal("4", ol.ip_dict.axi_gpio_0.parameters.C_GPIO_WIDTH)
    ol.fir.mmio:write(0x10, 7)
    assert.equal(7, ol.fir.mmio:read(0x10))
  end)

  it("takes a custom overlay file beside it", function()
    write(dir .. "/app.lua", "return require('lunq').DefaultOverlay:extend { mine = true }")
    local ol <close> = open(dir .. "/app.dtbo")
    assert.is_true(ol.mine)
  end)

  -- A device tree does not say the vendor of custom IP.
  it("gets the driver that is bound to an IP's name and version, when there is one only", function()
    local One = lunq.DefaultIP:extend { bindto = { "spec.org:user:spec_fir:1.0" } }
    local ol <close> = open(dir .. "/app.dtbo")
    assert.equal(One, getmetatable(ol.fir))
    local Two = lunq.DefaultIP:extend { bindto = { "other.org:hls:spec_fir:1.0" } }
    local again <close>, warned = open(dir .. "/app.dtbo")
    assert.not_equal(One, getmetatable(again.fir))
    local why = "IP fir may be any of other.org:hls:spec_fir:1.0, spec.org:user:spec_fir:1.0, for a device tree does "
                .. "not say its vendor; it gets no driver. Give its node a property lunq,vlnv."
    assert.truthy(warned:find(why, 1, true), warned)
    One:unregister()
    Two:unregister()
  end)

  it("finds the bitstream its overlay asks for, and those of its name", function()
    write(dir .. "/other.dtbo", dtc.blob(SOURCE))
    write(dir .. "/app.bit.bin", BIN)
    local ol <close> = open(dir .. "/other.dtbo")
    assert.equal(dir .. "/app.bit.bin", ol._files.bitstream)
    local named <close> = open(dir .. "/app.bit.bin")
    assert.same({ dir .. "/app.dtbo", dir .. "/app.bit.bin" }, { named._files.metadata, named._files.bitstream })
  end)

  it("prefers an HWH beside a bitstream", function()
    write(dir .. "/app.bit.bin", BIN)
    write(dir .. "/app.hwh", dtc.slurp "spec/design/fixtures/board.hwh")
    local ol <close> = open(dir .. "/app.bit.bin")
    assert.equal("hwh", ol.design.format)
  end)

  describe("in the folder of a package", function()
    before_each(function()
      write(dir .. "/app.bit.bin", BIN)
      write(dir .. "/shell.json", '{\n    "shell_type" : "XRT_FLAT",\n    "num_slots": "1"\n}\n')
    end)

    it("is opened by the folder, wherever it is named", function()
      local ol <close> = open(dir)
      assert.same({ dir .. "/app.dtbo", dir .. "/app.bit.bin", "dtbo" },
                  { ol.dtbo, ol.bitfile_name, ol.design.format })
      assert.equal(0xa0010000, ol.ip_dict.axi_gpio_0.phys_addr)
      lunq.overlay_path[1] = dir:match "^(.*)/"
      local found <close> = open(dir:match "([^/]*)$")
      lunq.overlay_path[1] = nil
      assert.equal(dir .. "/app.dtbo", found.dtbo)
    end)

    it("is shown by lunq info", function()
      local code, out = dtc.lunq("info", dir)
      assert.equal(0, code)
      assert.equal(("shell XRT_FLAT, slots: 1\n%s/app.dtbo, device-tree overlay, taken for zynquplus, bitstream "
                    .. "app.bit.bin\n"):format(dir), out:match "^[^\n]*\n[^\n]*\n")
    end)

    it("takes the overlay that is called as the folder is, else there is one only", function()
      write(dir .. "/b.dtbo", dtc.blob(SOURCE))
      assert.same({ "value", dir .. " has several .dtbo files: app.dtbo, b.dtbo; name the one that is meant" },
                  raised(open, dir))
      write(("%s/%s.dtbo"):format(dir, dir:match "([^/]*)$"), dtc.blob(SOURCE))
      local ol <close> = open(dir)
      assert.equal(("%s/%s.dtbo"):format(dir, dir:match "([^/]*)$"), ol.dtbo)
    end)

    it("refuses a damaged shell.json and a folder without an overlay", function()
      write(dir .. "/shell.json", '{ "shell_type": 3 }')
      assert.same({ "value", dir .. '/shell.json: no shell_type; it should be as { "shell_type": "XRT_FLAT", '
                             .. '"num_slots": "1" }' }, raised(open, dir))
      write(dir .. "/shell.json", ("["):rep(60000))
      assert.equal("value", raised(open, dir)[1])
      os.remove(dir .. "/app.dtbo")
      assert.matches("^Bitstream file .* does not exist%. It is a folder", raised(open, dir)[2])
      local code, _, err = dtc.lunq("info", dir)
      assert.same({ 1, ("lunq: %s is a folder without a device-tree overlay (.dtbo); a package as in "
                        .. "/lib/firmware/xilinx has one. Name a .bit or .hwh file otherwise\n"):format(dir) },
                  { code, err })
    end)
  end)
end)
