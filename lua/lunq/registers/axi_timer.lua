--- AXI Timer 2.0: registers.md section 9 (HWH, ESW, QEMU). TnINT is write-1-to-clear although the
-- metadata does not say so; ENALL sets both ENT, so an update never writes it back.
local TIMER <const> = [[
  00 TCSR%d RW: MDT%d 0, UDT%d 1, GENT%d 2, CAPT%d 3, ARHT%d 4, LOAD%d 5, ENIT%d 6, ENT%d 7,
     T%dINT 8 W1C, PWMA%d 9, ENALL 10 SC]]

local function timer(base, n, more)
  local text = TIMER .. more .. "\n04 TLR%d RW: TCLR%d 31:0\n08 TCR%d RO: TCR%d 31:0"
  return { base = base, text = (text:gsub("%%d", n)) }
end

return { timer(0x00, "0", ", CASC 11"), timer(0x10, "1", "") }
