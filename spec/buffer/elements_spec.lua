--- Elements, rows, assignment: what b[i], get and set do, and what they refuse.
local core = require "lunq.core"

local function error_of(f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok)
  return { e.kind, tostring(e) }
end

describe("a buffer's elements", function()
  local b
  before_each(function() b = core.allocate(5, "u4") end)
  after_each(function() b:close() end)

  it("are zero at first, and count from 1", function()
    assert.same({ 0, 0, 0, 0, 0 }, b:totable())
    for i = 1, #b do b[i] = i - 1 end
    assert.same({ 0, 1, 2, 3, 4 }, b:totable())
    assert.equal(4, b[5])
    assert.equal(4, b[5.0])
  end)

  -- NumPy's first and last element, buf[0] and buf[-1], were nil without a word.
  it("below 1 are no elements: who counts from 0 is told", function()
    for _, i in ipairs { 0, -1, 1.5, 0.0, math.mininteger } do
      assert.same({ "index", ("index %s is out of bounds for axis 1 with size 5 (both count from 1)")
                             :format(i == 0 and "0" or i) }, error_of(function() return b[i] end))
    end
    assert.same({ "index", "index 0 is out of bounds for axis 1 with size 5 (both count from 1)" },
                error_of(b.get, b, 0))
    assert.equal(b[5], b:get(-1))
  end)

  it("are nil past the end, so that ipairs, pairs and the table library work", function()
    b:set { 5, 4, 3, 2, 1 }
    local seen = {}
    for i, v in ipairs(b) do seen[i] = v end
    assert.same({ 5, 4, 3, 2, 1 }, seen)
    for i, v in pairs(b) do assert.equal(seen[i], v) end
    for _, i in ipairs { 6, math.maxinteger } do assert.is_nil(b[i]) end
    assert.equal("5,4,3,2,1", table.concat(b, ","))
    table.sort(b)
    assert.same({ 1, 2, 3, 4, 5 }, { table.unpack(b) })
    assert.same({ 1, 2, 3, 4, 5 }, table.move(b, 1, 5, 1, {}))
  end)

  it("can't be written outside", function()
    local function write(i) return function() b[i] = 1 end end
    local text = "index %s is out of bounds for axis 1 with size 5 (both count from 1)"
    for _, i in ipairs { 0, 6, -1, 1.5, math.maxinteger, math.mininteger } do
      assert.same({ "index", text:format(i) }, error_of(write(i)))
    end
    assert.same({ "attribute", "can't set 'size' of a buffer" }, error_of(function() b.size = 1 end))
    assert.same({ 0, 0, 0, 0, 0 }, b:totable())
  end)

  it("store integers modulo the width", function()
    b[1], b[2], b[3] = -1, 0x123456789, math.mininteger
    assert.same({ 0xffffffff, 0x23456789, 0 }, b:slice(1, 3):totable())
    local i1 = core.array(3, "i1")
    i1[1], i1[2], i1[3] = 255, 128, -129
    assert.same({ -1, -128, 127 }, i1:totable())
  end)

  it("truncate floats towards zero, modulo the width", function()
    local i4 = core.array(nil, "i4", { 1.9, -1.9, 2 ^ 32 + 5, -2 ^ 40 - 3 })
    assert.same({ 1, -1, 5, -3 }, i4:totable())
    local u8 = core.array(2, "u8")
    u8[1], u8[2] = 2.0 ^ 63, 2.0 ^ 100
    assert.same({ math.mininteger, 0 }, u8:totable())
  end)

  it("refuse NaN and infinities in integer types, and take them as floats", function()
    local function write(v) return function() b[1] = v end end
    assert.same({ "value", "cannot convert float NaN to integer" }, error_of(write(0 / 0)))
    assert.same({ "value", "cannot convert float infinity to integer" }, error_of(write(-math.huge)))
    local f = core.array(2, "f4")
    f[1], f[2] = math.huge, 0 / 0
    assert.equal(math.huge, f[1])
    assert.is_true(f[2] ~= f[2])
  end)

  it("refuse what is no number", function()
    assert.same({ "type", "an element should be a number, not string" },
      error_of(function() b[1] = "1" end))
    assert.same({ "type", "an element should be a number, not table" },
      error_of(function() b[1] = {} end))
    assert.same({ "type", "an element should be a number, not nil" },
      error_of(function() b[1] = nil end))
  end)

  for name, limits in pairs {
    u1 = { 0, 255 }, u2 = { 0, 65535 }, u4 = { 0, 0xffffffff }, u8 = { 0, -1 },
    i1 = { -128, 127 }, i2 = { -32768, 32767 }, i4 = { -0x80000000, 0x7fffffff },
    i8 = { math.mininteger, math.maxinteger },
  } do
    it(("of type %s keep their limits"):format(name), function()
      local a = core.array(nil, name, limits)
      assert.same(limits, a:totable())
      assert.equal("integer", math.type(a[1]))
    end)
  end

  it("of type f4 are rounded, of type f8 kept", function()
    assert.equal(string.unpack("<f", string.pack("<f", 0.1)), core.array(nil, "f4", { 0.1 })[1])
    assert.equal(0.1, core.array(nil, "f8", { 0.1 })[1])
  end)
end)

