--- Contiguous memory of the device `linux`: which mechanism is taken, and u-dma-buf, on a folder that looks like a
-- board. fake_memory.c plays the drivers where files are not enough.
local core = require "lunq.core"
local lfs = require "lfs"
local lunq = require "lunq"

local tree = dofile "spec/board/tree.lua"
local fake = dofile "spec/board/fake.lua"(tree)
local board, udmabuf, read, write, open = tree.board, tree.udmabuf, tree.read, tree.write, tree.open
local fails = tree.fails

local function allocate(d, bytes, cacheable)
  return lunq.allocate(bytes, "u1", { target = d, cacheable = cacheable })
end

describe("contiguous memory", function()
  before_each(tree.make)
  after_each(tree.remove)

  describe("is chosen", function()
    setup(fake.build)

    --- What each kind says of itself: "chosen", "usable" or the reason.
    local LIST <const> = [[
      for _, way in ipairs(core.linux_memory(board)) do
        print(way.kind .. ": " .. (way.chosen and "chosen" or way.usable and "usable" or way.why))
      end
    ]]

    it("among all mechanisms in their order, with the reason why the others were not taken", function()
      board()
      write("/dev/u-dma-buf-mgr", "")
      write("/dev/dma_heap/reserved", "")
      write("/proc/self/pagemap", "")
      local lines = {}
      for line in fake.run(LIST):gmatch "[^\n]+" do lines[#lines + 1] = line end
      assert.equal(6, #lines)
      assert.matches("^udmabuf: no buffer of the module u%-dma%-buf is there: modprobe u%-dma%-buf udmabuf0=", lines[1])
      assert.equal("udmabuf-mgr: chosen", lines[2])
      assert.matches("^zocl: no render node", lines[3])
      assert.matches("^reserved: ", lines[4])
      assert.equal("heap: usable", lines[5])
      assert.equal("hugetlb: the kernel has no huge pages: CONFIG_HUGETLBFS=y", lines[6])
    end)

    it("by ?memory= where somebody asks for one", function()
      board()
      udmabuf("udmabuf0", 0x70000000, 0x10000)
      write("/dev/dma_heap/reserved", "")
      write("/proc/self/pagemap", "")
      local text = fake.run(LIST .. "fails(allocate, 4096)", { open = "&memory=heap" })
      assert.matches("^udmabuf: usable\n.*\nheap: chosen\n.*memory: Failed to allocate Memory! 4096 bytes from the "
                     .. "DMA%-BUF heap reserved: .*CmaTotal:  131072 kB", text)
      local sim <close> = core.device_open "sim"
      assert.equal("Device sim is no board with Linux.", fails("type", core.linux_memory, sim))
    end)

    it("and without any mechanism all of them say what they lack", function()
      board()
      local d <close> = open()
      local text = fails("memory", allocate, d, 4)
      assert.matches("udmabuf: no buffer of the module u%-dma%-buf is there: modprobe u%-dma%-buf", text)
      assert.matches("udmabuf%-mgr: .*/dev/u%-dma%-buf%-mgr is not there: modprobe u%-dma%-buf%-mgr", text)
      assert.matches("heap: no DMA%-BUF heap of contiguous memory is there", text)
      local wrong <close> = open "&memory=magic"
      assert.matches('there is no memory "magic": udmabuf, udmabuf%-mgr', fails("value", allocate, wrong, 4))
    end)
  end)

  describe("from u-dma-buf", function()
    it("comes zeroed, with its addresses", function()
      board()
      udmabuf("udmabuf0", 0x70000000, 0x10000)
      local d <close> = open()
      local a <close> = allocate(d, 64)
      local b <close> = lunq.allocate(16, "u4", { target = d })
      assert.same({ 0x70000000, 0x70001000 }, { a.physical_address, b.physical_address })
      assert.equal(0, b[16])
      b[1] = 0x01020304
      assert.equal(0x01020304, string.unpack("<I4", read "/dev/udmabuf0", 0x1001))
      write("/sys/class/u-dma-buf/udmabuf0/sync_for_device", "0\n")
      b:sync_to_device() -- uncached: nothing to do
      assert.equal("0\n", read "/sys/class/u-dma-buf/udmabuf0/sync_for_device")
    end)

    it("is synced by the module where it is cached, whole cache lines", function()
      board()
      udmabuf("udmabuf0", 0x70000000, 0x10000)
      local d <close> = open()
      local _ <close> = allocate(d, 4096, true)
      local b <close> = lunq.allocate(1024, "u4", { target = d, cacheable = true })
      b:slice(17, 17):sync_to_device() -- bytes 0x1040 to 0x1044
      assert.equal("0x0000104000000045", read("/sys/class/u-dma-buf/udmabuf0/sync_for_device"):sub(1, 18))
      b:sync_from_device()
      assert.equal("0x0000100000001009", read("/sys/class/u-dma-buf/udmabuf0/sync_for_cpu"):sub(1, 18))
    end)

    it("needs no syncs, and is always cached, where its masters see the caches", function()
      board()
      udmabuf("udmabuf0", 0x70000000, 0x10000)
      write("/sys/class/u-dma-buf/udmabuf0/dma_coherent", "1\n")
      os.remove(tree.root .. "/sys/class/u-dma-buf/udmabuf0/sync_for_cpu")
      local d <close> = open()
      local a <close> = allocate(d, 4096, true)
      local b <close> = allocate(d, 4096)
      assert.same({ true, true }, { a.coherent, b.coherent })
      a:sync_from_device()
      assert.equal("0\n", read "/sys/class/u-dma-buf/udmabuf0/sync_for_device")
    end)

    -- The module begins with mode 1, device memory: memset on it is a bus error on 64-bit ARM.
    it("is mapped in a mode that suits memory", function()
      board()
      udmabuf("udmabuf0", 0x70000000, 0x10000)
      local d <close> = open()
      local _ <close> = allocate(d, 64)
      assert.equal("2", read("/sys/class/u-dma-buf/udmabuf0/sync_mode"):sub(1, 1))
      udmabuf("udmabuf0", 0x70000000, 0x10000)
      os.remove(tree.root .. "/sys/class/u-dma-buf/udmabuf0/sync_mode")
      assert(os.execute(("mkdir %s/sys/class/u-dma-buf/udmabuf0/sync_mode"):format(tree.root)))
      local old <close> = open()
      local b <close> = allocate(old, 64) -- a version that has no modes
      assert.equal(0, b[1])
    end)

    it("that doesn't fit says how much there is, with the kernel's memory", function()
      board()
      udmabuf("udmabuf0", 0x70000000, 0x2000)
      local d <close> = open()
      assert.equal("Failed to allocate Memory! udmabuf0 has no 16384 free bytes in one piece: this program uses 0 of "
                   .. "its 8192 bytes, other programs may have some, too. More: a larger udmabuf0= of the module, or "
                   .. "size = <...> of its node. Contiguous memory of the kernel: "
                   .. "CmaTotal:  131072 kB, CmaFree:   1024 kB.",
                   fails("memory", allocate, d, 0x4000))
      write("/dev/u-dma-buf-mgr", "")
      assert.matches(" Also here: linux%?memory=udmabuf%-mgr%.$", fails("memory", allocate, d, 0x4000))
      local a <close> = allocate(d, 0x1000)
      a:close()
      local b <close> = allocate(d, 0x2000)
      assert.equal(0x70000000, b.physical_address)
    end)

    it("is taken from the next device when one is full", function()
      board()
      udmabuf("udmabuf0", 0x70000000, 0x2000)
      udmabuf("udmabuf1", 0x60000000, 0x2000)
      local d <close> = open()
      local a <close> = allocate(d, 0x2000)
      local b <close> = allocate(d, 0x2000)
      local addresses = { a.physical_address, b.physical_address }
      table.sort(addresses)
      assert.same({ 0x60000000, 0x70000000 }, addresses)
      fails("memory", allocate, d, 1)
    end)

    -- Two programs used to be given the same bytes.
    it("is given to one program only", function()
      board()
      udmabuf("udmabuf0", 0x70000000, 0x8000)
      local d <close> = open()
      local e <close> = open()
      local a <close> = allocate(d, 0x2000)
      local b <close> = allocate(e, 0x1000)
      assert.same({ 0x70000000, 0x70002000 }, { a.physical_address, b.physical_address })
      local c <close> = allocate(d, 0x1000)
      assert.equal(0x70003000, c.physical_address)
      a:close()
      local small <close> = allocate(e, 0x2000) -- what the other has just given back
      assert.equal(0x70000000, small.physical_address)
      assert.matches("no 24576 free bytes", fails("memory", allocate, d, 0x6000))
      local rest <close> = allocate(d, 0x4000)
      assert.equal(0x70004000, rest.physical_address)
    end)

    -- The search used to begin anew for ever.
    it("is not searched for ever when the kernel does not say who has it", function()
      board()
      udmabuf("udmabuf0", 0x70000000, 0x8000)
      assert.equal("io: Bytes of udmabuf0, which other programs may have, can't be locked: No locks available. The "
                   .. "kernel needs CONFIG_FILE_LOCKING=y.\n", fake.run(([[
        local other <close> = core.device_open("linux?root=%s")
        local b <close> = lunq.allocate(4096, "u1", { target = other })
        fails(allocate, 4096)
      ]]):format(tree.root), { memory = "unasked" }))
    end)

    it("of a program that died can be had again", function()
      board()
      udmabuf("udmabuf0", 0x70000000, 0x2000)
      local text = fake.run([[
        local b = allocate(0x2000)
        print(b.physical_address)
        io.stdout:flush()
        os.execute("kill -KILL " .. io.open("/proc/self/stat"):read "n")
      ]], { code = 137 })
      assert.equal(0x70000000 .. "\n", text)
      local d <close> = open()
      local b <close> = allocate(d, 0x2000)
      assert.equal(0x70000000, b.physical_address)
    end)
  end)

  describe("from u-dma-buf with ioctls", function()
    setup(fake.build)

    it("is synced by them, without files of sysfs", function()
      board()
      udmabuf("udmabuf0", 0x70000000, 0x10000)
      os.remove(tree.root .. "/sys/class/u-dma-buf/udmabuf0/sync_for_device")
      os.remove(tree.root .. "/sys/class/u-dma-buf/udmabuf0/sync_for_cpu")
      fake.run [[
        local _ <close> = allocate(4096)
        local b <close> = allocate(8192, true)
        b:slice(17, 20):sync_to_device()
        b:slice(4096, 4096):sync_from_device()
      ]]
      assert.equal([[
udmabuf0 set_sync mode 2 direction 1 size 64 offset 128
udmabuf0 sync_for_device 0000000000001005
udmabuf0 sync_for_device 0000100000002005
udmabuf0 sync_for_device 0000100000000045
udmabuf0 sync_for_cpu 00001fc000000049
]], fake.log())
    end)

    it("falls back to sysfs where the module is too old for them", function()
      board()
      udmabuf("udmabuf0", 0x70000000, 0x10000)
      fake.run([[local b <close> = allocate(4096, true)]], { memory = "old" })
      assert.equal("0x0000000000001005", read("/sys/class/u-dma-buf/udmabuf0/sync_for_device"):sub(1, 18))
      assert.equal("", fake.log())
      os.remove(tree.root .. "/sys/class/u-dma-buf/udmabuf0/sync_for_device")
      assert.equal("io: ROOT/sys/class/u-dma-buf/udmabuf0/sync_for_device can't be written: No such file or directory. "
                   .. "Cached buffers need it.\n", fake.run("fails(allocate, 4096, true)", { memory = "old" }))
    end)
  end)

  describe("from u-dma-buf-mgr", function()
    setup(fake.build)

    local function manager()
      board()
      write("/dev/u-dma-buf-mgr", "")
      write("/sys/class/u-dma-buf/empty", "")
      os.remove(tree.root .. "/sys/class/u-dma-buf/empty")
    end

    --- The log with N for the number of the program, of creations and deletions only.
    local function log()
      local lines = {}
      for line in fake.log():gsub("lunq%-%d+", "lunq-N"):gmatch "mgr ([^\n]*)" do lines[#lines + 1] = line end
      return lines
    end

    it("is made when it is needed, shared by small buffers, and deleted", function()
      manager()
      assert.equal("38000000 38001000 38100000 38001000\n", fake.run [[
        local a <close> = allocate(64)
        local b = allocate(4096)
        local c <close> = allocate(0x180000)
        local address = b.physical_address
        b:close()
        local d <close> = allocate(5)
        print(("%x %x %x %x"):format(a.physical_address, address, c.physical_address, d.physical_address))
      ]])
      assert.same({ "create lunq-N-0 1048576", "create lunq-N-1 1572864", "delete lunq-N-1", "delete lunq-N-0" }, log())
      assert.is_nil(lfs.attributes(tree.root .. "/dev/lunq-0"))
    end)

    it("is synced as the devices of others are", function()
      manager()
      fake.run [[
        local b <close> = allocate(4096, true)
        b:sync_from_device()
      ]]
      assert.matches("lunq%-%d+%-0 sync_for_device 0000000000001005\nlunq%-%d+%-0 sync_for_cpu 0000000000001009\n",
                     fake.log())
    end)

    it("is of the size asked for where there is no more, and says so when there is not even that", function()
      manager()
      assert.equal("memory: Failed to allocate Memory! u-dma-buf-mgr made no buffer of 655360 bytes: Cannot allocate "
                   .. "memory. More: boot argument cma=256M. "
                   .. "Contiguous memory of the kernel: CmaTotal:  131072 kB, CmaFree:   1024 kB.\n",
                   fake.run([[
        local a <close> = allocate(1)
        fails(allocate, 0xa0000)
      ]], { cma = "0x80000" }))
      assert.same({ "create lunq-N-0 1048576 refused", "create lunq-N-0 65536",
                    "create lunq-N-1 1048576 refused", "create lunq-N-1 655360 refused",
                    "create lunq-N-2 1048576 refused", "create lunq-N-2 655360 refused", "delete lunq-N-0" }, log())
    end)

    it("of a program that died is deleted by the next one that needs memory", function()
      manager()
      local text = fake.run([[
        local b = allocate(0x300000)
        io.stdout:write(io.open("/proc/self/stat"):read "n")
        io.stdout:flush()
        os.execute("kill -KILL " .. io.open("/proc/self/stat"):read "n")
      ]], { code = 137 })
      local left = ("/dev/lunq-%s-0"):format(text)
      assert.is_table(lfs.attributes(tree.root .. left))
      fake.run([[print(core.linux_memory(board)[2].usable)]])
      assert.is_table(lfs.attributes(tree.root .. left)) -- looking changes nothing
      fake.run([[local b <close> = allocate(0x300000)]])
      assert.is_nil(lfs.attributes(tree.root .. left))
      assert.is_nil(lfs.attributes(tree.root .. "/sys/class/u-dma-buf/" .. left:match "lunq.*"))
    end)

    it("is deleted when SIGTERM ends the program", function()
      manager()
      fake.run([[
        local b = allocate(0x1000)
        os.execute("kill -TERM " .. io.open("/proc/self/stat"):read "n")
        lunq.sleep(10)
      ]], { code = 143 })
      assert.same({ "create lunq-N-0 1048576", "delete lunq-N-0" }, log())
    end)

    it("and what is made for one program is not taken by another", function()
      manager()
      udmabuf("lunq-1-0", 0x70000000, 0x2000)
      local d <close> = open()
      assert.is_false(core.linux_memory(d)[1].usable)
    end)
  end)
end)
