-- registers.md section 16: the ADC in the fabric, of both families.
describe("XADC", function()
  local lunq = require "lunq"
  local support = dofile "spec/drivers/support.lua"
  local raised = support.raised
  local adc, device, board
  after_each(support.close)

  local function open(vlnv, parameters, options, interrupts)
    local _
    _, adc, device = support.open("adc", vlnv, parameters, nil, interrupts or { ip2intc_irpt = 0 })
    board = device:attach("adc", lunq.peers.analog(options or {}))
  end

  local function near(expected, value, tolerance)
    assert.is_true(math.abs(expected - value) <= tolerance, ("%s is not %s"):format(value, expected))
  end

  describe("of the 7 series", function()
    local XADC <const> = "xilinx.com:ip:xadc_wiz:3.3"

    it("converts as the reference says", function()
      open(XADC, nil, { temperature = 45, vccint = 0.95, vccaux = 1.8, vbram = 1.0, vp_vn = 0.25 })
      local raw = adc.mmio:read(0x200)
      assert.equal(0, raw & 0xf) -- 12 bits, left-aligned
      near(raw / 65536 * 503.975 - 273.15, adc:temperature(), 0.01)
      near(45, adc:temperature(), 0.13)
      near(0.95, adc:voltage "vccint", 0.001)
      near(1.8, adc:voltage "vccaux", 0.001)
      near(0.25, adc:voltage "vp_vn", 0.001)
      near(1.25, adc:voltage "vrefp", 0.001)
      board.aux[3] = 0.5
      near(0.5, adc:aux(3), 0.001)
      assert.equal(0, adc:aux(4))
    end)

    it("keeps the highest and the lowest until a reset", function()
      open(XADC, nil, { temperature = 40 })
      for _, t in ipairs { 40, 60, 30, 50 } do
        board.temperature = t
        adc:temperature()
      end
      near(60, adc:max_temperature(), 0.13)
      near(30, adc:min_temperature(), 0.13)
      adc:reset()
      near(50, adc:max_temperature(), 0.13)
      board.vccint = 0.9
      adc:voltage "vccint"
      board.vccint = 1.0
      near(1.0, adc:max_voltage "vccint", 0.001)
      near(0.9, adc:min_voltage "vccint", 0.001)
    end)

    it("has alarms: supplies outside their limits, temperatures with a hysteresis", function()
      open(XADC, { C_ALARM_LIMIT_R0 = 46573, C_ALARM_LIMIT_R4 = 43322, C_ALARM_LIMIT_R1 = 22500,
                   C_ALARM_LIMIT_R5 = 21190 }, { temperature = 40, vccint = 1.0 })
      assert.is_false(adc:alarms().temperature)
      board.temperature = 90
      assert.is_true(adc:alarms().temperature)
      assert.is_false(adc:alarms().over_temperature)
      board.temperature = 70
      assert.is_true(adc:alarms().temperature)
      board.temperature = 50
      assert.is_false(adc:alarms().temperature)
      board.vccint = 1.1
      assert.is_true(adc:alarms().vccint)
      assert.equal(0x104, adc.mmio:read(0x08))
      adc.mmio:write(0x304, 1 << 2) -- CFR1 switches it off
      assert.is_false(adc:alarms().vccint)
    end)

    it("has an end of conversion and of sequence in bits 5 and 6 of SR", function()
      open(XADC)
      assert.equal(0x60, adc.mmio:read(0x04))
      assert.equal(0x30, adc.mmio:read(0x60))
      device:inject { ip = "adc", fault = "stall" }
      assert.equal(0, adc.mmio:read(0x04))
    end)

    it("says in IPISR that an alarm came, of temperatures also that it went", function()
      open(XADC, nil, { temperature = 40, vbram = 1.0 })
      adc:set_limits("temperature", 60, 80):set_limits("vbram", 0.9, 1.1)
      board.temperature, board.vbram = 90, 1.2
      assert.equal(0x402, adc.mmio:read(0x60) & 0x3fc0f)
      adc.mmio:write(0x60, 0x402)
      assert.equal(0, adc.mmio:read(0x60) & 0x3fc0f)
      board.temperature = 50
      assert.equal(0x200, adc.mmio:read(0x60) & 0x300)
    end)

    it("is reset only by its key", function()
      open(XADC)
      adc.mmio:write(0x68, 1)
      adc.mmio:write(0, 1)
      assert.equal(1, adc.mmio:read(0x68))
      adc.mmio:write(0, 0xa)
      assert.same({ 0, 0x3e8 << 2 }, { adc.mmio:read(0x68), adc.mmio:read(0x0c) })
    end)

    it("measures all at once", function()
      open(XADC, nil, { temperature = 40, vccint = 0.95 })
      local all, names = adc:measure(), {}
      near(40, all.temperature, 0.13)
      near(0.95, all.vccint, 0.001)
      for name in pairs(all) do names[#names + 1] = name end
      table.sort(names)
      assert.same({ "temperature", "vbram", "vccaux", "vccint", "vcco_ddr", "vccpaux", "vccpint", "vp_vn", "vrefn",
                    "vrefp" }, names)
    end)

    it("has limits in volts and degrees, which switch the alarm on", function()
      open(XADC, { C_CONFIGURATION_R1 = 0x0f0f }, { temperature = 40, vccint = 1.0 })
      board.vccint = 1.2
      assert.is_false(adc:alarms().vccint)
      assert.equal(adc, adc:set_limits("vccint", 0.95, 1.05))
      local low, high = adc:limits "vccint"
      near(0.95, low, 0.0001)
      near(1.05, high, 0.0001)
      assert.is_true(adc:alarms().vccint)
      assert.equal(0x0f0b, adc.mmio:read(0x304))
      adc:set_limits("over_temperature", 70, 100)
      assert.equal(3, adc.mmio:read(0x34c) & 0xf)
      near(100, select(2, adc:limits "over_temperature"), 0.13)
    end)

    it("refuses limits that can't be", function()
      open(XADC)
      assert.matches("^adc has no alarm for vuser0.*it has over_temperature, temperature",
                     raised(adc.set_limits, adc, "vuser0", 0, 1)[2])
      assert.same({ "value", "adc can't measure 4 V" }, raised(adc.set_limits, adc, "vccint", 0, 4))
      assert.same({ "value", "adc can't measure -300 degrees" }, raised(adc.set_limits, adc, "temperature", -300, 4))
      assert.equal("value", raised(adc.set_limits, adc, "vccint", 1, 0.5)[1])
      assert.equal("value", raised(adc.set_limits, adc, "vccint", 1)[1])
      assert.equal("value", raised(adc.wait_for_alarm, adc, "vp_vn")[1])
    end)

    for _, wired in ipairs { true, false } do
      it("waits for an alarm, with the interrupt " .. (wired and "wired" or "unwired"), function()
        local active <const> = lunq.core.active_device()
        open(XADC, nil, { temperature = 40, vccint = 1.0 }, wired and { ip2intc_irpt = 0 } or {})
        lunq.core.active_device(device)
        adc:set_limits("vccint", 0.95, 1.05):set_limits("temperature", 60, 80)
        local hot = lunq.spawn(function() return adc:wait_for_alarm("temperature", 5) end)
        local any = lunq.spawn(function() return adc:wait_for_alarm(nil, 5) end)
        device:advance(500000000)
        assert.equal(wired and 0x80000000 or 0, adc.mmio:read(0x5c))
        board.vccint = 1.2
        assert.is_true(any:wait().vccint)
        assert.is_false(hot.done)
        board.temperature = 85
        assert.is_true(hot:wait().temperature)
        assert.same({ 0, 0 }, { adc.mmio:read(0x5c), adc.mmio:read(0x68) })
        local task = lunq.spawn(function() adc:wait_for_alarm("vccaux", 5) end)
        device:advance(1000)
        task:cancel()
        device:advance(1000)
        assert.same({ 0, 0 }, { adc.mmio:read(0x5c), adc.mmio:read(0x68) })
        lunq.core.active_device(active)
      end)
    end

    it("says what it measures when no alarm comes", function()
      open(XADC, nil, { temperature = 40, vccint = 1.0 })
      adc:set_limits("vccint", 0.95, 1.05)
      assert.same({ "timeout", "adc: no alarm for vccint within 10 ms: it is 0.9998 V, its limits are 0.95 and 1.05" },
                  raised(adc.wait_for_alarm, adc, "vccint", 0.01))
      assert.same({ "timeout", "adc: no alarm within 10 ms" }, raised(adc.wait_for_alarm, adc, nil, 0.01))
      assert.equal("timeout", raised(adc.wait_for_alarm, adc)[1])
    end)

    it("waits without interrupt registers too", function()
      open(XADC, { C_INCLUDE_INTR = 0 }, nil, {})
      adc:wait()
      device:inject { ip = "adc", fault = "stall" }
      assert.equal("timeout", raised(adc.wait, adc, 0.001)[1])
    end)

    it("toggles interrupt bits that are written as 1, and raises its interrupt", function()
      open(XADC)
      adc.mmio:write(0x68, 1)
      adc.mmio:write(0x5c, 0x80000000)
      assert.equal(0, device:wire "adc/ip2intc_irpt")
      adc.mmio:write(0x60, 1)
      assert.equal(1, device:wire "adc/ip2intc_irpt")
      adc.mmio:write(0x60, 1)
      assert.equal(0, device:wire "adc/ip2intc_irpt")
    end)

    it("says that nothing is converted", function()
      open(XADC)
      adc:wait()
      device:inject { ip = "adc", fault = "stall" }
      assert.same({ "timeout", "adc: no conversion has ended in 0.01 s: does its clock run, or does it wait for a "
                    .. "trigger? SR 0x00 (nothing set)" }, raised(adc.wait, adc, 0.01))
      local before = device:now()
      assert.equal("timeout", raised(adc.wait, adc)[1])
      assert.is_true(device:now() - before < 10.1e9)
      device:clear_faults()
      device:inject { ip = "adc", fault = "slave_error", count = 1 }
      assert.equal("io", raised(adc.wait, adc)[1])
    end)

    it("takes names as data sheets write them", function()
      open(XADC, nil, { vccint = 0.95 })
      near(0.95, adc:voltage "VCCINT", 0.001)
      adc:set_limits("VCCINT", 1.0, 1.1)
      assert.is_true(adc:wait_for_alarm("VccInt", 1).vccint)
      near(1.0, (adc:limits "VCCINT"), 0.001)
    end)

    it("shows its registers", function()
      open(XADC, nil, { vccint = 1.5 })
      local text = tostring(adc.register_map)
      assert.matches("VCCINT = Register%(value=32768%)", text)
      assert.matches("SR = Register%(CHANNEL=0, EOC=1, EOS=1, BUSY=0", text)
      assert.matches("SRR = Register%(value=write%-only%)", text)
    end)

    it("checks its arguments", function()
      open(XADC)
      assert.matches("^adc does not measure vcint.*vccint", raised(adc.voltage, adc, "vcint")[2])
      assert.equal("value", raised(adc.max_voltage, adc, "vrefp")[1])
      assert.equal("value", raised(adc.aux, adc, 16)[1])
    end)

    it("measures a board in good health when nobody says what", function()
      open(XADC)
      device:detach(board)
      near(40, adc:temperature(), 1)
      near(1.0, adc:voltage "vccint", 0.001)
      for name, on in pairs(adc:alarms()) do assert.is_false(on, name) end
    end)
  end)

  it("of UltraScale has its block at 0x400 and another formula", function()
    open("xilinx.com:ip:system_management_wiz:1.3", nil, { temperature = 55, vccint = 0.85, ultrascale = true })
    near(55, adc:temperature(), 0.5)
    assert.equal(adc.mmio:read(0x400) / 65536 / 0.00199451786 - 273.67, adc:temperature())
    assert.equal(0, adc.mmio:read(0x400) & 0x3f) -- 10 bits
    near(0.85, adc:voltage "vccint", 0.003)
    assert.equal(0xc0, adc.mmio:read(0x04)) -- SR has one more bit for the channel
    adc:wait()
    board.vuser2 = 1.5
    near(1.5, adc:voltage "vuser2", 0.003)
    board.vuser2 = 1.0
    near(1.0, adc:measure().vuser2, 0.003)
    near(1.5, adc:max_voltage "vuser2", 0.003)
    adc:set_limits("vuser2", 1.1, 1.3)
    assert.is_true(adc:wait_for_alarm("vuser2", 1).vuser2)
    assert.equal(1 << 16, adc.mmio:read(0x60) & 1 << 16)
    assert.equal(1 << 11 | 0x100, adc.mmio:read(0x08))
    assert.equal("value", raised(adc.voltage, adc, "vccpint")[1])
    device:detach(board)
    near(40, adc:temperature(), 1)
  end)
end)
