--- The design of this example: what the .xclbin of Vitis would say of it. lunq.Overlay takes this file as it
-- is; `lunq -e 'lunq.xclbin.write("vadd.xclbin", dofile "overlays/vadd_card/vadd_card.lua")'` makes an xclbin.
return {
  name = "vadd_card", platform = "xilinx_u250_gen3x16_xdma_4_1",
  memories = {
    { tag = "bank0", type = "DDR4", base = 0x4000000000, size = 16 << 30 },
    { tag = "bank1", type = "DDR4", base = 0x5000000000, size = 16 << 30 },
  },
  kernels = {
    vadd = {
      args = { "const int *a", { "const int *b", memory = "bank1" }, { "int *c", memory = "bank1" }, "int n" },
      units = { vadd_1 = 0x1800000, vadd_2 = 0x1810000 },
    },
  },
}
