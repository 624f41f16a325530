-- Icarus Verilog behind the same interface: a process of its own, four states, the same device and drivers.
local core = require "lunq.core"
local lunq = require "lunq"
local cache = require "lunq.rtl.cache"
local fixture = dofile "spec/rtl/fixture.lua"
local fails = fixture.fails

describe("a model for Icarus Verilog", function()
  local it = fixture.with_icarus(it, pending)
  local program = dofile "spec/c_program.lua" "spec/rtl/model.c"
  local d, m

  local function model(name, more)
    local o = { simulator = "icarus" }
    for k, v in pairs(more or {}) do o[k] = v end
    return fixture.model(name, o)
  end
  local function open(name, options)
    d = core.device_open(("rtl:%s%s"):format(model(name), options or ""))
    m = lunq.MMIO(0, 0x60, d)
  end
  local function passes(case, path)
    assert.same({ true, "ok\n" }, { program.run(("%s %s"):format(case, path)) })
  end

  setup(program.build)
  after_each(function()
    if m then m:close() end
    if d then d:close() end
    d, m = nil, nil
  end)

  it("has the pins Verilator finds", function()
    local _, about = model "regs"
    local names = {}
    for _, p in ipairs(about.pins) do names[p.name] = p.width end
    assert.same({ 20, 32, 8, 1 }, { #about.pins, names.s_axi_wdata, names.s_axi_awaddr, names.irq })
    assert.matches("^regs, by Icarus Verilog %d", tostring(about))
  end)

  it("knows which bits are unknown", function() passes("knows_unknowns", (model "regs")) end)
  it("is many instances that do not disturb each other", function()
    passes("keeps_instances_apart", (model "regs"))
  end)
  it("may be killed, the program that uses it goes on", function() passes("outlives_it", (model "regs")) end)

  it("ends when it is not used any more, and leaves no process", function()
    local path = fixture.source("final.v", [[
      module final_words(input aclk, aresetn, s_axi_bready);
        final $display("the end");
      endmodule]])
    local ok, built = pcall(model, "final_words", { sources = path })
    if not ok then return pending "this version has no final blocks" end
    passes("ends_well", built)
  end)

  it("is a device: registers, strobes, errors of the bus, interrupts", function()
    open "regs"
    assert.is_true(d:rtl()[1].isolated)
    m:write(4, 0x11223344)
    m:write8(5, 0xab)
    assert.same({ 0x4c554e51, 0x1122ab44 }, { m:read(0), m:read(4) })
    assert.match("Bus error (SLVERR) reading 4 bytes at 0x40", fails("io", m.read, m, 0x40), 1, true)
  end)

  for offset, words in pairs { [0x10] = "$finish", [0x14] = "$stop", [0x18] = "faults.v:29: on purpose" } do
    it("ends with " .. words, function()
      open "faults"
      assert.match("The RTL of faults has ended: " .. words, fails("device", m.write, m, offset, 1), 1, true)
      assert.match(words, fails("device", m.read, m, 0), 1, true)
    end)
  end

  it("names a missing answer", function()
    open("faults", "?timeout=20")
    assert.match("no BVALID within 20 cycles", fails("timeout", m.write, m, 0x44, 1), 1, true)
  end)

  it("names what is wrong in the sources", function()
    local path = fixture.source("bad.v", "module bad(input a, output q);\n  assign q = nothing;\nendmodule\n")
    assert.matches("^Icarus Verilog refuses bad:\nbuild/%S*bad.v:2: error: Unable to bind",
                   fails("value", model, "bad", { sources = path }))
    cache.write(path, "module bad(input a, output q);\n  other o(a);\nendmodule\n")
    local e = fails("value", model, "bad", { sources = path })
    assert.matches("bad.v:2: error: Unknown module type: other\n", e)
    assert.matches("\nother is in none of the sources: name its file", e)
    assert.equal("A model for Icarus Verilog has no trace: leave it out, or use Verilator",
                 fails("unsupported", model, "regs", { trace = "vcd" }))
  end)

  it("is found again, and built anew when a source has changed", function()
    local path = fixture.source("changing.v", ("module changing(input [6:0] a); endmodule // %s\n")
                                              :format(os.tmpname()))
    local _, first = model("changing", { sources = path })
    local _, second = model("changing", { sources = path })
    cache.write(path, ("module changing(input [7:0] a); endmodule // %s\n"):format(os.tmpname()))
    local _, third = model("changing", { sources = path })
    assert.same({ false, true, false, 8 }, { first.cached, second.cached, third.cached, third.pins[1].width })
  end)
end)
