--- AXI BRAM controller 4.1: registers.md section 17 (HWH). The registers are those of ECC, on a
-- port of their own; without ECC the address block is plain memory and the metadata disables them.
return { { base = 0, text = [[
  000 ECC_STATUS RW: UE_STATUS 0 W1C, CE_STATUS 1 W1C
  004 ECC_EN_IRQ RW: UE_EN_IRQ 0, CE_EN_IRQ 1
  008 ECC_ON_OFF RW: ECC_ON_OFF 0
  00C CE_CNT RW: CE_CNT 7:0
  1C0 CE_FFA0 RO
  1C4 CE_FFA1 RO
  204 UE_FFD1 RO
  208 UE_FFD2 RO
  20C UE_FFD3 RO
  300 FI_D0 WO
  304 FI_D1 WO
  308 FI_D2 WO
  30C FI_D3 WO
  380 FI_ECC WO
]], metadata_only = true } }
