-- Bursts of every kind by masters of RTL: into the host's buffers, and into slaves that are RTL themselves.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"
local new_asker = dofile "spec/rtl/asker.lua"
local FIXED <const>, INCR <const>, WRAP <const> = 0, 1, 2

-- Where in the memory, number of the last beat, size, type.
local SHAPES <const> = {
  { 0, 0, 3, INCR }, { 0, 15, 3, INCR }, { 5, 0, 3, INCR }, { 3, 4, 3, INCR }, { 4, 7, 2, INCR }, { 6, 6, 2, INCR },
  { 1, 9, 1, INCR }, { 7, 15, 0, INCR }, { 9, 3, 0, INCR }, { 0, 3, 3, FIXED }, { 4, 15, 2, FIXED }, { 3, 2, 3, FIXED },
  { 6, 1, 0, FIXED }, { 0x18, 3, 3, WRAP }, { 0x28, 1, 3, WRAP }, { 0x7c, 15, 2, WRAP }, { 0x2a, 7, 1, WRAP },
  { 0x13, 3, 0, WRAP },
}

local function name_of(shape)
  return ("%d beats of %d bytes, %s, from byte %d"):format(shape[2] + 1, 1 << shape[3],
    ({ [FIXED] = "FIXED", "INCR", "WRAP" })[shape[4]], shape[1])
end

local function burst(base, shape, modifiable)
  return { address = base + shape[1], len = shape[2], size = shape[3], type = shape[4], modifiable = modifiable }
end

--- Which strobes are withheld: other ones in each beat.
local MASK <const> = {}
for i = 1, 16 do MASK[i] = (0xb5 * i ~ 0x5a) & 0xff end

