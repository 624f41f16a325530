describe("lunq test", function()
  local process = dofile "spec/program/process.lua"
  local fixture = dofile "spec/overlay/fixture.lua"
  local dir

  before_each(function() dir = fixture.folder() end)
  after_each(fixture.clean)

  local LUAUNIT <const> = [[
local lu = require "luaunit"
TestLoopback = {}
function TestLoopback:setUp() self.word = 42 end
function TestLoopback:testEcho() lu.assertEquals(self.word, 42) end
function TestLoopback:testSkipped() lu.skip "no board" end
os.exit(lu.LuaUnit.run())
]]
  local FAILING <const> = [[
local lu = require "luaunit"
function testWrong() lu.assertEquals(1, 2) end
function testRaises() require "lunq".MMIO(0x40000000):read(-2) end
os.exit(lu.LuaUnit.run())
]]
  local SPEC <const> = [[
describe("a spec", function()
  it("waits", function() require "lunq".sleep(0.5) end)
end)
]]

  local function write(name, text) return fixture.write(dir .. "/" .. name, text) end

  --- `lunq test ...` in the folder; bare: as where neither busted nor anything else is installed.
  local function test(arguments, bare)
    return process.sh(("cd %s && %s LUNQ test %s"):format(process.quote(dir),
      bare and "LUA_PATH=/nowhere/?.lua LUA_CPATH=/nowhere/?.so" or "", arguments))
  end

  it("runs specs and LuaUnit files of a folder as one", function()
    write("loopback.lua", LUAUNIT)
    write("some_spec.lua", SPEC)
    local code, out, err = test "."
    assert.equal(0, code, out .. err)
    assert.matches("2 successes / 0 failures / 0 errors / 1 pending", out, 1, true)
    assert.matches("no board", out, 1, true)
  end)

  it("names a file or folder that is not there, with busted or without, and leaves with 2", function()
    for _, bare in ipairs { false, true } do
      local code, out, err = test("nosuch_spec.lua", bare)
      assert.same({ 2, "", "lunq test: there is no file or folder nosuch_spec.lua\n" }, { code, out, err })
    end
  end)

  it("tells failures of LuaUnit files from errors, with their places", function()
    write("wrong.lua", FAILING)
    local code, out, err = test "."
    assert.equal(1, code)
    assert.matches("0 successes / 1 failure / 1 error / 0 pending", out, 1, true)
    assert.matches("wrong.lua:2: expected: 2, actual: 1", out, 1, true)
    assert.matches("wrong.lua:3: Offset cannot be negative.", out, 1, true)
    assert.matches("to repeat what failed: %-%-seed %d+", err)
  end)

  it("runs LuaUnit files without busted, and says what is left out", function()
    write("loopback.lua", LUAUNIT)
    write("some_spec.lua", SPEC)
    local code, out, err = test(".", true)
    assert.equal(0, code, out .. err)
    assert.matches("Ran 1 tests in [%d.]+ seconds, 1 success, 0 failures, 1 skipped", out)
    assert.equal("lunq test: 1 spec is left out (./some_spec.lua): busted is not installed. "
      .. "On Debian: apt-get install lua-busted\n", err)
    write("wrong.lua", FAILING)
    code, out = test("-o TAP wrong.lua", true)
    assert.equal(1, code)
    assert.matches("not ok 2\ttestWrong", out, 1, true)
    assert.matches("wrong.lua:3: Offset cannot be negative.", out, 1, true)
  end)

  it("needs busted for specs and its options", function()
    write("some_spec.lua", SPEC)
    local code, _, err = test("some_spec.lua", true)
    assert.equal(2, code)
    assert.equal("lunq test: some_spec.lua is for busted: busted is not installed. "
      .. "On Debian: apt-get install lua-busted\n", err)
    code, _, err = test("-k some_spec.lua", true)
    assert.equal(2, code)
    assert.matches("-k is no option of LUNQ's, and busted is not installed", err, 1, true)
  end)

  it("writes JUnit's XML to standard output either way", function()
    write("loopback.lua", LUAUNIT)
    for _, bare in ipairs { false, true } do
      local code, out = test("-o junit .", bare)
      assert.equal(0, code)
      assert.matches("^%s*<.*<testsuites?.*testEcho.*</testsuites?>%s*$", out)
    end
  end)

  it("interrupts what takes too long, wherever it is, and goes on", function()
    write("slow_spec.lua", [[
      local lunq = require "lunq"
      it("loops", function() while true do end end)
      it("loops and catches errors", function()
        while true do pcall(function() while true do end end) end
      end)
      it("waits", function()
        local other = lunq.spawn(function() while true do lunq.sleep(0.001) end end)
        lunq.event():wait(math.huge)
        other:cancel()
      end)
      it("is fast", function() end)]])
    local code, out = test "--time-limit 0.2 slow_spec.lua"
    assert.equal(1, code)
    assert.matches("1 success / 0 failures / 3 errors / 0 pending", out, 1, true)
    assert.matches("slow_spec.lua:2: The test did not end within 0.2 s (--time-limit) and was interrupted here.",
      out, 1, true)
    assert.matches("and caught the error that said so", out, 1, true)
    assert.matches("slow_spec.lua:8: The test did not end within 0.2 s", out, 1, true)
    write("slow.lua", 'local lu = require "luaunit"\nfunction testLoop() while true do end end\nlu.run()\n')
    code, out = test("--time-limit 0.2 slow.lua", true)
    assert.equal(1, code)
    assert.matches("slow.lua:2: The test did not end within 0.2 s", out, 1, true)
  end)

  it("gives each test the same numbers for a seed, and each round others", function()
    write("random_spec.lua", [[
      it("one", function() print(math.random(1000000)) end)
      it("two", function() print(math.random(1000000)) end)]])
    local code, out, err = test "--seed 7 --repeat 2 random_spec.lua"
    assert.same({ 0, "lunq test: seed 7\n" }, { code, err })
    local n = {}
    for number in out:gmatch "(%d+)\n%+" do n[#n + 1] = number end
    local function first(seed)
      math.randomseed(seed)
      return tostring(math.random(1000000))
    end
    assert.same({ first(7), first(7), first(8), first(8) }, n)
  end)

  it("filters both kinds, takes a device, and passes on what is busted's", function()
    write("wrong.lua", FAILING)
    write("loopback.lua", LUAUNIT)
    write("device_spec.lua", 'it("tells #device", function() print(os.getenv "LUNQ_DEVICE") end)')
    assert.equal(0, (test "--filter Echo ."))
    assert.equal(0, (test("--filter Echo .", true)))
    local code, out = test "--device sim:zynqmp -t device ."
    assert.equal(0, code)
    assert.matches("sim:zynqmp\n", out, 1, true)
  end)

  it("runs the test at a line, as failures name it", function()
    write("two_spec.lua", [[
      it("one", function()
        print "one runs"
      end)
      it("two", function() print "two runs" end)
      it("three", function() print "three runs" end)]])
    local code, out = test "two_spec.lua:2"
    assert.same({ 0, "one runs\n+\n1 success / 0 failures / 0 errors / 0 pending : S" },
      { code, (out:gsub("[%d.]+ seconds%s*", "S")) })
    code, out = test "two_spec.lua:4 two_spec.lua:5"
    assert.equal(0, code)
    assert.matches("2 successes", out)
    local result = { test "two_spec.lua:9" }
    assert.same({ 2, "lunq test: there is no test at two_spec.lua:9\n" }, { result[1], result[3] })
    write("loopback.lua", LUAUNIT)
    for _, bare in ipairs { false, true } do
      code, out = test("loopback.lua:4", bare)
      assert.equal(0, code)
      assert.matches("1 success", out)
      assert.is_nil(out:find("no board", 1, true))
      result = { test("loopback.lua:3 loopback.lua:6", bare) }
      assert.equal(2, result[1])
      assert.matches("there is no test at loopback.lua:3\n$", result[3])
    end
  end)

  it("answers what people try who know pytest", function()
    write("some_spec.lua", SPEC)
    for arguments, text in pairs {
      ["-x ."] = "-x is pytest's: here --no-keep-going stops at the first failure; lunq test --help has all options",
      ["--junit-xml=out.xml"] = "--junit-xml is pytest's: here -o junit writes XML to standard output; "
        .. "lunq test --help has all options",
      ["some_spec.lua::waits"] = 'there is no file or folder some_spec.lua::waits: --filter "waits" chooses tests by '
        .. "name, FILE:LINE by place",
      ["-o xml ."] = 'there is no output "xml": dots, TAP, junit, or one of busted\'s: '
        .. "utfTerminal, plainTerminal, json, gtest",
    } do
      assert.same({ 2, "", "lunq test: " .. text .. "\n" }, { test(arguments) })
    end
    local _, _, err = test "-o junit some_spec.lua"
    assert.equal("", err) -- nothing about what busted uses
  end)

  it("says 2 for a command line it can't carry out", function()
    for arguments, text in pairs {
      ["--seed x"] = "--seed needs a whole number",
      ["--repeat 0"] = "--repeat needs a number, at least 1",
      ["--time-limit"] = "--time-limit needs a value",
      ["--nonsense"] = "unknown/bad flag: --nonsense",
    } do
      local code, _, err = test(arguments)
      assert.equal(2, code)
      assert.matches(text, err, 1, true)
    end
    local code, out = test "--help"
    assert.equal(0, code)
    assert.matches("^usage: lunq test %[options%]", out)
  end)
end)
