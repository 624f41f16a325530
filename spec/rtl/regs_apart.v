// regs_apart.v - AXI4-Lite slave that takes the address first and the data not before: WREADY is low until an
// address is there, and for WAIT cycles more. Data of DW bits: 32, or 64 with registers of 8 bytes.
// 0x00 to 0x3c (DW = 64: 0x78): 16 registers, read and write.
module regs_apart #(parameter DW = 32, WAIT = 2) (
  input aclk, input aresetn,
  input [6:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready,
  input [DW-1:0] s_axi_wdata, input [DW/8-1:0] s_axi_wstrb, input s_axi_wvalid, output s_axi_wready,
  output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready,
  input [6:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready,
  output [DW-1:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready);

  localparam LOW = $clog2(DW / 8);
  localparam ADDRESS = 0, DATA = 1, ANSWER = 2;
  reg [DW-1:0] r [0:15];
  reg [1:0] w;
  reg rd;
  reg [3:0] wi, ri;
  reg [7:0] left;
  integer i;
  assign s_axi_awready = w == ADDRESS & aresetn, s_axi_wready = w == DATA & left == 0, s_axi_bvalid = w == ANSWER;
  assign s_axi_arready = !rd & aresetn, s_axi_rvalid = rd, s_axi_rdata = r[ri], s_axi_bresp = 0, s_axi_rresp = 0;

  always @(posedge aclk)
    if (!aresetn) begin
      w <= ADDRESS; rd <= 0; left <= 0;
      for (i = 0; i < 16; i = i + 1) r[i] <= 0;
    end else begin
      case (w)
        ADDRESS: if (s_axi_awvalid) begin wi <= s_axi_awaddr[LOW +: 4]; left <= WAIT; w <= DATA; end
        DATA: if (left != 0) left <= left - 1;
          else if (s_axi_wvalid) begin
            for (i = 0; i < DW / 8; i = i + 1) if (s_axi_wstrb[i]) r[wi][8*i +: 8] <= s_axi_wdata[8*i +: 8];
            w <= ANSWER;
          end
        default: if (s_axi_bready) w <= ADDRESS;
      endcase
      if (!rd) begin rd <= s_axi_arvalid; ri <= s_axi_araddr[LOW +: 4]; end
      else if (s_axi_rready) rd <= 0;
    end
endmodule
