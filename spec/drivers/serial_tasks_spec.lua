-- Serial IP end to end, several at once: a dialog at a UART, an EEPROM that is written, a flash that is
-- programmed and verified, and an alarm, each in a task of its own.
describe("serial IP in tasks", function()
  local lunq = require "lunq"
  local device, ol, eeprom, chip, board, active, said, previous

  local IP <const> = {
    uart = { "axi_uartlite:2.0", "interrupt", { C_BAUDRATE = 115200 } },
    iic = { "axi_iic:2.1", "iic2intc_irpt", { C_IIC_FREQ = 400000 } },
    spi = { "axi_quad_spi:3.2", "ip2intc_irpt", { C_FIFO_DEPTH = 256, C_NUM_SS_BITS = 2, C_SCK_RATIO = 16 } },
    adc = { "xadc_wiz:3.3", "ip2intc_irpt", {} },
  }

  --- pins(n): where the interrupt of the n-th IP goes; nil: nowhere.
  local function load_design(pins, more)
    local ip, n = {}, 0
    for _, name in ipairs { "uart", "iic", "spi", "adc" } do
      local vlnv, pin, parameters = table.unpack(IP[name])
      ip[name] = { vlnv = "xilinx.com:ip:" .. vlnv, address = 0x40000000 + (n << 16), parameters = parameters,
                   interrupts = { [pin] = pins(n) } }
      n = n + 1
    end
    for name, entry in pairs(more or {}) do ip[name] = entry end
    return lunq.Overlay({ name = "serial", arch = "zynq", ip = ip }, { device = device })
  end

  local function open(pins, more, seed)
    device = lunq.Device.open("sim?seed=" .. (seed or 0))
    lunq.core.active_device(device)
    ol = load_design(pins, more)
    eeprom = device:attach("iic", lunq.peers.eeprom { address = 0x50, size = 4096, page = 32 })
    chip = device:attach("spi", lunq.peers.flash { size = 65536 }, 1)
    board = device:attach("adc", lunq.peers.analog { temperature = 40 })
    device:attach("uart", lunq.peers.terminal { answers = {
      ["version?\n"] = "lunq 1.0\r\n",
      ["again?\n"] = function(t) return ("%d bytes so far\r\n"):format(#t.received) end } })
  end

  before_each(function()
    active, said = lunq.core.active_device(), {}
    previous = lunq.warnings.set_hook(function(_, text) said[#said + 1] = text end)
  end)
  after_each(function()
    ol:free()
    device:close()
    lunq.core.active_device(active)
    lunq.warnings.set_hook(previous)
    assert.same({}, said)
  end)

  local TEXT <const> = ("The quick brown fox jumps over the lazy dog. "):rep(20)

  local function talk()
    local lines = {}
    for _ = 1, 20 do
      ol.uart:write "version?\n"
      lines[#lines + 1] = ol.uart:readline(1)
      ol.uart:write "again?\n"
      lines[#lines + 1] = ol.uart:readline(1)
    end
    return lines
  end

  --- Pages of 32 bytes, each when the one before is stored.
  local function write_eeprom()
    local memory = ol.iic:chip(0x50, { register_bytes = 2 })
    memory:wait_ready(0.1) -- it may store what it has got of a message that failed
    for at = 0, #TEXT - 1, 32 do
      memory:write_register(at, TEXT:sub(at + 1, at + 32))
      memory:wait_ready(0.1)
    end
    return memory:read_register(0, #TEXT)
  end

  local function program_flash()
    local flash = ol.spi:flash(1)
    flash:erase(0x4000)
    flash:program(0x4010, TEXT)
    return flash:verify(0x4010, TEXT)
  end

  local function check(lines, stored, verified)
    assert.equal(40, #lines)
    assert.same({ "lunq 1.0", "16 bytes so far", "lunq 1.0", "32 bytes so far" }, { table.unpack(lines, 1, 4) })
    assert.equal("320 bytes so far", lines[40])
    assert.equal(TEXT, stored)
    assert.equal(29, eeprom.writes)
    assert.is_true(verified)
    assert.equal(TEXT, chip:get(0x4010, #TEXT))
    assert.same({ overrun = 0, frame = 0, parity = 0 }, ol.uart.line_errors)
  end

  local WIRED <const> = {
    ["to the processor"] = { function(n) return n end },
    ["to a cascade of controllers"] = { function(n) return { controller = "low", index = n } end, {
      top = { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x41800000, interrupts = { irq = 0 } },
      -- Vivado makes the inputs of a UART Lite and a Quad SPI edge inputs (SENSITIVITY in the .hwh).
      low = { vlnv = "xilinx.com:ip:axi_intc:4.1", address = 0x41810000, parameters = { C_KIND_OF_INTR = 5 },
              interrupts = { irq = { controller = "top", index = 5 } } } } },
    nowhere = { function() return nil end },
  }
  for where, how in pairs(WIRED) do
    it("work at the same time, their interrupts wired " .. where, function()
      open(how[1], how[2], 7) -- with a jitter on all latencies
      local began = device:now()
      local alarm = lunq.spawn(function()
        ol.adc:set_limits("temperature", 60, 80)
        return ol.adc:wait_for_alarm("temperature", 5).temperature
      end)
      local heater = lunq.spawn(function()
        lunq.sleep(0.1)
        board.temperature = 90
      end)
      local singly = {}
      local function timed(f)
        return function()
          local start = device:now()
          local results = table.pack(f())
          singly[#singly + 1] = device:now() - start
          return table.unpack(results, 1, results.n)
        end
      end
      check(lunq.gather(timed(talk), timed(write_eeprom), timed(program_flash)))
      assert.is_true(device:now() - began < singly[1] + singly[2] + singly[3] - 50000000) -- not one after another
      assert.is_true(alarm:wait())
      heater:wait()
      assert.equal(0, ol.uart.mmio:read(8) & 0x10)
      assert.same({ 0, 0, 0 }, { ol.iic.mmio:read(0x28), ol.spi.mmio:read(0x28), ol.adc.mmio:read(0x68) })
    end)
  end

  it("fail for themselves: the others go on", function()
    open(function(n) return n end)
    device:inject { ip = "iic", fault = "nack", where = "data", count = 1, after = 100 }
    device:inject { ip = "spi", fault = "mode_fault", count = 1, after = 300 }
    local function trying(f)
      return function()
        local ok, result = pcall(f)
        if ok then return result end
        return { result.kind, tostring(result), f() }
      end
    end
    local lines, stored, verified = lunq.gather(talk, trying(write_eeprom), trying(program_flash))
    assert.equal("320 bytes so far", lines[40])
    assert.equal("io", stored[1])
    assert.matches("0x50 did not acknowledge byte %d+ of 34: it is busy, protected, or takes no more", stored[2])
    assert.equal(TEXT, stored[3])
    assert.same({ "io", "spi: mode fault: another master selects this one (its SPISEL pin is low)", true }, verified)
  end)

  it("can be cancelled in the middle: buses are free, the others go on", function()
    open(function(n) return n end)
    local talker, writer, programmer = lunq.spawn(talk), lunq.spawn(write_eeprom), lunq.spawn(program_flash)
    for _ = 1, 7 do
      lunq.sleep(0.0033)
      writer:cancel()
      programmer:cancel()
      lunq.sleep(0.000001)
      assert.same({ 0, 3 }, { ol.iic.mmio:read(0x104) & 4, ol.spi.mmio:read(0x70) })
      assert.same({ 0, 0 }, { ol.iic.mmio:read(0x28), ol.spi.mmio:read(0x28) })
      lunq.sleep(0.2) -- chips may be at work still
      writer, programmer = lunq.spawn(write_eeprom), lunq.spawn(program_flash)
    end
    assert.equal(40, #talker:wait())
    assert.equal(TEXT, writer:wait())
    assert.is_true(programmer:wait())
  end)

  for wired, sleeping in pairs { [true] = "Interrupt invalidated by Overlay change", [false] = "no longer loaded" } do
    it("end with words when another design is loaded, interrupts " .. (wired and "wired" or "unwired"), function()
      open(function(n) return wired and n or nil end)
      local tasks = {}
      for i, f in ipairs { function() ol.uart:read(1) end, write_eeprom, program_flash,
                           function() ol.adc:wait_for_alarm() end } do
        tasks[i] = lunq.spawn(function()
          local ok, e = pcall(f)
          return { ok, e.kind, tostring(e) }
        end)
      end
      lunq.sleep(0.0005)
      local other <close> = load_design(function(n) return n end)
      for i, task in ipairs(tasks) do
        local result = task:wait()
        assert.same({ false, "runtime" }, { result[1], result[2] })
        -- A flash is asked whether it is done: no interrupt tells.
        assert.matches(i == 3 and "no longer loaded" or sleeping, result[3], 1, true)
      end
      assert.same({ 0, 0x180 }, { other.iic.mmio:read(0x28), other.spi.mmio:read(0x60) & 0x180 }) -- left alone
    end)
  end
end)
