--- lunq info: JSON that is exactly the dictionaries, a page for people, bitstreams, usage.
local helper = require "spec.helper"
local core = require "lunq.core"
local info = require "lunq.info"
local json = require "dkjson"

local FIXTURES <const> = "spec/design/fixtures/"

--- What main writes to standard output, and its exit code.
local function run(...)
  local path = os.tmpname()
  local before = io.output()
  io.output(path)
  local ok, code = pcall(info.main, ...)
  io.output():close()
  io.output(before)
  local f = assert(io.open(path))
  local text = f:read "a"
  f:close()
  os.remove(path)
  if not ok then error(code, 0) end
  return text, code
end

local DICTIONARIES <const> = { "clock_dict", "gpio_dict", "hierarchy_dict", "interrupt_controllers",
                               "interrupt_pins", "ip_dict", "mem_dict" }

local function keys(t)
  local out = {}
  for k in pairs(t) do out[#out + 1] = k end
  table.sort(out)
  return out
end

describe("lunq info --json", function()
  it("prints the dictionaries and nothing else", function()
    local text, code = run(FIXTURES .. "cascade.hwh", "--json")
    assert.equal(0, code)
    local t = json.decode(text)
    assert.same(DICTIONARIES, keys(t))
    local d = core.design_read(FIXTURES .. "cascade.hwh"):dictionaries()
    d.clock_dict = { ["0"] = { enable = 1, divisor0 = 5, divisor1 = 2 } }
    for _, name in ipairs(DICTIONARIES) do assert.same(d[name], t[name], name) end
  end)

  it("is the same text each time: keys are sorted", function()
    local a, b = run(FIXTURES .. "ranges.hwh", "--json"), run("--json", FIXTURES .. "ranges.hwh")
    assert.equal(a, b)
    assert.matches('"addr_range":65536,%s+"fullpath":"a/b_c",%s+"gpio":{%s+},%s+"interrupts":{%s+},', a)
  end)

  it("writes integers exactly, empty dictionaries as {}, empty lists as []", function()
    local text = run(FIXTURES .. "versal.hwh", "--json")
    assert.matches('"phys_addr":2203318222848,', text)
    assert.matches('"mem_dict":{%s+}', text)
    local all = run(FIXTURES .. "versal.hwh", "--json", "--all")
    assert.matches('"streams":%[%]', all)
    assert.matches('"warnings":%["spec', all)
  end)

  it("keeps apart lists and IP with the names of lists", function()
    local d = core.design_from_table { ip = { pins = { address = 0 }, ranges = {} } }:dictionaries()
    local t = json.decode(info.json(d))
    assert.equal(65536, t.ip_dict.pins.addr_range)
  end)

  it("adds regions and partial where they are", function()
    local t = json.decode((run(FIXTURES .. "region.hwh", "--json")))
    assert.equal(0x80120000, t.regions["dfx/pr_0"].ranges[1].phys_addr)
    assert.is_true(json.decode((run(FIXTURES .. "partial.hwh", "--json"))).partial)
  end)

  it("leaves what PYNQ does not have to --all", function()
    if not helper.corpus then return pending(helper.no_corpus) end
    local path = helper.corpus .. "/files/hwh/pynqz2-dma-loopback-2020.1.hwh"
    local function ioc(...)
      return json.decode((run(path, "--json", ...))).ip_dict.axi_dma.registers.MM2S_DMASR.fields.IOC_Irq
    end
    assert.same({ "access", "bit_offset", "bit_width", "description" }, keys(ioc()))
    assert.equal("oneToClear", ioc("--all").write_effect)
  end)
end)

describe("lunq info", function()
  it("shows a design as a page", function()
    local text, code = run(FIXTURES .. "cascade.hwh")
    assert.equal(0, code)
    assert.equal([[
spec/design/fixtures/cascade.hwh, Vivado 2022.1, zynq 7z020
IP and memory
  intc_main                      0x41800000   64 KiB  xilinx.com:ip:axi_intc:4.1
  io/
    intc_sub                     0x41810000   64 KiB  xilinx.com:ip:axi_intc:4.1
    uart                         0x42c00000   64 KiB  xilinx.com:ip:axi_uartlite:2.0
  soc/ps                         xilinx.com:ip:processing_system7:5.5  (processing system)
  timer                          0x42800000   64 KiB  xilinx.com:ip:axi_timer:2.0
interrupts
  intc_main          controller, on PS input 7, GIC 68
  io/intc_sub        controller, on intc_main input 9
  spare              controller, not heard by the PS
  button             PS input 8, GIC 84
  io/uart/interrupt  intc_main input 8
  timer/interrupt    io/intc_sub input 0
GPIO
  io/reset_bits  lines 2 to 3
clocks
  clk0 = PLL / 5 / 2
warnings
  spec/design/fixtures/cascade.hwh: interrupt controller spare has its irq output open: ]]
    .. "nobody receives its interrupts\n", text)
  end)

  it("cuts a long page and says so; --all shows registers too", function()
    if not helper.corpus then return pending(helper.no_corpus) end
    local path = helper.corpus .. "/files/hwh/pynqz1-base-2018.3.hwh"
    local page, all = run(path), run(path, "--all")
    assert.is_true(select(2, page:gsub("\n", "")) < 60)
    assert.matches("  %.%.%. 6 more %(%-%-all shows them%)\n", page)
    assert.not_matches("more %(", all)
    assert.matches("0x0034 S2MM_DMASR  read%-write\n +%[0%] +Halted  read%-only\n", all)
  end)

  it("fits the terminal, in rows and columns", function()
    if not helper.corpus then return pending(helper.no_corpus) end
    local info_text = require "lunq.info_text"
    local design = core.design_read(helper.corpus .. "/files/hwh/pynqz1-base-2018.3.hwh")
    local d = design:dictionaries()
    for _, size in ipairs { { 80, 24 }, { 100, 40 }, { 200, 100 } } do
      local page, widest = info_text.text(design, d, false, table.unpack(size)), 0
      for line in page:gmatch "[^\n]+" do widest = math.max(widest, #line) end
      assert.is_true(widest <= size[1], widest)
      assert.is_true(select(2, page:gsub("\n", "")) < size[2])
      for _, title in ipairs { "IP and memory", "interrupts", "GPIO", "streams", "clocks" } do
        assert.truthy(page:find("\n" .. title, 1, true), title)
      end
    end
    assert.equal(info_text.text(design, d, false), info_text.text(design, d, false, 200, 100))
    assert.equal(info_text.text(design, d, true), info_text.text(design, d, true, 80, 24))
    local tiny = info_text.text(design, d, false, 10, 3)
    assert.equal(5, select(2, tiny:gsub("\n  %.%.%. %d", ""))) -- a line of each, and how many more there are
  end)

  it("lets no control character of a file through to the terminal", function()
    local text = '<EDKSYSTEM VIVADOVERSION="&#x9B;1m&#xA;"><MODULES/></EDKSYSTEM>'
    local design = core.design_parse("x.hwh", text)
    local page = require "lunq.info_text".text(design, design:dictionaries())
    assert.equal(page:gsub("\n", ""), page:gsub("%c", ""))
    assert.not_matches("\u{9B}", page)
  end)

  it("shows the header of a bitstream", function()
    assert.equal([[
file     spec/design/fixtures/small.bit
format   bit
design   base_wrapper
version  Version=2020.1
part     7z020clg400
date     2020/05/13
time     15:28:03
size     32
]], run(FIXTURES .. "small.bit"))
    local t = json.decode((run(FIXTURES .. "small.bit", "--json")))
    assert.same({ "7z020clg400", 32 }, { t.part, t.size })
  end)

  it("says what is wrong with the file, or with the arguments, on standard error", function()
    local function complains(...)
      local stderr, said = io.stderr, {}
      rawset(io, "stderr", { write = function(_, ...) said[#said + 1] = table.concat { ... } end })
      local ok, text, code = pcall(run, ...)
      rawset(io, "stderr", stderr)
      assert.is_true(ok, text)
      return { code, text, table.concat(said) }
    end
    assert.same({ 1, "", "lunq: no/such.hwh: No such file or directory\n" }, complains "no/such.hwh")
    assert.same({ 1, "", "lunq: no/such.bit: No such file or directory\n" }, complains "no/such.bit")
    local said = complains "--jsn"
    assert.same({ 2, "" }, { said[1], said[2] })
    assert.equal("lunq info: there is no option --jsn\nlunq info --help says what it takes.\n", said[3])
    assert.matches("^lunq info: one file at a time", complains("a", "b")[3])
  end)

  it("explains itself", function()
    local text, code = run "--help"
    assert.equal(0, code)
    assert.matches("^usage: lunq info %[FILE%]", text)
  end)
end)
