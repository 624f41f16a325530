--- VHDL as Verilog, by GHDL's synthesis: for designs in both languages, and for VHDL at the speed of Verilator.
-- What comes out is a netlist of registers and expressions: one entity for each set of generics, which are fixed; of
-- reports, assertions and delays nothing is left, and bits have two states.
local cache = require "lunq.rtl.cache"
local errors = require "lunq.errors"
local loader = require "lunq.loader"
local modules = require "lunq.rtl.modules"
local reader = require "lunq.rtl.ghdl_reader"
local vhdl = require "lunq.rtl.vhdl"

local synth = {}

-- ---- what GHDL 2.0 writes -----------------------------------------------------------------------

--- A value of the VHDL it writes as Verilog; nil: it has another form.
local function verilog_value(text)
  local function bits(s) return ("%d'b%s"):format(#s, s:gsub("[U%-W]", "x"):gsub("H", "1"):gsub("L", "0")) end
  local width, fill = text:match "^%((%d+) downto 0 => '(.)'%)$"
  if width then return bits(fill:rep(math.tointeger(width) + 1)) end
  local one, many, hex = text:match "^'(.)'$", text:match '^"([%w-]+)"$', text:match '^X"(%x+)"$'
  if one or many then return bits(one or many) end
  if hex then return ("%d'h%s"):format(4 * #hex, hex) end
  return text:match "^[%a_][%w_]*$" and text:gsub("^wrap_", "") or nil -- a port of the top
end

--- The choices for `others`: { [module] = { [signal] = value } } of the VHDL that GHDL makes of the same netlist.
local function others(text)
  local all, module, target = {}, nil, nil
  for line in text:gmatch "[^\n]+" do
    module = line:match "^architecture %S+ of (%S+) is" or module
    target = line:match "^  with .- select (%S+) <=" or target
    local value = line:match "^    (.-) when others;"
    if module and target and value then
      all[module] = all[module] or {}
      all[module][target] = verilog_value(value)
      target = nil
    end
  end
  return all
end

--- One block of a choice as Verilog means it: blocking, and with what is chosen otherwise, which GHDL 2.0 leaves out.
local function complete_case(block, values, o)
  local target
  block = block:gsub("(\n%s+[^\n:]+: )(%S+) <= ", function(choice, name)
    target = name
    return choice .. name .. " = "
  end)
  if block:find "\n%s+default:" then return block end
  local value = target and values and values[target]
  if not value then
    errors.raise("unsupported", "GHDL's Verilog of %s lacks what is chosen otherwise for %s: only GHDL can simulate it "
                 .. "(--simulator ghdl)", o.top, target or "a case")
  end
  return ("%s      default: %s = %s;\n"):format(block, target, value)
end

--- Mends what GHDL 2.0 writes, module by module.
local function mend(text, choices, o)
  return (text:gsub("(module ([%w_]+).-\nendmodule)", function(whole, name)
    return (whole:gsub("(  always @%*\n    case .-)(    endcase)", function(block, ending)
      return complete_case(block, choices[name], o) .. ending
    end):gsub("\n  (%S+) <= std_logic_vector%(abs %$signed%((%S+)%)%);", function(target, from)
      return ("\n  assign %s = $signed(%s) < 0 ? -%s : %s;"):format(target, from, from, from)
    end):gsub("(\n  initial\n    %S+) <= ", "%1 = "))
  end))
end

-- ---- entities -----------------------------------------------------------------------------------

--- Names of the entities in all VHDL files: { [lower case] = as written }.
local function entities(o)
  local names = {}
  for _, unit in ipairs(o.units) do
    for _, name in ipairs(vhdl.names(unit.path)) do names[name:lower()] = name end
  end
  return names
end

--- The entities that become modules by themselves: the top, or those the Verilog names.
local function wanted(o, known)
  if o.vhdl_top then return { o.top } end
  local list, seen = {}, {}
  for _, path in ipairs(o.sources) do
    for word in loader.read(path):gsub("//[^\n]*", ""):gmatch "[%a_][%w_$]*" do
      local name = known[word:lower()]
      if name and not seen[name] then list[#list + 1] = name end
      seen[name or ""] = true
    end
  end
  return list
end

--- Modules in the order they stand in, without empty ones that stand for what has no entity: Verilog has them, under
--- the name it writes.
local function take_modules(text, into, known, spelled)
  for whole, name in text:gmatch "(module ([%w_]+).-\nendmodule\n?)" do
    if not into[name] and (known[name:lower()] or not whole:find "^module [%w_]+[^;]*;\nendmodule") then
      into[name] = true
      into[#into + 1] = whole:gsub("%f[%w_$][%a_][%w_$]*", spelled)
    end
  end
end

--- How Verilog writes the modules it defines, by the other way a component may be written.
local function spellings(o)
  local by_lower = {}
  for _, path in ipairs(o.sources) do
    for _, name in ipairs(modules.names(path)) do by_lower[name:lower()] = name end
  end
  return function(word)
    local name = by_lower[word:lower()]
    return name ~= word and name or nil
  end
end

local function convert(o, entity, folder, here)
  local function call(form)
    local words = reader.words(o, "--synth", "--out=" .. form, "--no-formal")
    for _, p in ipairs(o.vhdl_top and o.parameters or {}) do words[#words + 1] = ("-g%s=%s"):format(p.name, p.value) end
    reader.add_units(words, reader.order(o, entity, folder, here), "./")
    words[#words + 1] = "-e"
    words[#words + 1] = entity
    local ok, said = pcall(reader.call, o, folder, here, words)
    if not ok and said.kind == "value" then
      errors.raise("value", "%s\nThis was the way to Verilog, for %s; GHDL simulates more (--simulator ghdl, VHDL "
                   .. "alone)", said, o.simulator)
    end
    return ok and said or error(said, 0)
  end
  return mend(call "verilog", others(call "vhdl"), o)
end

--- Whether a build has VHDL that its simulator doesn't read.
---@param o table checked options
---@return boolean
function synth.is_needed(o) return #o.units > 0 and o.simulator ~= "ghdl" end

--- The version of GHDL: it is part of the keys of the cache.
---@return string
function synth.version() return select(2, reader.version()) end

--- The files of a model, with the VHDL in place of the Verilog that was made of it.
---@param o table of synth.convert, or others
---@param files string[] that a simulator has read
---@return string[]
function synth.files(o, files)
  if not o.converted then return files end
  local list = {}
  for _, path in ipairs(files) do
    if path ~= o.converted then list[#list + 1] = path end
  end
  for _, unit in ipairs(o.units) do list[#list + 1] = unit.path end
  return list
end

--- Converts the VHDL of a build.
---@param o table checked options, with units
---@param folder string of the build, where the Verilog is written
---@param here string the folder the program runs in, for messages
---@return table o the same with Verilog only; generics of a top in VHDL are set
--- Raises `value` with GHDL's complaints, `unsupported` without GHDL, and for what can't be converted.
function synth.convert(o, folder, here)
  local known, list, spelled = entities(o), {}, spellings(o)
  reader.import(o, folder, here)
  for _, entity in ipairs(wanted(o, known)) do
    take_modules(convert(o, entity, folder, here), list, known, spelled)
  end
  local path, top = folder .. "/vhdl.v", o.top
  cache.write(path, table.concat(list, "\n"))
  for name in pairs(list) do
    if o.vhdl_top and type(name) == "string" and name:lower() == o.top:lower() then top = name end
  end
  local sources = table.move(o.sources, 1, #o.sources, 1, {})
  sources[#sources + 1] = path
  return setmetatable({ sources = sources, top = top, parameters = o.vhdl_top and {} or o.parameters,
                        converted = path }, { __index = o })
end

return synth
