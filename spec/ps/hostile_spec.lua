-- Parameters of a processing system come from files, values of its registers from scripts: neither may
-- do more than give wrong clocks. The same designs each time.
describe("clocks of impossible designs", function()
  local lunq = require "lunq"
  local fixture = dofile "spec/overlay/fixture.lua"

  local VALUES <const> = { "0", "-1", "1e400", "nan", "99999999999999999999", "", "0x7fffffff", "63", "64", "1",
                           "33.333", "IO PLL", "External", "0.5", "2147483648", "1e-300", "inf", "127", "100" }
  local ZYNQ <const> = { "PCW_CRYSTAL_PERIPHERAL_FREQMHZ", "PCW_ARMPLL_CTRL_FBDIV", "PCW_DDRPLL_CTRL_FBDIV",
                         "PCW_IOPLL_CTRL_FBDIV", "PCW_CPU_PERIPHERAL_DIVISOR0" }
  local ZYNQMP <const> = { "PSU__PSS_REF_CLK__FREQMHZ" }
  for i = 0, 3 do
    for _, name in ipairs { "PCW_FPGA_FCLK%d_ENABLE", "PCW_FCLK%d_PERIPHERAL_CLKSRC", "PCW_FCLK%d_PERIPHERAL_DIVISOR0",
                            "PCW_FCLK%d_PERIPHERAL_DIVISOR1", "PCW_ACT_FPGA%d_PERIPHERAL_FREQMHZ" } do
      ZYNQ[#ZYNQ + 1] = name:format(i)
    end
    for _, name in ipairs { "FPGA_PL%d_ENABLE", "CRL_APB__PL%d_REF_CTRL__SRCSEL", "CRL_APB__PL%d_REF_CTRL__DIVISOR0",
                            "CRL_APB__PL%d_REF_CTRL__DIVISOR1", "CRL_APB__PL%d_REF_CTRL__ACT_FREQMHZ" } do
      ZYNQMP[#ZYNQMP + 1] = "PSU__" .. name:format(i)
    end
  end
  for _, pll in ipairs { "CRL_APB__IOPLL", "CRL_APB__RPLL", "CRF_APB__APLL", "CRF_APB__DPLL", "CRF_APB__VPLL" } do
    for _, name in ipairs { "_CTRL__FBDIV", "_CTRL__DIV2", "_FRAC_CFG__ENABLED", "_CTRL__FRACDATA" } do
      ZYNQMP[#ZYNQMP + 1] = "PSU__" .. pll .. name
    end
  end

  local state = 7
  local function random(n) -- Lehmer's, so that the designs are the same everywhere
    state = state * 48271 % 0x7fffffff
    return state % n + 1
  end

  --- A timer on clock 0 of a processing system with two thirds of its parameters, each out of VALUES.
  local function write_design(zynq)
    local parameters = {}
    for _, name in ipairs(zynq and ZYNQ or ZYNQMP) do
      if random(3) > 1 then parameters[name] = VALUES[random(#VALUES)] end
    end
    local hz = random(2) > 1 and "100000000" or "18446744073709551615"
    local text = fixture.hwh {
      modules = { { path = "timer", vlnv = "xilinx.com:ip:axi_timer:2.0", base = 0x42800000, ports = {
        { NAME = "s_axi_aclk", DIR = "I", SIGNAME = "clk0", CLKFREQUENCY = hz } } } },
      ps_params = parameters,
      ps_ports = { { NAME = zynq and "FCLK_CLK0" or "pl_clk0", DIR = "O", SIGNAME = "clk0" } } }
    if not zynq then
      text = text:gsub("processing_system7", "zynq_ultra_ps_e"):gsub('ARCH="zynq"', 'ARCH="zynquplus"')
    end
    return fixture.write(fixture.folder() .. "/top.hwh", text)
  end

  local ASKED <const> = { 0, -1, 1e308, 1e-308, 50, 5, 0 / 0, 1 / 0 }

  --- Sets, reads and prints everything there is, on random registers too. Errors must be error objects.
  local function use(device, ol, base)
    local clocks = lunq.Clocks(device)
    local window <close> = lunq.MMIO(base, 0x1000, device)
    window:write(8, 0xDF0D)
    for _ = 1, 8 do
      window:write(4 * (random(128) - 1), state * 3 & 0xffffffff)
      for _, attempt in ipairs {
        function() clocks[random(4) - 1].mhz = ASKED[random(#ASKED)] end,
        function() clocks[random(4) - 1].on = random(2) > 1 end,
        function() return clocks.cpu_mhz, clocks.fclk3_mhz end,
        function()
          ol.timer.mmio:write(0, 0x90)
          device:advance(1000)
          return ol.timer.mmio:read(8)
        end,
      } do
        local ok, e = pcall(attempt)
        assert.is_true(ok or lunq.errors.is(e), tostring(e))
      end
      assert.matches("^Clocks of sim", tostring(clocks))
    end
  end

  it("are wrong, and nothing worse", function()
    local device <close> = lunq.Device.open "sim"
    finally(fixture.clean)
    for n = 1, 100 do
      local file = write_design(n % 2 == 0)
      lunq.warnings.capture(function()
        local ol <close> = lunq.Overlay(file, { device = device })
        use(device, ol, n % 2 == 0 and 0xF8000000 or 0xFF5E0000)
      end)
    end
  end)
end)

-- The device was used after the hook of its own warning had closed it.
describe("a warning whose hook closes the device", function()
  local lunq = require "lunq"

  local function closing(f)
    local device, warned = lunq.Device.open "sim:zynq7000", 0
    local before = lunq.warnings.set_hook(function()
      warned = warned + 1
      device:close()
      collectgarbage()
    end)
    local ok, e = pcall(f, device)
    lunq.warnings.set_hook(before)
    device:close()
    assert.equal(1, warned)
    return ok, e
  end

  for name, f in pairs {
    ["reading the reference"] = function(d) return lunq.Clocks(d).ref_mhz end,
    ["reading a clock"] = function(d) return lunq.Clocks(d).fclk0_mhz end,
    ["reading the CPU's clock"] = function(d) return lunq.Clocks(d).cpu_mhz end,
    ["setting a clock"] = function(d)
      lunq.Clocks(d).ref_mhz = 50
      lunq.Clocks(d).fclk0_mhz = 900
    end,
    ["loading a design"] = function(d) d:program(lunq.core.design_from_table { arch = "zynquplus", ip = {} }) end,
  } do
    it("lets " .. name .. " end", function() assert.is_true(closing(f)) end)
  end
end)
