local a <const>, b <close> = 1, nil
for i = 1, 10 do if i // 2 == 0x1p4 then goto done end end
::done:: return function(...) return ..., {[1]=2, x = [==[
]==]; "\u{7f}\z  \x41"} end
