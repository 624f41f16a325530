-- registers.md section 11 and pynq-behaviour.md B8: the AXI IIC's model and driver, and an EEPROM.
describe("AXI IIC", function()
  local lunq = require "lunq"
  local support = dofile "spec/drivers/support.lua"
  local raised = support.raised
  local ol, iic, device, eeprom, m, said, previous, active
  local GIE <const>, ISR <const>, IER <const>, SOFTR <const> = 0x1c, 0x20, 0x28, 0x40
  local CR <const>, SR <const>, TX <const>, RX <const> = 0x100, 0x104, 0x108, 0x10c
  local BYTE_NS <const> = 90000 -- nine bits at 100 kHz

  local function open(interrupts)
    support.close()
    ol, iic, device = support.open("axi_iic_0", "xilinx.com:ip:axi_iic:2.1", { C_IIC_FREQ = 100000 }, nil, interrupts)
    eeprom = device:attach("axi_iic_0", lunq.peers.eeprom { address = 0x50, size = 256, page = 16 })
    m = iic.mmio
    lunq.core.active_device(device) -- tasks wait in its time
  end

  -- Whatever happened, a wait leaves no enable behind, and no interrupt was given up on.
  before_each(function()
    said, active = {}, lunq.core.active_device()
    previous = lunq.warnings.set_hook(function(_, text) said[#said + 1] = text end)
    open { iic2intc_irpt = 0 }
  end)
  after_each(function()
    lunq.warnings.set_hook(previous)
    lunq.core.active_device(active)
    support.close()
    assert.same({}, said)
  end)

  local function inject(fault, count, where)
    return device:inject { ip = "axi_iic_0", fault = fault, count = count, where = where }
  end

  describe("the model", function()
    it("starts as the reference says", function()
      m:write(SOFTR, 0xa)
      assert.equal(0xd0, m:read(ISR))
      assert.equal(0xc0, m:read(SR))
      assert.equal(0, m:read(CR))
      assert.equal(0, m:read(0x114))
      assert.equal(500, m:read(0x13c))
    end)

    it("resets only with its key", function()
      local e = raised(m.write, m, SOFTR, 1)
      assert.equal("io", e[1])
      assert.matches("SLVERR.*only the key 0xA", e[2])
    end)

    it("toggles interrupt bits that are written as 1, and levels come back", function()
      m:write(ISR, 0x02)
      assert.equal(0x02, m:read(ISR) & 0x02)
      m:write(ISR, 0x02)
      assert.equal(0, m:read(ISR) & 0x02)
      m:write(ISR, 0x10) -- the bus is not busy
      assert.equal(0x10, m:read(ISR) & 0x10)
    end)

    it("raises its interrupt for enabled bits", function()
      m:write(IER, 0x02)
      m:write(GIE, 0x80000000)
      assert.equal(0, device:wire "axi_iic_0/iic2intc_irpt")
      m:write(ISR, 0x02)
      assert.equal(1, device:wire "axi_iic_0/iic2intc_irpt")
      m:write(ISR, 0x02)
      assert.equal(0, device:wire "axi_iic_0/iic2intc_irpt")
    end)

    it("standard mode: STOP comes behind the byte written after MSMS was cleared", function()
      m:write(TX, 0xa0)
      m:write(CR, 0xd)
      assert.equal(0x04, m:read(SR) & 0x04)
      device:advance(BYTE_NS * 2)
      assert.equal(0x04, m:read(ISR) & 0x04) -- throttled: the FIFO is empty
      m:write(TX, 0x10)
      device:advance(BYTE_NS * 2)
      m:write(CR, 0x9)
      device:advance(BYTE_NS * 2)
      assert.equal(0x04, m:read(SR) & 0x04)
      m:write(TX, 0x77)
      device:advance(BYTE_NS * 2)
      assert.equal(0, m:read(SR) & 0x04)
      assert.equal(0x77, eeprom.memory[0x10])
    end)

    it("standard mode: the receiver waits with a byte in the FIFO, TXAK ends it", function()
      m:write(TX, 0xa1)
      m:write(CR, 0x5)
      device:advance(BYTE_NS * 5)
      assert.equal(0, m:read(0x118))
      assert.equal(0x08, m:read(ISR) & 0x08)
      m:write(CR, 0x15)
      assert.equal(0xff, m:read(RX))
      device:advance(BYTE_NS * 3)
      assert.equal(0x02, m:read(ISR) & 0x02)
      assert.equal(0x04, m:read(SR) & 0x04)
      m:write(CR, 0x1)
      device:advance(BYTE_NS)
      assert.equal(0, m:read(SR) & 0x44)
      assert.equal(0xff, m:read(RX))
      assert.equal(0x40, m:read(SR) & 0x44)
    end)

    it("dynamic mode: START, count and STOP go through the FIFO, 16 bytes wait in it", function()
      m:write(TX, 0x1a1)
      m:write(TX, 0x200 | 20)
      device:advance(BYTE_NS * 30)
      assert.equal(15, m:read(0x118))
      assert.equal(0x24, m:read(SR) & 0x24)
      for _ = 1, 16 do m:read(RX) end
      device:advance(BYTE_NS * 6)
      assert.equal(3, m:read(0x118))
      assert.equal(0, m:read(SR) & 0x04)
    end)

    it("nobody acknowledges: an error and STOP; what was to follow stays in the FIFO", function()
      m:write(TX, 0x40)
      m:write(TX, 0x01)
      m:write(CR, 0xd)
      device:advance(BYTE_NS * 3)
      assert.equal(0x02, m:read(ISR) & 0x02)
      assert.equal(0, m:read(SR) & 0x84)
      m:write(CR, 0x3)
      assert.equal(0x80, m:read(SR) & 0x84)
      assert.equal(0, m:read(CR) & 0x04)
    end)

    it("latches conditions: TxEmpty stays set when there is something in the FIFO again", function()
      m:write(TX, 0xa0)
      m:write(CR, 0xd)
      device:advance(BYTE_NS * 2)
      m:write(ISR, 0x04)
      assert.equal(0x04, m:read(ISR) & 0x04) -- it is empty
      m:write(TX, 0x10)
      assert.equal(0x04, m:read(ISR) & 0x04) -- it was
      m:write(ISR, 0x04)
      assert.equal(0, m:read(ISR) & 0x04)
      device:advance(BYTE_NS * 2)
      assert.equal(0x04, m:read(ISR) & 0x04)
    end)

    it("says RxFull when as many bytes are there as RX_FIFO_PIRQ says, and one", function()
      m:write(0x120, 3)
      m:write(TX, 0x1a1)
      m:write(TX, 0x206)
      device:advance(BYTE_NS * 4 + BYTE_NS // 2)
      assert.same({ 2, 0 }, { m:read(0x118), m:read(ISR) & 0x08 })
      device:advance(BYTE_NS)
      assert.same({ 3, 0x08 }, { m:read(0x118), m:read(ISR) & 0x08 })
      m:read(RX)
      m:write(ISR, 0x08)
      assert.equal(0, m:read(ISR) & 0x08)
    end)

    it("is not free while another master has the bus, and says when it is", function()
      inject "busy_bus"
      assert.equal(0x04, m:read(SR) & 0x04)
      m:write(ISR, 0x10)
      m:write(IER, 0x10)
      m:write(GIE, 0x80000000)
      assert.equal(0, device:wire "axi_iic_0/iic2intc_irpt")
      device:clear_faults()
      device:advance(2000000)
      assert.equal(1, device:wire "axi_iic_0/iic2intc_irpt")
    end)

    it("does nothing while it is not enabled, and lets go of the bus when it is disabled", function()
      m:write(CR, 0)
      m:write(TX, 0x1a0)
      device:advance(BYTE_NS * 3)
      assert.equal(0, m:read(SR) & 0x84)
      m:write(CR, 1)
      device:advance(BYTE_NS * 3)
      assert.equal(0x84, m:read(SR) & 0x84)
      m:write(CR, 0)
      assert.equal(0x80, m:read(SR) & 0x84)
    end)

    it("takes 16 words, and those behind are lost", function()
      m:write(CR, 0)
      for i = 1, 20 do m:write(TX, i) end
      assert.equal(15, m:read(0x114))
      assert.equal(0x10, m:read(SR) & 0x10)
      m:write(CR, 2)
      assert.equal(0x80, m:read(SR) & 0x90)
    end)

    it("keeps its other registers", function()
      for off, value in pairs { [0x110] = 0xfe, [0x11c] = 7, [0x120] = 15, [0x124] = 1, [0x144] = 9 } do
        m:write(off, 0xffffffff & ~(off == 0x144 and 0xfffffff6 or 0))
        assert.equal(value, m:read(off))
      end
    end)
  end)

  for _, kind in ipairs { "standard wired", "dynamic wired", "standard unwired", "dynamic unwired" } do
    local mode, wired = kind:match "^(%a+) (%a+)$"
    describe("the driver in " .. mode .. " mode, with the interrupt " .. wired .. ",", function()
      before_each(function()
        if wired == "unwired" then open(nil) end
        iic.mode = mode
      end)

      it("writes and reads an EEPROM", function()
        iic:write_to(0x50, "\x20hello, world")
        assert.equal("io", raised(iic.read_from, iic, 0x50, 1)[1]) -- it is writing
        device:advance(5000000)
        assert.equal("hello, world", iic:write_read(0x50, "\x20", 12))
        assert.equal("\xff", iic:read_from(0x50, 1)) -- it goes on from there
        assert.equal(1, eeprom.writes)
      end)

      it("moves any length", function()
        for i = 0, 255 do eeprom.memory[i] = i ~ 0x5a end
        for _, n in ipairs { 1, 2, 3, 15, 16, 17, 33, 255, 256, 600 } do
          local bytes = iic:write_read(0x50, "\0", n)
          assert.equal(n, #bytes)
          for i = 1, n do assert.equal(((i - 1) & 0xff) ~ 0x5a, bytes:byte(i)) end
        end
        eeprom.write_time = 0
        for _, n in ipairs { 1, 2, 16, 17, 40 } do iic:write_to(0x50, ("\0"):rep(n)) end
      end)

      it("PYNQ's send and receive", function()
        assert.equal(3, iic:send(0x50, { 0x30, 1, 2, 99 }, 3))
        iic:wait()
        device:advance(5000000)
        assert.equal(1, iic:send(0x50, "\x30", 1, iic.REPEAT_START))
        local data = {}
        assert.equal(2, iic:receive(0x50, data, 2))
        assert.same({ 1, 2 }, data)
        iic:wait()
      end)

      it("a repeated START keeps the bus, and wait says so", function()
        iic:send(0x50, "\0", 1, iic.REPEAT_START)
        local e = raised(iic.wait, iic, 0.01)
        assert.equal("runtime", e[1])
        assert.matches("^Timed out waiting for free bus: axi_iic_0: the last message kept it", e[2])
        iic:receive(0x50, nil, 2, iic.REPEAT_START)
        assert.equal(4, m:read(SR) & 4)
        local n, bytes = iic:receive(0x50, nil, 1)
        assert.equal(1, n)
        assert.equal("\xff", bytes)
        iic:wait(0)
      end)

      it("says what sends, when write is asked to", function()
        local text = "axi_iic_0: write(offset, value) writes a register of the IP; data goes out with "
                     .. "write_to(address, data) or chip(address):write(data)"
        for _, arguments in ipairs { { "text" }, { 0x50, "text" }, { 0x50, { 1, 2 } } } do
          assert.same({ "type", text }, raised(iic.write, iic, table.unpack(arguments)))
        end
      end)

      -- iic:read(0x50, 2) gave the register at 0x50.
      it("says what receives, when read is asked for bytes", function()
        assert.same({ "type", "axi_iic_0: read(offset) reads a register of the IP; bytes of a chip come with "
                      .. "read_from(address, n) or chip(address):read_register(register, n)" },
                    raised(iic.read, iic, 0x50, 2))
        assert.equal("integer", math.type(iic:read(0x104)))
      end)

      it("says what smbus calls otherwise", function()
        assert.same({ "attribute", 'IP axi_iic_0 (driver AxiIIC) has no "read_byte_data": it is '
                      .. "read_register(address, register)" }, raised(function() return iic.read_byte_data end))
        assert.equal("attribute", raised(function() return iic.colour end)[1])
      end)

      it("says what is wrong when nobody is there", function()
        assert.same({ "runtime", "Could not send I2C data: axi_iic_0: " .. (mode == "dynamic"
                      and "0x51 did not acknowledge its address or a byte (in dynamic mode it isn't known which)."
                      or "nobody acknowledged address 0x51. Is the chip powered, and is that its 7-bit address?") },
                    raised(iic.send, iic, 0x51, "ab", 2))
        assert.same({ "runtime", "Could not receive I2C data: axi_iic_0: nobody acknowledged address 0x51. Is the "
                      .. "chip powered, and is that its 7-bit address?" }, raised(iic.receive, iic, 0x51, {}, 1))
        assert.equal("runtime", raised(iic.receive, iic, 0x51, {}, 5)[1])
        assert.equal("\xff", iic:write_read(0x50, "\0", 1)) -- and the bus is free
      end)

      it("arbitration lost", function()
        inject("arbitration_lost", 1)
        local e = raised(iic.write_to, iic, 0x50, "\0ab")
        assert.equal("io", e[1])
        assert.matches("arbitration lost: another master uses the bus", e[2], 1, true)
        inject("arbitration_lost", 1)
        assert.matches("^Could not receive I2C data: .*arbitration", raised(iic.read_from, iic, 0x50, 2)[2])
        iic:write_to(0x50, "\0ab")
      end)

      it("a bus that is always busy", function()
        inject "busy_bus"
        local e = raised(iic.write_to, iic, 0x50, "\0", 0.02)
        assert.equal("timeout", e[1])
        assert.matches("^Could not send I2C data: 0 of 1 bytes in 0.02 s: axi_iic_0: the bus is busy", e[2])
        assert.matches("^Timed out waiting for free bus: axi_iic_0: the bus is busy", raised(iic.wait, iic, 0.02)[2])
        device:clear_faults()
        iic:write_to(0x50, "\0")
      end)

      it("a clock that is held low", function()
        inject "stall"
        local before = device:now()
        local e = raised(iic.write_to, iic, 0x50, "\0abc", 0.05)
        assert.equal("timeout", e[1])
        assert.matches("^Could not send I2C data: 0 of 4 bytes in 0.05 s on axi_iic_0. ISR 0x.*a chip holds SCL low",
                       e[2])
        assert.is_true(device:now() - before < 60000000)
        e = raised(iic.read_from, iic, 0x50, 3, 0.05)
        assert.matches("^Could not receive I2C data: 0 of 3 bytes", e[2])
        before = device:now()
        assert.equal("timeout", raised(iic.read_from, iic, 0x50, 3)[1])
        assert.is_true(device:now() - before < 10.2e9)
        device:clear_faults()
        assert.equal("\xff", iic:write_read(0x50, "\0", 1))
      end)

      it("passes bus errors on", function()
        device:inject { ip = "axi_iic_0", fault = "slave_error", offset = TX, count = 1 }
        assert.equal("io", raised(iic.write_to, iic, 0x50, "\0")[1])
        iic:write_to(0x50, "\0")
      end)

      it("moves several messages with one STOP", function()
        for i = 0, 255 do eeprom.memory[i] = i end
        local a, b = iic:transfer(0x50, { "\x10", 3, { 0x80 }, 2 })
        assert.same({ "\x10\x11\x12", "\x80\x81" }, { a, b })
        assert.is_nil((iic:transfer(0x50, { "\x20" })))
        assert.equal("io", raised(iic.transfer, iic, 0x51, { "\0", 1 })[1])
        assert.equal("\x21", iic:write_read(0x50, "\x21", 1))
      end)

      -- A message that keeps the bus leaves TxEmpty set: it has to be cleared behind the next address, or
      -- the first byte is sent and counted before anybody acknowledged that address.
      it("knows after a repeated START too that nobody acknowledged the address", function()
        iic:send(0x50, "\0", 1, iic.REPEAT_START)
        local e = raised(iic.send, iic, 0x51, "ab", 2)
        assert.equal("runtime", e[1])
        assert.matches(mode == "dynamic" and "0x51 did not acknowledge its address or a byte"
                       or "nobody acknowledged address 0x51", e[2], 1, true)
        iic:wait(0)
      end)

      it("leaves the interrupt enables as they were, whatever happened", function()
        m:write(IER, 0x20)
        iic:write_read(0x50, "\0", 20)
        raised(iic.write_to, iic, 0x51, "a")
        assert.same({ 0x20, 0 }, { m:read(IER), m:read(GIE) })
        inject "stall"
        raised(iic.write_to, iic, 0x50, "ab", 0.01)
        assert.equal(0, m:read(GIE))
      end)

      it("of a task that is cancelled is over, and the bus is free", function()
        local task = lunq.spawn(function() iic:write_read(0x50, "\0", 200) end)
        device:advance(BYTE_NS * 9 + 500)
        assert.equal(4, m:read(SR) & 4)
        task:cancel()
        device:advance(1000)
        assert.same({ 0, 0, 0 }, { m:read(SR) & 4, m:read(IER), m:read(GIE) })
        assert.equal("\xff", iic:write_read(0x50, "\0", 1))
      end)

      it("of two tasks do not mix", function()
        local other = device:attach("axi_iic_0", lunq.peers.eeprom { address = 0x57, size = 4096, page = 32 })
        for i = 0, 255 do eeprom.memory[i], other.memory[i] = i, 255 - i end
        local first = lunq.spawn(function()
          for i = 0, 9 do assert.equal(string.char(i, i + 1), iic:write_read(0x50, string.char(i), 2)) end
        end)
        local second = lunq.spawn(function()
          local chip = iic:chip(0x57, { register_bytes = 2 })
          for i = 0, 9 do assert.equal(string.char(255 - i), chip:read_register(i)) end
        end)
        assert.equal("\x80", iic:write_read(0x50, "\x80", 1))
        first:wait()
        second:wait()
      end)
    end)
  end

  describe("the driver", function()
    it("sleeps until the interrupt: a message takes few accesses, fewest in dynamic mode", function()
      local accesses = {}
      for _, kind in ipairs { "unwired standard", "wired standard", "wired dynamic" } do
        open(kind:find "^wired" and { iic2intc_irpt = 0 } or nil)
        iic.mode = kind:match "%a+$"
        device:stats(true)
        iic:write_read(0x50, "\0", 64)
        local counted = device:stats(false).axi_iic_0
        accesses[kind] = counted.reads + counted.writes
      end
      assert.is_true(accesses["wired dynamic"] < 64 * 4, accesses["wired dynamic"])
      assert.is_true(accesses["wired dynamic"] < accesses["wired standard"])
      assert.is_true(accesses["wired standard"] < accesses["unwired standard"] * 2)
    end)

    it("does without an interrupt that never comes, says so once, and polls from then on", function()
      device:inject { ip = "axi_iic_0", fault = "lost_interrupt" }
      iic:write_to(0x50, "\0ab", 0.05)
      assert.equal(1, #said)
      assert.matches("^axi_iic_0: the work is done, but interrupt axi_iic_0/iic2intc_irpt never came. Is the pin wired",
                     said[1])
      device:advance(5000000)
      said = {}
    end)

    it("keeps the bus for the task that asked for it, until the task is over", function()
      local keeper = lunq.spawn(function()
        iic:send(0x50, "\0", 1, iic.REPEAT_START)
        device:advance(50000000)
      end)
      device:advance(1000000)
      local e = raised(iic.probe, iic, 0x50, 0.01)
      assert.equal("timeout", e[1])
      assert.matches("^axi_iic_0 was in use for more than 10 ms, by Task %d+ .*%. Does that keep it, or wait", e[2])
      assert.is_true(iic:probe(0x50, 0.1))
      assert.is_true(keeper.done)
    end)

    it("knows how many bytes were acknowledged", function()
      eeprom.protected = true
      assert.equal(1, iic:send(0x50, "\0abc", 4))
      assert.same({ "io", "Could not send I2C data: axi_iic_0: 0x50 did not acknowledge byte 2 of 4: it is busy, "
                    .. "protected, or takes no more." }, raised(iic.write_to, iic, 0x50, "\0abc"))
      eeprom.protected = false
      inject("nack", 1, "data")
      assert.equal("runtime", raised(iic.send, iic, 0x50, "\0", 1)[1])
      assert.equal(2, iic:send(0x50, "\0a", 2))
    end)

    it("finds who is on the bus without writing anything", function()
      device:attach("axi_iic_0", lunq.peers.eeprom { address = 0x54, size = 512, page = 16 })
      assert.same({ 0x50, 0x54, 0x55 }, iic:scan())
      assert.is_true(iic:probe(0x50))
      assert.is_false(iic:probe(0x51))
      assert.equal(0, eeprom.writes)
      inject("nack", 1, "address")
      assert.is_false(iic:probe(0x50))
      inject("arbitration_lost", 1)
      assert.equal("io", raised(iic.probe, iic, 0x50)[1])
    end)

    it("sends nothing at all, or holds the bus with it", function()
      assert.equal(0, iic:send(0x50, "", 0))
      assert.equal(0, iic:send(0x50, "", 0, iic.REPEAT_START))
      assert.equal(1, (iic:receive(0x50, {}, 1)))
      assert.equal(0, (iic:receive(0x50, {}, 0)))
      assert.equal("", iic:read_from(0x50, 0))
    end)

    it("takes buffers", function()
      local buffer <close> = lunq.allocate(4, "u1", { target = device })
      buffer[1], buffer[2], buffer[3] = 0x40, 7, 8
      assert.equal(3, iic:send(0x50, buffer, 3))
      device:advance(5000000)
      iic:send(0x50, "\x40", 1, 1)
      local back <close> = lunq.allocate(2, "u1", { target = device })
      assert.equal(2, (iic:receive(0x50, back, 2)))
      assert.same({ 7, 8 }, { back[1], back[2] })
    end)

    it("checks its arguments", function()
      assert.same({ "value", "an I2C address should be 0 to 0x7f (7 bits, without the read bit), not 0xa0" },
                  raised(iic.send, iic, 0xa0, "a", 1))
      assert.same({ "value", "length is 3, but there are only 2 bytes" }, raised(iic.send, iic, 0x50, "ab", 3))
      assert.same({ "value", "element 2 should be a byte, not 256" }, raised(iic.send, iic, 0x50, { 0, 256 }))
      assert.equal("type", raised(iic.send, iic, 0x50, 7)[1])
      assert.equal("value", raised(iic.receive, iic, 0x50, {}, -1)[1])
      assert.equal("value", raised(iic.write_read, iic, 0x50, "\0", 0)[1])
      iic.mode = "fast"
      assert.matches('mode should be "standard" or "dynamic", not fast', raised(iic.write_to, iic, 0x50, "a")[2])
    end)

    it("checks messages", function()
      assert.equal("type", raised(iic.transfer, iic, 0x50, {})[1])
      assert.same({ "value", "message 2: a read should be of at least 1 byte, not 0" },
                  raised(iic.transfer, iic, 0x50, { "a", 0 }))
      assert.equal("type", raised(iic.transfer, iic, 0x50, { true })[1])
    end)

    it("says in words what a message that stands still was doing", function()
      inject "stall"
      local e = raised(iic.read_from, iic, 0x50, 3, 0.01)
      assert.equal("Could not receive I2C data: 0 of 3 bytes in 0.01 s on axi_iic_0. ISR 0xd0 (BusNotBusy, NAAS, "
                   .. "TxHalf), SR 0xc4 (BusBusy, RxEmpty, TxEmpty), CR 0x05 (EN, MSMS): a chip holds SCL low (it "
                   .. "stretches the clock for longer, or is stuck), or the limit is too short for 100000 Hz. The IP "
                   .. "was reset.", e[2])
    end)

    it("serves version 2.0, at any speed", function()
      support.close()
      ol, iic, device = support.open("iic", "xilinx.com:ip:axi_iic:2.0", { C_IIC_FREQ = 400000 })
      device:attach("iic", lunq.peers.eeprom {})
      local before = device:now()
      iic:write_read(0x50, "\0", 100)
      local us = (device:now() - before) / 1000
      assert.is_true(us > 103 * 22.5 and us < 103 * 22.5 * 1.5, us)
      assert.equal("AxiIIC iic (xilinx.com:ip:axi_iic:2.0) 0x40000000+0x10000: 400000 Hz, standard mode", tostring(iic))
    end)

    it("leaves registers that destroy alone when they are printed", function()
      m:write(TX, 0x1a1)
      m:write(TX, 0x202)
      device:advance(BYTE_NS * 4)
      assert.matches("RX_FIFO", tostring(iic.register_map))
      assert.equal(1, m:read(0x118))
      assert.is_true(ol ~= nil)
    end)
  end)

  describe("a chip", function()
    it("has registers", function()
      local chip = iic:chip(0x50)
      chip:write_register(0x10, 7)
      assert.is_false(chip:probe())
      chip:wait_ready()
      chip:write_register(0x11, { 8, "ab" })
      chip:wait_ready()
      assert.equal("\7", chip:read_register(0x10))
      assert.equal("\7\8ab", chip:read_register(0x10, 4))
      chip:write "\x11"
      assert.equal("\8a", chip:read(2))
      assert.equal("chip at 0x50 of axi_iic_0", tostring(chip))
      iic:write_register(0x50, 0x20, 5)
      chip:wait_ready()
      assert.same({ "\5", "\5\xff" }, { iic:read_register(0x50, 0x20), iic:read_register(0x50, 0x20, 2) })
    end)

    it("may have two bytes for their numbers", function()
      local large = device:attach("axi_iic_0", lunq.peers.eeprom { address = 0x57, size = 4096, page = 32 })
      local chip = iic:chip(0x57, { register_bytes = 2 })
      chip:write_register(0x120, "Z")
      assert.equal(90, large.memory[0x120])
      chip:wait_ready()
      assert.equal("Z", chip:read_register(0x120))
    end)

    it("is missed", function()
      assert.same({ "timeout", "axi_iic_0: nobody acknowledged address 0x51 for 10 ms: is the chip still busy, or not "
                    .. "there?" }, raised(iic:chip(0x51).wait_ready, iic:chip(0x51), 0.01))
      assert.equal("io", raised(iic:chip(0x51).read_register, iic:chip(0x51), 0)[1])
    end)

    it("checks its arguments", function()
      assert.equal("value", raised(iic.chip, iic, 0x80)[1])
      assert.equal("value", raised(iic.chip, iic, 0x50, { register_bytes = 3 })[1])
      assert.equal("value", raised(iic.chip, iic, 0x50, { width = 1 })[1])
      local chip = iic:chip(0x50)
      assert.same({ "value", "a register of this chip should be 0 to 0xff, not 256" },
                  raised(chip.read_register, chip, 256))
      assert.equal("value", raised(chip.write_register, chip, 0, 256)[1])
    end)
  end)

  describe("the EEPROM", function()
    it("goes on at the begin of a page when it is written, of the chip when it is read", function()
      iic:write_to(0x50, "\x0eabc")
      device:advance(5000000)
      assert.same({ 97, 98, 99 }, { eeprom.memory[14], eeprom.memory[15], eeprom.memory[0] })
      eeprom.memory[255] = 1
      assert.equal("\1c", iic:write_read(0x50, "\xff", 2))
    end)

    it("has two address bytes when it is large", function()
      local large = device:attach("axi_iic_0", lunq.peers.eeprom { address = 0x57, size = 4096, page = 32 })
      iic:write_to(0x57, "\x01\x20Z")
      assert.equal(90, large.memory[0x120])
    end)

    it("has a size that can be", function()
      assert.equal("value", raised(lunq.peers.eeprom, { size = 0 })[1])
      assert.equal("value", raised(lunq.peers.eeprom, { page = 7 })[1])
    end)
  end)
end)
