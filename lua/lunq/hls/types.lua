--- C types of the arguments of HLS cores: what a value looks like as bytes, little-endian.
--
--   local int = types.parse "int"                    -- nil for what is no such type
--   types.encode(int, -2, complain)                  --> "\xfe\xff\xff\xff"
--   types.decode(int, "\xfe\xff\xff\xff")            --> -2
--
-- Known: the integer types of C, OpenCL and <stdint.h> (long has 32 bits, as in the signatures PYNQ reads and
-- on 32-bit processors), size_t, bool, float, double, ap_int<W>, ap_uint<W>, ap_fixed<W, I>, ap_ufixed<W, I>.
-- Fixed-point numbers are rounded to the nearest. More than 64 bits: a string of bytes or a list of
-- 32-bit words, the lowest first; read back as such a list.
local types = {}

---@class HLSType
---@field name string as in C
---@field bits integer
---@field kind string "unsigned", "signed", "float", "fixed", "bool", "void" or "raw"
---@field fraction integer|nil binary places of a fixed-point number
---@field signed boolean|nil of a fixed-point number

local INTEGERS <const> = {
  char = { 8, "signed" }, short = { 16, "signed" }, int = { 32, "signed" }, long = { 32, "signed" },
  ["long long"] = { 64, "signed" },
}

--- Words of an integer type in any order C allows: "long unsigned int" -> "long", "unsigned".
local function integer(text)
  local sign, words = nil, {}
  for word in text:gmatch "%S+" do
    if word == "unsigned" or word == "signed" then sign = word else words[#words + 1] = word end
  end
  local base = table.concat(words, " "):gsub("^(%l+ ?%l*) int$", "%1")
  local known = INTEGERS[base == "" and sign and "int" or base]
  if not known then return nil end
  return { name = text, bits = known[1], kind = sign or known[2] }
end

local NAMED <const> = {
  float = { 32, "float" }, double = { 64, "float" }, bool = { 1, "bool" }, _Bool = { 1, "bool" },
  size_t = { 64, "unsigned" }, void = { 0, "void" },
  uchar = { 8, "unsigned" }, ushort = { 16, "unsigned" }, uint = { 32, "unsigned" }, ulong = { 64, "unsigned" },
}

local function named(text)
  local known = NAMED[text]
  if known then return { name = text, bits = known[1], kind = known[2] } end
  local sign, bits = text:match "^(u?)int(%d+)_t$"
  if bits == "8" or bits == "16" or bits == "32" or bits == "64" then
    return { name = text, bits = tonumber(bits), kind = sign == "u" and "unsigned" or "signed" }
  end
end

--- Arbitrary precision: ap_int<12>, ap_ufixed<16, 8>.
local function ap_type(text)
  local sign, bits = text:match "^ap_(u?)int *< *(%d+) *>$"
  if bits then
    bits = tonumber(bits)
    return bits > 0 and bits <= 4096
           and { name = text, bits = bits, kind = bits > 64 and "raw" or sign == "u" and "unsigned" or "signed" } or nil
  end
  local width, whole
  sign, width, whole = text:match "^ap_(u?)fixed *< *(%d+) *, *(-?%d+)[^>]*>$"
  width = tonumber(width)
  if width and width > 0 and width <= 53 then
    return { name = text, bits = width, kind = "fixed", fraction = width - tonumber(whole), signed = sign == "" }
  end
end

--- Finds a type by its C name.
---@param text string without qualifiers, pointers or arrays
---@return HLSType|nil
function types.parse(text)
  text = text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""):gsub("^std::", "")
  return named(text) or ap_type(text) or integer(text)
end

--- The type of a register about which nothing but the width is known: numbers are unsigned, and negative
--- ones wrap.
---@param bits integer
---@return HLSType
function types.of_width(bits)
  local names = { [8] = "unsigned char", [16] = "unsigned short", [32] = "unsigned int", [64] = "unsigned long long" }
  return { name = names[bits] or ("ap_uint<%d>"):format(bits), bits = bits, kind = bits > 64 and "raw" or "unsigned",
           wraps = true }
end

--- Bytes of a value in registers.
function types.size(ctype) return (ctype.bits + 7) // 8 end

--- Bytes from one element of an array to the next: in a memory of an HLS core elements lie on powers of
--- two (registers.md section 15).
function types.stride(ctype)
  local n, size = 1, types.size(ctype)
  while n < size do n = n * 2 end
  return n
end

-- ---- to bytes -----------------------------------------------------------------------------------

local function limits(ctype)
  if ctype.kind == "signed" or ctype.signed then return -(1 << (ctype.bits - 1)), (1 << (ctype.bits - 1)) - 1 end
  return ctype.wraps and -(1 << (ctype.bits - 1)) or 0, (1 << ctype.bits) - 1
end

local function whole_bytes(n, ctype) return ("<I8"):pack(n):sub(1, types.size(ctype)) end

