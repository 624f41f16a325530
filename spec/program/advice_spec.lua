-- What somebody who writes Python is told: at the prompt and by scripts, behind Lua's own message.
describe("advice for Python", function()
  local advice = require "lunq.advice"
  local process = dofile "spec/program/process.lua"
  local Session = require "lunq.repl.session"
  local trouble = require "lunq.repl.trouble"
  after_each(process.clean)

  --- What the prompt says of a line that does not compile, or fails.
  local function said(line)
    local session = Session.new()
    local function plain(_, text) return text end
    local chunk, message = session:compile(line)
    if not chunk then
      session:failed(line)
      return trouble.message(message, session, plain)
    end
    return trouble.message(select(2, pcall(chunk)), session, plain)
  end

  it("tells a script how to get at lunq", function()
    local advised = advice.of("x.lua:1: attempt to index a nil value (global 'lunq')")
    assert.equal('In Lua: local lunq = require "lunq" on top of a script', advised)
  end)

  local LINES <const> = {
    ["import numpy"] = "[1]:1: syntax error near 'numpy'\n"
                       .. '  In Lua: local x = require "x"; LUNQ is `lunq`, PYNQ\'s modules are lunq.pynq',
    ["from pynq import Overlay"] = "[1]:1: syntax error near 'pynq'\n  In Lua: names of `lunq` as they are: "
                                   .. "lunq.Overlay; PYNQ's modules are lunq.pynq",
    ["b = lunq.allocate(shape=(16,), dtype='u4')"] = "[1]:1: ')' expected near '='\n  In Lua: f(x, { name = value }), "
                                                     .. "a table for named arguments",
    ["b = lunq.allocate((16, 4), 'u4')"] = "[1]:1: ')' expected near ','\n  In Lua: { 16, 16 }, a table, for a shape",
    ["buf[0:4] = 1"] = "[1]:1: ']' expected near ':'\n  In Lua: buf:slice(first, last), both included; lines of GPIO: "
                       .. 'leds["0:4"]',
    ["for i in range(16): x = i"] = "[1]:1: function arguments expected near '='\n  In Lua: for i = 1, n do ... end",
    ["if x == 3: y = 1"] = "[1]:1: 'then' expected near ':'\n  In Lua: if x then ... end",
    ["x != 3"] = "[1]:1: syntax error near '!'\n  In Lua: ~=",
    ["x += 1"] = "[1]:1: syntax error near '+'\n  In Lua: x = x + 1",
    ["x = [1, 2]"] = "[1]:1: unexpected symbol near '['\n  In Lua: { 1, 2, 3 }",
    ["x = {'a': 1}"] = "[1]:1: '}' expected near ':'\n  In Lua: { a = 1, b = 2 }",
    ["def f(x): return x"] = "[1]:1: syntax error near 'f'\n  In Lua: function f(x) ... end",
    ["ol?"] = "[1]:1: syntax error near '?'\n  In Lua: help(x)",
    ["# some words"] = "[1]:1: unexpected symbol near '#'\n  In Lua: -- for a comment",
    ["len({})"] = "[1]:1: attempt to call a nil value (global 'len')\n  In Lua: #x",
    ["Overlay('x.bit')"] = "[1]:1: attempt to call a nil value (global 'Overlay')\n  In Lua: lunq.Overlay",
    ["np.zeros(3)"] = "[1]:1: attempt to index a nil value (global 'np')\n"
                      .. '  In Lua: buffers: lunq.allocate(16, "u4")',
    ["({}).items()"] = "[1]:1: attempt to call a nil value (field 'items')\n  In Lua: for k, v in pairs(t) do",
    ["local t = {} t:append(1)"] = "[1]:1: attempt to call a nil value (method 'append')\n  In Lua: t[#t + 1] = x",
    ["for k in {} do end"] = "[1]:1: attempt to call a table value (for iterator 'for iterator')\n"
                             .. "  In Lua: for k, v in pairs(t) do",
    ["'%d' % 3"] = "[1]:1: attempt to mod a 'string' with a 'number'\n  In Lua: (\"%d words\"):format(n)",
    ["'a' + 'b'"] = "[1]:1: attempt to add a 'string' with a 'string'\n  In Lua: a .. b joins strings",
  }
  for line, text in pairs(LINES) do
    it("names what Lua has instead of: " .. line, function() assert.equal(text, said(line)) end)
  end

  it("says how a register is a number", function()
    _G.advice_probe = require "lunq".Register(0x40000000)
    finally(function() _G.advice_probe = nil end)
    for _, line in ipairs { "advice_probe + 1", "advice_probe < 5", "3 >= advice_probe" } do
      assert.matches("\n  In Lua: register:get() is its number", said(line), 1, true)
    end
  end)

  it("is not given for mistakes in Lua", function()
    for _, line in ipairs { "x = )", "f(1, 2", "nothing.x = 1", "nothing()", "error 'len: no'", "x = '#' .. )",
                            "for i = 1, 3 x = i end", "if ol:is_loaded() x() end",
                            "local t = { a = 1, b == }", "print(x y)" } do
      assert.is_nil(said(line):find "In Lua", line)
    end
  end)

  it("is given by scripts, too, on the line behind the message", function()
    local s = process.file "local lunq = require 'lunq'\nfrom pynq import MMIO\n"
    local code, _, err = process.lunq(s)
    assert.equal(1, code)
    assert.equal(("lunq: %s:2: syntax error near 'pynq'\n  In Lua: names of `lunq` as they are: lunq.Overlay; "
                  .. "PYNQ's modules are lunq.pynq\n"):format(s), err)
    code, _, err = process.lunq("-e", "print(len 'x')")
    assert.equal(1, code)
    assert.matches("^lunq: %-e:1: attempt to call a nil value %(global 'len'%)\n  In Lua: #x\nstack traceback:", err)
  end)

  it("says at the prompt what True and False are, which are just nil", function()
    assert.same({ True = "true" }, Session.new():strangers "x = True; y = 'False' -- None")
    local session = Session.new()
    session:compile "local True = 1"()
    assert.same({}, session:strangers "True")
  end)

  it("knows every name of lunq", function()
    for name in pairs(require "lunq") do assert.is_string(advice.name(name), name) end
    assert.is_nil(advice.name "anything")
  end)
end)
