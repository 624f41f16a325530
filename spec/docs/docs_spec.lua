-- What the documents show is what happens: blocks of code by their kind, see spec/docs/blocks.lua. Scripts and
-- commands run in one folder per document, in its order, where overlays/ is the one of the checkout. A script with
-- "-- name.lua" on top is saved under that name; one that returns, or is a spec, is only saved.
local blocks = dofile "spec/docs/blocks.lua"
local console = dofile "spec/docs/console.lua"

-- What runs without the device the document is about.
local INSTEAD <const> = { ["docs/qtest.md"] = { 'device = "qtest"', 'device = "sim"' } }

for _, path in ipairs { "README.md", "docs/guide.md", "docs/record.md", "docs/simulator.md", "docs/tasks.md",
                        "docs/qtest.md" } do
describe(path, function()
  local core = require "lunq.core"
  local lfs = require "lfs"
  local process = dofile "spec/program/process.lua"
  local prompt = dofile "spec/prompt.lua"
  local folder

  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(lfs.mkdir(folder))
    assert(lfs.link(lfs.currentdir() .. "/overlays", folder .. "/overlays", true))
  end)
  teardown(function() os.execute("rm -r " .. process.quote(folder)) end)

  local run = {}

  function run.lunq(text)
    _G.lunq = require "lunq"
    local known = {}
    for name in pairs(_G) do known[name] = true end
    finally(function()
      for name in pairs(_G) do
        if not known[name] then _G[name] = nil end
      end
      _G.lunq = nil
      for _, d in ipairs(core.devices()) do d:close() end
    end)
    blocks.same(text, prompt.replay(text))
  end

  function run.lua(text)
    local name = text:match "^%-%- (%S+%.lua)\n" or "script.lua"
    local instead = INSTEAD[path]
    if instead then text = text:gsub(instead[1], instead[2]) end
    if not text:find 'require "lunq"' then text = 'local lunq = require "lunq" ' .. text end
    local f = assert(io.open(folder .. "/" .. name, "w"))
    f:write(text)
    f:close()
    if text:find "\nreturn [^\n]+\n$" or name:find "_spec%.lua$" then return end
    local code, out, err = console.sh(folder, "lunq " .. name)
    assert.same({ 0, "" }, { code, err })
    out = "\n" .. out:gsub("\t", " ")
    local at = 1
    for line in text:gmatch "%-%-> ?([^\n]-)%s*\n" do
      local from, to = out:find("\n" .. line .. "\n", at, true)
      assert.truthy(from, ("%q in %q"):format(line, out))
      at = to
    end
  end

  function run.console(text) console.run(folder, text) end

  for _, block in ipairs(blocks.of(path, "lunq", "lua", "console")) do
    it(("line %d (%s) does what it shows"):format(block.line, block.kind), function() run[block.kind](block.text) end)
  end
end)
end

describe("docs", function()
  local lfs = require "lfs"

  it("name files that exist", function()
    for name in lfs.dir "docs" do
      if name:find "%.md$" then
        local f <close> = assert(io.open("docs/" .. name))
        for link in f:read "a":gmatch "%]%(([^)#]+)%)" do
          if not link:find "^https?:" then assert.truthy(lfs.attributes("docs/" .. link), name .. ": " .. link) end
        end
      end
    end
  end)
end)
