--- Buffers of the device `linux` from zocl, reserved memory and huge pages, on a folder that looks like a board;
-- fake_memory.c plays the drivers.
local core = require "lunq.core"
local helper = require "spec.helper"
local lunq = require "lunq"

local tree = dofile "spec/board/tree.lua"
local fake = dofile "spec/board/fake.lua"(tree)
local board, read, write, open, fails = tree.board, tree.read, tree.write, tree.open, tree.fails

local function allocate(d, bytes) return lunq.allocate(bytes, "u1", { target = d }) end

--- Why a kind is not usable on the board, or nil.
local function why(kind, options)
  local d <close> = open(options)
  for _, way in ipairs(core.linux_memory(d)) do
    if way.kind == kind then return way.why end
  end
end

--- fake_memory.c has the numbers of 64-bit programs.
local function wide_it(name, f)
  it(name, function()
    if not helper.wide then return pending "needs a program of 64 bits" end
    f()
  end)
end

setup(fake.build)
before_each(tree.make)
after_each(tree.remove)

describe("buffers of zocl", function()
  local function zocl()
    board()
    write("/dev/dri/renderD127", "")
    write("/dev/dri/renderD128", "")
    write("/dev/dri/card0", "")
  end

  wide_it("come from the kernel's contiguous memory, uncached or cached, and are closed", function()
    zocl()
    assert.equal("860000000 0 860002000 true false\n", fake.run [[
      local a <close> = allocate(5000)
      local b <close> = allocate(4096, true)
      print(("%x %d %x %s %s"):format(a.physical_address, a[5000], b.physical_address, a.coherent, b.coherent))
      a[5000] = 7
    ]])
    assert.equal([[
zocl create 5000 flags 10000000
zocl create 4096 flags 11000000
zocl sync 2 to 0 4096
zocl close 2
zocl close 1
]], fake.log())
    assert.equal(7, read("/dev/dri/renderD128"):byte(5000))
  end)

  wide_it("are synced by the driver, the bytes that are asked for", function()
    zocl()
    fake.run [[
      local b <close> = allocate(4096, true)
      b:slice(101, 200):sync_to_device()
      b:sync_from_device()
      local u <close> = allocate(4096)
      u:sync_from_device()
    ]]
    assert.equal([[
zocl create 4096 flags 11000000
zocl sync 1 to 0 4096
zocl sync 1 to 100 100
zocl sync 1 from 0 4096
zocl create 4096 flags 10000000
zocl close 2
zocl close 1
]], fake.log())
  end)

  wide_it("that can't be had leave nothing behind", function()
    zocl()
    assert.equal("memory: Failed to allocate Memory! zocl made no buffer of 9437184 bytes: Cannot allocate memory. "
                 .. "More: boot argument cma=256M. "
                 .. "Contiguous memory of the kernel: CmaTotal:  131072 kB, CmaFree:   1024 kB.\n",
                 fake.run("fails(allocate, 9 << 20)"))
    assert.equal("io: A buffer of zocl of 4096 bytes can't be mapped: Invalid argument.\n",
                 fake.run("fails(allocate, 4096)", { memory = "unmappable" }))
    assert.matches("zocl create 4096 flags 10000000\nzocl close 1\n$", fake.log())
  end)

  it("need a render node that is zocl's", function()
    zocl()
    assert.matches("^no render node below /dev/dri is of the driver zocl: modprobe zocl", why "zocl")
  end)
end)

