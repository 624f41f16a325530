-- The clock registers of the simulated processing systems, read and written as a script would with MMIO.
-- registers.md 18; reset values and reserved bits agree with QEMU's zynq_slcr and xlnx-zynqmp-crf.
describe("a simulated processing system", function()
  local lunq = require "lunq"
  local core = lunq.core
  local raised = dofile "spec/overlay/fixture.lua".raised

  local device, windows

  local function open(spec) device, windows = lunq.Device.open(spec), {} end

  local function window(base)
    windows[#windows + 1] = lunq.MMIO(base, 0x1000, device)
    return windows[#windows]
  end

  after_each(function()
    for _, w in ipairs(windows) do w:close() end
    device:close()
  end)

  describe("of a Zynq-7000", function()
    local slcr
    before_each(function() open "sim:zynq7000"; slcr = window(0xF8000000) end)

    it("is locked at first, takes its keys, and no others", function()
      assert.equal(1, slcr:read(0x00C))
      slcr:write(0x170, 0)
      assert.equal(0x00101800, slcr:read(0x170))
      for _, key in ipairs { 0, 0xDF0C, 0x767B, 0xFFFFFFFF } do
        slcr:write(0x008, key)
        assert.equal(1, slcr:read(0x00C))
      end
      slcr:write(0x008, 0xABCDDF0D) -- 16 bits of it count
      assert.equal(0, slcr:read(0x00C))
      slcr:write(0x170, 0)
      assert.equal(0, slcr:read(0x170))
      slcr:write(0x004, 0xDF0D)
      assert.equal(0, slcr:read(0x00C))
      slcr:write(0x004, 0x767B)
      assert.equal(1, slcr:read(0x00C))
      slcr:write(0x170, 0x100)
      assert.equal(0, slcr:read(0x170))
    end)

    it("has the reset values, with the PLLs of a PYNQ-Z1 running", function()
      local values = { [0x000] = 0, [0x004] = 0, [0x008] = 0, [0x00C] = 1, [0x100] = 26 << 12, [0x104] = 21 << 12,
                       [0x108] = 20 << 12, [0x10C] = 0x3F, [0x120] = 0x1F000200 }
      for i = 0, 3 do
        values[0x170 + 0x10 * i], values[0x174 + 0x10 * i] = 0x00101800, 0
        values[0x178 + 0x10 * i], values[0x17C + 0x10 * i] = 0, 0x00010000
      end
      for offset, value in pairs(values) do assert.equal(value, slcr:read(offset), ("0x%x"):format(offset)) end
    end)

    it("keeps reserved bits and read-only registers as they are", function()
      slcr:write(0x008, 0xDF0D)
      for _, offset in ipairs { 0x100, 0x120, 0x170, 0x178, 0x10C, 0x17C, 0x00C, 0x800 } do
        slcr:write(offset, 0xFFFFFFFF)
      end
      assert.same({ 0x0007F01B, 0x1F003F30, 0x03F03F30, 0xFFFF, 0x3F, 0x00010000, 0, 0 },
                  { slcr:read(0x100), slcr:read(0x120), slcr:read(0x170), slcr:read(0x178), slcr:read(0x10C),
                    slcr:read(0x17C), slcr:read(0x00C), slcr:read(0x800) })
    end)

    it("takes words: two at once, parts to read, none to write", function()
      slcr:write(0x008, 0xDF0D)
      slcr:write64(0x170, 0x0000000F00200500)
      assert.same({ 0x00200500, 0xF }, { slcr:read(0x170), slcr:read(0x174) })
      assert.equal(0x0000000F00200500, slcr:read64(0x170))
      assert.same({ 0x05, 0x20, 0x0020 }, { slcr:read8(0x171), slcr:read8(0x172), slcr:read16(0x172) })
      assert.same({ "io", "Bus error (SLVERR) writing 1 bytes at 0xf8000171 (slcr + 0x171): registers of the "
                          .. "processing system take whole words." }, raised(slcr.write8, slcr, 0x171, 1))
      assert.equal(0x00200500, slcr:read(0x170))
    end)

    it("ends where its registers end", function()
      local beyond <close> = lunq.MMIO(0xF8000FFC, 8, device)
      assert.equal(0, beyond:read(0))
      assert.equal("io", raised(beyond.read, beyond, 4)[1])
    end)

    it("is in the trace", function()
      device:trace(true)
      slcr:read(0x170)
      slcr:write(0x008, 0xDF0D)
      assert.matches("^%d+ read slcr%+0x170 4 0x101800\n%d+ write slcr%+0x8 4 0xdf0d\n$", device:trace(false))
    end)
  end)

  describe("of a Zynq UltraScale+", function()
    local crl, crf
    before_each(function() open "sim:zynqmp"; crl, crf = window(0xFF5E0000), window(0xFD1A0000) end)

    it("has the reset values, with its PLLs running and the logic's clocks off", function()
      for i = 0, 3 do assert.equal(0x00052000, crl:read(0xC0 + 4 * i)) end
      assert.same({ 0, 0x1B, 0x400, 0x400 }, { crl:read(0x1C), crl:read(0x40), crl:read(0x44), crl:read(0x48) })
      assert.same({ 1 << 16 | 90 << 8, 1 << 16 | 90 << 8 }, { crl:read(0x20), crl:read(0x30) }) -- 1500 MHz
      assert.same({ 0, 0x3F, 0x300 }, { crf:read(0x1C), crf:read(0x44), crf:read(0x4C) })
      assert.same({ 1 << 16 | 72 << 8, 1 << 16 | 63 << 8, 1 << 16 | 90 << 8 },
                  { crf:read(0x20), crf:read(0x2C), crf:read(0x38) })
      assert.equal(0x03000100, crf:read(0x60))
    end)

    it("has a write protection in each block", function()
      crl:write(0x1C, 1)
      crl:write(0xC0, 0x01010100)
      crf:write(0x60, 0x03000200)
      assert.same({ 0x00052000, 0x03000200 }, { crl:read(0xC0), crf:read(0x60) })
      crf:write(0x1C, 1)
      crf:write(0x60, 0x03000100)
      assert.equal(0x03000200, crf:read(0x60))
      crl:write(0x1C, 0)
      crl:write(0xC0, 0xFFFFFFFF)
      assert.equal(0x013F3F07, crl:read(0xC0))
    end)
  end)

  it("is there once a design says which, and goes with a design for another", function()
    open "sim"
    local m = window(0xF8000000)
    assert.same({ "io", "Bus error (DECERR) reading 4 bytes at 0xf8000170: nothing answers there, and no design is "
                        .. "loaded." }, raised(m.read, m, 0x170))
    device:program(core.design_from_table { arch = "zynq", ip = {} })
    assert.equal(0x00101800, m:read(0x170))
    device:program(core.design_from_table { arch = "none", ip = {} }) -- no processing system: the same board
    assert.equal(0x00101800, m:read(0x170))
    device:program(core.design_from_table { arch = "zynquplus", ip = {} })
    assert.equal("io", raised(m.read, m, 0x170)[1])
    local crl = window(0xFF5E0000)
    assert.equal(0x00052000, crl:read(0xC0))
    device:program(core.design_parse("versal.hwh", io.open "spec/design/fixtures/versal.hwh":read "a"))
    assert.equal("io", raised(crl.read, crl, 0xC0)[1])
  end)

  it("boots with what the design says, nonsense left out", function()
    open "sim"
    local m = window(0xF8000000)
    device:program(core.design_from_table { arch = "zynq", ip = {}, clocks = {
      [0] = { enable = 1, divisor0 = 5, divisor1 = 2 }, [3] = { enable = 1, divisor0 = 63, divisor1 = 63 } } })
    assert.same({ 0x00200500, 0x00101800, 0x03F03F00 }, { m:read(0x170), m:read(0x180), m:read(0x1A0) })
  end)
end)
