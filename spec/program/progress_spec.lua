-- What takes long says how far it is: in C (progress.c beside this file), to a person, and to nobody else.
describe("the progress of long operations", function()
  local program = dofile "spec/c_program.lua" "spec/program/progress.c"

  setup(program.build)

  for name, behaviour in pairs {
    shows_late = "shows after half a second, now and then, and goes away",
    one_at_a_time = "is of one operation at a time, and of none where nobody looks",
    is_watched = "is watched by who shows it where nobody can look at the clock",
    counts_bytes = "counts bytes and looks at the clock rarely",
    large_copies = "is shown for large copies, whose bytes are the same",
    large_syncs = "is shown for much memory that goes to a device, or comes from it",
    large_files = "is shown for large files, whose bytes are all there",
  } do
    it(behaviour, function() assert.same({ true, "ok\n" }, { program.run(name) }) end)
  end
end)

describe("progress on a terminal", function()
  local process = dofile "spec/program/process.lua"
  after_each(process.clean)

  local COUNT <const> = [[
    local core = require "lunq.core"
    local function count()
      local p <close> = core.progress("counting", 100, "sheep")
      if not p then print "nobody looks" return end
      p:at(3)
      os.execute "sleep 0.55"
      p:at(50, "all \27white\u{e9}")
      p:at(51)
    end
    io.write "before "
    count()
    print "after"]]
  local DOWN <const>, BACK <const> = "\27D\27[A\0277\27[K\r\27[B", "\27[K\0278" -- a line below, and back
  local CLEAR <const> = "\0277\27[K\r\27[B\27[K\0278"

  it("is a line below what was printed, and leaves nothing", function()
    local t = process.terminal("", process.file(COUNT, ".lua"))
    t:expect "before "
    local line = t:expect "after"
    assert.match("^" .. DOWN:gsub("%p", "%%%0") .. "counting: 50 of 100 sheep, all %?white\u{e9}, %d+%.%d s"
                 .. (BACK .. CLEAR):gsub("%p", "%%%0") .. "$", line)
    assert.equal(0, (t:finish()))
  end)

  it("is nothing in a pipe and on a terminal that knows no cursor", function()
    local s = process.file(COUNT, ".lua")
    local code, out, err = process.lunq(s)
    assert.same({ 0, "before nobody looks\nafter\n", "" }, { code, out, err })
    local t = process.terminal("TERM=dumb", s)
    t:expect "before nobody looks\r\nafter\r\n"
    assert.equal(0, (t:finish()))
    t = process.terminal("", s .. " 2>/dev/null")
    t:expect "before nobody looks\r\nafter\r\n"
    assert.equal(0, (t:finish()))
  end)

  it("is said of a test that takes long, and gone before its result", function()
    local s = process.file('describe("x", function() it("is quick", function() end) '
                           .. 'it("is slow", function() os.execute "sleep .8" end) end)', "_spec.lua")
    local t = process.terminal("", "test -o TAP " .. s)
    t:expect "ok 1 - x is quick\r\n"
    t:expect(DOWN .. "test 2, is slow, " .. s)
    t:expect(CLEAR .. "ok 2 - x is slow\r\n")
    assert.equal(0, (t:finish()))
  end)

  it("is said of a test of LuaUnit where there is no busted", function()
    local s = process.file('local lu = require "luaunit"\nfunction test_slow() os.execute "sleep .8" end', ".lua")
    local t = process.terminal("LUA_PATH=/nowhere/?.lua LUA_CPATH=/nowhere/?.so", "test -o TAP " .. s)
    t:expect(DOWN .. "test 1, test_slow, ")
    t:expect(CLEAR .. "ok     1\ttest_slow\r\n")
    assert.equal(0, (t:finish()))
  end)

  it("is never in the middle of a line that is typed", function()
    local t = process.prompt()
    t:line "core = lunq.core"
    t:line "lunq.spawn(function() local p <close> = core.progress('x', 1) os.execute 'sleep .6' print(p) end)"
    t:expect "nil\r\n"
    t:leave()
  end)

  local SETUP <const> = "uv = require 'luv'; timer = uv.new_timer(); timer:start(0, 20, function() end); "
    .. "ol = lunq.Overlay 'overlays/dma_loopback/dma_loopback.hwh'; sg = ol.axi_dma_sg; "
    .. "dst, src = lunq.allocate(16384), lunq.allocate(4000); sg.recvchannel:transfer(dst)"

  it("is said of waits at the prompt, with what tasks print above it and the result after it", function()
    local t = process.prompt()
    t:line(SETUP)
    t:line "sg.sendchannel:transfer(src)"
    t:line "sg.sendchannel:wait()"
    t:expect "16000\r\n"
    t:line("lunq.spawn(function() lunq.sleep(0.7) io.write 'from a task' lunq.sleep(0.2) for i = 1, 4 do "
           .. "sg.sendchannel:transfer(i < 4 and src or src:slice(1, 4)) sg.sendchannel:wait() end end).name")
    t:line "sg.recvchannel:wait(15)"
    t:expect(DOWN .. "waiting for a DMA transfer: [##--------]  24% of 64K, ")
    t:expect(CLEAR .. "from a task\r\n")
    t:expect(DOWN .. "waiting for a DMA transfer: ")
    t:expect(CLEAR .. "64016\r\n")
    t:leave()
  end)

  it("is gone when Ctrl-C ends the wait, and nothing is said of a sleep", function()
    local t = process.prompt()
    t:line(SETUP)
    t:line "lunq.sleep(0.6); print 'slept'; lunq.event('the end'):wait(12)"
    assert.is_nil(t:expect "slept\r\n":find("\27D", 1, true))
    t:expect(DOWN .. "waiting for an event, ")
    t:expect(" s (Ctrl-C ends it)" .. BACK)
    t:type "\3"
    t:expect(CLEAR)
    t:expect "interrupted"
    t:line "40 + 2"
    t:expect "\n42\r\n"
    t:leave()
  end)

  it("is said of a driver that looks again and again, one line for all of it", function()
    local t = process.prompt()
    t:line(SETUP)
    t:line "n = 0; require 'lunq.waiting'.wait(ol.device, 0.65, 1000, function() n = n + 1 end)"
    t:expect(DOWN .. "waiting for the hardware, ")
    t:expect(" s (Ctrl-C ends it)" .. BACK)
    t:expect(CLEAR)
    t:leave()
  end)
end)
