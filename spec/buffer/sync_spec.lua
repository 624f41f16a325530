--- Syncs on non-coherent memory: a window on the memory's addresses shows the device's copy.
local core = require "lunq.core"

describe("on non-coherent memory", function()
  local d, b, device

  --- The device's bytes as a list of u4.
  local function seen()
    local t = {}
    for i = 1, b.size do t[i] = device:read(4 * (i - 1)) end
    return t
  end

  before_each(function()
    d = core.device_open "sim?coherent=0"
    b = core.allocate(12, "u4", { device = d })
    device = core.mmio(b.device_address, b.nbytes, d)
    b:set { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }
  end)
  after_each(function()
    device:close()
    b:close()
    d:close()
  end)

  it("nothing passes without a sync", function()
    assert.is_false(b.coherent)
    assert.same({ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, seen())
    assert.equal(b, b:flush())
    assert.same(b:totable(), seen())
    device:write(8, 99)
    assert.equal(3, b[3])
    assert.equal(b, b:invalidate())
    assert.equal(99, b[3])
  end)

  it("a slice syncs its own part only", function()
    b:slice(3, 5):sync_to_device()
    assert.same({ 0, 0, 3, 4, 5, 0, 0, 0, 0, 0, 0, 0 }, seen())
    b:slice(3, 5):slice(2):fill(7)
    for i = 0, 11 do device:write(4 * i, 50 + i) end
    b:slice(4, 4):sync_from_device()
    assert.same({ 1, 2, 3, 53, 7, 6, 7, 8, 9, 10, 11, 12 }, b:totable())
  end)

  it("a row of rows syncs itself", function()
    b:reshape(3, 4)[2]:flush()
    assert.same({ 0, 0, 0, 0, 5, 6, 7, 8, 0, 0, 0, 0 }, seen())
  end)

  -- C6: PYNQ syncs nbytes contiguous bytes from the start of a strided view. Its lowest to its highest
  -- byte would be wrong too: an invalidate of the gaps loses what the host wrote there.
  it("a strided view syncs its elements, and not the gaps", function()
    b:slice(2, -1, 3):flush()
    assert.same({ 0, 2, 0, 0, 5, 0, 0, 8, 0, 0, 11, 0 }, seen())
    for i = 0, 11 do device:write(4 * i, 50 + i) end
    b:slice(-1, 1, -2):invalidate() -- reversed: 12, 10, 8, ...
    assert.same({ 1, 51, 3, 53, 5, 55, 7, 57, 9, 59, 11, 61 }, b:totable())
  end)

  it("a block of columns syncs its pieces of rows, transposed or not", function()
    local m = b:reshape(3, 4)
    m:slice(true, { 2, 3 }):flush()
    assert.same({ 0, 2, 3, 0, 0, 6, 7, 0, 0, 10, 11, 0 }, seen())
    m:slice(true, { 4 }).T:flush()
    assert.same({ 0, 2, 3, 4, 0, 6, 7, 8, 0, 10, 11, 12 }, seen())
    m.T:flush()
    assert.same(b:totable(), seen())
  end)

  it("an empty view syncs nothing", function()
    b:slice(5, 4):flush():invalidate()
    assert.same({ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, seen())
  end)
end)

-- PYNQ's test_buffer counts calls (offset, bytes); here the device's copy shows which bytes passed.
describe("PYNQ's parts of a buffer", function()
  for name, case in pairs {
    ["the whole"] = { { 1024 }, function(b) return b end, 0, 4096 },
    ["the whole as a slice"] = { { 1024 }, function(b) return b:slice(1, -1) end, 0, 4096 },
    ["a row"] = { { 1024, 1024 }, function(b) return b[2] end, 4096, 4096 },
    ["the second half of a row"] = { { 1024, 1024 }, function(b) return b[2]:slice(513, -1) end, 6144, 2048 },
  } do
    for coherent = 0, 1 do
      it(("%s: %s memory"):format(name, coherent == 1 and "coherent" or "non-coherent"), function()
        local d <close> = core.device_open("sim?coherent=" .. coherent)
        local b <close> = core.allocate(case[1], "u4", { device = d, cacheable = coherent == 0 })
        local w <close> = core.mmio(b.device_address, b.nbytes, d)
        local part, offset, n = case[2](b), case[3], case[4]
        assert.same({ coherent == 1, coherent == 0 }, { part.coherent, part.cacheable })
        assert.equal(b.device_address + offset, part.device_address)
        assert.equal(b.physical_address + offset, part.physical_address)
        --- The first and last byte, and those around them, of what the device has and what the host has.
        local function bytes(read)
          local list = {}
          for _, at in ipairs { offset - 1, offset, offset + n - 1, offset + n } do
            if at >= 0 and at < b.nbytes then list[#list + 1] = read(at) end
          end
          return list
        end
        local flat = b:view "u1":reshape(b.nbytes)
        local function device() return bytes(function(at) return w:read8(at) end) end
        local function host() return bytes(function(at) return flat[at + 1] end) end
        local function expected(inside, outside)
          return bytes(function(at)
            return (coherent == 1 or at >= offset and at < offset + n) and inside or outside
          end)
        end
        for i, sync in ipairs { "flush", "sync_to_device" } do
          flat:fill(i)
          part[sync](part)
          assert.same(expected(i, 0), device())
          w:fill(0, b.nbytes // 4, 0)
        end
        for i, sync in ipairs { "invalidate", "sync_from_device" } do
          flat:fill(7)
          w:fill(0, b.nbytes, 0x10 + i, 1)
          part[sync](part)
          assert.same(expected(0x10 + i, 7), host())
        end
      end)
    end
  end
end)

describe("on coherent memory and in host memory", function()
  it("syncs do nothing and return the buffer", function()
    local b <close> = core.allocate(4)
    assert.is_true(b.coherent)
    assert.equal(b, b:flush():invalidate())
    local a = core.array(4)
    assert.equal(a, a:sync_to_device():sync_from_device())
  end)
end)
