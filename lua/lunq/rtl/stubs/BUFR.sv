// BUFR - a regional clock buffer; it divides by BUFR_DIVIDE. Written from UG953.
module BUFR #(parameter BUFR_DIVIDE = "BYPASS", SIM_DEVICE = "7SERIES") (output O, input CE, input CLR, input I);
  localparam N = BUFR_DIVIDE == "1" ? 1 : BUFR_DIVIDE == "2" ? 2 : BUFR_DIVIDE == "3" ? 3 : BUFR_DIVIDE == "4" ? 4 :
                 BUFR_DIVIDE == "5" ? 5 : BUFR_DIVIDE == "6" ? 6 : BUFR_DIVIDE == "7" ? 7 : 8;
  reg [2:0] count = 0;
  reg slow = 0;
  always @(posedge I or posedge CLR)
    if (CLR) begin count <= 0; slow <= 0; end
    else if (CE) begin
      count <= 32'(count) == N - 1 ? 0 : count + 1;
      slow <= 32'(count) < N / 2 || (count == 0 && N > 1);
    end
  assign O = BUFR_DIVIDE == "BYPASS" ? I : N == 1 ? I & CE & !CLR : slow;
endmodule
