-- Kernels of a simulated card: host/device/sim/card_units.c and lua/lunq/hls/kernel.lua.
local support = dofile "spec/card/support.lua"

describe("a simulated card's kernels", function()
  local lunq = require "lunq"
  local d, ol, models

  local function model(name, fields)
    models[#models + 1] = lunq.model(name)(fields)
    return models[#models]
  end

  local function vadd()
    return model("xilinx.com:hls:vadd:1.0", {
      kernel = function(_, a, b, c, n) for i = 1, n do c[i] = a[i] + b[i] end end,
    })
  end

  local function load(design)
    d = d or lunq.Device.open "sim:alveo"
    ol = lunq.Overlay(design or support.vadd(), { device = d })
    return ol
  end

  --- A buffer on the card with these numbers, or zeros.
  local function buffer(values, dtype, target)
    local n = type(values) == "table" and #values or values
    local b = lunq.allocate(n, dtype or "i4", { target = target or ol.bank0 })
    if type(values) == "table" then b:set(values) end
    b:sync_to_device()
    return b
  end

  local function result(b)
    b:sync_from_device()
    return b:totable()
  end

  local function failure(f, ...)
    local ok, e = pcall(f, ...)
    assert.is_false(ok)
    return e.kind, tostring(e)
  end

  before_each(function() models = {} end)
  after_each(function()
    for _, m in ipairs(models) do m:unbind() end
    if ol then ol:free() end
    if d then d:close() end
    d, ol = nil, nil
  end)

  describe("with a model", function()
    it("computes what the model says, on the card's copies", function()
      vadd()
      load()
      local a <close> = buffer { 1, 2, 3 }
      local b <close> = buffer { 10, 20, 30 }
      local c <close> = buffer(3)
      a[1] = 1000 -- not synced: the card does not see it
      ol.vadd_1:call(a, b, c, 3)
      assert.same({ 11, 22, 33 }, result(c))
      assert.equal("xilinx.com:hls:vadd:1.0 (Lua)", d:models().vadd_1)
    end)

    for what, name in pairs { ["kernel's name"] = "vadd", ["unit's name"] = "vadd_2", ["VLNV without version"] =
                              "xilinx.com:hls:vadd" } do
      it("is found by the " .. what, function()
        local ran = 0
        model(name, { kernel = function() ran = ran + 1 end })
        load()
        local b <close> = buffer(1)
        ol.vadd_2:call(b, b, b, 1)
        assert.equal(1, ran)
      end)
    end

    it("gets numbers of each type, vectors, and pointers from where they point", function()
      local got
      model("types", { kernel = function(_, ...) got = table.pack(...) end })
      load { kernels = { types = { args = {
        "char a", "uint8_t b", "short c", "int d", "unsigned long long e", "float f", "double g",
        { "int4 h", size = 16 }, "const double *i", "ap_uint<512> *j",
      } } } }
      local i <close> = buffer({ 0.5, 1.5, 2.5 }, "f8")
      local j <close> = buffer(64, "u1")
      ol.types_1:call(-1, 255, -2, -3, -1, 0.25, 0.125, { 1, -2, 3, -4 }, i:slice(2, 3), j)
      assert.same({ -1, 255, -2, -3, -1, 0.25, 0.125 }, table.move(got, 1, 7, 1, {}))
      assert.same({ 1, -2, 3, -4 }, got[8])
      assert.equal(10, got.n)
      assert.same({ "userdata", "userdata" }, { type(got[9]), type(got[10]) })
    end)

    it("has windows up to the end of the buffer, with all a buffer can do, until it is done", function()
      local kept, seen
      model("vadd", { kernel = function(_, a, b, c)
        kept, seen = c, { #a, a.dtype, a[1] }
        c:set(a + b)
      end })
      load()
      local a <close> = buffer { 1, 2, 3 }
      local c <close> = buffer(2)
      ol.vadd_1:call(a:slice(2, 3), a:slice(2, 3), c, 2)
      assert.same({ 2, "i4", 2 }, seen)
      assert.same({ 4, 6 }, result(c))
      assert.same({ "runtime", "Buffer was freed." }, { failure(function() return kept[1] end) })
    end)

    it("gets windows of its own in each run, whatever it kept or closed", function()
      local kept, seen = {}, {}
      model("vadd", { kernel = function(_, a, b, c, n)
        seen[n] = { a[1], b[1], pcall(function() return kept[1][1] end) }
        kept[#kept + 1] = a:slice(1, 1)
        b:close()
        if n == 3 then c:set { 1, 2, 3, 4, 5, 6, 7 } end
      end })
      load()
      local a <close> = buffer { 1, 2 }
      local b <close> = buffer { 10, 20, 30 }
      for n = 1, 3 do
        local ok = pcall(ol.vadd_1.call, ol.vadd_1, n == 2 and b or a, b, a, n)
        assert.equal(n < 3, ok)
      end
      assert.same({ { 1, 10 }, { 10, 10 }, { 1, 10 } }, { { seen[1][1], seen[1][2] }, { seen[2][1], seen[2][2] },
                                                          { seen[3][1], seen[3][2] } })
      assert.is_false(seen[2][3])
      assert.is_false(seen[3][3])
      for _, view in ipairs(kept) do assert.equal("runtime", (failure(function() return view[1] end))) end
    end)

    it("also gets the arguments by name", function()
      local Model = lunq.Model:extend { models = { "vadd" } }
      function Model:call(a) a.c[1] = a.n + a.a[1] end
      models[1] = Model
      load()
      local a <close> = buffer { 5 }
      ol.vadd_1:call(a, a, a, 2)
      assert.same({ 7 }, result(a))
    end)

    it("takes as long as it says", function()
      model("vadd", { kernel = function() end, duration = 500000 })
      load()
      local a <close> = buffer(1)
      local before = d:now()
      ol.vadd_1:call(a, a, a, 1)
      assert.equal(502000, d:now() - before) -- 2 us until the scheduler has launched it
      models[1].duration = function(_, _, _, _, n) return 1000 * n end
      load()
      before = d:now()
      ol.vadd_1:call(a, a, a, 200)
      assert.equal(203000, d:now() - before)
    end)

    it("may compute nothing but the time", function()
      model("vadd", { kernel = function() end, duration = function() return "soon" end })
      load()
      local a <close> = buffer(1)
      local kind, message = failure(ol.vadd_1.call, ol.vadd_1, a, a, a, 1)
      assert.equal("runtime", kind)
      assert.match("vadd_1: duration should give a number of ns, not soon", message, 1, true)
    end)
  end)

  describe("that go wrong", function()
    it("fail their run when the model fails, and say where", function()
      model("vadd", { kernel = function(_, _, _, c) c[4] = 1 end })
      load()
      local a <close> = buffer(3)
      local kind, message = failure(ol.vadd_1.call, ol.vadd_1, a, a, a, 3)
      assert.equal("runtime", kind)
      assert.match("Kernel vadd on vadd_1 ended with an error: Model vadd of vadd_1 failed in compute: ", message, 1,
                   true)
      assert.match("index 4 is out of bounds for axis 1 with size 3", message, 1, true)
      assert.match("sim_kernel_spec.lua", message, 1, true)
      a[1] = 1 -- nothing else is broken
    end)

    it("say that they have no model when they are started", function()
      load()
      local a <close> = buffer(1)
      local kind, message = failure(ol.vadd_1.start, ol.vadd_1, a, a, a, 1)
      assert.same({ "unsupported", "Kernel vadd (vadd_1) has no model: nobody has told the simulated card what it "
        .. 'computes. Write lunq.model "xilinx.com:hls:vadd:1.0" { kernel = function(self, a, b, c, n) ... end }, see '
        .. "docs/simulator.md, Cards." }, { kind, message })
      ol.vadd_1:write(0, 1) -- by hand it is who waits that hears of it
      kind, message = failure(d.advance, d, 10000)
      assert.equal("unsupported", kind)
      assert.match("Kernel vadd (vadd_1) has no model", message, 1, true)
    end)

    it("refuse names and tables that are none", function()
      assert.equal("lunq.model takes the name of a kernel or its VLNV, not nil", select(2, failure(lunq.model)))
      assert.match('lunq.model "vadd" takes a table', select(2, failure(lunq.model "vadd")), 1, true)
    end)

    it("need a kernel's design for a kernel's model", function()
      model("acme.com:hls:core:1.0", { kernel = function() end })
      local board <close> = lunq.Device.open "sim"
      local kind, message = failure(lunq.Overlay, { ip = { core = { vlnv = "acme.com:hls:core:1.0",
        address = 0x43C00000,
        registers = { CTRL = { offset = 0, fields = { AP_START = 0, AP_DONE = 1 } } } } } }, { device = board })
      assert.equal("device", kind)
      assert.match("core is no kernel of a card: its model needs a method `call`, not `kernel`", message, 1, true)
    end)

    it("can be made to: an error, no response, a hang that is aborted, a slow one", function()
      vadd()
      load()
      local a <close> = buffer { 1 }
      local function start() return ol.vadd_1:start(a, a, a, 1) end
      for fault, text in pairs {
        kernel_error = "Kernel vadd on vadd_1 ended with an error: an injected fault.",
        no_response = "Kernel vadd on vadd_1 does not respond: its compute unit never said that it is done.",
      } do
        local id = d:inject { ip = "vadd_1", fault = fault, count = 1 }
        local h = start()
        local kind, message = failure(h.wait, h)
        assert.same({ "runtime", text }, { kind, message })
        d:clear_faults(id)
      end
      d:inject { ip = "vadd_1", fault = "no_done", count = 1 }
      local h, behind = start(), start()
      assert.equal("timeout", (failure(h.wait, h, 0.1)))
      h:cancel()
      assert.equal("aborted", h.state)
      behind:wait() -- the queue goes on
      d:inject { ip = "vadd_1", fault = "slow_bus", ns = 1000000 }
      local before = d:now()
      ol.vadd_1:call(a, a, a, 1)
      assert.is_true(d:now() - before > 1000000)
    end)

    it("get no answer from memory that a fault refuses", function()
      vadd()
      load()
      local a <close> = buffer(1)
      local port = "M_AXI_GMEM"
      d:inject { ip = "vadd_1", fault = "decode_error", where = port, count = 1 }
      local _, message = failure(ol.vadd_1.call, ol.vadd_1, a, a, a, 1)
      assert.match("Bus error (DECERR) at port M_AXI_GMEM, argument a: an injected fault.", message, 1, true)
      ol.vadd_1:call(a, a, a, 1)
    end)
  end)

  describe("and their registers", function()
    --- Starts a unit by hand: addresses and numbers as a driver writes them.
    local function by_hand(unit, a, b, c, n)
      for i, value in ipairs { a, b, c } do
        local offset = 0x10 + 12 * (i - 1)
        unit:write(offset, value & 0xffffffff)
        unit:write(offset + 4, value >> 32)
      end
      unit:write(0x34, n)
      unit:write(0, 1)
    end

    it("work by hand, with ap_ctrl_hs", function()
      vadd()
      load()
      local a <close> = buffer { 4, 5 }
      local c <close> = buffer(2)
      by_hand(ol.vadd_1, a.device_address, a.device_address, c.device_address, 2)
      assert.equal(1, ol.vadd_1:read(0))
      d:advance(2000)
      assert.equal(0xe, ol.vadd_1:read(0)) -- done, idle, ready
      assert.equal(4, ol.vadd_1:read(0))
      assert.same({ 8, 10 }, result(c))
    end)

    it("work by hand, with ap_ctrl_chain", function()
      vadd()
      load(support.vadd { control = "ap_ctrl_chain" })
      local a <close> = buffer { 4 }
      by_hand(ol.vadd_1, a.device_address, a.device_address, a.device_address, 1)
      d:advance(2000)
      assert.equal(0xe, ol.vadd_1:read(0))
      assert.equal(6, ol.vadd_1:read(0)) -- done stays
      ol.vadd_1:write(0, 0x10)           -- AP_CONTINUE
      assert.equal(4, ol.vadd_1:read(0))
      ol.vadd_1:call(a, a, a, 1) -- and the scheduler finds it as it likes it
      ol.vadd_1:call(a, a, a, 1)
      assert.same({ 32 }, result(a))
    end)

    for what, case in pairs {
      ["where no buffer is"] = { 0x4000800000, "argument a is the address 0x4000800000, and no live buffer is there." },
      ["in another bank"] = { 0, "argument a is the address 0x0 in bank HBM[0], which it is not connected to." },
    } do
      it("with an address " .. what .. " lead to DECERR", function()
        vadd()
        load(support.all_memories())
        local a <close> = buffer { 1 }
        local _ <close> = buffer({ 1 }, "i4", ol.HBM0)
        by_hand(ol.vadd_1, case[1], a.device_address, a.device_address, 1)
        local kind, message = failure(d.advance, d, 2000)
        assert.equal("device", kind)
        assert.match("Bus error (DECERR): " .. case[2], message, 1, true)
      end)
    end

    it("are refused to a run while somebody has started the unit by hand", function()
      vadd()
      load(support.vadd { units = { vadd_1 = 0x1800000 } })
      local a <close> = buffer { 1 }
      by_hand(ol.vadd_1, a.device_address, a.device_address, a.device_address, 1)
      local h = ol.vadd_1:start(a, a, a, 1) -- waits behind it
      h:wait()
      assert.same({ 4 }, result(a))
    end)
  end)

  describe("in several compute units", function()
    it("take each other's runs, the free one first", function()
      local order = {}
      model("vadd", { kernel = function(self, _, _, _, n) order[#order + 1] = self.fullpath .. " " .. n end })
      load()
      local a <close> = buffer(1)
      local handles = {}
      for i = 1, 5 do handles[i] = ol.kernels.vadd:start(a, a, a, i) end
      for _, h in ipairs(handles) do h:wait() end
      assert.same({ "vadd_1 1", "vadd_2 2", "vadd_1 3", "vadd_2 4", "vadd_1 5" }, order)
    end)

    it("work while data are moved", function()
      model("vadd", { kernel = function() end, duration = 10000 })
      load()
      local a <close> = buffer(1)
      local big <close> = lunq.allocate(1 << 20, "u1", { target = ol.bank0 })
      local h = ol.vadd_1:start(a, a, a, 1)
      big:sync_to_device() -- 100 us
      assert.is_true(h:done())
    end)
  end)

  describe("with streams between them", function()
    local function pipeline(changes)
      local design = {
        kernels = {
          source = { args = { "const int *in", "int n", { "stream<int> out", output = true } } },
          sink = { args = { "stream<int> in", "int *out", "int n" } },
        },
        streams = { dc_0 = "source_1.out -> sink_1.in" },
      }
      for name, fields in pairs(changes or {}) do
        for k, v in pairs(fields) do design.kernels[name][k] = v end
      end
      return design
    end

    it("pass data from one to the other, and wait for each other", function()
      model("source", { kernel = function(_, from, n, out) for i = 1, n do out:write(from[i] * 2) end end })
      model("sink", { kernel = function(_, from, to, n) for i = 1, n do to[i] = from:read(1)[1] + 1 end end })
      load(pipeline())
      local a <close> = buffer { 1, -2, 3 }
      local b <close> = buffer(3)
      local last = ol.sink_1:start(b, 3)
      assert.equal("timeout", (failure(last.wait, last, 0.001))) -- nothing has come
      ol.source_1:call(a, 3)
      last:wait()
      assert.same({ 3, -3, 7 }, result(b))
    end)

    it("run for ever with ap_ctrl_none", function()
      local design = pipeline()
      design.kernels.double = { control = "ap_ctrl_none",
                                args = { "stream<int> x", { "stream<int> y", output = true } } }
      design.streams = { dc_0 = "source_1.out -> double_1.x", dc_1 = "double_1.y -> sink_1.in" }
      model("source", { kernel = function(_, from, n, out) for i = 1, n do out:write(from[i]) end end })
      model("double", { kernel = function(_, x, y) y:write(2 * x:read(1)[1]) end })
      model("sink", { kernel = function(_, from, to, n) for i = 1, n do to[i] = from:read(1)[1] end end })
      load(design)
      local a <close> = buffer { 5, 6 }
      local b <close> = buffer(2)
      for _ = 1, 2 do
        local h = ol.sink_1:start(b, 2)
        ol.source_1:call(a, 2)
        h:wait()
        assert.same({ 10, 12 }, result(b))
      end
    end)

    it("hold the memory of a core that waits", function()
      model("sink", { kernel = function(_, from, to) to[1] = from:read(1)[1] end })
      load(pipeline())
      local b = buffer(1)
      local h = ol.sink_1:start(b, 1)
      pcall(h.wait, h, 0.001)
      assert.equal("runtime", (failure(b.freebuffer, b)))
      h:cancel()
      assert.equal("aborted", h.state)
      assert.is_true(b.freed) -- it went with the core
    end)

    it("leave data where they are when they are aborted", function()
      model("source", { kernel = function(_, from, n, out) for i = 1, n do out:write(from[i]) end end })
      model("sink", { kernel = function(_, from, to, n) for i = 1, n do to[i] = from:read(1)[1] end end })
      load(pipeline())
      local a <close> = buffer { 1, 2 }
      local b <close> = buffer(2)
      local aborted = ol.sink_1:start(b, 2)
      pcall(aborted.wait, aborted, 0.001)
      aborted:cancel()
      local source = ol.source_1:start(a, 2)
      local sink = ol.sink_1:start(b, 2)
      sink:wait()
      source:wait()
      assert.same({ 1, 2 }, result(b))
    end)

    it("are aborted when their card is closed", function()
      model("sink", { kernel = function(_, from, to, n) for i = 1, n do to[i] = from:read(1)[1] end end })
      load(pipeline())
      local run = ol.sink_1:start(buffer(2), 2)
      ol.device:close()
      assert.equal("aborted", run.state)
      d = nil
    end)
  end)

  describe("are the same each time", function()
    local function trace(seed)
      local card <close> = lunq.Device.open("sim:alveo?seed=" .. seed)
      local overlay = lunq.Overlay(support.vadd(), { device = card })
      local a <close> = lunq.allocate(64, "i4", { target = overlay.bank0 })
      card:trace(true)
      local handles = {}
      for i = 1, 20 do handles[i] = overlay.kernels.vadd:start(a, a, a, i, { waitfor = { handles[i - 3] } }) end
      a:sync_to_device()
      for _, h in ipairs(handles) do h:wait() end
      local text = card:trace(false)
      overlay:free()
      return text
    end

    it("with the same seed", function()
      vadd()
      local first = trace(7)
      assert.match("launch vadd_1\n", first, 1, true)
      assert.match("end vadd_2 completed\n", first, 1, true)
      assert.equal(first, trace(7))
      assert.not_equal(first, trace(8))
    end)

    it("but not on another card", function()
      vadd()
      local function duration(name)
        local card <close> = lunq.Device.open(name)
        local overlay <close> = lunq.Overlay(support.vadd(), { device = card })
        local a <close> = lunq.allocate(64, "i4", { target = overlay.bank0 })
        overlay.vadd_1:call(a, a, a, 1)
        return card:now()
      end
      assert.equal(duration "sim:alveo:0?seed=7", duration "sim:alveo?seed=7")
      assert.not_equal(duration "sim:alveo:0?seed=7", duration "sim:alveo:1?seed=7")
    end)
  end)
end)
