--- AXI UART Lite 2.0: registers.md section 13 (HWH, ESW, QEMU). Reading RX_FIFO takes a byte,
-- reading STAT_REG clears the error bits.
return { { base = 0, unread = { STAT_REG = "a read clears the error bits" }, text = [[
  0 RX_FIFO RO POP: RX_DATA 7:0 RO
  4 TX_FIFO WO: TX_DATA 7:0 WO
  8 STAT_REG RO COR reset=0x4: RX_FIFO_Valid_Data 0 RO, RX_FIFO_Full 1 RO, TX_FIFO_Empty 2 RO,
    TX_FIFO_Full 3 RO, Intr_Enabled 4 RO, Overrun_Error 5 RO, Frame_Error 6 RO, Parity_Error 7 RO
  C CTRL_REG WO: RST_TXFIFO 0 WO, RST_RXFIFO 1 WO, Enable_Intr 4 WO
]] } }
