// RAM128X1D - a memory of 128 bits, with a second address to read. Written from UG953.
module RAM128X1D #(
  parameter [127:0] INIT = 128'h0, parameter [0:0] IS_WCLK_INVERTED = 1'b0
) (
  output SPO, output DPO, input [6:0] A, input [6:0] DPRA,
  input D, input WCLK, input WE
);
  wire [6:0] at = A;
  reg [127:0] bits = INIT;
  wire clock = WCLK ^ IS_WCLK_INVERTED;
  always @(posedge clock) if (WE) bits[at] <= D;
  wire [6:0] other = DPRA;
  assign SPO = bits[at], DPO = bits[other];
endmodule
