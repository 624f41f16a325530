-- Stubs of vendors' modules (lua/lunq/rtl/stubs): each is found by the build without being named, and does what its
-- bench (spec/rtl/stubs) says.
local core = require "lunq.core"
local fixture = dofile "spec/rtl/fixture.lua"

local STUBS <const>, BENCHES <const> = "lua/lunq/rtl/stubs", "spec/rtl/stubs"

local function read(path)
  local f <close> = assert(io.open(path))
  return f:read "a"
end

describe("the stubs", function()
  local program = dofile "spec/c_program.lua" "spec/rtl/model.c"
  local it_runs = fixture.with_verilator(it, pending)
  setup(function() if not fixture.missing then program.build() end end)

  -- FIFOs: order, limits, flags, packets, two clocks; memories and block RAM: widths, byte enables, modes, latencies,
  -- files; DSP blocks: every mode; clock crossings, managers and buffers; primitives; a netlist. All in one model, as
  -- that is sooner built than seven.
  local function all_pass(simulator)
    local path = fixture.model("benches", { sources = BENCHES .. "/benches.v", simulator = simulator })
    assert.same({ true, "ok\n" }, { program.run("bench " .. path) })
  end

  it_runs("do what their benches say", function() all_pass() end)
  fixture.with_icarus(it_runs, pending)("do the same on Icarus", function() all_pass "icarus" end)

  it("are all tried by a bench, and say where they are from", function()
    local benches = ""
    for _, name in ipairs(core.list_dir(BENCHES)) do benches = benches .. read(BENCHES .. "/" .. name) end
    for _, file in ipairs(core.list_dir(STUBS)) do
      local name, text = file:match "^(.*)%.sv$", read(STUBS .. "/" .. file)
      if not name:find "^lunq_" then
        -- Families of equal ones are tried by one of them.
        local tried = name:gsub("^MMCME%d_.*", "MMCME4_ADV"):gsub("^PLLE%d_.*", "PLLE4_BASE"):gsub("^BUFH$", "BUFG")
          :gsub("^OBUF$", "IBUF")
        assert.truthy(benches:find("%f[%w_]" .. tried .. "%f[^%w_]"), name .. " has no bench")
        assert.matches("^// " .. name .. " %- ", text)
        assert.truthy(text:find "UG[45-9]%d%d", name)
      end
    end
  end)
end)
