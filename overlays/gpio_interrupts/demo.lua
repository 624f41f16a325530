--- Buttons, switches, LEDs and a key, each with a task: nothing polls, nothing waits for anything else.
--   lunq overlays/gpio_interrupts/demo.lua
-- On a board press the buttons; the key ends it. A simulated device has no hands, it gets some below.
local lunq = require "lunq"

local here = arg and arg[0] and arg[0]:match "^.*/" or ""
local ol <close> = lunq.Overlay(here .. "gpio_interrupts.hwh")
print(ol)
print()

local panel, leds, rgb = ol.panel, ol.leds, lunq.RGBLED(ol.leds.channel2, 0)
local buzzer = ol.gpio.buzzer
local key <close> = lunq.GPIO(lunq.GPIO.get_gpio_pin(1, nil, ol.device), "in", ol.device)

local start = lunq.now()
local function say(format, ...) print(("%7.3f s  %s"):format(lunq.now() - start, format:format(...))) end

-- Button 0: a short press beeps, a long one asks for silence.
panel:on_press(0, function()
  local short = pcall(lunq.timeout, 0.5, panel.wait_for_release, panel, 0)
  if not short then
    buzzer:off()
    say "button 0 is held: silence"
    panel:wait_for_release(0, math.huge)
    return
  end
  say "button 0: beep"
  buzzer:on()
  lunq.sleep(0.2)
  buzzer:off()
end)

-- Button 1: the next colour.
local colour = 0
panel:on_press(1, function()
  colour = colour % 7 + 1
  rgb:write(colour)
  say("button 1: colour %d", colour)
end)

-- Button 2: the light runs the other way. Button 3 counts.
local direction, presses = 1, 0
panel:on_press(2, function()
  direction = -direction
  say("button 2: the light runs %s", direction > 0 and "left" or "right")
end)
panel:on_press(3, function()
  presses = presses + 1
  say("button 3: %d times so far", presses)
end)

-- A light runs over the LEDs, a step with each tick of the timer in the logic; switch 1 stops it.
local at, steps = 0, 0
local tick = ol.timer.timer0
tick:start { seconds = 0.1 }
local _ <close> = lunq.spawn(function()
  while true do
    if panel.sws[1]:read() == 1 then
      say "switch 1: the light rests"
      panel.sws[1]:wait_for_value(0, math.huge)
      say "switch 1: the light runs"
      tick:clear() -- of the ticks meanwhile
    end
    tick:wait()
    at, steps = (at + direction) % 4, steps + 1
    leds.channel1:write(1 << at)
  end
end)

if ol.device.kind == "sim" then dofile(here .. "simulated_hands.lua")(ol.device) end

say "running; the key ends it"
key:wait("rising", math.huge)
say("the key: %d steps, %d presses of button 3", steps, presses)

tick:stop()
leds.channel1:write(0)
rgb:off()
buzzer:off()
