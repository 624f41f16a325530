-- Seeing inside: the flight recorder of the pins, and waves of the whole RTL.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"
local fails = fixture.fails
local process = dofile "spec/program/process.lua"

describe("waves of RTL", function()
  local it = fixture.with_verilator(it, pending)
  local d, m, path

  local function open(options, build)
    d = core.device_open("rtl:" .. fixture.model("regs", build) .. options)
    m = lunq.MMIO(0, 0x40, d)
  end
  before_each(function() path = os.tmpname() end)
  after_each(function()
    os.remove(path)
    m:close()
    d:close()
  end)

  local function text()
    local f <close> = assert(io.open(path))
    return f:read "a"
  end

  it("are kept of the last cycles at the pins", function()
    open "?record=64"
    for i = 1, 100 do m:write(4, i) end
    d:rtl_record(path)
    local times = {}
    for t in text():gmatch "\n#(%d+)" do times[#times + 1] = tonumber(t) end
    assert.same({ 65, (d.cycle - 64) * 10000, d.cycle * 10000 }, { #times, times[1], times[65] })
    local pin = text():match "$var wire 32 p(%d+) s_axi_wdata %[31:0%] $end"
    assert.match(("\nb%s p%s\n"):format(("0"):rep(25) .. "1100100", pin), text()) -- 100
    assert.is_nil(text():match(("\nb%s p%s\n"):format(("0"):rep(31) .. "1", pin))) -- the first is long gone
  end)

  -- They were taken after the request had gone: no VALID of an access was ever seen.
  it("of pins show what each rising edge finds: the request and the answer", function()
    open "?record=64"
    m:write(4, 1)
    m:read(4)
    d:rtl_record(path)
    local name, level, seen = {}, {}, {}
    for line in text():gmatch "[^\n]+" do
      local id, pin = line:match "^$var wire %d+ (p%d+) (%S+)"
      local bit, of = line:match "^([01])(p%d+)$"
      if id then name[id] = pin end
      if bit then level[name[of]] = bit == "1" end
      if line:find "^#" and level.aclk ~= nil then
        local high = {}
        for _, valid in ipairs { "awvalid", "wvalid", "bvalid", "arvalid", "rvalid" } do
          if level["s_axi_" .. valid] then high[#high + 1] = valid end
        end
        seen[#seen + 1] = table.concat(high, " ")
      end
    end
    assert.same({ "awvalid wvalid", "bvalid", "arvalid", "rvalid" }, seen)
  end)

  it("of pins show only what changed", function()
    open "?record=1024"
    d:step(10)
    d:rtl_record(path)
    local _, n = text():gsub("\n[b01]", "")
    assert.equal(20, n) -- each of the 20 pins once
  end)

  it("of pins need record=N, and a place to go", function()
    open ""
    m:close()
    d:close()
    open "?record=0"
    assert.equal("The flight recorder is off: open the device with ?record=65536.",
                 fails("runtime", d.rtl_record, d, path))
    m:close()
    d:close()
    open "?record=16"
    assert.match("/dev/null/x can't be written", fails("io", d.rtl_record, d, "/dev/null/x"))
    assert.match("There is no RTL at nowhere", fails("value", d.rtl_record, d, path, "nowhere"))
  end)

  it("of all that is inside go to a file in windows, where the model has them", function()
    open("", { trace = "vcd" })
    m:write(4, 1)
    d:trace(path)
    m:write(4, 0x5a5a)
    d:trace(false)
    m:write(4, 0x3c3c)
    assert.match("timer", text()) -- a register inside
    assert.match("0101101001011010 ", text(), 1, true)
    assert.is_nil(text():find("11110000111100", 1, true))
  end)

  it("go to one file at a time, of the kind the model writes", function()
    open("", { trace = "vcd" })
    assert.equal("w.fst: the model of regs writes vcd, so call the file w.vcd, or build a model with lunq rtl build "
                 .. "--trace fst.", fails("value", d.trace, d, "w.fst"))
    d:trace(path)
    assert.equal("The waves of regs go to a file already: device:trace(false) ends it, then another can begin.",
                 fails("runtime", d.trace, d, path .. "2"))
    m:write(4, 0x5a5a)
    d:trace(false)
    assert.match("0101101001011010 ", text(), 1, true)
    d:trace(path)
    m:write(4, 0x3c3c)
    d:trace(false)
    assert.match("0011110000111100 ", text(), 1, true)
  end)

  it("say how to build a model that has them", function()
    open ""
    assert.equal("The model of regs was built without traces: lunq rtl build --trace fst (or vcd) makes one with.",
                 fails("unsupported", d.trace, d, path))
  end)
end)

describe("a failing test of RTL", function()
  local it = fixture.with_verilator(it, pending)
  after_each(process.clean)

  it("leaves the waves of its last cycles, and says where", function()
    local spec = process.file(([[
      local lunq = require "lunq"
      it("reads", function()
        local d = lunq.Device.open "rtl:%s?stress=7&stall=0&latency=0"
        local m = lunq.MMIO(0, 0x40, d)
        m:write(4, 0x77)
        assert.equal(6, m:read(4))
      end)]]):format(core.absolute(fixture.model "regs")), "_spec.lua")
    local code, out = process.lunq("test", spec)
    assert.equal(1, code)
    local path = out:match "Waves of the RTL:\n +regs, up to cycle 20, stress=7: (%S+%.vcd)"
    assert(path, out)
    local f = assert(io.open(path))
    assert.match("$scope module regs $end", f:read "a", 1, true)
    f:close()
    os.remove(path)
  end)
end)
