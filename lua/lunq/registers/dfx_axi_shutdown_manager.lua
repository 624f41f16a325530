--- DFX AXI Shutdown Manager 1.0: registers.md section 17 (ESW, PYNQ). 1 asks for the shutdown; it reads
-- 0xF when it is done, so an update of a bit of it makes no sense: write it whole.
return { { base = 0, text = "000 CTRL RW" } }
