--- C prototypes: the types of a core's arguments, which metadata from Vivado does not have.
--
--   prototype.parse "float scale(const float *src, float *dst, int n, float factor)"
--   --> { name = "scale", result = type or nil, parameters = { { name = "src", type = type, pointer = true,
--         const = true }, ... } }
--
-- A parameter is a number, a pointer or reference (pointer), or an array (count: elements). Streams
-- (hls::stream) have no registers; they stand apart: streams.NAME is the type of the data.
local errors = require "lunq.errors"
local types = require "lunq.hls.types"

local prototype = {}

local LONGEST <const> = 4096 -- bytes; what a search in it costs grows with the square

local function fail(text, why)
  errors.raise("value", 'can\'t read the prototype "%s": %s. It looks like "int f(int a, float *data, int taps[8])".',
               #text > 200 and text:sub(1, 200) .. "..." or text, why)
end

--- "int a, ap_fixed<16, 8> b" -> two parts: commas inside < > and [ ] don't count.
local function split(list)
  local parts, depth, from = {}, 0, 1
  for at, c in list:gmatch "()([<>%[%],])" do
    if c == "<" or c == "[" then depth = depth + 1
    elseif c == ">" or c == "]" then depth = depth - 1
    elseif depth == 0 then
      parts[#parts + 1] = list:sub(from, at - 1)
      from = at + 1
    end
  end
  parts[#parts + 1] = list:sub(from)
  return parts
end

--- "[4][8]" -> 32; nil when there are no brackets. An empty or named size is not known: 0.
local function elements(brackets)
  if brackets == "" then return nil end
  local n = 1
  for size in brackets:gmatch "%[%s*([^%]]-)%s*%]" do n = n * (math.tointeger(tonumber(size)) or 0) end
  return n
end

--- "hls::stream<ap_axis<32, 0, 0, 0> > &" -> the type of its data: 32-bit words when it is a struct.
local function stream_type(text)
  local sign, bits = text:match "ap_axi([su])%s*<%s*(%d+)"
  local inner = bits and ("ap_%sint<%s>"):format(sign == "u" and "u" or "", bits) or text:match "stream%s*<([^,]*)[,>]"
  return types.parse(inner) or types.of_width(32)
end

--- "const float *" -> "float", true, true: the words of a C type without qualifiers, whether it is a pointer
--- or reference, whether what is behind it is only read.
---@param text string
---@return string words
---@return boolean pointer
---@return boolean const
function prototype.base_type(text)
  local pointer = text:find "[*&]" ~= nil
  local is_const = (" " .. text .. " "):find "[%s*]const[%s*]" ~= nil
  local words = text:gsub("[*&]", " ")
  words = (" " .. words .. " "):gsub("%s+", " "):gsub(" const ", " "):gsub(" volatile ", " "):gsub(" const ", " ")
  return (words:gsub("^ +", ""):gsub(" +$", "")), pointer, is_const
end

local function parameter(text, part)
  local head, brackets = part:match "^(.-)%s*(%[.*%])$"
  local before, name = (head or part):match "^(.-)([%a_][%w_]*)%s*$"
  if not name then fail(text, ('"%s" is no parameter'):format(part)) end
  if before:find "stream%s*<" then return { name = name, stream = stream_type(before) } end
  local words, pointer, is_const = prototype.base_type(before)
  local type = types.parse(words)
  if not type or (type.kind == "void" and not pointer) then
    fail(text, ('the type of %s, "%s", is not known'):format(name, words))
  end
  return { name = name, type = type, pointer = pointer, const = is_const, count = elements(brackets or "") }
end

--- Reads a prototype.
---@param text string
---@return table prototype name, result, parameters, streams
--- Raises `value` for what is none.
function prototype.parse(text)
  if type(text) ~= "string" then errors.raise("type", "a prototype is a string, not %s", type(text)) end
  if #text > LONGEST then errors.raise("value", "a prototype has at most %d bytes, not %d", LONGEST, #text) end
  local plain = text:gsub("%s+", " ")
  local before, name, list = plain:match "^ ?(.-)([%a_][%w_]*) ?%((.*)%) ?;? ?$"
  if not name then fail(text, "there is no NAME(...)") end
  local result = types.parse(before)
  if not result then fail(text, ('the type "%s" is not known'):format((before:gsub(" +$", "")))) end
  local parsed = { name = name, result = result.kind ~= "void" and result or nil, parameters = {},
                   streams = {} }
  if list:find "^ ?$" or list:find "^ ?void ?$" then return parsed end
  for _, part in ipairs(split(list)) do
    local p = parameter(text, (part:gsub("^ +", ""):gsub(" +$", "")))
    if p.stream then
      parsed.streams[p.name] = p.stream
    else
      parsed.parameters[#parsed.parameters + 1] = p
    end
  end
  return parsed
end

return prototype
