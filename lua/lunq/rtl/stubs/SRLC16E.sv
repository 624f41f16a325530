// SRLC16E - a shift register of up to 16 bits, with its end. Written from UG953.
module SRLC16E #(parameter [15:0] INIT = 16'h0000, parameter [0:0] IS_CLK_INVERTED = 1'b0) (
  output Q, output Q15, input A0, input A1, input A2, input A3, input CE, input CLK, input D
);
  wire clock = CLK ^ IS_CLK_INVERTED;
  reg [15:0] line = INIT;
  always @(posedge clock) if (CE) line <= {line[14:0], D};
  assign Q = line[{A3, A2, A1, A0}], Q15 = line[15];
endmodule
