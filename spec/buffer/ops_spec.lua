--- Whole-buffer work: what each operation gives, and its errors. Values at random: model_spec.lua.
local core = require "lunq.core"
local helper = require "spec.helper"

local NAN <const> = 0 / 0

local function error_of(f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok)
  return { e.kind, tostring(e) }
end

local function array(t, values) return core.array(nil, t, values) end

describe("operations that change a buffer", function()
  it("return it, so that calls chain", function()
    local b = array("i4", { 1, 2, 3 })
    assert.equal(b, b:fill(2):add(1):scale(3):sub(b):copyfrom { 1, 2, 3 }:mul(b):div(2))
    assert.same({ 0, 2, 4 }, b:totable()) -- 1/2, 4/2, 9/2, truncated
    local d = core.array(3, "f4")
    assert.equal(d, b:copyto(d))
    assert.same({ 0, 2, 4 }, d:totable())
  end)

  it("take two operands for a third buffer", function()
    local a, b, d = array("u4", { 1, 2, 3 }), array("u4", { 10, 20, 30 }), core.array(3, "u4")
    assert.same({ 11, 22, 33 }, d:add(a, b):totable())
    assert.same({ 9, 18, 27 }, d:sub(b, a):totable())
    assert.same({ 10, 40, 90 }, d:mul(a, b):totable())
    assert.same({ 10, 10, 10 }, d:div(b, a):totable())
    assert.same({ 99, 98, 97 }, d:sub(100, a):totable())
    assert.same({ 5, 5, 5 }, d:add(2, 3):totable())
  end)

  it("may read what they write", function()
    local b = array("i4", { 1, 2, 3, 4, 5, 6 })
    b:slice(2, 6):add(b:slice(1, 5)) -- each by its old neighbour
    assert.same({ 1, 3, 5, 7, 9, 11 }, b:totable())
    b:add(b:slice(-1, 1, -1))
    assert.same({ 12, 12, 12, 12, 12, 12 }, b:totable())
    local m = core.array { { 1, 2 }, { 3, 4 } }
    assert.same({ { 2, 5 }, { 5, 8 } }, m:add(m.T):totable())
    assert.same({ { 4, 10 }, { 7, 13 } }, m:add(m[1]):totable())
  end)

  it("keep the buffer's own type", function()
    local u1 = array("u1", { 100, 200 })
    assert.same({ 144, 244 }, u1:add(300):totable())
    assert.same({ 72, 122 }, u1:scale(0.5):totable())
    local e = error_of(u1.scale, u1, NAN)
    assert.same({ "value", "cannot convert float NaN or infinity to integer" }, e)
    assert.same({ 72, 122 }, u1:totable())
    assert.same({ 0, math.huge }, array("f4", { 0, 1 }):scale(math.huge):copyfrom { 0, math.huge }:totable())
  end)

  it("write nothing when a NaN or an infinity meets an integer type", function()
    local b, f = array("i2", { 1, 2, 3 }), array("f8", { 4, NAN, 6 })
    local text = "cannot convert float NaN or infinity to integer"
    assert.same({ "value", text }, error_of(f.copyto, f, b))
    assert.same({ "value", text }, error_of(b.add, b, f))
    assert.same({ "value", text }, error_of(b.div, b, 0))
    assert.same({ "value", text }, error_of(f.astype, f, "u4"))
    assert.same({ "value", "cannot convert float infinity to integer" }, error_of(b.fill, b, -math.huge))
    assert.same({ 1, 2, 3 }, b:totable())
  end)

  it("refuse shapes that don't broadcast, and operands that are none", function()
    local a, b = core.array({ 2, 3 }, "u4"), core.array(2, "u4")
    assert.same({ "value", "could not broadcast input array from shape (2,) into shape (2, 3)" },
      error_of(a.add, a, b))
    assert.same({ "value", "could not broadcast input array from shape (2, 3) into shape (2,)" },
      error_of(a.copyto, a, b))
    assert.same({ "value", "operands could not be broadcast together with shapes (2, 3) (2,)" },
      error_of(function() return a + b end))
    assert.same({ "type", "an operand should be a number, not string" },
      error_of(function() return a + "1" end))
    assert.same({ "type", "an operand should be a number, not table" },
      error_of(function() return {} * a end))
    assert.same({ "type", "an operand is missing (a number or a buffer)" }, error_of(a.add, a))
    assert.same({ "type", "the factor should be a number, not userdata" }, error_of(a.scale, a, b))
    assert.same({ "type", "the value should be a number, not nothing" }, error_of(a.fill, a))
  end)

  it("give an error for results that are too large for memory", function()
    local row, column = core.array({ 1, 1 << 20 }, "u1"), core.array({ 1 << 20, 1 }, "u1")
    assert.same(helper.wide and { "memory", "No memory for 1099511627776 bytes." }
      or { "value", "A buffer of shape (1048576, 1048576) does not fit in memory." },
      error_of(function() return row + column end))
  end)
end)

