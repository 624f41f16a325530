--- What is known about the registers of IP: the tables of registers.md, and that nothing prints by
--- reading what section 4 lists.
local lunq = require "lunq"
local register_map = require "lunq.register_map"
local side_effects = require "lunq.side_effects"

local BASE <const> = 0x40030000

local function assert_raises(kind, message, f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok, "nothing was raised")
  assert.same({ kind, message }, { e.kind, tostring(e) })
end

local function hls_field(bit, access, more)
  local f = { bit_offset = bit, bit_width = 1, access = access }
  for k, v in pairs(more or {}) do f[k] = v end
  return f
end

--- The map of an HLS core as Vitis writes it: inputs "write-only", IP_ISR "read-only".
local function hls_registers(more)
  local registers = {
    CTRL = { address_offset = 0, size = 32, access = "read-write", fields = {
      AP_START = hls_field(0, "read-write"), AP_DONE = hls_field(1, "read-only"),
      AP_IDLE = hls_field(2, "read-only"), AUTO_RESTART = hls_field(7, "read-write") } },
    GIER = { address_offset = 4, size = 32, access = "read-write",
             fields = { Enable = hls_field(0, "read-write") } },
    IP_IER = { address_offset = 8, size = 32, access = "read-write", fields = {
      CHAN0_INT_EN = hls_field(0, "read-write"), CHAN1_INT_EN = hls_field(1, "read-write") } },
    IP_ISR = { address_offset = 12, size = 32, access = "read-write", fields = {
      CHAN0_INT_ST = hls_field(0, "read-only"), CHAN1_INT_ST = hls_field(1, "read-only") } },
    a = { address_offset = 16, size = 32, access = "write-only",
          fields = { a = { bit_offset = 0, bit_width = 32, access = "write-only" } } },
    sum = { address_offset = 24, size = 32, access = "read-only",
            fields = { sum = { bit_offset = 0, bit_width = 32, access = "read-only" } } },
    sum_ctrl = { address_offset = 28, size = 32, access = "read-only",
                 fields = { sum_ap_vld = hls_field(0, "read-only") } },
  }
  for k, v in pairs(more or {}) do registers[k] = v end
  return registers
end

