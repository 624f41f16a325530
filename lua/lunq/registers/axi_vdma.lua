--- AXI VDMA 6.3: registers.md section 7 (HWH, ESW). PARK_PTR fields are the other way round in the
-- metadata; FrmCnt_Irq and DlyCnt_Irq of S2MM are write-1-to-clear although it does not say so.
local CONTROL <const> = [[
  00 %s_VDMACR RW reset=0x10042: RS 0 GO, Circular_Park 1, Reset 2 SC, GenlockEn 3, FrameCntEn 4,
     FsyncSrc 6:5, GenlockSrc 7, RdPntrNum 11:8, FrmCnt_IrqEn 12, DlyCnt_IrqEn 13, Err_IrqEn 14,
     Repeat_En 15, IRQFrameCount 23:16, IRQDelayCount 31:24
  04 %s_VDMASR RW reset=0x10001: Halted 0 RO, VDMAIntErr 4 W1C, VDMASlvErr 5 RO, VDMADecErr 6 RO,
     SOFEarlyErr 7 W1C, EOLEarlyErr 8 W1C, SOFLateErr 11 W1C, FrmCnt_Irq 12 W1C, DlyCnt_Irq 13 W1C,
     Err_Irq 14 W1C, EOLLateErr 15 W1C, IRQFrameCntSts 23:16 RO, IRQDelayCntSts 31:24 RO
  14 %s_REG_INDEX RW: %s_Reg_Index 0
  18 %s_FRMSTORE RW: Frame_Store 5:0
]]

local function geometry(base, name)
  local lines = {
    "00 " .. name .. "_VSIZE RW GO: Vertical_Size 12:0",
    "04 " .. name .. "_HSIZE RW: Horizontal_Size 15:0",
    "08 " .. name .. "_FRMDLY_STRIDE RW: Stride 15:0, Frame_Delay 28:24",
  }
  for i = 1, 16 do
    lines[#lines + 1] = ("%02X %s_SA%d RW: Start_Address%d 31:0"):format(8 + 4 * i, name, i, i)
  end
  return { base = base, text = table.concat(lines, "\n") }
end

return {
  { base = 0x00, text = (CONTROL:gsub("%%s", "MM2S")) },
  { base = 0, text = [[
    28 PARK_PTR_REG RW: RdFrmPtrRef 4:0, WrFrmPtrRef 12:8, RdFrmStore 20:16 RO, WrFrmStore 28:24 RO
    2C VDMA_VERSION RO reset=0x62000000: Xilinx_Internal 15:0 RO, Minor_Version 27:20 RO,
       Major_Version 31:28 RO
    3C S2MM_VDMA_IRQ_MASK RW: IRQMaskSOFEarlyErr 0, IRQMaskEOLEarlyErr 1, IRQMaskSOFLateErr 2,
       IRQMaskEOLLateErr 3
    EC S2MM_VFLIP RW: Vertical_Flip 0
  ]] },
  { base = 0x30, text = (CONTROL:gsub("%%s", "S2MM")) },
  geometry(0x50, "MM2S"),
  geometry(0xA0, "S2MM"),
}
