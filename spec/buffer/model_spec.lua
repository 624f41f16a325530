--- Whole-buffer work compared with a slow model in Lua, on random shapes, views and types.
local core = require "lunq.core"

local DTYPES <const> = { "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8" }

-- numpy.promote_types of NumPy 1.24, columns in the order above.
local PROMOTE <const> = {
  u1 = "u1 u2 u4 u8 i2 i2 i4 i8 f4 f8", u2 = "u2 u2 u4 u8 i4 i4 i4 i8 f4 f8",
  u4 = "u4 u4 u4 u8 i8 i8 i8 i8 f8 f8", u8 = "u8 u8 u8 u8 f8 f8 f8 f8 f8 f8",
  i1 = "i2 i4 i8 f8 i1 i2 i4 i8 f4 f8", i2 = "i2 i4 i8 f8 i2 i2 i4 i8 f4 f8",
  i4 = "i4 i4 i8 f8 i4 i4 i4 i8 f8 f8", i8 = "i8 i8 i8 f8 i8 i8 i8 i8 f8 f8",
  f4 = "f4 f4 f8 f8 f4 f4 f8 f8 f4 f8", f8 = "f8 f8 f8 f8 f8 f8 f8 f8 f8 f8",
}

local function promote(a, b)
  local i = 0
  for t in PROMOTE[a]:gmatch "%S+" do
    i = i + 1
    if DTYPES[i] == b then return t end
  end
end

-- The same numbers on every machine and in every order of specs.
local seed
local function random(lo, hi)
  seed = seed * 6364136223846793005 + 1442695040888963407
  return lo + (seed >> 33) % (hi - lo + 1)