describe("side effects", function()
  local m
  before_each(function() m = lunq.MMIO(BASE, 0x1000); m:fill(0, 0x400, 0) end)
  after_each(function() m:close() end)

  it("are found by VLN, whatever the version", function()
    local dma = side_effects["xilinx.com:ip:axi_dma:7.1"]
    assert.equal(dma, side_effects["xilinx.com:ip:axi_dma"])
    assert.equal(dma, side_effects["xilinx.com:ip:axi_dma:8.0"])
    assert.is_nil(side_effects["acme.com:ip:axi_dma:7.1"])
    assert.is_nil(side_effects["nonsense"])
    assert.is_nil(side_effects[5])
  end)

  it("know reset values, keys and fields", function()
    local function by_name(vln, name)
      for _, r in ipairs(side_effects[vln].registers) do if r.name == name then return r end end
    end
    assert.equal(0x10002, by_name("xilinx.com:ip:axi_dma", "S2MM_DMACR").reset)
    assert.equal(0x30, by_name("xilinx.com:ip:axi_dma", "S2MM_DMACR").offset)
    assert.equal(0x7000, by_name("xilinx.com:ip:axi_dma", "MM2S_DMASR").act)
    assert.equal(0xa5, by_name("xilinx.com:ip:axi_fifo_mm_s", "RDFR").key)
    assert.equal(0x500, by_name("xilinx.com:ip:axi_timer", "TCSR1").act)
    assert.equal(3, by_name("xilinx.com:ip:axi_gpio", "IP_ISR").act)
    assert.same({ name = "IRQDelay", bit_offset = 24, bit_width = 8, access = "read-write" },
                by_name("xilinx.com:ip:axi_dma", "MM2S_DMACR").fields[9])
  end)

  -- Every table is loaded and mapped; offsets are unique and inside 4 KiB.
  for _, name in ipairs { "axi_cdma", "axi_dma", "axi_fifo_mm_s", "axi_gpio", "axi_iic", "axi_intc",
                          "axi_quad_spi", "axi_timer", "axi_uartlite", "axi_vdma", "axis_switch",
                          "dfx_axi_shutdown_manager", "dfx_decoupler", "mailbox", "pr_decoupler",
                          "system_management_wiz", "xadc_wiz" } do
    it("make a map of " .. name .. " without metadata", function()
      local vlnv = "xilinx.com:ip:" .. name .. ":1.0"
      local seen = {}
      for _, r in ipairs(side_effects[vlnv].registers) do
        assert.is_nil(seen[r.offset], r.name)
        seen[r.offset] = true
        local bits = 0
        for _, f in ipairs(r.fields) do
          local mask = (1 << f.bit_width) - 1 << f.bit_offset
          assert.equal(0, bits & mask, r.name .. "." .. f.name .. " overlaps")
          bits = bits | mask
        end
      end
      local rm = register_map.new(m, {}, vlnv)
      assert.equal(#side_effects[vlnv].registers, #rm:names())
      assert.is_truthy(tostring(rm):find("^RegisterMap {\n  [%w_]+ = .*\n}$"))
    end)
  end

  it("make no map of memory without metadata", function()
    assert.is_nil(side_effects["xilinx.com:ip:axi_bram_ctrl:4.1"].registers)
    assert.same({}, register_map.new(m, {}, "xilinx.com:ip:axi_bram_ctrl:4.1"):names())
  end)

  -- The list of registers.md section 4.
  for vlnv, names in pairs {
    ["xilinx.com:ip:axi_quad_spi:3.2"] = { DRR = "a read removes a FIFO entry",
                                           SPISR = "a read clears the mode fault flag" },
    ["xilinx.com:ip:axi_iic:2.1"] = { RX_FIFO = "a read removes a FIFO entry" },
    ["xilinx.com:ip:axi_uartlite:2.0"] = { RX_FIFO = "a read removes a FIFO entry",
                                           STAT_REG = "a read clears the error bits" },
    ["xilinx.com:ip:axi_fifo_mm_s:4.2"] = { RDFD = "a read removes a FIFO entry",
                                            RLR = "a read removes a FIFO entry" },
    ["xilinx.com:ip:mailbox:2.1"] = { RDDATA = "a read removes a FIFO entry",
                                      ERROR = "a read clears the error bits" },
  } do
    it("are not caused by printing " .. vlnv, function()
      local rm = register_map.new(m, {}, vlnv)
      local text = tostring(rm)
      for name, why in pairs(names) do
        assert.is_truthy(text:find(("  %s = <not read: %s>"):format(name, why), 1, true), text)
        assert.equal(("Register(<not read: %s>)"):format(why), tostring(rm[name]))
        assert.is_nil(rm:values()[name])
        assert.equal(0, rm[name]:get()) -- asked for by name, it is read
      end
    end)
  end

  it("apply to the names of the metadata by offset and bit", function()
    local rm = register_map.new(m, {
      DMASR = { address_offset = 4, size = 32, access = "read-only", fields = {
        stopped = { bit_offset = 0, bit_width = 1, access = "read-write" },
        done = { bit_offset = 12, bit_width = 1, access = "read-only" },
        fail = { bit_offset = 14, bit_width = 1, access = "read-only" } } } }, "xilinx.com:ip:axi_dma:7.1")
    m:write(4, 0x5001)
    rm.DMASR.done = 1
    assert.equal(0x1001, m:read(4)) -- fail, also pending, was not acknowledged
    assert.has_error(function() rm.DMASR.stopped = 1 end, "field stopped of register DMASR is read-only")
  end)

  describe("of HLS cores", function()
    it("are known without a table", function()
      local rm = register_map.new(m, hls_registers(), "acme.com:anything:core:1.0")
      m:write(0x10, 3)
      assert.equal([[
RegisterMap {
  CTRL = <not read: a read clears AP_DONE>,
  GIER = Register(Enable=0),
  IP_IER = Register(CHAN0_INT_EN=0, CHAN1_INT_EN=0),
  IP_ISR = <not read: a read clears the interrupt in some releases of HLS>,
  a = Register(a=3),
  sum = Register(sum=0),
  sum_ctrl = <not read: a read clears sum_ap_vld>
}]], tostring(rm))
    end)

    it("let a start keep AUTO_RESTART and not restart by accident", function()
      local rm = register_map.new(m, hls_registers(), "acme.com:anything:core:1.0")
      m:write(0, 0x81)
      rm.CTRL.AUTO_RESTART = 0
      assert.equal(0, m:read(0)) -- AP_START was read as 1 and not written back
      m:write(0, 0x80)
      rm.CTRL.AP_START = 1
      assert.equal(0x81, m:read(0))
    end)

    it("let IP_ISR be acknowledged, one bit at a time", function()
      local rm = register_map.new(m, hls_registers(), "acme.com:anything:core:1.0")
      m:write(12, 3)
      rm.IP_ISR.CHAN1_INT_ST = 1
      assert.equal(2, m:read(12))
    end)

    it("are those of the library hls even without a control register", function()
      local rm = register_map.new(m, { mode = { address_offset = 16, size = 32, access = "write-only",
                                                fields = {} } }, "xilinx.com:hls:pixel_pack:1.0")
      rm.mode = 4
      assert.equal("RegisterMap {\n  mode = Register(value=4)\n}", tostring(rm))
    end)
  end)

  describe("of one's own", function()
    for text, message in pairs {
      ["00 A RW: x"] = 'register A: can\'t read the field " x"',
      ["00 A RW: x 3 XX"] = 'register A: unknown word "XX"',
      ["00 A RW POPP"] = 'register A: unknown word "POPP"',
    } do
      it("are refused when they say " .. text, function()
        assert_raises("value", message, side_effects.add, "acme.com:user:x:1.0",
                      { { base = 0, text = text } })
      end)
    end

    it("need a VLN", function()
      assert_raises("value", "fir is no vendor:library:name", side_effects.add, "fir", {})
    end)
  end)
end)