describe("buffers in reserved memory", function()
  local RESERVED <const> = "/proc/device-tree/reserved-memory/"

  local function cells(...) return string.pack((">I4"):rep(select("#", ...)), ...) end

  --- A board with regions, { name = { address, size } }, all with no-map.
  local function reserve(regions)
    board()
    for _, folder in ipairs { "/proc/device-tree/", RESERVED } do
      write(folder .. "#address-cells", cells(1))
      write(folder .. "#size-cells", cells(1))
    end
    write(RESERVED .. "ranges", "")
    for name, r in pairs(regions) do
      write(RESERVED .. name .. "/reg", cells(r[1], r[2]))
      write(RESERVED .. name .. "/no-map", "")
    end
  end

  --- A file that is only as long as memory up to `size`.
  local function mem(size)
    write("/dev/mem", "")
    assert(os.execute(("truncate -s %d %s/dev/mem"):format(size, tree.root)))
  end

  it("are found in the device tree and reached through /dev/mem; a sync copies them", function()
    reserve { ["buffer@100000"] = { 0x100000, 0x10000 } }
    mem(0x110000)
    local d <close> = open()
    local a <close> = allocate(d, 4096)
    local b <close> = lunq.allocate(1024, "u4", { target = d })
    assert.same({ 0x100000, 0x101000, false }, { a.physical_address, b.physical_address, b.coherent })
    b:fill(7)
    assert.equal(0, string.unpack("<I4", read "/dev/mem", 0x101001))
    b:slice(3, 4):sync_to_device()
    assert.equal(string.pack("<I4I4I4I4", 0, 7, 7, 0), read("/dev/mem"):sub(0x101005, 0x101014))
  end)

  it("are copied to the byte, whatever the alignment", function()
    reserve { ["lunq@100000"] = { 0x100000, 0x10000 } }
    mem(0x110000)
    local d <close> = open()
    local b <close> = allocate(d, 64)
    for i = 1, 64 do b[i] = i end
    b:slice(4, 30):sync_to_device()
    local there = read("/dev/mem"):sub(0x100001, 0x100040)
    for i = 1, 64 do assert.equal(i >= 4 and i <= 30 and i or 0, there:byte(i)) end
    b:fill(99)
    b:slice(9, 12):sync_from_device()
    for i = 1, 64 do assert.equal(i >= 9 and i <= 12 and i or 99, b[i]) end
  end)

  it("are cleared when they are given out again", function()
    reserve { ["buffer@100000"] = { 0x100000, 0x2000 } }
    mem(0x102000)
    local d <close> = open()
    local a = allocate(d, 8192)
    a:fill(1)
    a:sync_to_device()
    a:close()
    local b <close> = allocate(d, 8192)
    b:sync_from_device()
    assert.same({ 0, 0 }, { b[1], b[8192] })
  end)

  it("come from a UIO device that has some of the region, so that a group may use it", function()
    reserve { ["buffer@100000"] = { 0x100000, 0x10000 } }
    tree.uio(5, 0x104000, 0x8000)
    tree.uio(6, 0x10f000, 0x2000) -- reaches beyond
    local d <close> = open()
    local b <close> = allocate(d, 0x8000)
    assert.equal(0x104000, b.physical_address)
    b:fill(5)
    b:sync_to_device()
    assert.equal(("\5"):rep(0x8000), read "/dev/uio5")
    assert.matches("buffer@100000 has no 1 free bytes", fails("memory", allocate, d, 1))
  end)

  it("are given to one program only, and those of a dead one again", function()
    reserve { ["buffer@100000"] = { 0x100000, 0x4000 } }
    mem(0x104000)
    local d <close> = open()
    local e <close> = open()
    local a <close> = allocate(d, 0x1000)
    local b <close> = allocate(e, 0x1000)
    assert.same({ 0x100000, 0x101000 }, { a.physical_address, b.physical_address })
    assert.equal("1056768\n", fake.run([[
      local c = allocate(0x2000)
      print(c.physical_address)
      io.stdout:flush()
      os.execute("kill -KILL " .. io.open("/proc/self/stat"):read "n")
    ]], { code = 137 }))
    local c <close> = allocate(d, 0x2000)
    assert.equal(0x102000, c.physical_address)
  end)

  it("are never in what belongs to somebody else, and each region says why", function()
    reserve { ["atf@100000"] = { 0x100000, 0x1000 }, ["rproc@200000"] = { 0x200000, 0x1000 },
              ["pool@300000"] = { 0x300000, 0x1000 }, ["buffer@400000"] = { 0x400000, 0x1000 } }
    write(RESERVED .. "rproc@200000/phandle", cells(9))
    write("/proc/device-tree/r5@0/memory-region", cells(9))
    write(RESERVED .. "pool@300000/compatible", "shared-dma-pool\0")
    os.remove(tree.root .. RESERVED .. "buffer@400000/no-map")
    local text = why "reserved"
    assert.matches("^no region for buffers is reserved: /reserved%-memory { buffer@ADDRESS { reg = <%.%.%.>; no%-map;",
                   text)
    assert.matches("; atf@100000 is not called buffer@%.%.%. %(%?memory=reserved:atf@100000%)", text)
    assert.matches("; rproc@200000 is not called buffer@", text)
    assert.matches("; pool@300000 belongs to a driver %(shared%-dma%-pool%)", text)
    assert.matches("; buffer@400000 has no no%-map: the kernel uses it, too", text)
    assert.matches("; rproc@200000 belongs to r5@0$", why("reserved", "&memory=reserved:rproc@200000"))
    mem(0x101000)
    local d <close> = open "&memory=reserved:atf@100000"
    local b <close> = allocate(d, 16)
    assert.equal(0x100000, b.physical_address)
  end)

  it("need a way to reach them", function()
    reserve { ["buffer@100000"] = { 0x100000, 0x10000 } }
    assert.matches("^buffer@100000: .*/dev/mem can't be opened: No such file or directory%. /dev/mem is for root; a "
                   .. "node compatible with generic%-uio", why "reserved")
  end)
end)

