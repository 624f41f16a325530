--- Driver of the hierarchy: four buttons and two switches. A contact bounces for some milliseconds when it
-- closes and when it opens; here that becomes one press and one release.
--
--   local panel = ol.panel
--   panel:wait_for_press(0, 5)          -- button 0, within 5 seconds
--   panel:wait_for_release(0)
--   panel:on_press(2, function() print "two" end)   -- a task of its own; :cancel() ends it
--   print(panel.buttons[1]:read(), panel.sws[0]:read())
local lunq = require "lunq"
local waiting = require "lunq.waiting"

--- debounce: seconds a contact has to stay as it is; 5 to 20 ms are usual for buttons.
local Panel = lunq.DefaultHierarchy:extend { __name = "Panel", debounce = 0.01 }

--- Fits every hierarchy with an AXI GPIO called btns and one called switches.
function Panel.checkhierarchy(description)
  local ip = description.ip
  return ip.btns ~= nil and ip.switches ~= nil
end

--- buttons[0], buttons[1] ... and sws[0], sws[1] are lunq.Button and lunq.Switch.
function Panel:init(description)
  lunq.DefaultHierarchy.init(self, description)
  self.buttons, self.sws = {}, {}
  self.tasks = {} -- of on_press
  self.btns:setdirection "in"
  self.switches:setdirection "in"
  for i = 0, #self.btns - 1 do self.buttons[i] = lunq.Button(self.btns[i]) end
  for i = 0, #self.switches - 1 do self.sws[i] = lunq.Switch(self.switches[i]) end
end

local function button(self, i)
  local b = self.buttons[i]
  if not b then
    lunq.errors.raise("index", "%s has buttons 0 to %d, not %s", self.fullpath, #self.btns - 1, tostring(i))
  end
  return b
end

--- Waits until the contact has been at a level for the time `debounce`.
local function settle(self, b, level, left)
  repeat
    b:wait_for_value(level, left())
    lunq.sleep(self.debounce)
  until b:read() == level
end

local function press(self, b, is_up, timeout)
  local left = waiting.limit(self.device, timeout)
  if not is_up then settle(self, b, 0, left) end
  settle(self, b, 1, left)
end

--- Waits until button i is pressed; when it is down already, until it is pressed again.
---@param i integer from 0
---@param timeout? number seconds; lunq.time_limit when not said, math.huge for none
--- Raises `timeout`, and `index` for a button that is not there.
function Panel:wait_for_press(i, timeout)
  local b = button(self, i)
  press(self, b, b:read() == 0, timeout)
end

--- Waits until button i is not pressed (any more).
function Panel:wait_for_release(i, timeout)
  settle(self, button(self, i), 0, waiting.limit(self.device, timeout))
end

--- Calls f() each time button i is pressed, in a task of its own: f may wait and sleep. It ends with the
--- overlay.
---@return any task cancel() it to stop earlier
function Panel:on_press(i, f)
  local b = button(self, i)
  local is_up = b:read() == 0 -- now, not when the task has its first turn
  local function wait(_, timeout)
    press(self, b, is_up, timeout)
    is_up = false
  end
  local task = lunq.on({ wait = wait }, f)
  task.name = ("%s, button %d"):format(self.fullpath, i)
  table.insert(self.tasks, task)
  return task
end

--- For the overlay, when another design is loaded or it is freed.
function Panel:release()
  for _, task in ipairs(self.tasks) do task:cancel() end
  self.tasks = {}
end

Panel.free = Panel.release

return Panel
