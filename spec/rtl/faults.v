// faults.v - a slave that fails on purpose, by the address written: 0x10 $finish, 0x14 $stop, 0x18 $fatal,
// 0x1c $display, 0x20 SLVERR, 0x24 DECERR, 0x28 $fdisplay to the standard output, 0x30 an assertion,
// 0x34 a loop that never ends, 0x40 hangs before AWREADY, 0x44 hangs before BVALID. A read of 0x24 is DECERR,
// of 0x48 hangs before RVALID, and of 0x50 gets in the cycle it comes how many did before. AWREADY waits for WVALID.
module faults (
  input aclk, input aresetn,
  input [7:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready,
  input [31:0] s_axi_wdata, input [3:0] s_axi_wstrb, input s_axi_wvalid, output s_axi_wready,
  output [1:0] s_axi_bresp, output s_axi_bvalid, input s_axi_bready,
  input [7:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready,
  output [31:0] s_axi_rdata, output [1:0] s_axi_rresp, output s_axi_rvalid, input s_axi_rready,
  output interrupt);

  reg b, r, hang, spin; reg [31:0] n; wire quick = s_axi_arvalid & s_axi_araddr == 8'h50 & !r & !hang;
  reg [1:0] bv, rv;
  wire go = s_axi_awvalid & s_axi_wvalid & !b & s_axi_awaddr != 8'h40;
  assign s_axi_awready = go, s_axi_wready = go, s_axi_bvalid = b, s_axi_bresp = bv;
  assign s_axi_arready = !r & !hang & (!quick | s_axi_rready), s_axi_rvalid = r | quick, interrupt = 0, s_axi_rresp = quick ? 0 : rv, s_axi_rdata = quick ? n : 32'h1234;

  always @(posedge aclk)
    if (!aresetn) begin b <= 0; r <= 0; hang <= 0; n <= 0; end
    else begin
      if (go) begin
        b <= s_axi_awaddr != 8'h44;
        bv <= s_axi_awaddr == 8'h20 ? 2 : s_axi_awaddr == 8'h24 ? 3 : 0;
        case (s_axi_awaddr)
          8'h10: $finish;
          8'h14: $stop;
          8'h18: $fatal(1, "on purpose");
          8'h1c: $display("hello from RTL at %0t", $time);
          8'h28: $fdisplay(32'h80000001, "written to the standard output");
          8'h34: while (s_axi_wvalid) spin = !spin;
          default: ;
        endcase
      end else if (s_axi_bready) b <= 0;
      if (quick) n <= n + s_axi_rready; else if (s_axi_arvalid & s_axi_arready) begin
        r <= s_axi_araddr != 8'h48;
        hang <= s_axi_araddr == 8'h48;
        rv <= s_axi_araddr == 8'h24 ? 3 : 0;
      end else if (s_axi_rready) r <= 0;
    end
  never30: assert property (@(posedge aclk) disable iff (!aresetn) !(s_axi_awvalid && s_axi_awaddr == 8'h30));
endmodule
