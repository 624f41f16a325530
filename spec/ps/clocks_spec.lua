-- lunq.Clocks: pynq-behaviour.md B13 and PYNQ's test_clocks (58 cases), on the simulated processing
-- systems, whose registers a spec sets as PYNQ's tests do: 1500 MHz PLLs, dividers of 5 and 3.
describe("lunq.Clocks", function()
  local lunq = require "lunq"
  local raised = dofile "spec/overlay/fixture.lua".raised

  local device, clocks, windows

  --- The registers of a processing system: read(offset), write(offset, value), whatever their lock.
  local function registers(base)
    windows[#windows + 1] = lunq.MMIO(base, 0x1000, device)
    return windows[#windows]
  end

  local function board(spec, ref_mhz)
    device = lunq.Device.open(spec)
    clocks = lunq.Clocks(device)
    if ref_mhz then clocks.ref_mhz = ref_mhz end
  end

  --- What fn raises or does not, and the warnings meanwhile, as a list of texts.
  local function warned(fn)
    local list = {}
    for i, w in ipairs((lunq.warnings.capture(fn))) do list[i] = w.text end
    return list
  end

  before_each(function() windows = {} end)
  after_each(function()
    for _, w in ipairs(windows) do w:close() end
    device:close()
  end)

  describe("on a Zynq-7000", function()
    local slcr

    before_each(function()
      board("sim:zynq7000", 50)
      slcr = registers(0xF8000000)
      slcr:write(0x008, 0xDF0D)
    end)

    --- divisor0, divisor1, source of clock i
    local function fields(i)
      local word = slcr:read(0x170 + 0x10 * i)
      return word >> 8 & 63, word >> 20 & 63, word >> 4 & 3
    end

    --- A PLL at 1500 MHz and a clock made of it with 5 * 3.
    local function arrange(pll, i, word)
      slcr:write(pll, 30 << 12)
      slcr:write(0x170 + 0x10 * i, word)
    end

    for _, pll in ipairs { { "ARM PLL", 0x100, 0x00300520 }, { "DDR PLL", 0x104, 0x00300530 },
                           { "IO PLL", 0x108, 0x00300500 }, { "IO PLL", 0x108, 0x00300510, "its second value" } } do
      for i = 0, 3 do
        it(("reads and sets fclk%d from the %s%s"):format(i, pll[1], pll[4] and ", " .. pll[4] or ""), function()
          local name = ("fclk%d_mhz"):format(i)
          arrange(pll[2], i, pll[3])
          assert.equal(100.0, clocks[name])
          assert.equal(pll[1], clocks[i].source)
          assert.same({}, warned(function() clocks[name] = 50 end))
          local div0, div1, source = fields(i)
          assert.equal(30, div0 * div1)
          assert.equal(pll[3] >> 4 & 3, source) -- it stays on its PLL
          assert.equal(50.0, clocks[name])
        end)
      end
    end

    for _, pll in ipairs { { "the ARM PLL", 0x100, 0 }, { "the ARM PLL by its second value", 0x100, 1 },
                           { "the DDR PLL", 0x104, 2 }, { "the IO PLL", 0x108, 3 } } do
      it("reads the CPU's clock from " .. pll[1], function()
        slcr:write(pll[2], 30 << 12)
        slcr:write(0x120, 2 << 8 | pll[3] << 4)
        assert.equal(750.0, clocks.cpu_mhz)
      end)
    end

    it("refuses a clock that is not there before anything is written (C51)", function()
      device:trace(true)
      for _, i in ipairs { -1, 4 } do
        local message = { "value", "Valid PL clock index is 0 - 3." }
        assert.same(message, raised(clocks.get_pl_clk, i))
        assert.same(message, raised(clocks.set_pl_clk, i))
        assert.same(message, raised(function() return clocks[i] end))
      end
      assert.equal("", device:trace(false))
    end)

    it("gives the value it reads (C51)", function()
      arrange(0x108, 0, 0x00300500)
      assert.equal(100.0, clocks.get_pl_clk(0))
      assert.equal(100.0, clocks:get_pl_clk(0)) -- a colon is as good as a dot
    end)

    it("takes the nearest frequency there is, and warns when it is more than 1 % off", function()
      arrange(0x100, 0, 0x00300520)
      assert.same({ "Setting frequency to the closest possible value 500.0MHz. 440 MHz were asked of clock 0, "
                    .. "which is made by dividing the ARM PLL's 1500 MHz." },
                  warned(function() clocks.fclk0_mhz = 440 end))
      local div0, div1 = fields(0)
      assert.equal(3, div0 * div1)
      assert.equal(440.0, clocks[0].asked_mhz)
      assert.is_true(math.abs(clocks[0].error - 60 / 440) < 1e-9)
      assert.same({}, warned(function() clocks.fclk0_mhz = 503 end)) -- 0.6 %
    end)

    it("works out the second divider from the first", function()
      arrange(0x100, 0, 0x00300520)
      clocks.set_pl_clk(0, 5, nil, 50)
      assert.same({ 5, 6, 2 }, { fields(0) })
    end)

    it("works out the first divider from the second", function()
      arrange(0x100, 0, 0x00300520)
      clocks.set_pl_clk(0, nil, 5, 50)
      assert.same({ 6, 5, 2 }, { fields(0) })
    end)

    it("takes both dividers as they are, whatever frequency stands beside them", function()
      arrange(0x100, 0, 0x00300520)
      assert.same({}, warned(function() clocks.set_pl_clk(0, 3, 5, 50) end))
      assert.same({ 3, 5, 2 }, { fields(0) })
      assert.is_nil(clocks[0].asked_mhz)
    end)

    it("means 100 MHz when nothing is said", function()
      arrange(0x100, 1, 0x00100120)
      clocks.set_pl_clk(1)
      assert.equal(100.0, clocks.fclk1_mhz)
    end)

    it("refuses dividers that don't divide, and leaves the clock alone", function()
      arrange(0x100, 0, 0x00300520)
      for _, case in ipairs { { -1, 10, 0, -1 }, { 10, 0, 1, 0 }, { 64, 10, 0, 64 }, { 10, 64, 1, 64 } } do
        assert.same({ "value", ("Frequency divider %d value out of range. It is %d; 1 to 63 divide."):format(
                      case[3], case[4]) }, raised(clocks.set_pl_clk, 0, case[1], case[2]))
      end
      -- one divider, and what would have to be the other
      assert.same({ "value", "Frequency divider 0 value out of range. It is 0; 1 to 63 divide." },
                  raised(clocks.set_pl_clk, 0, 0, nil, 50))
      assert.same({ "value", "Frequency divider 1 value out of range. It is 0; 1 to 63 divide." },
                  raised(clocks.set_pl_clk, 0, 63, nil, 100))
      assert.same({ "value", "Frequency divider 1 value out of range. It is 1500; 1 to 63 divide." },
                  raised(clocks.set_pl_clk, 0, 1, nil, 1))
      assert.same({ 5, 3, 2 }, { fields(0) })
    end)

    -- want >= 2 * source divided by zero.
    it("refuses a frequency beyond its PLL's (C51)", function()
      arrange(0x100, 0, 0x00300520)
      assert.same({ "value", "3000 MHz can't be made: the clock comes from the ARM PLL, which has 1500 MHz." },
                  raised(function() clocks.fclk0_mhz = 3000 end))
      assert.same({ "value", "A clock of 0 MHz can't be made." }, raised(function() clocks.fclk0_mhz = 0 end))
      assert.same({ "value", "A clock of -5 MHz can't be made." }, raised(function() clocks.fclk0_mhz = -5 end))
      assert.same({ "value", "A clock of inf MHz can't be made." },
                  raised(function() clocks.fclk0_mhz = math.huge end))
      assert.equal("value", raised(function() clocks.fclk0_mhz = 0 / 0 end)[1])
      assert.equal(1, #warned(function() clocks.fclk0_mhz = 2999 end)) -- its PLL's, with a warning
      assert.equal(1500.0, clocks.fclk0_mhz)
    end)

    -- PYNQ's choice: the product met first when both factors are counted up, the first one outside;
    -- of its pairs the one with the largest first factor.
    for _, case in ipairs { { 15.5, 15, 1 }, { 65.5, 33, 2 }, { 30, 30, 1 }, { 65, 13, 5 }, { 333, 37, 9 },
                            { 1, 1, 1 }, { 0.75, 1, 1 }, { 63, 63, 1 }, { 64, 32, 2 }, { 3969, 63, 63 },
                            { 5000, 63, 63 } } do
      it(("divides by %s as %d * %d"):format(case[1], case[2], case[3]), function()
        arrange(0x100, 0, 0x00300520)
        warned(function() clocks.fclk0_mhz = 1500 / case[1] end)
        local div0, div1 = fields(0)
        assert.same({ case[2], case[3] }, { div0, div1 })
      end)
    end

    it("selects the PLL that is asked for, with dividers for that one, in one write", function()
      arrange(0x100, 0, 0x00300500)
      slcr:write(0x108, 20 << 12)
      device:trace(true)
      assert.equal(60.0, clocks[0]:set { mhz = 60, source = "ARM PLL" })
      local writes = 0
      for _ in device:trace(false):gmatch "write slcr%+0x170" do writes = writes + 1 end
      assert.equal(1, writes)
      assert.same({ 25, 1, 2 }, { fields(0) })
      assert.equal("ARM PLL", clocks[0].source)
      assert.same({ "value",
                    '"RPLL" is no source of a PL clock of a Zynq-7000: there are IO PLL, ARM PLL and DDR PLL.' },
                  raised(clocks[0].set, clocks[0], { mhz = 60, source = "RPLL" }))
    end)

    it("stops a clock and starts it again; setting one starts it", function()
      arrange(0x108, 2, 0x00300500)
      assert.is_true(clocks[2].on)
      clocks[2].on = false
      assert.equal(1, slcr:read(0x198)) -- FPGA2_THR_CNT
      assert.is_false(clocks[2].on)
      assert.equal(100.0, clocks[2].mhz)
      clocks[2].on = true
      assert.equal(0, slcr:read(0x198))
      clocks[2].on = false
      clocks.fclk2_mhz = 50
      assert.is_true(clocks[2].on)
    end)

    it("opens the lock of the registers, and closes it again", function()
      arrange(0x108, 0, 0x00300500)
      slcr:write(0x004, 0x767B)
      slcr:write(0x170, 0)
      assert.equal(0x00300500, slcr:read(0x170)) -- locked
      clocks.fclk0_mhz = 50
      assert.equal(50.0, clocks.fclk0_mhz)
      assert.equal(1, slcr:read(0x00C))
      clocks[0].on = false
      assert.is_false(clocks[0].on)
      assert.equal(1, slcr:read(0x00C))
    end)

    it("takes a divider of 0 for 1, as the hardware does", function()
      arrange(0x108, 0, 0x00000500)
      assert.equal(300.0, clocks.fclk0_mhz)
      assert.equal(0, clocks[0].divisor1)
    end)

    it("have no frequency while their PLL has none", function()
      slcr:write(0x108, 0)
      slcr:write(0x170, 0x00300500)
      assert.equal("fclk0 0 MHz = IO PLL 0 / 5 / 3", tostring(clocks[0]))
      assert.same({ "value", "50 MHz can't be made: the clock comes from the IO PLL, which has 0 MHz." },
                  raised(function() clocks.fclk0_mhz = 50 end))
    end)

    it("are a table that can be read", function()
      arrange(0x108, 0, 0x00300500)
      arrange(0x100, 1, 0x00300520)
      slcr:write(0x104, 21 << 12)
      slcr:write(0x190, 0x00A00530)
      slcr:write(0x1A0, 0x00A00530)
      slcr:write(0x120, 2 << 8)
      clocks.fclk0_mhz = 136
      clocks[3].on = false
      assert.equal([[
Clocks of sim:zynq7000: CPU 750 MHz, reference 50 MHz (script)
  clock  asked MHz   actual MHz  error %   made of
  fclk0  136         136.363636  +0.2674   IO PLL 1500 / 11 / 1
  fclk1  -           100         -         ARM PLL 1500 / 5 / 3
  fclk2  -           21          -         DDR PLL 1050 / 5 / 10
  fclk3  -           21          -         DDR PLL 1050 / 5 / 10, off]], tostring(clocks))
      assert.equal("fclk1 100 MHz = ARM PLL 1500 / 5 / 3", tostring(clocks[1]))
    end)
  end)

  describe("on a Zynq UltraScale+", function()
    local crl, crf

    before_each(function()
      board("sim:zynqmp", 33.333)
      crl, crf = registers(0xFF5E0000), registers(0xFD1A0000)
      crf:write(0x4C, 1 << 8) -- DPLL_TO_LPD: 1, as PYNQ takes it
    end)

    local function fields(i)
      local word = crl:read(0xC0 + 4 * i)
      return word >> 8 & 63, word >> 16 & 63, word & 7, word >> 24 & 1
    end

    local plls = {
      { "IOPLL", function() return crl end, 0x20, 0x00050300 },
      { "RPLL", function() return crl end, 0x30, 0x00050302 },
      { "DPLL", function() return crf end, 0x2C, 0x00050303 },
    }

    for _, pll in ipairs(plls) do
      for i = 0, 3 do
        for div2 = 0, 1 do
          it(("reads and sets fclk%d from the %s%s"):format(i, pll[1], div2 == 1 and " with DIV2" or ""), function()
            local name = ("fclk%d_mhz"):format(i)
            pll[2]():write(pll[3], div2 << 16 | 45 << 8)
            crl:write(0xC0 + 4 * i, pll[4])
            assert.equal(div2 == 1 and 49.9995 or 99.999, clocks[name])
            assert.equal(pll[1], clocks[i].source)
            assert.same({}, warned(function() clocks[name] = div2 == 1 and 25 or 50 end))
            local div0, div1, source, active = fields(i)
            assert.same({ 30, pll[4] & 7, 1 }, { div0 * div1, source, active })
          end)
        end
      end

      it("says when the " .. pll[1] .. " does not run from the reference clock", function()
        pll[2]():write(pll[3], 0x10000 | 45 << 8 | 4 << 20)
        crl:write(0xC0, pll[4])
        local message = ("Invalid PLL Source: %s runs from input 4 (PRE_SRC), not from the reference clock, and "
                         .. "nobody knows how fast that is."):format(pll[1])
        assert.same({ "value", message }, raised(function() return clocks.fclk0_mhz end))
        assert.matches("\n  fclk0  Invalid PLL Source", tostring(clocks))
      end)
    end

    for _, pll in ipairs { { "APLL", 0x20, 0x200 }, { "DPLL", 0x2C, 0x202 }, { "VPLL", 0x38, 0x203 } } do
      it("reads the CPU's clock from the " .. pll[1], function()
        crf:write(pll[2], 45 << 8)
        crf:write(0x60, pll[3])
        assert.equal(749.9925, clocks.cpu_mhz)
      end)
    end

    -- PYNQ leaves out the divider between the power domains: a clock from the DPLL is that much slower.
    it("knows the divider between the DPLL and the clocks", function()
      crf:write(0x2C, 45 << 8)
      crf:write(0x4C, 3 << 8)
      crl:write(0xC0, 0x00050303)
      assert.equal(33.333, clocks.fclk0_mhz)
    end)

    it("knows the fractional part of a PLL", function()
      crl:write(0x20, 1 << 16 | 60 << 8)
      crl:write(0x28, 1 << 31 | 0x8000)
      crl:write(0xC0, 0x00010100)
      assert.equal(1008.32325, clocks.fclk0_mhz) -- 33.333 * 60.5 / 2
      crl:write(0x28, 0x8000)
      assert.equal(999.99, clocks.fclk0_mhz)
    end)

    it("says that a selector means nothing", function()
      crl:write(0xC0, 0x01050301)
      assert.same({ "value", "The clock register at 0xff5e00c0 reads 0x01050301: source 1 means nothing." },
                  raised(function() return clocks.fclk0_mhz end))
      crl:write(0xC0, 0x01050307)
      assert.same({ "value", "The clock register at 0xff5e00c0 reads 0x01050307: source 7 means nothing." },
                  raised(clocks.set_pl_clk, 0))
      assert.equal(100, math.floor(clocks[0]:set { mhz = 100, source = "IOPLL" } + 0.5)) -- the way out
    end)

    it("activates a clock that is set, and checks the index before that (C51)", function()
      crl:write(0xC4, 0x00050300)
      assert.is_false(clocks[1].on)
      assert.equal("value", raised(clocks.set_pl_clk, 4)[1])
      assert.is_false(clocks[1].on)
      clocks.set_pl_clk(1, 5, 3)
      assert.is_true(clocks[1].on)
      clocks[1].on = false
      assert.equal(0x00030500, crl:read(0xC4))
    end)

    it("opens the write protection, and closes it again", function()
      crl:write(0x1C, 1)
      clocks.set_pl_clk(0, 7, 3)
      assert.same({ 7, 3, 0, 1 }, { fields(0) })
      assert.equal(1, crl:read(0x1C))
    end)
  end)

  -- Two frequencies are built into PYNQ, 50 and 33.333 MHz: boards with another crystal get wrong clocks.
  describe("take the reference clock", function()
    local function design(parameter)
      local fixture = dofile "spec/overlay/fixture.lua"
      local file = fixture.write(fixture.folder() .. "/d.hwh", fixture.hwh {
        modules = {}, ps_params = { PCW_CRYSTAL_PERIPHERAL_FREQMHZ = parameter } })
      local ol = lunq.Overlay(file, { device = device })
      finally(function() ol:free() fixture.clean() end)
    end

    it("of the design (C50)", function()
      board("sim:zynq7000")
      design "33.333333"
      assert.equal(33.333333, clocks.ref_mhz)
      local slcr = registers(0xF8000000)
      slcr:write(0x008, 0xDF0D)
      slcr:write(0x108, 30 << 12)
      slcr:write(0x170, 0x00300500)
      assert.equal(66.666666, clocks.fclk0_mhz)
      assert.matches("reference 33.333333 MHz %(metadata%)", tostring(clocks))
    end)

    it("a script knows better than the design (C50)", function()
      board("sim:zynq7000")
      design "50"
      clocks.ref_mhz = 25
      assert.equal(25.0, clocks.ref_mhz)
      clocks.ref_mhz = nil
      assert.equal(50.0, clocks.ref_mhz)
      assert.same({ "value", "ref_mhz should be from 1 to 1000 MHz, not 0.5" },
                  raised(function() clocks.ref_mhz = 0.5 end))
    end)

    for _, family in ipairs { { "sim:zynq7000", 50.0 }, { "sim:zynqmp", 33.333 } } do
      it("of " .. family[1] .. "'s usual board when nobody knows it, and say so once (C50)", function()
        board(family[1])
        local text = ("The reference clock of %s is not known: no metadata says it. It is taken to be %g MHz; all "
                      .. "frequencies are off by as much as that is. Assign lunq.Clocks.ref_mhz."):format(
                      family[1], family[2])
        assert.same({ text }, warned(function() return clocks.fclk0_mhz, clocks.cpu_mhz end))
        assert.equal(family[2], clocks.ref_mhz)
      end)
    end

    for _, text in ipairs { "", "fast", "-3", "1e9", "nan" } do
      it(("and not %q"):format(text), function()
        board("sim:zynq7000")
        design(text)
        assert.equal(1, #warned(function() assert.equal(50.0, clocks.ref_mhz) end))
      end)
    end
  end)

  it("belong to a device: what one has and was asked for, another has not (C52)", function()
    board("sim:zynq7000", 50)
    local other <close> = lunq.Device.open "sim:zynqmp"
    local others = lunq.Clocks(other)
    others.ref_mhz = 33.333
    clocks.fclk0_mhz, others.fclk0_mhz = 20, 10
    assert.same({ 20.0, 20.0 }, { clocks.fclk0_mhz, clocks[0].asked_mhz })
    assert.equal(10.0, others[0].asked_mhz)
    local before = lunq.Device.active_device
    lunq.Device.active_device = device
    assert.equal(20.0, lunq.Clocks.fclk0_mhz) -- the active device's, whichever that is
    lunq.Device.active_device = other
    assert.equal(10, math.floor(lunq.Clocks.fclk0_mhz + 0.5))
    lunq.Device.active_device = before
  end)

  it("are refused without a Zynq, in PYNQ's words", function()
    board("sim")
    local text = "Architecture not supported for Clocks: sim has no processing system of a Zynq, and no design is "
                 .. "loaded that brings one."
    assert.same({ "runtime", text }, raised(function() return clocks.fclk0_mhz end))
    assert.same({ "runtime", text }, raised(function() clocks.fclk0_mhz = 100 end))
    assert.same({ "runtime", text }, raised(function() return clocks.cpu_mhz end))
    assert.same({ "runtime", text }, raised(function() clocks[0].on = false end))
    assert.equal("Clocks of sim: " .. text, tostring(clocks))
  end)

  it("map and read nothing before they are used", function()
    board("sim:zynq7000")
    device:trace(true)
    local c = lunq.Clocks(device)
    local one = c[0]
    assert.equal("", device:trace(false))
    c.ref_mhz = 50
    device:trace(true)
    assert.is_number(one.mhz)
    assert.matches("read slcr%+0x170", device:trace(false))
  end)

  it("are completed at the prompt without an access", function()
    board("sim:zynq7000", 50)
    rawset(_G, "completion_clocks", clocks)
    rawset(_G, "completion_clock", clocks[0])
    finally(function()
      rawset(_G, "completion_clocks", nil)
      rawset(_G, "completion_clock", nil)
    end)
    device:trace(true)
    local complete = require "lunq.repl.complete".words
    assert.same({ "completion_clocks.fclk0_mhz", "completion_clocks.fclk1_mhz", "completion_clocks.fclk2_mhz",
                  "completion_clocks.fclk3_mhz" }, complete "completion_clocks.f")
    assert.same({ "completion_clock.source", "completion_clock.source_mhz" }, complete "completion_clock.so")
    assert.equal("", device:trace(false))
  end)

  it("explain what can't be asked of them", function()
    board("sim:zynq7000", 50)
    assert.same({ "attribute", 'lunq.Clocks has no "fclk4_mhz"; did you mean "fclk0_mhz"?' },
                raised(function() return clocks.fclk4_mhz end))
    assert.same({ "attribute", 'lunq.Clocks has no "cpu"' }, raised(function() clocks.cpu = 1 end))
    assert.same({ "attribute", "cpu_mhz can't be assigned: LUNQ does not change the clock it runs on" },
                raised(function() clocks.cpu_mhz = 100 end))
    assert.same({ "type", "fclk0_mhz should be a number of MHz, not string" },
                raised(function() clocks.fclk0_mhz = "fast" end))
    assert.same({ "attribute", 'A clock has no "Mhz"; did you mean "mhz"?' },
                raised(function() return clocks[0].Mhz end))
    assert.same({ "attribute", "source of a clock can't be assigned; mhz and on can, the rest with :set { ... }" },
                raised(function() clocks[0].source = "IO PLL" end))
    assert.same({ "value", 'A clock has no "div0" to set' }, raised(clocks[0].set, clocks[0], { div0 = 5 }))
    assert.same({ "type", "divisor0 of a clock should be a number, not string" },
                raised(clocks[0].set, clocks[0], { divisor0 = "5", divisor1 = 2 }))
    for _, want in ipairs { {}, { source = "IO PLL" }, { divisor0 = 5 } } do
      assert.same({ "value", "To set a clock takes mhz, or divisor0 and divisor1." },
                  raised(clocks[0].set, clocks[0], want))
    end
    assert.same({ "type", "set takes a table such as { mhz = 50 }, not number" }, raised(clocks[0].set, clocks[0], 50))
    assert.same({ "type", "on should be true or false, not number" }, raised(function() clocks[0].on = 0 end))
    assert.same({ "type", "lunq.Clocks takes a device, not sim" }, raised(lunq.Clocks, "sim"))
  end)
end)
