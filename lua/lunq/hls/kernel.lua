--- Models of a card's kernels: a class made from lunq.Model with a method `kernel`, which gets the arguments
-- as the C function does.
--
--   lunq.model "vadd" {
--     kernel = function(self, a, b, c, n) for i = 1, n do c[i] = a[i] + b[i] end end,
--     duration = 5000,           -- ns; or function(self, a, b, c, n) return n * 2 end
--   }
--
--   numbers     typed as the design says
--   pointers    buffers on the card's memory, from the address passed to the end of the buffer there: elements,
--               slices and operations as of lunq.allocate. They are gone when the kernel is done.
--   streams     as in lunq.hls.model: s:read(n), s:write(list, last); the kernel waits in them
--
-- Nothing stands behind an address where no live buffer is, or one in a bank the argument is not connected to:
-- the run fails with DECERR, as on a card that answers. `call(self, a)` gets the same arguments by name.
local core_types = require "lunq.hls.types"
local errors = require "lunq.errors"

local kernel = {}

local DTYPES <const> = {
  signed = { [8] = "i1", [16] = "i2", [32] = "i4", [64] = "i8" },
  unsigned = { [8] = "u1", [16] = "u2", [32] = "u4", [64] = "u8" },
  float = { [32] = "f4", [64] = "f8" },
}

--- The elements of a buffer behind a pointer; bytes when its type is none of a buffer's.
local function dtype_of(ctype) return DTYPES[ctype.kind] and DTYPES[ctype.kind][ctype.bits] or "u1" end

--- A value the C side gives as bytes: a vector is a list of its elements.
local function decode(ctype, bytes)
  if ctype.kind ~= "vector" then return core_types.decode(ctype, bytes) end
  local list, size = {}, ctype.element.bits // 8
  for i = 1, ctype.count do list[i] = core_types.decode(ctype.element, bytes:sub((i - 1) * size + 1, i * size)) end
  return list
end

--- What the C side is to push, what is made of it here, and the arguments' names.
local function plan(unit)
  local arguments = require "lunq.kernel.arguments"
  local list, others, names, streams = {}, {}, {}, {}
  for i, a in ipairs(unit) do
    names[i] = a.name
    if a.kind == "stream" or a.kind == "local" then
      list[i] = { index = a.index, code = "stream" }
      if a.kind == "stream" then streams[#streams + 1] = a end
    else
      local argument = arguments.read(a)
      list[i] = arguments.packing_of(argument)
      if argument.pointer then list[i].dtype = dtype_of(argument.type) end
      if list[i].code == "other" then others[i] = argument.type end
    end
  end
  return list, others, names, streams
end

--- The streams as a prototype says them, for their types.
local function signature_of(unit, streams)
  local parts = {}
  for i, a in ipairs(streams) do
    parts[i] = ("%s &%s"):format(a.type:find "stream" and a.type:gsub("&", "") or "hls::stream<int>", a.name)
  end
  return ("void %s(%s)"):format(unit.kernel, table.concat(parts, ", "))
end

--- What a class has as `duration`: plans the end of a kernel that is done with its work.
---@return boolean|nil false: not done yet
local function last(model, ...)
  if type(model.duration) ~= "function" then return nil end
  local ns = model:duration(...)
  if math.type(ns) ~= "integer" or ns < 0 then
    errors.raise("type", "%s: duration should give a number of ns, not %s", model.fullpath, tostring(ns))
  end
  model:after(ns, function() model._core:done() end)
  return false
end

--- Calls `kernel`, or `call` with the arguments by name.
local function invoke(model, names, ...)
  if model.kernel then
    model:kernel(...)
  else
    local a = {}
    for i, name in ipairs(names) do a[name] = (select(i, ...)) end
    model:call(a)
  end
end

--- How the model of a compute unit computes; for lunq.hls.model.
---@param model table the object of the unit
---@param unit table as core.kernel_arguments describes it
---@return table state: invoke, and compute where no streams are waited for
function kernel.state(model, unit)
  local list, others, names, streams = plan(unit)
  local core = model._core
  core:plan(list)
  if math.type(model.duration) == "integer" then core:latency(model.duration) end
  local state = { arguments = {}, by_name = {}, controlled = unit.control ~= "ap_ctrl_none",
                  signature = model.signature or signature_of(unit, streams) }
  --- Those the C side leaves to us.
  local function complete(...)
    local values = table.pack(...)
    for i, ctype in pairs(others) do values[i] = decode(ctype, values[i]) end
    for _, s in ipairs(streams) do values[s.index + 1] = state.streams and state.streams[s.name] end
    return table.unpack(values, 1, #list)
  end
  local plain = next(others) == nil and #streams == 0
  local function run(...)
    invoke(model, names, ...)
    return last(model, ...)
  end
  function state.invoke()
    invoke(model, names, complete(core:arguments()))
    return { n = 0 }
  end
  if plain then
    function state.compute() return run(core:arguments()) end
  elseif #streams == 0 then
    function state.compute() return run(complete(core:arguments())) end
  end
  return state
end

return kernel
