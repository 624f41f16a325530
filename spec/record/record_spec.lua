-- lunq record and the device replay:FILE: what was recorded is played back without the device, and whatever
-- differs is found.
describe("lunq record", function()
  local process = dofile "spec/program/process.lua"
  local lunq = process.lunq
  local LOOPBACK <const>, PANEL <const> = "overlays/dma_loopback/", "overlays/gpio_interrupts/"
  local trace

  before_each(function() trace = process.file("", ".trace") end)
  after_each(process.clean)

  local function contents()
    local f <close> = assert(io.open(trace, "rb"))
    return f:read "a"
  end

  --- Writes a script whose `here` is the folder of the loopback design.
  local function script(text)
    return process.file(("local lunq, here = require 'lunq', %q\n"):format(LOOPBACK) .. text, ".lua")
  end

  local function record(...)
    local code, out, err = lunq("record", "-o", trace, ...)
    assert.same({ 0, "" }, { code, err })
    return out
  end

  local function replay(...) return lunq("--device", "replay:" .. trace, ...) end

  --- What a run on this machine takes is no matter of the device.
  local function without_wall_time(out) return (out:gsub("[%d.]+ ms here", "")) end

  it("has a loopback through both DMAs played back", function()
    local out = record(LOOPBACK .. "demo.lua")
    assert.matches("65536 of 65536 elements equal", out)
    local code, again, err = replay(LOOPBACK .. "demo.lua")
    assert.same({ 0, without_wall_time(out), "" }, { code, without_wall_time(again), err })
  end)

  it("has interrupts, tasks, wires and GPIO played back byte for byte, times included", function()
    local out = record(PANEL .. "demo.lua")
    assert.matches("the key: 28 steps, 3 presses of button 3", out, 1, true)
    assert.same({ 0, out, "" }, { replay(PANEL .. "demo.lua") })
  end)

  it("does on the recording device what is done without it", function()
    local _, plain = lunq(PANEL .. "demo.lua")
    assert.equal(plain, record(PANEL .. "demo.lua"))
  end)

  it("writes the same file for the same run", function()
    record(PANEL .. "demo.lua")
    local first = contents()
    record(PANEL .. "demo.lua")
    assert.equal(first, contents())
  end)

  it("has models in Lua on the device, which the replay does without", function()
    local out = record("overlays/adder/demo.lua")
    assert.same({ 0, out, "" }, { replay("overlays/adder/demo.lua") })
  end)

  it("keeps errors of the bus with their kind and text", function()
    local s = script [[
      local m <close> = lunq.MMIO(0xF8000100, 4)
      local ok, e = pcall(m.read, m, 0)
      print(ok, e.kind, e.fault, e.message)]]
    local out = record(s)
    assert.matches("^false\tio\ttrue\t.*0xf8000100", out)
    assert.same({ 0, out, "" }, { replay(s) })
  end)

  it("keeps the bytes that a DMA wrote, in memory that needs a sync", function()
    local s = script [[
      local ol <close> = lunq.Overlay(here .. "dma_loopback.hwh")
      local a <close> = lunq.allocate(8, "u4")
      local b <close> = lunq.allocate(8, "u4")
      for i = 1, 8 do a[i] = i * 0x01010101 end
      ol.axi_dma.recvchannel:transfer(b)
      ol.axi_dma.sendchannel:transfer(a)
      ol.axi_dma.sendchannel:wait()
      print(b[8])
      ol.axi_dma.recvchannel:wait()
      print(b[8], a.coherent)]]
    local out = record(s)
    assert.matches("^0\n134744072\t", out)
    assert.same({ 0, out, "" }, { replay(s) })
  end)

  local WRITES <const> = [[
    local ol <close> = lunq.Overlay(here .. "dma_loopback.hwh")
    local m = ol.axi_dma.mmio
    m:write(0x18, 0x1000)
    m:write(0x58, %s)
    %s]]

  it("catches a changed driver and names the access, what was recorded and the line", function()
    record(script(WRITES:format("0x2000", "")))
    local code, _, err = replay(script(WRITES:format("0x2004", "")))
    assert.equal(1, code)
    assert.matches("diverges at access (%d+) of %d+%.\n"
                   .. "  now:      write 0x2004 %(4 bytes%) to axi_dma%+0x58 %(0x40400058%)\n"
                   .. "  recorded: write 0x2000 %(4 bytes%) to axi_dma%+0x58 %(0x40400058%)\n", err)
    assert.matches("%.lua:5\n", err)
  end)

  it("goes on refusing, so that a pcall hides nothing", function()
    record(script(WRITES:format("0x2000", "")))
    local code, out, err = replay(script(WRITES:format("0x2000",
      "print(pcall(m.write, m, 0x18, 5)) print(pcall(m.read, m, 4))")))
    local first, second = out:match "^false\t(.-)\nfalse\t(.*)\n$"
    assert.matches("now:      write 0x5 %(4 bytes%) to axi_dma%+0x18", first)
    assert.equal(first, second)
    assert.same({ 1, "lunq: " .. first .. "\n" }, { code, err })
  end)

  it("says when the trace has come to its end and the script has not", function()
    local s = [[
      local m <close> = lunq.MMIO(0x40000000, 0x1000)
      for i = 1, ... do io.write(m:read(0x100), " ") end]]
    local out = record(script(s), "3")
    local code, again, err = replay(script(s), "5")
    assert.same({ 1, out }, { code, again })
    assert.matches("ends after 3 accesses, and the script goes on: it wants to read 4 bytes from 0x40000100%.", err)
  end)

  it("says when the script stops early, which is a failure", function()
    local s = [[
      local m <close> = lunq.MMIO(0x40000000, 0x1000)
      for i = 1, ... do m:read(0x100) end]]
    record(script(s), "3")
    for _, last in ipairs { "", " os.exit(0)" } do
      local code, _, err = replay(script(s .. last), "2")
      assert.equal(1, code)
      assert.matches("was left at access 2 of 3%. Recorded was next: read 4 bytes from 0x40000100%.", err)
    end
  end)

  it("refuses another design", function()
    record(LOOPBACK .. "demo.lua")
    local code, _, err = replay(PANEL .. "demo.lua")
    assert.equal(1, code)
    assert.matches("at access 1 of %d+%.\n  now:      load design gpio_interrupts%.hwh %(contents %x+%)\n"
                   .. "  recorded: load design dma_loopback%.hwh", err)
  end)

  it("refuses what only simulated devices have, on both sides alike", function()
    local s = script [[
      local ok, e = pcall(lunq.Device.active_device.faults, lunq.Device.active_device)
      print(ok, e.kind, e.message)]]
    local out = record(s)
    assert.equal("false\tunsupported\tDevice sim is recorded or replayed: of what only simulated devices have, wires "
                 .. "can be, the rest not.\n", out)
    assert.same({ 0, out, "" }, { replay(s) })
  end)

  -- lunq.Device.devices opened the device of LUNQ_DEVICE again where it goes by another name, as here.
  it("is one device", function()
    assert.equal("1\n", record(script "print(#lunq.Device.devices)"))
  end)

  it("is for boards: kernels of cards can't be recorded", function()
    local s = script [[
      local ok, e = pcall(lunq.Overlay, { name = "card", kernels = { k = { args = { "int n" } } } })
      print(e.kind, e.message)]]
    local out = record("--device", "sim:alveo", s)
    assert.equal("unsupported\t(table) is a design for a card, whose kernels can't be recorded: lunq record is for "
                 .. "boards.\n", out)
  end)

  it("keeps the trace of a script that failed", function()
    local s = script(WRITES:format("0x2000", "error 'oops'"))
    assert.equal(1, (lunq("record", "-o", trace, s)))
    local code, _, err = replay(s)
    assert.equal(1, code)
    assert.matches("oops", err)
    assert.not_matches("replay", err)
  end)

  it("asks for a file", function()
    local code, _, err = lunq("record", "x.lua")
    assert.equal(2, code)
    assert.matches("record needs %-o and the file to write", err)
    code, _, err = lunq("record", "-o", "a:b", "x.lua")
    assert.equal(2, code)
    assert.matches("has no colon in its name: a:b", err)
  end)
end)
