-- What `lunq test` says of the device when a test fails, and the recorder it comes from.
describe("a failing test", function()
  local process = dofile "spec/program/process.lua"
  local fixture = dofile "spec/overlay/fixture.lua"
  local root = io.popen("pwd"):read "l"
  local dir

  before_each(function() dir = fixture.folder() end)
  after_each(function()
    fixture.clean()
    process.clean()
  end)

  local function write(name, text) return fixture.write(dir .. "/" .. name, (text:gsub("ROOT", root))) end

  local function test(arguments, bare)
    return process.sh(("cd %s && %s LUNQ test %s"):format(process.quote(dir),
      bare and "LUA_PATH=/nowhere/?.lua LUA_CPATH=/nowhere/?.so" or "", arguments))
  end

  local ADDER <const> = [[
    local lunq = require "lunq"
    it("adds", function()
      local ol <close> = lunq.Overlay "ROOT/overlays/adder/adder.hwh"
      assert.equal(8, ol.adder:add(3, 4))
    end)]]
  local REPORT <const> = [[
  What sim was asked:
    T  load   adder.hwh
    T  read   adder CTRL = 0x00000004  AP_IDLE=1
    T  write  adder a = 0x00000003
    T  write  adder b = 0x00000004
    T  read   adder c_ctrl = 0x00000000
    T  write  adder CTRL = 0x00000001  AP_START=1
    T  read   adder CTRL = 0x0000000e  AP_DONE=1 AP_IDLE=1 AP_READY=1
    T  read   adder c = 0x00000007
    T  read   adder c_ctrl = 0x00000001  c_ap_vld=1
  How it stands:
    adder: a=0x3, b=0x4, c=0x7, 2 others 0]]

  --- Output with T for the times in front of accesses, which other parts of a load may change.
  local function without_times(out) return (out:gsub("    +[%d.]+ [num]?s  (%l+ )", "    T  %1")) end

  it("shows the last accesses by name and the registers of the IP, once", function()
    write("adder_spec.lua", ADDER)
    local code, out = test "adder_spec.lua"
    assert.equal(1, code)
    assert.matches("\n          0 ns  load   adder.hwh\n +[%d.]+ us  read   adder CTRL", out)
    out = without_times(out)
    local from = assert(out:find(REPORT, 1, true), out)
    assert.is_nil(out:find("What sim was asked", from + 10, true))
  end)

  it("shows them as diagnostics of TAP and in the failure of JUnit", function()
    write("adder_spec.lua", ADDER)
    local _, out = test "-o TAP adder_spec.lua"
    assert.matches("\n" .. REPORT, without_times((out:gsub("\n# ", "\n"))), 1, true)
    _, out = test "-o junit adder_spec.lua"
    assert.matches(REPORT, without_times(out:match "<failure>(.-)</failure>"), 1, true)
  end)

  it("does so for LuaUnit files, with busted and without", function()
    write("adder.lua", [[
      local lunq = require "lunq"
local lu = require "luaunit"
      TestAdder = {}
      function TestAdder:setUp() self.ol = lunq.Overlay "ROOT/overlays/adder/adder.hwh" end
      function TestAdder:tearDown() self.ol:free() end
      function TestAdder:testAdd() lu.assertEquals(self.ol.adder:add(3, 4), 8) end
      function TestAdder:testFine() lu.assertEquals(self.ol.adder:add(3, 4), 7) end
      function TestAdder:testSkip() self.ol.adder:add(3, 4) lu.skip "not today" end]])
    local _, out = test "adder.lua"
    assert.matches("expected: 8, actual: 7\n" .. REPORT, without_times(out), 1, true)
    assert.equal(1, select(2, out:gsub("What sim was asked", "")))
    _, out = test("-o TAP adder.lua", true)
    assert.matches("\n" .. REPORT, without_times((out:gsub("\n#   ", "\n"))), 1, true)
    assert.equal(1, select(2, out:gsub("What sim was asked", "")))
    _, out = test("-o junit adder.lua", true)
    assert.matches(REPORT, without_times(out:match "<failure.-CDATA%[(.-)%]%]></failure>"), 1, true)
  end)

  it("shows transfers, interrupts and polls, and of the state what the error does not say itself", function()
    write("dma_spec.lua", [[
      local lunq = require "lunq"
      it("receives", function()
        local ol <close> = lunq.Overlay "ROOT/overlays/dma_loopback/dma_loopback.hwh"
        local dma, buffer <close> = ol.axi_dma, lunq.allocate(4, "u4")
        dma.recvchannel:transfer(buffer)
        dma.sendchannel:transfer(buffer)
        dma.recvchannel:wait()
        dma.recvchannel:transfer(buffer)
        pcall(lunq.Interrupt("axi_dma/s2mm_introut").wait, lunq.Interrupt "axi_dma/s2mm_introut", 0.001)
        local ok, e = pcall(dma.recvchannel.wait, dma.recvchannel, 0.1)
        dma:reset()
        error(e, 0)
      end)]])
    local _, out = test "--accesses 40 dma_spec.lua"
    assert.matches("start  axi_dma S2MM, 16 bytes at 0x100000\n", out, 1, true)
    assert.matches("start  axi_dma MM2S, 16 bytes at 0x100000\n", out, 1, true)
    assert.matches("done   axi_dma S2MM, 16 bytes\n", out, 1, true)
    assert.matches("write  axi_dma S2MM_LENGTH = 0x00000010  Length=16\n", out, 1, true)
    assert.matches("read   axi_dma S2MM_DMASR = 0x00010000 %(%d+ times, until [%d.]+ ms%)  IRQThreshold", out)
    assert.matches("a reset ended the last transfer\n", out, 1, true) -- what explain says, not the error
    assert.equal(1, select(2, out:gsub("transfer of 16 bytes at 0x100000 under way", "")))
  end)

  it("shows interrupts that were waited for, bus errors, and streams that wait", function()
    write("gpio_spec.lua", [[
      local lunq = require "lunq"
      it("presses", function()
        local ol <close> = lunq.Overlay "ROOT/overlays/gpio_interrupts/gpio_interrupts.hwh"
        local finger <close> = lunq.spawn(function()
          lunq.sleep(0.01)
          ol.device:wire("btns_4bits_tri_i", 1)
        end)
        ol.panel.btns[0]:wait_for_value(1)
        local line <close> = lunq.GPIO(960, "out")
        for _ = 1, 3 do line:write(1) end
        ol.device:inject { ip = "leds", fault = "slave_error" }
        ol.leds.channel1:write(3)
      end)]])
    local _, out = test "--accesses 40 gpio_spec.lua"
    assert.matches("drive  btns_4bits_tri_i = 1\n", out, 1, true)
    assert.matches("irq    panel/btns/ip2intc_irpt\n", out, 1, true)
    assert.matches("write  GPIO 960 = 1 %(3 times, until [%d.]+ [num]s%)\n", out)
    assert.matches("write  leds GPIO_DATA failed\n", out, 1, true)
    assert.matches("panel/btns: GPIO_DATA=0x1,", out, 1, true)
    write("stream_spec.lua", [[
      local lunq = require "lunq"
      it("sends", function()
        local ol <close> = lunq.Overlay "ROOT/overlays/stream_filter/stream_filter.hwh"
        local buffer <close> = lunq.allocate(4000, "u4")
        ol.filter.axi_dma_from_ps_to_pl.sendchannel:transfer(buffer)
        local ok, e = pcall(ol.filter.axi_dma_from_ps_to_pl.sendchannel.wait, nil, 0.01)
        lunq.sleep(0.01)
        error "it stands still"
      end)]])
    _, out = test "stream_spec.lua"
    assert.matches("filter/axi_dma_from_ps_to_pl/M_AXIS_MM2S -> filter/fir/x: TREADY is low after 4096 bytes\n",
      out, 1, true)
  end)

  it("begins with what is done before the test, and ends with the test before", function()
    write("each_spec.lua", [[
      local lunq = require "lunq"
      local ol
      setup(function() ol = lunq.Overlay "ROOT/overlays/adder/adder.hwh" end)
      before_each(function() ol.adder:write(0x10, 5) end)
      after_each(function() ol.adder:read(0x18) end)
      it("one", function() ol.adder:write(0x10, 6) end)
      it("two", function() error "wrong" end)
      it("three", function() error "wrong" end)]])
    local _, out = test "each_spec.lua"
    assert.equal(2, select(2, out:gsub("asked:\n *0 ns  write  adder a = 0x00000005\n  How it stands", "")), out)
  end)

  it("shows runs of kernels, and the syncs of buffers: here one is missing", function()
    write("card_spec.lua", [[
      local lunq = require "lunq"
      it("copies", function()
        local vadd = lunq.model "xilinx.com:hls:copy:1.0" { kernel = function(_, a, b, n)
          for i = 1, n do b[i] = a[i] end
        end }
        local d <close> = lunq.Device.open "sim:alveo"
        local ol <close> = lunq.Overlay({ kernels = { copy = { args = { "int *a", "int *b", "int n" } } } },
          { device = d })
        local a <close> = lunq.allocate(3, "i4", { target = ol.bank0 })
        local b <close> = lunq.allocate(3, "i4", { target = ol.bank0 })
        a:set { 1, 2, 3 }
        a:sync_to_device()
        ol.copy_1:call(a, b, 3)
        vadd:unbind()
        lunq.bench.same(b, { 1, 2, 3 })
      end)]])
    local _, out = test "card_spec.lua"
    assert.matches("element 1 of 3 is 0, expected was 1 (and 2 more differ)", out, 1, true)
    assert.matches("sync   to the device, 12 bytes at 0x%x+\n +[%d.]+ us  run    copy\n", out)
    assert.matches("ended  copy, completed", out, 1, true)
    assert.is_nil(out:find("from the device", 1, true))
  end)

  it("shows nothing of a test that asked no device, or on request", function()
    write("pure_spec.lua", 'it("counts", function() assert.equal(1, 2) end)\n' .. ADDER
      .. '\nit("counts again", function() assert.equal(1, 2) end)')
    local _, out = test "pure_spec.lua"
    assert.equal(1, select(2, out:gsub("was asked", "")))
    _, out = test "--accesses 0 pure_spec.lua"
    assert.equal(0, select(2, out:gsub("was asked", "")))
    local code, _, err = test "--accesses x pure_spec.lua"
    assert.equal(2, code)
    assert.matches("--accesses needs a number, 0 to 1000", err, 1, true)
  end)

  it("never reads what a read changes, and survives whatever the device does", function()
    write("hard_spec.lua", [[
      local lunq = require "lunq"
      local reads, failing = {}, false
      local Model = lunq.Model:extend { models = { "xilinx.com:ip:axi_fifo_mm_s:4.2" } }
      function Model:read(offset)
        if failing then
          reads[#reads + 1] = ("0x%x"):format(offset)
          if offset == 0x0c then error "the model is broken" end
        end
        return 5
      end
      it("reads", function()
        local ol <close> = lunq.Overlay { ip = { fifo = { vlnv = "xilinx.com:ip:axi_fifo_mm_s:4.2",
          address = 0x40000000 } } }
        lunq.MMIO(0x40000000, 0x1000):read(0)
        failing = true
        local function deep() return 1 + deep() end
        deep()
      end)
      it("tells", function() print("reads: " .. table.concat(reads, " ")) end)]])
    local _, out = test "hard_spec.lua"
    assert.matches("stack overflow", out, 1, true)
    assert.matches("read   fifo ISR = 0x00000005", out, 1, true)
    assert.matches("fifo: .*the model is broken", out)
    local reads = out:match "reads: ([^\n]*)"
    assert.matches("0x0 ", reads, 1, true)
    assert.is_nil(reads:find("0x20", 1, true), reads) -- RDFD: a read takes a word out
  end)
end)

describe("the flight recorder", function()
  local process = dofile "spec/program/process.lua"

  --- In a program of its own: this one's is in use.
  local function run(text)
    local code, out, err = process.lunq("-e", [[
      local core = require "lunq.core"
      local function show()
        local list, total = core.flight.last()
        for _, r in ipairs(list) do
          print(r.what, ("0x%x 0x%x"):format(r.address, r.value), r.width, r.words, r.times, r.failed)
        end
        print(total)
      end
      ]] .. text)
    assert.equal(0, code, err)
    return out
  end

  it("keeps the last accesses, joins polls, and a block is one", function()
    assert.equal("write\t0x40000004 0x1\t4\t1\t1\tfalse\nread\t0x40000004 0x1\t4\t1\t3\tfalse\n"
      .. "write\t0x40000010 0x64636261\t4\t3\t1\tfalse\n4\n", run [[
      core.flight.start(3)
      local m <close> = core.mmio(0x40000000, 0x1000)
      m:write(0, 7)
      m:write(4, 1)
      for _ = 1, 3 do m:read(4) end
      m:write(0x10, "abcdefghijkl")
      show() ]])
  end)

  it("notes nothing while it is paused, and what it has can be cleared", function()
    assert.equal("read\t0x40000000 0x0\t4\t1\t1\tfalse\n1\n0\n0\n", run [[
      core.flight.start(8)
      local m <close> = core.mmio(0x40000000, 0x1000)
      m:read(0)
      core.flight.pause(true)
      m:read(4)
      core.flight.pause(false)
      show()
      core.flight.clear()
      show()
      core.flight.start(0)
      core.flight.pause(false)
      m:read(8)
      show() ]])
  end)

  it("refuses a size that makes no sense", function()
    assert.equal("value\tThe flight recorder keeps 1 to 65536 accesses, not 100000.\n", run [[
      local _, e = pcall(core.flight.start, 100000)
      print(e.kind, e.message) ]])
  end)
end)
