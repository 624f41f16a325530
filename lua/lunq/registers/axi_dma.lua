--- AXI DMA 7.1: registers.md section 5 (HWH, ESW, PG021). Reset of either channel resets both;
-- writing IOC/Dly/Err_Irq back as read would acknowledge them.
local CHANNEL <const> = [[
  00 %s_DMACR   RW reset=0x10002: RS 0 GO, Reset 2 SC, Keyhole 3, Cyclic_BD_Enable 4, IOC_IrqEn 12,
                Dly_IrqEn 13, Err_IrqEn 14, IRQThreshold 23:16, IRQDelay 31:24
  04 %s_DMASR   RW reset=0x10001: Halted 0 RO, Idle 1 RO, SGIncld 3 RO, DMAIntErr 4 RO, DMASlvErr 5 RO,
                DMADecErr 6 RO, SGIntErr 8 RO, SGSlvErr 9 RO, SGDecErr 10 RO, IOC_Irq 12 W1C,
                Dly_Irq 13 W1C, Err_Irq 14 W1C, IRQThresholdSts 23:16 RO, IRQDelaySts 31:24 RO
  08 %s_CURDESC RW: Current_Descriptor_Pointer 31:6
  0C %s_CURDESC_MSB RW: Current_Descriptor_Pointer 31:0
  10 %s_TAILDESC RW GO: Tail_Descriptor_Pointer 31:6
  14 %s_TAILDESC_MSB RW GO: Tail_Descriptor_Pointer 31:0
  18 %s_%s      RW: %s_Address 31:0
  1C %s_%s_MSB  RW: %s_Address 31:0
  28 %s_LENGTH  RW GO: Length 25:0
]]

local function channel(base, name, short, long)
  local text = CHANNEL:gsub("%%s_%%s", name .. "_" .. short):gsub("%%s_Address", long .. "_Address")
                      :gsub("%%s", name)
  return { base = base, text = text }
end

return {
  channel(0x00, "MM2S", "SA", "Source"),
  { base = 0, text = "2C SG_CTL RW reset=0x3: SG_CACHE 3:0, SG_USER 11:8" },
  channel(0x30, "S2MM", "DA", "Destination"),
}
