--- The interrupts of one IP or hierarchy by pin: made at first use, nil when there is no such pin.
--   ip.interrupts.s2mm_introut:wait()      for name, irq in pairs(ip.interrupts) do ... end
local warnings = require "lunq.warnings"

local ENTRIES <const>, DEVICE <const>, MADE <const> = {}, {}, {} -- keys nobody else can have

local meta = { __name = "lunq.Interrupts" }

--- What can't be made is nil, with PYNQ's warning, once.
function meta:__index(name)
  local entry = rawget(self, ENTRIES)[name]
  if entry == nil then return nil end
  local made = rawget(self, MADE)
  if made[name] == nil then
    local ok, result = pcall(require "lunq.interrupt", entry, rawget(self, DEVICE))
    if not ok then
      warnings.warn("user", "Interrupt %s not created: %s", entry.fullpath, tostring(result))
    end
    made[name] = ok and result
  end
  return made[name] or nil
end

function meta.__newindex()
  require "lunq.errors".raise("attribute", "the interrupts of an IP come from its design and can't be assigned")
end

function meta:__pairs()
  local names, i = {}, 0
  for name in pairs(rawget(self, ENTRIES)) do names[#names + 1] = name end
  table.sort(names)
  return function()
    i = i + 1
    return names[i], names[i] and self[names[i]]
  end
end

local interrupts = {}

---@param entries table|nil pin -> entry of interrupt_pins
---@param device userdata
function interrupts.new(entries, device)
  return setmetatable({ [ENTRIES] = entries or {}, [DEVICE] = device, [MADE] = {} }, meta)
end

--- Whether there is a pin of this name, without making its Interrupt.
function interrupts.has(list, name)
  return getmetatable(list) == meta and rawget(list, ENTRIES)[name] ~= nil
end

--- Lets go of all that were made. Anything but such a list is left alone.
function interrupts.close(list)
  if getmetatable(list) ~= meta then return end
  for _, irq in pairs(rawget(list, MADE)) do
    if irq then irq:close() end
  end
end

return interrupts
