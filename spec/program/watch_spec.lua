describe("lunq.watch", function()
  local process = dofile "spec/program/process.lua"
  local lunq = require "lunq"
  after_each(process.clean)

  local start <const> = process.prompt

  --- What a script prints, where output is no terminal.
  local function printed(text)
    local code, out, err = process.lunq(process.file('local lunq = require "lunq"\n' .. text, ".lua"))
    assert.equal(0, code, err)
    return out
  end

  it("draws again in place until a key, which is taken", function()
    local t = start()
    t:line "n = 10; watch(function() n = n + 1 return 'now ' .. n end)"
    t:expect "  now 11\27[K\r\n"
    t:expect "\27[1A* now 12\27[K\r\n\27[J"
    t:expect "\27[1A* now 13\27[K\r\n\27[J"
    t:type "q"
    t:line "'key ' .. (n > 12 and 'taken' or '')"
    assert.is_nil(t:expect "key taken\r\n":find("q\r\n", 1, true))
    t:leave()
  end)

  it("looks five times a second of the wall clock, and tasks go on", function()
    local t = start()
    t:line "calls, ticks = 0, 0"
    t:line "uv = require 'luv'; timer = uv.new_timer(); timer:start(0, 20, function() ticks = ticks + 1 end)"
    t:line "t0 = uv.hrtime(); watch(function() calls = calls + 1 return calls < 6 and calls or 'six' end)"
    t:expect "* six\27[K\r\n"
    t:type " "
    t:line "timer:close(); s = (uv.hrtime() - t0) / 1e9; print(s >= 0.99 and 'a second', ticks > 10 and 'ticks')"
    t:expect "a second\tticks\r\n"
    t:leave()
  end)

  it("ends on Ctrl-C without a word, and typing is as before", function()
    local t = start()
    t:line "watch(function() return 'still' end)"
    t:expect "  still\27[K\r\n"
    t:type "\3"
    assert.is_nil(t:expect "2> ":find("interrupted", 1, true))
    t:type "40 + 2\r"
    t:expect "\n42\r\n"
    t:leave()
  end)

  -- The hook raises wherever the function is; the view must not be left with the terminal in its hands.
  it("ends on Ctrl-C in the middle of a function that never comes back", function()
    local t = start()
    t:line "function hang() io.open('/dev/tty', 'w'):write('han', 'ging'):close() while true do end end"
    t:line "watch(hang)"
    t:expect "hanging"
    t:type "\3"
    t:line "40 + 2"
    t:expect "40 + 2\r\n42\r\n"
    t:leave()
  end)

  it("shows what a function raises, with the terminal as it was", function()
    local t = start()
    t:line "watch(function() error('no such thing', 0) end)"
    t:expect "no such thing"
    t:line "40 + 2"
    t:expect "40 + 2\r\n42\r\n"
    t:leave()
  end)

  it("shows above what tasks and the functions print", function()
    local t = start()
    t:line "n = 0; watch(function() n = n + 1 if n == 3 then print 'from inside' end return n end)"
    t:expect "\27[1A\27[Jfrom inside\r\n* 3\27[K\r\n"
    t:type "q"
    t:line "lunq.spawn(function() lunq.sleep(0.3) print 'from a task' end); watch(function() return 'look' end)"
    t:expect "\27[1A\27[Jfrom a task\r\n  look\27[K\r\n"
    t:type "q"
    t:leave()
  end)

  it("keeps what would move the cursor off the screen", function()
    local t = start()
    t:line "watch(function() return 'a\\27[2Jb\\tc\\r' end)"
    t:expect "  a?[2Jb  c?\27[K\r\n"
    t:type "q"
    t:line "watch(function() return ('\u{e9}'):rep(100) end)"
    t:expect("  " .. ("\u{e9}"):rep(77) .. "\27[K\r\n")
    t:type "q"
    t:leave()
  end)

  it("is not for tasks, which can't wait for a key", function()
    local t = start()
    t:line "lunq.run(function() watch(function() return 1 end) end)"
    t:expect "\nA live view (watch, monitor) waits for a key, which a task can't: call it outside of tasks; they go "
    t:leave()
  end)

  it("prints once on a terminal that knows no cursor", function()
    local t = start "TERM=dumb"
    t:line "watch(function() return 'plain' end)"
    t:expect "\r\nplain\r\n"
    t:leave()
  end)

  it("cuts what the screen has no room for", function()
    local t = start()
    t:line "watch(function() return ('line\\n'):rep(100) end)"
    t:expect "more lines\27[K\r\n"
    t:expect "\27[J\27[" -- then up to where it begins
    local up = tonumber(t:expect "A")
    assert.is_true(up <= 24, up)
    t:type "q"
    t:leave()
  end)

  it("prints once where output is no terminal", function()
    assert.equal("3\n", printed "lunq.watch(function() return 3 end)")
    assert.equal("a: 1\nb: x\n", printed "lunq.watch { b = function() return 'x' end, a = function() return 1 end }")
  end)

  it("shows registers, maps and IP", function()
    local out = printed [[
      local ol = lunq.Overlay "overlays/dma_loopback/dma_loopback.hwh"
      lunq.watch(ol.axi_dma, ol.axi_dma.register_map.MM2S_LENGTH)]]
    assert.match("^axi_dma\n  0x00  MM2S_DMACR +0x", out)
    assert.match("\nMM2S_LENGTH  0x00000000\n", out, 1, true)
  end)

  it("never reads what a read would change", function()
    local d <close> = lunq.Device.open "sim"
    local ol <close> = lunq.Overlay({ arch = "zynq", ip = {
      uart = { vlnv = "xilinx.com:ip:axi_uartlite:2.0", address = 0x42C00000, range = 0x10000 } } }, { device = d })
    local text = {}
    local was = print
    d:stats(true)
    local map = ol.uart.register_map
    local before = d:stats().uart.reads
    _G.print = function(s) text[#text + 1] = s end
    local ok, e = pcall(lunq.watch, map.RX_FIFO, map.TX_FIFO)
    _G.print = was
    assert.is_true(ok, e)
    assert.equal(before, d:stats(false).uart.reads)
    assert.match("RX_FIFO not read: a read removes a FIFO entry\nTX_FIFO not read: write-only", text[1], 1, true)
  end)

  it("says what it can show", function()
    local ok, e = pcall(lunq.watch, 7)
    assert.is_false(ok)
    assert.equal("type", e.kind)
    assert.match("argument 1 of watch should be a register, a register map, an IP or a function, not number",
                 tostring(e), 1, true)
    ok, e = pcall(lunq.watch)
    assert.is_false(ok)
    assert.equal("watch needs something to look at: watch(ol.axi_dma)", tostring(e))
  end)
end)
