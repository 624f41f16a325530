describe("lunq reference", function()
  local chapters = require "lunq.reference.chapters"
  local comments = require "lunq.help.comments"
  local core = require "lunq.core"
  local help = require "lunq.help"
  local lunq = require "lunq"
  local reference = require "lunq.reference"
  local process = dofile "spec/program/process.lua"

  --- Every section and every function of the reference: f(section, item or nil).
  local function each(f)
    for _, chapter in ipairs(chapters.all()) do
      for _, section in ipairs(chapter.sections) do
        f(section)
        for _, item in ipairs(section.items) do f(section, item) end
      end
    end
  end

  it("writes Markdown with every driver and every class of the core", function()
    local text = reference.text "markdown"
    for _, part in ipairs { "### lunq.interrupt, lunq.Interrupt\n", "#### `Interrupt:wait(timeout)`",
                            "### drivers.axi_dma\n", "### lunq.Buffer\n", "#### `b:copyfrom(x)`",
                            "#### `core.allocate(" } do
      assert.truthy(text:find(part, 1, true), part)
    end
    local _, fences = text:gsub("\n```", "")
    assert.equal(0, fences % 2)
  end)

  it("writes definitions for editors that are Lua, with types", function()
    local text = reference.text "luacats"
    assert(load(text))
    for _, part in ipairs { "---@meta", "---@class lunq.interrupt", "---@param timeout? number",
                            "---@class lunq.Buffer", ":copyfrom(x) end", "---@field Interrupt lunq.interrupt" } do
      assert.truthy(text:find(part, 1, true), part)
    end
  end)

  it("has a chapter for everything in lunq", function()
    local there, missing = {}, {}
    each(function(section) there[section.name] = true end)
    for name in pairs(lunq) do
      local module = type(lunq[name]) == "table" and comments.module_of(lunq[name])
      if module and not there[module] then missing[#missing + 1] = name end
    end
    assert.same({}, missing)
  end)

  it("has a text for every section and function", function()
    local silent = {}
    each(function(section, item)
      local text = item and item.text or section.text
      if section.name ~= "lunq.core" and not text:find "%S" then
        silent[#silent + 1] = section.name .. " " .. (item and item.call or "")
      end
    end)
    assert.same({}, silent)
  end)

  it("calls a function of two names by each of them", function()
    local calls = {}
    each(function(section, item)
      if item and section.name == "lunq.Buffer" then calls[item.name] = item.call end
    end)
    assert.same({ "b:flush()", "b:sync_to_device()" }, { calls.flush, calls.sync_to_device })
    assert.equal("b:fill(0)", calls.fill)
  end)

  it("takes texts apart into paragraphs and examples", function()
    assert.same({ { text = "Words\nand more.", code = false }, { text = "a = 1\n\n  b = 2", code = true },
                  { text = "End.", code = false }, { text = "Last.", code = false } },
                chapters.blocks "Words\nand more.\n\n  a = 1\n\n    b = 2\n\n\nEnd.\n\nLast.\n")
  end)

  it("joins the lines of a parameter's text", function()
    local file = comments.parse("x.lua", "--- Top.\n\n--- Text.\n---@param a table one,\n---   two\n"
                                         .. "---@return integer n\n--- Raises.\nfunction M.f(a) end\n")
    local item = file:public()[1]
    assert.same({ "Text.\nRaises.", "table: one, two", { "integer n" } },
                { item.text, item.params[1].text, item.returns })
  end)

  describe("as HTML", function()
    local html = reference.text "html"

    it("closes what it opens", function()
      local VOID <const> = { meta = true, input = true }
      local open = {}
      local body = html:gsub("<style>.-</style>", ""):gsub("<script>.-</script>", "")
      for close, tag in body:gmatch "<(/?)(%l[%l%d]*)" do
        if close == "/" then
          assert.equal(tag, table.remove(open))
        elseif not VOID[tag] then
          open[#open + 1] = tag
        end
      end
      assert.same({}, open)
    end)

    it("has a place for every link, and no two of one name", function()
      local ids, missing, n = {}, {}, 0
      for id in html:gmatch ' id="([^"]*)"' do
        assert.is_nil(ids[id], id)
        ids[id] = true
      end
      for target in html:gmatch ' href="([^"]*)"' do
        n = n + 1
        if not ids[target:match "^#(.*)$" or ""] then missing[#missing + 1] = target end
      end
      assert.same({}, missing)
      assert.is_true(n > 500, n)
    end)

    it("needs nothing from elsewhere, and is whole without JavaScript", function()
      for _, word in ipairs { "https?:", " src=", "url%(", "@import", "<link" } do
        assert.is_nil(html:find(word), word)
      end
      local still = html:gsub("<script>.-</script>", "")
      assert.truthy(still:find('<input type="search"[^>]* hidden>'))
      each(function(section, item)
        local id = item and item.call:match "^[^({%s]*" or section.name
        assert.truthy(still:find(id, 1, true), id)
      end)
    end)

    it("shows code as code, and links to what texts speak of", function()
      assert.truthy(html:find('<pre><b>local</b> rm = ip.register_map', 1, true))
      assert.truthy(html:find('<i>-- the whole register</i>', 1, true))
      assert.truthy(html:find('<a href="#lunq.overlay">lunq.DefaultOverlay</a>:extend', 1, true))
      assert.truthy(html:find('list of directories overlays are looked for in', 1, true)) -- no keywords
      assert.is_nil(html:find "{%u+}") -- nothing of the frame is left
    end)
  end)

  it("is a subcommand", function()
    for option, beginning in pairs { [""] = "# LUNQ API", ["--html"] = "<!DOCTYPE html>",
                                     ["--luacats"] = "---@meta" } do
      local code, out, err = process.sh("LUNQ reference " .. option)
      assert.same({ 0, beginning, "" }, { code, out:sub(1, #beginning), err })
    end
    local code, out, err = process.lunq("reference", "--pdf")
    assert.same({ 2, "" }, { code, out })
    assert.equal("usage: lunq reference [--html|--luacats] > FILE\n", err)
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
