-- Test bench of the kernels with a stream between them. Runs on whatever card is there; without one on a
-- simulated card.
describe("two kernels with a stream", function()
  local lunq = require "lunq"
  local device, ol, buffers

  before_each(function()
    local active = lunq.Device.active_device
    local is_card = active.name:find "^xrt" or active.name:find "alveo"
    device = is_card and active or lunq.Device.open "sim:alveo"
    ol = lunq.Overlay("overlays/kernel_streams/kernel_streams.lua", { device = device })
    buffers = {}
  end)
  after_each(function()
    for _, x in ipairs(buffers) do x:close() end
    ol:close()
    if device ~= lunq.Device.active_device then device:close() end
    device, ol, buffers = nil, nil, nil
  end)

  local function buffer(n, f)
    local made = lunq.allocate(n, "i4", { target = device }) -- the bank is the only one
    buffers[#buffers + 1] = made
    for i = 1, n do made[i] = f and f(i) or 0 end
    return made:sync_to_device()
  end

  it("are connected as the overlay says", function()
    assert.equal("XrtStream(source=vadd_1.out_c, sink=vmult_1.in_a)", tostring(ol.dc_3))
    assert.equal(ol.vadd_1, ol.dc_3.source_ip)
    assert.equal(ol.dc_3, ol.vmult_1.streams.in_a)
    assert.match("dc_3 +: Stream\n", ol.__doc)
  end)

  it("compute (a + b) * d, whichever is started first", function()
    local n <const> = 500
    local a, b = buffer(n, function(i) return i end), buffer(n, function(i) return 1 - i end)
    local d, c = buffer(n, function(i) return 3 * i end), buffer(n)
    for round = 1, 2 do
      c:fill(0):sync_to_device()
      local runs = {}
      for i = 1, 2 do
        local first = i == round
        runs[i] = first and ol.vmult_1:start(d, c, n) or ol.vadd_1:start(a, b, n)
      end
      for _, run in ipairs(runs) do run:wait() end
      c:sync_from_device()
      assert.same(d:totable(), c:totable())
    end
  end)

  it("wait for each other: a kernel whose stream has no data is not done", function()
    if device.kind ~= "sim" then pending "a card without hardware does not wait" return end
    local d, c = buffer(8, function() return 2 end), buffer(8)
    local multiply = ol.vmult_1:start(d, c, 8)
    local ok, e = pcall(multiply.wait, multiply, 0.001)
    assert.same({ false, "timeout" }, { ok, e.kind })
    assert.match("^vmult_1 is not done after 0.001 s: sim:alveo has it, in the queue of a compute unit or on it. It "
      .. "goes on. A kernel waits as long as one of its streams has no data", tostring(e))
    assert.equal("running", multiply.state)
    local a = buffer(8, function(i) return i end)
    ol.vadd_1:call(a, a, 8)
    multiply:wait()
    c:sync_from_device()
    assert.same({ 4, 8, 12, 16, 20, 24, 28, 32 }, c:totable())
  end)

  it("have a demo that goes through on a simulated card", function()
    local p = assert(io.popen(("'%s' --device sim:alveo overlays/kernel_streams/demo.lua 2>&1"):format(
                              os.getenv "LUNQ_BIN" or arg[-1])))
    local text = p:read "a"
    assert.is_true(p:close(), text)
    assert.match("%(a %+ b%) %* d =%s22 44 66 88 110 132 154 176\n$", text)
  end)
end)
