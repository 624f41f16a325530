-- Test bench of the adder overlay. Runs on whatever device is there.
describe("the adder", function()
  local lunq = require "lunq"
  local ol

  before_each(function() ol = lunq.Overlay "overlays/adder/adder.hwh" end)
  after_each(function() ol:free() end)

  it("adds", function()
    for _, pair in ipairs { { 3, 4 }, { 0, 0 }, { -5, 2 }, { 123456789, 987654321 } } do
      assert.equal(pair[1] + pair[2], ol.adder:add(pair[1], pair[2]))
    end
  end)

  it("wraps at 32 bits as C does", function()
    assert.equal(-0x80000000, ol.adder:add(0x7fffffff, 1))
    assert.equal(0, ol.adder:add(0xffffffff, 1))
  end)

  it("adds up a list", function()
    assert.equal(55, ol:sum { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 })
    assert.equal(0, ol:sum {})
  end)

  it("refuses numbers that don't fit a register, and stays usable", function()
    assert.has.errors(function() ol.adder:add(1 << 32, 0) end)
    assert.has.errors(function() ol.adder:add(1.5, 0) end)
    assert.equal(7, ol.adder:add(3, 4))
  end)

  it("works by hand, through its register map", function()
    local rm = ol.adder.register_map
    rm.a = 20
    rm.b = 22
    rm.CTRL.AP_START = 1
    assert.equal(2, ol.adder.mmio:poll(0, 2, 2, 1) & 2)
    assert.equal(42, rm.c:get())
  end)

  it("is idle after a reset and after an addition", function()
    assert.equal(1, ol.adder.register_map.CTRL.AP_IDLE)
    ol.adder:add(1, 1)
    assert.equal(1, ol.adder.register_map.CTRL.AP_IDLE)
  end)

  it("toggles its interrupt status by writing 1", function()
    ol.adder:write(0x08, 1)
    ol.adder:add(1, 1)
    assert.equal(1, ol.adder:read(0x0C))
    ol.adder:write(0x0C, 1)
    assert.equal(0, ol.adder:read(0x0C))
  end)

  it("says so when it is busy, and gives up when it never finishes", function()
    if ol.device.kind ~= "sim" then pending "needs a model that is slow" return end
    ol:free()
    local Slow = lunq.Model:extend { models = { "adder" } } -- by path: before those by VLNV
    finally(function() Slow:unbind() end)
    function Slow:init() self:latency(1000000000) end
    ol = lunq.Overlay "overlays/adder/adder.hwh"
    local ok, e = pcall(ol.adder.add, ol.adder, 1, 2, 0.001)
    assert.is_false(ok)
    assert.equal("timeout", e.kind)
    ok, e = pcall(ol.adder.add, ol.adder, 1, 2)
    assert.is_false(ok)
    assert.same({ "runtime", "adder is busy: an addition is still running" }, { e.kind, tostring(e) })
  end)
end)
