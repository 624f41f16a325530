-- Each message of docs/troubleshooting.md is in the sources, and the code below it brings it about.
local blocks = dofile "spec/docs/blocks.lua"

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

  local shown = blocks.of("docs/troubleshooting.md", "lua")
  it("has code below messages only", function() assert.equal(with_code, #shown) end)

  it("has the twenty a new user is most likely to meet", function()
    assert.is_true(messages >= 20, messages)
    assert.is_true(with_code >= 20, with_code)
  end)
end)
