-- xclbin files: what is read from them (xrt.md 6, 7), from our writer's files and from real ones.
local core = require "lunq.core"
local lunq = require "lunq"
local xclbin = dofile "spec/design/support/xclbin.lua"

local function read(description, options)
  return core.design_parse("x.xclbin", lunq.xclbin.bytes(description, options))
end

describe("the design of an xclbin", function()
  local d, t
  before_each(function()
    d = read(xclbin.two())
    t = d:dictionaries()
  end)

  it("says what the file is", function()
    assert.same({ "xclbin", "two", "xilinx_u250_gen3x16_xdma_4_1", true, false },
                { d.format, d.name, d.platform, d.card, d.partial })
    assert.matches("^%x%x%x%x%x%x%x%x%-%x%x%x%x%-8%x%x%x%-[89ab]%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$", d.uuid)
    assert.same({}, t.warnings)
  end)

  it("has an entry of ip_dict for each compute unit with registers", function()
    local ip = t.ip_dict.vadd_2
    assert.same({ "vadd_2", 0x1810000, 0x10000, "xilinx.com:hls:vadd:1.0", "ap_ctrl_hs", "vadd:vadd_2", 1, 1 },
                { ip.fullpath, ip.phys_addr, ip.addr_range, ip.type, ip.hw_control_protocol, ip.cu_name,
                  ip.cu_index, ip.index })
    assert.equal((d.uuid:gsub("-", "")), ip.xclbin_uuid)
    assert.equal("ap_ctrl_chain", t.ip_dict.vmult_1.hw_control_protocol)
  end)

  it("has control and arguments as registers, their sizes in bits (X4)", function()
    local r = t.ip_dict.vadd_2.registers
    assert.equal(32, r.CTRL.size)
    local fields = {}
    for name, f in pairs(r.CTRL.fields) do fields[name] = f.bit_offset end
    assert.same({ AP_START = 0, AP_DONE = 1, AP_IDLE = 2, AP_READY = 3, AUTO_RESTART = 7 }, fields)
    assert.equal(4, t.ip_dict.vmult_1.registers.CTRL.fields.AP_CONTINUE.bit_offset)
    assert.same({ address_offset = 0x10, size = 64, access = "read-write", description = "const int* a",
                  fields = {}, type = "const int*", id = 0, host_size = 8, memory = "bank1",
                  MBG = { "bank0", "bank1" } }, r.a)
    assert.same({ 0x1c, "bank1", nil }, { r.b.address_offset, r.b.memory, r.b.MBG })
    assert.same({ 0x28, 32, 3, 4, nil }, { r.n.address_offset, r.n.size, r.n.id, r.n.host_size, r.n.memory })
    assert.is_nil(r.out_c)
  end)

  it("has memories by tag, with PYNQ's keys", function()
    assert.same({ fullpath = "HBM[0]", tag = "HBM[0]", idx = 2, raw_type = 6, type = "HBM", used = 0,
                  streaming = false, base_address = 0, size = 256 << 20 }, t.mem_dict["HBM[0]"])
    assert.same({ 1, 0x5000000000, 16 << 30, "DDR4" },
                { t.mem_dict.bank1.used, t.mem_dict.bank1.base_address, t.mem_dict.bank1.size,
                  t.mem_dict.bank1.type })
  end)

  it("has memories of every type, of those to come too (X2)", function()
    local names = { [0] = "DDR3", "DDR4", "DRAM", "Streaming", "Preallocated", "ARE", "HBM", "BRAM", "URAM",
                    "AXI Stream", "HOST", "PS Kernel", "type 12" }
    local bytes = lunq.xclbin.bytes(xclbin.two())
    local at = xclbin.section(bytes, 6).offset + 8 + 2 * 40 -- of HBM[0], which no kernel uses
    for type = 0, 12 do
      local m = core.design_parse("x", xclbin.set(bytes, at, type, 1)):dictionaries().mem_dict["HBM[0]"]
      assert.same({ type, names[type], type == 3 or type == 9 }, { m.raw_type, m.type, m.streaming })
    end
  end)

  -- The oracle: PYNQ 2.7.0 gives XrtStream(source=vadd_1.out_c, sink=vmult_1.in_a) (xrt.md 7).
  it("finds both ends of a stream through CONNECTIVITY, not by flow id (X1)", function()
    local s = t.mem_dict.dc_3
    assert.same({ true, 0, 0, "vadd_1.out_c", "vmult_1.in_a", "AXI Stream", 3, nil },
                { s.streaming, s.flow_id, s.route_id, s.source, s.sink, s.type, s.idx, s.size })
    assert.same({ out_c = { id = 2, type = "stream<int>", direction = "output", stream_id = 3 } },
                t.ip_dict.vadd_1.streams)
    assert.same({ in_a = { id = 0, type = "stream<int>", direction = "input", stream_id = 3 } },
                t.ip_dict.vmult_1.streams)
    assert.same({ { bus = "dc_3", master = "vadd_1/out_c", slave = "vmult_1/in_a" } }, t.streams)
  end)

  it("has the clocks as PYNQ names them", function()
    assert.same({ clock0 = { name = "DATA_CLK", frequency = 300, type = "DATA" },
                  clock1 = { name = "KERNEL_CLK", frequency = 500, type = "KERNEL" } }, t.clock_dict)
  end)

  it("has the clocks by type, then as they stand in the file", function()
    local d2 = xclbin.two()
    d2.clocks = { { "S", 1, "system" }, { "K", 2, "kernel" }, { "D1", 3, "data" }, { "D2", 4, "data" } }
    local bytes = lunq.xclbin.bytes(d2)
    bytes = xclbin.set(bytes, xclbin.section(bytes, 11).offset + 2 + 2, 9, 1) -- S: a type to come
    local names = {}
    for key, c in pairs(core.design_parse("x", bytes):dictionaries().clock_dict) do names[key] = c.name .. c.type end
    assert.same({ clock0 = "D1DATA", clock1 = "D2DATA", clock2 = "KKERNEL", clock3 = "S?" }, names)
  end)

  it("has no control register without a control protocol, whatever IP_LAYOUT says", function()
    local bytes = lunq.xclbin.bytes { kernels = {
      own = { control = "user_managed", args = { "int a" } }, free = { control = "ap_ctrl_none", args = { "int a" } },
    } }
    local properties = xclbin.section(bytes, 8).offset + 8 + 4
    for _, row in ipairs { 0, 1 } do bytes = xclbin.set(bytes, properties + 80 * row, 0) end
    for _, ip in pairs(core.design_parse("x", bytes):dictionaries().ip_dict) do
      assert.same({ "a" }, { (next(ip.registers)) })
      assert.is_nil(next(ip.registers, "a"))
    end
  end)

  it("is the same whether it comes from a table or from the file made of it", function()
    local direct = core.design_from_table(xclbin.two())
    local from_table = direct:dictionaries()
    t.sections, from_table.sections = nil, nil -- of a file only
    assert.same(from_table, t)
    assert.equal(direct.uuid, d.uuid)
  end)

  it("takes the group sections as XRT does, and counts their rows once", function()
    local grouped = read(xclbin.two(), { groups = true }):dictionaries()
    assert.same({ "bank0", "bank1" }, grouped.ip_dict.vadd_2.registers.a.MBG)
  end)
end)

