-- pci.lua: what the device `pci` does with QEMU's edu card (docs/specs/edu.rst of QEMU) on the kernel of a guest.
-- test-lunq-virt.sh runs it:   lunq pci.lua CASE pci:ADDRESS...
-- Edu is what a driver for a card looks like that has no metadata: registers of a BAR, buffers, an interrupt.
local Class = require "lunq.class"
local lunq = require "lunq"

-- ---- a driver ------------------------------------------------------------------------------------

local ID <const>, LIVE <const>, FACTORIAL <const>, STATUS <const> = 0x00, 0x04, 0x08, 0x20
local IRQ_STATUS <const>, IRQ_RAISE <const>, IRQ_ACK <const> = 0x24, 0x60, 0x64
local DMA_FROM <const>, DMA_TO <const>, DMA_COUNT <const>, DMA_COMMAND <const> = 0x80, 0x88, 0x90, 0x98
local IRQ_AFTER <const> = 0x80                              -- of STATUS: interrupt after a factorial
local START <const>, OUT <const>, DMA_IRQ <const> = 1, 2, 4 -- of DMA_COMMAND; OUT: from the card
local MEMORY <const> = 0x40000 -- of the card, 4 KiB
local MOST <const> = 2048      -- a DMA of 4096 bytes there stops QEMU 7.2: its check is off by one

local Edu = Class:extend { __name = "Edu" }

function Edu:init(device)
  self.device = device
  self.mmio = lunq.MMIO("bar0", nil, device)
  self.mmio:write(STATUS, 0)
  self.mmio:write(IRQ_ACK, 0xffffffff) -- what an earlier driver left
  self.irq = lunq.Interrupt("irq0", device)
end

--- Waits for an interrupt that `cause` leads to; gives what its status said, and the count.
function Edu:await(cause, timeout)
  local hold <close> = self.irq:hold()
  cause()
  local count = hold:wait(timeout or 3)
  local status = self.mmio:read(IRQ_STATUS)
  self.mmio:write(IRQ_ACK, status)
  return status, count
end

function Edu:factorial(n)
  self.mmio:write(STATUS, IRQ_AFTER)
  self:await(function() self.mmio:write(FACTORIAL, n) end)
  self.mmio:write(STATUS, 0)
  return self.mmio:read(FACTORIAL)
end

local function start(self, from, to, bytes, command)
  assert(bytes <= MOST)
  self.mmio:write64(DMA_FROM, from)
  self.mmio:write64(DMA_TO, to)
  self.mmio:write64(DMA_COUNT, bytes)
  self.mmio:write64(DMA_COMMAND, START | command)
end

--- Moves the bytes at a device address into the card, or out of it, and waits by interrupt.
function Edu:load(address, bytes)
  self:await(function() start(self, address, MEMORY, bytes, DMA_IRQ) end)
end
function Edu:store(address, bytes)
  self:await(function() start(self, MEMORY, address, bytes, DMA_IRQ | OUT) end)
end

--- The same without an interrupt.
function Edu:copy(from, to, bytes, command)
  start(self, from, to, bytes, command or 0)
  self.mmio:poll(DMA_COMMAND, START, 0, 3)
end

function Edu:close()
  self.irq:close()
  self.mmio:close()
end
Edu.__close = Edu.close

-- ---- cases ---------------------------------------------------------------------------------------

local cases = {}

local function fails(kind, text, f, ...)
  local ok, e = pcall(f, ...)
  assert(not ok, "it worked")
  assert(type(e) == "table" and e.kind == kind and tostring(e):find(text), tostring(e))
  print(e)
end

local function command(device)
  local f <close> = assert(io.open("/sys/bus/pci/devices/" .. device.name:match "pci:([%x:.]+)" .. "/config", "rb"))
  f:seek("set", 4)
  return string.unpack("<I2", f:read(2))
end

