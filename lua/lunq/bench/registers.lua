--- Register walks of lunq.bench: does an IP have the registers its register map says?
--
--   print(bench.register_walk(ol.fir))                          -- on a model, on RTL, on a board
--   bench.register_walk(ol.fir, { reset = true })               -- right after the design was loaded or reset
--   bench.register_walk(ol.fir, { except = { "MODE.GAIN" }, also = { "CONTROL.RUN" } })
--
-- Bits that can be written take a walking one, both alternating patterns, all and none, and give them back; no other
-- register changes meanwhile; read-only ones keep their value when written. Afterwards every register has what it
-- had. Left out, and listed with the reason: what a read or a write does something with (reads that clear, bits that
-- are cleared, set or toggled by a 1, AP_START, what starts a DMA), names that say so (START, RUN, RESET, CLEAR ...),
-- what only can be written, and values that change by themselves. Everything else is written, lines of a GPIO, too:
-- it is meant for IP of one's own, idle.
local compare = require "lunq.bench.compare"
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"
local register_map = require "lunq.register_map"

local OPTIONS <const> = { also = true, except = true, reset = true }
--- Words of names that mean more than a value.
local ACTIONS <const> = {}
for word in ("START RUN GO STOP ABORT RESET RST CLEAR CLR FLUSH TRIGGER TRIG KICK"):gmatch "%S+" do
  ACTIONS[word] = true
end

local Walk = {}
Walk.__index = Walk

-- ---- bits ---------------------------------------------------------------------------------------

local function ones(n) return n >= 64 and -1 or (1 << n) - 1 end

local function mask_of(field) return ones(field.bit_width) << field.bit_offset end

local function width_of(spec) return spec.width or 32 end

