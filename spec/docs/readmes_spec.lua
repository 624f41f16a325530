-- What the READMEs of the examples show is what happens: sessions at the prompt are replayed ("..." in one is any
-- text), commands succeed, and the pieces of Lua run one after another, where `ol` is the README's overlay;
-- "EXPRESSION --> value" gives that value.
describe("the READMEs of the overlays", function()
  local lunq = require "lunq"
  local show = require "lunq.repl.show"
  local process = dofile "spec/program/process.lua"
  local prompt = dofile "spec/prompt.lua"

  --- What the pieces of a README stand in the middle of.
  local AROUND <const> = {
    adder = function() return { AdderModel = {} } end,
    dma_loopback = function() return {} end,
    gpio_interrupts = function(ol)
      local finger = lunq.spawn(function()
        lunq.sleep(0.05)
        ol.device:wire("key", 1)
      end)
      finger.background = true
      return { panel = ol.panel, at = 0, direction = 1 }
    end,
    stream_filter = function() return { Filter = {}, FirModel = {}, samples = { 1, 2, 3 } } end,
  }

  --- Frees the overlay (and ends the tasks of its drivers), closes the devices.
  local function close_all(ol)
    if ol then ol:free() end
    for _, d in ipairs(lunq.core.devices()) do d:close() end
  end

  local function blocks(document, kind)
    return document:gmatch("\n```" .. kind .. "\n(.-)```")
  end

  --- A session with its gaps: its parts have to come in this order, from the beginning to the end.
  local function same_session(shown, real)
    local at = 1
    for part in (shown .. "...\n"):gmatch "(.-)%.%.%.\n" do
      local from, to = real:find(part, at, true)
      assert.truthy(from, ("%q in %q"):format(part, real))
      at = to + 1
    end
    if not shown:find "\n%.%.%.\n" then assert.equal(shown, real) end
  end

  --- The piece with its "EXPRESSION --> value" lines as checks; its overlay and buffers stay for the next.
  local function with_checks(code)
    code = code:gsub("local (%l+) <close> = (lunq%.[Oa]%l+)", "%1 = %2")
    return (code:gsub("[^\n]+", function(line)
      local expression, value = line:match "^(%S.-)%s+%-%->%s*(.-)%s*$"
      if expression and load("return " .. expression) then
        return ("check(%q, %s)"):format(value, expression)
      end
    end))
  end

  for name, around in pairs(AROUND) do
    local file <close> = assert(io.open("overlays/" .. name .. "/README.md"))
    local document = file:read "a"

    it("has sessions that go like that: " .. name, function()
      local known = {}
      _G.lunq = lunq
      for k in pairs(_G) do known[k] = true end
      finally(function()
        local ol = rawget(_G, "ol")
        for k in pairs(_G) do
          if not known[k] then _G[k] = nil end
        end
        _G.lunq = nil
        close_all(ol)
      end)
      local n = 0
      for session in blocks(document, "lunq") do
        n = n + 1
        same_session(session, prompt.replay(session))
      end
      assert.is_true(n > 0)
    end)

    it("has Lua that runs: " .. name, function()
      local env
      finally(function() close_all(env and env.ol) end)
      local ol = lunq.Overlay(("overlays/%s/%s.hwh"):format(name, name))
      env = around(ol)
      env.lunq, env.ol = lunq, ol
      env.print = function(...) return show.value((...)) end
      env.check = function(value, given) assert.same(value, show.value(given)) end
      for piece in blocks(document, "lua") do
        assert(load(with_checks(piece), "=" .. name, "t", setmetatable(env, { __index = _G })))()
      end
    end)

    it("has commands that succeed: " .. name, function()
      for line in document:gmatch "\n%$ lunq ([^\n]+)" do
        local code, _, err = process.sh("LUNQ " .. line)
        assert.same({ line, 0, "" }, { line, code, err })
      end
    end)
  end
end)
