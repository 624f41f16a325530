--- Switch: one input line that stays as it is put. It reads and waits as a button does; PYNQ's
-- wait_for_value always raises (C56), this one takes 0 and 1.
--   local switch = lunq.Switch(ol.switches[0])     switch:read()  switch:wait_for_value(0, timeout)
return require "lunq.io.button":extend { __name = "lunq.Switch" }
