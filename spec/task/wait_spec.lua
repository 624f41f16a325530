-- Waits for hardware, in tasks and beside them.
local lunq = require "lunq"

local DESIGN <const> = "overlays/dma_loopback/dma_loopback.hwh"

local function fails(f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok)
  return e
end

describe("a register poll in a task", function()
  local m
  before_each(function() m = lunq.MMIO(0x40000000, 0x1000) end)
  after_each(function() m:close() end)

  it("lets other tasks run, and ends when they have changed the register", function()
    local log = {}
    local poller = lunq.spawn(function()
      local word = m:poll(0x10, 0xff, 0x2a)
      log[#log + 1] = word
      return "seen"
    end)
    lunq.spawn(function()
      lunq.sleep(0.001)
      log[#log + 1] = "write"
      m:write(0x10, 0x12a)
    end)
    assert.equal("seen", poller:wait())
    assert.same({ "write", 0x12a }, log)
    m:write(0x10, 0)
  end)

  it("has the time limit and the words of a poll elsewhere", function()
    local e = fails(lunq.run, function() m:poll(0x20, 1, 1, 0.25) end)
    assert.equal("timeout", e.kind)
    assert.equal("0x40000020 still reads 0x00000000 after 0.25 s: waited for 0x1 under mask 0x1.", tostring(e))
  end)

  it("fails when its window is closed meanwhile", function()
    local t = lunq.spawn(function() m:poll(0x20, 1, 1, 5) end)
    lunq.sleep(0.001)
    m:close()
    local e = fails(t.wait, t)
    assert.equal("runtime", e.kind)
    assert.matches("closed", tostring(e))
  end)

  -- A driver that is collected stops its hardware; its finalizer can't be suspended.
  it("works in a finalizer, and nothing else runs meanwhile", function()
    local ok, log = nil, {}
    local other = lunq.spawn(function()
      lunq.sleep(1e-6)
      log[#log + 1] = "other"
    end)
    lunq.run(function()
      setmetatable({}, { __gc = function()
        ok = not pcall(m.poll, m, 0x20, 1, 1, 0.001)
        log[#log + 1] = "finalizer"
      end })
      collectgarbage()
    end)
    other:wait()
    assert.is_true(ok)
    assert.same({ "finalizer", "other" }, log)
  end)

  it("may be cancelled, and then looks no more", function()
    local d = lunq.core.active_device()
    d:stats(true)
    local t = lunq.spawn(function() m:poll(0x20, 1, 1, 5) end)
    lunq.sleep(0.001)
    t:cancel()
    d:stats(false)
    assert.equal("cancelled", t.state)
    local before = lunq.now()
    lunq.sleep(1)
    assert.near(1, lunq.now() - before, 1e-6) -- nobody's looks took bus time
  end)
end)

describe("a batch in a task", function()
  local m
  before_each(function()
    m = lunq.MMIO(0x40000000, 0x1000)
    m:write(0x10, 0)
    m:write(0x14, 0)
  end)
  after_each(function() m:close() end)

  local function later(seconds, offset, value)
    return lunq.spawn(function()
      lunq.sleep(seconds)
      m:write(offset, value)
    end)
  end

  it("lets other tasks run while a poll waits, and goes on with the steps behind it", function()
    local steps = { { "write", 0x20, 1 }, { "poll", 0x10, 0xff, 0x2a, name = "first" }, { "write", 0x20, 2 },
                    { "poll", 0x14, 1, 1 }, { "write", 0x20, 3 }, { "read", 0x20, "last" } }
    local seen = {}
    local t = lunq.spawn(function() return m:batch(steps) end)
    for i, at in ipairs { 0x10, 0x14 } do
      lunq.sleep(0.001)
      seen[i] = m:read(0x20)
      m:write(at, 0x12a + i - 1)
    end
    local results = t:wait()
    assert.same({ 1, 2 }, seen)
    assert.same({ 0x12a, 0x12b, 3 }, { results.first, results[2], results.last })
  end)

  it("works on the main thread, too, with tasks beside it", function()
    later(0.001, 0x10, 1)
    later(0.002, 0x14, 1)
    local results = m:batch { { "poll", 0x10, 1, 1 }, { "poll", 0x14, 1, 1 }, { "read", 0x14 } }
    assert.same({ 1, 1, 1 }, results)
  end)

  it("has a time limit for each poll, and names the step", function()
    local start = lunq.now()
    later(0.2, 0x10, 1)
    local e = fails(lunq.run, function()
      m:batch { { "poll", 0x10, 1, 1, 0.25 }, { "poll", 0x14, 1, 1, 0.25 }, { "write", 0x20, 9 } }
    end)
    assert.same({ "timeout", 2 }, { e.kind, e.step })
    assert.equal("Batch step 2 (poll 0x14): 0x40000014 still reads 0x00000000 after 0.25 s: waited for 0x1 under "
                 .. "mask 0x1.", tostring(e))
    assert.near(0.45, lunq.now() - start, 0.001)
    assert.is_not.equal(9, m:read(0x20))
  end)

  it("that waits can't be run or changed by somebody else, and can again when it was cancelled", function()
    local b = m:compile { { "poll", 0x10, 1, 1 } }
    local t = lunq.spawn(function() b:run() end)
    lunq.sleep(0.001)
    for _, f in ipairs { function() b:run() end, function() b:set(1, 0) end } do
      local e = fails(f)
      assert.same({ "runtime", "This batch is being run by a task that waits in one of its polls: compile another "
                    .. "one." }, { e.kind, tostring(e) })
    end
    t:cancel()
    b:set(1, 0)
    assert.same({ 0 }, b:run())
  end)

  it("fails when its window is closed meanwhile", function()
    local t = lunq.spawn(function() m:batch { { "poll", 0x10, 1, 1 } } end)
    lunq.sleep(0.001)
    m:close()
    local e = fails(t.wait, t)
    assert.same({ "runtime", 1 }, { e.kind, e.step })
  end)

  it("of many polls takes no stack", function()
    local steps = {}
    for i = 1, 20000 do steps[i] = { "poll", 0x10, 1, i & 1 } end
    local b = m:compile(steps)
    local flipper <close> = lunq.spawn(function()
      while true do
        m:write(0x10, ~m:read(0x10) & 1)
        lunq.sleep(0)
      end
    end)
    assert.equal(20000, #lunq.run(function() return b:run() end))
    assert.equal(20000, #b:run())
    assert.equal("ready", flipper.state == "waiting" and "ready" or flipper.state)
  end)
end)

describe("a DMA wait in a task", function()
  local ol, dma, src, dst
  before_each(function()
    ol = lunq.Overlay(DESIGN)
    dma = ol.axi_dma
    src, dst = lunq.allocate(64, "u32"), lunq.allocate(64, "u32")
    for i = 1, #src do src[i] = i * 3 end
  end)
  after_each(function()
    ol:free()
    src:close()
    dst:close()
  end)

  it("moves data while other tasks run", function()
    local receiver = lunq.spawn(function()
      dma.recvchannel:transfer(dst)
      return dma.recvchannel:wait()
    end)
    local ticks = 0
    local ticker <close> = lunq.spawn(function()
      while true do
        lunq.sleep(1e-7)
        ticks = ticks + 1
      end
    end)
    local sender = lunq.spawn(function()
      lunq.sleep(1e-5)
      dma.sendchannel:transfer(src)
      return dma.sendchannel:wait()
    end)
    assert.same({ 256, 256 }, { lunq.gather(receiver, sender) })
    assert.is_true(ticks > 10, ticks)
    assert.equal("running", ticker.state == "waiting" and "running" or ticker.state)
    for i = 1, #dst do assert.equal(i * 3, dst[i]) end
  end)

  it("explains itself when time is over, as elsewhere", function()
    local e = fails(lunq.run, function()
      dma.recvchannel:transfer(dst)
      dma.recvchannel:wait(0.01)
    end)
    dma:reset()
    assert.equal("timeout", e.kind)
    assert.matches("^DMA S2MM did not finish within 0.01 s", tostring(e))
  end)

  it("can be ended from outside by a time limit, and the transfer goes on", function()
    dma.recvchannel:transfer(dst)
    local e = fails(lunq.timeout, 0.001, function() dma.recvchannel:wait(5) end)
    assert.equal("timeout", e.kind)
    assert.matches("it waits for a DMA transfer%.$", tostring(e))
    dma.sendchannel:transfer(src)
    assert.equal(256, dma.recvchannel:wait())
    dma.sendchannel:wait()
  end)

  it("fails when a reset ends its transfer", function()
    local t = lunq.spawn(function()
      dma.recvchannel:transfer(dst)
      dma.recvchannel:wait(5)
    end)
    lunq.sleep(0.001)
    dma:reset()
    local e = fails(t.wait, t)
    assert.equal("runtime", e.kind)
    assert.matches("a reset ended the transfer", tostring(e))
  end)
end)

describe("d:advance", function()
  it("wakes tasks at their times on the way", function()
    local d = lunq.core.active_device()
    local start, woke = d:now(), nil
    lunq.spawn(function()
      lunq.sleep(1e-6)
      woke = d:now() - start
    end)
    lunq.sleep(0)
    d:advance(5000)
    assert.equal(1000, woke)
    assert.equal(5000, d:now() - start)
  end)
end)

describe("two simulated devices", function()
  it("each have their own time", function()
    local a <close> = lunq.core.device_open "sim"
    local b <close> = lunq.core.device_open "sim?seed=1"
    local log = {}
    local function wait(d, ns, name)
      return lunq.spawn(function()
        d:advance(ns)
        log[#log + 1] = name
      end)
    end
    lunq.gather(wait(a, 100, "a"), wait(b, 1000000, "b"), wait(a, 50, "first"))
    assert.equal("first", log[1])
    assert.equal(3, #log)
    assert.equal(100, a:now())
    assert.equal(1000000, b:now())
  end)
end)
