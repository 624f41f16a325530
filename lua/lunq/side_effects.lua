--- What reading and writing the registers of known IP does beyond their values: the override tables
--- for the metadata, which does not say it or says it wrong (registers.md sections 2 to 4).
--
--   side_effects["xilinx.com:ip:axi_dma"]        -- also with a version; nil for unknown IP
--   side_effects.add("acme.com:user:fir", {{ base = 0, text = "00 CTRL RW: RUN 0, DONE 1 W1C" }})
--
-- A table has `registers`, a list in address order (nil when the metadata must say which exist), and
-- `by_offset`. Each: name, offset, access, reset, key, fields { name, bit_offset, bit_width, access },
-- `act`, the bits on which writing back what was read would act, and `unread`, why a print must not
-- read it.
--
-- They are written as text, a register a line (lines without an offset go on):
--   OFFSET NAME RO|RW|WO [POP] [COR] [GO] [key=N] [reset=N]: FIELD HIGH[:LOW] [RO|WO|W1C|W1S|TOW|SC|GO], ...
-- POP: a read removes a FIFO entry. COR: a read clears. key: only this value acts. W1C, W1S, TOW: a 1
-- clears, sets, toggles. SC: a 1 starts something and reads 0 again.
-- GO: a write may start a transfer (`go`), so that nobody tries what the bits take.
local errors = require "lunq.errors"

local KNOWN <const> = {
  axi_bram_ctrl = "axi_bram_ctrl", axi_cdma = "axi_cdma", axi_dma = "axi_dma",
  axi_fifo_mm_s = "axi_fifo_mm_s", axi_gpio = "axi_gpio", axi_iic = "axi_iic",
  axi_intc = "axi_intc", axi_quad_spi = "axi_quad_spi", axi_timer = "axi_timer",
  axi_uartlite = "axi_uartlite", axi_vdma = "axi_vdma", axis_switch = "axis_switch",
  dfx_axi_shutdown_manager = "dfx_axi_shutdown_manager", dfx_decoupler = "dfx_decoupler",
  mailbox = "mailbox", pr_axi_shutdown_manager = "dfx_axi_shutdown_manager",
  pr_decoupler = "dfx_decoupler", system_management_wiz = "system_management_wiz", xadc_wiz = "xadc_wiz",
}

local ACCESS <const> = { RO = "read-only", RW = "read-write", WO = "write-only" }
local ACTS <const> = { W1C = true, W1S = true, TOW = true, SC = true }
local POP_TEXT <const> = "a read removes a FIFO entry"
local COR_TEXT <const> = "a read clears it"

local function parse_field(text, register)
  local name, high, rest = text:match "^%s*([%w_]+)%s+(%d+)(.*)$"
  if not name then errors.raise("value", "register %s: can't read the field %q", register.name, text) end
  local low = rest:match "^:(%d+)"
  high, low = tonumber(high), tonumber(low or high)
  local field = { name = name, bit_offset = low, bit_width = high - low + 1, access = "read-write" }
  for word in rest:gmatch "%a[%w]*" do
    if ACTS[word] then
      field.effect = word
      register.act = register.act | ((1 << field.bit_width) - 1) << low
    elseif ACCESS[word] then
      field.access = ACCESS[word]
    elseif word == "GO" then
      field.go = true
    else
      errors.raise("value", "register %s: unknown word %q", register.name, word)
    end
  end
  return field
end

--- One register from its line (joined from several).
local function parse_register(line, base, reasons)
  local offset, name, words, fields = line:match "^(%x+)%s+([%w_]+)%s*([^:]*):?(.*)$"
  if not offset then errors.raise("value", "can't read the register %q", line) end
  local register = { name = name, offset = base + tonumber(offset, 16), access = "read-write", act = 0,
                     fields = {} }
  for word in words:gmatch "%S+" do
    local key, value = word:match "^(%a+)=(%w+)$"
    if ACCESS[word] then register.access = ACCESS[word]
    elseif word == "POP" then register.unread = POP_TEXT
    elseif word == "COR" then register.unread = COR_TEXT
    elseif word == "GO" then register.go = true
    elseif key == "key" or key == "reset" then register[key] = tonumber(value)
    else errors.raise("value", "register %s: unknown word %q", name, word) end
  end
  register.unread = reasons and reasons[name] or register.unread
  for field in fields:gmatch "[^,]+" do
    register.fields[#register.fields + 1] = parse_field(field, register)
  end
  return register
end

local function matches_any(name, patterns)
  for _, p in ipairs(patterns or {}) do
    if name:find(p) then return true end
  end
  return false
end

--- The table of all parts { base =, text =, unread = { NAME = why }, optional = patterns of names that
--- exist only where the metadata says so, metadata_only = true: none exist otherwise }.
local function parse(parts)
  local known = { registers = {}, by_offset = {} }
  for _, part in ipairs(parts) do
    -- A line that begins with an offset begins a register: hexadecimal digits, a name, RO, RW or WO.
    local text = ("\n" .. part.text):gsub("\n%s*(%x+%s+[%a_][%w_]*%s+[RW][OW])", "\0%1"):gsub("%s+", " ")
    for line in text:gmatch "%z([^%z]+)" do
      local register = parse_register(line, part.base, part.unread)
      known.by_offset[register.offset] = register
      if not part.metadata_only and not matches_any(register.name, part.optional) then
        known.registers[#known.registers + 1] = register
      end
    end
  end
  table.sort(known.registers, function(a, b) return a.offset < b.offset end)
  if #known.registers == 0 then known.registers = nil end
  return known
end

local side_effects = {}
local loaded = {}

--- The VLN: vendor, library and name, without the version.
local function without_version(vlnv)
  return type(vlnv) == "string" and vlnv:match "^([^:]*:[^:]*:[^:]*)" or nil
end

--- Says what the registers of an IP of one's own do. Later tables replace earlier ones.
---@param vlnv string vendor:library:name, a version is ignored
---@param parts table list of { base =, text =, ... } as described above
function side_effects.add(vlnv, parts)
  local vln = without_version(vlnv)
  if not vln then errors.raise("value", "%s is no vendor:library:name", tostring(vlnv)) end
  loaded[vln] = parse(parts)
end

return setmetatable(side_effects, {
  __index = function(_, vlnv)
    local vln = without_version(vlnv)
    if not vln then return nil end
    local name = vln:match "^xilinx%.com:ip:(.*)$" or vln:match "^amd%.com:ip:(.*)$"
    if not loaded[vln] and name and KNOWN[name] then
      loaded[vln] = parse(require("lunq.registers." .. KNOWN[name]))
    end
    return loaded[vln]
  end,
})
