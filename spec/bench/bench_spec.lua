describe("lunq.bench", function()
  local lunq = require "lunq"
  local bench = require "lunq.bench"
  local process = dofile "spec/program/process.lua"

  after_each(process.clean)

  local function fails(text, f, ...)
    local ok, e = pcall(f, ...)
    assert.is_false(ok)
    assert.same({ "check", text }, { e.kind, tostring(e) })
  end

  it("compares numbers within a tolerance", function()
    bench.near(1.5, 1.4, 0.2)
    bench.near(-3, -3, 0)
    fails("12 (0xC) is not within 1 of 10 (0xA): the distance is 2.", bench.near, 12, 10, 1)
    local ok = pcall(bench.near, 0 / 0, 1, 1)
    assert.is_false(ok)
    local _, e = pcall(bench.near, nil, 1, 1)
    assert.same({ "type", "near compares numbers, argument 1 is a nil" }, { e.kind, e.message })
    _, e = pcall(bench.near, "1", 1, 1)
    assert.same({ "type", "near compares numbers, argument 1 is a string" }, { e.kind, e.message })
  end)

  it("waits in the device's time until something happens", function()
    local start <const> = lunq.now()
    assert.equal("late", bench.eventually(function() return lunq.now() - start > 0.25 and "late" end, 1))
    fails("This did not happen within 0.5 s; the last look gave false.", bench.eventually,
      function() return false end, 0.5)
    assert.is_true(lunq.now() - start >= 0.75)
  end)

  it("shrinks random stimuli to the simplest that fail", function()
    local n = 0
    bench.for_all({ bench.integer(-5, 5) }, function(v)
      n = n + 1
      assert.is_true(v >= -5 and v <= 5)
    end, 50)
    assert.equal(50, n)
    local ok, e = pcall(bench.for_all, { bench.integer(0, 100000), bench.integer(3, 9) }, function(a)
      if a >= 1234 then error("too much", 0) end
    end)
    assert.is_false(ok)
    assert.matches("the simplest found is (1234 (0x4D2), 3): too much", e.message, 1, true)
    ok, e = pcall(bench.for_all, { bench.list(bench.integer(0, 255), 20) }, function(list)
      for _, v in ipairs(list) do if v > 7 then error("bad", 0) end end
    end)
    assert.is_false(ok)
    assert.matches("the simplest found is ({ 8 }): bad", e.message, 1, true)
  end)

  it("compares buffers with golden files", function()
    local path = process.file("\1\0\0\0\2\0\0\0")
    local b <close> = lunq.allocate(2, "u4")
    b[1], b[2] = 1, 2
    bench.golden(b, path)
    b[2] = 0x102
    fails("The buffer differs from " .. path .. " from element 2 on (byte 5): 0x00000102 instead of 0x00000002.",
      bench.golden, b, path)
    fails(path .. " has 8 bytes, this buffer has 3.", bench.golden, "abc", path)
    local _, e = pcall(bench.golden, b, "/nowhere/x.bin")
    assert.same({ "io", "There is no golden file /nowhere/x.bin. Run once with LUNQ_GOLDEN=update to write it, "
      .. "and look at it." }, { e.kind, e.message })
    local code = process.sh("LUNQ_GOLDEN=update LUNQ -e " .. process.quote(
      ("require 'lunq.bench'.golden('new', %q)"):format(path)))
    assert.equal(0, code)
    bench.golden("new", path)
  end)

  it("keeps score of streams", function()
    local board = bench.scoreboard "out"
    board:expect(1, 2, 300)
    board:actual(1)
    fails("out: 2 of 3 did not come, first item 2, 2.", board.finish, board)
    fails("out: item 2 is 7, expected was 2.", board.actual, board, 7)
    board:actual(300)
    board:finish()
    fails("out: item 4, 5, came but only 3 were expected.", board.actual, board, 5)
  end)

  it("counts as a failure in LuaUnit files", function()
    local path = process.file('local lu = require "luaunit"\n'
      .. 'function testNear() require "lunq.bench".near(1, 5, 1) end\nos.exit(lu.run())\n', ".lua")
    for _, bare in ipairs { "", "LUA_PATH=/nowhere/?.lua " } do
      local code, out = process.sh(bare .. "LUNQ test " .. path)
      assert.equal(1, code)
      assert.matches("1 failure", out)
      assert.matches(":2: 1 is not within 1 of 5: the distance is 4.", out, 1, true)
    end
  end)
end)
