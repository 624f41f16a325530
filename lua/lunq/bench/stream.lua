--- Sources, sinks and monitors of AXI4-Streams, for benches: lunq.bench.source, .sink and .monitor.
--
--   local source <close> = bench.source(ol.filter.fir, "x", { dtype = "i4", gaps = 0.3 })
--   local sink <close> = bench.sink(ol.filter.fir, "y", { dtype = "i4", stalls = 0.3 })
--   source:send { 1, 2, 3 }              -- a packet: TLAST comes with its last beat; returns at once
--   local packet = sink:receive()        -- waits: { 2, 4, 6 }
--   source:send { 1, 2, 3, dest = 2, id = 1, user = { 0, 0, 1 } }    -- TDEST, TID, TUSER (a number, or one a beat)
--   local packet, side = sink:receive()  -- packet.dest, .id, .user where they are not 0; side has all three then
--
-- A stream is named by the interface at either of its ends: an IP and a name, or "filter/fir/x"; a port of the
-- design by its own. A source stands in for the stream's master, a sink for its slave: what the design has there
-- gets nothing through until close(). A monitor looks on. Waits yield in tasks. Packets are strings, lists of
-- numbers or buffers. Facts of the stream (bytes of a beat, TKEEP, TLAST) come from the metadata.
local Class = require "lunq.class"
local core = require "lunq.core"
local errors = require "lunq.errors"
local nearest = require "lunq.nearest"

local DTYPES <const> = { [1] = "u1", [2] = "u2", [4] = "u4", [8] = "u8" }
local FORMS <const> = { table = true, string = true, array = true }

-- ---- options ------------------------------------------------------------------------------------

