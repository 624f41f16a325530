// pulses.v - interrupts of one cycle. 0x00 write n: n pulses on irq; 0x04 cycles from one to the next (at least 2;
// 5 after reset); 0x08 pulses so far; 0x0c the level interrupt: any write sets level_irq, bit 0 = 1 when it is
// read, a write of 0 ends it; 0x10 write: late_irq, 20 cycles later, a pulse.
module pulses (
  input aclk, input aresetn,
  input [7:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready,
  input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb, input s_axi_wvalid, output s_axi_wready,
  output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready,
  input [7:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready,
  output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready,
  output reg irq, output reg level_irq, output reg late_irq);

  wire wr, rd;
  wire [7:0] waddr, raddr;
  wire [31:0] wval;
  wire [3:0] wmask;
  reg [31:0] rval, left, every, wait_for, count, late;
  axil_port #(8) port (aclk, aresetn, s_axi_awaddr, s_axi_awvalid, s_axi_awready, s_axi_wdata, s_axi_wstrb,
    s_axi_wvalid, s_axi_wready, s_axi_bresp, s_axi_bvalid, s_axi_bready, s_axi_araddr, s_axi_arvalid, s_axi_arready,
    s_axi_rdata, s_axi_rresp, s_axi_rvalid, s_axi_rready, wr, waddr, wval, wmask, 2'b00, rd, raddr, rval, 2'b00);

  always @* case (raddr[7:2])
    0: rval = left;
    1: rval = every;
    2: rval = count;
    3: rval = {31'b0, level_irq};
    default: rval = 0;
  endcase

  always @(posedge aclk)
    if (!aresetn) begin
      irq <= 0; level_irq <= 0; late_irq <= 0; left <= 0; every <= 5; wait_for <= 0; count <= 0; late <= 0;
    end else begin
      irq <= 0;
      if (left != 0) begin
        if (wait_for == 0) begin irq <= 1; count <= count + 1; left <= left - 1; wait_for <= every - 1; end
        else wait_for <= wait_for - 1;
      end
      late_irq <= late == 1;
      if (late != 0) late <= late - 1;
      if (wr) case (waddr[7:2])
        0: begin left <= wval; wait_for <= every - 1; end
        1: every <= wval < 2 ? 2 : wval;
        3: level_irq <= wval != 0;
        4: late <= 20;
        default: ;
      endcase
    end
endmodule
