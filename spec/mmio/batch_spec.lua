--- m:batch and m:compile: many accesses in one call, checked as a whole before the first of them.
local lunq = require "lunq"

local BASE <const> = 0x40040000

local function assert_step(kind, step, message, f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok, "nothing was raised")
  assert.same({ kind, step, message }, { e.kind, e.step, tostring(e) })
end

describe("batch", function()
  local m
  before_each(function() m = lunq.MMIO(BASE, 0x100); m:fill(0, 64, 0) end)
  after_each(function() m:close() end)

  it("executes its steps in order and gives the reads and polls", function()
    m:write(0x20, 0xff00)
    local r = m:batch {
      { "write", 0x10, 5 },
      { "read", 0x10 },
      { "write", 0x10, -1 },
      { "update", 0x20, 0x0ff0, 0x1230 },
      { "poll", 0x20, 0xffff, 0xf230 },
      { "read", 0x10, "last" },
      { "read", 0x21, width = 1, name = "byte" },
      { "write", 0x28, 0x123456789abcdef0, width = 8 },
      { "read", 0x28, width = 8 },
    }
    assert.same({ 5, 0xf230, 0xffffffff, 0xf2, 0x123456789abcdef0, last = 0xffffffff, byte = 0xf2 }, r)
  end)

  it("may be empty", function()
    assert.same({}, m:batch {})
  end)

  it("is compiled once and run many times", function()
    local b = m:compile { { "write", 0, 1 }, { "read", 0, "v" } }
    assert.equal(2, #b)
    assert.equal("Batch of 2 steps on " .. tostring(m), tostring(b))
    local results = b:run()
    assert.same({ 1, v = 1 }, results)
    assert.equal(b, b:set(1, 7))
    assert.equal(results, b:run(results))
    assert.same({ 7, v = 7 }, results)
    assert.same({ 7, v = 7 }, lunq.batch(m, { { "read", 0, "v" } }):run())
  end)

  describe("touches nothing when a later step can't be done:", function()
    after_each(function() assert.equal(0, m:read(0)) end)

    it("outside the window", function()
      assert_step("index", 2,
        "Batch step 2 (read 0x100): Offset 0x100 (4 bytes) is outside the 0x100 bytes at 0x40040000.",
        m.batch, m, { { "write", 0, 1 }, { "read", 0x100 } })
    end)

    it("an offset that would wrap around", function()
      assert_step("index", 2, "Batch step 2 (write 0x7ffffffffffffffc): Offset 0x7ffffffffffffffc " ..
        "(4 bytes) is outside the 0x100 bytes at 0x40040000.",
        m.batch, m, { { "write", 0, 1 }, { "write", math.maxinteger - 3, 1 } })
    end)

    it("misaligned", function()
      assert_step("memory", 2, "Batch step 2 (update 0x2): Unaligned access: a 4-byte access at " ..
        "0x40040002 needs a multiple of 4.", m.batch, m, { { "write", 0, 1 }, { "update", 2, 1, 1 } })
    end)

    it("a poll that can't be met", function()
      assert_step("value", 2, "Batch step 2 (poll 0x0): value 0x4 has bits outside mask 0x3: " ..
        "it can't be met.", m.batch, m, { { "write", 0, 1 }, { "poll", 0, 3, 4 } })
    end)

    it("no such operation", function()
      assert_step("value", 2, 'Batch step 2: unknown operation "wait" (read, write, update, poll)',
        m.batch, m, { { "write", 0, 1 }, { "wait", 1 } })
    end)

    it("no such width", function()
      assert_step("value", 1, "Batch step 1: width is 1, 2, 4 or 8 bytes",
        m.batch, m, { { "write", 0, 1, width = 3 } })
      assert_step("value", 1, "Batch step 1 (poll 0x0): An update or poll is 4 bytes wide, not 8.",
        m.batch, m, { { "poll", 0, 1, 1, width = 8 } })
    end)

    it("a step that is none", function()
      assert_step("type", 2, 'Batch step 2: a step is a table like { "read", 0x10 }',
        m.batch, m, { { "write", 0, 1 }, "read" })
    end)

    it("values that do not fit, offsets that are none", function()
      for _, step in ipairs { { "write", 0, 1 << 32 }, { "write", 0 }, { "write", 0, 0.5 },
                              { "write", -4, 1 }, { "read", 1.5 }, { "read" }, { "read", 0, 5 },
                              { "poll", 0, 1, 1, -1 }, { "write", 0, 256, width = 1 } } do
        local ok, e = pcall(m.batch, m, { { "write", 0, 1 }, step })
        assert.is_false(ok)
        assert.is_truthy(e.kind)
      end
      assert.has_error(function() m:batch { { "write", 0, 1 }, { "write", 0, 1 << 32 } } end,
                       "Batch step 2: value 4294967296 does not fit in 32 bits")
      assert.has_error(function() m:batch { { "read", -4 } } end,
                       "Batch step 1: offset cannot be negative (-4)")
    end)
  end)

  it("names the step that fails while it runs", function()
    m:write(4, 0x10)
    local steps = { { "write", 0, 1 }, { "poll", 4, 1, 1, 0.001 }, { "write", 0, 2 } }
    assert_step("timeout", 2, "Batch step 2 (poll 0x4): 0x40040004 still reads 0x00000010 after " ..
      "0.001 s: waited for 0x1 under mask 0x1.", m.batch, m, steps)
    assert.equal(1, m:read(0))
  end)

  it("checks a changed value too", function()
    local b = m:compile { { "read", 0 }, { "poll", 0, 3, 0, 0 } }
    assert.has_error(function() b:set(1, 5) end, "step 1 is a read: it has no value")
    assert.has_error(function() b:set(3, 5) end, "step 3 is not one of the 2")
    b:set(2, 4)
    assert_step("value", 2, "Batch step 2 (poll 0x0): value 0x4 has bits outside mask 0x3: " ..
      "it can't be met.", b.run, b)
  end)

  it("ends with its window", function()
    local b = m:compile { { "read", 0 } }
    m:close()
    assert_step("runtime", 1, "Batch step 1 (read 0x0): MMIO at 0x40040000 is closed.", b.run, b)
  end)
end)
