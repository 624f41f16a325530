// timescale.v - the time of sources that say none, as Vivado has it; and with this module a precision of 1 ps at least.
`timescale 1ns/1ps
module lunq_timescale;
endmodule
