// RAM512X1S - a memory of 512 bits. Written from UG974.
module RAM512X1S #(
  parameter [511:0] INIT = 512'h0, parameter [0:0] IS_WCLK_INVERTED = 1'b0
) (
  output O, input [8:0] A,
  input D, input WCLK, input WE
);
  wire [8:0] at = A;
  reg [511:0] bits = INIT;
  wire clock = WCLK ^ IS_WCLK_INVERTED;
  always @(posedge clock) if (WE) bits[at] <= D;
  assign O = bits[at];
endmodule
