--- register_map: registers and fields by name, names and sizes as PYNQ has them, and what printing
--- must not read (pynq-behaviour.md B10, C34, C68; registers.md sections 2 to 4).
local lunq = require "lunq"
local register_map = require "lunq.register_map"
local side_effects = require "lunq.side_effects"

local BASE <const> = 0x40020000

local function assert_raises(kind, message, f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok, "nothing was raised")
  assert.same({ kind, message }, { e.kind, tostring(e) })
end

local function register(offset, more)
  local r = { address_offset = offset, size = 32, access = "read-write", description = "", fields = {} }
  for k, v in pairs(more or {}) do r[k] = v end
  return r
end

local function field(offset, width, access, more)
  local f = { bit_offset = offset, bit_width = width, access = access or "read-write", description = "" }
  for k, v in pairs(more or {}) do f[k] = v end
  return f
end

--- The registers of PYNQ's own test.
local MOCK <const> = {
  test_register = register(16, { fields = {
    ["read-field"] = field(0, 4, "read-only"), ["write-field"] = field(4, 4, "write-only"),
    ["rw-field-1"] = field(8, 4), ["rw-field-2"] = field(12, 4), ["0-number-field"] = field(16, 4),
    ["space special !"] = field(20, 4) } }),
  ["out-of-order"] = register(80),
  aligned_4 = register(32),
  aligned_8 = register(40, { size = 64 }),
  unaligned_8 = register(52, { size = 64 }),
  ["read-only"] = register(64, { access = "read-only" }),
  ["write-only"] = register(68, { access = "write-only" }),
  ["space special !"] = register(72),
  ["001_numbered"] = register(76),
}

