describe("simulated streams", function()
  local support = dofile "spec/sim/support.lua"
  local core = require "lunq.core"
  local d, mm2s, s2mm
  local SRC <const>, DST <const> = 0x200000, 0x300000

  local function start(fifo)
    d = support.open(support.loopback({ C_SG_LENGTH_WIDTH = 20 }, fifo))
    mm2s, s2mm = support.channel(d, 0), support.channel(d, 0x30)
    mm2s.control(1)
    s2mm.control(1)
  end
  after_each(function()
    if mm2s then mm2s.close() end
    if s2mm then s2mm.close() end
    mm2s, s2mm = nil, nil
    d:close()
  end)

  local function send(n, at) mm2s.address(at or SRC); mm2s.length(n) end
  local function receive(n, at) s2mm.address(at or DST); s2mm.length(n) end
  local function idle(c) return c.status() & 2 == 2 end

  it("a FIFO takes what it has room for, and the sender waits for the rest", function()
    start { FIFO_DEPTH = 16 }
    send(64)
    support.settle(d)
    assert.is_true(idle(mm2s)) -- 16 words of 4 bytes: it all went in
    send(4)
    support.settle(d)
    assert.is_false(idle(mm2s))
    receive(64)
    support.settle(d)
    assert.equal(64, s2mm.length())
    assert.is_true(idle(mm2s))
    receive(64)
    support.settle(d)
    assert.equal(4, s2mm.length())
  end)

  it("say how far the data got, and who waits", function()
    start { FIFO_DEPTH = 16 }
    send(100)
    support.settle(d)
    local into, out
    for _, s in ipairs(d:streams()) do
      if s.to == "fifo/S_AXIS" then into = s else out = s end
    end
    assert.same({ from = "dma/M_AXIS_MM2S", to = "fifo/S_AXIS", bytes = 64, packets = 0, waiting = true }, into)
    assert.same({ from = "fifo/M_AXIS", to = "dma/S_AXIS_S2MM", bytes = 0, packets = 0, waiting = true }, out)
    receive(200)
    support.settle(d)
    for _, s in ipairs(d:streams()) do
      assert.same({ 100, 1, false }, { s.bytes, s.packets, s.waiting })
    end
  end)

  it("data larger than the FIFO flows through when somebody receives", function()
    start { FIFO_DEPTH = 16 }
    local data = ("0123456789abcdef"):rep(1000)
    d:poke(SRC, data)
    receive(100000)
    send(#data)
    support.settle(d)
    assert.equal(#data, s2mm.length())
    assert.is_true(data == d:peek(DST, #data))
  end)

  it("keeps packets apart", function()
    start { FIFO_DEPTH = 64 }
    for i = 1, 5 do
      d:poke(SRC, string.char(64 + i):rep(i * 3))
      send(i * 3)
      support.settle(d)
    end
    for i = 1, 5 do
      receive(100)
      support.settle(d)
      assert.equal(i * 3, s2mm.length())
      assert.equal(string.char(64 + i):rep(i * 3), d:peek(DST, i * 3))
    end
  end)

  it("a part of a word takes a whole one in the FIFO", function()
    start { FIFO_DEPTH = 4 }
    for _ = 1, 4 do
      send(1)
      support.settle(d)
      assert.is_true(idle(mm2s))
    end
    send(1)
    support.settle(d)
    assert.is_false(idle(mm2s))
  end)

  it("in packet mode nothing leaves before TLAST is in", function()
    start { FIFO_DEPTH = 64, FIFO_MODE = 2 }
    d:inject { fault = "lose_tlast", ip = "dma", where = "M_AXIS_MM2S", count = 1 }
    receive(100)
    send(32)
    support.settle(d)
    assert.equal(("\0"):rep(32), d:peek(DST, 32))
    d:poke(SRC, ("x"):rep(32))
    send(32)
    support.settle(d)
    assert.equal(64, s2mm.length())
  end)

  it("a packet that fills a FIFO in packet mode goes on: it could never end otherwise", function()
    start { FIFO_DEPTH = 16, FIFO_MODE = 2 }
    receive(1000)
    send(400)
    support.settle(d)
    assert.equal(400, s2mm.length())
  end)

  it("register slices and converters pass data on", function()
    d = support.open(core.design_from_table { arch = "zynq", ip = {
      dma = { vlnv = "xilinx.com:ip:axi_dma:7.1", address = support.DMA,
        streams = { M_AXIS_MM2S = "slice/S_AXIS" } },
      slice = { vlnv = "xilinx.com:ip:axis_register_slice:1.1", streams = { M_AXIS = "conv/S_AXIS" } },
      conv = { vlnv = "xilinx.com:ip:axis_dwidth_converter:1.1", streams = { M_AXIS = "dma/S_AXIS_S2MM" } },
    } })
    mm2s, s2mm = support.channel(d, 0), support.channel(d, 0x30)
    mm2s.control(1)
    s2mm.control(1)
    d:poke(SRC, "hello, fabric")
    send(13)
    support.settle(d)
    assert.is_false(idle(mm2s)) -- wires hold nothing back
    receive(64)
    support.settle(d)
    assert.equal("hello, fabric", d:peek(DST, 13))
  end)

  it("a circle through a FIFO goes round as long as time passes", function()
    d = support.open(core.design_from_table { arch = "zynq", ip = {
      dma = { vlnv = "xilinx.com:ip:axi_dma:7.1", address = support.DMA, streams = { M_AXIS_MM2S = "gate/S_AXIS" } },
      gate = { vlnv = "xilinx.com:ip:axis_register_slice:1.1", streams = { M_AXIS = "a/S_AXIS" } },
      a = { vlnv = "xilinx.com:ip:axis_data_fifo:2.0", streams = { M_AXIS = "b/S_AXIS" } },
      b = { vlnv = "xilinx.com:ip:axis_data_fifo:2.0", streams = { M_AXIS = "gate/S_AXIS" } },
    } })
    mm2s = support.channel(d, 0)
    mm2s.control(1)
    send(16)
    d:advance(1000000)
    assert.is_true(d:step())
    assert.is_true(d:now() < 2000000)
  end)

  it("a circle of wires takes nothing", function()
    d = support.open(core.design_from_table { arch = "zynq", ip = {
      dma = { vlnv = "xilinx.com:ip:axi_dma:7.1", address = support.DMA, streams = { M_AXIS_MM2S = "a/S_AXIS" } },
      a = { vlnv = "xilinx.com:ip:axis_register_slice:1.1", streams = { M_AXIS = "b/S_AXIS" } },
      b = { vlnv = "xilinx.com:ip:axis_register_slice:1.1", streams = { M_AXIS = "a/S_AXIS" } },
    } })
    mm2s = support.channel(d, 0)
    mm2s.control(1)
    send(16)
    support.settle(d)
    assert.is_false(idle(mm2s))
  end)

  it("data that leaves the design is taken by nobody in particular", function()
    start "open"
    send(100)
    support.settle(d)
    assert.is_true(idle(mm2s))
  end)

  it("data for an IP without a model stalls, and says so once", function()
    local texts = {}
    d = support.open(core.design_from_table { arch = "zynq", ip = {
      dma = { vlnv = "xilinx.com:ip:axi_dma:7.1", address = support.DMA, streams = { M_AXIS_MM2S = "fir/S" } },
      fir = { vlnv = "acme.com:user:fir:1.0" },
    } })
    local was = require "lunq.warnings"
    assert.is_table(was)
    core.set_warning_hook(function(category, text) texts[#texts + 1] = category .. ": " .. text end)
    mm2s = support.channel(d, 0)
    mm2s.control(1)
    send(100)
    support.settle(d)
    mm2s.control(4)
    support.settle(d)
    mm2s.control(1)
    send(100)
    support.settle(d)
    core.set_warning_hook(nil)
    assert.is_false(idle(mm2s))
    assert.equal(1, #texts)
    assert.match("^user: Data for fir goes nowhere: the simulated device has no model of acme.com:user:fir:1.0",
      texts[1])
  end)
end)
