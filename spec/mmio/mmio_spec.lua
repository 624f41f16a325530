--- lunq.MMIO: PYNQ's read and write with its messages (pynq-behaviour.md B1, the 34 cases of its
--- test_mmio), the defects C1 to C5, and those of lua-periphery (lua-c.md section 7).
local lunq = require "lunq"

local BASE <const>, RANGE <const> = 0x40000000, 0x10000

--- Calls f and checks that it raised an error of this kind and exact message.
local function assert_raises(kind, message, f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok, "nothing was raised")
  assert.same({ kind, message }, { e.kind, tostring(e) })
end

describe("MMIO", function()
  local m
  before_each(function() m = lunq.MMIO(BASE, RANGE); m:fill(0, 64, 0) end)
  after_each(function() m:close() end)

  describe("as PYNQ has it", function()
    it("writes an integer as one little-endian word", function()
      m:write(4, 1234)
      assert.equal("\xd2\x04\0\0", m:read_string(4, 4))
      assert.equal(1234, m:read(4))
    end)

    it("writes a string word by word", function()
      local bytes = {}
      for i = 0, 15 do bytes[#bytes + 1] = string.char(i) end
      m:write(16, table.concat(bytes))
      assert.equal(table.concat(bytes), m:read_string(16, 16))
      assert.equal(0x0f0e0d0c, m:read(28))
    end)

    it("accepts an empty string and does nothing", function()
      m:write(RANGE, "")
      m:write(0, "")
    end)

    it("reads 4, 2 and 1 bytes by masking one 32-bit word", function()
      m:write(4, 0x12345678)
      assert.equal(0x12345678, m:read(4))
      assert.equal(0x12345678, m:read(4, 4))
      assert.equal(0x5678, m:read(4, 2))
      assert.equal(0x78, m:read(4, 1))
    end)

    it("reads 8 bytes as two words in either order", function()
      m:write(4, 0x12345678)
      m:write(8, 0xbeefcafe)
      assert.equal("0xbeefcafe12345678", ("%#x"):format(m:read(4, 8)))
      assert.equal("0xbeefcafe12345678", ("%#x"):format(m:read(4, 8, "little")))
      assert.equal("0x12345678beefcafe", ("%#x"):format(m:read(4, 8, "big")))
    end)

    it("reads offset 0 when none is given", function()
      m:write(0, 7)
      assert.equal(7, m:read())
    end)

    it("has 4 bytes when no length is given", function()
      local w <close> = lunq.MMIO(BASE)
      assert.equal(4, w.length)
      w:write(0, 1)
      assert.equal(1, w:read())
    end)

    it("ignores the word order where it means nothing", function()
      m:write(0, 5)
      assert.equal(5, m:read(0, 4, "middle"))
    end)
  end)

  describe("refuses, with PYNQ's words,", function()
    local NEGATIVE <const> = "Base address or length cannot be negative."

    for name, case in pairs {
      ["a negative address"] = { "value", NEGATIVE, function() lunq.MMIO(-BASE, RANGE) end },
      ["a negative length"] = { "value", NEGATIVE, function() lunq.MMIO(BASE, -4) end },
      ["a negative offset (read)"] =
        { "value", "Offset cannot be negative.", function() m:read(-4) end },
      ["a negative offset (write)"] =
        { "value", "Offset cannot be negative.", function() m:write(-4, 1234) end },
      ["an unaligned offset (read)"] = {
        "memory", "Unaligned read: offset must be multiple of 4.", function() m:read(2) end },
      ["an unaligned offset (write)"] = {
        "memory", "Unaligned write: offset must be multiple of 4.", function() m:write(2, 1) end },
      ["6 bytes to read"] = { "value",
        "MMIO currently only supports 1, 2, 4 and 8-byte reads.", function() m:read(0, 6) end },
      ["a length of 8.5 bytes"] = { "value",
        "MMIO currently only supports 1, 2, 4 and 8-byte reads.", function() m:read(0, 8.5) end },
      ["the word order \"middle\""] = { "value",
        "MMIO only supports big and little endian.", function() m:read(4, 8, "middle") end },
      ["a word order that is no string"] = { "value",
        "MMIO only supports big and little endian.", function() m:read(4, 8, {}) end },
      ["6 bytes to write"] = { "memory",
        "Unaligned write: data length must be multiple of 4.",
        function() m:write(0, "123456") end },
      ["a fraction as data"] =
        { "value", "Data type must be int or bytes.", function() m:write(4, 8.5) end },
      ["nil as data"] = { "value", "Data type must be int or bytes.", function() m:write(4) end },
      ["a boolean as data"] =
        { "value", "Data type must be int or bytes.", function() m:write(4, true) end },
      ["a table as data"] =
        { "value", "Data type must be int or bytes.", function() m:write(4, {}) end },
    } do
      it(name, function() assert_raises(table.unpack(case)) end)
    end

    it("a length before it looks at the offset", function()
      assert_raises("value", "MMIO currently only supports 1, 2, 4 and 8-byte reads.",
                    m.read, m, -4, 3)
    end)

    it("a negative offset before the word order, the word order before alignment", function()
      assert_raises("value", "Offset cannot be negative.", m.read, m, -4, 8, "middle")
      assert_raises("value", "MMIO only supports big and little endian.", m.read, m, 2, 8, "middle")
    end)

    it("what is past the end", function()
      for _, f in ipairs { function() m:read(RANGE) end, function() m:write(RANGE, 1234) end,
                           function() m:write(RANGE, "1234") end } do
        assert_raises("index",
          "Offset 0x10000 (4 bytes) is outside the 0x10000 bytes at 0x40000000.", f)
      end
    end)
  end)

  it("warns once about the keyword debug", function()
    local warned = lunq.warnings.capture(function()
      lunq.MMIO { base_addr = BASE, length = RANGE, debug = true }:close()
    end)
    assert.same({ { category = "deprecated", text = "Keyword debug has been deprecated." } }, warned)
  end)

  describe("does not repeat PYNQ's defects:", function()
    -- C2: the words that fitted were written, then the error came.
    it("a block past its end writes nothing", function()
      m:write(RANGE - 4, 0x55)
      assert_raises("index",
        "Offset 0xfffc (2 times 4 bytes) is outside the 0x10000 bytes at 0x40000000.",
        m.write, m, RANGE - 4, "\1\0\0\0\2\0\0\0")
      assert.equal(0x55, m:read(RANGE - 4))
    end)

    -- C2: an 8-byte read across the end did one of its two accesses.
    it("8 bytes across the end read nothing", function()
      assert_raises("index",
        "Offset 0xfffc (2 times 4 bytes) is outside the 0x10000 bytes at 0x40000000.",
        m.read, m, RANGE - 4, 8)
    end)

    -- C3: they wrapped or raised depending on the device.
    it("integers out of range raise, those in range are two's complement", function()
      m:write(0, -1)
      assert.equal(0xffffffff, m:read(0))
      m:write(0, -0x80000000)
      assert.equal(0x80000000, m:read(0))
      m:write(0, 0xffffffff)
      m:write(0, 8.0)
      assert.equal(8, m:read(0))
      for _, v in ipairs { 0x100000000, -0x80000001, math.maxinteger, math.mininteger } do
        assert_raises("value", ("Data %d does not fit in 32 bits: it must be from -2^31 to 2^32-1.")
                      :format(v), m.write, m, 0, v)
      end
      assert.equal(8, m:read(0))
    end)

    -- C4: bytes 1 to 3 of a word were out of reach.
    it("bytes and half words are reached at their own addresses", function()
      m:write(0, 0x44332211)
      assert.same({ 0x11, 0x22, 0x33, 0x44 },
                  { m:read8(0), m:read8(1), m:read8(2), m:read8(3) })
      assert.same({ 0x2211, 0x4433 }, { m:read16(0), m:read16(2) })
      m:write8(1, 0xff)
      m:write16(2, -2)
      assert.equal(0xfffeff11, m:read32(0))
      m:write64(8, -1)
      assert.equal(-1, m:read64(8))
      m:write32(12, 0)
      assert.equal(0xffffffff, m:read64(8))
    end)
  end)

  describe("does not repeat lua-periphery's defects:", function()
    -- Its bounds check computed offset + 4, which wraps: read(-2) crashed the interpreter.
    it("offsets that would wrap around are refused", function()
      for _, off in ipairs { math.maxinteger, math.maxinteger - 3, math.mininteger, -2, -4 } do
        for _, f in ipairs { m.read, m.read8, m.read16, m.read32, m.read64 } do
          local ok, e = pcall(f, m, off)
          assert.is_false(ok)
          assert.is_truthy(({ value = true, index = true, memory = true })[e.kind], tostring(e))
        end
        assert.is_false(pcall(m.write, m, off, 1))
        assert.is_false(pcall(m.write64, m, off, 1))
      end
      assert_raises("index", ("Offset 0x7ffffffffffffffc (4 bytes) is outside the 0x10000 bytes " ..
                    "at 0x40000000."), m.read, m, math.maxinteger - 3)
    end)

    -- A read after close() crashed.
    it("a closed window refuses every access", function()
      m:close()
      for _, f in ipairs { m.read, m.read8, m.read64, m.read_string } do
        assert_raises("runtime", "MMIO at 0x40000000 is closed.", f, m, 0, 4)
      end
      assert_raises("runtime", "MMIO at 0x40000000 is closed.", m.write, m, 0, 1)
      assert_raises("runtime", "MMIO at 0x40000000 is closed.", m.write, m, 0, "1234")
      assert_raises("runtime", "MMIO at 0x40000000 is closed.", m.poll, m, 0, 1, 1)
      assert_raises("runtime", "MMIO at 0x40000000 is closed.", m.fill, m, 0, 1, 1)
    end)

    -- read32(1.5) read offset 0.
    it("a fraction is no offset", function()
      assert_raises("value", "offset should be a whole number, not 1.5", m.read, m, 1.5)
      assert_raises("value", "offset should be a whole number, not 1.5", m.read32, m, 1.5)
      assert_raises("type", "offset should be a whole number, not string", m.read, m, "x")
      assert_raises("type", "offset should be a whole number, not boolean", m.read, m, true)
      m:write(4, 7)
      assert.equal(7, m:read(4.0))
      assert.equal(7, m:read("4")) -- Lua's own conversion
    end)

    -- Its table constructor took the wrong stack slot and mapped address 0, whatever was asked.
    it("the table constructor maps the address it was given", function()
      local t <close> = lunq.MMIO { base_addr = BASE + 0x10, length = 8 }
      t:write(0, 0xabcd)
      assert.equal(0xabcd, m:read(0x10))
      assert.same({ BASE + 0x10, 8 }, { t.base_addr, t.length })
      assert_raises("type", "MMIO has no option 'base' (base_addr, length, device, bound)",
                    lunq.MMIO, { base = BASE })
    end)

    -- It had no __close.
    it("a window closes at the end of its scope", function()
      local kept
      do
        local w <close> = lunq.MMIO(BASE, 4)
        kept = w
        assert.is_false(w.closed)
      end
      assert.is_true(kept.closed)
    end)
  end)

  describe("object", function()
    it("knows what it is", function()
      assert.equal("MMIO 0x40000000+0x10000 (" .. m.device.name .. ")", tostring(m))
      assert.same({ BASE, RANGE, false }, { m.base_addr, m.length, m.closed })
      assert.equal(lunq.core.active_device(), m.device)
      m:close()
      m:close()
      assert.equal("MMIO (closed)", tostring(m))
      assert.is_true(m.closed)
    end)

    it("offers the nearest name for one it does not have", function()
      assert_raises("attribute", 'lunq.MMIO has no "raed"; did you mean "read"?',
                    function() return m.raed end)
      assert_raises("attribute", 'lunq.MMIO has no "array": m:read_block(offset, count) gives words, '
                    .. "m:write_block(offset, words) writes them", function() return m.array end)
      assert_raises("attribute", "lunq.MMIO has no field 'base_addr' that can be set",
                    function() m.base_addr = 0 end)
    end)

    it("says when it was called with a dot, or on something else", function()
      assert_raises("type", "argument 1 should be a lunq.MMIO, not number " ..
                    "(a method needs ':', as in obj:name())", m.read, 4)
      for _, v in ipairs { io.stdout, {}, "x", m.device } do
        assert.is_false(pcall(m.read, v, 0))
      end
      assert.is_false(pcall(m.read))
    end)

    it("refuses a window that reaches beyond the address space", function()
      local w <close> = lunq.MMIO(math.maxinteger, math.maxinteger)
      assert.is_false(pcall(w.read, w, math.maxinteger - 8))
    end)

    it("has no word in a window of no bytes", function()
      local w <close> = lunq.MMIO(BASE, 0)
      assert_raises("index", "Offset 0x0 (4 bytes) is outside the 0x0 bytes at 0x40000000.",
                    w.read, w, 0)
    end)

    it("checks the true address of windows that do not begin at a word", function()
      local w <close> = lunq.MMIO(BASE + 1, 16)
      m:write(4, 0x11223344)
      assert.equal(0x44, w:read8(3))
      assert_raises("memory",
        "Unaligned access: a 4-byte access at 0x40000001 needs a multiple of 4.", w.read, w, 0)
      assert.equal(0x11223344, w:read32(3))
    end)
  end)
end)
