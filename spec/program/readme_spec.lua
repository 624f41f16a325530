-- What it shows is run by spec/docs/docs_spec.lua.
describe("README.md", function()
  local process = dofile "spec/program/process.lua"

  local function read_readme()
    local f <close> = assert(io.open "README.md")
    return f:read "a"
  end

  it("names files that exist", function()
    for path in read_readme():gmatch "%]%(([^)#]+)%)" do
      if not path:find "^https?:" then
        local f = assert(io.open(path), path)
        f:close()
      end
    end
  end)

  it("has every exit code and option of --help", function()
    local readme, _, help = read_readme(), process.lunq "--help"
    for option in help:gmatch "%-%-%l[%l-]+" do
      if option ~= "--version" then assert.truthy(readme:find(option, 1, true), option) end
    end
    assert.truthy(readme:find("0 fine; 1 .*; 2 .*; 3 .*; 4 .*; 5 "))
  end)
end)
