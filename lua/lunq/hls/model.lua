--- Models of HLS cores as C functions: a class made from lunq.Model with a method `call`. The control
-- port (start, done, interrupts) is the C model's; `call` says what the core does.
--
--   local Scale = lunq.Model:extend { models = { "acme.com:hls:scale:1.0" },
--     signature = "void scale(const float *src, float *dst, int n, float factor)" }
--   function Scale:call(a)
--     for i = 1, a.n do a.dst[i] = a.src[i] * a.factor end
--   end
--
-- Its argument `a` has the arguments of the core by name, typed by the class's `signature` as in lunq.hls:
--   scalars        a.n; an output is what `call` returns (several in their order), or is set: a.sum = 7.
--                  What is neither returned nor set counts as not written (ap_vld). Integers wrap as in C
--   arrays         a.taps[i] reads and writes, #a.taps
--   pointers       a.src[i] reads and writes the device's memory, a.src.address. Without a signature: 32-bit
--                  words, when the core has an m_axi port and the argument 64 bits
--   streams        a.x:read(n) --> list, last     n elements, fewer when TLAST comes; without n: a packet;
--                  a.x:read_some(): one at least, and all that have arrived
--                  a.y:write(list or number, last)
-- Reading a stream waits for data and writing for room, as in hardware: the core is done when `call`
-- returns. A core without control register (ap_ctrl_none) begins again and again.
local arguments = require "lunq.hls.arguments"
local errors = require "lunq.errors"
local kernel = require "lunq.hls.kernel"
local nearest = require "lunq.nearest"
local prototype = require "lunq.hls.prototype"
local types = require "lunq.hls.types"

local hls_model = {}

local STREAM <const>, COMPUTE <const>, SENT <const> = 4, 16, 64 -- l_model.h

local function complain_about(model, name)
  return function(kind, text) errors.raise(kind, "%s: %s %s", model.fullpath, name, text) end
end

--- A value as the hardware would store it: integers wrap.
local function encode(ctype, value, complain)
  if math.type(value) == "integer" and (ctype.kind == "signed" or ctype.kind == "unsigned") then
    value = types.decode(ctype, ("<i8"):pack(value))
  end
  return types.encode(ctype, value, complain)
end

-- ---- arrays and pointers ------------------------------------------------------------------------

