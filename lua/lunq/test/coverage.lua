--- Which registers and fields the tests of a run touched: collected over all files and devices, by design and IP,
-- with the names of the register maps. Counted by host/core/coverage.h.
--
--   coverage.start()
--   coverage.harvest()        -- before what was counted loses its names: a test ends, another design comes
--   coverage.data()           --> the table lunq.test.coverage_text shows, and JSON has
local core = require "lunq.core"
local designs = require "lunq.test.designs"
local rtl_coverage = require "lunq.rtl.coverage"

local coverage = {}

local seen = {} -- "file\0path\0type\0base" -> { design, path, type, base, specs, words = { [offset] = word } }
local elsewhere = {} -- addresses that were accessed and belong to no IP: [address] = true
local lost = 0
local rtl_points = {} -- of lunq.rtl.coverage

local function entry_of(design, ip)
  local key = table.concat({ design.file, ip.path, tostring(ip.type), ip.base }, "\0")
  local entry = seen[key]
  if not entry then
    entry = { design = design.file, path = ip.path, type = ip.type, base = ip.base, specs = ip.specs, words = {} }
    seen[key] = entry
  end
  return entry
end

--- All IP of a design are in the report, touched or not; memories only when they are touched.
local function add_design(design)
  for _, ip in ipairs(design.ips) do
    designs.ip(design, ip.base)
    if ip.specs and #ip.specs > 0 then entry_of(design, ip) end
  end
end

-- ---- collecting ---------------------------------------------------------------------------------

local function new_word()
  return { reads = 0, writes = 0, ones = 0, zeros = 0, read = {}, written = {}, more = false }
end

local function merge(into, word)
  into.reads, into.writes = into.reads + word.reads, into.writes + word.writes
  into.ones, into.zeros = into.ones | word.ones, into.zeros | word.zeros
  into.more = into.more or word.more
  for _, v in ipairs(word.values) do
    if v.read then into.read[v.value] = true end
    if v.written then into.written[v.value] = true end
  end
end

--- Takes what was counted since the last time.
function coverage.harvest()
  local words, n = core.coverage.take()
  lost = n
  for _, word in ipairs(words) do
    local design = designs.of(word.serial, word.loads)
    local ip = designs.ip(design, word.address)
    if ip then
      local list = entry_of(design, ip).words
      local offset = #ip.specs > 0 and word.address - ip.base or 0 -- of a memory the sum is enough
      list[offset] = list[offset] or new_word()
      merge(list[offset], word)
    else
      elsewhere[word.address] = true
    end
  end
end

--- Begins to count.
function coverage.start()
  designs.start()
  designs.watch(coverage.harvest, add_design)
  core.coverage.start(true)
  rtl_coverage.start()
end

-- ---- the result ---------------------------------------------------------------------------------

local READABLE <const> = { ["read-only"] = true, ["read-write"] = true }
local WRITABLE <const> = { ["write-only"] = true, ["read-write"] = true }

--- The different values of some bits of words, sorted.
local function values_of(words, low, width)
  local list, known = {}, {}
  for value in pairs(words) do
    local v = value >> low & (1 << width) - 1
    if not known[v] then
      known[v] = true
      list[#list + 1] = v
    end
  end
  table.sort(list)
  return list
end

--- A field within one word: all bits of those that cross words are known, their values are not.
local function field_of(f, word)
  local low = f.bit_offset % 32
  local mask = ((1 << math.min(f.bit_width, 32 - low)) - 1) << low
  local whole = low + f.bit_width <= 32
  return {
    name = f.name, bit_offset = f.bit_offset, bit_width = f.bit_width, access = f.access,
    read = whole and values_of(word.read, low, f.bit_width) or {},
    written = whole and values_of(word.written, low, f.bit_width) or {},
    more = not whole or word.more,
    changed = word.ones & word.zeros & mask ~= 0,
  }
end

local function register_of(spec, words)
  local count = spec.bytes and spec.bytes // 4 or (spec.width or 32) // 32
  local register = { name = spec.name, offset = spec.offset, access = spec.access or "read-write",
                     reads = 0, writes = 0, words = count, fields = {} }
  local touched = 0
  for i = 0, count - 1 do
    local word = words[spec.offset + 4 * i]
    if word then
      touched = touched + 1
      register.reads = math.max(register.reads, word.reads)
      register.writes = math.max(register.writes, word.writes)
    end
  end
  register.words_touched = touched
  for _, f in ipairs(spec.fields or {}) do
    if not f.name:upper():find "^RESERVED" then
      table.insert(register.fields, field_of(f, words[spec.offset + f.bit_offset // 32 * 4] or new_word()))
    end
  end
  local word = count == 1 and words[spec.offset]
  if #register.fields == 0 and word then
    register.read, register.written, register.more = values_of(word.read, 0, 32), values_of(word.written, 0, 32),
      word.more
  end
  return register
end

local function count(sums, what, yes)
  sums[what] = sums[what] or { total = 0, touched = 0 }
  sums[what].total = sums[what].total + 1
  if yes then sums[what].touched = sums[what].touched + 1 end
end

--- Adds a register to the sums of what can be read, written, and has fields that can change.
local function count_register(sums, register)
  count(sums, "registers", register.reads + register.writes > 0)
  if READABLE[register.access] then count(sums, "readable", register.reads > 0) end
  if WRITABLE[register.access] then count(sums, "writable", register.writes > 0) end
  for _, f in ipairs(register.fields) do count(sums, "fields", f.changed) end
end

--- Words of an IP that belong to no register.
local function unnamed(entry)
  local list = {}
  for offset, word in pairs(entry.words) do
    local spec = designs.register(entry, offset)
    if not spec or spec.absent then list[#list + 1] = { offset = offset, reads = word.reads, writes = word.writes } end
  end
  table.sort(list, function(a, b) return a.offset < b.offset end)
  return list
end

local function ip_of(entry, design, all)
  local ip = { path = entry.path, type = entry.type, address = entry.base, registers = {}, sums = {},
               unnamed = unnamed(entry) }
  for _, spec in ipairs(entry.specs) do
    if not spec.absent then
      local register = register_of(spec, entry.words)
      table.insert(ip.registers, register)
      for _, sums in ipairs { ip.sums, design.sums, all.sums } do count_register(sums, register) end
    end
  end
  ip.touched = next(entry.words) ~= nil
  return ip
end

--- All of it, by design and IP.
---@return table data { sums, designs = { { design, sums, ip = { ... } } }, elsewhere (addresses), lost, rtl (of
---  models that were built with coverage: lunq.rtl.coverage) }
function coverage.data()
  coverage.harvest()
  local list, by_name, data = {}, {}, { sums = {}, designs = {}, elsewhere = {}, lost = lost }
  for _, entry in pairs(seen) do list[#list + 1] = entry end
  table.sort(list, function(a, b)
    if a.design ~= b.design then return a.design < b.design end
    return a.base < b.base
  end)
  for _, entry in ipairs(list) do
    local design = by_name[entry.design]
    if not design then
      design = { design = entry.design, sums = {}, ip = {} }
      by_name[entry.design] = design
      table.insert(data.designs, design)
    end
    table.insert(design.ip, ip_of(entry, design, data))
  end
  for address in pairs(elsewhere) do table.insert(data.elsewhere, address) end
  table.sort(data.elsewhere)
  rtl_coverage.harvest(rtl_points)
  rtl_coverage.stop()
  if next(rtl_points) then data.rtl = rtl_coverage.summary(rtl_points) end
  return data
end

return coverage
