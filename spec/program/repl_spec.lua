describe("the prompt", function()
  local process = dofile "spec/program/process.lua"
  local dir

  setup(function()
    dir = os.tmpname()
    os.remove(dir)
  end)
  teardown(function() os.execute("rm -rf " .. dir) end)

  -- Ctrl-D typed before the prompt is there would be taken by the terminal itself.
  local function leaves(t)
    t:expect "> "
    t:type "\4"
    local code, rest = t:finish()
    assert.equal(0, code, rest)
  end

  local function start() return process.terminal("XDG_STATE_HOME=" .. dir) end

  it("greets with one line and leaves with Ctrl-D", function()
    local t = start()
    assert.matches("LUNQ [%d.]+, Lua 5%.4%.%d+, device sim%. Ctrl%-D leaves%.$", t:expect "\r\n")
    leaves(t)
  end)

  it("prints the results of an expression, each on its line", function()
    local t = start()
    t:line "1 + 1, nil, 'text'"
    t:expect "\n2\r\nnil\r\ntext\r\n"
    t:line "{ 1, 2, x = { 'y' } }"
    t:expect "\n{ 1, 2, x = { \"y\" } }\r\n"
    t:line "a = 5"
    t:line "a"
    t:expect "\n5\r\n"
    leaves(t)
  end)

  it("asks on while a statement is unfinished", function()
    local t = start()
    t:line "for i = 7, 8 do"
    t:expect ">"
    t:line "print(i * 111)"
    t:expect ">"
    t:line "end"
    t:expect "\n777\r\n888\r\n"
    t:line "math.max("
    t:expect ">"
    t:line "3, 4000)"
    t:expect "\n4000\r\n"
    leaves(t)
  end)

  it("says what is wrong and goes on", function()
    local t = start()
    t:line "x = = 1"
    t:expect "stdin:1: unexpected symbol near '='"
    t:line "error 'oh'"
    t:expect "\nstdin:1: oh\r\nstack traceback:"
    assert.is_nil(t:expect "> ":find("repl", 1, true))
    t:type "require 'lunq.errors'.raise('value', 'bad')\r"
    t:expect "\nbad\r\n"
    t:line "6 * 7"
    t:expect "\n42\r\n"
    leaves(t)
  end)

  it("drops the line on Ctrl-C, also an unfinished statement", function()
    local t = start()
    t:expect "> "
    t:type "junk junk\3"
    t:expect "^C"
    t:line "do"
    t:expect ">> "
    t:type "\3"
    t:expect "^C"
    t:line "40 + 2"
    t:expect "\n42\r\n"
    leaves(t)
  end)

  it("stops running code on Ctrl-C", function()
    local t = start()
    t:line "print('go') while true do end"
    t:expect "\ngo\r\n"
    t:type "\3"
    t:expect "interrupted"
    t:line "40 + 2"
    t:expect "\n42\r\n"
    leaves(t)
  end)

  it("ends on SIGTERM as on Ctrl-D", function()
    local t = start()
    t:line "io.open('/proc/self/stat'):read 'n'"
    local pid = t:expect "\r\n> ":match "(%d+)$"
    assert(os.execute("kill -TERM " .. pid))
    local code, rest = t:finish()
    assert.equal(0, code, rest)
  end)

  it("keeps history between sessions, in $XDG_STATE_HOME/lunq/history", function()
    local t = start()
    t:line "'re' .. 'member'"
    t:expect "\nremember\r\n"
    leaves(t)
    local f <close> = assert(io.open(dir .. "/lunq/history"))
    assert.truthy(f:read "a":find("member", 1, true))
    t = start()
    t:line "\16" -- Ctrl-P: the line before
    t:expect "\nremember\r\n"
    leaves(t)
  end)

  it("completes a name with TAB", function()
    local t = start()
    t:line "string.forma\t('%d!', 12)"
    t:expect "\n12!\r\n"
    leaves(t)
  end)

  it("has lunq without require, and exits with os.exit's code", function()
    local t = start()
    t:line "lunq == require 'lunq'"
    t:expect "\ntrue\r\n"
    t:line "os.exit(9)"
    assert.equal(9, (t:finish()))
  end)
end)