local function check_range(ctype, n, value, complain)
  if ctype.bits >= 64 then return end
  local low, high = limits(ctype)
  if n >= low and n <= high then return end
  if ctype.wraps then complain("value", ("%s does not fit its %d bits"):format(value, ctype.bits)) end
  local scale = 2.0 ^ (ctype.fraction or 0)
  local text = ctype.fraction and "%s to %s" or "%d to %d"
  complain("value", ("%s is no %s: %s"):format(value, ctype.name, text:format(ctype.fraction and low / scale or low,
           ctype.fraction and high / scale or high)))
end

local function encode_integer(ctype, value, complain)
  local n = ctype.kind == "bool" and math.type(value) == nil and (value == true and 1 or value == false and 0) or value
  local i = type(n) == "number" and math.tointeger(n)
  if not i then
    complain("type", ("should be a whole number, not %s"):format(type(value) == "number" and value or type(value)))
  end
  check_range(ctype, i, value, complain)
  return whole_bytes(ctype.bits < 64 and i & ((1 << ctype.bits) - 1) or i, ctype)
end

local function encode_number(ctype, value, complain)
  if type(value) ~= "number" then complain("type", "should be a number, not " .. type(value)) end
  if ctype.kind == "float" then return (ctype.bits == 32 and "<f" or "<d"):pack(value) end
  local scaled = value * 2.0 ^ ctype.fraction
  local small = math.abs(scaled) < 2.0 ^ 60 -- false for infinity and what is no number, too
  local n = small and math.floor(scaled + 0.5) or math.mininteger
  check_range(ctype, n, value, complain)
  return whole_bytes(n & ((1 << ctype.bits) - 1), ctype)
end

local function encode_raw(ctype, value, complain)
  local size = types.size(ctype)
  if math.type(value) == "integer" then
    value = ("<i8"):pack(value) .. (value < 0 and "\xff" or "\0"):rep(size - 8)
  elseif type(value) == "table" then
    local words = {}
    for i, word in ipairs(value) do
      words[i] = encode_integer(types.of_width(32), word, function(kind, text)
        complain(kind, ("word %d %s"):format(i, text))
      end)
    end
    value = table.concat(words)
  elseif type(value) ~= "string" then
    complain("type", ("should be a string of bytes or a list of 32-bit words, not %s"):format(type(value)))
  end
  if #value > (size + 3) // 4 * 4 then complain("value", ("has %d bytes, it takes %d"):format(#value, size)) end
  return value .. ("\0"):rep(size - #value)
end

--- A value as the bytes the core sees.
---@param ctype HLSType
---@param value any
---@param complain fun(kind: string, text: string) raises; text goes on from "argument NAME"
---@return string bytes types.size(ctype) of them; more than 64 bits: perhaps up to a whole word
function types.encode(ctype, value, complain)
  if ctype.kind == "raw" then return encode_raw(ctype, value, complain) end
  if ctype.kind == "float" or ctype.kind == "fixed" then return encode_number(ctype, value, complain) end
  return encode_integer(ctype, value, complain)
end

--- The common case, without going by bytes: an integer of up to 32 bits that fits.
---@return integer|nil word what the register gets; nil: encode says what it is, or what is wrong
function types.word(ctype, value)
  if ctype.bits > 32 or math.type(value) ~= "integer" then return nil end
  if ctype.kind == "unsigned" then return value >= 0 and value < 1 << ctype.bits and value or nil end
  if ctype.kind ~= "signed" then return nil end
  local half = 1 << (ctype.bits - 1)
  return value >= -half and value < half and value & (2 * half - 1) or nil
end

-- ---- from bytes ---------------------------------------------------------------------------------

local function decode_raw(ctype, bytes)
  local words = {}
  for at = 1, types.size(ctype), 4 do words[#words + 1] = ("<I4"):unpack(bytes:sub(at, at + 3) .. "\0\0\0") end
  return words
end

--- A value from its bytes; more than it needs may be there.
---@param ctype HLSType
---@param bytes string
---@return any
function types.decode(ctype, bytes)
  if ctype.kind == "raw" then return decode_raw(ctype, bytes) end
  if ctype.kind == "float" then return ((ctype.bits == 32 and "<f" or "<d"):unpack(bytes)) end
  local n = ("<i8"):unpack(bytes:sub(1, types.size(ctype)) .. ("\0"):rep(7))
  if ctype.bits < 64 then n = n & ((1 << ctype.bits) - 1) end
  if ctype.kind == "bool" then return n ~= 0 end
  if (ctype.kind == "signed" or ctype.signed) and ctype.bits < 64 and n >> (ctype.bits - 1) == 1 then
    n = n - (1 << ctype.bits)
  end
  return ctype.fraction and n / 2.0 ^ ctype.fraction or n
end

--- A value from the register it fits in.
---@param word integer
---@return any
function types.of_word(ctype, word)
  if ctype.kind == "unsigned" then return word & ((1 << ctype.bits) - 1) end
  if ctype.kind ~= "signed" then return types.decode(ctype, ("<I4"):pack(word)) end
  local half = 1 << (ctype.bits - 1)
  return (word & (2 * half - 1) ~ half) - half
end

return types
