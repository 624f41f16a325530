--- allocate and array: shapes, types, where the memory lies, what is refused.
local core = require "lunq.core"
local helper = require "spec.helper"

local function error_of(f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok)
  return { e.kind, tostring(e) }
end

describe("allocate", function()
  -- C12: PYNQ needs a loaded overlay before it can allocate (issues 1282, 1283).
  it("works without an overlay, on the active device, with u4 as the default type", function()
    local b <close> = core.allocate(5)
    assert.same({ "u4", { 5 } }, { b.dtype, b.shape })
    assert.equal(core.active_device(), b.device)
    assert.equal(0, b.device_address % 4096)
  end)

  it("takes shapes as numbers, lists, and everything by name", function()
    local b <close> = core.allocate({ 2, 3, 4 }, "f8")
    assert.same({ { 2, 3, 4 }, 192 }, { b.shape, b.nbytes })
    local c <close> = core.allocate { shape = { 32, 32 }, dtype = "f4", cacheable = true }
    assert.same({ { 32, 32 }, "f4", true }, { c.shape, c.dtype, c.cacheable })
    local e <close> = core.allocate { shape = 7 }
    assert.same({ { 7 }, "u4", false }, { e.shape, e.dtype, e.cacheable })
  end)

  it("takes a device, a bank's name or index, or a memory's description as target", function()
    local d <close> = core.device_open "sim?ddr=64M"
    for _, opts in ipairs {
      { device = d }, { target = d }, { target = "PSDDR", device = d }, { target = 0, device = d },
      { target = { name = "PSDDR" }, device = d }, { target = { idx = 0, device = d } },
      { target = { name = "PSDDR", device = d }, cacheable = 1 },
    } do
      local b <close> = core.allocate(8, "u1", opts)
      assert.equal(d, b.device)
      assert.equal("PSDDR", b.bank)
      assert.equal(opts.cacheable == 1, b.cacheable)
    end
    local function target(t) return error_of(core.allocate, 8, "u1", { target = t, device = d }) end
    local name = d.name
    assert.same({ "index", ("Device %s has no memory bank 'HBM0' (it has: PSDDR)."):format(name) },
      target "HBM0")
    assert.same({ "index", ("Device %s has no memory bank 3 (it has 1)."):format(name) }, target(3))
    assert.same({ "value", "target: a bank's index cannot be negative (-1)" }, target(-1))
    assert.same({ "type", "target should be a device or a memory (name, index, or an object with name " ..
      "or idx), not table" }, target {})
    d:close()
    assert.same({ "runtime", "Device is closed." }, target "PSDDR")
  end)

  it("refuses shapes that make no sense", function()
    local cases = {
      { {}, "value", "A buffer has 1 to 8 dimensions, not 0." },
      { { 1, 1, 1, 1, 1, 1, 1, 1, 1 }, "value", "A buffer has 1 to 8 dimensions, not 9." },
      { -1, "value", "negative dimensions are not allowed" },
      { { 2, -3 }, "value", "negative dimensions are not allowed" },
      { 1.5, "value", "a dimension should be a whole number, not 1.5" },
      { { 2, "x" }, "type", "a dimension should be a whole number, not string" },
      { "5", "type", "a shape should be a whole number or a list of them, not string" },
      { 0, "value", "A buffer needs at least one byte." },
      { { 1 << 20, 1 << 20, 1 << 30 }, "value",
        "A buffer of shape (1048576, 1048576, 1073741824) does not fit in memory." },
      { { 0, 1 << 30, 1 << 30, 1 << 30 }, "value",
        "A buffer of shape (0, 1073741824, 1073741824, 1073741824) does not fit in memory." },
      { math.maxinteger, "value", helper.wide
        and "A buffer of shape (9223372036854775807,) does not fit in memory."
        or "a dimension of 9223372036854775807 does not fit in memory" },
    }
    for _, c in ipairs(cases) do assert.same({ c[2], c[3] }, error_of(core.allocate, c[1])) end
    assert.equal("memory", error_of(core.allocate, 1 << 30, "u1")[1])
    assert.equal(helper.wide and "memory" or "value", error_of(core.allocate, 1 << 40, "u1")[1])
  end)

  -- Places other than both sides are the business of cards: spec/cards.
  it("refuses places of memory a device does not have", function()
    local d <close> = core.device_open "sim"
    local function place(o)
      o.device = d
      return error_of(core.allocate, 8, "u1", o)
    end
    local has_none = "Device sim has no memory that is %s."
    assert.same({ "unsupported", has_none:format "only on the device" }, place { device_only = true })
    assert.same({ "unsupported", has_none:format "only in the host" }, place { host_only = true })
    assert.same({ "unsupported", has_none:format "with a window for other cards" }, place { p2p = true })
    assert.same({ "value", "a buffer is one of device_only, host_only and p2p" },
      place { p2p = true, host_only = true })
    assert.same({ "type", "p2p should be true or false, not number" }, place { p2p = 1 })
    local b <close> = core.allocate(8, "u1", { device = d, p2p = false })
    assert.same({ "both", nil }, { b.place, core.array(8).place })
  end)

  it("refuses options it does not know", function()
    local e = error_of(core.allocate, 5, "u4", { tarket = 1 })
    assert.equal("value", e[1])
    assert.matches("^allocate: unknown option 'tarket'", e[2])
    assert.matches("unknown option '%(not a name%)'", error_of(core.allocate, 5, "u4", { 1 })[2])
    assert.same({ "type", "the options of allocate should be a table, not string" },
      error_of(core.allocate, 5, "u4", "x"))
    assert.same({ "type", "the options of allocate should be a table, not an object: { target = ol.bank1 } says where "
      .. "the buffer goes" }, error_of(core.allocate, 5, "u4", setmetatable({ name = "ddr" }, {})))
    assert.equal("value", error_of(core.allocate, { shape = 5, size = 6 })[1])
    assert.equal("type", error_of(core.allocate, 5, "u4", { cacheable = "yes" })[1])
    assert.equal("type", error_of(core.allocate, 5, "u4", { device = "sim" })[1])
  end)

  -- Such a target closed the device it was to be allocated on.
  it("runs no code of a target to look at it", function()
    local asked = 0
    local evil = setmetatable({}, { __index = function() asked = asked + 1 end })
    assert.same({ "type", "target should be a device or a memory (name, index, or an object with name or idx), not "
      .. "table" }, error_of(core.allocate, 5, "u4", { target = evil }))
    assert.equal(0, asked)
  end)
end)

