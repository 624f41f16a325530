-- RTL between a master and its slave: who moves data does not see it, nor on which clocks it is.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"

local CDMA <const>, BRIDGE <const>, RAM <const> = 0x44a00000, 0x43c00000, 0x43c10000

--- A behavioural CDMA, spec/rtl/bridge.v and spec/rtl/weave.v on clocks of these MHz.
local function design(bridge, ram)
  local function module(name, type, mhz, parameters)
    return ('<MODULE FULLNAME="/%s" INSTANCE="%s" MODTYPE="%s" VLNV="%s"><PARAMETERS>%s</PARAMETERS><PORTS>'
            .. '<PORT CLKFREQUENCY="%d" DIR="I" NAME="aclk" SIGIS="clk"/></PORTS></MODULE>'):format(
              name, name, name, type, parameters or "", mhz * 1000000)
  end
  local ranges = {}
  for name, base in pairs { cdma = CDMA, bridge = BRIDGE, ram = RAM } do
    ranges[#ranges + 1] = ('<MEMRANGE BASEVALUE="%#x" HIGHVALUE="%#x" INSTANCE="%s" MEMTYPE="REGISTER" '
                           .. 'SLAVEBUSINTERFACE="s_axi"/>'):format(base, base + 0xffff, name)
  end
  return core.design_parse("bridge.hwh", ([[
<EDKSYSTEM EDWVERSION="1.2" VIVADOVERSION="2020.1">
 <SYSTEMINFO ARCH="zynq" NAME="bridge"/>
 <EXTERNALINTERFACES><BUSINTERFACE NAME="host" TYPE="SLAVE">
  <MEMORYMAP>%s</MEMORYMAP>
 </BUSINTERFACE></EXTERNALINTERFACES>
 <MODULES>%s%s%s</MODULES>
</EDKSYSTEM>]]):format(table.concat(ranges),
    module("cdma", "xilinx.com:ip:axi_cdma:4.1", 100, '<PARAMETER NAME="C_INCLUDE_SG" VALUE="0"/>'
           .. '<PARAMETER NAME="C_M_AXI_DATA_WIDTH" VALUE="64"/>'),
    module("bridge", "acme.com:user:bridge:1.0", bridge), module("ram", "acme.com:user:weave:1.0", ram)))
end

describe("RTL behind RTL", function()
  local it = fixture.with_verilator(it, pending)

  local function open(bridge, ram)
    local d = core.device_open "sim"
    d:rtl_bind("bridge", fixture.model "bridge")
    d:rtl_bind("ram", fixture.model "weave")
    d:program(design(bridge, ram))
    return d
  end

  for _, mhz in ipairs { { 100, 100 }, { 100, 250 }, { 100, 33 }, { 150, 100 } } do
    local name = (" through a bridge at %d MHz from memory at %d MHz"):format(mhz[1], mhz[2])

    it("gives the host its words and blocks" .. name, function()
      local d <close> = open(mhz[1], mhz[2])
      local m <close> = lunq.MMIO(BRIDGE, 0x1000, d)
      local behind <close> = lunq.MMIO(RAM, 0x1000, d)
      m:write(0x10, 0x12345678)
      assert.same({ 0x12345678, 0x12345678 }, { m:read(0x10), behind:read(0x10) })
      local words = {}
      for i = 1, 1024 do words[i] = i * 2654435761 & 0xffffffff end
      m:write_block(0, words)
      assert.same(words, behind:read_block(0, 1024))
      assert.same(words, m:read_block(0, 1024))
      for _, r in ipairs(d:rtl()) do assert.same({}, r.violations) end
    end)

    it("moves a model's data" .. name, function()
      local d <close> = open(mhz[1], mhz[2])
      local a <close> = lunq.allocate(1024, "u4", { target = d })
      local b <close> = lunq.allocate(1024, "u4", { target = d })
      local cdma <close> = lunq.MMIO(CDMA, 0x1000, d)
      local function copy(from, to)
        cdma:write(0x18, from)
        cdma:write(0x20, to)
        cdma:write(0x28, 4096)
        d:advance(d:now() + 1000000)
        assert.equal(2, cdma:read(4) & 0x72)
      end
      for i = 1, 1024 do a[i] = i * 2654435761 & 0xffffffff end
      copy(a.physical_address, BRIDGE)
      copy(BRIDGE, b.physical_address)
      assert.equal(a:tobytes(), b:tobytes())
    end)
  end

  it("goes through the bridge without a pause: a beat in each cycle of the slower clock", function()
    local d <close> = open(100, 50)
    local m <close> = lunq.MMIO(BRIDGE, 0x1000, d)
    local before = d.cycle
    m:read_block(0, 1024)
    assert.is_true(d.cycle - before < 2 * 512 + 60)
  end)
end)
