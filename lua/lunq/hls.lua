--- HLS: calling a core of Vitis HLS like a function, for every IP whose registers are a control block
-- with arguments. DefaultIP offers these names for such IP, so a driver made from it has them too, and
-- its own method of the same name wins.
--
--   ol.adder:call(3, 4)                         --> 7    inputs in the order of ip.signature
--   ol.adder:call { a = 3, b = 4 }              --> 7    or by name
--   local run = ol.scale:start(src, dst, 1024)  -- buffers are held until the core is done
--   run:done()                                  --> false
--   run:wait(0.5)                               -- seconds; then gives what call gives
--   print(ol.adder.signature)                   --> adder(u32 a, u32 b) -> u32 c
--   ol.lut:call { rows = 2, lut = { 1, 2, 3 } } -- memories: 32-bit words or a string
--   ol.lut:array "lut"                          --> list of words
--
-- The metadata has no C types: numbers are unsigned, of the register's width. A 64-bit argument of a
-- core with an m_axi port takes a buffer (its address) or a number.
-- Rules: registers.md section 15 (UG1399). Only argument words and AP_START (and AP_CONTINUE) are
-- written: the interrupt enables are others'. Completion is seen by polling from one place.
local Class = require "lunq.class"
local Engine = require "lunq.engine"
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"
local waiting = require "lunq.waiting"

local CTRL <const> = 0x00
local AP_START <const>, AP_DONE <const>, AP_IDLE <const>, AP_CONTINUE <const> = 1, 2, 4, 16
local CONTROL <const> = { CTRL = true, GIER = true, IP_IER = true, IP_ISR = true }
local STOP_SECONDS <const> = 1

local HLS = Class:extend { __name = "lunq.HLS" }

-- ---- arguments from registers -------------------------------------------------------------------

