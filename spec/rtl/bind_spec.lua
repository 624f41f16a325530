-- Pins by their names: what they are taken for, and that what was left over can be reached.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"

-- How people and generators spell the same port, and the name of the bus.
local SPELLINGS <const> = {
  { "snake", function(c, s) return ("snake_%s%s"):format(c, s) end },
  { "camel", function(c, s) return ("camel%s%s"):format(c:upper(), s) end },
  { "CAPITALS", function(c, s) return ("CAPITALS_%s%s"):format(c, s):upper() end },
  { "records", function(c, s) return ("records_%s_%s"):format(c, s) end },
  { "io_chisel", function(c, s)
    return ("io_chisel_%s_%s%s"):format(c, (s == "valid" or s == "ready") and "" or "bits_", s)
  end },
  { "twice", function(c, s) return ("twice_%s_%s%s"):format(c, c, s) end },
  { "io_spinal", function(c, s)
    return ("io_spinal_%s_%s%s"):format(c, (s == "valid" or s == "ready") and "" or "payload_", s)
  end },
  { "ends", function(c, s, way) return ("ends_%s%s_%s"):format(c, s, way) end },
  { "begins", function(c, s, way) return ("%s_begins_%s%s"):format(way, c, s) end },
  { "axi", function(c, s) return c .. s end }, -- a core with one bus and no name for it
  { "S0", function(c, s) return ("%s%s_S0"):format(c, s):upper() end }, -- Arm's way; found after the others
  { "m", function(c, s) return ("%s%sm"):format(c, s) end },
}

local SIGNALS <const> = {
  "i8 aw addr", "i1 aw valid", "o1 aw ready", "i32 w data", "i4 w strb", "i1 w valid", "o1 w ready", "o2 b resp",
  "o1 b valid", "i1 b ready", "i8 ar addr", "i1 ar valid", "o1 ar ready", "o32 r data", "o2 r resp", "o1 r valid",
  "i1 r ready",
}

--- The ports of an AXI4-Lite slave, and a register behind it: what was written last, plus `mode`.
local function slave(bus, name)
  local ports, n = {}, {}
  for i, text in ipairs(SIGNALS) do
    local way, bits, channel, signal = text:match "^(.)(%d+) (%l+) (%l+)$"
    n[channel .. signal] = name(channel, signal, way)
    ports[i] = ("%sput [%d:0] %s"):format(way == "i" and "in" or "out", bits - 1, n[channel .. signal]):gsub(
      "%[0:0%] ", "")
  end
  return table.concat(ports, ", "), (([[
  generate if (1) begin : BUS
    reg [31:0] value; reg b, r;
    wire go = <awvalid> & <wvalid> & !b;
    assign <awready> = go, <wready> = go, <bvalid> = b, <bresp> = 0;
    assign <arready> = !r, <rvalid> = r, <rresp> = 0, <rdata> = value + mode;
    always @(posedge core_clk) if (rst) begin b <= 0; r <= 0; value <= 0; end
      else if (clk_en) begin
        if (go) begin b <= 1; value <= <wdata>; end else if (<bready>) b <= 0;
        if (<arvalid> & !r) r <= 1; else if (<rready>) r <= 0;
      end
  end endgenerate]]):gsub("BUS", bus):gsub("<(%l+)>", n))
end

local function model()
  local ports, bodies = {}, {}
  for i, s in ipairs(SPELLINGS) do ports[i], bodies[i] = slave(s[1] .. "_block", s[2]) end
  local path = fixture.source("named.v", (
    "module named(input core_clk, clk_en, rst, clk_locked, input [3:0] mode, output [7:0] count,\n"
    .. "  output done_int, input x_tvalid, output first_burst, input [31:0] y_tdata, inout pad, %s);\n"
    .. "  assign count = snake_block.value[7:0], done_int = snake_block.value[8], first_burst = 0;\n"
    .. "%s\nendmodule\n"):format(table.concat(ports, ",\n"), table.concat(bodies, "\n")))
  return fixture.model("named", { sources = path })
end

local WAYS <const> = [[
module ways(input clk_i, clk_en_i, rst_ni, output done_int_o, int_o, dma_intr,
  input [31:0] i_tdata, input i_tvalid, output i_tready, output [31:0] o_tdata, output o_tvalid, input o_tready,
  input [15:0] tdata, input tvalid, output tready, output [7:0] rdata,
  input io_a_valid, output io_a_ready, input [31:0] io_a_payload_data, input io_a_payload_last,
  input [3:0] io_a_payload_keep,
  output io_b_valid, input io_b_ready, output [23:0] io_b_bits,
  input x_axis_valid, output x_axis_ready, input [7:0] x_axis_data,
  input y_valid_i, output y_ready_o, input [7:0] y_payload_i,
  output io_req_valid, input io_req_ready, output [31:0] io_req_bits_data, output [7:0] io_req_bits_addr,
  input data_valid, input [7:0] data_bits,
  input io_apb_PSEL, io_apb_PENABLE, io_apb_PWRITE, input [7:0] io_apb_PADDR, output [31:0] io_apb_PRDATA,
  output o_wb_cyc, o_wb_stb, output [7:0] o_wb_adr, output [31:0] o_wb_data, input i_wb_ack, input [31:0] i_wb_data,
  output psel_done, irq_n);
  assign io_a_ready = 1, io_b_valid = 0, io_b_bits = 0, x_axis_ready = 1, y_ready_o = 1;
  assign io_req_valid = 0, io_req_bits_data = 0;
  assign io_req_bits_addr = 0, io_apb_PRDATA = 0;
  assign o_wb_cyc = 0, o_wb_stb = 0, o_wb_adr = 0, o_wb_data = 0, psel_done = 0;
  assign o_tdata = i_tdata + 1, o_tvalid = i_tvalid, i_tready = o_tready;
  assign tready = 1, rdata = tdata[7:0], done_int_o = 0, int_o = 0, dma_intr = 0, irq_n = 1;
endmodule]]

