-- No document shows code that nothing runs: specs that run documents take the blocks from spec/docs/blocks.lua, and
-- here each is read once, without running its tests, to see what it asks for.
local blocks = dofile "spec/docs/blocks.lua"

describe("code in documents", function()
  local lfs = require "lfs"

  --- The files of the checkout with this ending.
  local function files(folder, ending, list)
    for name in lfs.dir(folder) do
      local path = folder == "." and name or folder .. "/" .. name
      local mode = lfs.symlinkattributes(path, "mode")
      if mode == "directory" and not name:find "^%." and path ~= "build" then
        files(path, ending, list)
      elseif mode == "file" and name:sub(-#ending) == ending then
        list[#list + 1] = path
      end
    end
    return list
  end

  --- Adds what a spec asks for to asked: [path] = { [kind] = true }.
  local function read_spec(path, asked)
    local recorder = setmetatable({}, { __index = blocks })
    function recorder.of(document, ...)
      asked[document] = asked[document] or {}
      for _, kind in ipairs { ... } do asked[document][kind] = true end
      return blocks.of(document, ...)
    end
    local function nothing() end
    local env = setmetatable({
      describe = function(_, f) f() end, it = nothing, setup = nothing, teardown = nothing, before_each = nothing,
      after_each = nothing, dofile = function(p) return p == "spec/docs/blocks.lua" and recorder or dofile(p) end,
    }, { __index = _G })
    assert(loadfile(path, "t", env))()
  end

  local function uses_blocks(path)
    local f <close> = assert(io.open(path))
    return f:read "a":find('dofile "spec/docs/blocks.lua"', 1, true) ~= nil
  end

  local asked, documents = {}, files(".", ".md", {})
  setup(function()
    for _, folder in ipairs { "spec", "lab", "overlays" } do
      for _, path in ipairs(files(folder, "_spec.lua", {})) do
        if uses_blocks(path) and not path:find "coverage_spec" then read_spec(path, asked) end
      end
    end
  end)

  for _, path in ipairs(documents) do
    it("is run by a spec: " .. path, function()
      assert.same({}, blocks.problems(path))
      local missing = {}
      for _, block in ipairs(blocks.of(path)) do
        if block.kind ~= "text" and not (asked[path] or {})[block.kind] then
          missing[#missing + 1] = ("%s:%d: no spec runs its %s"):format(path, block.line, block.kind)
        end
      end
      assert.same({}, missing)
    end)
  end

  it("is looked for in all documents", function() assert.is_true(#documents >= 15, #documents) end)

  it("is found where nothing runs it", function()
    local path = os.tmpname()
    finally(function() os.remove(path) end)
    local f <close> = assert(io.open(path, "w"))
    f:write "A\n\n    indented\n\n```python\nx\n```\n\n```\ny\n```\n\n```text\nz = 1\n```\n"
    f:close()
    local list = blocks.problems(path)
    for i, problem in ipairs(list) do list[i] = problem:sub(#path + 1) end
    assert.same({ ":3: an indented block: fence it, with its kind", ':5: nothing runs blocks of kind "python"',
                  ':9: nothing runs blocks of kind ""', ":13: text is for drawings; what runs has another kind" }, list)
  end)
end)
