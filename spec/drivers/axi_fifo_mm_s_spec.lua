-- AXI4-Stream FIFO: registers.md section 14; its model has specs in spec/sim/axi_fifo_spec.lua.
describe("the stream FIFO driver", function()
  local support = dofile "spec/drivers/support.lua"
  local lunq = require "lunq"
  local raises = support.raises
  local fifo, device
  local pins
  local ISR <const>, TDFD <const>, TLR <const>, RDFD <const>, RLR <const> = 0, 0x10, 0x14, 0x20, 0x24

  --- A FIFO whose transmit side feeds its receive side, or `to` another pin.
  local function start(parameters, to)
    local p = { C_TX_FIFO_DEPTH = 64, C_RX_FIFO_DEPTH = 64 }
    for k, v in pairs(parameters or {}) do p[k] = v end
    fifo, device = support.driver(support.design("xilinx.com:ip:axi_fifo_mm_s:4.2", p,
      { interrupts = pins, streams = to ~= false and { AXI_STR_TXD = to or "ip/AXI_STR_RXD" } or nil }),
      "ip", "drivers.axi_fifo_mm_s")
  end
  before_each(function() pins = nil end)
  after_each(function()
    fifo:free()
    device:close()
  end)

  local function specs()
    it("sends and receives packets of any length", function()
      start()
      for _, n in ipairs { 1, 2, 3, 4, 5, 63, 64, 239, 240 } do
        local data = string.rep("abcdefg", 40):sub(1, n)
        fifo:send(data)
        assert.equal(data, (fifo:receive()))
      end
      assert.equal(0, fifo:occupancy())
      assert.equal(60, fifo:vacancy())
    end)

    it("keeps packets apart and in order", function()
      start()
      fifo:send "first"
      fifo:send "the second"
      fifo:send { 0x64636261, 0xffffffff }
      assert.equal("first", (fifo:receive()))
      assert.equal("the second", (fifo:receive()))
      assert.equal("abcd\xff\xff\xff\xff", (fifo:receive()))
    end)

    it("sends buffers, also those that are no whole words, and receives into one", function()
      start()
      local words <close> = lunq.array(3, "u4", { 1, 2, 3 })
      local odd <close> = lunq.array(5, "u1", { 1, 2, 3, 4, 5 })
      local into <close> = lunq.array(20, "u1")
      fifo:send(words)
      fifo:send(odd)
      assert.equal(12, fifo:receive_into(into))
      assert.equal(words:tobytes(), into:slice(1, 12):tobytes())
      assert.equal(5, fifo:receive_into(into:slice(3, 10)))
      assert.equal("\1\0\1\2\3\4\5\0", into:tobytes():sub(1, 8))
    end)

    it("a packet too long for the buffer stays", function()
      start()
      local small <close> = lunq.array(3, "u1")
      fifo:send "hello"
      assert.equal("ip: the packet has 5 bytes, the buffer 3. It stays, for another try.",
                   raises("value", fifo.receive_into, fifo, small))
      assert.equal("hello", (fifo:receive()))
      assert.matches("a packet is received into a buffer, not a table",
                     raises("type", fifo.receive_into, fifo, {}), 1, true)
    end)

    -- Reading RLR or RDFD empty is an error that ends only with a reset which loses data.
    it("never reads the receive side while it is empty", function()
      start()
      local text = raises("timeout", fifo.receive, fifo)
      assert.matches("^Timeout: ip: no packet within 10 s", text)
      assert.matches("does the sender set it?", text, 1, true)
      assert.equal(0, fifo:read(ISR) >> 29)
      raises("timeout", fifo.receive, fifo, 0)
      fifo:send "x"
      assert.equal("x", (fifo:receive()))
    end)

    it("waits for a packet that comes later", function()
      start()
      local packet <const> = ("now"):rep(60)
      fifo:send(packet)
      assert.equal(0, fifo:occupancy()) -- 45 words take 450 ns
      assert.equal(packet, (fifo:receive(1e-3)))
    end)

    it("says what is wrong when somebody else read it empty", function()
      start()
      assert.matches("SLVERR.*its receive FIFO is empty", raises("io", fifo.read, fifo, RDFD))
      assert.matches("SLVERR.*no packet has come whole", raises("io", fifo.read, fifo, RLR))
      local text = raises("runtime", fifo.receive, fifo)
      assert.matches("RPURE: RLR was read while no packet was there; RPUE: RDFD was read while it was empty", text, 1,
                     true)
      assert.matches("Call reset_receive(), which drops what is in it.", text, 1, true)
      fifo:reset_receive()
      fifo:send "good again"
      assert.equal("good again", (fifo:receive()))
    end)

    it("resets a FIFO it finds in error", function()
      start()
      raises("io", fifo.read, fifo, RDFD)
      local again = require "drivers.axi_fifo_mm_s"(fifo.description)
      again:send "fine"
      assert.equal("fine", (again:receive()))
      again:free()
    end)

    it("sees when the words of a packet are gone", function()
      start()
      fifo:send "12345678"
      support.settle(device)
      fifo:read(RDFD)
      assert.matches("ip: the receive side is in error: RPORE: more was read from RDFD than the packet has; RPUE: RDFD",
                     raises("runtime", fifo.receive, fifo), 1, true)
      fifo:reset()
      fifo:send "again"
      assert.equal("again", (fifo:receive()))
    end)

    it("waits for room, and explains when there is none", function()
      start()
      device:inject { ip = "ip", fault = "stall" }
      fifo:send(("x"):rep(200))
      local text = raises("timeout", fifo.send, fifo, ("y"):rep(100))
      assert.matches("^Timeout: ip: no room for a packet of 25 words within 10 s, 10 are free%. The receiver", text)
      assert.matches("transmit: 10 of 60 words free", text, 1, true)
      device:clear_faults()
      fifo:send(("y"):rep(100))
      assert.equal(200, #fifo:receive())
      fifo:flush()
      assert.equal(60, fifo:vacancy())
      assert.equal(("y"):rep(100), (fifo:receive()))
    end)

    it("loses nothing when the sender is ahead of the receiver", function()
      start()
      local sent, got = {}, {}
      for i = 1, 40 do
        sent[i] = string.rep(string.char(64 + i), i * 3)
        local ok = pcall(fifo.send, fifo, sent[i], 1e-4)
        while not ok do
          got[#got + 1] = fifo:receive()
          ok = pcall(fifo.send, fifo, sent[i], 1e-4)
        end
      end
      while #got < 40 do got[#got + 1] = fifo:receive() end
      assert.same(sent, got)
    end)

    it("refuses packets that never fit, and empty ones, before anything is written", function()
      start()
      assert.equal("ip: a packet of 241 bytes does not fit: the transmit FIFO holds 240 (C_TX_FIFO_DEPTH 64 words, "
                   .. "of which 4 stay free). Send several packets.",
                   raises("value", fifo.send, fifo, ("x"):rep(241)))
      assert.equal("ip: a packet has at least one byte.", raises("value", fifo.send, fifo, ""))
      raises("type", fifo.send, fifo, 5)
      assert.equal(60, fifo:vacancy())
      assert.matches("C_HAS_AXIS_TDEST", raises("unsupported", fifo.send_to, fifo, 1, "x"), 1, true)
    end)

    it("explains a length that does not fit the words", function()
      start()
      fifo:write(TDFD, 1) -- somebody else's word
      local text = raises("runtime", fifo.send, fifo, "abcd")
      assert.matches("TSE: the length written to TLR is not that of the words written before", text, 1, true)
      fifo:send "abcd"
      assert.equal("abcd", (fifo:receive()))
    end)

    it("a reset that does not end explains", function()
      start()
      for where, call in pairs { tx = fifo.reset_transmit, rx = fifo.reset_receive } do
        device:inject { ip = "ip", fault = "stuck_reset", where = where, count = 1 }
        assert.matches(("^Timeout: ip: the reset of the %s side did not end within 1 s%%. A stream that is under way")
                       :format(where == "tx" and "transmit" or "receive"), raises("timeout", call, fifo))
        call(fifo)
      end
    end)

    it("writes a destination before the packet, and reads one after its length", function()
      start { C_HAS_AXIS_TDEST = 1 }
      device:trace(true)
      fifo:send_to(5, "abcd")
      support.settle(device)
      local data, destination = fifo:receive()
      local order = {}
      for offset in device:trace(false):gmatch "ip%+(0x%x+)" do order[#order + 1] = tonumber(offset) end
      local text = " " .. table.concat(order, " ") .. " "
      assert.matches(" 44 16 20 ", text, 1, true)        -- TDR, TDFD, TLR
      assert.matches(" 28 36 48 32 ", text, 1, true)     -- RDFO, RLR, RDR, RDFD
      assert.same({ "abcd", 0 }, { data, destination }) -- streams of the simulated device have no TDEST
      assert.matches("a destination is 0 to 15, not 16", raises("value", fifo.send_to, fifo, 16, "x"), 1, true)
    end)

    it("explains an overrun", function()
      start()
      fifo:send "x"
      for _ = 1, 62 do fifo:write(TDFD, 0) end
      fifo:write(TLR, 4)
      assert.matches("error TPOE: more was written to TDFD than there was room for", fifo:explain(), 1, true)
      fifo:reset()
      assert.not_matches("error", fifo:explain())
    end)

    it("a FIFO that looks empty or full for ever ends in a time-out", function()
      start()
      fifo:send "x"
      device:inject { ip = "ip", fault = "fifo_empty" }
      raises("timeout", fifo.receive, fifo, 0.1)
      device:inject { ip = "ip", fault = "fifo_full" }
      raises("timeout", fifo.send, fifo, "y", 0.1)
      device:clear_faults()
      assert.equal("x", (fifo:receive()))
    end)

    it("a packet without TLAST never arrives", function()
      start()
      device:inject { ip = "ip", fault = "lose_tlast", count = 1 }
      fifo:send "one"
      raises("timeout", fifo.receive, fifo, 0.1)
    end)

    it("has one side only when the design says so", function()
      start({ C_USE_RX_DATA = 0 }, false)
      assert.matches("no receive side", raises("unsupported", fifo.receive, fifo), 1, true)
      fifo:send "goes out of the design"
      fifo:flush()
      fifo:reset()
    end)

    it("lets many wait: each gets a whole packet, in the order they came", function()
      start()
      local active, got = lunq.core.active_device(device), {}
      local tasks = {}
      for i = 1, 3 do
        tasks[i] = lunq.spawn(function()
          local packet = fifo:receive()
          got[#got + 1] = i .. packet
        end)
      end
      lunq.sleep(1e-5)
      for _, text in ipairs { "a", "b", "c" } do fifo:send(text) end
      for _, task in ipairs(tasks) do task:wait() end
      assert.same({ "1a", "2b", "3c" }, got)
      lunq.core.active_device(active)
    end)

    it("lets many send, in the order in which they asked", function()
      start()
      local active, tasks = lunq.core.active_device(device), {}
      for i = 1, 8 do
        tasks[i] = lunq.spawn(function() fifo:send(string.rep(string.char(64 + i), 200)) end)
      end
      local got = {}
      for i = 1, 8 do got[i] = fifo:receive() end
      for i = 1, 8 do
        tasks[i]:wait()
        assert.equal(string.rep(string.char(64 + i), 200), got[i])
      end
      lunq.core.active_device(active)
    end)

    -- PG080 "Cut-Through Mode": RLR gives part of a packet with bit 31, and all of it at its end.
    it("receives packets longer than its FIFO in cut-through mode", function()
      start({ C_USE_RX_CUT_THROUGH = 1, C_TX_FIFO_DEPTH = 1024, C_RX_FIFO_DEPTH = 32 })
      local long <const> = ("0123456789abcdef"):rep(200) .. "xyz"
      local into <close> = lunq.array(4000, "u1")
      for _, packet in ipairs { long, "short", long } do
        fifo:send(packet)
        assert.equal(packet, (fifo:receive()))
      end
      fifo:send(long)
      assert.equal(#long, fifo:receive_into(into))
      assert.equal(long, into:tobytes():sub(1, #long))
      assert.equal(0, fifo:read(ISR) >> 28)
    end)

    it("keeps the part of a packet it has read when the rest takes too long", function()
      start({ C_USE_RX_CUT_THROUGH = 1, C_TX_FIFO_DEPTH = 256, C_RX_FIFO_DEPTH = 32 })
      device:inject { ip = "ip", fault = "lose_tlast", where = "AXI_STR_TXD", count = 1 }
      fifo:send(("x"):rep(400))
      raises("timeout", fifo.receive, fifo, 0.01)
      fifo:send "the rest"
      assert.equal(("x"):rep(400) .. "the rest", (fifo:receive()))
      fifo:send "next"
      assert.equal("next", (fifo:receive()))
    end)
  end
  describe("without its interrupt", specs)
  describe("with its interrupt", function()
    local warnings = require "lunq.warnings"
    local RC <const>, TC <const> = 1 << 26, 1 << 27
    local RECEIVE <const>, TRANSMIT <const> = RC | 7 << 29, TC | 1 << 28 | 1 << 25
    before_each(function() pins = { interrupt = 0 } end)
    specs()

    local function accesses(f)
      local before = device:stats(true).ip
      f()
      local after = device:stats(false).ip
      return after.reads + after.writes - before.reads - before.writes
    end

    it("sleeps: waits for nothing take as many accesses whatever their time", function()
      start()
      local counts = {}
      for i, seconds in ipairs { 1e-4, 1 } do
        counts[i] = accesses(function() raises("timeout", fifo.receive, fifo, seconds) end)
      end
      assert.equal(counts[1], counts[2])
      assert.is_true(counts[1] < 20)
    end)

    it("enables the events of one side only while somebody waits for it", function()
      start()
      local active = lunq.core.active_device(device)
      device:inject { ip = "ip", fault = "stall" }
      fifo:send(("x"):rep(200))
      local reader = lunq.spawn(fifo.receive, fifo)
      lunq.sleep(1e-5)
      assert.equal(RECEIVE, fifo:read(4))
      local sender = lunq.spawn(fifo.send, fifo, ("y"):rep(200))
      lunq.sleep(1e-5)
      assert.equal(RECEIVE | TRANSMIT, fifo:read(4))
      reader:cancel()
      lunq.sleep(1e-5)
      assert.equal(TRANSMIT, fifo:read(4))
      device:clear_faults()
      sender:wait()
      assert.equal(0, fifo:read(4))
      lunq.core.active_device(active)
    end)

    it("wakes its waiters for errors somebody else makes", function()
      start()
      local active = lunq.core.active_device(device)
      local reader = lunq.spawn(function() return raises("runtime", fifo.receive, fifo) end)
      lunq.sleep(1e-5)
      raises("io", fifo.read, fifo, RDFD)
      assert.matches("RPUE: RDFD was read while it was empty", reader:wait(), 1, true)
      fifo:reset()
      device:inject { ip = "ip", fault = "stall" }
      fifo:send(("x"):rep(200))
      local sender = lunq.spawn(function() return raises("runtime", fifo.send, fifo, ("y"):rep(200)) end)
      lunq.sleep(1e-5)
      fifo:write(TDFD, 0)
      fifo:write(TLR, 100)
      assert.matches("TSE: the length written to TLR is not that of the words", sender:wait(), 1, true)
      assert.is_true(device:now() < 1000000)
      lunq.core.active_device(active)
    end)

    it("takes a packet whose interrupt is lost at the time limit, and says so", function()
      start()
      local active = lunq.core.active_device(device)
      device:inject { ip = "ip", fault = "lost_interrupt", where = "interrupt" }
      local list, packet = warnings.capture(function()
        local reader = lunq.spawn(fifo.receive, fifo, 0.1)
        lunq.sleep(1e-5)
        fifo:send "lost?"
        return reader:wait()
      end)
      assert.equal("lost?", packet)
      assert.matches("^ip: the work is done, but interrupt ip/interrupt never came%.", list[1].text)
      lunq.core.active_device(active)
    end)
  end)

  it("needs the address of an AXI4 port", function()
    start()
    local description = {}
    for k, v in pairs(fifo.description) do description[k] = v end
    description.parameters = { C_DATA_INTERFACE_TYPE = 1 }
    assert.matches("moves its data over an AXI4 port of which the metadata does not say the address",
                   raises("unsupported", require "drivers.axi_fifo_mm_s", description), 1, true)
  end)

  it("moves data over the AXI4 port when there is one", function()
    local data <const> = 0x43c10000
    local design = support.hwh({}, {
      { "ps", "xilinx.com:ip:processing_system7:5.5", memory = {
          { "ip", 0x43c00000, 0x43c0ffff, "S_AXI", "M_AXI_GP0" },
          { "ip", data, data + 0xffff, "S_AXI_FULL", "M_AXI_GP0", "MEMORY" } } },
      { "ip", "xilinx.com:ip:axi_fifo_mm_s:4.2", parameters = { C_TX_FIFO_DEPTH = 64, C_RX_FIFO_DEPTH = 64,
          C_DATA_INTERFACE_TYPE = 1, C_AXI4_BASEADDR = ("0x%08X"):format(data),
          C_AXI4_HIGHADDR = ("0x%08X"):format(data + 0xffff) },
        buses = { { "AXI_STR_TXD", "INITIATOR", "loop" }, { "AXI_STR_RXD", "TARGET", "loop" } } } })
    fifo, device = support.driver(design, "ip/S_AXI", "drivers.axi_fifo_mm_s")
    local port = design:dictionaries().mem_dict["ip/S_AXI_FULL"]
    assert.matches("is the data port of the FIFO",
                   raises("unsupported", require "drivers.axi_fifo_mm_s", port), 1, true)
    fifo:send "over the other port"
    assert.equal("over the other port", (fifo:receive()))
  end)
end)