describe("the corpus's xclbins", function()
  local corpus = os.getenv "LUNQ_CORPUS"
  local function real(name)
    if not corpus then pending "LUNQ_CORPUS is not set" end
    return core.design_read(corpus .. "/files/xclbin/" .. name)
  end

  it("read: a DPU with doubled group connections", function()
    local d = real "kv260-nlp-smartvision.xclbin"
    local ip = d:dictionaries().ip_dict.DPUCZDX8G_1
    assert.equal("f08c2d23-e454-67e9-948b-3a1847bb1f13", d.uuid)
    assert.same({ 0xa0000000, 0x4000, "s_axilite", 0, "HPC1", nil },
                { ip.phys_addr, ip.addr_range, ip.hw_control_protocol, ip.cu_index,
                  ip.registers.dpu_base7_addr.memory, ip.registers.dpu_base7_addr.MBG })
  end)

  it("read: one memory and no kernel", function()
    local d = real "pynq-default.xclbin"
    local t = d:dictionaries()
    assert.equal("5fc9fd7e-642c-4b41-a762-5ee6f5f7ac29", d.uuid)
    assert.same({ {}, 512 << 30, "DDR4" }, { t.ip_dict, t.mem_dict.PSDDR.size, t.mem_dict.PSDDR.type })
  end)

  it("read: one without kernels and memories", function()
    local d = real "xrt-valid.xclbin"
    assert.equal("xilinx.com_xd_xilinx_vck190_base_202410_1_202410_1", d.platform)
    assert.same({}, d:dictionaries().ip_dict)
  end)
end)

