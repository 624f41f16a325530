--- lunq.Register: bits, slices and fields of one register (pynq-behaviour.md B10, the cases of PYNQ's
--- test_registers, defects C33 to C36).
local lunq = require "lunq"
local core = lunq.core

local BASE <const> = 0x40010000

local function assert_raises(kind, message, f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok, "nothing was raised")
  assert.same({ kind, message }, { e.kind, tostring(e) })
end

local function hex(v) return ("0x%x"):format(v) end

--- name = { width, start value, index, value written, value read, value afterwards, bits covered }
local VECTORS <const> = {
  ["one bit set"] = { 32, 0x00, 4, 1, 0, 0x10, 1 },
  ["one bit cleared"] = { 32, 0x10, 4, 0, 1, 0x00, 1 },
  ["some bits set"] = { 32, 0x00, "7:4", 0xf, 0, 0xf0, 4 },
  ["some bits cleared"] = { 32, 0xf0, "7:4", 0, 0xf, 0x00, 4 },
  ["some bits kept"] = { 32, 0x10, "7:4", 1, 1, 0x10, 4 },
  ["some bits reversed"] = { 32, 0x10, "4:7", 1, 8, 0x80, 4 },
  ["whole"] = { 32, 0x12345678, ":", 0x87654321, 0x12345678, 0x87654321, 32 },
  ["whole, forward"] = { 32, 0x12345678, "::-1", 0x87654321, 0x12345678, 0x87654321, 32 },
  ["whole, reversed"] = { 32, 0x12345678, "::1", 0x12345678, 0x1e6a2c48, 0x1e6a2c48, 32 },
  ["lower half"] = { 32, 0x12345678, "15:", 0x1234, 0x5678, 0x12341234, 16 },
  ["lower half, forward"] = { 32, 0x12345678, "15::-1", 0x1234, 0x5678, 0x12341234, 16 },
  ["lower half, reversed"] = { 32, 0x12345678, ":15:1", 0x1234, 0x1e6a, 0x12342c48, 16 },
  ["upper half"] = { 32, 0x12345678, ":16", 0x5678, 0x1234, 0x56785678, 16 },
  ["upper half, forward"] = { 32, 0x12345678, ":16:-1", 0x5678, 0x1234, 0x56785678, 16 },
  ["upper half, reversed"] = { 32, 0x12345678, "16::1", 0x5678, 0x2c48, 0x1e6a5678, 16 },
  ["one bit set, 64"] = { 64, 0x00, 4, 1, 0, 0x10, 1 },
  ["one bit cleared, 64"] = { 64, 0x10, 4, 0, 1, 0x00, 1 },
  ["top bit set, 64"] = { 64, 1, 63, 1, 0, math.mininteger | 1, 1 },
  ["some bits set, 64"] = { 64, 0x00, "7:4", 0xf, 0, 0xf0, 4 },
  ["some bits cleared, 64"] = { 64, 0xf0, "7:4", 0, 0xf, 0x00, 4 },
  ["some bits kept, 64"] = { 64, 0x10, "7:4", 1, 1, 0x10, 4 },
  ["some bits reversed, 64"] = { 64, 0x10, "4:7", 1, 8, 0x80, 4 },
  ["whole, 64"] = { 64, 0x123456789abcdef0, ":", 0x0fedcba987654321, 0x123456789abcdef0,
                    0x0fedcba987654321, 64 },
  ["whole, forward, 64"] = { 64, 0x123456789abcdef0, "::-1", 0x0fedcba987654321, 0x123456789abcdef0,
                             0x0fedcba987654321, 64 },
  ["whole, reversed, 64"] = { 64, 0x123456789abcdef0, "::1", 0x123456789abcdef0, 0x0f7b3d591e6a2c48,
                              0x0f7b3d591e6a2c48, 64 },
  ["lower half, 64"] = { 64, 0x123456789abcdef0, "31:", 0x12345678, 0x9abcdef0, 0x1234567812345678, 32 },
  ["lower half, forward, 64"] = { 64, 0x123456789abcdef0, "31::-1", 0x12345678, 0x9abcdef0,
                                  0x1234567812345678, 32 },
  ["lower half, reversed, 64"] = { 64, 0x123456789abcdef0, ":31:1", 0x12345678, 0x0f7b3d59,
                                   0x123456781e6a2c48, 32 },
  ["upper half, 64"] = { 64, 0x123456789abcdef0, ":32", 0x9abcdef0, 0x12345678, 0x9abcdef09abcdef0, 32 },
  ["upper half, forward, 64"] = { 64, 0x123456789abcdef0, ":32:-1", 0x9abcdef0, 0x12345678,
                                  0x9abcdef09abcdef0, 32 },
  ["upper half, reversed, 64"] = { 64, 0x123456789abcdef0, "32::1", 0x9abcdef0, 0x1e6a2c48,
                                   0x0f7b3d599abcdef0, 32 },
}

