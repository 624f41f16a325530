--- Hands for a simulated device: presses buttons, moves a switch and turns the key, at given times. A board
-- does not need this file. Contacts bounce for four milliseconds, as real ones do.
--   dofile "simulated_hands.lua" (ol.device)
local lunq = require "lunq"

local BTNS <const>, SWS <const>, KEY <const> = "btns_4bits_tri_i", "sws_2bits_tri_i", "key"

--- Sets a bit of an input of the design, after some bouncing.
local function move(device, port, bit, level)
  local function set(v)
    local word = device:wire(port)
    device:wire(port, v == 1 and word | 1 << bit or word & ~(1 << bit))
  end
  for _ = 1, 4 do
    set(level)
    lunq.sleep(0.0006)
    set(1 - level)
    lunq.sleep(0.0004)
  end
  set(level)
end

local hands = {}

--- Presses button i and lets go of it again. In a task it takes as long as it says.
function hands.press(device, i, seconds)
  move(device, BTNS, i, 1)
  lunq.sleep(seconds or 0.1)
  move(device, BTNS, i, 0)
end

function hands.switch(device, i, level) move(device, SWS, i, level) end

function hands.turn_key(device)
  move(device, KEY, 0, 1)
  lunq.sleep(0.1)
  move(device, KEY, 0, 0)
end

--- What the demo shows: { seconds to wait, function, arguments }.
local PLAY <const> = {
  { 0.15, hands.press, 3 }, { 0.20, hands.press, 1 }, { 0.10, hands.press, 0 }, { 0.30, hands.press, 2 },
  { 0.10, hands.switch, 1, 1 }, { 0.10, hands.press, 3 }, { 0.40, hands.switch, 1, 0 },
  { 0.20, hands.press, 0, 0.8 }, { 0.10, hands.press, 3 }, { 0.20, hands.turn_key },
}

--- Plays it all in a task.
local function play(_, device)
  local t = lunq.spawn(function()
    for _, step in ipairs(PLAY) do
      lunq.sleep(step[1])
      step[2](device, step[3], step[4])
    end
  end)
  t.name, t.background = "simulated hands", true -- a script need not wait for them
  return t
end

return setmetatable(hands, { __call = play })
