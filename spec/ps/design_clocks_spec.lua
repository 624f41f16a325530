-- Clocks of a design: what a download sets on the board, and what the simulated logic then runs at.
describe("the clocks of a design", function()
  local lunq = require "lunq"
  local fixture = dofile "spec/overlay/fixture.lua"

  local device, overlay
  local PS7 <const> = { -- IO PLL 50 * 20 = 1000 MHz, clock 0: / 5 / 2, clock 1: ARM PLL 1300 / 26 / 1
    PCW_CRYSTAL_PERIPHERAL_FREQMHZ = "50", PCW_ARMPLL_CTRL_FBDIV = 26, PCW_DDRPLL_CTRL_FBDIV = 21,
    PCW_IOPLL_CTRL_FBDIV = 20,
    PCW_FPGA_FCLK0_ENABLE = 1, PCW_FCLK0_PERIPHERAL_CLKSRC = "IO PLL", PCW_FCLK0_PERIPHERAL_DIVISOR0 = 5,
    PCW_FCLK0_PERIPHERAL_DIVISOR1 = 2, PCW_FPGA0_PERIPHERAL_FREQMHZ = 100,
    PCW_FPGA_FCLK1_ENABLE = 1, PCW_FCLK1_PERIPHERAL_CLKSRC = "ARM PLL", PCW_FCLK1_PERIPHERAL_DIVISOR0 = 26,
    PCW_FCLK1_PERIPHERAL_DIVISOR1 = 1, PCW_FPGA1_PERIPHERAL_FREQMHZ = 50,
    PCW_FPGA_FCLK2_ENABLE = 0, PCW_FCLK2_PERIPHERAL_DIVISOR0 = 1, PCW_FCLK2_PERIPHERAL_DIVISOR1 = 1,
  }
  local MP <const> = { -- PL0 on the IOPLL, PL1 on the RPLL
    PSU__PSS_REF_CLK__FREQMHZ = "33.333", PSU__CRL_APB__IOPLL_CTRL__FBDIV = 90, PSU__CRL_APB__IOPLL_CTRL__DIV2 = 1,
    PSU__CRL_APB__RPLL_CTRL__FBDIV = 45, PSU__CRL_APB__RPLL_CTRL__DIV2 = 1,
    PSU__FPGA_PL0_ENABLE = 1, PSU__CRL_APB__PL0_REF_CTRL__SRCSEL = "RPLL", PSU__CRL_APB__PL0_REF_CTRL__DIVISOR0 = 5,
    PSU__CRL_APB__PL0_REF_CTRL__DIVISOR1 = 1, PSU__CRL_APB__PL0_REF_CTRL__ACT_FREQMHZ = "149.998505",
    PSU__FPGA_PL1_ENABLE = 0, PSU__CRL_APB__PL1_REF_CTRL__SRCSEL = "IOPLL",
    PSU__CRL_APB__PL1_REF_CTRL__DIVISOR0 = 15, PSU__CRL_APB__PL1_REF_CTRL__DIVISOR1 = 1,
  }

  local function with(parameters, changes)
    local all = {}
    for k, v in pairs(parameters) do all[k] = v end
    for k, v in pairs(changes or {}) do all[k] = v end
    return all
  end

  --- A timer on clock 0, one behind a clocking wizard, one on clock 1, a UART on clock 0.
  local function timer(path, base, net)
    return { path = path, vlnv = "xilinx.com:ip:axi_timer:2.0", base = base, ports = {
      { NAME = "s_axi_aclk", DIR = "I", SIGIS = "clk", SIGNAME = net, CLKFREQUENCY = 100000000 } } }
  end
  local MODULES <const> = {
    timer("timer", 0x42800000, "clk0"), timer("slow", 0x42810000, "wiz"), timer("other", 0x42820000, "clk1"),
    { path = "wizard", vlnv = "xilinx.com:ip:clk_wiz:6.0", ports = {
      { NAME = "clk_in1", DIR = "I", SIGNAME = "clk0" }, { NAME = "clk_out1", DIR = "O", SIGNAME = "wiz" } } },
    { path = "uart", vlnv = "xilinx.com:ip:axi_uartlite:2.0", base = 0x42C00000, params = { C_BAUDRATE = 1000000 },
      ports = { { NAME = "s_axi_aclk", DIR = "I", SIGNAME = "clk0" } } },
    { path = "dma", vlnv = "xilinx.com:ip:axi_cdma:4.1", base = 0x44A00000, params = { C_INCLUDE_SG = 0 }, ports = {
      { NAME = "s_axi_lite_aclk", DIR = "I", SIGNAME = "clk1" }, { NAME = "m_axi_aclk", DIR = "I", SIGNAME = "clk0" },
      { NAME = "s_axi_lite_aresetn", DIR = "I", SIGIS = "rst", SIGNAME = "reset" } } },
    { path = "gpio", vlnv = "xilinx.com:ip:axi_gpio:2.0", base = 0x41200000,
      params = { C_GPIO_WIDTH = 1, C_ALL_OUTPUTS = 1, C_DOUT_DEFAULT = "0x00000001" },
      ports = { { NAME = "gpio_io_o", DIR = "O", SIGNAME = "reset" } } },
    { path = "bram", vlnv = "xilinx.com:ip:axi_bram_ctrl:4.1", base = 0x40000000, memtype = "MEMORY",
      ports = { { NAME = "s_axi_aclk", DIR = "I", SIGNAME = "clk0" } } },
  }
  local PS_PORTS <const> = { { NAME = "FCLK_CLK0", DIR = "O", SIGNAME = "clk0" },
                             { NAME = "FCLK_CLK1", DIR = "O", SIGNAME = "clk1" } }

  local function write_hwh(parameters, changes)
    local text = fixture.hwh { modules = MODULES, ps_params = with(parameters, changes), ps_ports = PS_PORTS }
    if parameters == MP then
      text = text:gsub("processing_system7:5.5", "zynq_ultra_ps_e:3.3"):gsub("processing_system7", "zynq_ultra_ps_e")
                 :gsub('ARCH="zynq"', 'ARCH="zynquplus"'):gsub("FCLK_CLK", "pl_clk")
    end
    return fixture.write(fixture.folder() .. "/top.hwh", text)
  end

  --- Loads a design on `spec`; gives its clocks and the warnings.
  local function load(parameters, changes, spec)
    device = device or lunq.Device.open(spec or "sim")
    local list
    list, overlay = lunq.warnings.capture(lunq.Overlay, write_hwh(parameters, changes), { device = device })
    for i, w in ipairs(list) do list[i] = w.text end
    return lunq.Clocks(device), list
  end

  after_each(function()
    if overlay then overlay:free() end
    if device then device:close() end
    device, overlay = nil, nil
    fixture.clean()
  end)

  it("are in clock_dict, with the frequency they are made for", function()
    load(PS7)
    assert.same({ enable = 1, divisor0 = 5, divisor1 = 2, source = "IO PLL", mhz = 100.0 }, overlay.clock_dict[0])
    assert.equal(0, overlay.clock_dict[2].enable)
    load(MP)
    assert.equal(149.998505, overlay.clock_dict[0].mhz) -- what the divisors give, not what was wished
  end)

  it("are known by who is on them, behind clocking wizards too", function()
    local design = lunq.core.design_parse("top.hwh", io.open(write_hwh(PS7)):read "a")
    local users = design:dictionaries().clock_users
    for _, entry in ipairs(users) do table.sort(entry.users) end
    assert.same({ { clock = 0, users = { "bram", "dma", "slow", "timer", "uart" } },
                  { clock = 1, users = { "dma", "other" } } }, users)
  end)

  it("end at wizards that feed each other, however many outputs they have", function()
    local modules = {}
    for _, names in ipairs { { "a", "b" }, { "b", "a" } } do
      local ports = { { NAME = "clk_in1", DIR = "I", SIGNAME = names[1] == "a" and "clk0" or "ab" } }
      for i = 1, 3000 do
        ports[#ports + 1] = { NAME = "clk_out" .. i, DIR = "O", SIGNAME = names[1] .. names[2] }
      end
      ports[#ports + 1] = { NAME = "clk_out", DIR = "O", SIGNAME = "clk0" }
      modules[#modules + 1] = { path = names[1], vlnv = "xilinx.com:ip:clk_wiz:6.0", ports = ports }
    end
    local text = fixture.hwh { modules = modules, ps_params = PS7, ps_ports = PS_PORTS }
    assert.same({}, lunq.core.design_parse("top.hwh", text):dictionaries().clock_users)
  end)

  it("are set by a download, source and divisors together (C49)", function()
    for _, parameters in ipairs { PS7, MP } do
      local clocks, warned = load(parameters)
      assert.same({}, warned)
      local want = clocks[0].mhz
      clocks[0]:set { divisor0 = 63, divisor1 = 3, source = parameters == PS7 and "DDR PLL" or "IOPLL" }
      clocks[0].on = false
      overlay:download()
      assert.equal(want, clocks[0].mhz)
      assert.is_true(clocks[0].on)
      assert.equal(parameters == PS7 and "IO PLL" or "RPLL", clocks[0].source)
      assert.is_true(math.abs(clocks[0].error) < 1e-6)
      overlay:free()
    end
  end)

  -- PYNQ sets those the design has switched off to 100 MHz.
  it("that are off stay as they are (C43)", function()
    local clocks = load(MP)
    assert.is_false(clocks[1].on)
    clocks.set_pl_clk(1, 11, 7)
    clocks[1].on = false
    overlay:download()
    assert.is_false(clocks[1].on)
    assert.same({ 11, 7 }, { clocks[1].divisor0, clocks[1].divisor1 })
    overlay:free()
    clocks = load(PS7)
    clocks.set_pl_clk(2, 11, 7)
    overlay:download()
    assert.same({ 11, 7 }, { clocks[2].divisor0, clocks[2].divisor1 })
  end)

  it("are not set with download=false, nor by a partial design", function()
    local clocks = load(PS7)
    clocks.fclk0_mhz = 40
    local again <close> = lunq.Overlay(overlay.bitfile_name, { device = device, download = false })
    assert.equal(40.0, clocks.fclk0_mhz)
    assert.is_true(again:is_loaded())
  end)

  it("can be changed in clock_dict for the next download", function()
    local clocks = load(PS7)
    overlay.clock_dict[0] = { enable = 1, divisor0 = 20, divisor1 = 1 }
    overlay.clock_dict[1] = { enable = 1, divisor0 = "many", divisor1 = 1 }
    overlay.clock_dict[2], overlay.clock_dict[3] = "fast", { enable = 0, divisor0 = 3, divisor1 = 3 }
    local warned = lunq.warnings.capture(overlay.download, overlay)
    assert.same({ {
      category = "user",
      text = "Clock 1 of the design was not set: divisor0 should be a whole number, not string",
    } }, warned)
    assert.same({ 50.0, 50.0 }, { clocks.fclk0_mhz, clocks.fclk1_mhz })
    assert.is_nil(clocks[0].asked_mhz)
    overlay:reset() -- back to the design's
    overlay:download()
    assert.equal(100.0, clocks.fclk0_mhz)
  end)

  it("of an older design are forgotten", function()
    local clocks = load(PS7)
    clocks.fclk2_mhz = 40
    assert.equal(40.0, clocks[2].asked_mhz)
    overlay:download()
    assert.is_nil(clocks[2].asked_mhz)
    assert.equal(100.0, clocks[0].asked_mhz)
  end)

  it("that come out wrong are explained: the PLL is not what the design takes it for", function()
    local clocks, warned = load(PS7, { PCW_IOPLL_CTRL_FBDIV = 32 })
    assert.same({ "Clock 0 of the design should have 100 MHz and has 160 MHz: its divisors 5 and 2 are meant for the "
                  .. "IO PLL at 1000 MHz, which has 1600 MHz here. Was the board booted for another design, or is its "
                  .. "crystal another one? lunq.Clocks.fclk0_mhz = 100 sets the nearest frequency." }, warned)
    clocks.fclk0_mhz = 100
    assert.equal(100.0, clocks.fclk0_mhz)
  end)

  it("without divisors, or with wrong ones, are left alone with a warning", function()
    local clocks, warned = load(PS7, { PCW_FCLK0_PERIPHERAL_DIVISOR0 = 64, PCW_FCLK1_PERIPHERAL_DIVISOR1 = "none" })
    assert.same({
      "Clock 0 of the design was not set: Frequency divider 0 value out of range. It is 64; 1 to 63 divide.",
      "Clock 1 of the design is used, but its metadata have no divisors for it: it stays as it is.",
    }, warned)
    assert.equal(50.0, clocks.fclk1_mhz)
    overlay:free()
    warned = select(2, load(PS7, { PCW_FCLK0_PERIPHERAL_CLKSRC = "External" }))
    assert.same({ 'Clock 0 of the design was not set: "External" is no source of a PL clock of a Zynq-7000: there are '
                  .. "IO PLL, ARM PLL and DDR PLL." }, warned)
  end)

  it("mean nothing to another family", function()
    local clocks, warned = load(PS7, nil, "sim:zynqmp")
    assert.equal(1, #warned)
    assert.matches("would refuse it", warned[1])
    clocks.ref_mhz = 33.333
    assert.is_false(clocks[0].on)
  end)

  describe("on the simulated device", function()
    --- Ticks of a timer in ten microseconds; the accesses themselves take time too.
    local function ticks(ip)
      local m = ip.mmio
      m:write(0, 1 << 7 | 1 << 4) -- TCSR0: ENT, ARHT
      local from = m:read(8)
      device:advance(9900)
      return m:read(8) - from
    end

    it("are those of the boot image before anything is set, and stay for the next design", function()
      local clocks = load(PS7)
      assert.equal(650.0, clocks.cpu_mhz)
      assert.same({ 100.0, 50.0 }, { clocks.fclk0_mhz, clocks.fclk1_mhz })
      clocks.fclk3_mhz = 25
      load(PS7, { PCW_FCLK0_PERIPHERAL_DIVISOR0 = 10, PCW_FPGA0_PERIPHERAL_FREQMHZ = 50 })
      assert.same({ 50.0, 25.0 }, { clocks.fclk0_mhz, clocks.fclk3_mhz })
      load(PS7, { PCW_IOPLL_CTRL_FBDIV = 24, PCW_FPGA0_PERIPHERAL_FREQMHZ = 120 }) -- another board
      assert.equal(120.0, clocks.fclk0_mhz)
      assert.is_not.equal(25.0, clocks.fclk3_mhz)
    end)

    it("have the PLLs that the design's frequencies need where it does not name them", function()
      local clocks = load(PS7, { PCW_IOPLL_CTRL_FBDIV = "", PCW_FCLK0_PERIPHERAL_DIVISOR0 = 8 })
      assert.equal(1600.0, clocks[0].source_mhz)
      assert.equal(100.0, clocks.fclk0_mhz)
    end)

    it("drive the models: a timer, behind a clocking wizard too", function()
      local clocks = load(PS7)
      assert.equal(1000, ticks(overlay.timer))
      clocks.fclk0_mhz = 50
      assert.equal(500, ticks(overlay.timer))
      assert.equal(500, ticks(overlay.slow))
      assert.equal(1000, ticks(overlay.other)) -- on clock 1
      clocks.fclk0_mhz = 200
      assert.equal(2000, ticks(overlay.timer))
    end)

    it("are what a timer's driver counts with, behind a clocking wizard too", function()
      local clocks = load(PS7)
      local first = overlay.timer
      assert.equal(100000000, first.frequency)
      clocks.fclk0_mhz = 50
      assert.same({ 50e6, 50e6, 100e6 }, { first.frequency, overlay.slow.frequency, overlay.other.frequency })
      local from = device:now()
      first.timer0:start { seconds = 1e-3, once = true }
      first.timer0:wait()
      assert.is_true(math.abs(device:now() - from - 1000000) < 10000, device:now() - from)
      assert.equal(1e-3, first.timer0:period())
      first.frequency = 25000000 -- whoever knows better
      assert.equal(2e-3, first.timer0:period())
      assert.matches('has no "frequenzy"', fixture.raised(function() return first.frequenzy end)[2], 1, true)
    end)

    it("that change under a running timer count from then on", function()
      local clocks = load(PS7)
      local m = overlay.timer.mmio
      m:write(0, 1 << 7 | 1 << 4)
      device:advance(100000)
      local before = m:read(8)
      clocks.fclk0_mhz = 10
      local after = m:read(8)
      assert.is_true(after > before and after - before < 400, after - before)
      device:advance(10000)
      assert.is_true(math.abs(m:read(8) - after - 101) <= 1)
    end)

    it("set the pace of a UART", function()
      local clocks = load(PS7)
      local function sent()
        local from = device:now()
        overlay.uart.mmio:write(4, 0x55)
        while overlay.uart.mmio:read(8) & 4 == 0 do device:advance(100) end
        return device:now() - from
      end
      local fast = sent()
      clocks.fclk0_mhz = 25
      assert.is_true(sent() > 3.5 * fast)
    end)

    it("set the pace of a DMA", function()
      local clocks = load(PS7)
      local src <close> = lunq.allocate(4096, "u4", { target = device })
      local dst <close> = lunq.allocate(4096, "u4", { target = device })
      local function copied()
        local m, from = overlay.dma.mmio, device:now()
        m:write(0x18, src.device_address)
        m:write(0x20, dst.device_address)
        m:write(0x28, src.nbytes)
        m:poll(4, 2, 2)
        return device:now() - from
      end
      local fast = copied() -- 4096 words at 100 MHz
      clocks.fclk0_mhz = 20
      assert.is_true(copied() > 4 * fast)
      -- Its model starts anew in a reset: what kept the frequency then is gone.
      local gpio = overlay.gpio.mmio
      gpio:write(0, 0)
      device:advance(1000)
      gpio:write(0, 1)
      device:advance(1000)
      assert.is_true(copied() > 4 * fast)
      clocks.fclk0_mhz = 100
      assert.is_true(copied() < 2 * fast)
    end)

    it("that are off let nobody at the IP on them: a board would hang", function()
      local clocks = load(PS7)
      overlay.bram:write(0, 7)
      clocks[0].on = false
      local text = "Bus error (no answer) reading 4 bytes at 0x42800000 (timer + 0x0): its clock s_axi_aclk, PL clock "
                   .. "0, is off. A board hangs here. lunq.Clocks[0].on = true starts it."
      assert.same({ "io", text }, fixture.raised(overlay.timer.mmio.read, overlay.timer.mmio, 0))
      assert.equal("io", fixture.raised(overlay.slow.mmio.read, overlay.slow.mmio, 0)[1])
      assert.equal("io", fixture.raised(overlay.bram.read, overlay.bram, 0)[1])
      assert.equal(0, overlay.other.mmio:read(0))
      clocks[0].on = true
      assert.equal(7, overlay.bram:read(0))
    end)
  end)
end)
