-- Test bench of the stream filter: with coherent memory, where fabric and program have copies of
-- their own (a forgotten sync would show), and with other latencies.
local lunq = require "lunq"

local HWH <const> = "overlays/stream_filter/stream_filter.hwh"

--- The sum as it stands in fir.cpp of the README, sample by sample.
local function reference(x, taps, shift)
  local y = {}
  for n = 1, #x do
    local sum = 0
    for k = 1, math.min(#taps, n) do sum = sum + taps[k] * x[n - k + 1] end
    sum = sum // (1 << shift) & 0xffffffff
    y[n] = sum >= 0x80000000 and sum - (1 << 32) or sum
  end
  return y
end

--- n samples of the full 32-bit range, the same each time.
local function noise(n)
  local list, state = {}, 1
  for i = 1, n do
    state = state * 6364136223846793005 + 1442695040888963407
    list[i] = (state >> 32) - 0x80000000
  end
  return list
end

local function raised(f, ...)
  local ok, e = pcall(f, ...)
  assert(not ok, "nothing was raised")
  return e.kind, tostring(e)
end

for _, device in ipairs { "sim", "sim?coherent=0", "sim?seed=7" } do
  describe("the stream filter on " .. device, function()
    local card, ol, filter
    before_each(function()
      card = lunq.Device.open(device)
      ol = lunq.Overlay(HWH, { device = card })
      filter = ol.filter
    end)
    after_each(function()
      ol:free()
      card:close()
    end)

    it("has drivers of its own for the core and for the hierarchy around it", function()
      assert.same({ "Filter", "Fir" }, { getmetatable(filter).__name, getmetatable(filter.fir).__name })
      local text = tostring(ol)
      for _, part in ipairs { "filter/ +Filter", "fir +0x43c00000 +64K +Fir",
                              "M_AXIS_MM2S %-> filter/fir/x", "fir/y +%-> filter/axi_dma_from_pl_to_ps" } do
        assert.matches(part, text)
      end
    end)

    it("filters", function()
      assert.same({ 1, 0, 0 }, filter:run({ 1, 0, 0 }, { 1 }))
      assert.same({ 4, 3, 2, 1, 0 }, filter:run({ 1, 0, 0, 0, 0 }, { 4, 3, 2, 1 }))
      assert.same({ -1, -3, -6 }, filter:run({ -1, -2, -3 }, { 1, 1, 1 }))
      assert.same({ -1, 0, 1 }, filter:run({ -1, 1, 2 }, { 1 }, 1)) -- rounds down, as >> does
      assert.same({}, filter:run({}, { 1 }))
    end)

    it("agrees with the sum, and wraps as C does", function()
      local x = noise(3000)
      for _, c in ipairs { { { 1 }, 0 }, { { 3, -5, 7, -9, 11, -13, 15, -17 }, 4 },
                           { { 0x7fffffff, -0x80000000 }, 31 }, { { 1, 2, 3 }, 0 } } do
        assert.same(reference(x, c[1], c[2]), filter:run(x, c[1], c[2]))
      end
    end)

    it("starts each run from silence", function()
      filter.fir:set { 1, 1, 1, 1 }
      assert.same({ 100, 200 }, filter:run { 100, 100 })
      assert.same({ 1, 2 }, filter:run { 1, 1 })
    end)

    it("keeps the taps until others are set", function()
      filter.fir:set({ 1, -2, 3 }, 2)
      local taps, shift = filter.fir:get()
      assert.same({ { 1, -2, 3, 0, 0, 0, 0, 0 }, 2 }, { taps, shift })
      filter.fir:set { 5 }
      assert.same({ 5, 0, 0, 0, 0, 0, 0, 0 }, (filter.fir:get()))
      assert.same({ 50 }, filter:run { 10 })
    end)

    it("takes fractions as fixed-point numbers", function()
      assert.same({ { 8192, 16384, -32768 }, 15 }, { filter.fir:fixed { 0.25, 0.5, -1 } })
      assert.same({ 100, 300, 400, 400 }, filter:run({ 400, 400, 400, 400 }, filter.fir:fixed { 0.25, 0.5, 0.25 }))
      assert.same({ { 4 }, 2 }, { filter.fir:fixed({ 1 }, 2) })
    end)

    it("moves buffers without a copy", function()
      local src <close> = lunq.allocate(64, "i4", { target = card })
      local dst <close> = lunq.allocate(64, "i4", { target = card })
      for i = 1, 64 do src[i] = i end
      filter.fir:set { 2 }
      assert.equal(256, filter:stream(src, dst))
      assert.same({ 2, 128 }, { dst[1], dst[64] })
    end)

    it("refuses what the core can't do, before anything is written", function()
      filter.fir:set({ 7 }, 1)
      for text, arguments in pairs {
        ["filter/fir has 8 taps, not 9"] = { { 1, 2, 3, 4, 5, 6, 7, 8, 9 } },
        ["filter/fir has 8 taps, not 0"] = { {} },
        ["filter/fir: tap 2 is 0.5; taps are 32-bit integers. For fractions use fixed(taps)."] = { { 1, 0.5 } },
        ["filter/fir: tap 1 is 2147483648; taps are 32-bit integers. For fractions use fixed(taps)."] = { { 1 << 31 } },
        ["filter/fir: shift is 32; it goes from 0 to 31"] = { { 1 }, 32 },
        ["filter/fir: shift is -1; it goes from 0 to 31"] = { { 1 }, -1 },
      } do
        assert.same({ "value", text }, { raised(filter.fir.set, filter.fir, table.unpack(arguments)) })
      end
      local taps, shift = filter.fir:get()
      assert.same({ 7, 1 }, { taps[1], shift })
    end)

    it("refuses buffers of different length", function()
      local src <close> = lunq.allocate(4, "i4", { target = card })
      local dst <close> = lunq.allocate(3, "i4", { target = card })
      assert.same({ "value", "filter: src has 16 bytes and dst 12; the filter gives one sample for each" },
                  { raised(filter.stream, filter, src, dst) })
    end)

    it("times out when TLAST gets lost, says so, and works again", function()
      card:inject { fault = "lose_tlast", ip = "filter/fir", count = 1 }
      local kind, text = raised(filter.run, filter, { 1, 2, 3 }, { 1 }, 0, 0.01)
      assert.equal("timeout", kind)
      assert.matches("TLAST", text)
      assert.same({ 1, 2, 3 }, filter:run({ 1, 2, 3 }, { 1 }))
    end)

    it("stops the sender when nobody receives: the core stores next to nothing", function()
      local src <close> = lunq.allocate(1 << 16, "i4", { target = card })
      local send = filter.axi_dma_from_ps_to_pl
      filter.fir:set { 1 }
      send.sendchannel:transfer(src)
      local kind = raised(send.sendchannel.wait, send.sendchannel, 0.01)
      send:reset()
      assert.equal("timeout", kind)
    end)

    it("goes on with the data in order when the receiver comes late", function()
      local n <const> = 5000
      local src <close> = lunq.allocate(n, "i4", { target = card })
      local dst <close> = lunq.allocate(n, "i4", { target = card })
      for i = 1, n do src[i] = i end
      filter.fir:set { 3 }
      filter.axi_dma_from_ps_to_pl.sendchannel:transfer(src)
      card:advance(1000000)
      filter.axi_dma_from_pl_to_ps.recvchannel:transfer(dst)
      filter.axi_dma_from_ps_to_pl.sendchannel:wait()
      assert.equal(4 * n, filter.axi_dma_from_pl_to_ps.recvchannel:wait())
      for i = 1, n do assert(dst[i] == 3 * i, i) end
    end)
  end)
end

-- The core alone: a source in place of the sending DMA, a sink in place of the receiving one.
describe("the FIR core", function()
  local bench = lunq.bench
  local ol, fir, source, sink
  before_each(function()
    ol = lunq.Overlay(HWH)
    fir = ol.filter.fir
    source = bench.source(fir, "x", { dtype = "i4", gaps = 0.3 })
    sink = bench.sink(fir, "y", { dtype = "i4", stalls = 0.3 })
  end)
  after_each(function()
    source:close()
    sink:close()
    ol:free()
  end)

  it("filters random packets, whatever pauses its streams make", function()
    local taps <const> = { 3, -1, 2 }
    fir:set(taps)
    bench.for_all({ bench.list(bench.integer(-1000, 1000), 20, 1) }, function(packet)
      source:send(packet)
      sink:check(bench.scoreboard "y":expect(reference(packet, taps, 0)))
    end, 50)
  end)

  it("keeps packets apart that come one behind the other", function()
    local board = bench.scoreboard "y"
    fir:set { 1, 1 }
    for n = 1, 40 do
      local packet = noise(n)
      source:send(packet)
      board:expect(reference(packet, { 1, 1 }, 0))
    end
    sink:check(board)
  end)

  it("says nothing as long as nobody takes what it says", function()
    fir:set { 2 }
    sink:pause()
    source:send { 1, 2, 3 }
    ol.device:advance(100000)
    assert.equal(0, sink.bytes)
    sink:pause(false)
    assert.same({ 2, 4, 6 }, sink:receive())
  end)
end)

describe("the stream filter", function()
  it("runs its demo, with the same result where memory is not coherent", function()
    local pictures = {}
    for i, device in ipairs { "sim", "sim?coherent=0" } do
      local p = assert(io.popen(("'%s' --device '%s' overlays/stream_filter/demo.lua 2>&1"):format(
                                os.getenv "LUNQ_BIN" or arg[-1], device)))
      local text = p:read "a"
      assert.is_true(p:close(), text)
      assert.matches("impulse response\t4 3 2 1 0 0\n", text)
      pictures[i] = text:match "before\n.*"
    end
    assert.equal(pictures[1], pictures[2])
  end)
end)
