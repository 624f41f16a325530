-- gpio_interrupts.lua: the hands at the served panel: `lunq serve ... --bench` runs it beside the guest.
-- While the example's light runs it presses what its simulated hands press, again and again. Else the LEDs of the
-- design are how the guest asks for one edge of button 0: an odd number asks for a press, an even one for its end.
local lunq = require "lunq"

local ol = ...
local device = ol.device
local hands = dofile "overlays/gpio_interrupts/simulated_hands.lua"

local TIMER <const> = ol.ip_dict.timer.phys_addr
local timer = lunq.core.mmio(TIMER, 0x1000, device)

--- The demo counts tenths of a second: TCSR0.ENT0, and TLR0 for 10 ms at least.
local function light_runs() return timer:read(0) & 0x80 ~= 0 and timer:read(4) > 1000000 end

while true do
  while light_runs() do
    local playing <close> = hands(device) -- the light ends it, too
    repeat lunq.sleep(0.01) until playing.done or not light_runs()
  end
  device:wire("btns_4bits_tri_i", device:wire "leds_4bits_tri_o" & 1)
  lunq.sleep(0.0002)
end
