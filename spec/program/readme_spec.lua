-- What it shows is run by spec/docs/docs_spec.lua.
describe("README.md", function()
  local function read(path)
    local f <close> = assert(io.open(path))
    return f:read "a"
  end

  it("names files that exist", function()
    for path in read "README.md":gmatch "%]%(([^)#]+)%)" do
      if not path:find "^https?:" then
        local f = assert(io.open(path), path)
        f:close()
      end
    end
  end)
end)

describe("docs/program.md", function()
  local process = dofile "spec/program/process.lua"
  local f <close> = assert(io.open "docs/program.md")
  local text = f:read "a"
  local _, _, help = process.lunq "--help"

  it("has every option and command of --help", function()
    for option in help:gmatch "%-%-%l[%l-]+" do
      if option ~= "--version" then assert.truthy(text:find(option, 1, true), option) end
    end
    for command in help:gmatch "\n +lunq (%l+)" do
      assert.truthy(text:find("`lunq " .. command, 1, true), command)
    end
  end)

  it("has every exit code", function() assert.truthy(text:find("0 fine; 1 .*; 2 .*; 3 .*; 4 .*; 5 ")) end)

  it("has every target of make", function()
    local makefile <close> = assert(io.open "Makefile")
    local boards <close> = assert(io.open "docs/boards.md")
    local known = text:sub(text:find("## make", 1, true), -1) .. boards:read "a"
    for names in makefile:read "a":gmatch "\n%.PHONY: *([^\n]+)" do
      for name in names:gmatch "[%l-]+" do
        local word = name:gsub("%-", "%%-") .. "[` ]"
        local shown = known:find("`" .. word) or known:find("`make " .. word)
        assert.truthy(shown or name == "all" or name == "example" or name == "fuzzers", name)
      end
    end
  end)
end)
