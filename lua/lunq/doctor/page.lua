--- The page lunq doctor prints: a group after the other, a line a finding, below it what to do.
local page = {}

local MARKS <const> = { ok = "ok", missing = "missing", unneeded = "-", unknown = "?" }
local COLOURS <const> = { ok = "green", missing = "red", unneeded = "dim", unknown = "yellow" }

--- Adds words as lines of at most `width` characters, all but the first moved in by `indent`.
local function wrap(lines, first, words, indent, width)
  local line, empty = first, true
  for word in words:gmatch "%S+" do
    if not empty and utf8.len(line) + 1 + utf8.len(word) > width then
      lines[#lines + 1] = line
      line, empty = (" "):rep(indent), true
    end
    line, empty = line .. (empty and "" or " ") .. word, false
  end
  lines[#lines + 1] = line
end

local function add_item(lines, item, width, paint)
  local start, indent = #lines + 1, 2 + 8 + 15
  wrap(lines, ("  %-8s%-14s "):format(MARKS[item.state], item.name), item.found, indent, width)
  lines[start] = lines[start]:gsub("%S+", function(mark) return paint(COLOURS[item.state], mark) end, 1)
  if item.advice then
    local from = #lines + 1
    wrap(lines, (" "):rep(indent) .. "> ", item.advice, indent + 2, width)
    if item.state == "missing" then
      for i = from, #lines do
        lines[i] = lines[i]:gsub("%S.*", function(text) return paint("yellow", text) end)
      end
    end
  end
end

--- What is not needed here, in a few words.
local function add_short(lines, group, width)
  local there, absent = {}, {}
  for _, item in ipairs(group.items) do
    local list = item.state == "ok" and there or absent
    list[#list + 1] = item.name
  end
  if #there > 0 then wrap(lines, "  -       there: ", table.concat(there, ", "), 10, width) end
  if #absent > 0 then wrap(lines, "  -       not there: ", table.concat(absent, ", "), 10, width) end
end

local function has_unknown(report)
  for _, group in ipairs(report.groups) do
    for _, item in ipairs(group.items) do
      if item.state == "unknown" then return true end
    end
  end
  return false
end

--- The report as text.
---@param report table lunq.doctor's
---@param options table width: of a line; all: also what is not needed here; paint: of lunq.repl.style
---@return string
function page.text(report, options)
  local lines, paint, short = {}, options.paint, false
  wrap(lines, "", report.machine, 2, options.width)
  for _, group in ipairs(report.groups) do
    local why = not group.needed and ": not needed here, " .. group.why or group.why and ": " .. group.why or ""
    local title = paint("bold", group.title)
    lines[#lines + 1] = title .. why
    if group.needed or options.all then
      for _, item in ipairs(group.items) do
        if options.all or not item.detail then add_item(lines, item, options.width, paint) end
        short = short or item.detail
      end
    else
      add_short(lines, group, options.width)
      short = true
    end
  end
  lines[#lines + 1] = (report.usable and paint("green", "A device is usable: %s."):format(report.device)
                       or paint("red", "The device %s is not usable."):format(report.device))
                      .. " (" .. (has_unknown(report) and "?: not known, " or "") .. "-: not needed here"
                      .. (short and "; --all shows it)" or ")")
  return table.concat(lines, "\n") .. "\n"
end

return page
