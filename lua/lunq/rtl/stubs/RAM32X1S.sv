// RAM32X1S - a memory of 32 bits. Written from UG953.
module RAM32X1S #(
  parameter [31:0] INIT = 32'h0, parameter [0:0] IS_WCLK_INVERTED = 1'b0
) (
  output O, input A0, input A1, input A2, input A3, input A4,
  input D, input WCLK, input WE
);
  wire [4:0] at = {A4, A3, A2, A1, A0};
  reg [31:0] bits = INIT;
  wire clock = WCLK ^ IS_WCLK_INVERTED;
  always @(posedge clock) if (WE) bits[at] <= D;
  assign O = bits[at];
endmodule
