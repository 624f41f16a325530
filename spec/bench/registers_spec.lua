-- Register walks: what is tried, what is let alone, and that a wrong register is named with its bits.
describe("bench.register_walk", function()
  local bench = require "lunq.bench"
  local fixture = dofile "spec/rtl/fixture.lua"
  local lunq = require "lunq"
  local register_map = require "lunq.register_map"

  local d, ol, Part, broken

  --- A block with a bit of everything. `broken` says what its model does wrong.
  local REGISTERS <const> = {
    CONTROL = { offset = 0x00, reset = 0x110, fields = { RUN = 0, MODE = { bit = 4, width = 2 },
      READY = { bit = 8, access = "read-only" }, KEY = { bit = 12, width = 4, access = "write-only" } } },
    LIMIT = { offset = 0x04, fields = { LOW = { bit = 0, width = 16 }, HIGH = { bit = 16, width = 16 } } },
    SCALE = { offset = 0x08, reset = 3 },
    VERSION = { offset = 0x0c, access = "read-only", reset = 0x20 },
    COUNT = { offset = 0x10, access = "read-only" },
    KICK = { offset = 0x14 },
    SEND = { offset = 0x18, access = "write-only" },
    GONE = { offset = 0x1c, enabled = false },
  }

  before_each(function()
    broken = {}
    Part = lunq.Model:extend { models = { "acme.com:user:part:1.0" } }
    function Part:reset()
      self.words = { [0x00] = 0x110, [0x08] = broken.reset or 3, [0x0c] = 0x20, [0x10] = 0 }
      self.kicks, self.keys = 0, {}
      broken.model = self
    end
    function Part:read(offset)
      if offset == broken.refused then return nil, "slave_error" end
      if offset == 0x10 then self.words[0x10] = self.words[0x10] + 1 end
      return self.words[offset] or 0
    end
    function Part:write(offset, value)
      local words = self.words
      if offset == broken.fatal then error("stopped", 0) end
      if offset == 0x00 then
        table.insert(self.keys, value >> 12)
        words[0] = value & 0x31 | 0x100
      elseif offset == 0x04 or offset == 0x08 then
        words[offset] = value & ~(broken.stuck or 0) | (broken.high or 0)
        if broken.alias and offset == 0x08 then words[0x04] = words[0x08] end
      elseif offset == 0x0c then
        if broken.refuse_version then return false, "slave_error" end
        if broken.version then words[offset] = value end
      else
        self.kicks = self.kicks + 1
      end
    end
    d = lunq.Device.open "sim"
  end)
  after_each(function()
    if ol then ol:free() end
    d:close()
    Part:unbind()
    ol = nil
  end)

  local function part()
    ol = lunq.Overlay({ ip = { part = { vlnv = "acme.com:user:part:1.0", address = 0x43c00000,
                                        registers = REGISTERS } } }, { device = d })
    return ol.part
  end

  local function raised(...)
    local ok, e = pcall(bench.register_walk, ...)
    assert.is_false(ok)
    return { e.kind, tostring(e) }
  end

  -- ---- what is right ------------------------------------------------------------------------------

  it("writes and reads back what can be written, and says what it left out and why", function()
    local summary = bench.register_walk(part(), { reset = true })
    assert.equal([[
part: 3 registers written and read back, 2 read-only ones kept, 5 reset values right
  left out, by its name writing it does something: CONTROL.RUN, KICK
  left out, write-only: CONTROL.KEY, SEND
  left out, not in this configuration: GONE
  left out, it changes by itself: COUNT]], tostring(summary))
    assert.same({ 3, 2, 5, 6 }, { summary.registers, summary.kept, summary.checked, #summary.left_out })
  end)

  it("gives every register back what it had, and touches nothing that acts", function()
    local ip = part()
    ip:write(0x04, 0x12345678)
    ip:write(0x08, 0xcafef00d)
    ip:write(0x00, 0x21)
    bench.register_walk(ip)
    assert.same({ 0x121, 0x12345678, 0xcafef00d, 0x20 }, { ip:read(0), ip:read(4), ip:read(8), ip:read(0x0c) })
    assert.equal(0, broken.model.kicks)
    for _, key in ipairs(broken.model.keys) do assert.equal(0, key) end
  end)

  it("writes more when it is asked to, and less", function()
    local summary = bench.register_walk(part(), { also = { "CONTROL.RUN" }, except = { "SCALE", "LIMIT.LOW",
      "COUNT", "KICK", "VERSION" } })
    assert.equal([[
part: 2 registers written and read back, 1 read-only one kept
  left out, write-only: CONTROL.KEY, SEND
  left out, as asked: LIMIT.LOW, SCALE, VERSION, COUNT, KICK
  left out, not in this configuration: GONE]], tostring(summary))
  end)

  it("takes an error of the bus as a refusal where a read-only register is written", function()
    broken.refuse_version = true
    assert.equal(2, bench.register_walk(part()).kept)
  end)

  -- ---- what is wrong ------------------------------------------------------------------------------

  it("finds bits that stick, at 0 and at 1", function()
    broken.stuck, broken.high = 0x00018000, 4
    assert.same({ "check", [[
2 registers of part are not as the register map says:
  part.LIMIT at 0x4 does not keep what is written: wrote 0x00000000, read 0x00000004; wrong: @
  part.SCALE at 0x8 does not keep what is written: wrote 0x00000000, read 0x00000004; wrong: bits 16:15, 2]] },
      { "check", (raised(part())[2]:gsub("bits 15, 2 %(LOW%), bit 16 %(HIGH%)", "@")) })
  end)

  it("finds a read-only register that can be written, and repairs it", function()
    broken.version = true
    local ip = part()
    assert.same({ "check", "part.VERSION at 0xc can be written though it is read-only: wrote 0xffffffdf, "
      .. "read 0xffffffdf, it was 0x00000020; changed: bits 31:0." }, raised(ip))
    assert.equal(0x20, ip:read(0x0c))
  end)

  it("finds a wrong reset value, when it is asked to look", function()
    broken.reset = 0x103
    assert.same({ "check", "part.SCALE at 0x8 has a wrong reset value: read 0x00000103, expected was 0x00000003; "
      .. "wrong: bit 8." }, raised(part(), { reset = true }))
    bench.register_walk(ol.part)
    assert.equal(1, bench.register_walk(ol.part, { reset = { SCALE = 0x103 } }).checked)
  end)

  it("finds a register that changes with another, and restores both", function()
    broken.alias = true
    local ip = part()
    ip:write(0x08, 7)
    ip:write(0x04, 9)
    assert.same({ "check", "Writing part.SCALE at 0x8 changes part.LIMIT at 0x4: wrote 0x55555555, read there "
      .. "0x55555555, it was 0x00000009; changed: bits 14, 12, 10, 8, 6, 4:2 (LOW), bits 30, 28, 26, 24, 22, 20, 18, "
      .. "16 (HIGH)." }, raised(ip))
    assert.same({ 7, 9 }, { ip:read(0x08), ip:read(0x04) })
  end)

  it("finds a register that the slave does not have", function()
    broken.refused = 0x08
    local got = raised(part())
    assert.equal("check", got[1])
    assert.matches("^part.SCALE at 0x8 can't be reached: .*SLVERR", got[2])
  end)

  it("restores what it wrote when the device fails", function()
    local ip = part()
    ip:write(0x04, 77)
    broken.fatal = 0x08
    assert.equal("device", raised(ip)[1])
    assert.equal(77, ip:read(0x04))
  end)

  -- ---- what the metadata say ----------------------------------------------------------------------

  it("leaves out what a read or a write does something with, and arrays, by the metadata", function()
    local m <close> = lunq.MMIO(0x40020000, 0x100, d)
    m:fill(0, 64, 0)
    local function register(offset, field)
      field.bit_offset, field.bit_width, field.access = 0, 8, "read-write"
      return { address_offset = offset, size = 32, access = "read-write", fields = { F = field } }
    end
    local map = register_map.new(m, {
      STATUS = register(0, { write_effect = "oneToClear" }), FIFO = register(4, { read_action = "modify" }),
      WIDE = { address_offset = 8, size = 64, access = "read-write" }, SAME = register(8, {}), PLAIN = register(16, {}),
    })
    assert.equal([[
the register map: 2 registers written and read back, 0 read-only ones kept
  left out, writing a 1 does something: STATUS.F
  left out, a read changes it: FIFO
  left out, at the address of SAME: WIDE]], tostring(bench.register_walk(map)))
  end)

  it("starts no DMA", function()
    local m <close> = lunq.MMIO(0x40020000, 0x100, d)
    m:fill(0, 64, 0)
    local text = tostring(bench.register_walk(register_map.new(m, {}, "xilinx.com:ip:axi_dma:7.1"),
      { except = { "MM2S_DMASR", "S2MM_DMASR" } }))
    for _, name in ipairs { "MM2S_DMACR.RS", "MM2S_TAILDESC", "S2MM_LENGTH" } do
      assert.matches("a write starts a transfer: [^\n]*" .. name, text)
    end
  end)

  it("refuses what it can't understand", function()
    local ip = part()
    assert.same({ "value", "register_walk has no option resets; did you mean \"reset\"?" }, raised(ip, { resets = 1 }))
    assert.same({ "value", "except: there is no register or field CONTROL.MODES; did you mean \"CONTROL.MODE\"?" },
                raised(ip, { except = { "CONTROL.MODES" } }))
    assert.same({ "type", "also should be a list of names, not string" }, raised(ip, { also = "KICK" }))
    assert.same({ "type", "reset: the value of SCALE should be an integer, not string" },
                raised(ip, { reset = { SCALE = "3" } }))
    assert.same({ "type", "an IP or a register map is needed, not number" }, raised(3))
  end)

  -- ---- RTL ----------------------------------------------------------------------------------------

  describe("on RTL", function()
    local it = fixture.with_verilator(it, pending)

    --- spec/rtl/regs.v by a map of ours; `names` changes it.
    local function regs(names)
      local registers = { ID = { offset = 0, access = "read-only", reset = 0x4c554e51 },
                          TICKS = { offset = 0x24, access = "read-only" } }
      for i = 1, 7 do registers["R" .. i] = 4 * i end
      for name, r in pairs(names or {}) do registers[name] = r end
      ol = lunq.Overlay({ ip = { regs = { vlnv = "acme.com:user:regs:1.0", address = 0x43c00000,
        registers = registers } } }, { device = d, rtl = { regs = fixture.model "regs" } })
      return ol.regs
    end

    it("walks the registers of the Verilog", function()
      local summary = bench.register_walk(regs(), { reset = { ID = 0x4c554e51, R3 = 0 } })
      assert.same({ 7, 1, 2 }, { summary.registers, summary.kept, summary.checked })
      assert.matches("left out, it changes by itself: TICKS$", tostring(summary))
    end)

    it("finds a map that is not the Verilog's", function()
      assert.same({ "check", [[
2 registers of regs are not as the register map says:
  regs.ID at 0x0 can't be reached: X
  regs.R3 at 0xc can be written though it is read-only: wrote 0xffffffff, read 0xffffffff, it was 0x00000000; @]] },
        { "check", (raised(regs { ID = 0, R3 = { offset = 12, access = "read-only" } })[2]
                    :gsub("(reached: )[^\n]*SLVERR[^\n]*", "%1X"):gsub("changed: bits 31:0", "@")) })
    end)
  end)
end)