local function sorted(registers)
  local list = {}
  for name, r in pairs(registers) do
    if not CONTROL[name] and r.enabled ~= false then list[#list + 1] = { name = name, r = r } end
  end
  table.sort(list, function(a, b) return a.r.address_offset < b.r.address_offset end)
  return list
end

local function is_valid_word(name, registers)
  local base = name:match "^(.*)_ctrl$"
  return base and (registers[base] or registers[base .. "_1"]) ~= nil
end

local function width_of(name, r)
  local field = r.fields and r.fields[name]
  return field and field.bit_width or math.min(r.size or 32, 32)
end

--- Words low and high of a 64-bit argument are called NAME_1 and NAME_2 and lie side by side.
local function pair_name(entry, following)
  local name = entry.name:match "^(.*)_1$"
  if name and following and following.name == name .. "_2"
     and following.r.address_offset == entry.r.address_offset + 4 then
    return name
  end
end

local function argument(entry, registers)
  local name, r = entry.name, entry.r
  local memory = name:match "^Memory_(.+)$"
  if memory and not registers[memory] then
    return { name = memory, memory = true, offset = r.address_offset, bytes = r.size, input = true }
  end
  local output = r.access == "read-only"
  return { name = name, offset = r.address_offset, width = width_of(name, r), input = not output,
           output = output }
end

--- The arguments in the order of their addresses.
local function arguments(registers, pointers)
  local entries, list, i = sorted(registers), {}, 1
  while entries[i] do
    local entry = entries[i]
    local pair = pair_name(entry, entries[i + 1])
    if pair then
      local output = entry.r.access == "read-only"
      list[#list + 1] = { name = pair, offset = entry.r.address_offset, width = 64, input = not output,
                          output = output, pointer = pointers and not output }
      i = i + 1
    elseif not is_valid_word(entry.name, registers) then
      list[#list + 1] = argument(entry, registers)
    end
    i = i + 1
  end
  return list
end

--- The widest address an m_axi port has; nil: there is none.
local function address_width(parameters)
  local widest
  for name, value in pairs(parameters) do
    if name:upper():find "^C_M_AXI_.*ADDR_WIDTH$" then
      widest = math.max(widest or 0, math.tointeger(tonumber(value)) or 0)
    end
  end
  return widest
end

--- Memory the core's ports reach, as the design says it; an empty list when it doesn't.
local function reachable(description)
  local overlay, list = description.overlay, {}
  local masters = overlay and overlay.design:dictionaries().masters[description.fullpath]
  for _, range in ipairs(masters or {}) do list[#list + 1] = range end
  return list
end

-- ---- one core -----------------------------------------------------------------------------------

--- Looks at the registers; opens nothing yet.
---@param ip table DefaultIP
function HLS:init(ip)
  local registers, parameters = ip.description.registers, ip.parameters
  local ctrl = registers.CTRL
  self.fullpath, self.device, self.mmio = ip.fullpath, ip.device, ip.mmio
  self.description = ip.description
  self.controlled = ctrl ~= nil and ctrl.address_offset == CTRL
  self.chain = self.controlled and ctrl.fields and ctrl.fields.AP_CONTINUE ~= nil or false
  self.address_width = address_width(parameters) or false
  self.arguments = arguments(registers, self.address_width)
  self.engine, self.run, self.ranges = false, false, false
end

--- Text such as "adder(u32 a, u32 b) -> u32 c".
function HLS:signature()
  local inputs, outputs = {}, {}
  for _, a in ipairs(self.arguments) do
    local kind = a.memory and "memory" or a.pointer and "void *" or ("u%d "):format(a.width)
    local text = a.memory and ("u32 %s[%d]"):format(a.name, a.bytes // 4) or kind .. a.name
    table.insert(a.output and outputs or inputs, text)
  end
  return ("%s(%s)%s"):format(self.fullpath:match "[^/]*$", table.concat(inputs, ", "),
                             #outputs > 0 and " -> " .. table.concat(outputs, ", ") or "")
end

local function find(self, name)
  local names = {}
  for _, a in ipairs(self.arguments) do
    if a.name == name then return a end
    names[#names + 1] = a.name
  end
  errors.raise("attribute", "%s has no argument %s%s", self.fullpath, tostring(name), nearest.hint(name, names))
end

local function inputs(self)
  local list = {}
  for _, a in ipairs(self.arguments) do
    if a.input then list[#list + 1] = a end
  end
  return list
end

local function is_buffer(value) return type(value) == "userdata" and getmetatable(value) == "lunq.Buffer" end

--- Argument -> value. Scalars must all be there; a memory that is left out stays as it is.
local function match(self, given)
  local list, values, first = inputs(self), {}, given[1]
  if given.n == 1 and type(first) == "table" and getmetatable(first) == nil and #first == 0 then
    for name, value in pairs(first) do
      local a = find(self, name)
      if not a.input then errors.raise("value", "%s: %s is an output", self.fullpath, name) end
      values[a] = value
    end
  else
    if given.n > #list then
      errors.raise("type", "%s takes %d arguments, not %d: %s", self.fullpath, #list, given.n, self:signature())
    end
    for i, a in ipairs(list) do values[a] = given[i] end
  end
  for _, a in ipairs(list) do
    if values[a] == nil and not a.memory then
      errors.raise("type", "%s: argument %s is missing: %s", self.fullpath, a.name, self:signature())
    end
  end
  return values
end

-- ---- values -------------------------------------------------------------------------------------

local function check_number(self, a, value)
  local n = math.tointeger(value)
  if type(value) ~= "number" or not n then
    errors.raise("type", "%s: argument %s should be a whole number%s, not %s", self.fullpath, a.name,
                 a.pointer and " or a buffer" or "", type(value) == "number" and value or type(value))
  end
  if a.width < 64 and (n < -(1 << (a.width - 1)) or n >= 1 << a.width) then
    errors.raise("value", "%s: %d does not fit the %d bits of argument %s", self.fullpath, n, a.width, a.name)
  end
  return a.width < 64 and n & ((1 << a.width) - 1) or n
end

local function check_reach(self, a, address, nbytes)
  local width = math.min(a.width, self.address_width)
  if width < 63 and address + nbytes > 1 << width then
    errors.raise("value", "%s: the buffer for %s ends at %#x, beyond the %d bits of its address", self.fullpath,
                 a.name, address + nbytes - 1, width)
  end
  self.ranges = self.ranges or reachable(self.description)
  for _, range in ipairs(self.ranges) do
    if address >= range.base and address + nbytes <= range.base + range.size then return end
  end
  if #self.ranges > 0 then
    errors.raise("value", "%s: the buffer for %s at %#x is outside what the core reaches; allocate it in another "
                 .. "bank (option target)", self.fullpath, a.name, address)
  end
end

--- The memory is held first: the address must not change hands while the core has it.
local function hold_buffer(self, a, buffer, holds)
  if not self.address_width or a.width < 32 then
    errors.raise("type", "%s: argument %s is a number, not an address: the core has no m_axi port for it",
                 self.fullpath, a.name)
  end
  local hold = self.engine:hold(buffer)
  holds[#holds + 1] = hold
  check_reach(self, a, hold:address(), hold:nbytes())
  hold:sync_to_device()
  return hold:address()
end

--- What is written into a memory: a string of whole words.
local function memory_bytes(self, a, value)
  if type(value) == "table" then
    local words = {}
    for i, n in ipairs(value) do
      words[i] = ("<I4"):pack(check_number(self, { name = ("%s[%d]"):format(a.name, i), width = 32 }, n))
    end
    value = table.concat(words)
  elseif type(value) ~= "string" then
    errors.raise("type", "%s: memory %s takes a list of words or a string, not %s", self.fullpath, a.name,
                 type(value))
  end
  value = value .. ("\0"):rep(-#value % 4)
  if #value > (a.bytes + 3) // 4 * 4 then
    errors.raise("value", "%s: memory %s has %d bytes, not %d", self.fullpath, a.name, a.bytes, #value)
  end
  return value
end

--- Everything is checked before the first register is written.
local function prepare(self, values, holds)
  local ready = {}
  for _, a in ipairs(inputs(self)) do
    local value = values[a]
    if value ~= nil then
      if a.memory then value = memory_bytes(self, a, value)
      elseif is_buffer(value) then value = hold_buffer(self, a, value, holds)
      else value = check_number(self, a, value) end
      ready[#ready + 1] = { a, value }
    end
  end
  return ready
end

local function write_arguments(self, ready)
  for _, entry in ipairs(ready) do
    local a, value = entry[1], entry[2]
    if a.memory then
      if #value > 0 then self.mmio:write(a.offset, value) end
    else
      self.mmio:write(a.offset, value & 0xffffffff)
      if a.width == 64 then self.mmio:write(a.offset + 4, value >> 32) end
    end
  end
end

--- The outputs as they stand, in the order of the signature.
local function outputs(self)
  local list, n = {}, 0
  for _, a in ipairs(self.arguments) do
    if a.output then
      local value = self.mmio:read(a.offset)
      if a.width == 64 then
        value = value | self.mmio:read(a.offset + 4) << 32
      elseif a.width < 32 then
        value = value & ((1 << a.width) - 1)
      end
      n = n + 1
      list[n] = value
    end
  end
  list.n = n
  return list
end

-- ---- runs ---------------------------------------------------------------------------------------

local Run = Class:extend { __name = "lunq.HLSRun", results = false }

--- The core is done: results are taken before the next start can overwrite them.
local function finish(run)
  local core = run.core
  run.results = outputs(core)
  if core.chain then core.mmio:write(CTRL, AP_CONTINUE) end
  for _, hold in ipairs(run.holds) do
    hold:sync_from_device()
    core.engine:release(hold)
  end
  run.holds = {}
  if core.run == run then core.run = false end
end

--- ap_ctrl_chain keeps AP_DONE until AP_CONTINUE. With ap_ctrl_hs any reader of CTRL takes AP_DONE
--- away; AP_IDLE stays.
local function end_bit(core) return core.chain and AP_DONE or AP_IDLE end

--- True when the core is done, without waiting.
function Run:done()
  if not self.results and self.core.mmio:read(CTRL) & end_bit(self.core) ~= 0 then finish(self) end
  return self.results ~= false
end

--- Waits until the core is done. May be repeated.
---@param timeout? number seconds, lunq.time_limit when not said, math.huge: no limit
---@return integer ... outputs in the order of the signature
--- Raises `timeout`; the core goes on, and its buffers stay held.
function Run:wait(timeout)
  local core = self.core
  if not self.results then
    local left, seconds = waiting.limit(core.device, timeout)
    local bit = end_bit(core)
    waiting.word(core.mmio, CTRL, bit, bit, left(), function(e)
      return ("%s is not done after %s: %s. A core waits for ever when a stream has no data or no room, or "
              .. "when an address it got does not answer."):format(core.fullpath, waiting.time_text(seconds),
                                                                   tostring(e))
    end)
    finish(self)
  end
  return table.unpack(self.results, 1, self.results.n)
end

function Run:__tostring()
  return ("HLSRun of %s (%s)"):format(self.core.fullpath, self.results and "done" or "running")
end

--- An HLS core can't be aborted: it is asked not to start again, and has a second to finish.
local function stop(mmio)
  mmio:write(CTRL, 0)
  mmio:poll(CTRL, AP_IDLE, AP_IDLE, STOP_SECONDS)
end

local function check_free(self)
  if self.run and not self.run:done() then
    errors.raise("runtime", "%s is busy: wait for the run that was started before", self.fullpath)
  end
  if self.mmio:read(CTRL) & AP_IDLE == 0 then
    errors.raise("runtime", "%s is busy: it was started through its registers, or restarts by itself "
                 .. "(AUTO_RESTART)", self.fullpath)
  end
end

--- Writes the arguments and starts the core.
---@return table run wait([timeout]), done()
--- Raises `type`, `value`, `attribute` for wrong arguments before anything is written, `runtime` when
--- the core is busy.
function HLS:start(...)
  local values = match(self, table.pack(...))
  local run = Class.make(Run, { core = self, holds = {} })
  if self.controlled then check_free(self) end
  self.engine = self.engine or Engine.open(self.description, self.controlled and stop or function() end)
  local ok, failure = pcall(function() write_arguments(self, prepare(self, values, run.holds)) end)
  if not ok then
    for _, hold in ipairs(run.holds) do self.engine:release(hold) end
    error(failure, 0)
  end
  if self.controlled then
    self.run = run
    self.mmio:write(CTRL, AP_START)
  else
    run.results = outputs(self) -- ap_ctrl_none: it always runs, and nothing says when it is done
  end
  return run
end

--- Reads a memory of the core.
---@return integer[] words
function HLS:array(name)
  local a = find(self, name)
  if not a.memory then errors.raise("type", "%s: %s is no memory", self.fullpath, name) end
  return self.mmio:read_block(a.offset, (a.bytes + 3) // 4)
end

--- Lets go of buffers when the core has ended, see Engine.
function HLS:finish() if self.engine then self.engine:finish() end end
function HLS:close() if self.engine then self.engine:close() end end

-- ---- what an IP gets ----------------------------------------------------------------------------

local function core_of(ip)
  local core = rawget(ip, "_hls")
  if not core then
    core = HLS(ip)
    rawset(ip, "_hls", core)
  end
  return core
end

--- What `ip.NAME` is for an HLS core.
HLS.members = {
  call = function(ip, ...) return core_of(ip):start(...):wait() end,
  start = function(ip, ...) return core_of(ip):start(...) end,
  array = function(ip, name) return core_of(ip):array(name) end,
}

--- The member of an IP called `name`: call, start, array, signature; nil when it has none.
function HLS.member(ip, name)
  if name == "signature" then return core_of(ip):signature() end
  return HLS.members[name]
end

return HLS
