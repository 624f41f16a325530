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
    assert.equal(0, ol.adder:add(-1, 1))
  end)

  it("adds up a list", function()
    assert.equal(55, ol:sum { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 })
    assert.equal(0, ol:sum {})
  end)

  it("refuses what is no int, and stays usable", function()
    for value, text in pairs {
      [1 << 32] = "adder: argument a 4294967296 is no int: -2147483648 to 2147483647",
      [1.5] = "adder: argument a should be a whole number, not 1.5",
    } do
      local ok, e = pcall(ol.adder.add, ol.adder, value, 0)
      assert.same({ false, text }, { ok, tostring(e) })
    end
    assert.equal(7, ol.adder:add(3, 4))
  end)

  it("is called like the C function it was made from", function()
    assert.equal("void adder(int a, int b, int &c)", ol.adder.signature)
    assert.equal(-2, ol.adder:call { a = 5, b = -7 })
    local run = ol.adder:start(40, 2)
    assert.equal(42, run:wait())
    assert.same({ "done", { c = 42 }, { c = true } }, { run.state, run.outputs, run.valid })
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
    if ol.device.kind ~= "sim" or ol.device:rtl()[1] then pending "needs a model that is slow" return end
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
    assert.same({ "runtime", "adder is busy: wait for the run that was started before" }, { e.kind, tostring(e) })
  end)

  it("has a demo that prints what the README shows", function()
    if ol.device.kind ~= "sim" then pending "the README shows a simulated device" return end
    local p = assert(io.popen(("'%s' --device sim overlays/adder/demo.lua 2>&1"):format(
                              os.getenv "LUNQ_BIN" or arg[-1])))
    local text = p:read "a"
    assert.is_true(p:close(), text)
    local readme <close> = assert(io.open "overlays/adder/README.md")
    local shown = readme:read "a":match "overlays/adder/demo.lua\n(.-)\n%.%.%.\n"
    assert.equal(shown, text:sub(1, #shown))
  end)
end)
