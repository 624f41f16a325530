describe("lunq.plot", function()
  local lunq = require "lunq"

  local function rows(plot)
    local list = {}
    for line in tostring(plot):gmatch "[^\n]+" do list[#list + 1] = line end
    return list
  end

  it("draws numbers as text, with the range at the side and positions below", function()
    assert.same({ "2 |     *", "  |  *", "0 |*", "  +--------", "   1      3" },
                rows(lunq.plot({ 0, 1, 2 }, { width = 8, height = 3 })))
  end)

  it("draws buffers, and loses no peak of a long one", function()
    local buffer <close> = lunq.array(100000, "i2")
    buffer[77777] = 900
    local text = tostring(lunq.plot(buffer, { width = 50, height = 4 }))
    assert.matches("^900 | +%*\n", text)
    assert.matches("\n  0 |%*+\n", text)
    assert.matches("1 +100000$", text)
  end)

  it("draws several on one scale, and names them", function()
    local text = tostring(lunq.plot({ 0, 0, 0, 0 }, { 1, 1 }, { width = 8, height = 2, names = { "a", "b" } }))
    assert.same("1 |o o\n0 |* * * *\n  +--------\n   1      4\n   * a   o b", text)
  end)

  it("leaves gaps where there is no number", function()
    local plot = lunq.plot({ 1, 0 / 0, 3, 1 / 0 }, { width = 4, height = 3 })
    assert.same({ "3 |  *", "  |", "1 |*" }, { rows(plot)[1], rows(plot)[2], rows(plot)[3] })
    assert.equal(2, select(2, plot:svg():gsub("<polyline", "")))
    assert.matches("^1 |", rows(lunq.plot({ 0 / 0 }, { height = 2 }))[1])
  end)

  it("writes SVG with title, axes and a line for each curve", function()
    local name = os.tmpname()
    finally(function() os.remove(name) end)
    lunq.plot({ 1, 2, 3 }, { 3, 2, 1 }, { file = name, title = "a < b", names = { "up", "down" } })
    local f <close> = assert(io.open(name))
    local svg = f:read "a"
    for _, part in ipairs { "<svg xmlns", "a &lt; b", ">up</text>", "</svg>\n" } do
      assert.truthy(svg:find(part, 1, true), part)
    end
    assert.equal(2, select(2, svg:gsub("<polyline", "")))
  end)

  it("says what can't be drawn", function()
    assert.has_error(function() lunq.plot() end, "plot needs a buffer or a list of numbers")
    assert.has_error(function() lunq.plot({}) end, "argument 1 of plot has no elements")
    assert.has_error(function() lunq.plot({ 1 }, "x") end,
                     "argument 2 of plot should be a buffer or a list of numbers, not string")
    assert.has_error(function() lunq.plot { 1, "x" } end, "argument 1 of plot: element 2 is no number but string")
    local flat <close> = lunq.array({ 2, 3 }, "u1")
    assert.has_error(function() lunq.plot(flat) end,
                     "argument 1 of plot has 2 dimensions: draw a row of it, or its :reshape(-1)")
    local ok, e = pcall(lunq.plot, { 1 }, { file = "/dev/null/x.svg" })
    assert.same({ false, "io" }, { ok, e.kind })
  end)
end)
