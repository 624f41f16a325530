describe("README.md", function()
  local prompt = dofile "spec/prompt.lua"
  local core = require "lunq.core"
  local process = dofile "spec/program/process.lua"

  local function read_readme()
    local f <close> = assert(io.open "README.md")
    return f:read "a"
  end

  it("shows what a person at the prompt really sees", function()
    local blocks = 0
    _G.lunq = require "lunq"
    finally(function()
      for _, name in ipairs { "lunq", "ol", "dma", "src", "dst" } do _G[name] = nil end
      for _, d in ipairs(core.devices()) do d:close() end
    end)
    for block in read_readme():gmatch "```lunq\n(.-)```" do
      blocks = blocks + 1
      assert.equal(block, prompt.replay(block))
    end
    assert.equal(1, blocks)
  end)

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
