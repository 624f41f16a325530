--- Reads a value change dump back, as strictly as IEEE 1364-2005 18 says what one is.
-- vcd.read(path) gives { from=, to=, signals = { ["design.ip.read"] = { width=, changes = { { ns, value } } } } };
-- value: an integer, "x", or the text of a string. Fails on anything a viewer would stumble over.
local vcd = {}

local function unescape(text)
  return (text:gsub("\\(%d%d%d)", function(n) return string.char(tonumber(n, 8)) end))
end

--- The declarations: signals by full name, and by their code in the file.
local function header(text)
  local signals, by_code, scope = {}, {}, {}
  for kind, rest in text:gmatch "%$(%l+)%s+(.-)%s*%$end" do
    if kind == "scope" then
      scope[#scope + 1] = assert(rest:match "^module ([%w_]+)$", rest)
    elseif kind == "upscope" then
      assert(table.remove(scope), "$upscope outside all scopes")
    elseif kind == "var" then
      local type, width, code, name = rest:match "^(%l+) (%d+) (%g+) ([%w_]+)"
      assert(type == "wire" or type == "string", rest)
      width = tonumber(width)
      assert(width == 1 or rest:find(("[%d:0]"):format(width - 1), 1, true), rest)
      local full = table.concat(scope, ".") .. "." .. name
      assert(not signals[full], full .. " is there twice")
      by_code[code] = by_code[code] or { width = width, text = type == "string", changes = {} }
      signals[full] = by_code[code]
    else
      assert(kind == "version" or (kind == "timescale" and rest == "1 ns"), kind)
    end
  end
  assert(#scope == 0, "scopes stay open")
  return signals, by_code
end

local function value_of(line)
  local bit, code = line:match "^([01x])(%g+)$"
  if bit then return code, tonumber(bit) or bit, 1 end
  local digits
  digits, code = line:match "^b([01x]+) (%g+)$"
  if digits then return code, digits == "x" and "x" or tonumber(digits, 2) or -1, #digits end
  local text
  text, code = line:match "^s(%g*) (%g+)$"
  assert(text, line)
  return code, unescape(text)
end

function vcd.read(path)
  local file <close> = assert(io.open(path))
  local head, body = file:read "a":match "^(.-)%$enddefinitions %$end\n(.*)$"
  assert(head, "no $enddefinitions")
  local signals, by_code = header(head)
  local now, from
  for line in body:gmatch "[^\n]+" do
    local time = line:match "^#(%d+)$"
    if time then
      time = tonumber(time)
      assert(not now or time >= now, "time goes back")
      from, now = from or time, time
    elseif line ~= "$dumpvars" and line ~= "$end" then
      local code, value, width = value_of(line)
      local signal = assert(by_code[code], line)
      assert(signal.text or width <= signal.width, line)
      table.insert(signal.changes, { now, value })
    end
  end
  return { signals = signals, from = from, to = now }
end

--- When a signal of one bit rose: list of ns.
function vcd.rises(signal)
  local list = {}
  for i, c in ipairs(signal.changes) do
    if c[2] == 1 and i > 1 and signal.changes[i - 1][2] ~= 1 then list[#list + 1] = c[1] end
  end
  return list
end

--- The value of a signal at a time.
function vcd.at(signal, ns)
  local value
  for _, c in ipairs(signal.changes) do
    if c[1] <= ns then value = c[2] end
  end
  return value
end

return vcd
