--- A design as a page of text: the tree of IP, then interrupts, GPIO, streams, clocks, warnings.
local info_text = {}

--- Lines a section may have before it is cut; on a terminal fewer, until the page fits.
local LIMITS <const> = { tree = 27, interrupts = 8, gpio = 5, streams = 5, regions = 6, clocks = 4, warnings = 6 }

local function sorted(t)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys)
  return keys
end

--- Names come from a file: a terminal must not take them for control sequences.
-- U+0080 to U+009F are such, too.
local function clean(text) return (tostring(text):gsub("\xC2[\x80-\x9F]", "?"):gsub("%c", "?")) end
info_text.clean = clean

--- 65536 -> "64 KiB".
local function size_text(bytes)
  local units <const> = { "B", "KiB", "MiB", "GiB", "TiB" }
  local i = 1
  while bytes >= 1024 and bytes % 1024 == 0 and units[i + 1] do bytes, i = bytes // 1024, i + 1 end
  return ("%d %s"):format(bytes, units[i])
end
info_text.size = size_text

local function plural(n, word) return ("%d %s%s"):format(n, word, n == 1 and "" or "s") end

--- Rows { left, right } as lines with the right parts below each other.
local function columns(rows)
  local width, lines = 0, {}
  for _, row in ipairs(rows) do width = math.max(width, math.min(#row[1], 60)) end
  for i, row in ipairs(rows) do lines[i] = (("%-" .. width .. "s  %s"):format(row[1], row[2]):gsub(" +$", "")) end
  return lines
end
info_text.columns = columns

--- How many lines of a section are shown: a line that says how many are left out is worth two.
local function visible(s) return s.limit and #s.lines > s.limit + 1 and s.limit or #s.lines end

--- Lines a section takes, with its title and what it says of the rest.
local function height(s)
  if #s.lines == 0 then return 0 end
  local n = visible(s)
  return 1 + n + (n < #s.lines and 1 or 0)
end

--- Cuts the longest section, again and again, until all fit into so many rows or each has one line left. The
--- tree counts for a third of its length: it is what most people look for.
local function fit(sections, rows)
  repeat
    local total, longest, most = 0, nil, 0
    for _, s in ipairs(sections) do
      local length = visible(s) / (s == sections[1] and 3 or 1)
      total = total + height(s)
      if visible(s) > 1 and length > most then longest, most = s, length end
    end
    local cut = total > rows and longest ~= nil
    if cut then longest.limit = math.min(visible(longest) - 1, #longest.lines - 2) end
  until not cut
end

local function add_section(out, s)
  if #s.lines == 0 then return end
  local n = visible(s)
  out[#out + 1] = s.title
  for i = 1, n do out[#out + 1] = "  " .. s.lines[i] end
  if n < #s.lines then out[#out + 1] = ("  ... %d more (--all shows them)"):format(#s.lines - n) end
end

-- ---- registers and parameters, with --all -------------------------------------------------------

local function field_line(name, f)
  local bits = f.bit_width == 1 and ("[%d]"):format(f.bit_offset)
               or ("[%d:%d]"):format(f.bit_offset + f.bit_width - 1, f.bit_offset)
  return ("%-9s %s  %s"):format(bits, clean(name), f.access)
end

local function by_number(t, key)
  local names = sorted(t)
  table.sort(names, function(a, b)
    if t[a][key] ~= t[b][key] then return t[a][key] < t[b][key] end
    return a < b
  end)
  return names
end

local function add_details(lines, indent, ip)
  for _, name in ipairs(by_number(ip.registers or {}, "address_offset")) do
    local r = ip.registers[name]
    lines[#lines + 1] = ("%s0x%04x %s  %s%s"):format(indent, r.address_offset, clean(name), r.access,
                                                    r.enabled == false and "  (absent)" or "")
    for _, field in ipairs(by_number(r.fields, "bit_offset")) do
      lines[#lines + 1] = indent .. "  " .. field_line(field, r.fields[field])
    end
  end
  for _, name in ipairs(sorted(ip.parameters)) do
    lines[#lines + 1] = ("%s%s = %s"):format(indent, clean(name), clean(ip.parameters[name]))
  end
end

-- ---- the tree -----------------------------------------------------------------------------------

local function ip_line(ip)
  if not ip.phys_addr then return clean(ip.type or "no VLNV") .. "  (processing system)" end
  local registers = 0
  for _, r in pairs(ip.registers) do
    if r.enabled ~= false then registers = registers + 1 end
  end
  return ("0x%08x %8s  %s%s"):format(ip.phys_addr, size_text(ip.addr_range), clean(ip.type or "no VLNV"),
                                      registers > 0 and ", " .. plural(registers, "register") or "")
end

local function add_line(lines, depth, name, text)
  local width = math.max(1, 30 - 2 * depth)
  local line = ("  "):rep(depth) .. ("%-" .. width .. "s %s"):format(clean(name), text)
  lines[#lines + 1] = line:gsub("%s+$", "")
end

--- Members right inside a node: { name, kind, entry }, in the order of names.
local function members(node)
  local all = {}
  for _, kind in ipairs { "ip", "memories", "hierarchies" } do
    for name, entry in pairs(node[kind]) do all[#all + 1] = { name = name, kind = kind, entry = entry } end
  end
  table.sort(all, function(a, b)
    if a.name ~= b.name then return a.name < b.name end
    return a.kind < b.kind
  end)
  return all
end

local function add_members(lines, depth, node, all)
  for _, m in ipairs(members(node)) do
    if m.kind == "hierarchies" then
      add_line(lines, depth, m.name .. "/", m.entry.region and "reconfigurable region" or "")
      add_members(lines, depth + 1, m.entry, all)
    else
      add_line(lines, depth, m.name, ip_line(m.entry) .. (m.kind == "memories" and ", memory" or ""))
      if all then add_details(lines, ("  "):rep(depth + 1), m.entry) end
    end
  end
end

--- The design as a node: what has no hierarchy above it.
local function root(d)
  local function top(t)
    local out = {}
    for key, entry in pairs(t) do
      if not key:find("/", 1, true) or not d.hierarchy_dict[key:match "^(.*)/"] then out[key] = entry end
    end
    return out
  end
  return { ip = top(d.ip_dict), memories = top(d.mem_dict), hierarchies = top(d.hierarchy_dict) }
end

-- ---- the other sections -------------------------------------------------------------------------

--- Where an interrupt arrives: "PS input 0, GIC 61".
local function arrival(controller, e)
  return ("%s input %d%s"):format(controller == "" and "PS" or clean(controller), e.index,
                                  e.raw_irq and (", GIC %d"):format(e.raw_irq) or "")
end

local function interrupt_lines(d, all)
  local rows = {}
  for _, path in ipairs(sorted(d.interrupt_controllers)) do
    local c = d.interrupt_controllers[path]
    rows[#rows + 1] = { clean(path), "controller, on " .. arrival(c.parent, c) }
  end
  for _, path in ipairs(d.dangling_controllers) do
    rows[#rows + 1] = { clean(path), "controller, not heard by the PS" }
  end
  for _, path in ipairs(sorted(d.interrupt_pins)) do
    local p = d.interrupt_pins[path]
    local block = path:match "^(.*)/" or ""
    -- Pins of concats and the receiving ends are the same wires seen from elsewhere.
    if all or block == "" or d.ip_dict[block] and not d.interrupt_controllers[block] and block ~= d.ps then
      rows[#rows + 1] = { clean(path), arrival(p.controller, p) }
    end
  end
  return columns(rows)
end

local function gpio_lines(d)
  local rows = {}
  for _, path in ipairs(sorted(d.gpio_dict)) do
    local g = d.gpio_dict[path]
    rows[#rows + 1] = { clean(path), g.lines and ("lines %d to %d"):format(g.index - g.lines + 1, g.index)
                                     or ("line %d"):format(g.index) }
  end
  return columns(rows)
end

local function stream_lines(d)
  local lines = {}
  for i, s in ipairs(d.streams) do
    lines[i] = ("%s -> %s"):format(clean(s.master or "(outside)"), clean(s.slave or "(outside)"))
  end
  table.sort(lines)
  return lines
end

local function region_lines(d)
  local lines = {}
  for _, path in ipairs(sorted(d.regions)) do
    local r, ranges = d.regions[path], {}
    for i, g in ipairs(r.ranges) do ranges[i] = ("0x%08x %s"):format(g.phys_addr, size_text(g.addr_range)) end
    lines[#lines + 1] = ("%s  %s"):format(clean(path), table.concat(ranges, ", "))
    if #r.variants > 0 then lines[#lines + 1] = "  variants: " .. clean(table.concat(r.variants, ", ")) end
  end
  return lines
end

--- "for dma, timer and 3 more"
local function user_names(list, all)
  local shown, names = all and #list or math.min(#list, 4), {}
  for i = 1, shown do names[i] = clean(list[i]) end
  return "for " .. table.concat(names, ", ") .. (#list > shown and (" and %d more"):format(#list - shown) or "")
end

local function clock_lines(d, all)
  local rows, users = {}, {}
  for _, entry in ipairs(d.clock_users) do users[entry.clock] = entry.users end
  for i = 0, 3 do
    local c = d.clock_dict[i]
    if c and c.enable == 1 then
      rows[#rows + 1] = { ("clk%d = %s / %s / %s%s"):format(i, clean(c.source or "PLL"), c.divisor0, c.divisor1,
                                                            c.mhz and (" = %.6g MHz"):format(c.mhz) or ""),
                          users[i] and user_names(users[i], all) or "" }
    elseif c and not c.enable and c.mhz then -- a device tree asks for a frequency, the kernel finds the divisors
      rows[#rows + 1] = { ("clk%d = %.6g MHz"):format(i, c.mhz), users[i] and user_names(users[i], all) or "" }
    end
  end
  return columns(rows)
end

local function clock_title(design)
  return design.ref_clock_mhz and ("clocks (reference %s MHz)"):format(clean(design.ref_clock_mhz)) or "clocks"
end

local function headline(design, d)
  local tool = design.tool ~= "" and ", Vivado " .. design.tool or ""
  local part = design.part ~= "" and (", %s %s"):format(design.arch, design.part) or ""
  local board = design.board ~= "" and (" (%s)"):format(design.board) or ""
  local kind = d.partial and ", no processing system: a partial design or a card" or ""
  if design.format == "dtbo" then kind = ", device-tree overlay, taken for " .. design.arch end
  if design.firmware then kind = kind .. ", bitstream " .. design.firmware end
  return clean(design.file .. tool .. part .. board .. kind)
end

--- The sections of the page in their order: { title =, lines =, limit = }.
local function sections_of(design, d, all)
  local tree, warnings, limits = {}, {}, all and {} or LIMITS
  add_members(tree, 0, root(d), all)
  for i, text in ipairs(d.warnings) do warnings[i] = clean(text) end
  return {
    { title = "IP and memory", lines = tree, limit = limits.tree },
    { title = "regions", lines = region_lines(d), limit = limits.regions },
    { title = "interrupts", lines = interrupt_lines(d, all), limit = limits.interrupts },
    { title = "GPIO", lines = gpio_lines(d), limit = limits.gpio },
    { title = "streams", lines = stream_lines(d), limit = limits.streams },
    { title = clock_title(design), lines = clock_lines(d, all), limit = limits.clocks },
    { title = "warnings", lines = warnings, limit = limits.warnings },
  }
end

--- Lines and sections as a page that fits a terminal.
---@param head string[] the first lines
---@param sections table[] { title =, lines =, limit = }, the most important one first
---@param all? boolean every line, whatever fits
---@param width? integer columns of the terminal
---@param rows? integer
---@return string
function info_text.page(head, sections, all, width, rows)
  local out = table.move(head, 1, #head, 1, {})
  if rows and not all then fit(sections, rows - #head - 1) end -- and the next prompt
  for _, s in ipairs(sections) do add_section(out, s) end
  for i, line in ipairs(not all and width and out or {}) do
    if #line > width then -- and not in the middle of a letter
      out[i] = line:sub(1, math.max(width - 3, 0)):gsub("[\xC2-\xF4][\x80-\xBF]*$", "") .. "..."
    end
  end
  return table.concat(out, "\n") .. "\n"
end

--- The page `lunq info FILE` prints.
---@param design userdata lunq.Design
---@param d table what design:dictionaries() returned
---@param all? boolean every line, with registers, fields and parameters
---@param width? integer columns of the terminal it has to fit, unless all is asked for
---@param rows? integer
---@return string
function info_text.text(design, d, all, width, rows)
  local head, sections = { headline(design, d) }, sections_of(design, d, all)
  if #sections[1].lines == 0 then head[2] = "no IP with addresses" end
  return info_text.page(head, sections, all, width, rows)
end

return info_text
