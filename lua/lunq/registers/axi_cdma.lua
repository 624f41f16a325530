--- AXI CDMA 4.1: registers.md section 6 (ESW, PG034; reset values to be verified).
return { { base = 0, text = [[
  00 CDMACR RW reset=0x10000: TailPntrEn 1 RO, Reset 2 SC, SGMode 3, KeyholeRead 4, KeyholeWrite 5,
            CyclicBD 6, IOC_IrqEn 12, Dly_IrqEn 13, Err_IrqEn 14, IRQThreshold 23:16, IRQDelay 31:24
  04 CDMASR RW reset=0x10002: Idle 1 RO, SGIncld 3 RO, DMAIntErr 4 RO, DMASlvErr 5 RO, DMADecErr 6 RO,
            SGIntErr 8 RO, SGSlvErr 9 RO, SGDecErr 10 RO, IOC_Irq 12 W1C, Dly_Irq 13 W1C,
            Err_Irq 14 W1C, IRQThresholdSts 23:16 RO, IRQDelaySts 31:24 RO
  08 CURDESC_PNTR RW: Current_Descriptor_Pointer 31:6
  0C CURDESC_PNTR_MSB RW
  10 TAILDESC_PNTR RW GO: Tail_Descriptor_Pointer 31:6
  14 TAILDESC_PNTR_MSB RW GO
  18 SA RW
  1C SA_MSB RW
  20 DA RW
  24 DA_MSB RW
  28 BTT RW GO: BTT 25:0
]] } }
