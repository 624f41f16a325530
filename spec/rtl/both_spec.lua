-- Three examples on behavioural models and on RTL: the same demo and bench files, the same results, and the same
-- accesses to registers.
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"
local blocks = dofile "spec/docs/blocks.lua"
local console = dofile "spec/docs/console.lua"
local process = dofile "spec/program/process.lua"

local EXAMPLES <const> = {
  { name = "adder", source = "adder.v", tests = 9 },
  { name = "adder", source = "adder.vhd", tests = 9 },
  { name = "dma_loopback", source = "axis_data_fifo.v", tests = 4 }, -- the FIFO between the ends of the DMA
  { name = "rtl_filter", source = "fir.v", tests = 10 },
}

--- Runs a script as if it were named alone, and writes what the device was asked to a file.
local TRACER <const> = [[
  local out = table.remove(arg, 1)
  arg = { [0] = arg[1] }
  local device = require "lunq".Device.active_device
  device:trace(true)
  assert(loadfile(arg[0]))()
  assert(io.open(out, "w")):write(device:trace()):close()
]]

describe("on its model and on RTL", function()
  after_each(process.clean)

  --- What a demo prints, without the name of the device and how long it took.
  local function printed(text)
    return (text:gsub("on %S*, loaded", "on it, loaded"):gsub("[%d.]+ [mu]?s on the device, [%d.]+ ms here", "so long")
                :gsub("%(%l+%)\n", "(at work)\n")) -- of a run: RTL takes a few cycles more or less
  end

  --- The register writes of the IP in order, and between two of them what each register read at last: how often a
  --- status is read depends on the time things take.
  local function accesses(text)
    local reads = {}
    local list = { { reads = reads } }
    for what, register, value in text:gmatch "%d+ (%l+) (%S+%+0x%x+) %d+ (%S+)" do
      if register:find "^slcr" then
        what = "clocks, when a design is loaded"
      elseif what == "write" then
        reads = {}
        list[#list + 1] = { write = register .. " " .. value, reads = reads }
      end
      if what == "read" then reads[register] = value end
    end
    return list
  end

  --- Fails where two lists of accesses differ; a register that only one of them read is no difference.
  local function assert_same_accesses(expected, got)
    assert.is_true(#expected > 10)
    for i, e in ipairs(expected) do
      local g = got[i] or { reads = {} }
      assert.equal(e.write, g.write, "write " .. i)
      for register, value in pairs(e.reads) do
        assert.equal(value, g.reads[register] or value, ("%s, read after write %d, %s"):format(register, i, e.write))
      end
    end
    assert.equal(#expected, #got)
  end

  local function demo(name, device)
    local trace = process.file ""
    local code, out, err = process.lunq("--device", device, process.file(TRACER), trace,
                                        "overlays/" .. name .. "/demo.lua")
    assert.same({ 0, "" }, { code, err }, out)
    local f <close> = assert(io.open(trace))
    return printed(out), accesses(f:read "a")
  end

  for _, example in ipairs(EXAMPLES) do
    local name = example.name
    describe(name .. ", " .. example.source, function()
      local with = example.source:find "vhd$" and fixture.with_ghdl or fixture.with_verilator
      local plain = it
      local it = with(plain, pending)
      local rtl
      setup(function()
        if it ~= plain then return end -- there is no simulator
        rtl = "rtl:" .. lunq.rtl.build { sources = ("overlays/%s/rtl/%s"):format(name, example.source),
                                         cache = fixture.cache }
      end)

      it("prints the same and asks the same of the registers", function()
        local model_text, model_asks = demo(name, "sim")
        local rtl_text, rtl_asks = demo(name, rtl)
        assert.equal(model_text, rtl_text)
        assert_same_accesses(model_asks, rtl_asks)
      end)

      it("passes its bench", function()
        local code, out, err = process.lunq("test", "--device", rtl, "overlays/" .. name)
        assert.same({ 0, "" }, { code, err }, out)
        assert.matches(("\n%d successes / 0 failures / 0 errors"):format(example.tests), out)
      end)
    end)
  end
end)

describe("overlays/rtl_filter/README.md", function()
  local it = fixture.with_verilator(it, pending)
  local README <const> = "overlays/rtl_filter/README.md"
  local commands, pieces = blocks.of(README, "console"), blocks.of(README, "lua")
  local CACHE <const> = "XDG_CACHE_HOME=" .. process.quote(fixture.home) .. " "
  after_each(process.clean)

  it("has commands that do what is shown", function()
    finally(function() os.remove "fir.rtl" end)
    for _, block in ipairs(commands) do console.run(".", (block.text:gsub("%$ lunq", "$ " .. CACHE .. "lunq"))) end
    assert.equal(2, #commands)
  end)

  it("has Lua that does what is shown", function()
    for _, piece in ipairs(pieces) do
      local shown = {}
      for line in piece.text:gmatch "%-%-> *([^\n]+)" do shown[#shown + 1] = line .. "\n" end
      local script = process.file('local lunq = require "lunq"\n' .. piece.text)
      local code, out, err = process.sh(CACHE .. "LUNQ " .. script)
      assert.same({ 0, table.concat(shown), "" }, { code, out, err })
    end
    assert.equal(1, #pieces)
  end)
end)
