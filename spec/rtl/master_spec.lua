-- Masters of compiled RTL: they move data straight in the buffers of the host, and nowhere else.
local core = require "lunq.core"
local lunq = require "lunq"
local fixture = dofile "spec/rtl/fixture.lua"

describe("a master port of RTL", function()
  local it = fixture.with_verilator(it, pending)
  local d, m
  local made = {} -- buffers

  local function open(parameters, options)
    d = core.device_open("rtl:" .. fixture.model("copy", { parameters = parameters }) .. (options or ""))
    m = lunq.MMIO(0, 0x40, d)
  end
  after_each(function()
    for _, b in ipairs(made) do b:freebuffer() end
    made = {}
    m:close()
    d:close()
  end)

  --- Copies n bytes and waits until that is done; gives the worst answer the RTL got.
  local function copy(from, to, n)
    for offset, value in pairs { [0x10] = from & 0xffffffff, [0x14] = from >> 32, [0x1c] = to & 0xffffffff,
                                 [0x20] = to >> 32, [0x28] = n } do
      m:write(offset, value)
    end
    m:write(0, 1)
    for _ = 1, 100 do
      if m:read(0) & 4 ~= 0 then return m:read(0x30) end
      d:step(1000)
    end
    error "the copy does not end"
  end

  local function buffers(n)
    local a, b = lunq.allocate(n, "u1", { target = d }), lunq.allocate(n, "u1", { target = d })
    for i = 1, n do a[i] = i * 7 % 251 end
    made = { a, b }
    return a, b
  end

  for _, bits in ipairs { 32, 128, 512 } do
    it(("copies between buffers over %d bits"):format(bits), function()
      open { DW = bits }
      local a, b = buffers(8192)
      local before = d.cycle
      assert.equal(0, copy(a.physical_address, b.physical_address, 8192))
      assert.is_true(d.cycle - before < 8192 // (bits // 8) * 4 + 2000)
      for i = 1, 8192 do
        if b[i] ~= a[i] then assert.equal(a[i], b[i], "byte " .. i) end
      end
    end)
  end

  it("writes what is inside the buffer, and not a byte behind it", function()
    open()
    local a, b = buffers(4096)
    local b2 = b.physical_address + 4
    assert.equal(0, copy(a.physical_address, b2, 64))
    assert.same({ 0, a[1], a[64], 0 }, { b[4], b[5], b[68], b[69] })
  end)

  it("gets DECERR where no live buffer is, and a person is told the address, once", function()
    open()
    local a, b = buffers(4096)
    local said = lunq.warnings.capture(function()
      assert.equal(3, copy(0x4000000, b.physical_address, 64))
      assert.equal(3, copy(a.physical_address, 0x4000000, 64))
    end)
    assert.equal(1, #said)
    assert.equal(("copy/m_axi reads 4 bytes at 0x4000000, where no live buffer is: it gets DECERR; the nearest "
                  .. "buffer is %#x to %#x. (Said once for each port.)"):format(
                   b.physical_address, b.physical_address + 4095), said[1].text)
  end)

  it("gets DECERR from a buffer that was freed", function()
    open()
    local a, b = buffers(4096)
    local address = a.physical_address
    assert.equal(0, copy(address, b.physical_address, 64))
    a:freebuffer()
    local said = lunq.warnings.capture(function() assert.equal(3, copy(address, b.physical_address, 64)) end)
    assert.equal(1, #said)
  end)

  it("ends at the end of a buffer, whatever is behind it", function()
    open()
    local a, b = buffers(4096)
    lunq.warnings.capture(function()
      assert.equal(3, copy(a.physical_address, b.physical_address + 4096 - 32, 64))
    end)
    assert.equal(a[32], b[4096])
  end)

  -- Every DMA engine reads whole beats; a buffer of 3001 bytes on a bus of 8 had DECERR in the last one.
  it("reads a beat of which a part is in a buffer, and none behind it", function()
    open { DW = 128 }
    local a, b = buffers(3994)
    local c = lunq.allocate(4096, "u1", { target = d })
    made[3] = c
    assert.equal(0, copy(a.physical_address, c.physical_address, 4000))
    assert.same({ a[1], a[3994] }, { c[1], c[3994] })
    local said = lunq.warnings.capture(function()
      assert.equal(3, copy(a.physical_address, c.physical_address, 4016))
      assert.equal(3, copy(c.physical_address, b.physical_address, 4000)) -- writing has strobes
    end)
    assert.equal(1, #said)
  end)

  it("sees the device's copy of memory on a device that is not coherent", function()
    open(nil, "?coherent=0")
    local a, b = buffers(4096)
    copy(a.physical_address, b.physical_address, 64)
    b:invalidate()
    assert.equal(0, b[1]) -- nobody had flushed a
    a:flush()
    copy(a.physical_address, b.physical_address, 64)
    assert.equal(0, b[1])
    b:invalidate()
    assert.equal(a[1], b[1])
  end)

  it("raises its interrupt when it is done", function()
    open()
    m:close()
    d:close()
    local c = { type = "acme.com:user:copy:1.0", address = 0x43c00000, range = 0x1000, interrupts = { interrupt = 0 } }
    local ol <close> = lunq.Overlay({ ip = { c = c } }, { device = "rtl:" .. fixture.model "copy" })
    d, m = ol.device, ol.c.mmio
    local a, b = buffers(4096)
    m:write(4, 1)
    m:write(8, 1)
    local before = d.cycle
    for offset, value in pairs { [0x10] = a.physical_address, [0x1c] = b.physical_address, [0x28] = 4096 } do
      m:write(offset, value)
    end
    m:write(0, 1)
    ol.c.interrupt:wait(1)
    assert.equal(a[4096], b[4096])
    assert.is_true(d.cycle - before < 4000)
    assert.equal(0, m:read(0x30))
  end)

  it("reaches memory and registers of the design's other IP", function()
    open()
    m:close()
    d:close()
    local ol <close> = lunq.Overlay({
      ip = { c = { type = "acme.com:user:copy:1.0", address = 0x43c00000, range = 0x1000 },
             regs = { type = "acme.com:user:plain:1.0", address = 0x43c10000, range = 0x1000 } },
      memory = { bram = { type = "xilinx.com:ip:axi_bram_ctrl:4.1", address = 0x40000000, range = 0x2000 } },
    }, { device = "rtl:" .. fixture.model "copy" })
    d, m = ol.device, ol.c.mmio
    local a = buffers(4096)
    assert.equal(0, copy(a.physical_address, 0x40000000, 256))
    assert.equal(0, copy(0x40000000, 0x43c10000, 256))
    assert.equal(a[1] | a[2] << 8 | a[3] << 16 | a[4] << 24, ol.regs.mmio:read(0))
  end)
end)