describe("dtype names", function()
  local names = {
    u1 = { "u1", "uint8", "|u1" }, u2 = { "u2", "u16", "uint16", "<u2" },
    u4 = { "u4", "u32", "uint32" }, u8 = { "u8", "u64", "uint64" }, -- 8 bytes, as in NumPy
    i1 = { "i1", "int8" }, i2 = { "i2", "i16", "int16" }, i4 = { "i4", "i32", "int32", "=i4" },
    i8 = { "i8", "i64", "int64" },
    f4 = { "f4", "f32", "float32", "float" }, f8 = { "f8", "f64", "float64", "double" },
  }
  for canonical, list in pairs(names) do
    it("that mean " .. canonical, function()
      for _, name in ipairs(list) do
        local a = core.array(2, name)
        assert.equal(canonical, a.dtype)
        assert.equal(tonumber(canonical:sub(2)), a.itemsize)
      end
    end)
  end

  it("that mean nothing are refused", function()
    for _, name in ipairs { "", "u3", ">u4", "complex64", "U4", ("x"):rep(5000) } do
      local e = error_of(core.array, 2, name)
      assert.equal("type", e[1])
      assert.matches("^data type '.-' not understood %(there are u1 ", e[2])
    end
    assert.same({ "type", "dtype should be a string, not number" }, error_of(core.array, 2, 4))
  end)
end)