describe("lunq.repl", function()
  local repl = require "lunq.repl"

  it("completes along raw tables only and never calls code", function()
    local called = false
    _G.completion_probe = setmetatable({ alpha = {} }, { __index = function() called = true end })
    finally(function() _G.completion_probe = nil end)
    assert.same({ "completion_probe.alpha" }, repl.complete "completion_probe.al")
    assert.same({}, repl.complete "completion_probe.missing.x")
    assert.is_false(called)
  end)

  it("completes methods behind __index tables, keywords and globals", function()
    assert.same({ "string.format" }, repl.complete "string.form")
    assert.same({ "function" }, repl.complete "functi")
    assert.same({ "lunq" }, repl.complete "lun")
    _G.completion_probe = setmetatable({}, { __index = { go = 1 } })
    finally(function() _G.completion_probe = nil end)
    assert.same({ "completion_probe:go" }, repl.complete "completion_probe:g")
  end)

  it("completes the members of an overlay without making their objects", function()
    local lunq = require "lunq"
    local made = false
    local Fir = lunq.DefaultIP:extend { bindto = { "acme.com:user:fir:1.0" }, set_taps = print }
    function Fir.init() made = true end
    finally(function()
      _G.completion_probe = nil
      Fir:unregister()
    end)
    _G.completion_probe = lunq.Overlay {
      ip = { ["video/fir"] = { vlnv = "acme.com:user:fir:1.0", address = 0x43C00000 } } }
    assert.same({ "completion_probe.video" }, repl.complete "completion_probe.vi")
    assert.same({ "completion_probe.video.fir" }, repl.complete "completion_probe.video.fi")
    assert.same({ "completion_probe.video.fir:set_taps" }, repl.complete "completion_probe.video.fir:set")
    assert.is_false(made)
  end)

  it("completes what an HLS core can do", function()
    finally(function() _G.completion_probe = nil end)
    _G.completion_probe = require "lunq".Overlay "overlays/adder/adder.hwh"
    for _ = 1, 2 do
      assert.same({ "completion_probe.adder:call" }, repl.complete "completion_probe.adder:ca")
      assert.same({ "completion_probe.adder.signature" }, repl.complete "completion_probe.adder.sig")
      assert.equal(7, _G.completion_probe.adder:call(3, 4)) -- also when the object is there
    end
  end)

  it("compiles expressions, statements, and knows what is unfinished", function()
    assert.equal(3, repl.compile "1 + 2" ())
    assert.is_function(repl.compile "x = 1")
    for _, text in ipairs { "for i = 1, 2 do", "f(", "{ 1,", "x = [[", "function f()" } do
      local chunk, _, incomplete = repl.compile(text)
      assert.same({ nil, true }, { chunk, incomplete }, text)
    end
    local _, message, incomplete = repl.compile "x = = 1"
    assert.same({ "stdin:1: unexpected symbol near '='", false }, { message, incomplete })
  end)

  it("shows tables sorted, nested, cut and without calling __pairs or __index", function()
    assert.equal("{}", repl.show {})
    assert.equal('{ 1, "a", [10] = true, b = { c = 2 } }', repl.show { 1, "a", b = { c = 2 }, [10] = true })
    assert.equal("text", repl.show "text")
    assert.equal("{ { { { ... } } } }", repl.show { { { { { 1 } } } } })
    local long = {}
    for i = 1, 100 do long[i] = i end
    assert.matches("  60,\n  %.%.%.\n}$", repl.show(long))
    local cycle = {}
    cycle.self = cycle
    assert.is_string(repl.show(cycle))
    assert.equal("object!", repl.show(setmetatable({}, { __tostring = function() return "object!" end })))
  end)
end)