function cases.registers(name)
  local device <close> = lunq.Device.open(name)
  local ranges = device.ranges
  assert(#ranges == 1 and ranges[1].name == "bar0" and ranges[1].size == 1 << 20)
  local edu <close> = Edu(device)
  local m = edu.mmio
  assert(m.length == 1 << 20 and m:read(ID) == 0x010000ed)
  m:write(LIVE, 0x12345678)
  assert(m:read(LIVE) == 0xffffffff ~ 0x12345678)
  local same <close> = lunq.MMIO(LIVE, 4, device) -- the only BAR begins at address 0 when nothing else is said
  assert(same:read() == 0xffffffff ~ 0x12345678)
  local based <close> = lunq.MMIO(ranges[1].base + LIVE, 4, device)
  assert(based:read() == 0xffffffff ~ 0x12345678)
  fails("index", "outside", m.read, m, 1 << 20)
  local beyond <close> = lunq.MMIO(1 << 20, 4, device)
  fails("index", "No BAR of pci:", beyond.read, beyond)
  fails("value", 'no registers named "bar1": it has bar0', lunq.MMIO, "bar1", nil, device)
  fails("device", "is open in this program already", lunq.Device.open, name)
  assert(command(device) & 6 == 2, "decodes memory, and is no bus master yet")
end

function cases.bus_error(name)
  local device <close> = lunq.Device.open(name)
  local m <close> = lunq.MMIO("bar0", nil, device)
  -- edu takes 4 and 8 bytes
  fails("io", "Bus error %(SIGBUS%) at 0xba0000000000000, offset 0x0 of bar0", m.read8, m, ID)
  assert(m:read(ID) == 0x010000ed)
end

function cases.buffers(name)
  local device <close> = lunq.Device.open(name)
  local edu <close> = Edu(device)
  local big <close> = lunq.allocate({ 1024, 1024 }, "u4", { target = device }) -- 4 MiB of scattered pages
  print(("%s: %#x"):format(device.name, big.physical_address))
  for round = 1, 4 do
    local src <close> = lunq.allocate(MOST // 4, "u4", { target = device })
    local dst <close> = lunq.allocate(MOST // 4, "u4", { target = device })
    assert(src.physical_address ~= dst.physical_address and dst[1] == 0)
    for i = 1, #src do src[i] = i * 7 + round end
    src:sync_to_device()
    edu:load(src.physical_address, MOST)
    edu:store(dst.physical_address, MOST)
    dst:sync_from_device()
    for i = 1, #dst do assert(dst[i] == i * 7 + round, "the data came back otherwise") end
  end
  local row = big[513] -- inside of the large one
  row:fill(0x5a5a)
  edu:copy(row.physical_address, MEMORY, MOST)
  big[700]:fill(0)
  edu:copy(MEMORY, big[700].physical_address, MOST, OUT)
  assert(big[700][1] == 0x5a5a and big[700][512] == 0x5a5a and big[700][513] == 0)
  assert(command(device) & 4 == 4, "is a bus master")
end

--- An address nobody has mapped: the IOMMU stops it, and the buffers stay as they are.
function cases.unmapped(name)
  local device <close> = lunq.Device.open(name)
  local edu <close> = Edu(device)
  local a <close> = lunq.allocate(MOST, "u1", { target = device })
  local address = a.physical_address
  a:fill(0x55)
  edu:copy(MEMORY, 0x9000000, MOST, OUT)
  for i = 1, #a do assert(a[i] == 0x55) end
  edu:copy(address, MEMORY, MOST)
  a:close() -- from here on this address is nobody's either
  local b <close> = lunq.allocate(MOST, "u1", { target = device })
  assert(b[1] == 0)
  edu:copy(MEMORY, address + (b.physical_address == address and 0x100000 or 0), MOST, OUT)
  assert(b[1] == 0 and b[MOST] == 0)
end

--- Huge pages behind the IOMMU: fewer entries for large buffers.
function cases.huge_iommu(name)
  local pages = "/proc/sys/vm/nr_hugepages"
  local device <close> = lunq.Device.open(name .. "?memory=hugetlb")
  fails("memory", "too few huge pages are free", lunq.allocate, 4, "u4", { target = device })
  assert(io.open(pages, "w")):write("4\n"):close()
  local edu <close> = Edu(device)
  local a <close> = lunq.allocate(3 << 20, "u1", { target = device })
  for i = 1, MOST do a[i] = i % 253 end
  edu:load(a.physical_address, MOST)
  edu:store(a.physical_address + (3 << 20) - MOST, MOST)
  for i = 1, MOST do assert(a[(3 << 20) - MOST + i] == i % 253) end
  a:close()
  assert(io.open(pages, "w")):write("0\n"):close()
end

local function interrupts(device, kind)
  local edu <close> = Edu(device)
  for i = 1, 200 do
    local status, count = edu:await(function() edu.mmio:write(IRQ_RAISE, i) end)
    assert(status == i and count == 1, ("%s %d: status %d, count %d"):format(kind, i, status, count))
  end
  assert(edu:factorial(12) == 479001600)
  -- in a task, while others go on
  local ticks, done = 0, false
  local task = lunq.spawn(function() done = edu:await(function() end) == 9 end)
  local ticker = lunq.spawn(function()
    for _ = 1, 5 do
      lunq.sleep(0.002)
      ticks = ticks + 1
    end
    edu.mmio:write(IRQ_RAISE, 9)
  end)
  lunq.gather(task, ticker)
  assert(done and ticks == 5)
  fails("timeout", "irq0 did not come within", edu.irq.wait, edu.irq, 0.05)
  return edu
end

function cases.msi(name)
  local device <close> = lunq.Device.open(name .. "?irq=msi")
  interrupts(device, "MSI")
  local edu <close> = Edu(device)
  -- an edge that comes while nobody waits is kept
  local hold = edu.irq:hold()
  hold:close()
  edu.mmio:write(IRQ_RAISE, 3)
  assert(edu:await(function() end) == 3)
  fails("value", "No Pin of name irq1 found: pci:.* has irq0 to irq0", lunq.Interrupt, "irq1", device)
end

function cases.intx(name)
  local device <close> = lunq.Device.open(name .. "?irq=intx")
  interrupts(device, "INTx")
  local edu <close> = Edu(device)
  -- a level that stays up comes again each time somebody waits
  edu.mmio:write(IRQ_RAISE, 1)
  for _ = 1, 3 do edu.irq:wait(3) end
  edu.mmio:write(IRQ_ACK, 1)
  fails("timeout", "did not come", edu.irq.wait, edu.irq, 0.05)
end

function cases.uio_interrupts(name)
  local device <close> = lunq.Device.open(name)
  interrupts(device, "INTx")
end

--- uio_pci_generic behind an IOMMU: registers and INTx, no buffers.
function cases.uio(name)
  local device <close> = lunq.Device.open(name)
  interrupts(device, "INTx")
  fails("unsupported", "is behind an IOMMU %(group %d+%).*driverctl set%-override", lunq.allocate, 16, "u4",
        { target = device })
  fails("value", "uio_pci_generic has irq=intx alone", function()
    device:close()
    lunq.Device.open(name .. "?irq=msi")
  end)
end

function cases.other_driver(name)
  fails("device", "has the driver uio_pci_generic: a program can use it through vfio%-pci.*driver_override",
        lunq.Device.open, name .. "?driver=vfio")
end

function cases.no_driver(name)
  fails("device", "has no driver: .*echo vfio%-pci > /sys/bus/pci/devices/.*/driver_override.*drivers_probe",
        lunq.Device.open, name)
  fails("device", "No Devices Found", lunq.Device.open, "pci:00:1f.7")
  fails("device", "no PCI function has the driver", lunq.Device.open, "pci")
end

--- What the nodes do not allow.
function cases.denied(name)
  fails("permission", "/dev/vfio/%d+ can't be opened: Permission denied.*chgrp lunq", lunq.Device.open, name)
end

--- A user with a limit on what may be pinned.
function cases.limited(name)
  local device <close> = lunq.Device.open(name)
  local edu <close> = Edu(device)
  local a <close> = lunq.allocate(1024, "u4", { target = device })
  a:fill(77)
  edu:load(a.physical_address, MOST)
  fails("memory", "this user may pin 65536 bytes", lunq.allocate, 1 << 20, "u4", { target = device })
  edu:store(a.physical_address + MOST, MOST)
  assert(a[1024] == 77)
end

function cases.busy(name)
  local device <close> = lunq.Device.open(name)
  assert(device.name == name)
  local ok, _, code = os.execute(("lunq pci.lua is_busy '%s'"):format(name))
  assert(ok, "exit code " .. tostring(code))
end

function cases.is_busy(name)
  fails("device", "PCI function .* is held by pid %d+ %(lunq pci.lua busy pci:", lunq.Device.open, name)
end

--- Looking at the machine disturbs nobody.
function cases.doctor(name)
  local device <close> = lunq.Device.open(name)
  local edu <close> = Edu(device)
  local hold <close> = edu.irq:hold()
  assert(command(device) & 4 == 4)
  os.execute "lunq doctor > /run/doctor"
  assert(command(device) & 4 == 4, "it is no bus master any more")
  edu.mmio:write(IRQ_RAISE, 1)
  hold:wait(3)
end

--- Leaves with buffers and interrupts in use: what the program does not close the kernel does.
function cases.leave(name)
  local device = lunq.Device.open(name)
  local edu = Edu(device)
  local a = lunq.allocate(1024, "u4", { target = device })
  edu:load(a.physical_address, MOST)
  assert(command(device) & 4 == 4)
end

function cases.die(name)
  cases.leave(name)
  os.exit(7, false)
end

function cases.left(name)
  assert(command { name = name } & 4 == 0, "it is still a bus master")
end

--- Huge pages at physical addresses, where no IOMMU translates.
function cases.huge(name)
  local f <close> = assert(io.open("/proc/sys/vm/nr_hugepages", "w"))
  f:write "0\n"
  f:close()
  local device <close> = lunq.Device.open(name)
  fails("memory", "no huge pages are kept %(of 2048 kB each%): as root echo 16 >", lunq.allocate, 1024, "u4",
        { target = device })
  local g <close> = assert(io.open("/proc/sys/vm/nr_hugepages", "w"))
  g:write "16\n" -- of so many, two lie beside each other wherever the kernel found them
  g:close()
  local edu <close> = Edu(device)
  local src <close> = lunq.allocate(MOST, "u1", { target = device })
  local dst <close> = lunq.allocate(MOST, "u1", { target = device })
  print(("%#x %#x"):format(src.physical_address, dst.physical_address))
  for i = 1, MOST do src[i] = i % 251 end
  edu:load(src.physical_address, MOST)
  edu:store(dst.physical_address, MOST)
  for i = 1, MOST do assert(dst[i] == i % 251) end
  local row <close> = lunq.allocate(3 << 20, "u1", { target = device }) -- two pages beside each other
  edu:store(row.physical_address + (3 << 20) - MOST, MOST)
  assert(row[3 << 20] == dst[MOST])
  fails("memory", "32 huge pages of 2048 kB in a row", lunq.allocate, 64 << 20, "u1", { target = device })
end

-- ---- MSI-X ---------------------------------------------------------------------------------------

--- QEMU's virtio-rng, whose DMA and vectors are what a card's are: a ring in memory (virtio 1.1, 2.6 and 4.1.4; the
--- offsets in BAR 4 are QEMU's). Vector 0 is for its configuration, vector 1 for the ring.
function cases.msix(name)
  local device <close> = lunq.Device.open(name)
  local m <close> = lunq.MMIO("bar4", nil, device)
  local ring <close> = lunq.allocate(2048, "u2", { target = device }) -- descriptors at byte 0, 0x100, 0x200, data 0x400
  local irq <close> = lunq.Interrupt("irq1", device)
  local idle <close> = lunq.Interrupt("irq0", device)
  local function write64(offset, value)
    m:write32(offset, value & 0xffffffff)
    m:write32(offset + 4, value >> 32)
  end
  local first <close> = irq:hold()
  m:write8(0x14, 0)
  m:poll(0x14, 0xff, 0, 2)
  m:write8(0x14, 3)
  m:write32(0x08, 1) -- VERSION_1 and ACCESS_PLATFORM: it is behind the IOMMU
  m:write32(0x0c, 3)
  m:write8(0x14, 11)
  assert(m:read8(0x14) & 8 == 8, "it refuses the features")
  m:write16(0x16, 0)
  m:write16(0x18, 1)
  m:write16(0x1a, 1)
  assert(m:read16(0x1a) == 1, "it refuses the vector")
  local at = ring.physical_address
  write64(0x20, at)
  write64(0x28, at + 0x100)
  write64(0x30, at + 0x200)
  m:write16(0x1c, 1)
  m:write8(0x14, 15)
  for i = 1, 4 do ring[i] = at + 0x400 >> 16 * (i - 1) & 0xffff end
  ring[5], ring[6], ring[7] = 64, 0, 2 -- 64 bytes, for the device to write
  local hold, seen = first, {}
  for i = 1, 100 do
    ring[0x102 // 2 + 1] = i
    m:write16(0x3000, 0)
    local count = hold:wait(3)
    assert(count == 1 and ring[0x202 // 2 + 1] == i, "another number of requests is done")
    local text = {}
    for k = 1, 4 do text[k] = ring[0x400 // 2 + k] end
    seen[table.concat(text, " ")] = true
    hold = irq:hold()
  end
  hold:close()
  local different = 0
  for _ in pairs(seen) do different = different + 1 end
  assert(different > 90, "it gives no random numbers")
  fails("timeout", "irq0 did not come", idle.wait, idle, 0.05)
  fails("value", "has irq0 to irq%d+", lunq.Interrupt, "irq99", device)
end

local case = assert(cases[arg[1]], "no such case")
case(table.unpack(arg, 2))
