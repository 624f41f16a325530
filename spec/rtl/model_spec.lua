-- A model that lunq rtl build makes: its pins, and how it behaves behind the interface of rtl_model.h.
local lunq = require "lunq"
local ports = require "lunq.rtl.ports"
local process = dofile "spec/program/process.lua"
local fixture = dofile "spec/rtl/fixture.lua"

describe("the header Verilator writes", function()
  local function pins(line) return (ports.read(line)) end

  it("gives names, directions, widths and storage", function()
    assert.same({
      { name = "clk", c_name = "clk", direction = "in", width = 1, bytes = 1 },
      { name = "addr", c_name = "addr", direction = "out", width = 12, bytes = 2 },
      { name = "data", c_name = "data", direction = "in", width = 32, bytes = 4 },
      { name = "ptr", c_name = "ptr", direction = "out", width = 64, bytes = 8 },
      { name = "wide", c_name = "wide", direction = "inout", width = 128, bytes = 0 },
    }, pins [[
    VL_IN8(&clk,0,0);
    VL_OUT16(&addr,11,0);
    VL_IN(&data,31,0);
    VL_OUT64(&ptr,63,0);
    VL_INOUTW(&wide,127,0,4);]])
  end)

  it("has ports called as words of C++, and escaped names", function()
    assert.equal("interrupt", pins("VL_OUT8(&__SYM__interrupt,0,0);")[1].name)
    assert.equal("weird-name", pins("VL_OUT8(&weird__02dname,0,0);")[1].name)
  end)

  it("gives a pin for each element of an unpacked array", function()
    local list = pins "VL_IN8((&arr)[2][3],7,0);"
    assert.equal(6, #list)
    assert.same({ "arr[0][0]", "arr[0][1]", "arr[1][2]" }, { list[1].name, list[2].name, list[6].c_name })
  end)

  it("leaves real ports out and says so", function()
    local list, notes = ports.read "    double &level;\n    VL_IN8(&clk,0,0);"
    assert.equal(1, #list)
    assert.same({ "port left out, it is a real: level" }, notes)
  end)
end)

describe("a model", function()
  local program = dofile "spec/c_program.lua" "spec/rtl/model.c"
  local it = fixture.with_verilator(it, pending)
  setup(function() if not fixture.missing then program.build() end end)
  after_each(process.clean)

  local function passes(case, path, file)
    assert.same({ true, "ok\n" }, { program.run(("%s %s %s"):format(case, path, file or "")) })
  end

  it("has the pins of its top module", function() passes("has_pins", (fixture.model "regs")) end)
  it("carries what component.xml says of its ports, and needs no other list of files", function()
    passes("has_metadata", (lunq.rtl.build { component = "spec/rtl/scale.xml", cache = fixture.cache }))
  end)
  it("is many instances that do not disturb each other", function()
    passes("keeps_instances_apart", (fixture.model "regs"))
  end)
  it("answers $finish, $stop, $fatal and assertions, and prints nothing itself", function()
    passes("ends", (fixture.model "faults"))
  end)
  it("says that it was built without traces and coverage", function()
    passes("has_no_traces", (fixture.model "regs"))
  end)
  it("writes waves when it was built for that", function()
    passes("traces", fixture.model("regs", { trace = "vcd" }), process.file("", ".vcd"))
  end)
  it("writes coverage when it was built for that", function()
    passes("covers", fixture.model("regs", { coverage = "line" }), process.file("", ".dat"))
  end)
end)
