--- Floating point of Vivado: what Vitis HLS and the IP catalogue leave to an IP without plain RTL. From a module's
--- name, or from what Vivado wrote about it, a module around stubs/lunq_floating_point.sv.
-- Names of HLS: NAME_fadd_32ns_32ns_32_5_full_dsp_1_ip (five steps, of which a register in front and one more are
-- outside: three are the IP's), before 2020 NAME_ap_fadd_3_full_dsp_32 (three of the IP's).
local floating = {}

--- Widths of a format by its letter: all bits, and those of the fraction with the hidden one.
local FORMATS <const> = { h = { 16, 11 }, f = { 32, 24 }, d = { 64, 53 } }

--- What follows the letter: parameters of the IP, number of operands, whether there is a channel that says which.
local ARITHMETIC <const> = {
  add = { "ADD", 2 }, sub = { "SUBTRACT", 2 }, addsub = { "ADD SUBTRACT", 2, true }, mul = { "MULTIPLY", 2 },
  div = { "DIVIDE", 2 }, sqrt = { "SQRT", 1 }, rsqrt = { "RECIP_SQRT", 1 }, recip = { "RECIP", 1 },
  exp = { "EXPONENTIAL", 1 }, log = { "LOGARITHM", 1 }, cmp = { "COMPARE", 2, true }, abs = { "ABSOLUTE", 1 },
}

local CONVERSIONS <const> = {
  fpext = { "f", "d" }, fptrunc = { "d", "f" }, hptosp = { "h", "f" }, sptohp = { "f", "h" }, hptodp = { "h", "d" },
  dptohp = { "d", "h" },
  sitohp = { "int", "h" }, sitofp = { "int", "f" }, sitodp = { "int", "d" }, uitohp = { "uint", "h" },
  uitofp = { "uint", "f" }, uitodp = { "uint", "d" },
}

local function bytes(bits) return (bits + 7) // 8 * 8 end

local function format(generics, side, f)
  generics["C_" .. side .. "_WIDTH"], generics["C_" .. side .. "_FRACTION_WIDTH"] = f[1], f[2]
  generics["C_" .. side .. "_TDATA_WIDTH"] = bytes(f[1])
end

local function arithmetic(letter, name)
  local op, f = ARITHMETIC[name], FORMATS[letter]
  if not op or not f then return nil end
  local g = { C_HAS_B = op[2] > 1 and 1 or 0, C_HAS_OPERATION = op[3] and 1 or 0 }
  for word in op[1]:gmatch "%S+" do g["C_HAS_" .. word] = 1 end
  format(g, "A", f)
  if op[2] > 1 then format(g, "B", f) end
  format(g, "RESULT", name == "cmp" and { 1, 0 } or f)
  return g
end

local function conversion(name, width)
  local kinds = CONVERSIONS[name]
  if not kinds then return nil end
  local g, from = {}, FORMATS[kinds[1]]
  g[from and "C_HAS_FLT_TO_FLT" or "C_HAS_FIX_TO_FLT"] = 1
  if kinds[1] == "uint" then g.C_FIXED_DATA_UNSIGNED = 1 end
  format(g, "A", from or { width, 0 })
  format(g, "RESULT", FORMATS[kinds[2]])
  return g
end

--- What a name of Vitis HLS says.
---@param name string
---@return table? generics of the IP; nil: it is no such name
function floating.from_name(name)
  local op, width, steps = name:match "_(%l+)_(%d+)n?s_[%dns_]-(%d+)_%l+_?dsp_"
  local latency = steps and math.max(0, tonumber(steps) - 2)
  if not op then
    op, latency, width = name:match "_ap_(%l+)_(%d+)_%l+_?dsp_?(%d*)"
    if not op then return nil end
  end
  local g = conversion(op, tonumber(width) or 32) or arithmetic(op:sub(1, 1), (op:sub(2):gsub("^add%lsub$", "addsub")))
  if not g then return nil end
  g.C_LATENCY = math.tointeger(latency)
  g.C_HAS_ACLKEN = g.C_LATENCY > 0 and 1 or 0
  return g
end

--- What the Tcl of HLS beside the Verilog says, over what the name says.
---@param generics table of floating.from_name
---@param text string
---@return table generics
function floating.over(generics, text)
  local latency = math.tointeger(tonumber(text:lower():match "config%.c_latency%s+{?(%d+)"))
  if latency then
    generics.C_LATENCY = latency
    generics.C_HAS_ACLKEN = text:lower():find "config%.has_aclken%s+{?true" and latency > 0 and 1 or 0
  end
  return generics
