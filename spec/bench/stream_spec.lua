-- Sources, sinks and monitors of lunq.bench on the streams of a simulated design.
describe("lunq.bench on streams", function()
  local lunq = require "lunq"
  local bench = require "lunq.bench"
  local fixture = dofile "spec/overlay/fixture.lua"
  local d, opened

  before_each(function() d, opened = lunq.Device.open "sim", {} end)
  after_each(function()
    for _, x in ipairs(opened) do x:close() end
    d:close()
    fixture.clean()
  end)

  --- A FIFO between two external streams, as Vivado writes it.
  local function fifo_design(o)
    local function axis(name, kind, bus)
      return ([[<BUSINTERFACE BUSNAME="%s" NAME="%s" TYPE="%s" VLNV="xilinx.com:interface:axis:1.0">
        <PARAMETER NAME="TDATA_NUM_BYTES" VALUE="%d"/><PARAMETER NAME="HAS_TKEEP" VALUE="%d"/>
        <PARAMETER NAME="HAS_TLAST" VALUE="%d"/><PARAMETER NAME="FREQ_HZ" VALUE="%d"/></BUSINTERFACE>]]):format(
        bus, name, kind, o.width or 4, o.keep or 1, o.last or 1, o.hz or 100000000)
    end
    local path = fixture.folder() .. "/fifo.hwh"
    return fixture.write(path, [[<?xml version="1.0"?>
      <EDKSYSTEM EDWVERSION="1.2" VIVADOVERSION="2020.1"><SYSTEMINFO ARCH="zynq" DEVICE="7z020" NAME="top"/>
      <EXTERNALPORTS/><EXTERNALINTERFACES>]] .. axis("S_IN", "TARGET", "External_S")
      .. axis("M_OUT", "INITIATOR", "External_M") .. [[</EXTERNALINTERFACES><MODULES>
      <MODULE FULLNAME="/group/fifo" INSTANCE="fifo" MODTYPE="axis_data_fifo" VLNV="xilinx.com:ip:axis_data_fifo:2.0">
      <PARAMETERS><PARAMETER NAME="TDATA_NUM_BYTES" VALUE="]] .. (o.width or 4) .. [["/>
      <PARAMETER NAME="FIFO_DEPTH" VALUE="16"/></PARAMETERS><BUSINTERFACES>]]
      .. axis("S_AXIS", "TARGET", "External_S") .. axis("M_AXIS", "INITIATOR",
        "External_M") .. [[</BUSINTERFACES></MODULE>
      <MODULE FULLNAME="/region" INSTANCE="region" MODTYPE="" BDTYPE="BLOCK_CONTAINER"><PARAMETERS>
      <PARAMETER NAME="ENABLE_DFX" VALUE="1"/></PARAMETERS><BUSINTERFACES/></MODULE></MODULES></EDKSYSTEM>]])
  end

  local function load(o)
    local ol = lunq.Overlay(fifo_design(o or {}), { device = d })
    opened[#opened + 1] = ol
    return ol
  end

  --- A source and a sink at the FIFO.
  local function ends(source, sink)
    source, sink = source or {}, sink or {}
    source.device, sink.device = d, d
    source, sink = bench.source("group/fifo/S_AXIS", source), bench.sink("group/fifo/M_AXIS", sink)
    opened[#opened + 1], opened[#opened + 2] = source, sink
    return source, sink
  end

  local function raised(f, ...)
    local ok, e = pcall(f, ...)
    assert(not ok, "nothing was raised")
    return { e.kind, tostring(e) }
  end

  -- ---- beside the data --------------------------------------------------------------------------

  it("carry TID, TDEST and TUSER, of a whole packet or of each beat, through FIFOs", function()
    load()
    local source, sink = ends()
    local monitor = bench.monitor("group/fifo/M_AXIS", { device = d, as = "string" })
    opened[#opened + 1] = monitor
    source:send { 1, 2, 3, id = 4, dest = 5, user = 6 }
    source:send({ 1, 2, 3 }, { user = { 0, 0, 1 } })
    source:send("1234567", { dest = -1, user = { 8, 9 } })
    source:send { 7 }
    assert.same({ 1, 2, 3, id = 4, dest = 5, user = 6 }, sink:receive())
    assert.same({ { 1, 2, 3, user = { 0, 0, 1 } }, { id = 0, dest = 0, user = { 0, 0, 1 } } }, { sink:receive() })
    sink:close()
    for _, expected in ipairs { { id = 4, dest = 5, user = 6 }, { id = 0, dest = 0, user = { 0, 0, 1 } },
                                { id = 0, dest = -1, user = { 8, 9 } } } do
      assert.same(expected, (select(2, monitor:receive())))
    end
    assert.equal(1, select("#", monitor:receive())) -- nothing was beside it
  end)

  it("keep it apart in a FIFO that is full", function()
    load()
    local source, sink = ends({ dtype = "u1" }, { dtype = "u1" })
    sink:pause()
    for i = 1, 20 do source:send({ i }, { user = i, last = i == 20 }) end -- a word each: it has room for sixteen
    d:advance(100000)
    sink:pause(false)
    local _, side = sink:receive()
    assert.same({ 1, 5, 9, 13, 17 }, side.user) -- that of the first byte of each beat
  end)

  it("carry TUSER of each beat in any pieces", function()
    load()
    local source = ends({ gaps = 0.5, seed = 1 }, { stalls = 0.5, seed = 2 })
    local sink, users, data = opened[#opened], {}, {}
    for i = 1, 100 do users[i], data[i] = i // 3, i end
    source:send(data, { user = users })
    data.user = users
    assert.same(data, sink:receive())
  end)

  it("refuse another number of users than of beats, and say what differs in a scoreboard", function()
    load()
    local source, sink = ends()
    assert.same({ "value", "2 values of TUSER for a packet of 3 beats." },
                raised(source.send, source, { 1, 2, 3 }, { user = { 1, 2 } }))
    assert.equal("type", raised(source.send, source, { 1 }, { dest = "x" })[1])
    assert.same({ "type", "side should be a table, as in { dest = 1 }, not number" },
                raised(source.axis.put, source.axis, "1234", true, 3))
    source:send { 1, dest = 2 }
    local board = bench.scoreboard "y"
    board:expect { 1, dest = 3 }
    assert.same({ "check", "y: item 1 differs: dest is 2, expected was 3." }, raised(sink.check, sink, board))
  end)

  -- ---- packets ----------------------------------------------------------------------------------

  it("take packets as lists, bytes and buffers, and give them as lists, bytes and arrays", function()
    load()
    local source, sink = ends()
    local buffer <close> = lunq.allocate(2, "u2", { target = d })
    buffer:set { 0x201, 0x403 }
    source:send({ 1, 2, 0xffffffff }):send("\1\0\0\0\2\0\0\0"):send(buffer):send(lunq.array(nil, "u4", { 9 }))
    assert.same({ 1, 2, 0xffffffff }, sink:receive())
    assert.same({ 1, 2 }, sink:receive())
    assert.same({ 0x04030201 }, sink:receive())
    assert.same({ 9 }, sink:receive())
    sink:close()
    for as, check in pairs {
      string = function(v) assert.equal("\1\2\3\4", v) end,
      array = function(v) assert.same({ "u1", { 1, 2, 3, 4 } }, { v.dtype, v:totable() }) end,
    } do
      local other <close> = bench.sink("group/fifo/M_AXIS", { as = as, dtype = "u1", device = d })
      source:send "\1\2\3\4"
      check(other:receive())
    end
  end)

  it("say which numbers they take, and refuse others", function()
    load()
    local source, sink = ends({ dtype = "i2" }, { dtype = "i2" })
    source:send { -5, 32767 }
    assert.same({ -5, 32767 }, sink:receive())
    for value, text in pairs { [32768] = "32768", [-32769] = "-32769", [0.5] = "0.5", ["x"] = "x" } do
      assert.same({ "value", "group/fifo/S_AXIS: element 2 is " .. text
        .. ", and i2 goes from -32768 to 32767; dtype says what elements are" }, raised(source.send, source,
          { 1, value }))
    end
    assert.same({ "value", "A packet has a byte at least." }, raised(source.send, source, {}))
    assert.same({ "type", "group/fifo/S_AXIS: a packet is a string, a list of numbers or a buffer, not number" },
      raised(source.send, source, 7))
    source:close()
    local floats <close> = bench.source("group/fifo/S_AXIS", { dtype = "f4", device = d })
    floats:send { 0.5, 2 }
    assert.same({ 0, 0x3f00, 0, 0x4000 }, sink:receive())
  end)

  it("know the width of a beat, and refuse elements that would lie across", function()
    load { width = 3 }
    assert.same({ "value", "S_IN has beats of 3 bytes: elements of 4 bytes (u4) would lie across them; use "
      .. "u1, or strings" },
      raised(bench.source, "S_IN", { dtype = "u4", device = d }))
    local source, sink = ends()
    assert.same({ "value", 'group/fifo/S_AXIS has beats of 3 bytes: say what elements are, as in { dtype = "u4" }, '
      .. "or use strings" }, raised(source.send, source, { 1 }))
    source:send "abcdef"
    assert.equal("abcdef", sink:receive())
    local buffer <close> = lunq.allocate(3, "u4", { target = d })
    assert.equal("value", raised(source.send, source, buffer)[1])
    assert.same({ "value", 'group/fifo/M_AXIS has beats of 3 bytes: say what elements are, as in { dtype = "u4" }, '
      .. "or use strings" }, raised(bench.monitor, "group/fifo/M_AXIS", { as = "table", device = d }))
  end)

  it("end packets within a beat with TKEEP only", function()
    local ol = load()
    local source, sink = ends(nil, { as = "string" })
    source:send "12345"
    assert.equal("12345", sink:receive())
    sink:close()
    local words <close> = bench.sink("group/fifo/M_AXIS", { device = d })
    source:send "12345"
    assert.same({ "check", 'A packet of 5 bytes came at group/fifo/M_AXIS: no whole number of elements of 4 '
      .. 'bytes (u4). '
      .. 'as = "string" takes it as it is.' }, raised(words.receive, words))
    ol:free()
    load { keep = 0 }
    local narrow <close> = bench.source("S_IN", { device = d })
    assert.same({ "value", "5 bytes are no whole number of beats: S_IN takes 4 bytes in each, and has no TKEEP." },
      raised(narrow.send, narrow, "12345"))
  end)

  it("need a length where there is no TLAST", function()
    load { last = 0 }
    assert.same({ "value", "M_OUT has no TLAST: say how long a packet is, as in { length = 16 }." },
      raised(bench.sink, "M_OUT", { device = d }))
    local source, sink = ends(nil, { length = 3 })
    source:send { 1, 2, 3, 4, 5 }
    assert.same({ 1, 2, 3 }, sink:receive())
    assert.equal(8, sink.waiting)
    source:send { 6, 7 }
    assert.same({ 4, 5, 6 }, sink:receive())
    local bytes <close> = bench.monitor("M_OUT", { length = 6, dtype = "u1", device = d })
    source:send { 0x04030201, 0x08070605 }
    assert.same({ 1, 2, 3, 4, 5, 6 }, bytes:receive())
  end)

  it("send packets in parts", function()
    load()
    local source, sink = ends()
    source:send({ 1, 2 }, { last = false }):wait()
    d:advance(100)
    assert.same({ 0, 8 }, { sink.count, sink.waiting })
    source:send { 3 }
    assert.same({ 1, 2, 3 }, sink:receive())
  end)

  -- ---- time -------------------------------------------------------------------------------------

  --- The time a hundred packets of ten words take, after checking them, and when each came.
  local function run(gaps, stalls, seed)
    load()
    local source, sink = ends({ gaps = gaps, seed = seed }, { stalls = stalls, seed = seed and seed + 1 })
    local start <const>, times = d:now(), {}
    for p = 1, 100 do
      local packet = {}
      for i = 1, 10 do packet[i] = p * 10 + i end
      source:send(packet)
    end
    for p = 1, 100 do
      local packet = sink:receive()
      times[p] = d:now() - start
      assert(#packet == 10 and packet[1] == p * 10 + 1 and packet[10] == p * 10 + 10)
    end
    return d:now() - start, times
  end

  it("move a beat a clock, and lose nothing to random gaps and stalls, the same for a seed", function()
    local plain = run(0, 0)
    assert.is_true(plain >= 9900 and plain < 11000, plain)
    assert.is_true(run(0.5, 0, 1) > 1.7 * plain)
    assert.is_true(run(0, 0.8, 1) > 3 * plain)
    local function times(...) return (select(2, run(0.3, 0.3, ...))) end
    assert.same(times(7), times(7))
    assert.not_same(times(7), times(8))
    math.randomseed(5)
    local first = times()
    assert.not_same(first, times())
    math.randomseed(5)
    assert.same(first, times())
  end)

  it("take their pace from the metadata", function()
    load { hz = 50000000 }
    local source, sink = ends()
    local start <const> = d:now()
    for _ = 1, 100 do source:send { 1 } end
    for _ = 1, 100 do sink:receive() end
    assert.is_true(d:now() - start >= 1980)
  end)

  it("push back, pause and go on", function()
    load()
    local source, sink = ends()
    sink:pause()
    for i = 1, 20 do source:send { i } end
    d:advance(1000000)
    assert.same({ 16, 4 * 4, 0 }, { source.packets, source.waiting, sink.count }) -- the FIFO's 16 words
    sink:pause(false)
    source:wait()
    for i = 1, 20 do assert.same({ i }, sink:receive()) end
    source:pause():send { 1 }
    assert.same({ "timeout", "4 bytes for group/fifo/S_AXIS were not sent within 0.001 s: the source is paused." },
      raised(source.wait, source, 0.001))
    source:clear():pause(false):send { 2 }
    assert.same({ 2 }, sink:receive())
    source:send { 3 }:wait()
    d:advance(1000000)
    sink:clear()
    assert.equal(0, sink.count)
  end)

  it("explain what did not come or go", function()
    load()
    local source, sink = ends()
    assert.same({ "timeout", "No packet came at group/fifo/M_AXIS within 0.001 s, 0 came before: "
      .. "group/fifo/M_AXIS sends "
      .. "nothing. Is it started, and has it got what it needs?" }, raised(sink.receive, sink, 0.001))
    d:inject { ip = "group/fifo", fault = "lose_tlast", count = 1 }
    source:send { 1, 2 }
    assert.same({ "timeout", "No whole packet came at group/fifo/M_AXIS within 0.001 s: 8 bytes did, and no "
      .. "TLAST with the "
      .. "last of them. group/fifo/M_AXIS must set it on the last beat it sends (in HLS: the last flag of the "
      .. "stream), or has more to send." }, raised(sink.receive, sink, 0.001))
    sink:pause()
    assert.same({ "timeout", "No packet came at group/fifo/M_AXIS within 0.001 s: the sink is paused and "
      .. "takes nothing." },
      raised(sink.receive, sink, 0.001))
    for _ = 1, 20 do source:send { 1 } end
    assert.same({ "timeout", "16 bytes for group/fifo/S_AXIS were not taken within 0.001 s, 72 were before "
      .. "(TREADY low): is "
      .. "group/fifo/S_AXIS started and out of reset, and does somebody take what it makes of the data?" },
      raised(source.wait, source, 0.001))
  end)

  it("wait in tasks while others run", function()
    load()
    local source, sink = ends({ gaps = 0.2, seed = 1 }, { stalls = 0.4, seed = 2 })
    local got, order = {}, {}
    lunq.gather(function()
      for i = 1, 50 do source:send({ i, i }):wait() end
      order[#order + 1] = "sent"
    end, function()
      for i = 1, 50 do got[i] = sink:receive()[2] end
      order[#order + 1] = "received"
    end)
    assert.same({ "sent", "received" }, order)
    for i = 1, 50 do assert.equal(i, got[i]) end
  end)

  it("end the wait of a task when they are closed, or another design is loaded", function()
    local ol = load()
    for text, how in pairs {
      ["The end of the stream group/fifo/M_AXIS was closed."] = function(sink) sink:close() end,
      ["The stream group/fifo/M_AXIS belongs to a design that is no longer loaded: open it again on the new one."] =
        function() ol:download() end,
    } do
      local source, sink = ends()
      local failed
      local waits = lunq.spawn(function() failed = raised(sink.receive, sink, math.huge) end)
      d:advance(1000000)
      how(sink)
      waits:wait()
      assert.same({ "runtime", text }, failed)
      source:close()
      sink:close()
    end
  end)

  -- ---- in a design ------------------------------------------------------------------------------

  local function filter()
    opened[#opened + 1] = lunq.Overlay("overlays/stream_filter/stream_filter.hwh", { device = d })
    return opened[#opened]
  end

  it("stand in for master and slave, who go on when they are closed", function()
    local ol = filter()
    ol.filter.fir:set { 2 }
    local source = bench.source(ol.filter.fir, "x", { dtype = "i4" })
    local sink = bench.sink("filter/axi_dma_from_pl_to_ps/S_AXIS_S2MM", { dtype = "i4", device = d })
    local src <close> = lunq.allocate(2, "i4", { target = d })
    local dst <close> = lunq.allocate(2, "i4", { target = d })
    src:set { 10, 20 }
    ol.filter.axi_dma_from_pl_to_ps.recvchannel:transfer(dst)
    ol.filter.axi_dma_from_ps_to_pl.sendchannel:transfer(src)
    source:send { -1, 2, 3 }
    assert.same({ -2, 4, 6 }, sink:receive())
    assert.equal("timeout", raised(sink.receive, sink, 0.001)[1]) -- nothing of the DMA's came through
    source:close()
    sink:close()
    ol.filter.axi_dma_from_ps_to_pl.sendchannel:wait()
    assert.equal(8, ol.filter.axi_dma_from_pl_to_ps.recvchannel:wait())
    assert.same({ 20, 40 }, dst:totable())
  end)

  it("feed a DMA and drain one", function()
    local ol <close> = lunq.Overlay("overlays/dma_loopback/dma_loopback.hwh", { device = d })
    local buffer <close> = lunq.allocate(4, "u4", { target = d })
    local source <close> = bench.source(ol.axi_dma, "S_AXIS_S2MM", { gaps = 0.5, seed = 1 })
    local sink <close> = bench.sink(ol.axi_dma, "M_AXIS_MM2S", { stalls = 0.5, seed = 2 })
    source:send { 1, 2, 3, 4 }
    ol.axi_dma.recvchannel:transfer(buffer)
    assert.equal(16, ol.axi_dma.recvchannel:wait())
    ol.axi_dma.sendchannel:transfer(buffer)
    ol.axi_dma.sendchannel:wait()
    assert.same({ 1, 2, 3, 4 }, sink:receive())
    assert.equal("u8", bench.source("axi_dma_sg/S_AXIS_S2MM", { device = d }).dtype)
  end)

  it("look on without changing anything, several at once", function()
    local ol = filter()
    local x <close> = bench.monitor(ol.filter.fir, "x", { dtype = "i4" })
    local y <close> = bench.monitor(ol.filter.fir, "y", { dtype = "i4" })
    local again <close> = bench.monitor(ol.filter.fir, "y", { as = "string" })
    assert.same({ 3, 6, 9 }, ol.filter:run({ 1, 2, 3 }, { 3 }))
    assert.same({ { 1, 2, 3 }, { 3, 6, 9 } }, { x:receive(), y:receive() })
    assert.equal(("<i4i4i4"):pack(3, 6, 9), again:receive())
    assert.same({ "filter/fir/y", "filter/axi_dma_from_pl_to_ps/S_AXIS_S2MM" }, { y.from, y.to })
  end)

  it("compare what comes with a scoreboard", function()
    local ol = filter()
    ol.filter.fir:set { 2 }
    local source <close> = bench.source(ol.filter.fir, "x", { dtype = "i4", gaps = 0.2, seed = 1 })
    local sink <close> = bench.sink(ol.filter.fir, "y", { dtype = "i4", stalls = 0.2, seed = 2 })
    source:send({ 1, 2 }):send({ 3 })
    sink:check(bench.scoreboard "y":expect({ 2, 4 }, { 6 }))
    source:send { 1, 2, 3 }
    assert.same({ "check", "y: item 1 differs: element 2 of 3 is 4, expected was 5." },
      raised(sink.check, sink, bench.scoreboard "y":expect { 2, 5, 6 }))
    source:send({ 1 }):send({ 2 }):wait()
    d:advance(1000000)
    assert.equal(2, sink.count)
    assert.equal("check", raised(sink.check, sink, bench.scoreboard "y":expect({ 0 }, { 4 }))[1])
    assert.equal(0, sink.count) -- nothing is left for the next one
    source:send { 1 }
    assert.same({ "check", "y: item 1 has 1 element, expected were 2: { 2 }." },
      raised(sink.check, sink, bench.scoreboard "y":expect { 2, 0 }))
    source:send({ 1 }):send({ 9 }):wait()
    d:advance(1000000)
    assert.same({ "check", "y: item 2, { 18 (0x12) }, came but only 1 was expected." },
      raised(sink.check, sink, bench.scoreboard "y":expect { 2 }))
    assert.equal("timeout", raised(sink.check, sink, bench.scoreboard "y":expect({ 2 }), 0.001)[1])
  end)

  -- ---- names and mistakes -----------------------------------------------------------------------

  it("find a stream by either end, and by the name of the design's port", function()
    load()
    for _, name in ipairs { "S_IN", "group/fifo/S_AXIS", "group/fifo/s_axis" } do
      local source <close> = bench.source(name, { device = d })
      assert.same({ nil, "group/fifo/S_AXIS" }, { source.from, source.to })
    end
    assert.same({ "value", 'The loaded design has no stream "fifo/S_AXIS": one is named by the interface at '
      .. 'either of its '
      .. "ends. It has\n  group/fifo/M_AXIS -> M_OUT\n  S_IN -> group/fifo/S_AXIS" },
      raised(bench.source, "fifo/S_AXIS", { device = d }))
  end)

  it("refuse a second source or sink, other devices, and what they don't know", function()
    assert.same({ "runtime", "No design is loaded on sim: it has no streams." }, raised(bench.source, "x/y",
      { device = d }))
    local ol = load()
    local source, sink = ends()
    assert.same({ "runtime", "S_IN has a source already: close that one first." },
      raised(bench.source, "S_IN", { device = d }))
    assert.same({ "runtime", "M_OUT has a sink already: close that one first." }, raised(bench.sink, "M_OUT",
      { device = d }))
    source:close()
    sink:close()
    for text, o in pairs {
      ['a source has no option gap; did you mean "gaps"?'] = { gap = 1 },
      ["The share of pauses should be a number from 0 to below 1, not 1."] = { gaps = 1, device = d },
      ["The share of pauses should be a number from 0 to below 1, not -0.5."] = { gaps = -0.5, device = d },
    } do
      assert.same({ "value", text }, raised(bench.source, "S_IN", o))
    end
    assert.same({ "value", 'as should be "table", "string" or "array", not list' },
      raised(bench.sink, "M_OUT", { as = "list", device = d }))
    assert.same({ "type", 'a stream is named by a text, as in "filter/fir/x", or by an IP and an interface, as in '
      .. '(ol.filter.fir, "x")' }, raised(bench.sink, ol))
    local monitor <close> = bench.monitor("M_OUT", { device = d })
    assert.same({ "attribute", 'a monitor has no "recieve"; did you mean "receive"?' },
      raised(function() return monitor.recieve end))
    monitor:close()
    monitor:close()
    assert.same({ "runtime", "The end of the stream was closed." }, raised(monitor.receive, monitor))
    local trace <const> = fixture.folder() .. "/a.trace"
    local recorded <close> = lunq.Device.open("record:" .. trace .. ":sim")
    assert.same({ "unsupported", "Nobody can reach the streams of device sim: sources, sinks and monitors "
      .. "are for simulated "
      .. "devices." }, raised(bench.source, "S_IN", { device = recorded }))
  end)

  it("are all there is around a core described alone", function()
    local Scale = lunq.Model:extend { models = { "acme.com:hls:scale:1.0" },
      signature = "void scale(hls::stream<ap_axis<32,0,0,0>> &x, hls::stream<ap_axis<32,0,0,0>> &y, int k)" }
    finally(function() Scale:unbind() end)
    function Scale:call(a)
      local list, last = a.x:read()
      for i, v in ipairs(list) do list[i] = v * a.k end
      a.y:write(list, last)
    end
    local ol = lunq.Overlay({ ip = { scale = { vlnv = "acme.com:hls:scale:1.0", address = 0x40000000,
      registers = { k = 0x10 }, streams = { x = "in", y = "out" } } } }, { device = d })
    opened[1] = ol
    ol.scale.register_map.k = 3
    local source <close> = bench.source(ol.scale, "x", { gaps = 0.3, seed = 1 })
    local sink <close> = bench.sink(ol.scale, "y", { stalls = 0.3, seed = 2 })
    source:send({ 1, 2, 3 }):send { 4 }
    assert.same({ { 3, 6, 9 }, { 12 } }, { sink:receive(), sink:receive() })
    assert.same({ nil, "scale/x", "scale/y" }, { source.from, source.to, sink.from })
    assert.is_nil(sink.to)
  end)

  it("may be closed by the model they feed, while their data is on the way", function()
    local source
    local Closer = lunq.Model:extend { models = { "acme.com:user:closer:1.0" } }
    finally(function() Closer:unbind() end)
    function Closer:packet(_, data)
      source:close()
      self:send("M_AXIS", data, true)
    end
    local slice <const> = "xilinx.com:ip:axis_register_slice:1.1"
    opened[1] = lunq.Overlay({ ip = {
      a = { vlnv = slice, streams = { M_AXIS = "c/S_AXIS" } },
      c = { vlnv = "acme.com:user:closer:1.0", streams = { M_AXIS = "b/S_AXIS" } },
      b = { vlnv = slice } } }, { device = d })
    source = bench.source("c/S_AXIS", { device = d })
    local before <close> = bench.monitor("c/S_AXIS", { device = d, as = "string" })
    local after <close> = bench.sink("c/M_AXIS", { device = d, as = "string" })
    local data = ("abcd"):rep(10000)
    source:send(data)
    assert.equal(data, after:receive())
    assert.equal(data, before:receive())
  end)

  it("stay when a region of the design is loaded anew", function()
    local ol = load()
    local source, sink = ends()
    local path = fixture.write(fixture.folder() .. "/part.hwh", fixture.hwh { partial = true, name = "part", modules = {
      { path = "part", vlnv = "acme.com:user:part:1.0", base = 0x43C00000, range = 0x8000 } } })
    source:pause():send { 1 }
    ol:pr_download("region", path)
    source:pause(false):send { 2 }
    assert.same({ { 1 }, { 2 } }, { sink:receive(), sink:receive() })
  end)

  it("are over when another design is loaded; what had come before can still be taken", function()
    load()
    local source, sink = ends()
    source:send({ 1 }):wait()
    d:advance(1000000)
    filter()
    assert.same({ "runtime", "The stream group/fifo/S_AXIS belongs to a design that is no longer loaded: "
      .. "open it again on "
      .. "the new one." }, raised(source.send, source, { 1 }))
    assert.same({ 1 }, sink:receive())
    assert.equal("runtime", raised(sink.receive, sink)[1])
    source:close()
    sink:close()
  end)
end)
