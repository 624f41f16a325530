--- Where the IP of a design behind a PCIe bridge are in the BARs: metadata as Vivado writes it for xdma, axi_pcie3
-- and qdma, on a copy of /sys whose BARs are files.
local lunq = require "lunq"
local support = dofile "spec/pci/support.lua"

local CARD <const> = "0000:65:00.0"

describe("a design behind a PCIe bridge", function()
  local tree
  before_each(function() tree = support.tree() end)
  after_each(function()
    collectgarbage()
    tree.remove()
  end)

  --- Metadata of a bridge with parameters { name = value } and what it sees: { instance, master, base, high }.
  local function hwh(bridge, parameters, ranges)
    local p, r, modules, seen = {}, {}, {}, {}
    for name, value in pairs(parameters) do p[#p + 1] = ('<PARAMETER NAME="%s" VALUE="%s"/>'):format(name, value) end
    for _, g in ipairs(ranges) do
      r[#r + 1] = ('<MEMRANGE ADDRESSBLOCK="Reg" BASEVALUE="%#x" HIGHVALUE="%#x" INSTANCE="%s" MASTERBUSINTERFACE="%s" '
        .. 'MEMTYPE="REGISTER" SLAVEBUSINTERFACE="S_AXI"/>'):format(g[3], g[4], g[1], g[2])
      if not seen[g[1]] then
        modules[#modules + 1] = ('<MODULE FULLNAME="/%s" INSTANCE="%s" MODTYPE="axi_gpio" '
          .. 'VLNV="acme.com:user:regs:1.0"/>'):format(g[1], g[1])
      end
      seen[g[1]] = true
    end
    tree.write("/design.hwh", ([[<?xml version="1.0" encoding="UTF-8"?>
<EDKSYSTEM EDWVERSION="1.2" VIVADOVERSION="2022.1">
  <SYSTEMINFO ARCH="artix7" DEVICE="7a200t" NAME="design"/>
  <EXTERNALPORTS/><EXTERNALINTERFACES/>
  <MODULES>
    <MODULE FULLNAME="/bridge" INSTANCE="bridge" MODTYPE="%s" VLNV="xilinx.com:ip:%s:4.1">
      <PARAMETERS>%s</PARAMETERS>
      <MEMORYMAP>%s</MEMORYMAP>
    </MODULE>
    %s
  </MODULES>
</EDKSYSTEM>
]]):format(bridge, bridge, table.concat(p), table.concat(r), table.concat(modules)))
    return tree.root .. "/design.hwh"
  end

  local function card(bars) tree.add_uio(CARD, { bars = bars }) end

  local function load(file, options)
    return lunq.Overlay(file, { device = ("pci:%s?root=%s%s"):format(CARD, tree.root, options or "") })
  end

  --- Writes to register 0 of an IP; gives which BAR has it, and where.
  local function whereabouts(ip)
    local mark = 0x1bad0000 | math.random(1, 0xffff)
    ip.mmio:write(4, mark)
    for i = 0, 5 do
      local f = io.open(("%s/sys/bus/pci/devices/%s/resource%d"):format(tree.root, CARD, i), "rb")
      local at = f and f:read "a":find(string.pack("<I4", mark), 1, true)
      if f then f:close() end
      if at then return i, at - 5 end
    end
  end

  describe("of an xdma", function()
    local RANGES <const> = {
      { "gpio", "M_AXI_LITE", 0x40010000, 0x4001ffff }, { "ddr", "M_AXI", 0x80000000, 0x80003fff },
      { "ram", "M_AXI_BYPASS", 0x40010000, 0x40011fff } }

    it("is reached through the AXI-Lite BAR and the bypass BAR, the DMA registers between them", function()
      card { [0] = 0x20000, [1] = 0x10000, [2] = 0x20000 }
      local ol <close> = load(hwh("xdma", {
        axilite_master_en = "true", pciebar2axibar_axil_master = "0x40000000", axist_bypass_en = "true",
        pciebar2axibar_axist_bypass = "0x0000000040000000" }, RANGES))
      assert.same({ 0, 0x10000 }, { whereabouts(ol.gpio) })
      assert.matches("No BAR of pci:.* leads to 0x80000000 %(0x4000 bytes%): it has bar0 %(128K%), bar1 %(64K%), bar2 "
        .. "%(128K%)%. What a PCIe bridge reaches by DMA alone is not there", support.fails("index", ol.ddr.mmio.read,
                                                                                            ol.ddr.mmio))
    end)

    it("has the bypass in the second BAR when there is no AXI-Lite, and BARs of 64 bits", function()
      card { [0] = 0x10000, [2] = 0x20000 }
      local ol <close> = load(hwh("xdma", {
        axilite_master_en = "false", axist_bypass_en = "true", pciebar2axibar_axist_bypass = "0x40000000" },
        { { "ram", "M_AXI_BYPASS", 0x40010000, 0x40011fff } }))
      assert.same({ 2, 0x10000 }, { whereabouts(ol.ram) })
    end)

    it("as a bridge has an address for each BAR", function()
      card { [0] = 0x1000, [2] = 0x2000 }
      local ol <close> = load(hwh("xdma", {
        functional_mode = "AXI_Bridge", pciebar2axibar_0 = "0x10000000", pciebar2axibar_2 = "0x0000001000000000",
        axilite_master_en = "true" },
        { { "a", "M_AXI_B", 0x10000000, 0x10000fff }, { "b", "M_AXI_B", 0x1000001000, 0x1000001fff } }))
      assert.same({ 0, 0 }, { whereabouts(ol.a) })
      assert.same({ 2, 0x1000 }, { whereabouts(ol.b) })
    end)
  end)

  it("of an axi_pcie3 has C_PCIEBAR2AXIBAR", function()
    card { [0] = 0x1000, [1] = 0x2000 }
    local ol <close> = load(hwh("axi_pcie3", { C_PCIEBAR2AXIBAR_0 = "0x0", C_PCIEBAR2AXIBAR_1 = "0x44A00000" },
                                { { "gpio", "M_AXI", 0x44a01000, 0x44a01fff } }))
    assert.same({ 1, 0x1000 }, { whereabouts(ol.gpio) })
  end)

  it("of a qdma leaves out the BAR of its DMA", function()
    card { [0] = 0x1000, [2] = 0x2000 }
    local ol <close> = load(hwh("qdma", {
      pf0_pciebar2axibar_0 = "0x60000000", pf0_bar0_type_qdma = "DMA", pf0_pciebar2axibar_2 = "0x60000000",
      pf0_bar2_type_qdma = "AXI_Lite_Master" }, { { "gpio", "M_AXI_LITE", 0x60001000, 0x60001fff } }))
    assert.same({ 2, 0x1000 }, { whereabouts(ol.gpio) })
  end)

  it("is where bar= and base= say, whatever the metadata says", function()
    card { [0] = 0x1000, [2] = 0x2000 }
    local ol <close> = load(hwh("axi_pcie", { C_PCIEBAR2AXIBAR_0 = "0x44A00000" },
                                { { "gpio", "M_AXI", 0x44a01000, 0x44a01fff } }), "&bar=2&base=0x44a00000")
    assert.same({ 2, 0x1000 }, { whereabouts(ol.gpio) })
  end)

  it("keeps an IP that is larger than the BAR within it", function()
    card { [0] = 0x1000 }
    local ol <close> = load(hwh("axi_pcie", { C_PCIEBAR2AXIBAR_0 = "0x44A00000" },
                                { { "gpio", "M_AXI", 0x44a00000, 0x44a0ffff } }))
    assert.matches("leads to 0x44a00000 (0x10000 bytes): it has bar0 (4K)", support.fails("index", ol.gpio.mmio.read,
                                                                                        ol.gpio.mmio, 0), 1, true)
  end)

  it("may be a table, whose addresses the options place", function()
    card { [0] = 0x1000, [1] = 0x1000 }
    local ol <close> = load({ arch = "none", ip = { regs = { type = "acme.com:user:regs:1.0", address = 0x100,
                                                             range = 0x100 } } }, "&bar=1")
    assert.same({ 1, 0x100 }, { whereabouts(ol.regs) })
  end)

  it("is not loaded: the card has it, and its bitstream is said to stay where it is", function()
    card { [0] = 0x1000 }
    local file = hwh("axi_pcie", { C_PCIEBAR2AXIBAR_0 = "0x0" }, { { "gpio", "M_AXI", 0, 0xfff } })
    local bit <close> = assert(io.open("spec/design/fixtures/small.bit", "rb"))
    tree.write("/design.bit", bit:read "a")
    local list = lunq.warnings.capture(function()
      local ol <close> = load((file:gsub("hwh$", "bit")))
      assert.is_true(ol:is_loaded())
      assert.same({ 0, 0 }, { whereabouts(ol.gpio) })
    end)
    local found
    for _, w in ipairs(list) do found = found or w.text:find "^The bitstream is not loaded: pci:" end
    assert.truthy(found)
  end)
end)
