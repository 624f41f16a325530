-- What of the RTL ran.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"
local fails = fixture.fails
local process = dofile "spec/program/process.lua"

local HEAD <const> = "# SystemC::Coverage-3\n"

--- A point of a file as Verilator writes it.
local function point(file, line, what, instance, count)
  return ("C '\1f\2%s\1l\2%d\1n\0023\1page\2v_line/x\1o\2%s\1h\2%s' %d\n"):format(file, line, what, instance, count)
end

describe("coverage of RTL", function()
  after_each(process.clean)

  it("is shown by file, with the lines that never ran", function()
    local path = process.file(HEAD .. point("b.v", 3, "if", "top", 0) .. point("b.v", 4, "if", "top", 0)
                              .. point("b.v", 9, "else", "top", 0) .. point("a.v", 1, "block", "top", 7))
    local summary = lunq.rtl.coverage(path)
    assert.equal("a.v: 1 of 1 points\nb.v: 0 of 3 points, never: lines 3-4 9", tostring(summary))
    assert.same({ file = "b.v", points = 3, hit = 0, never = { 3, 4, 9 } }, summary[2])
  end)

  it("counts a point of two instances and of two runs once", function()
    local one = process.file(HEAD .. point("a.v", 1, "if", "top.x", 0) .. point("a.v", 1, "if", "top.y", 2)
                             .. point("a.v", 2, "if", "top.x", 0))
    local two = process.file(HEAD .. point("a.v", 2, "if", "top.x", 1))
    assert.equal("a.v: 1 of 2 points, never: line 2", tostring(lunq.rtl.coverage(one)))
    assert.equal("a.v: 2 of 2 points", tostring(lunq.rtl.coverage { one, two }))
    assert.equal("no points of coverage", tostring(lunq.rtl.coverage(process.file(HEAD))))
  end)

  it("refuses other files", function()
    assert.equal("/dev/null/x can't be read: Not a directory", fails("io", lunq.rtl.coverage, "/dev/null/x"))
    assert.match("is no coverage of RTL", fails("value", lunq.rtl.coverage, process.file "text"))
  end)
end)

describe("a model built with coverage", function()
  local it = fixture.with_verilator(it, pending)
  after_each(process.clean)

  --- What of regs.v ran, by line.
  local function never(d)
    local path = process.file ""
    d:rtl_coverage(path)
    for _, f in ipairs(lunq.rtl.coverage(path)) do
      if f.file:find "/regs%.v$" then return f.hit, f.points end
    end
  end

  it("says what ran so far", function()
    local d <close> = core.device_open("rtl:" .. fixture.model("regs", { coverage = "line" }))
    local m <close> = lunq.MMIO(0, 0x40, d)
    local before, points = never(d)
    m:write(0x20, 5)
    d:step(10)
    local after = never(d)
    assert.is_true(0 < before and before < after and after <= points)
  end)

  it("tells of a file that can't be written, and of a model without", function()
    local d <close> = core.device_open("rtl:" .. fixture.model("regs", { coverage = "line" }))
    assert.equal("/dev/null/x can't be written.", fails("io", d.rtl_coverage, d, "/dev/null/x"))
    local plain <close> = core.device_open("rtl:" .. fixture.model "regs")
    assert.equal("The model of regs was built without coverage: lunq rtl build --coverage line (or toggle, user) makes "
                 .. "one with.", fails("unsupported", plain.rtl_coverage, plain, "/dev/null/x"))
  end)

  for ending, when in pairs { ["d:close()"] = "has ended", [""] = "is still there" } do
    it(("is in the report of lunq test --coverage, when the RTL %s"):format(when), function()
      local spec = process.file(([[
        local lunq = require "lunq"
        local d = lunq.Device.open "rtl:%s"
        it("reads", function()
          assert.equal(0x4c554e51, lunq.MMIO(0, 0x40, d):read(0))
          %s
        end)]]):format(core.absolute(fixture.model("regs", { coverage = "line" })), ending), "_spec.lua")
      local code, out, err = process.lunq("test", "--coverage", spec)
      assert.same({ 0, "" }, { code, err }, out)
      assert.matches("RTL coverage:\n  %S*axil_port%.v: %d+ of %d+ points.-\n  %S*regs%.v: %d+ of %d+ points, never:",
                     out)
    end)
  end
end)
