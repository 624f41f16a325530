--- ol:diagram "design.svg": the block design as a picture, drawn by Graphviz.
--
--   ol:diagram "design.svg"                 also .png, .pdf; .dot needs no Graphviz
--   ol:diagram("video.svg", { only = "video" })        one hierarchy and what it is connected to
-- Boxes are IP with type, address and driver, frames are hierarchies. Blue: memory-mapped, from master to
-- slave; green and thick: AXI4-Stream; red and dashed: interrupts. The PL clocks stand in the processor's
-- box.
local child = require "lunq.child"
local errors = require "lunq.errors"

local diagram = {}

local COLOURS <const> = { bus = "#2b6cb0", stream = "#2f855a", interrupt = "#c53030", frame = "#a0aec0",
                          processor = "#fefcbf", ip = "#ebf8ff", memory = "#f0fff4", other = "#f7fafc" }

local function quote(text) return '"' .. text:gsub('[\\"]', "\\%0") .. '"' end

local function sorted(t)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys)
  return keys
end

--- The part of a VLNV people know: "axi_dma 7.1".
local function type_text(vlnv)
  local name, version = (vlnv or ""):match "^[^:]*:[^:]*:([^:]*):([^:]*)$"
  return name and name .. " " .. version or vlnv or ""
end

-- ---- what is in the picture ---------------------------------------------------------------------

--- The module of a path: keys of dictionaries and pins may go on behind it ("mem/S_AXI").
local function node_of(nodes, path)
  while path and path ~= "" do
    if nodes[path] then return path end
    path = path:match "^(.*)/[^/]*$"
  end
end

