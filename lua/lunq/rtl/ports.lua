--- The pins of a model: what the PORTS block of the header says that Verilator generates (rtl.md 3). It is the
--- same in all versions, which can't be said of the other ways to ask Verilator.
local ports = {}

--- Bytes of a pin's storage by the ending of its macro; W: words of 32 bits.
local BYTES <const> = { ["8"] = 1, ["16"] = 2, [""] = 4, ["64"] = 8, W = 0 }

--- A name as in the source. Words of C++ have a prefix, and __0 with two hexadecimal digits is a character of
--- an escaped name.
local function source_name(c_name)
  return (c_name:gsub("^__SYM__", ""):gsub("__0(%x%x)", function(h) return string.char(tonumber(h, 16)) end))
end

--- The indices of an unpacked array's elements, in the order of the source: "[0][0]", "[0][1]" ...
local function elements(dimensions)
  local list = { "" }
  for n in dimensions:gmatch "%[(%d+)%]" do
    local longer = {}
    for _, head in ipairs(list) do
      for i = 0, math.tointeger(n) - 1 do longer[#longer + 1] = ("%s[%d]"):format(head, i) end
    end
    list = longer
  end
  return list
end

--- Members of the class that Verilator makes: a port of such a name makes C++ that doesn't compile.
local MEMBERS <const> = {
  clone = true, contextp = true, eval = true, eval_end_step = true, eval_step = true, eventsPending = true,
  hierName = true, modelName = true, name = true, nextTimeSlot = true, prepareClone = true, rootp = true,
  threads = true, trace = true, vlSymsp = true,
}

--- The first port that can't be, or nil.
---@param pins table[] of ports.read
---@return string? name
function ports.impossible(pins)
  for _, p in ipairs(pins) do
    if MEMBERS[p.c_name] then return p.name end
  end
end

--- Reads a header.
---@param text string
---@return table[] pins { name, c_name, direction = "in" | "out" | "inout", width, bytes }
---@return string[] notes what was left out
function ports.read(text)
  local pins, notes = {}, {}
  for line in text:gmatch "[^\n]+" do
    local direction, kind, rest, high, low = line:match "^%s*VL_([INOUT]+)(%d*W?)%((.-),(%d+),(%d+)[,)%d]*;"
    local name, dimensions = (rest or ""):match "^%(?&([%w_]+)%)?([%[%d%]]*)$"
    if name then
      for _, index in ipairs(elements(dimensions)) do
        pins[#pins + 1] = { name = source_name(name) .. index, c_name = name .. index, direction = direction:lower(),
                            width = high - low + 1, bytes = BYTES[kind] }
      end
    elseif rest then
      notes[#notes + 1] = ("port left out, its form is not known: %s"):format(rest)
    else
      local real = line:match "^%s*double &([%w_]+)"
      if real then notes[#notes + 1] = ("port left out, it is a real: %s"):format(source_name(real)) end
    end
  end
  return pins, notes
end

--- Reads the list that cpp/vpi_plugin.c prints.
---@param text string
---@return table[] pins as above, without c_name; with direction "signal" where the simulator doesn't know ports
---@return string[] left_out names of what is no vector of bits
function ports.listed(text)
  local pins, left_out = {}, {}
  for line in text:gmatch "[^\n]+" do
    local direction, width, name = line:match "^lunq pin: (%l+) (%d+) (.*)$"
    if name then
      width = math.tointeger(width)
      pins[#pins + 1] = { name = name, direction = direction, width = width,
                          bytes = width <= 8 and 1 or width <= 16 and 2 or width <= 32 and 4 or width <= 64 and 8 or 0 }
    end
    left_out[#left_out + 1] = line:match "^lunq left out: (.*)$"
  end
  return pins, left_out
end

--- Vectors that GHDL lists where they have bits: nobody misses C_AWUSER_WIDTH - 1 downto 0 with a width of 0.
local VECTORS <const> = { std_logic_vector = true, std_ulogic_vector = true, unsigned = true, signed = true,
                          bit_vector = true }

--- The ports of a VHDL entity among its signals.
---@param declared table[] lunq.rtl.vhdl.ports
---@param signals table[] of ports.listed: names are in lower case
---@return table[] pins with the names of the source
---@return string[] notes what was left out
function ports.of_entity(declared, signals)
  local known, pins, notes = {}, {}, {}
  for _, s in ipairs(signals) do known[s.name:lower()] = s end
  for _, port in ipairs(declared) do
    local s = known[port.name:lower()]
    if s then
      pins[#pins + 1] = { name = port.name, direction = port.direction, width = s.width, bytes = s.bytes }
    elseif not VECTORS[port.type:lower():match "^[%w_]*"] then
      notes[#notes + 1] = ("port left out, only bits and vectors of bits can be reached: %s : %s"):format(port.name,
                                                                                                      port.type)
    end
  end
  return pins, notes
end

return ports