describe("pins by their names", function()
  local it = fixture.with_verilator(it, pending)
  local d

  before_each(function() if not fixture.missing then d = core.device_open("rtl:" .. model()) end end)
  after_each(function() if d then d:close() end end)

  it("are AXI4-Lite slaves, however they are spelled", function()
    local buses = {}
    for i, bus in ipairs(d:rtl()[1].buses) do
      assert.same({ "AXI4-Lite slave", 32, 8 }, { bus.kind, bus.bits, bus.address })
      buses[i] = bus.name
    end
    local names = {}
    for i, s in ipairs(SPELLINGS) do names[i] = s[1] end
    assert.same(names, buses)
    for i in ipairs(buses) do -- 64 KiB apart
      local m <close> = lunq.MMIO(0x10000 * (i - 1), 0x10, d)
      m:write(0, 7 * i)
      assert.equal(7 * i, m:read(0))
    end
  end)

  it("are clocks, their enables, resets and interrupts", function()
    local r = d:rtl()[1]
    assert.same({ { "core_clk" }, { "clk_en" }, { "rst" }, { "done_int" } },
                { r.clocks, r.enables, r.resets, r.interrupts })
  end)

  it("that are in no bus are wires of the IP", function()
    local m <close> = lunq.MMIO(0, 0x10, d)
    m:write(0, 0x105)
    assert.same({ 5, 1 }, { d:wire "named/count", d:wire "named/done_int" })
    d:wire("named/mode", 3)
    assert.equal(0x108, m:read(0))
  end)

  it("are left where their bus is not whole, with the reason", function()
    local why = {}
    for _, p in ipairs(d:rtl()[1].pins) do why[p.name] = p.why or "plain" end
    assert.same({ mode = "plain", clk_locked = "plain", count = "plain", first_burst = "plain",
                  x_tvalid = "x: no tdata", y_tdata = "y: no tvalid",
                  pad = "a pin for both directions: nothing drives it" }, why)
  end)

  describe("that say less", function()
    local r
    before_each(function()
      d:close()
      d = core.device_open("rtl:" .. fixture.model("ways", { sources = fixture.source("ways.v", WAYS) }))
      r = d:rtl()[1]
    end)

    it("have their direction at the end, or in front of two streams called i and o, or are records", function()
      local kinds = {}
      for _, bus in ipairs(r.buses) do kinds[bus.name] = ("%s, %d bits"):format(bus.kind, bus.bits) end
      assert.same({ i = "AXI4-Stream sink, 32 bits", o = "AXI4-Stream source, 32 bits",
                    axis = "AXI4-Stream sink, 16 bits", io_a = "AXI4-Stream sink, 32 bits",
                    io_b = "AXI4-Stream source, 24 bits", x_axis = "AXI4-Stream sink, 8 bits",
                    y = "AXI4-Stream sink, 8 bits" }, kinds)
      assert.same({ { "clk_i" }, { "clk_en_i" }, { "rst_ni" }, { "done_int_o", "int_o", "dma_intr" } },
                  { r.clocks, r.enables, r.resets, r.interrupts })
    end)

    it("are of another bus, which is named, or of none", function()
      local why = {}
      for _, p in ipairs(r.pins) do
        local reason = (p.why or "plain"):match "^[^,]*"
        why[reason] = why[reason] or {}
        table.insert(why[reason], p.name)
      end
      for _, list in pairs(why) do table.sort(list) end
      assert.same({
        ["axi: no arvalid"] = { "rdata" },
        APB = { "io_apb_PADDR", "io_apb_PENABLE", "io_apb_PRDATA", "io_apb_PSEL", "io_apb_PWRITE" },
        Wishbone = { "i_wb_ack", "i_wb_data", "o_wb_adr", "o_wb_cyc", "o_wb_data", "o_wb_stb" },
        ["an interrupt that is active low: invert it in a module around it"] = { "irq_n" },
        plain = { "data_bits", "data_valid", "io_req_bits_addr", "io_req_bits_data", "io_req_ready", "io_req_valid",
                  "psel_done" },
      }, why)
      for _, p in ipairs(r.pins) do
        if p.name == "io_apb_PSEL" then
          assert.equal("APB, which nothing here drives: put a bridge from AXI4-Lite in front of it, or set its pins "
                       .. "with device:wire", p.why)
        end
      end
    end)
  end)
end)

describe("a bus whose strobes are too few for its data", function()
  fixture.with_verilator(it, pending)("is as wide as its data, and writes the bytes that have one", function()
    local d <close> = core.device_open("rtl:" .. fixture.model "narrow")
    assert.same({ { name = "m", kind = "AXI4-Lite master", bits = 128, address = 32, clock = d:rtl()[1].clocks[1] } },
                d:rtl()[1].buses)
    local b <close> = lunq.allocate(16, "u1", { target = d })
    for i = 1, 16 do b[i] = 1 end
    d:wire("narrow/target", b.physical_address)
    d:step(32)
    for i = 1, 16 do assert.equal(i <= 8 and 0x5a or 1, b[i], i) end
  end)
end)
