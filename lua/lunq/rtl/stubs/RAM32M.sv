// RAM32M - four memories of 32 words of 2 bits, written together at ADDRD. Written from UG953.
module RAM32M #(
  parameter [63:0] INIT_A = 0, INIT_B = 0, INIT_C = 0, INIT_D = 0, parameter [0:0] IS_WCLK_INVERTED = 1'b0
) (
  output [1:0] DOA, output [1:0] DOB, output [1:0] DOC, output [1:0] DOD,
  input [4:0] ADDRA, input [4:0] ADDRB, input [4:0] ADDRC, input [4:0] ADDRD,
  input [1:0] DIA, input [1:0] DIB, input [1:0] DIC, input [1:0] DID, input WCLK, input WE
);
  wire clock = WCLK ^ IS_WCLK_INVERTED;
  reg [63:0] a = INIT_A;
  reg [63:0] b = INIT_B;
  reg [63:0] c = INIT_C;
  reg [63:0] d = INIT_D;
  assign DOA = a[2*ADDRA +: 2], DOB = b[2*ADDRB +: 2], DOC = c[2*ADDRC +: 2], DOD = d[2*ADDRD +: 2];
  always @(posedge clock) if (WE) begin
    a[2*ADDRD +: 2] <= DIA;
    b[2*ADDRD +: 2] <= DIB;
    c[2*ADDRD +: 2] <= DIC;
    d[2*ADDRD +: 2] <= DID;
  end
endmodule
