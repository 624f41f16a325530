--- DFX Decoupler 1.0: registers.md section 17 (ESW). Reading gives the state.
return { { base = 0, text = "000 CTRL RW: DECOUPLE 0" } }
