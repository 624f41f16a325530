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

  for name, what in pairs {
    fifo = "of XPM's FIFOs keep order, limits, flags and packets, between two clocks, too",
    cdc = "of XPM's clock crossings bring everything over once",
    memory = "of XPM's memories know widths, byte enables, modes, latencies and files",
    primitive = "of primitives do what they stand for",
  } do
    it_runs(what, function()
      local path = fixture.model(name .. "_bench", { sources = ("%s/%s_bench.v"):format(BENCHES, name) })
      assert.same({ true, "ok\n" }, { program.run("bench " .. path) })
    end)
  end

  it("are all tried by a bench, and say where they are from", function()
    local benches = ""
    for _, name in ipairs(core.list_dir(BENCHES)) do benches = benches .. read(BENCHES .. "/" .. name) end
    for _, file in ipairs(core.list_dir(STUBS)) do
      local name, text = file:match "^(.*)%.sv$", read(STUBS .. "/" .. file)
      if not name:find "^lunq_" then
        -- Families of equal ones are tried by one of them.
        local tried = name:gsub("^MMCME2_BASE$", "MMCME2_ADV"):gsub("^PLLE2_ADV$", "PLLE2_BASE")
          :gsub("^BUFH$", "BUFG"):gsub("^OBUF$", "IBUF")
        assert.truthy(benches:find("%f[%w_]" .. tried .. "%f[^%w_]"), name .. " has no bench")
        assert.matches("^// " .. name .. " %- ", text)
        assert.truthy(text:find "UG9[57][34]", name)
      end
    end
  end)
end)
