-- The Verilog of these specs: every file of this folder is a model, whoever uses it.
local fixture = dofile "spec/rtl/fixture.lua"

describe("the Verilog of the specs", function()
  local it = fixture.with_verilator(it, pending)

  for name, pins in pairs {
    breaks = 50, bridge = 60, bursts = 52, copy = 45, faults = 20, pass = 37, pulses = 22, ram = 32, regs = 20,
    regs_apart = 19, regs_together = 21, scale = 28, silent = 28, two_clocks = 22, weave = 33, words = 18,
  } do
    it(("has %s.v, which Verilator takes without a word"):format(name), function()
      local _, about = fixture.model(name)
      assert.same({ pins, {} }, { #about.pins, about.warnings })
    end)
  end

  it("has regs_apart.v with a bus of 64 bits", function()
    local widths = {}
    for _, p in ipairs(select(2, fixture.model("regs_apart", { parameters = { DW = 64 } })).pins) do
      widths[p.name] = p.width
    end
    assert.same({ 64, 8 }, { widths.s_axi_rdata, widths.s_axi_wstrb })
  end)
end)