describe("register_map", function()
  local m
  before_each(function() m = lunq.MMIO(BASE, 0x400); m:fill(0, 0x100, 0) end)
  after_each(function() m:close() end)

  --- The mock's map; its IP is declared harmless so that it can be printed.
  local function mock()
    side_effects.add("test:user:mock", { { base = 0, text = [[
      10 test_register RW: a 3:0 RO, b 7:4 WO, c 31:8
      20 aligned_4 RW
      28 aligned_8 RW
      34 unaligned_8 RW
      40 read_only RO
      44 write_only WO
      48 space_special__ RW
      4C r001_numbered RW
      50 out_of_order RW]] } })
    return register_map.new(m, MOCK, "test:user:mock:1.0")
  end

  describe("fields", function()
    for name, case in pairs {
      rw_field_1 = { 3, 0x87654921 }, rw_field_2 = { 4, 0x87659321 },
      r0_number_field = { 5, 0x87694321 }, space_special__ = { 6, 0x87954321 },
    } do
      it("are found as " .. name, function()
        local rm = mock()
        m:write(16, 0x87654321)
        assert.equal(case[1], rm.test_register[name])
        rm.test_register[name] = 9
        assert.equal(case[2], m:read(16))
      end)

      it(("of 64 bits are found as %s"):format(name), function()
        local rm = register_map.new(m, { wide = register(16, { size = 64, fields = MOCK.test_register.fields }) },
                                    "a:b:c:1.0")
        m:write64(16, 0x1234567887654321)
        assert.equal(case[1], rm.wide[name])
        rm.wide[name] = 9
        assert.equal(0x1234567800000000 | case[2], m:read64(16))
      end)
    end
  end)

  describe("registers", function()
    for name, case in pairs {
      aligned_4 = { 32, 0x12345678, 0x87654321 },
      aligned_8 = { 40, 0x123456789abcdef0, 0x0fedcba987654321 },
      unaligned_8 = { 52, 0x123456789abcdef0, 0x0fedcba987654321 },
      space_special__ = { 72, 0x12345678, 0x87654321 },
      r001_numbered = { 76, 0x12345678, 0x87654321 },
      out_of_order = { 80, 0x123456, 0x876543 },
    } do
      it("are read and written whole as " .. name, function()
        local rm = mock()
        local offset, start, after = table.unpack(case)
        local wide = name:find "aligned_8"
        m:write(offset, wide and string.pack("<i8", start) or start)
        assert.equal(start, rm[name][":"])
        rm[name] = after
        assert.equal(after, wide and string.unpack("<i8", m:read_string(offset, 8)) or m:read(offset))
      end)
    end

    it("that are read-only refuse assignment", function()
      local rm = mock()
      m:write(64, 0x87654321)
      assert.equal(0x87654321, rm.read_only:get())
      assert_raises("attribute", "register read_only is read-only", function() rm.read_only = 1 end)
    end)

    it("that are write-only are written and never read", function()
      local rm = mock()
      rm.write_only = 0x1234
      assert.equal(0x1234, m:read(68))
      assert_raises("attribute", "register write_only is write-only",
                    function() return rm.write_only:get() end)
    end)

    it("take a table of fields in one write", function()
      local rm = mock()
      m:write(16, 0x87654321)
      rm.test_register = { rw_field_1 = 0, rw_field_2 = 0xf }
      assert.equal(0x8765f021, m:read(16))
    end)

    it("wider than 64 bits are left out with a warning", function()
      local rm
      local warned = lunq.warnings.capture(function()
        rm = register_map.new(m, { big = register(0, { size = 128 }), ok = register(16) }, "a:b:c:1.0")
      end)
      assert.same({ { category = "user", text = "Unsupported register size 128 for register big" } },
                  warned)
      assert.same({ "ok" }, rm:names())
    end)

    it("of sizes below 32 bits are accessed as 32 bits", function()
      local rm = register_map.new(m, { MER = register(0x1c, { size = 2 }) }, "a:b:c:1.0")
      rm.MER = 0x80000003
      assert.equal(0x80000003, m:read(0x1c))
    end)

    it("with the same name get a number", function()
      local rm = register_map.new(m, { ["A B"] = register(4), ["A-B"] = register(8), A_B = register(0) },
                                  "a:b:c:1.0")
      assert.same({ "A_B", "A_B_2", "A_B_3" }, rm:names())
      rm.A_B_3 = 5
      assert.equal(5, m:read(8))
    end)

    it("keep only the part of a field that they have", function()
      local rm = register_map.new(m, { R = register(0, { fields = {
        low = field(0, 40), out = field(32, 4) } }) }, "a:b:c:1.0")
      assert.same({ "low" }, { table.unpack(rm.R:info().fields) })
      assert.equal(32, rm.R:info().fields.low.bit_width)
    end)

    -- C68: registers that this configuration lacks were read like the others.
    it("marked as absent are never accessed", function()
      local rm = register_map.new(m, { SA = register(0, { enabled = false }) },
                                  "xilinx.com:ip:axi_dma:7.1")
      assert_raises("attribute", "register SA does not exist in this configuration of the IP",
                    function() rm.SA = 1 end)
      assert.equal("RegisterMap {\n  (not in this configuration: SA)\n}", tostring(rm))
      assert.equal("Register(<not in this configuration>)", tostring(rm.SA))
    end)
  end)

  describe("names", function()
    it("that do not exist raise and offer the nearest", function()
      local rm = mock()
      assert_raises("attribute", 'the register map of test:user:mock:1.0 has no register "alinged_4"; ' ..
                    'did you mean "aligned_4"?', function() return rm.alinged_4 end)
      assert_raises("attribute", 'the register map of test:user:mock:1.0 has no register "alinged_4"; ' ..
                    'did you mean "aligned_4"?', function() rm.alinged_4 = 1 end)
      assert_raises("attribute", 'the register map of test:user:mock:1.0 has no register "zzzzzzz"',
                    rm.set, rm, { zzzzzzz = 1 })
    end)

    it("are listed by address and iterated", function()
      local rm, seen = mock(), {}
      assert.same({ "test_register", "aligned_4", "aligned_8", "unaligned_8", "read_only", "write_only",
                    "space_special__", "r001_numbered", "out_of_order" }, rm:names())
      for name, r in pairs(rm) do
        seen[#seen + 1] = name
        assert.equal(name, r:info().name)
      end
      assert.same(rm:names(), seen)
    end)

    it("of registers win over those of methods", function()
      local rm = register_map.new(m, { set = register(0), names = register(4) }, "a:b:c:1.0")
      rm.set = 3
      assert.equal(3, rm.set:get())
      register_map.set(rm, { set = 4 })
      assert.equal(4, m:read(0))
      assert.same({ "set", "names" }, register_map.names(rm))
    end)
  end)

  it("sets several registers in address order", function()
    local rm = mock()
    assert.equal(rm, rm:set { aligned_4 = 1, test_register = { rw_field_1 = 2 } })
    assert.same({ 1, 0x200 }, { m:read(32), m:read(16) })
    assert.same({ test_register = 0x200, aligned_4 = 1, aligned_8 = 0, unaligned_8 = 0, read_only = 0,
                  space_special__ = 0, r001_numbered = 0, out_of_order = 0 }, rm:values())
  end)

  it("prints as PYNQ does, in address order", function()
    local rm = mock()
    m:write(16, 0x87654321)
    m:write(32, 589439264)
    m:write(40, "\xff\xff\xff\xff\xff\xff\xff\xff")
    assert.equal([[
RegisterMap {
  test_register = Register(read_field=1, write_field=write-only, rw_field_1=3, rw_field_2=4, ]] ..
  [[r0_number_field=5, space_special__=6),
  aligned_4 = Register(value=589439264),
  aligned_8 = Register(value=18446744073709551615),
  unaligned_8 = Register(value=0),
  read_only = Register(value=0),
  write_only = Register(value=write-only),
  space_special__ = Register(value=0),
  r001_numbered = Register(value=0),
  out_of_order = Register(value=0)
}]], tostring(rm))
  end)

  -- PYNQ's run on a bytearray or an ndarray; here a window on a buffer's memory is the same.
  it("works on memory as on registers", function()
    local b <close> = lunq.allocate(24, "u4")
    local w <close> = lunq.MMIO(b.device_address, b.nbytes, b.device)
    local rm = register_map.new(w, MOCK, "test:user:mock:1.0")
    for i = 1, 24 do b[i] = i * 0x01010101 end
    assert.equal(9 * 0x01010101, rm.aligned_4:get())
    assert.equal(0x0c0c0c0c0b0b0b0b, rm.aligned_8:get())
    rm.unaligned_8 = 0x0fedcba987654321
    rm.test_register.rw_field_1 = 9
    assert.same({ 0x87654321, 0x0fedcba9, 0x05050905 }, { b[14], b[15], b[5] })
    for _, width in ipairs { 32, 64 } do
      local r = lunq.Register(b.device_address, width)
      b[1] = 0x12
      assert.equal(0x12, r["7:0"])
      r["7:0"] = 0x34
      assert.equal(0x34, b[1])
    end
  end)

  it("needs a table of registers", function()
    assert_raises("type", "registers should be a table, not nil", register_map.new, m)
  end)

  describe("of an IP nothing is known about", function()
    local rm
    before_each(function()
      rm = register_map.new(m, { DATA = register(0x10), OLD = register(0x14, { enabled = false }) },
                            "acme.com:user:fir:1.0")
    end)

    it("prints names and offsets and reads nothing", function()
      assert.equal("RegisterMap {\n  DATA = <not read: at 0x10, what a read does is not known>\n" ..
                   "  (not in this configuration: OLD)\n}", tostring(rm))
      assert.same({}, rm:values())
    end)

    it("reads a register that is asked for", function()
      m:write(0x10, 9)
      assert.equal("Register(value=9)", tostring(rm.DATA))
    end)

    it("prints values once a table was added", function()
      side_effects.add("acme.com:user:fir", { { base = 0, text = "10 DATA RW" } })
      rm = register_map.new(m, { DATA = register(0x10), MORE = register(0x18) }, "acme.com:user:fir:1.1")
      assert.equal("RegisterMap {\n  DATA = Register(value=0),\n" ..
                   "  MORE = <not read: what a read does is not known>\n}", tostring(rm))
    end)
  end)

  it("writes 0 to bits that the metadata calls write-1-to-clear", function()
    local rm = register_map.new(m, { SR = register(0, { fields = {
      EN = field(0, 1), IRQ = field(4, 1, nil, { write_effect = "oneToClear" }) } }) }, "a:b:c:1.0")
    m:write(0, 0x10)
    rm.SR.EN = 1
    assert.equal(1, m:read(0))
  end)
end)
