--- What the devices were last asked, and how the IP stand that were asked, when a test fails: the text
-- `lunq test` adds to the failure. The accesses come from the flight recorder (host/core/flight.h).
--
--   flight.start(10)      -- from now on: the last 10
--   flight.clear()        -- a test begins
--   flight.report()       --> text, "" when no device was asked anything
local core = require "lunq.core"
local design_clocks = require "lunq.design_clocks"
local designs = require "lunq.test.designs"
local register_map = require "lunq.register_map"
local time_text = require "lunq.waiting".time_text

local flight = {}

local COLUMNS <const> = 110
local RTL_CYCLES <const> = 16384 -- of waves
local STATE_LINES <const>, STATE_IPS <const> = 14, 4

local started, kept = false, 0

local function cut(line) return #line > COLUMNS and line:sub(1, COLUMNS - 3) .. "..." or line end

-- ---- accesses -----------------------------------------------------------------------------------

--- "axi_dma MM2S_DMACR", "axi_dma+0x7c", "0x40400000".
---@return string text
---@return table|nil spec of the register
local function place(record, ip)
  if not ip then return ("0x%x"):format(record.address) end
  local offset = record.address - ip.base
  local spec, index = designs.register(ip, offset)
  if not spec then return ("%s+0x%x"):format(ip.path, offset), nil end
  if spec.bytes then return ("%s %s[%d]"):format(ip.path, spec.name, index // 4), nil end
  if index > 0 then return ("%s %s+%d"):format(ip.path, spec.name, index), nil end
  return ("%s %s"):format(ip.path, spec.name), spec
end

local function times_text(r, from)
  return r.times > 1 and (" (%d times, until %s)"):format(r.times, time_text((r.last - from) / 1e9)) or ""
end

--- What was read or written, with fields.
local function value_text(r, spec, times)
  local text = r.failed and "failed" or ("= 0x%%0%dx"):format(r.width * 2):format(r.value)
  local whole = spec and not r.failed and r.words == 1 and r.width * 8 == (spec.width or 32)
  local fields = whole and register_map.fields_text(spec, r.value, r.what == "write") or ""
  if r.words > 1 then text = text .. (" and %d more words"):format(r.words - 1) end
  return text .. times .. (fields ~= "" and "  " .. fields or "")
end

local function name_of(r) return r.name end
local function name_and_level(r) return ("%s = %d"):format(r.name, r.value) end

local DESCRIBE <const> = {
  load = name_of, run = name_of, ended = name_of,
  level = name_and_level, set = name_and_level, drive = name_and_level,
  transfer = function(r) return ("%s, %d bytes at 0x%x"):format(r.name, r.value, r.address) end,
  moved = function(r) return ("%s, %d bytes"):format(r.name, r.value) end,
  sync = function(r) return ("%s, %d bytes at 0x%x"):format(r.name, r.value, r.address) end,
  sent = function(r) return ("%s, a packet of %d bytes"):format(r.name, r.value) end,
  came = function(r) return ("%s, a packet of %d bytes"):format(r.name, r.value) end,
  interrupt = function(r) return r.name .. (r.value > 1 and (", %d times"):format(r.value) or "") end,
}
local VERBS <const> = { transfer = "start", moved = "done", interrupt = "irq", level = "read", set = "write" }

--- One access as a line; from: the time the times are counted from, by device.
local function access_line(r, from)
  local text
  if DESCRIBE[r.what] then
    text = DESCRIBE[r.what](r) .. times_text(r, from)
  else
    local where, spec = place(r, designs.ip(designs.of(r.serial, r.loads), r.address))
    text = where .. " " .. value_text(r, spec, times_text(r, from))
  end
  return cut(("%10s  %-5s  %s"):format(time_text((r.first - from) / 1e9), VERBS[r.what] or r.what, text))
end

local function access_lines(records)
  local lines, from, device = {}, {}, records[1].device
  for _, r in ipairs(records) do
    from[r.serial] = from[r.serial] or r.first
    if r.device ~= device then lines[#lines + 1] = ("on %s:"):format(r.device) end
    device = r.device
    lines[#lines + 1] = access_line(r, from[r.serial])
  end
  return lines
end

-- ---- state --------------------------------------------------------------------------------------

--- IP and their designs, the one asked last first; only of designs that are still loaded.
local function involved(records)
  local list, seen, now = {}, {}, {}
  for _, device in ipairs(core.devices()) do now[device.serial] = device end
  for i = #records, 1, -1 do
    local r = records[i]
    local device, design = now[r.serial], designs.of(r.serial, r.loads)
    local ip = device and device.loads == r.loads and (r.what == "read" or r.what == "write")
               and designs.ip(design, r.address)
    if ip and not seen[ip] and #list < STATE_IPS then
      seen[ip] = true
      list[#list + 1] = { ip = ip, device = device, overlay = design.overlay[1] }
    end
  end
  return list
end

--- What a driver's explain says, where the overlay has made the IP's object.
local function explained(item)
  local description = item.overlay and item.overlay.ip_dict[item.ip.path]
  local object = description and item.overlay._tree.objects[description]
  local class = type(object) == "table" and getmetatable(object)
  local explain = class and class.explain
  return type(explain) == "function" and explain(object) or nil
end

--- Registers that are not 0, those that can be read without an effect.
local function registers_text(item)
  local ip = item.ip
  if next(ip.registers) == nil and #ip.specs == 0 then return nil end
  local window <close> = core.mmio(ip.base, ip.size, item.device, true)
  local map, words, zero = register_map.new(window, ip.registers, ip.type), {}, 0
  local values = register_map.values(map)
  for _, spec in ipairs(ip.specs) do
    local value = values[spec.name]
    if value == 0 then
      zero = zero + 1
    elseif type(value) == "number" then
      local fields = register_map.fields_text(spec, value)
      words[#words + 1] = ("%s=0x%x"):format(spec.name, value) .. (fields ~= "" and (" (%s)"):format(fields) or "")
    end
  end
  if zero > 0 then
    words[#words + 1] = ("%d %s%s 0"):format(zero, #words > 0 and "other" or "register", zero > 1 and "s" or "")
  end
  return #words > 0 and ("%s: %s"):format(ip.path, table.concat(words, ", ")) or nil
end

--- A text in lines that fit, cut at blanks.
local function add_wrapped(lines, text)
  for line in text:gmatch "[^\n]+" do
    while #line > COLUMNS do
      local at = line:sub(1, COLUMNS):find " [^ ]*$" or COLUMNS
      lines[#lines + 1] = line:sub(1, at):match "^(.-) *$"
      line = "    " .. line:sub(at + 1)
    end
    lines[#lines + 1] = line
  end
end

--- Where data is stuck, on simulated devices that were asked something.
local function add_streams(lines, records)
  local asked = {}
  for _, r in ipairs(records) do asked[r.serial] = true end
  for _, device in ipairs(core.devices()) do
    local ok, list = pcall(device.streams, device) -- raises on others
    for _, s in ipairs(asked[device.serial] and ok and list or {}) do
      if s.waiting then
        lines[#lines + 1] = cut(("%s -> %s: TREADY is low after %d bytes"):format(s.from or "outside",
          s.to or "outside", s.bytes))
      end
    end
  end
end

--- What the failure's message does not say already: errors of drivers explain too.
local function news(text, message)
  local lines, said = {}, false
  for line in text:gmatch "[^\n]+" do
    if message:find(line:match "^%s*(.-)%s*$", 1, true) then said = true else lines[#lines + 1] = line end
  end
  return said and #lines == 1 and "" or table.concat(lines, "\n") -- not the title alone
end

local function state_lines(records, message)
  local lines = {}
  for _, item in ipairs(involved(records)) do
    local ok, text = pcall(explained, item)
    if ok and text then text = news(text, message) end
    if not ok or not text then ok, text = pcall(registers_text, item) end
    if not ok then text = ("%s: %s"):format(item.ip.path, tostring(text):match "[^\n]*") end
    if text then add_wrapped(lines, text) end
  end
  add_streams(lines, records)
  return lines
end

-- ---- the report ---------------------------------------------------------------------------------

--- The waves of RTL that was asked something, up to the failure, in a file that stays.
local function wave_lines(records)
  local asked, lines = {}, {}
  for _, r in ipairs(records) do asked[r.serial] = true end
  for _, device in ipairs(core.devices()) do
    for _, rtl in ipairs(asked[device.serial] and device:rtl() or {}) do
      local path = os.tmpname()
      os.remove(path)
      path = path .. ".vcd"
      if pcall(device.rtl_record, device, path, rtl.ip) then
        local stress = device.stress and (", stress=%d"):format(device.stress) or ""
        lines[#lines + 1] = ("%s, up to cycle %d%s: %s"):format(rtl.ip, rtl.cycle, stress, path)
      end
    end
  end
  return lines
end

--- Keeps the last n accesses from now on; 0: none, and nothing is reported.
---@param n integer
function flight.start(n)
  core.flight.start(n)
  kept = n
  started = n > 0
  core.rtl_record_default(started and RTL_CYCLES or 0)
  if not started then return end
  designs.start()
  local set = design_clocks.set -- a part of loading a design, not of the test
  function design_clocks.set(...)
    core.flight.pause(true)
    set(...)
    core.flight.pause(false)
  end
end

--- Goes on keeping accesses, or keeps none: registers that are mapped are then accessed as in a script.
---@param on boolean
function flight.keep(on) core.flight.start(on and kept or 0) end

--- A test begins: what was before it is of no interest.
function flight.clear()
  core.flight.clear()
  designs.forget_old()
end

local function indented(title, lines, most)
  local text = { "  " .. title }
  for i = 1, math.min(#lines, most) do text[#text + 1] = "    " .. lines[i] end
  if #lines > most then text[#text + 1] = ("    ... and %d more lines"):format(#lines - most) end
  return table.concat(text, "\n")
end

local function make(message)
  local records, total = core.flight.last()
  if #records == 0 then return "" end
  local names = { records[#records].device }
  local title = total == #records and ("What %s was asked:"):format(names[1])
                or ("What %s was asked last (%d of %d):"):format(names[1], #records, total)
  local text = "\n" .. indented(title, access_lines(records), #records + 8)
  local state = state_lines(records, message)
  if #state > 0 then text = text .. "\n" .. indented("How it stands:", state, STATE_LINES) end
  local waves = wave_lines(records)
  if #waves > 0 then text = text .. "\n" .. indented("Waves of the RTL:", waves, STATE_LINES) end
  return text
end

--- The last accesses since flight.clear and the state of the IP they went to. Reads registers, those
-- whose read has no effect, of IP that were asked. Never raises.
---@param message? string what the failure says: that is not said again
---@return string text begins with a newline; "" when no device was asked anything
function flight.report(message)
  if not started then return "" end
  core.flight.pause(true)
  local ok, text = pcall(make, message or "")
  core.flight.pause(false)
  return ok and text or "\n  (no report of the device: " .. tostring(text) .. ")"
end

return flight
