describe("lunq.Device", function()
  local lunq = require "lunq"
  local raised = dofile("spec/overlay/fixture.lua").raised

  it("lists the open devices, the default one among them", function()
    local default = lunq.Device.active_device
    local second <close> = lunq.Device.open "sim:zynqmp"
    local names = {}
    for _, device in ipairs(lunq.Device.devices) do names[#names + 1] = device.name end
    assert.same({ default.name, "sim:zynqmp" }, names)
    assert.equal(second, lunq.Device.devices[2])
  end)

  it("has an active device, which can be changed", function()
    local before = lunq.Device.active_device
    local second <close> = lunq.Device.open "sim"
    lunq.Device.active_device = second
    finally(function() lunq.Device.active_device = before end)
    local ol <close> = lunq.Overlay { ip = { a = { vlnv = "a:b:c:1.0", address = 0x40000000 } } }
    assert.equal(second, ol.device)
    assert.equal(1, second.loads)
  end)

  it("opens each device a text stands for", function()
    local core = require "lunq.core"
    assert.same({ "sim:zynqmp?seed=7" }, core.device_names "sim:zynqmp?seed=7")
    assert.same({ lunq.Device.active_device.name }, core.device_names())
    local e = raised(core.device_names, "abacus:1")
    assert.equal("value", e[1])
    assert.match('^"abacus:1" names no device: there is no kind "abacus". This build has: sim, ', e[2])
    assert.same({ "value", "The name of a device has at most 127 characters." },
      raised(core.device_names, ("x"):rep(128)))
  end)

  it("refuses what is no device, and other names", function()
    assert.equal("type", raised(function() lunq.Device.active_device = "sim" end)[1])
    assert.equal("type", raised(function() lunq.Device.active_device = nil end)[1])
    assert.same({ "attribute", 'lunq.Device has no "device"; did you mean "devices"?' },
                raised(function() return lunq.Device.device end))
    assert.same({ "attribute", "lunq.Device.devices can't be assigned" },
                raised(function() lunq.Device.devices = {} end))
  end)
end)
