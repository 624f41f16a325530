--- AXI4-Stream switch 1.1 with register routing: which slave (input) feeds which master (output).
--
--   local switch = ol.axis_switch_0
--   switch:route(0, 2)                  -- M00 gets what arrives at S02
--   switch:set { [0] = 1, [1] = 0 }     -- all at once; masters that are not named are off
--   switch:disable(1)                   -- M01 off; disable() all of them
--   print(switch:routes()[0])           -- 1
-- Ports count from 0, as in their names. A slave feeds one master only. What is written takes effect
-- with the commit that every method ends with; data under way at that moment may be lost.
-- Registers: registers.md section 17 (ESW, PG085).
local errors = require "lunq.errors"
local lunq = require "lunq"
local waiting = require "lunq.waiting"

local CTRL <const>, MI_MUX <const> = 0x000, 0x040
local REG_UPDATE <const>, DISABLE <const> = 1 << 1, 1 << 31
local COMMIT_SECONDS <const> = 1

local Switch = lunq.DefaultIP:extend { bindto = { "xilinx.com:ip:axis_switch:1.1" }, __name = "StreamSwitch" }

local function parameter(description, name, short)
  local p = description.parameters or {}
  return math.tointeger(tonumber(p[name] or p[name:lower()] or p[short] or p[short:lower()]))
end

---@param description table entry of ip_dict
--- Raises `unsupported` when the switch routes by TDEST: then it has no registers.
function Switch:init(description)
  if parameter(description, "C_ROUTING_MODE", "ROUTING_MODE") ~= 1 then
    errors.raise("unsupported", "%s routes by TDEST (C_ROUTING_MODE is not 1): there is nothing to set.",
                 tostring(description.fullpath))
  end
  lunq.DefaultIP.init(self, description)
  self.masters = parameter(description, "C_NUM_MI_SLOTS", "NUM_MI") or 2
  self.slaves = parameter(description, "C_NUM_SI_SLOTS", "NUM_SI") or 2
  self.max_slots = self.masters -- PYNQ's name
end

local function check_port(self, value, n, kind)
  if math.type(value) ~= "integer" or value < 0 or value >= n then
    errors.raise("value", "%s: its %ss are 0 to %d, not %s", self.fullpath, kind, n - 1, tostring(value))
  end
end

--- Makes what was written count, and waits until it does.
local function commit(self)
  self.mmio:write(CTRL, REG_UPDATE)
  waiting.word(self.mmio, CTRL, REG_UPDATE, 0, COMMIT_SECONDS, function()
    return ("Timeout: %s: the new routes did not take effect within %s (CTRL 0x%08x). Do its streams' clock "
            .. "and reset run?"):format(self.fullpath, waiting.time_text(COMMIT_SECONDS), self.mmio:read(CTRL))
  end)
end

--- The routes as they were written last: the slave of each master, by number; none: off.
---@return table<integer, integer>
function Switch:routes()
  local routes = {}
  for m = 0, self.masters - 1 do
    local v = self.mmio:read(MI_MUX + 4 * m)
    if v & DISABLE == 0 then routes[m] = v & 0xf end
  end
  return routes
end

--- Sets all routes at once.
---@param routes table<integer, integer> master -> slave; masters that are left out are off
---@return table self
--- Raises `value` for ports that don't exist, or a slave used twice (the hardware would switch the
--- second master off); nothing is changed then. `timeout` when the commit does not end.
function Switch:set(routes)
  if type(routes) ~= "table" then
    errors.raise("type", "%s: routes should be a table { [master] = slave }, not %s", self.fullpath, type(routes))
  end
  local used = {}
  for master, slave in pairs(routes) do
    check_port(self, master, self.masters, "master")
    check_port(self, slave, self.slaves, "slave")
    if used[slave] then
      errors.raise("value", "%s: slave %d can feed one master, not both %d and %d", self.fullpath, slave,
                   math.min(used[slave], master), math.max(used[slave], master))
    end
    used[slave] = master
  end
  for m = 0, self.masters - 1 do self.mmio:write(MI_MUX + 4 * m, routes[m] or DISABLE) end
  commit(self)
  return self
end

--- Lets a slave feed a master. A master it fed before is off.
---@param master integer
---@param slave integer
---@return table self
--- Raises as set.
function Switch:route(master, slave)
  check_port(self, master, self.masters, "master")
  check_port(self, slave, self.slaves, "slave")
  local routes = self:routes()
  for m, s in pairs(routes) do
    if s == slave then routes[m] = nil end
  end
  routes[master] = slave
  return self:set(routes)
end

--- Switches a master off, or all of them.
---@param master? integer
---@return table self
function Switch:disable(master)
  if master == nil then return self:set {} end
  check_port(self, master, self.masters, "master")
  local routes = self:routes()
  routes[master] = nil
  return self:set(routes)
end

--- Master n gets slave n, as far as there are both.
---@return table self
function Switch:default()
  local routes = {}
  for n = 0, math.min(self.masters, self.slaves) - 1 do routes[n] = n end
  return self:set(routes)
end

function Switch:__tostring()
  local parts = {}
  local routes = self:routes()
  for m = 0, self.masters - 1 do
    parts[#parts + 1] = routes[m] and ("S%02d -> M%02d"):format(routes[m], m) or ("M%02d off"):format(m)
  end
  return ("StreamSwitch %s: %s"):format(self.fullpath, table.concat(parts, ", "))
end

return Switch
