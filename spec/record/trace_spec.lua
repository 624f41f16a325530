-- The file of a trace is data from anywhere: damaged ones are refused with the place, and none crashes.
describe("a trace", function()
  local core = require "lunq.core"
  local lunq = require "lunq"
  local name
  before_each(function() name = os.tmpname() end)
  after_each(function() os.remove(name) end)

  local function write(text)
    local f <close> = assert(io.open(name, "wb"))
    f:write(text)
  end

  local function failure(f, ...)
    local ok, e = pcall(f, ...)
    assert(not ok, "nothing was raised")
    return { e.kind, e.message }
  end

  local function open() return core.device_open("replay:" .. name) end

  --- Records a little of everything and returns the file.
  local function sample()
    local device = core.device_open(("record:%s:sim?seed=7"):format(name))
    local ol = lunq.Overlay("overlays/gpio_interrupts/gpio_interrupts.hwh", { device = device })
    ol.leds.channel1:write(5)
    local b = lunq.allocate(16, "u4", { device = device })
    b:flush()
    b:invalidate()
    device:wire("key", 1)
    b:close()
    ol:free()
    device:close()
    local f <close> = assert(io.open(name, "rb"))
    return f:read "a"
  end

  it("is refused when it is none, of another version, or not there", function()
    write "lua"
    assert.same({ "value", name .. ": It is no trace: traces are written by lunq record." }, failure(open))
    write "lunq-trace 2\n"
    assert.same({ "value", name .. ": The trace is of another version than 1, which this program reads: record "
                  .. "again." }, failure(open))
    os.remove(name)
    assert.same({ "io", "The trace " .. name .. " can't be read: No such file or directory." }, failure(open))
    assert.same({ "value", 'Device "replay": name the trace to replay, as in replay:bench.trace.' },
                failure(core.device_open, "replay"))
  end)

  it("is refused without a device in front", function()
    for _, rest in ipairs { "", "\1" .. ("\0"):rep(12) } do
      write("lunq-trace 1\n" .. rest)
      assert.same({ "value", name .. ": the trace does not begin with a device: it is damaged." }, failure(open))
    end
  end)

  it("has numbers of 64 bits at most, and lengths that fit", function()
    local START <const> = "lunq-trace 1\n"
    for rest, words in pairs {
      ["\x77"] = "13: no record begins like that",
      ["\5" .. ("\xff"):rep(12)] = "24: a number is cut off or too large",
      ["\5\1"] = "15: a number is cut off or too large",
      ["\5" .. ("\0"):rep(9) .. "\5abc"] = "24: a text or block of bytes is cut off",
      ["\5" .. ("\0"):rep(9) .. ("\xff"):rep(9) .. "\1"] = "33: a text or block of bytes is cut off",
      ["\5" .. ("\0"):rep(11) .. "\12"] = "26: there is no such result",
    } do
      write(START .. rest)
      assert.same({ "value", ("%s: The trace is damaged at byte %s."):format(name, words) }, failure(open))
    end
  end)

  it("is read or refused wherever it is cut off", function()
    local whole, refused = sample(), 0
    for n = 0, #whole - 1, 3 do
      write(whole:sub(1, n))
      local ok, e = pcall(open)
      if ok then
        local m = lunq.MMIO(0x41200000, 4, e)
        pcall(m.read, m, 0)
        m:close()
        lunq.warnings.capture(e.close, e)
      else
        assert.equal("value", e.kind)
        refused = refused + 1
      end
    end
    assert.is_true(refused > #whole / 4)
  end)

  it("does no harm with any byte changed", function()
    local whole = sample()
    local random = math.random
    math.randomseed(7)
    for _ = 1, 300 do
      local at = random(14, #whole)
      write(whole:sub(1, at - 1) .. string.char(random(0, 255)) .. whole:sub(at + 1))
      local ok, device = pcall(open)
      if ok then
        lunq.warnings.capture(pcall, function()
          local ol <close> = lunq.Overlay("overlays/gpio_interrupts/gpio_interrupts.hwh", { device = device })
          ol.leds.channel1:write(5)
          local b <close> = lunq.allocate(16, "u4", { device = device })
          b:flush()
          b:invalidate()
          device:wire("key", 1)
        end)
        lunq.warnings.capture(device.close, device)
      else
        assert.equal("value", device.kind)
      end
    end
  end)

  it("can't be written everywhere", function()
    assert.same({ "io", "The trace /nowhere/x can't be written: No such file or directory." },
                failure(core.device_open, "record:/nowhere/x:sim"))
    assert.same("value", failure(core.device_open, "record:" .. name .. ":toaster")[1])
    assert.same("value", failure(core.device_open, "record:" .. name)[1])
    local device = core.device_open "record:/dev/full:sim"
    local m = lunq.MMIO(0x40000000, 0x1000, device)
    local e
    for _ = 1, 1000 do
      local ok, why = pcall(m.read, m, 0x100)
      e = e or not ok and why.message:match "^The trace /dev/full.*"
    end
    m:close()
    local list = lunq.warnings.capture(device.close, device)
    assert.equal("The trace /dev/full can't be written: the disk may be full.", e)
    assert.matches("/dev/full is not whole: No space left on device", list[1].text)
  end)
end)
