// FDSE - a flip-flop with clock enable and set with the clock. Written from UG953.
module FDSE #(
  parameter [0:0] INIT = 1'b1, IS_C_INVERTED = 1'b0, IS_D_INVERTED = 1'b0, IS_S_INVERTED = 1'b0
) (output reg Q, input C, input CE, input D, input S);
  wire clock = C ^ IS_C_INVERTED, on = S ^ IS_S_INVERTED;
  initial Q = INIT;
  always @(posedge clock)
    if (on) Q <= 1'b1;
    else if (CE) Q <= D ^ IS_D_INVERTED;
endmodule
