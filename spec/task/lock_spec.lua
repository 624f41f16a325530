-- lunq.lock: what one task uses at a time.
describe("a lock", function()
  local lunq = require "lunq"
  local Lock = require "lunq.lock"
  local device, lock, active

  before_each(function()
    active, device = lunq.core.active_device(), lunq.Device.open "sim"
    lunq.core.active_device(device)
    lock = Lock(device, "the bus")
  end)
  after_each(function()
    lunq.core.active_device(active)
    device:close()
  end)

  --- A task that takes the lock, keeps it for ns and notes who had it.
  local order
  local function user(name, ns, rounds)
    return lunq.spawn(function()
      for _ = 1, rounds or 1 do
        local _ <close> = lock:hold()
        order[#order + 1] = name
        device:advance(ns)
      end
    end)
  end
  before_each(function() order = {} end)

  it("is given in the order in which it was asked for, and a task that takes it again has to wait", function()
    lunq.gather(user("a", 50000, 3), user("b", 50000, 2), user("c", 50000))
    assert.same({ "a", "b", "c", "a", "b", "a" }, order)
  end)

  it("can be taken again by the task that has it", function()
    do
      local _ <close> = lock:hold()
      do local _ <close> = lock:hold() end
      local other = user("other", 1)
      device:advance(100000)
      assert.same({}, order)
      lock:hold():close()
      device:advance(100000)
      assert.is_false(other.done)
    end
    device:advance(3000000)
    assert.same({ "other" }, order)
  end)

  it("is free once, however often a hold is closed", function()
    local first = lock:hold()
    local second = lock:hold()
    first:close()
    first:close()
    assert.equal(lunq.core.current(), lock.owner)
    second:close()
    assert.is_false(lock.owner)
  end)

  it("is waited for as long as the time limit says", function()
    local keeper = user("keeper", 1000000000)
    device:advance(1000)
    local ok, e = pcall(lock.hold, lock, 0.01)
    assert.is_false(ok)
    assert.equal("timeout", e.kind)
    assert.matches("^the bus was in use for more than 10 ms, by Task %d+ %(.*%): waiting for the end of a sleep%. Does "
                   .. "that keep it, or wait for something itself%?$", tostring(e))
    assert.equal("value", select(2, pcall(lock.hold, lock, -1)).kind)
    keeper:cancel()
    device:advance(1000)
    lock:hold():close()
  end)

  it("goes to the next one when who waits or who has it is cancelled", function()
    local keeper, second, third = user("a", 1000000000), user("b", 1), user("c", 1)
    device:advance(1000)
    second:cancel()
    keeper:cancel()
    third:wait()
    assert.same({ "a", "c" }, order)
  end)

  it("is lost by a task that ends with it", function()
    lunq.spawn(function() lock:hold() end):wait()
    assert.equal("userdata", type(lock.owner))
    lock:hold():close()
    assert.is_false(lock.owner)
  end)

  it("is lost by a task that ends with it while others wait", function()
    lunq.spawn(function()
      lock:hold()
      device:advance(100000)
    end)
    local b = user("b", 1)
    b:wait()
    assert.same({ "b" }, order)
  end)
end)
