--- What reaches XRT as the arguments of a kernel: a library in its place writes the bytes down (xrt_fake.c).
local fake = dofile "spec/card/xrt_fake.lua"
local lunq = require "lunq"
local raised = dofile("spec/overlay/fixture.lua").raised
local uv = require "luv"

local DESIGN <const> = {
  name = "types", memories = { { tag = "bank0", size = 1 << 30 } },
  kernels = {
    ints = { args = { "char a", "unsigned char b", "short c", "unsigned short d", "int e", "uint f", "long g",
                      "unsigned long h", "long long i", "size_t j", "bool k", "uint8_t l" } },
    floats = { args = { "float a", "double b" } },
    wide = { args = { { "int4 a", size = 16 }, { "float2 b", size = 8 }, { "struct point c", size = 12 },
                      { "ap_uint<96> d", size = 12 }, { "ap_int<12> e", size = 4 }, { "uchar3 f", size = 4 } } },
    memory = { args = { "const float *a", "unsigned int n", "float *b", "stream<int> s" } },
    none = { args = {} },
  },
}

describe("the arguments of a kernel", function()
  local log, path, device, ol, other

  setup(function()
    log, path = os.tmpname(), os.tmpname()
    uv.os_setenv("XILINX_XRT", fake.library())
    uv.os_setenv("FAKE_XRT_LOG", log)
    lunq.xclbin.write(path, DESIGN)
    os.rename(path, path .. ".xclbin")
    path = path .. ".xclbin"
    local first <close> = lunq.Device.open "xrt:0"
    local once <close> = lunq.Overlay(path, { device = first })
    once.none_1:call()
    other = #io.lines(log, "a")() == 0 -- spec files before this one have loaded XRT's own
  end)
  teardown(function()
    fake.clean()
    for _, name in ipairs { "XILINX_XRT", "FAKE_XRT_LOG" } do uv.os_unsetenv(name) end
    os.remove(log)
    os.remove(path)
  end)
  before_each(function()
    if other then return end
    device = lunq.Device.open "xrt:0"
    ol = lunq.Overlay(path, { device = device })
    assert(io.open(log, "w")):close() -- the library has it open
  end)
  after_each(function()
    if other then return end
    ol:close()
    device:close()
  end)

  local function check(name, f)
    it(name, function()
      if other then pending "this process has another XRT: run this file alone" else f() end
    end)
  end

  --- The arguments as they were set, in order: "0 fd" for argument 0 of the byte 0xfd.
  local function sent()
    local list = {}
    for line in io.lines(log) do
      local i, hex, n = line:match "^arg (%d+) (%x+) %((%d+) bytes%)$"
      if i then list[#list + 1] = ("%s %s"):format(i, hex:sub(-2 * tonumber(n))) end
    end
    return list
  end

  check("are integers of the width the metadata say, signed ones in two's complement", function()
    ol.ints_1:call(-3, 250, -2, 65535, -1, 0xfffffffe, -4, -1, math.mininteger, 7, true, 8.0)
    assert.same({ "0 fffffffd", "1 000000fa", "2 fffffffe", "3 0000ffff", "4 ffffffff", "5 fffffffe",
                  "6 fffffffffffffffc", "7 ffffffffffffffff", "8 8000000000000000", "9 0000000000000007",
                  "10 00000001", "11 00000008" }, sent()) -- registers of 32 bits at least
  end)

  check("are refused outside the range of their type", function()
    local good = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, false, 12 }
    for i, case in pairs {
      [1] = { 128, "argument a 128 is no char: -128 to 127" },
      [2] = { 256, "argument b 256 is no unsigned char: 0 to 255" },
      [3] = { -32769, "argument c -32769 is no short: -32768 to 32767" },
      [4] = { -1, "argument d -1 is no unsigned short: 0 to 65535" },
      [6] = { -1, "argument f -1 is no uint: 0 to 4294967295" },
      [11] = { 2, "argument k 2 is no bool: 0 to 1" },
      [12] = { 1 << 40, "argument l 1099511627776 is no uint8_t: 0 to 255" },
    } do
      local list = table.move(good, 1, #good, 1, {})
      list[i] = case[1]
      assert.same({ "value", "ints_1: " .. case[2] }, raised(ol.ints_1.call, ol.ints_1, table.unpack(list, 1, 12)))
    end
  end)

  check("are floats of either width; whole numbers will do", function()
    ol.floats_1:call(1.5, -2)
    assert.same({ "0 3fc00000", "1 c000000000000000" }, sent())
    assert.same({ "type", "floats_1: argument a should be a number, not string" },
                raised(ol.floats_1.call, ol.floats_1, "1", 2))
  end)

  check("are vectors as lists, structures as bytes or words, wide numbers as XRT packs them", function()
    ol.wide_1:call({ 1, -1, 2, 3 }, { 1.0, 2.0 }, "abcdefghijkl", { 1, 2, 3 }, -5, { 1, 2, 3 })
    ol.wide_1:call(("\1"):rep(16), ("\2"):rep(8), { 1, 2, 3 }, 5, 2047, "abcd")
    assert.same(12, #sent())
    local cases = {
      [1] = { { 1, 2 }, "value", "argument a is 4 numbers (int4), not 2" },
      [2] = { 1.5, "type", "argument b is 2 numbers (float2): it takes a list or a string of bytes, not number" },
      [3] = { "abc", "value", "argument c has 12 bytes, not 3" },
      [4] = { { 1, 2, 3, 4 }, "value", "argument d has 16 bytes, it takes 12" },
      [5] = { 2048, "value", "argument e 2048 is no ap_int<12>: -2048 to 2047" },
      [6] = { { 1, 2, 300 }, "value", "argument f [3] 300 is no uchar: 0 to 255" },
    }
    for i, case in pairs(cases) do
      local list = { { 1, 2, 3, 4 }, { 1, 2 }, ("x"):rep(12), { 1, 2, 3 }, 1, { 1, 2, 3 } }
      list[i] = case[1]
      assert.same({ case[2], "wide_1: " .. case[3] }, raised(ol.wide_1.call, ol.wide_1, table.unpack(list)))
    end
  end)

  check("are the addresses of buffers and their parts; streams are none of a call's", function()
    assert.equal("void memory(const float *a, unsigned int n, float *b)", ol.memory_1.signature)
    local a <close> = lunq.allocate({ 4, 4 }, "f4", { target = ol.bank0 })
    local b <close> = lunq.allocate(8, "f4", { target = "bank0", device = device })
    ol.memory_1:call(a[3], 4, b:slice(3, 6))
    assert.same({ ("0 %016x"):format(a.device_address + 32), "1 00000004",
                  ("2 %016x"):format(b.device_address + 8) }, sent())
  end)

  check("are none of a kernel without", function()
    ol.none_1:call()
    ol.none_1:call {}
    ol.none_1:call { timeout = 1 }
    assert.same({ "type", "none_1 takes 0 arguments, not 1: void none()" }, raised(ol.none_1.call, ol.none_1, 1))
  end)
end)
