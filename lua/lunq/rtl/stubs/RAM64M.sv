// RAM64M - four memories of 64 words of 1 bit, written together at ADDRD. Written from UG953.
module RAM64M #(
  parameter [63:0] INIT_A = 0, INIT_B = 0, INIT_C = 0, INIT_D = 0, parameter [0:0] IS_WCLK_INVERTED = 1'b0
) (
  output DOA, output DOB, output DOC, output DOD,
  input [5:0] ADDRA, input [5:0] ADDRB, input [5:0] ADDRC, input [5:0] ADDRD,
  input DIA, input DIB, input DIC, input DID, input WCLK, input WE
);
  wire clock = WCLK ^ IS_WCLK_INVERTED;
  reg [63:0] a = INIT_A;
  reg [63:0] b = INIT_B;
  reg [63:0] c = INIT_C;
  reg [63:0] d = INIT_D;
  assign DOA = a[ADDRA], DOB = b[ADDRB], DOC = c[ADDRC], DOD = d[ADDRD];
  always @(posedge clock) if (WE) begin
    a[ADDRD] <= DIA;
    b[ADDRD] <= DIB;
    c[ADDRD] <= DIC;
    d[ADDRD] <= DID;
  end
endmodule
