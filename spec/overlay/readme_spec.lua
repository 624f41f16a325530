-- The snippets of drivers/README.md run as they stand.
describe("drivers/README.md", function()
  local lunq = require "lunq"
  local fixture = dofile "spec/overlay/fixture.lua"
  local snippets = {}

  setup(function()
    local title, inside
    for line in io.lines "drivers/README.md" do
      title = line:match "^## (.*)" or title
      if line:find "^```" then
        inside = line == "```lua" and not snippets[title]
        if inside then snippets[title] = "" end
      elseif inside then
        snippets[title] = snippets[title] .. line .. "\n"
      end
    end
  end)
  after_each(fixture.clean)

  it("shows drivers, an overlay class and a model, each in less than 20 lines", function()
    local dir = fixture.folder()
    local names = {
      ["A driver for an IP"] = "scaler_driver.lua",
      ["A driver that waits"] = "worker_driver.lua",
      ["A driver for a hierarchy"] = "pair_driver.lua",
      ["A class for an overlay"] = "top.lua",
      ["A model for the simulated device"] = "models/scaler.lua",
    }
    for title, name in pairs(names) do
      assert.is_string(snippets[title], title)
      assert.is_true(select(2, snippets[title]:gsub("\n", "")) < 20, title)
      fixture.write(dir .. "/" .. name, snippets[title])
    end
    fixture.write(dir .. "/top.hwh", fixture.hwh { modules = {
      { path = "scalers/left", vlnv = "acme.com:user:scaler:1.0", base = 0x40000000 },
      { path = "scalers/right", vlnv = "acme.com:user:scaler:1.0", base = 0x40010000 },
      { path = "worker", vlnv = "acme.com:user:worker:1.0", base = 0x40020000 } } })
    local list, ol = lunq.warnings.capture(lunq.Overlay, dir .. "/top.hwh")
    assert.same({}, list)
    assert.equal(2, ol.scalers.left:read(0x10))
    assert.equal(3, ol.scalers.right.factor)
    assert.equal(0, ol.scalers.right:read(0x14)) -- the model answers, not a register file
    ol.scalers.right:write(0x14, 9)
    assert.equal(0, ol.scalers.right:read(0x14))
    ol.worker:run()
    ol.worker:write(4, 1)
    local ok, e = pcall(ol.worker.run, ol.worker, 1e-4)
    assert.same({ false, "timeout", "worker is still at work: does its input come?" }, { ok, e.kind, tostring(e) })
    ol:free()
  end)
end)
