// fir.v - a FIR filter with eight taps between two AXI4-Streams, its registers on AXI4-Lite, and an interrupt.
//   y[n] = (TAP_0 * x[n] + TAP_1 * x[n - 1] + ... + TAP_7 * x[n - 7]) >>> SHIFT, cut to 32 bits at either end
// A packet keeps its TLAST, and the one after it begins from silence. One sample per cycle, three cycles late.
// Registers: see rtl_filter.hwh, or print(ol.fir.register_map).
module fir #(parameter C_S_AXI_ADDR_WIDTH = 6, C_S_AXI_DATA_WIDTH = 32) (
  input aclk, input aresetn,
  input [C_S_AXI_ADDR_WIDTH-1:0] s_axi_awaddr, input s_axi_awvalid, output s_axi_awready,
  input [C_S_AXI_DATA_WIDTH-1:0] s_axi_wdata, input [C_S_AXI_DATA_WIDTH/8-1:0] s_axi_wstrb,
  input s_axi_wvalid, output s_axi_wready,
  output [1:0] s_axi_bresp, output reg s_axi_bvalid, input s_axi_bready,
  input [C_S_AXI_ADDR_WIDTH-1:0] s_axi_araddr, input s_axi_arvalid, output s_axi_arready,
  output reg [C_S_AXI_DATA_WIDTH-1:0] s_axi_rdata, output [1:0] s_axi_rresp, output reg s_axi_rvalid, input s_axi_rready,
  input [31:0] s_axis_tdata, input s_axis_tlast, input s_axis_tvalid, output s_axis_tready,
  output [31:0] m_axis_tdata, output m_axis_tlast, output m_axis_tvalid, input m_axis_tready,
  output irq);

  localparam N = 8;
  localparam CONTROL = 0, INT_ENABLE = 1, INT_STATUS = 2, SHIFT = 3, SAMPLES = 4, PACKETS = 5, VERSION = 6, TAPS = 8;

  // ---- registers: address and data of a write are taken together
  reg enable;
  reg [1:0] int_enable, int_status;
  reg [4:0] shift;
  reg [31:0] samples, packets;
  reg signed [31:0] tap [0:N-1];
  wire write = s_axi_awvalid & s_axi_wvalid & aresetn & (!s_axi_bvalid | s_axi_bready);
  wire read = s_axi_arvalid & s_axi_arready;
  assign s_axi_awready = write, s_axi_wready = write, s_axi_arready = aresetn & (!s_axi_rvalid | s_axi_rready);
  assign s_axi_bresp = 0, s_axi_rresp = 0;
  wire [3:0] to = s_axi_awaddr[5:2], from = s_axi_araddr[5:2];
  wire [31:0] mask = {{8{s_axi_wstrb[3]}}, {8{s_axi_wstrb[2]}}, {8{s_axi_wstrb[1]}}, {8{s_axi_wstrb[0]}}};
  wire [31:0] word = s_axi_wdata & mask;
  wire clear = write & to == CONTROL & word[1];
  assign irq = |(int_enable & int_status);

  // ---- the filter: products, their sum, and the sum cut to size. All three stages move when there is room
  reg signed [31:0] past [0:N-1];
  reg signed [63:0] product [0:N-1];
  reg signed [66:0] sum;
  reg [31:0] out;
  reg [2:0] there, last;
  reg fresh; // the next sample is the first of a packet
  wire go = !there[2] | m_axis_tready;
  wire take = s_axis_tvalid & s_axis_tready;
  wire gone = m_axis_tvalid & m_axis_tready;
  assign s_axis_tready = aresetn & enable & go;
  assign m_axis_tdata = out, m_axis_tlast = last[2], m_axis_tvalid = there[2];

  wire signed [66:0] scaled = sum >>> shift;
  wire fits = scaled[66:31] == {36{scaled[66]}};
  reg signed [66:0] total;
  integer k;
  always @* begin
    total = 0;
    for (k = 0; k < N; k = k + 1) total = total + {{3{product[k][63]}}, product[k]};
  end

  always @(posedge aclk)
    if (!aresetn) begin
      enable <= 1; int_enable <= 0; int_status <= 0; shift <= 0; samples <= 0; packets <= 0;
      s_axi_bvalid <= 0; s_axi_rvalid <= 0; there <= 0; last <= 0; fresh <= 1;
      for (k = 0; k < N; k = k + 1) begin tap[k] <= 0; past[k] <= 0; product[k] <= 0; end
    end else begin
      s_axi_bvalid <= write | s_axi_bvalid & !s_axi_bready;
      s_axi_rvalid <= read | s_axi_rvalid & !s_axi_rready;
      if (read) case (from)
        CONTROL: s_axi_rdata <= {31'b0, enable};
        INT_ENABLE: s_axi_rdata <= {30'b0, int_enable};
        INT_STATUS: s_axi_rdata <= {30'b0, int_status};
        SHIFT: s_axi_rdata <= {27'b0, shift};
        SAMPLES: s_axi_rdata <= samples;
        PACKETS: s_axi_rdata <= packets;
        VERSION: s_axi_rdata <= 32'h46495201;
        default: s_axi_rdata <= from >= TAPS ? tap[from[2:0]] : 0;
      endcase
      if (write) case (to)
        CONTROL: if (mask[0]) enable <= word[0];
        INT_ENABLE: if (mask[0]) int_enable <= word[1:0];
        SHIFT: if (mask[0]) shift <= word[4:0];
        default: if (to >= TAPS) tap[to[2:0]] <= tap[to[2:0]] & ~mask | word;
      endcase

      if (go) begin
        there <= {there[1:0], take};
        last <= {last[1:0], s_axis_tlast};
        sum <= total;
        out <= fits ? scaled[31:0] : {scaled[66], {31{!scaled[66]}}};
        if (take) begin
          fresh <= s_axis_tlast;
          past[0] <= s_axis_tdata;
          product[0] <= tap[0] * $signed(s_axis_tdata);
          for (k = 1; k < N; k = k + 1) begin
            past[k] <= fresh ? 0 : past[k-1];
            product[k] <= fresh ? 0 : tap[k] * past[k-1];
          end
        end
      end
      if (gone) begin
        samples <= samples + 1;
        packets <= packets + {31'b0, m_axis_tlast};
      end
      // what happens in the cycle of a write that clears it is not lost
      int_status <= int_status & ~(write & to == INT_STATUS ? word[1:0] : 2'b0)
                    | {go & there[1] & !fits, gone & m_axis_tlast};
      if (clear) begin
        samples <= 0; packets <= 0; fresh <= 1;
        for (k = 0; k < N; k = k + 1) past[k] <= 0;
      end
    end
endmodule
