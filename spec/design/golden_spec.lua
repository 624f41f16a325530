--- All 15 designs of the corpus against what PYNQ derives from them, field by field.
-- Every difference must be on the list of hwh.md section 7.2, and everything on the list must
-- occur: each entry turns golden into what is right, and notices when there was nothing to turn.
local helper = require "spec.helper"
local core = require "lunq.core"
local golden = dofile "spec/design/support/golden.lua"

--- Sets t[a][b]... and fails unless the value was different before.
local function correct(t, path, value)
  for i = 1, #path - 1 do t = t[path[i]] end
  local key = path[#path]
  assert.are_not.same(value, t[key], "the deviation " .. table.concat(path, ".") .. " does not occur")
  t[key] = value
end

local function region(first) return { first, first + 0x8000 } end
local function hierarchy(members)
  local h = { ip = {}, memories = {}, hierarchies = {}, interrupts = {}, gpio = {} }
  for k, v in pairs(members) do h[k] = v end
  return h
end

--- Golden keys Versal's ranges by the master, so the same memory stands there up to eight times.
local function versal_memory(g)
  local function entry(from, key, mem_id, base, size)
    local e = {}
    for k, v in pairs(g.mem[from]) do e[k] = v end
    e.fullpath, e.mem_id, e.phys_addr, e.addr_range = key, mem_id, base, size
    return e
  end
  local mem = { ai_engine_0 = entry("ai_engine_0/PMC_NOC_AXI_0", "ai_engine_0", "S00_AXI", 0x20000000000,
                                    0x100000000) }
  for i = 0, 3 do
    local port = ("S%02d_INI"):format(i)
    local low = ("noc_ddr4/%s/C%d_DDR_LOW0"):format(port, i)
    local high = ("noc_ddr4/%s/C%d_DDR_LOW1"):format(port, i)
    mem[low] = entry("noc_ddr4/PMC_NOC_AXI_0", low, port, 0, 0x80000000)
    mem[high] = entry("noc_ddr4/PMC_NOC_AXI_0", high, port, 0x800000000, 0x180000000)
    local lp = "noc_lpddr4/" .. port
    mem[lp] = entry("noc_lpddr4/PMC_NOC_AXI_0", lp, port, 0x50000000000, 0x200000000)
  end
  return mem
end

local function versal_hierarchies(g)
  correct(g, { "hierarchies", "ai_engine_0" }, nil) -- one range: the module's own name is enough
  correct(g, { "hierarchies", "noc_ddr4" },
          hierarchy { hierarchies = { "S00_INI", "S01_INI", "S02_INI", "S03_INI" } })
  correct(g, { "hierarchies", "noc_lpddr4" },
          hierarchy { memories = { "S00_INI", "S01_INI", "S02_INI", "S03_INI" } })
  for i = 0, 3 do
    correct(g, { "hierarchies", ("noc_ddr4/S%02d_INI"):format(i) },
            hierarchy { memories = { ("C%d_DDR_LOW0"):format(i), ("C%d_DDR_LOW1"):format(i) } })
  end
end

local deviations = {
  ["kv260-dpu-2023.1"] = function(g)
    local concat = "axi_intc_0_intr_1_interrupt_concat/In"
    for i = 0, 31 do
      if i ~= 1 then correct(g, { "interrupt_pins", concat .. i }, nil) end
    end
    correct(g, { "interrupt_pins", "irq_const_tieoff/dout" }, nil)
    assert.same({ "axi_intc_0", 1, "none" }, g.interrupt_pins["DPUCZDX8G_1/interrupt"])
  end,
  ["kv260-cvdfx-3pr-2022.1"] = function(g)
    correct(g, { "hierarchies", "composable", "hierarchies" }, { "pr_0", "pr_1", "pr_2" })
    for i = 0, 2 do
      local path = "composable/pr_" .. i
      correct(g, { "regions", path }, region(0x80120000 + 0x10000 * i))
      correct(g, { "hierarchies", path }, hierarchy {})
    end
  end,
  ["pynqz2-psgpio-2020.1"] = function(g)
    correct(g, { "gpio", "xlslice_7", "lines" }, 4)
    correct(g, { "gpio", "xlslice_8", "lines" }, 4)
  end,
  ["vck190-xrt-2023.2"] = function(g)
    correct(g, { "partial" }, false)
    correct(g, { "ps_name" }, "CIPS_0")
    correct(g, { "ip", "CIPS_0" }, { type = "xilinx.com:ip:versal_cips:3.3", n_parameters = 20,
                                     registers = {}, interrupts = {}, gpio = {} })
    for _, name in ipairs { "axi_intc_parent", "axi_intc_cascaded_1" } do
      correct(g, { "ip", name, "mem_id" }, "s_axi")
    end
    for i = 0, 3 do correct(g, { "ip", "dummy_slave_" .. i, "mem_id" }, "S_AXI") end
    correct(g, { "interrupt_controllers", "axi_intc_parent" }, { parent = "", index = 0 })
    correct(g, { "interrupt_controllers", "axi_intc_cascaded_1" }, { parent = "axi_intc_parent", index = 31 })
    correct(g, { "mem" }, versal_memory(g))
    versal_hierarchies(g)
  end,
}

local names = {
  "kv260-correlator-intc-2022.1", "kv260-cvdfx-3pr-2022.1", "kv260-cvdfx-rp0-dilate-erode-2022.1",
  "kv260-cvdfx-rp1-cornerharris-2022.1", "kv260-dpu-2023.1", "pynqz1-adder-axilite-2020.1",
  "pynqz1-base-2018.3", "pynqz1-resizer-2019.1", "pynqz2-cnn-2024.1", "pynqz2-dma-loopback-2020.1",
  "pynqz2-hls-maxi-intc-2020.1", "pynqz2-psgpio-2020.1", "ultra96-sensors96b-2017.4",
  "vck190-xrt-2023.2", "zcu216-radio-2020.2",
}

local function path_of(name) return ("%s/files/hwh/%s.hwh"):format(helper.corpus, name) end

local function sha256(path)
  local p = assert(io.popen(("sha256sum '%s'"):format(path)))
  local sum = p:read "a":match "^%x+"
  p:close()
  return sum
end

describe("the corpus against golden", function()
  for _, name in ipairs(names) do
    it(name .. " agrees, but for the named deviations", function()
      if not helper.corpus then return pending(helper.no_corpus) end
      local theirs = golden.read(("%s/golden/%s.json"):format(helper.corpus, name))
      assert.equal(theirs._meta.sha256, sha256(path_of(name)))
      local design = core.design_read(path_of(name))
      assert.equal(theirs._meta.arch, design.arch)
      assert.equal(theirs._meta.vivado, design.tool)
      assert.equal(theirs._meta.device, design.part)
      assert.equal(theirs._meta.board, design.board)
      theirs._meta = nil
      if deviations[name] then deviations[name](theirs) end
      assert.same({}, golden.differences(golden.from(design:dictionaries()), theirs))
    end)
  end
end)

-- A small design in Vivado's manner with dictionaries worked out by hand, so that the comparison
-- means something where the corpus is not.
describe("our own design against its golden", function()
  it("agrees in every field", function()
    local theirs = golden.read "spec/design/fixtures/board.json"
    local d = core.design_read "spec/design/fixtures/board.hwh":dictionaries()
    assert.same({}, golden.differences(golden.from(d), theirs))
    assert.same({}, d.warnings)
  end)

  it("differs where something is changed: the comparison sees it", function()
    local f <close> = assert(io.open "spec/design/fixtures/board.hwh")
    local text = f:read "a"
    local theirs = golden.read "spec/design/fixtures/board.json"
    local function differences(from, to)
      local changed, n = text:gsub(from, to, 1)
      assert.equal(1, n)
      return golden.differences(golden.from(core.design_parse("board.hwh", changed):dictionaries()), theirs)
    end
    assert.same({ ".ip.leds.phys_addr: ours 1092616193, golden 1092616192" },
                differences('BASEVALUE="0x41200000" HIGHNAME="C_HIGHADDR" HIGHVALUE="0x4120FFFF"',
                            'BASEVALUE="0x41200001" HIGHVALUE="0x41210000"'))
    assert.same({ ".ip.dma/engine.registers.MM2S_DMASR.4.IOC_Irq.1: ours 13, golden 12" },
                differences('"BIT_OFFSET" VALUE="12"', '"BIT_OFFSET" VALUE="13"'))
    assert.equal(6, #differences('LEFT="1" NAME="In0"', 'LEFT="0" NAME="In0"'))
  end)

  it("keeps the texts: newline, raw >, typography", function()
    local d = core.design_read "spec/design/fixtures/board.hwh":dictionaries()
    assert.equal("Run / Stop.\n0 - Stop \u{2013} <idle>",
                 d.ip_dict["dma/engine"].registers.MM2S_DMACR.fields.RS.description)
  end)
end)

describe("what golden lacks", function()
  local function read(name)
    return core.design_read(path_of(name)):dictionaries()
  end
  local function corpus_it(text, f)
    it(text, function()
      if not helper.corpus then return pending(helper.no_corpus) end
      f()
    end)
  end

  -- PYNQ's older parser gives every field the description of its register.
  corpus_it("describes each field by its own text", function()
    local dma = read "pynqz2-dma-loopback-2020.1".ip_dict.axi_dma
    local cr = dma.registers.MM2S_DMACR
    assert.equal("MM2S DMA Control Register", cr.description)
    assert.matches("^Run / Stop control", cr.fields.RS.description)
    assert.matches("^Soft reset", cr.fields.Reset.description)
    assert.matches("DMA stops when current .if any. DMA operations are complete%.", cr.fields.RS.description)
    assert.matches("\xE2\x80\x93", cr.fields.RS.description) -- a typographic dash, as UTF-8
    assert.equal("oneToClear", dma.registers.MM2S_DMASR.fields.IOC_Irq.write_effect)
  end)

  corpus_it("marks registers that this configuration does not have", function()
    local base = read "pynqz1-base-2018.3"
    local sg = base.ip_dict["trace_analyzer_pmoda/axi_dma_0"].registers
    local simple = read "pynqz2-dma-loopback-2020.1".ip_dict.axi_dma.registers
    assert.is_nil(simple.MM2S_SA.enabled)
    assert.is_false(simple.MM2S_CURDESC.enabled)
    assert.is_nil(sg.S2MM_DMACR.enabled)
  end)

  corpus_it("lists the streams with both ends", function()
    local d = read "pynqz2-dma-loopback-2020.1"
    local links = {}
    for i, s in ipairs(d.streams) do links[i] = s.master .. " -> " .. s.slave end
    table.sort(links)
    assert.same({ "axi_dma/M_AXIS_MM2S -> axis_data_fifo_0/S_AXIS",
                  "axis_data_fifo_0/M_AXIS -> axi_dma/S_AXIS_S2MM" }, links)
    assert.equal(12, #read "pynqz1-base-2018.3".streams)
    assert.equal(69, #read "kv260-cvdfx-3pr-2022.1".streams)
    assert.equal(10, #read "zcu216-radio-2020.2".streams)
  end)

  corpus_it("knows what a DMA reaches and through which port of the PS", function()
    local views = read "pynqz2-dma-loopback-2020.1".masters.axi_dma
    table.sort(views, function(a, b) return a.interface < b.interface end)
    assert.same({
      { interface = "M_AXI_MM2S", target = "processing_system7_0", slave = "S_AXI_HP2", base = 0,
        size = 0x20000000, memtype = "MEMORY" },
      { interface = "M_AXI_S2MM", target = "processing_system7_0", slave = "S_AXI_HP0", base = 0,
        size = 0x20000000, memtype = "MEMORY" } }, views)
  end)

  corpus_it("names the sources of the clocks and the reference", function()
    local design = core.design_read(path_of "pynqz1-base-2018.3")
    assert.equal("50", design.ref_clock_mhz)
    assert.equal("IO PLL", design:dictionaries().clock_dict[0].source)
    assert.equal("IOPLL", read "kv260-dpu-2023.1".clock_dict[0].source)
  end)

  corpus_it("lists the variants of a region", function()
    local r = read "kv260-cvdfx-3pr-2022.1".regions["composable/pr_1"]
    assert.same({ "composable_pr_1_dilate_erode", "composable_pr_1_cornerharris_fifo" }, r.variants)
    assert.equal("composable_pr_1_dilate_erode", r.active)
    assert.equal("s_axi_control", r.ranges[1].mem_id)
    assert.equal(0x8000, r.ranges[2].addr_range)
  end)

  corpus_it("reports controllers that interrupt a MicroBlaze only", function()
    local d = read "pynqz1-base-2018.3"
    table.sort(d.dangling_controllers)
    assert.same({ "iop_arduino/intc", "iop_pmoda/intc", "iop_pmodb/intc" }, d.dangling_controllers)
    assert.same({}, d.warnings)
  end)

  corpus_it("says that Versal's interrupt numbers are unknown", function()
    local d = read "vck190-xrt-2023.2"
    assert.equal(1, #d.warnings)
    assert.matches("interrupt numbers of a Versal PS are not known", d.warnings[1])
  end)
end)

describe("a file cut off anywhere", function()
  for _, name in ipairs(names) do
    it("gives a clean error: " .. name, function()
      if not helper.corpus then return pending(helper.no_corpus) end
      local f <close> = assert(io.open(path_of(name), "rb"))
      local text = f:read "a"
      local last = text:find "</EDKSYSTEM>" -- behind it only the end of the line is missing
      for i = 0, 99 do
        local ok, e = pcall(core.design_parse, name, text:sub(1, last * i // 100))
        assert.is_false(ok, i)
        assert.equal("value", e.kind)
        assert.equal(name, e.message:match "^(.-):%d+: .", e.message)
      end
    end)
  end
end)
