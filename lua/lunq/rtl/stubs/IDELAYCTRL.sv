// IDELAYCTRL - what calibrates delays: ready when it is not reset. Written from UG953.
module IDELAYCTRL #(parameter SIM_DEVICE = "7SERIES") (output RDY, input REFCLK, input RST);
  assign RDY = !RST;
endmodule
