--- The xclbin of a card as a page of text: kernels as C prototypes with their compute units, memories,
-- streams, clocks.
local fdt_text = require "lunq.fdt_text"
local text = require "lunq.info_text"

local info_card = {}

local clean, columns = text.clean, text.columns

local WIDTH <const> = 100 -- columns of a prototype

--- Lines a section may have before it is cut; a whole page is then about a screen.
local LIMITS <const> = { kernels = 24, memories = 12, streams = 6, partition = 4, warnings = 6 }

-- ---- kernels ------------------------------------------------------------------------------------

--- "const int*", "a" -> "const int *a"
local function declarator(a)
  local base = a.type:match "^(.-)%s*%*$"
  if base then return ("%s *%s"):format(base, a.name) end
  return a.type == "" and a.name or a.type .. " " .. a.name
end

--- A kernel as the function it was in C. Streams are listed where the source has them.
---@param kernel table entry of `kernels`, see bindings/l_dictionaries.c
---@return string
function info_card.prototype(kernel)
  local list = {}
  for i, a in ipairs(kernel.args) do list[i] = declarator(a) end
  return ("void %s(%s)"):format(kernel.name, table.concat(list, ", "))
end

--- A prototype over several lines when it is long.
local function wrap(prototype)
  local lines, line = {}, ""
  for part in prototype:gmatch "[^,]+,?" do
    if #line + #part > WIDTH and line ~= "" then
      lines[#lines + 1], line = line, "   "
    end
    line = line .. part
  end
  lines[#lines + 1] = line
  return lines
end

--- "a, b, c and 5 more"
local function names_text(list, all)
  if all or #list <= 4 then return table.concat(list, ", ") end
  return ("%s, %s, %s and %d more"):format(list[1], list[2], list[3], #list - 3)
end

--- "a, b: bank0; c: bank1", arguments with the same memories together, streams left out.
local function connections(kernel, unit, streams, all)
  local order, by_memories = {}, {}
  for _, a in ipairs(kernel.args) do
    local tags = unit.memories[a.name]
    if tags and not streams[tags[1]] then
      local key = table.concat(tags, ", ")
      if #tags > 3 and not all then key = ("%s to %s (%d)"):format(tags[1], tags[#tags], #tags) end
      if not by_memories[key] then
        order[#order + 1], by_memories[key] = key, {}
      end
      table.insert(by_memories[key], a.name)
    end
  end
  for i, key in ipairs(order) do order[i] = names_text(by_memories[key], all) .. ": " .. key end
  return table.concat(order, "; ")
end

local function address(unit)
  if not unit.phys_addr then return "no registers" end
  return ("0x%08x %7s"):format(unit.phys_addr, text.size(unit.addr_range))
end

local function kernel_lines(d, streams, all)
  local lines = {}
  for _, k in ipairs(d.kernels) do
    for _, line in ipairs(wrap(clean(info_card.prototype(k)))) do lines[#lines + 1] = line end
    local rows = {}
    for i, unit in ipairs(k.units) do
      local notes = { connections(k, unit, streams, all) }
      if k.hw_control_protocol ~= "ap_ctrl_hs" then table.insert(notes, 1, k.hw_control_protocol) end
      if notes[#notes] == "" then notes[#notes] = nil end
      if unit.interrupt then notes[#notes + 1] = "interrupt" end
      rows[i] = { clean(unit.name), address(unit) .. "  " .. clean(table.concat(notes, "; ")) }
    end
    for _, line in ipairs(columns(rows)) do lines[#lines + 1] = "  " .. line end
  end
  return lines
end

-- ---- memories, streams, clocks ------------------------------------------------------------------

local function by_row(mem_dict, streaming)
  local list = {}
  for _, m in pairs(mem_dict) do
    if m.streaming == streaming then list[#list + 1] = m end
  end
  table.sort(list, function(a, b) return a.idx < b.idx end)
  return list
end

--- Memories no kernel is connected to are named in one line, unless everything is asked for.
local function memory_lines(d, all)
  local rows, unused = {}, {}
  for _, m in ipairs(by_row(d.mem_dict, false)) do
    if m.used == 1 or all then
      rows[#rows + 1] = { clean(m.tag), ("0x%010x %7s  %s%s"):format(m.base_address, text.size(m.size), clean(m.type),
                                                                     m.used == 1 and "" or ", not used") }
    else
      unused[#unused + 1] = clean(m.tag)
    end
  end
  local lines = columns(rows)
  if #unused > 4 then unused = { unused[1], unused[2], ("... %s (%d in all)"):format(unused[#unused], #unused) } end
  if #unused > 0 then lines[#lines + 1] = "not used: " .. table.concat(unused, ", ") end
  return lines
end

local function stream_lines(d)
  local rows = {}
  for i, m in ipairs(by_row(d.mem_dict, true)) do
    rows[i] = { clean(m.tag), ("%s -> %s"):format(clean(m.source or "(host)"), clean(m.sink or "(host)")) }
  end
  return columns(rows)
end

local function clock_lines(d)
  local rows, i = {}, 0
  while d.clock_dict["clock" .. i] do
    local c = d.clock_dict["clock" .. i]
    rows[i + 1] = { clean(c.name), ("%d MHz, %s"):format(c.frequency, c.type:lower()) }
    i = i + 1
  end
  return columns(rows)
end

-- ---- PARTITION_METADATA -------------------------------------------------------------------------

--- Property name of any node, at any depth, in order.
local function find_all(node, name, out)
  for _, p in ipairs(node.properties) do
    if p.name == name then out[#out + 1] = (p.value:gsub("%z.*$", "")) end
  end
  for _, child in ipairs(node.children) do find_all(child, name, out) end
  return out
end

--- What the shell of a card compares, and the addresses of what is in the partition.
local function partition_lines(tree, all)
  if all then
    local lines = {}
    for line in fdt_text.text(tree, true):gmatch "[^\n]+" do lines[#lines + 1] = line end
    return lines
  end
  local rows = {}
  for _, id in ipairs(find_all(tree.root, "logic_uuid", {})) do rows[#rows + 1] = { "logic", clean(id) } end
  for _, id in ipairs(find_all(tree.root, "interface_uuid", {})) do rows[#rows + 1] = { "interface", clean(id) } end
  for _, node in ipairs(tree.root.children) do
    if node.name == "addressable_endpoints" then
      rows[#rows + 1] = { "endpoints", ("%d (--all shows them)"):format(#node.children) }
    end
  end
  return #rows > 0 and columns(rows) or { "a device tree (--all shows it)" }
end

-- ---- the page -----------------------------------------------------------------------------------

local function section_lines(d)
  local rows = {}
  for i, s in ipairs(d.sections) do
    rows[i] = { clean(s.name), ("0x%08x %7s"):format(s.offset, text.size(s.size)) }
  end
  return columns(rows)
end

local function headline(design)
  local part = design.part ~= "" and (", %s %s"):format(design.arch, design.part) or ""
  return clean(design.file .. (design.platform ~= "" and ", " .. design.platform or "") .. part)
end

--- The page `lunq info FILE.xclbin` prints.
---@param design userdata lunq.Design of a card
---@param d table what design:dictionaries() returned
---@param partition? table PARTITION_METADATA, a table of core.fdt_parse
---@param all? boolean every line
---@param width? integer columns of the terminal it has to fit, unless all is asked for
---@param rows? integer
---@return string
function info_card.text(design, d, partition, all, width, rows)
  local head, limits, streams, warnings = { headline(design) }, all and {} or LIMITS, {}, {}
  for tag, m in pairs(d.mem_dict) do streams[tag] = m.streaming end
  for i, w in ipairs(d.warnings) do warnings[i] = clean(w) end
  head[2] = "uuid " .. design.uuid
  if #d.kernels == 0 then head[3] = "no kernels" end
  return text.page(head, {
    { title = "kernels", lines = kernel_lines(d, streams, all), limit = limits.kernels },
    { title = "memories", lines = memory_lines(d, all), limit = limits.memories },
    { title = "streams", lines = stream_lines(d), limit = limits.streams },
    { title = "clocks", lines = clock_lines(d) },
    { title = "partition", lines = partition and partition_lines(partition, all) or {}, limit = limits.partition },
    { title = "sections", lines = all and section_lines(d) or {} },
    { title = "warnings", lines = warnings, limit = limits.warnings },
  }, all, width, rows)
end

return info_card
