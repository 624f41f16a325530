-- Test bench of the card overlay. Runs on whatever card is there; without one on a simulated card.
describe("vadd on a card", function()
  local lunq = require "lunq"
  local N <const> = 1000
  local device, ol, a, b, c

  before_each(function()
    local active = lunq.Device.active_device
    local is_card = active.name:find "^xrt" or active.name:find "alveo"
    device = is_card and active or lunq.Device.open "sim:alveo"
    ol = lunq.Overlay("overlays/vadd_card/vadd_card.lua", { device = device })
    a = ol.bank0:allocate(N, "i4")
    b = ol.bank1:allocate(N, "i4")
    c = ol.bank1:allocate(N, "i4")
    for i = 1, N do a[i], b[i] = i, -2 * i end
    a:sync_to_device()
    b:sync_to_device()
  end)
  after_each(function()
    for _, x in ipairs { a, b, c, ol } do x:close() end
    if device ~= lunq.Device.active_device then device:close() end
    device, ol, a, b, c = nil, nil, nil, nil, nil
  end)

  local function result(buffer)
    buffer:sync_from_device()
    return buffer:totable()
  end

  local function expected(f)
    local list = {}
    for i = 1, N do list[i] = f(i) end
    return list
  end

  it("adds", function()
    ol.vadd_1:call(a, b, c, N)
    assert.same(expected(function(i) return -i end), result(c))
  end)

  it("adds as many as it is told", function()
    ol.vadd_2:call { a = a, b = b, c = c, n = 3 }
    assert.same({ -1, -2, -3, 0, 0 }, table.move(result(c), 1, 5, 1, {}))
  end)

  it("shows the host what was synced, no more", function()
    ol.vadd_1:call(a, b, c, N)
    assert.same(expected(function() return 0 end), c:totable())
    c:slice(11, 20):sync_from_device()
    assert.same(expected(function(i) return i > 10 and i <= 20 and -i or 0 end), c:totable())
  end)

  it("shows the card what was synced, no more", function()
    a:fill(0)
    a:slice(1, 10):flush()
    ol.vadd_1:call(a, b, c, N)
    c:invalidate()
    assert.same(expected(function(i) return i <= 10 and -2 * i or -i end), c:totable())
  end)

  it("runs on both units, and then on what they made", function()
    local half <const> = N // 2
    local function part(buffer, from) return buffer:slice(from, from + half - 1) end
    local low = ol.vadd_1:start(part(a, 1), part(b, 1), part(c, 1), half)
    local high = ol.vadd_2:start(part(a, half + 1), part(b, half + 1), part(c, half + 1), half)
    ol.kernels.vadd:call(a, c, b, N, { waitfor = { low, high } })
    assert.same({ "done", "done" }, { low.state, high.state })
    assert.same(expected(function() return 0 end), result(b))
  end)

  it("sums four arrays in a chain the card runs by itself", function()
    local h = ol.vadd_1:start(a, b, c, N)
    for _ = 1, 2 do h = ol.vadd_1:start(a, c, c, N, { waitfor = h }) end
    h:wait()
    assert.same(expected(function(i) return i end), result(c))
  end)

  it("refuses a buffer in the wrong bank", function()
    local ok, e = pcall(ol.vadd_1.call, ol.vadd_1, b, a, c, N)
    assert.same({ false, "value", ("Argument a of vadd: the buffer is in bank bank1 of %s, where the kernel can't "
      .. "reach it: the argument is connected to bank0. Allocate the buffer there."):format(device.name) },
      { ok, e.kind, tostring(e) })
  end)

  it("has a demo that goes through on a simulated card", function()
    local p = assert(io.popen(("'%s' --device sim:alveo overlays/vadd_card/demo.lua 2>&1"):format(
                              os.getenv "LUNQ_BIN" or arg[-1])))
    local text = p:read "a"
    assert.is_true(p:close(), text)
    assert.match("2 %* a %+ b: +104142 104244 104346 104448\n$", (text:gsub("\t", " ")))
  end)
end)
