// PULLUP - a resistor: nothing, as whoever drives a pin here is not weak. Written from UG953.
module PULLUP (inout O);
endmodule
