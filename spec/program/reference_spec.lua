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

  describe("for editors", function()
    local classes, functions = {}, {} -- name -> { parents, fields = { name -> type } }; "variable:name" -> returned

    --- Reads the annotations as an editor does: what a class has, and what its functions give.
    local function read(text)
      local class, returns, variables = nil, {}, { lunq = "lunq.Module" }
      for line in text:gmatch "[^\n]+" do
        local name, parents = line:match "^%-%-%-@class ([%w_.]+):?%s*(.*)$"
        local field, kind = line:match "^%-%-%-@field ([%w_]+)%??%s+(%S+)"
        local variable = line:match "^local ([%w_]+) = {}"
        local owner, fn = line:match "^function ([%w_]+)[.:]([%w_]+)"
        if name then
          class = { parents = {}, fields = {} }
          for parent in parents:gmatch "[%w_.]+" do table.insert(class.parents, parent) end
          classes[name], class.name = class, name
        elseif field then
          class.fields[field] = kind
        elseif variable then
          variables[variable] = class.name
        elseif line:find "^%-%-%-@overload" then
          class.makes = line:match ": ([%w_.]+)$"
        elseif line:find "^%-%-%-@return" then
          returns[#returns + 1] = line:match "^%-%-%-@return ([%w_.]+)"
        elseif owner then
          classes[variables[owner]].fields[fn] = "function"
          functions[variables[owner] .. "." .. fn], returns = returns[1] or false, {}
        end
      end
    end

    setup(function() read(reference.text "luacats") end)

    --- The type of a name of a class or of those behind it.
    local function field(name, what)
      local class = assert(classes[name], name)
      if class.fields[what] then return class.fields[what] end
      for _, parent in ipairs(class.parents) do
        local found = field(parent, what)
        if found then return found end
      end
      return nil
    end

    it("defines every class it speaks of", function()
      for name, class in pairs(classes) do
        for _, parent in ipairs(class.parents) do assert.truthy(classes[parent], name .. ": " .. parent) end
        for what, kind in pairs(class.fields) do
          for word in kind:gmatch "%f[%w]%a+%.[%w_.]+" do assert.truthy(classes[word], name .. "." .. what) end
        end
        if class.makes and class.makes ~= "any" then assert.truthy(classes[class.makes], class.makes) end
      end
    end)

    it("completes what the author of a driver types", function()
      assert.equal("lunq.ip", field("lunq.Module", "DefaultIP"))
      for _, name in ipairs { "extend", "read", "write", "release", "unregister", "call", "start" } do
        assert.equal("function", field("lunq.ip", name), name)
      end
      assert.equal("T", functions["lunq.class.extend"]) -- the class it is called on
      assert.equal("lunq.MMIO", field("lunq.ip", "mmio"))
      for _, name in ipairs { "read", "write", "poll", "read_block", "update" } do
        assert.equal("function", field("lunq.MMIO", name), name)
      end
      assert.equal("function", field("lunq.interrupt", "wait"))
    end)

    it("completes what a script types", function()
      assert.equal("lunq.overlay", classes[field("lunq.Module", "Overlay")].makes)
      assert.equal("function", field("lunq.overlay", "is_loaded"))
      assert.equal("function", field("lunq.overlay", "ip")) -- of lunq.node
      assert.equal("lunq.Buffer", functions["lunq.Module.allocate"])
      assert.equal("any", field("lunq.Buffer", "nbytes"))
      for _, name in ipairs { "flush", "fill", "slice", "totable" } do
        assert.equal("function", field("lunq.Buffer", name), name)
      end
      assert.equal("lunq.DMAChannel", field("drivers.axi_dma", "sendchannel"))
      assert.same({ "function", "any" }, { field("lunq.DMAChannel", "transfer"), field("lunq.DMAChannel", "idle") })
      assert.equal("drivers.axi_timer.Counter", field("drivers.axi_timer", "timer0"))
      assert.equal("function", field("drivers.axi_timer.Counter", "start"))
      assert.equal("lunq.Task", functions["lunq.Module.spawn"])
    end)
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
    assert.equal("b:fill(x)", calls.fill)
  end)

  it("shows each function of a class as a call, with words", function()
    local wrong = {}
    each(function(section, item)
      local own = item and section.in_c and item.call:match "^[%w_]*[.:]([%w_]+)%s*[({]"
      if item and section.in_c and section.name ~= "lunq.core" and (own ~= item.name or #item.text < 6) then
        wrong[#wrong + 1] = section.name .. " " .. item.call .. ": " .. item.text
      end
    end)
    assert.same({}, wrong)
  end)

  it("takes texts apart into paragraphs and examples", function()
    assert.same({ { text = "Words\nand more.", code = false }, { text = "a = 1\n\n  b = 2", code = true },
                  { text = "End.", code = false }, { text = "Last.", code = false } },
                chapters.blocks "Words\nand more.\n\n  a = 1\n\n    b = 2\n\n\nEnd.\n\nLast.\n")
  end)

  it("takes the fields of a class out of the comment at the top", function()
    local file = comments.parse("x.lua", "--- Top.\n-- More.\n---@field a string words\n---@field b? integer\n"
                                         .. "local X = {}\nreturn X\n")
    assert.same({ "Top.\nMore.", "X" }, { file.text, file.class })
    assert.same({ { name = "a", type = "string", optional = false, text = "string: words" },
                  { name = "b", type = "integer", optional = true, text = "integer or nil" } }, file.fields)
    assert.truthy(help.text(lunq.DefaultIP):find("\n  mmio             lunq.MMIO\n", 1, true))
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
