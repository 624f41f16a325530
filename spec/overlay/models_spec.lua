-- Models beside an overlay belong to that overlay.
describe("models beside an overlay", function()
  local lunq = require "lunq"
  local fixture = dofile "spec/overlay/fixture.lua"
  local MODEL <const> = [[
    local M = require("lunq").Model:extend { models = { "acme.com:user:fir:1.0" } }
    function M.read() return %d end
  ]]

  local function folder(...)
    local dir = fixture.folder()
    fixture.write(dir .. "/top.hwh", fixture.hwh { modules = {
      { path = "fir", vlnv = "acme.com:user:fir:1.0", base = 0x40000000 } } })
    for name, text in pairs(... or {}) do fixture.write(dir .. "/" .. name, text) end
    return dir
  end

  local function answer(dir)
    local ol <close> = lunq.Overlay(dir .. "/top.hwh")
    return ol.fir:read(0)
  end

  after_each(fixture.clean)

  it("are found in models/ and in NAME_model.lua", function()
    assert.equal(11, answer(folder { ["models/fir.lua"] = MODEL:format(11) }))
    assert.equal(12, answer(folder { ["top_model.lua"] = MODEL:format(12) }))
    assert.equal(0, answer(folder { ["other_model.lua"] = MODEL:format(13) }))
  end)

  it("serve no other overlay, and serve theirs again", function()
    local with, without = folder { ["models/fir.lua"] = MODEL:format(11) }, folder()
    assert.equal(11, answer(with))
    assert.equal(0, answer(without))
    assert.equal(11, answer(with))
  end)

  it("give way to models the program made, until those are unbound", function()
    local dir = folder { ["models/fir.lua"] = MODEL:format(11) }
    local Mine = lunq.Model:extend { models = { "acme.com:user:fir:1.0" } }
    function Mine.read() return 1 end
    local Newer = lunq.Model:extend { models = { "acme.com:user:fir:1.0" } }
    function Newer.read() return 2 end
    finally(function()
      Newer:unbind()
      Mine:unbind()
    end)
    assert.equal(2, answer(dir))
    Newer:unbind()
    assert.equal(1, answer(dir))
    Mine:unbind()
    assert.equal(11, answer(dir))
    assert.equal(0, answer(folder()))
  end)

  it("are read again when they change", function()
    local dir = folder { ["models/fir.lua"] = MODEL:format(11) }
    assert.equal(11, answer(dir))
    fixture.write(dir .. "/models/fir.lua", MODEL:format(12))
    assert.equal(12, answer(dir))
  end)

  it("that fail are named in a warning, and the overlay works without them", function()
    local dir = folder { ["models/fir.lua"] = MODEL:format(11) .. " error 'no luck'" }
    local list, value = lunq.warnings.capture(answer, dir)
    assert.equal(0, value)
    assert.equal(1, #list)
    assert.matches("^Model file .*/models/fir%.lua was skipped: .*no luck", list[1].text)
  end)

  it("come with a partial design too", function()
    local dir = folder()
    fixture.write(dir .. "/top.hwh", fixture.hwh { modules = { { path = "pr", bdtype = "BLOCK_CONTAINER",
      modtype = "", base = 0x40000000, params = { ENABLE_DFX = 1 } } } })
    fixture.write(dir .. "/part/part.hwh", fixture.hwh { partial = true, modules = {
      { path = "fir", vlnv = "acme.com:user:fir:1.0", base = 0x40000000, range = 0x1000 } } })
    fixture.write(dir .. "/part/models/fir.lua", MODEL:format(21))
    local ol <close> = lunq.Overlay(dir .. "/top.hwh")
    ol:pr_download("pr", dir .. "/part/part.hwh")
    assert.equal(21, ol.pr.fir:read(0))
  end)
end)
