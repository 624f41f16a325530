--- `lunq new driver` for an HLS core: the C function of the core as a method, and a test that calls it.
local arguments = require "lunq.hls.arguments"
local recognise = require "lunq.registers.hls".recognise
local text = require "lunq.new.text"

local hls = {}

local MOST_BY_POSITION <const> = 6
local WIDTH <const> = 96

local FIELDS <const> = [[
,
  -- The C function. The metadata has no types: write those of your source here (int, float *, short [8]).
  signature = $(signature)
]]

local METHOD <const> = [[
--- $(what)
$(params)---@param timeout? number seconds, default lunq.time_limit
$(returns)function $(class):run($(list), timeout)
  return self:start($(list)):wait(timeout)
end

]]

local METHOD_WITHOUT_INPUTS <const> = METHOD:gsub("%$%(list%), timeout", "timeout"):gsub("%$%(list%)", "")

local TEST <const> = [[

  it("$(title)", function()
$(buffers)    assert.equal($(n), select("#", ip:run($(values))))
  end)
]]

-- ---- the core -----------------------------------------------------------------------------------

--- Items separated by commas, in lines of limited length.
local function lines_of(items, indent)
  local out, line = {}, ""
  for i, item in ipairs(items) do
    local piece = item .. (i < #items and ", " or "")
    if line ~= "" and #line + #piece > WIDTH - indent then
      out[#out + 1] = line
      line = ""
    end
    line = line .. piece
  end
  out[#out + 1] = line
  return out
end

--- The prototype as a Lua expression of several lines when it is long.
local function signature_text(signature)
  local head, list, tail = signature:match "^(.-%()(.*)(%))$"
  local items = {}
  for item in (list .. ", "):gmatch "(.-), " do items[#items + 1] = item end
  items[1], items[#items] = head .. items[1], items[#items] .. tail
  if #items == 1 then items[1] = head .. list .. tail end
  local lines = lines_of(items, 16)
  for i, line in ipairs(lines) do lines[i] = text.quoted(line) end
  return table.concat(lines, "\n    .. ")
end

--- Names of parameters: identifiers, all different, none of them the method's own.
local function name_inputs(list)
  local used = { self = true, timeout = true }
  for _, a in ipairs(list) do
    local id, n = text.identifier(a.name), 1
    while used[id] do
      n = n + 1
      id = text.identifier(a.name) .. "_" .. n
    end
    used[id], a.id = true, id
  end
end

--- What the generated files need to know about a core.
---@param ip table entry of ip_dict
---@return table|nil core nil: no HLS core, or one whose names are no C
function hls.look(ip)
  local registers = ip.registers or {}
  if next(registers) == nil or not recognise(registers, ip.type) then return nil end
  local list = arguments.list(ip.fullpath, registers, ip.parameters or {})
  local name = ip.type:match "^[^:]*:[^:]*:([^:]+)" or ""
  local signature = arguments.signature(name, list)
  local fits, typed = pcall(arguments.list, ip.fullpath, registers, ip.parameters or {}, signature)
  if not fits or #list == 0 then return nil end
  local core = { signature = signature, inputs = {}, outputs = {},
                 always = not (registers.CTRL and registers.CTRL.address_offset == 0) }
  for _, a in ipairs(typed) do
    if a.input then table.insert(core.inputs, a) end
    if a.output then table.insert(core.outputs, a) end
  end
  name_inputs(core.inputs)
  core.by_name = #core.inputs > MOST_BY_POSITION
  return core
end

-- ---- the driver ---------------------------------------------------------------------------------

local function parameter_lines(core)
  if core.by_name then
    local names = {}
    for i, a in ipairs(core.inputs) do names[i] = a.name .. (i < #core.inputs and "," or "") end
    return text.wrap("---@param arguments table by name: ", "---   ", names) .. "\n"
  end
  local out = {}
  for _, a in ipairs(core.inputs) do
    local kind = a.pointer and "userdata buffer," or a.array and "any[] left out: stays as it is;" or "integer"
    out[#out + 1] = ("---@param %s%s %s %s\n"):format(a.id, a.array and "?" or "", kind,
                                                       text.line(arguments.type_text(a)))
  end
  return table.concat(out)
end

--- Fields and methods of the driver's class.
---@param core table from look
---@param class string
---@return string fields
---@return string methods
function hls.class(core, class)
  local names, returns = {}, {}
  for i, a in ipairs(core.inputs) do names[i] = a.id end
  for i, a in ipairs(core.outputs) do returns[i] = ("---@return integer %s\n"):format(text.line(a.name)) end
  local values = {
    class = class, params = parameter_lines(core), returns = table.concat(returns),
    list = core.by_name and "arguments" or table.concat(names, ", "),
    what = core.always and "Sets the arguments, and gives the outputs as they are: the core always runs."
           or "Runs the core and waits until it is done. For more, see self:start.",
  }
  return text.fill(FIELDS, { signature = signature_text(core.signature) }),
         text.fill(core.inputs[1] and METHOD or METHOD_WITHOUT_INPUTS, values)
end

-- ---- the spec -----------------------------------------------------------------------------------

--- A key in a table: plain where Lua allows it.
local function key(name) return text.identifier(name) == name and name or ("[%s]"):format(text.quoted(name)) end

local function value_of(a, i) return a.pointer and "buffer" or a.array and "nil" or tostring(i) end

local function has_pointer(core)
  for _, a in ipairs(core.inputs) do
    if a.pointer then return true end
  end
end

--- The test that calls the core; nothing when it does not end on the simulated device, as one waiting for
--- a stream does with a model beside the design.
---@param core table from look
---@param ip table DefaultIP
---@param device userdata
---@return string tests
function hls.tests(core, ip, device)
  local buffer = has_pointer(core) and require "lunq".allocate(16, "u4", { target = device })
  local given, shown = {}, {}
  for i, a in ipairs(core.inputs) do
    local value = a.pointer and buffer or not a.array and 1 or nil
    given[a.name] = value
    local shown_value = value_of(a, 1)
    shown[i] = core.by_name and ("%s = %s"):format(key(a.name), shown_value) or shown_value
  end
  local ended = pcall(function() ip:start(given):wait(0.1) end)
  if not ended then return "" end
  if buffer then buffer:close() end
  local shown_lines = lines_of(shown, 8)
  for i, line in ipairs(shown_lines) do shown_lines[i] = line:gsub(" $", "") end
  return text.fill(TEST, {
    title = core.always and "takes arguments" or "is called like its C function",
    buffers = buffer and '    local buffer <close> = lunq.allocate(16, "u4", { target = ol.device })\n' or "",
    n = tostring(#core.outputs),
    values = core.by_name and "{\n      " .. table.concat(shown_lines, "\n      ") .. "\n    }"
             or table.concat(shown, ", "),
  })
end

return hls
