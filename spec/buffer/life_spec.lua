--- Who holds memory, when it goes back, and that nothing reaches it afterwards.
local core = require "lunq.core"

local FREED <const> = { "runtime", "Buffer was freed." }

local function error_of(f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok)
  return { e.kind, tostring(e) }
end

local function collect()
  collectgarbage()
  collectgarbage()
end

describe("a buffer's memory", function()
  local d
  before_each(function() d = core.device_open "sim" end)
  after_each(function()
    collect()
    d:close()
  end)

  local function allocate(...) return core.allocate(..., "u4", { device = d }) end

  -- C8: PYNQ's close() warns and frees nothing.
  it("goes back with close, freebuffer, the end of a scope, or the collector", function()
    local b = allocate(1024)
    assert.same({ 4096, 1 }, { d.memory.bytes, d.memory.count })
    b:close()
    assert.equal(0, d.memory.count)
    b:close()
    b:freebuffer()
    b = allocate(8)
    b:freebuffer()
    assert.equal(0, d.memory.count)
    do
      local scoped <close> = allocate(8)
      assert.equal(1, d.memory.count)
      scoped[1] = 1
    end
    assert.equal(0, d.memory.count)
    allocate(8)[1] = 2
    collect()
    assert.equal(0, d.memory.count)
  end)

  it("goes back when an error leaves the scope, and the error passes", function()
    local e = error_of(function()
      local b <close> = allocate(8)
      b[9] = 1
    end)
    assert.equal("index", e[1])
    assert.equal(0, d.memory.count)
  end)

  it("stays while a view is there", function()
    local view = allocate { 4, 4 }[2]:slice(2, 3)
    collect()
    assert.equal(1, d.memory.count)
    view:fill(5)
    assert.equal(10, view:sum())
    view:close()
    collect()
    assert.equal(0, d.memory.count)
  end)

  it("stays when a view is closed, and goes back when a view frees it", function()
    local b = allocate { 4, 4 }
    do
      local row <close> = b[1]
      row[1] = 3
    end
    assert.equal(3, b[1][1])
    local row = b[2]
    row:close()
    assert.is_true(row.freed)
    assert.same(FREED, error_of(function() return row[1] end))
    assert.is_false(b.freed)
    b[3]:freebuffer()
    assert.is_true(b.freed)
    assert.equal(0, d.memory.count)
  end)

  it("can't be reached after it was freed, by the buffer or by a view", function()
    local b = allocate { 4, 4 }
    local flat = b:reshape(-1)
    local row, column = b[2], b.T[1]
    b:close()
    local other = core.array({ 4, 4 }, "u4")
    for _, x in ipairs { b, flat, row, column } do
      assert.is_true(x.freed)
      for _, f in ipairs {
        function() return x[1] end, function() x[1] = 1 end, function() return x[99] end,
        function() x[99] = 1 end, function() return x:get(1) end, function() x:set(1) end,
        function() x:fill(1) end, function() x:copy() end, function() x:copyto(other) end,
        function() other:copyfrom(x) end, function() return x + 1 end, function() return 1 - x end,
        function() return other + x end, function() return -x end, function() x:add(1) end,
        function() other:add(x) end, function() x:scale(2) end, function() return x:sum() end,
        function() return x:min() end, function() return x:max() end, function() return x:mean() end,
        function() return x:equal(other) end, function() return other:equal(x) end,
        function() return x:totable() end, function() return x:tobytes() end,
        function() x:frombytes "" end, function() return x:slice(1, 2) end,
        function() return x:view "u1" end, function() return x:reshape(-1) end,
        function() return x.T end, function() return x:transpose() end, function() x:flush() end,
        function() x:invalidate() end, function() return x.device_address end,
        function() return x.virtual_address end, function() return x.coherent end,
        function() return x.device end, function() return x.bank end,
        function() other:set { x, x, x, x } end, function() return core.array(x) end,
        function() for _ in ipairs(x) do error "an element" end end,
      } do
        assert.same(FREED, error_of(f))
      end
      assert.equal(0, d.memory.count)
    end
    assert.equal("Buffer u4[4, 4] (freed)", tostring(b))
    assert.same({ { 4, 4 }, "u4", 64, 4 }, { b.shape, b.dtype, b.nbytes, #b })
  end)

  it("is zero when it is given out again", function()
    for _ = 1, 20 do
      local b <close> = allocate(2000)
      assert.equal(0, b:max())
      b:fill(-1)
    end
  end)

  it("keeps its device open", function()
    local other = core.device_open "sim?ddr=64M"
    local b = core.allocate(4, "u4", { device = other })
    other:close()
    b[1] = 5
    assert.equal(5, b:sum())
    b:close()
  end)
end)

-- Any allocation in Lua may run a finalizer, and that may close the buffer at work.
describe("a finalizer that closes a buffer in the middle of an operation", function()
  it("gives an error or a result, never a wild access", function()
    collectgarbage("incremental", 1, 1000) -- a collection at almost every allocation
    for round = 1, 60 do
      local b = core.allocate({ 40, 40 }, "f4")
      local view = b:slice(2, 30)
      setmetatable({}, { __gc = function() (round % 2 == 0 and view or b):close() end })
      local ok, e = pcall(function()
        for _ = 1, 20 do
          local list, text = view:totable(), tostring(view)
          assert(#list == 29 and #text > 0)
          assert(#view.T:tobytes() == 29 * 40 * 4)
          assert((view + view):equal(core.array(view)) and view:copy():equal(view) and view[1])
        end
      end)
      assert.is_true(ok or e.kind == "runtime")
      b:freebuffer()
    end
    collectgarbage("incremental", 200, 100)
  end)
end)

describe("the byte budget", function()
  local was, d
  before_each(function()
    was = core.buffer_budget()
    d = core.device_open "sim"
  end)
  after_each(function()
    core.buffer_budget(was)
    collect()
    d:close()
  end)

  it("is 256 MiB at first, can be set, and takes positive numbers only", function()
    assert.equal(256 << 20, was)
    assert.equal(was, core.buffer_budget(1 << 20))
    assert.equal(1 << 20, core.buffer_budget())
    assert.same({ "value", "the budget should be a positive number of bytes" },
      error_of(core.buffer_budget, 0))
    assert.same({ "type", "the budget should be a whole number, not string" },
      error_of(core.buffer_budget, "1"))
  end)

  -- lua-c.md 2.7: with 200,000 objects alive, 100,000 unreferenced buffers were all still there.
  it("is never passed by garbage, however many objects are alive", function()
    local alive = {}
    for i = 1, 200000 do alive[i] = {} end
    collect()
    local budget, most = 8 << 20, 0
    core.buffer_budget(budget)
    for i = 1, 200000 do
      local b = core.allocate(1024, "u4", { device = d })
      b[1] = i
      local bytes = d.memory.bytes
      if bytes > most then most = bytes end
    end
    assert.is_true(most <= budget, ("%d bytes"):format(most))
    assert.is_true(most > budget / 2)
    assert.equal(200000, #alive)
  end)

  it("counts host arrays too", function()
    core.buffer_budget(4 << 20)
    local gone, n = setmetatable({}, { __mode = "k" }), 0
    for _ = 1, 200 do gone[core.array(1 << 18, "u1") + 1] = true end
    for _ in pairs(gone) do n = n + 1 end
    assert.is_true(n <= 16)
  end)

  it("lets a script use more than it, without a collection for every buffer", function()
    core.buffer_budget(1 << 20)
    local collections, list = 0, {}
    local function watch()
      setmetatable({}, { __gc = function()
        collections = collections + 1
        if list then watch() end
      end })
    end
    collectgarbage "stop"
    watch()
    for i = 1, 2000 do list[i] = core.allocate(4096, "u1", { device = d }) end
    collectgarbage "restart"
    assert.is_true(collections < 20, collections .. " collections")
    for _, b in ipairs(list) do b:close() end
    list = nil
  end)

  it("collects when the device's memory is full, and says how full when that does not help", function()
    local small <close> = core.device_open "sim?ddr=16M"
    for _ = 1, 40 do core.allocate(8 << 20, "u1", { device = small })[1] = 1 end
    local held = core.allocate(8 << 20, "u1", { device = small })
    local e = error_of(core.allocate, 8 << 20, "u1", { device = small })
    assert.equal("memory", e[1])
    assert.matches("^Failed to allocate Memory! 8388608 bytes don't fit", e[2])
    held:close()
    core.allocate(8 << 20, "u1", { device = small }):close()
  end)
end)
