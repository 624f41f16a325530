-- What the READMEs of the examples show is what happens, see spec/docs/blocks.lua: the pieces of Lua run one after
-- another, where `ol` is the README's overlay; "EXPRESSION --> value" gives that value.
local blocks = dofile "spec/docs/blocks.lua"
local console = dofile "spec/docs/console.lua"

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
    vadd_card = function() return {} end,
    kernel_streams = function() return {} end,
  }

  --- Those of cards are described by a table.
  local CARDS <const> = { vadd_card = true, kernel_streams = true }

  local function open(name)
    if not CARDS[name] then return lunq.Overlay(("overlays/%s/%s.hwh"):format(name, name)) end
    return lunq.Overlay(("overlays/%s/%s.lua"):format(name, name), { device = "sim:alveo" })
  end

  --- Frees the overlay (and ends the tasks of its drivers), closes the devices.
  local function close_all(ol)
    if ol then ol:free() end
    for _, d in ipairs(lunq.core.devices()) do d:close() end
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

  --- As much of Vitis HLS's headers as the examples use.
  local HLS <const> = [[
    namespace hls { template <class T> struct stream { T read(); void write(const T &); }; }
    template <int D, int U, int TI, int TD> struct ap_axis { int data; bool last; };
  ]]

  --- Compiles C++ without its system's headers; exit code and messages.
  local function compile(text)
    local file = process.file(HLS .. text:gsub("#include <[^>]+>", ""), ".cpp")
    finally(process.clean)
    local code, _, err = process.sh("clang -fsyntax-only -Wall -Wno-unknown-pragmas " .. file)
    return code, err
  end

  for name, around in pairs(AROUND) do
    local path = ("overlays/%s/README.md"):format(name)
    local sessions, pieces = blocks.of(path, "lunq"), blocks.of(path, "lua")
    local commands, cpp = blocks.of(path, "console"), blocks.of(path, "cpp")

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
      for _, session in ipairs(sessions) do blocks.same(session.text, prompt.replay(session.text)) end
      assert.is_true(#sessions > 0)
    end)

    it("has Lua that runs: " .. name, function()
      local env
      finally(function() close_all(env and env.ol) end)
      local ol = open(name)
      env = around(ol)
      env.lunq, env.ol = lunq, ol
      env.print = function(...) return show.value((...)) end
      env.check = function(value, given) assert.same(value, show.value(given)) end
      for _, piece in ipairs(pieces) do
        assert(load(with_checks(piece.text), "=" .. name, "t", setmetatable(env, { __index = _G })))()
      end
    end)

    it("has commands that do what is shown: " .. name, function()
      for _, block in ipairs(commands) do console.run(".", block.text) end
      assert.is_true(#commands > 0)
    end)

    if #cpp > 0 then
      it("has C++ that compiles: " .. name, function()
        for _, block in ipairs(cpp) do assert.same({ 0, "" }, { compile(block.text) }) end
      end)
    end
  end
end)