describe("a buffer of several dimensions", function()
  local m
  before_each(function() m = core.allocate({ 3, 4 }, "i2") end)
  after_each(function() m:close() end)

  it("gives rows that are views", function()
    m[2][3] = 7
    assert.equal(7, m:get(2, 3))
    local row = m[2]
    assert.same({ 0, 0, 7, 0 }, row:totable())
    assert.equal(8, row.offset)
    assert.equal(m.device_address + 8, row.device_address)
    assert.equal(3, #m)
    assert.is_nil(m[4])
    assert.same({ 0, 0, 7, 0 }, m:row(-2):totable())
    assert.same({ "index", "row 4 is out of bounds for 3 rows (they count from 1)" },
      error_of(m.row, m, 4))
    assert.same({ "value", "a buffer of one dimension has no rows: b[i] is an element, " ..
      "b:slice(i, j) a view" }, error_of(row.row, row, 1))
  end)

  it("reads and writes with all positions, negative ones from the end", function()
    m:set(5, 1, 1):set(6, -1, -1):set(7, 2, -4)
    assert.same({ { 5, 0, 0, 0 }, { 7, 0, 0, 0 }, { 0, 0, 0, 6 } }, m:totable())
    assert.equal(6, m:get(3, 4))
    assert.equal(6, m:get(-1, -1))
    assert.same({ 0, 0, 0, 6 }, m:get(-1):totable())
    for _, at in ipairs { { 4, 1 }, { 1, 5 }, { -4, 1 }, { 1, math.mininteger } } do
      assert.is_nil(m:get(table.unpack(at)))
    end
    assert.same({ "index", "index 5 is out of bounds for axis 2 with size 4 (both count from 1)" },
      error_of(m.set, m, 1, 2, 5))
    assert.same({ "index", "too many indices: the buffer has 2 dimensions, but 3 were given" },
      error_of(m.get, m, 1, 1, 1))
    assert.same({ "value", "an index should be a whole number, not 1.5" }, error_of(m.get, m, 1.5, 1))
  end)

  it("takes rows from numbers, lists and buffers, broadcast as in NumPy", function()
    m[1], m[2], m[3] = 9, { 1, 2, 3, 4 }, core.array(nil, "f8", { 0.5, 1.5, 2.5, 3.5 })
    assert.same({ { 9, 9, 9, 9 }, { 1, 2, 3, 4 }, { 0, 1, 2, 3 } }, m:totable())
    m:set { 1, 2, 3, 4 }
    assert.same({ { 1, 2, 3, 4 }, { 1, 2, 3, 4 }, { 1, 2, 3, 4 } }, m:totable())
    m:set { { 1 }, { 2 }, { 3 } }
    assert.same({ { 1, 1, 1, 1 }, { 2, 2, 2, 2 }, { 3, 3, 3, 3 } }, m:totable())
    m:set { m:row(3), { 8 }, m:row(1) }
    assert.same({ { 3, 3, 3, 3 }, { 8, 8, 8, 8 }, { 3, 3, 3, 3 } }, m:totable())
    m:copyfrom(4)
    assert.equal(48, m:sum())
  end)

  it("refuses lists that don't fit, by kind and text", function()
    local wrong = {
      { { 1, 2, 3 }, "value", "could not broadcast input array from shape (3,) into shape (4,)" },
      { { { 1 }, { 2 } }, "value", "could not broadcast input array from shape (2,) into shape (3, 4)" },
      { { { { 1 } } }, "value",
        "setting an array element with a sequence: lists nested 3 deep do not fit 2 dimensions" },
      { { { 1, 2, 3, 4 }, 5, { 1, 2, 3, 4 } }, "value", "setting an array element with a sequence: " ..
        "the lists are not of one shape (number where a list was expected)" },
      { { 1, 2, 3, {} }, "type", "an element should be a number, not table" },
      { "abc", "type", "a buffer takes numbers, lists of them and buffers, not string " ..
        "(bytes: b:frombytes(s))" },
      { core.array({ 4, 4 }, "u1"), "value",
        "could not broadcast input array from shape (4, 4) into shape (3, 4)" },
    }
    for _, w in ipairs(wrong) do assert.same({ w[2], w[3] }, error_of(m.set, m, w[1])) end
    local endless = {}
    endless[1] = endless
    assert.equal("value", error_of(m.set, m, endless)[1])
  end)
end)

describe("reading a buffer's attributes", function()
  it("gives PYNQ's properties", function()
    local b <close> = core.allocate({ 2, 3 }, "f4")
    assert.same({ 2, 3 }, b.shape)
    assert.same({ "f4", 24, 6, 2, 4, 0, false, true },
      { b.dtype, b.nbytes, b.size, b.ndim, b.itemsize, b.offset, b.freed, b.contiguous })
    assert.equal(b.physical_address, b.device_address)
    assert.equal(b.bo, b.device_address)
    assert.equal(core.active_device(), b.device)
    assert.equal("PSDDR", b.bank)
    assert.is_true(b.virtual_address ~= 0)
    assert.same({ 3, 2 }, b.T.shape)
  end)

  it("gives nil for the address of host memory", function()
    local a = core.array(3, "u1")
    assert.is_nil(a.device_address)
    assert.is_nil(a.physical_address)
    assert.is_nil(a.device)
    assert.is_nil(a.bank)
    assert.is_true(a.coherent)
  end)

  it("raises for names that do not exist", function()
    local a = core.array(3, "u1")
    local e = error_of(function() return a.shap end)
    assert.equal("attribute", e[1])
    assert.matches('^lunq.Buffer has no "shap".*shape', e[2])
  end)

  it("can be completed at the prompt, methods and properties", function()
    rawset(_G, "completion_probe", core.array(3, "u1"))
    local complete = require "lunq.repl.complete".words
    assert.same({ "completion_probe.device", "completion_probe.device_address" },
      complete "completion_probe.dev")
    assert.same({ "completion_probe:copy", "completion_probe:copyfrom", "completion_probe:copyto" },
      complete "completion_probe:cop")
    rawset(_G, "completion_probe", nil)
  end)

  it("shows type, shape, address and values as text", function()
    local b <close> = core.allocate(10, "u1")
    assert.equal(("Buffer u1[10] at 0x%x (%s): {0, 0, 0, ..., 0, 0, 0}"):format(b.device_address,
      b.device.name), tostring(b))
    assert.equal("Array f4[3]: {0.1, 2.0, -3.5}", tostring(core.array(nil, "f4", { 0.1, 2, -3.5 })))
    assert.equal("Array u8[1]: {18446744073709551615}", tostring(core.array(nil, "u8", { -1 })))
    assert.equal("Array i2[2, 2]: {\n  {1, 2},\n  {3, 4}\n}",
      tostring(core.array({ { 1, 2 }, { 3, 4 } }, "i2")))
    assert.equal("Array u4[0]: {}", tostring(core.array(0)))
    assert.is_true(#tostring(core.array({ 9, 9, 9, 9, 9, 9, 9, 9 }, "u1")) < 20000)
  end)
end)
