--- What LUNQ takes the pins of a model for, as `lunq rtl build` says it: buses, clocks, resets, interrupts, and what is
--- left over, with the reason where the name is that of a bus. Plain pins are wires of the IP.
local core = require "lunq.core"

local bound = {}

--- What the device finds, for the model alone, and where its slave ports are.
local function look(path, top)
  local device <close> = core.device_open "sim"
  local design, places = core.rtl_design(path), {}
  device:rtl_bind(top, path)
  device:program(design)
  for _, ip in pairs(design:dictionaries().ip_dict) do
    if ip.phys_addr then places[ip.mem_id] = ip.phys_addr end
  end
  return device:rtl()[1], places
end

local function bus_line(b, several, place)
  local address = b.address and b.address > 0 and (", addresses of %d bits"):format(b.address) or ""
  local clock = several and b.clock and (", on %s"):format(b.clock) or ""
  local at = place and (", at %#x"):format(place) or ""
  return ("%s, %d bits%s%s%s"):format(b.kind, b.bits, address, at, clock)
end

--- Lines of a name and a text, the texts below one another.
local function aligned(rows)
  local widest = 0
  for _, row in ipairs(rows) do widest = math.max(widest, #row[1]) end
  for i, row in ipairs(rows) do rows[i] = ("  %-" .. widest .. "s  %s\n"):format(row[1], row[2]) end
  return table.concat(rows)
end

--- A text of some lines.
---@param path string a model
---@param top string its module
---@return string
--- Raises what the model says that can't be used.
function bound.text(path, top)
  local found, places = look(path, top)
  local rows, plain, reasons = {}, {}, {}
  for _, b in ipairs(found.buses) do rows[#rows + 1] = { b.name, bus_line(b, #found.clocks > 1, places[b.name]) } end
  for _, kind in ipairs { "clocks", "resets", "enables", "interrupts" } do
    if #found[kind] > 0 then rows[#rows + 1] = { kind, table.concat(found[kind], ", ") } end
  end
  for _, p in ipairs(found.pins) do
    if p.why and reasons[p.why] then
      table.insert(reasons[p.why], p.name)
    elseif p.why then
      reasons[p.why] = { p.name }
      table.insert(reasons, p.why)
    else
      plain[#plain + 1] = p.name
    end
  end
  for _, why in ipairs(reasons) do
    rows[#rows + 1] = { "in no bus", ("%s (%s)"):format(table.concat(reasons[why], ", "), why) }
  end
  if #found.buses == 0 and #reasons == 0 then
    rows[#rows + 1] = { "no bus", "nothing here has the names of AXI4 or AXI4-Stream. A struct as a port is one flat "
                        .. "pin: wrap the module in one with flat ports, or name parts of pins in a table (--pins)" }
  end
  if #plain > 0 then rows[#rows + 1] = { "wires", table.concat(plain, ", ") } end
  return aligned(rows)
end

return bound
