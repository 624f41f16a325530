-- The qtest device without QEMU: the text that opens it, and a program in QEMU's place that a spec wrote,
-- which says what QEMU never would. What works with QEMU is compared in lab/qtest.
describe("a qtest device", function()
  local core = require "lunq.core"
  local uv = require "luv"
  local path <const> = os.getenv "PATH"
  local folder

  local function clean()
    if folder then
      os.remove(folder .. "/qemu-system-microblazeel")
      os.remove(folder)
    end
    folder = nil
  end

  local function failure(f, ...)
    local ok, e = pcall(f, ...)
    assert(not ok, "nothing was raised")
    return { e.kind, e.message }
  end

  --- A shell script takes QEMU's place. In it, `got` reads a command and `say` answers.
  local function qemu(script)
    clean()
    folder = assert(uv.fs_mkdtemp(os.tmpname() .. ".XXXXXX"))
    local name = folder .. "/qemu-system-microblazeel"
    local f <close> = assert(io.open(name, "wb"))
    f:write("#!/bin/sh\ngot() { read -r line <&3; }\nsay() { printf '%s\\n' \"$*\" >&3; }\n", script)
    f:close()
    assert(uv.fs_chmod(name, tonumber("755", 8)))
    uv.os_setenv("PATH", folder .. ":" .. path)
  end

  after_each(function()
    uv.os_setenv("PATH", path)
    clean()
  end)

  -- Opening takes a command for the interrupt line and three for the Ethernet MAC.
  local OPEN <const> = "for i in 1 2 3 4; do got; say OK; done\n"

  it("is named by a machine and options", function()
    assert.same({ "value", 'Device "qtest:pynq": unknown machine "pynq". There are petalogix-ml605, '
                  .. "petalogix-s3adsp1800." }, failure(core.device_open, "qtest:pynq"))
    for _, o in ipairs { "raw=2", "raw", "fast=1", "serial=", "serial=a,b", "serial=" .. ("x"):rep(108), "" } do
      local e = failure(core.device_open, "qtest?" .. o)
      assert.equal("value", e[1], o)
      if #o < 100 then -- longer names are no names of devices at all
        assert.matches(('"%s" is no option of a qtest device, which knows raw=0|1 and serial=PATH'):format(o), e[2], 1,
                       true)
      end
    end
  end)

  it("needs QEMU, and says where that is", function()
    uv.os_setenv("PATH", "/nowhere")
    assert.same({ "device", "No Devices Found: there is no qemu-system-microblazeel in PATH. On Debian it is in the "
                  .. "package qemu-system-misc." }, failure(core.device_open, "qtest"))
  end)

  it("passes on what QEMU said when it does not start", function()
    qemu "echo 'qemu: no such machine' >&2; echo 'use -M help' >&2; exit 1"
    assert.same({ "device", "qemu: no such machine;use -M help: Device qtest: QEMU has ended. Open the device again." },
                failure(core.device_open, "qtest"))
  end)

  it("is asked in QEMU's words", function()
    qemu(OPEN .. [[
      got; [ "$line" = "readl 0x81800008" ] && say "OK 0x000000000000002a"
      got; [ "$line" = "writel 0x81800008 0x7" ] && say OK
      got; [ "$line" = "readw 0x81800010" ] && say OK 0x1234
      got]])
    local d <close> = core.device_open "qtest"
    local m <close> = core.mmio(0x81800000, 0x20, d)
    assert.equal(42, m:read(8))
    m:write(8, 7)
    assert.equal(0x1234, m:read16(0x10))
  end)

  it("reaches nothing beside the machine's devices", function()
    qemu(OPEN .. "got")
    local d <close> = core.device_open "qtest"
    local m <close> = core.mmio(0x40000000, 0x1000, d)
    local ok, e = pcall(m.read, m, 0)
    assert.is_false(ok)
    assert.same({ "io", true }, { e.kind, e.fault })
    assert.matches("Nothing answers at 0x40000000 (DECERR). petalogix-ml605 has ram 0x50000000, axi_intc 0x81800000,",
                   e.message, 1, true)
  end)

  it("refuses a design that its machine does not have", function()
    qemu(OPEN .. "got")
    local d <close> = core.device_open "qtest"
    local design = core.design_from_table { arch = "zynq", ip = {
      gpio = { vlnv = "xilinx.com:ip:axi_gpio:2.0", address = 0x41200000 } } }
    local e = failure(d.program, d, design)
    assert.equal("value", e[1])
    assert.matches("^petalogix%-ml605 has nothing at 0x41200000, where the design has gpio%. It has ram", e[2])
    assert.equal(0, d.loads)
  end)

  for _, case in ipairs {
    { "ends", "exit 0", "QEMU has ended" },
    { "refuses", "say 'FAIL Unknown command'", '"FAIL Unknown command": Device qtest: QEMU refuses a command' },
    { "answers without a number", "say OK", "QEMU answers no number" },
    { "answers with something else", "say OK 0x12zz", "QEMU answers no number" },
    { "sends no end of a line", "while :; do printf xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done >&3",
      "QEMU sends lines without an end" },
  } do
    it("explains a QEMU that " .. case[1] .. ", and stays broken", function()
      qemu(OPEN .. "got; " .. case[2] .. "; got")
      local d <close> = core.device_open "qtest"
      local m <close> = core.mmio(0x81800000, 0x20, d)
      local ok, e = pcall(m.read, m, 0)
      assert.is_false(ok)
      assert.same({ "device", true }, { e.kind, e.fault })
      assert.matches(case[3], e.message, 1, true)
      assert.matches("QEMU has ended. Open the device again.", failure(m.write, m, 0, 0)[2], 1, true)
    end)
  end

  describe("with memory", function()
    it("copies it to and fro", function()
      qemu(OPEN .. [[
        got; [ "$line" = "memset 0x50000000 0x4 0x0" ] && say OK
        got; [ "$line" = "write 0x50000000 0x4 0x01020304" ] && say OK
        got; [ "$line" = "read 0x50000001 0x2" ] && say OK 0xabcd
        got]])
      local d <close> = core.device_open "qtest"
      local b <close> = core.allocate({ 4 }, "u1", { target = d })
      for i = 1, 4 do b[i] = i end
      b:sync_to_device()
      b:slice(2, 3):sync_from_device()
      assert.equal("\1\xab\xcd\4", b:tobytes())
      assert.same({ { name = "RAM", base = 0x50000000, size = 128 << 20, coherent = false, used = 4, buffers = 1 } },
                  d:banks())
    end)

    for _, answer in ipairs { "OK 0xab", "OK 0xabcdef", "OK abcd12", "OK 0xabxy", "OK" } do
      it("does not take " .. answer .. " for two bytes", function()
        qemu(OPEN .. "got; say OK; got; say " .. answer .. "; got")
        local d <close> = core.device_open "qtest"
        local b <close> = core.allocate({ 2 }, "u1", { target = d })
        assert.equal("device", failure(b.sync_from_device, b)[1])
      end)
    end

    it("has as much as the machine", function()
      qemu(OPEN .. "got")
      local d <close> = core.device_open "qtest"
      local e = failure(core.allocate, { 129 << 20 }, "u1", { target = d })
      assert.equal("memory", e[1])
      assert.matches("0 of 134217728 bytes are in use", e[2], 1, true)
    end)
  end)

  describe("with interrupts", function()
    local function open_pin()
      local d = core.device_open "qtest"
      d:program(core.design_from_table { arch = "zynq", ip = {
        source = { vlnv = "acme.com:user:source:1.0", interrupts = { irq = 0, late = 1 } } } })
      return d, core.interrupt(d, "source/irq", "", 0, 61)
    end

    it("hears of a line in front of an answer, and by itself", function()
      qemu(OPEN .. [[
        got; say "IRQ raise 0"; say "IRQ lower 0"; say OK 0x5
        got; printf 'OK 0x6\nIRQ raise 0\nIRQ raise 1\n' >&3
        got]])
      local d <close>, irq = open_pin()
      local m <close> = core.mmio(0x81800000, 0x20, d)
      local hold <close> = irq:hold()
      assert.equal(5, m:read(0)) -- a pulse while the line is armed: kept
      assert.equal(1, (hold:wait(0)))
      assert.equal(6, m:read(0))
      local again <close> = irq:hold()
      assert.equal(1, (again:wait(5)))
      assert.matches("interrupt 61 of the processor: high", irq:explain(), 1, true)
      irq:close()
    end)

    it("has one line", function()
      qemu(OPEN .. "got")
      local d <close>, irq = open_pin()
      local other = core.interrupt(d, "source/late", "", 1, 62)
      assert.same({ "value", 'A qtest machine has one processor line, 61: interrupt 0 of a design for "zynq". There is '
                    .. "no line 62." }, failure(other.hold, other))
      other:close()
      irq:close()
    end)

    it("drives pins at an interrupt controller only", function()
      qemu(OPEN .. "got")
      local d <close>, irq = open_pin()
      assert.same({ "value", "Device qtest: source/irq is no pin of the loaded design at an interrupt controller; "
                    .. "others can't be driven." }, failure(d.wire, d, "source/irq", 1))
      assert.same({ "unsupported", "Device qtest is not a simulated one." }, failure(d.wire, d, "source/irq"))
      irq:close()
    end)
  end)

  it("mends the AXI DMA, unless it is asked not to", function()
    -- reset of both, RS without a threshold, Halted without RS, a status that keeps its other bits
    qemu(OPEN .. [[
      got; [ "$line" = "writel 0x84600000 0x4" ] && say OK
      got; [ "$line" = "writel 0x84600030 0x4" ] && say OK
      got; [ "$line" = "writel 0x84600000 0x17001" ] && say OK
      got; [ "$line" = "readl 0x84600004" ] && say OK 0x11002
      got; [ "$line" = "writel 0x84600000 0x16000" ] && say OK
      got; [ "$line" = "readl 0x84600004" ] && say OK 0x11002
      got; [ "$line" = "readl 0x84600004" ] && say OK 0x11002
      got; [ "$line" = "writel 0x84600004 0x10002" ] && say OK
      got]])
    local d <close> = core.device_open "qtest"
    local m <close> = core.mmio(0x84600000, 0x60, d)
    m:write(0, 4)
    m:write(0, 0x7001)
    assert.equal(0x11002, m:read(4))
    m:write(0, 0x6000)
    assert.equal(0x11001, m:read(4))
    m:write(4, 0x1000)
    qemu(OPEN .. [[
      got; [ "$line" = "writel 0x84600000 0x7001" ] && say OK
      got; [ "$line" = "writel 0x84600000 0x6000" ] && say OK
      got; [ "$line" = "readl 0x84600004" ] && say OK 0x2
      got]])
    local raw <close> = core.device_open "qtest?raw=1"
    local r <close> = core.mmio(0x84600000, 0x60, raw)
    r:write(0, 0x7001)
    r:write(0, 0x6000)
    assert.equal(2, r:read(4))
  end)
end)
