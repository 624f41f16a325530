--- Tests that are chosen by their place, FILE:LINE: those whose function the line is in.
local lines = {}

--- Whether a function is one of those asked for. Of a file of which no line is asked for all are.
---@param chosen table { [file] = { line, ... }, found = { [file:line] = true } }
---@param f function
---@return boolean
function lines.has(chosen, f)
  local place = debug.getinfo(f, "S")
  local of_file = chosen[place.source:match "^@(.*)$" or ""]
  if not of_file then return true end
  local found = false
  for _, line in ipairs(of_file) do
    if line >= place.linedefined and line <= place.lastlinedefined then
      chosen.found[place.source:sub(2) .. ":" .. line] = true
      found = true
    end
  end
  return found
end

--- The first place that was asked for and has no test: "my/adder_spec.lua:99"; nil: all have.
---@param chosen table
---@return string|nil
function lines.missed(chosen)
  for file, of_file in pairs(chosen) do
    for _, line in ipairs(file ~= "found" and of_file or {}) do
      if not chosen.found[file .. ":" .. line] then return file .. ":" .. line end
    end
  end
end

return lines
