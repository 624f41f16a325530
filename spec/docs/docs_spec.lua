-- What the documents show is what happens. By the kind of a fenced block:
--   lunq             a session at the prompt, replayed; all that is printed must be as it stands
--   lua              a script, run by a program of its own; "--> text" is a line it prints, in this order.
--                    "-- name.lua" on top is the name it is saved under; one that returns, or is a spec, is only saved
--   none, "$ ..."    a command of the shell that succeeds
-- Scripts and commands run in one folder per document, where overlays/ is the one of the checkout.
describe("docs", function()
  local core = require "lunq.core"
  local lfs = require "lfs"
  local process = dofile "spec/program/process.lua"
  local prompt = dofile "spec/prompt.lua"

  local function read(path)
    local f <close> = assert(io.open(path))
    return f:read "a"
  end

  --- The fenced blocks of a document in their order: { kind, text }.
  local function blocks_of(path)
    local list = {}
    for kind, text in ("\n" .. read(path)):gmatch "\n```(%l*)\n(.-)```" do
      list[#list + 1] = { kind = kind, text = text }
    end
    return list
  end

  local root = lfs.currentdir()
  local folder

  --- Runs a command line in the folder, with `lunq` the program under test.
  local function sh(line)
    local bin = process.bin:find "^/" and process.bin or root .. "/" .. process.bin
    local q = process.quote
    return process.sh(("cd %s && lunq() { %s \"$@\"; } && %s"):format(q(folder), q(bin), line))
  end

  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(lfs.mkdir(folder))
    assert(lfs.link(root .. "/overlays", folder .. "/overlays", true))
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
    assert.equal(text, prompt.replay(text))
  end

  function run.lua(text)
    local name = text:match "^%-%- (%S+%.lua)\n" or "script.lua"
    local f = assert(io.open(folder .. "/" .. name, "w"))
    f:write(text)
    f:close()
    if text:find "\nreturn [^\n]+\n$" or name:find "_spec%.lua$" then return end
    local code, out, err = sh("lunq " .. name)
    assert.same({ 0, "" }, { code, err })
    local at = 1
    for line in text:gmatch "%-%->%s*([^\n]-)%s*\n" do
      local from, to = ("\n" .. out):find("\n" .. line .. "\n", at, true)
      assert.truthy(from, ("%q in %q"):format(line, out))
      at = to
    end
  end

  run[""] = function(text)
    for line in text:gmatch "%$ ([^\n]+)" do
      local code, out, err = sh(line)
      assert.same({ line, 0, "" }, { line, code, err }, out)
    end
  end

  for _, path in ipairs { "docs/guide.md", "docs/record.md" } do
    for i, block in ipairs(blocks_of(path)) do
      it(("%s, block %d (%s) does what it shows"):format(path, i, block.kind), function()
        run[block.kind](block.text)
      end)
    end
  end

  it("name files that exist", function()
    for _, path in ipairs { "docs/guide.md", "docs/from-pynq.md", "docs/troubleshooting.md" } do
      for link in read(path):gmatch "%]%(([^)#]+)%)" do
        if not link:find "^https?:" then assert.truthy(lfs.attributes("docs/" .. link), path .. ": " .. link) end
      end
    end
  end)
end)

-- The tables of docs/from-pynq.md: each piece of code in the column LUNQ runs, in the order of the page; one
-- behind "gives" is what the piece in front of it gives, as the prompt shows it.
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

  for section in document:gsub("\n## ", "\0"):gmatch "[^\0]+" do
    local title, body = section:match "^([^\n]+)(.*)$"
    local prelude = body:match "```lua\n(.-)```"
    if prelude then
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

  it("has its tables", function() assert.equal(5, select(2, document:gsub("| PYNQ | LUNQ | |", ""))) end)
end)

-- Each message of docs/troubleshooting.md is in the sources, and the code below it brings it about.
describe("docs/troubleshooting.md", function()
  local lfs = require "lfs"
  local lunq = require "lunq"
  local sources

  --- All sources below these folders, with texts that go on over several lines joined.
  local function read_sources(folder, list)
    for name in lfs.dir(folder) do
      local path = folder .. "/" .. name
      if lfs.attributes(path, "mode") == "directory" then
        if name:sub(1, 1) ~= "." then read_sources(path, list) end
      elseif name:find "%.lua$" or name:find "%.c$" then
        local f <close> = assert(io.open(path))
        list[#list + 1] = f:read "a":gsub('"%s*%.?%.?%s*"', "")
      end
    end
    return list
  end

  setup(function()
    local list = {}
    for _, folder in ipairs { "lua", "drivers", "bindings", "host" } do read_sources(folder, list) end
    sources = table.concat(list, "\n")
  end)
  after_each(function()
    for _, d in ipairs(lunq.core.devices()) do d:close() end
  end)

  --- The fixed pieces of a message, between the dots.
  local function pieces(message)
    local list = {}
    for piece in (message .. " ... "):gmatch "%s?(.-)%s%.%.%.%s?" do list[#list + 1] = piece end
    return list
  end

  --- All a script says: its warnings and its error.
  local function said_by(code)
    local chunk = assert(load(code, "=troubleshooting", "t", setmetatable({ lunq = lunq, print = tostring },
                                                                          { __index = _G })))
    local warnings, result = lunq.warnings.capture(function()
      local ok, e = pcall(chunk)
      return ok and "" or tostring(e)
    end)
    local texts = {}
    for i, w in ipairs(warnings) do texts[i] = w.text end
    return table.concat(texts, "\n") .. "\n" .. result
  end

  local f <close> = assert(io.open "docs/troubleshooting.md")
  local messages, with_code = 0, 0
  for section in f:read "a":gsub("\n###? ", "\0"):gmatch "[^\0]+" do
    local message = section:match "^`([^\n]+)`\n"
    if message then
      local code = section:match "\n```lua\n(.-)```"
      messages, with_code = messages + 1, with_code + (code and 1 or 0)
      it("has a message of the sources: " .. message, function()
        for _, piece in ipairs(pieces(message)) do
          assert.is_true(#piece >= 3, piece)
          assert.truthy(sources:find(piece, 1, true), piece)
        end
      end)
      if code then
        it("brings it about: " .. message, function()
          local text, at = said_by(code), 1
          for _, piece in ipairs(pieces(message)) do
            local from, to = text:find(piece, at, true)
            assert.truthy(from, ("%q in %q"):format(piece, text))
            at = to
          end
        end)
      end
    end
  end

  it("has the twenty a new user is most likely to meet", function()
    assert.is_true(messages >= 20, messages)
    assert.is_true(with_code >= 20, with_code)
  end)
end)
