-- Models of HLS cores written as C functions: lunq.Model with a method `call`.
describe("a model with call", function()
  local lunq = require "lunq"
  local support = dofile "spec/sim/support.lua"
  local NAME <const> = "acme.com:hls:core:1.0"
  local ol, ip, Model

  local function control(more, fields)
    local ctrl = { AP_START = 0, AP_DONE = { bit = 1, width = 1 }, AP_IDLE = { bit = 2, width = 1 },
      AP_READY = { bit = 3, width = 1 }, AUTO_RESTART = { bit = 7, width = 1 } }
    for k, v in pairs(fields or {}) do ctrl[k] = v end
    local registers = { CTRL = { offset = 0, fields = ctrl }, GIER = 4, IP_IER = 8, IP_ISR = 12 }
    for k, v in pairs(more) do registers[k] = v end
    return registers
  end
  local function output(offset) return { offset = offset, access = "read-only" } end
  local function open(registers, parameters)
    ol = lunq.Overlay { arch = "zynq", ip = { core = { vlnv = NAME, address = 0x43c00000, range = 0x10000,
      registers = registers, parameters = parameters } } }
    ip = ol.core
    ip.signature = Model.signature
  end
  local function define(call, signature)
    Model = lunq.Model:extend { models = { NAME }, __name = "CoreModel", call = call, signature = signature }
  end
  local function failure(f, ...)
    local e = support.failure(f, ...)
    return e.kind .. ": " .. tostring(e)
  end

  after_each(function()
    Model:unbind()
    if ol then ol:free() end
    ol, ip = nil, nil
  end)

  it("returns its outputs, or sets them", function()
    define(function(_, a) return a.x + a.y, a.x * a.y end)
    open(control { x = 0x10, y = 0x18, sum = output(0x20), product = output(0x28) })
    assert.same({ 7, 12 }, { ip:call(3, 4) })
    function Model:call(a)
      a.product = a.x
      a.sum = self.fullpath == "core" and a.product + 1 or 0
    end
    assert.same({ 6, 5 }, { ip:call(5, 0) })
  end)

  it("has the types of its signature", function()
    define(function(_, a) return a.gain * a.n, a.n < 0 end, "double scale(float gain, int n, bool &negative)")
    open(control { ap_return_1 = output(0x10), ap_return_2 = output(0x14), gain = 0x20, n = 0x28,
                   negative = output(0x30) })
    assert.same({ -1.5, true }, { ip:call(0.5, -3) })
  end)

  it("wraps integers as C does", function()
    define(function(_, a) return a.a + a.b, a.a + a.b end, "void f(int a, int b, int &s, unsigned char &c)")
    open(control { a = 0x10, b = 0x18, s = output(0x20), c = output(0x28) })
    assert.same({ -0x80000000, 0 }, { ip:call(0x7fffffff, 1) })
    assert.same({ -3, 253 }, { ip:call(-1, -2) })
  end)

  it("marks only what it has written as valid", function()
    define(function(_, a) if a.x > 0 then a.c = a.x end end)
    open(control { x = 0x10, c = output(0x20), c_ctrl = output(0x24) })
    for _, x in ipairs { 5, 0, 7 } do
      local run = ip:start(x)
      run:wait()
      assert.equal(x > 0, run.valid.c)
    end
  end)

  it("reads and writes arrays", function()
    define(function(_, a)
      local sum = 0
      for i = 1, #a.taps do
        sum = sum + a.taps[i]
        a.taps[i] = -a.taps[i]
      end
      return sum
    end, "int f(short taps[5])")
    open(control { ap_return = output(0x10), Memory_taps = { offset = 0x40, size = 16 } })
    assert.equal(-5, ip:call { taps = { 1, -2, 3, -4, -3 } })
    assert.same({ -1, 2, -3, 4, 3 }, ip:array "taps")
    function Model.call(_, a) return a.taps[9] end
    assert.match("^device: Model CoreModel of core failed in compute: core: taps%[9%] is outside its 5 elements",
                 failure(ip.call, ip))
  end)

  it("reads and writes memory behind pointers, in the device's copy", function()
    define(function(_, a) for i = 1, a.n do a.dst[i] = a.src[i] * a.factor end end,
           "void scale(const float *src, float *dst, int n, float factor)")
    open(control { src_1 = 0x10, src_2 = 0x14, dst_1 = 0x1c, dst_2 = 0x20, n = 0x28, factor = 0x30 },
         { C_M_AXI_GMEM_ADDR_WIDTH = 64 })
    local src <close> = lunq.allocate(8, "f4")
    local dst <close> = lunq.allocate(8, "f4")
    for i = 1, 8 do src[i] = i end
    ip:call(src, dst, 8, 0.5)
    assert.same({ 0.5, 4 }, { dst[1], dst[8] })
    function Model:call(a) self.seen = a.src.address end
    ip:call(src, dst, 8, 0.5)
    assert.equal(src.device_address, ol.device:model "core".seen)
  end)

  it("says what is wrong with it", function()
    define(function(_, a) return a.z end)
    open(control { x = 0x10, c = output(0x20) })
    assert.match("^device: .*core has no argument z", failure(ip.call, ip, 1))
    function Model.call(_, a) a.x = 1 end
    assert.match("core: x is an input", failure(ip.call, ip, 1))
    function Model.call(_) return 1, 2 end
    assert.match("core: call returned 2 values, the core has 1 outputs", failure(ip.call, ip, 1))
    function Model.call(_) return "a" end
    assert.match("core: output c should be a whole number, not string", failure(ip.call, ip, 1))
    function Model.call(_) error "out of paper" end
    assert.match("out of paper\nstack traceback:.*in [^\n]* 'call'", failure(ip.call, ip, 1))
    Model:unbind()
    define(function() end, "void f(int volume)")
    assert.match("the prototype has volume, the core's registers don't", failure(open, control { x = 0x10 }))
  end)

  describe("and streams", function()
    local send, receive, src, dst
    local TEXT <const> = "void f(hls::stream<ap_axis<32,0,0,0>> &x, hls::stream<ap_axis<32,0,0,0>> &y, int gain)"

    local function open_streams(registers)
      local dma = { C_INCLUDE_SG = 0, C_SG_LENGTH_WIDTH = 16, C_INCLUDE_MM2S = 1, C_INCLUDE_S2MM = 1,
        C_M_AXI_MM2S_DATA_WIDTH = 32, C_M_AXI_S2MM_DATA_WIDTH = 32, C_ADDR_WIDTH = 32 }
      ol = lunq.Overlay { arch = "zynq", ip = {
        dma = { vlnv = "xilinx.com:ip:axi_dma:7.1", address = 0x40400000, interface = "S_AXI_LITE", parameters = dma,
                streams = { M_AXIS_MM2S = "core/x" } },
        core = { vlnv = NAME, address = 0x43c00000, registers = registers, streams = { y = "dma/S_AXIS_S2MM" } },
      } }
      ip, send, receive = ol.core, ol.dma.sendchannel, ol.dma.recvchannel
    end
    before_each(function()
      src, dst = lunq.allocate(1000, "i4"), lunq.allocate(1000, "i4")
      for i = 1, 1000 do src[i] = i end
    end)
    after_each(function()
      src:close()
      dst:close()
    end)

    it("is done when its packet has gone through", function()
      define(function(_, a)
        local samples, last = a.x:read()
        for i, sample in ipairs(samples) do samples[i] = -sample * a.gain end
        a.y:write(samples, last)
      end, TEXT)
      open_streams(control { gain = 0x10 })
      local run = ip:start(3)
      support.settle(ol.device)
      assert.equal("running", run.state)
      receive:transfer(dst)
      send:transfer(src)
      run:wait()
      send:wait()
      receive:wait()
      assert.same({ -3, -3000 }, { dst[1], dst[1000] })
    end)

    it("waits for ever when nothing comes, and whoever waits for it learns why", function()
      define(function(_, a) a.x:read() end, TEXT)
      open_streams(control { gain = 0x10 })
      local run = ip:start(1)
      assert.match("^timeout: core is not done after 1 ms: CTRL is 0x1 %(AP_START%)%. A core waits as long as "
                   .. "stream x has no data %(it comes from dma/M_AXIS_MM2S%), or stream y has no room %(it goes to "
                   .. "dma/S_AXIS_S2MM%)%.$", failure(run.wait, run, 0.001))
    end)

    it("takes data only when it reads, a piece at a time, and stops when there is no room", function()
      define(function(self, a)
        self.turns = 0
        repeat
          local samples, last = a.x:read(10)
          self.turns = self.turns + 1
          a.y:write(samples, last)
        until last
      end, TEXT)
      open_streams(control { gain = 0x10 })
      send:transfer(src)
      local run = ip:start(1)
      support.settle(ol.device)
      assert.is_true(ol.device:model "core".turns < 10)
      receive:transfer(dst)
      run:wait()
      assert.equal(100, ol.device:model "core".turns)
      send:wait()
      assert.equal(4000, receive:wait())
      assert.same({ 1, 500, 1000 }, { dst[1], dst[500], dst[1000] })
    end)

    it("passes on what has arrived, without waiting for more", function()
      define(function(_, a)
        local x, last = a.x:read_some()
        a.y:write(x, last)
      end, TEXT)
      open_streams { gain = 0x10 }
      receive:transfer(dst)
      ol.device:inject { fault = "lose_tlast", ip = "dma", count = 1 }
      for _ = 1, 2 do
        send:transfer(src, 0, 400)
        send:wait()
      end
      receive:wait()
      assert.same({ 1, 100, 1, 100 }, { dst[1], dst[100], dst[101], dst[200] })
    end)

    it("begins again and again without control register", function()
      define(function(_, a)
        local x, last = a.x:read(1)
        a.y:write(x[1] + a.gain, last)
      end, TEXT)
      open_streams { gain = 0x10 }
      for gain = 1, 3 do
        ip:call(gain)
        receive:transfer(dst, 0, 400)
        send:transfer(src, 0, 400)
        send:wait()
        receive:wait()
        assert.same({ 1 + gain, 100 + gain }, { dst[1], dst[100] })
      end
    end)

    it("can't go round without a stream, or wait for anything else", function()
      define(function() end, TEXT)
      assert.match("call neither read nor wrote a stream", failure(function()
        open_streams { gain = 0x10 }
        ol.device:advance(1000)
      end))
      Model:unbind()
      define(function() coroutine.yield(1) end, TEXT)
      open_streams(control { gain = 0x10 })
      assert.match("a model can't wait or yield, use self:after", failure(ip.call, ip, 1))
      function Model.call(_, a) a.x:read(0) end
      assert.match("core: x:read takes a number of elements, not 0", failure(ip.call, ip, 1))
      function Model.call(_) error "out of paper" end
      assert.match("out of paper\nstack traceback:.*in [^\n]* 'call'", failure(ip.call, ip, 1))
    end)
  end)
end)
