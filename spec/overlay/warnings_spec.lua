describe("warnings", function()
  local lunq = require "lunq"
  local warnings, core = lunq.warnings, lunq.core

  after_each(function() warnings.set_hook(nil) end)

  it("go to the hook with their category", function()
    local list = warnings.capture(function()
      warnings.warn("user", "%d bitstreams", 2)
      core.warn("deprecated", "from C: 100%")
    end)
    assert.same({ { category = "user", text = "2 bitstreams" },
                  { category = "deprecated", text = "from C: 100%" } }, list)
  end)

  it("give back the hook that was set before", function()
    local function mine() end
    assert.is_nil(warnings.set_hook(mine))
    warnings.capture(function() end)
    assert.equal(mine, warnings.set_hook(nil))
  end)

  -- lunq_warn is called in the middle of C code: an error that jumped out of the hook would skip
  -- that code's clean-up.
  it("don't let an error of the hook out, whatever it raises", function()
    local evil = setmetatable({}, { __tostring = function() error("again") end })
    for _, what in ipairs { "text", evil, 12 } do
      warnings.set_hook(function() error(what) end)
      assert.has_no.errors(function() core.warn("user", "expected on standard error by warnings_spec") end)
    end
  end)

  it("work inside a coroutine and inside the hook itself", function()
    local depth, got = 0, {}
    warnings.set_hook(function(_, text)
      got[#got + 1] = text
      depth = depth + 1
      if depth == 1 then warnings.warn("user", "inner") end
    end)
    coroutine.wrap(function() warnings.warn("resource", "outer") end)()
    assert.same({ "outer", "inner" }, got)
  end)

  it("refuse a hook that is no function", function()
    local ok, e = pcall(warnings.set_hook, 12)
    assert.is_false(ok)
    assert.same({ "type", "the warning hook should be a function or nil, not number" },
                { e.kind, tostring(e) })
  end)
end)

describe("the lunq module", function()
  local lunq = require "lunq"

  it("raises for an unknown name and offers the nearest", function()
    local ok, e = pcall(function() return lunq.Overly end)
    assert.is_false(ok)
    assert.same({ "attribute", 'lunq has no "Overly"; did you mean "Overlay"?' }, { e.kind, tostring(e) })
    ok, e = pcall(function() lunq.timeuot = 3 end)
    assert.is_false(ok)
    assert.same({ "attribute", 'lunq has no "timeuot"; did you mean "timeout"?' }, { e.kind, tostring(e) })
  end)

  it("has a time limit that can be set to a number of seconds only", function()
    local was = lunq.time_limit
    lunq.time_limit = 2.5
    assert.equal(2.5, lunq.time_limit)
    lunq.time_limit = was
    for _, bad in ipairs { -1, "3", 0 / 0 } do
      local ok, e = pcall(function() lunq.time_limit = bad end)
      assert.is_false(ok)
      assert.equal("value", e.kind)
      assert.matches("^lunq.time_limit should be a number of seconds", tostring(e))
    end
  end)

  it("lists its names without loading anything", function()
    local seen = {}
    for name in pairs(lunq) do seen[name] = true end
    assert.is_true(seen.Overlay and seen.MMIO and seen.allocate and seen.timeout)
  end)
end)

describe("nearest", function()
  local nearest = require "lunq.nearest"

  it("finds a name with a few letters wrong, swapped or of other case", function()
    local names = { "axi_dma_0", "axi_gpio_0", "buttons", "leds" }
    assert.equal("axi_dma_0", nearest.find("axi_mda_0", names))
    assert.equal("buttons", nearest.find("Button", names))
    assert.equal("leds", nearest.find("led", names))
    assert.is_nil(nearest.find("timer", names))
    assert.is_nil(nearest.find(3, names))
    assert.is_nil(nearest.find(("x"):rep(1000), names))
  end)
end)
