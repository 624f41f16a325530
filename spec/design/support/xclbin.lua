--- Spec support: descriptions of cards, and xclbin files damaged in one place.
local lunq = require "lunq"

local xclbin = {}

--- Two kernels with a stream between them, three memories, two clocks.
function xclbin.two()
  return {
    name = "two", platform = "xilinx_u250_gen3x16_xdma_4_1",
    memories = {
      { tag = "bank0", base = 0x4000000000, size = 16 << 30 },
      { tag = "bank1", base = 0x5000000000, size = 16 << 30 },
      { tag = "HBM[0]", type = "HBM", size = 256 << 20 },
    },
    kernels = {
      vadd = {
        args = { "const int *a", { "const int *b", memory = "bank1" },
                 { "stream<int> out_c", output = true }, "int n" },
        units = { vadd_1 = 0x1800000,
                  vadd_2 = { interrupt = true, memories = { a = { "bank1", "bank0" } } } },
      },
      vmult = { args = { "stream<int> in_a", "int *c", "char x" }, control = "ap_ctrl_chain" },
    },
    streams = { dc_3 = "vadd_1.out_c -> vmult_1.in_a" },
    clocks = { { "DATA_CLK", 300 }, { "KERNEL_CLK", 500, "kernel" } },
  }
end

--- Little-endian number at a byte offset (from 0).
function xclbin.get(bytes, at, width) return (("<I%d"):format(width or 4)):unpack(bytes, at + 1) end

--- The bytes with a little-endian number, or a string, put at an offset.
function xclbin.set(bytes, at, value, width)
  if type(value) == "number" then value = ("<%s%d"):format(value < 0 and "i" or "I", width or 4):pack(value) end
  return bytes:sub(1, at) .. value .. bytes:sub(at + #value + 1)
end

--- A container of sections: { { kind, bytes }, ... }, as xclbinutil lays it out.
function xclbin.container(sections)
  local header, body = {}, {}
  local at = 456 + 40 * #sections
  for i, s in ipairs(sections) do
    local padding = ("\0"):rep(-at % 8)
    body[i] = padding .. s[2]
    header[i] = ("<I4 c16 I4 I8 I8"):pack(s[1], "", 0, at + #padding, #s[2])
    at = at + #body[i]
  end
  return ("xclbin2\0" .. ("\xff"):rep(288) .. ("<I8 I8"):pack(0, at) .. ("\0"):rep(136) .. ("<I8"):pack(#sections)
          .. table.concat(header) .. table.concat(body))
end

--- Where things are: { at = offset of its header, offset =, size = } of the first section of a kind.
function xclbin.section(bytes, kind)
  for i = 0, xclbin.get(bytes, 448) - 1 do
    local at = 456 + 40 * i
    if xclbin.get(bytes, at) == kind then
      return { at = at, offset = xclbin.get(bytes, at + 24, 8), size = xclbin.get(bytes, at + 32, 8) }
    end
  end
end

--- kind and text of the error of reading these bytes; fails when there is none.
function xclbin.failure(bytes)
  local ok, e = pcall(lunq.core.design_parse, "x.xclbin", bytes)
  assert(not ok, "it was read")
  return { e.kind, tostring(e) }
end

return xclbin
