-- Blocks into and out of AXI4 slaves of RTL go as bursts, whoever moves them.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"
local fails = fixture.fails

--- n words that tell where they are.
local function words(n, from)
  local t = {}
  for i = 1, n do t[i] = (i + (from or 0)) * 2654435761 & 0xffffffff end
  return t
end

describe("an AXI4 slave of RTL", function()
  local it = fixture.with_verilator(it, pending)
  local d, m

  local function open(name, options, parameters)
    d = core.device_open(("rtl:%s%s"):format(fixture.model(name, { parameters = parameters }), options or ""))
    m = lunq.MMIO(0, 0x10000, d)
  end
  local function close()
    if m then m:close() end
    if d then d:close() end
    d, m = nil, nil
  end
  after_each(close)

  --- Cycles it takes to do this.
  local function cycles(f, ...)
    local before = d.cycle
    f(...)
    return d.cycle - before
  end

  for _, bits in ipairs { 64, 512 } do
    it(("gets a beat a cycle of %d bits, in bursts of up to 256"):format(bits), function()
      open("ram", nil, bits ~= 64 and { DW = bits } or nil)
      local t, beats = words(1024), 4096 * 8 // bits
      local writing = cycles(m.write_block, m, 0, t)
      assert.is_true(writing >= beats and writing <= beats + 20, writing)
      local list
      local reading = cycles(function() list = m:read_block(0, 1024) end)
      assert.is_true(reading >= beats and reading <= beats + 20, reading)
      assert.same(t, list)
    end)
  end

  it("gets what is not whole words by strobes, and not a byte beside it", function()
    open "ram"
    for first = 0, 9 do
      for n = 9, 18 do
        m:write_block(0, ("."):rep(64))
        m:write_block(first, ("abcdefghijklmnopqr"):sub(1, n), 1)
        assert.equal(("."):rep(first) .. ("abcdefghijklmnopqr"):sub(1, n) .. ("."):rep(64 - first - n),
                     m:read_string(0, 64))
        assert.equal(("abcdefghijklmnopqr"):sub(1, n), m:read_string(first, n, 1))
      end
    end
  end)

  it("gets single accesses for a word, two words, and a register that is a FIFO", function()
    open "ram"
    m:write_block(0x20, { 1, 2 })
    m:write_block(0x40, { 3, 4, 5 }, { fixed = true })
    assert.same({ 1, 2, 5, 0 }, { m:read(0x20), m:read(0x24), m:read(0x40), m:read(0x44) })
  end)

  it("answers blocks and accesses in turns", function()
    open "weave"
    for i = 0, 15 do
      m:write_block(i * 64, words(16, i))
      m:write(i * 64 + 8, i)
      local want = words(16, i)
      want[3] = i
      assert.same(want, m:read_block(i * 64, 16))
      assert.equal(i, m:read(i * 64 + 8))
    end
  end)

  for _, name in ipairs { "ram", "weave" } do
    it(("has the same data under every seed: %s"):format(name), function()
      local differ, last = 0, nil
      for seed = 1, 8 do
        open(name, ("?stress=%d&stall=50"):format(seed))
        local t, list = words(512, seed), nil
        local n = cycles(function()
          m:write_block(1028, t)
          list = m:read_block(1028, 512)
        end)
        assert.same({ t, {} }, { list, d:rtl()[1].violations })
        differ = differ + (n ~= last and 1 or 0)
        last = n
        close()
      end
      assert.is_true(differ > 4)
    end)
  end

  it("says which burst was answered with an error, and takes others", function()
    open "ram"
    assert.equal("Bus error (SLVERR) writing 64 bytes at 0xFE0 (ram + 0xFE0): answer of s_axi to the burst at 0x1000.",
                 fails("io", m.write_block, m, 0xfe0, words(16)):gsub("0xfe0", "0xFE0"))
    assert.match("Bus error (SLVERR) reading 64 bytes at 0x1040", fails("io", m.read_block, m, 0x1040, 16), 1, true)
    assert.same({ words(8), 0 }, { m:read_block(0xfe0, 8), m:read(0x10) })
  end)

  -- spec/rtl/weave.v: what it does wrong, and what is said.
  for wrong, text in pairs {
    "RLAST before the last beat", "no RLAST with the last beat", "RID of no read that is out",
    "EXOKAY to a read that is not exclusive", "BID of no write that is out", "BVALID without a write",
    "BVALID before the write was accepted", "EXOKAY to a write that is not exclusive",
  } do
    it("is told of " .. text, function()
      open("weave", "?timeout=200")
      local said = lunq.warnings.capture(function()
        pcall(m.write_block, m, wrong << 12, words(16))
        pcall(m.read_block, m, wrong << 12, 16)
        d:step(40)
      end)
      assert.equal(1, #said)
      assert.match("breaks a rule of its bus: s_axi: " .. text, said[1].text, 1, true)
    end)
  end

  for wrong, case in pairs { [9] = { "read", "RVALID" }, [10] = { "write", "BVALID" }, [11] = { "read", "ARREADY" },
                             [12] = { "write", "AWREADY and no WREADY" }, [13] = { "write", "WREADY" } } do
    it(("names the missing %s of a burst, and stays blocked"):format(case[2]), function()
      open("weave", "?timeout=100")
      local text = fails("timeout", function()
        if case[1] == "read" then m:read_block(wrong << 12, 16) else m:write_block(wrong << 12, words(16)) end
      end)
      assert.equal(("weave/s_axi: %s %#x: no %s within 100 cycles. The port stays blocked until the slave answers or "
                    .. "the design is loaded again."):format(case[1], wrong << 12, case[2]), text)
      local before = d.cycle
      assert.match(("port s_axi still waits: no %s for the %s of %#x that ran out of time"):format(
                     case[2], case[1], wrong << 12), fails("io", m.read, m, 0), 1, true)
      assert.match("still waits", fails("io", m.read_block, m, 0, 16), 1, true)
      assert.equal(before, d.cycle)
    end)
  end

  it("is told of no RLAST with a single access, too", function()
    open "weave"
    local said = lunq.warnings.capture(m.read, m, 0x2000)
    assert.match("s_axi: no RLAST with the last beat", said[1].text, 1, true)
    assert.equal(1, #said)
  end)

  it("is filled by bursts", function()
    open "ram"
    assert.is_true(cycles(m.fill, m, 0, 1024, 0x1234) <= 512 + 20)
    assert.same({ 0x1234, 0x1234 }, { m:read(0), m:read(4092) })
    assert.match("SLVERR", fails("io", m.fill, m, 0xff0, 2000, 0), 1, true)
  end)

  it("is recorded word by word", function()
    open "ram"
    d:trace(true)
    m:write_block(0x10, { 1, 2, 3 })
    m:read_block(0x10, 3)
    local list = {}
    for line in d:trace():gmatch "[^\n]+" do list[#list + 1] = line:match "^%d+ (.*)" end
    assert.same({ "write ram+0x10 4 0x1", "write ram+0x14 4 0x2", "write ram+0x18 4 0x3", "read ram+0x10 4 0x1",
                  "read ram+0x14 4 0x2", "read ram+0x18 4 0x3" }, list)
  end)

  it("gets single accesses, too, where a fault is to strike one of them", function()
    open "ram"
    d:inject { ip = "ram", fault = "slave_error", offset = 0x18, count = 1 }
    assert.match("writing 4 bytes at 0x18", fails("io", m.write_block, m, 0x10, { 1, 2, 3 }), 1, true)
    assert.same({ 1, 2, 0 }, m:read_block(0x10, 3))
  end)
end)

describe("a block of a design's DMA", function()
  local it = fixture.with_verilator(it, pending)

  --- A CDMA beside RTL at 0x43c00000, of this type.
  local function open(options, name, vlnv)
    return lunq.Overlay({
      ip = { cdma = { vlnv = "xilinx.com:ip:axi_cdma:4.1", address = 0x44a00000, range = 0x10000,
                      parameters = { C_INCLUDE_SG = 0, C_INCLUDE_DRE = 1, C_M_AXI_DATA_WIDTH = 64 } } },
      memory = { bram = { vlnv = vlnv, address = 0x43c00000, range = 0x10000 } },
    }, { device = core.device_open("sim" .. options), rtl = { bram = fixture.model(name) } })
  end

  it("is bursts, into memory that is RTL and out of it", function()
    local ol <close> = open("", "weave", "xilinx.com:ip:axi_bram_ctrl:4.1")
    local device <close> = ol.device
    local a <close> = lunq.allocate(2000, "u1", { target = device })
    local b <close> = lunq.allocate(2000, "u1", { target = device })
    for i = 1, 2000 do a[i] = i * 7 & 0xff end
    local function copy(from, to, n)
      local before = device.cycle
      for offset, value in pairs { [0x18] = from, [0x20] = to } do ol.cdma:write(offset, value) end
      ol.cdma:write(0x28, n)
      for _ = 1, 1000 do
        if ol.cdma:read(4) & 2 ~= 0 then break end
        device:step(10)
      end
      assert.equal(0, ol.cdma:read(4) & 0x70)
      return device.cycle - before
    end
    local there = copy(a.physical_address + 1, 0x43c00003, 1999)
    local back = copy(0x43c00003, b.physical_address, 1999)
    assert.is_true(there < 800 and back < 800)
    for i = 1, 1999 do
      if b[i] ~= a[i + 1] then assert.equal(a[i + 1], b[i], "byte " .. i) end
    end
    assert.equal(a[2], ol.bram:read(0) >> 24)
  end)

  it("that is never answered is an error of who waits, and SLVERR for the DMA", function()
    local ol <close> = open("", "weave", "xilinx.com:ip:axi_bram_ctrl:4.1")
    local device <close> = ol.device
    local a <close> = lunq.allocate(64, "u1", { target = device })
    for offset, value in pairs { [0x18] = 0x43c09000, [0x20] = a.physical_address } do ol.cdma:write(offset, value) end
    ol.cdma:write(0x28, 64)
    assert.match("^bram/s_axi: read 0x43c09000: no RVALID within 10000 cycles%.",
                 fails("device", device.advance, device, 1000000))
    assert.equal(0x20, ol.cdma:read(4) & 0x70)
  end)
end)
