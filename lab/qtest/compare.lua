--- Runs the same steps on the simulated device and on QEMU's models, and compares what they give.
--
--   compare.run("petalogix-ml605", function(t)      -- once per device
--     t.step("status after reset", t.ol.dma:read(4))
--   end, {
--     ["status after reset"] = { sim = 0x10009, qemu = 0x1, why = "PG021: bit 3 is SGIncld" },
--   })
-- A step both devices give the same needs no entry. One that differs does, with both values and who is
-- right; an entry whose values are not those that came fails, so a QEMU that was mended is noticed.
local lunq = require "lunq"
local designs = dofile "lab/qtest/designs.lua"

local compare = {}

local function text(v)
  if math.type(v) == "integer" then return ("%#x"):format(v) end
  return type(v) == "string" and ("%q"):format(v) or tostring(v)
end

--- One run: the values by step, and the steps in order.
local function record(machine, device, steps)
  local seen, order = {}, {}
  local d <close> = lunq.Device.open(device)
  lunq.Device.active_device = d -- tasks sleep in its time
  local ol <close> = lunq.Overlay(designs[machine], { device = d })
  local buffers = {}
  steps {
    ol = ol, device = d, simulated = d.kind == "sim",
    step = function(name, value)
      assert(seen[name] == nil, "two steps have the name " .. name)
      seen[name], order[#order + 1] = value, name
    end,
    --- A buffer of bytes that is closed at the end.
    bytes = function(n)
      buffers[#buffers + 1] = lunq.allocate(n, "u1", { target = d })
      return buffers[#buffers]
    end,
  }
  for _, b in ipairs(buffers) do b:close() end
  return seen, order
end

---@param machine string of designs
---@param steps fun(t: table)
---@param differences? table step -> { sim, qemu, why }
---@param options? string of the qtest device, "?raw=1"
function compare.run(machine, steps, differences, options)
  local ours, order = record(machine, "sim", steps)
  local theirs, their_order = record(machine, "qtest:" .. machine .. (options or ""), steps)
  assert(table.concat(order, "\n") == table.concat(their_order, "\n"), "the two runs had different steps")
  local wrong = {}
  for _, name in ipairs(order) do
    local d = differences and differences[name]
    local a, b = ours[name], theirs[name]
    if d and (a ~= d.sim or b ~= d.qemu) then
      wrong[#wrong + 1] = ("%s: sim %s, qemu %s; listed are sim %s, qemu %s"):format(name, text(a), text(b),
                                                                                  text(d.sim), text(d.qemu))
    elseif not d and a ~= b then
      wrong[#wrong + 1] = ("%s: sim %s, qemu %s"):format(name, text(a), text(b))
    end
  end
  for name in pairs(differences or {}) do
    if ours[name] == nil then wrong[#wrong + 1] = name .. ": listed, but there is no such step" end
  end
  if #wrong > 0 then error("\n" .. table.concat(wrong, "\n"), 2) end
end

return compare
