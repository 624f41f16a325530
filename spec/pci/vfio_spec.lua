--- The device `pci` through vfio-pci: fake_vfio.c plays the kernel below a folder of copies. What it is asked, in
-- which order, and how refusals read; lab/linux/guest/pci.lua does the same with a kernel and a card.
local blocks = dofile "spec/docs/blocks.lua"
local console = dofile "spec/docs/console.lua"
local process = dofile "spec/program/process.lua"
local support = dofile "spec/pci/support.lua"

local CARD <const> = "0000:65:00.0"
local bin = os.getenv "LUNQ_BIN" or "build/lunq"
local library = dofile "spec/preload.lua" "spec/pci/fake_vfio.c"

describe("a PCI function behind an IOMMU", function()
  local tree

  setup(library.build)

  before_each(function()
    tree = support.tree()
    tree.add(CARD, { driver = "vfio-pci", group = 7, bars = { [0] = 0x10000 } })
    tree.write("/dev/vfio/vfio", "")
    tree.write("/dev/vfio/7", "")
    tree.write("/function", ("\0"):rep(0x100000) .. string.pack("<I2I2I2I2", 0x10ee, 0x7024, 6, 0x10) .. ("\0"):rep(56))
  end)
  after_each(function()
    tree.remove()
    process.clean()
  end)

  --- Runs a script on it; gives what it prints.
  local function run(mode, script, options)
    local file = process.file(([[
      local lunq = require "lunq"
      local name = "pci:65:00.0?root=%s%s"
      local function try(f, ...)
        local ok, e = pcall(f, ...)
        print(ok and "worked" or e.kind .. ": " .. e.message)
      end
      %s]]):format(tree.root, options or "", script), ".lua")
    local code, out, err = console.sh(".", ("ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 LD_PRELOAD=%s "
      .. "FAKE_ROOT=%s FAKE_VFIO=%s %s %s"):format(library.path, tree.root, mode, bin, file))
    assert.same({ 0, "" }, { code, err })
    return out
  end

  local function log() return tree.read "/log" end

  local BUFFER <const> = [[
    do
      local d <close> = lunq.Device.open(name)
      local a <close> = lunq.allocate(1024, "u4", { target = d })
      print(("%#x"):format(a.physical_address))
    end
    collectgarbage()]]

  it("gets buffers at addresses of the IOMMU, and lets go of all before it ends", function()
    assert.equal("0x100000\n", run("", BUFFER))
    assert.equal("open 0000:65:00.0\ncommand 02\nmap 0x100000 0x1000\ncommand 06\nunmap 0x100000 0x1000\ncommand 02\n",
                 log())
  end)

  it("is let go of when a script just ends", function()
    run("", [[
      d = lunq.Device.open(name)
      a = lunq.allocate(1024, "u4", { target = d })]])
    assert.matches("command 06\nunmap 0x100000 0x1000\ncommand 02\n$", log())
  end)

  it("has buffers as large as pages of the IOMMU", function()
    assert.equal("0x100000\n", run("large", BUFFER))
    assert.matches("map 0x100000 0x10000\n", log())
  end)

  it("gets addresses within the ranges the IOMMU has alone", function()
    local out = run("ranges", [[
      local d <close> = lunq.Device.open(name)
      local list = {}
      for i = 1, 32 do
        list[i] = lunq.allocate(1024, "u4", { target = d })
        local at = list[i].physical_address
        assert(at >= 0x100000 and at < 0x110000 or at >= 0x8000000 and at < 0x8010000)
      end
      try(lunq.allocate, 1024, "u4", { target = d })
      list[7]:close()
      try(lunq.allocate, 1024, "u4", { target = d })]])
    assert.equal("memory: Failed to allocate Memory! The IOMMU has no 4096 addresses in a row left for 0000:65:00.0.\n"
                 .. "worked\n", out)
  end)

  it("gets addresses of 39 bits where the kernel says nothing of ranges", function()
    assert.equal("0x100000\n", run("old", BUFFER))
  end)

  it("shares the addresses of the IOMMU with the other functions of its group in one program", function()
    tree.add("0000:65:00.1", { driver = "vfio-pci", group = 7, bars = { [0] = 0x10000 } })
    assert.equal("0x100000 0x101000\n0x100000\n", run("", [[
      local second <close> = lunq.Device.open((name:gsub("00%.0", "00.1")))
      local b
      do
        local first <close> = lunq.Device.open(name)
        local a <close> = lunq.allocate(4, "u4", { target = first })
        b = lunq.allocate(4, "u4", { target = second })
        print(("%#x %#x"):format(a.physical_address, b.physical_address))
      end
      collectgarbage()
      local c <close> = lunq.allocate(4, "u4", { target = second })
      print(("%#x"):format(c.physical_address))
      b:close()]]))
  end)

  describe("is refused", function()
    local function refusal(mode, options)
      return run(mode, "try(lunq.Device.open, name)", options)
    end

    it("when others of its group have drivers of the kernel, by name", function()
      tree.add("0000:65:00.1", { driver = "snd_hda_intel", group = 7 })
      tree.write("/sys/kernel/iommu_groups/7/devices/0000:65:00.0", "")
      tree.write("/sys/kernel/iommu_groups/7/devices/0000:65:00.1", "")
      assert.matches("^device: IOMMU group 7 of 0000:65:00.0 can't be used: others in it have drivers of the kernel: "
        .. "0000:65:00.1 %(snd_hda_intel%)%.", refusal "shared")
    end)

    it("when its interrupts can't be kept apart", function()
      assert.matches("^permission: .*no interrupt remapping.*allow_unsafe_interrupts", refusal "unsafe")
    end)

    it("when it has no interrupts of the kind asked for", function()
      assert.matches("^value: .*has no interrupts of the kind msi%.", refusal("intx", "&irq=msi"))
      assert.equal("worked\n", refusal("intx", "&irq=intx"))
      assert.equal("worked\n", refusal "none")
    end)
  end)

  it("says what a user may pin", function()
    local out = run("pinned", [[
      local d <close> = lunq.Device.open(name)
      try(lunq.allocate, 1 << 20, "u4", { target = d })
      print(d.memory.bytes)]])
    assert.matches("^memory: Failed to allocate Memory! 4194304 bytes can't be ", out)
    assert.matches("\n0\n$", out)
  end)

  it("says when the IOMMU takes no more buffers", function()
    assert.matches("^memory: Failed to allocate Memory! The IOMMU has no room for one more buffer of 0000:65:00.0.*"
      .. "dma_entry_limit", run("full", [[
      local d <close> = lunq.Device.open(name)
      try(lunq.allocate, 4, "u4", { target = d })]]))
  end)

  it("keeps pages the IOMMU did not take back, with a warning", function()
    local file = process.file(([[
      local lunq = require "lunq"
      do
        local d <close> = lunq.Device.open "pci:65:00.0?root=%s"
        local a <close> = lunq.allocate(4, "u4", { target = d })
      end
      collectgarbage()]]):format(tree.root), ".lua")
    local _, _, err = console.sh(".", ("ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 LD_PRELOAD=%s "
      .. "FAKE_ROOT=%s FAKE_VFIO=keeps %s %s"):format(library.path, tree.root, bin, file))
    assert.matches("The IOMMU did not take back 4096 bytes of 0000:65:00.0: they stay as they are.", err, 1, true)
  end)

  describe("interrupts", function()
    it("as messages: all vectors at once, each by its own descriptor, kept while nobody waits", function()
      assert.equal("1\n1\n", run("", [[
        local d <close> = lunq.Device.open(name)
        local first <close> = lunq.Interrupt("irq0", d)
        local second <close> = lunq.Interrupt("irq1", d)
        local hold <close> = second:hold()
        hold:close()
        print((second:wait(2)))
        print((first:wait(2)))]]))
      assert.matches("command 06\nirqs 2: 4 from 0\nirqs 2: 1 from 0\n", log())
      assert.matches("irqs 2: 0 from 0\ncommand 02\n$", log())
    end)

    it("as a level, masked but for waits", function()
      assert.equal("1\n1\n", run("intx", [[
        local d <close> = lunq.Device.open(name)
        local irq <close> = lunq.Interrupt("irq0", d)
        print((irq:wait(2)))
        print((irq:wait(2)))
        local hold <close> = irq:hold()
        hold:close()]]))
      assert.matches("irqs 0: 1 from 0\nunmask\nunmask\nmask\n", log())
    end)

    it("not at all", function()
      assert.matches("^value: No Pin of name irq0 found: pci:.* has no interrupts\n$", run("none", [[
        local d <close> = lunq.Device.open(name)
        try(lunq.Interrupt, "irq0", d)]]))
    end)
  end)

  it("has registers that can't be mapped, by system calls", function()
    assert.equal("0x12345678\t0x56\nunsupported: bar0 of NAME can't be mapped: it is accessed in 1, 2 or 4 bytes, "
                 .. "not 8.\n", (run("ports", [[
      local d <close> = lunq.Device.open(name)
      local m <close> = lunq.MMIO("bar0", nil, d)
      m:write(0x40, 0x12345678)
      print(("%#x\t%#x"):format(m:read(0x40), m:read8(0x41)))
      try(m.read64, m, 0)]]):gsub("pci:%S+", "NAME")))
    assert.equal(0x12345678, (string.unpack("<I4", tree.read "/function", 0x41)))
  end)

  -- docs/pci.md shows it with a card.
  for _, block in ipairs(blocks.of("docs/pci.md", "lua")) do
    it(("is what line %d of docs/pci.md has"):format(block.line), function()
      local script = block.text:gsub('"pci:0000:65:00.0"', ('"pci:0000:65:00.0?root=%s"'):format(tree.root))
      local out = run("", "do " .. script .. "\nend print 'done'")
      assert.equal("bar0\t65536\ndone\n", out)
    end)
  end
end)
