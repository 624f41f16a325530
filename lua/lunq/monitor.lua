--- ol:monitor(...): what an overlay is doing, on one screen, drawn anew five times a second until a key or Ctrl-C.
--
--   ol:monitor()                                    DMA channels and other engines, interrupts per second
--   ol:monitor(ol.btns, "axi_dma.MM2S_DMASR.Idle")  and registers, fields, functions, as watch takes them
-- It shows what is in use: no driver is opened for it, no interrupt enabled, nothing read that a read would
-- change. A driver says what its IP does with a method `activity`, see drivers/README.md. Rates are per second of
-- the device. Where output is no terminal it is printed once, without rates.
local DefaultIP = require "lunq.ip"
local core = require "lunq.core"
local live = require "lunq.live"
local viewers = require "lunq.viewers"

local BAR <const>, WIDE <const> = 8, 24 -- columns of a bar, and of all its text
local LOOKS <const> = 6 -- a rate is of the last second or so

--- 1536 -> "1.5K".
local function short(n)
  for _, unit in ipairs { { 1 << 40, "T" }, { 1 << 30, "G" }, { 1 << 20, "M" }, { 1 << 10, "K" } } do
    if n >= unit[1] then return ("%.4g%s"):format(n / unit[1], unit[2]) end
  end
  return ("%.4g"):format(n)
end

--- "[###-----]  40% of 64M"; only the size where nobody knows how much of it is done.
local function bar(row)
  if row.unit == "blocks" then return ("%d of %d blocks full"):format(row.done, row.of) end
  if row.done == 0 or row.state == "done" then return short(row.of) .. (row.state == "done" and "" or " under way") end
  local part = math.min(1, row.done / row.of)
  local full = math.floor(part * BAR)
  return ("[%s%s] %3.0f%% of %s"):format(("#"):rep(full), ("-"):rep(BAR - full), part * 100, short(row.of))
end

