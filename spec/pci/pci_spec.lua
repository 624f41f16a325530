--- The device `pci` on copies of /sys and /dev: which functions there are, what refuses them, and
-- uio_pci_generic, whose files can be mapped here as on a machine. lab/linux/guest/pci.lua has the rest.
local core = require "lunq.core"
local lunq = require "lunq"
local process = dofile "spec/program/process.lua"
local support = dofile "spec/pci/support.lua"

local CARD <const> = "0000:65:00.0"
local MASTER <const>, DECODE <const>, NO_INTX <const> = 4, 2, 0x400

describe("a PCI function", function()
  local tree
  before_each(function() tree = support.tree() end)
  after_each(function()
    collectgarbage()
    tree.remove()
  end)

  local function open(options, address)
    return core.device_open(("pci:%s?root=%s%s"):format(address or CARD, tree.root, options or ""))
  end

  local function refused(kind, ...) return support.fails(kind, open, ...) end

  --- A card with two BARs and uio_pci_generic.
  local function card(o)
    o = o or {}
    o.bars = o.bars or { [0] = 0x10000, [2] = 0x4000 }
    tree.add_uio(CARD, o)
  end

  describe("is named", function()
    it("by its address, with the domain or without", function()
      card()
      for _, address in ipairs { CARD, "65:00.0", "0:65:0.0" } do
        local d <close> = open("", address)
        assert.equal("pci", d.kind)
        assert.matches("^pci:" .. address:gsub("%.", "%%."), d.name)
      end
    end)

    it("in no other way", function()
      for _, name in ipairs { "pci:65", "pci:65:00", "pci:65:00.8", "pci:65:20.0", "pci:100:00.0",
                              "pci:zz:00.0", "pci:65:00.0.0", "pci:-1:00.0" } do
        local e = support.fails("value", core.device_open, name)
        assert.matches("names no PCI function: write pci:BUS:DEVICE.FUNCTION as lspci shows it", e, 1, true)
      end
    end)

    it("with options it knows", function()
      card()
      for _, o in ipairs { "&driver=xdma", "&bar=6", "&bar=", "&bar=0x", "&base=-1", "&irq=msi2", "&memory=",
                           "&fast=1", "&driver=" } do
        assert.matches(('unknown option "%s"'):format(o:sub(2)), refused("value", o), 1, true)
      end
    end)

    it("without an address when it is the only one that can be used", function()
      card()
      tree.add("0000:00:1f.2", { driver = "ahci", class = 0x010601 })
      local d <close> = core.device_open("pci?root=" .. tree.root)
      assert.equal(("pci:%s?root=%s"):format(CARD, tree.root), d.name)
    end)

    it("among all that can be used", function()
      card()
      tree.add("0001:00:00.0", { driver = "vfio-pci", group = 3 })
      tree.add("0000:00:1f.2", { driver = "ahci" })
      local names = core.device_names("pci?root=" .. tree.root)
      assert.same({ "pci:0000:65:00.0?root=" .. tree.root, "pci:0001:00:00.0?root=" .. tree.root }, names)
    end)
  end)

  it("is shown with what it is, whether it can be used or not", function()
    card()
    tree.add("0000:00:00.0", { vendor = 0x8086, device = 0x1237, class = 0x060000 })
    tree.add("0000:66:00.0", { driver = "vfio-pci", group = 12 })
    assert.same({
      { address = "0000:00:00.0", vendor = 0x8086, device = 0x1237, class = 0x060000, usable = false },
      { address = CARD, vendor = 0x10ee, device = 0x7024, class = 0x058000, driver = "uio_pci_generic", usable = true },
      { address = "0000:66:00.0", vendor = 0x10ee, device = 0x7024, class = 0x058000, driver = "vfio-pci", group = 12,
        usable = true },
    }, core.pci_functions(tree.root))
  end)

  describe("is refused", function()
    it("when it is not there, with those that are", function()
      tree.add("0000:00:00.0", { driver = "pcieport", class = 0x060400 })
      tree.add("0000:03:00.0", { vendor = 0x1234, device = 0x11e8 })
      tree.add("0000:04:00.0", { vendor = 0x8086, device = 0x1533, driver = "igb" })
      local e = refused("device")
      assert.matches("No Devices Found: there is no PCI function 0000:65:00.0. There are: 0000:03:00.0 (1234:11e8, no "
        .. "driver), 0000:04:00.0 (8086:1533, igb). A card that was loaded after the boot", e, 1, true)
      e = support.fails("device", core.device_open, "pci?root=" .. tree.root)
      assert.matches("no PCI function has the driver vfio-pci or uio_pci_generic. There are: 0000:03:00.0", e, 1, true)
    end)

    it("when the kernel has no PCI", function()
      assert.matches("there is no PCI function 0000:65:00.0. There are: none.", refused("device"), 1, true)
    end)

    it("when another driver has it, with what to type", function()
      tree.add(CARD, { driver = "xdma", group = 12 })
      local e = refused "device"
      assert.equal(table.concat({
        "0000:65:00.0 (10ee:7024) has the driver xdma: a program can use it through vfio-pci, and LUNQ takes it "
          .. "from nobody by itself. As root:",
        "  modprobe vfio-pci",
        "  driverctl set-override 0000:65:00.0 vfio-pci",
        "or, where there is no driverctl:",
        "  echo vfio-pci > /sys/bus/pci/devices/0000:65:00.0/driver_override",
        "  echo 0000:65:00.0 > /sys/bus/pci/devices/0000:65:00.0/driver/unbind",
        "  echo 0000:65:00.0 > /sys/bus/pci/drivers_probe",
        "  chgrp lunq /dev/vfio/12; chmod 660 /dev/vfio/12",
      }, "\n"), e)
      assert.matches("through uio_pci_generic.*set%-override 0000:65:00.0 uio_pci_generic",
                     refused("device", "&driver=uio"))
    end)

    it("when it has no driver, with a word on machines without an IOMMU", function()
      tree.add(CARD, {})
      local e = refused "device"
      assert.matches("has no driver: a program can use it", e, 1, true)
      assert.not_matches("unbind", e)
      assert.matches("no IOMMU that is on (boot argument intel_iommu=on", e, 1, true)
      tree.write("/sys/class/iommu/smmu3.0x9050000/uevent", "")
      e = refused "device"
      assert.not_matches("no IOMMU", e)
      assert.matches("chgrp lunq /dev/vfio/GROUP; chmod 660 /dev/vfio/GROUP\n(GROUP is what readlink ", e, 1, true)
    end)

    it("when it has the other driver than asked for", function()
      card()
      assert.matches("has the driver uio_pci_generic: a program can use it through vfio-pci",
                     refused("device", "&driver=vfio"), 1, true)
    end)

    it("when it does not answer", function()
      card { config = ("\xff"):rep(64) }
      assert.matches("0000:65:00.0 does not answer: its configuration reads all ones.", refused "device", 1, true)
    end)

    it("when it is open already", function()
      card()
      local d <close> = open()
      assert.matches("0000:65:00.0 is open in this program already, as pci:", refused("device", "&bar=0"), 1, true)
      assert.equal(d, lunq.Device.named(d.name))
      d:close()
      open():close()
    end)

    it("when another program has it, which goes on undisturbed", function()
      card()
      tree.write("/sys/bus/pci/devices/" .. CARD .. "/reset", "")
      local d <close> = open()
      local irq <close> = lunq.Interrupt("irq0", d)
      local _ <close> = irq:hold()
      tree.write("/sys/bus/pci/devices/" .. CARD .. "/reset", "")
      local code, out, err = process.lunq("-e", ("require 'lunq'.Device.open %q"):format(d.name))
      assert.same({ 3, "" }, { code, out })
      assert.matches("^lunq: PCI function 0000:65:00.0 is held by pid %d+ ", err)
      assert.equal("", tree.read("/sys/bus/pci/devices/" .. CARD .. "/reset"))
      assert.equal(MASTER, tree.command(CARD) & MASTER)
    end)

    it("when its UIO device is not there, or can't be opened", function()
      tree.add(CARD, { driver = "uio_pci_generic" })
      assert.matches("has the driver uio_pci_generic, but no UIO device", refused "device", 1, true)
      tree.write("/sys/bus/pci/devices/" .. CARD .. "/uio/uio0/name", "uio_pci_generic\n")
      assert.matches("/dev/uio0 is not there, though 0000:65:00.0 has the driver uio_pci_generic", refused "device", 1,
                     true)
    end)

    it("when VFIO does not answer as such", function()
      tree.add(CARD, { driver = "vfio-pci" })
      assert.matches("is in no IOMMU group: bind it again", refused "device", 1, true)
      tree.add(CARD, { driver = "vfio-pci", group = 7 })
      assert.matches("/dev/vfio/vfio is not there", refused "device", 1, true)
      tree.write("/dev/vfio/vfio", "")
      assert.matches("/dev/vfio/7 is not there", refused "device", 1, true)
      tree.write("/dev/vfio/7", "")
      assert.matches("VFIO refuses the state of IOMMU group 7 %(0000:65:00.0%)", refused "device")
      tree.write("/sys/kernel/iommu_groups/7/name", "vfio-noiommu\n")
      assert.matches("/dev/vfio/noiommu-7 is not there", refused "device", 1, true)
    end)
  end)

  describe("has BARs", function()
    it("by name, of which lunq.MMIO takes all", function()
      card()
      local d <close> = open()
      assert.same({ { name = "bar0", base = 0xba0000000000000, size = 0x10000 },
                    { name = "bar2", base = 0xba2000000000000, size = 0x4000 } }, d.ranges)
      local m <close> = lunq.MMIO("bar2", nil, d)
      assert.equal(0x4000, m.length)
      m:write(0x3ffc, 0x12345678)
      m:write8(1, 0xab)
      m:write16(6, 0xcdef)
      m:write64(8, 0x1122334455667788)
      assert.equal(0x12345678, m:read(0x3ffc))
      local bytes = tree.read("/sys/bus/pci/devices/" .. CARD .. "/resource2")
      assert.same({ 0x12345678, 0xab, 0xcdef, 0x1122334455667788 },
                  { string.unpack("<I4", bytes, 0x3ffd), bytes:byte(2), string.unpack("<I2", bytes, 7),
                    (string.unpack("<i8", bytes, 9)) } , nil)
      local part <close> = lunq.MMIO("bar0", 16, d)
      assert.equal(16, part.length)
      local same <close> = lunq.MMIO(0xba2000000000000 + 0x3ffc, 4, d)
      assert.equal(0x12345678, same:read())
    end)

    it("and says which when there is none of a name", function()
      card()
      local d <close> = open()
      assert.matches('has no registers named "bar1": it has bar0, bar2, and addresses.',
                     support.fails("value", lunq.MMIO, "bar1", nil, d), 1, true)
      local sim <close> = core.device_open "sim"
      assert.matches('Device sim has no registers named "bar0": give an address.',
                     support.fails("value", lunq.MMIO, "bar0", nil, sim), 1, true)
      assert.same({}, sim.ranges)
    end)

    it("whose bounds are kept", function()
      card()
      local d <close> = open()
      local m <close> = lunq.MMIO(0xba2000000000000, 0x4001, d)
      assert.matches("0x4001 bytes at 0x0 are not in bar2 of pci:.*: it has bar0 %(64K%), bar2 %(16K%)%.",
                     support.fails("index", m.read, m))
      local n <close> = lunq.MMIO(0xba1000000000000, 4, d)
      assert.matches("are not in bar1 of", support.fails("index", n.read, n), 1, true)
    end)

    it("whose bus errors name the BAR", function()
      card { bars = { [0] = { 0x2000, there = 0x1000 } } }
      local d <close> = open()
      local m <close> = lunq.MMIO("bar0", nil, d)
      local e = support.fails("io", m.read, m, 0x1804)
      assert.matches("^Bus error %(SIGBUS%) at 0xba0000000001804, offset 0x1804 of bar0 of 0000:65:00.0: nothing", e)
      m:write(0x20, 5)
      assert.equal(5, m:read(0x20))
    end)

    it("that are ports, in accesses of 1, 2 and 4 bytes", function()
      card { bars = { [0] = { 256, ports = true }, [1] = 0x1000 } }
      local d <close> = open()
      assert.equal(DECODE | 1, tree.command(CARD) & 7)
      local m <close> = lunq.MMIO("bar0", nil, d)
      m:write(4, 0xdeadbeef)
      m:write8(9, 0x42)
      assert.equal(0xbeef, m:read16(4))
      assert.equal(0x42, tree.read("/sys/bus/pci/devices/" .. CARD .. "/resource0"):byte(10))
      assert.matches("bar0 of pci:.* can't be mapped: it is accessed in 1, 2 or 4 bytes, not 8",
                     support.fails("unsupported", m.read64, m, 0))
    end)
  end)

  describe("has addresses", function()
    it("from 0 on when it has one BAR alone", function()
      card { bars = { [4] = 0x1000 } }
      local d <close> = open()
      local m <close> = lunq.MMIO(0x40, 4, d)
      m:write(0, 9)
      assert.equal(9, tree.read("/sys/bus/pci/devices/" .. CARD .. "/resource4"):byte(0x41))
    end)

    it("only when somebody says so when it has several", function()
      card()
      local d <close> = open()
      local m <close> = lunq.MMIO(0x40, 4, d)
      assert.matches("No BAR of pci:.* leads to 0x40 %(0x4 bytes%): it has bar0 %(64K%), bar2 %(16K%)%. No PCIe bridge "
        .. "of the design says where they lead: say it by bar=N&base=ADDRESS", support.fails("index", m.read, m))
    end)

    it("as bar= and base= say", function()
      card()
      do
        local d <close> = open "&bar=2&base=0x44a00000"
        local m <close> = lunq.MMIO(0x44a00010, 4, d)
        m:write(0, 0x77)
        assert.equal(0x77, tree.read("/sys/bus/pci/devices/" .. CARD .. "/resource2"):byte(0x11))
        local below <close> = lunq.MMIO(0x449ffffc, 4, d)
        support.fails("index", below.read, below)
      end
      assert.matches("the function has no memory in BAR 1", refused("value", "&bar=1"), 1, true)
    end)
  end)

  describe("is no bus master", function()
    it("before it has to be one, and after it is closed", function()
      card { config = string.pack("<I2I2I2I2", 0x10ee, 0x7024, MASTER, 0x10), irq = 11 }
      tree.write("/sys/bus/pci/devices/" .. CARD .. "/reset", "")
      local d = open()
      assert.equal("1", tree.read("/sys/bus/pci/devices/" .. CARD .. "/reset"))
      assert.equal(DECODE, tree.command(CARD))
      local irq = lunq.Interrupt("irq0", d)
      local hold = irq:hold()
      assert.equal(DECODE | MASTER, tree.command(CARD))
      hold:close()
      irq:close()
      d:close()
      hold, irq, d = nil, nil, nil -- luacheck: ignore
      collectgarbage()
      assert.equal(0, tree.command(CARD) & (MASTER | DECODE))
    end)
  end)

  describe("has an interrupt through UIO", function()
    local function event(n)
      local f <close> = assert(io.open(tree.root .. "/dev/uio0", "r+b"))
      f:write(string.pack("<I4", n))
    end

    it("that is unmasked while somebody waits, and counts what was merged", function()
      card()
      local d <close> = open()
      local irq <close> = lunq.Interrupt("irq0", d)
      local hold <close> = irq:hold()
      assert.equal(0, tree.command(CARD) & NO_INTX)
      event(3)
      assert.same({ 3 }, { (hold:wait(1)) })
      local again <close> = irq:hold()
      event(4)
      assert.same({ 1 }, { (again:wait(1)) })
      local third <close> = irq:hold()
      third:close()
      assert.equal(NO_INTX, tree.command(CARD) & NO_INTX)
    end)

    it("for which a task waits while others go on", function()
      card()
      local d <close> = open()
      local irq <close> = lunq.Interrupt("irq0", d)
      local seen = {}
      lunq.gather(lunq.spawn(function()
        for _ = 1, 3 do seen[#seen + 1] = (irq:wait(2)) end
      end), lunq.spawn(function()
        for i = 1, 3 do
          while #seen < i - 1 or tree.command(CARD) & NO_INTX ~= 0 do lunq.sleep(0.001) end
          event(i)
          while #seen < i do lunq.sleep(0.001) end
        end
      end))
      assert.same({ 1, 1, 1 }, seen)
    end)

    it("whose time-out says where to look", function()
      card()
      local d <close> = open()
      local irq <close> = lunq.Interrupt("irq0", d)
      local e = support.fails("timeout", irq.wait, irq, 0.01)
      assert.matches("interrupt 0 of the device: level not known, armed\nProbably the card has not raised it", e, 1,
                     true)
    end)

    it("and no other", function()
      card()
      do
        local d <close> = open()
        assert.matches("No Pin of name irq1 found: pci:.* has irq0 to irq0",
                       support.fails("value", lunq.Interrupt, "irq1", d))
        support.fails("value", lunq.Interrupt, "irq00", d)
      end
      assert.matches("uio_pci_generic has irq=intx alone", refused("value", "&irq=msi"), 1, true)
      tree.write("/sys/bus/pci/devices/" .. CARD .. "/irq", "0\n")
      local without <close> = open()
      assert.matches("No Pin of name irq0 found: pci:.* has no interrupts",
                     support.fails("value", lunq.Interrupt, "irq0", without))
    end)
  end)

  describe("has no buffers", function()
    it("behind an IOMMU that uio_pci_generic can't set up", function()
      card { group = 9 }
      tree.write("/sys/kernel/iommu_groups/9/type", "DMA-FQ\n")
      local d <close> = open()
      local e = support.fails("unsupported", lunq.allocate, 4, "u4", { target = d })
      assert.matches("0000:65:00.0 is behind an IOMMU (group 9), which blocks what its DMA does", e, 1, true)
      assert.equal(0, tree.command(CARD) & MASTER)
    end)

    it("at addresses of an IOMMU there is not", function()
      card()
      local d <close> = open "&memory=iommu"
      assert.matches("no IOMMU translates for 0000:65:00.0 (driver uio_pci_generic): memory=hugetlb",
                     support.fails("unsupported", lunq.allocate, 4, "u4", { target = d }), 1, true)
    end)
  end)
end)