end

--- What the .xci of an IP says, in its older form (XML) or its newer one (JSON): the generics that are numbers.
---@param text string
---@return table? generics; nil: it is another IP's
function floating.from_xci(text)
  if not text:find "[%p]floating_point[%p]" then return nil end
  local g = {}
  for name, value in text:gmatch 'MODELPARAM_VALUE%.(C_[%u%d_]+)">(-?%d+)<' do g[name] = math.tointeger(value) end
  for name, value in text:gmatch '"(C_[%u%d_]+)"%s*:%s*%[%s*{%s*"value"%s*:%s*"(-?%d+)"' do
    g[name] = math.tointeger(value)
  end
  return next(g) and g or nil
end

--- Ports of the IP that this one has: Vivado leaves out what is not used.
local function ports(g)
  local list = {}
  local function add(condition, direction, name, width)
    if condition then list[#list + 1] = { direction = direction, name = name, width = width or 1 } end
  end
  local blocking = (g.C_THROTTLE_SCHEME or 3) ~= 3
  add(g.C_LATENCY > 0, "input", "aclk")
  add(g.C_HAS_ACLKEN == 1, "input", "aclken")
  add(g.C_HAS_ARESETN == 1, "input", "aresetn")
  for _, side in ipairs { "A", "B", "C", "OPERATION" } do
    local here, prefix = side == "A" or g["C_HAS_" .. side] == 1, "s_axis_" .. side:lower()
    add(here, "input", prefix .. "_tvalid")
    add(here and blocking, "output", prefix .. "_tready")
    add(here, "input", prefix .. "_tdata", g["C_" .. side .. "_TDATA_WIDTH"] or 8)
    add(here and g["C_HAS_" .. side .. "_TUSER"] == 1, "input", prefix .. "_tuser", g["C_" .. side .. "_TUSER_WIDTH"])
    add(here and g["C_HAS_" .. side .. "_TLAST"] == 1, "input", prefix .. "_tlast")
  end
  add(true, "output", "m_axis_result_tvalid")
  add((g.C_THROTTLE_SCHEME or 3) < 3, "input", "m_axis_result_tready")
  add(true, "output", "m_axis_result_tdata", g.C_RESULT_TDATA_WIDTH)
  add(g.C_HAS_RESULT_TUSER == 1, "output", "m_axis_result_tuser", g.C_RESULT_TUSER_WIDTH)
  add(g.C_HAS_RESULT_TLAST == 1, "output", "m_axis_result_tlast")
  return list
end

--- Inputs that are something else than 0 when there is no such port.
local TIED <const> = { C_HAS_ACLKEN = "aclken", C_HAS_ARESETN = "aresetn" }

--- The Verilog of a module.
---@param name string
---@param generics table of the IP
---@return string
function floating.module(name, generics)
  local heads, values, wires = {}, {}, {}
  for i, p in ipairs(ports(generics)) do
    heads[i] = ("  %s [%d:0] %s"):format(p.direction, p.width - 1, p.name)
    wires[i] = (".%s(%s)"):format(p.name, p.name)
  end
  for key, port in pairs(TIED) do
    if generics[key] ~= 1 then wires[#wires + 1] = (".%s(1'b1)"):format(port) end
  end
  for key, value in pairs(generics) do values[#values + 1] = (".%s(%d)"):format(key, value) end
  table.sort(values)
  table.sort(wires)
  return ("module %s (\n%s\n);\n  lunq_floating_point #(%s) ip (\n    %s\n  );\nendmodule\n"):format(
    name, table.concat(heads, ",\n"), table.concat(values, ", "), table.concat(wires, ", "))
end

--- What has a parameter C_HAS_..., and is no operation.
local BESIDE <const> = { B = true, C = true, OPERATION = true, ACLKEN = true, ARESETN = true }

--- One line about it, for the notes of a build.
---@param generics table
---@return string
function floating.summary(generics)
  local words = {}
  for key, value in pairs(generics) do
    local word = value == 1 and key:match "^C_HAS_([%u_]+)$"
    if word and not BESIDE[word] and not word:find "_T[UL]" then words[#words + 1] = word:lower() end
  end
  table.sort(words)
  local what = table.concat(words, " or "):gsub("_", " ")
  return ("floating point (%s) of %d bits, %d cycles"):format(what, generics.C_A_WIDTH, generics.C_LATENCY)
end

return floating