--- What comes in a second of the device, over the last LOOKS looks; nil: this is the first one. A count that is
--- smaller than before has begun anew, and what was not there before has all come since.
local function rate(self, key, total)
  local seen = self.totals[key] or {}
  if seen[1] and total < seen[#seen].total then seen = {} end
  if not seen[1] and self.before then seen[1] = { at = self.before, total = 0 } end
  self.totals[key] = seen
  seen[#seen + 1] = { at = self.now, total = total }
  if #seen > LOOKS then table.remove(seen, 1) end
  local first, seconds = seen[1], self.now - seen[1].at
  if #seen == 1 then return nil end
  return seconds > 0 and (total - first.total) / seconds or 0
end

local function totals_text(self, key, row)
  if not row.total then return "" end
  if row.unit == "runs" then
    local often = rate(self, key, row.total)
    return (often and ("%8.4g/s  "):format(often) or "") .. ("%d runs"):format(row.total)
  end
  local moved = rate(self, key, row.total + (row.unit == "bytes" and row.of and row.of > 0 and row.done or 0))
  return (moved and ("%8s/s  "):format(short(moved)) or "") .. ("%s in %d"):format(short(row.total), row.count or 0)
end

--- The cells of a row. The third is as wide as it gets, so that nothing moves when a transfer begins.
local function cells(self, path, row)
  local name = row.name and path .. " " .. row.name or path
  local now = row.text or row.of and row.of > 0 and bar(row) or ""
  return { name, tostring(row.state or ""), row.total and ("%-" .. WIDE .. "s"):format(now) or now,
           totals_text(self, name, row) }
end

--- The rows of one IP; nil: it has nothing to say. A driver that is not in use is not opened for it.
local function rows_of(object, class)
  local activity = type(class) == "table" and class.activity
  if type(activity) ~= "function" then return nil end
  if not object then return activity ~= DefaultIP.activity and { { state = "unused" } } or nil end
  local ok, rows = pcall(activity, object)
  return ok and rows or not ok and { { state = "?", text = tostring(rows):match "^[^\n]*" } } or nil
end

--- Kernels of a card by their units; a unit nobody has opened says so.
local function add_kernels(overlay, list)
  local open, units = {}, {}
  for path, d in pairs(overlay.ip_dict) do
    if d.cu_name then units[path] = true end
  end
  if not next(units) then return end
  for _, k in ipairs(core.kernel_activity(overlay.device)) do
    for _, unit in ipairs(k.units) do units[unit] = nil end
    open[k.name] = open[k.name] or { running = 0, waiting = 0, ended = 0 }
    for key, n in pairs(open[k.name]) do open[k.name][key] = n + k[key] end
  end
  for path in pairs(units) do list[#list + 1] = { path = path, at = 1, row = { state = "unused" } } end
  for name, k in pairs(open) do
    list[#list + 1] = { path = name, at = 1, row = {
      state = k.running > 0 and "running" or k.waiting > 0 and "waiting" or "idle", unit = "runs", total = k.ended,
      text = k.running + k.waiting > 0 and ("%d running, %d waiting"):format(k.running, k.waiting) or "" } }
  end
end

--- What the IP of an overlay do: { path, at, row } in the order of their paths.
local function activities(overlay)
  local tree, list = overlay:_live_tree(), {}
  for path, description in pairs(overlay.ip_dict) do
    local object = tree.objects[description]
    if not getmetatable(object) then object = nil end -- its init is running
    for at, row in ipairs(rows_of(object, object and getmetatable(object) or description.driver) or {}) do
      list[#list + 1] = { path = path, at = at, row = row }
    end
  end
  add_kernels(overlay, list)
  table.sort(list, function(a, b)
    if a.path ~= b.path then return a.path < b.path end
    return a.at < b.at
  end)
  return list
end

--- Whatever a driver made of its row must not end the view.
local function add_activities(self, lines)
  local rows, widths = {}, { 12, 6, 0, 0 }
  for i, a in ipairs(activities(self.overlay)) do
    local ok, row = pcall(cells, self, a.path, a.row)
    rows[i] = ok and row or { a.path, "?", tostring(row), "" }
    for column, text in ipairs(rows[i]) do widths[column] = math.max(widths[column], #text) end
  end
  for _, row in ipairs(rows) do
    for column, text in ipairs(row) do row[column] = text .. (" "):rep(widths[column] - #text) end
    lines[#lines + 1] = { ("  " .. table.concat(row, "  "):gsub("%s+$", "")) }
  end
end

--- The pins by name, one for each input they arrive at: those of IP, not of what lies on the way.
local function pins_of(overlay)
  local by_input, pins = {}, {}
  for name, pin in pairs(overlay.interrupt_pins) do
    local input = ("%s %d"):format(pin.controller or "", pin.controller ~= "" and pin.index or pin.raw_irq or -1)
    local ip = name:match "^(.*)/" or ""
    local rank = overlay.ip_dict[ip] and 1 or 2
    local other = by_input[input]
    if not overlay.interrupt_controllers[ip] and (not other or rank < other.rank
                                                  or rank == other.rank and name < other.name) then
      by_input[input] = { name = name, pin = pin, rank = rank }
    end
  end
  for _, p in pairs(by_input) do pins[#pins + 1] = p end
  table.sort(pins, function(a, b) return a.name < b.name end)
  return pins
end

--- The pins somebody has waited for, and how many others there are.
local function add_interrupts(self, lines)
  local others, device, pins = 0, self.overlay.device, pins_of(self.overlay)
  if #pins > 0 then lines[#lines + 1] = { "interrupts" } end
  for _, p in ipairs(pins) do
    local events, waiting = core.interrupt_seen(device, p.pin.controller or "", p.pin.index or 0, p.pin.raw_irq)
    if events and (events > 0 or waiting > 0) then
      local often = rate(self, "interrupt " .. p.name, events)
      lines[#lines + 1] = { ("  %-32s  %s%d in all%s"):format(p.name, often and ("%8.4g/s  "):format(often) or "",
                            events, waiting > 0 and (", %d waiting"):format(waiting) or "") }
    else
      others = others + 1
    end
  end
  if others > 0 then
    lines[#lines + 1] = { ("  %s pin%s nobody has waited for"):format(others, others > 1 and "s" or "") }
  end
end

local function look(self, list, is_live)
  self.before, self.now = self.now, self.overlay.device:now() / 1e9
  local lines = { { ("%s on %s, %.1f s%s"):format(self.title, self.overlay.device.name, self.now - self.begun,
                                                      is_live and "   (a key ends this)" or "") } }
  add_activities(self, lines)
  add_interrupts(self, lines)
  return viewers.look(list, lines)
end

--- Shows what an overlay does until a key or Ctrl-C. Tasks go on meanwhile; what they print appears above.
---@param overlay table
---@param ... any what else to show: see lunq.watch; strings name registers, "axi_dma.MM2S_DMASR.Idle"
--- Raises `type` for what can't be shown, `runtime` once the overlay is loaded no more.
return function(overlay, ...)
  local list = viewers.list("ol:monitor", viewers.names_of(overlay), ...)
  local self = { overlay = overlay, totals = {}, begun = overlay.device:now() / 1e9,
                 title = overlay:_doc_name():match "[^/]*$" }
  live.show(function(is_live) return look(self, list, is_live) end)
end
