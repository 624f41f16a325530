-- C types and prototypes of HLS arguments.
describe("a C type", function()
  local lunq = require "lunq"
  local types = require "lunq.hls.types"
  local complain = lunq.errors.raise

  local function encode(name, value)
    return types.encode(assert(types.parse(name), name), value, complain)
  end
  local function fails(name, value)
    local ok, e = pcall(encode, name, value)
    assert.is_false(ok)
    return e.kind .. ": " .. e.message
  end

  it("has its width in bits, whatever order its words have", function()
    for name, bits in pairs {
      ["char"] = 8, ["unsigned char"] = 8, ["short int"] = 16, ["unsigned"] = 32, ["int"] = 32, ["long"] = 32,
      ["unsigned long long int"] = 64, ["long long unsigned"] = 64, ["uint16_t"] = 16, ["std::int64_t"] = 64,
      ["bool"] = 1, ["float"] = 32, ["double"] = 64, ["ap_uint<10>"] = 10, ["ap_int< 128 >"] = 128,
      ["ap_fixed<16, 8>"] = 16, ["size_t"] = 64,
    } do
      assert.equal(bits, (types.parse(name) or {}).bits, name)
    end
    for _, name in ipairs { "", "foo", "int24_t", "ap_int<0>", "ap_int<9999999>", "long long long",
                            "ap_fixed<64,8>" } do
      assert.is_nil(types.parse(name), name)
    end
  end)

  it("gives back what it was given", function()
    for name, values in pairs {
      int = { -5, 0, 2147483647, -2147483648 }, ["unsigned char"] = { 0, 255 }, ["char"] = { -128, 127 },
      ["long long"] = { math.mininteger, -1 }, ["ap_int<10>"] = { -512, 511 }, ["bool"] = { true, false },
      float = { 0.5, -1024 }, double = { 0.1 }, ["ap_fixed<16, 8>"] = { -128, 1.5, 127.99609375 },
      ["ap_ufixed<8, 8>"] = { 255 }, ["ap_uint<96>"] = {},
    } do
      for _, value in ipairs(values) do
        assert.equal(value, types.decode(types.parse(name), encode(name, value)), name)
      end
    end
    assert.equal("\xfe\xff", encode("short", -2))
    assert.equal("\0\0\x80\x3f", encode("float", 1))
    assert.equal("\1", encode("bool", 1))
  end)

  it("of more than 64 bits takes words, bytes or a number, and gives words", function()
    local wide = types.parse "ap_uint<96>"
    assert.equal(12, types.size(wide))
    assert.same({ 1, 2, 3 }, types.decode(wide, encode("ap_uint<96>", { 1, 2, 3 })))
    assert.same({ 0xffffffff, 0xffffffff, 0xffffffff }, types.decode(wide, encode("ap_uint<96>", -1)))
    assert.same({ 0x64636261, 0, 0 }, types.decode(wide, encode("ap_uint<96>", "abcd")))
    assert.equal("value: has 16 bytes, it takes 12", fails("ap_uint<96>", { 1, 2, 3, 4 }))
    assert.equal("value: word 2 4294967296 does not fit its 32 bits", fails("ap_uint<96>", { 1, 1 << 32 }))
    assert.equal("type: should be a string of bytes or a list of 32-bit words, not boolean", fails("ap_uint<96>", true))
  end)

  it("refuses what it can't hold, and says what it can", function()
    assert.equal("value: 128 is no char: -128 to 127", fails("char", 128))
    assert.equal("value: -1 is no unsigned int: 0 to 4294967295", fails("unsigned int", -1))
    assert.equal("type: should be a whole number, not 1.5", fails("int", 1.5))
    assert.equal("type: should be a whole number, not string", fails("int", "1"))
    assert.equal("value: 128 is no ap_fixed<16, 8>: -128.0 to 127.99609375", fails("ap_fixed<16, 8>", 128))
    assert.match("^value: inf is no ap_fixed<16, 8>", fails("ap_fixed<16, 8>", math.huge))
    assert.equal("type: should be a number, not nil", fails("float", nil))
    assert.equal("value: 2 is no bool: 0 to 1", fails("bool", 2))
  end)

  it("lies on powers of two in a core's memory (registers.md 15)", function()
    for name, stride in pairs { char = 1, ["ap_uint<10>"] = 2, short = 2, ["ap_uint<17>"] = 4, double = 8,
                                ["ap_uint<96>"] = 16, ["ap_uint<288>"] = 64 } do
      assert.equal(stride, types.stride(types.parse(name)), name)
    end
  end)
end)

describe("a C prototype", function()
  local prototype = require "lunq.hls.prototype"

  local function short(text)
    local parsed = prototype.parse(text)
    local list = { parsed.result and parsed.result.name or "void", parsed.name }
    for _, p in ipairs(parsed.parameters) do
      list[#list + 1] = (p.const and "const " or "") .. p.type.name .. (p.pointer and "*" or "") .. " " .. p.name
                        .. (p.count and ("[%d]"):format(p.count) or "")
    end
    return table.concat(list, ", ")
  end

  it("is read as people write it", function()
    assert.equal("void, f", short "void f()")
    assert.equal("void, f", short "void f(void);")
    assert.equal("int, add, int a, unsigned int b", short "int add(int a, unsigned  int b)")
    assert.equal("void, scale, const float* src, float* dst, int n",
                 short "void scale(const float *src,\n  float *dst, int n);")
    assert.equal("void, f, ap_fixed<16, 8> x, int* y, const short taps[36]",
                 short "void f(ap_fixed<16, 8> x, int &y, const short taps[4][9])")
    assert.equal("void, f, const char* p, int n[0]", short "void f(char const* const p, int n[])")
  end)

  it("may have streams, which have no registers", function()
    local text = "void fir(hls::stream<ap_axis<32,0,0,0> > &x, int shift, hls::stream<float> &y, hls::stream<pair> &z)"
    assert.equal("void, fir, int shift", short(text))
    local streams = prototype.parse(text).streams
    assert.same({ "ap_int<32>", "float", "unsigned int" }, { streams.x.name, streams.y.name, streams.z.name })
  end)

  it("that makes no sense says where", function()
    for text, why in pairs {
      ["int"] = "there is no NAME(...)", ["foo f(int a)"] = 'the type "foo" is not known',
      ["void f(struct s a)"] = 'the type of a, "struct s", is not known',
      ["void f(int a,)"] = '"" is no parameter', ["void f(void a)"] = 'the type of a, "void", is not known',
      ["void f(int a b[)"] = '"int a b[" is no parameter',
    } do
      local ok, e = pcall(prototype.parse, text)
      assert.is_false(ok, text)
      assert.equal("value", e.kind)
      assert.equal(('can\'t read the prototype "%s": %s. It looks like "int f(int a, float *data, int taps[8])".')
                   :format(text, why), e.message)
    end
    local _, long = pcall(prototype.parse, ("x"):rep(4097))
    assert.same({ "value", "a prototype has at most 4096 bytes, not 4097" }, { long.kind, long.message })
    local ok, e = pcall(prototype.parse, 7)
    assert.is_false(ok)
    assert.same({ "type", "a prototype is a string, not number" }, { e.kind, e.message })
  end)
end)
