-- RTL, behavioural models and register files in one overlay, as the design wires them.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"
local fails = fixture.fails

local DMA <const> = {
  vlnv = "xilinx.com:ip:axi_dma:7.1", address = 0x40400000, range = 0x10000, interface = "S_AXI_LITE",
  parameters = { C_INCLUDE_SG = 0, C_SG_LENGTH_WIDTH = 20, C_INCLUDE_MM2S = 1, C_INCLUDE_S2MM = 1,
    C_M_AXI_MM2S_DATA_WIDTH = 32, C_M_AXI_S2MM_DATA_WIDTH = 32, C_ADDR_WIDTH = 32 },
  interrupts = { mm2s_introut = 0, s2mm_introut = 1 },
}

local function dma(streams)
  local ip = {}
  for k, v in pairs(DMA) do ip[k] = v end
  ip.streams = streams
  return ip
end

local function scale(address, streams)
  return { vlnv = "acme.com:user:scale:1.0", address = address, range = 0x1000, streams = streams }
end

describe("an overlay with RTL", function()
  local it = fixture.with_verilator(it, pending)
  local ol

  local function open(ip, rtl, device)
    ol = lunq.Overlay({ ip = ip }, { device = core.device_open(device or "sim"), rtl = rtl })
    return ol
  end
  after_each(function()
    local device = ol and ol.device
    if ol then ol:free() end
    if device then device:close() end
    ol = nil
  end)

  --- Sends words through the DMA; gives what comes back.
  local function through(words)
    local src <close> = lunq.allocate(#words, "u4", { target = ol.device })
    local dst <close> = lunq.allocate(#words, "u4", { target = ol.device })
    for i, w in ipairs(words) do src[i] = w end
    ol.dma.recvchannel:transfer(dst)
    ol.dma.sendchannel:transfer(src)
    ol.dma.sendchannel:wait()
    ol.dma.recvchannel:wait()
    local list = {}
    for i = 1, #words do list[i] = dst[i] end
    return list
  end

  local function start(ip, gain)
    ip.mmio:write(0x10, gain)
    ip.mmio:write(0, 1)
  end

  it("takes models by instance, by VLNV and by name; the rest is what it is without", function()
    local regs = fixture.model "regs"
    local function ip(address) return { vlnv = "acme.com:user:regs:1.0", address = address } end
    local all = { a = ip(0x43c00000), b = ip(0x43c10000) }
    for key, models in pairs { a = { a = "regs (RTL)", b = "register file" },
                               ["acme.com:user:regs:1.0"] = { a = "regs (RTL)", b = "regs (RTL)" },
                               ["acme.com:user:regs"] = { a = "regs (RTL)", b = "regs (RTL)" },
                               regs = { a = "regs (RTL)", b = "regs (RTL)" },
                               ["acme.com:user:regs:2.0"] = { a = "register file", b = "register file" } } do
      open(all, { [key] = regs })
      assert.same(models, ol.device:models(), key)
      local device = ol.device
      ol:free()
      device:close()
    end
    ol = nil
  end)

  it("prefers the more exact of two", function()
    open({ a = { vlnv = "acme.com:user:regs:1.0", address = 0x43c00000 },
           b = { vlnv = "acme.com:user:regs:1.0", address = 0x43c10000 } },
         { ["acme.com:user:regs:1.0"] = fixture.model "regs", regs = fixture.model "faults" })
    assert.same({ a = "regs (RTL)", b = "regs (RTL)" }, ol.device:models())
  end)

  it("has its RTL for this overlay only", function()
    local ip = { a = { vlnv = "acme.com:user:regs:1.0", address = 0x43c00000 } }
    open(ip, { a = fixture.model "regs" })
    ol:download()
    assert.same({ a = "regs (RTL)" }, ol.device:models())
    local other = lunq.Overlay({ ip = ip }, { device = ol.device })
    assert.same({ a = "register file" }, ol.device:models())
    other:free()
  end)

  it("builds what a table describes", function()
    open({ a = { vlnv = "acme.com:user:regs:1.0", address = 0x43c00000 } },
         { a = { sources = "spec/rtl/regs.v", top = "regs", cache = fixture.cache } })
    assert.equal(0x4c554e51, ol.a.mmio:read(0))
  end)

  it("can be the model alone, on whatever device is simulated", function()
    local path = fixture.model "regs"
    ol = lunq.Overlay(path, { device = core.device_open "sim" })
    assert.equal(0x4c554e51, ol.regs.mmio:read(0))
    ol.regs.mmio:write(0x20, 10)
    ol.regs.irq:wait(1)
  end)

  it("takes the table from a file, with paths from its folder", function()
    local path = core.absolute(fixture.model "regs")
    local name = path:match "^(.*)/" .. "/table.lua"
    require "lunq.rtl.cache".write(name, ("return { ['acme.com:user:regs'] = %q }"):format(path:match "[^/]*$"))
    open({ a = { vlnv = "acme.com:user:regs:1.0", address = 0x43c00000 } }, nil, "rtl:" .. name)
    assert.same({ a = "regs (RTL)" }, ol.device:models())
    os.remove(name)
  end)

  it("says what is wrong with a table", function()
    local ip = { a = { vlnv = "acme.com:user:regs:1.0", address = 0x43c00000 } }
    local device <close> = core.device_open "sim"
    local function text(kind, rtl) return fails(kind, lunq.Overlay, { ip = ip }, { device = device, rtl = rtl }) end
    assert.equal("RTL model /dev/null/x can't be read: Not a directory.", text("io", { a = "/dev/null/x" }))
    assert.equal('rtl["a"] should be the path of a model or a table for lunq.rtl.build, not a number',
                 text("type", { a = 5 }))
    assert.equal("rtl should name IP by path, VLNV or name, not by a number",
                 text("type", { "regs.rtl" }))
  end)

  it("feeds a filter from the behavioural DMA, and back", function()
    open({ dma = dma { M_AXIS_MM2S = "scale/in" }, scale = scale(0x43c00000, { out = "dma/S_AXIS_S2MM" }) },
         { scale = fixture.model "scale" })
    start(ol.scale, 3)
    assert.same({ 3, 6, 30 }, through { 1, 2, 10 })
    start(ol.scale, 2)
    local words, want = {}, {}
    for i = 1, 3000 do words[i], want[i] = i, 2 * i end
    local before = ol.device.cycle
    assert.same(want, through(words))
    assert.is_true(ol.device.cycle - before < 3000 + 1500) -- the DMA reads a chunk of 1024 words first
  end)

  it("waits when the filter is not started: TREADY is low", function()
    open({ dma = dma { M_AXIS_MM2S = "scale/in" }, scale = scale(0x43c00000, { out = "out" }) },
         { scale = fixture.model "scale" })
    local src <close> = lunq.allocate(100, "u4", { target = ol.device })
    ol.dma.sendchannel:transfer(src)
    fails("timeout", function() ol.dma.sendchannel:wait(1e-4) end)
    for _, s in ipairs(ol.device:streams()) do
      if s.to == "scale/in" then assert.same({ true, 128 }, { s.waiting, s.bytes }) end -- 32 words wait
    end
    start(ol.scale, 1)
    ol.dma.sendchannel:wait(1)
  end)

  -- The queue in front of an input has 32 beats. Asking for more after each of them would cost the other side a call
  -- for every word.
  it("asks for more when half of what waits at its input is gone", function()
    open({ dma = dma { M_AXIS_MM2S = "scale/in" }, scale = scale(0x43c00000, { out = "out" }) },
         { scale = fixture.model "scale" })
    local src <close> = lunq.allocate(100, "u4", { target = ol.device })
    start(ol.scale, 1)
    ol.device:trace(true)
    ol.dma.sendchannel:transfer(src)
    ol.dma.sendchannel:wait()
    local pieces = {}
    for n in ol.device:trace(false):gmatch "dma %-> scale (%d+) bytes" do
      if n ~= "0" then pieces[#pieces + 1] = math.tointeger(n) end
    end
    assert.same({ 128, 68, 68, 68, 68 }, pieces) -- the DMA's answer comes a cycle later: 17 words have gone
  end)

  describe("beside a model in Lua", function()
    local Beside, seen
    before_each(function()
      seen = {}
      Beside = lunq.Model:extend { models = { "beside" } }
      function Beside:note(what) table.insert(seen, what .. " at " .. self:now() - self.start) end
      function Beside:write()
        self.start = self:now()
        self:after(15, function() self:note "event" end)
        if self.reads then
          self:memory_read(0x43c00000, 4)
          self:note "has read"
        end
      end
    end)
    after_each(function() Beside:unbind() end)

    local function both()
      open({ beside = { vlnv = "acme.com:user:beside:1.0", address = 0x43c10000 },
             regs = { vlnv = "acme.com:user:regs:1.0", address = 0x43c00000 } }, { regs = fixture.model "regs" })
      return ol.beside.mmio, ol.regs.mmio
    end

    it("lets what is due happen within the cycles of an access", function()
      local beside, regs = both()
      beside:write(0, 1)
      regs:read(0)
      assert.same({ "event at 20" }, seen) -- an edge every 10 ns; the answer is there after two
    end)

    it("lets nothing happen in the middle of a model that reads a register of RTL", function()
      Beside.reads = true
      local beside, regs = both()
      beside:write(0, 1)
      regs:read(0)
      assert.same({ "has read at 20", "event at 20" }, seen)
    end)
  end)

  it("joins RTL to RTL", function()
    open({ dma = dma { M_AXIS_MM2S = "one/in" }, one = scale(0x43c00000, { out = "two/in" }),
           two = scale(0x43c10000, { out = "dma/S_AXIS_S2MM" }) },
         { ["acme.com:user:scale"] = fixture.model "scale" })
    start(ol.one, 3)
    start(ol.two, 5)
    assert.same({ 15, 30, 45 }, through { 1, 2, 3 })
  end)

  it("keeps packets of any length in a wide stream: TKEEP", function()
    open({ pass = { vlnv = "acme.com:user:pass:1.0", address = 0x43c00000,
                    streams = { s_axis = "in", m_axis = "out" } } },
         { pass = fixture.model("pass", { parameters = { BYTES = 8 } }) })
    local source <close> = lunq.bench.source(ol.pass, "s_axis", { dtype = "u1" })
    local sink <close> = lunq.bench.sink(ol.pass, "m_axis", { dtype = "u1" })
    for n = 1, 17 do
      local packet = {}
      for i = 1, n do packet[i] = (i * 3 + n) & 0xff end
      source:send(packet)
      assert.same(packet, sink:receive())
    end
    assert.same({ 17, 17 * 18 // 2 }, { ol.pass.mmio:read(4), ol.pass.mmio:read(8) }) -- packets, bytes by TKEEP
  end)

  it("takes ready and valid that come and go from a bench", function()
    open({ scale = scale(0x43c00000, { ["in"] = "in", out = "out" }) }, { scale = fixture.model "scale" })
    local source <close> = lunq.bench.source(ol.scale, "in", { gaps = 0.5 })
    local sink <close> = lunq.bench.sink(ol.scale, "out", { stalls = 0.5 })
    for round = 1, 3 do
      local words, want = {}, {}
      for i = 1, 100 do words[i], want[i] = i, round * i end
      start(ol.scale, round)
      source:send(words)
      assert.same(want, sink:receive())
    end
  end)

  it("makes RTL anew that a program holds in reset, and lets nobody in meanwhile", function()
    local d <close> = core.device_open("rtl:" .. fixture.model "regs")
    d:program(core.design_parse("reset.hwh", [[
<EDKSYSTEM EDWVERSION="1.2" VIVADOVERSION="2020.1">
 <SYSTEMINFO ARCH="zynq" NAME="reset"/>
 <EXTERNALINTERFACES><BUSINTERFACE NAME="host" TYPE="SLAVE"><MEMORYMAP>
  <MEMRANGE BASEVALUE="0x41200000" HIGHVALUE="0x4120FFFF" INSTANCE="gpio" MEMTYPE="REGISTER" SLAVEBUSINTERFACE="S_AXI"/>
  <MEMRANGE BASEVALUE="0x43C00000" HIGHVALUE="0x43C0FFFF" INSTANCE="r" MEMTYPE="REGISTER" SLAVEBUSINTERFACE="s_axi"/>
 </MEMORYMAP></BUSINTERFACE></EXTERNALINTERFACES>
 <MODULES>
  <MODULE FULLNAME="/gpio" INSTANCE="gpio" MODTYPE="axi_gpio" VLNV="xilinx.com:ip:axi_gpio:2.0">
   <PARAMETERS><PARAMETER NAME="C_GPIO_WIDTH" VALUE="1"/><PARAMETER NAME="C_ALL_OUTPUTS" VALUE="1"/></PARAMETERS>
   <PORTS><PORT DIR="O" NAME="gpio_io_o" SIGNAME="run"/></PORTS>
  </MODULE>
  <MODULE FULLNAME="/r" INSTANCE="r" MODTYPE="regs" VLNV="acme.com:user:regs:1.0">
   <PORTS><PORT DIR="I" NAME="aresetn" POLARITY="ACTIVE_LOW" SIGIS="rst" SIGNAME="run"/></PORTS>
  </MODULE>
 </MODULES>
</EDKSYSTEM>]]))
    local gpio <close>, m = lunq.MMIO(0x41200000, 0x10, d), lunq.MMIO(0x43c00000, 0x40, d)
    assert.match("held in reset by GPIO", fails("io", m.read, m, 0), 1, true)
    gpio:write(0, 1)
    m:write(4, 5)
    assert.equal(5, m:read(4))
    gpio:write(0, 0)
    gpio:write(0, 1)
    d:step(1)
    assert.equal(0, m:read(4))
    -- What is stepped first after the write that resets it is the new one: 16 cycles of its reset, and five.
    gpio:write(0, 0)
    d:step(5)
    assert.equal(16 + 5, d.cycle)
    m:close()
  end)
end)

-- A design file with such a base made the DMA write past the storage of the RTL's WDATA.
describe("RTL at a base that is no word of its bus", function()
  local it = fixture.with_verilator(it, pending)
  local DMA_AT <const> = 0x44a00000

  local function design(base)
    return core.design_parse("odd.hwh", ([[
<EDKSYSTEM EDWVERSION="1.2" VIVADOVERSION="2020.1">
 <SYSTEMINFO ARCH="zynq" NAME="odd"/>
 <EXTERNALINTERFACES><BUSINTERFACE NAME="host" TYPE="SLAVE"><MEMORYMAP>
  <MEMRANGE BASEVALUE="0x%X" HIGHVALUE="0x43C0FFFF" INSTANCE="t" MEMTYPE="REGISTER" SLAVEBUSINTERFACE="s_axi"/>
  <MEMRANGE BASEVALUE="0x%X" HIGHVALUE="0x44A0FFFF" INSTANCE="c" MEMTYPE="REGISTER" SLAVEBUSINTERFACE="S_AXI_LITE"/>
 </MEMORYMAP></BUSINTERFACE></EXTERNALINTERFACES>
 <MODULES><MODULE FULLNAME="/t" INSTANCE="t" MODTYPE="regs" VLNV="acme.com:user:regs:1.0"/>
  <MODULE FULLNAME="/c" INSTANCE="c" MODTYPE="axi_cdma" VLNV="xilinx.com:ip:axi_cdma:4.1"><PARAMETERS>
   <PARAMETER NAME="C_INCLUDE_SG" VALUE="0"/><PARAMETER NAME="C_INCLUDE_DRE" VALUE="1"/></PARAMETERS></MODULE>
 </MODULES>
</EDKSYSTEM>]]):format(base, DMA_AT))
  end

  --- Status of the DMA, which has moved four bytes there and, when that went well, back.
  local function move(base)
    local d <close> = core.device_open "sim"
    d:rtl_bind("regs", fixture.model "regs")
    d:program(design(base))
    local mover <close> = lunq.MMIO(DMA_AT, 0x100, d)
    local a <close> = lunq.allocate(8, "u1", { target = d })
    local function copy(from, to)
      for offset, value in pairs { [0x18] = from, [0x20] = to } do mover:write(offset, value) end
      mover:write(0x28, 4)
      d:advance(100000)
      return mover:read(4) & 0x72
    end
    for i = 1, 4 do a[i] = 0x10 * i end
    local status = { copy(a.physical_address, base) }
    if status[1] == 2 then status[2] = copy(base, a.physical_address + 4) end
    status[3] = a[8]
    return status
  end

  it("answers SLVERR to what would cross a word", function()
    assert.same({ 2, 2, 0x40 }, move(0x43c00004))
    assert.same({ 0x22, nil, 0 }, move(0x43c00006))
  end)
end)
