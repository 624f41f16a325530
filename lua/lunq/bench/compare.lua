--- How values of benches are shown and compared: numbers, strings, lists of them, buffers by what is in them.
local errors = require "lunq.errors"

local compare = {}

local MOST_SHOWN <const> = 16

--- Raises what `lunq test` counts as a failure.
function compare.fail(format, ...) errors.raise("check", format, ...) end

local function show_plain(v)
  if math.type(v) == "integer" and v > 9 then return ("%d (0x%X)"):format(v, v) end
  return type(v) == "string" and ("%q"):format(v) or tostring(v)
end

--- A value for messages; of long lists the beginning.
function compare.show(v)
  if type(v) ~= "table" then return show_plain(v) end
  local words = {}
  for i = 1, math.min(#v, MOST_SHOWN) do words[i] = compare.show(v[i]) end
  if #v > MOST_SHOWN then words[#words + 1] = ("... %d more"):format(#v - MOST_SHOWN) end
  return "{ " .. table.concat(words, ", ") .. " }"
end

--- Whether a value is a list, or a buffer made one by compare.plain.
function compare.is_list(v) return type(v) == "table" and getmetatable(v) == nil end

--- A buffer as a list; everything else as it is.
function compare.plain(v)
  if type(v) ~= "userdata" then return v end
  local ok, list = pcall(function() return v:totable() end)
  return ok and list or v
end

local function count_different(actual, expected)
  local n = 0
  for i = 1, #actual do
    if compare.difference(actual[i], expected[i]) then n = n + 1 end
  end
  return n
end

--- How what is beside a packet (TID, TDEST, TUSER) differs, as far as something is expected.
local function side_difference(actual, expected)
  for _, name in ipairs { "id", "dest", "user" } do
    local inside = expected[name] ~= nil and compare.difference(actual[name] or 0, expected[name])
    if inside then return ("differs: %s %s"):format(name, inside) end
  end
end

--- How a value differs from what was expected, in words that follow its name; nil: it does not.
function compare.difference(actual, expected)
  actual, expected = compare.plain(actual), compare.plain(expected)
  if not (compare.is_list(actual) and compare.is_list(expected)) then
    if actual == expected then return nil end
    return ("is %s, expected was %s"):format(compare.show(actual), compare.show(expected))
  end
  if #actual ~= #expected then
    return ("has %d element%s, expected were %d: %s"):format(#actual, #actual == 1 and "" or "s", #expected,
      compare.show(actual))
  end
  for i = 1, #actual do
    local inside = compare.difference(actual[i], expected[i])
    if inside then
      local n = count_different(actual, expected)
      return ("differs: element %d of %d %s%s"):format(i, #actual, inside,
        n > 1 and (" (and %d more differ)"):format(n - 1) or "")
    end
  end
  return side_difference(actual, expected)
end

return compare
