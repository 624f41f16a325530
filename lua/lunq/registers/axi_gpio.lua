--- AXI GPIO 2.0: registers.md section 8 (HWH, ESW, LNX). IP_ISR toggles on write.
return { { base = 0, text = [[
  000 GPIO_DATA  RW: Channel_1_GPIO_DATA 31:0
  004 GPIO_TRI   RW reset=0xFFFFFFFF: Channel_1_GPIO_TRI 31:0
  008 GPIO2_DATA RW: Channel_2_GPIO_DATA 31:0
  00C GPIO2_TRI  RW reset=0xFFFFFFFF: Channel_2_GPIO_TRI 31:0
  11C GIER       RW: Global_Interrupt_Enable 31
  120 IP_ISR     RW: Channel_1_Interrupt_Status 0 TOW, Channel_2_Interrupt_Status 1 TOW
  128 IP_IER     RW: Channel_1_Interrupt_Enable 0, Channel_2_Interrupt_Enable 1
]] } }
