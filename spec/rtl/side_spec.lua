-- TID, TDEST and TUSER of streams into RTL and out of it.
local bench = require "lunq.bench"
local core = require "lunq.core"
local fixture = dofile "spec/rtl/fixture.lua"

describe("what is beside the data of RTL's streams", function()
  local it = fixture.with_verilator(it, pending)
  for _, options in ipairs { "", "?stress=5" } do
    it("goes through as it came, with each beat" .. options, function()
      local d <close> = core.device_open("rtl:" .. fixture.model "pass" .. options)
      local source <close> = bench.source("pass/s_axis", { device = d, dtype = "u1" })
      local sink <close> = bench.sink("pass/m_axis", { device = d, dtype = "u1" })
      local packets = {
        { 1, 2, 3, 4, 5, id = 3, dest = 9, user = 0x5a },     -- two beats, the second of one byte
        { 1, 2, 3, 4, 5, 6, 7, 8, user = { 1, 2 } },
        { 9, dest = 15 },
      }
      for _, p in ipairs(packets) do source:send(p) end
      for _, p in ipairs(packets) do assert.same(p, (sink:receive())) end
      assert.same({}, d:rtl()[1].violations)
    end)
  end

  it("is cut to the pins there are, and begins a beat of its own", function()
    local d <close> = core.device_open("rtl:" .. fixture.model "vectors")
    local source <close> = bench.source("vectors/s_axis[1]", { device = d, dtype = "u1" })
    local sink <close> = bench.sink("vectors/m_axis[1]", { device = d, dtype = "u1" })
    source:send({ 1 }, { last = false, user = 1 })
    source:send({ 0, 0 }, { user = 15, dest = 3 })
    local packet, side = sink:receive()
    assert.same({ id = 0, dest = 0, user = { 1, 7 } }, side) -- TUSER has three bits there
    assert.same({ 3, 2, 0 }, { packet[1], packet[2], packet[3] }) -- each word comes out two greater
  end)
end)
