--- lunq doctor: device nodes, by opening them.
local nodes = {}

--- The nodes among `paths` that open, and a text and advice for the first that doesn't.
local function try(machine, paths)
  local good, bad, advice = {}, nil, nil
  for _, path in ipairs(paths) do
    local state, reason = machine:open(path)
    if state == "ok" then
      good[#good + 1] = path
    elseif not bad and state ~= "absent" then
      bad = ("%s: %s"):format(path, reason)
      advice = state == "denied" and machine:permission_advice(path)
               or "it is no working device: look at what dmesg says of it"
    end
  end
  return good, bad, advice
end

--- "uio3" of "/dev/uio3"
function nodes.name(path) return path:match "[^/]*$" end

--- The paths of names in a folder, which ends with a slash.
function nodes.paths(dir, names)
  local paths = {}
  for i, name in ipairs(names) do paths[i] = dir .. name end
  return paths
end

--- Adds a finding about device nodes.
---@param describe fun(path: string): string what to say of one that opens
---@param absent string, how string what to say, and to do, when there is none
function nodes.add(machine, report, name, paths, describe, absent, how)
  local good, bad, advice = try(machine, paths)
  local texts = {}
  for i, path in ipairs(good) do texts[i] = i <= 4 and describe(path) or nil end
  if #good > 4 then texts[5] = ("%d more"):format(#good - 4) end
  if bad then texts[#texts + 1] = bad end
  local found = #texts > 0 and table.concat(texts, ", ") or absent
  report:add(#good > 0 and not bad and "ok" or "missing", name, found, bad and advice or how)
end

return nodes
