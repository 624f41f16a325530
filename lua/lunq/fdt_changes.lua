--- What an overlay changes in a device tree, as text.
local clean = require "lunq.info_text".clean

local fdt_changes = {}

local UNSEEN <const> = { __symbols__ = true, __fixups__ = true, __local_fixups__ = true }

local function by_name(list)
  local t = {}
  for _, item in ipairs(list) do t[item.name] = item end
  return t
end

local function compatible_of(node)
  local p = by_name(node.properties).compatible
  return p and p.value:match "^[^%z]+" or nil
end

--- Adds a line for each new node and for each node that has other properties than before.
local function compare(lines, old, new)
  local properties, children, changed = by_name(old.properties), by_name(old.children), {}
  for _, p in ipairs(new.properties) do
    local before = properties[p.name]
    if not before then
      changed[#changed + 1] = p.name .. " (new)"
    elseif before.value ~= p.value then
      changed[#changed + 1] = p.name
    end
  end
  if #changed > 0 then
    lines[#lines + 1] = { "changes", new.path, table.concat(changed, ", ") }
    lines.changed = true
  end
  for _, c in ipairs(new.children) do
    if not children[c.name] then
      lines[#lines + 1] = { "adds", c.path, compatible_of(c) or "" }
    elseif not UNSEEN[c.name] then
      compare(lines, children[c.name], c)
    end
  end
end

--- What an overlay did to a tree.
---@param base string names for the text
---@param overlay string
---@param before userdata lunq.DeviceTree
---@param after userdata
---@return string
function fdt_changes.text(base, overlay, before, after)
  local lines, width = {}, 0
  compare(lines, before:table().root, after:table().root)
  table.sort(lines, function(a, b) return a[2] < b[2] end)
  for _, line in ipairs(lines) do width = math.max(width, math.min(#line[2], 60)) end
  for i, line in ipairs(lines) do
    lines[i] = clean(("  %-7s  %-" .. width .. "s  %s"):format(line[1], line[2], line[3]):gsub(" +$", ""))
  end
  if lines.changed then
    lines[#lines + 1] = "  Properties of nodes that are there cost Linux memory for good when the overlay is removed."
  end
  return ("%s fits %s:\n%s\n"):format(clean(overlay), clean(base), table.concat(lines, "\n"))
end

return fdt_changes
