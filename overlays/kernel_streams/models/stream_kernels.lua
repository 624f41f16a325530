--- What the two kernels compute, for simulated cards. Reading a stream waits for data, writing it for room, as
-- in hardware.
local lunq = require "lunq"

lunq.model "vadd" {
  kernel = function(_, a, b, out_c, n)
    for i = 1, n do out_c:write(a[i] + b[i]) end
  end,
}

lunq.model "vmult" {
  kernel = function(_, in_a, b, c, n)
    for i = 1, n do c[i] = in_a:read(1)[1] * b[i] end
  end,
}
