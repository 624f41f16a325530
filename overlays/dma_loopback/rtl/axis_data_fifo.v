// axis_data_fifo.v - the FIFO between the two ends of the DMA as logic: AXI4-Stream in, AXI4-Stream out, FIFO_DEPTH words.
// Written for this example, with the port names of AMD's core.
module axis_data_fifo #(parameter FIFO_DEPTH = 512, TDATA_NUM_BYTES = 4) (
  input s_axis_aclk, input s_axis_aresetn,
  input [8*TDATA_NUM_BYTES-1:0] s_axis_tdata, input [TDATA_NUM_BYTES-1:0] s_axis_tkeep, input s_axis_tlast,
  input s_axis_tvalid, output s_axis_tready,
  output [8*TDATA_NUM_BYTES-1:0] m_axis_tdata, output [TDATA_NUM_BYTES-1:0] m_axis_tkeep, output m_axis_tlast,
  output m_axis_tvalid, input m_axis_tready);

  localparam WIDTH = 9 * TDATA_NUM_BYTES + 1, BITS = $clog2(FIFO_DEPTH);
  reg [WIDTH-1:0] words [0:FIFO_DEPTH-1];
  reg [BITS:0] head, tail; // the bit above says which of the two is a round ahead
  wire [BITS:0] n = head - tail;
  assign s_axis_tready = s_axis_aresetn & n != FIFO_DEPTH, m_axis_tvalid = n != 0;
  assign {m_axis_tlast, m_axis_tkeep, m_axis_tdata} = words[tail[BITS-1:0]];

  always @(posedge s_axis_aclk)
    if (!s_axis_aresetn) begin
      head <= 0; tail <= 0;
    end else begin
      if (s_axis_tvalid & s_axis_tready) begin
        words[head[BITS-1:0]] <= {s_axis_tlast, s_axis_tkeep, s_axis_tdata};
        head <= head + 1;
      end
      if (m_axis_tvalid & m_axis_tready) tail <= tail + 1;
    end
endmodule
