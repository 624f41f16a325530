describe("Class", function()
  local Class = require "lunq.class"

  it("makes instances by a call and runs init", function()
    local Point = Class:extend { __name = "Point" }
    function Point:init(x, y) self.x, self.y = x, y end
    function Point:sum() return self.x + self.y end
    assert.equal(7, Point(3, 4):sum())
    assert.equal("class Point", tostring(Point))
  end)

  it("inherits methods, defaults and metamethods", function()
    local A = Class:extend { colour = "red", __tostring = function(self) return "A:" .. self.colour end }
    function A:init(n) self.n = n end
    local B = A:extend { colour = "blue" }
    function B:init(n) A.init(self, n + 1) end
    assert.equal("A:blue", tostring(B(1)))
    assert.equal(2, B(1).n)
    assert.is_true(Class.is_subclass(B, A))
    assert.is_false(Class.is_subclass(A, B))
    assert.is_true(Class.is_instance(B(1), A))
    assert.is_false(Class.is_instance(B, A))
    assert.is_false(Class.is_instance(12, A))
  end)

  it("asks `missing` only for names neither the object nor its classes have", function()
    local A = Class:extend { missing = function(_, name) return "no " .. name end, has = 1 }
    local B = A:extend { own = false }
    assert.equal("no x", B().x)
    assert.equal(1, B().has)
    assert.is_false(B().own)
  end)

  it("refuses unknown names where it is told to, and offers the nearest", function()
    local A = Class:extend { __name = "A", missing = Class.unknown, optional = { maybe = true }, colour = 1 }
    local B = A:extend { __name = "B", size = 2 }
    local b = B()
    b.own = 3
    assert.same({ 1, 2, 3 }, { b.colour, b.size, b.own })
    assert.is_nil(b.maybe)
    assert.is_nil(b._private)
    for name, text in pairs { color = 'B has no "color"; did you mean "colour"?', owm = 'B has no "owm"; did you '
                              .. 'mean "own"?', xyz = 'B has no "xyz"' } do
      local ok, e = pcall(function() return b[name] end)
      assert.same({ false, "attribute", text }, { ok, e.kind, tostring(e) })
    end
  end)

  -- Each gave nil without a word.
  it("has no unknown names where scripts look", function()
    local lunq = require "lunq"
    local ol <close> = lunq.Overlay "overlays/gpio_interrupts/gpio_interrupts.hwh"
    for title, object in pairs {
      ["lunq.Interrupt"] = ol.timer.interrupts.interrupt, ["lunq.LED"] = lunq.LED(ol.leds[0]),
      Counter = ol.timer.timer0, ["lunq.PS"] = ol.processing_system7_0,
      ["lunq.Memory"] = ol.PSDDR, ["lunq.Device"] = ol.device,
    } do
      local ok, e = pcall(function() return object.colour end)
      assert.same({ false, "attribute", title .. ' has no "colour"' }, { ok, e.kind, tostring(e) })
    end
  end)

  it("closes instances of a class with __close", function()
    local closed = 0
    local C = Class:extend { __close = function() closed = closed + 1 end }
    do local _ <close> = C:extend()() end
    assert.equal(1, closed)
  end)

  it("tells the parent of every new subclass", function()
    local seen = {}
    local A = Class:extend { extended = function(parent, sub) seen[#seen + 1] = { parent, sub } end }
    seen = {}
    local B = A:extend()
    local C = B:extend()
    assert.equal(A, seen[1][1])
    assert.equal(B, seen[1][2])
    assert.equal(B, seen[2][1])
    assert.equal(C, seen[2][2])
  end)

  it("refuses what can't be a class", function()
    local A = Class:extend { __name = "A" }
    for _, call in ipairs { function() A:extend(A) end, function() A:extend(3) end, function() A.extend() end,
                            function() A.extend {} end } do
      local ok, e = pcall(call)
      assert.is_false(ok)
      assert.equal("type", e.kind)
      assert.matches("^extend ", e.message)
    end
  end)

  it("names a class after the file that defines it", function()
    local made = Class:extend {}
    assert.equal("class_spec", made.__name)
  end)
end)
