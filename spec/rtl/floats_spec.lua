-- Floating-point operators of Vitis HLS and Vivado, which come without plain RTL: made from their names, or from what
-- Vivado wrote about them, and exact to the last bit. The oracle is the host's arithmetic.
local core = require "lunq.core"
local floating = require "lunq.rtl.floating"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"

local function bits32(x) return (string.unpack("<I4", string.pack("<f", x))) end
local function bits64(x) return (string.unpack("<i8", string.pack("<d", x))) end
local function single(b) return (string.unpack("<f", string.pack("<I4", b & 0xffffffff))) end
local function double(b) return (string.unpack("<d", string.pack("<i8", b))) end

--- The operator knows no subnormal number: zero of the same sign on the way in, and on the way out.
local function flushed32(b) return b & 0x7f800000 == 0 and b & 0x80000000 or b end
local function flushed64(b) return b & (0x7ff << 52) == 0 and b & (1 << 63) or b end

--- A result as the operator gives it.
local function out32(x)
  if x ~= x then return 0x7fc00000 end
  -- Rounded as if the exponent had no end, then zero.
  if math.abs(x) < 0x1p-100 then x = single(bits32(x * 0x1p64)) * 0x1p-64 end
  return flushed32(bits32(x))
end
local function out64(x) return x ~= x and 0x7ff8 << 48 or flushed64(bits64(x)) end

local function round_even(x)
  local down = math.floor(x)
  local rest = x - down
  if rest > 0.5 or (rest == 0.5 and down % 2 == 1) then return down + 1 end
  return down
end

--- Half precision: 5 bits of exponent, 11 of the fraction.
local function out16(x)
  if x ~= x then return 0x7e00 end
  local sign = bits64(x) >> 48 & 0x8000
  x = math.abs(x)
  if x == math.huge then return sign | 0x7c00 end
  local e = (bits64(x) >> 52) - 1023
  local fraction = round_even(x * 2.0 ^ (10 - e))
  if fraction == 2048 then e, fraction = e + 1, 1024 end
  if e > 15 then return sign | 0x7c00 end
  if e < -14 or x == 0 then return sign end
  return sign | e + 15 << 10 | math.tointeger(fraction) & 0x3ff
end
local function half(b)
  local e, f = b >> 10 & 31, b & 0x3ff
  local x = e == 0 and 0.0 or e < 31 and (1024 + f) * 2.0 ^ (e - 25) or f == 0 and math.huge or 0 / 0
  return b & 0x8000 ~= 0 and -x or x
end

local function to_int(x)
  if x ~= x or x < -0x1p31 then return 0x80000000 end
  if x >= 0x1p31 - 0.5 then return 0x7fffffff end
  return math.tointeger(round_even(x)) & 0xffffffff
end

local function unsigned(b) return b >= 0 and b + 0.0 or (b >> 1 | b & 1) * 2.0 end

--- What the code in bits 5 to 3 of the operation asks.
local COMPARES <const> = {
  [0] = function(a, b) return a ~= a or b ~= b end,
  function(a, b) return a < b end, function(a, b) return a == b end, function(a, b) return a <= b end,
  function(a, b) return a > b end, function(a, b) return a ~= b end, function(a, b) return a >= b end,
}
local function compared(code, a, b) return COMPARES[code](a, b) and 1 or 0 end

--- Results in the order of floats.v: of 64 bits a, b, and of their halves.
local function expected(a, b, code)
  local low, high, other = a & 0xffffffff, a >> 32, b & 0xffffffff
  local x, y, z = single(flushed32(low)), single(flushed32(other)), single(flushed32(high))
  local int = (low ~ 0x80000000) - 0x80000000
  local p, q = double(flushed64(a)), double(flushed64(b))
  local result = {
    [0] = out32(x + y), out32(x - y), out32(x * y), out32(x / y), out32(math.sqrt(x)), compared(code, x, y),
    code & 1 == 0 and out32(x + y) or out32(x - y),
    out64(p + q), out64(p * q), out64(p / q), out64(math.sqrt(p)), compared(code, p, q),
    out64(x), out32(p), bits32(int), bits64(unsigned(a)),
    bits64(int), out32(math.exp(x)), out32(math.log(x)),
    out16(half(a & 0xffff) * half(b & 0xffff)), out16(x),
    out32(1 / math.sqrt(x)), out32(1 / x), to_int(x),
  }
  -- a * b + c of single numbers, exact in a double when it is one.
  local product = x * z
  local exact = product + y
  if exact - product == y and exact - y == product or exact ~= exact or product == math.huge then
    result[24] = out32(exact)
  end
  return result
