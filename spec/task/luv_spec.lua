-- lua-luv in LUNQ's own loop: timers, sockets and threads beside tasks and hardware.
local lunq = require "lunq"
local process = dofile "spec/program/process.lua"

local has, uv = pcall(require, "luv")
local function luv_it(name, f)
  if has then it(name, f) else pending(name .. " (lua-luv is not installed)") end
end

local function fails(f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok)
  return e
end

local function lunq_e(code) return process.lunq("-e", code) end

describe("lua-luv", function()
  after_each(process.clean)

  luv_it("shares the loop: its callbacks run while a script or a task waits", function()
    local e, fired = lunq.event "timer", 0
    local timer = uv.new_timer()
    timer:start(5, 0, function()
      fired = fired + 1
      e:set()
    end)
    e:wait(2)
    assert.equal(1, fired)
    timer:close()
    lunq.sleep(0)
  end)

  luv_it("makes simulated time pass as the wall clock's while its handles are open", function()
    local timer = uv.new_timer()
    timer:start(1000, 0, function() end)
    local before = uv.hrtime()
    lunq.sleep(0.02)
    local took = (uv.hrtime() - before) / 1e9
    timer:close()
    lunq.sleep(0)
    assert.is_true(took > 0.015 and took < 1, took)
  end)

  luv_it("brings sockets to tasks", function()
    local server, got = uv.new_tcp(), {}
    server:bind("127.0.0.1", 0)
    local arrived = lunq.event "data"
    server:listen(8, function()
      local peer = uv.new_tcp()
      server:accept(peer)
      peer:read_start(function(_, data)
        if data then
          got[#got + 1] = data
          arrived:set()
        else
          peer:close()
        end
      end)
    end)
    local client = uv.new_tcp()
    client:connect("127.0.0.1", server:getsockname().port, function() client:write "hello" end)
    lunq.run(function() arrived:wait(2) end)
    client:close()
    server:close()
    lunq.sleep(0.02)
    assert.same({ "hello" }, got)
  end)

  luv_it("can't be blocked: a callback that waits is told to start a task", function()
    local e, why, ran = lunq.event(), nil, nil
    local timer = uv.new_timer()
    timer:start(1, 0, function()
      why = select(2, pcall(lunq.sleep, 1))
      lunq.spawn(function()
        lunq.sleep(0.001)
        ran = true
        e:set()
      end)
      timer:close()
    end)
    e:wait(2)
    assert.is_true(ran)
    assert.equal("runtime", why.kind)
    assert.matches("not possible in a callback of the event loop: start a task", tostring(why))
  end)

  -- A callback of a timer that runs once, after a millisecond.
  local function soon(f)
    local timer = uv.new_timer()
    timer:start(1, 0, function()
      timer:close()
      f()
    end)
  end

  local function warnings(f) return lunq.warnings.capture(f) end

  -- luv's own way is to end the process.
  luv_it("an error in a callback is shown with its traceback, and the script goes on", function()
    local e = lunq.event()
    local list = warnings(function()
      soon(function()
        local function inner() lunq.core.design_from_table(3) end
        inner()
      end)
      soon(function() error(setmetatable({}, { __tostring = function() error "unspeakable" end })) end)
      soon(function() e:set() end)
      e:wait(2)
    end)
    assert.equal(2, #list)
    assert.equal("task", list[1].category)
    assert.matches("^A callback of luv failed: .*table.*\nstack traceback:.*luv_spec.lua:%d+: in .*inner", list[1].text)
    assert.equal("A callback of luv failed, and the error can't be shown.", list[2].text)
  end)

  luv_it("a callback that failed leaves nothing behind for those after it", function()
    local timer, n, e = uv.new_timer(), 0, lunq.event()
    local list = warnings(function()
      timer:start(1, 1, function()
        n = n + 1
        if n == 300 then
          timer:close()
          e:set()
        end
        error "again"
      end)
      e:wait(5)
    end)
    assert.equal(300, #list)
  end)

  luv_it("may be required by a task that has ended since", function()
    local code, out, err = lunq_e [[
      local uv
      lunq.run(function() uv = require "luv" end)
      for _ = 1, 10 do collectgarbage() end
      local t = uv.new_timer()
      t:start(1, 0, function() t:close() print "fired" end)
      uv.run()]]
    assert.same({ 0, "fired\n", "" }, { code, out, err })
  end)

  luv_it("threads print their errors, and the script goes on", function()
    local code, out, err = lunq_e [[
      local uv = require "luv"
      uv.new_thread(function() error "in a thread" end):join()
      uv.new_work(function() error "in work" end, function() end):queue()
      uv.run()
      print "after"]]
    assert.same({ 0, "after\n" }, { code, out })
    assert.matches("in a thread.*in work", err)
  end)

  luv_it("os.exit in a callback ends the process as anywhere", function()
    local code, _, err = lunq_e [[
      local x = setmetatable({}, { __gc = function() io.stderr:write "collected" end })
      local t = require "luv".new_timer()
      t:start(1, 0, function() os.exit(7) end)
      lunq.sleep(5)]]
    assert.same({ 7, "collected" }, { code, err })
  end)

  describe("run", function()
    luv_it("ends with the last handle, and tasks and hardware go on meanwhile", function()
      local ticks = 0
      local ticker <close> = lunq.spawn(function()
        while true do
          lunq.sleep(0.0001)
          ticks = ticks + 1
        end
      end)
      local turns = 0
      local function again() -- until the task has gone on, which may take turns on a busy machine
        turns = turns + 1
        if ticks < 2 and turns < 10000 then soon(again) end
      end
      soon(again)
      assert.is_false(uv.run())
      assert.is_true(ticks >= 2, ticks)
      assert.is_false(uv.run())
      assert.equal("waiting", ticker.state)
    end)

    luv_it("may be called by tasks, several at a time, and be given a time limit", function()
      soon(function() end)
      assert.same({ false, false }, { lunq.gather(uv.run, uv.run) })
      local timer = uv.new_timer()
      timer:start(100000, 0, function() end)
      assert.equal("timeout", fails(lunq.timeout, 0.01, uv.run).kind)
      timer:stop() -- no turn of the loop says that the last one has gone
      assert.is_false(uv.run())
      local stopper = lunq.spawn(function()
        lunq.sleep(0.001)
        timer:stop()
      end)
      timer:again()
      timer:start(100000, 0, function() end)
      assert.is_false(uv.run())
      stopper:wait()
      timer:close()
      uv.run "nowait"
    end)

    luv_it("knows luv's modes, and stop ends it", function()
      local timer, n = uv.new_timer(), 0
      timer:start(1, 1, function() n = n + 1 end)
      assert.is_true(uv.run "once")
      assert.equal(1, n)
      assert.is_true(uv.run "nowait")
      lunq.spawn(function()
        lunq.sleep(0.003)
        uv.stop()
      end)
      assert.is_true(uv.run())
      assert.is_true(n > 1, n)
      timer:close()
      assert.is_false(uv.run())
      assert.matches("invalid option", fails(uv.run, "twice"))
    end)

    -- A turn of the loop outside of any wait: nothing could turn it while a callback of it waits.
    luv_it("\"nowait\" runs callbacks that can't wait either", function()
      local whys = {}
      for _, run in ipairs { function() uv.run "nowait" end, function() lunq.run(uv.run, "nowait") end } do
        for _, wait in ipairs { uv.run, function() lunq.sleep(0.001) end } do
          local before = #whys
          local keep = uv.new_timer()
          keep:start(100000, 0, function() end)
          soon(function() whys[#whys + 1] = fails(wait) end)
          for _ = 1, 1000 do
            if #whys > before then break end
            uv.sleep(1)
            run()
          end
          keep:close()
        end
      end
      assert.equal(4, #whys)
      for _, e in ipairs(whys) do assert.matches("is not possible in a callback of the event loop", tostring(e)) end
    end)

    luv_it("is not possible in a callback", function()
      local why
      soon(function() why = fails(uv.run) end)
      soon(function() soon(function() end) end)
      uv.run()
      assert.equal("runtime", why.kind)
      assert.matches("Waiting for the handles of luv is not possible in a callback", tostring(why))
    end)
  end)

  -- It used to free what the next wait runs.
  luv_it("the loop can't be closed by a script", function()
    local e = fails(uv.loop_close)
    assert.equal("unsupported", e.kind)
    assert.matches("^The loop belongs to LUNQ", tostring(e))
  end)
end)
