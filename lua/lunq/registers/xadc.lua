--- The registers that the XADC wizard and the system management wizard share: registers.md section 16
--- (embeddedsw xsysmon_hw.h). IPISR toggles on write, SRR takes only its key.
local LOCAL <const> = [[
  00 SRR WO key=0xA
  04 SR RO: %s
  08 AOR RO: OT 0 RO, TEMP 1 RO, VCCINT 2 RO, VCCAUX 3 RO, VBRAM 4 RO, VCCPINT 5 RO, VCCPAUX 6 RO, VCCO_DDR 7 RO,
     ALL 8 RO, VUSER0 9 RO, VUSER1 10 RO, VUSER2 11 RO, VUSER3 12 RO
  0C CONVST WO: CONVST 0 WO, TEMP_UPDATE 1 WO, WAIT_CYCLES 17:2 WO
  10 ARR WO: RESET 0 WO
  5C GIER RW: GIE 31
  60 IPISR RW: OT 0 TOW, TEMP 1 TOW, VCCINT 2 TOW, VCCAUX 3 TOW, EOS 4 TOW, EOC 5 TOW, JTAG_LOCKED 6 TOW,
     JTAG_MODIFIED 7 TOW, OT_OVER 8 TOW, TEMP_OVER 9 TOW, VBRAM 10 TOW, VCCPINT 11 TOW, VCCPAUX 12 TOW,
     VCCO_DDR 13 TOW, VUSER0 14 TOW, VUSER1 15 TOW, VUSER2 16 TOW, VUSER3 17 TOW
  68 IPIER RW: OT 0, TEMP 1, VCCINT 2, VCCAUX 3, EOS 4, EOC 5, JTAG_LOCKED 6, JTAG_MODIFIED 7, OT_OVER 8,
     TEMP_OVER 9, VBRAM 10, VCCPINT 11, VCCPAUX 12, VCCO_DDR 13, VUSER0 14, VUSER1 15, VUSER2 16, VUSER3 17
]]

--- The ADC's own block.
local ADC <const> = [[
  000 TEMP RO
  004 VCCINT RO
  008 VCCAUX RO
  00C VP_VN RO
  010 VREFP RO
  014 VREFN RO
  018 VBRAM RO
  080 MAX_TEMP RO
  084 MAX_VCCINT RO
  088 MAX_VCCAUX RO
  08C MAX_VBRAM RO
  090 MIN_TEMP RO
  094 MIN_VCCINT RO
  098 MIN_VCCAUX RO
  09C MIN_VBRAM RO
  0FC FLAGS RO
  100 CFR0 RW
  104 CFR1 RW
  108 CFR2 RW
  140 TEMP_UPPER RW
  144 VCCINT_UPPER RW
  148 VCCAUX_UPPER RW
  14C OT_UPPER RW
  150 TEMP_LOWER RW
  154 VCCINT_LOWER RW
  158 VCCAUX_LOWER RW
  15C OT_LOWER RW
  160 VBRAM_UPPER RW
  170 VBRAM_LOWER RW
]]

---@param base integer of the ADC's block
---@param sr string fields of SR
---@param more string registers of the block that only this family has
---@return table parts
return function(base, sr, more)
  local lines = { ADC, more }
  for n = 0, 15 do lines[#lines + 1] = ("  %03X AUX%d RO"):format(0x40 + 4 * n, n) end
  return { { base = 0, text = LOCAL:format(sr) }, { base = base, text = table.concat(lines, "\n") } }
end
