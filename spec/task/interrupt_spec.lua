-- Ctrl-C while something waits: the innermost wait of the main thread ends, hardware is left idle,
-- and the exit code is the shell's 130.
describe("Ctrl-C", function()
  local process = dofile "spec/program/process.lua"
  local has_luv = pcall(require, "luv")
  after_each(process.clean)

  -- Two IPs that interrupt, one directly and one below a controller; DMA; all with a real time to
  -- wait in: a luv timer keeps simulated time at the wall clock's pace.
  local SETUP <const> = [[
    local lunq = require "lunq"
    local uv = require "luv"
    local pace = uv.new_timer()
    pace:start(60000, 60000, function() end)
    local core = require "lunq.core"
    local d = core.device_open "sim"
    d:program(core.design_from_table { ip = {
      intc = { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x41800000, interrupts = { irq = 0 } },
      src = { vlnv = "acme.com:user:src:1.0", interrupts = { irq = { controller = "intc", index = 3 } } } } })
    core.active_device(d)
    local irq = lunq.Interrupt("src/irq", d)
    local intc = core.mmio(0x41800000, 0x1000, d)
    local idle <close> = setmetatable({}, { __close = function()
      io.stderr:write("IER ", intc:read(8), "\n")
    end })
    local function ready() lunq.spawn(function() lunq.sleep(0.01) print "ready" end) end
  ]]

  local function interrupted(text, ...)
    if not has_luv then return pending "lua-luv is not installed" end
    local code, out, err = process.interrupted("INT", text, nil, ...)
    assert.equal("ready\n", out)
    return code, err
  end

  for name, wait in pairs {
    ["a wait of the main thread"] = "ready() irq:wait(100)",
    ["a wait without a limit"] = "ready() irq:wait(math.huge)",
    ["a wait of a task"] = "ready() lunq.run(function() irq:wait(100) end)",
    ["a wait of a task that nobody waits for"] = "ready() lunq.spawn(function() irq:wait(100) end) lunq.run()",
    ["gather"] = "ready() lunq.gather(function() irq:wait(100) end, function() lunq.sleep(100) end)",
    ["race in a time limit"] = "ready() lunq.timeout(90, function() \z
      lunq.race(function() irq:wait(100) end, function() irq:wait(100) end) end)",
    ["a sleep"] = "ready() local _ <close> = lunq.spawn(function() irq:wait(100) end) lunq.sleep(100)",
    ["luv.run"] = "ready() local _ <close> = lunq.spawn(function() irq:wait(100) end) uv.run()",
    ["a poll"] = "ready() local _ <close> = irq:hold() intc:poll(0, 1 << 31, 1 << 31, 100)",
  } do
    it("ends " .. name, function()
      local code, err = interrupted(SETUP .. wait)
      assert.equal(130, code, err)
      assert.matches("lunq: interrupted\n  at ", err)
      if name ~= "a wait of a task that nobody waits for" then assert.matches("IER 0\n", err) end
    end)
  end

  it("ends a DMA wait, and the engine is halted when the overlay has been freed", function()
    local code, err = interrupted [[
      local lunq = require "lunq"
      local pace = require "luv".new_timer()
      pace:start(60000, 60000, function() end)
      local d, at = lunq.core.active_device(), nil
      local status <close> = setmetatable({}, { __close = function()
        local m <close> = lunq.core.mmio(at, 0x1000, d)
        io.stderr:write(("DMASR %d, %d buffers\n"):format(m:read(0x34) & 1, d.memory.count))
      end })
      local ol <close> = lunq.Overlay "overlays/dma_loopback/dma_loopback.hwh"
      at = ol.ip_dict.axi_dma.phys_addr
      local dst <close> = lunq.allocate(64, "u32")
      lunq.spawn(function() lunq.sleep(0.01) print "ready" end)
      ol.axi_dma.recvchannel:transfer(dst)
      ol.axi_dma.recvchannel:wait(100)]]
    assert.equal(130, code, err)
    assert.matches("lunq: .*interrupted\n  at ", err)
    assert.matches("DMASR 1, 0 buffers\n", err)
  end)

  it("ends the innermost wait only: a script that catches it goes on", function()
    local code, err = interrupted(SETUP .. [[
      local other = lunq.spawn(function() lunq.sleep(0.05) return "done" end)
      ready()
      local ok, e = pcall(irq.wait, irq, 100)
      io.stderr:write(e.kind, " ", tostring(e), " ", other:wait(), "\n")
      irq:close()]])
    assert.equal(0, code, err)
    assert.matches("runtime interrupted done\n", err)
  end)

  it("ends the wait of the main thread when it hits a busy task nobody waits for", function()
    local code, err = interrupted(SETUP .. "lunq.spawn(function() print 'ready' while true do end end) lunq.run()")
    assert.equal(130, code, err)
    assert.matches("Task 1 %(.*%) failed: interrupted\nstack traceback:", err)
    assert.matches("lunq: interrupted\n  at ", err)
  end)

  it("hits a busy task that is waited for through its error, once", function()
    local code, err = interrupted(SETUP .. [[
      local ok, e = pcall(lunq.run, function() print "ready" while true do end end)
      io.stderr:write(tostring(ok), " ", tostring(e), "\n")
      lunq.sleep(0.01)]])
    assert.equal(0, code, err)
    assert.matches("^false interrupted\nIER 0\n$", err)
  end)

  it("ends the wait when it hits a busy callback", function()
    for _, callback in ipairs { "uv.new_timer():start(1, 0, function() print 'ready' while true do end end)",
      "local e = lunq.event() lunq.on(e, function() print 'ready' while true do end end) e:set()" } do
      local code, err = interrupted(SETUP .. callback .. " irq:wait(100)")
      assert.equal(130, code, err)
      assert.matches("lunq: interrupted\n  at ", err)
    end
  end)

  it("twice quickly still ends with 130", function()
    for _ = 1, 5 do
      assert.equal(130, (interrupted(SETUP .. "ready() irq:wait(100)", 2)))
    end
  end)
end)
