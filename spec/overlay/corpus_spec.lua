-- Real designs become live trees (files and their origins: shared/corpus).
describe("a real design", function()
  local lunq = require "lunq"
  local helper = require "spec.helper"

  local function open(name) return lunq.Overlay(("%s/files/hwh/%s.hwh"):format(helper.corpus, name)) end

  local function each_object(node, visit)
    for _, child in node:children() do
      visit(child)
      if lunq.Class.is_instance(child, lunq.DefaultHierarchy) then each_object(child, visit) end
    end
  end

  if not helper.corpus then
    it("loads", function() pending(helper.no_corpus) end)
    return
  end

  it("loads, shows itself, and has one object per entry, whichever of the corpus it is", function()
    local lfs = require "lfs"
    local count = 0
    for file in lfs.dir(helper.corpus .. "/files/hwh") do
      local name = file:match "^(.*)%.hwh$"
      if name then
        local _, ol = lunq.warnings.capture(open, name) -- metadata have their oddities
        count = count + 1
        local seen = {}
        each_object(ol, function(object)
          assert.is_nil(seen[object], name)
          seen[object] = true
        end)
        for key, d in pairs(ol.ip_dict) do
          assert.is_true(seen[ol:ip(key)], key)
          assert.equal(d, ol:ip(key).description)
        end
        for key in pairs(ol.mem_dict) do assert.is_true(seen[ol:memory(key)], key) end
        for key in pairs(ol.hierarchy_dict) do assert.is_true(seen[ol:hierarchy(key)], key) end
        assert.matches(("^Overlay %s.hwh"):format(name:gsub("%p", "%%%0")), tostring(ol))
        assert.matches("^Default documentation for overlay ", ol:doc())
        ol:free()
      end
    end
    assert.is_true(count >= 15)
  end)

  it("pynqz1-base: nested hierarchies, memories, interrupts", function()
    local ol <close> = open "pynqz1-base-2018.3"
    assert.equal(0x41220000, ol.video.hdmi_in.frontend.axi_gpio_hdmiin.phys_addr)
    assert.equal(0x44000000, ol.iop_arduino.mb_bram_ctrl.base_address)
    assert.equal("system_interrupts", ol.video.axi_vdma.interrupts.s2mm_introut.controller)
    assert.equal(0, ol.gpio_dict.mb_iop_pmoda_reset.index)
    ol.iop_pmoda.mb_bram_ctrl:write(0x100, "MicroBlaze code!")
    assert.equal(0x7263694D, ol.iop_pmoda.mb_bram_ctrl:read(0x100))
  end)

  it("pynqz2-dma-loopback: the DMA gets its driver", function()
    local ol <close> = open "pynqz2-dma-loopback-2020.1"
    local dma
    each_object(ol, function(object)
      if object.type == "xilinx.com:ip:axi_dma:7.1" then dma = object end
    end)
    assert.equal(require "drivers.axi_dma", getmetatable(dma))
    assert.is_userdata(dma.sendchannel)
    assert.is_userdata(dma.recvchannel)
  end)

  it("pynqz2-psgpio: no addressable IP at all, and still an overlay", function()
    local ol <close> = open "pynqz2-psgpio-2020.1"
    local names = {}
    for name in ol:children() do names[#names + 1] = name end
    assert.equal(2, #names) -- the PS and its memory
    assert.matches("\ngpio\n", tostring(ol))
  end)
end)
