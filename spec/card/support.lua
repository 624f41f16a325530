--- Designs of cards for the specs, as tables.
local support = {}

local MIB <const>, GIB <const> = 1 << 20, 1 << 30

--- Memories of every kind: two DDR4 banks, an HBM channel, a PLRAM, memory of the host.
function support.memories()
  return {
    { tag = "bank0", type = "DDR4", base = 0x4000000000, size = 16 * GIB, used = true },
    { tag = "bank1", type = "DDR4", base = 0x5000000000, size = 16 * GIB, used = true },
    { tag = "HBM[0]", type = "HBM", base = 0, size = 256 * MIB, used = true },
    { tag = "PLRAM[0]", type = "DRAM", base = 0x3000000000, size = 4 * MIB, used = true },
    { tag = "HOST[0]", type = "HOST", base = 0x2000000000, size = 16 * GIB, used = true },
  }
end

--- c = a + b: two units at bank0, more when `units` says so.
---@param changes? table fields of the kernel to change
function support.vadd(changes)
  local kernel = {
    vlnv = "xilinx.com:hls:vadd:1.0",
    args = { "const int *a", "const int *b", "int *c", "unsigned int n" },
    units = { vadd_1 = 0x1800000, vadd_2 = 0x1810000 },
  }
  for k, v in pairs(changes or {}) do kernel[k] = v end
  return { name = "vector_add", kernels = { vadd = kernel } }
end

--- A design with memories of every kind; vadd's c is connected to each of them.
function support.all_memories()
  local design = support.vadd {
    args = { "const int *a", "const int *b",
             { "int *c", memory = { "bank0", "bank1", "HBM[0]", "PLRAM[0]", "HOST[0]" } }, "unsigned int n" },
  }
  design.memories = support.memories()
  return design
end

return support
