--- Slices, rows, other types and shapes: what they show and what they refuse.
local core = require "lunq.core"

local function error_of(f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok)
  return { e.kind, tostring(e) }
end

describe("slice", function()
  local b
  before_each(function() b = core.array(nil, "u4", { 1, 2, 3, 4, 5, 6 }) end)

  it("includes both ends, counts negative ones from the end, and cuts to what is there", function()
    local cases = {
      { {}, { 1, 2, 3, 4, 5, 6 } }, { { 2 }, { 2, 3, 4, 5, 6 } }, { { 2, 4 }, { 2, 3, 4 } },
      { { -2 }, { 5, 6 } }, { { 2, -2 }, { 2, 3, 4, 5 } }, { { 0, 100 }, { 1, 2, 3, 4, 5, 6 } },
      { { -100, 1 }, { 1 } }, { { 4, 3 }, {} }, { { 7 }, {} }, { { 1, 0 }, {} },
      { { 1, -1, 2 }, { 1, 3, 5 } }, { { 2, 6, 3 }, { 2, 5 } }, { { 1, -1, 100 }, { 1 } },
      { { -1, 1, -1 }, { 6, 5, 4, 3, 2, 1 } }, { { nil, nil, -2 }, { 6, 4, 2 } },
      { { 4, 2, -1 }, { 4, 3, 2 } }, { { 2, 4, -1 }, {} }, { { 100, -100, -1 }, { 6, 5, 4, 3, 2, 1 } },
      { { math.mininteger, math.maxinteger, math.maxinteger }, { 1 } },
      { { math.maxinteger, math.mininteger, math.mininteger }, { 6 } },
    }
    for _, c in ipairs(cases) do
      assert.same(c[2], b:slice(table.unpack(c[1], 1, 3)):totable())
    end
  end)

  it("is a view: writing it writes the buffer", function()
    b:slice(2, -1, 2):fill(0)
    assert.same({ 1, 0, 3, 0, 5, 0 }, b:totable())
    b:slice(2, 5):slice(2, 3)[1] = 9
    assert.same({ 1, 0, 9, 0, 5, 0 }, b:totable())
    b:slice(-1, 1, -1):set { 1, 2, 3, 4, 5, 6 }
    assert.same({ 6, 5, 4, 3, 2, 1 }, b:totable())
  end)

  it("takes lists, positions and true for several dimensions", function()
    local m = core.array({ 3, 4 }, "u1", { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 } })
    assert.same({ { 6, 7 }, { 10, 11 } }, m:slice({ 2, 3 }, { 2, 3 }):totable())
    assert.same({ 2, 6, 10 }, m:slice(true, 2):totable())
    assert.same({ { 12, 11, 10, 9 }, { 4, 3, 2, 1 } }, m:slice({ -1, 1, -2 }, { nil, nil, -1 }):totable())
    assert.same({ 12, 8, 4 }, m:slice({ -1, 1, -1 }, -1):totable())
    assert.same({ { 5, 6, 7, 8 }, { 9, 10, 11, 12 } }, m:slice({ 2 }):totable())
    assert.same({ { 5, 6, 7, 8 } }, m:slice(2, 2):totable()) -- plain numbers: rows 2 to 2
  end)

  it("refuses what makes no sense", function()
    assert.same({ "value", "slice step cannot be zero" }, error_of(b.slice, b, 1, 2, 0))
    assert.same({ "value", "a slice's start should be a whole number, not 1.5" },
      error_of(b.slice, b, 1.5))
    assert.same({ "index", "too many slices: the buffer has 1 dimensions, but 2 were given" },
      error_of(b.slice, b, {}, {}))
    local m = core.array { { 1, 2 } }
    assert.same({ "index", "index 3 is out of bounds for axis 2 with size 2 (both count from 1)" },
      error_of(m.slice, m, true, 3))
    assert.same({ "type", "argument 1 should be a lunq.Buffer, not number " ..
      "(a method needs ':', as in obj:name())" }, error_of(b.slice, 1, 2))
  end)
end)

