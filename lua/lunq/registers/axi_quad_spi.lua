--- AXI Quad SPI 3.2, standard mode: registers.md section 12 (HWH, ESW). Reading DRR takes a word out
-- of the FIFO, and hangs the bus when there is none (PYNQ issue 1435); reading SPISR clears MODF.
return { { base = 0, unread = { SPISR = "a read clears the mode fault flag" }, text = [[
  1C DGIER RW: GIE 31
  20 IPISR RW: MODF 0 TOW, Slave_MODF 1 TOW, DTR_Empty 2 TOW, DTR_Underrun 3 TOW, DRR_Full 4 TOW,
     DRR_Overrun 5 TOW, TXFIFO_Half_Empty 6 TOW, Slave_Select_Mode 7 TOW, DRR_Not_Empty 8 TOW,
     CPOL_CPHA_Error 9 TOW, Slave_Mode_Error 10 TOW, MSB_Error 11 TOW, Loopback_Error 12 TOW,
     Command_Error 13 TOW
  28 IPIER RW: MODF 0, Slave_MODF 1, DTR_Empty 2, DTR_Underrun 3, DRR_Full 4, DRR_Overrun 5,
     TXFIFO_Half_Empty 6, Slave_Select_Mode 7, DRR_Not_Empty 8, CPOL_CPHA_Error 9,
     Slave_Mode_Error 10, MSB_Error 11, Loopback_Error 12, Command_Error 13
  40 SRR WO key=0xA
  60 SPICR RW reset=0x180: LOOP 0, SPE 1, Master 2, CPOL 3, CPHA 4, TX_FIFO_Reset 5 SC,
     RX_FIFO_Reset 6 SC, Manual_Slave_Select 7, Master_Transaction_Inhibit 8, LSB_First 9
  64 SPISR RO COR reset=0xA5: RX_Empty 0 RO, RX_Full 1 RO, TX_Empty 2 RO, TX_Full 3 RO, MODF 4 RO,
     Slave_Mode_Select 5 RO, CPOL_CPHA_Error 6 RO, Slave_Mode_Error 7 RO, MSB_Error 8 RO,
     Loopback_Error 9 RO, Command_Error 10 RO
  68 DTR WO: TX_Data 31:0 WO
  6C DRR RO POP: RX_Data 31:0 RO
  70 SSR RW reset=0xFFFFFFFF: Selected_Slave 31:0
  74 TX_FIFO_OCY RO: Occupancy_Value 31:0 RO
  78 RX_FIFO_OCY RO: Occupancy_Value 31:0 RO
]] } }
