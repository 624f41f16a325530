// PULLDOWN - a resistor: nothing, as whoever drives a pin here is not weak. Written from UG953.
module PULLDOWN (inout O);
endmodule