local function check_options(o, known, what)
  if type(o) ~= "table" then errors.raise("type", "the options of a %s should be a table, not %s", what, type(o)) end
  for name in pairs(o) do
    if not known[name] then
      local names = {}
      for k in pairs(known) do names[#names + 1] = k end
      table.sort(names)
      errors.raise("value", "a %s has no option %s%s", what, tostring(name), nearest.hint(tostring(name), names))
    end
  end
end

--- "filter/fir/x" and the device, out of what a bench says: a text, or an IP and an interface.
local function place(where, interface, o)
  if type(where) == "string" and (interface == nil or type(interface) == "table") then
    return where, (interface or o).device, interface or o
  end
  local path = type(where) == "table" and rawget(where, "fullpath")
  if not path or type(interface) ~= "string" then
    errors.raise("type", "a stream is named by a text, as in \"filter/fir/x\", or by an IP and an interface, "
                 .. "as in (ol.filter.fir, \"x\")")
  end
  return path .. "/" .. interface, o.device or where.device, o
end

--- The element type: as asked for, or as wide as a beat. What does not fit the beats is refused.
local function element_type(dtype, info)
  dtype = dtype or DTYPES[info.width]
  if not dtype then return nil end
  local size = core.array(1, dtype).itemsize
  if math.max(size, info.width) % math.min(size, info.width) ~= 0 then
    errors.raise("value", "%s has beats of %d bytes: elements of %d bytes (%s) would lie across them; use u1, "
                 .. "or strings", info.port, info.width, size, dtype)
  end
  return dtype, size
end

-- ---- packets ------------------------------------------------------------------------------------

--- The least and the greatest number of an integer type; nil: any number fits.
local function limits(dtype, size)
  local kind = core.array(1, dtype).dtype:sub(1, 1)
  if kind == "f" or size == 8 then return nil end
  if kind == "u" then return 0, (1 << 8 * size) - 1 end
  return -(1 << 8 * size - 1), (1 << 8 * size - 1) - 1
end

--- Numbers that would wrap are mistakes here, though arrays take them.
local function check_elements(self, list)
  local low, high = limits(self.dtype, self.size)
  for i, v in ipairs(list) do
    if low and (not math.tointeger(v) or v < low or v > high) then
      errors.raise("value", "%s: element %d is %s, and %s goes from %d to %d; dtype says what elements are", self.port,
                   i, tostring(v), self.dtype, low, high)
    end
  end
end

local function no_elements(self)
  errors.raise("value", "%s has beats of %d bytes: say what elements are, as in { dtype = \"u4\" }, or use strings",
               self.port, self.width)
end

--- A packet as bytes.
local function encode(self, packet)
  if type(packet) == "string" then return packet end
  if type(packet) == "table" and getmetatable(packet) == nil then
    if not self.dtype then no_elements(self) end
    check_elements(self, packet)
    return core.array(nil, self.dtype, packet):tobytes()
  end
  local ok, bytes = pcall(function() return packet:tobytes() end)
  if not ok or type(bytes) ~= "string" then
    errors.raise("type", "%s: a packet is a string, a list of numbers or a buffer, not %s", self.port, type(packet))
  end
  element_type(packet.dtype, { port = self.port, width = self.width })
  return bytes
end

--- TID, TDEST and TUSER of a packet: fields of a list of numbers, or of the options.
local function side_of(packet, o)
  local side = {}
  for _, name in ipairs { "id", "dest", "user" } do
    if type(packet) == "table" and getmetatable(packet) == nil then side[name] = packet[name] end
    if o and o[name] ~= nil then side[name] = o[name] end
  end
  return side
end

--- A list of numbers says what was beside it.
local function with_side(list, side)
  for name, value in pairs(side) do
    if value ~= 0 then list[name] = value end
  end
  return list
end

--- Bytes in the form that was asked for.
local function decode(self, bytes, side)
  if self.form == "string" then return bytes end
  if #bytes % self.size ~= 0 then
    errors.raise("check", "A packet of %d bytes came at %s: no whole number of elements of %d bytes (%s). "
                 .. "as = \"string\" takes it as it is.", #bytes, self.port, self.size, self.dtype)
  end
  local array = core.array(#bytes // self.size, self.dtype)
  array:frombytes(bytes)
  return self.form == "array" and array or with_side(array:totable(), side)
end

-- ---- what all ends have -------------------------------------------------------------------------

local End = Class:extend { __name = "lunq.bench.End", dtype = false, size = false, form = false }

local INFO <const> = { "bytes", "packets", "waiting", "count", "from", "to" }

local function names_of(self)
  local list, class = table.move(INFO, 1, #INFO, 1, {}), getmetatable(self)
  while class and class ~= Class do
    for name, value in pairs(class) do
      if type(value) == "function" and not name:find "^_" then list[#list + 1] = name end
    end
    class = getmetatable(class).__index
  end
  return list
end

--- Fields that change: bytes and packets that came through, count (packets that wait), waiting (bytes), from and
--- to (the ends of the stream in the design).
function End:missing(name)
  for _, known in ipairs(INFO) do
    if name == known then return self.axis:info()[name] end
  end
  errors.raise("attribute", "a %s has no %q%s", self.role, tostring(name), nearest.hint(tostring(name), names_of(self)))
end

--- Stops moving data, or goes on: pause(false).
---@param on? boolean
function End:pause(on)
  self.axis:pause(on ~= false)
  return self
end

--- Forgets the packets that wait; of one that a source has begun, the rest.
function End:clear()
  self.axis:clear()
  return self
end

--- Leaves the stream to whom the design has there. May be repeated.
function End:close() self.axis:close() end

End.__close = End.close

function End:__tostring() return ("%s of %s (%d-byte beats)"):format(self.role, self.port, self.width) end

--- Opens an end. pauses: what the option for them is called here.
local function open(class, role, pauses, known, where, interface, o)
  known.device, known.dtype, known.seed = true, true, pauses and true or nil
  if pauses then known[pauses] = true end
  o = o or {}
  check_options(type(interface) == "table" and interface or o, known, role)
  local port, device, options = place(where, interface, o)
  local share = pauses and options[pauses] or 0
  local axis = core.axis(device, role, port, {
    pauses = share, length = options.length, element = options.dtype and core.array(1, options.dtype).itemsize,
    seed = options.seed or pauses and share ~= 0 and math.random(0) or 0,
  })
  local self = Class.make(class, { axis = axis, role = role, port = port, width = axis:info().width })
  local ok, dtype, bytes = pcall(element_type, options.dtype, axis:info())
  if not ok then
    axis:close()
    error(dtype, 0)
  end
  self.dtype, self.size = dtype or false, bytes or false
  return self, options
end

-- ---- sources ------------------------------------------------------------------------------------

local Source = End:extend { __name = "lunq.bench.Source" }

--- Queues a packet and returns; it goes out as time passes.
---@param packet string|table|userdata bytes, a list of numbers, or a buffer
---@param o? table last = false: without TLAST, more of the packet follows; id, dest, user (a number, or a list of one
---  for each beat): TID, TDEST and TUSER, which fields of a list of numbers say as well
---@return table self
--- Raises `value` for numbers that don't fit, a last beat that is not full where there is no TKEEP, and another number
--- of users than of beats.
function Source:send(packet, o)
  if o ~= nil then check_options(o, { last = true, id = true, dest = true, user = true }, "send") end
  self.axis:put(encode(self, packet), o == nil or o.last ~= false, side_of(packet, o))
  return self
end

--- Waits until everything was taken.
---@param timeout? number seconds of the device; lunq.time_limit when nil
---@return table self
--- Raises `timeout` with what was not taken.
function Source:wait(timeout)
  self.axis:wait(timeout)
  return self
end

-- ---- sinks and monitors -------------------------------------------------------------------------

local Sink = End:extend { __name = "lunq.bench.Sink" }

--- The next packet; waits for it.
---@param timeout? number seconds of the device; lunq.time_limit when nil
---@return table|string|userdata packet a list of numbers, with id, dest and user where they are not 0; bytes, an array:
---  see `as`
---@return table? side { id, dest, user }, of its first beat; user is a list of one for each beat when it changes; nil
---  where all are 0
--- Raises `timeout` with what came.
function Sink:receive(timeout)
  self.axis:wait(timeout)
  local bytes, side = self.axis:get()
  if side.id == 0 and side.dest == 0 and side.user == 0 then return decode(self, bytes, {}) end
  return decode(self, bytes, side), side
end

--- Waits for all packets a scoreboard expects, compares them as they come, and checks that no other has come.
---@param scoreboard table see bench.scoreboard
---@param timeout? number seconds for each packet
--- Raises `check` at the first that differs, `timeout` when one does not come. Then what waits is forgotten, so that
--- the next comparison does not begin with what is left of this one.
function Sink:check(scoreboard, timeout)
  local ok, e = pcall(function()
    while scoreboard:missing() > 0 do scoreboard:actual((self:receive(timeout))) end
    while self.count > 0 do scoreboard:actual((self:receive())) end
    scoreboard:finish()
  end)
  if ok then return end
  self:clear()
  error(e, 0)
end

local function open_sink(role, pauses, where, interface, o)
  local self, options = open(Sink, role, pauses, { length = true, as = true }, where, interface, o)
  local form = options.as or self.dtype and "table" or "string"
  if not FORMS[form] then
    self:close()
    errors.raise("value", "as should be \"table\", \"string\" or \"array\", not %s", tostring(form))
  end
  if form ~= "string" and not self.dtype then
    self:close()
    no_elements(self)
  end
  self.form = form
  return self
end

local bench = {}

--- Opens a source: it feeds packets into an AXI4-Stream of the design, in place of its master. Options: dtype (of
--- numbers; as wide as a beat when nil), gaps (share of the beats without TVALID, 0 to below 1), seed (of the gaps;
--- from math.random when nil), device.
---@param where table|string an IP, or the whole name: "filter/fir/x"
---@param interface? string of the IP
---@param o? table options
---@return table source
--- Raises `value` when there is no such stream, `runtime` when it has a source, `unsupported` on devices whose
--- streams nobody can reach.
function bench.source(where, interface, o)
  return (open(Source, "source", "gaps", {}, where, interface, o))
end

--- Opens a sink: it takes packets out of a stream, in place of its slave. Options: dtype, stalls (share of the beats
--- without TREADY), seed, as ("table", "string" or "array"), length (elements of a packet, needed where there is no
--- TLAST), device.
---@param where table|string an IP, or the whole name: "filter/fir/y"
---@param interface? string of the IP
---@param o? table options
---@return table sink
function bench.sink(where, interface, o) return open_sink("sink", "stalls", where, interface, o) end

--- Opens a monitor: it sees what goes through a stream and changes nothing. Options: dtype, as, length, device.
---@param where table|string an IP, or the whole name
---@param interface? string of the IP
---@param o? table options
---@return table monitor receives as a sink does
function bench.monitor(where, interface, o) return open_sink("monitor", nil, where, interface, o) end

return bench
