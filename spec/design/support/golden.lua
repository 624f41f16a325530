--- Our dictionaries in the shape of the corpus's golden files (hwh.md section 7.1), and a
-- comparison that names every place where two such tables differ.
local golden = {}

local function sorted_keys(t)
  local keys = {}
  for k in pairs(t) do keys[#keys + 1] = k end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end
golden.sorted_keys = sorted_keys

local function count(t)
  local n = 0
  for _ in pairs(t) do n = n + 1 end
  return n
end

local function map(t, f)
  local out = {}
  for k, v in pairs(t) do out[k] = f(v) end
  return out
end

--- A pin as golden writes it; golden's null (no raw_irq) is "none" here.
local function pin(p) return { p.controller, p.index, p.raw_irq or "none" } end

local function field(f) return { f.bit_offset, f.bit_width, f.access } end

local function register(r) return { r.address_offset, r.size, r.access, map(r.fields, field) } end

local function ip(e)
  return {
    fullpath = e.fullpath, type = e.type, phys_addr = e.phys_addr, addr_range = e.addr_range,
    mem_id = e.mem_id, memtype = e.memtype, bdtype = e.bdtype, n_parameters = count(e.parameters),
    registers = map(e.registers or {}, register), interrupts = map(e.interrupts, pin),
    gpio = map(e.gpio, function(g) return g.index end),
  }
end

local function hierarchy(h)
  return {
    ip = sorted_keys(h.ip), memories = sorted_keys(h.memories), gpio = sorted_keys(h.gpio),
    hierarchies = sorted_keys(h.hierarchies), interrupts = sorted_keys(h.interrupts),
  }
end

local function clocks(c)
  local out = {}
  for i, v in pairs(c) do
    out[tostring(i)] = { enable = v.enable, divisor0 = v.divisor0, divisor1 = v.divisor1 }
  end
  return out
end

--- What `design:dictionaries()` returns, in golden's shape. mem is a table of entries, not of names.
function golden.from(d)
  return {
    partial = d.partial, ps_name = d.ps or "", clocks = clocks(d.clock_dict),
    ip = map(d.ip_dict, ip), mem = map(d.mem_dict, ip),
    gpio = map(d.gpio_dict, function(g) return { index = g.index, lines = g.lines, pins = g.pins } end),
    interrupt_controllers = map(d.interrupt_controllers, function(c)
      return { parent = c.parent, index = c.index, raw_irq = c.raw_irq }
    end),
    interrupt_pins = map(d.interrupt_pins, pin),
    hierarchies = map(d.hierarchy_dict, hierarchy),
    regions = map(d.regions, function(r)
      return map(r.ranges, function(g) return g.phys_addr end)
    end),
  }
end

--- Golden's JSON null of a bdtype is absence here, that of a raw_irq "none".
local function without_null(t, null)
  for k, v in pairs(t) do
    if v == null then
      t[k] = type(k) == "number" and "none" or nil
    elseif type(v) == "table" then
      without_null(v, null)
    end
  end
  return t
end

--- Reads golden/NAME.json. `mem` becomes a table of the entries and they leave `ip` and their
-- hierarchy's `ip`: the first named deviation, which holds for every file.
function golden.read(path)
  local json = require "dkjson"
  local f <close> = assert(io.open(path))
  local null = {}
  local g = without_null(assert(json.decode(f:read "a", 1, null, nil)), null)
  local mem = {}
  for _, key in ipairs(g.mem) do
    mem[key], g.ip[key] = g.ip[key], nil
    local parent, name = key:match "^(.+)/([^/]+)$"
    local list = parent and g.hierarchies[parent].ip or {}
    for i = #list, 1, -1 do
      if list[i] == name then table.remove(list, i) end
    end
  end
  g.mem, g.regions = mem, {}
  return g
end

local function show(v)
  if type(v) ~= "table" then return tostring(v) end
  local parts = {}
  for _, k in ipairs(sorted_keys(v)) do parts[#parts + 1] = ("%s=%s"):format(k, show(v[k])) end
  return "{" .. table.concat(parts, " ") .. "}"
end

--- All differences as lines "path: ours X, golden Y".
function golden.differences(ours, theirs, path, out)
  out = out or {}
  path = path or ""
  if type(ours) ~= "table" or type(theirs) ~= "table" then
    if ours ~= theirs then
      out[#out + 1] = ("%s: ours %s, golden %s"):format(path, show(ours), show(theirs))
    end
    return out
  end
  local keys = {}
  for k in pairs(ours) do keys[k] = true end
  for k in pairs(theirs) do keys[k] = true end
  for _, k in ipairs(sorted_keys(keys)) do
    golden.differences(ours[k], theirs[k], ("%s.%s"):format(path, k), out)
  end
  return out
end

return golden
