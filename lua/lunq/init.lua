--- LUNQ: Lua productivity for FPGA boards and cards.
local core = require "lunq.core"

local lunq = { core = core }

return lunq
