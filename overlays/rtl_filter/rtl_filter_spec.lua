-- Test bench of the filter, the same for its model and its RTL, and for a board:
--   lunq test overlays/rtl_filter
--   lunq test --device rtl:fir.rtl overlays/rtl_filter       (after lunq rtl build ... -o fir.rtl)
describe("the filter", function()
  local lunq = require "lunq"
  local ol, fir

  before_each(function()
    ol = lunq.Overlay "overlays/rtl_filter/rtl_filter.hwh"
    fir = ol.fir
  end)
  after_each(function() ol:free() end)

  --- The sum as it stands at the top of fir.v. With 32-bit samples and small taps it can't wrap.
  local function reference(x, taps, shift)
    local y, overflow = {}, false
    for n = 1, #x do
      local sum = 0
      for k = 1, math.min(#taps, n) do sum = sum + taps[k] * x[n - k + 1] end
      sum = sum // (1 << shift)
      y[n] = math.max(-0x80000000, math.min(0x7fffffff, sum))
      overflow = overflow or y[n] ~= sum
    end
    return y, overflow
  end

  --- n numbers of the full 32-bit range, the same each time.
  local function noise(n, state)
    local list = {}
    for i = 1, n do
      state = state * 6364136223846793005 + 1442695040888963407
      list[i] = (state >> 32) - 0x80000000
    end
    return list
  end

  it("filters", function()
    assert.same({ 1, 2, 3, 0 }, (ol:filter({ 1, 0, 0, 0 }, { 1, 2, 3 })))
    assert.same({ -1, 0, 1 }, (ol:filter({ -1, 1, 2 }, { 1 }, 1))) -- rounds down
    assert.same({}, (ol:filter {}))
  end)

  it("agrees with the sum, cut to 32 bits where it does not fit", function()
    for i, c in ipairs { { { 1 }, 0 }, { { 3, -5, 7, -9, 11, -13, 15, -17 }, 4 }, { { 0x7fffffff }, 31 },
                         { { 1, 2, 3 }, 0 } } do
      local x = noise(300, i)
      local y, overflow = ol:filter(x, c[1], c[2])
      local expected, cut = reference(x, c[1], c[2])
      assert.same(expected, y)
      assert.equal(cut, overflow)
    end
  end)

  it("adds eight products of full size without a wrap", function()
    local most, taps = {}, {}
    for i = 1, 8 do most[i], taps[i] = -0x80000000, -0x80000000 end
    local y, overflow = ol:filter(most, taps, 31)
    assert.same({ true, 0x7fffffff, 0x7fffffff }, { overflow, y[1], y[8] })
    for i = 1, 8 do taps[i] = 0x7fffffff end
    assert.equal(-0x80000000, ol:filter(most, taps, 31)[8])
  end)

  it("begins every packet from silence", function()
    for _ = 1, 3 do assert.same({ 5, 5, 5 }, (ol:filter({ 5, 0, 0 }, { 1, 1, 1 }))) end
  end)

  it("counts what comes out, until it is cleared", function()
    ol:filter({ 1, 2, 3 }, { 1 })
    ol:filter { 4 }
    assert.same({ 4, 2 }, { fir:count() })
    fir:clear()
    assert.same({ 0, 0 }, { fir:count() })
  end)

  it("interrupts once for each packet, and not where nobody asked", function()
    ol:filter({ 1 }, { 1 })
    assert.equal(0, fir.register_map.INT_STATUS:get())
    fir.register_map.INT_STATUS = 3
    local ok, e = pcall(fir.wait, fir, 0.01)
    assert.same({ false, "timeout" }, { ok, e.kind })
    assert.equal(0, fir.register_map.INT_ENABLE:get())
  end)

  it("waits while it is off, and goes on where it was", function()
    local src <close> = lunq.allocate(8, "i4", { target = ol.device })
    local dst <close> = lunq.allocate(8, "i4", { target = ol.device })
    for i = 1, 8 do src[i] = i end
    fir:set { 10 }
    fir.register_map.CONTROL = 0
    ol.dma.recvchannel:transfer(dst)
    ol.dma.sendchannel:transfer(src)
    assert.is_false(pcall(ol.dma.recvchannel.wait, ol.dma.recvchannel, 0.001))
    fir.register_map.CONTROL = 1
    ol.dma.recvchannel:wait()
    ol.dma.sendchannel:wait()
    assert.same({ 10, 80 }, { dst[1], dst[8] })
  end)

  it("keeps what is written to a tap, and not what is written to its version", function()
    local m = fir.mmio
    m:write(0x20, 0x11223344)
    m:write(0x18, 0)
    assert.same({ 0x11223344, 0x46495201 }, { m:read(0x20), m:read(0x18) })
  end)

  it("has the registers of its metadata", function()
    local walk = lunq.bench.register_walk(fir) -- CONTROL.CLEAR and the bits of INT_STATUS act: it leaves them alone
    assert.same({ 11, 3, 3 }, { walk.registers, walk.kept, #walk.left_out })
  end)

  it("refuses taps it does not have", function()
    for text, arguments in pairs {
      ["fir has 8 taps, not 0"] = { {} },
      ["fir: tap 1 is 0.5; taps are signed 32-bit integers"] = { { 0.5 } },
      ["fir: shift is 32; it goes from 0 to 31"] = { { 1 }, 32 },
    } do
      local ok, e = pcall(fir.set, fir, table.unpack(arguments))
      assert.same({ false, "value", text }, { ok, e.kind, tostring(e) })
    end
  end)
end)