local function clock_lines(dictionaries)
  local lines = {}
  for _, i in ipairs(sorted(dictionaries.clock_dict or {})) do
    local c = dictionaries.clock_dict[i]
    if c.enable == 1 then lines[#lines + 1] = ("PL clock %d: divisors %s, %s"):format(i, c.divisor0, c.divisor1) end
  end
  return lines
end

local function collect_nodes(dictionaries)
  local nodes = {}
  local function add(path, kind, lines)
    if not nodes[path] then nodes[path] = { path = path, kind = kind, lines = lines } end
  end
  for path, d in pairs(dictionaries.ip_dict) do
    local is_ps = path == dictionaries.ps
    local lines = { type_text(d.type) }
    if d.phys_addr then lines[#lines + 1] = ("0x%08x + 0x%x"):format(d.phys_addr, d.addr_range) end
    if is_ps then table.move(clock_lines(dictionaries), 1, 8, #lines + 1, lines) end
    add(path, is_ps and "processor" or "ip", lines)
  end
  for path, d in pairs(dictionaries.mem_dict) do
    if d.phys_addr and d.fullpath == path and not path:find "^PSDDR" and path ~= dictionaries.ps then
      add(path, "memory", { type_text(d.type), ("0x%08x + 0x%x"):format(d.phys_addr, d.addr_range) })
    end
  end
  -- What has no address, but something to do with streams, interrupts or buses.
  local function other(pin)
    local path = pin:match "^(.*)/[^/]*$"
    if path and not node_of(nodes, path) then add(path, "other", {}) end
  end
  for _, s in ipairs(dictionaries.streams) do
    other(s.master)
    other(s.slave)
  end
  for path in pairs(dictionaries.masters) do
    if not node_of(nodes, path) then add(path, "other", {}) end
  end
  return nodes
end

--- An edge is drawn once, however many ranges or lines it stands for.
local function edge_list()
  local list, seen = {}, {}
  return list, function(kind, from, to, label)
    if not from or not to or from == to then return end
    local key = kind .. "\0" .. from .. "\0" .. to
    local edge = seen[key]
    if not edge then
      edge = { kind = kind, from = from, to = to, labels = {} }
      seen[key] = edge
      list[#list + 1] = edge
    end
    if label then edge.labels[label] = true end
  end
end

local function collect_edges(dictionaries, nodes)
  local list, add = edge_list()
  for _, path in ipairs(sorted(dictionaries.masters)) do
    for _, range in ipairs(dictionaries.masters[path]) do
      add("bus", node_of(nodes, path), node_of(nodes, range.target))
    end
  end
  for path, d in pairs(dictionaries.ip_dict) do
    if d.phys_addr and dictionaries.ps then add("bus", dictionaries.ps, node_of(nodes, path)) end
  end
  for _, s in ipairs(dictionaries.streams) do
    add("stream", node_of(nodes, s.master), node_of(nodes, s.slave))
  end
  for _, pin in ipairs(sorted(dictionaries.interrupt_pins)) do
    local p = dictionaries.interrupt_pins[pin]
    local to = p.controller ~= "" and p.controller or dictionaries.ps
    add("interrupt", node_of(nodes, pin), to and node_of(nodes, to), p.index and tostring(p.index))
  end
  for path, p in pairs(dictionaries.interrupt_controllers) do
    local to = p.parent ~= "" and p.parent or dictionaries.ps
    add("interrupt", node_of(nodes, path), to and node_of(nodes, to), p.index and tostring(p.index))
  end
  table.sort(list, function(a, b)
    return a.kind .. a.from .. a.to < b.kind .. b.from .. b.to
  end)
  return list
end

--- Keeps one hierarchy, and what is connected to it.
local function narrow(nodes, edges, only)
  local inside, kept, kept_edges = {}, {}, {}
  for path in pairs(nodes) do inside[path] = path == only or path:sub(1, #only + 1) == only .. "/" end
  for path, yes in pairs(inside) do if yes then kept[path] = nodes[path] end end
  if next(kept) == nil then
    local names = {}
    for path in pairs(nodes) do
      for at in (path .. "/"):gmatch "()/" do names[path:sub(1, at - 1)] = true end
    end
    errors.raise("value", 'There is no hierarchy or IP "%s" in this design%s', only,
                 require "lunq.nearest".hint(only, sorted(names)))
  end
  for _, e in ipairs(edges) do
    if inside[e.from] or inside[e.to] then
      kept_edges[#kept_edges + 1] = e
      kept[e.from], kept[e.to] = nodes[e.from], nodes[e.to]
    end
  end
  return kept, kept_edges
end

-- ---- dot ----------------------------------------------------------------------------------------

local function node_line(node, indent)
  local name = node.path:match "[^/]*$"
  local label = table.concat({ name, table.unpack(node.lines) }, "\n"):gsub("\n", "\\n")
  return ("%s%s [label=%s, fillcolor=%s]"):format(indent, quote(node.path),
    '"' .. label:gsub('"', '\\"') .. '"', quote(COLOURS[node.kind]))
end

--- Nodes inside frames: one for each hierarchy on the way.
local function write_nodes(out, nodes)
  local tree = { nodes = {}, sub = {} }
  for _, path in ipairs(sorted(nodes)) do
    local at = tree
    for part in (path:match "^(.*)/" or ""):gmatch "[^/]+" do
      at.sub[part] = at.sub[part] or { nodes = {}, sub = {} }
      at = at.sub[part]
    end
    at.nodes[#at.nodes + 1] = nodes[path]
  end
  local function write(at, path, indent)
    for _, node in ipairs(at.nodes) do out[#out + 1] = node_line(node, indent) end
    for _, name in ipairs(sorted(at.sub)) do
      local full = path == "" and name or path .. "/" .. name
      out[#out + 1] = ("%ssubgraph %s {"):format(indent, quote("cluster_" .. full))
      out[#out + 1] = ("%s  label=%s; style=rounded; color=%s; fontcolor=%s"):format(
        indent, quote(name), quote(COLOURS.frame), quote "#4a5568")
      write(at.sub[name], full, indent .. "  ")
      out[#out + 1] = indent .. "}"
    end
  end
  write(tree, "", "  ")
end

local STYLES <const> = {
  bus = "color=%s", stream = "color=%s, penwidth=2.5",
  interrupt = "color=%s, style=dashed, arrowhead=vee, constraint=false",
}

local function edge_line(e)
  local labels = sorted(e.labels)
  local label = #labels > 0 and (", label=%s, fontcolor=%s"):format(
    quote(#labels > 4 and #labels .. " lines" or table.concat(labels, ",")), quote(COLOURS.interrupt)) or ""
  local style = STYLES[e.kind]:format(quote(COLOURS[e.kind]))
  return ("  %s -> %s [%s%s]"):format(quote(e.from), quote(e.to), style, label)
end

--- The design in Graphviz's language.
---@param design userdata lunq.Design
---@param o? table only = path of a hierarchy or IP; title
---@return string
function diagram.dot(design, o)
  o = o or {}
  local dictionaries = design:dictionaries()
  local nodes = collect_nodes(dictionaries)
  local edges = collect_edges(dictionaries, nodes)
  if o.only then nodes, edges = narrow(nodes, edges, o.only) end
  local out = {
    "digraph design {",
    "  rankdir=LR; ranksep=1.0; nodesep=0.25; fontname=Helvetica; fontsize=14; labelloc=t",
    "  label=" .. quote(o.title or (design.file or "design"):match "[^/]*$"),
    '  node [shape=box, style="filled,rounded", fontname=Helvetica, fontsize=11, color="#718096"]',
    "  edge [fontname=Helvetica, fontsize=9, arrowsize=0.7]",
  }
  write_nodes(out, nodes)
  for _, e in ipairs(edges) do out[#out + 1] = edge_line(e) end
  out[#out + 1] = "}"
  return table.concat(out, "\n") .. "\n"
end

-- ---- files --------------------------------------------------------------------------------------

local FORMATS <const> = { svg = true, png = true, pdf = true, dot = true }

local function write_file(path, text)
  local f, why = io.open(path, "w")
  if not f then errors.raise("io", "The diagram can't be written: %s", why) end
  local ok, trouble = f:write(text)
  f:close()
  if not ok then errors.raise("io", "The diagram can't be written: %s", trouble) end
end

--- Draws a design into a file. The ending says how: .svg, .png, .pdf (by Graphviz's dot) or .dot.
---@param design userdata lunq.Design
---@param path string
---@param o? table as for diagram.dot
---@return string path
--- Raises `value` for another ending, `unsupported` without Graphviz, `io`.
function diagram.write(design, path, o)
  if type(path) ~= "string" then errors.raise("type", "diagram needs the name of a file, such as \"design.svg\"") end
  local format = path:match "%.(%w+)$"
  if not FORMATS[format or ""] then
    errors.raise("value", 'What %q is can\'t be told: its name should end in .svg, .png, .pdf or .dot', path)
  end
  local dot = diagram.dot(design, o)
  if format == "dot" then
    write_file(path, dot)
    return path
  end
  local source <const> = os.tmpname()
  write_file(source, dot)
  local ok, said, code = child.run(child.command { "dot", "-T" .. format, "-o", path, source })
  os.remove(source)
  if code == 127 then
    errors.raise("unsupported", "Drawing needs Graphviz (on Debian: apt-get install graphviz). A file that "
                 .. "ends in .dot can be written without it.")
  elseif not ok then
    errors.raise("io", "Graphviz could not draw %s: %s", path, said:match "^[^\n]*")
  end
  return path
end

return diagram
