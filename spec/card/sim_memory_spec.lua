-- Buffers of a simulated card: host/device/sim/card_memory.c.
local helper = require "spec.helper"
local support = dofile "spec/card/support.lua"

describe("a simulated card", function()
  local lunq = require "lunq"

  local function failure(f, ...)
    local ok, e = pcall(f, ...)
    assert.is_false(ok)
    return e.kind, tostring(e)
  end

  describe("by name", function()
    it("is one of several", function()
      local d <close> = lunq.Device.open "sim:alveo:2?seed=7"
      assert.equal("sim:alveo:2?seed=7", d.name)
      assert.equal("sim", d.kind)
    end)

    for spec, text in pairs {
      ["sim:alveo*4"] = '"sim:alveo*4" stands for 4 cards: open one of them, sim:alveo:0 to sim:alveo:3.',
      ["sim:alvo"] = 'Device "sim:alvo": unknown family "alvo". There are sim (the family of the design), '
        .. "sim:zynq7000, sim:zynqmp and cards: sim:alveo, sim:alveo:0 to sim:alveo:15, sim:alveo*N for N cards.",
      ["sim:alveo*0"] = 'unknown family "alveo*0"',
      ["sim:alveo:16"] = 'unknown family "alveo:16"',
      ["sim:alveo?ddr=1G"] = 'unknown option "ddr". A simulated card knows seed=N.',
      ["sim:alveo?seed=x"] = '"seed=x" needs a number. A simulated card knows seed=N.',
    } do
      it("is refused as " .. spec, function()
        local kind, message = failure(lunq.Device.open, spec)
        assert.equal("value", kind)
        assert.match(text, message, 1, true)
      end)
    end
  end)

  describe("and its designs", function()
    it("has a bank before any is loaded", function()
      local d <close> = lunq.Device.open "sim:alveo"
      local b <close> = lunq.allocate(4, "u4", { device = d })
      assert.equal(0x4000000000, b.device_address)
    end)

    it("has the banks of the design, streams left out", function()
      local d <close> = lunq.Device.open "sim:alveo"
      local _ <close> = lunq.Overlay(support.all_memories(), { device = d })
      local names = {}
      for i, bank in ipairs(d:banks()) do names[i] = bank.name end
      assert.same({ "bank0", "bank1", "HBM[0]", "PLRAM[0]", "HOST[0]" }, names)
    end)

    it("refuses a board's design, as a board refuses a card's", function()
      local card <close> = lunq.Device.open "sim:alveo"
      local board <close> = lunq.Device.open "sim"
      local kind, message = failure(lunq.Overlay, "overlays/adder/adder.hwh", { device = card })
      assert.equal("value", kind)
      assert.match("adder.hwh is no design for a card: sim:alveo loads .xclbin files", message, 1, true)
      kind, message = failure(lunq.Overlay, support.vadd(), { device = board })
      assert.equal("value", kind)
      assert.match("is a design for a card; sim is a board. A simulated card is --device sim:alveo, or", message, 1,
                   true)
    end)

    it("keeps the design while buffers lie in its memories", function()
      local d <close> = lunq.Device.open "sim:alveo"
      local ol <close> = lunq.Overlay(support.all_memories(), { device = d })
      local b <close> = lunq.allocate(16, "u1", { target = ol.bank1 })
      local kind, message = failure(lunq.Overlay, support.vadd(), { device = d })
      assert.equal("runtime", kind)
      assert.equal("Programming Device failed: 1 buffer of 16 bytes is allocated on card sim:alveo, in the memories "
                   .. "of the design it has: free them before another is loaded.", message)
      local again <close> = lunq.Overlay(support.all_memories(), { device = d }) -- the same one
      assert.is_true(again:is_loaded())
      b:close()
      local other <close> = lunq.Overlay(support.vadd(), { device = d })
      assert.is_true(other:is_loaded())
    end)
  end)

  describe("with buffers", function()
    local d, ol
    before_each(function()
      d = lunq.Device.open "sim:alveo"
      ol = lunq.Overlay(support.all_memories(), { device = d })
    end)
    after_each(function()
      ol:free()
      d:close()
    end)

    it("puts them at the 64-bit addresses of their bank, page by page", function()
      local a <close> = lunq.allocate(1, "u1", { target = ol.bank1 })
      local b <close> = lunq.allocate(4097, "u1", { target = ol.bank1 })
      local c <close> = lunq.allocate(1, "u1", { target = ol.bank1 })
      local hbm <close> = lunq.allocate(1, "u1", { target = ol.HBM0 })
      assert.same({ 0x5000000000, 0x5000001000, 0x5000003000, 0 },
                  { a.device_address, b.device_address, c.device_address, hbm.device_address })
    end)

    it("has a copy on the host and one on the card: a sync moves its range alone", function()
      local b <close> = lunq.allocate(8, "u1", { target = ol.bank0 })
      b:set { 1, 2, 3, 4, 5, 6, 7, 8 }
      assert.equal(("\0"):rep(8), d:peek(b.device_address, 8))
      b:slice(3, 4):sync_to_device()
      assert.equal("\0\0\3\4\0\0\0\0", d:peek(b.device_address, 8))
      d:poke(b.device_address, "abcdefgh")
      b:slice(7, 8):sync_from_device()
      assert.same({ 1, 2, 3, 4, 5, 6, 103, 104 }, b:totable())
    end)

    it("takes time over PCIe: 13 us and 12 bytes each ns", function()
      local b <close> = lunq.allocate(1200000, "u1", { target = ol.bank0 })
      local before = d:now()
      b:sync_to_device()
      assert.equal(113000, d:now() - before)
    end)

    it("says how full a bank is", function()
      local b <close> = lunq.allocate(3 << 20, "u1", { target = ol.PLRAM0 })
      local kind, message = failure(lunq.allocate, 2 << 20, "u1", { target = ol.PLRAM0 })
      assert.equal("memory", kind)
      assert.equal("Failed to allocate Memory! 2097152 bytes don't fit into bank PLRAM[0] of sim:alveo: 3145728 of "
                   .. "4194304 bytes are in use, the largest hole has 1048576 (free buffers, or use another bank the "
                   .. "kernel reaches).", message)
      b:close()
      local all <close> = lunq.allocate(4 << 20, "u1", { target = ol.PLRAM0 })
      assert.equal(0x3000000000, all.device_address)
    end)

    it("has gigabytes that cost what is used", function()
      local bytes <const> = helper.wide and 12 << 30 or 512 << 20 -- 32 bits of addresses are 4 GiB in all
      local b <close> = lunq.allocate(bytes, "u1", { target = ol.bank0 })
      b[bytes] = 7
      b:slice(-4, -1):sync_to_device()
      assert.equal("\0\0\0\7", d:peek(b.device_address + bytes - 4, 4))
    end)

    it("has one copy of memory in the host, and of windows for other cards", function()
      local host <close> = lunq.allocate(4, "u1", { target = ol.HOST0 })
      local asked <close> = lunq.allocate(4, "u1", { target = ol.bank0, host_only = true })
      local p2p <close> = lunq.allocate(4, "u1", { target = ol.bank0, p2p = true })
      for i, b in ipairs { host, asked, p2p } do
        b[1] = i
        assert.equal(i, d:peek(b.device_address, 1):byte())
      end
      assert.same({ 0x2000000000, 0x2000001000, 0x4000000000 },
                  { host.device_address, asked.device_address, p2p.device_address })
    end)

    it("has memory only kernels reach", function()
      local b <close> = lunq.allocate(4, "u1", { target = ol.HBM0, device_only = true })
      local kind, message = failure(function() return b[1] end)
      assert.equal("unsupported", kind)
      assert.match("was allocated with device_only", message, 1, true)
      d:poke(b.device_address, "abcd")
      assert.equal("abcd", d:peek(b.device_address, 4))
    end)

    it("has nothing between buffers", function()
      local kind, message = failure(d.peek, d, 0x4000000000, 4)
      assert.same({ "index", "4 bytes at 0x4000000000 are in no buffer of sim:alveo." }, { kind, message })
    end)
  end)

  it("has no memory of the host where no kernel reaches it", function()
    local d <close> = lunq.Device.open "sim:alveo"
    local ol <close> = lunq.Overlay(support.vadd(), { device = d })
    local kind, message = failure(lunq.allocate, 4, "u4", { target = ol.bank0, host_only = true })
    assert.equal("unsupported", kind)
    assert.match("the design has no memory of that kind (HOST[0]", message, 1, true)
  end)
end)