--- Elements 1 to n (nil: no end) of bytes that load(offset, n) and store(offset, bytes) reach.
local function elements(model, name, ctype, n, load, store, fields)
  local stride, complain = types.stride(ctype), complain_about(model, name)
  local function offset_of(i)
    if math.type(i) ~= "integer" or i < 1 or (n and i > n) then
      errors.raise("index", "%s: %s[%s] is outside its %s elements", model.fullpath, name, tostring(i), n or "")
    end
    return (i - 1) * stride
  end
  return setmetatable({}, {
    __index = function(_, i)
      if fields and fields[i] then return fields[i] end
      if i == (n or math.huge) + 1 then return nil end -- the end of ipairs
      return types.decode(ctype, load(offset_of(i), types.size(ctype)))
    end,
    __newindex = function(_, i, value)
      local bytes = encode(ctype, value, complain)
      store(offset_of(i), bytes .. ("\0"):rep(stride - #bytes))
    end,
    __len = function() return n or errors.raise("type", "%s: nobody knows how long %s is", model.fullpath, name) end,
  })
end

local function array(model, a)
  return elements(model, a.name, a.type, a.count or a.bytes // types.stride(a.type),
                  function(offset, n) return model:load(a.offset + offset, n) end,
                  function(offset, bytes) model:store(a.offset + offset, bytes) end)
end

local function word(model, offset, words, ctype) return types.decode(ctype, model:load(offset, 4 * words)) end

local ADDRESS <const> = types.of_width(64)

local function pointer(model, a)
  local address = word(model, a.offset, a.words, a.words == 2 and ADDRESS or types.of_width(32))
  return elements(model, a.name, a.pointer == true and a.type.bits > 0 and a.type or types.of_width(32), nil,
                  function(offset, n) return model:memory_read(address + offset, n) end,
                  function(offset, bytes) model:memory_write(address + offset, bytes) end, { address = address })
end

-- ---- streams ------------------------------------------------------------------------------------

local Input, Output = {}, {}
Input.__index, Output.__index = Input, Output

--- Lets the core wait until ready() is true.
local function wait_for(self, ready)
  self.model._call.used = true
  if ready(self) then return end
  self.model._call.waits = self
  self.ready = ready
  coroutine.yield(self.model)
  self.model._call.waits = nil
end

local function waiting_bytes(self) return #self.bytes - self.at end

--- Takes whole elements out of what has arrived, and says whether they end a packet.
local function take_elements(self, n)
  local stride, list = types.stride(self.type), {}
  local bytes = self.bytes:sub(self.at + 1, self.at + n * stride)
  self.at = self.at + #bytes
  local last = self.last and waiting_bytes(self) == 0
  if last then self.last = false end
  bytes = bytes .. ("\0"):rep(-#bytes % stride) -- a packet may end within an element
  for i = 1, #bytes // stride do list[i] = types.decode(self.type, bytes:sub((i - 1) * stride + 1, i * stride)) end
  return list, last
end

local function elements_there(self)
  local stride = types.stride(self.type)
  return (waiting_bytes(self) + stride - 1) // stride
end

--- Waits for n elements, or for a whole packet.
function Input:read(n)
  if n ~= nil and (math.type(n) ~= "integer" or n < 1) then
    errors.raise("value", "%s: %s:read takes a number of elements, not %s", self.model.fullpath, self.port, tostring(n))
  end
  local size = n and n * types.stride(self.type)
  wait_for(self, function(s) return s.last or (size ~= nil and waiting_bytes(s) >= size) end)
  return take_elements(self, math.min(n or math.maxinteger, elements_there(self)))
end

--- Waits for an element at least, and gives all that have arrived.
function Input:read_some()
  local stride = types.stride(self.type)
  wait_for(self, function(s) return s.last or waiting_bytes(s) >= stride end)
  return take_elements(self, self.last and elements_there(self) or waiting_bytes(self) // stride)
end

--- Data that arrives is taken when the core waits for it.
function Input:take(data, last)
  if self.last or self.model._call.waits ~= self or self.ready(self) then return false end
  self.bytes, self.at, self.last = self.bytes:sub(self.at + 1) .. data, 0, last
  return true
end

function Output:write(list, last)
  local stride, bytes = types.stride(self.type), {}
  for i, value in ipairs(type(list) == "table" and list or { list }) do
    local element = encode(self.type, value, complain_about(self.model, ("%s[%d]"):format(self.port, i)))
    bytes[i] = element .. ("\0"):rep(stride - #element)
  end
  self.model:send(self.port, table.concat(bytes), last)
  wait_for(self, function(s) return s.model:waiting(s.port) == 0 end)
end

local SUFFIXES <const> = { "", "_r", "_V" }

--- The type of a port's data, by the name it has in the prototype.
local function type_of_stream(streams, port)
  for _, suffix in ipairs(SUFFIXES) do
    local name = port:sub(-#suffix) == suffix and port:sub(1, -#suffix - 1) or port
    if streams[name] then return streams[name], name end
  end
  return types.of_width(32), port
end

local function streams_of(model, text)
  local declared, ports = text and prototype.parse(text).streams or {}, model:streams()
  local list = {}
  for _, port in ipairs(ports.inputs) do
    local ctype, name = type_of_stream(declared, port)
    list[name] = setmetatable({ model = model, port = port, type = ctype, bytes = "", at = 0, last = false }, Input)
  end
  for _, port in ipairs(ports.outputs) do
    local ctype, name = type_of_stream(declared, port)
    list[name] = setmetatable({ model = model, port = port, type = ctype }, Output)
  end
  return list
end

-- ---- one call -----------------------------------------------------------------------------------

local function set_output(model, state, a, value)
  local bytes = encode(a.type, value, complain_about(model, "output " .. a.name))
  model:store(a.result, bytes .. ("\0"):rep(4 * a.words - #bytes))
  state.written[a] = true
end

local function unknown(model, state, name)
  local names = {}
  for known in pairs(state.by_name) do names[#names + 1] = known end
  for known in pairs(state.streams) do names[#names + 1] = known end
  table.sort(names)
  errors.raise("attribute", "%s has no argument %s%s", model.fullpath, tostring(name), nearest.hint(name, names))
end

--- The arguments by name, as they are when they are asked for.
local function proxy(model, state)
  return setmetatable({}, {
    __index = function(t, name)
      local a = state.by_name[name]
      if not a then return state.streams[name] or unknown(model, state, name) end
      if a.array or a.pointer then
        local made = a.array and array(model, a) or pointer(model, a)
        rawset(t, name, made)
        return made
      end
      return word(model, a.input and a.offset or a.result, a.words, a.type)
    end,
    __newindex = function(_, name, value)
      local a = state.by_name[name] or unknown(model, state, name)
      if not a.output then errors.raise("type", "%s: %s is an input", model.fullpath, name) end
      set_output(model, state, a, value)
    end,
  })
end

local function take_results(model, state, results)
  local outputs = {}
  for _, a in ipairs(state.arguments) do
    if a.output then outputs[#outputs + 1] = a end
  end
  if results.n > #outputs then
    errors.raise("type", "%s: call returned %d values, the core has %d outputs", model.fullpath, results.n, #outputs)
  end
  for i, a in ipairs(outputs) do
    if results[i] ~= nil then set_output(model, state, a, results[i]) end
  end
  for _, a in ipairs(outputs) do
    if a.valid and not state.written[a] then model:store(a.valid, "\0") end
  end
end

local function begin(model, state)
  state.written = {}
  return state.invoke(model, state)
end

-- ---- cores with streams: a coroutine that waits -------------------------------------------------

local function loops(state) return not state.controlled end

--- Runs the core until it waits for a stream that can't go on, or is done.
---@return boolean done
local function advance(model)
  local state = model._call
  while true do
    local waits = state.waits
    if waits and not waits:ready() then
      if waits.bytes then model:ready(waits.port) end -- offered again, perhaps at once
      if not waits:ready() then return false end
    end
    local ok, result = coroutine.resume(state.thread, model, state)
    if not ok then
      local text, thread = tostring(result), state.thread
      state.thread, state.waits = nil, nil
      error(debug.traceback(thread, text), 0)
    elseif coroutine.status(state.thread) == "dead" then
      state.thread = nil
      take_results(model, state, result)
      if not loops(state) then return true end
      if not state.used then
        errors.raise("runtime", "%s: call neither read nor wrote a stream, and a core without control register "
                     .. "begins again at once", model.fullpath)
      end
      state.thread, state.used = coroutine.create(begin), false
    elseif result ~= model then
      errors.raise("runtime", "%s: a model can't wait or yield, use self:after(ns, function)", model.fullpath)
    end
  end
end

--- Data came or went: the core goes on in an event of its own.
local function go_on(model)
  local state = model._call
  if state.planned or not state.thread then return end
  state.planned = true
  model:after(1, function()
    state.planned = false
    if state.thread and advance(model) then model._core:done() end
  end)
end

local function start_thread(model)
  local state = model._call
  state.thread, state.waits, state.used = coroutine.create(begin), nil, false
  return advance(model)
end

local function by_port(state, port)
  for _, s in pairs(state.streams) do
    if s.port == port then return s end
  end
end

--- The streams by name: they are connected when all models of the design are there.
local function connect(model, state)
  state.streams = state.streams or streams_of(model, state.signature)
  return next(state.streams) ~= nil
end

--- Methods that keep the coroutine of a core with streams going.
local function attach_streams(model, state)
  function model:stream(port, data, last)
    local s = connect(self, state) and by_port(state, port)
    local taken = s and s:take(data, last)
    if taken and state.waits:ready() then go_on(self) end
    return taken or false
  end
  function model:sent() go_on(self) end
  function model:abandon() -- stopped: what it waits for stays where it is
    state.thread, state.waits = nil, nil
  end
  if not state.controlled then
    model:after(1, function() if connect(model, state) then start_thread(model) end end)
  end
end

--- A core whose arguments its registers tell.
local function of_registers(model)
  local registers = model._core:registers()
  local ctrl = registers.CTRL
  local state = { arguments = arguments.list(model.fullpath, registers, model.parameters, model.signature),
                  by_name = {}, signature = model.signature,
                  controlled = next(registers) == nil or ctrl ~= nil and ctrl.address_offset == 0 }
  for _, a in ipairs(state.arguments) do state.by_name[a.name] = a end
  if not model.call then
    errors.raise("unsupported", "%s is no kernel of a card: its model needs a method `call`, not `kernel`",
                 model.fullpath)
  end
  function state.invoke(m, s) return table.pack(m:call(proxy(m, s))) end -- no tail call: tracebacks name it
  return state
end

--- Makes a model's `call` or `kernel` what its core does. A class with a method for streams of its own keeps
--- it.
---@param model table the object of an IP
---@return integer overrides methods the simulator now calls, see l_model.h
--- Raises `value` when the class's signature does not fit the registers.
function hls_model.attach(model)
  local unit = model._core:unit()
  local own_streams = model.stream or model.packet
  local state = unit and kernel.state(model, unit) or of_registers(model)
  state.streams, state.written = own_streams and {}, {}
  model._call = state
  if state.compute then
    model.compute = state.compute
    return COMPUTE
  end
  function model:compute()
    if not connect(self, state) then return take_results(self, state, begin(self, state)) end
    return not state.controlled or start_thread(self)
  end
  if own_streams then return COMPUTE end
  attach_streams(model, state)
  return COMPUTE | STREAM | SENT
end

return hls_model