end
local function pick(list) return list[random(1, #list)] end

---- values -------------------------------------------------------------------------------------

local function to_int(v)
  if math.type(v) == "integer" then return v end
  v = v < 0 and math.ceil(v) or math.floor(v)
  if math.type(v) == "integer" then return v end
  v = math.fmod(v, 2.0 ^ 64)
  if v < 0 then v = v + 2.0 ^ 64 end
  return v < 2.0 ^ 63 and math.tointeger(v) or math.tointeger(v - 2.0 ^ 64)
end

--- What an element of type t holds after v was stored.
local function stored(t, v)
  if t == "f4" then return (string.unpack("<f", string.pack("<f", v))) end
  if t == "f8" then return v + 0.0 end
  local bits = 8 * tonumber(t:sub(2))
  v = to_int(v)
  if bits == 64 then return v end
  v = v & ((1 << bits) - 1)
  if t:sub(1, 1) == "i" and v >> (bits - 1) == 1 then v = v - (1 << bits) end
  return v
end

--- v of type `from`, as a value of type t: u8 is unsigned, though Lua shows it signed.
local function converted(t, from, v)
  if from == "u8" and v < 0 and t:sub(1, 1) == "f" then
    v = ((v >> 1 | v & 1) + 0.0) * 2
  end
  return stored(t, v)
end

local function random_value(t)
  local kind = random(1, 6)
  if t:sub(1, 1) == "f" then
    if kind == 1 then return pick { 0.0, -0.5, 1e10, -1e18, 2.0 ^ 40 } end
    return random(-100000, 100000) / 16
  end
  if kind == 1 then return pick { 0, -1, math.maxinteger, math.mininteger, 0x80000000, 255, 65536 } end
  return random(-300, 300)
end

---- a model of an array: shape, and a function from positions to values --------------------------

local function filled(t, shape)
  local values, size = {}, 1
  for _, n in ipairs(shape) do size = size * n end
  for i = 1, size do values[i] = stored(t, random_value(t)) end
  return {
    dtype = t, shape = shape, values = values,
    at = function(pos)
      local k = 0
      for d, n in ipairs(shape) do k = k * n + pos[d] - 1 end
      return values[k + 1]
    end,
  }
end

local function transposed(m)
  local n, shape = #m.shape, {}
  for d = 1, n do shape[d] = m.shape[n + 1 - d] end
  return { dtype = m.dtype, shape = shape, at = function(pos)
    local p = {}
    for d = 1, n do p[d] = pos[n + 1 - d] end
    return m.at(p)
  end }
end

local function sliced(m, dim, i, j, step)
  local list = {}
  for k = i, j, step do list[#list + 1] = k end
  local shape = { table.unpack(m.shape) }
  shape[dim] = #list
  return { dtype = m.dtype, shape = shape, at = function(pos)
    local p = { table.unpack(pos) }
    p[dim] = list[pos[dim]]
    return m.at(p)
  end }
end

--- Calls f(position) for each element in C order.
local function each(shape, f)
  local pos = {}
  local function go(d)
    if d > #shape then return f(pos) end
    for i = 1, shape[d] do
      pos[d] = i
      go(d + 1)
    end
  end
  go(1)
end

local function flat(m)
  local t = {}
  each(m.shape, function(pos) t[#t + 1] = m.at(pos) end)
  return t
end

local function flat_buffer(b)
  local t = {}
  local function go(list, d)
    for i = 1, #list do
      if d == 1 then t[#t + 1] = list[i] else go(list[i], d - 1) end
    end
  end
  go(b:totable(), b.ndim)
  return t
end

local function same(want, got)
  assert.equal(#want, #got)
  for i = 1, #want do
    if want[i] ~= got[i] and (want[i] == want[i] or got[i] == got[i]) then
      error(("element %d: wanted %s, got %s"):format(i, want[i], got[i]))
    end
    assert(math.type(want[i]) == math.type(got[i]))
  end
end

--- Positions in m where src's element for dst's position lies, by broadcasting.
local function broadcast(m, shape)
  return function(pos)
    local p, skip = {}, #shape - #m.shape
    for d = 1, #m.shape do p[d] = m.shape[d] == 1 and 1 or pos[d + skip] end
    return m.at(p)
  end
end

local function random_shape()
  if random(1, 8) == 1 then return { random(1, 2), random(1000, 1500) } end -- longer than a block of 1024
  local shape = {}
  for d = 1, random(1, 4) do shape[d] = random(1, 12) == 1 and 0 or random(1, 5) end
  return shape
end

--- A buffer with random values and a random view of it, and the model of that view.
local function random_pair(t, shape)
  local m = filled(t, shape or random_shape())
  local b = core.array(m.shape, t)
  b:reshape(-1):set(#m.values > 0 and m.values or 0)
  return m, b
end

local function random_view(m, b)
  for _ = 1, random(0, 3) do
    if random(1, 3) == 1 then
      m, b = transposed(m), b.T
    else
      local dim = random(1, #m.shape)
      local n, step = m.shape[dim], pick { 1, 2, 3, -1, -2 }
      local i, j = random(1, n + 1), random(0, n + 1)
      if step < 0 then i = math.min(i, n) end
      local args = {}
      for d = 1, dim - 1 do args[d] = true end
      args[dim] = { i, j, step }
      -- 0 as an end means "before the first", as in string.sub
      m = sliced(m, dim, i, step > 0 and math.min(j, n) or math.max(j, 1), step)
      b = b:slice(table.unpack(args))
    end
  end
  return m, b
end

local function rounds(n, f)
  return function()
    for k = 1, n do
      seed = k * 7919
      local ok, e = pcall(f)
      if not ok then error(("round %d: %s"):format(k, tostring(e)), 0) end
    end
  end
end

describe("compared with a model in Lua", function()
  it("views show the right elements", rounds(100, function()
    local m, b = random_view(random_pair(pick(DTYPES)))
    assert.same(m.shape, b.shape)
    same(flat(m), flat_buffer(b))
    if b.size > 0 then
      local pos = {}
      for d, n in ipairs(m.shape) do pos[d] = random(1, n) end
      assert.equal(m.at(pos), b:get(table.unpack(pos)))
    end
  end))

  it("tobytes and frombytes agree with string.pack", rounds(100, function()
    local t = pick(DTYPES)
    local m, b = random_view(random_pair(t))
    local format = ({ u1 = "B", u2 = "<I2", u4 = "<I4", u8 = "<i8", i1 = "b", i2 = "<i2", i4 = "<i4",
      i8 = "<i8", f4 = "<f", f8 = "<d" })[t]
    local parts = {}
    for i, v in ipairs(flat(m)) do parts[i] = format:pack(v) end
    assert.is_true(table.concat(parts) == b:tobytes())
    local copy = core.array(b.shape, t):frombytes(b:tobytes())
    assert.is_true(copy:equal(b) or t:sub(1, 1) == "f")
  end))

  it("fill writes the view and nothing else", rounds(80, function()
    local m, b = random_pair(pick(DTYPES))
    local places = {} -- the elements of the same array numbered, to see which are in the view
    for i = 1, #m.values do places[i] = i end
    local numbered = { dtype = "i4", shape = m.shape, at = function(pos)
      local k = 0
      for d, n in ipairs(m.shape) do k = k * n + pos[d] - 1 end
      return places[k + 1]
    end }
    local view, v = random_view(numbered, b)
    local value, want = random_value(m.dtype), flat(m)
    for _, place in ipairs(flat(view)) do want[place] = stored(m.dtype, value) end
    v:fill(value)
    same(want, flat_buffer(b))
  end))

  it("copies convert every type to every type", function()
    for _, from in ipairs(DTYPES) do
      for _, to in ipairs(DTYPES) do
        seed = 1
        local m, b = random_pair(from, { 2, 520 })
        local wide = from:sub(2) == "8" and from ~= "f8"
        if wide and to == "f4" then -- the model would round twice
          b:scale(0):add(5)
          m.at = function() return 5 end
        end
        local want = {}
        for i, v in ipairs(flat(m)) do want[i] = converted(to, from, v) end
        same(want, flat_buffer(b:astype(to)))
        -- the same with a step on both sides
        local big = core.array({ 2, 1040 }, to)
        local odd = big:slice(true, { 1, -1, 2 })
        b.T:copyto(odd.T)
        same(want, flat_buffer(odd))
        assert.equal(0, big:slice(true, { 2, -1, 2 }):max())
      end
    end
  end)

  it("copies between overlapping views behave as if through a copy", rounds(80, function()
    local m, b = random_pair(pick(DTYPES), { random(4, 40), random(1, 4) })
    local n = random(1, m.shape[1] - 1)
    local function part(at) return at, at + n - 1, 1 end
    local i, j = random(1, m.shape[1] - n + 1), random(1, m.shape[1] - n + 1)
    local dst, src = b:slice(part(i)), b:slice(part(j))
    if random(1, 2) == 1 then src = src:slice(-1, 1, -1) end
    local want = src:totable()
    src:copyto(dst)
    assert.same(want, dst:totable())
  end))

  it("arithmetic gives NumPy's types and values", rounds(80, function()
    local ta, tb = pick(DTYPES), pick(DTYPES)
    local ma, a = random_view(random_pair(ta))
    local shape = {}
    for d = random(1, #ma.shape), #ma.shape do
      shape[#shape + 1] = random(1, 3) == 1 and 1 or ma.shape[d]
    end
    local mb, b = random_pair(tb, shape)
    local t = promote(ta, tb)
    local op = pick { "+", "-", "*" }
    local f = load("local a, b = ... return a " .. op .. " b")
    local result = f(a, b)
    assert.equal(t, result.dtype)
    assert.is_nil(result.device_address)
    assert.same(ma.shape, result.shape)
    local want, bat = {}, broadcast(mb, ma.shape)
    each(ma.shape, function(pos)
      local x, y = converted(t, ta, ma.at(pos)), converted(t, tb, bat(pos))
      want[#want + 1] = stored(t, f(x, y))
    end)
    same(want, flat_buffer(result))
    -- the same in place, through a type of its own
    local d = core.array(ma.shape, "f8")
    d[op == "+" and "add" or op == "-" and "sub" or "mul"](d, a, b)
    local as_f8 = {}
    for i, v in ipairs(want) do as_f8[i] = converted("f8", t, v) end
    same(as_f8, flat_buffer(d))
  end))

  it("arithmetic with plain numbers keeps the buffer's type, or takes f8 for a fraction",
    rounds(100, function()
      local t = pick(DTYPES)
      local m, a = random_view(random_pair(t))
      local k = pick { 3, -7, 0.25, 1000000 }
      local r = math.type(k) == "float" and t:sub(1, 1) ~= "f" and "f8" or t
      local sum, back = a * k, k - a
      assert.same({ r, r }, { sum.dtype, back.dtype })
      local want, reverse = {}, {}
      for i, v in ipairs(flat(m)) do
        v = converted(r, t, v)
        want[i], reverse[i] = stored(r, v * stored(r, k)), stored(r, stored(r, k) - v)
      end
      same(want, flat_buffer(sum))
      same(reverse, flat_buffer(back))
      local plus = a:copy():add(k) -- in place: back in the buffer's own type
      for i, v in ipairs(flat(m)) do
        want[i] = converted(t, r, stored(r, converted(r, t, v) + stored(r, k)))
      end
      same(want, flat_buffer(plus))
    end))

  it("division is done in floats", rounds(60, function()
    local t = pick(DTYPES)
    local m, a = random_view(random_pair(t))
    local r = t == "f4" and "f4" or "f8"
    local q = a / 3
    assert.equal(r, q.dtype)
    local want = {}
    for i, v in ipairs(flat(m)) do want[i] = stored(r, converted(r, t, v) / 3) end
    same(want, flat_buffer(q))
  end))

  it("sum, min, max and mean agree", rounds(100, function()
    local t = pick(DTYPES)
    local m, b = random_view(random_pair(t))
    local values, float = flat(m), t:sub(1, 1) == "f"
    local sum, total, scale, lo, hi = float and 0.0 or 0, 0.0, 1.0, values[1], values[1]
    local less = t == "u8" and math.ult or function(x, y) return x < y end
    for _, v in ipairs(values) do
      local as_float = converted("f8", t, v)
      sum, total, scale = sum + v, total + as_float, scale + math.abs(as_float)
      if less(v, lo) then lo = v end
      if less(hi, v) then hi = v end
    end
    if float then -- in another order, so that the last digits may differ
      assert.is_true(math.abs(sum - b:sum()) <= 1e-12 * scale)
    else
      assert.equal(sum, b:sum())
    end
    if #values > 0 then
      assert.same({ lo, hi }, { b:min(), b:max() })
      assert.is_true(math.abs(total / #values - b:mean()) <= 1e-12 * scale)
    end
  end))

  it("equal finds the first difference", rounds(100, function()
    local m, b = random_view(random_pair(pick { "u1", "i4", "u8", "f4", "f8" }))
    local other = b:astype(pick { "f8", m.dtype })
    if m.dtype == "u8" then other = b:copy() end -- f8 can't hold all of u8
    assert.is_true(b:equal(other))
    if b.size > 0 then
      local pos = {}
      for d, n in ipairs(m.shape) do pos[d] = random(1, n) end
      local was = other:get(table.unpack(pos))
      other:set(was == 1 and 2 or 1, table.unpack(pos))
      assert.same({ false, table.unpack(pos) }, { b:equal(other) })
      assert.same({ false, table.unpack(pos) }, { other:equal(b) })
      assert.is_true(b:equal(other, math.huge))
    end
  end))
end)
