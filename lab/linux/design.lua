-- design.lua: the files of an example design for a guest: metadata for its processing system, and a bitstream.
-- Run: lunq design.lua zynq|zynqmp FOLDER OUT   FOLDER/NAME.hwh becomes OUT/NAME.hwh and OUT/NAME.bit
-- The examples are designs for a Zynq-7000. Built for a Zynq UltraScale+ Vivado would write the same metadata but for
-- the processing system, its pins, and where the logic and the memory are. The bitstream has a header and no logic in
-- it: what it would configure is served by `lunq serve`.
local family, folder, out = arg[1], arg[2], arg[3]
local name = folder:match "([^/]+)/?$"

local function read(path)
  local f <close> = assert(io.open(path, "rb"))
  return f:read "a"
end

local function write(path, data)
  local f <close> = assert(io.open(path, "wb"))
  f:write(data)
end

local PORTS <const> = {
  FCLK_CLK0 = "pl_clk0", FCLK_RESET0_N = "pl_resetn0", IRQ_F2P = "pl_ps_irq0", GPIO_I = "emio_gpio_i",
  GPIO_O = "emio_gpio_o", GPIO_T = "emio_gpio_t", M_AXI_GP0_ACLK = "maxihpm0_fpd_aclk",
}

-- PL clock 0 at 100 MHz, as kernels and boot loaders find it on a ZCU102.
local PARAMETERS <const> = [[
<PARAMETERS>
        <PARAMETER NAME="PSU__PSS_REF_CLK__FREQMHZ" VALUE="33.333"/>
        <PARAMETER NAME="PSU__CRL_APB__IOPLL_CTRL__FBDIV" VALUE="90"/>
        <PARAMETER NAME="PSU__CRL_APB__PL0_REF_CTRL__SRCSEL" VALUE="IOPLL"/>
        <PARAMETER NAME="PSU__CRL_APB__PL0_REF_CTRL__DIVISOR0" VALUE="15"/>
        <PARAMETER NAME="PSU__CRL_APB__PL0_REF_CTRL__DIVISOR1" VALUE="1"/>
        <PARAMETER NAME="PSU__CRL_APB__PL0_REF_CTRL__ACT_FREQMHZ" VALUE="99.999001"/>
        <PARAMETER NAME="PSU__FPGA_PL0_ENABLE" VALUE="1"/>]]

local function for_zynqmp(text)
  text = text:gsub('ARCH="zynq" BOARD="[^"]*" DEVICE="[^"]*"', 'ARCH="zynquplus" DEVICE="xczu9eg"')
    :gsub('MODTYPE="processing_system7"', 'MODTYPE="zynq_ultra_ps_e"')
    :gsub('VLNV="xilinx.com:ip:processing_system7:[%d.]+"', 'VLNV="xilinx.com:ip:zynq_ultra_ps_e:3.4"')
    :gsub("processing_system7_0", "zynq_ultra_ps_e_0")
    :gsub('(MODTYPE="zynq_ultra_ps_e".-)<PARAMETERS>', function(before) return before .. PARAMETERS end, 1)
    :gsub('<MODULE [^>]*MODTYPE="zynq_ultra_ps_e".-</MODULE>', function(module)
      return (module:gsub('(NAME=")([%w_]+)', function(start, port) return PORTS[port] and start .. PORTS[port] end))
    end)
    :gsub('(INSTANCE="zynq_ultra_ps_e_0" PORT=")([%w_]+)', function(start, port)
      return PORTS[port] and start .. PORTS[port]
    end)
    :gsub('"0x4(%x%x%x%x%x%x%x)"', '"0xA%1"')
    :gsub("M_AXI_GP0", "M_AXI_HPM0_FPD")
    :gsub('(HP%d_DDR_LOW)OCM("[^>]*HIGHVALUE=)"0x%x+"', '%1%2"0x7FFFFFFF"')
  return text
end

--- A .bit file: linux-boards.md A8.
local function bitstream(part)
  local data = ("\xff"):rep(32) .. "\xaa\x99\x55\x66" .. ("LUNQ"):rep(1000)
  local function section(letter, text) return (">c1s2"):pack(letter, text .. "\0") end
  return (">s2I2"):pack("\x0f\xf0\x0f\xf0\x0f\xf0\x0f\xf0\0", 1)
    .. section("a", name .. ";UserID=0XFFFFFFFF;Version=2020.1") .. section("b", part)
    .. section("c", "2020/03/02") .. section("d", "09:12:44") .. (">c1s4"):pack("e", data)
end

local hwh = read(("%s/%s.hwh"):format(folder, name))
if family == "zynqmp" then hwh = for_zynqmp(hwh) end
write(("%s/%s.hwh"):format(out, name), hwh)
write(("%s/%s.bit"):format(out, name), bitstream(family == "zynqmp" and "xczu9eg-ffvb1156-2-e" or "7z020clg400"))
