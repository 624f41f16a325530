--- What an XADC or a system monitor measures.
--
--   local board = ol.device:attach("xadc_wiz_0", lunq.peers.analog { temperature = 45, vccint = 0.95 })
--   board.temperature = 90            -- degrees Celsius; the next conversion has it
--   board.vccaux = 1.8                -- volts; false: as on a board in good health
--   board.aux[3] = 0.5                -- volts at input pair 3
-- ultrascale = true: temperatures by the formula of the system management wizard.
local Peer = require "lunq.peer"

local Analog = Peer:extend { __name = "Analog", bus = "analog", ultrascale = false, temperature = false,
                             vccint = false, vccaux = false, vp_vn = false, vrefp = false, vrefn = false,
                             vbram = false, vccpint = false, vccpaux = false, vcco_ddr = false,
                             vuser0 = false, vuser1 = false, vuser2 = false, vuser3 = false, aux = false }

local CHANNELS <const> = { "vccint", "vccaux", "vp_vn", "vrefp", "vrefn", "vbram", [11] = "vccpint",
                           [12] = "vccpaux", [13] = "vcco_ddr", [32] = "vuser0", [33] = "vuser1",
                           [34] = "vuser2", [35] = "vuser3" }
local FIRST_AUX <const>, LAST_AUX <const> = 16, 31

function Analog:init(options)
  Peer.init(self, options)
  self.aux = self.aux or {}
end

local function clip(raw) return math.max(0, math.min(0xffff, raw + 0.5)) // 1 | 0 end

--- 16 bits for a channel; registers.md section 16 has the formulas. Auxiliary inputs: 1 V is full scale.
function Analog:sample(channel)
  if channel == 0 then
    local t = self.temperature
    if not t then return nil end
    if self.ultrascale then return clip((t + 273.67) * 0.00199451786 * 65536) end
    return clip((t + 273.15) * 0.00198421639 * 65536)
  end
  if channel >= FIRST_AUX and channel <= LAST_AUX then
    local volts = self.aux[channel - FIRST_AUX]
    return volts and clip(volts * 65536)
  end
  local volts = CHANNELS[channel] and self[CHANNELS[channel]]
  if not volts then return nil end
  return clip(volts / (channel == 3 and 1 or 3) * 65536)
end

return Analog
