describe("ol:monitor", function()
  local process = dofile "spec/program/process.lua"
  local lunq = require "lunq"
  local LOOPBACK <const> = "overlays/dma_loopback/dma_loopback.hwh"
  local device, buffers

  before_each(function() device, buffers = lunq.Device.open "sim", {} end)
  after_each(function()
    for _, b in ipairs(buffers) do b:close() end
    device:close()
  end)

  local function overlay(what) return lunq.Overlay(what or LOOPBACK, { device = device }) end

  local function buffer(words)
    buffers[#buffers + 1] = lunq.allocate(words, "u4", { target = device })
    return buffers[#buffers]
  end

  --- What it prints here, where output is no terminal: a list of lines.
  local function shown(ol, ...)
    local text = ""
    local was = print
    _G.print = function(s) text = text .. s .. "\n" end
    local ok, e = pcall(ol.monitor, ol, ...)
    _G.print = was
    if not ok then error(e, 0) end
    local lines = {}
    for line in text:gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
    return lines
  end

  local function move(dma, words)
    local src, dst = buffer(words), buffer(words)
    dma.recvchannel:transfer(dst)
    dma.sendchannel:transfer(src)
    lunq.gather(function() dma.recvchannel:wait() end, function() dma.sendchannel:wait() end)
  end

  it("shows channels with what they moved, and the pins somebody has waited for", function()
    local ol <close> = overlay()
    for _ = 1, 3 do move(ol.axi_dma, 1024) end
    ol.axi_dma.recvchannel:transfer(buffer(2048))
    assert.same({
      "dma_loopback.hwh on " .. device.name .. ", 0.0 s",
      "  axi_dma MM2S  idle                              12K in 3",
      "  axi_dma S2MM  busy    8K under way              12K in 3",
      "  axi_dma_sg    unused",
      "interrupts",
      "  axi_dma/mm2s_introut              3 in all",
      "  axi_dma/s2mm_introut              3 in all",
      "  2 pins nobody has waited for",
    }, shown(ol))
  end)

  it("shows how far a transfer is where the descriptors say it", function()
    local ol <close> = overlay()
    local dma = ol.axi_dma_sg
    dma.recvchannel:transfer(buffer(16384))
    dma.sendchannel:transfer(buffer(3000)) -- a packet: fills one descriptor and closes it
    dma.sendchannel:wait()
    local p = dma.recvchannel.progress
    assert.same({ "busy", 65536, 12000, 0, 0 }, { p.state, p.of, p.done, p.total, p.transfers })
    local line = shown(ol)[4]
    assert.matches("^  axi_dma_sg S2MM  busy  %s+%[#%-%-%-%-%-%-%-%]  18%% of 64K%s+0 in 0$", line)
  end)

  it("shows a ring by its blocks, and counts what they held", function()
    local ol <close> = overlay()
    local ring <close> = ol.axi_dma_sg.recvchannel:ring { count = 4, bytes = 4096 }
    ol.axi_dma_sg.sendchannel:transfer(buffer(2048))
    ol.axi_dma_sg.sendchannel:wait()
    assert.matches("^  axi_dma_sg S2MM  ring  %s+2 of 4 blocks full%s+0 in 0$", shown(ol)[4])
    ring:read()
    assert.equal(4096, ol.axi_dma_sg.recvchannel.progress.total)
  end)

  it("shows an error as a state, and goes on with what can't be asked", function()
    local ol <close> = overlay()
    local dma = ol.axi_dma
    device:inject { fault = "slave_error", ip = "axi_dma", where = "M_AXI_MM2S" }
    dma.sendchannel:transfer(buffer(16))
    pcall(dma.sendchannel.wait, dma.sendchannel)
    assert.matches("^  axi_dma MM2S  error ", shown(ol)[2])
    dma:release()
    assert.matches("^  axi_dma     %s*%?%s+DMA engine is closed", shown(ol)[2])
  end)

  it("changes nothing: opens no driver, enables no interrupt, writes and takes nothing", function()
    local ol <close> = overlay()
    local function counts()
      local writes, reads = 0, 0
      for _, ip in pairs(device:stats(true)) do writes, reads = writes + ip.writes, reads + ip.reads end
      return writes, reads
    end
    local w0, r0 = counts()
    shown(ol)
    assert.same({ w0, r0 }, { counts() })
    assert.is_nil(next(ol._tree.objects))
    move(ol.axi_dma, 16)
    local w1, r1 = counts()
    shown(ol)
    local w2, r2 = counts()
    assert.same({ w1, r1 + 2 }, { w2, r2 }) -- the status of two channels
    assert.equal(0, device.open.interrupts)
  end)

  it("shows registers, fields and functions after that, also by name", function()
    local ol <close> = overlay()
    local lines = shown(ol, "axi_dma.MM2S_DMASR.Halted", "axi_dma.MM2S_LENGTH", function() return 6 * 7 end)
    assert.equal("MM2S_DMASR.Halted  0", lines[#lines - 2])
    assert.equal("MM2S_LENGTH  0x00000000", lines[#lines - 1])
    assert.equal("42", lines[#lines])
    lines = shown(ol, "axi_dma.MM2S_DMACR")
    assert.equal("MM2S_DMACR  0x00015003  RS=1 IOC_IrqEn=1 Err_IrqEn=1 IRQThreshold=1", lines[#lines])
    lines = shown(ol, { now = function() return 1 end })
    assert.equal("now: 1", lines[#lines])
    assert.equal("axi_dma", shown(ol, "axi_dma")[7])
  end)

  it("never reads what a read would change, by whatever name", function()
    local ol <close> = overlay { arch = "zynq", ip = {
      uart = { vlnv = "xilinx.com:ip:axi_uartlite:2.0", address = 0x42C00000, range = 0x10000 } } }
    local before = ol.uart and device:stats(true).uart.reads
    local lines = shown(ol, "uart.RX_FIFO", "uart.RX_FIFO.RX_DATA")
    assert.equal(before, device:stats().uart.reads)
    assert.matches("RX_FIFO not read: a read removes a FIFO entry", lines[#lines - 1])
    assert.matches("^RX_FIFO%.%S+ not read: a read removes a FIFO entry", lines[#lines])
  end)

  it("says what a name or a value is not", function()
    local ol <close> = overlay()
    local function failure(...)
      local ok, e = pcall(ol.monitor, ol, ...)
      assert.is_false(ok)
      return { e.kind, tostring(e) }
    end
    assert.same({ "attribute", 'register MM2S_DMASR of axi_dma has no field "Idl"; did you mean "Idle"?' },
                failure "axi_dma.MM2S_DMASR.Idl")
    assert.same({ "attribute", 'Could not find IP or hierarchy axi_dm in overlay; did you mean "axi_dma"?' },
                failure "axi_dm.MM2S_DMASR")
    assert.same({ "type", "argument 2 of ol:monitor should be a register, a register map, an IP or a function, not "
                  .. "number: ol:monitor(function() return ... end) shows any value" }, failure("axi_dma", 7))
  end)

  it("raises once another design is loaded", function()
    local ol <close> = overlay()
    local _ <close> = overlay "overlays/adder/adder.hwh"
    local ok, e = pcall(ol.monitor, ol)
    assert.is_false(ok)
    assert.same({ "runtime", true }, { e.kind, tostring(e):find("Overlay not currently loaded", 1, true) ~= nil })
  end)

  it("shows what a driver of one's own says, and survives it", function()
    local answers = {}
    local Class = lunq.DefaultIP:extend { bindto = { "acme.com:user:busy:1.0" } }
    finally(function() Class:unregister() end)
    function Class:activity() return answers[self.fullpath](self) end
    local ip = {}
    for i, name in ipairs { "a", "b", "c", "d", "e" } do
      ip[name] = { vlnv = "acme.com:user:busy:1.0", address = 0x43C00000 + i * 0x10000 }
    end
    answers.a = function() return { { name = "left", state = "running", text = "7 of 9" }, { state = "idle" } } end
    answers.b = function() error("its clock stands\nfor ever", 0) end
    answers.c = function() return { { state = "busy", of = "many" } } end
    answers.d = function() return nil end
    local ol <close> = overlay { ip = ip }
    for _, name in ipairs { "a", "b", "c", "d" } do assert.truthy(ol[name]) end
    local lines = shown(ol)
    assert.equal("  a left        running  7 of 9", lines[2])
    assert.equal("  a             idle", lines[3])
    assert.equal("  b             ?        its clock stands", lines[4])
    assert.matches("^  c             %?        .*attempt to compare", lines[5])
    assert.equal("  e             unused", lines[6])
  end)

  it("shows memory copies, video stores and HLS cores by what is known without disturbing them", function()
    local ol <close> = overlay { ip = {
      cdma = { vlnv = "xilinx.com:ip:axi_cdma:4.1", address = 0x4E200000 },
      vdma = { vlnv = "xilinx.com:ip:axi_vdma:6.3", address = 0x43000000 },
    } }
    local from, to = buffer(1024), buffer(1024)
    ol.cdma:copy(to, from)
    ol.cdma:transfer(to, from)
    ol.vdma.readchannel.mode = lunq.pynq and { width = 64, height = 4, bits_per_pixel = 24 }
    local lines = shown(ol)
    assert.matches("^  cdma  %s+busy    4K under way   %s+4K in 1$", lines[2])
    assert.matches("^  vdma readchannel  %s*halted  store 0 of %d, 64 x 4$", lines[3])
    ol.cdma:wait()
    assert.matches("^  cdma  %s+idle  %s+8K in 2$", shown(ol)[2])
    local adder <close> = overlay "overlays/adder/adder.hwh"
    adder.adder:call(1, 2)
    assert.matches("^  adder  %s+idle$", shown(adder)[2])
  end)

  it("draws on a terminal with rates per second, tasks going on, until a key or Ctrl-C", function()
    finally(process.clean)
    local t = process.prompt()
    t:line("ol = lunq.Overlay '" .. LOOPBACK .. "'; d = ol.axi_dma; a, b = lunq.allocate(64), lunq.allocate(64)")
    t:line("lunq.spawn(function() while true do d.recvchannel:transfer(b) d.sendchannel:transfer(a) "
           .. "d.recvchannel:wait() lunq.sleep(0.01) end end)")
    t:line "ol:monitor()"
    t:expect "(a key ends this)\27[K\r\n  axi_dma MM2S  "
    t:expect "/s  " -- from the second look on
    t:expect "interrupts\27[K\r\n  axi_dma/s2mm_introut"
    local often = tonumber(t:expect "/s  ":match "[%d.]+$")
    assert(often, "no figure: " .. t.seen)
    assert.is_true(often > 30 and often < 150, often) -- one each 10 ms of the device, and what a transfer takes
    t:type "q"
    t:line "ol:monitor(function() return 'look here' end)"
    t:expect "  look here\27[K\r\n\27[J"
    t:type "\3"
    t:line "40 + 2"
    t:expect "\n42\r\n"
    t:leave()
  end)
end)