end

--- Numbers on whose edges operators differ.
local EDGES <const> = {
  0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7f800001, 0x7f7fffff,
  0xff7fffff, 0x00800000, 0x80800000, 0x007fffff, 0x80000001, 0x3f800001, 0x34000000, 0x33800000, 0x4b800000,
  0x4effffff, 0x4f000000, 0xcf000000, 0xcf000001, 0x3f000000, 0x3fc00000, 0x40200000, 0xbf000000, 0x7f000000,
}

--- Pairs of operands, the same each time: edges with edges, near ones (results that cancel), and any.
local function operands(count)
  local list, seed = {}, 12345
  local function any()
    seed = seed * 6364136223846793005 + 1442695040888963407
    return seed ~ seed >> 29
  end
  for _, a in ipairs(EDGES) do
    for _, b in ipairs(EDGES) do
      list[#list + 1] = { bits64(single(a)) & ~0xffffffff | a, bits64(single(b)) & ~0xffffffff | b }
      list[#list + 1] = { bits64(single(a)), bits64(single(b)) }
    end
  end
  for _ = 1, #EDGES * #EDGES do
    local a = any()
    list[#list + 1] = { a, any() }
    list[#list + 1] = { a, a ~ (1 << 63) ~ any() >> 40 }
    -- Numbers of a size that also integers and half precision have.
    list[#list + 1] = { bits64((any() >> 40) / 1024.0) | bits32((any() >> 40) / 512.0 - 8000.0), any() }
  end
  local step = math.max(1, #list // count)
  local some = {}
  for i = 1, #list, step do some[#some + 1] = list[i] end
  return some
end

describe("floating point", function()
  local with_verilator, with_icarus = fixture.with_verilator(it, pending), fixture.with_icarus(it, pending)

  local function model(options)
    local o = { sources = "spec/rtl/floats/floats.v", libraries = "spec/rtl" }
    for k, v in pairs(options or {}) do o[k] = v end
    return fixture.model("floats", o)
  end

  --- Every result that differs, of so many pairs.
  local function differences(path, count, cycles)
    local d <close> = core.device_open("rtl:" .. path)
    local m <close> = lunq.MMIO(0, 0x200, d)
    local list, wrong = operands(count), {}
    for i, pair in ipairs(list) do
      local code = i % 7
      m:write64(0, pair[1])
      m:write64(8, pair[2])
      m:write(0x10, code << 3 | code & 1)
      d:step(cycles)
      for k, e in pairs(expected(pair[1], pair[2], code)) do
        local got = m:read64(0x100 + 8 * k)
        if got ~= e and #wrong < 10 then
          wrong[#wrong + 1] = ("result %d of %016x %016x (%d) is %x, not %x"):format(k, pair[1], pair[2], code, got, e)
        end
      end
    end
    assert.truthy(#list >= count)
    return wrong, m:read64(0x100 + 8 * 25)
  end

  with_verilator("is that of IEEE 754 without subnormals, after as many cycles as the name says", function()
    local path, about = model()
    local wrong, steps = differences(path, 2000, 32)
    assert.same({}, wrong)
    assert.equal(0x0603, steps) -- the one of HLS five less two, the one of Vivado as C_LATENCY says
    assert.truthy(table.concat(about.notes, "\n"):find("floats_fadd_32ns_32ns_32_5_full_dsp_1_ip is floating point "
                  .. "(add) of 32 bits, 3 cycles, as its name says", 1, true))
    assert.truthy(table.concat(about.notes, "\n"):find("(flt to fix) of 32 bits, 0 cycles, as floats_to_int.xci says",
                                                       1, true))
  end)

  with_icarus("is the same on Icarus", function()
    local wrong, steps = differences(model { simulator = "icarus" }, 60, 32)
    assert.same({}, wrong)
    assert.equal(0x0603, steps)
  end)

  it("is read from names, of which there are many forms", function()
    local function summary(name)
      local g = floating.from_name(name)
      return g and floating.summary(g)
    end
    assert.same({
      "floating point (add) of 32 bits, 3 cycles", "floating point (add or subtract) of 64 bits, 3 cycles",
      "floating point (sqrt) of 64 bits, 28 cycles", "floating point (compare) of 32 bits, 0 cycles",
      "floating point (fix to flt) of 64 bits, 2 cycles", "floating point (flt to flt) of 32 bits, 0 cycles",
      "floating point (add) of 32 bits, 3 cycles", "floating point (flt to flt) of 64 bits, 1 cycles",
    }, {
      summary "spmv_fadd_32ns_32ns_32_5_full_dsp_1_x_ip", summary "SABR_dadddsub_64ns_64ns_64_5_full_dsp_1_ip",
      summary "a_b_dsqrt_64ns_64ns_64_30_no_dsp_1_ip", summary "mlp_ap_fcmp_0_no_dsp_32",
      summary "top_sitodp_64s_64_4_no_dsp_1_ip", summary "x_fpext_32ns_64_1_no_dsp_1_ip",
      summary "conv_ap_fadd_3_full_dsp_32", summary "thread_ap_fptrunc_1_no_dsp",
    })
    for _, name in ipairs { "a_facc_32ns_32ns_1ns_32_2_primitive_dsp_1_ip", "fadd", "x_mul_32s_32s_32_2_1" } do
      assert.is_nil(summary(name))
    end
  end)

  it("takes the cycles from the Tcl that HLS wrote, when it is there", function()
    local g = floating.from_name "top_fadd_32ns_32ns_32_5_full_dsp_1_ip"
    g = floating.over(g, "set_property -dict [list CONFIG.c_latency 2 \\\n CONFIG.has_aclken true] [get_ips x]")
    assert.same({ 2, 1 }, { g.C_LATENCY, g.C_HAS_ACLKEN })
  end)

  it("is read from the older form of an .xci, and from no other IP's", function()
    local element = '<spirit:configurableElementValue spirit:referenceId="MODELPARAM_VALUE.%s">%s</spirit:x>'
    local g = floating.from_xci('<spirit:componentRef spirit:library="ip" spirit:name="floating_point"/>'
                                .. element:format("C_LATENCY", 12) .. element:format("C_PART", "xc7"))
    assert.same({ C_LATENCY = 12 }, g)
    assert.is_nil(floating.from_xci '{ "component_reference": "xilinx.com:ip:fir:7.2", "C_A": [ { "value": "1" } ] }')
  end)

  with_verilator("refuses what has no such result: accumulators, flags beside the result", function()
    local path = fixture.source("flags.sv", [[
      module flags(input aclk, input [31:0] a, output [31:0] r, output [1:0] tuser);
        floating_point_v7_1_9 #(.C_HAS_ADD(1), .C_HAS_RESULT_TUSER(1), .C_RESULT_TUSER_WIDTH(2)) ip (
          .aclk(aclk), .aclken(1'b1), .aresetn(1'b1), .s_axis_a_tdata(a), .s_axis_b_tdata(a),
          .m_axis_result_tdata(r), .m_axis_result_tuser(tuser));
      endmodule]])
    local said = fixture.fails("value", lunq.rtl.build, { sources = path, cache = fixture.cache })
    assert.truthy(said:find("LUNQ's stub of floating_point has no tuser", 1, true), said)
  end)
end)
