--- Mailbox 2.1: registers.md section 17 (ESW).
return { { base = 0, unread = { ERROR = "a read clears the error bits" }, text = [[
  00 WRDATA WO
  08 RDDATA RO POP
  10 STATUS RO: Empty 0 RO, Full 1 RO, STA 2 RO, RTA 3 RO
  14 ERROR RO COR: Empty 0 RO, Full 1 RO
  18 SIT RW
  1C RIT RW
  20 IS RW: STI 0 W1C, RTI 1 W1C, Error 2 W1C
  24 IE RW: STI 0, RTI 1, Error 2
  28 IP RO: STI 0 RO, RTI 1 RO, Error 2 RO
  2C CTRL WO: Reset_Send 0 WO, Reset_Receive 1 WO
]] } }
