// two_clocks.v - registers on one clock, the work on another: a write of 0x00 crosses to the core, which counts it
// up by one LOOPS times and gives it back. 0x00 the value; 0x04 bit 0: the core is busy; 0x08 cycles of the bus
// clock since reset; 0x0c cycles of the core clock, as they were when the last result came; done_irq: a pulse of
// the bus clock.
module two_clocks #(parameter LOOPS = 10) (
  input s_axi_aclk, input s_axi_aresetn, input core_clk, input core_rst_n,
  input [7:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready,
  input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb, input s_axi_wvalid, output s_axi_wready,
  output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready,
  input [7:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready,
  output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready,
  output reg done_irq);

  wire wr, rd;
  wire [7:0] waddr, raddr;
  wire [31:0] wval;
  wire [3:0] wmask;
  reg [31:0] rval, value, bus_cycles, core_cycles_seen;
  axil_port #(8) port (s_axi_aclk, s_axi_aresetn, s_axi_awaddr, s_axi_awvalid, s_axi_awready, s_axi_wdata,
    s_axi_wstrb, s_axi_wvalid, s_axi_wready, s_axi_bresp, s_axi_bvalid, s_axi_bready, s_axi_araddr, s_axi_arvalid,
    s_axi_arready, s_axi_rdata, s_axi_rresp, s_axi_rvalid, s_axi_rready, wr, waddr, wval, wmask, 2'b00, rd, raddr,
    rval, 2'b00);

  // A change of `ask` is a request, a change of `answer` its end; values stand still meanwhile.
  reg ask, answer;
  reg [2:0] ask_core, answer_bus;
  reg [31:0] work, core_cycles, left;
  wire busy = ask != answer_bus[2];

  always @* case (raddr[7:2])
    0: rval = value;
    1: rval = {31'b0, busy};
    2: rval = bus_cycles;
    3: rval = core_cycles_seen;
    default: rval = 0;
  endcase

  always @(posedge s_axi_aclk)
    if (!s_axi_aresetn) begin
      ask <= 0; answer_bus <= 0; value <= 0; bus_cycles <= 0; core_cycles_seen <= 0; done_irq <= 0;
    end else begin
      bus_cycles <= bus_cycles + 1;
      answer_bus <= {answer_bus[1:0], answer};
      done_irq <= answer_bus[2] != answer_bus[1];
      if (answer_bus[2] != answer_bus[1]) begin value <= work; core_cycles_seen <= core_cycles; end
      else if (wr && waddr[7:2] == 0 && !busy) begin value <= wval; ask <= !ask; end
    end

  always @(posedge core_clk)
    if (!core_rst_n) begin ask_core <= 0; answer <= 0; work <= 0; core_cycles <= 0; left <= 0; end
    else begin
      core_cycles <= left == 0 && answer == ask_core[2] ? core_cycles : core_cycles + 1;
      ask_core <= {ask_core[1:0], ask};
      if (ask_core[2] != ask_core[1]) begin work <= value; left <= LOOPS; end
      else if (left != 0) begin
        work <= work + 1;
        left <= left - 1;
        if (left == 1) answer <= ask_core[2];
      end
    end
endmodule
