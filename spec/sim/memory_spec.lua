describe("the memory of a simulated device", function()
  local support = dofile "spec/sim/support.lua"
  local core = require "lunq.core"
  local d
  after_each(function() d:close() end)

  local function allocate(n) return core.allocate(n, "u1", { target = d }) end

  it("is zeroed each time, small or large", function()
    d = core.device_open "sim"
    for _, n in ipairs { 100, 4096, 300000, 5000000 } do
      local a = allocate(n)
      a:fill(0xff)
      local at = a.physical_address
      a:close()
      local b = allocate(n)
      assert.equal(at, b.physical_address) -- first fit: the same place
      assert.equal(0, b:sum())
      b:close()
    end
  end)

  it("is given out on 4 KiB boundaries, apart from each other", function()
    d = core.device_open "sim"
    local a, b, c = allocate(1), allocate(4097), allocate(1)
    assert.equal(0, a.physical_address % 4096)
    assert.equal(a.physical_address + 4096, b.physical_address)
    assert.equal(b.physical_address + 8192, c.physical_address)
    for _, x in ipairs { a, b, c } do x:close() end
  end)

  it("puts holes together again, in any order of freeing", function()
    d = core.device_open "sim?ddr=4M" -- 3 MiB to give out
    for _, order in ipairs { { 1, 2, 3 }, { 3, 2, 1 }, { 2, 1, 3 }, { 1, 3, 2 }, { 2, 3, 1 }, { 3, 1, 2 } } do
      local list = {}
      for i = 1, 3 do list[i] = allocate(1 << 20) end
      for _, i in ipairs(order) do list[i]:close() end
      local all = allocate(3 << 20)
      all:close()
    end
  end)

  it("says how full it is when nothing fits", function()
    d = core.device_open "sim?ddr=4M"
    local a <close> = allocate(1 << 20)
    local e = support.failure(allocate, 3 << 20)
    assert.equal("memory", e.kind)
    assert.match("3145728 bytes don't fit: 1048576 of 3145728 bytes are in use, the largest hole has 2097152",
      tostring(e), 1, true)
    assert.equal("memory", support.failure(allocate, 1 << 30).kind)
    assert.equal(1 << 20, d.memory.bytes)
    assert.equal(1 << 20, #a)
  end)

  it("peek and poke stay inside", function()
    d = core.device_open "sim?ddr=4M"
    for _, at in ipairs { 4 << 20, (4 << 20) - 2, math.maxinteger } do
      assert.equal("index", support.failure(d.poke, d, at, "abc").kind)
      assert.equal("index", support.failure(d.peek, d, at, 3).kind)
    end
    assert.equal("index", support.failure(d.peek, d, 0, math.maxinteger).kind)
    d:poke((4 << 20) - 3, "abc")
    assert.equal("abc", d:peek((4 << 20) - 3, 3))
  end)

  it("coherent: both sides see the same bytes", function()
    d = core.device_open "sim"
    local a <close> = allocate(16)
    a[1] = 7
    assert.equal("\7", d:peek(a.physical_address, 1))
    d:poke(a.physical_address, "\9")
    assert.equal(9, a[1])
  end)

  describe("that is not coherent", function()
    before_each(function() d = core.device_open "sim?coherent=0" end)

    it("shows a forgotten sync, in both directions", function()
      local a <close> = allocate(16)
      a[1] = 7
      assert.equal("\0", d:peek(a.physical_address, 1))
      a:sync_to_device()
      assert.equal("\7", d:peek(a.physical_address, 1))
      d:poke(a.physical_address, "\9")
      assert.equal(7, a[1])
      a:sync_from_device()
      assert.equal(9, a[1])
    end)

    it("is zeroed in both copies", function()
      local a = allocate(4096)
      a:fill(0xff)
      a:sync_to_device()
      local at = a.physical_address
      a:close()
      local b <close> = allocate(4096)
      assert.equal(at, b.physical_address)
      assert.equal(("\0"):rep(4096), d:peek(at, 4096))
      assert.equal(0, b:sum())
    end)

    it("a DMA moves the device's copy", function()
      d:program(support.loopback())
      local mm2s, s2mm = support.channel(d, 0), support.channel(d, 0x30)
      local src <close> = allocate(16)
      local dst <close> = allocate(16)
      src:fill(5)
      mm2s.control(1)
      s2mm.control(1)
      local function round()
        s2mm.address(dst.physical_address)
        s2mm.length(16)
        mm2s.address(src.physical_address)
        mm2s.length(16)
        support.settle(d)
      end
      round()
      dst:sync_from_device()
      assert.equal(0, dst:sum()) -- nobody had synced src
      src:sync_to_device()
      round()
      assert.equal(0, dst:sum())
      dst:sync_from_device()
      assert.equal(80, dst:sum())
      mm2s.close()
      s2mm.close()
    end)
  end)
end)
