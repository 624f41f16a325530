--- Texts about overlays and hierarchies: PYNQ's documentation text, and a summary for people.
local describe = require "lunq.describe"

local doc = {}

local function sorted(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = key end
  table.sort(keys)
  return keys
end

-- ---- PYNQ's text --------------------------------------------------------------------------------

local function section(lines, title, dashes, members, class_of)
  lines[#lines + 1] = title
  lines[#lines + 1] = ("-"):rep(dashes)
  for _, name in ipairs(sorted(members)) do
    lines[#lines + 1] = ("%-20s : %s"):format(name, class_of(members[name]))
  end
  if next(members) == nil then lines[#lines + 1] = "None" end
  lines[#lines + 1] = ""
end

local function is_used(m) return m.used == nil or m.used == true or m.used == 1 end

--- The memories by the names they have as fields: HBM[3] is HBM3. Those nothing is connected to are left out.
local function shown_memories(memories)
  local shown = {}
  for name, m in pairs(memories) do
    if is_used(m) then shown[name:find "/" and name or name:gsub("[^%w_]", "")] = m end
  end
  return shown
end

--- PYNQ's `__doc__`, in its layout (pynq-behaviour.md B11).
---@param description table of an overlay or hierarchy
---@param name string
---@param kind string "overlay" or "hierarchy"
function doc.text(description, name, kind)
  local lines = {
    ("Default documentation for %s %s. The following"):format(kind, name),
    ("attributes are available on this %s:"):format(kind), "",
  }
  section(lines, "IP Blocks", 10, description.ip, describe.driver_name)
  section(lines, "Hierarchies", 11, description.hierarchies,
          function(d) return describe.driver_name(d, "hierarchy") end)
  section(lines, "Interrupts", 10, description.interrupts, function() return "lunq.Interrupt" end)
  section(lines, "GPIO Outputs", 12, description.gpio, function() return "lunq.GPIO" end)
  section(lines, "Memories", 12, shown_memories(description.memories),
          function(m) return m.streaming and "Stream" or "Memory" end)
  return table.concat(lines, "\n    ")
end

-- ---- the summary --------------------------------------------------------------------------------

--- 65536 -> "64K".
local function size_text(bytes)
  for _, unit in ipairs { { 1 << 30, "G" }, { 1 << 20, "M" }, { 1 << 10, "K" } } do
    if bytes >= unit[1] and bytes % unit[1] == 0 then return ("%d%s"):format(bytes // unit[1], unit[2]) end
  end
  return tostring(bytes)
end

local function count(t)
  local n = 0
  for _ in pairs(t or {}) do n = n + 1 end
  return n
end

--- A kernel of a card as the function in C, any other IP as its VLNV and registers.
local function what_it_is(d)
  if d.cu_name then return require "lunq.kernel.arguments"(d.overlay.design, d.fullpath):signature() end
  local registers = count(d.registers)
  local text = d.type or "no VLNV"
  return registers == 0 and text or ("%s, %d register%s"):format(text, registers, registers > 1 and "s" or "")
end

local function ip_line(d)
  local where = d.phys_addr and ("0x%08x %5s"):format(d.phys_addr, size_text(d.addr_range))
                or "processing sys. "
  return ("%s  %s  %s"):format(where, describe.driver_name(d), what_it_is(d))
end

local function memory_line(m)
  if m.streaming then
    return ("stream %s -> %s"):format(m.source or "(outside)", m.sink or "(outside)")
  end
  local where = m.base_address and ("0x%08x %5s"):format(m.base_address, size_text(m.size))
                or "no address      "
  local kind = m.driver and m.driver.__name or (m.bank or m.raw_type) and "memory for buffers" or "memory"
  return ("%s  %s  %s"):format(where, kind, m.type or "")
end

local function add(lines, depth, name, text)
  lines[#lines + 1] = (("%s%-" .. math.max(1, 28 - depth) .. "s %s"):format((" "):rep(depth), name, text)
                      :gsub("%s+$", ""))
end

--- Members of a node by name, each with its kind; at the root without the nested ones.
local function members(description)
  local all = {}
  for kind, list in pairs { ip = description.ip, hierarchy = description.hierarchies,
                            memory = description.memories } do
    for name, d in pairs(list) do
      if not name:find "/" and (kind ~= "memory" or is_used(d)) then
        all[#all + 1] = { name = name, kind = kind, d = d }
      end
    end
  end
  table.sort(all, function(a, b)
    if a.name ~= b.name then return a.name < b.name end
    return a.kind < b.kind
  end)
  return all
end

local function add_members(lines, depth, description)
  for _, m in ipairs(members(description)) do
    if m.kind == "hierarchy" then
      add(lines, depth, m.name .. "/", describe.driver_name(m.d, "hierarchy")
          .. (m.d.region and ", reconfigurable" or ""))
      add_members(lines, depth + 2, m.d) -- as deep as the design's hierarchies, which have a limit
    else
      add(lines, depth, m.name, m.kind == "ip" and ip_line(m.d) or memory_line(m.d))
    end
  end
end

--- The members of a hierarchy, or the whole overlay, one line each.
---@param description table
---@param title string
function doc.summary(description, title)
  local lines = { description.fullpath and ("%s %s"):format(title, description.fullpath) or title }
  add_members(lines, 2, description)
  return table.concat(lines, "\n")
end

local function interrupt_text(pin)
  local to = (pin.controller == "" or not pin.controller) and "PS" or pin.controller
  local line = pin.raw_irq and (", interrupt %d"):format(pin.raw_irq) or ""
  return ("-> %s input %s%s"):format(to, tostring(pin.index), line)
end

local MOST <const> = 12 -- rows of one kind: a large design must not scroll its tree away

--- A section of rows { name, text }, cut after MOST of them.
local function add_section(lines, heading, rows)
  if #rows > 0 then lines[#lines + 1] = heading end
  local shown = #rows <= MOST and #rows or MOST - 1
  for i = 1, shown do add(lines, 2, rows[i][1], rows[i][2]) end
  if shown < #rows then
    lines[#lines + 1] = ("  ... %d more (lunq info FILE --all shows them)"):format(#rows - shown)
  end
end

local function interrupt_rows(ip_dict)
  local list, rows = {}, {}
  for _, ip in pairs(ip_dict) do
    if ip.phys_addr then
      for pin, d in pairs(ip.interrupts or {}) do list[ip.fullpath .. "/" .. pin] = d end
    end
  end
  for i, pin in ipairs(sorted(list)) do rows[i] = { pin, interrupt_text(list[pin]) } end
  return rows
end

local function gpio_rows(gpio_dict)
  local rows = {}
  for i, name in ipairs(sorted(gpio_dict)) do
    local d = gpio_dict[name]
    local last, first = d.index, d.index - (d.lines or 1) + 1 -- index is the top line
    rows[i] = { name, first == last and ("line %d"):format(last) or ("lines %d to %d"):format(first, last) }
  end
  return rows
end

local function stream_rows(streams)
  local rows = {}
  for i, s in ipairs(streams or {}) do
    rows[i] = { s.master or "(outside)", "-> " .. (s.slave or "(outside)") }
  end
  return rows
end

--- "adder.hwh (xc7z020, Vivado 2020.1) on sim, loaded".
local function title(ol)
  local design, facts = ol.design, {}
  local tool = design.card and design.tool or design.tool and "Vivado " .. design.tool
  for _, fact in ipairs { design.board, design.part, design.platform or "", tool or "" } do
    if fact and fact ~= "" and fact ~= "Vivado " then facts[#facts + 1] = fact end
  end
  return ("Overlay %s%s on %s, %s"):format(ol:_doc_name():match "[^/]*$",
         #facts > 0 and (" (%s)"):format(table.concat(facts, ", ")) or "",
         ol.device.closed and "a closed device" or ol.device.name, ol:is_loaded() and "loaded" or "not loaded")
end

--- What print(ol) shows: state, members, interrupts, GPIO, streams.
---@param ol table the overlay
function doc.overlay(ol)
  local lines = { doc.summary(ol.description, title(ol)) }
  add_section(lines, "interrupts", interrupt_rows(ol.ip_dict))
  add_section(lines, "gpio", gpio_rows(ol.gpio_dict))
  if not ol.design.card then add_section(lines, "streams", stream_rows(ol._streams)) end -- its memories
  return table.concat(lines, "\n")
end

return doc
