describe("a device", function()
  local core = require "lunq.core"
  local helper = require "spec.helper"

  local function failure(...)
    local ok, e = pcall(...)
    assert.is_false(ok)
    return e
  end

  it("is opened by a string, listed, and closed twice without harm", function()
    local before = #core.devices()
    local d = core.device_open("sim?seed=7")
    assert.equal("sim?seed=7", d.name)
    assert.equal("sim", d.kind)
    assert.equal("Device sim?seed=7", tostring(d))
    assert.equal(before + 1, #core.devices())
    assert.equal(d, core.devices()[before + 1])
    d:close()
    d:close()
    assert.is_true(d.closed)
    assert.equal("Device (closed)", tostring(d))
    assert.equal(before, #core.devices())
    assert.equal("Device is closed.", tostring(failure(d.now, d)))
  end)

  it("is closed when nobody can reach it any more", function()
    collectgarbage()
    local before = #core.devices()
    for _ = 1, 40 do core.device_open("sim") end
    collectgarbage()
    assert.equal(before, #core.devices())
  end)

  it("that nobody can reach makes room for the next", function()
    for _ = 1, 12 do core.device_open("sim?coherent=0") end -- 12 GiB of addresses: a 32-bit program has less
    collectgarbage()
  end)

  it("answers everywhere in its plain range while no design is loaded", function()
    local d <close> = core.device_open("sim")
    for addr = 0x40000000, 0xbc000000, 0x04000000 do
      for _, at in ipairs { addr, addr + 0x03ffff00 } do
        local m <close> = core.mmio(at, 0x100, d)
        m:write(0xfc, at)
        assert.equal(at, m:read(0xfc))
      end
    end
  end)

  it("is refused by a name that means nothing, and the message says what there is", function()
    local e = failure(core.device_open, "simm")
    assert.equal("value", e.kind)
    assert.match('"simm" names no device: there is no kind "simm". This build has: sim,', tostring(e), 1, true)
    e = failure(core.device_open, "sim:zinc")
    assert.equal("value", e.kind)
    assert.match('unknown family "zinc"', tostring(e), 1, true)
    e = failure(core.device_open, "sim?speed=7")
    assert.equal("value", e.kind)
    assert.match('unknown option "speed". A simulated device knows seed=N, coherent=0|1, ddr=BYTES',
      tostring(e), 1, true)
  end)

  for _, spec in ipairs { "sim?seed", "sim?seed=", "sim?seed=x", "sim?coherent=2", "sim?ddr=1T",
    "sim?ddr=99999999999999999999", "sim?ddr=18014398509481984K" } do
    it("refuses " .. spec, function()
      local e = failure(core.device_open, spec)
      assert.equal("value", e.kind)
      assert.match("needs a number", tostring(e), 1, true)
    end)
  end

  it("has memory below the programmable logic only", function()
    local e = failure(core.device_open, "sim?ddr=2G")
    assert.equal("value", e.kind)
    assert.match("ddr is from 2M to 1024M", tostring(e), 1, true)
    if not helper.wide then -- two copies of 2 GiB are all there is
      e = failure(core.device_open, "sim:zynqmp?ddr=2G&coherent=0")
      assert.same({ "memory", "No address space for 2048 MiB of memory for a device." }, { e.kind, tostring(e) })
      return
    end
    local d <close> = core.device_open("sim:zynqmp?ddr=2G&coherent=0")
    assert.same({ { name = "PSDDR", base = 0, size = 2 << 30, coherent = false, used = 0, buffers = 0 } }, d:banks())
  end)

  it("has a clock that stands still unless time is asked to pass", function()
    local d <close> = core.device_open("sim")
    assert.equal(0, d:now())
    assert.equal(0, d:now())
    d:advance(1500)
    assert.equal(1500, d:now())
    local e = failure(d.advance, d, -1)
    assert.equal("value", e.kind)
  end)

  it("becomes the active one when told so", function()
    local was = core.active_device()
    local d <close> = core.device_open("sim")
    assert.equal(d, core.active_device(d))
    assert.equal(d, core.active_device())
    core.active_device(was)
    assert.equal(was, core.active_device())
  end)
end)
