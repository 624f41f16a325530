--- What lunq doctor found: groups of findings, each with a mark and, where something is amiss, what to do.
local info_text = require "lunq.info_text"

local Report = {}
Report.__index = Report

--- The longest text of a finding: names come from files, and one screen is one screen.
local LONGEST <const> = 400

function Report.new() return setmetatable({ groups = {} }, Report) end

--- A text that a terminal shows as it is and JSON may hold: no control characters, valid UTF-8.
local function clean(text)
  text = info_text.clean(text)
  if not utf8.len(text) then text = text:gsub("[\x80-\xff]", "?") end
  return #text > LONGEST and text:sub(1, LONGEST):gsub("[\x80-\xff]+$", "") .. "..." or text
end

--- Says in a line what machine this is.
function Report:describe(text) self.machine = clean(text) end

--- Begins a group; what is added belongs to it. Where it isn't needed, nothing is missing.
---@param needed boolean
---@param why? string why it is not needed here, or what to know before reading on
function Report:group(name, title, needed, why)
  self.current = { name = name, title = title, needed = needed, why = why and clean(why), items = {} }
  self.groups[#self.groups + 1] = self.current
end

--- Adds a finding to the group.
---@param state string "ok", "missing", "unneeded", "unknown": nobody can tell, or this user can't; or "detail":
---   unneeded, and of interest only where all is shown
---@param name string what was looked for
---@param found string
---@param advice? string what to do about it; not shown where all is well
function Report:add(state, name, found, advice)
  local item = { state = state, name = name, found = clean(found) }
  if state == "detail" or state ~= "ok" and not self.current.needed then item.state = "unneeded" end
  item.detail = state == "detail" or nil
  if item.state ~= "ok" and advice then item.advice = clean(advice) end
  table.insert(self.current.items, item)
end

return Report