describe("view", function()
  it("shows the same bytes as another type", function()
    local b = core.array(nil, "u4", { 0x04030201, 0xffffffff })
    assert.same({ 1, 2, 3, 4, 255, 255, 255, 255 }, b:view("u1"):totable())
    assert.same({ -0xfbfcfdff }, b:view("i8"):totable())
    assert.same({ 0x04030201, -1 }, b:view("i4"):totable())
    b:view("f4")[1] = 1
    assert.equal(0x3f800000, b[1])
    assert.same({ 2, 4 }, core.array({ 2, 2 }, "u2"):view("u1").shape)
  end)

  it("works at odd addresses", function()
    local bytes = core.array(nil, "u1", "\0\1\2\3\4\5\6\7\8")
    local odd = bytes:slice(2, 9):view("u4")
    assert.same({ 0x04030201, 0x08070605 }, odd:totable())
    assert.equal(0x0c0a0806, odd:sum())
    assert.same({ 0x04030202, 0x08070606 }, (odd + 1):totable())
  end)

  it("refuses sizes that don't divide, with NumPy's words", function()
    local b = core.array(6, "u1")
    assert.same({ "value", "When changing to a larger dtype, its size must be a divisor of the total " ..
      "size in bytes of the last axis of the array." }, error_of(b.view, b, "u4"))
    local s = b:slice(1, -1, 2)
    assert.same({ "value", "To change to a dtype of a different size, the last axis must be contiguous" },
      error_of(s.view, s, "u2"))
    assert.equal("i1", s:view("i1").dtype)
  end)
end)

describe("reshape", function()
  local b
  before_each(function() b = core.array(nil, "u1", "abcdef") end)

  it("regroups the same elements", function()
    local m = b:reshape { 2, 3 }
    assert.same({ { 97, 98, 99 }, { 100, 101, 102 } }, m:totable())
    m:set(0, 2, 1)
    assert.equal(0, b[4])
    assert.same({ 3, 2 }, b:reshape(3, -1).shape)
    assert.same({ 6 }, m:reshape(-1).shape)
    assert.same({ 1, 6, 1 }, b:reshape { 1, -1, 1 }.shape)
  end)

  it("refuses other sizes and views that would need a copy", function()
    assert.same({ "value", "cannot reshape array of size 6 into shape (4,)" }, error_of(b.reshape, b, 4))
    assert.same({ "value", "cannot reshape array of size 6: the other dimensions don't divide it" },
      error_of(b.reshape, b, 4, -1))
    assert.same({ "value", "can only specify one unknown dimension" }, error_of(b.reshape, b, -1, -1))
    assert.same({ "value", "negative dimensions are not allowed" }, error_of(b.reshape, b, -2, 3))
    assert.equal("value", error_of(b.reshape, b, math.maxinteger, math.maxinteger)[1])
    local t = b:reshape(2, 3).T
    assert.same({ "value", "cannot reshape a view with gaps, reversed or transposed: take a copy " ..
      "first, b:copy():reshape(...)" }, error_of(t.reshape, t, 6))
  end)
end)

describe("device addresses of views", function()
  local m
  before_each(function() m = core.allocate({ 1024, 1024 }, "u4") end)
  after_each(function() m:close() end)

  it("move by the byte distance", function()
    local row = m[2]
    assert.same({ 4096, 4096 }, { row.offset, row.nbytes })
    local half = row:slice(513)
    assert.same({ 6144, 2048 }, { half.offset, half.nbytes })
    assert.equal(m.device_address + 6144, half.device_address)
    assert.equal(m.bo, half.bo)
    assert.equal(m.device_address + 4, m:slice(true, { 2 }).device_address)
  end)

  -- C7: a reversed view of PYNQ's points at its last element.
  it("do not exist for reversed views", function()
    local r = m[1]:slice(-1, 1, -1)
    assert.same({ "value", "A reversed view has no device address: its first element is not its " ..
      "lowest address." }, error_of(function() return r.device_address end))
    assert.equal(0, r:sum())
  end)

  -- C7: `b + 1`, copies and sums carry an address in PYNQ.
  it("do not exist for results", function()
    local row = m[1]
    for _, r in ipairs { row + 1, 1 - row, -row, row * row, row / 2, row:copy(), row:astype "f4" } do
      assert.is_nil(r.device_address)
      assert.is_nil(r.device)
    end
  end)
end)
