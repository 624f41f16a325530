-- Memory scoreboards: what came where it should, and that nothing else was written.
describe("bench.memory", function()
  local bench = require "lunq.bench"
  local lunq = require "lunq"

  local buffer
  before_each(function()
    buffer = lunq.allocate(3000, "u4")
    for i = 1, 3000 do buffer[i] = i end
  end)
  after_each(function() buffer:close() end)

  local function raised(f, ...)
    local ok, e = pcall(f, ...)
    assert.is_false(ok)
    return { e.kind, tostring(e) }
  end

  it("finds what was expected, as lists, bytes and buffers", function()
    local other <close> = lunq.allocate(1, "u4")
    other[1] = 0xcafe
    local memory = bench.memory(buffer):expect(4, { 7, 8 }):expect(11996, other):expect(0, "\9")
    buffer[1], buffer[2], buffer[3], buffer[3000] = 9, 7, 8, 0xcafe
    memory:check()
    memory:expect(0, {}):expect(12000, ""):check()
  end)

  it("says which byte is not as expected", function()
    local memory = bench.memory(buffer, "dst"):expect(4, { 7, 8 })
    assert.same({ "check", "dst: byte 4 (0x4) is 0x02, expected was 0x07 (2 bytes differ)." },
                raised(memory.check, memory))
    buffer[2] = 7
    assert.same({ "check", "dst: byte 8 (0x8) is 0x03, expected was 0x08." }, raised(memory.check, memory))
  end)

  it("says what was written where nothing was expected", function()
    local memory = bench.memory(buffer):expect(4, { 7 })
    buffer[2], buffer[2999] = 7, 0
    assert.same({ "check", "memory: byte 11992 (0x2ED8) is 0x00, and nothing was expected there: it was 0xB7 "
      .. "(2 bytes differ)." }, raised(memory.check, memory))
    memory:snapshot():check()
  end)

  it("checks what a DMA wrote, and behind its end", function()
    local ol <close> = lunq.Overlay "overlays/rtl_filter/rtl_filter.hwh"
    local src <close> = lunq.allocate(4, "i4", { target = ol.device })
    local dst <close> = lunq.allocate(16, "i4", { target = ol.device })
    for i = 1, 4 do src[i] = i end
    ol.fir:set { 2 }
    local memory = bench.memory(dst, "dst"):expect(0, { 2, 4, 6, 8 })
    ol.dma.recvchannel:transfer(dst)
    ol.dma.sendchannel:transfer(src)
    ol.dma.sendchannel:wait()
    ol.dma.recvchannel:wait()
    memory:check()
  end)

  it("looks at memory, not at a cache that does not follow it", function()
    local d <close> = lunq.Device.open "sim?coherent=0"
    local b <close> = lunq.allocate(4, "u4", { target = d, cacheable = true })
    b[1] = 5 -- not flushed
    local memory = bench.memory(b)
    b[2] = 6
    memory:check() -- it is in the cache only
    b[2] = 6
    b:flush()
    assert.same({ "check", "memory: byte 4 (0x4) is 0x06, and nothing was expected there: it was 0x00." },
                raised(memory.check, memory))
    assert.equal(5, b[1])
  end)

  it("refuses what is outside, and what is no buffer", function()
    local memory = bench.memory(buffer)
    assert.same({ "index", "memory: 8 bytes at offset 11996 are outside its 12000 bytes" },
                raised(memory.expect, memory, 11996, { 1, 2 }))
    assert.same({ "index", "memory: 1 bytes at offset -1 are outside its 12000 bytes" },
                raised(memory.expect, memory, -1, "x"))
    assert.same({ "type", "memory: what is expected should be a list, a string or a buffer, not number" },
                raised(memory.expect, memory, 0, 1))
    assert.same({ "type", "memory takes a buffer of lunq.allocate, not table" }, raised(bench.memory, {}))
  end)
end)
