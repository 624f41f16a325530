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

  before_each(function()
    Model = lunq.Model:extend { models = { NAME }, __name = "CoreModel" }
    function Model:compute() self.registers.c = self.registers.a * self.registers.b & 0xffffffff end
  end)
  after_each(function()
    Model:unbind()
    if ol then ol:free() end
    ol, ip = nil, nil
  end)

  it("is called by position and by name, and gives its outputs", function()
    open(two())
    assert.equal("core(u32 a, u32 b) -> u32 c", ip.signature)
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
    assert.match("core: argument b is missing: core%(u32 a, u32 b%)", message("type", ip.call, ip, 1))
    assert.match("core takes 2 arguments, not 3", message("type", ip.call, ip, 1, 2, 3))
    assert.match("core has no argument d", message("attribute", ip.call, ip, { a = 1, d = 2 }))
    assert.match("core: c is an output", message("value", ip.call, ip, { a = 1, b = 2, c = 2 }))
    assert.match("does not fit the 32 bits of argument b", message("value", ip.call, ip, 1, 1 << 32))
    assert.match("argument b should be a whole number, not 1.5", message("type", ip.call, ip, 1, 1.5))
    assert.match("argument b should be a whole number, not string", message("type", ip.call, ip, 1, "2"))
    assert.equal(77, ip:read(0x10))
  end)

  it("leaves the interrupt enables of others alone", function()
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

  it("explains a run that never ends, and refuses the next", function()
    open(two())
    ol.device:inject { ip = "core", fault = "no_done", count = 1 }
    local run = ip:start(1, 2)
    assert.match("core is not done after 1 ms: .*stream has no data", message("timeout", run.wait, run, 0.001))
    assert.match("core is busy", message("runtime", ip.call, ip, 1, 2))
  end)

  it("that restarts by itself is busy", function()
    open(two())
    ip:write(0, 0x81)
    assert.match("restarts by itself", message("runtime", ip.call, ip, 1, 2))
    ip:write(0, 0)
  end)

  it("ap_ctrl_chain: the result is acknowledged with AP_CONTINUE", function()
    open(two { AP_CONTINUE = { bit = 4, width = 1 } })
    assert.equal(6, ip:call(2, 3))
    assert.equal(0, ip:read(0) & 2)
    assert.equal(20, ip:call(4, 5))
  end)

  it("ap_ctrl_none: arguments are set, outputs read, 0x00 is never written", function()
    open { a = 0x10, b = 0x18, c = OUT }
    assert.equal(12, ip:call(3, 4))
    assert.equal(0, ip:read(0))
  end)

  it("64-bit numbers take two words", function()
    function Model:compute()
      self.registers.s_1, self.registers.s_2 = self.registers.a_2, self.registers.a_1
    end
    open(with(control(), { a_1 = 0x10, a_2 = 0x14, s_1 = { offset = 0x1c, access = "read-only" },
                           s_2 = { offset = 0x20, access = "read-only" } }))
    assert.equal("core(u64 a) -> u64 s", ip.signature)
    assert.equal(0x5566778811223344, ip:call(0x1122334455667788))
  end)

  it("memories take words or a string, and are read back", function()
    Model.compute = nil
    open(with(control(), { rows = 0x10, Memory_lut = { offset = 0x40, size = 16 } }))
    assert.equal("core(u32 rows, u32 lut[4])", ip.signature)
    ip:call(1, { 1, 2, 3, 4 })
    assert.same({ 1, 2, 3, 4 }, ip:array "lut")
    ip:call { rows = 1, lut = "\9\0\0\0" }
    ip:call(2) -- left out: stays
    assert.same({ 9, 2, 3, 4 }, ip:array "lut")
    assert.match("memory lut has 16 bytes, not 20", message("value", ip.call, ip, 1, { 1, 2, 3, 4, 5 }))
    assert.match("rows is no memory", message("type", ip.array, ip, "rows"))
  end)

  describe("with an m_axi port", function()
    local function pointers(width)
      return with(control(), { src_1 = 0x10, src_2 = 0x14, n = 0x1c }), { C_M_AXI_GMEM_ADDR_WIDTH = width or 64 }
    end

    it("takes buffers, and holds them while it runs", function()
      Model.compute = nil
      function Model:init() self:latency(5000) end
      open(pointers())
      assert.equal("core(void *src, u32 n)", ip.signature)
      local buffer <close> = lunq.allocate(16, "u4")
      local run = ip:start(buffer, 16)
      assert.equal(buffer.device_address, ip:read(0x10) | ip:read(0x14) << 32)
      assert.equal("runtime", support.failure(buffer.freebuffer, buffer).kind)
      run:wait()
      assert.is_true(buffer.freed) -- freed when the core let go of it
    end)

    it("refuses what its address can't reach, and lets go of it", function()
      open(pointers(8))
      local buffer <close> = lunq.allocate(1024, "u4")
      assert.match("beyond the 8 bits of its address", message("value", ip.call, ip, buffer, 1))
      local view = lunq.array(4, "u4")
      assert.is_table(support.failure(ip.call, ip, view, 1))
      assert.match("whole number or a buffer, not boolean", message("type", ip.call, ip, true, 1))
    end)
  end)

  it("without one takes no buffers", function()
    open(two())
    local buffer <close> = lunq.allocate(4, "u4")
    assert.match("the core has no m_axi port", message("type", ip.call, ip, buffer, 1))
  end)

  it("is what has these names; other IP has not", function()
    ol = lunq.Overlay { arch = "zynq", ip = { x = { vlnv = "acme.com:user:x:1.0", address = 0x43c00000,
      range = 0x1000, registers = { a = 0x10 } } } }
    local other = ol.x
    assert.equal("attribute", support.failure(function() return other.call end).kind)
  end)
end)
