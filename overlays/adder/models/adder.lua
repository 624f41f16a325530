--- Model of the adder for simulated devices: what the hardware does with the registers of adder.hwh.
-- LUNQ knows how an HLS block's control registers behave (start, done, idle, interrupts, registers that
-- clear when they are read) and calls `call`, the C function in Lua, when the block is started.
local lunq = require "lunq"

local AdderModel = lunq.Model:extend { models = { "acme.com:hls:adder:1.0" },
  signature = "void adder(int a, int b, int &c)" }

local LATENCY <const> = 20 -- ns: two clocks of 100 MHz

function AdderModel:init() self:latency(LATENCY) end

function AdderModel:call(a) return a.a + a.b end

return AdderModel
