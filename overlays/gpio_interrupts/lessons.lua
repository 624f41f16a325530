--- What goes wrong with interrupts, on purpose: each lesson breaks something that has cost people a day on a
-- board, and prints what LUNQ says about it. See README.md. Needs the simulated device.
--   lunq overlays/gpio_interrupts/lessons.lua
local lunq = require "lunq"

local here = arg[0]:match "^.*/" or ""
local hands = dofile(here .. "simulated_hands.lua")

lunq.warnings.set_hook(function(_, text) print("warning: " .. text) end)

--- f waits for button 0, which is pressed after 20 ms.
local function lesson(title, f)
  local device <close> = lunq.Device.open "sim"
  lunq.Device.active_device = device
  local ol <close> = lunq.Overlay(here .. "gpio_interrupts.hwh", { device = device })
  print(("\n-- %s"):format(title))
  local finger <close> = lunq.spawn(function()
    lunq.sleep(0.02)
    hands.press(device, 0, 10)
  end)
  finger.background = true
  local ok, e = pcall(f, ol.panel, device, ol)
  if not ok then print(tostring(e)) end
end

lesson("1. nobody presses the button: the way of the interrupt, stage by stage", function(panel)
  panel:wait_for_press(1, 0.1)
end)

lesson("2. the second controller's output is not connected", function(panel, device)
  device:inject { ip = "panel/intc", fault = "lost_interrupt", where = "irq" }
  panel:wait_for_press(0, 0.1)
  print "   (the press was seen all the same, when the time was over)"
end)

lesson("3. something else has switched the first controller off", function(panel, _, ol)
  local task <close> = lunq.spawn(panel.btns[1].wait_for_value, panel.btns[1], 1, 0.1)
  lunq.sleep(0.01)
  ol.intc:write(0x1c, 0)
  task:wait()
end)

lesson("4. the interrupt of the buttons is stuck", function(panel, device)
  device:inject { ip = "panel/btns", fault = "stuck_interrupt", where = "ip2intc_irpt" }
  panel:wait_for_press(1, 0.5)
end)

lesson("5. another program has the GPIO line", function(_, device, ol)
  device:inject { fault = "gpio_busy" }
  ol.gpio.buzzer:on()
end)

lesson("6. a line is wanted in two directions", function(_, _, ol)
  ol.gpio.buzzer:on()
  lunq.GPIO(lunq.GPIO.get_gpio_pin(0), "in")
end)
