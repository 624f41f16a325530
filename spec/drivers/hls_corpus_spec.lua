-- The HLS cores of real designs (files and their origins: shared/corpus), called with what their
-- metadata say.
describe("an HLS core of a real design", function()
  local lunq = require "lunq"
  local helper = require "spec.helper"
  local support = dofile "spec/sim/support.lua"
  local recognise = require "lunq.registers.hls".recognise
  local ol, Model

  if not helper.corpus then
    it("is called", function() pending(helper.no_corpus) end)
    return
  end

  local function path_of(name) return ("%s/files/hwh/%s.hwh"):format(helper.corpus, name) end
  local function open(name)
    ol = select(2, lunq.warnings.capture(lunq.Overlay, path_of(name))) -- metadata have their oddities
    return ol
  end
  after_each(function()
    if Model then Model:unbind() end
    if ol then ol:free() end
    ol, Model = nil, nil
  end)

  it("has the signature its registers say", function()
    for name, signatures in pairs {
      ["pynqz2-hls-maxi-intc-2020.1"] = {
        example_0 = "void example(void *a, unsigned int length_r, unsigned int value_r)" },
      ["kv260-correlator-intc-2022.1"] = { example_0 = "void example(void *IN_0, void *IN_1, void *OUT_Corr)" },
      ["pynqz1-resizer-2019.1"] = { resize_accel_0 = "void resize_accel(unsigned int src_rows, unsigned int src_cols, "
                                    .. "unsigned int dst_rows, unsigned int dst_cols)" },
      ["kv260-cvdfx-3pr-2022.1"] = {
        ["composable/filter2d_accel"] = "void filter2d_accel(unsigned int rows, unsigned int cols, "
                                        .. "unsigned char shift, unsigned int filter[8])",
        ["composable/lut_accel"] = "void lut_accel(unsigned int rows, unsigned int cols, unsigned int lut[256])",
        ["video/pixel_pack"] = "void pixel_pack_2(unsigned int mode, unsigned char alpha)",
      },
      ["pynqz1-base-2018.3"] = {
        ["trace_analyzer_arduino/trace_cntrl_64_0"] = "void trace_cntrl_64(unsigned long long trigger_V, "
                                                      .. "unsigned int length_r)",
      },
    } do
      open(name)
      for path, signature in pairs(signatures) do assert.equal(signature, ol:ip(path).signature) end
      ol:free()
    end
  end)

  --- A number for each scalar, a list for each array, a buffer for each pointer.
  local function values_for(ip, buffers)
    local given = {}
    for name, a in pairs(ip.args) do
      if a.type:find "%*" then
        buffers[name] = lunq.allocate(64, "u4")
        given[name] = buffers[name]
      else
        given[name] = a.type:find "%[" and { 3, 2, 1 } or 100 + a.index
      end
    end
    return given
  end

  local function check_registers(ip, given)
    local registers = ip.description.registers
    for name, value in pairs(given) do
      if type(value) == "table" then
        assert.same(value, ip:array(name, 3))
      else
        local low = registers[name] or registers[name .. "_1"]
        local want = type(value) == "userdata" and value.device_address or value
        assert.equal(want & 0xffffffff, ip:read(low.address_offset), ip.fullpath .. " " .. name)
      end
    end
  end

  it("takes its arguments, runs and is done, whichever of the corpus it is", function()
    local lfs = require "lfs"
    local count = 0
    for file in lfs.dir(helper.corpus .. "/files/hwh") do
      local name = file:match "^(.*)%.hwh$"
      for path, d in pairs(name and open(name).ip_dict or {}) do
        if d.registers and next(d.registers) and recognise(d.registers, d.type) then
          local ip, buffers = ol:ip(path), {}
          local given = values_for(ip, buffers)
          lunq.warnings.capture(ip.call, ip, given) -- there are no models of them
          check_registers(ip, given)
          for _, buffer in pairs(buffers) do buffer:close() end
          count = count + 1
        end
      end
      if ol then ol:free() end
    end
    assert.is_true(count >= 18, tostring(count))
  end)

  it("works on memory and wakes its caller through an AXI interrupt controller", function()
    Model = lunq.Model:extend { models = { "Xilinx:HLS:example:1.0" }, __name = "Example",
                                signature = "void example(int *a, int length, int value)" }
    function Model:init() self:latency(2000000) end
    function Model.call(_, a) for i = 1, a.length do a.a[i] = a.a[i] + a.value end end
    local ip = open "pynqz2-hls-maxi-intc-2020.1".example_0
    ip.signature = Model.signature
    local a <close> = lunq.allocate(50, "i4")
    for i = 1, 50 do a[i] = i end
    local before = ol.device:stats(true).example_0.reads
    ip:call { a = a, length = 50, value = -100 }
    assert.same({ -99, -50 }, { a[1], a[50] })
    assert.is_true(ol.device:stats(false).example_0.reads - before < 50) -- 2 ms without looking all the time
    assert.same({ 0, 0, 0 }, { ip:read(4), ip:read(8), ip:read(12) })
  end)

  it("of release 2022.1 has its IP_ISR cleared by a read, and is waited for in the same way", function()
    Model = lunq.Model:extend { models = { "JIE:TRACKING:example:1.0" }, __name = "Correlator",
                                signature = "void example(float *IN_0, float *IN_1, float *OUT_Corr)" }
    function Model:init() self:latency(2000000) end
    function Model.call(_, a)
      local sum = 0
      for i = 1, 16 do sum = sum + a.IN_0[i] * a.IN_1[i] end
      a.OUT_Corr[1] = sum
    end
    local ip = open "kv260-correlator-intc-2022.1".example_0
    ip.signature = Model.signature
    local x <close> = lunq.allocate(16, "f4")
    local y <close> = lunq.allocate(16, "f4")
    local sum <close> = lunq.allocate(1, "f4")
    x:fill(2)
    y:fill(0.5)
    for _ = 1, 2 do
      sum[1] = 0
      ip:call(x, y, sum)
      assert.equal(16, sum[1])
    end
    ip:write(8, 1)
    ip:call(x, y, sum)
    assert.same({ 1, 0 }, { ip:read(12), ip:read(12) })
  end)

  it("refuses a buffer its memory port does not reach, and says what it reaches", function()
    local f <close> = assert(io.open(path_of "pynqz2-hls-maxi-intc-2020.1"))
    local text, n = f:read "a":gsub('(HIGHVALUE=")0x1FFFFFFF(" [^>]*MASTERBUSINTERFACE="m_axi_gmem")', "%10x0000FFFF%2")
    assert.equal(1, n)
    local fixture = dofile "spec/overlay/fixture.lua"
    finally(fixture.clean)
    ol = lunq.Overlay(fixture.write(fixture.folder() .. "/narrow.hwh", text))
    local buffer <close> = lunq.allocate(0x10000, "u4")
    local e = support.failure(ol.example_0.call, ol.example_0, buffer, 1, 1)
    assert.equal("value", e.kind)
    assert.match("example_0: argument a gets a buffer at 0x%x+%+0x40000, which the core does not reach; allocate it in "
                 .. "another bank %(option target%)%. It reaches: m_axi_gmem 0x0%+0x10000$", tostring(e))
  end)
end)
