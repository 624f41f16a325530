// RAM64X1D - a memory of 64 bits, with a second address to read. Written from UG953.
module RAM64X1D #(
  parameter [63:0] INIT = 64'h0, parameter [0:0] IS_WCLK_INVERTED = 1'b0
) (
  output SPO, output DPO, input A0, input A1, input A2, input A3, input A4, input A5,
  input DPRA0, input DPRA1, input DPRA2, input DPRA3, input DPRA4, input DPRA5,
  input D, input WCLK, input WE
);
  wire [5:0] at = {A5, A4, A3, A2, A1, A0};
  reg [63:0] bits = INIT;
  wire clock = WCLK ^ IS_WCLK_INVERTED;
  always @(posedge clock) if (WE) bits[at] <= D;
  wire [5:0] other = {DPRA5, DPRA4, DPRA3, DPRA2, DPRA1, DPRA0};
  assign SPO = bits[at], DPO = bits[other];
endmodule
