describe("LuaUnit inside the program", function()
  local process = dofile "spec/program/process.lua"

  after_each(process.clean)

  local BENCH <const> = [[
    local lu = require "luaunit"
    function testSum() lu.assertEquals(1 + 1, %d) end
    os.exit(lu.LuaUnit.run())]]

  --- Runs the script where no Lua module is installed, as on a board.
  local function run(text)
    return process.sh("LUA_PATH=/nowhere/?.lua LUA_CPATH=/nowhere/?.so LUNQ "
      .. process.quote(process.file(text, ".lua")))
  end

  it("is there without any package", function()
    local code, out, err = run(BENCH:format(2))
    assert.same({ 0, "" }, { code, err })
    assert.matches("Ran 1 tests in [%d.]+ seconds, 1 success, 0 failures\nOK", out)
  end)

  it("makes a failed bench the program's exit code", function()
    local code, out = run(BENCH:format(3))
    assert.equal(1, code)
    assert.matches("expected: 3, actual: 2", out, 1, true)
  end)
end)
