describe("lunq reference", function()
  local comments = require "lunq.help.comments"
  local core = require "lunq.core"
  local help = require "lunq.help"
  local reference = require "lunq.reference"
  local process = dofile "spec/program/process.lua"

  it("writes Markdown with every driver and every class of the core", function()
    local text = reference.markdown()
    for _, part in ipairs { "### lunq.interrupt\n", "#### `Interrupt:wait(timeout)`", "### drivers.axi_dma\n",
                            "### lunq.Buffer\n", "#### `b:copyfrom(x)`", "#### `core.allocate(" } do
      assert.truthy(text:find(part, 1, true), part)
    end
    local _, fences = text:gsub("\n```", "")
    assert.equal(0, fences % 2)
  end)

  it("writes definitions for editors that are Lua, with types", function()
    local text = reference.luacats()
    assert(load(text))
    for _, part in ipairs { "---@meta", "---@class lunq.interrupt", "---@param timeout? number",
                            "---@class lunq.Buffer", ":copyfrom(x) end", "---@field Interrupt lunq.interrupt" } do
      assert.truthy(text:find(part, 1, true), part)
    end
  end)

  it("is a subcommand", function()
    assert.same({ 0, "" }, { (process.lunq "reference"), (select(3, process.lunq("reference", "--luacats"))) })
    local code, out, err = process.lunq("reference", "--html")
    assert.same({ 2, "" }, { code, out })
    assert.matches("usage: lunq reference", err)
  end)

  it("has a text for every method and function written in C", function()
    local missing = {}
    local function check(what, f)
      if help.text(f):find "^a function" then missing[#missing + 1] = what end
    end
    for class, meta in next, debug.getregistry() do
      if type(class) == "string" and class:find "^lunq%." and type(meta) == "table" then
        local methods = rawget(meta, "methods") or rawget(meta, "__index")
        for name, f in next, type(methods) == "table" and methods or {} do
          if type(f) == "function" then check(class .. ":" .. name, f) end
        end
      end
    end
    for name, f in next, core do
      if type(f) == "function" then check("core." .. name, f) end
    end
    assert.same({}, missing)
  end)

  it("has a text for every public function of the drivers", function()
    local missing = {}
    for _, file in ipairs(comments.all()) do
      if file.name:find "^drivers%." then
        assert.truthy(file.text:find "%S", file.name)
        for _, name in ipairs(file.silent) do missing[#missing + 1] = file.name .. ": " .. name end
      end
    end
    assert.same({}, missing)
  end)
end)
