// INV - an inverter. Written from UG953.
module INV (output O, input I);
  assign O = !I;
endmodule