describe("operators", function()
  it("make new host arrays", function()
    local b <close> = core.allocate(3, "i2")
    b:set { 1, -2, 3 }
    assert.same({ 2, -1, 4 }, (b + 1):totable())
    assert.same({ 0, 3, -2 }, (1 - b):totable())
    assert.same({ 1, 4, 9 }, (b * b):totable())
    assert.same({ 0.5, -1.0, 1.5 }, (b / 2):totable())
    assert.same({ -1, 2, -3 }, (-b):totable())
    assert.same({ "i2", "i2", "f8", "f8" }, { (b + 1).dtype, (-b).dtype, (b / 2).dtype, (b + 0.5).dtype })
    assert.equal(-math.huge, 1 / (-array("f4", { 0 }))[1])
    assert.same({ 1, -2, 3 }, b:totable())
  end)

  it("work on empty buffers", function()
    local e = core.array(0, "f4")
    assert.equal(0, #(e + 1))
    assert.equal(0, (e * e):sum())
    assert.same({}, e:totable())
    assert.equal("", e:tobytes())
    assert.is_true(e:equal(core.array(0, "f4")))
    assert.same({ "value", "zero-size array to reduction operation minimum which has no identity" },
      error_of(e.min, e))
    assert.same({ "value", "zero-size array to reduction operation maximum which has no identity" },
      error_of(e.max, e))
    assert.same({ "value", "mean of an empty buffer" }, error_of(e.mean, e))
  end)

  it("compare by identity: == is for the same object, equal for the elements", function()
    local a, b = array("u1", { 1 }), array("u1", { 1 })
    assert.is_false(a == b)
    assert.is_true(a == a)
    assert.is_true(a:equal(b))
  end)
end)

describe("reductions", function()
  it("add integers modulo 2^64 and floats in double precision", function()
    assert.equal(-1, array("u8", { math.maxinteger, math.maxinteger, 1 }):sum())
    assert.equal(255 * 3, array("u1", { 255, 255, 255 }):sum())
    local many = core.array(1 << 20, "f4", 0.1) -- in single precision this would lose digits
    assert.is_true(math.abs(many:sum() - (1 << 20) * many[1]) < 1e-6)
    assert.equal(2.0 ^ 63, array("u8", { math.mininteger }):mean())
  end)

  it("let a NaN win, wherever it stands", function()
    for n = 1, 150, 7 do
      for _, t in ipairs { "f4", "f8" } do
        local b = core.array(n, t, 3)
        b[n // 2 + 1] = NAN
        local lo, hi = b:min(), b:max()
        assert.is_true(lo ~= lo and hi ~= hi)
        b[n // 2 + 1] = -5
        assert.same({ -5, n == 1 and -5 or 3 }, { b:min(), b:max() })
      end
    end
  end)

  it("treat u8 as unsigned", function()
    local b = array("u8", { 1, -1, 5 })
    assert.same({ 1, -1 }, { b:min(), b:max() })
  end)
end)

describe("equal", function()
  it("tells where the first difference is", function()
    local a = core.array { { 1, 2, 3 }, { 4, 5, 6 } }
    assert.same({ true }, { a:equal(a:copy()) })
    assert.same({ false, 2, 1 }, { a:equal { { 1, 2, 3 }, { 9, 5, 0 } } })
    assert.same({ false, 1, 2 }, { a:equal(1) })
    assert.same({ false }, { a:equal(core.array { { 1, 2, 3 } }) }) -- other shapes are never equal
  end)

  it("compares lists by the values Lua has", function()
    local u8, i4 = array("u8", { -1, 5 }), array("i4", { 1, 2 })
    assert.is_true((u8:equal(u8:totable())))
    assert.same({ false, 1 }, { i4:equal { 1.5, 2 } })
    assert.is_true((i4:equal { 1.0, 2 }))
    assert.is_true((i4:equal({ 1.5, 2 }, 0.5)))
    assert.same({ false, 2 }, { i4:equal { 1, 2 + (1 << 32) } })
    assert.is_true((array("f8", { 1, 2 }):equal { 1, 2 }))
    assert.is_true((array("u1", { 7, 7 }):equal(7)))
    assert.is_false((array("u1", { 44 }):equal(300)))
  end)

  it("takes a tolerance", function()
    local a = array("f4", { 1, 2, 3 })
    assert.is_false((a:equal { 1, 2.25, 3 }))
    assert.is_true((a:equal({ 1, 2.25, 3 }, 0.25)))
    assert.same({ false, 2 }, { a:equal({ 1.25, 2.26, 3 }, 0.25) })
    assert.is_true((array("u1", { 1, 250 }):equal(array("u1", { 3, 248 }), 2)))
    assert.same({ false, 1 }, { array("u8", { -1 }):equal(array("u8", { 1 }), 1000) })
    assert.is_true((array("i8", { math.maxinteger }):equal({ math.maxinteger - 3 }, 3)))
    assert.same({ "value", "the tolerance should not be negative" }, error_of(a.equal, a, a, -1))
    assert.same({ "value", "the tolerance should not be negative" }, error_of(a.equal, a, a, NAN))
  end)

  it("never finds a NaN equal, and infinities only to themselves", function()
    local n, i = array("f8", { NAN }), array("f8", { math.huge })
    assert.is_false((n:equal(n)))
    assert.is_false((n:equal(n, 1e300)))
    assert.is_true((i:equal(i)))
    assert.is_true((i:equal(i, 1)))
    assert.is_false((i:equal(-i, 1e300)))
  end)

  -- As doubles, 2^53 and 2^53 + 1 are the same, and so are -1 as i8 and 2^64 as u8.
  it("compares integers of different types exactly", function()
    assert.is_false((array("i8", { (1 << 53) + 1 }):equal(array("f8", { 2.0 ^ 53 }))))
    assert.is_true((array("i8", { 1 << 53 }):equal(array("f8", { 2.0 ^ 53 }))))
    assert.is_false((array("u8", { -1 }):equal(array("i8", { -1 }))))
    assert.is_false((array("u8", { -1 }):equal(array("f8", { 2.0 ^ 64 }))))
    assert.is_true((array("u8", { 1 << 63 }):equal(array("f8", { 2.0 ^ 63 }))))
    assert.is_true((array("u8", { 7 }):equal(array("i1", { 7 }))))
    assert.is_false((array("u8", { 7 }):equal(array("f8", { 7.5 }))))
    assert.is_true((array("u8", { 7 }):equal(array("f8", { 7.5 }), 0.5)))
  end)
end)
