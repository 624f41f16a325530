-- HLS cores called like functions: registers.md section 15, pynq-behaviour.md B15 and C53, C54.
describe("an HLS core", function()
  local lunq = require "lunq"
  local support = dofile "spec/sim/support.lua"
  local NAME <const> = "acme.com:hls:core:1.0"
  local ol, ip, Model

  local function bits(list)
    local t = {}
    for name, bit in pairs(list) do t[name] = { bit = bit, width = 1 } end
    return t
  end
  local function control(more)
    local fields = bits { AP_START = 0, AP_DONE = 1, AP_IDLE = 2, AP_READY = 3, AUTO_RESTART = 7 }
    for k, v in pairs(more or {}) do fields[k] = v end
    return { CTRL = { offset = 0, fields = fields }, GIER = 4, IP_IER = 8, IP_ISR = 12 }
  end
  local function open(registers, parameters)
    ol = lunq.Overlay { arch = "zynq", ip = { core = { vlnv = NAME, address = 0x43c00000, range = 0x10000,
      registers = registers, parameters = parameters, interrupts = { interrupt = 0 } } } }
    ip = ol.core
  end
  local function with(registers, more)
    for k, v in pairs(more) do registers[k] = v end
    return registers
  end
  local OUT <const> = { offset = 0x20, access = "read-only" }
  local function two(fields)
    return with(control(fields), { a = 0x10, b = 0x18, c = OUT, c_ctrl = { offset = 0x24, access = "read-only" } })
  end
  local function message(kind, ...)
    local e = support.failure(...)
    assert.equal(kind, e.kind)
    return tostring(e)
  end

  local function multiply(self) self.registers.c = self.registers.a * self.registers.b & 0xffffffff end

  -- What the core computes; the control port is the C model's.
  before_each(function()
    Model = lunq.Model:extend { models = { NAME }, __name = "CoreModel" }
    Model.compute = multiply
  end)
  after_each(function()
    Model:unbind()
    if ol then ol:free() end
    ol, ip = nil, nil
  end)

  it("is called by position and by name, and gives its outputs", function()
    open(two())
    assert.equal("void core(unsigned int a, unsigned int b, unsigned int &c)", ip.signature)
    assert.equal(42, ip:call(6, 7))
    assert.equal(15, ip:call { b = 3, a = 5 })
    assert.equal(0xfffffffe, ip:call(-1, 2))
  end)

  it("is started, and says when it is done", function()
    function Model:init() self:latency(5000) end
    open(two())
    local run = ip:start(2, 3)
    assert.is_false(run:done())
    assert.match("HLSRun of core %(running%)", tostring(run))
    assert.match("core is busy: wait for the run", message("runtime", ip.start, ip, 1, 1))
    assert.equal(6, run:wait())
    assert.is_true(run:done())
    assert.equal(8, ip:call(2, 4))
    assert.equal(6, run:wait()) -- its own result, not the next one's
  end)

  it("refuses wrong arguments before it writes anything", function()
    open(two())
    ip:write(0x10, 77)
    assert.match("core: argument b is missing: void core%(unsigned int a, ", message("type", ip.call, ip, 1))
    assert.match("^waitfor only supported on newer versions of XRT: wait for the other run before core starts",
                 message("runtime", ip.start, ip, 1, 2, { waitfor = {} }))
    assert.match("core takes 2 arguments, not 3", message("type", ip.call, ip, 1, 2, 3))
    assert.match("core has no argument d", message("attribute", ip.call, ip, { a = 1, d = 2 }))
    assert.match("core: c is an output", message("value", ip.call, ip, { a = 1, b = 2, c = 2 }))
    assert.match("core: argument b 4294967296 does not fit its 32 bits", message("value", ip.call, ip, 1, 1 << 32))
    assert.match("argument b should be a whole number, not 1.5", message("type", ip.call, ip, 1, 1.5))
    assert.match("argument b should be a whole number, not string", message("type", ip.call, ip, 1, "2"))
    assert.equal(77, ip:read(0x10))
  end)

  it("leaves the interrupt enables of others alone (C53)", function()
    open(two())
    ip:write(4, 1)
    ip:write(8, 3)
    ip:call(1, 2)
    assert.same({ 1, 3, 3 }, { ip:read(4), ip:read(8), ip:read(12) })
  end)

  it("sees the end although somebody else read AP_DONE away", function()
    open(two())
    local run = ip:start(2, 3)
    support.settle(ol.device)
    ip:read(0)
    assert.equal(6, run:wait(0.001))
  end)

  it("gives its outputs by name too, and says which ones this run has written", function()
    function Model:compute() self.registers.c = 1 end
    open(two())
    local run = ip:start(1, 1)
    assert.same({ "running", false, false }, { run.state, run.outputs, run.valid })
    run:wait()
    assert.same({ "done", { c = 1 }, { c = true } }, { run.state, run.outputs, run.valid })
    assert.equal(0, ip:read(0x24)) -- the valid bit was read, which clears it
  end)

  it("of an overlay that was freed is a failed run", function()
    open(two())
    local run = ip:start(1, 1)
    ol:free()
    assert.same({ "failed", "HLSRun of core (failed)" }, { run.state, tostring(run) })
    for _, method in ipairs { "wait", "done" } do
      assert.equal("core: its overlay was freed while it ran, its results are gone",
                   message("runtime", run[method], run))
    end
  end)

  it("wants the colon of a method", function()
    open(two())
    for _, value in ipairs { 3, {}, "a" } do
      assert.equal("call and start are methods of an IP: ip:call(...), with a colon",
                   message("type", ip.call, value, 4))
    end
  end)

  it("lists its arguments as PYNQ's args do", function()
    open(with(two(), { ap_return = { offset = 0x30, access = "read-only" } }))
    assert.equal("unsigned int core(unsigned int a, unsigned int b, unsigned int &c)", ip.signature)
    assert.same({ name = "b", index = 2, type = "unsigned int" }, ip.args.b)
    assert.same({ name = "c", index = 3, type = "unsigned int &" }, ip.args.c)
    assert.same({ 42, 7 }, { (function() ip:write(0x10, 1) return ip:call(6, 7) end)(), 7 })
  end)

  it("takes an argument that is read and written under one name", function()
    function Model:compute() self.registers.x_o = self.registers.x_i + 1 end
    open(with(control(), { x_i = 0x10, x_o = OUT, x_o_ctrl = { offset = 0x24, access = "read-only" } }))
    assert.equal("void core(unsigned int &x)", ip.signature)
    assert.equal(8, ip:call(7))
    assert.equal(8, ip:call { x = 7 })
  end)

  it("tells the core that an input with a handshake was written (UG1399)", function()
    Model.compute = nil
    open(with(control(), { x = 0x10, x_ctrl = { offset = 0x14, fields = bits { x_ap_vld = 0, x_ap_ack = 1 } },
                           y = 0x18, y_ctrl = 0x1c }))
    -- y_ctrl is no handshake, but an argument
    assert.equal("void core(unsigned int x, unsigned int y, unsigned int y_ctrl)", ip.signature)
    ip:call(1, 2, 3)
    assert.same({ 1, 1, 2, 3 }, { ip:read(0x10), ip:read(0x14), ip:read(0x18), ip:read(0x1c) })
  end)

  describe("with a prototype", function()
    local function scale()
      if Model.compute == multiply then Model.compute = nil end
      open(with(control(), { gain = 0x10, n_r = 0x18, taps = nil, y_1 = { offset = 0x20, access = "read-only" },
                             y_2 = { offset = 0x24, access = "read-only" },
                             Memory_taps = { offset = 0x40, size = 16 } }))
    end
    local TEXT <const> = "void scale(float gain, int n, double *y, const short taps[5])"

    it("converts numbers to its types and back", function()
      function Model:compute()
        local gain = ("<f"):unpack(("<I4"):pack(self.registers.gain))
        local n = ("<i4"):unpack(("<I4"):pack(self.registers.n_r))
        self.registers.y_1, self.registers.y_2 = ("<I4I4"):unpack(("<d"):pack(gain * n))
      end
      scale()
      ip.signature = TEXT
      assert.equal(-1.5, ip:call { gain = 0.5, n = -3 })
      assert.equal(TEXT, ip.signature)
      assert.equal("short[5]", ip.args.taps.type)
      assert.match("core: argument n 3000000000 is no int: %-2147483648 to 2147483647",
                   message("value", ip.call, ip, 1, 3000000000))
      assert.match("core: argument gain should be a number, not string", message("type", ip.call, ip, "x", 1))
    end)

    it("packs the elements of arrays", function()
      scale()
      ip.signature = TEXT
      ip:call(1, 1, { 1, -2, 3, -4, 5 })
      assert.same({ 0xfffe0001, 0xfffc0003, 5, 0 }, ip.mmio:read_block(0x40, 4))
      assert.same({ 1, -2, 3, -4, 5 }, ip:array "taps")
      ip:call(1, 1, { 9 }) -- what is beside it in its word stays
      assert.same({ 9, -2, 3 }, ip:array("taps", 3))
      ip:call(1, 1, lunq.array(nil, "i2", { 7, 8 }))
      assert.same({ 7, 8, 3, -4, 5 }, ip:array "taps")
      assert.match("argument taps%[2%] 40000 is no short", message("value", ip.call, ip, 1, 1, { 1, 40000 }))
      assert.match("argument taps has 10 bytes, not 12", message("value", ip.call, ip, 1, 1, { 1, 2, 3, 4, 5, 6 }))
      assert.match("is an array: it takes a list, an array or a string of bytes, not number",
                   message("type", ip.call, ip, 1, 1, 5))
      assert.match("array taps has at most 8 elements, not 9", message("value", ip.array, ip, "taps", 9))
    end)

    it("that does not fit the registers is refused, and the one before counts again", function()
      scale()
      for text, why in pairs {
        ["void f(int volume)"] = "core: the prototype has volume, the core's registers don't",
        ["void f(double gain)"] = "core: the prototype makes gain 8 bytes, its registers have 4",
        ["void f(int taps[5])"] = "core: the prototype makes taps 20 bytes, its registers have 16",
        ["void"] = 'can\'t read the prototype "void"',
      } do
        ip.signature = text
        assert.equal(why, message("value", ip.call, ip, 1, 1):sub(1, #why))
      end
      ip.signature = nil
      assert.match("^void core%(unsigned int gain", ip.signature)
    end)

    it("of the driver's class counts for every core of that type", function()
      local Driver = lunq.DefaultIP:extend { __name = "Scale", bindto = { NAME },
                                             signature = "void scale(float gain, int n)" }
      finally(function() Driver:unregister() end)
      scale()
      ip:call(1, -1)
      assert.same({ 0x3f800000, 0xffffffff }, { ip:read(0x10), ip:read(0x18) })
      assert.equal("void scale(float gain, int n)", ip.signature)
    end)
  end)

  it("restarts by itself until its run is stopped", function()
    local turns = 0
    function Model:compute()
      turns = turns + 1
      self.registers.c = turns
    end
    open(two())
    local run = ip:auto_restart(1, 1)
    for _ = 1, 5 do assert.is_true(ol.device:step()) end
    assert.same({ "running", false }, { run.state, run:done() })
    assert.match("starts again by itself and is never done: run:stop%(%) ends it", message("runtime", run.wait, run))
    assert.match("core is busy: wait for the run that was started before, or end it with stop",
                 message("runtime", ip.call, ip, 1, 1))
    assert.match("timeout should be a number of seconds", message("type", run.stop, run, "soon"))
    local last = run:stop()
    assert.equal(turns, last)
    assert.is_true(turns >= 5)
    assert.same({ "done", turns }, { run.state, run:stop() })
    assert.is_false(ol.device:step())
  end)

  it("explains a run that never ends, and refuses the next", function()
    open(two())
    ol.device:inject { ip = "core", fault = "no_done", count = 1 }
    local run = ip:start(1, 2)
    assert.match("core is not done after 1 ms: CTRL is 0x1 %(AP_START%)%. .*a loop does not end, or its clock",
                 message("timeout", run.wait, run, 0.001))
    assert.match("core is busy", message("runtime", ip.call, ip, 1, 2))
  end)

  it("that restarts by itself is busy", function()
    open(two())
    ip:write(0, 0x81)
    assert.match("restarts by itself .*Its run's stop ends that, or register_map.CTRL.AUTO_RESTART = 0",
                 message("runtime", ip.call, ip, 1, 2))
    ip.register_map.CTRL.AUTO_RESTART = 0
    support.settle(ol.device)
    assert.equal(2, ip:call(1, 2))
  end)

  it("without clock, or started by somebody else, is not started, and says so", function()
    open(two())
    ol.device:inject { ip = "core", fault = "no_done", count = 1 }
    ip:write(0, 1)
    assert.match("core is busy: it was started through its registers or by another .*, and CTRL is 0x1 %(AP_START%)",
                 message("runtime", ip.call, ip, 1, 2))
  end)

  it("ap_ctrl_chain: the result is acknowledged with AP_CONTINUE", function()
    open(two { AP_CONTINUE = { bit = 4, width = 1 } })
    assert.equal(6, ip:call(2, 3))
    assert.equal(0, ip:read(0) & 2)
    assert.equal(20, ip:call(4, 5))
  end)

  it("ap_ctrl_chain: a result nobody acknowledged does not pass for the next one", function()
    function Model:init() self:latency(5000) end
    open(two { AP_CONTINUE = { bit = 4, width = 1 } })
    ip:write(0, 1)
    support.settle(ol.device)
    assert.equal(2, ip:read(0) & 2)
    local run = ip:start(3, 3)
    assert.is_false(run:done())
    assert.equal(9, run:wait())
  end)

  it("ap_ctrl_none: arguments are set, outputs read, 0x00 is never written", function()
    open { a = 0x10, b = 0x18, c = OUT }
    assert.equal(12, ip:call(3, 4))
    assert.equal(0, ip:read(0))
    assert.equal("done", ip:start(1, 1).state)
    assert.match("no control register %(ap_ctrl_none%): it always runs",
                 message("unsupported", ip.auto_restart, ip, 1, 1))
  end)

  it("64-bit numbers take two words (C54)", function()
    function Model:compute()
      self.registers.s_1, self.registers.s_2 = self.registers.a_2, self.registers.a_1
    end
    open(with(control(), { a_1 = 0x10, a_2 = 0x14, s_1 = { offset = 0x1c, access = "read-only" },
                           s_2 = { offset = 0x20, access = "read-only" } }))
    assert.equal("void core(unsigned long long a, unsigned long long &s)", ip.signature)
    assert.equal(0x5566778811223344, ip:call(0x1122334455667788))
  end)

  it("words belong together when they lie side by side and go the same way", function()
    local function read_only(offset) return { offset = offset, access = "read-only" } end
    Model.compute = nil
    open(with(control(), { a_1 = 0x10, a_2 = 0x14, a_3 = 0x18, b_1 = 0x20, b_2 = 0x28, c_1 = 0x30,
                           c_2 = read_only(0x34), d_1 = read_only(0x40), d_2 = read_only(0x44),
                           d_3 = read_only(0x48) }))
    assert.equal("void core(ap_uint<96> a, unsigned int b_1, unsigned int b_2, unsigned int c_1, unsigned int &c_2, "
                 .. "ap_uint<96> &d)", ip.signature)
    assert.same({ 0, { 0, 0, 0 } }, { ip:call({ 1, 2, 3 }, 4, 5, 6) })
    assert.same({ 1, 2, 3 }, ip.mmio:read_block(0x10, 3))
    assert.match("core: argument a has 16 bytes, it takes 12",
                 message("value", ip.call, ip, { 1, 2, 3, 4 }, 4, 5, 6))
  end)

  it("memories take words or a string, and are read back", function()
    Model.compute = nil
    open(with(control(), { rows = 0x10, Memory_lut = { offset = 0x40, size = 16 } }))
    assert.equal("void core(unsigned int rows, unsigned int lut[4])", ip.signature)
    ip:call(1, { 1, 2, 3, 4 })
    assert.same({ 1, 2, 3, 4 }, ip:array "lut")
    ip:call { rows = 1, lut = "\9\0\0\0" }
    ip:call(2) -- left out: stays
    assert.same({ 9, 2, 3, 4 }, ip:array "lut")
    assert.match("argument lut has 16 bytes, not 20", message("value", ip.call, ip, 1, { 1, 2, 3, 4, 5 }))
    assert.match("rows is no array", message("type", ip.array, ip, "rows"))
  end)

  describe("with an m_axi port", function()
    local function pointers(width)
      Model.compute = nil
      return with(control(), { src_1 = 0x10, src_2 = 0x14, n = 0x1c }), { C_M_AXI_GMEM_ADDR_WIDTH = width or 64 }
    end

    it("takes buffers, and holds them while it runs", function()
      function Model:init() self:latency(5000) end
      open(pointers())
      assert.equal("void core(void *src, unsigned int n)", ip.signature)
      local buffer <close> = lunq.allocate(16, "u4")
      local run = ip:start(buffer, 16)
      assert.equal(buffer.device_address, ip:read(0x10) | ip:read(0x14) << 32)
      assert.equal("runtime", support.failure(buffer.freebuffer, buffer).kind)
      run:wait()
      assert.is_true(buffer.freed) -- freed when the core let go of it
    end)

    it("refuses a buffer that is closed or on another device, and names the argument", function()
      open(pointers())
      local closed = lunq.allocate(16, "u4")
      closed:close()
      assert.match("core: argument src takes a buffer%. Buffer was freed", message("runtime", ip.call, ip, closed, 1))
      local card <close> = lunq.Device.open "sim"
      local other <close> = lunq.allocate(16, "u4", { target = card })
      assert.match("core: argument src takes a buffer%. core is on device .*, the buffer is not",
                   message("value", ip.call, ip, other, 1))
      assert.equal(0, ip:read(0x10))
    end)

    it("knows pointers from numbers when it has a prototype", function()
      open(pointers())
      ip.signature = "void f(const int *src, unsigned n)"
      assert.match("core: argument src takes a buffer %(lunq.allocate%) as its int %*, not an address",
                   message("type", ip.call, ip, 0x1000, 1))
      local buffer <close> = lunq.allocate(4, "i4")
      assert.match("core: argument n is a number, not an address: void f%(const int %*src", message("type", ip.call, ip,
                   buffer, buffer))
      ip:call(0, 1) -- a null pointer
      ip:call(buffer, 1)
      assert.equal("const int *", ip.args.src.type)
    end)

    it("keeps the buffers of a run that never ends, and warns when a new design is loaded", function()
      open(pointers())
      ol.device:inject { ip = "core", fault = "no_done", count = 1 }
      local buffer = lunq.allocate(16, "u4")
      local run = ip:start(buffer, 16)
      assert.match("an address it got does not answer", message("timeout", run.wait, run, 0.001))
      local warnings = lunq.warnings.capture(ol.download, ol)
      assert.match("core still runs %(CTRL is 0x1 %(AP_START%)%), and an HLS core can't be aborted: let it finish",
                   warnings[1].text)
      assert.equal("failed", run.state)
      buffer:close()
    end)

    it("finishes what it is at before a new download", function()
      function Model:init() self:latency(100000) end
      open(pointers())
      local buffer <close> = lunq.allocate(16, "u4")
      local run = ip:auto_restart(buffer, 16)
      ol:download()
      assert.equal("failed", run.state)
      assert.match("core: its design was replaced while it ran", message("runtime", run.wait, run))
      assert.is_false(ol.device:step())
    end)

    it("refuses what its address can't reach, and lets go of it", function()
      open(pointers(8))
      local buffer <close> = lunq.allocate(1024, "u4")
      assert.match("argument src gets a buffer that ends at .*, beyond the 8 bits of its address",
                   message("value", ip.call, ip, buffer, 1))
      assert.match("argument src takes a buffer%. ", tostring(support.failure(ip.call, ip, lunq.array(4, "u4"), 1)))
      assert.match("whole number or a buffer, not boolean", message("type", ip.call, ip, true, 1))
    end)
  end)

  it("with one takes no buffer for a number that can be no address", function()
    open(with(control(), { n = { offset = 0x10, fields = { n = { bit = 0, width = 8 } } }, w_1 = 0x20, w_2 = 0x24,
                           w_3 = 0x28 }), { C_M_AXI_GMEM_ADDR_WIDTH = 32 })
    local buffer <close> = lunq.allocate(4, "u4")
    assert.match("core: argument n is a number, not an address", message("type", ip.call, ip, buffer, 1))
    assert.match("core: argument w is a number, not an address", message("type", ip.call, ip, 1, buffer))
  end)

  it("without one takes no buffers", function()
    open(two())
    local buffer <close> = lunq.allocate(4, "u4")
    assert.match("the core has no m_axi port", message("type", ip.call, ip, buffer, 1))
  end)

  -- A driver's first spec found 0 where it expected 7, and nothing said why.
  it("without a model is said to compute nothing, once", function()
    Model:unbind()
    open(two())
    local list = lunq.warnings.capture(function() return ip:call(3, 4), ip:call(3, 4) end)
    assert.equal(1, #list)
    assert.equal("core computes nothing: the simulated device has no model of acme.com:hls:core:1.0. It is written "
                 .. "like the C function, in models/NAME.lua beside the design: docs/guide.md, The first model.",
                 list[1].text)
  end)

  it("with a model is not", function()
    open(two())
    assert.same({}, (lunq.warnings.capture(function() return ip:call(3, 4) end)))
  end)

  it("is what has these names; other IP has not", function()
    ol = lunq.Overlay { arch = "zynq", ip = { x = { vlnv = "acme.com:user:x:1.0", address = 0x43c00000,
      range = 0x1000, registers = { a = 0x10 } } } }
    local other = ol.x
    assert.equal("attribute", support.failure(function() return other.call end).kind)
    ol:free()
    open(nil)
    assert.match('^core has no "call": the metadata has no registers of this HLS core', message("attribute",
                 function() return ip.call end))
  end)
end)
