--- What the kernel computes, for simulated cards: it gets the arguments as the C++ function does, and works on
-- the card's copies of the buffers. An element takes a clock of 300 MHz.
local lunq = require "lunq"

return lunq.model "vadd" {
  kernel = function(_, a, b, c, n)
    for i = 1, n do c[i] = a[i] + b[i] end
  end,
  duration = function(_, _, _, _, n) return n * 10 // 3 end,
}