-- The test data of AMD's xclbinutil: its XML as it is, its tables from JSON (enum names, numbers as text).
describe("the corpus's sections as XML and JSON", function()
  local corpus = os.getenv "LUNQ_CORPUS"
  local function text(name)
    if not corpus then pending "LUNQ_CORPUS is not set" end
    local f <close> = assert(io.open(corpus .. "/files/xrt-json/xrt-FixedKernel-" .. name, "rb"))
    return f:read "a"
  end
  local TYPES <const> = { MEM_DDR4 = 1, MEM_DRAM = 2, IP_KERNEL = 1, AP_CTRL_HS = 0, AP_CTRL_CHAIN = 1 }
  local function number(s) return TYPES[s] or math.tointeger(tonumber(s)) end

  --- Rows of a table, each packed by `pack`.
  local function rows(file, name, list, first, pack)
    local t = require "dkjson".decode(text(file))[name]
    local out = { ("<I4"):pack(number(t.m_count)) .. ("\0"):rep(first - 4) }
    for i, row in ipairs(t[list]) do
      for k, v in pairs(row) do row[k] = number(v) or v end
      out[i + 1] = pack(row)
    end
    return table.concat(out)
  end

  it("read: a kernel of an NPU, with sub-modules in its XML", function()
    local d = core.design_parse("x.xclbin", xclbin.container {
      { 2, text "embedded_metadata.xml" },
      { 8, rows("ip_layout.json", "ip_layout", "m_ip_data", 8, function(r)
        return ("<I4 I4 I8 c64"):pack(r.m_type, r.m_int_enable | r.m_ip_control << 8, r.m_base_address, r.m_name)
      end) },
      { 6, rows("mem_topology.json", "mem_topology", "m_mem_data", 8, function(r)
        return ("<I1 I1 I2 I4 I8 I8 c16"):pack(r.m_type, r.m_used, 0, 0, r.m_sizeKB, r.m_base_address, r.m_tag)
      end) },
      { 7, rows("connectivity.json", "connectivity", "m_connection", 4, function(r)
        return ("<I4 I4 I4"):pack(r.arg_index, r.m_ip_layout_index, r.mem_data_index)
      end) },
    })
    local t = d:dictionaries()
    local ip, r = t.ip_dict.vadd_1, t.ip_dict.vadd_1.registers
    assert.same({}, t.warnings)
    assert.same({ 0x80000, 0x1000, "xilinx.com:hls:vadd:1.0", "ap_ctrl_chain", "vadd:vadd_1" },
                { ip.phys_addr, ip.addr_range, ip.type, ip.hw_control_protocol, ip.cu_name })
    assert.same({ 0x10, 0x1c, 0x28, 0x34 }, { r.in1.address_offset, r.in2.address_offset, r.out_r.address_offset,
                                              r.size.address_offset })
    assert.same({ "HOST", "void*", 64, nil, 32 }, { r.in1.memory, r.in1.type, r.in1.size, r.size.memory, r.size.size })
    assert.same({ 64 << 20, 0x4000000, 0 }, { t.mem_dict.HOST.size, t.mem_dict.HOST.base_address,
                                              t.mem_dict.SRAM.used })
    assert.equal("xc7vx485t:ffg1157:-1", d.part)
  end)
end)

