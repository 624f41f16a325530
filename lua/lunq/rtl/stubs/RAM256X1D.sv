// RAM256X1D - a memory of 256 bits, with a second address to read. Written from UG974.
module RAM256X1D #(
  parameter [255:0] INIT = 256'h0, parameter [0:0] IS_WCLK_INVERTED = 1'b0
) (
  output SPO, output DPO, input [7:0] A, input [7:0] DPRA,
  input D, input WCLK, input WE
);
  wire [7:0] at = A;
  reg [255:0] bits = INIT;
  wire clock = WCLK ^ IS_WCLK_INVERTED;
  always @(posedge clock) if (WE) bits[at] <= D;
  wire [7:0] other = DPRA;
  assign SPO = bits[at], DPO = bits[other];
endmodule
