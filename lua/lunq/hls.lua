--- HLS: calling a core of Vitis HLS like a function, for every IP whose registers are a control block
-- with arguments. DefaultIP offers these names for such IP, so a driver made from it has them too, and
-- its own method of the same name wins.
--
--   ol.adder:call(3, 4)                         --> 7    inputs in the order of ip.signature
--   ol.adder:call { a = 3, b = 4 }              --> 7    or by name
--   local run = ol.scale:start(src, dst, 1024)  -- buffers are held until the core is done; see hls/run.lua
--   run:wait(0.5)                               -- seconds; then gives what call gives
--   local run = ol.scale:auto_restart(src, dst) -- starts again by itself, until run:stop()
--   print(ol.adder.signature)                   --> void adder(unsigned int a, unsigned int b, unsigned int &c)
--   ol.lut:call { rows = 2, lut = { 1, 2, 3 } } -- arrays: a list, lunq.array or a string of bytes
--   ol.lut:array "lut"                          --> list of elements
--   ol.adder.args.a                             --> { name = "a", index = 1, type = "unsigned int" }
--
-- The metadata has no C types: without help numbers are unsigned and arrays are 32-bit words. A driver
-- class, or a script before its first call, says what the function looks like in C:
--   ol.scale.signature = "void scale(const float *src, float *dst, int n, float factor)"
--
-- A wait sleeps until the core's interrupt where the design wires it and no one else has enabled it, see
-- hls/completion.lua.
--
-- Rules: registers.md section 15 (UG1399), pynq-behaviour.md B15.
local Class = require "lunq.class"
local Engine = require "lunq.engine"
local arguments = require "lunq.hls.arguments"
local completion = require "lunq.hls.completion"
local control = require "lunq.hls.control"
local Run = require "lunq.hls.run"
local errors = require "lunq.errors"
local warnings = require "lunq.warnings"
local values = require "lunq.hls.values"

local HLS = Class:extend { __name = "lunq.HLS", told = false }

--- Looks at the registers; opens nothing yet.
---@param ip table DefaultIP
---@param prototype? string C prototype
--- Raises `value` when that does not fit.
function HLS:init(ip, prototype)
  local registers, parameters = ip.description.registers, ip.parameters
  local ctrl = registers.CTRL
  self.fullpath, self.device, self.mmio = ip.fullpath, ip.device, ip.mmio
  self.description, self.prototype = ip.description, prototype or false
  self.controlled = ctrl ~= nil and ctrl.address_offset == 0
  self.chain = self.controlled and ctrl.fields and ctrl.fields.AP_CONTINUE ~= nil or false
  self.address_width = arguments.address_width(parameters) or false
  self.arguments = arguments.list(ip.fullpath, registers, parameters, prototype)
  self.inputs, self.outputs = {}, {}
  for _, a in ipairs(self.arguments) do
    if a.input then
      table.insert(self.inputs, a)
      a.nth = #self.inputs
    end
    if a.output then table.insert(self.outputs, a) end
  end
  self.engine, self.run, self.seen = false, false, false
  self.source = completion.source(self, ip)
end

--- What the C function looks like.
---@return string
function HLS:signature()
  local name = (self.description.type or ""):match "^[^:]*:[^:]*:([^:]+)" or self.fullpath:match "[^/]*$"
  return self.prototype or arguments.signature(name, self.arguments)
end

--- The arguments by name, as PYNQ's `args`.
---@return table<string, table> name, index (from 1), type
function HLS:args()
  local args = {}
  for i, a in ipairs(self.arguments) do
    args[a.name] = { name = a.name, index = i, type = arguments.type_text(a) }
  end
  return args
end

--- Memory the core's m_axi ports reach, as the design says it; an empty list when it doesn't.
function HLS:masters()
  local overlay = self.description.overlay
  return overlay and overlay.design:dictionaries().masters[self.description.fullpath] or {}
end