describe("array", function()
  it("is the same type in host memory", function()
    local a = core.array({ 2, 2 }, "f4")
    assert.equal("lunq.Buffer", getmetatable(a))
    assert.is_nil(a.device_address)
    assert.same({ { 0, 0 }, { 0, 0 } }, a:totable())
    assert.equal(0, #core.array(0))
  end)

  it("takes values: a number, lists, a buffer, bytes", function()
    assert.same({ 7, 7 }, core.array(2, "u1", 7):totable())
    assert.same({ { 1, 2 }, { 1, 2 } }, core.array({ 2, 2 }, "u1", { 1, 2 }):totable())
    assert.same({ { 1, 2 }, { 3, 4 } }, core.array { { 1, 2 }, { 3, 4 } }:totable())
    assert.same({ 1, 2, 3 }, core.array(nil, "i8", { 1, 2, 3 }):totable())
    assert.same({ 0x0201, 0x0403 }, core.array(nil, "u2", "\1\2\3\4"):totable())
    assert.same({ 0x0201, 0x0403 }, core.array(2, "u2", "\1\2\3\4"):totable())
    local f = core.array(nil, "f4", { 1.5, 2.5 })
    assert.same({ 1.5, 2.5 }, core.array(f):totable())
    assert.same({ 1, 2 }, core.array(f, "i2"):totable())
    assert.same({ { 1.5, 2.5 }, { 1.5, 2.5 } }, core.array({ 2, 2 }, nil, f):totable())
  end)

  it("refuses values that don't fit", function()
    assert.same({ "value", "3 bytes do not fill a buffer of 4 exactly (a part: " ..
      "b:slice(i, j):frombytes(s))" }, error_of(core.array, 2, "u2", "abc"))
    assert.same({ "value", "buffer size must be a multiple of element size (2 bytes for u2)" },
      error_of(core.array, nil, "u2", "abc"))
    assert.same({ "type", "array: without a shape the values should be lists, a buffer or a string, " ..
      "not nil" }, error_of(core.array))
    local endless = {}
    endless[1] = endless
    assert.same({ "value", "lists are nested deeper than 8 levels" }, error_of(core.array, endless))
    assert.equal(helper.wide and "memory" or "value", error_of(core.array, 1 << 60, "u1")[1])
  end)
end)
