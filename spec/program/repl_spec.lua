describe("the prompt", function()
  local process = dofile "spec/program/process.lua"
  local dir

  setup(function()
    dir = os.tmpname()
    os.remove(dir)
  end)
  teardown(function() os.execute("rm -rf " .. dir) end)

  local function start() return process.terminal("XDG_STATE_HOME=" .. dir) end

  it("greets with one line and leaves with Ctrl-D", function()
    local t = start()
    assert.matches("LUNQ [%d.]+, Lua 5%.4%.%d+, device sim %(no board here%)%. Ctrl%-D leaves%.$", t:expect "\r\n")
    t:leave()
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
    t:leave()
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
    t:leave()
  end)

  it("says what is wrong and goes on", function()
    local t = start()
    t:line "x = = 1"
    t:expect "[1]:1: unexpected symbol near '='"
    t:line "error 'oh'"
    t:expect "\n[1]:1: oh\r\n2> "
    t:type "require 'lunq.errors'.raise('value', 'bad')\r"
    t:expect "\nbad\r\n"
    t:line "6 * 7"
    t:expect "\n42\r\n"
    t:leave()
  end)

  it("says where an error came from, each place with its line", function()
    local t = start()
    t:line "function f(x)"
    t:line "  error('bad ' .. x)"
    t:line "end"
    t:line "function g() f(7) return 1 end"
    t:line "g()"
    t:expect "\n[1]:2: bad 7\r\n"
    assert.equal("  at [1]:2 in 'f'                 error('bad ' .. x)", t:expect "\r\n")
    assert.equal("  at [2]:1 in 'g'                 function g() f(7) return 1 end", t:expect "\r\n")
    assert.equal("  at [3]:1                        g()", t:expect "\r\n")
    t:leave()
  end)

  it("keeps locals and results from line to line", function()
    local t = start()
    t:line "local a, b <const> = 20, 1"
    t:line "a + b"
    t:expect "\n21\r\n"
    t:line "_ * 2, _2 + 2"
    t:expect "\n42\r\n23\r\n"
    t:line "rawget(_G, 'a')"
    t:expect "\nnil\r\n"
    t:leave()
  end)

  it("goes on with tasks while a person types, and keeps their output off the line", function()
    local t = start()
    t:line "lunq.spawn(function() lunq.sleep(0.2) print 'from the task' end)"
    t:expect "2> "
    t:type "6 * "
    assert.matches("\r\27%[J$", t:expect "from the task\r\n")
    t:expect "2> 6 * "
    t:type "7\r"
    t:expect "\n42\r\n"
    t:leave()
  end)

  it("prints the error of a task nobody waits for above the line", function()
    local t = start()
    t:line "lunq.spawn(function() lunq.sleep(0.1) error 'task trouble' end)"
    t:expect "2> "
    t:type "1 +"
    t:expect "task trouble"
    t:expect "2> 1 +"
    t:type " 1\r"
    t:expect "\n2\r\n"
    t:leave()
  end)

  it("shows what a program started by a task writes, whole", function()
    local t = start()
    t:line "lunq.spawn(function() os.execute 'seq 1 20000 | tail -n 3' end)"
    t:expect "19998\r\n19999\r\n20000\r\n"
    t:leave()
  end)

  it("takes pasted text as it is: several lines, and tabs that complete nothing", function()
    local t = process.terminal("TERM=xterm NO_COLOR=1 XDG_STATE_HOME=" .. dir)
    t:expect "1> "
    t:type "\27[200~for i = 1, 2 do\r\tprint(i * 111)\rend\r\27[201~"
    t:expect "111\r\n222\r\n"
    t:type "string.forma\t('%d!', 12)\r"
    t:expect "12!\r\n"
    t:expect "3> "
    t:type "\4"
    assert.equal(0, (t:finish()))
  end)

  it("moves and edits with the keys of a terminal", function()
    local t = start()
    t:expect "1> "
    t:type "12\27[D\27[D4\r" -- left, left
    t:expect "\n412\r\n"
    t:leave()
  end)

  it("follows the size of the window", function()
    local t = start()
    t:line "io.open('/proc/self/stat'):read 'n', os.execute 'stty cols 30 rows 9'"
    local pid = t:expect "\r\ntrue":match "(%d+)$"
    t:expect "2> "
    t:type "string.rep('x', 30"
    assert(os.execute("kill -WINCH " .. pid))
    t:expect "string.rep('x', 30"
    t:type "00)\r"
    t:expect(("x"):rep(300) .. "\r\n... and 2700 more bytes: print(_) shows all of it")
    t:leave()
  end)

  it("stops a wait on Ctrl-C and goes on", function()
    local t = start()
    t:line "require 'luv'.new_timer():start(60000, 0, print)" -- until then something may happen
    t:line "print 'waits' lunq.sleep(1e6)"
    t:expect "\nwaits\r\n"
    t:type "\3"
    t:expect "interrupted\r\n3> "
    t:type "40 + 2\r"
    t:expect "\n42\r\n"
    t:leave()
  end)

  it("stops a task that never waits, on Ctrl-C while a person types", function()
    local t = start()
    t:line "lunq.spawn(function() lunq.sleep(0.1) io.write 'busy' while true do end end)"
    t:expect "2> "
    t:type "40 + "
    os.execute "sleep 0.3" -- the task hogs the program: nothing it wrote is shown yet
    t:type "\3"
    t:expect "busy"
    t:expect "^C"
    t:line "40 + 2, #require 'lunq.core'.tasks()"
    t:expect "\n42\r\n0\r\n"
    t:leave()
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
    t:leave()
  end)

  it("stops running code on Ctrl-C", function()
    local t = start()
    t:line "print('go') while true do end"
    t:expect "\ngo\r\n"
    t:type "\3"
    t:expect "interrupted"
    t:line "40 + 2"
    t:expect "\n42\r\n"
    t:leave()
  end)

  it("ends on SIGTERM as on Ctrl-D", function()
    local t = start()
    t:line "io.open('/proc/self/stat'):read 'n'"
    t:expect "\r\n"
    local pid = t:expect "\r\n"
    t:expect "> " -- while the result was printed the signal would end the program as it does a script
    assert(os.execute("kill -TERM " .. pid))
    local code, rest = t:finish()
    assert.equal(0, code, rest)
  end)

  it("cuts an error to a screen, and keeps it", function()
    local t = start()
    t:line "error(('x\\n'):rep(300) .. 'end', 0)"
    t:expect "more lines: print(_err) shows all of it"
    t:line "#_err"
    t:expect "\n603\r\n"
    t:leave()
  end)

  it("keeps history between sessions, in $XDG_STATE_HOME/lunq/history", function()
    local t = start()
    t:line "'re' .. 'member'"
    t:expect "\nremember\r\n"
    t:leave()
    local f <close> = assert(io.open(dir .. "/lunq/history"))
    assert.truthy(f:read "a":find("member", 1, true))
    t = start()
    t:line "\16" -- Ctrl-P: the line before
    t:expect "\nremember\r\n"
    t:leave()
  end)

  -- The last to save used to win: what another prompt had kept meanwhile was gone.
  it("shares the history file with other prompts, whatever their lines are made of", function()
    local one, two = start(), start()
    one:line "'from' .. 'one'"
    one:expect "\nfromone\r\n"
    two:line "'b\\\\c\tu{e9} \u{e9}' .. 'two'"
    two:expect "two\r\n"
    two:leave()
    one:line "1"
    one:leave()
    local text = {}
    for line in io.lines(dir .. "/lunq/history") do text[#text + 1] = line end
    assert.equal("_HiStOrY_V2_", text[1])
    assert.same({ "'from'\\040..\\040'one'", "'b\\134\\134cu{e9}\\040\\303\\251'\\040..\\040'two'", "1" },
                { table.unpack(text, #text - 2) })
    local t = process.terminal("LC_ALL=C.UTF-8 XDG_STATE_HOME=" .. dir)
    t:line "\16\16\16" -- Ctrl-P three times: the line of `one`
    t:expect "\nfromone\r\n"
    t:line "\16\16\16" -- and that of `two`
    t:expect "\nb\\cu{e9} \u{e9}two\r\n"
    t:leave()
  end)

  it("keeps the history file small, and one line once", function()
    local file = dir .. "/lunq/history"
    local f = assert(io.open(file, "w"))
    f:write "_HiStOrY_V2_\n"
    for i = 1, 2500 do f:write("line", i, "\n") end
    f:close()
    local t = start()
    t:line "7"
    t:expect "\n7\r\n"
    t:line "7"
    t:expect "\n7\r\n"
    t:leave()
    local lines = {}
    for line in io.lines(file) do lines[#lines + 1] = line end
    assert.same({ 1002, "_HiStOrY_V2_", "line1501", "line2500", "7" },
                { #lines, lines[1], lines[2], lines[#lines - 1], lines[#lines] })
  end)

  it("does without a history file it can't write", function()
    local t = process.terminal "XDG_STATE_HOME=/dev/null/x"
    t:line "6 * 7"
    t:expect "\n42\r\n"
    t:leave()
  end)

  it("completes a name with TAB", function()
    local t = start()
    t:line "string.forma\t('%d!', 12)"
    t:expect "\n12!\r\n"
    t:leave()
  end)

  it("has lunq without require, and exits with os.exit's code", function()
    local t = start()
    t:line "lunq == require 'lunq'"
    t:expect "\ntrue\r\n"
    t:line "os.exit(9)"
    assert.equal(9, (t:finish()))
  end)
end)

describe("the prompt's error messages", function()
  local trouble = require "lunq.repl.trouble"
  local lunq = require "lunq"

  local function text_of(f)
    local _, caught = xpcall(f, trouble.catch)
    local session = { source_line = function() end }
    return trouble.text(caught, session, function(_, text) return text end):match "^[^\n]*"
  end

  it("say so when a method was called with a dot", function()
    local ol <close> = lunq.Overlay { ip = { leds = { vlnv = "xilinx.com:ip:axi_gpio:2.0", address = 0x41200000 } } }
    for _, call in ipairs {
      function() ol.is_loaded() end, function() ol.download() end, function() ol.leds.read(0) end,
      function() ol.leds.channel1.write(3) end, function() ol.leds[0].on() end, function() ol.leds.mmio.read(0) end,
      function() ol.leds.read("x") end, function() ol.leds.read {} end,
    } do
      assert.matches("(a method needs ':', as in obj:name())", text_of(call), 1, true)
    end
  end)

  it("leave other messages as they are", function()
    assert.equal("no", text_of(function() error("no", 0) end))
    assert.matches("attempt to index a nil value %(local 'x'%)$", text_of(function()
      local x = nil
      return x.y
    end))
    local module = {}
    function module.of(self) return self.x.y end -- no method, whatever its argument is called
    assert.matches("attempt to index a nil value %(field 'x'%)$", text_of(function() return module.of({}) == 1 end))
  end)
end)

describe("completion", function()
  local complete = require "lunq.repl.complete"

  it("goes along raw tables only and never calls code", function()
    local called = false
    _G.completion_probe = setmetatable({ alpha = {} }, { __index = function() called = true end })
    finally(function() _G.completion_probe = nil end)
    assert.same({ "completion_probe.alpha" }, complete.words "completion_probe.al")
    assert.same({}, complete.words "completion_probe.missing.x")
    assert.is_false(called)
  end)

  it("names the properties of a DMA channel as well, and each can be read", function()
    local lunq = require "lunq"
    local ol <close> = lunq.Overlay { ip = { dma = { vlnv = "xilinx.com:ip:axi_dma:7.1", address = 0x40400000 } } }
    local env, seen = { ch = ol.dma.recvchannel }, {}
    for _, word in ipairs(complete.words("ch.", env)) do
      seen[#seen + 1] = word:match "%.(.*)"
      assert.is_not_nil(env.ch[seen[#seen]])
    end
    local _, e = pcall(function() return env.ch.nothing end)
    for name in tostring(e):match ": (.*)":gmatch "[%w_]+" do
      assert.truthy(table.concat(seen, " "):find(name, 1, true), name)
    end
  end)

  it("names the fields of other objects of the core, and each can be read", function()
    local lunq = require "lunq"
    local ol <close> = lunq.Overlay "overlays/gpio_interrupts/gpio_interrupts.hwh"
    local gpio <close> = lunq.GPIO(lunq.GPIO.get_gpio_pin(0), "out")
    local task <close> = lunq.spawn(function() lunq.sleep(1) end)
    local hold <close> = ol.timer.interrupts.interrupt:hold()
    local objects = { device = ol.device, event = lunq.event "e", gpio = gpio, task = task, hold = hold,
                      design = ol.design }
    local known = {
      device = "closed direct kind loads memory name open serial", event = "count name set wait",
      gpio = "device direction index path", task = "background cancel done id name state wait",
      hold = "close fired wait", design = "arch board file format name part partial ps tool",
    }
    for name, fields in pairs(known) do
      local words = table.concat(complete.words(name .. ".", objects), " ") .. " "
      for field in fields:gmatch "%S+" do
        assert.truthy(words:find(("%s.%s "):format(name, field), 1, true), name .. "." .. field)
        assert.is_not_nil(objects[name][field], name .. "." .. field)
      end
    end
  end)

  it("names the fields of a register, and reads none", function()
    local lunq = require "lunq"
    local ip = { uart = { vlnv = "xilinx.com:ip:axi_uartlite:2.0", address = 0x42c00000 } }
    local ol <close> = lunq.Overlay { ip = ip }
    local env = { r = ol.uart.register_map.STAT_REG }
    local before = ol.device:stats(true).uart.reads
    assert.same({ "r.Frame_Error" }, complete.words("r.Fr", env))
    assert.equal(before, ol.device:stats(false).uart.reads)
  end)

  it("knows methods behind __index tables, keywords, globals and locals of the session", function()
    assert.same({ "string.format" }, complete.words "string.form")
    assert.same({ "function" }, complete.words "functi")
    assert.same({ "lunq" }, complete.words "lun")
    assert.same({ "here", "here2" }, complete.words("here", { here = 1, here2 = 2 }))
    _G.completion_probe = setmetatable({}, { __index = { go = 1 } })
    finally(function() _G.completion_probe = nil end)
    assert.same({ "completion_probe:go" }, complete.words "completion_probe:g")
  end)

  describe("of an overlay", function()
    local lunq = require "lunq"
    local Fir, made, env

    before_each(function()
      made = false
      Fir = lunq.DefaultIP:extend {
        bindto = { "acme.com:user:fir:1.0" }, set_taps = print,
        registers = { CTRL = { address_offset = 0, fields = { GO = { bit_offset = 0, bit_width = 1 } } } },
      }
      function Fir.init() made = true end
      env = { ol = lunq.Overlay {
        ip = { ["video/fir"] = { vlnv = "acme.com:user:fir:1.0", address = 0x43C00000 } } } }
    end)
    after_each(function() Fir:unregister() end)

    it("finds members without making their objects", function()
      assert.same({ "ol.video" }, complete.words("ol.vi", env))
      assert.same({ "ol.video.fir" }, complete.words("ol.video.fi", env))
      assert.same({ "ol.video.fir:set_taps" }, complete.words("ol.video.fir:set", env))
      assert.is_false(made)
    end)

    it("finds registers and fields without making a register map", function()
      assert.same({ "ol.video.fir.register_map" }, complete.words("ol.video.fir.register_", env))
      assert.same({ "ol.video.fir.register_map.CTRL" }, complete.words("ol.video.fir.register_map.", env))
      assert.same({ "ol.video.fir.register_map.CTRL.GO" }, complete.words("ol.video.fir.register_map.CTRL.", env))
      assert.is_false(made)
    end)

    it("finds the keys of its dictionaries", function()
      assert.equal('o/fir"', (complete.line('ol.ip_dict["vide', env)))
    end)
  end)

  it("offers what makes classes for classes only", function()
    local lunq = require "lunq"
    local env = { ol = lunq.Overlay "overlays/gpio_interrupts/gpio_interrupts.hwh", C = lunq.DefaultIP }
    assert.same({ "C.extend", "C.init", "C.unregister" },
                { complete.words("C.exten", env)[1], complete.words("C.ini", env)[1], complete.words("C.unr", env)[1] })
    for _ = 1, 2 do
      for _, word in ipairs { "ol.leds:init", "ol.leds:extend", "ol:is_subclass", "ol.leds.bindto", "ol.leds.unreg" } do
        assert.same({}, complete.words(word, env), word)
      end
      assert.same({ "ol.leds.read" }, complete.words("ol.leds.rea", env))
      assert.is_function(env.ol.leds.read)
    end
    env.ol:free()
  end)

  -- Nothing was offered behind these before somebody had used the IP.
  it("finds what drivers will make, lines and pins, before and after", function()
    local lunq = require "lunq"
    local env = { ol = lunq.Overlay "overlays/gpio_interrupts/gpio_interrupts.hwh", list = { { name = 1 } } }
    for _ = 1, 2 do
      for line, rest in pairs {
        ["ol.leds.channel2:setdir"] = "ection", ["ol.leds[0]:togg"] = "le", ["ol.leds.channel1[3]:togg"] = "le",
        ["ol.timer.timer0:star"] = "t", ["ol.timer.mmio:read_b"] = "lock", ["ol.panel.btns.ip2intc_irpt:expl"] = "ain",
        ["ol.panel.btns.interrupts."] = "ip2intc_irpt", ["ol.timer.interrupts.interrupt:expl"] = "ain",
        ["x = list[1].na"] = "me", ["ol.timer.phys"] = "_addr",
        ["ol.leds.parameters.C_IS_D"] = "UAL", ['ol["timer"].timer1:cap'] = "ture",
      } do
        assert.same({ line, rest }, { line, (complete.line(line, env)) })
      end
      assert.same({}, complete.words("ol.panel.btns.channel2:", env)) -- it has one only
      assert.is_function(env.ol.leds[0].toggle)
      assert.is_function(env.ol.timer.timer0.start)
      assert.is_function(env.ol.panel.btns.channel1.read)
    end
    local dma = { ol = lunq.Overlay "overlays/dma_loopback/dma_loopback.hwh" }
    assert.same({ "ol.axi_dma.sendchannel:transfer", "ol.axi_dma.sendchannel:transferred" },
                complete.words("ol.axi_dma.sendchannel:tran", dma))
    env.ol:free()
    dma.ol:free()
  end)

  it("finds what an HLS core can do", function()
    local env = { ol = require "lunq".Overlay "overlays/adder/adder.hwh" }
    for _ = 1, 2 do
      assert.same({ "ol.adder:call" }, complete.words("ol.adder:ca", env))
      assert.same({ "ol.adder.signature" }, complete.words("ol.adder.sig", env))
      assert.equal(7, env.ol.adder:call(3, 4)) -- also when the object is there
    end
  end)

  it("finds files and folders in strings, for Overlay only designs", function()
    local dir = os.tmpname()
    os.remove(dir)
    assert(os.execute(("mkdir -p %s/sub && touch %s/a.hwh %s/a.txt"):format(dir, dir, dir)))
    finally(function() os.execute("rm -r " .. dir) end)
    assert.equal('.hwh"', (complete.line(('lunq.Overlay("%s/a'):format(dir))))
    assert.equal("b/", (complete.line(("lunq.Overlay '%s/su"):format(dir))))
    local insert, show = complete.line(('io.open("%s/'):format(dir))
    assert.is_nil(insert)
    assert.equal("a.hwh  a.txt  sub/", show)
  end)

  it("finds what ol:monitor takes by name: IP, registers, fields", function()
    local lunq = require "lunq"
    local ol <close> = lunq.Overlay "overlays/dma_loopback/dma_loopback.hwh"
    local env = { ol = ol }
    assert.equal('_dma', (complete.line('ol:monitor("axi', env)))
    local _, shown = complete.line('ol:monitor("axi_dma', env)
    assert.match("^axi_dma +axi_dma_sg", shown)
    assert.equal('ENGTH"', (complete.line('ol:monitor "axi_dma.MM2S_L', env)))
    assert.equal('e"', (complete.line('ol:monitor("axi_dma", "axi_dma.MM2S_DMASR.Idl', env)))
    assert.is_nil(next(ol._tree.objects)) -- none was made for it
    assert.is_nil((complete.line('ol:monitor("no.such.th', env)))
  end)

  it("finds devices in strings", function()
    assert.equal('000"', (complete.line 'lunq.Overlay("x.hwh", { device = "sim:zynq7'))
    for _, kind in ipairs((require "lunq.core".device_kinds())) do -- whatever this build has
      local insert, show = complete.line('lunq.Device.open("' .. kind)
      assert.truthy(insert or show, kind)
    end
  end)

  it("shows no more than a screen", function()
    local many = {}
    for i = 1, 500 do many[("name_%03d"):format(i)] = i end
    local _, show = complete.line("many.name_", { many = many }, 40, 10)
    assert.equal("... 500 in all; type more of the name", show:match "[^\n]*$")
    assert.equal(8, select(2, show:gsub("\n", "")) + 1)
  end)
end)

describe("a session of the prompt", function()
  local Session = require "lunq.repl.session"

  it("compiles expressions and statements, and knows what is unfinished", function()
    local session = Session.new()
    assert.equal(3, session:compile "1 + 2" ())
    assert.is_function(session:compile "x = 1")
    for _, text in ipairs { "for i = 1, 2 do", "f(", "{ 1,", "x = [[", "function f()", "local a =" } do
      local chunk, _, incomplete = session:compile(text)
      assert.same({ nil, true }, { chunk, incomplete }, text)
    end
    local _, message, incomplete = session:compile "x = = 1"
    assert.same({ "[1]:1: unexpected symbol near '='", false }, { message, incomplete })
  end)

  local function kept(text) return (Session.keep_locals(text)) end

  it("makes locals outside all blocks stay, without moving a line", function()
    assert.equal(";     a = 1", kept "local a = 1")
    assert.equal(";     a, b=nil;\nf()", kept "local a, b\nf()")
    assert.equal(";     a         = 1", kept "local a <const> = 1")
    assert.equal(";     function f() local x = 1 end ;     y = 2",
                 kept "local function f() local x = 1 end local y = 2")
    for _, inside in ipairs { "do local x = 1 end", "if a then local x = 1 else local y = 2 end",
                              "for i = 1, 2 do local x = i end", "while x do local y = 1 end",
                              "repeat local x = 1 until x", "f(function() local x = 1 end)",
                              "s = 'local x = 1' -- local y", "s = [[local x]]", "s = \"\\\" local z\"" } do
      assert.equal(inside, kept(inside))
    end
  end)

  it("lets a local hide a global, and leaves other assignments global", function()
    local session = Session.new()
    finally(function() _G.session_global = nil end)
    session:compile "session_global = 1" ()
    assert.equal(1, _G.session_global)
    session:compile "local session_global = session_global + 1" ()
    session:compile "session_global = session_global * 10" ()
    assert.same({ 1, 20 }, { _G.session_global, session.env.session_global })
  end)

  it("lets go of old results", function()
    local session = Session.new()
    for i = 1, 12 do session:done("", 1, i) end
    assert.same({ 12, 12, 3 }, { session.env._, session.env._12, session.env._3 })
    assert.is_nil(session.env._2)
  end)
end)

describe("results at the prompt", function()
  local show = require "lunq.repl.show"

  it("are tables sorted, nested, cut and without calling __pairs or __index", function()
    assert.equal("{}", show.value {})
    assert.equal('{ 1, "a", [10] = true, b = { c = 2 } }', show.value { 1, "a", b = { c = 2 }, [10] = true })
    assert.equal("text", show.value "text")
    assert.equal("{ { { { ... } } } }", show.value { { { { { 1 } } } } })
    local long = {}
    for i = 1, 100 do long[i] = i end
    assert.matches("  60,\n  %.%.%.\n}$", show.value(long))
    local cycle = {}
    cycle.self = cycle
    assert.is_string(show.value(cycle))
    assert.equal("object!", show.value(setmetatable({}, { __tostring = function() return "object!" end })))
  end)

  -- ol.ip_dict.NAME used to show the whole tree: each entry has its overlay in it.
  it("have a line for an object inside a table", function()
    local object = setmetatable({}, { __tostring = function() return "Big thing\n  with\n  contents" end })
    assert.equal("{ a = Big thing ... }", show.value { a = object })
    assert.equal("Big thing\n  with\n  contents", show.value(object))
    local lunq = require "lunq"
    local ol <close> = lunq.Overlay "overlays/dma_loopback/dma_loopback.hwh"
    local text = show.value(ol.ip_dict.axi_dma)
    assert.matches("\n  overlay = Overlay dma_loopback.hwh [^\n]* loaded %.%.%.,\n", text)
    assert.is_nil(text:find("processing_system7_0  ", 1, true))
  end)

  -- print(ol.ip_dict) said "table: 0x5599...".
  it("of an overlay's dictionaries are what print shows", function()
    local lunq = require "lunq"
    local ol <close> = lunq.Overlay "overlays/dma_loopback/dma_loopback.hwh"
    assert.equal(show.value(ol.ip_dict), tostring(ol.ip_dict))
    assert.matches("^{\n  axi_dma = {\n    addr_range = 65536,\n", tostring(ol.ip_dict))
    assert.matches("\n  phys_addr = 1077936128,\n", tostring(ol.ip_dict.axi_dma))
    assert.equal("{}", tostring(ol.gpio_dict))
    assert.matches('  ["axi_dma/mm2s_introut"] = {', tostring(ol.interrupt_pins), 1, true)
  end)

  it("of register maps are tables: offset, name, value, and the fields that are not 0", function()
    local lunq = require "lunq"
    local ol <close> = lunq.Overlay "overlays/gpio_interrupts/gpio_interrupts.hwh"
    assert.equal("  0x11c  GIER       0x80000000  Global_Interrupt_Enable=1",
                 show.value(ol.panel.btns.register_map):match "[^\n]*GIER[^\n]*")
    local adder <close> = lunq.Overlay "overlays/adder/adder.hwh"
    local text = show.value(adder.adder.register_map)
    assert.equal("  0x00  CTRL    not read: a read clears AP_DONE", text:match "^[^\n]*")
    assert.equal("  0x10  a       0x00000000", text:match "[^\n]*  a  [^\n]*")
  end)

  it("are cut to a screen, with a hint", function()
    local plain = function(_, text) return text end
    assert.equal("a\nb", show.result("a\nb", 80, 24, plain))
    local text = show.result(("line\n"):rep(100), 80, 24, plain)
    assert.equal("... and 79 more lines: print(_) shows all of it", text:match "[^\n]*$")
    assert.equal(22, select(2, text:gsub("\n", "")) + 1)
  end)
end)
