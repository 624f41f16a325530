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
    assert.same({ "type", "near compares numbers, lists and buffers of numbers, argument 1 is a nil" },
      { e.kind, e.message })
    _, e = pcall(bench.near, "1", 1, 1)
    assert.same({ "type", "near compares numbers, lists and buffers of numbers, argument 1 is a string" },
      { e.kind, e.message })
  end)

  it("compares lists and buffers of numbers within a tolerance, and says where they are out", function()
    local b <close> = lunq.allocate({ 2, 2 }, "f4")
    b:set { { 1, 2 }, { 3, 4 } }
    bench.near(b, { { 1.1, 2 }, { 3, 3.9 } }, 0.2)
    bench.near({ 1, 1.1 }, 1, 0.2)
    fails("Element 2 is 3, not within 1 of 7: the distance is 4.", bench.near, { 1, 3, 3 }, { 1, 7, 3 }, 1)
    fails("Element 1 2 is 2.0, not within 0.5 of 3: the distance is 1.0. 2 of 4 are out, the worst is element 2 1: the "
      .. "distance is 5.0.", bench.near, b, { { 1, 3 }, { 8, 4 } }, 0.5)
    fails("The value has 1 element, expected were 2: { 1 }.", bench.near, { 1 }, { 1, 2 }, 1)
    local _, e = pcall(bench.near, { 1 }, { "x" }, 1)
    assert.same({ "type", "near compares numbers, lists and buffers of numbers, argument 2 is a string" },
      { e.kind, e.message })
  end)

  it("compares values and says which element differs", function()
    local b <close> = lunq.allocate(3, "u4")
    b:set { 1, 2, 3 }
    bench.same(b, { 1, 2, 3 })
    bench.same("a", "a")
    bench.same({ 1, { 2 } }, { 1, { 2 } })
    fails("The value is 1, expected was \"1\".", bench.same, 1, "1")
    fails("out differs: element 2 of 3 is 2, expected was 20 (0x14).", bench.same, b, { 1, 20, 3 }, "out")
    fails("The value differs: element 1 of 3 is 1, expected was 0 (and 2 more differ).", bench.same, b, { 0, 0, 0 })
    fails("The value differs: element 1 of 1 differs: element 1 of 1 is 2, expected was 3.", bench.same, { { 2 } },
      { { 3 } })
    local long = {}
    for i = 1, 100 do long[i] = 0 end
    fails("The value has 100 elements, expected were 1: { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "
      .. "... 84 more }.",
      bench.same, long, { 0 })
  end)

  it("waits in the time of any device", function()
    local other <close> = lunq.Device.open "sim"
    local start <const> = lunq.now()
    fails("This did not happen within 5 s; the last look gave nil.", bench.eventually, function() end, 5, other)
    assert.equal(start, lunq.now())
    assert.is_true(other:now() >= 5000000000)
  end)

  it("waits in the device's time until something happens", function()
    local start <const> = lunq.now()
    assert.equal("late", bench.eventually(function() return lunq.now() - start > 0.25 and "late" end, 1))
    fails("This did not happen within 0.5 s; the last look gave false.", bench.eventually,
      function() return false end, 0.5)
    assert.is_true(lunq.now() - start >= 0.75)
  end)

  it("waits for cycles of a clock, and says how many passed", function()
    local fixture = dofile "spec/rtl/fixture.lua"
    if fixture.missing then return pending(fixture.missing) end
    local d <close> = lunq.Device.open("rtl:" .. fixture.model "regs")
    local m <close> = lunq.MMIO(0, 0x60, d)
    m:write(0x20, 50) -- a timer that counts down
    local value, cycles = bench.eventually(function() return m:read(0x20) == 0 end, { cycles = 60, device = d })
    assert.is_true(value)
    assert.is_true(cycles >= 48 and cycles <= 54, cycles)
    local start <const> = d.cycle
    fails("This did not happen within 10 cycles, 10 have passed; the last look gave false.", bench.eventually,
      function() return false end, { cycles = 10 }, d)
    assert.equal(10, d.cycle - start)
    local _, e = pcall(bench.eventually, function() end, { cycles = 0.5, device = d })
    assert.same({ "value", "cycles should be an integer, at least 0, not 0.5" }, { e.kind, e.message })
    local plain <close> = lunq.Device.open "sim"
    _, e = pcall(bench.eventually, function() end, { cycles = 5, device = plain })
    assert.same({ "unsupported", "The design loaded on sim has no RTL." }, { e.kind, e.message })
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

  it("makes random numbers, choices, lists and bytes, with the ends of ranges among them", function()
    local seen = {}
    for _ = 1, 2000 do seen[bench.integer(-1000000, 1000000).make()] = true end
    assert.same({ true, true, true }, { seen[-1000000], seen[1000000], seen[0] })
    bench.for_all({ bench.number(2, 3), bench.one_of { "a", "b" }, bench.list(bench.integer(1, 2), 4, 2),
      bench.bytes(5, 3) },
      function(number, one, list, bytes)
        assert.is_true(number >= 2 and number < 3)
        assert.is_true(one == "a" or one == "b")
        assert.is_true(#list >= 2 and #list <= 4)
        assert.is_true(#bytes >= 3 and #bytes <= 5)
      end)
    local function simplest(generator, f)
      local ok, e = pcall(bench.for_all, { generator }, f, 1000)
      assert.is_false(ok)
      return e.message:match "found is %((.-)%): no$"
    end
    local function refuse(wrong)
      return function(v) if wrong(v) then error("no", 0) end end
    end
    assert.equal("7.0", simplest(bench.number(0, 100), refuse(function(v) return v >= 7 end)))
    assert.equal('"b"', simplest(bench.one_of { "a", "b", "c" }, refuse(function(v) return v ~= "a" end)))
    assert.matches("^{ [08], [08] }$", simplest(bench.list(bench.integer(0, 255), 20, 2),
      refuse(function(v) return math.max(table.unpack(v)) > 7 end)))
    assert.matches('^"\\?0?z\\?0?"$', simplest(bench.bytes(20, 2),
      refuse(function(v) return v:find("[z-~]") ~= nil end)))
    local _, e = pcall(bench.integer, 3, 2)
    assert.same({ "value", "integer takes two whole numbers, the smaller one first, not 3 and 2" }, { e.kind,
      e.message })
  end)

  it("says so when what failed does not fail again", function()
    local calls = 0
    local ok, e = pcall(bench.for_all, { bench.integer(1, 1) }, function()
      calls = calls + 1
      if calls == 3 then error("no", 0) end
    end)
    assert.is_false(ok)
    assert.equal("Case 3 fails; the simplest found is (1): no\nTried once more it does not fail: does "
      .. "something stay from "
      .. "one case to the next?", e.message)
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
    local _, e = pcall(bench.golden, { 1, 2 }, path)
    assert.same({ "type", "golden compares a buffer or a string of bytes, not a table; "
      .. 'lunq.array(nil, "i4", list) makes a buffer of a list' }, { e.kind, e.message })
    _, e = pcall(bench.golden, b, "/nowhere/x.bin")
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

  it("counts as a failure, at the line of the test", function()
    local path = process.file('local bench = require "lunq.bench"\nit("is near", function() bench.near(1, 5, 1) end)\n'
      .. 'it("is", function() require "lunq".MMIO(0x40000000):read(-2) end)\nbefore_each(function() '
      .. 'end)\n', "_spec.lua")
    local code, out = process.lunq("test", path)
    assert.equal(1, code)
    assert.matches("1 failure / 1 error", out)
    assert.matches("_spec.lua:2: 1 is not within 1 of 5: the distance is 4.", out, 1, true)
    assert.matches("_spec.lua:3: Offset cannot be negative.", out, 1, true)
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
