--- The design of this example: (a + b) goes from the first kernel to the second by a stream, never through
-- memory. See overlays/vadd_card/vadd_card.lua.
return {
  name = "kernel_streams", platform = "xilinx_u200_xdma_201830_2",
  memories = { { tag = "bank1", type = "DDR4", base = 0x5000000000, size = 16 << 30 } },
  kernels = {
    vadd = { args = { "const int *a", "const int *b", { "stream<int> out_c", output = true }, "int n" } },
    vmult = { args = { "stream<int> in_a", "const int *b", "int *c", "int n" } },
  },
  streams = { dc_3 = "vadd_1.out_c -> vmult_1.in_a" },
}
