-- Lua files beside an overlay: the custom overlay file, drivers, models. Whatever stands in them, the
-- host stays up and says what is wrong.
describe("Lua beside an overlay", function()
  local lunq = require "lunq"
  local fixture = dofile "spec/overlay/fixture.lua"
  local raised = fixture.raised
  local dir

  local function custom(text) return fixture.write(dir .. "/top.lua", text) end
  local function open(...) return lunq.Overlay(dir .. "/top.hwh", ...) end

  before_each(function()
    dir = fixture.folder()
    fixture.write(dir .. "/top.hwh", fixture.hwh { modules = {
      { path = "adder", vlnv = "acme.com:user:adder:1.0", base = 0x40000000 },
      { path = "summer", vlnv = "acme.com:user:adder:1.0", base = 0x40010000 } } })
  end)
  after_each(fixture.clean)

  describe("the custom overlay file", function()
    it("returns a class, which is used", function()
      custom [[
        local lunq = require "lunq"
        local Mine = lunq.DefaultOverlay:extend { __name = "Mine" }
        function Mine:init(file, ...)
          lunq.DefaultOverlay.init(self, file, ...)
          self.answer = 42
        end
        function Mine:where() return self.adder.phys_addr end
        return Mine
      ]]
      local ol <close> = open()
      assert.equal(42, ol.answer)
      assert.equal(0x40000000, ol:where())
      assert.is_true(ol:is_loaded())
    end)

    it("passes the options on, so that download=false works", function()
      custom [[
        local lunq = require "lunq"
        local Mine = lunq.Overlay:extend { __name = "Mine" }
        function Mine:init(file, download)
          lunq.DefaultOverlay.init(self, file, download)
        end
        return Mine
      ]]
      fixture.write(dir .. "/top.hwh", fixture.hwh { modules = {}, name = "never loaded" })
      for _, form in ipairs { { { download = false } }, { false } } do
        local ol = open(form[1])
        assert.equal("Mine", ol.__name)
        assert.is_false(ol:is_loaded())
      end
    end)

    it("returns a function, in which lunq.Overlay makes the plain overlay", function()
      custom [[
        local lunq = require "lunq"
        return function(file, ...)
          local ol = lunq.Overlay(file, ...)
          ol.made_by = "function"
          return ol
        end
      ]]
      local ol <close> = open()
      assert.equal("function", ol.made_by)
    end)

    it("may only define drivers", function()
      custom [[
        local lunq = require "lunq"
        local Adder = lunq.DefaultIP:extend { __name = "Adder", bindto = { "acme.com:user:adder:1.0" } }
        function Adder:init(d) lunq.DefaultIP.init(self, d) self.ready = true end
      ]]
      local ol <close> = open()
      assert.is_true(ol.adder.ready)
      assert.equal("lunq.DefaultOverlay", ol.__name)
    end)

    it("gets its module name and path", function()
      custom "local name, path = ... ; return function() return { name = name, path = path } end"
      assert.same({ name = "top", path = dir .. "/top.lua" }, open())
    end)

    it("is read again for each overlay", function()
      custom "return function() return { 1 } end"
      assert.same({ 1 }, open())
      custom "return function() return { 2 } end"
      assert.same({ 2 }, open())
    end)

    it("is found beside the .bit too, and a description table has none", function()
      custom "return function(file) return { file } end"
      assert.same({ dir .. "/top.bit" }, lunq.Overlay(dir .. "/top.bit"))
    end)

    it("raises when it returns something else", function()
      custom "return 12"
      local e = raised(open)
      assert.equal("type", e[1])
      assert.matches("top.lua should return a class made with lunq.DefaultOverlay:extend{} or a function "
                     .. "that returns the overlay, not a number", e[2], 1, true)
      custom "return { Overlay = 1 }"
      assert.matches("not another table", raised(open)[2], 1, true)
      custom "return function() end"
      e = raised(open)
      assert.equal("type", e[1])
      assert.matches("The function of custom overlay file .*top.lua returned no overlay", e[2])
    end)

    it("raises its own errors, with the file's name", function()
      custom "error('no licence')"
      local e = raised(open)
      assert.equal("runtime", e[1])
      assert.matches("Custom overlay file .*/top%.lua failed: .*no licence", e[2])
      custom "require('lunq').errors.raise('permission', 'ask first')"
      assert.same({ "permission", "ask first" }, raised(open))
      custom "return function() error({ kind = 'mine' }) end"
      assert.equal("mine", raised(open)[1])
    end)

    it("that opens its own overlay while it is run is told so, the next time as well", function()
      local path = custom(("local lunq = require 'lunq' lunq.Overlay '%s/top.hwh'"):format(dir))
      for _ = 1, 2 do
        local e = raised(open)
        assert.equal("runtime", e[1])
        assert.equal(path .. " opens what it belongs to, by its name (custom file of an overlay, table of RTL), so "
                     .. "it would run itself again and again: give a script another name; a custom file returns a "
                     .. "function or a class that opens its overlay", e[2])
      end
    end)

    it("used before its init called the base class says so", function()
      custom [[
        local Mine = require("lunq").DefaultOverlay:extend { __name = "Mine" }
        function Mine:init() return self.adder end
        return Mine
      ]]
      assert.same({ "runtime", 'Mine: "adder" is used before init of the base class was called' },
                  raised(open))
    end)
  end)

  describe("is loaded as text only:", function()
    local BYTECODE <const> = string.dump(function() return 1 end)
    local files <const> = { "top.lua", "drivers/x.lua", "x_driver.lua", "models/x.lua", "top_model.lua" }

    --- What opening the overlay says about a file with this text: the error, or the warning.
    local function complaint(name, text)
      fixture.write(dir .. "/" .. name, text)
      local failure
      local list = lunq.warnings.capture(function()
        local ok, e = pcall(open)
        if ok then e:free() else failure = e end
      end)
      os.remove(dir .. "/" .. name)
      if failure then return failure.kind, tostring(failure) end
      assert.equal(1, #list, name)
      return list[1].category, list[1].text
    end

    it("bytecode is refused", function()
      for _, name in ipairs(files) do
        local _, text = complaint(name, BYTECODE)
        assert.matches(name, text, 1, true)
        assert.matches("is compiled Lua (bytecode). LUNQ loads Lua as source text only.", text, 1, true)
      end
    end)

    it("damaged bytecode is refused before anything looks into it", function()
      for i = 1, #BYTECODE, 7 do
        local flipped = string.char(BYTECODE:byte(i) ~ 0xff)
        local damaged = BYTECODE:sub(1, i - 1) .. flipped .. BYTECODE:sub(i + 1)
        local _, text = complaint("top.lua", damaged)
        assert.matches("top.lua", text, 1, true)
      end
      assert.matches("bytecode", select(2, complaint("top.lua", BYTECODE:sub(1, 20))), 1, true)
    end)

    it("bytecode behind a byte-order mark or a first line with # is refused too", function()
      for _, head in ipairs { "\xEF\xBB\xBF", "#!/usr/bin/lunq\n", "#\n" } do
        assert.matches("top.lua", select(2, complaint("top.lua", head .. BYTECODE)), 1, true)
      end
    end)

    it("garbage gives an error with the file's name", function()
      local seed = 12345
      local function random(n) -- the same bytes in every run
        seed = (seed * 1103515245 + 12345) & 0x7fffffff
        return seed % n
      end
      for length = 1, 200, 13 do
        local bytes = {}
        for i = 1, length do bytes[i] = string.char(random(256)) end
        local garbage = "(" .. table.concat(bytes) -- an open parenthesis: never a whole program
        for _, name in ipairs(files) do
          assert.matches(name, select(2, complaint(name, garbage)), 1, true)
        end
      end
    end)

    it("deep nesting is an error, not a stack overflow", function()
      for _, text in ipairs { "return " .. ("("):rep(100000), "return " .. ("{"):rep(100000),
                              ("do "):rep(100000), "return " .. ("- "):rep(100000) .. "1" } do
        assert.matches("top.lua", select(2, complaint("top.lua", text)), 1, true)
      end
    end)

    it("a huge file is refused by its size", function()
      local kind, text = complaint("top.lua", ("-- nothing here\n"):rep(1024 * 1024 + 1))
      assert.equal("value", kind)
      assert.matches("top.lua is larger than 16777216 bytes; is it the right file?", text, 1, true)
    end)

    it("a large one within the limit works", function()
      custom(("-- nothing here\n"):rep(100000) .. "return function() return { 1 } end")
      assert.same({ 1 }, open())
    end)

    it("an empty one defines nothing", function()
      custom ""
      local ol <close> = open()
      assert.is_true(ol:is_loaded())
    end)
  end)

  it("may have a first line for the shell and a byte-order mark", function()
    custom("\xEF\xBB\xBF#!/usr/bin/env lunq\n"
           .. "return function() return { debug.getinfo(1, 'l').currentline } end")
    assert.same({ 2 }, open())
  end)
end)
