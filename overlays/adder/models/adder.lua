--- Model of the adder for simulated devices: what the hardware does with the registers of adder.hwh.
-- LUNQ knows how an HLS block's control registers behave (start, done, idle, interrupts, registers that
-- clear when they are read) and calls `compute` when the block is done.
local lunq = require "lunq"

local AdderModel = lunq.Model:extend { models = { "acme.com:hls:adder:1.0" } }

local LATENCY <const> = 20 -- ns: two clocks of 100 MHz

function AdderModel:init() self:latency(LATENCY) end

function AdderModel:compute()
  local registers = self.registers
  registers.c = registers.a + registers.b & 0xffffffff
end

return AdderModel
