--- What a program leaves open on a simulated card is closed at its end: buffers, runs, kernels and devices nobody
-- frees, however the program ends. Under XRT: xrt_card_spec.lua.
local cards = dofile "spec/card/cards.lua"
local process = dofile "spec/program/process.lua"

describe("at the end of a program", function()
  teardown(function()
    process.clean()
    cards.clean()
  end)

  --- Runs Lua with everything open: a, b, c, ol and the runs it makes.
  local function run(script)
    local file = process.file(([[
      local lunq = require "lunq"
      ol = lunq.Overlay %q
      a, b = lunq.allocate(1024, "i4", { target = ol.bank0 }), lunq.allocate(1024, "i4", { target = ol.bank0 })
      c = lunq.allocate(1024, "i4", { target = ol.bank1 })
    ]]):format(cards.file "vadd") .. script, ".lua")
    local code, out, err = process.sh(("%s --device sim:alveo %s"):format(process.quote(process.bin), file))
    return { code, out, err }
  end

  it("1,000 buffers and 10,000 runs are left", function()
    assert.same({ 0, "10000\n", "" }, run [[
      kept = {}
      for i = 1, 1000 do kept[i] = lunq.allocate(1024, "u1", { target = ol.bank1 }) end
      for i = 1, 10000 do kept[#kept + 1] = ol.kernels.step:start(c, 1) end
      print(#kept - 1000)
    ]])
  end)

  it("runs that wait for runs are left", function()
    assert.same({ 0, "", "" }, run [[
      for _ = 1, 100 do h = ol.step_1:start(c, 1024, { waitfor = h }) end
    ]])
  end)

  it("an error ends it", function()
    local result = run [[
      h = ol.vadd_1:start(a, b, c, 1024)
      lunq.spawn(function() h:wait() end)
      error("enough", 0)
    ]]
    assert.same({ 1, "", "lunq: enough" }, { result[1], result[2], result[3]:match "^[^\n]*" })
  end)

  it("os.exit ends it", function()
    assert.same({ 3, "", "" }, run [[
      h = ol.vadd_1:start(a, b, c, 1024)
      os.exit(3, true)
    ]])
    assert.same({ 3, "", "" }, run [[
      h = ol.vadd_1:start(a, b, c, 1024)
      os.exit(3)
    ]])
  end)
end)