--- The streams of the core, for messages.
---@return table[] list of { port, other, input }, the inputs first
function HLS:streams()
  local overlay, list = self.description.overlay, {}
  for _, s in ipairs(overlay and overlay.design:dictionaries().streams or {}) do
    local from, to = s.master or "", s.slave or ""
    local prefix = self.fullpath .. "/"
    if to:sub(1, #prefix) == prefix then
      list[#list + 1] = { port = to:sub(#prefix + 1), other = from, input = true }
    elseif from:sub(1, #prefix) == prefix then
      list[#list + 1] = { port = from:sub(#prefix + 1), other = to, input = false }
    end
  end
  table.sort(list, function(a, b)
    if a.input ~= b.input then return a.input end
    return a.port < b.port
  end)
  return list
end

-- ---- starting -----------------------------------------------------------------------------------

local function check_free(self)
  if self.run and not self.run:done() then
    errors.raise("runtime", "%s is busy: wait for the run that was started before%s", self.fullpath,
                 self.run.restarts and ", or end it with stop" or "")
  end
  control.check_free(self)
end

local function release(self, holds)
  for _, h in ipairs(holds) do self.engine:release(h.hold) end
end

local function write_arguments(self, found, holds)
  values.prepare(self, found, holds)
  values.write(self, found)
  values.valid(self) -- what is valid from now on, this run has written
end

--- A core of a simulated device that nobody wrote a model for starts and ends, and its results are 0: said
--- once, for that looks like a mistake of the driver.
local function say_no_model(self)
  local device = self.description.device
  self.told = true
  if device.kind ~= "sim" then return end
  local ok, models = pcall(device.models, device) -- not while it is recorded
  if not ok or models[self.fullpath] ~= "HLS core (C)" then return end
  warnings.warn("user", "%s computes nothing: the simulated device has no model of %s. It is written like the C "
                .. "function, in models/NAME.lua beside the design: docs/guide.md, The first model.", self.fullpath,
                self.description.type)
end

--- Checks everything, writes the arguments, and starts.
local function begin(self, restarts, ...)
  if not self.told then say_no_model(self) end
  local found, holds = values.match(self, table.pack(...)), {}
  if self.controlled then check_free(self) end
  self.engine = self.engine or Engine.open(self.description, control.stop(self))
  local ok, failure = pcall(write_arguments, self, found, holds)
  if not ok then
    release(self, holds)
    error(failure, 0)
  end
  local run = Run.begin(self, holds, restarts)
  if self.controlled then
    self.run = run
    control.start(self, restarts)
  else
    run:finish() -- ap_ctrl_none: it always runs, and nothing says when it is done
  end
  return run
end

--- Writes the arguments and starts the core.
---@return HLSRun run
--- Raises `type`, `value`, `attribute` for wrong arguments before anything is written, `runtime` when
--- the core is busy.
function HLS:start(...) return begin(self, false, ...) end

--- The same with AUTO_RESTART: the core starts again whenever it is done, until the run's stop.
---@return HLSRun run
--- Raises also `unsupported` when the core has no control register (it always runs then).
function HLS:auto_restart(...)
  if not self.controlled then
    errors.raise("unsupported", "%s has no control register (ap_ctrl_none): it always runs", self.fullpath)
  end
  return begin(self, true, ...)
end

--- Lets go of buffers when the core has ended, see Engine.
function HLS:finish() if self.engine then self.engine:finish() end end
function HLS:close() if self.engine then self.engine:close() end end

-- ---- what an IP gets ----------------------------------------------------------------------------

--- A class or a script may have said what the C function looks like.
local function declared(ip)
  local own = rawget(ip, "signature")
  if own ~= nil then return own end
  return getmetatable(ip).signature
end

--- The core of an IP. Another prototype than before makes it anew, when it does not run.
local function core_of(ip)
  if type(ip) ~= "table" or rawget(ip, "description") == nil then
    errors.raise("type", "call and start are methods of an IP: ip:call(...), with a colon")
  end
  local core, prototype = rawget(ip, "_hls"), declared(ip)
  if core and core.prototype == (prototype or false) then return core end
  if core and core.run and not core.run:done() then
    errors.raise("runtime", "%s is busy: its signature can be changed when it is done", ip.fullpath)
  end
  local fresh = HLS(ip, prototype)
  if core then core:close() end
  rawset(ip, "_hls", fresh)
  return fresh
end

--- Fields of an IP that are worked out when they are read.
local fields = {
  signature = function(ip) return core_of(ip):signature() end,
  args = function(ip) return core_of(ip):args() end,
}

local ip = {} -- what is added to an IP

--- Runs the core: writes the arguments, starts it and waits until it is done.
---@param ... any the inputs in the order of ip.signature, or one table of them by name
---@return any ... outputs in the order of ip.signature
--- Raises `type`, `value`, `attribute` for wrong arguments before anything is written, `runtime` when
--- the core is busy, `timeout` after lunq.time_limit.
function ip:call(...) return core_of(self):start(...):wait() end

--- Starts the core, and does not wait.
---@return HLSRun run wait([timeout]), done(), state, outputs, valid
--- Raises as `call`.
function ip:start(...) return core_of(self):start(...) end

--- Starts the core so that it starts again whenever it is done.
---@return HLSRun run stop([timeout]) ends that
--- Raises as `call`, and `unsupported` when the core has no control register.
function ip:auto_restart(...) return core_of(self):auto_restart(...) end

--- Reads an array of the core.
---@param name string
---@param count? integer elements; default: those of ip.signature
---@return any[] elements
function ip:array(name, count) return values.array(core_of(self), name, count) end

--- The member of an IP called `name`; nil when HLS cores have none. A method becomes the IP's own, so that it
--- is looked for once.
function HLS.member(object, name)
  if fields[name] then return fields[name](object) end
  rawset(object, name, ip[name])
  return ip[name]
end

return HLS
