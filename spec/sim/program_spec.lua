describe("loading a design into a simulated device", function()
  local support = dofile "spec/sim/support.lua"
  local helper = require "spec.helper"
  local core = require "lunq.core"
  local lunq = require "lunq"

  -- AddressSanitizer keeps what was freed for a while; LeakSanitizer looks for leaks then.
  local sanitized = arg[-1]:find("asan", 1, true) ~= nil

  -- Resident memory of this process, KiB.
  local function resident()
    for line in io.lines "/proc/self/status" do
      local n = line:match "^VmRSS:%s*(%d+)"
      if n then return tonumber(n) end
    end
  end

  it("counts, and shows what stands for each IP", function()
    local d <close> = core.device_open "sim"
    assert.equal(0, d.loads)
    assert.same({}, d:models())
    d:program(support.loopback())
    assert.equal(1, d.loads)
    assert.same({ dma = "axi_dma (C)", fifo = "axis_data_fifo (C)" }, d:models())
    d:program(support.loopback(nil, false))
    assert.equal(2, d.loads)
    assert.same({ dma = "axi_dma (C)" }, d:models())
  end)

  it("in the middle of a transfer is fine: the old fabric is gone with all it had planned", function()
    local d <close> = support.open(support.loopback())
    local mm2s = support.channel(d, 0)
    mm2s.control(1)
    mm2s.address(0x200000)
    mm2s.length(4000)
    assert.is_false(d.direct)
    d:program(support.loopback())
    assert.is_true(d.direct)
    assert.equal(0x10001, mm2s.status())
    assert.equal(0, support.settle(d))
    mm2s.close()
  end)

  it("100 times in a row keeps nothing", function()
    local Model <const> = lunq.Model:extend { models = { "acme.com:user:thing:1.0" } }
    function Model:init()
      self.data = ("x"):rep(1000)
      self:after(100, function() end)
    end
    local d <close> = core.device_open "sim"
    local function load_one(i)
      d:program(i % 2 == 0 and support.loopback() or core.design_from_table { arch = "zynq", ip = {
        thing = { vlnv = "acme.com:user:thing:1.0", address = 0x43c00000 },
        other = { vlnv = "acme.com:user:other:1.0", address = 0x43d00000 } } })
      local m <close> = core.mmio(i % 2 == 0 and support.DMA or 0x43d00000, 0x1000, d)
      m:write(0, 1)
    end
    for i = 1, 100 do load_one(i) end
    collectgarbage()
    local memory, bytes = resident(), collectgarbage "count"
    for i = 1, 100 do load_one(i) end
    collectgarbage()
    if not sanitized then assert.is_true(resident() - memory < 2000) end
    assert.is_true(collectgarbage "count" - bytes < 50)
    Model:unbind()
  end)

  it("needs a design that is there", function()
    local d <close> = core.device_open "sim"
    assert.equal("type", support.failure(d.program, d, {}).kind)
    assert.equal("type", support.failure(d.program, d, support.loopback(), 5).kind)
  end)

  it("into a region needs a full design with that region", function()
    local d <close> = core.device_open "sim"
    local e = support.failure(d.program, d, support.loopback(), { region = "pr_0" })
    assert.equal("runtime", e.kind)
    assert.match("Region pr_0 can't be loaded: the device has no design", tostring(e), 1, true)
    d:program(support.loopback())
    e = support.failure(d.program, d, support.loopback(), { region = "pr_0" })
    assert.equal("value", e.kind)
    assert.match('The loaded design has no region "pr_0"; it has none.', tostring(e), 1, true)
  end)

  if not helper.corpus then
    pending(helper.no_corpus)
    return
  end

  local hwh = helper.corpus .. "/files/hwh/"

  it("replaces a region's IP, and connects its streams to the rest", function()
    local d <close> = support.open(core.design_read(hwh .. "kv260-cvdfx-3pr-2022.1.hwh"))
    assert.equal("register file", d:models()["composable/pr_0"])
    d:program(core.design_read(hwh .. "kv260-cvdfx-rp0-dilate-erode-2022.1.hwh"), { region = "composable/pr_0" })
    local models = d:models()
    assert.is_nil(models["composable/pr_0"])
    assert.equal("HLS core (C)", models["composable/pr_0/dilate_accel"])
    assert.equal("HLS core (C)", models["composable/pr_0/erode_accel"])
    assert.equal("register file", models["composable/pr_1"])
    assert.equal("axi_gpio (C)", models["composable/pipeline_control"])
    assert.equal(1, d.loads)
    -- Again, and another one: nothing is left of the first.
    d:program(core.design_read(hwh .. "kv260-cvdfx-rp1-cornerharris-2022.1.hwh"), { region = "composable/pr_0" })
    models = d:models()
    assert.is_nil(models["composable/pr_0/dilate_accel"])
    assert.equal("HLS core (C)", models["composable/pr_0/cornerHarris_accel"])
  end)

  it("a model inside a region gets data from outside, and sends it back", function()
    local Model <const> = lunq.Model:extend { models = { "composable/pr_0/dilate_accel" } }
    function Model:init() self.ports = self:streams() end
    local d <close> = support.open(core.design_read(hwh .. "kv260-cvdfx-3pr-2022.1.hwh"))
    d:program(core.design_read(hwh .. "kv260-cvdfx-rp0-dilate-erode-2022.1.hwh"), { region = "composable/pr_0" })
    assert.same({ inputs = { "stream_in" }, outputs = { "stream_out" } },
      d:model "composable/pr_0/dilate_accel":streams())
    Model:unbind()
  end)

  local lfs = require "lfs"
  local files = {}
  for name in lfs.dir(hwh) do files[#files + 1] = name:match "^.*%.hwh$" end
  table.sort(files)

  -- Registers whose read takes something away: registers.md section 4.
  local function first_words(ip)
    local n = math.min(ip.addr_range or 0, 0x200)
    return n > 0 and ip.type and n or 0
  end

  for _, name in ipairs(files) do
    it("of the corpus: " .. name .. " runs, and every IP answers", function()
      local design = core.design_read(hwh .. name)
      local d <close> = support.open(design)
      local dictionaries, read = design:dictionaries(), 0
      for _, dict in ipairs { dictionaries.ip_dict, dictionaries.mem_dict } do
        for _, ip in pairs(dict) do
          if ip.phys_addr then
            local n = first_words(ip)
            local m <close> = core.mmio(ip.phys_addr, math.max(n, 4), d)
            for off = 0, n - 4, 4 do
              m:read(off)
              read = read + 1
            end
            if n > 0 and not ip.type:find "axi_dma" then
              m:write(n - 4, 0xffffffff)
              m:read(n - 4)
            end
          end
        end
      end
      assert.is_true(read > 0 or next(dictionaries.ip_dict) == nil or name:find "psgpio" ~= nil)
      support.settle(d)
      for pin in pairs(dictionaries.interrupt_pins) do assert.is_number(d:wire(pin)) end
    end)
  end

  it("the loopback design of the corpus moves data", function()
    local d <close> = support.open(core.design_read(hwh .. "pynqz2-dma-loopback-2020.1.hwh"))
    local mm2s, s2mm = support.channel(d, 0), support.channel(d, 0x30)
    local text = ("what goes in comes out. "):rep(1000)
    d:poke(0x200000, text)
    mm2s.control(1)
    s2mm.control(1)
    s2mm.address(0x300000)
    s2mm.length(100000)
    mm2s.address(0x200000)
    mm2s.length(#text)
    support.settle(d)
    assert.equal(#text, s2mm.length())
    assert.is_true(text == d:peek(0x300000, #text))
    mm2s.close()
    s2mm.close()
  end)
end)
