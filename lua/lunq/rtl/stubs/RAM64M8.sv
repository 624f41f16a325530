// RAM64M8 - eight memories of 64 words of 1 bit, written together at ADDRH. Written from UG974.
module RAM64M8 #(
  parameter [63:0] INIT_A = 64'h0, INIT_B = 64'h0, INIT_C = 64'h0, INIT_D = 64'h0, INIT_E = 64'h0,
                   INIT_F = 64'h0, INIT_G = 64'h0, INIT_H = 64'h0,
  parameter [0:0] IS_WCLK_INVERTED = 1'b0
) (
  output DOA, output DOB, output DOC, output DOD,
  output DOE, output DOF, output DOG, output DOH,
  input [5:0] ADDRA, input [5:0] ADDRB, input [5:0] ADDRC, input [5:0] ADDRD,
  input [5:0] ADDRE, input [5:0] ADDRF, input [5:0] ADDRG, input [5:0] ADDRH,
  input DIA, input DIB, input DIC, input DID, input DIE, input DIF, input DIG, input DIH,
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
  assign DOA = a[ADDRA];
  assign DOB = b[ADDRB];
  assign DOC = c[ADDRC];
  assign DOD = d[ADDRD];
  assign DOE = e[ADDRE];
  assign DOF = f[ADDRF];
  assign DOG = g[ADDRG];
  assign DOH = h[ADDRH];
  always @(posedge clock) if (WE) begin
    a[ADDRH] <= DIA;
    b[ADDRH] <= DIB;
    c[ADDRH] <= DIC;
    d[ADDRH] <= DID;
    e[ADDRH] <= DIE;
    f[ADDRH] <= DIF;
    g[ADDRH] <= DIG;
    h[ADDRH] <= DIH;
  end
endmodule
