-- A master that reads and writes at the same time, with several bursts out: bench/rtl.lua measures with it.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"

describe("a master with several bursts out", function()
  local it = fixture.with_verilator(it, pending)

  for _, bits in ipairs { 32, 512 } do
    it(("gets nine tenths of the cycles of a bus of %d bits"):format(bits), function()
      local d <close> = core.device_open("rtl:" .. fixture.model("mover", { parameters = { DW = bits } }))
      local m <close> = lunq.MMIO(0, 0x40, d)
      local n <const>, bytes <const> = 16384, bits // 8
      local a <close> = lunq.allocate(n, "u4", { target = d })
      local b <close> = lunq.allocate(n, "u4", { target = d })
      for i = 1, n do a[i] = i * 2654435761 & 0xffffffff end
      m:write(0x10, a.physical_address)
      m:write(0x1c, b.physical_address)
      m:write(0x28, 4 * n)
      local before = d.cycle
      m:write(0, 1)
      while m:read(0) & 4 == 0 do d:step(32) end
      assert.is_true(4 * n // bytes >= 0.9 * (d.cycle - before))
      assert.equal(0, m:read(0x30))
      for i = 1, n do
        if a[i] ~= b[i] then assert.equal(a[i], b[i], "word " .. i) end
      end
    end)
  end
end)
