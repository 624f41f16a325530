-- AXI UART Lite 2.0: registers.md section 13. QEMU: hw/char/xilinx_uartlite.c of a big-endian machine, whose
-- serial port is a socket: it takes no time there, so bytes can't be lost on the way.
describe("AXI UART Lite on sim and in QEMU", function()
  local lunq = require "lunq"
  local uv = require "luv"
  local compare = dofile "lab/qtest/compare.lua"
  local RX <const>, TX <const>, STAT <const>, CTRL <const> = 0, 4, 8, 12

  local function kind(f, ...)
    local ok, e = pcall(f, ...)
    return ok and "no error" or e.kind
  end

  --- The other end of the serial line, the same for both devices: sent(bytes), received().
  local function peer(t, path)
    if t.simulated then
      local terminal = lunq.peers.terminal {}
      t.device:attach("uart", terminal)
      return { send = function(bytes) terminal:send(bytes) end, received = function() return terminal.received end,
               close = function() end }
    end
    local pipe, got, connected = uv.new_pipe(), "", false
    pipe:connect(path, function(e)
      assert(not e, e)
      connected = true
      pipe:read_start(function(_, bytes) got = got .. (bytes or "") end)
    end)
    while not connected do lunq.sleep(0.001) end
    return { send = function(bytes) pipe:write(bytes) end, received = function() return got end,
             close = function() pipe:close() lunq.sleep(0.001) end }
  end

  --- Waits until f gives a true value; gives it.
  local function until_true(f)
    for _ = 1, 2000 do
      local v = f()
      if v then return v end
      lunq.sleep(0.001)
    end
  end

  local function run(steps, differences)
    local path = os.tmpname()
    os.remove(path)
    compare.run("petalogix-s3adsp1800", function(t)
      local other = peer(t, path)
      local m = t.ol.uart.mmio
      steps(t, other, function(off, v) return m:write(off, v) end, function(off) return m:read(off) end)
      other.close()
    end, differences, "?serial=" .. path)
    os.remove(path)
  end

  describe("by its registers", function()
    it("has the same status at rest, with a byte, and without it", function()
      run(function(t, other, set, get)
        t.step("at rest", get(STAT))
        other.send "Z"
        t.step("a byte comes", until_true(function() return get(STAT) & 1 == 1 end))
        t.step("status", get(STAT) & 0x0f)
        t.step("the byte", get(RX))
        t.step("status without it", get(STAT) & 0x0f)
        other.send "xyz"
        until_true(function() return get(STAT) & 1 == 1 end)
        lunq.sleep(0.005)
        set(CTRL, 2)
        t.step("receive FIFO reset", get(STAT) & 0x0f)
      end)
    end)

    it("sends bytes", function()
      run(function(t, other, set)
        for c in ("hi\0\xff"):gmatch "." do set(TX, c:byte()) end
        t.step("received", until_true(function() return #other.received() == 4 and other.received() end))
      end)
    end)

    it("interrupts when a byte comes and when the transmit FIFO is empty", function()
      run(function(t, other, set, get)
        local irq = t.ol.uart.interrupts.interrupt
        do
          local hold <close> = irq:hold()
          other.send "a"
          until_true(function() return get(STAT) & 1 == 1 end)
          t.step("not enabled", hold.fired)
          get(RX)
        end
        set(CTRL, 0x10)
        do
          local hold <close> = irq:hold()
          other.send "b"
          t.step("a byte", (hold:wait(1)))
          t.step("which", get(RX))
        end
        pcall(irq.wait, irq, 0.01) -- QEMU reports the empty transmit FIFO of no byte, too
        local hold <close> = irq:hold()
        set(TX, 0x63)
        t.step("transmit FIFO empty", (hold:wait(1)))
      end)
    end)

    it("differs where the core's sources and registers.md say so", function()
      run(function(t, other, set, get)
        t.step("empty read", kind(get, RX))
        set(CTRL, 0x10)
        t.step("enabled", get(STAT))
        set(CTRL, 0)
        t.step("disabled", get(STAT))
        other.send "0123456789abcdefgh"
        lunq.sleep(0.02)
        t.step("status with 18 bytes sent", get(STAT) & 0x23)
        local n = 0
        while get(STAT) & 1 == 1 and n < 30 do
          get(RX)
          n = n + 1
          lunq.sleep(0.002)
        end
        t.step("bytes that came", n)
      end, {
        ["empty read"] = { sim = "io", qemu = "no error", why = "uartlite_core.vhd: SLVERR; QEMU gives an old byte" },
        enabled = { sim = 0x14, qemu = 0x04, why = "registers.md 13: STAT 4 says that the interrupt is enabled; QEMU's "
          .. "says that there is one" },
        ["status with 18 bytes sent"] = { sim = 0x23, qemu = 0x03, why = "16 bytes fit and the rest is lost with "
          .. "Overrun; QEMU's FIFO holds 8, and the sender waits" },
        ["bytes that came"] = { sim = 16, qemu = 18, why = "the same" },
      })
    end)
  end)

  describe("with its driver", function()
    it("writes, reads, and reads lines", function()
      run(function(t, other)
        local uart = t.ol.uart
        t.step("written", uart:write "hello, board\n")
        uart:flush()
        t.step("received", until_true(function() return #other.received() == 13 and other.received() end))
        other.send "one\r\ntwo\nrest"
        t.step("first line", uart:readline(1))
        t.step("second line", uart:readline(1))
        t.step("four bytes", uart:read(4, 1))
        t.step("nothing more", uart:read())
        t.step("time limit", kind(uart.read, uart, 1, 0.02))
        t.step("no line errors", uart.line_errors.overrun + uart.line_errors.frame + uart.line_errors.parity)
        t.step("enables at rest", t.ol.intc:read(8))
      end)
    end)

    it("keeps what came before the time was over", function()
      run(function(t, other)
        other.send "ab"
        t.step("too few", kind(t.ol.uart.read, t.ol.uart, 4, 0.05))
        other.send "cd"
        t.step("all", t.ol.uart:read(4, 1))
      end)
    end)

    it("sleeps in a task until somebody writes", function()
      run(function(t, other)
        local reader = lunq.spawn(function() return t.ol.uart:readline(2) end)
        lunq.sleep(0.02)
        t.step("asleep", not reader.done)
        other.send "wake "
        lunq.sleep(0.01)
        other.send "up\n"
        t.step("line", reader:wait())
        t.step("enables at rest", t.ol.intc:read(8))
      end)
    end)

    it("answers question after question, every byte value", function()
      run(function(t, other)
        local all, n = {}, 0
        for b = 0, 255 do all[b + 1] = string.char(b) end
        all = table.concat(all)
        for i = 1, 256, 8 do
          t.ol.uart:write(all:sub(i, i + 7))
          n = n + 8
          until_true(function() return #other.received() == n end)
          other.send(all:sub(i, i + 7))
          t.step("bytes from " .. i, t.ol.uart:read(8, 1))
        end
        t.step("received", other.received() == all)
      end)
    end)
  end)
end)
