--- A card under XRT as a script has it, with a library in XRT's place that fails on demand (xrt_fake.c): what
--- loading, buffers, registers and runs say then, and what is called for it. Each case is a LUNQ of its own.
describe("a script on a card under XRT", function()
  local fake = dofile "spec/card/xrt_fake.lua"
  local lunq = require "lunq"
  local process = dofile "spec/program/process.lua"
  local log, file, other, emulated

  local DESIGN <const> = {
    name = "vadd", platform = "xilinx_u250_gen3x16_xdma_4_1", uuid = "01020304-0506-0708-090a-0b0c0d0e0f10",
    memories = {
      { tag = "bank0", base = 0, size = 1 << 20 }, { tag = "bank1", base = 1 << 20, size = 1 << 20 },
      { tag = "HOST[0]", type = "HOST", size = 1 << 20, used = true },
    },
    kernels = {
      vadd = { args = { "int *a", "int *b", { "int *c", memory = "bank1" }, "int n" },
               units = { vadd_1 = 0x1800000, vadd_2 = 0x1810000 } },
      user = { args = { "int n" }, control = "user_managed" },
      always = { args = { "int n" }, control = "ap_ctrl_none" },
    },
  }

  -- What every script begins with; `try` gives kind and text of the error.
  local BEFORE <const> = [[
    local lunq = require "lunq"
    local function try(f, ...)
      local ok, e = pcall(f, ...)
      print(ok and "worked" or e.kind, ok and e or e.message)
    end
    local function load() return lunq.Overlay(arg[1]) end
  ]]

  --- Runs a script on the card with FAKE_XRT = options; its output in lines.
  local function run(script, options, flags)
    os.remove(log)
    local code, out, err = fake.run(BEFORE .. script, {
      LUNQ_DEVICE = "xrt", XILINX_XRT = fake.library(flags), XCL_EMULATION_MODE = false, FAKE_XRT = options or "",
      FAKE_XRT_LOG = log }, file, other, emulated)
    assert.same({ 0, "" }, { code, err }, out)
    local lines = {}
    for line in out:gmatch "[^\n]+" do lines[#lines + 1] = line end
    return lines
  end

  --- The calls of that run that begin with a word.
  local function calls(word)
    local list, f = {}, io.open(log)
    for line in f and f:lines() or function() end do
      if line:sub(1, #word) == word then list[#list + 1] = line end
    end
    if f then f:close() end
    return list
  end

  setup(function()
    log = os.tmpname()
    file = process.file(lunq.xclbin.bytes(DESIGN), ".xclbin")
    local bytes = lunq.xclbin.bytes(DESIGN)
    emulated = process.file(bytes:sub(1, 332) .. "\5\0" .. bytes:sub(335), ".xclbin") -- mode SW_EMU (xrt.md 6.1)
    other = process.file(lunq.xclbin.bytes { name = "other", kernels = { k = { args = { "int n" } } } }, ".xclbin")
  end)
  teardown(function()
    fake.clean()
    os.remove(log)
    process.clean()
  end)

  describe("loads a file", function()
    it("and has its memories as banks", function()
      assert.same({ "bank0 0x0 1048576", "bank1 0x100000 1048576", "HOST[0] 0x0 1048576" }, run [[
        local ol = load()
        for _, b in ipairs(lunq.Device.active_device:banks()) do
          print(("%s 0x%x %d"):format(b.name, b.base, b.size))
        end
      ]])
    end)

    for what, case in pairs {
      ["that the driver refuses"] = { "load=-95",
        "device\tProgramming Device failed: card xrt:0, code -95. XRT says: failed to load xclbin: Operation not "
        .. "supported. Another program may be using the card, or buffers may still be allocated on it." },
      ["for another platform"] = { "load=-95,platform=xilinx_u200_xdma_201830_2",
        "device\tProgramming Device failed: card xrt:0, code -95. XRT says: failed to load xclbin: Operation not "
        .. "supported. The card's platform is xilinx_u200_xdma_201830_2, the file was built for "
        .. "xilinx_u250_gen3x16_xdma_4_1: build it for the card, or flash the card." },
      ["but another design is on the card then"] = { "uuid=1,platform=p",
        "device\tProgramming Device failed: card xrt:0 (platform p) has the design "
        .. "01020304-0506-0708-090a-0b0c0d0e0f11 after loading 01020304-0506-0708-090a-0b0c0d0e0f10 (platform "
        .. "xilinx_u250_gen3x16_xdma_4_1). Another program may have loaded it." },
    } do
      it(what .. ", which is told", function()
        assert.same({ case[2] }, run("try(load)", case[1]))
      end)
    end

    -- Buffers lie in the memories of the design. XRT's driver refuses with -1 and no words.
    it("only when the buffers in the memories of another were freed", function()
      assert.same({
        "worked\tthe same again",
        "runtime\tProgramming Device failed: 1 buffer of 64 bytes is allocated on card xrt:0, in the memories of the "
        .. "design it has: free them before another is loaded.", "worked\tthe other" }, run [[
        local ol = load()
        local b = lunq.allocate(16, "u4", { target = ol.bank0 })
        try(function() load() return "the same again" end)
        try(lunq.Overlay, arg[2])
        b:close()
        try(function() lunq.Overlay(arg[2]) return "the other" end)
      ]])
    end)

    it("on the card that is open, when it is named", function()
      assert.same({ "true\t1" }, run [[
        local one, two = load(), lunq.Overlay(arg[1], { device = "xrt:0" })
        print(one.device == two.device, #lunq.core.devices())]])
    end)

    -- XRT's shims end the process when they get a file for another.
    it("that was built for what is in use", function()
      assert.same({ "value\tThe xclbin was built for sw_emu, but XCL_EMULATION_MODE is not set, which means a card: "
                    .. "build it for the target in use, or change the variable before LUNQ starts." },
                  run "try(lunq.Overlay, arg[3])")
    end)

    it("and no other kind of design", function()
      assert.same({ "value\tDevice xrt:0 loads .xclbin files; this design has none in it (lunq.xclbin.write makes one "
                    .. "of a table with kernels)." },
                  run [[try(lunq.Overlay, "overlays/adder/adder.hwh")]])
    end)
  end)

  describe("allocates", function()
    it("by place, in the bank by its number", function()
      assert.same({ "host_only", "host_only" }, run [[
        local ol = load()
        local a <close> = lunq.allocate(16, "u4", { target = "bank0" })
        local b <close> = lunq.allocate(16, "u4", { target = "bank1", device_only = true })
        local c <close> = lunq.allocate(16, "u4", { target = "bank0", host_only = true })
        local d <close> = lunq.allocate(16, "u4", { target = "bank0", p2p = true })
        local e <close> = lunq.allocate(16, "u4", { target = "bank1", cacheable = true })
        local f <close> = lunq.allocate(16, "u4", { target = "HOST[0]" }) -- the card reaches host memory only so
        print(c.place)
        print(f.place)
      ]])
      assert.same({ "bo alloc 4096 flags 0x0 group 0", "bo alloc 4096 flags 0x10000000 group 1",
                    "bo alloc 4096 flags 0x20000000 group 0", "bo alloc 4096 flags 0x40000000 group 0",
                    "bo alloc 4096 flags 0x1000000 group 1", "bo alloc 4096 flags 0x20000000 group 2" },
                  calls "bo alloc")
    end)

    it("zeros, whatever XRT gives", function()
      assert.same({ "0" }, run [[
        local ol = load()
        local b <close> = lunq.allocate(1000, "u4", { target = ol.bank0 })
        print(b:sum())]])
    end)

    it("what a bank has room for, and says how much that is", function()
      assert.same({ "memory\tNo room for 1048576 bytes in memory bank bank0 of xrt:0: 1048512 of 1048576 bytes are "
                    .. "free.", "worked\t1048576" }, run [[
        local ol = load()
        local b = lunq.allocate(16, "u4", { target = ol.bank0 })
        try(lunq.allocate, 1 << 18, "u4", { target = ol.bank0 })
        b:close()
        try(function()
          local all <close> = lunq.allocate(1 << 18, "u4", { target = ol.bank0 })
          return all.nbytes
        end)]])
    end)

    for what, case in pairs {
      ["refuses"] = { "alloc=no", "XRT refuses (this process has 0 bytes there). XRT says: failed to allocate bo: "
                                  .. "Cannot allocate memory." },
      ["has no address for"] = { "address=no", "it has no address (this process has 0 bytes there). XRT gives no "
                                               .. "reason." },
      ["can't map"] = { "map=0", "it can't be mapped into the host (this process has 0 bytes there). XRT says: failed "
                                 .. "to map bo." },
      ["maps nowhere"] = { "map=1", "it can't be mapped into the host (this process has 0 bytes there). XRT says: "
                                    .. "failed to map bo." },
    } do
      it("nothing that XRT " .. what, function()
        assert.same({ "memory\tNo room for 64 bytes in memory bank bank1 of xrt:0: " .. case[2] },
                    run([[local ol = load() try(lunq.allocate, 16, "u4", { target = ol.bank1 })]], case[1]))
      end)
    end
  end)

  describe("syncs", function()
    it("the bytes asked for, in ranges that were checked", function()
      run [[
        local ol = load()
        local b <close> = lunq.allocate({ 4, 8 }, "u4", { target = ol.bank0 })
        b:sync_to_device()
        b:slice(2, 3):sync_from_device()
        b:row(4):flush()
        b:row(1):slice(3, 4):invalidate()
      ]]
      assert.same({ "bo sync to 128 at 0", "bo sync from 64 at 32", "bo sync to 32 at 96", "bo sync from 8 at 8" },
                  calls "bo sync")
    end)

    it("nothing where host and card have the same bytes", function()
      run [[
        local ol = load()
        local b <close> = lunq.allocate(4, "u4", { target = ol.bank0, host_only = true })
        b:sync_to_device()
      ]]
      assert.same({}, calls "bo sync")
    end)

    it("and tells of a transfer that failed", function()
      assert.same({ "io\tBuffer Flush Failed: Card xrt:0: a sync of 8 bytes to 0x1008 (bank bank0) failed. XRT says: "
                    .. "DMA failed: Input/output error." }, run([[
        local ol = load()
        local b <close> = lunq.allocate(4, "u4", { target = ol.bank0 })
        local part = b:slice(3, 4)
        try(part.sync_to_device, part)]], "sync=no"))
    end)
  end)

  describe("reads and writes registers", function()
    it("of units XRT runs, shared with XRT", function()
      assert.same({ "7" }, run [[
        local ol = load()
        local k = ol.vadd_2
        k.mmio:write(0x10, 7)
        print(k.mmio:read(0x10))]])
      assert.same({ "kernel open vadd:{vadd_2}" }, calls "kernel open vadd:{vadd_2}")
    end)

    it("of user-managed ones, which it has for itself then", function()
      assert.same({ "7" }, run [[
        local ol = load()
        ol.user_1.mmio:write(0x10, 7)
        print(ol.user_1.mmio:read(0x10))]])
      assert.same({ "context open 5 exclusive", "context close 5" }, calls "context")
    end)

    for what, case in pairs {
      ["another program has the unit"] = { "vadd_1", "kernel=busy",
        "device\tCould not open CU context - vadd:vadd_1 on card xrt:0. XRT says: failed to open ip context: Device or "
        .. "resource busy. Another program may use it." },
      ["another program has the user-managed unit"] = { "user_1", "context=busy",
        "device\tCould not open CU context - user:user_1 on card xrt:0. XRT gives no reason. Another program may use "
        .. "it." },
      ["XRT does not know the unit"] = { "always_1", "",
        "device\tCould not open CU context - always:always_1 on card xrt:0. XRT gives no reason. Another program may "
        .. "use it." },
      ["the access fails"] = { "vadd_1", "register=no",
        "io\tCard xrt:0: register 0x10 of vadd:vadd_1 can't be read. XRT says: Cannot read or write kernel with shared "
        .. "access." },
    } do
      it("and says when " .. what, function()
        assert.same({ case[3] }, run(("local m = load().%s.mmio try(m.read, m, 0x10)"):format(case[1]), case[2]))
      end)
    end

    it("of units XRT does not run only where the shim has the calls for it", function()
      assert.same({ "unsupported\tThe registers of always:always_1 can't be reached: it is ap_ctrl_none, which this "
                    .. "XRT's C functions know nothing of (2.15 was the last release that has xclRegRead and "
                    .. "xclRegWrite for sure)." },
                  run("local m = load().always_1.mmio try(m.read, m, 0x10)", "", { "-DBARE" }))
    end)

    it("of 8 bytes as two words, the low one first", function()
      assert.same({ "0x1122334455667788 0x55667788 0x11223344" }, run [[
        local ol = load()
        ol.vadd_1.register_map.a = 0x1122334455667788
        local m = ol.vadd_1.mmio
        print(("0x%x 0x%x 0x%x"):format(ol.vadd_1.register_map.a:get(), m:read(0x10), m:read(0x14)))]])
    end)

    it("in words of 4 bytes, inside the units", function()
      assert.same({ "unsupported\tRegisters of vadd:vadd_1 are read and written in 4 bytes, not 1: XRT has no other "
                    .. "access.",
                    "io\tNothing can be reached at 0x1000 of card xrt:0: only registers of compute units can, and "
                    .. "memory through buffers." }, run [[
        local ol = load()
        local m = ol.vadd_1.mmio
        try(m.read8, m, 0x10)
        local other <close> = lunq.MMIO(0x1000, 16)
        try(other.read, other, 0)]])
    end)
  end)

  describe("runs kernels", function()
    local CALL <const> = [[
      local ol = load()
      local a <close> = lunq.allocate(16, "i4", { target = ol.bank0 })
      local b <close> = lunq.allocate(16, "i4", { target = ol.bank0 })
      local c <close> = lunq.allocate(16, "i4", { target = ol.bank1 })
    ]]

    it("with the arguments as XRT packs them", function()
      run(CALL .. "ol.vadd_1:call(a, b, c, -2)")
      assert.same({ "arg 0 0000000000001000 (8 bytes)", "arg 1 0000000000002000 (8 bytes)",
                    "arg 2 0000000000003000 (8 bytes)", "arg 3 fffffffe (4 bytes)" }, calls "arg")
    end)

    it("on threads of XRT's, which only wake the loop", function()
      assert.same({ "ticks\tdone" }, run(CALL .. [[
        local ticks, h = 0, ol.vadd_1:start(a, b, c, 16)
        lunq.spawn(function()
          while not h:done() do
            ticks = ticks + 1
            lunq.sleep(0.002)
          end
        end)
        h:wait()
        lunq.run()
        print(ticks > 1 and "ticks", h.state)]], "delay=20"))
    end)

    it("and tells how they failed", function()
      assert.same({ "runtime\tKernel vadd on vadd_1 does not respond: its compute unit never said that it is done." },
                  run(CALL .. "try(ol.vadd_1.call, ol.vadd_1, a, b, c, 16)", "delay=2,state=9"))
    end)

    it("and tells that another program has the unit", function()
      assert.same({ "device\tCould not open CU context - vadd:{vadd_1} on card xrt:0. XRT says: failed to open ip "
                    .. "context: Device or resource busy. Another program may have it for itself." },
                  run(CALL .. "try(function() return ol.vadd_1:call(a, b, c, 16) end)", "kernel=busy"))
    end)
  end)

  describe("ends", function()
    local LEAKS <const> = [[
      local ol, keep, runs = load(), {}, tonumber(arg[2])
      for i = 1, 1000 do keep[i] = lunq.allocate(16, "i4", { target = ol.bank0 }) end
      local c = lunq.allocate(16, "i4", { target = ol.bank1 })
      for i = 1, runs do keep[1000 + i] = ol.vadd_1:start(keep[1], keep[2], c, 16) end
    ]]

    --- A script that closes nothing; its exit code, and how often each kind of thing was closed, in order.
    local function leave(script, options, runs)
      os.remove(log)
      local code, out, err = fake.run(BEFORE .. LEAKS .. script, {
        LUNQ_DEVICE = "xrt", XILINX_XRT = fake.library(), XCL_EMULATION_MODE = false, FAKE_XRT = options,
        FAKE_XRT_LOG = log }, file, runs)
      local order, counts = {}, {}
      for _, call in ipairs(calls "") do
        local what = call:match "^%S+ close" or call:match "^bo free"
        if what then
          if not counts[what] then order[#order + 1] = what end
          counts[what] = (counts[what] or 0) + 1
        end
      end
      return code, out .. err, order, counts
    end

    for how, case in pairs { ["as scripts do"] = { "", 0 }, ["by os.exit"] = { "os.exit(3)", 3 },
                             ["with an error"] = { "error 'x'", 1 } } do
      it(how .. ", with 1,000 buffers and 10,000 runs left open", function()
        local code, said, order, counts = leave(case[1], "now=1", "10000")
        assert.equal(case[2], code, said)
        assert.same({ "run close", "kernel close", "bo free", "device close" }, order)
        assert.same({ 10000, 1, 1001, 1 }, { counts["run close"], counts["kernel close"], counts["bo free"],
                                             counts["device close"] })
      end)
    end

    it("when the runs under way have ended", function()
      local code, said, order = leave("", "delay=200", "10")
      assert.same({ 0, "" }, { code, said })
      assert.same({ "run close", "kernel close", "bo free", "device close" }, order)
    end)

    it("as cleanly with the real library, in noop mode", function()
      local home = fake.noop()
      if not home then pending(fake.not_installed) return end
      local code, out, err = fake.run(BEFORE .. LEAKS, { LUNQ_DEVICE = "xrt", XILINX_XRT = home,
                                                         XCL_EMULATION_MODE = "noop" }, file, "10000")
      assert.same({ 0, "", "" }, { code, out, err })
    end)
  end)
end)
