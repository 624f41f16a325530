-- registers.md section 12: the AXI Quad SPI's model and driver, and a flash.
describe("AXI Quad SPI", function()
  local lunq = require "lunq"
  local support = dofile "spec/drivers/support.lua"
  local raised = support.raised
  local ol, spi, device, m
  local IPISR <const>, SPICR <const>, SPISR <const>, DTR <const>, DRR <const> = 0x20, 0x60, 0x64, 0x68, 0x6c
  local SSR <const>, TX_OCY <const>, RX_OCY <const> = 0x70, 0x74, 0x78
  local BYTE_NS <const> = 1280 -- eight bits at 100 MHz / 16

  local function open(parameters)
    support.close()
    ol, spi, device = support.open("spi", "xilinx.com:ip:axi_quad_spi:3.2", parameters, nil, { ip2intc_irpt = 0 })
    m = spi.mmio
  end
  before_each(function()
    open { C_FIFO_DEPTH = 16, C_NUM_TRANSFER_BITS = 8, C_SCK_RATIO = 16, C_NUM_SS_BITS = 2 }
  end)
  after_each(support.close)

  describe("the model", function()
    before_each(function() m:write(0x40, 0xa) end)

    it("starts as the reference says", function()
      assert.equal(0x180, m:read(SPICR))
      assert.equal(0xa5, m:read(SPISR))
      assert.equal(3, m:read(SSR))
      assert.equal(0, m:read(IPISR))
      m:write(SPICR, 0x06)
      m:write(0x40, 0xb) -- not the key
      assert.equal(0x06, m:read(SPICR))
    end)

    it("refuses a read of the empty receive FIFO and a write to the full transmit FIFO", function()
      local e = raised(m.read, m, DRR)
      assert.equal("io", e[1])
      assert.matches("SLVERR.*receive FIFO is empty; on a board this may hang the bus", e[2])
      for i = 0, 15 do m:write(DTR, i) end
      assert.equal(15, m:read(TX_OCY))
      assert.equal(0x08, m:read(SPISR) & 0x0c)
      assert.matches("transmit FIFO is full, the word is lost", raised(m.write, m, DTR, 0)[2])
    end)

    it("has no occupancy registers without FIFO, and room for one word", function()
      open { C_FIFO_DEPTH = 0 }
      for _, off in ipairs { TX_OCY, RX_OCY } do
        local e = raised(m.read, m, off)
        assert.equal("io", e[1])
        assert.matches("SLVERR.*C_FIFO_DEPTH is 0", e[2])
      end
      m:write(DTR, 1)
      assert.matches("transmit FIFO is full", raised(m.write, m, DTR, 2)[2])
    end)

    it("moves words only when it is enabled, a master, and not inhibited", function()
      m:write(DTR, 0x5a)
      for _, control in ipairs { 0x81, 0x83, 0x85, 0x187 } do
        m:write(SPICR, control)
        device:advance(BYTE_NS * 3)
        assert.equal(0, m:read(TX_OCY))
        assert.equal(1, m:read(SPISR) & 1)
      end
      m:write(SPICR, 0x87)
      device:advance(BYTE_NS - 300)
      assert.equal(1, m:read(SPISR) & 1)
      device:advance(BYTE_NS)
      assert.equal(0x104, m:read(IPISR))
      assert.equal(0x5a, m:read(DRR))
    end)

    it("loses what comes when the receive FIFO is full", function()
      m:write(SPICR, 0x187)
      for round = 0, 1 do
        for i = 0, 15 do m:write(DTR, round * 16 + i) end
        m:write(SPICR, 0x87)
        device:advance(BYTE_NS * 18)
      end
      assert.equal(15, m:read(RX_OCY))
      assert.equal(0x176, m:read(IPISR) | 2)
      m:write(IPISR, 0x20)
      assert.equal(0, m:read(IPISR) & 0x20)
      assert.equal(0, m:read(DRR))
      m:write(SPICR, 0x1e7)
      assert.equal(0x187, m:read(SPICR)) -- the resets clear themselves
      assert.equal(1, m:read(SPISR) & 1)
    end)

    it("a mode fault stops it until SPISR is read", function()
      device:inject { ip = "spi", fault = "mode_fault", count = 1 }
      m:write(SPICR, 0x87)
      m:write(DTR, 1)
      device:advance(BYTE_NS * 2)
      assert.equal(1, m:read(IPISR))
      assert.equal(0x10, m:read(SPISR) & 0x10)
      assert.equal(0, m:read(SPISR) & 0x10)
      device:advance(BYTE_NS * 2)
      assert.equal(0, m:read(SPISR) & 1)
    end)

    it("raises its interrupt for enabled bits", function()
      m:write(0x28, 0x100)
      m:write(0x1c, 0x80000000)
      assert.equal(0, device:wire "spi/ip2intc_irpt")
      m:write(IPISR, 0x100)
      assert.equal(1, device:wire "spi/ip2intc_irpt")
      m:write(IPISR, 0x100)
      assert.equal(0, device:wire "spi/ip2intc_irpt")
    end)

    it("selects by SSR, or for as long as it sends", function()
      local events = {}
      local Probe = lunq.Peer:extend { bus = "spi" }
      function Probe.select() events[#events + 1] = "select" end
      function Probe.deselect() events[#events + 1] = "deselect" end
      function Probe.transfer(_, word, mode) events[#events + 1] = word * 10 + mode return 0x33 end
      device:attach("spi", Probe(), 1)
      m:write(SSR, 1)
      m:write(SPICR, 0x19e)
      m:write(DTR, 7)
      m:write(SPICR, 0x9e)
      device:advance(BYTE_NS * 2)
      m:write(SSR, 3)
      assert.same({ "select", 73, "deselect" }, events)
      assert.equal(0x33, m:read(DRR))
      events = {}
      m:write(SPICR, 0x106) -- automatic
      m:write(SSR, 1)
      m:write(DTR, 8)
      m:write(DTR, 9)
      assert.same({}, events)
      m:write(SPICR, 0x006)
      device:advance(BYTE_NS * 3)
      assert.same({ "select", 80, 90, "deselect" }, events)
    end)
  end)

  describe("the driver", function()
    it("gives back as much as it sends, through a FIFO or without", function()
      local sent = {}
      for i = 1, 100 do sent[i] = string.char(i * 7 & 0xff) end
      sent = table.concat(sent)
      for _, depth in ipairs { 0, 16, 256 } do
        open { C_FIFO_DEPTH = depth }
        spi:configure { loopback = true }
        for _, n in ipairs { 0, 1, 15, 16, 17, 100 } do
          assert.equal(sent:sub(1, n), spi:transfer(sent:sub(1, n)))
        end
        spi:configure { loopback = false }
        device:attach("spi", lunq.peers.loopback { bus = "spi" })
        assert.equal(sent, spi:transfer(sent))
        assert.equal(1, m:read(SPISR) & 1) -- nothing is left over
      end
    end)

    it("says what sends, when write is asked to", function()
      for _, data in ipairs { "text", { 1, 2 } } do
        assert.same({ "type", "spi: write(offset, value) writes a register of the IP; data goes out with "
                      .. "transfer(data)" }, raised(spi.write, spi, data))
      end
    end)

    it("sends words of 16 and 32 bits, and whole ones only", function()
      for _, bits in ipairs { 16, 32 } do
        open { C_NUM_TRANSFER_BITS = bits }
        local words = {}
        local Probe = lunq.Peer:extend { bus = "spi" }
        function Probe.transfer(_, word) words[#words + 1] = word return word + 1 end
        device:attach("spi", Probe())
        assert.equal(bits == 16 and "\1\3\3\5" or "\1\2\3\5", spi:transfer "\1\2\3\4")
        assert.same(bits == 16 and { 0x102, 0x304 } or { 0x1020304 }, words)
        assert.equal("value", raised(spi.transfer, spi, "abc")[1])
      end
    end)

    it("talks in four modes, with either bit first, to each select", function()
      local Probe = lunq.Peer:extend { bus = "spi", last = "" }
      function Probe:transfer(word, mode) self.last = ("%02x mode %d"):format(word, mode) return 0x01 end
      local zero, one = device:attach("spi", Probe(), 0), device:attach("spi", Probe(), 1)
      for mode = 0, 3 do
        spi:configure { mode = mode, select = mode & 1 }
        assert.equal("\1", spi:transfer "\x80")
        assert.equal("80 mode " .. mode, (mode & 1 == 0 and zero or one).last)
      end
      spi:configure { lsb_first = true }
      assert.equal("\x80", spi:transfer "\x80")
      assert.equal("01 mode 3", one.last)
    end)

    it("reads ones where nobody is", function() assert.equal("\xff\xff", spi:transfer "\0\0") end)

    it("keeps a selection over several transfers", function()
      local flash = device:attach("spi", lunq.peers.flash {})
      flash:put(0x1234, "hello")
      local a, b = spi:selected(function()
        spi:transfer "\x03\x00\x12\x34"
        assert.equal("runtime", raised(spi.configure, spi, { mode = 1 })[1])
        assert.equal("runtime", raised(spi.selected, spi, print)[1])
        return spi:transfer "\0\0", spi:transfer "\0\0\0"
      end)
      assert.same({ "he", "llo" }, { a, b })
      assert.equal("attribute", raised(spi.selected, spi, function() return spi.nothing end)[1])
      assert.equal("\xef", spi:query("\x9f", 1)) -- and it ended there
    end)

    it("gives up when nothing comes back, and works again", function()
      spi:configure { loopback = true }
      device:inject { ip = "spi", fault = "stall" }
      local e = raised(spi.transfer, spi, "abc", 0.01)
      assert.equal("timeout", e[1])
      assert.equal("spi: 0 of 3 words came back in 0.01 s: is the SPI clock (ext_spi_clk) running? SPISR 0x21 "
                   .. "(RxEmpty, NotSelected)", e[2])
      local before = device:now()
      assert.equal("timeout", raised(spi.transfer, spi, "abc")[1])
      assert.is_true(device:now() - before < 10.1e9)
      device:clear_faults()
      device:advance(2000000)
      assert.equal("xyz", spi:transfer "xyz")
    end)

    it("names the mode of a core for quad transfers when nothing comes back", function()
      open { C_SPI_MODE = 2 }
      device:inject { ip = "spi", fault = "stall" }
      assert.matches("C_SPI_MODE is 2: such a core sends only commands of its kind of flash",
                     raised(spi.transfer, spi, "abc", 0.01)[2], 1, true)
    end)

    it("says what a mode fault is", function()
      device:inject { ip = "spi", fault = "mode_fault", count = 1 }
      assert.same({ "io", "spi: mode fault: another master selects this one (its SPISEL pin is low)" },
                  raised(spi.transfer, spi, "abc"))
      assert.equal(3, m:read(SSR))
      assert.equal("\xff", spi:transfer "a")
    end)

    it("takes lists of words and gives them, and takes buffers", function()
      spi:configure { loopback = true }
      assert.same({ 1, 2, 255 }, spi:transfer { 1, 2, 255 })
      local buffer <close> = lunq.array(3, "u1", { 5, 6, 7 })
      assert.equal("\5\6\7", spi:transfer(buffer))
      assert.same({ "value", "element 2 should be a word of 8 bits, 0 to 0xff, not 256" },
                  raised(spi.transfer, spi, { 1, 256 }))
      open { C_NUM_TRANSFER_BITS = 16 }
      spi:configure { loopback = true }
      assert.same({ 0x1234 }, spi:transfer { 0x1234 })
    end)

    it("has chips with settings of their own", function()
      local Probe = lunq.Peer:extend { bus = "spi", last = "" }
      function Probe:transfer(word, mode) self.last = ("%02x mode %d"):format(word, mode) return 0x01 end
      local zero, one = device:attach("spi", Probe(), 0), device:attach("spi", Probe(), 1)
      local a, b = spi:chip { mode = 3 }, spi:chip { select = 1, mode = 1, lsb_first = true }
      assert.equal("\1", a:transfer "\x80")
      assert.same({ 0x80 }, b:transfer { 0x80 })
      assert.same({ "80 mode 3", "01 mode 1" }, { zero.last, one.last })
      assert.equal("\1", spi:transfer "\x40")
      assert.equal("40 mode 0", zero.last)
      assert.equal("chip at select 1 of spi", tostring(b))
      a:selected(function()
        assert.same({ "runtime", "spi is in the middle of a selection (of select 0)" }, raised(b.transfer, b, "x"))
        assert.equal("\1", a:transfer "\x20")
      end)
      assert.equal("value", raised(spi.chip, spi, { speed = 1 })[1])
    end)

    it("checks its arguments", function()
      assert.same({ "value", "spi has selects 0 to 1, not 2" }, raised(spi.configure, spi, { select = 2 }))
      assert.equal("value", raised(spi.configure, spi, { mode = 4 })[1])
      assert.equal("value", raised(spi.configure, spi, { speed = 4 })[1])
      assert.equal("type", raised(spi.transfer, spi, 5)[1])
      assert.same({ "type", "selected takes a function, not nil" }, raised(spi.selected, spi))
      assert.equal("value", raised(spi.query, spi, "a", -1)[1])
    end)

    it("leaves XIP mode to DefaultIP", function()
      local list, ip = lunq.warnings.capture(function()
        open { C_XIP_MODE = 1 }
        return ol.spi
      end)
      assert.is_true(lunq.Class.is_instance(ip, lunq.DefaultIP))
      assert.matches("spi is in XIP mode: its memory is read through its AXI4 port", list[1].text, 1, true)
    end)

    it("leaves registers that destroy alone when they are printed", function()
      assert.matches("DRR", tostring(spi.register_map))
      assert.equal("QuadSPI spi (xilinx.com:ip:axi_quad_spi:3.2) 0x40000000+0x10000: words of 8 bits, FIFO 16, "
                   .. "2 selects", tostring(spi))
      assert.is_true(ol ~= nil)
    end)
  end)

  describe("the interrupt", function()
    local said, previous, active
    local function activate() lunq.core.active_device(device) end
    before_each(function()
      active, said = lunq.core.active_device(), {}
      previous = lunq.warnings.set_hook(function(_, text) said[#said + 1] = text end)
      activate()
    end)
    after_each(function()
      lunq.warnings.set_hook(previous)
      lunq.core.active_device(active)
      assert.same({}, said)
    end)

    it("tells that the transmit FIFO has run empty, once", function()
      m:write(SPICR, 0x187)
      m:write(DTR, 1)
      m:write(DTR, 2)
      m:write(SPICR, 0x87)
      assert.equal(0, m:read(IPISR) & 4)
      device:advance(BYTE_NS)
      assert.equal(4, m:read(IPISR) & 4) -- the second is on its way
      assert.equal(0, m:read(RX_OCY))
      m:write(IPISR, 4)
      device:advance(BYTE_NS * 3)
      assert.equal(0, m:read(IPISR) & 4)
      assert.equal(1, m:read(RX_OCY))
    end)

    it("is slept for: a transfer takes the same accesses however slow the bus is", function()
      local counts = {}
      for i, ratio in ipairs { 16, 4096 } do
        open { C_FIFO_DEPTH = 256, C_SCK_RATIO = ratio }
        activate()
        spi:configure { loopback = true }
        device:stats(true)
        assert.equal(("z"):rep(512), spi:transfer(("z"):rep(512)))
        local counted = device:stats(false).spi
        counts[i] = counted.reads + counted.writes
      end
      assert.is_true(counts[2] < counts[1] + 40, table.concat(counts, " "))
      assert.is_true(counts[2] < 512 * 2 + 100, counts[2])
    end)

    it("is enabled only meanwhile, whatever happens", function()
      m:write(0x28, 0x20)
      spi:configure { loopback = true }
      spi:transfer(("a"):rep(100))
      device:inject { ip = "spi", fault = "mode_fault", count = 1 }
      assert.equal("io", raised(spi.transfer, spi, ("a"):rep(16))[1])
      device:inject { ip = "spi", fault = "stall" }
      assert.equal("timeout", raised(spi.transfer, spi, ("a"):rep(16), 0.01)[1])
      device:clear_faults()
      assert.same({ 0x20, 0, 3 }, { m:read(0x28), m:read(0x1c), m:read(SSR) })
    end)

    it("of a mode fault wakes who waits", function()
      device:inject { ip = "spi", fault = "mode_fault", count = 1, after = 8 }
      local began = device:now()
      assert.same({ "io", "spi: mode fault: another master selects this one (its SPISEL pin is low)" },
                  raised(spi.transfer, spi, ("abcd"):rep(4), 5))
      assert.is_true(device:now() - began < 1000000)
    end)

    it("that never comes costs the time limit once, with a warning", function()
      spi:configure { loopback = true }
      device:inject { ip = "spi", fault = "lost_interrupt" }
      assert.equal(("k"):rep(40), spi:transfer(("k"):rep(40), 0.05))
      assert.equal(1, #said)
      assert.matches("^spi: the work is done, but interrupt spi/ip2intc_irpt never came", said[1])
      said = {}
    end)

    it("is not needed: without the pin transfers poll", function()
      support.close()
      ol, spi, device = support.open("spi", "xilinx.com:ip:axi_quad_spi:3.2", { C_FIFO_DEPTH = 16 })
      m = spi.mmio
      activate()
      spi:configure { loopback = true }
      assert.equal(("q"):rep(100), spi:transfer(("q"):rep(100)))
      assert.equal(0, m:read(0x28))
    end)

    it("of a cancelled task leaves nothing behind: no select, no words", function()
      open { C_SCK_RATIO = 4096, C_NUM_SS_BITS = 2 }
      activate()
      local task = lunq.spawn(function() spi:transfer(("c"):rep(100)) end)
      device:advance(4000000)
      assert.equal(2, m:read(SSR))
      task:cancel()
      device:advance(1000000)
      assert.same({ 3, 0, 0, 0x25 }, { m:read(SSR), m:read(0x28), m:read(0x1c), m:read(SPISR) & 0x2f })
      assert.equal("\xff", spi:transfer "x")
    end)

    it("lets tasks share the bus: transfers, selections and settings do not mix", function()
      local Echo = lunq.Peer:extend { bus = "spi", log = "", count = 0 }
      function Echo:select() self.count = self.count + 1 end
      function Echo:transfer(word, mode)
        self.log = self.log .. mode
        return word ~ mode
      end
      local peers = { device:attach("spi", Echo(), 0), device:attach("spi", Echo(), 1) }
      local function user(n)
        local chip = spi:chip { select = n, mode = n }
        return lunq.spawn(function()
          for i = 1, 10 do
            local a, b = chip:selected(function(c) return c:transfer(("x"):rep(20)), c:transfer { i } end)
            assert.same({ (string.char(0x78 ~ n)):rep(20), { i ~ n } }, { a, b })
          end
        end)
      end
      lunq.gather(user(0), user(1))
      for n, peer in ipairs(peers) do
        assert.same({ (tostring(n - 1)):rep(210), 10 }, { peer.log, peer.count })
      end
    end)
  end)

  describe("a flash", function()
    local chip, flash
    before_each(function()
      chip = device:attach("spi", lunq.peers.flash { size = 65536 }, 1)
      flash = spi:flash(1)
    end)

    it("says who it is", function()
      assert.equal("\xef\x40\x14", flash:jedec_id())
      assert.equal("SpiFlash at select 1 of spi", tostring(flash))
    end)

    it("is erased, programmed and read", function()
      chip:put(0x1000, "old data")
      local bytes = {}
      for i = 1, 700 do bytes[i] = string.char(i * 3 & 0xff) end
      bytes = table.concat(bytes)
      flash:erase(0x1234)
      assert.equal(("\xff"):rep(8), flash:read(0x1000, 8))
      flash:program(0x10f0, bytes)
      assert.equal(bytes, flash:read(0x10f0, #bytes))
      assert.equal(bytes, chip:get(0x10f0, #bytes))
      assert.equal("", flash:read(0, 0))
    end)

    it("programs only zeros, inside one page, and only when that was enabled", function()
      flash:program(0, "\xf0")
      flash:program(0, "\x3c")
      assert.equal("\x30", flash:read(0, 1))
      assert.equal("value", raised(flash.page_program, flash, 0xff, "ab")[1])
      spi:configure { select = 1 }
      spi:query("\x02\0\0\xff" .. "ab", 0) -- without write enable
      assert.equal("\xff", chip:get(0xff, 1))
      spi:query("\x06", 0)
      spi:query("\x04", 0)
      assert.equal(0, flash:status())
      spi:query("\x06", 0)
      assert.equal(2, flash:status())
      spi:query("\x02\0\1\xff" .. "ab", 0) -- past the end of the page: goes on at its begin
      assert.equal(1, flash:status())
      flash:wait()
      assert.equal("b", chip:get(0x100, 1))
      assert.equal("a", spi:query("\x0b\0\1\xff\0", 1))
      spi:query("\x06", 0)
      spi:query("\xc7", 0)
      flash:wait(11)
      assert.equal("\xff", chip:get(0x100, 1))
    end)

    it("is verified", function()
      flash:program(0x200, "some text")
      assert.is_true(flash:verify(0x200, "some text"))
      assert.same({ false, 0x207 }, { flash:verify(0x200, "some test") })
      assert.is_true(flash:verify(0x200, ""))
    end)

    it("is one object for each select, and shared by tasks", function()
      local active <const> = lunq.core.active_device()
      lunq.core.active_device(device)
      assert.equal(flash, spi:flash(1))
      local function user(first)
        return function()
          flash:erase(first)
          flash:program(first, (string.char(first >> 8)):rep(600))
          return flash:verify(first, (string.char(first >> 8)):rep(600))
        end
      end
      assert.same({ true, true, true }, { lunq.gather(user(0x1000), user(0x2000), user(0x3000)) })
      lunq.core.active_device(active)
    end)

    it("does not answer while it is busy, and time is limited", function()
      chip.erase_time = 60000000000
      assert.equal("timeout", raised(flash.erase, flash, 0)[1])
      local busy = { "timeout", "the flash at select 1 of spi is still busy (status 0x01)" }
      assert.same(busy, raised(flash.erase, flash, 0, 0.01))
      assert.same(busy, raised(flash.wait, flash, 0.01))
      local limit <const> = lunq.time_limit
      lunq.time_limit = 0.01
      local e = raised(flash.read, flash, 0, 1)
      lunq.time_limit = limit
      assert.same(busy, e)
      assert.same({ "io", "the flash at select 1 of spi can't be written: its status is 0x01" },
                  raised(flash.write_enable, flash))
      assert.equal("\xff\xff\xff", flash:jedec_id())
    end)

    it("is missed when there is none, or the mode is wrong", function()
      local nobody = spi:flash(0)
      assert.equal("the flash at select 0 of spi can't be written: its status is 0xff (is there a flash at all?)",
                   raised(nobody.erase, nobody, 0)[2])
      assert.matches("is there a flash at all", raised(nobody.wait, nobody, 0.001)[2])
      flash.chip:configure { mode = 1 }
      assert.equal("\xff\xff\xff", flash:jedec_id())
      flash.chip:configure { mode = 3 }
      assert.equal("\xef\x40\x14", flash:jedec_id())
    end)

    it("checks addresses and sizes", function()
      assert.equal("value", raised(flash.read, flash, -1, 1)[1])
      assert.equal("value", raised(flash.read, flash, 0xffffff, 2)[1])
      assert.equal("value", raised(flash.erase, flash, 1 << 24)[1])
      assert.equal("value", raised(lunq.peers.flash, { size = 100 })[1])
    end)
  end)
end)
