--- AXI4-Stream FIFO 4.1 to 4.3: registers.md section 14 (HWH). Reading RDFD or RLR takes data, and
-- when empty raises an error that only a receive reset ends. TLR sends what was written to TDFD.
return { { base = 0, text = [[
  00 ISR RW reset=0x1D00000: RFPE 19 W1C, RFPF 20 W1C, TFPE 21 W1C, TFPF 22 W1C, RRC 23 W1C,
     TRC 24 W1C, TSE 25 W1C, RC 26 W1C, TC 27 W1C, TPOE 28 W1C, RPUE 29 W1C, RPORE 30 W1C,
     RPURE 31 W1C
  04 IER RW: RFPE 19, RFPF 20, TFPE 21, TFPF 22, RRC 23, TRC 24, TSE 25, RC 26, TC 27, TPOE 28,
     RPUE 29, RPORE 30, RPURE 31
  08 TDFR WO key=0xA5
  0C TDFV RO: Vacancy 16:0 RO
  10 TDFD WO
  14 TLR WO: TXL 22:0 WO
  18 RDFR WO key=0xA5
  1C RDFO RO: Occupancy 16:0 RO
  20 RDFD RO POP
  24 RLR RO POP: RXL 22:0 RO
  28 SRR WO key=0xA5
  2C TDR WO: TDEST 3:0 WO
  30 RDR RO: RDEST 3:0 RO
  34 TX_ID WO
  38 TX_USER WO
  3C RX_ID RO
  40 RX_USER RO
]] } }
