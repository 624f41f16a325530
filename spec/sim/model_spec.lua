-- luacheck: ignore 212/self
describe("a model written in Lua", function()
  local support = dofile "spec/sim/support.lua"
  local core = require "lunq.core"
  local lunq = require "lunq"
  local d, m, Model
  local VLNV <const> = "acme.com:user:thing:1.0"

  local function design(more)
    local ip = { vlnv = VLNV, address = 0x43c00000, range = 0x10000, interface = "S_AXI",
      parameters = { WIDTH = 24 }, registers = { ID = { offset = 0, reset = 0xcafe }, X = 0x10 },
      interrupts = { irq = 0 } }
    for k, v in pairs(more or {}) do ip[k] = v end
    return core.design_from_table { arch = "zynq", ip = { ["hier/thing"] = ip } }
  end
  local function start(more)
    d = support.open(design(more))
    m = core.mmio(0x43c00000, 0x10000, d)
  end

  before_each(function() Model = lunq.Model:extend { models = { VLNV }, __name = "Thing" } end)
  after_each(function()
    Model:unbind()
    if m then m:close() end
    if d then d:close() end
    m, d = nil, nil
  end)

  describe("binds", function()
    it("by VLNV, without the version, or by path; a path beats a VLNV", function()
      start()
      assert.equal("Thing (Lua)", d:models()["hier/thing"])
      local Any <const> = lunq.Model:extend { models = { "acme.com:user:thing" }, __name = "Any" }
      d:program(design())
      assert.equal("Thing (Lua)", d:models()["hier/thing"])
      Model:unbind()
      d:program(design())
      assert.equal("Any (Lua)", d:models()["hier/thing"])
      local Here <const> = lunq.Model:extend { models = { "hier/thing" }, __name = "Here" }
      core.model_bind(VLNV, Model)
      d:program(design())
      assert.equal("Here (Lua)", d:models()["hier/thing"])
      Any:unbind()
      Here:unbind()
    end)

    it("before the models in C", function()
      local Own <const> = lunq.Model:extend { models = { "xilinx.com:ip:axi_gpio" }, __name = "Own" }
      function Own:read(offset) return offset == 0 and 0x1234 or lunq.Model.read(self, offset) end
      d = support.open(core.design_from_table { arch = "zynq", ip = {
        g = { vlnv = "xilinx.com:ip:axi_gpio:2.0", address = 0x41200000, parameters = { C_GPIO_WIDTH = 8 } } } })
      m = core.mmio(0x41200000, 0x10000, d)
      assert.equal(0x1234, m:read(0))
      assert.equal(0xff, m:read(4)) -- TRI of the model in C beneath
      m:write(4, 0x0f)
      assert.equal(0x0f, m:read(4))
      Own:unbind()
    end)

    it("refuses what names no IP", function()
      local e = support.failure(lunq.Model.extend, lunq.Model, { models = 5 })
      assert.equal("type", e.kind)
      assert.equal("models should be a list of VLNVs or paths, not number", tostring(e))
      assert.equal("type", support.failure(lunq.Model.extend, lunq.Model, { models = { {} } }).kind)
    end)
  end)

  it("knows what it is", function()
    local seen
    function Model:init() seen = self end
    start()
    assert.equal("hier/thing", seen.fullpath)
    assert.equal(VLNV, seen.type)
    assert.equal("24", seen.parameters.WIDTH)
    assert.equal("Thing (model of hier/thing)", tostring(seen))
    assert.equal(seen, d:model "hier/thing")
    assert.is_nil(d:model "hier/other")
  end)

  it("is init and reset once, when the design is loaded", function()
    local calls = {}
    function Model:init() calls[#calls + 1] = "init" end
    function Model:reset() calls[#calls + 1] = "reset" end
    start()
    assert.same({ "init", "reset" }, calls)
  end)

  it("without methods is the register file of the metadata", function()
    start()
    assert.equal(0xcafe, m:read(0))
    m:write(0x10, 5)
    assert.equal(5, m:read(0x10))
    assert.equal(5, d:model "hier/thing".registers.X)
  end)

  it("answers reads and gets writes, as words", function()
    local log = {}
    function Model:read(offset, interface)
      log[#log + 1] = ("read %x %s"):format(offset, interface)
      return offset + 0xffffff00
    end
    function Model:write(offset, value) log[#log + 1] = ("write %x %x"):format(offset, value) end
    start()
    assert.equal(0xffffff10, m:read(0x10))
    m:write(0x20, -1)
    m:write64(0x28, 0x123456789)
    assert.equal(0xff, m:read8(0x11))
    assert.same({ "read 10 S_AXI", "write 20 ffffffff", "write 28 23456789", "write 2c 1", "read 10 S_AXI" }, log)
  end)

  it("may return booleans and negative numbers, and wrap what fits", function()
    local value
    function Model:read() return value end
    start()
    value = true
    assert.equal(1, m:read(0))
    value = -1
    assert.equal(0xffffffff, m:read(0))
    value = 3.0
    assert.equal(3, m:read(0))
    for _, bad in ipairs { 1 << 32, 1.5, "5", {} } do
      value = bad
      local e = support.failure(m.read, m, 0)
      assert.equal("device", e.kind)
      assert.match("^Model Thing of hier/thing failed in read: what read returns ", tostring(e))
    end
    value = nil
    assert.equal("device", support.failure(m.read, m, 0).kind)
  end)

  it("refuses an access as hardware does", function()
    function Model:read() return nil, "slave_error" end
    function Model:write() return false, "decode_error" end
    start()
    local e = support.failure(m.read, m, 0)
    assert.equal("io", e.kind)
    assert.match("SLVERR", tostring(e))
    assert.match("DECERR", tostring(support.failure(m.write, m, 0, 0)))
    function Model:read() return nil, "oops" end
    assert.match('the second result is "oops"', tostring(support.failure(m.read, m, 0)), 1, true)
  end)

  it("that fails raises at the access, with model, method and traceback, and nothing else breaks", function()
    function Model:read() error "broken on purpose" end
    start()
    for _ = 1, 3 do
      local e = support.failure(m.read, m, 0)
      assert.equal("device", e.kind)
      assert.match("^Model Thing of hier/thing failed in read: .*model_spec.lua:%d+: broken on purpose\nstack trace",
        tostring(e))
    end
    m:write(0x10, 5)
    function Model:read(offset) return lunq.Model.read(self, offset) end
    assert.equal(5, m:read(0x10))
  end)

  it("that fails with something that is no text is reported too", function()
    local value
    function Model:read() error(value) end
    start()
    for _, v in ipairs { {}, 5, false, lunq.errors.new("timeout", "too late"),
      setmetatable({}, { __tostring = function() error "again" end }) } do
      value = v
      assert.equal("device", support.failure(m.read, m, 0).kind)
    end
    value = lunq.errors.new("timeout", "too late")
    assert.match("failed in read: too late", tostring(support.failure(m.read, m, 0)), 1, true)
  end)

  it("that fails when it is made fails the program, and the old design stays", function()
    start()
    function Model:init() error "not today" end
    local e = support.failure(d.program, d, design())
    assert.equal("device", e.kind)
    assert.match("^Model Lua model of hier/thing: failed in init: .*not today", tostring(e))
    m:write(0x10, 5)
    assert.equal(5, m:read(0x10))
    assert.equal(1, d.loads)
  end)

  describe("can't", function()
    local run
    before_each(function()
      function Model:write() run(self) end
      start()
    end)
    local function refused(text)
      local e = support.failure(m.write, m, 0, 0)
      assert.equal("device", e.kind)
      assert.match(text, tostring(e), 1, true)
      function run() end
      m:write(0, 0)
    end

    it("yield", function()
      run = function() coroutine.yield() end
      refused "a model can't wait or yield, use self:after(ns, function): attempt to yield"
    end)
    it("wait", function()
      run = function() d:advance(100) end
      refused "A model can't wait: time stands still while it runs."
    end)
    it("load a design", function()
      run = function() d:program(design()) end
      refused "A model can't load a design: it would remove itself while it runs."
    end)
    it("close its device", function()
      run = function() d:close() end
      refused "A model can't close a device"
    end)
    it("access itself without end", function()
      run = function() m:write(0, 0) end
      refused "accesses itself without end"
    end)
    it("recurse without end", function()
      run = function() run() return 1 end
      refused "stack overflow"
    end)
    it("send what ends no packet", function()
      run = function(self) self:send(nil, "", true) end
      refused "has no connected output"
    end)
    it("reach beyond its registers", function()
      run = function(self) self:store(0xffff, "abc") end
      refused "3 bytes at offset 0xffff are outside the 0x10000 bytes of hier/thing."
      run = function(self) return self:load(-1, 3) end
      refused "offset cannot be negative"
      run = function(self) self.registers.Y = 1 end
      refused "hier/thing has no register Y"
    end)
  end)

  it("may close the window it is accessed through: that access still ends", function()
    function Model:write() m:close() end
    start()
    m:write(0, 1)
    assert.equal("runtime", support.failure(m.write, m, 0, 1).kind)
  end)

  it("may run a coroutine of its own and access other IP", function()
    function Model:write()
      local co = coroutine.wrap(function()
        local v = m:read(0x10) -- through the bus, while the write is under way
        coroutine.yield(v)
      end)
      self.seen = co()
    end
    start()
    m:write(0, 1)
    assert.equal(0, d:model "hier/thing".seen)
  end)

  it("collects garbage at any time", function()
    function Model:read()
      collectgarbage()
      return 7
    end
    function Model:init() self:after(10, function() collectgarbage() end) end
    start()
    for _ = 1, 5 do assert.equal(7, m:read(0)) end
    support.settle(d)
  end)

  it("has time: functions planned in order", function()
    local log = {}
    function Model:write(offset)
      self:after(offset, function(self_again)
        assert(self_again == self)
        log[#log + 1] = { offset, self:now() }
      end)
    end
    start()
    m:write(3000, 0)
    m:write(1000, 0)
    m:write(2000, 0)
    assert.is_false(d.direct)
    support.settle(d)
    assert.same({ { 1000, 1200 }, { 2000, 2300 }, { 3000, 3100 } }, log)
    assert.is_true(d.direct)
  end)

  it("an error in a planned function is raised by whoever waits", function()
    function Model:write() self:after(500, function() error "late" end) end
    start()
    m:write(0, 0)
    local e = support.failure(d.advance, d, 10000)
    assert.equal("device", e.kind)
    assert.match("failed in a function planned with after: .*late", tostring(e))
    d:advance(10000)
    m:write(0, 0)
    e = support.failure(function() m:poll(0x10, 1, 1, 1) end)
    assert.equal("device", e.kind)
  end)

  it("that plans without letting time pass is found out", function()
    function Model:write()
      local function again() self:after(0, again) end
      again()
    end
    start()
    m:write(0, 0)
    local e = support.failure(m.read, m, 0)
    assert.equal("runtime", e.kind)
    assert.match("The simulated design does not settle", tostring(e))
  end)

  it("drives wires", function()
    function Model:write(_, value) self.there = self:raise("irq", value ~= 0) end
    start()
    m:write(0, 1)
    assert.equal(1, d:wire "hier/thing/irq")
    assert.is_true(d:model "hier/thing".there)
    m:write(0, 0)
    assert.equal(0, d:wire "hier/thing/irq")
    function Model:write() self.there = self:raise "no_such_pin" end
    m:write(0, 1)
    assert.is_false(d:model "hier/thing".there)
  end)

  it("reads and writes memory through its own address map", function()
    function Model:write(_, address)
      local text = self:memory_read(address, 5)
      self:memory_write(address + 16, text:upper())
    end
    start()
    d:poke(0x200000, "hello")
    m:write(0, 0x200000)
    assert.equal("HELLO", d:peek(0x200010, 5))
    local e = support.failure(m.write, m, 0, 0xf0000000)
    assert.match("hier/thing: bus error (DECERR): reading 5 bytes at 0xf0000000", tostring(e), 1, true)
  end)

  describe("with streams", function()
    local mm2s, s2mm
    local SRC <const>, DST <const> = 0x200000, 0x300000

    local function open(fifo)
      local ip = {
        dma = { vlnv = "xilinx.com:ip:axi_dma:7.1", address = support.DMA, range = 0x10000,
          parameters = { C_SG_LENGTH_WIDTH = 23 }, streams = { M_AXIS_MM2S = "thing/S_AXIS" } },
        thing = { vlnv = VLNV, streams = { M_AXIS = fifo and "fifo/S_AXIS" or "dma/S_AXIS_S2MM" } },
      }
      if fifo then
        ip.fifo = { vlnv = "xilinx.com:ip:axis_data_fifo:2.0", streams = { M_AXIS = "dma/S_AXIS_S2MM" },
          parameters = { TDATA_NUM_BYTES = 4, FIFO_DEPTH = 16 } }
      end
      d = support.open(core.design_from_table { arch = "zynq", ip = ip })
      mm2s, s2mm = support.channel(d, 0), support.channel(d, 0x30)
      mm2s.control(1)
      s2mm.control(1)
    end
    after_each(function()
      mm2s.close()
      s2mm.close()
    end)
    local function transfer(data, room)
      d:poke(SRC, data)
      s2mm.address(DST)
      s2mm.length(room or #data + 64)
      mm2s.address(SRC)
      mm2s.length(#data)
      support.settle(d)
      return d:peek(DST, s2mm.length())
    end

    it("passes on what it makes of the data", function()
      function Model:stream(port, data, last)
        assert(port == "S_AXIS")
        self:send("M_AXIS", data:upper(), last)
      end
      open()
      assert.same({ inputs = { "S_AXIS" }, outputs = { "M_AXIS" } }, d:model "thing":streams())
      assert.equal("HELLO", transfer "hello")
      local long = ("abc"):rep(10000)
      assert.is_true(long:upper() == transfer(long))
    end)

    it("gets whole packets when it asks for them", function()
      local sizes = {}
      function Model:packet(_, data)
        sizes[#sizes + 1] = #data
        self:send(nil, data:reverse(), true)
      end
      open()
      local long = ("0123456789"):rep(2000)
      assert.is_true(long:reverse() == transfer(long))
      assert.equal("cba", transfer "abc")
      assert.same({ 20000, 3 }, sizes)
    end)

    it("gets what is beside the data, and says it of what it sends", function()
      local bench = require "lunq.bench"
      function Model:packet(_, data, _, side)
        self:send(nil, data, true, side and { id = side.id, dest = side.dest + 1, user = side.user })
      end
      open()
      local source <close> = bench.source("thing/S_AXIS", { device = d })
      local sink <close> = bench.sink("thing/M_AXIS", { device = d })
      source:send { 1, 2, id = 5, dest = 6, user = 7 }
      source:send { 3 }
      assert.same({ 1, 2, id = 5, dest = 7, user = 7 }, (sink:receive()))
      assert.same({ 3 }, sink:receive())
      function Model:packet(_, data) self:send(nil, data, true, 3) end
      source:send { 4 }
      assert.match("side should be a table, as in { dest = 1 }, not number",
                   select(2, pcall(d.advance, d, 1000)).message)
    end)

    it("what is sent and not taken waits for the receiver", function()
      function Model:packet(_, data) self.waiting = self:send("M_AXIS", data .. data, true) end
      open(true)
      d:poke(SRC, ("x"):rep(200))
      mm2s.address(SRC)
      mm2s.length(200)
      support.settle(d)
      assert.is_true(d:model "thing".waiting > 0)
      s2mm.address(DST)
      s2mm.length(1000)
      support.settle(d)
      assert.equal(400, s2mm.length())
    end)

    it("passes back-pressure on: refuses while the receiver does, and is asked again when it no longer does", function()
      function Model:stream(_, data, last)
        if self:waiting() > 0 then return false end
        self:send(nil, data, last)
      end
      open()
      local long = ("0123456789"):rep(2000)
      d:poke(SRC, long)
      mm2s.address(SRC)
      mm2s.length(#long)
      support.settle(d)
      assert.equal(0, mm2s.status() & 2) -- not idle: it can't get rid of its data
      assert.is_true(d:model "thing":waiting "M_AXIS" > 0)
      s2mm.address(DST)
      s2mm.length(#long)
      support.settle(d)
      assert.equal(2, mm2s.status() & 2)
      assert.equal(#long, s2mm.length())
      assert.is_true(long == d:peek(DST, #long))
      assert.equal(0, d:model "thing":waiting())
    end)

    it("takes a part, and the rest when it is ready", function()
      function Model:stream(_, data)
        self.got = (self.got or "") .. data:sub(1, 10)
        if #data > 10 then self:after(1000, function() self:ready() end) end
        return math.min(10, #data)
      end
      open()
      d:poke(SRC, "abcdefghijklmnopqrstuvwxyz")
      mm2s.address(SRC)
      mm2s.length(26)
      support.settle(d)
      assert.equal("abcdefghijklmnopqrstuvwxyz", d:model "thing".got)
      assert.equal(2, mm2s.status() & 2)
    end)

    it("can't take more than there is", function()
      function Model:stream() return 1000 end
      open()
      mm2s.address(SRC)
      mm2s.length(16)
      local e = support.failure(support.settle, d)
      assert.match("stream took 1000 of 16 bytes", tostring(e), 1, true)
    end)

    it("that fails in the middle of a transfer doesn't stop the rest", function()
      function Model:stream(_, data, last)
        if data:find "bad" then error "bad data" end
        self:send(nil, data, last)
      end
      open()
      local e = support.failure(transfer, "some bad data")
      assert.match("Model Thing of thing failed in stream: .*bad data", tostring(e))
      assert.equal("good", transfer "good")
    end)

    it("refuses to send to a stream it doesn't have", function()
      function Model:packet() self:send("M_AXI", "x", true) end
      open()
      local e = support.failure(transfer, "abc")
      assert.match('thing has no stream interface "M_AXI".', tostring(e), 1, true)
      function Model:packet() self:send("M_AXIS", "", true) end
      e = support.failure(transfer, "abc")
      assert.match("TLAST comes with a byte", tostring(e), 1, true)
    end)
  end)

  it("is forgotten when its design is gone", function()
    start()
    local object = d:model "hier/thing"
    d:program(support.loopback())
    assert.is_nil(d:model "hier/thing")
    local e = support.failure(object.now, object)
    assert.equal("runtime", e.kind)
    assert.equal("The design of this model is no longer loaded.", tostring(e))
    local gone = setmetatable({ object }, { __mode = "v" })
    object = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    assert.is_nil(gone[1])
  end)

  it("planned functions die with the design", function()
    function Model:write() self:after(1000, function() error "must not run" end) end
    start()
    m:write(0, 0)
    d:program(support.loopback())
    d:advance(10000)
  end)
end)
