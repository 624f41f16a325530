// FDRE - a flip-flop with clock enable and reset with the clock. Written from UG953.
module FDRE #(
  parameter [0:0] INIT = 1'b0, IS_C_INVERTED = 1'b0, IS_D_INVERTED = 1'b0, IS_R_INVERTED = 1'b0
) (output reg Q, input C, input CE, input D, input R);
  wire clock = C ^ IS_C_INVERTED, on = R ^ IS_R_INVERTED;
  initial Q = INIT;
  always @(posedge clock)
    if (on) Q <= 1'b0;
    else if (CE) Q <= D ^ IS_D_INVERTED;
endmodule
