-- The code of drivers/README.md runs as it stands: blocks that begin with the name of a file are files
-- beside one design, the others are typed in where there is serial IP.
local blocks = dofile "spec/docs/blocks.lua"

describe("drivers/README.md", function()
  local lunq = require "lunq"
  local fixture = dofile "spec/overlay/fixture.lua"
  local files, scripts = {}, {}

  for _, block in ipairs(blocks.of("drivers/README.md", "lua")) do
    local name = block.text:match "^%-%- (%S+%.lua)\n"
    if name then files[name] = block.text else scripts[#scripts + 1] = block.text end
  end
  after_each(fixture.clean)

  local function open()
    local dir = fixture.folder()
    for name, code in pairs(files) do fixture.write(dir .. "/" .. name, code) end
    fixture.write(dir .. "/top.hwh", fixture.hwh { modules = {
      { path = "scalers/left", vlnv = "acme.com:user:scaler:1.0", base = 0x40000000 },
      { path = "scalers/right", vlnv = "acme.com:user:scaler:1.0", base = 0x40010000 },
      { path = "worker", vlnv = "acme.com:user:worker:1.0", base = 0x40020000 },
      { path = "doubler", vlnv = "acme.com:user:doubler:1.0", base = 0x40040000 },
      { path = "scale", vlnv = "acme.com:hls:scale:1.0", base = 0x40030000, params = { C_M_AXI_GMEM_ADDR_WIDTH = 64 },
        registers = { { "CTRL", 0, fields = { { "AP_START", 0, 1 }, { "AP_DONE", 1, 1 }, { "AP_IDLE", 2, 1 } } },
          { "ap_return", 0x10, access = "read-only" }, { "src_1", 0x18 }, { "src_2", 0x1c }, { "dst_1", 0x24 },
          { "dst_2", 0x28 }, { "n", 0x30 }, { "factor", 0x38 } } } } })
    local warnings, ol = lunq.warnings.capture(lunq.Overlay, dir .. "/top.hwh")
    assert.same({}, warnings)
    finally(function() ol:free() end)
    return ol
  end

  it("shows drivers, an overlay class and models, each in less than 20 lines", function()
    local names = {}
    for name, code in pairs(files) do
      names[#names + 1] = name
      assert.is_true(select(2, code:gsub("\n", "")) < 20, name)
    end
    table.sort(names)
    assert.same({ "doubler_driver.lua", "models/scale.lua", "models/scaler.lua", "scale_driver.lua",
                  "scaler_driver.lua",
                  "scalers_driver.lua", "top.lua", "worker_driver.lua" }, names)
  end)

  it("has a driver, a hierarchy's driver, an overlay class and a model that work together", function()
    local ol = open()
    assert.equal(2, ol.scalers.left:read(0x10))
    assert.equal(3, ol.scalers.right.factor)
    assert.equal(0, ol.scalers.right:read(0x14)) -- the model answers, not a register file
    ol.scalers.right:write(0x14, 9)
    assert.equal(0, ol.scalers.right:read(0x14))
  end)

  it("has a driver that waits", function()
    local ol = open()
    ol.worker:run()
    ol.worker:write(4, 1)
    local ok, e = pcall(ol.worker.run, ol.worker, 1e-4)
    assert.same({ false, "timeout", "worker is still at work: does its input come?" }, { ok, e.kind, tostring(e) })
  end)

  it("has a driver that says what its IP is doing", function()
    local ol = open()
    ol.doubler:write(0x08, 7)
    assert.same({ { state = "idle", text = "level 7" } }, ol.doubler:activity())
  end)

  it("has a driver and a model of an HLS core", function()
    local ol = open()
    assert.same({ { 0.5, 1, 1.5 }, 3 }, { ol.scale:scaled({ 1, 2, 3 }, 0.5) })
    assert.equal("float scale(const float *src, float *dst, int n, float factor)", ol.scale.signature)
  end)

  it("has scripts for what is at the pins of serial IP, which run one after another", function()
    local ol <close> = lunq.Overlay { arch = "zynq", ip = {
      axi_iic_0 = { vlnv = "xilinx.com:ip:axi_iic:2.1", address = 0x41600000 },
      axi_quad_spi_0 = { vlnv = "xilinx.com:ip:axi_quad_spi:3.2", address = 0x41e00000 },
      axi_uartlite_0 = { vlnv = "xilinx.com:ip:axi_uartlite:2.0", address = 0x42c00000 },
    } }
    local printed = {}
    local function print(x) printed[#printed + 1] = x end
    local env = setmetatable({ ol = ol, lunq = lunq, print = print }, { __index = _G })
    assert.equal(2, #scripts)
    for _, code in ipairs(scripts) do assert(load(code, "=drivers/README.md", "t", env))() end
    assert.same({ ("h"):byte() }, printed)
    assert.equal(21, (ol.axi_iic_0:read_from(0x48, 1)):byte())
  end)
end)
