--- The bench of the overlay: `lunq test overlays/dma_loopback`; on a board `lunq test --device linux ...`.
local lunq = require "lunq"

local DEVICE <const> = os.getenv "LUNQ_DEVICE" or "sim"

describe("dma_loopback", function()
  local device, ol
  before_each(function()
    device = lunq.Device.open(DEVICE)
    ol = lunq.Overlay("overlays/dma_loopback/dma_loopback.hwh", { device = device })
  end)
  after_each(function()
    ol:free()
    device:close()
  end)

  it("shows two DMAs, their FIFOs and their interrupts", function()
    local text = tostring(ol)
    for _, part in ipairs { "axi_dma ", "axi_dma_sg ", "axis_data_fifo_1", "axi_dma_sg/s2mm_introut" } do
      assert.truthy(text:find(part, 1, true), part)
    end
    assert.same({ "simple", "sg" }, { ol.axi_dma.mode, ol.axi_dma_sg.mode })
  end)

  it("moves data through both, unchanged", function()
    for name, sizes in pairs { axi_dma = { 1, 1000, 4095 }, axi_dma_sg = { 1, 1000, 100000 } } do
      for _, words in ipairs(sizes) do
        local r = ol:move(ol[name], words)
        assert.same({ words * 4, words }, { r.bytes, r.equal })
        assert.is_true(r.device_ns > 0)
      end
    end
  end)

  it("runs its demo", function()
    ol:free()
    device:close() -- a board is one program's at a time
    local p = assert(io.popen(("%s overlays/dma_loopback/demo.lua 2>&1"):format(os.getenv "LUNQ_BIN" or "build/lunq")))
    local text = p:read "a"
    assert.is_true(p:close(), text)
    assert.matches("axi_dma +simple +4096 bytes received, 1024 of 1024 elements equal", text)
    assert.matches("axi_dma_sg +sg +262144 bytes received, 65536 of 65536 elements equal", text)
  end)

  it("streams through the ring of its README, without losses", function()
    local f <close> = assert(io.open("overlays/dma_loopback/README.md"))
    local code
    for block in f:read "a":gmatch "```lua\n(.-)```" do
      if block:find(":ring {", 1, true) then code = block end
    end
    local shown
    local env = setmetatable({ ol = ol, print = function(...) shown = { ... } end }, { __index = _G })
    env.lunq = lunq
    assert(load(code, "=README", "t", env))()
    assert.same({ 1000000, 0 }, { shown[1], shown[3] })
  end)
end)
