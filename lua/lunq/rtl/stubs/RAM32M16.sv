// RAM32M16 - eight memories of 32 words of 2 bits, written together at ADDRH. Written from UG974.
module RAM32M16 #(
  parameter [63:0] INIT_A = 64'h0, INIT_B = 64'h0, INIT_C = 64'h0, INIT_D = 64'h0, INIT_E = 64'h0,
                   INIT_F = 64'h0, INIT_G = 64'h0, INIT_H = 64'h0,
  parameter [0:0] IS_WCLK_INVERTED = 1'b0
) (
  output [1:0] DOA, output [1:0] DOB, output [1:0] DOC, output [1:0] DOD,
  output [1:0] DOE, output [1:0] DOF, output [1:0] DOG, output [1:0] DOH,
  input [4:0] ADDRA, input [4:0] ADDRB, input [4:0] ADDRC, input [4:0] ADDRD,
  input [4:0] ADDRE, input [4:0] ADDRF, input [4:0] ADDRG, input [4:0] ADDRH,
  input [1:0] DIA, input [1:0] DIB, input [1:0] DIC, input [1:0] DID,
  input [1:0] DIE, input [1:0] DIF, input [1:0] DIG, input [1:0] DIH,
  input WCLK, input WE
);
  wire clock = WCLK ^ IS_WCLK_INVERTED;
  reg [63:0] a = INIT_A;
  reg [63:0] b = INIT_B;
  reg [63:0] c = INIT_C;
  reg [63:0] d = INIT_D;
  reg [63:0] e = INIT_E;
  reg [63:0] f = INIT_F;
  reg [63:0] g = INIT_G;
  reg [63:0] h = INIT_H;
  assign DOA = a[2*ADDRA +: 2];
  assign DOB = b[2*ADDRB +: 2];
  assign DOC = c[2*ADDRC +: 2];
  assign DOD = d[2*ADDRD +: 2];
  assign DOE = e[2*ADDRE +: 2];
  assign DOF = f[2*ADDRF +: 2];
  assign DOG = g[2*ADDRG +: 2];
  assign DOH = h[2*ADDRH +: 2];
  always @(posedge clock) if (WE) begin
    a[2*ADDRH +: 2] <= DIA;
    b[2*ADDRH +: 2] <= DIB;
    c[2*ADDRH +: 2] <= DIC;
    d[2*ADDRH +: 2] <= DID;
    e[2*ADDRH +: 2] <= DIE;
    f[2*ADDRH +: 2] <= DIF;
    g[2*ADDRH +: 2] <= DIG;
    h[2*ADDRH +: 2] <= DIH;
  end
endmodule
