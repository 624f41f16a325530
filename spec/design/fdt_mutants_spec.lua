--- Damaged overlays: a few here, 100,000 with `make fdt-mutants`.
local helper = require "spec.helper"
local mutants = dofile "spec/design/fdt_mutants.lua"

describe("a damaged overlay", function()
  it("is refused cleanly or used, and crashes nothing", function()
    math.randomseed(6)
    local counts = mutants.run(mutants.overlays(helper.corpus), 4000)
    assert.is_true(counts.read > 400, "most mutants were refused: the changes are too coarse to test anything")
    assert.is_true(counts.applied > 400 and counts.applied < counts.read)
  end)
end)
