// SRLC32E - a shift register of up to 32 bits, with its end. Written from UG953.
module SRLC32E #(parameter [31:0] INIT = 32'h00000000, parameter [0:0] IS_CLK_INVERTED = 1'b0) (
  output Q, output Q31, input [4:0] A, input CE, input CLK, input D
);
  wire clock = CLK ^ IS_CLK_INVERTED;
  reg [31:0] line = INIT;
  always @(posedge clock) if (CE) line <= {line[30:0], D};
  assign Q = line[A], Q31 = line[31];
endmodule
