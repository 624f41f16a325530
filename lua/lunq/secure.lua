--- Protected bitstreams: what lunq.Overlay's option `secure` says, for the device.
--
--   secure = { encrypted = "device" }                       by the key in the device (eFUSE, battery-backed RAM)
--   secure = { encrypted = "user", key = "64 hex digits" }  by this key
--   secure = { authenticated = "ddr" }                      or "ocm": the memory the firmware checks it in
-- Flags and the file `key` of vendor kernels' FPGA managers (include/linux/fpga/fpga-mgr.h of linux-xlnx).
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"

local secure = {}

--- As enum lunq_secure of host/core/device.h.
local BITS <const> = { encrypted = { device = 1, user = 2 }, authenticated = { ddr = 4, ocm = 8 } }

local function choice(name, value)
  local bit = BITS[name][value]
  if bit then return bit end
  local words = {}
  for word in pairs(BITS[name]) do words[#words + 1] = '"' .. word .. '"' end
  table.sort(words)
  errors.raise("value", "secure.%s should be %s, not %s", name, table.concat(words, " or "), tostring(value))
end

--- Checks the option.
---@param o table|nil
---@return integer|nil flags
---@return string|nil key 64 digits
--- Raises `value`, `type`.
function secure.read(o)
  if o == nil then return nil end
  local flags = 0
  for name, value in pairs(o) do
    if BITS[name] then
      flags = flags | choice(name, value)
    elseif name ~= "key" then
      errors.raise("value", 'option secure has no "%s"%s', tostring(name),
                   nearest.hint(tostring(name), { "encrypted", "authenticated", "key" }))
    end
  end
  if flags == 0 then errors.raise("value", "option secure should say encrypted, authenticated or both") end
  if (o.key ~= nil) ~= (o.encrypted == "user") then
    errors.raise("value", 'secure.key goes with encrypted = "user", and only with that')
  end
  if o.key and not (type(o.key) == "string" and o.key:match "^%x+$" and #o.key == 64) then
    errors.raise("value", "secure.key should be a text of 64 hexadecimal digits, an AES-256 key")
  end
  return flags, o.key
end

return secure
