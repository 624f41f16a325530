--- The report of `lunq test --coverage` as text and as JSON.
local coverage_text = {}

local COLUMNS <const> = 110
local MOST_VALUES <const> = 6
local SMALL <const> = 10 -- values below are shown as decimals

local function part(sum, what)
  if not sum then return nil end
  return ("%d of %d %s (%d %%)"):format(sum.touched, sum.total, what, sum.touched * 100 // sum.total)
end

--- all: with what can be read and written apart.
local function sums_text(sums, all)
  local parts = { part(sums.registers, "registers touched"), part(sums.fields, "fields changed") }
  if all then
    table.insert(parts, 2, part(sums.readable, "readable ones read"))
    table.insert(parts, 3, part(sums.writable, "writable ones written"))
  end
  return table.concat(parts, ", ")
end

-- ---- values -------------------------------------------------------------------------------------

--- Two sorted lists as one.
local function union(a, b)
  local list, known = {}, {}
  for _, values in ipairs { a, b } do
    for _, v in ipairs(values) do
      if not known[v] then list[#list + 1] = v end
      known[v] = true
    end
  end
  table.sort(list)
  return list
end

local function number(v) return (v < SMALL and "%d" or "0x%x"):format(v) end

--- "0,1", "0,0x10,0x20 and 14 more".
local function values_text(of)
  local list, words = union(of.read or {}, of.written or {}), {}
  for i = 1, math.min(#list, MOST_VALUES) do words[i] = number(list[i]) end
  local text = table.concat(words, ",")
  if of.more then return text .. " and more" end
  return #list > MOST_VALUES and ("%s and %d more"):format(text, #list - MOST_VALUES) or text
end

--- Adds text in lines that fit, broken between its words.
local function add_wrapped(lines, first, indent, words)
  local line = first
  for _, word in ipairs(words) do
    if #line + 2 + #word > COLUMNS then
      lines[#lines + 1] = line
      line = indent .. word
    else
      line = line .. "  " .. word
    end
  end
  lines[#lines + 1] = line
end

--- The values of a register that is one number; of others the fields that changed, then the rest.
local function value_words(register)
  local fields = register.fields
  local only = #fields == 1 and fields[1].name == register.name and fields[1]
               or #fields == 0 and register.read and register
  if only then
    local values = values_text(only)
    return { values ~= "" and (only.changed == false and "always " or "") .. values or nil }
  end
  local words, still = {}, {}
  for _, f in ipairs(fields) do
    local list = f.changed and words or still
    list[#list + 1] = ("%s%s%s"):format(f.name, f.changed and " " or "=", values_text(f))
  end
  if #still > 0 then still[1] = "always " .. still[1] end
  return table.move(still, 1, #still, #words + 1, words)
end

-- ---- IP -----------------------------------------------------------------------------------------

local function counts(register)
  local text = ("%d read, %d written"):format(register.reads, register.writes)
  if register.words > 2 then text = ("%s, %d of %d words"):format(text, register.words_touched, register.words) end
  return text
end

local function add_ip(lines, ip)
  if #ip.registers == 0 then -- a memory, or an IP nobody described: one sum
    lines[#lines + 1] = ("  %s%s: no register is known, %d read, %d written"):format(ip.path,
      ip.type and " (" .. ip.type .. ")" or "", ip.unnamed[1].reads, ip.unnamed[1].writes)
    return
  end
  lines[#lines + 1] = ("  %s%s: %s"):format(ip.path, ip.type and " (" .. ip.type .. ")" or "", sums_text(ip.sums))
  local width, digits, never = 0, 2, {}
  for _, r in ipairs(ip.registers) do
    digits = math.max(digits, #("%x"):format(r.offset))
    if r.reads + r.writes > 0 then width = math.max(width, #r.name) else never[#never + 1] = r.name end
  end
  for _, r in ipairs(ip.registers) do
    if r.reads + r.writes > 0 then
      local first = ("    0x%%0%dx  %%-%ds  %%s"):format(digits, width):format(r.offset, r.name, counts(r))
      add_wrapped(lines, first, (" "):rep(12), value_words(r))
    end
  end
  if #never > 0 then add_wrapped(lines, "    never touched:", (" "):rep(12), never) end
  local list = {}
  for _, word in ipairs(ip.unnamed) do
    list[#list + 1] = ("0x%02x (%d read, %d written)"):format(word.offset, word.reads, word.writes)
  end
  if #list > 0 then add_wrapped(lines, "    without a name:", (" "):rep(12), list) end
end

local function add_design(lines, design)
  local never = {}
  lines[#lines + 1] = ("%s: %s"):format(design.design, sums_text(design.sums))
  for _, ip in ipairs(design.ip) do
    if ip.touched then add_ip(lines, ip) else never[#never + 1] = ip.path end
  end
  if #never > 0 then add_wrapped(lines, "  never touched:", (" "):rep(8), never) end
end

--- The report for people.
---@param data table see lunq.test.coverage
---@return string
function coverage_text.text(data)
  local rtl = data.rtl and ("RTL coverage:\n%s\n"):format(tostring(data.rtl):gsub("^", "  "):gsub("\n", "\n  ")) or ""
  if not data.sums.registers then return "Register coverage: no overlay with registers was loaded.\n" .. rtl end
  local lines = { "Register coverage: " .. sums_text(data.sums, true) }
  for _, design in ipairs(data.designs) do add_design(lines, design) end
  if #data.elsewhere > 0 then
    lines[#lines + 1] = ("Outside of IP: %d word%s, the first at 0x%x."):format(#data.elsewhere,
      #data.elsewhere > 1 and "s" or "", data.elsewhere[1])
  end
  if data.lost > 0 then
    lines[#lines + 1] = ("%d accesses were not counted: too many words were touched in one test."):format(data.lost)
  end
  return table.concat(lines, "\n") .. "\n" .. rtl
end

-- ---- JSON ---------------------------------------------------------------------------------------

local KEYS <const> = { "format", "design", "path", "type", "address", "touched", "sums", "designs", "ip", "registers",
  "readable", "writable", "name", "offset", "bit_offset", "bit_width", "access", "reads", "writes", "words",
  "words_touched", "changed", "read", "written", "more", "total", "fields", "unnamed", "elsewhere", "lost" }

--- The report for programs: the same data; `read` and `written` are lists of the values seen.
---@param data table
---@return string
function coverage_text.json(data)
  data.format = "lunq-coverage 1"
  return require "dkjson".encode(data, { indent = true, keyorder = KEYS }) .. "\n"
end

return coverage_text