describe("a burst", function()
  local it = fixture.with_verilator(it, pending)
  local ol, asker

  --- The master at 0x43c00000, RTL of this name at 0x43c10000.
  local function open(target, options, parameters, range)
    local path = fixture.cache .. "/bursts_" .. target .. ".lua"
    require "lunq.rtl.cache".write(path, ("return { bursts = %q, target = %q }"):format(
      core.absolute(fixture.model "bursts"), core.absolute(fixture.model(target, { parameters = parameters }))))
    ol = lunq.Overlay({ ip = {
      bursts = { type = "acme.com:user:bursts:1.0", address = 0x43c00000, range = 0x1000 },
      target = { type = "acme.com:user:target:1.0", address = 0x43c10000, range = range or 0x10000 },
    } }, { device = core.device_open(("rtl:%s%s"):format(path, options or "")) })
    asker = new_asker(ol.bursts.mmio, function(n) ol.device:step(n) end)
  end
  local function close()
    local device = ol and ol.device
    if ol then ol:free() end
    if device then device:close() end
    ol = nil
  end
  after_each(close)

  local function violations()
    local list = {}
    for _, r in ipairs(ol.device:rtl()) do
      for _, v in ipairs(r.violations) do list[#list + 1] = v.text end
    end
    return list
  end

  --- Writes and reads in every shape; `put(bytes)` and `get()` are the 256 bytes at `base` behind the master's back.
  local function check(base, put, get, modifiable)
    for _, shape in ipairs(SHAPES) do
      for _, mask in ipairs { false, MASK } do
        local b, before, want = burst(base, shape, modifiable), {}, {}
        for i = 0, 255 do before[i + 1] = string.char(i * 37 + 11 & 0xff) end
        put(table.concat(before))
        assert.same({ { id = 0, response = 0 } }, asker:write(b, mask), name_of(shape))
        asker.written(b, want, mask or nil)
        for i = 0, 255 do before[i + 1] = want[base + i] and string.char(want[base + i]) or before[i + 1] end
        assert.equal(table.concat(before), get(), name_of(shape))
      end
      local b, now = burst(base, shape, modifiable), get()
      local beats = asker:read(b)
      assert.equal(shape[2] + 1, #beats)
      for i, beat in ipairs(beats) do assert.same({ 0, 0, i == #beats }, { beat.id, beat.response, beat.last }) end
      local function byte_at(address) return now:byte(address - base + 1) end
      assert.same(asker.expected(b, byte_at), asker.bytes(b, beats), name_of(shape))
    end
    assert.same({}, violations())
  end

  for _, options in ipairs { "", "?stress=3&stall=40" } do
    it("of every shape is right in a buffer" .. options, function()
      open("ram", options)
      local buffer <close> = lunq.allocate(256, "u1", { target = ol.device })
      check(buffer.physical_address, function(bytes) buffer:frombytes(bytes) end,
            function() return buffer:tobytes() end)
    end)

    it("of every shape goes as it is to an AXI4 slave that is RTL" .. options, function()
      open("ram", options)
      local m = ol.target.mmio
      check(0x43c10000, function(bytes) m:write_block(0, bytes) end, function() return m:read_string(0, 256) end)
    end)
  end

  it("is cut where the slave has a narrower bus", function()
    open("ram", nil, { DW = 32 })
    local m = ol.target.mmio
    check(0x43c10000, function(bytes) m:write_block(0, bytes) end, function() return m:read_string(0, 256) end)
  end)

  it("has no more beats than the slave's AxLEN has bits for, four of AXI3, and its ID with the data", function()
    open("ram", nil, { LENW = 2 })
    local m = ol.target.mmio
    local text = ("0123456789abcdef"):rep(64)
    m:write_block(4, text)
    assert.equal(text, m:read_string(4, 1024))
    for modifiable = 0, 1 do
      check(0x43c10000, function(bytes) m:write_block(0, bytes) end, function() return m:read_string(0, 256) end,
            modifiable)
    end
  end)

  it("is narrow on a wider bus", function()
    open("ram", nil, { DW = 512 })
    local m = ol.target.mmio
    check(0x43c10000, function(bytes) m:write_block(0, bytes) end, function() return m:read_string(0, 256) end)
  end)

  it("is packed on a wider bus where its master allows that", function()
    open("ram", nil, { DW = 512 })
    local m = ol.target.mmio
    check(0x43c10000, function(bytes) m:write_block(0, bytes) end, function() return m:read_string(0, 256) end, 1)
    local b = { address = 0x43c10006, len = 15, size = 2, type = INCR, modifiable = 1 }
    close()
    open "weave" -- which knows no narrow bursts
    assert.equal(0, asker:write(b)[1].response)
    local want = {}
    asker.written(b, want)
    assert.same(asker.expected(b, function(a) return want[a] end), asker.bytes(b, asker:read(b)))
    b.modifiable = 0
    assert.not_same(asker.expected(b, function(a) return want[a] end), asker.bytes(b, asker:read(b)))
  end)

  it("is one access a word to registers on AXI4-Lite", function()
    open "regs"
    local m = ol.target.mmio
    assert.equal(0, asker:write({ address = 0x43c10008, len = 1, size = 3, type = INCR })[1].response)
    assert.same({ 0x03020100, 0x07060504, 0x13121110, 0x17161514 }, m:read_block(8, 4))
    assert.equal(0, asker:write({ address = 0x43c10006, len = 0, size = 1, type = INCR })[1].response)
    assert.equal(0x07060000, m:read(4))
    assert.equal(0, asker:write({ address = 0x43c1000c, len = 3, size = 2, type = FIXED })[1].response)
    assert.equal(0x37363534, m:read(0xc))
    local beats = asker:read { address = 0x43c10000, len = 1, size = 3, type = INCR }
    assert.equal(string.pack("<I4I4I4I4", 0x4c554e51, 0x07060000, 0x03020100, 0x37363534),
                 beats[1].data .. beats[2].data)
    assert.same({}, violations())
  end)

  it("has the answer of each beat, and the worst of a write", function()
    open "regs"
    local answers = {}
    for i, beat in ipairs(asker:read { address = 0x43c10018, len = 3, size = 3, type = INCR }) do
      answers[i] = beat.response
    end
    assert.same({ 0, 0, 2, 2 }, answers)
    assert.equal(2, asker:write({ address = 0x43c1001c, len = 3, size = 2, type = INCR })[1].response)
    assert.equal(0x07060504, ol.target.mmio:read(0x1c))
  end)

  it("finds an own slave port, too", function()
    open "regs"
    assert.equal(0, asker:write({ address = 0x43c00240, len = 0, size = 3, type = INCR })[1].response) -- data of beat 8
    asker.mmio:write(0x320, 0xff) -- its strobes
    local beats = asker:read { address = 0x43c00000, len = 0, size = 3, type = INCR }
    assert.equal(string.pack("<I4I4", 1, 0x43c00000), beats[1].data)
  end)

  it("is DECERR when it leaves the range of its slave", function()
    open("ram", nil, nil, 0x800)
    local said = lunq.warnings.capture(function()
      assert.equal(3, asker:write({ address = 0x43c107f8, len = 1, size = 3, type = INCR })[1].response)
      assert.equal(3, asker:read({ address = 0x43c107f8, len = 1, size = 3, type = INCR })[2].response)
    end)
    assert.match("bursts/m_axi writes 16 bytes at 0x43c107f8", said[1].text, 1, true)
    assert.equal(0, asker:write({ address = 0x43c107f0, len = 1, size = 3, type = INCR })[1].response)
  end)

  it("is SLVERR from RTL that has ended, whatever it waits for", function()
    open "faults"
    lunq.warnings.capture(function()
      local ok, e = pcall(asker.write, asker, { address = 0x43c10010, len = 0, size = 2, type = INCR }) -- $finish
      assert.same({ false, "device" }, { ok, e.kind })
      ol.device:step(20)
      assert.equal(2, ol.bursts.mmio:read(0x700) & 3)
    end)
  end)

  for offset, what in pairs { [0x40] = "write 0x43c10040: no AWREADY and no WREADY",
                              [0x48] = "read 0x43c10048: no RVALID" } do
    it("that is never answered is an error of who waits: " .. what, function()
      open("faults", "?timeout=200")
      local ask = what:match "^write" and asker.write or asker.read
      local ok, e = pcall(ask, asker, { address = 0x43c10000 + offset, len = 0, size = 2, type = INCR })
      assert.same({ false, "timeout" }, { ok, e.kind })
      assert.match("^target/s_axi: " .. what .. " within 200 cycles%.", tostring(e))
      assert.equal(1, asker.mmio:read(0)) -- the master waits
    end)
  end

  it("that is exclusive gets OKAY from memory, which has no monitor", function()
    open "ram"
    local buffer <close> = lunq.allocate(256, "u1", { target = ol.device })
    local b = { address = buffer.physical_address, len = 0, size = 3, type = INCR, lock = 1 }
    assert.equal(0, asker:read(b)[1].response)
    assert.equal(0, asker:write(b)[1].response)
    assert.equal(7, buffer[8])
  end)

  it("that is exclusive has the answer of its slave", function()
    open "weave"
    local b = { address = 0x43c14000, len = 0, size = 3, type = INCR, lock = 1 } -- weave says EXOKAY there
    assert.equal(1, asker:read(b)[1].response)
    assert.equal(0, asker:read({ address = 0x43c10000, len = 0, size = 3, type = INCR, lock = 1 })[1].response)
    assert.same({}, violations())
    b.lock = 0
    lunq.warnings.capture(asker.read, asker, b)
    assert.same({ "s_axi: EXOKAY to a read that is not exclusive" }, violations())
  end)

  it("is SLVERR where the slave can't do it, and a person is told why, once", function()
    open "words" -- has no WSTRB
    local word = { address = 0x43c10000, len = 0, size = 2, type = INCR }
    assert.equal(0, asker:write(word)[1].response)
    local said = lunq.warnings.capture(function()
      assert.equal(2, asker:write({ address = 0x43c10000, len = 0, size = 1, type = INCR })[1].response)
      assert.equal(2, asker:write(word, { 0x0e })[1].response)
    end)
    assert.equal(1, #said)
    assert.equal("bursts/m_axi gets SLVERR from port s_axi: it has no WSTRB, only whole words can be written. "
                 .. "(Said once for each port.)", said[1].text)
    assert.equal(0x03020100, ol.target.mmio:read(0))
  end)

  it("is of the same kind at its slave", function()
    open "weave" -- which tells it at 0xf000
    local b = { address = 0x43c1f000, len = 0, size = 3, type = INCR }
    for kind, word in pairs { plain = 0, lock = 0x100, modifiable = 2 } do
      local asked = setmetatable({ [kind] = 1 }, { __index = b })
      assert.equal(string.pack("<I8", word), asker:read(asked)[1].data)
    end
    assert.equal(0, ol.target.mmio:read(0xf000))
  end)

  it("is forgotten with the design, whatever it waits for", function()
    open "weave"
    local m = asker.mmio
    m:write(4, 0x43c19000) -- is never answered
    m:write(8, 15 | 3 << 8 | 1 << 12 | 3 << 20 | 1 << 24)
    m:write(0, 1)
    ol.device:step(100)
    assert.equal(1, m:read(0))
    ol:download()
    asker.mmio = ol.bursts.mmio
    assert.equal(0, asker.mmio:read(0))
    assert.equal(0, asker:read({ address = 0x43c10000, len = 15, size = 3, type = INCR })[16].response)
  end)

  it("shares the port of its slave with the host", function()
    open("ram", "?stress=5")
    local m = ol.target.mmio
    ol.bursts.mmio:write(4, 0x43c10000)
    ol.bursts.mmio:write(8, 15 | 3 << 8 | 1 << 12 | 3 << 20 | 1 << 24)
    for round = 1, 5 do
      ol.bursts.mmio:write(0, 1)
      for i = 0, 9 do m:write(0x800 + 4 * i, i * round) end
      for i = 0, 9 do assert.equal(i * round, m:read(0x800 + 4 * i)) end
      m:write_block(0x900, ("host"):rep(32))
      assert.equal(("host"):rep(32), m:read_string(0x900, 128))
    end
    assert.same({}, violations())
  end)
end)

describe("bursts of several IDs", function()
  local it = fixture.with_verilator(it, pending)

  --- Reads or writes four bursts of four beats; gives the IDs in their order: of beats, or of answers.
  local function order(options, ids, what)
    local d <close> = core.device_open("rtl:" .. fixture.model "bursts" .. options)
    local m <close> = lunq.MMIO(0, 0x800, d)
    local buffer <close> = lunq.allocate(0x400, "u1", { target = d })
    local asker = new_asker(m, function(n) d:step(n) end)
    for i = 1, 0x400 do buffer[i] = (i - 1) // 0x100 * 16 + (i - 1) % 256 // 8 end
    local b = { address = buffer.physical_address, len = 3, size = 3, type = INCR, bursts = 4, ids = ids }
    local list, at = {}, {}
    for i, r in ipairs(asker[what](asker, b)) do
      list[i] = r.id
      if r.data then -- of its burst, and in the order of its beats
        local k = ids and r.id or (i - 1) // 4
        at[k] = (at[k] or -1) + 1
        assert.same({ k * 16 + at[k], at[k] == 3 }, { r.data:byte(), r.last })
      end
    end
    assert.same({}, d:rtl()[1].violations)
    return table.concat(list)
  end

  it("come in order without stress, and where they have one ID", function()
    assert.equal("0000111122223333", order("", true, "read"))
    assert.equal("0123", order("", true, "write"))
    for seed = 1, 5 do
      assert.equal(("0"):rep(16), order("?stress=" .. seed, false, "read"))
      assert.equal("0000", order("?stress=" .. seed, false, "write"))
    end
  end)

  it("come in any under stress, beats of reads in turns, the same for the same seed", function()
    local orders, in_turns, answers = {}, 0, {}
    for seed = 1, 10 do
      local ids = order("?stall=20&stress=" .. seed, true, "read")
      orders[ids] = true
      in_turns = in_turns + (ids:find "(%d)[^%1]+%1" and 1 or 0)
      assert.equal(ids, order("?stall=20&stress=" .. seed, true, "read"))
      answers[order("?stall=20&stress=" .. seed, true, "write")] = true
    end
    local n = 0
    for _ in pairs(orders) do n = n + 1 end
    assert.is_true(n >= 8 and in_turns >= 8)
    answers["0123"] = nil
    assert.is_not_nil(next(answers))
  end)

  it("keep their order under stress where that is asked for", function()
    for seed = 1, 5 do
      assert.equal("0000111122223333", order("?in_order=1&stall=20&stress=" .. seed, true, "read"))
      assert.equal("0123", order("?in_order=1&stall=20&stress=" .. seed, true, "write"))
    end
  end)
end)
