// RAM256X1S - a memory of 256 bits. Written from UG953.
module RAM256X1S #(
  parameter [255:0] INIT = 256'h0, parameter [0:0] IS_WCLK_INVERTED = 1'b0
) (
  output O, input [7:0] A,
  input D, input WCLK, input WE
);
  wire [7:0] at = A;
  reg [255:0] bits = INIT;
  wire clock = WCLK ^ IS_WCLK_INVERTED;
  always @(posedge clock) if (WE) bits[at] <= D;
  assign O = bits[at];
endmodule
