--- lunq.peers: ready-made peers for serial IP of simulated devices. See lunq.Peer for one's own.
--
--   local eeprom = ol.device:attach("axi_iic_0", lunq.peers.eeprom { address = 0x50, size = 256 })
--   ol.device:attach("axi_quad_spi_0", lunq.peers.flash {}, 0)          -- at select 0
--   ol.device:attach("axi_uartlite_0", lunq.peers.loopback {})
--   local terminal = ol.device:attach("axi_uartlite_0", lunq.peers.terminal {})
--   ol.device:attach("xadc_wiz_0", lunq.peers.analog { temperature = 45, vccint = 0.95 })
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"

local NAMES <const> = { "analog", "eeprom", "flash", "loopback", "terminal" }

return setmetatable({}, {
  __index = function(peers, name)
    for _, known in ipairs(NAMES) do
      if known == name then
        peers[name] = require("lunq.peers." .. name)
        return peers[name]
      end
    end
    errors.raise("attribute", 'lunq.peers has no "%s"%s', tostring(name), nearest.hint(tostring(name), NAMES))
  end,
  __pairs = function() return ipairs(NAMES) end,
})