describe("buffers in huge pages", function()
  local function huge(total, free)
    board()
    write("/proc/self/pagemap", "")
    write("/proc/meminfo", ("CmaTotal: 0 kB\nCmaFree: 0 kB\nHugePages_Total: %d\nHugePages_Free:  %d\n"
                            .. "Hugepagesize:    64 kB\n"):format(total, free))
  end

  wide_it("share a page while they are small, and lie in neighbouring ones when they are large", function()
    huge(8, 8)
    assert.equal("80000000 80001000 7ffe0000 123\n", fake.run [[
      local a <close> = allocate(64)
      local b <close> = allocate(4096)
      local c <close> = allocate(0x28000)
      c[1], c[0x28000] = 12, 3
      c:sync_to_device()
      print(("%x %x %x %d%d"):format(a.physical_address, b.physical_address, c.physical_address, c[1], c[0x28000]))
    ]])
  end)

  wide_it("are not had where none lie in a row", function()
    huge(8, 6)
    assert.equal("memory: Failed to allocate Memory! 131073 bytes need 3 huge pages of 64 kB in a row, 6 are free: "
                 .. "no 3 of 6 free ones lie beside each other. More: /proc/sys/vm/nr_hugepages. Contiguous memory of "
                 .. "the kernel: CmaTotal: 0 kB, CmaFree: 0 kB.\n", fake.run([[
      fails(allocate, 131073)
      allocate(65536):close()
    ]], { memory = "scattered" }))
  end)

  wide_it("need CAP_SYS_ADMIN, pages, and no IOMMU", function()
    huge(0, 0)
    assert.matches("^no huge pages are kept %(of 64 kB each%): as root echo 16 > /proc/sys/vm/nr_hugepages",
                   why "hugetlb")
    huge(4, 4)
    write("/sys/kernel/iommu_groups/0/type", "DMA\n")
    assert.matches("^an IOMMU translates what masters ask for %(/sys/kernel/iommu_groups/0%): boot argument "
                   .. "iommu%.passthrough=1", why "hugetlb")
    write("/sys/kernel/iommu_groups/0/type", "identity\n")
    local ask <const> = "local w = core.linux_memory(board)[6] print(w.usable, w.why)"
    assert.equal("true\tnil\n", fake.run(ask))
    assert.matches("^false\t", fake.run(ask, { memory = "hidden" }))
    write("/proc/meminfo", "MemTotal: 1 kB\n")
    assert.equal("the kernel has no huge pages: CONFIG_HUGETLBFS=y", why "hugetlb")
  end)
end)
