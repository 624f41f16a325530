-- AXI BRAM controller: plain memory (registers.md section 17).
describe("the BRAM driver", function()
  local support = dofile "spec/drivers/support.lua"
  local lunq = require "lunq"
  local raises = support.raises
  local bram, device

  before_each(function()
    local design = lunq.core.design_from_table { arch = "zynq", ip = {},
      memory = { ram = { vlnv = "xilinx.com:ip:axi_bram_ctrl:4.1", address = 0x42000000, range = 0x2000 } } }
    bram, device = support.driver(design, "ram", "drivers.axi_bram_ctrl")
  end)
  after_each(function()
    bram:free()
    device:close()
  end)

  it("is what an overlay gives for such a memory", function()
    local ol <close> = lunq.Overlay({ ip = {}, memory = {
      ram = { vlnv = "xilinx.com:ip:axi_bram_ctrl:4.1", address = 0x42000000, range = 0x2000 } } },
      { device = device })
    assert.equal("Bram ram 0x42000000+0x2000", tostring(ol.ram))
    ol.ram:write(8, 7)
    assert.equal(7, ol.ram:read(8))
  end)

  it("starts as zeros and keeps words, bytes, lists and buffers", function()
    assert.equal(0, bram:read(0))
    bram:write(0, 0xdeadbeef)
    bram:write(4, "12345678")
    assert.equal("\xef\xbe\xad\xde12345678", bram:read_string(0, 12))
    bram:write_block(0x100, { 1, 2, 3 })
    assert.same({ 1, 2, 3 }, bram:read_block(0x100, 3))
    local b <close> = lunq.array(4, "u2", { 1, 2, 3, 4 })
    local c <close> = lunq.array(4, "u2")
    bram:write_block(0x200, b)
    bram:read_block(0x200, 2, { into = c })
    assert.equal(b:tobytes(), c:tobytes())
  end)

  it("keeps texts of any length, anywhere, and leaves their neighbours alone", function()
    bram:write_block(0, "xxxxxxxx")
    assert.equal(bram, bram:write_block(1, "hello"))
    assert.equal("xhelloxx", bram:read_string(0, 8))
    assert.equal("ello", bram:read_string(2, 4))
    assert.equal("", bram:read_string(3, 0))
    raises("index", bram.write_block, bram, 0x1ffe, "abc")
    raises("index", bram.read_string, bram, 0x1fff, 2)
    assert.equal("\0\0", bram:read_string(0x1ffe, 2))
  end)

  it("fills", function()
    bram:fill(0x55, 4, 2)
    assert.same({ 0, 0x55, 0x55, 0 }, bram:read_block(0, 4))
    bram:fill()
    assert.same({ 0, 0, 0, 0 }, bram:read_block(0, 4))
    assert.equal(0, bram:read(0x1ffc))
  end)

  it("is an array of elements, from 1 on", function()
    local a = bram:array "i2"
    assert.equal(4096, #a)
    a[1], a[2], a[4096] = -1, 0x1234, 7
    assert.equal(0x1234ffff, bram:read(0)) -- its neighbours are left alone
    assert.equal(-1, a[1])
    assert.equal(7, a[4096])
    assert.is_nil(a[0])
    assert.is_nil(a[4097])
    assert.equal("i2", a.dtype)
    assert.equal("BramArray of 4096 i2 in ram", tostring(a))
  end)

  it("has arrays of every type", function()
    for dtype, value in pairs { u1 = 200, u2 = 60000, u4 = 0xfffffff0, u8 = math.mininteger, i1 = -100, i2 = -30000,
                                i4 = -2000000000, i8 = -5, f4 = 0.5, f8 = math.pi } do
      local a = bram:array(dtype, 64, 4)
      a[3] = value
      assert.equal(value, a[3])
      assert.same({ 0, value }, a:totable(2, 3))
      a[3] = 0
    end
  end)

  it("moves many elements at once", function()
    local a = bram:array("f4", 0x100, 10)
    a:set({ 1.5, -2, 3 }, 4)
    assert.same({ 0, 0, 0, 1.5, -2, 3, 0, 0, 0, 0 }, a:totable())
    assert.same({ 3 }, a:totable(6, 6))
    assert.same({}, a:totable(6, 5))
    a:set({})
  end)

  it("an iteration ends with the array", function()
    local n = 0
    for _ in ipairs(bram:array("u4", 0x1ff0)) do n = n + 1 end
    assert.equal(4, n)
  end)

  it("refuses what lies outside or does not fit, and writes nothing then", function()
    local a = bram:array("u1", 0, 4)
    assert.equal("index 5 is out of bounds for the 4 elements of ram (they count from 1)",
                 raises("index", function() a[5] = 1 end))
    raises("index", function() a.x = 1 end)
    assert.equal("256 is no value for an element of u1", raises("value", function() a[1] = 256 end))
    raises("value", function() a:set { 1, 2, 300 } end)
    raises("index", function() a:set { 1, 2, 3, 4, 5 } end)
    raises("index", function() a:totable(0, 2) end)
    assert.same({ 0, 0, 0, 0 }, a:totable())
    assert.matches("there is no array of c8", raises("value", bram.array, bram, "c8"), 1, true)
    assert.matches("begins at a multiple of 4 below 8192, not 2", raises("value", bram.array, bram, "u4", 2), 1, true)
    assert.matches("there is room for 2 elements of u4, not 3", raises("value", bram.array, bram, "u4", 0x1ff8, 3), 1,
                   true)
    raises("index", bram.write_block, bram, 0x1ffc, { 1, 2 })
    assert.equal(0, bram:read(0x1ffc))
    raises("index", bram.allocate, bram, 4) -- buffers don't come from here
  end)

  it("is not for the register port of the error correction", function()
    assert.matches("register port", raises("unsupported", require "drivers.axi_bram_ctrl",
      { fullpath = "ram/S_AXI_CTRL", mem_id = "S_AXI_CTRL", phys_addr = 0, addr_range = 4096 }), 1, true)
  end)

  it("says what the bus refused", function()
    device:inject { ip = "ram", fault = "slave_error", count = 1 }
    assert.matches("SLVERR", raises("io", function() return bram:array()[1] end), 1, true)
  end)

  it("takes what a CDMA copies", function()
    local ol <close> = lunq.Overlay({ arch = "zynq",
      ip = { cdma = { vlnv = "xilinx.com:ip:axi_cdma:4.1", address = 0x40000000, range = 0x10000 } },
      memory = { ram = { vlnv = "xilinx.com:ip:axi_bram_ctrl:4.1", address = 0x42000000, range = 0x2000 } } },
      { device = device })
    local b <close> = lunq.allocate(16, "u4", { target = device })
    b:fill(9)
    ol.cdma:copy(ol.ram, b, { dst_start = 32 })
    assert.same({ 0, 9 }, ol.ram:array("u4", 28):totable(1, 2))
  end)
end)
