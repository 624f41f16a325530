--- AXI IIC 2.1: registers.md section 11 (HWH, ESW). ISR toggles on write; reading RX_FIFO takes a
-- byte out of it; SOFTR takes only its key.
return { { base = 0, text = [[
  01C GIE RW: GIE 31
  020 ISR RW reset=0xD0: int0 0 TOW, int1 1 TOW, int2 2 TOW, int3 3 TOW, int4 4 TOW, int5 5 TOW,
      int6 6 TOW, int7 7 TOW
  028 IER RW: int0 0, int1 1, int2 2, int3 3, int4 4, int5 5, int6 6, int7 7
  040 SOFTR WO key=0xA: RKEY 3:0 WO
  100 CR RW: EN 0, TX_FIFO_Reset 1, MSMS 2, TX 3, TXAK 4, RSTA 5, GC_EN 6
  104 SR RO reset=0xC0: ABGC 0 RO, AAS 1 RO, BB 2 RO, SRW 3 RO, TX_FIFO_Full 4 RO, RX_FIFO_Full 5 RO,
      RX_FIFO_Empty 6 RO, TX_FIFO_Empty 7 RO
  108 TX_FIFO WO: D7_D0 7:0 WO, Start 8 WO, Stop 9 WO
  10C RX_FIFO RO POP: D7_D0 7:0 RO
  110 ADR RW: Slave_Address 7:1
  114 TX_FIFO_OCY RO: Occupancy_Value 3:0 RO
  118 RX_FIFO_OCY RO: Occupancy_Value 3:0 RO
  11C TEN_ADR RW: MSB_of_Slave_Address 2:0
  120 RX_FIFO_PIRQ RW: Compare_Value 3:0
  124 GPO RW: General_Purpose_Outputs 31:0
  128 TSUSTA RW
  12C TSUSTO RW
  130 THDSTA RW
  134 TSUDAT RW
  138 TBUF RW
  13C THIGH RW
  140 TLOW RW
  144 THDDAT RW
]] } }
