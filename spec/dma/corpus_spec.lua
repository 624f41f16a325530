local helper = require "spec.helper"
local lunq = require "lunq"

-- The demo of overlays/dma_loopback on designs that came out of Vivado.
describe("DMA on real designs", function()
  local function load(name)
    return lunq.Overlay(helper.corpus .. "/files/hwh/" .. name .. ".hwh", { device = "sim" })
  end

  it("pynqz2-dma-loopback moves data through its FIFO", function()
    if not helper.corpus then return pending(helper.no_corpus) end
    local Loopback = assert(loadfile("overlays/dma_loopback/dma_loopback.lua", "t"))()
    local ol <close> = load "pynqz2-dma-loopback-2020.1"
    assert.equal(2 ^ 26 - 1, ol.axi_dma.buffer_max_size)
    for _, words in ipairs { 2, 1024, 262144 } do
      local r = Loopback.move(ol, ol.axi_dma, words)
      assert.same({ words * 4, words }, { r.bytes, r.equal })
    end
  end)

  it("pynqz1-base has two receivers without a sender, inside hierarchies", function()
    if not helper.corpus then return pending(helper.no_corpus) end
    local ol <close> = load "pynqz1-base-2018.3"
    local dma = ol.trace_analyzer_pmoda.axi_dma_0
    assert.is_nil(dma.sendchannel)
    assert.equal(2 ^ 23 - 1, dma.buffer_max_size)
    assert.is_true(dma.recvchannel.running)
    local dst <close> = lunq.allocate(16, "u32", { target = ol.device })
    dma.recvchannel:transfer(dst)
    local ok, e = pcall(dma.recvchannel.wait, dma.recvchannel, 0.01)
    assert.is_false(ok)
    assert.equal("timeout", e.kind)
    assert.matches("trace_analyzer_pmoda/axi_dma_0", e.message)
    dma:reset()
    assert.is_true(ol.trace_analyzer_arduino.axi_dma_0.recvchannel.running)
  end)
end)
