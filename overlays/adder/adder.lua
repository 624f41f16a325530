--- Custom overlay of the adder design: LUNQ loads this file because it is called like adder.hwh.
--
-- It makes a driver for the adder IP and a class for the whole overlay, and returns the class, which
-- lunq.Overlay "adder.hwh" then uses. The IP is what Vitis HLS makes of
--   void adder(int a, int b, int &c) { c = a + b; }     with every argument on s_axilite.
local lunq = require "lunq"

local Adder = lunq.DefaultIP:extend { __name = "Adder", bindto = { "acme.com:hls:adder:1.0" },
  signature = "void adder(int a, int b, int &c)" } -- the types, which the metadata does not have

--- Adds two 32-bit integers in hardware.
---@param a integer
---@param b integer
---@param timeout? number seconds, default lunq.time_limit
---@return integer sum wrapped to 32 bits, signed as in C
--- Raises `value` for what is no int, `runtime` when the block is busy, `timeout` when it does not finish.
function Adder:add(a, b, timeout)
  return self:start(a, b):wait(timeout)
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
