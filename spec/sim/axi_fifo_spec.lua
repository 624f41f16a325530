-- registers.md section 14.
describe("the AXI4-Stream FIFO model", function()
  local support = dofile "spec/sim/support.lua"
  local core = require "lunq.core"
  local d, m
  local ISR <const>, IER <const>, TDFR <const>, TDFV <const>, TDFD <const>, TLR <const> = 0, 4, 8, 0xc, 0x10, 0x14
  local RDFR <const>, RDFO <const>, RDFD <const>, RLR <const>, SRR <const> = 0x18, 0x1c, 0x20, 0x24, 0x28
  local RPURE <const>, RPORE <const>, RPUE <const>, TPOE <const>, TC <const>, RC <const>, TSE <const> =
    1 << 31, 1 << 30, 1 << 29, 1 << 28, 1 << 27, 1 << 26, 1 << 25

  before_each(function()
    d = support.open(core.design_from_table { arch = "zynq", ip = {
      f = { vlnv = "xilinx.com:ip:axi_fifo_mm_s:4.2", address = 0x43c00000, range = 0x10000, interface = "S_AXI",
        parameters = { C_TX_FIFO_DEPTH = 64, C_RX_FIFO_DEPTH = 64 },
        interrupts = { interrupt = 0 }, streams = { AXI_STR_TXD = "f/AXI_STR_RXD" } },
    } })
    m = core.mmio(0x43c00000, 0x10000, d)
  end)
  after_each(function()
    m:close()
    d:close()
  end)

  local function send(text)
    for i = 1, #text, 4 do m:write(TDFD, (("<I4"):unpack(text:sub(i, i + 3) .. "\0\0\0"))) end
    m:write(TLR, #text)
    support.settle(d)
  end
  local function receive()
    local n, words = m:read(RLR), {}
    for i = 1, (n + 3) // 4 do words[i] = ("<I4"):pack(m:read(RDFD)) end
    return table.concat(words):sub(1, n)
  end

  it("comes up empty", function()
    assert.equal(0x01d00000, m:read(ISR))
    assert.equal(60, m:read(TDFV))
    assert.equal(0, m:read(RDFO))
  end)

  it("sends a packet when its length is written, and receives it", function()
    m:write(ISR, 0xffffffff)
    m:write(TDFD, 0x64636261)
    assert.equal(59, m:read(TDFV))
    m:write(TDFD, 0x65)
    support.settle(d)
    assert.equal(0, m:read(RDFO))
    m:write(TLR, 5)
    support.settle(d)
    assert.equal(TC | RC, m:read(ISR))
    assert.equal(2, m:read(RDFO))
    assert.equal(60, m:read(TDFV))
    assert.equal("abcde", receive())
    assert.equal(0, m:read(RDFO))
  end)

  it("keeps packets apart", function()
    send "one"
    send "second one"
    assert.equal("one", receive())
    assert.equal("second one", receive())
  end)

  it("a length that does not fit the words written is a transmit size error, and they stay", function()
    m:write(ISR, 0xffffffff)
    m:write(TDFD, 0x64636261)
    m:write(TLR, 8)
    assert.equal(TSE, m:read(ISR))
    support.settle(d)
    assert.equal(0, m:read(RDFO))
    m:write(TLR, 4)
    support.settle(d)
    assert.equal("abcd", receive())
  end)

  it("reading RLR or RDFD empty is refused, and an error", function()
    m:write(ISR, 0xffffffff)
    for offset, bit in pairs { [RDFD] = RPUE, [RLR] = RPURE } do
      local e = support.failure(m.read, m, offset)
      assert.equal("io", e.kind)
      assert.matches("SLVERR", tostring(e), 1, true)
      assert.equal(bit, m:read(ISR) & (RPUE | RPURE))
      m:write(ISR, bit)
    end
    send "here"
    m:write(RDFR, 0x5a) -- only the key resets
    assert.equal("here", receive())
    send "lost"
    m:write(RDFR, 0xa5)
    assert.equal(0, m:read(RDFO))
    send "found"
    assert.equal("found", receive())
  end)

  -- PG080, ISR: "the read has gone beyond the current packet and removed the data from the next".
  it("reading beyond a packet takes from the next one, and is an error", function()
    m:write(ISR, 0xffffffff)
    send "one."
    send "two."
    assert.equal(4, m:read(RLR))
    assert.equal("one.", (("<I4"):pack(m:read(RDFD))))
    assert.equal(0, m:read(ISR) & RPORE)
    assert.equal("two.", (("<I4"):pack(m:read(RDFD))))
    assert.equal(RPORE, m:read(ISR) & (RPORE | RPUE))
  end)

  it("can be made never to end a reset", function()
    m:write(ISR, 0xffffffff)
    d:inject { ip = "f", fault = "stuck_reset", where = "tx", count = 1 }
    m:write(SRR, 0xa5)
    assert.equal(1 << 23, m:read(ISR) & 3 << 23)
    m:write(TDFR, 0xa5)
    assert.equal(3 << 23, m:read(ISR) & 3 << 23)
  end)

  it("writing more than there is room for is an overrun", function()
    for i = 1, 60 do m:write(TDFD, i) end
    m:write(ISR, 0xffffffff)
    assert.equal(0, m:read(TDFV))
    m:write(TDFD, 61) -- two words more than TDFV says
    assert.equal(0, m:read(ISR))
    m:write(TDFD, 62)
    assert.equal(TPOE, m:read(ISR))
    assert.matches("SLVERR.*its transmit FIFO is full, the word is lost",
                   tostring(support.failure(m.write, m, TDFD, 63)))
    m:write(TDFR, 0xa5)
    assert.equal(60, m:read(TDFV))
  end)

  it("a full receiver holds the sender back", function()
    for _ = 1, 4 do send(("x"):rep(100)) end
    assert.is_true(m:read(TDFV) < 60)
    for _ = 1, 4 do
      assert.equal(("x"):rep(100), receive())
      support.settle(d)
    end
    assert.equal(60, m:read(TDFV))
  end)

  it("counts all words in RDFO, while the length of a packet waits", function()
    send "one"
    send "and two"
    assert.equal(3, m:read(RDFO))
    assert.equal(3, m:read(RLR))
    assert.equal(3, m:read(RDFO))
    assert.equal("one\0", (("<I4"):pack(m:read(RDFD))))
    assert.equal(2, m:read(RDFO))
    assert.equal(7, m:read(RLR)) -- "RDFO should be read before reading RLR" (PG080)
    assert.equal(0, m:read(RDFO))
    assert.equal("and two\0", (("<I4I4"):pack(m:read(RDFD), m:read(RDFD))))
  end)

  -- PG080 "Cut-Through Mode".
  it("gives a packet in parts with C_USE_RX_CUT_THROUGH", function()
    m:close()
    d:program(core.design_from_table { arch = "zynq", ip = {
      f = { vlnv = "xilinx.com:ip:axi_fifo_mm_s:4.3", address = 0x43c00000, range = 0x10000, interface = "S_AXI",
        parameters = { C_TX_FIFO_DEPTH = 64, C_RX_FIFO_DEPTH = 16, C_USE_RX_CUT_THROUGH = 1,
                       C_RX_FIFO_PF_THRESHOLD = 12 },
        interrupts = { interrupt = 0 }, streams = { AXI_STR_TXD = "f/AXI_STR_RXD" } } } })
    m = core.mmio(0x43c00000, 0x10000, d)
    local RFPF <const>, PARTIAL <const> = 1 << 20, 1 << 31
    m:write(ISR, 0xffffffff)
    send(("abcd"):rep(20))
    assert.equal(RFPF, m:read(ISR))
    m:write(ISR, RFPF) -- a level in this mode
    assert.equal(RFPF, m:read(ISR))
    assert.equal(0, m:read(RDFO)) -- no packet is whole
    assert.equal(PARTIAL | 64, m:read(RLR))
    assert.equal(PARTIAL | 64, m:read(RLR)) -- a part is not taken by that
    for _ = 1, 16 do m:read(RDFD) end
    support.settle(d)
    assert.equal(RC | TC, m:read(ISR) & (RC | TC))
    assert.equal(80, m:read(RLR)) -- all of the packet, what was read included
    for _ = 1, 4 do m:read(RDFD) end
    assert.equal(PARTIAL, m:read(RLR)) -- nothing, and no error
    assert.equal(0, m:read(ISR) & (RPURE | RPORE | RPUE))
  end)

  it("drives its interrupt: status and enable", function()
    m:write(ISR, 0xffffffff)
    m:write(IER, RC)
    assert.equal(0, d:wire "f/interrupt")
    send "x"
    assert.equal(1, d:wire "f/interrupt")
    m:write(ISR, RC)
    assert.equal(0, d:wire "f/interrupt")
  end)

  it("SRR resets both sides, and the interrupt registers", function()
    send "x"
    m:write(TDFD, 1)
    m:write(IER, RC)
    m:write(SRR, 0xa5)
    assert.equal(0, m:read(IER))
    assert.equal(3 << 23, m:read(ISR)) -- TRC and RRC
    assert.equal(60, m:read(TDFV))
    assert.equal(0, m:read(RDFO))
  end)

  it("can be made to look empty or full", function()
    send "x"
    d:inject { ip = "f", fault = "fifo_empty" }
    d:inject { ip = "f", fault = "fifo_full" }
    assert.equal(0, m:read(RDFO))
    assert.equal(0, m:read(TDFV))
    d:clear_faults()
    assert.equal(1, m:read(RDFO))
    assert.equal("x", receive())
  end)
end)
