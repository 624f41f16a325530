// RAM128X1S - a memory of 128 bits. Written from UG953.
module RAM128X1S #(
  parameter [127:0] INIT = 128'h0, parameter [0:0] IS_WCLK_INVERTED = 1'b0
) (
  output O, input A0, input A1, input A2, input A3, input A4, input A5, input A6,
  input D, input WCLK, input WE
);
  wire [6:0] at = {A6, A5, A4, A3, A2, A1, A0};
  reg [127:0] bits = INIT;
  wire clock = WCLK ^ IS_WCLK_INVERTED;
  always @(posedge clock) if (WE) bits[at] <= D;
  assign O = bits[at];
endmodule
