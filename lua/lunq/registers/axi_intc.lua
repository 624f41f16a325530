--- AXI INTC 4.1: registers.md section 10 (HWH, ESW, QEMU, LNX). No read destroys; ISR, IAR, SIE
-- and CIE act on the bits written as 1.
local lines = { [[
  00 ISR RW: INT 31:0 W1S
  04 IPR RO: INT 31:0 RO
  08 IER RW: INT 31:0
  0C IAR WO: INT 31:0 W1C
  10 SIE RW: INT 31:0 W1S
  14 CIE RW: INT 31:0 W1C
  18 IVR RO reset=0xFFFFFFFF: IVN 31:0 RO
  1C MER RW: ME 0, HIE 1
  20 IMR RW: INT 31:0
  24 ILR RW reset=0xFFFFFFFF: ILN 31:0]] }

for i = 0, 31 do
  lines[#lines + 1] = ("%X IVAR_%d_ RW reset=0x10: IVA 31:0"):format(0x100 + 4 * i, i)
end

local text = table.concat(lines, "\n")
return { { base = 0, text = text, optional = { "IMR", "ILR", "^IVAR_" } } }
