-- registers.md section 13: the UART Lite's model and driver, and a terminal at the other end.
describe("UART Lite", function()
  local lunq = require "lunq"
  local support = dofile "spec/drivers/support.lua"
  local raised = support.raised
  local ol, uart, device
  local RX <const>, TX <const>, STAT <const>, CTRL <const> = 0, 4, 8, 0xc
  local BYTE_NS <const> = 10 * 1000000000 // 115200

  before_each(function()
    ol, uart, device = support.open("serial/uart", "xilinx.com:ip:axi_uartlite:2.0", { C_BAUDRATE = 115200 },
      { plain = { vlnv = "acme.com:user:plain:1.0", address = 0x40010000 } })
  end)
  after_each(support.close)

  local function attach(peer) return device:attach("serial/uart", peer) end

  local function with_parity()
    support.close()
    ol, uart, device = support.open("serial/uart", "xilinx.com:ip:axi_uartlite:2.0",
                                    { C_BAUDRATE = 115200, C_USE_PARITY = 1 })
  end

  describe("the model", function()
    it("starts with an empty transmit FIFO and nothing else", function()
      assert.equal(0x04, uart.mmio:read(STAT))
      assert.equal("axi_uartlite (C)", device:models()["serial/uart"])
    end)

    it("refuses a read of the empty FIFO and a write to the full one", function()
      local e = raised(uart.mmio.read, uart.mmio, RX)
      assert.equal("io", e[1])
      assert.matches("SLVERR", e[2])
      assert.matches("receive FIFO is empty", e[2])
      for _ = 1, 16 do uart.mmio:write(TX, 0x55) end -- with the one that is being sent
      assert.equal(0x08, uart.mmio:read(STAT))
      e = raised(uart.mmio.write, uart.mmio, TX, 0x55)
      assert.equal("io", e[1])
      assert.matches("transmit FIFO is full, the byte is lost", e[2], 1, true)
    end)

    it("takes as long for a byte as its baud rate says", function()
      local t = attach(lunq.peers.terminal {})
      uart.mmio:write(TX, 0x41)
      uart.mmio:write(TX, 0x42)
      device:advance(BYTE_NS - 1000)
      assert.equal("", t.received)
      device:advance(1200)
      assert.equal("A", t.received)
      device:advance(BYTE_NS)
      assert.equal("AB", t.received)
    end)

    it("loses what comes when 16 bytes wait, and says overrun until STAT is read", function()
      local t = attach(lunq.peers.terminal {})
      t:send(("x"):rep(16) .. "yz")
      device:advance(BYTE_NS * 20)
      assert.equal(0x27, uart.mmio:read(STAT))
      assert.equal(0x07, uart.mmio:read(STAT))
      local n = 0
      while uart.mmio:read(STAT) & 1 ~= 0 do
        assert.equal(0x78, uart.mmio:read(RX))
        n = n + 1
      end
      assert.equal(16, n)
    end)

    it("has sent its data bits when the transmit FIFO is empty, the stop bit follows", function()
      local t = attach(lunq.peers.terminal {})
      uart.mmio:write(TX, 0x41)
      device:advance(BYTE_NS * 8 // 10)
      assert.equal(0, uart.mmio:read(STAT) & 4)
      device:advance(BYTE_NS // 10)
      assert.equal(4, uart.mmio:read(STAT) & 4)
      assert.equal("", t.received)
      device:advance(BYTE_NS // 10)
      assert.equal("A", t.received)
    end)

    it("knows no parity error without parity", function()
      local t = attach(lunq.peers.terminal {})
      device:inject { ip = "serial/uart", fault = "parity_error" }
      t:send "a"
      device:advance(BYTE_NS * 2)
      assert.equal(0x05, uart.mmio:read(STAT))
    end)

    it("loses a byte with a framing error, keeps one with a parity error", function()
      with_parity()
      local t = attach(lunq.peers.terminal {})
      device:inject { ip = "serial/uart", fault = "frame_error", count = 1 }
      device:inject { ip = "serial/uart", fault = "parity_error", count = 1 }
      t:send "ab"
      device:advance(BYTE_NS * 4)
      assert.equal(0xc5, uart.mmio:read(STAT))
      assert.equal(0x62, uart.mmio:read(RX))
      assert.equal(0x04, uart.mmio:read(STAT))
    end)

    it("empties its FIFOs on request, the byte under way is still sent", function()
      local t = attach(lunq.peers.terminal {})
      t:send "in"
      for _ = 1, 3 do uart.mmio:write(TX, 0x6f) end
      device:advance(BYTE_NS * 3 // 2)
      uart.mmio:write(CTRL, 3)
      assert.equal(0x04, uart.mmio:read(STAT))
      device:advance(BYTE_NS * 4)
      assert.equal("oo", t.received)
    end)

    it("pulses its interrupt when the receive FIFO has something, still, and the transmit FIFO nothing", function()
      support.close()
      ol, uart, device = support.open("uart", "xilinx.com:ip:axi_uartlite:2.0", { C_BAUDRATE = 115200 }, nil,
        { interrupt = 0 })
      local t = device:attach("uart", lunq.peers.terminal {})
      local function pulses(f)
        device:trace(true)
        f()
        local _, n = device:trace(false):gsub("uart/interrupt = 1", "")
        return n
      end
      local function one() t:send "a" device:advance(BYTE_NS * 2) end
      assert.equal(0, pulses(one)) -- not enabled
      uart.mmio:read(RX)
      uart.mmio:write(CTRL, 0x10)
      assert.equal(0x14, uart.mmio:read(STAT))
      assert.equal(1, pulses(one))
      assert.equal(0, pulses(one)) -- it was not empty
      assert.equal(1, pulses(function() uart.mmio:read(RX) end)) -- and it still is not
      assert.equal(0, pulses(function() uart.mmio:read(RX) end))
      assert.equal(0, pulses(function() uart.mmio:write(TX, 0x61) end))
      assert.equal(1, pulses(function() device:advance(BYTE_NS) end))
      assert.equal(1, pulses(function()
        uart.mmio:write(TX, 0x61)
        uart.mmio:write(CTRL, 0x11)
      end))
      assert.equal(0, device:wire "uart/interrupt")
    end)

    it("has as many data bits as its parameters say", function()
      support.close()
      ol, uart, device = support.open("uart", "xilinx.com:ip:axi_uartlite:2.0",
        { C_BAUDRATE = 9600, C_DATA_BITS = 7, C_USE_PARITY = 1, C_ODD_PARITY = 1 })
      local t = device:attach("uart", lunq.peers.terminal {})
      uart:write "\xc1"
      uart:flush()
      assert.equal("A", t.received)
      assert.equal("UartLite uart (xilinx.com:ip:axi_uartlite:2.0) 0x40000000+0x10000: 9600 baud, 7 bits",
                   tostring(uart))
    end)
  end)

  describe("the driver", function()
    it("sends and receives much more than the FIFOs hold", function()
      attach(lunq.peers.loopback {})
      local out, n = {}, 0
      for i = 0, 255 do out[#out + 1] = string.char(i) end
      out = table.concat(out)
      local back = ""
      while n < #out do
        n = n + uart:write(out:sub(n + 1, n + 8))
        back = back .. uart:read(8)
      end
      assert.equal(out, back)
      assert.same({ overrun = 0, frame = 0, parity = 0 }, uart.line_errors)
    end)

    it("reads lines, whatever their end", function()
      local t = attach(lunq.peers.terminal {})
      t:send "one\r\ntwo\n\nthr"
      assert.equal("one", uart:readline())
      assert.equal("two", uart:readline())
      assert.equal("", uart:readline())
      t:send "ee>"
      assert.equal("three>", uart:read_until ">")
      assert.equal(0, uart:available())
      assert.equal("", uart:read())
    end)

    it("talks with a terminal that answers", function()
      local t = attach(lunq.peers.terminal { answers = {
        ["id\n"] = "lunq 1\n", ["twice\n"] = function(terminal) return #terminal.received .. "\n" end } })
      uart:write "id\n"
      assert.equal("lunq 1", uart:readline(0.1))
      uart:write "twice\n"
      assert.equal("9", uart:readline(0.1))
      assert.equal("id\ntwice\n", t.received)
    end)

    it("keeps what came when the time is over", function()
      local t = attach(lunq.peers.terminal {})
      t:send "ab"
      local before = device:now()
      local e = raised(uart.read, uart, 4, 0.01)
      assert.equal("timeout", e[1])
      assert.equal("serial/uart: waited 0.01 s for 4 bytes: 2 bytes came, and are kept for the next read. Is the "
                   .. "other side sending, at 115200 baud? STAT 0x04 (TxEmpty)", e[2])
      assert.is_true(device:now() - before < 12000000)
      t:send "cd"
      assert.equal("abcd", uart:read(4))
      assert.matches('for "\\n": nothing came', raised(uart.readline, uart, 0)[2], 1, true)
    end)

    it("limits every wait when no limit is given", function()
      local before = device:now()
      assert.equal("timeout", raised(uart.readline, uart)[1])
      local seconds = (device:now() - before) / 1e9
      assert.is_true(seconds >= 10 and seconds < 10.1, tostring(seconds))
    end)

    it("says once that bytes were lost, and then gives those that were not", function()
      local t = attach(lunq.peers.terminal {})
      t:send(("x"):rep(20))
      device:advance(BYTE_NS * 22)
      local e = raised(uart.read, uart, 16)
      assert.equal("io", e[1])
      assert.matches("^serial/uart: overrun error: bytes were lost because nobody fetched them in time", e[2])
      assert.equal(("x"):rep(16), uart:read(16))
      assert.equal(1, uart.line_errors.overrun)
    end)

    it("names framing and parity errors, or only counts them", function()
      with_parity()
      local t = attach(lunq.peers.terminal {})
      device:inject { ip = "serial/uart", fault = "frame_error", count = 1 }
      t:send "f"
      local e = raised(uart.read, uart, 1)
      assert.equal("io", e[1])
      assert.matches("frame error: a byte was lost whose stop bit was wrong: do both sides use the same baud rate?",
                     e[2], 1, true)
      device:inject { ip = "serial/uart", fault = "parity_error", count = 2 }
      t:send "p"
      assert.matches("parity error: a byte has the wrong parity.", raised(uart.read, uart, 1)[2], 1, true)
      assert.equal("p", uart:read(1))
      uart.tolerant = true
      t:send "q"
      assert.equal("q", uart:read(1))
      assert.same({ overrun = 0, frame = 1, parity = 2 }, uart.line_errors)
      assert.same({ overrun = 0, frame = 0, parity = 0 }, uart:reset().line_errors)
    end)

    it("gives up when the FIFO stays full, and says how much is on its way", function()
      device:inject { ip = "serial/uart", fault = "stall", where = "tx" }
      local ok, e = pcall(uart.write, uart, ("x"):rep(20), 0.01)
      assert.is_false(ok)
      assert.equal("timeout", e.kind)
      assert.equal(16, e.sent)
      assert.matches("sent 16 of 20 bytes in 0.01 s, then its FIFO stayed full. A byte should take 0.0868 ms",
                     tostring(e), 1, true)
      assert.equal("timeout", raised(uart.flush, uart, 0.01)[1])
      device:clear_faults()
      uart:flush()
    end)

    it("receives nothing while the line stands still, and all of it afterwards", function()
      local t = attach(lunq.peers.terminal {})
      device:inject { ip = "serial/uart", fault = "stall", where = "rx" }
      t:send "late"
      assert.equal("timeout", raised(uart.read, uart, 4, 0.01)[1])
      device:clear_faults()
      assert.equal("late", uart:read(4))
    end)

    it("writes lists and buffers of bytes too", function()
      local t = attach(lunq.peers.terminal {})
      local buffer <close> = lunq.array(2, "u1", { 0x63, 0x64 })
      assert.equal(2, uart:write { 0x61, "b" })
      assert.equal(2, uart:write(buffer))
      uart:flush()
      assert.equal("abcd", t.received)
    end)

    it("gives line after line until none comes", function()
      local t = attach(lunq.peers.terminal {})
      t:send "one\ntwo\nthr"
      local lines = {}
      for line in uart:lines(0.01) do lines[#lines + 1] = line end
      assert.same({ "one", "two" }, lines)
      assert.equal("thr", uart:read())
      device:inject { ip = "serial/uart", fault = "frame_error" }
      t:send "x"
      assert.equal("io", raised(uart:lines(0.01))[1])
    end)

    it("says whether there is something to read", function()
      local t = attach(lunq.peers.terminal {})
      assert.is_false(uart:poll(0))
      assert.is_false(uart:poll(0.001))
      t:send "a"
      assert.is_true(uart:poll(0.01))
      assert.is_true(uart:poll(0))
      assert.equal("a", uart:read())
    end)

    it("checks its arguments", function()
      assert.same({ "value", "read takes a number of bytes, at least 0, not -1" }, raised(uart.read, uart, -1))
      assert.same({ "type", "write takes a string or a list of bytes, not a number; registers are at uart.mmio:write" },
                  raised(uart.write, uart, 0, 1))
      assert.equal("value", raised(uart.write, uart, { 256 })[1])
      assert.equal("value", raised(uart.read_until, uart, "")[1])
    end)

    it("passes bus errors on", function()
      device:inject { ip = "serial/uart", fault = "slave_error", offset = STAT, count = 1 }
      assert.equal("io", raised(uart.read, uart, 1)[1])
    end)

    it("leaves registers that destroy alone when they are printed", function()
      local t = attach(lunq.peers.terminal {})
      t:send "a"
      device:advance(BYTE_NS * 2)
      assert.matches("RX_FIFO", tostring(uart.register_map))
      assert.equal("a", uart:read(1))
    end)
  end)

  describe("the interrupt", function()
    local said, previous, active
    before_each(function()
      active, said = lunq.core.active_device(), {}
      previous = lunq.warnings.set_hook(function(_, text) said[#said + 1] = text end)
      support.close()
      ol, uart, device = support.open("serial/uart", "xilinx.com:ip:axi_uartlite:2.0", { C_BAUDRATE = 115200 }, nil,
                                      { interrupt = 0 })
      lunq.core.active_device(device)
    end)
    after_each(function()
      lunq.warnings.set_hook(previous)
      lunq.core.active_device(active)
      assert.same({}, said)
    end)

    --- Reads and writes of registers during f.
    local function accesses(f)
      local before = device:stats(true)["serial/uart"]
      f()
      local after = device:stats(false)["serial/uart"]
      return after.reads + after.writes - before.reads - before.writes
    end

    it("wakes who waits for a byte that comes late, and costs nothing meanwhile", function()
      local t = attach(lunq.peers.terminal {})
      local task = lunq.spawn(function() return uart:read(1, 5) end)
      local idle = accesses(function() device:advance(1000000000) end)
      assert.is_true(idle < 10, idle)
      assert.equal(0x14, uart.mmio:read(STAT))
      t:send "a"
      assert.equal("a", task:wait())
      assert.equal(0x04, uart.mmio:read(STAT)) -- enabled only while somebody waits
    end)

    it("reads thousands of bytes as they come, and writes thousands", function()
      attach(lunq.peers.loopback {})
      local out = {}
      for i = 1, 4000 do out[i] = string.char(i * 7 & 0xff) end
      out = table.concat(out)
      local writer = lunq.spawn(function() return uart:write(out) end)
      assert.equal(out, uart:read(#out))
      assert.equal(4000, writer:wait())
      assert.same({ overrun = 0, frame = 0, parity = 0 }, uart.line_errors)
    end)

    it("refills the transmit FIFO each time it is empty", function()
      local t = attach(lunq.peers.terminal {})
      local n = accesses(function() uart:write(("x"):rep(160)) end)
      assert.is_true(n < 160 * 2 + 60, n) -- a write and a look for each byte, a few for each refill
      uart:flush()
      assert.equal(("x"):rep(160), t.received)
    end)

    it("lets a reader and a writer wait at once", function()
      local t = attach(lunq.peers.terminal {})
      local reader = lunq.spawn(function() return uart:readline(5) end)
      uart:write(("y"):rep(100))
      assert.equal(0x10, uart.mmio:read(STAT) & 0x10) -- the reader still waits
      t:send "answer\n"
      assert.equal("answer", reader:wait())
      uart:flush()
    end)

    it("of a lost byte wakes nobody; the time limit says what happened", function()
      local t = attach(lunq.peers.terminal {})
      device:inject { ip = "serial/uart", fault = "frame_error", count = 1 }
      t:send "f"
      local e = raised(uart.read, uart, 1, 0.01)
      assert.equal("io", e[1])
      assert.matches("frame error", e[2], 1, true)
    end)

    it("is disabled when who waits is cancelled, and what came is kept", function()
      local t = attach(lunq.peers.terminal {})
      local task = lunq.spawn(function() uart:read(3) end)
      t:send "ab"
      device:advance(1000000)
      task:cancel()
      device:advance(1000)
      assert.equal(0, uart.mmio:read(STAT) & 0x10)
      t:send "c"
      assert.equal("abc", uart:read(3))
    end)

    it("stays enabled for who waits when the FIFOs are reset", function()
      local t = attach(lunq.peers.terminal {})
      local task = lunq.spawn(function() return uart:read(1, 1) end)
      device:advance(1000)
      uart:reset()
      t:send "z"
      assert.equal("z", task:wait())
    end)

    it("that never comes costs the time limit once, with a warning", function()
      attach(lunq.peers.loopback {})
      device:inject { ip = "serial/uart", fault = "lost_interrupt" }
      assert.equal(40, uart:write(("x"):rep(40), 0.05))
      assert.equal(1, #said)
      assert.matches("^serial/uart: the work is done, but interrupt serial/uart/interrupt never came", said[1])
      said = {}
    end)

    it("is taken in order by tasks that write at once: their texts do not mix", function()
      local t = attach(lunq.peers.terminal {})
      local tasks = {}
      for i = 1, 3 do tasks[i] = lunq.spawn(function() uart:write((tostring(i)):rep(40)) end) end
      lunq.gather(tasks)
      uart:flush()
      assert.equal(("1"):rep(40) .. ("2"):rep(40) .. ("3"):rep(40), t.received)
    end)
  end)

  describe("peers", function()
    it("are listed, stay when a design is loaded again, and go", function()
      local t = attach(lunq.peers.terminal {})
      assert.same({ { path = "serial/uart", line = 0, peer = t } }, device:peers())
      ol:download()
      assert.equal(t, device:peers()[1].peer)
      device:detach(t)
      device:detach(t)
      assert.same({}, device:peers())
      assert.same({ "type", "detach takes a peer that was attached, not no value" }, raised(device.detach, device))
      assert.same({ "type", "detach takes a peer that was attached, not userdata" },
                  raised(device.detach, device, io.stdout))
      assert.same({ "runtime", "The peer is not attached: device:attach(path, peer)." }, raised(t.send, t, "x"))
    end)

    it("must fit", function()
      local t = lunq.peers.terminal {}
      assert.matches('no IP "serial/uar" %(did you mean "?serial/uart"?',
                     raised(device.attach, device, "serial/uar", t)[2])
      assert.matches("takes peers for uart, this one is for spi",
                     raised(device.attach, device, "serial/uart", lunq.peers.loopback { bus = "spi" })[2])
      assert.matches("has no pins a peer could be attached to", raised(device.attach, device, "plain", t)[2])
      assert.equal("type", raised(device.attach, device, "serial/uart", "x")[1])
      assert.equal("value", raised(device.attach, device, "serial/uart", {})[1])
      assert.equal("value", raised(device.attach, device, "serial/uart", t, 32)[1])
      attach(t)
      assert.matches("attached to serial/uart already", raised(attach, t)[2])
    end)

    it("say which options they have", function()
      assert.same({ "value", 'Terminal has no option "answer"' }, raised(lunq.peers.terminal, { answer = {} }))
      assert.matches('lunq.peers has no "epprom"', raised(function() return lunq.peers.epprom end)[2])
    end)

    it("may be written by anybody, and their errors are raised where the device is used", function()
      local Upper = lunq.Peer:extend { bus = "uart" }
      function Upper:receive(byte) self:send(string.char(byte):upper()) end
      local peer = attach(Upper())
      uart:write "abc"
      assert.equal("ABC", uart:read(3))
      peer.receive = function() error "burnt" end
      local e = raised(function()
        uart:write "d"
        uart:flush()
      end)
      assert.equal("device", e[1])
      assert.matches("^Peer at serial/uart failed in receive: .*burnt", e[2])
      peer.receive = function() device:detach(peer) end
      assert.equal("device", raised(function()
        uart:write "d"
        uart:flush()
      end)[1])
      assert.equal(1, #device:peers())
    end)
  end)
end)
