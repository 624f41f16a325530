--- AXI4-Stream Switch 1.1: registers.md section 17 (ESW). Routes take effect with REG_UPDATE.
local lines = { "000 CTRL RW: REG_UPDATE 1 SC" }
for i = 0, 15 do
  lines[#lines + 1] = ("%03X MI_MUX_%d RW reset=0x80000000: SLAVE 3:0, DISABLE 31"):format(0x40 + 4 * i, i)
end
return { { base = 0, text = table.concat(lines, "\n") } }
