-- No QEMU is left behind, however the program that started it ends.
describe("QEMU", function()
  local lunq = require "lunq"
  local lfs = require "lfs"
  local uv = require "luv"
  local process = dofile "spec/program/process.lua"

  --- Ids of the QEMU processes that a process has started.
  local function children(parent)
    local found = {}
    for pid in lfs.dir "/proc" do
      local f = pid:match "^%d+$" and io.open("/proc/" .. pid .. "/stat")
      if f then
        local name, state, ppid = (f:read "a" or ""):match "%((.*)%) (%a) (%d+)"
        f:close()
        if name and name:match "^qemu%-system" and state ~= "Z" and tonumber(ppid) == parent then
          found[#found + 1] = tonumber(pid)
        end
      end
    end
    return found
  end

  local function me()
    local f <close> = assert(io.open "/proc/self/stat")
    return tonumber((f:read "a" or ""):match "^%d+")
  end

  local function alive(pid)
    local f <close> = io.open("/proc/" .. pid .. "/stat")
    local state = f and (f:read "a" or ""):match "%) (%a)" -- nothing: it went while we looked
    return state ~= nil and state ~= "Z"
  end

  --- A process that was killed takes a moment to go.
  local function gone(pid)
    for _ = 1, 200 do
      if not alive(pid) then return true end
      uv.sleep(10)
    end
    return false
  end

  it("runs while the device is open", function()
    local before = #children(me())
    local d = lunq.Device.open "qtest"
    assert.equal(before + 1, #children(me()))
    d:close()
    assert.equal(before, #children(me()))
  end)

  it("ends when nobody can reach the device any more", function()
    do
      local d = lunq.Device.open "qtest"
      assert.equal("qtest", d.kind)
    end
    collectgarbage()
    collectgarbage()
    assert.equal(0, #children(me()))
  end)

  -- The script tells which QEMU is its own: the only one with this process as its parent.
  local SCRIPT <const> = [[
    local lunq, lfs = require "lunq", require "lfs"
    device = lunq.Device.open "qtest"
    local me = io.open("/proc/self/stat"):read("a"):match "^%d+"
    for pid in lfs.dir "/proc" do
      local f = pid:match "^%d+$" and io.open("/proc/" .. pid .. "/stat")
      local ppid = f and (f:read "a" or ""):match "%(qemu.*%) %a (%d+)"
      if ppid == me then print(pid) end
    end
    io.stdout:flush()
  ]]
  for name, ending in pairs {
    ["reaches its end"] = "", ["raises an error"] = "error 'stop'", ["exits"] = "os.exit(3)",
    ["is killed"] = "require'luv'.kill(tonumber(me), 9)", ["crashes"] = "require'luv'.kill(tonumber(me), 11)",
    ["gets SIGTERM"] = "require'luv'.kill(tonumber(me), 15) lunq.sleep(5)",
  } do
    it("ends when the program " .. name, function()
      local file = process.file("_ENV.device = false\n" .. SCRIPT .. ending .. "\n", ".lua")
      local _, out, err = process.lunq(file)
      process.clean()
      local pid = tonumber(out:match "^%d+")
      assert.is_truthy(pid, err)
      assert.is_true(gone(pid))
    end)
  end

  it("is not hit by a Ctrl-C meant for the program", function()
    local d <close> = lunq.Device.open "qtest"
    local pid = children(me())[1]
    local f <close> = assert(io.open("/proc/" .. pid .. "/stat"))
    local group = (f:read "a" or ""):match "%) %a %d+ (%d+)"
    assert.equal(pid, tonumber(group)) -- a group of its own
    assert.is_false(d.closed)
  end)

  it("ends the waits for its interrupts when it dies", function()
    local designs = dofile "lab/qtest/designs.lua"
    local d <close> = lunq.Device.open "qtest"
    local ol <close> = lunq.Overlay(designs["petalogix-ml605"], { device = d })
    local irq = ol.timer.interrupts.interrupt
    local waiter = lunq.spawn(function() irq:wait(30) end)
    lunq.sleep(0.01)
    local begun = uv.hrtime()
    uv.kill(children(me())[1], 9)
    local ok, e = pcall(waiter.wait, waiter)
    assert.is_false(ok)
    assert.equal("device", e.kind)
    assert.matches("QEMU has ended", e.message, 1, true)
    assert.is_true(uv.hrtime() - begun < 5e9)
  end)

  -- In a program of its own: here a simulated device is active, whose time is looked at meanwhile.
  for how, wait in pairs { ["in the main program"] = "irq:wait(20)",
                           ["in a task"] = "lunq.spawn(function() irq:wait(20) end):wait()" } do
    it("lets the program sleep until an interrupt comes, " .. how, function()
      local file = process.file([[
        local lunq = require "lunq"
        local ol <close> = lunq.Overlay((dofile "lab/qtest/designs.lua")["petalogix-ml605"])
        ol.timer.timer0:start { seconds = 1, interrupt = true }
        local irq = ol.timer.interrupts.interrupt
        local before = os.clock()
        ]] .. wait .. [[ print(os.clock() - before)]], ".lua")
      local code, out, err = process.sh("LUNQ --device qtest " .. file)
      process.clean()
      assert.equal(0, code, err)
      assert.is_true(tonumber(out) < 0.3, out) -- looking all the time takes all of it
    end)
  end

  it("says why it does not start", function()
    local ok, e = pcall(lunq.Device.open, "qtest:petalogix-s3adsp1800?serial=/nowhere/socket")
    assert.is_false(ok)
    assert.equal("device", e.kind)
    assert.matches("Failed to bind socket to /nowhere/socket: No such file or directory", e.message, 1, true)
    assert.same({}, children(me()))
  end)
end)
