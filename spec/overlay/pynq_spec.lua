describe("lunq.pynq", function()
  local lunq = require "lunq"
  local pynq = require "lunq.pynq"
  local raised = dofile("spec/overlay/fixture.lua").raised

  it("has PYNQ's names", function()
    assert.equal(lunq.Overlay, pynq.Overlay)
    assert.equal(lunq.DefaultIP, pynq.DefaultIP)
    assert.equal(lunq.MMIO, pynq.MMIO)
    assert.equal(lunq.allocate, pynq.allocate)
    assert.equal(pynq, lunq.pynq)
  end)

  it("has the drivers below PYNQ's modules", function()
    local DMA = require "drivers.axi_dma"
    assert.equal(DMA, pynq.lib.dma.DMA)
    assert.equal(DMA, pynq.lib.DMA)
    assert.equal(require "drivers.axi_iic", pynq.lib.AxiIIC)
    assert.equal(require "drivers.axi_vdma", pynq.lib.video.AxiVDMA)
  end)

  it("raises UnsupportedConfiguration as a kind of error", function()
    assert.same({ "unsupported", "Only 100% taps" }, raised(pynq.UnsupportedConfiguration, "Only 100% taps"))
  end)

  it("raises for names it has not", function()
    assert.same({ "attribute", 'lunq.pynq has no "Overlai"; did you mean "Overlay"?' },
                raised(function() return pynq.Overlai end))
    assert.same({ "attribute", 'pynq.lib has no "dam"; did you mean "dma"?' },
                raised(function() return pynq.lib.dam end))
    assert.same({ "attribute", 'pynq.lib.dma has no "DNA"; did you mean "DMA"?' },
                raised(function() return pynq.lib.dma.DNA end))
  end)
end)
