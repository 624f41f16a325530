-- The tables of docs/from-pynq.md: each piece of code in the column LUNQ runs, in the order of the page; one
-- behind "gives" is what the piece in front of it gives, as the prompt shows it.
local blocks = dofile "spec/docs/blocks.lua"

describe("docs/from-pynq.md", function()
  local lunq = require "lunq"
  local show = require "lunq.repl.show"
  local f <close> = assert(io.open "docs/from-pynq.md")
  local document = f:read "a"

  --- Runs a piece of code in env; what it gives, as text.
  local function run(code, env)
    local chunk = load("return " .. code, "=" .. code, "t", env) or assert(load(code, "=" .. code, "t", env))
    local ok, result = pcall(chunk)
    assert(ok, ("%s: %s"):format(code, tostring(result)))
    return show.value(result)
  end

  --- Runs a cell; the number of pieces that ran.
  local function run_cell(cell, env)
    local n = 0
    for line in cell:gsub("<br>", "\n"):gmatch "[^\n]+" do
      local code, expected = line:match "`([^`]+)` gives `([^`]+)`"
      code = code or line:match "^%s*`([^`]+)`%s*$"
      if code then
        local given = run(code, env)
        if expected then assert.same({ code, expected }, { code, given }) end
        n = n + 1
      else
        assert.equal("TAB", line)
      end
    end
    return n
  end

  local preludes = 0
  for section in document:gsub("\n## ", "\0"):gmatch "[^\0]+" do
    local title, body = section:match "^([^\n]+)(.*)$"
    local prelude = body:match "```lua\n(.-)```"
    if prelude then
      preludes = preludes + 1
      it("shows what works: " .. title, function()
        local env = setmetatable({ lunq = lunq, print = tostring }, { __index = _G })
        assert(load(prelude:gsub("local ", ""), "=from-pynq", "t", env))()
        local n = 0
        for cell in body:gmatch "\n|[^|\n]+|%s*([^|\n]-)%s*|[^|\n]*|%f[\n]" do
          if cell ~= "LUNQ" and cell ~= "---" then n = n + run_cell(cell, env) end
        end
        assert.is_true(n >= 5, n)
        for _, d in ipairs(lunq.core.devices()) do d:close() end
      end)
    end
  end

  local shown = blocks.of("docs/from-pynq.md", "lua")
  it("has its tables, and code before each only", function()
    assert.same({ 6, 6 }, { select(2, document:gsub("| PYNQ | LUNQ | |", "")), preludes })
    assert.equal(preludes, #shown)
  end)
end)
