--- The nearest of some names to a mistyped one, for "did you mean" in messages.

--- Edit distance with neighbouring letters swapped counted once, case ignored; stops above `limit`.
local function distance(a, b, limit)
  a, b = a:lower(), b:lower()
  if math.abs(#a - #b) > limit then return limit + 1 end
  local before, last = {}, {}
  for j = 0, #b do last[j] = j end
  for i = 1, #a do
    local row, best = { [0] = i }, i
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      local d = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        d = math.min(d, before[j - 2] + 1)
      end
      row[j] = d
      best = math.min(best, d)
    end
    if best > limit then return limit + 1 end
    before, last = last, row
  end
  return last[#b]
end

local nearest = {}

--- The name among `names` (a list) that is closest to `name`, or nil when none is close: at most a
--- third of the letters differ. Equally close ones: the first in alphabetical order.
---@param name string
---@param names string[]
---@return string|nil
function nearest.find(name, names)
  if type(name) ~= "string" or #name > 100 then return nil end
  local limit = math.max(1, #name // 3)
  local found, best = nil, limit + 1
  for _, candidate in ipairs(names) do
    if type(candidate) == "string" then
      local d = distance(name, candidate, limit)
      if d < best or (d == best and found and candidate < found) then found, best = candidate, d end
    end
  end
  return best <= limit and found or nil
end

--- The same as the end of a message: "; did you mean \"axi_dma_0\"?", or "" when none is close.
function nearest.hint(name, names)
  local found = nearest.find(name, names)
  return found and ('; did you mean "%s"?'):format(found) or ""
end

return nearest