describe("lunq info of an xclbin", function()
  local process = dofile "spec/program/process.lua"
  local path
  before_each(function() path = os.tmpname() end)
  after_each(function() os.remove(path) end)

  local function info(description, options, ...)
    lunq.xclbin.write(path, description, options)
    local code, out = process.lunq("info", path, ...)
    assert.equal(0, code)
    return (out:gsub(path:gsub("%p", "%%%0"), "FILE"):gsub("uuid [%x-]+", "uuid U"))
  end

  it("shows prototypes, units, banks, streams and clocks", function()
    assert.equal([[
FILE, xilinx_u250_gen3x16_xdma_4_1
uuid U
kernels
  void vadd(const int *a, const int *b, stream<int> out_c, int n)
    vadd_1  0x01800000  64 KiB  a: bank0; b: bank1
    vadd_2  0x01810000  64 KiB  a: bank0, bank1; b: bank1; interrupt
  void vmult(stream<int> in_a, int *c, char x)
    vmult_1  0x01820000  64 KiB  ap_ctrl_chain; c: bank0
memories
  bank0  0x4000000000  16 GiB  DDR4
  bank1  0x5000000000  16 GiB  DDR4
  not used: HBM[0]
streams
  dc_3  vadd_1.out_c -> vmult_1.in_a
clocks
  DATA_CLK    300 MHz, data
  KERNEL_CLK  500 MHz, kernel
]], info(xclbin.two()))
  end)

  it("fits a screen with 32 banks and 20 arguments, and shows all on demand", function()
    local d = { memories = {}, kernels = { many = { args = {}, units = {} } } }
    for i = 0, 31 do
      d.memories[i + 1] = { tag = ("HBM[%d]"):format(i), type = "HBM", base = i << 28, size = 1 << 28 }
    end
    for i = 1, 20 do d.kernels.many.args[i] = ("const float *input_%d"):format(i) end
    for i = 1, 16 do d.kernels.many.units["many_" .. i] = {} end
    local _, lines = info(d):gsub("\n", "")
    assert(lines < 40, lines)
    assert.truthy(info(d):find("HBM[1], HBM[2], ... HBM[31] (31 in all)", 1, true))
    assert.truthy(info(d):find("input_1, input_2, input_3 and 17 more: HBM[0]", 1, true))
    local whole = info(d, nil, "--all")
    assert.truthy(whole:find("HBM[17]  0x0110000000 256 MiB  HBM, not used", 1, true))
    assert.truthy(whole:find("input_19, input_20: HBM[0]", 1, true))
    assert.matches("IP_LAYOUT +0x", whole)
  end)

  it("has the dictionaries as JSON, with kernels, platform and uuid", function()
    local t = require "dkjson".decode(info(xclbin.two(), nil, "--json"))
    assert.same({ "vadd_2", 0x1810000, { a = { "bank0", "bank1" }, b = { "bank1" } } },
                { t.kernels[1].units[2].name, t.kernels[1].units[2].phys_addr, t.kernels[1].units[2].memories })
    assert.equal("xilinx_u250_gen3x16_xdma_4_1", t.platform)
    assert.matches("^%x+%-", t.uuid)
    assert.equal("bank1", t.ip_dict.vadd_1.registers.b.memory)
  end)

  -- A device tree as the shells of Alveo have it: names after Linux's xrt metadata (pages of the kernel).
  it("shows the partition, which is a device tree", function()
    local fdt = dofile "spec/design/support/fdt.lua"
    local blob = fdt.blob { { "logic_uuid", "862c7020a250293e32036f19956669e5\0" },
      { "interfaces", { { "@4d3e", { { "interface_uuid", "4d3e8f4a\0" } } } } },
      { "addressable_endpoints", { { "ep_a", { { "reg", fdt.cells(0, 0x1000, 0, 0x1000) } } }, { "ep_b", {} } } } }
    local options = { sections = { { kind = 20, data = blob } } }
    local text = info(xclbin.two(), options)
    assert.truthy(text:find([[
partition
  logic      862c7020a250293e32036f19956669e5
  interface  4d3e8f4a
  endpoints  2 (--all shows them)
]], 1, true), text)
    assert.truthy(info(xclbin.two(), options, "--all"):find("ep_a {", 1, true))
  end)

  it("refuses a partition that is no device tree", function()
    local bytes = lunq.xclbin.bytes(xclbin.two(), { sections = { { kind = 20, data = "no tree" } } })
    local e = xclbin.failure(bytes)
    assert.equal("value", e[1])
    assert.matches("^x.xclbin: section PARTITION_METADATA, offset 0x%x+: ", e[2])
  end)
end)
