describe("a signal", function()
  local process = dofile "spec/program/process.lua"
  after_each(process.clean)

  local interrupted = process.interrupted

  for signal, number in pairs { INT = 2, TERM = 15 } do
    it(signal .. " ends a busy script, closing its variables and the state", function()
      local code, _, err = interrupted(signal, [[
        local x <close> = setmetatable({}, { __close = function() io.stderr:write "closed\n" end })
        print "ready" while true do end]])
      assert.equal(128 + number, code)
      assert.matches("closed\n", err)
      assert.matches("lunq: " .. (signal == "INT" and "interrupted" or "terminated") .. "\n  at ", err)
    end)
  end

  it("ends a busy coroutine, however deep", function()
    for _, text in ipairs {
      "coroutine.wrap(function() coroutine.wrap(function() print 'ready' while true do end end)() end)()",
      "local co = coroutine.create(function() print 'ready' while true do end end) \z
        local ok, e = coroutine.resume(co) error(e, 0)",
    } do
      local code, _, err = interrupted("INT", text)
      assert.equal(130, code, err)
      assert.matches("interrupted", err)
    end
  end)

  it("ends lunq test at once, not one spec", function()
    local code = interrupted("INT", [[
      local x = setmetatable({}, { __gc = function() io.stderr:write "closed" end })
      it("a", function() print "ready" while x do end end)
      it("b", function() while true do end end)]], "test -C /tmp -o TAP")
    assert.equal(130, code)
  end)

  it("ends a command, which says no more than that", function()
    local code, _, err = interrupted("INT", "print 'ready' while true do end", "info")
    assert.same({ 130, "lunq: interrupted\n" }, { code, err })
  end)

  it("can be caught, and the script goes on", function()
    local code, _, err = interrupted("INT", [[
      local ok, e = pcall(function() print "ready" while true do end end)
      io.stderr:write(tostring(ok), " ", e.kind, " ", tostring(e))]])
    assert.same({ 0, "false runtime interrupted" }, { code, err })
  end)

  it("leaves no trace in a coroutine that was not running any more", function()
    local code, _, err = interrupted("INT", [[
      local co = coroutine.create(function() while true do coroutine.yield() end end)
      pcall(function() print "ready" while true do assert(coroutine.resume(co)) end end)
      if coroutine.status(co) == "suspended" then -- else it was hit itself
        for _ = 1, 1000 do assert(coroutine.resume(co)) end
      end
      io.stderr:write "fine"]])
    assert.same({ 0, "fine" }, { code, err })
  end)
end)

-- LUNQ replaces both to know the running coroutine; they must behave as Lua's own.
describe("coroutine.resume and wrap", function()
  it("pass values both ways", function()
    local co = coroutine.create(function(a, b)
      local c = coroutine.yield(a + b)
      return c, "end"
    end)
    assert.same({ true, 3 }, { coroutine.resume(co, 1, 2) })
    assert.same({ true, "c", "end" }, { coroutine.resume(co, "c") })
    assert.same({ false, "cannot resume dead coroutine" }, { coroutine.resume(co) })
    local f = coroutine.wrap(function(...) return select("#", coroutine.yield(...)) end)
    assert.same({ 1, nil, 3 }, { f(1, nil, 3) })
    assert.equal(2, f(nil, nil))
  end)

  it("hand errors on as they are, strings with the place in wrap", function()
    local object = {}
    local co = coroutine.create(function() error(object) end)
    local ok, e = coroutine.resume(co)
    assert.is_false(ok)
    assert.equal(object, e)
    ok, e = pcall(coroutine.wrap(function() error(object) end))
    assert.is_false(ok)
    assert.equal(object, e)
    ok, e = pcall(coroutine.wrap(function() error("text", 0) end))
    assert.is_false(ok)
    assert.matches("text$", e)
    ok, e = pcall(coroutine.wrap(function() return nil + 1 end))
    assert.is_false(ok)
    assert.matches("interrupt_spec.lua:%d+: attempt to perform arithmetic", e)
  end)

  it("close the variables of a coroutine that failed in wrap", function()
    local closed
    pcall(coroutine.wrap(function()
      local _ <close> = setmetatable({}, { __close = function() closed = true end })
      error "x"
    end))
    assert.is_true(closed)
  end)

  it("refuse what is no coroutine", function()
    assert.error_matches(function() coroutine.resume(1) end, "coroutine expected")
    assert.error_matches(function() coroutine.wrap(1) end, "function expected")
  end)
end)
