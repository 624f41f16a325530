// BUFR - a regional clock buffer; it divides by BUFR_DIVIDE. Written from UG953.
module BUFR #(parameter BUFR_DIVIDE = "BYPASS", SIM_DEVICE = "7SERIES") (output O, input CE, input CLR, input I);
  localparam N = BUFR_DIVIDE == "2" ? 2 : BUFR_DIVIDE == "3" ? 3 : BUFR_DIVIDE == "4" ? 4 : BUFR_DIVIDE == "5" ? 5 :
                 BUFR_DIVIDE == "6" ? 6 : BUFR_DIVIDE == "7" ? 7 : BUFR_DIVIDE == "8" ? 8 : 1;
  wire gated, divided;
  BUFGCE gate (.O(gated), .CE(CE & !CLR), .I(I));
  lunq_clock #(.NUMERATOR(N)) divider (gated, CLR, divided);
  assign O = BUFR_DIVIDE == "BYPASS" ? I : divided;
endmodule