describe("Register", function()
  local m
  before_each(function() m = lunq.MMIO(BASE, 0x100); m:fill(0, 64, 0) end)
  after_each(function() m:close() end)

  --- A register at BASE holding a value.
  local function register(width, value)
    local r = lunq.Register(BASE, width)
    r:set(value)
    return r
  end

  describe("gets and sets", function()
    for name, v in pairs(VECTORS) do
      local width, start, index, update, got, after, count = table.unpack(v)
      it(name, function()
        local r = register(width, start)
        assert.equal(hex(got), hex(r[index]))
        r[index] = update
        assert.equal(hex(after), hex(r:get()))
        assert.equal(hex(after), hex(width == 64 and m:read64(0) or m:read(0)))
        assert.equal(count, lunq.Register.count(index, width))
      end)
    end

    it("the same by bits(first, last, value)", function()
      local r = register(32, 0x12345678)
      assert.equal(0x1234, r:bits(31, 16))
      assert.equal(0x5678, r:bits(15))
      assert.equal(0x12345678, r:bits())
      assert.equal(0x2c48, r:bits(16, 31))
      r:bits(31, 16, 0xabcd)
      assert.equal(0xabcd5678, r:get())
      r:bits(0, 3, 1)
      assert.equal(0xabcd5678, r:get())
      r:bits(31, 0, 7)
      assert.equal(7, r:get())
    end)

    it("true and false as one bit", function()
      local r = register(32, 0)
      r[3] = true
      assert.equal(8, r:get())
      r[3] = false
      assert.equal(0, r:get())
    end)
  end)

  describe("refuses", function()
    for _, width in ipairs { 32, 64 } do
      local top = width - 1
      local function out(n) return ("Slicing endpoint %d not in range 0 - %d"):format(n, top) end
      for index, message in pairs {
        ["0:" .. top .. ":2"] = "Slicing step is not valid.",
        ["0:3:0"] = "Slicing step is not valid.",
        ["-1:" .. top] = out(-1),
        [top .. ":-1"] = out(-1),
        [width .. ":0"] = out(width),
        ["0:" .. width] = out(width),
        [width] = out(width),
        [-1] = out(-1),
        ["a:0"] = "Index must be int or slice.",
        ["99999999999999999999:0"] = out(math.maxinteger),
        [1.5] = "Index must be int or slice.",
        [true] = "Index must be int or slice.",
      } do
        it(("the index %s of %d bits"):format(index, width), function()
          local r = register(width, 5)
          assert_raises("value", message, function() return r[index] end)
          assert_raises("value", message, function() r[index] = 0 end)
          assert.equal(5, r:get())
        end)
      end

      it(("1.0 as index of %d bits, as PYNQ does"):format(width), function()
        local r = register(width, 5)
        assert_raises("value", "Index must be int or slice.", function() return r[1.0] end)
        assert_raises("value", "Index must be int or slice.", function() r[1.0] = 0 end)
        assert_raises("value", "Index must be int or slice.", r.bits, r, 1.0, 0)
      end)

      it(("2 for one bit of %d"):format(width), function()
        local r = register(width, 0)
        assert_raises("value", "Value to be set should be either 0 or 1.", function() r[1] = 2 end)
        assert_raises("value", "Value to be set should be either 0 or 1.", function() r[1] = -1 end)
      end)
    end

    it("a value too large for its bits", function()
      local r = register(32, 0)
      assert_raises("value", "Slicing range cannot represent value 4", function() r["1:0"] = 4 end)
      assert_raises("value", "Slicing range cannot represent value 4", r.bits, r, 1, 0, 4)
      assert_raises("value", "Slicing range cannot represent value 4294967296", r.set, r, 1 << 32)
    end)

    -- C33: a negative value set all bits above it.
    it("a negative value, which overwrote the neighbours", function()
      local r = register(32, 0)
      assert_raises("value", "Slicing range cannot represent value -1", function() r["1:0"] = -1 end)
      assert_raises("value", "Slicing range cannot represent value -1", r.set, r, -1)
      assert.equal(0, r:get())
      local wide = register(64, 0)
      assert_raises("value", "Slicing range cannot represent value -1", function() wide["62:0"] = -1 end)
      wide:set(-1) -- 64 ones
      assert.equal(-1, wide:get())
    end)

    it("other widths than 32 and 64", function()
      assert_raises("value", "Supported register width is 32 or 64.", lunq.Register, BASE, 16)
      assert_raises("value", "Supported register width is 32 or 64.", lunq.Register.count, 1, 8)
    end)
  end)

  it("uses the active device and a window of its own width", function()
    for _, width in ipairs { 32, 64 } do
      local r = lunq.Register(BASE + 16, width)
      m:write(16, 0x12)
      assert.equal(0x12, r["7:0"])
      r["7:0"] = 0x34
      assert.equal(0x34, m:read(16))
      assert.same({ BASE + 16, width }, { r:info().address, r:info().width })
    end
  end)

  it("prints its value or its fields as PYNQ does", function()
    assert.equal("Register(value=305419896)", tostring(register(32, 0x12345678)))
    assert.equal("Register(value=18446744073709551615)", tostring(register(64, -1)))
    assert.equal("Register(value=write-only)",
                 tostring(lunq.Register { address = BASE, access = "write-only" }))
  end)

  describe("debug", function()
    local printed, original
    before_each(function()
      printed, original = {}, print
      _G.print = function(s) printed[#printed + 1] = s end
    end)
    after_each(function() _G.print = original end)

    for _, width in ipairs { 32, 64 } do
      it(("says each access by bits of %d"):format(width), function()
        local r = lunq.Register { address = BASE, width = width, debug = true }
        r[4] = 0
        local _ = r[1]
        r["4:6"] = 0
        _ = r["1:3"]
        assert.same({
          "Register Debug: Setting bit 4 at address 0x40010000 to 0",
          "Register Debug: Reading index 1 at address 0x40010000",
          "Register Debug: Setting bits 6:4 at address 0x40010000 to 0",
          "Register Debug: Reading bits 3:1 at address 0x40010000",
        }, printed)
      end)
    end
  end)

  describe("with fields", function()
    local FIELDS <const> = {
      { name = "read_field", bit_offset = 0, bit_width = 4, access = "read-only" },
      { name = "write_field", bit_offset = 4, bit_width = 4, access = "write-only" },
      { name = "rw_field_1", bit_offset = 8, bit_width = 4, access = "read-write" },
      { name = "get", bit_offset = 12, bit_width = 4, access = "read-write" },
    }

    for _, width in ipairs { 32, 64 } do
      describe(("of %d bits"):format(width), function()
        local r
        before_each(function()
          r = core.register_at(m, { name = "TEST", offset = 16, width = width, fields = FIELDS })
          m:write(16, 0x87654321)
        end)

        it("reads and writes them by name", function()
          assert.equal(3, r.rw_field_1)
          r.rw_field_1 = 9
          assert.equal(0x87654921, m:read(16))
          r.rw_field_1 = 2.0
          assert.equal(2, r.rw_field_1)
        end)

        it("refuses to write a read-only field", function()
          assert.equal(1, r.read_field)
          assert_raises("attribute", "field read_field of register TEST is read-only",
                        function() r.read_field = 9 end)
          assert_raises("attribute", "field read_field of register TEST is read-only",
                        r.set, r, { rw_field_1 = 1, read_field = 9 })
          assert.equal(0x87654321, m:read(16))
        end)

        it("writes a write-only field and hides it from text", function()
          r.write_field = 9
          assert.equal(0x87654391, m:read(16))
          assert.equal("Register(read_field=1, write_field=write-only, rw_field_1=3, get=4)", tostring(r))
        end)

        it("lets a field win over a method of the same name", function()
          assert.equal(4, r.get)
          assert.equal(0x87654321, core.register.get(r))
        end)

        it("writes several fields at once", function()
          r:set { rw_field_1 = 0xf, get = 0, write_field = 1 }
          assert.equal(0x87650f11, m:read(16))
        end)

        it("checks all of them before the first access", function()
          assert_raises("value", "Slicing range cannot represent value 16: field get has 4 bits",
                        r.set, r, { get = 16 })
          assert_raises("attribute", 'register TEST has no "rw_field_2"; did you mean "rw_field_1"?',
                        r.set, r, { rw_field_2 = 1 })
          assert_raises("value", "value should be a whole number, not 0.5",
                        function() r.rw_field_1 = 0.5 end)
          assert_raises("type", "value should be a whole number, not string",
                        function() r.rw_field_1 = "1" end)
          assert.equal(0x87654321, m:read(16))
        end)

        it("offers the nearest name", function()
          assert_raises("attribute", 'register TEST has no "rw_feild_1"; did you mean "rw_field_1"?',
                        function() return r.rw_feild_1 end)
          assert_raises("attribute", 'register TEST has no "rw_feild_1"; did you mean "rw_field_1"?',
                        function() r.rw_feild_1 = 1 end)
        end)

        it("iterates over them in order, and lists them", function()
          local names = {}
          for name, value in pairs(r) do names[#names + 1] = name .. "=" .. value end
          assert.equal("read_field=1 rw_field_1=3 get=4", table.concat(names, " "))
          assert.same({ read_field = 1, rw_field_1 = 3, get = 4 }, r:fields())
          local info = r:info()
          assert.same({ "TEST", 16, width, "read-write" },
                      { info.name, info.offset, info.width, info.access })
          assert.same({ bit_offset = 4, bit_width = 4, access = "write-only" }, info.fields.write_field)
          assert.equal("get", info.fields[4])
        end)
      end)
    end

    it("refuses fields outside the register", function()
      assert_raises("value", "field X: bits 31 to 32 are outside 32 bits", core.register_at, m,
                    { offset = 0, fields = { { name = "X", bit_offset = 31, bit_width = 2 } } })
      assert_raises("value", "field X: bits -1 to 0 are outside 32 bits", core.register_at, m,
                    { offset = 0, fields = { { name = "X", bit_offset = -1, bit_width = 2 } } })
    end)
  end)

  describe("access", function()
    it("never reads a write-only register", function()
      local r = core.register_at(m, { name = "WO", offset = 0, access = "write-only",
                                      fields = { { name = "A", bit_offset = 4, bit_width = 4 } } })
      m:write(0, 0xffffffff)
      assert_raises("attribute", "register WO is write-only", r.get, r)
      assert_raises("attribute", "register WO is write-only", function() return r.A end)
      assert.equal("Register(A=write-only)", tostring(r))
      r.A = 1 -- the other bits are written 0: nothing was read
      assert.equal(0x10, m:read(0))
    end)

    it("never writes a read-only register", function()
      local r = core.register_at(m, { name = "RO", offset = 0, access = "read-only",
                                      fields = { { name = "A", bit_offset = 4, bit_width = 4 } } })
      for _, f in ipairs { function() r:set(1) end, function() r.A = 1 end, function() r[0] = 1 end,
                           function() r:set { A = 1 } end, function() r:bits(1, 0, 1) end } do
        assert_raises("attribute", "register RO is read-only", f)
      end
      assert.equal(0, r.A)
    end)

    it("does not touch what this configuration does not have", function()
      local r = core.register_at(m, { name = "SA", offset = 0, absent = true })
      assert_raises("attribute", "register SA does not exist in this configuration of the IP", r.get, r)
      assert_raises("attribute", "register SA does not exist in this configuration of the IP", r.set, r, 1)
      assert.equal("Register(<not in this configuration>)", tostring(r))
    end)

    -- C34: printing read everything; on a board it ended the kernel (PYNQ issue 1435).
    it("does not read for a print what a read changes", function()
      local r = core.register_at(m, { name = "DRR", offset = 0, unread = "a read removes a FIFO entry" })
      assert.equal("Register(<not read: a read removes a FIFO entry>)", tostring(r))
      assert.equal(0, r:get())
    end)

    -- C36: a pending interrupt was acknowledged by writing another field.
    it("writes 0 to bits on which writing acts, except the ones meant", function()
      local r = core.register_at(m, { name = "SR", offset = 0, act = 0x7000, fields = {
        { name = "EN", bit_offset = 0, bit_width = 1 }, { name = "IOC", bit_offset = 12, bit_width = 1 } } })
      m:write(0, 0xf000)
      r.EN = 1
      assert.equal(0x8001, m:read(0))
      m:write(0, 0xf000)
      r.IOC = 1
      assert.equal(0x9000, m:read(0))
      m:write(0, 0xf000)
      r["13:13"] = 1
      assert.equal(0xa000, m:read(0))
      m:write(0, 0xf000)
      r:set { EN = 1, IOC = 1 }
      assert.equal(0x9001, m:read(0))
    end)

    -- C35: a 64-bit register on a 4-byte boundary was one unaligned access.
    it("takes 64 bits on a 4-byte boundary in two halves", function()
      local r = core.register_at(m, { offset = 0x14, width = 64 })
      r:set(0x0123456789abcdef)
      assert.same({ 0x89abcdef, 0x01234567 }, { m:read(0x14), m:read(0x18) })
      assert.equal(0x0123456789abcdef, r:get())
      r[63] = 1
      assert.equal(0x81234567, m:read(0x18))
    end)
  end)

  it("ends with its window", function()
    local r = core.register_at(m, { name = "X", offset = 0, fields = {
      { name = "A", bit_offset = 0, bit_width = 1 } } })
    m:close()
    assert_raises("runtime", "MMIO at 0x40010000 is closed.", r.get, r)
    assert_raises("runtime", "MMIO at 0x40010000 is closed.", function() return r.A end)
    assert_raises("runtime", "MMIO at 0x40010000 is closed.", function() r.A = 1 end)
    assert.equal("Register(<not read: MMIO at 0x40010000 is closed.>)", tostring(r))
  end)

  it("keeps its window alive", function()
    local r = core.register_at(lunq.MMIO(BASE, 16), { offset = 8 })
    collectgarbage()
    collectgarbage()
    r:set(77)
    assert.equal(77, r:get())
  end)

  it("is outside its window when the window is too small", function()
    local r = core.register_at(m, { offset = 0x100 })
    assert_raises("index", "Offset 0x100 (4 bytes) is outside the 0x100 bytes at 0x40010000.", r.get, r)
  end)
end)
