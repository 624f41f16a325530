-- gather, race, timeout, on, run.
local lunq = require "lunq"

local function fails(f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok)
  return e
end

local function after(seconds, ...)
  local values = table.pack(...)
  return function()
    lunq.sleep(seconds)
    return table.unpack(values, 1, values.n)
  end
end

describe("gather", function()
  it("waits for all and gives their first results in order", function()
    local start = lunq.now()
    assert.same({ "a", "b", "c" }, { lunq.gather(after(2, "a"), after(3, "b", "more"), after(1, "c")) })
    assert.near(3, lunq.now() - start, 1e-6)
    assert.same({ 1, 2 }, { lunq.gather { after(1, 1), after(2, 2) } })
  end)

  it("takes tasks too, and keeps nil in its place", function()
    local t = lunq.spawn(after(1, "x"))
    assert.same({ "x", nil, "y", n = 3 }, table.pack(lunq.gather(t, after(1), after(1, "y"))))
  end)

  it("raises the first error and cancels what it started, not what it was given", function()
    local mine = lunq.spawn(after(5, "mine"))
    local closed = 0
    local function slow()
      local _ <close> = setmetatable({}, { __close = function() closed = closed + 1 end })
      lunq.sleep(100)
    end
    local e = fails(lunq.gather, slow, mine, function()
      lunq.sleep(1)
      error({ "first" })
    end, slow)
    assert.same({ "first" }, e)
    assert.equal(2, closed)
    assert.equal("mine", mine:wait())
  end)

  it("nests, and a time limit around it ends all of it", function()
    local ended = 0
    local function leaf()
      local _ <close> = setmetatable({}, { __close = function() ended = ended + 1 end })
      lunq.sleep(100)
    end
    local function branch() lunq.gather(leaf, leaf) end
    local e = fails(lunq.timeout, 1, function() lunq.gather(branch, branch, leaf) end)
    assert.equal("timeout", e.kind)
    assert.equal(5, ended)
  end)

  -- Found by stress_spec.lua: it was told that Lua can't suspend it there, as a failure of the other.
  it("may be cancelled by what it started, which then ends at its next wait", function()
    local outer, log = nil, {}
    local list = lunq.warnings.capture(function()
      outer = lunq.spawn(function()
        lunq.gather(function()
          local _ <close> = setmetatable({}, { __close = function() log[#log + 1] = "closed" end })
          assert.is_true(outer:cancel())
          log[#log + 1] = "still running"
          lunq.sleep(1)
          log[#log + 1] = "slept"
        end)
      end)
      lunq.sleep(2)
    end)
    assert.same({}, list)
    assert.same({ "cancelled", "still running", "closed" }, { outer.state, table.unpack(log) })
  end)

  it("needs something to wait for", function()
    local e = fails(lunq.gather)
    assert.same({ "value", "gather needs tasks or functions" }, { e.kind, tostring(e) })
  end)
end)

describe("race", function()
  it("gives the first one's place and results, and cancels the others", function()
    local lost
    local start = lunq.now()
    local result = table.pack(lunq.race(after(3, "slow"), after(1, "fast", 2), function()
      local _ <close> = setmetatable({}, { __close = function() lost = true end })
      lunq.sleep(50)
    end))
    assert.same({ 2, "fast", 2, n = 3 }, result)
    assert.is_true(lost)
    assert.near(1, lunq.now() - start, 1e-6)
  end)

  it("raises when the first one failed", function()
    assert.matches("lost$", fails(lunq.race, after(3), function() error "lost" end))
  end)
end)

describe("timeout", function()
  it("gives what the function returns", function()
    assert.same({ 1, 2, 3 }, { lunq.timeout(2, after(1, 1, 2, 3)) })
    assert.equal(5, lunq.timeout(2, function(a, b) return a + b end, 2, 3))
  end)

  it("raises `timeout` and has cancelled the function", function()
    local closed
    local e = fails(lunq.timeout, 0.5, function()
      local _ <close> = setmetatable({}, { __close = function() closed = lunq.now() end })
      lunq.sleep(10)
    end)
    assert.equal("timeout", e.kind)
    assert.matches("did not finish within 0.5 s: it waits for the end of a sleep%.$", tostring(e))
    assert.near(lunq.now(), closed, 1e-6)
  end)

  it("passes errors on", function()
    assert.matches("mine$", fails(lunq.timeout, 1, function() error "mine" end))
  end)

  it("is not the limit of all waits, and says so", function()
    local e = fails(lunq.timeout, "x")
    assert.equal("type", e.kind)
    assert.matches("lunq.time_limit", tostring(e))
    assert.equal("attribute", fails(function() lunq.timeout = 3 end).kind)
  end)
end)

describe("on", function()
  it("calls for each event, and the function may wait", function()
    local e, log = lunq.event "button", {}
    local on <close> = lunq.on(e, function(count)
      log[#log + 1] = count
      lunq.sleep(1)
    end)
    lunq.sleep(0)
    e:set()
    lunq.sleep(0.1)
    e:set()
    e:set() -- both while the first is being served: delivered together
    lunq.sleep(5)
    assert.same({ 1, 2 }, log)
    assert.matches("on Event button", on.name)
  end)

  it("shows an error of the function with its traceback, and goes on", function()
    local e, calls = lunq.event "button", 0
    local on <close> = lunq.on(e, function()
      calls = calls + 1
      lunq.sleep(0.1)
      if calls == 1 then error "in callback" end
    end)
    local list = lunq.warnings.capture(function()
      e:set()
      lunq.sleep(1)
      e:set()
      lunq.sleep(1)
    end)
    assert.same({ 2, 1, "waiting" }, { calls, #list, on.state })
    assert.matches("^A callback of Event button.* failed: .*group_spec.lua:%d+: in callback\nstack traceback:",
                   list[1].text)
  end)

  it("ends with cancel, and with an error of its source", function()
    local e, count = lunq.event(), 0
    local on = lunq.on(e, function() count = count + 1 end)
    e:set()
    lunq.sleep(1)
    on:cancel()
    e:set()
    lunq.sleep(1)
    assert.equal(1, count)
    local source = { wait = function() error "no more" end }
    local list = lunq.warnings.capture(function()
      on = lunq.on(source, function() end)
      lunq.sleep(1)
    end)
    assert.equal("failed", on.state)
    assert.matches("no more", list[1].text)
  end)

  it("needs a function", function()
    assert.equal("type", fails(lunq.on, lunq.event(), 3).kind)
  end)
end)

describe("an event", function()
  it("wakes all who wait, with a count and the time", function()
    local e, got = lunq.event(), {}
    for i = 1, 3 do
      lunq.spawn(function() got[i] = { e:wait() } end)
    end
    lunq.sleep(1)
    local when = lunq.core.active_device():now()
    e:set()
    lunq.sleep(0)
    assert.same({ { 1, when }, { 1, when }, { 1, when } }, got)
  end)

  it("keeps what happened while nobody waited, once", function()
    local e = lunq.event "press"
    e:set()
    e:set()
    assert.equal(2, e.count)
    assert.equal(2, (e:wait()))
    local err = fails(e.wait, e, 1)
    assert.same({ "timeout", "Event press did not happen within 1 s." }, { err.kind, tostring(err) })
    assert.matches("^Event press: 0 waiting$", tostring(e))
  end)
end)

describe("run", function()
  it("runs a function as a task and gives its results", function()
    assert.same({ 1, 2 }, { lunq.run(function(a) lunq.sleep(1) return a, 2 end, 1) })
    assert.matches("x$", fails(lunq.run, function() error "x" end))
  end)

  it("would wait for itself in a task without a function", function()
    local e = fails(lunq.run)
    assert.equal("runtime", e.kind)
    assert.matches("wait for the one that calls it", tostring(e))
  end)
end)