local function hex(spec, value) return ("0x%%0%dx"):format(width_of(spec) // 4):format(value) end

--- "bit 3", "bits 7:5, 3": those of a mask from the highest on.
local function bits_text(mask)
  local runs, bit, one = {}, 63, 0
  while bit >= 0 do
    local high = bit
    while bit >= 0 and mask >> bit & 1 == 1 do bit = bit - 1 end
    if bit < high then
      one = one + high - bit
      runs[#runs + 1] = high == bit + 1 and tostring(high) or ("%d:%d"):format(high, bit + 1)
    else
      bit = bit - 1
    end
  end
  return (one == 1 and "bit " or "bits ") .. table.concat(runs, ", ")
end

--- The bits of a mask with the fields they are in: "bits 7:5 (GAIN), bit 0 (ON)".
local function places(spec, mask)
  local parts = {}
  for _, f in ipairs(spec.fields or {}) do
    local inside = mask & mask_of(f)
    if inside ~= 0 then parts[#parts + 1] = ("%s (%s)"):format(bits_text(inside), f.name) end
    mask = mask & ~mask_of(f)
  end
  if mask ~= 0 then parts[#parts + 1] = bits_text(mask) end
  return table.concat(parts, ", ")
end

local function read(self, spec)
  return width_of(spec) == 64 and self.mmio:read64(spec.offset) or self.mmio:read(spec.offset)
end

local function write(self, spec, value)
  if width_of(spec) == 64 then return self.mmio:write64(spec.offset, value) end
  self.mmio:write(spec.offset, value & ones(32))
end

local function called(self, spec) return ("%s.%s at 0x%x"):format(self.name, spec.name, spec.offset) end

-- ---- what is walked -----------------------------------------------------------------------------

local function leave_out(self, name, why) table.insert(self.left_out, { name = name, why = why }) end

local function says_action(name)
  for word in name:upper():gmatch "%a+" do
    if ACTIONS[word] then return true end
  end
end

--- The fields of a register, or the register as its only one.
local function fields_of(spec)
  if spec.fields and #spec.fields > 0 then return spec.fields end
  return { { name = spec.name, access = spec.access, go = spec.go, bit_offset = 0, bit_width = width_of(spec),
             whole = true } }
end

local function full_name(spec, field) return field.whole and spec.name or spec.name .. "." .. field.name end

--- Why a field, or a register without any, is not written; nil: it is.
local function why_not(self, spec, field)
  local name = full_name(spec, field)
  if self.except[name] then return "as asked" end
  if self.also[spec.name] or self.also[name] then return nil end
  if (spec.act or 0) & mask_of(field) ~= 0 then return "writing a 1 does something" end
  if spec.go or field.go then return "a write starts a transfer" end
  if says_action(field.name) then return "by its name writing it does something" end
  if field.access == "write-only" then return "write-only" end
end

--- Why a register is not even read; nil: it is.
local function why_unread(self, spec)
  if spec.absent then return "not in this configuration" end
  if spec.bytes then return "an array" end
  if self.except[spec.name] then return "as asked" end
  if spec.unread then return spec.unread end
  if spec.access == "write-only" then return "write-only" end
  local other = self.at[spec.offset]
  if other then return "at the address of " .. other end
  self.at[spec.offset] = spec.name
end

--- What can be done with the bits of a register: `rw` are walked, `ro` must stay, `seen` are compared with the reset
--- value, `hold` are written as they were read, all others are written 0.
local function plan(self, spec)
  local why = why_unread(self, spec)
  if why then return leave_out(self, spec.name, why) end
  local entry = { spec = spec, rw = 0, ro = 0, seen = 0, changed = {},
                  hold = ones(width_of(spec)) & ~(spec.act or 0) }
  for _, f in ipairs(fields_of(spec)) do
    local read_only = f.access == "read-only" or spec.access == "read-only"
    local reason = why_not(self, spec, f)
    if reason ~= "as asked" and f.access ~= "write-only" then entry.seen = entry.seen | mask_of(f) end
    if read_only and reason ~= "as asked" then
      entry.ro = entry.ro | mask_of(f)
    elseif reason then
      leave_out(self, full_name(spec, f), reason)
      if f.access == "write-only" then entry.hold = entry.hold & ~mask_of(f) end
    else
      entry.rw = entry.rw | mask_of(f)
    end
  end
  entry.ro = entry.ro & ~entry.rw
  table.insert(self.entries, entry)
end

-- ---- the walk: each step gives what is wrong as a text, or nil ----------------------------------------------------

local function wrong_reset(self, entry)
  local spec, expected = entry.spec, self.reset[entry.spec.name]
  if not expected or entry.seen == 0 then return nil end
  local value = entry.was
  local wrong = (value ~ expected) & entry.seen
  self.checked = self.checked + 1
  if wrong == 0 then return nil end
  return ("%s has a wrong reset value: read %s, expected was %s; wrong: %s"):format(called(self, spec),
    hex(spec, value), hex(spec, expected), places(spec, wrong))
end

--- Writes to bits that can't be written. A slave may refuse that with an error of the bus.
local function wrong_read_only(self, entry)
  local spec, was = entry.spec, entry.was
  local value = was & entry.hold ~ entry.ro
  local ok, e = pcall(write, self, spec, value)
  if not ok and not errors.is(e, "io") then error(e, 0) end
  local now = read(self, spec)
  local changed = (now ~ was) & entry.ro
  if changed == 0 then return nil end
  return ("%s can be written though it is read-only: wrote %s, read %s, it was %s; changed: %s"):format(
    called(self, spec), hex(spec, value), hex(spec, now), hex(spec, was), places(spec, changed))
end

--- Registers that changed when another was written; they are given back what they had after it.
local function wrong_alias(self, entry, value)
  local text
  for _, other in ipairs(self.entries) do
    if other ~= entry and other.was and other.rw ~= 0 then
      local now = read(self, other.spec)
      local changed = (now ~ other.was) & other.rw
      if changed ~= 0 then
        entry.changed[other] = true
        text = text or ("Writing %s changes %s: wrote %s, read there %s, it was %s; changed: %s"):format(
          called(self, entry.spec), called(self, other.spec), hex(entry.spec, value), hex(other.spec, now),
          hex(other.spec, other.was), places(other.spec, changed))
      end
    end
  end
  return text
end

--- The patterns for these bits, the alternating ones last.
local function patterns(rw)
  local list = { 0, rw }
  for bit = 0, 63 do
    if rw >> bit & 1 == 1 then list[#list + 1] = 1 << bit end
  end
  list[#list + 1] = 0x5555555555555555 & rw
  list[#list + 1] = 0xaaaaaaaaaaaaaaaa & rw
  return list
end

local function wrong_read_write(self, entry)
  local spec, rw, wrong = entry.spec, entry.rw, 0
  local list, first, alias = patterns(rw), nil, nil
  for i, pattern in ipairs(list) do
    local value = entry.was & entry.hold & ~rw | pattern
    write(self, spec, value)
    local now = read(self, spec)
    if (now ~ value) & rw ~= 0 then
      first = first or ("wrote %s, read %s"):format(hex(spec, value), hex(spec, now))
      wrong = wrong | (now ~ value) & rw
    end
    local changes = i > #list - 2 and wrong_alias(self, entry, value)
    alias = alias or changes or nil
  end
  if first then
    return ("%s does not keep what is written: %s; wrong: %s"):format(called(self, spec), first, places(spec, wrong))
  end
  return alias
end

--- Gives a register back what it had.
local function restore(self, entry)
  local ok, e = pcall(write, self, entry.spec, entry.was & entry.hold)
  if not ok and not errors.is(e, "io") then error(e, 0) end
end

--- Looks twice: a field of which a bit changes by itself is not walked.
local function look(self, entry)
  local spec = entry.spec
  entry.was = read(self, spec)
  local moves = entry.was ~ read(self, spec)
  for _, f in ipairs(moves ~= 0 and fields_of(spec) or {}) do
    if moves & mask_of(f) & (entry.ro | entry.rw) ~= 0 then
      leave_out(self, full_name(spec, f), "it changes by itself")
      for _, bits in ipairs { "ro", "rw", "seen" } do entry[bits] = entry[bits] & ~mask_of(f) end
    end
  end
end

--- One step for every register; what the bus refuses is a finding, too.
local function each(self, step)
  for _, entry in ipairs(self.entries) do
    if not entry.bad then
      local ok, text = pcall(step, self, entry)
      if not ok then
        if not errors.is(text, "io") then error(text, 0) end
        text = ("%s can't be reached: %s"):format(called(self, entry.spec), tostring(text))
      end
      if text then
        entry.bad = true
        table.insert(self.problems, text)
      end
    end
  end
end

local function walk_one(self, entry)
  local text
  if entry.rw ~= 0 then
    self.registers, text = self.registers + 1, wrong_read_write(self, entry)
    restore(self, entry)
    for other in pairs(entry.changed) do restore(self, other) end
  end
  if entry.ro ~= 0 and not text then
    self.kept, text = self.kept + 1, wrong_read_only(self, entry)
    restore(self, entry)
  end
  return text
end

local function walk(self)
  each(self, look)
  each(self, wrong_reset)
  local ok, e = pcall(each, self, walk_one)
  if not ok then -- the bus hangs, or somebody broke in: what can be restored is
    for _, entry in ipairs(self.entries) do
      if entry.was and entry.rw ~= 0 then pcall(restore, self, entry) end
    end
    error(e, 0)
  end
end

-- ---- what is asked for --------------------------------------------------------------------------

--- A list of names as a set. Names that the map does not have are mistakes.
local function name_set(list, what, known)
  local set = {}
  if type(list or {}) ~= "table" then
    errors.raise("type", "%s should be a list of names, not %s", what, type(list))
  end
  for _, name in ipairs(list or {}) do
    if not known[name] then
      errors.raise("value", "%s: there is no register or field %s%s", what, tostring(name),
                   nearest.hint(tostring(name), known))
    end
    set[name] = true
  end
  return set
end

--- All "REGISTER" and "REGISTER.FIELD": a list, and the same as a set.
local function names_of(specs)
  local names = {}
  local function add(name) names[#names + 1], names[name] = name, true end
  for _, spec in ipairs(specs) do
    add(spec.name)
    for _, f in ipairs(spec.fields or {}) do add(spec.name .. "." .. f.name) end
  end
  return names
end

--- { NAME = value } of the registers whose value is to be looked at first.
local function reset_values(reset, specs, known)
  if type(reset) == "table" then
    for name, value in pairs(reset) do
      name_set({ name }, "reset", known)
      if math.type(value) ~= "integer" then
        errors.raise("type", "reset: the value of %s should be an integer, not %s", name, type(value))
      end
    end
    return reset
  end
  local values = {}
  for _, spec in ipairs(reset and specs or {}) do values[spec.name] = spec.reset or 0 end
  return values
end

--- The summary: counts, then what was left out and why.
function Walk:__tostring()
  local text = ("%s: %d register%s written and read back, %d read-only one%s kept"):format(self.name, self.registers,
    self.registers == 1 and "" or "s", self.kept, self.kept == 1 and "" or "s")
  if self.checked > 0 then text = text .. (", %d reset values right"):format(self.checked) end
  local lines, by_reason = { text }, {}
  for _, entry in ipairs(self.left_out) do
    if not by_reason[entry.why] then
      by_reason[entry.why] = {}
      lines[#lines + 1] = by_reason[entry.why]
      by_reason[entry.why].why = entry.why
    end
    table.insert(by_reason[entry.why], entry.name)
  end
  for i = 2, #lines do
    lines[i] = ("  left out, %s: %s"):format(lines[i].why, table.concat(lines[i], ", "))
  end
  return table.concat(lines, "\n")
end

local bench = {}

--- Walks the registers of an IP against its register map, see above. The IP should be idle.
---@param ip table an IP of an overlay, or a register map
---@param options? table reset (true: the values the metadata says, or { NAME = value }; looked at first), except and
---  also (lists of "REGISTER" or "REGISTER.FIELD": left out; written though the name or the metadata speak against it)
---@return table summary prints as text; registers, kept, checked (how many), left_out { { name, why }, ... }
--- Raises `check` with all registers that are not as the map says: name, offset, written, read, bits and fields; and
--- what the device raises when it answers no more.
function bench.register_walk(ip, options)
  local o = options or {}
  for name in pairs(o) do
    if not OPTIONS[name] then
      errors.raise("value", "register_walk has no option %s%s", tostring(name),
                   nearest.hint(tostring(name), { "also", "except", "reset" }))
    end
  end
  local is_ip = type(ip) == "table" and rawget(ip, "fullpath") ~= nil
  local mmio, specs = register_map.contents(is_ip and ip.register_map or ip)
  local known = names_of(specs)
  local self = setmetatable({ name = is_ip and ip.fullpath or "the register map", mmio = mmio, entries = {}, at = {},
    problems = {}, left_out = {}, registers = 0, kept = 0, checked = 0, reset = reset_values(o.reset, specs, known),
    except = name_set(o.except, "except", known), also = name_set(o.also, "also", known) }, Walk)
  for _, spec in ipairs(specs) do plan(self, spec) end
  walk(self)
  if #self.problems == 1 then compare.fail("%s.", self.problems[1]) end
  if #self.problems > 1 then
    compare.fail("%d registers of %s are not as the register map says:\n  %s", #self.problems, self.name,
      table.concat(self.problems, "\n  "))
  end
  return setmetatable({ name = self.name, registers = self.registers, kept = self.kept, checked = self.checked,
                        left_out = self.left_out }, Walk)
end

return bench
