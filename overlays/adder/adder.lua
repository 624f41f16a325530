--- Custom overlay of the adder design: LUNQ loads this file because it is called like adder.hwh.
--
-- It makes a driver for the adder IP and a class for the whole overlay, and returns the class, which
-- lunq.Overlay "adder.hwh" then uses. The IP is what Vitis HLS makes of
--   void adder(int a, int b, int &c) { c = a + b; }     with every argument on s_axilite.
local lunq = require "lunq"

-- Registers of an HLS block (UG1399 "S_AXILITE Control Register Map"; adder.hwh says the same).
local CTRL <const>, A <const>, B <const>, C <const> = 0x00, 0x10, 0x18, 0x20
local AP_START <const>, AP_DONE <const>, AP_IDLE <const> = 1 << 0, 1 << 1, 1 << 2

local Adder = lunq.DefaultIP:extend { __name = "Adder", bindto = { "acme.com:hls:adder:1.0" } }

--- Adds two 32-bit integers in hardware.
---@param a integer
---@param b integer
---@param timeout? number seconds, default lunq.time_limit
---@return integer sum wrapped to 32 bits, signed as in C
--- Raises `runtime` when the block is busy, `timeout` when it does not finish.
function Adder:add(a, b, timeout)
  local mmio = self.mmio
  if mmio:read(CTRL) & AP_IDLE == 0 then
    lunq.errors.raise("runtime", "%s is busy: an addition is still running", self.fullpath)
  end
  mmio:write(A, a)
  mmio:write(B, b)
  mmio:write(CTRL, AP_START)
  mmio:poll(CTRL, AP_DONE, AP_DONE, timeout) -- AP_DONE clears when it is read: the poll's last read
  local sum = mmio:read(C)
  return sum < 0x80000000 and sum or sum - 0x100000000
end

local AdderOverlay = lunq.DefaultOverlay:extend { __name = "AdderOverlay" }

--- Adds up a list of integers, one addition in hardware per element.
---@param list integer[]
---@return integer
function AdderOverlay:sum(list)
  local unit, total = self.adder, 0
  for _, value in ipairs(list) do total = unit:add(total, value) end
  return total
end

return AdderOverlay
