--- Blocks, polls and closures of lunq.MMIO.
local lunq = require "lunq"

local BASE <const>, RANGE <const> = 0x40050000, 0x2000

local function assert_raises(kind, message, f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok, "nothing was raised")
  assert.same({ kind, message }, { e.kind, tostring(e) })
end

describe("MMIO", function()
  local m
  before_each(function() m = lunq.MMIO(BASE, RANGE); m:fill(0, RANGE // 4, 0) end)
  after_each(function() m:close() end)

  describe("blocks", function()
    it("are written from tables and read into tables", function()
      local t = {}
      for i = 1, 1000 do t[i] = i * 0x10001 end
      m:write_block(0x100, t)
      assert.same(t, m:read_block(0x100, 1000))
      assert.equal(0, m:read(0xfc))
      assert.equal(0, m:read(0x100 + 4000))
    end)

    it("have any width", function()
      m:write_block(0, { 0x11, 0x22, -1 }, 1)
      assert.same({ 0x11, 0x22, 0xff, 0 }, m:read_block(0, 4, 1))
      assert.same({ 0x2211, 0x00ff }, m:read_block(0, 2, { width = 2 }))
      m:write_block(8, { -1, 5 }, 8)
      assert.same({ -1, 5 }, m:read_block(8, 2, 8))
      assert.same({ 0xffffffff, 0xffffffff, 5, 0 }, m:read_block(8, 4))
    end)

    it("are strings of bytes too", function()
      m:write_block(4, "abcdefgh")
      assert.equal("abcdefgh", m:read_string(4, 8))
      m:write_block(1, "xyz", 1)
      assert.equal("xyza", m:read_string(1, 4, 1))
      assert.equal("", m:read_string(0, 0))
      assert.same({}, m:read_block(RANGE, 0))
    end)

    it("at a fixed offset are so many accesses of one register", function()
      m:write_block(0x20, { 1, 2, 3 }, { fixed = true })
      assert.same({ 3, 0 }, m:read_block(0x20, 2))
      assert.same({ 3, 3, 3 }, m:read_block(0x20, 3, { fixed = true }))
      m:write_block(RANGE - 4, { 1, 2, 3 }, { fixed = true })
      assert.equal("\3\0\0\0\3\0\0\0", m:read_string(RANGE - 4, 8, { fixed = true }))
    end)

    it("are read into a table that is there", function()
      local t = {}
      m:write_block(0, { 7, 8 })
      assert.equal(t, m:read_block(0, 2, { into = t }))
      assert.same({ 7, 8 }, t)
    end)

    it("go to and from buffers", function()
      local b <close> = lunq.allocate(4, "u4")
      b:fill(0)
      m:write_block(0, { 1, 2, 3, 4 })
      assert.equal(b, m:read_block(4, 3, { into = b }))
      assert.same({ 2, 3, 4, 0 }, b:totable())
      b[4] = 0xffffffff
      m:write_block(0x20, b)
      assert.same({ 2, 3, 4, 0xffffffff }, m:read_block(0x20, 4))
      m:write_block(0x40, lunq.array({ 2, 2 }, "u2", 7), 2)
      assert.same({ 0x70007, 0x70007 }, m:read_block(0x40, 2))
      assert_raises("index", "the buffer has 16 bytes: too few for 5 words of 4",
                    m.read_block, m, 0, 5, { into = b })
      assert_raises("memory", "Unaligned write: data length must be multiple of 4.",
                    m.write_block, m, 0, lunq.array(3, "u1"))
      local wide = lunq.array({ 4, 4 }, "u4")
      assert_raises("value", "the buffer has gaps: a block needs contiguous memory (copy it)",
                    m.write_block, m, 0, wide:transpose())
      b:close()
      assert.is_false(pcall(m.write_block, m, 0, b))
      assert.is_false(pcall(m.read_block, m, 0, 1, { into = b }))
    end)

    it("are filled with a value", function()
      m:fill(0x10, 4, 0xa5a5a5a5)
      m:fill(0x14, 2, -1, 2)
      assert.same({ 0, 0xa5a5a5a5, 0xffffffff, 0xa5a5a5a5, 0xa5a5a5a5, 0 }, m:read_block(0x0c, 6))
    end)

    it("are checked whole before the first access", function()
      local past <const> = "Offset 0x1ffc (2 times 4 bytes) is outside the 0x2000 bytes at 0x40050000."
      assert_raises("index", past, m.write_block, m, RANGE - 4, { 1, 2 })
      assert_raises("index", past, m.write_block, m, RANGE - 4, "12345678")
      assert_raises("index", past, m.fill, m, RANGE - 4, 2, 1)
      assert_raises("index", past, m.read_block, m, RANGE - 4, 2)
      assert_raises("index", past, m.read_string, m, RANGE - 4, 8)
      assert_raises("value", "value 4294967296 does not fit in 32 bits",
                    m.write_block, m, RANGE - 8, { 1, 1 << 32 })
      assert.same({ 0, 0 }, m:read_block(RANGE - 8, 2))
    end)

    it("can't wrap around", function()
      for _, n in ipairs { math.maxinteger, 1 << 61, 1 << 62, (1 << 62) + 1 } do
        local ok, e = pcall(m.read_block, m, 4, n)
        assert.same({ false, "index" }, { ok, e.kind })
        ok, e = pcall(m.fill, m, 4, n, 0)
        assert.same({ false, "index" }, { ok, e.kind })
        ok, e = pcall(m.read_string, m, 4, n - n % 4)
        assert.same({ false, "index" }, { ok, e.kind })
      end
      assert_raises("value", "count cannot be negative (-1)", m.read_block, m, 0, -1)
    end)

    it("are refused when misaligned or of no known width", function()
      assert_raises("memory", "Unaligned access: a 4-byte access at 0x40050002 needs a multiple of 4.",
                    m.read_block, m, 2, 1)
      assert_raises("memory", "Unaligned write: data length must be multiple of 4.",
                    m.write_block, m, 0, "abc")
      assert_raises("memory", "Unaligned read: length must be multiple of 4.", m.read_string, m, 0, 3)
      for _, width in ipairs { 0, 3, 5, 16, -1 } do
        local ok, e = pcall(m.read_block, m, 0, 1, width)
        assert.same({ false, "value" }, { ok, e.kind })
        assert.is_false(pcall(m.read_string, m, 0, 8, width))
        assert.is_false(pcall(m.write_block, m, 0, { 1 }, width))
        assert.is_false(pcall(m.write_block, m, 0, "12345678", width))
        assert.is_false(pcall(m.fill, m, 0, 1, 1, width))
      end
      assert_raises("type", "a block has no option 'fixde' (width, fixed, into)",
                    m.read_block, m, 0, 1, { fixde = true })
      assert_raises("type", "data should be a table of integers, a string or a buffer, not number",
                    m.write_block, m, 0, 5)
      assert_raises("type", "into should be a table or a buffer, not number", m.read_block, m, 0, 1, { into = 5 })
    end)
  end)

  describe("poll", function()
    it("gives the word that matched", function()
      m:write(8, 0x1234)
      assert.equal(0x1234, m:poll(8, 0xff, 0x34))
      assert.equal(0x1234, m:poll(8, 0, 0, 0))
    end)

    it("ends after its time limit and says what it read", function()
      m:write(8, 0x1234)
      local t = m.device:now()
      assert_raises("timeout", "0x40050008 still reads 0x00001234 after 0.002 s: waited for 0x35 " ..
                    "under mask 0xff.", m.poll, m, 8, 0xff, 0x35, 0.002)
      assert.is_true(m.device:now() - t >= 2000000)
    end)

    it("has the default time limit", function()
      local before = lunq.time_limit
      lunq.time_limit = 0.001
      local ok, e = pcall(m.poll, m, 8, 1, 1)
      lunq.time_limit = before
      assert.same({ false, "timeout" }, { ok, e.kind })
    end)

    it("refuses what can't be met", function()
      assert_raises("value", "value 0x100 has bits outside mask 0xff: it can't be met.",
                    m.poll, m, 8, 0xff, 0x100)
      assert_raises("value", "timeout should be a number of seconds, at least 0, not -1",
                    m.poll, m, 8, 1, 1, -1)
      assert_raises("value", "mask 4294967296 does not fit in 32 bits", m.poll, m, 8, 1 << 32, 0)
      assert_raises("memory", "Unaligned access: a 4-byte access at 0x40050002 needs a multiple of 4.",
                    m.poll, m, 2, 0, 0)
    end)
  end)

  it("update changes the bits under a mask", function()
    m:write(0, 0xff00ff00)
    assert.equal(0xff34ff00, m:update(0, 0x00ff0000, 0x12345678))
    assert.equal(0xff34ff00, m:read(0))
  end)

  describe("closures", function()
    it("read and write one register", function()
      local rd, wr = m:reader(0x10), m:writer(0x10)
      wr(0xffffffff)
      assert.equal(0xffffffff, rd())
      wr(-2)
      assert.equal(0xfffffffe, rd())
      local rd8, wr64 = m:reader(0x11, 1), m:writer(0x18, 8)
      wr64(-1)
      assert.equal(0xff, rd8())
      assert.equal(-1, m:read64(0x18))
    end)

    it("are checked when they are made", function()
      assert_raises("index", "Offset 0x2000 (4 bytes) is outside the 0x2000 bytes at 0x40050000.",
                    m.reader, m, RANGE)
      assert_raises("memory", "Unaligned access: a 4-byte access at 0x40050002 needs a multiple of 4.",
                    m.writer, m, 2)
      assert_raises("value", "Access width must be 1, 2, 4 or 8 bytes, not 0.", m.reader, m, 0, -1)
      assert_raises("value", "value 4294967296 does not fit in 32 bits", m:writer(0), 1 << 32)
      assert_raises("type", "value should be a whole number, not nothing", m:writer(0))
    end)

    it("raise after close", function()
      local rd, wr = m:reader(0), m:writer(0)
      m:close()
      assert_raises("runtime", "MMIO at 0x40050000 is closed.", rd)
      assert_raises("runtime", "MMIO at 0x40050000 is closed.", wr, 1)
    end)

    it("are independent, however many there are", function()
      local rds = {}
      for i = 0, 199 do
        m:write(4 * i, i)
        rds[i] = m:reader(4 * i)
      end
      for i = 0, 199 do assert.equal(i, rds[i]()) end
      for i = 0, 199, 3 do rds[i] = nil end
      collectgarbage()
      for i = 0, 199, 3 do rds[i] = m:reader(4 * (199 - i)) end
      for i = 0, 199 do assert.equal(i % 3 == 0 and 199 - i or i, rds[i]()) end
      m:close()
      for i = 0, 199 do assert.is_false(pcall(rds[i])) end
    end)

    it("live on when the object is garbage", function()
      local rd = lunq.MMIO(BASE, 16):reader(4)
      collectgarbage()
      collectgarbage()
      m:write(4, 99)
      assert.equal(99, rd())
    end)
  end)

  -- A finalizer may run after the window's own: it must meet a closed window, not freed memory.
  it("is closed for finalizers that run after its own", function()
    local results = {}
    do
      local w = lunq.MMIO(BASE, 16)
      local r = lunq.core.register_at(w, { offset = 0 })
      local rd, b = w:reader(0), w:compile { { "read", 0 } }
      setmetatable({}, { __gc = function()
        results = { pcall(w.read, w, 0), pcall(r.get, r), pcall(rd), pcall(b.run, b), tostring(w) }
      end })
      -- objects are finalized in reverse order of marking; both orders must do
      local w2 = nil
      setmetatable({}, { __gc = function() pcall(w2.read, w2, 0) end })
      w2 = lunq.MMIO(BASE, 16)
    end
    collectgarbage()
    collectgarbage()
    assert.is_true(#results > 0)
  end)
end)
