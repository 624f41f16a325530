-- registers.md section 16: the ADC in the fabric, of both families.
describe("XADC", function()
  local lunq = require "lunq"
  local support = dofile "spec/drivers/support.lua"
  local raised = support.raised
  local adc, device, board
  after_each(support.close)

  local function open(vlnv, parameters, options)
    local _
    _, adc, device = support.open("adc", vlnv, parameters, nil, { ip2intc_irpt = 0 })
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
                    .. "trigger?" }, raised(adc.wait, adc, 0.01))
      local before = device:now()
      assert.equal("timeout", raised(adc.wait, adc)[1])
      assert.is_true(device:now() - before < 10.1e9)
      device:clear_faults()
      device:inject { ip = "adc", fault = "slave_error", count = 1 }
      assert.equal("io", raised(adc.wait, adc)[1])
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
    device:detach(board)
    near(40, adc:temperature(), 1)
  end)
end)
