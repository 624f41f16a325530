// SRL16 - a shift register of up to 16 bits without enable. Written from UG953.
module SRL16 #(parameter [15:0] INIT = 16'h0000) (output Q, input A0, input A1, input A2, input A3, input CLK, input D);
  SRL16E #(.INIT(INIT)) same (.Q(Q), .A0(A0), .A1(A1), .A2(A2), .A3(A3), .CE(1'b1), .CLK(CLK), .D(D));
endmodule
