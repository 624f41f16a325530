-- The arithmetic against Vivado's own: for every real design the clocks come out as its metadata say.
describe("the clocks of a real design", function()
  local lunq = require "lunq"
  local helper = require "spec.helper"
  local lfs = require "lfs"

  local function parameters(ol)
    for _, entry in pairs(ol.ip_dict) do
      if entry.type and entry.type:match "processing_system7:" or (entry.type or ""):match "zynq_ultra_ps_e:" then
        return entry.parameters
      end
    end
    return nil
  end

  it("are what Vivado says they are", function()
    if not helper.corpus then return pending(helper.no_corpus) end
    local designs, checked = 0, 0
    for name in lfs.dir(helper.corpus .. "/files/hwh") do
      if name:match "%.hwh$" then
        local d <close> = lunq.Device.open "sim"
        local warned, ol = lunq.warnings.capture(lunq.Overlay, helper.corpus .. "/files/hwh/" .. name, { device = d })
        local finish <close> = setmetatable({}, { __close = function() ol:free() end })
        local p, clocks = parameters(ol), lunq.Clocks(d)
        for _, w in ipairs(warned) do assert.not_matches("[Cc]lock", w.text) end
        local function close_to(text, mhz, what)
          assert.is_true(math.abs(tonumber(text) - mhz) < 1e-5 * mhz,
                         ("%s %s: %s here, %s there"):format(name, what, mhz, text))
          checked = checked + 1
        end
        for i = 0, p and 3 or -1 do
          local entry = ol.clock_dict[i]
          if entry and entry.enable == 1 then
            close_to(p[("PCW_ACT_FPGA%d_PERIPHERAL_FREQMHZ"):format(i)]
                     or p[("PSU__CRL_APB__PL%d_REF_CTRL__ACT_FREQMHZ"):format(i)], clocks[i].mhz, "clock " .. i)
          end
        end
        if p then
          close_to(p.PCW_ACT_APU_PERIPHERAL_FREQMHZ or p.PSU__CRF_APB__ACPU_CTRL__ACT_FREQMHZ, clocks.cpu_mhz, "CPU")
          designs = designs + 1
        end
        assert.is_not_nil(finish)
      end
    end
    assert.is_true(designs >= 10 and checked >= 2 * designs)
  end)
end)
