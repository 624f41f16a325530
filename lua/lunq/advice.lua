--- What Lua's own messages leave unsaid to somebody who thinks in Python: a name or a piece of syntax that is
--- Python's, with what stands for it in Lua and LUNQ.
local advice = {}

-- Python's and NumPy's names.
local NAMES <const> = {
  True = "true", False = "false", None = "nil", len = "#x", hex = '("%#x"):format(x)', bin = '("%#x"):format(x)',
  int = "math.tointeger(x), and x // 1", float = "x + 0.0", str = "tostring(x)", bool = "x ~= 0", chr = "string.char",
  ord = "s:byte()", range = "for i = 1, n do ... end", enumerate = "for i, x in ipairs(list) do ... end",
  list = "{ 1, 2, 3 }", dict = "{ a = 1, b = 2 }", tuple = "{ 1, 2, 3 }", set = "{ a = true, b = true }",
  bytearray = '"\\x01\\x02" and string.pack', isinstance = "type(x)", dir = "TAB behind x. and help(x)",
  vars = "for name, x in pairs(t) do ... end", abs = "math.abs", min = "math.min", max = "math.max",
  round = "(x + 0.5) // 1", sum = "buf:sum() of a buffer", sorted = "table.sort(list)", input = 'io.read "l"',
  open = "io.open(name)", exit = "os.exit(), and Ctrl-D at the prompt", quit = "os.exit(), and Ctrl-D at the prompt",
  time = "lunq.sleep(seconds), lunq.now(), os.time()", sys = "arg, os.exit, io.stderr",
  np = 'buffers: lunq.allocate(16, "u4")', numpy = 'buffers: lunq.allocate(16, "u4")',
  plt = "lunq.plot(buf)", asyncio = "lunq.spawn, lunq.gather, lunq.sleep",
  pynq = "lunq.pynq, and most of it directly in lunq", random = "math.random", self = "function Class:method() ... end",
  lunq = 'local lunq = require "lunq" on top of a script',
  Bitstream = "lunq.Overlay and ol:download()", PL = "ol.ip_dict, ol.timestamp and so on, of the overlay",
}

-- What Python's containers and strings have.
local METHODS <const> = {
  items = "for k, v in pairs(t) do", keys = "for k in pairs(t) do", values = "for _, v in pairs(t) do",
  append = "t[#t + 1] = x", extend = "table.move(more, 1, #more, #t + 1, t)", pop = "table.remove(t)",
  join = 'table.concat(list, ", ")', split = 's:gmatch "[^,]+"', strip = 's:match "^%s*(.-)%s*$"',
  startswith = "s:sub(1, #x) == x", endswith = "s:sub(-#x) == x", get = "t.name or 0",
}

-- Messages of Lua that have nothing to do with a name.
local MESSAGES <const> = {
  { ": attempt to add a 'string'", "a .. b joins strings" },
  { ": attempt to mod a 'string'", '("%d words"):format(n)' },
  { "for iterator 'for iterator'", "for k, v in pairs(t) do" },
  { " on a lunq.Register value", "register:get() is its number" },
  { " compare .*lunq.Register", "register:get() is its number" },
}

-- Lines that are no Lua: a pattern for the line, what to write instead.
local SYNTAX <const> = {
  { "^%s*import%s", 'local x = require "x"; LUNQ is `lunq`, PYNQ\'s modules are lunq.pynq' },
  { "^%s*from%s+[%w_.]+%s+import%s", "names of `lunq` as they are: lunq.Overlay; PYNQ's modules are lunq.pynq" },
  { "^%s*async%s+def%s", "function f() ... end; any function may wait when lunq.spawn(f) runs it" },
  { "^%s*def%s", "function f(x) ... end" },
  { "^%s*class%s", "D = lunq.DefaultIP:extend { bindto = { ... } }" },
  { "^%s*with%s", "local x <close> = f(), closed at the end of the block" },
  { "^%s*await%s", "t:wait(); in a task the others run meanwhile" },
  { "^%s*try%s*:", "local ok, e = pcall(f, ...)" },
  { "^%s*except[%s:]", "local ok, e = pcall(f, ...), then e.kind" },
  { "^%s*raise%s", 'lunq.errors.raise("value", "message")' },
  { "^%s*for%s.-%sin%s+range%s*%(.*:%f[%s\0]", "for i = 1, n do ... end" },
  { "^%s*for%s.*:%f[%s\0]", "for i, x in ipairs(list) do ... end" },
  { "^%s*while%s.*:%f[%s\0]", "while x do ... end" },
  { "^%s*if%s.*:%f[%s\0]", "if x then ... end" },
  { "^%s*elif%s", "elseif x then ..." },
  { "^%s*else%s*:", "else ... end" },
  { "^%s*[!%%]%s*%l", 'os.execute "ls"' },
  { "^%s*[%a_][%w_.:]*%?+%s*$", "help(x)" },
  { "%f[%w_]lambda%f[^%w_]", "function(x) return x end" },
  { "!=", "~=" },
  { "[%w_%])]%s*[-+*/|&^]=[^=]", "x = x + 1" },
  { "%*%*", "x ^ y for floats, 1 << n for integers" },
  { "%f[%w_]is%s+not%s", "x ~= nil" },
  { "%f[%w_]is%s+[NTF]", "x == nil" },
  { "%f[%w_]not%s+in%s", "t[x] == nil" },
  { "%f[%w_]f[\"']", '("%d words"):format(n)' },
  { "[%w_%])]%s*%[[^%]\"']*:[^%]]*%]", 'buf:slice(first, last), both included; lines of GPIO: leds["0:4"]' },
  { "{%s*[\"']?[%w_]+[\"']?%s*:", "{ a = 1, b = 2 }" },
  { "[%(,]%s*[%a_][%w_]*%s*=[^=]", "f(x, { name = value }), a table for named arguments" },
  { "%([%w_. ]*,[%w_., ]*%)", "{ 16, 16 }, a table, for a shape" },
  { "[=%(,%[]%s*%[", "{ 1, 2, 3 }" },
  { "^%s*%[", "{ 1, 2, 3 }" },
  { "%f[#]#%s", "-- for a comment" },
  { "^%s*print%s+[%w_]", "print(x)" },
}

--- What Lua has instead of a name of Python's, or where in LUNQ a name of PYNQ's is; nil for others.
---@param name string
---@return string?
function advice.name(name)
  if NAMES[name] then return NAMES[name] end
  for known in pairs(require "lunq") do
    if known == name then return "lunq." .. name end
  end
end

--- What Lua has instead of a line that is Python's; nil for others.
---@param line string
---@return string?
function advice.syntax(line)
  for _, s in ipairs(SYNTAX) do
    if line:find(s[1]) then return s[2] end
  end
end

local function for_message(message)
  for _, m in ipairs(MESSAGES) do
    if message:find(m[1]) then return m[2] end
  end
end

--- For a message of Lua: nil when there is nothing to say.
---@param message string
---@param line? string the line of source it speaks of
---@return string?
function advice.of(message, line)
  local name = message:match "%f[(]%(global '([%w_]+)'%)"
  local method = message:match " call a nil value %(%l+ '([%w_]+)'%)"
  local found = for_message(message) or name and advice.name(name) or method and METHODS[method]
                or line and message:find " near [<'].*$" and advice.syntax(line)
  return found and "In Lua: " .. found or nil
end

--- A message with its advice behind the first line.
---@param message string of Lua, which begins with file and line
---@return string
function advice.added(message)
  local first, rest = message:match "^([^\n]*)(.*)$"
  local path, number = first:match "^(.-):(%d+): "
  local f <close> = path and io.open(path)
  local line
  for _ = 1, f and tonumber(number) or 0 do line = f:read "l" end
  local text = advice.of(first, line)
  return text and ("%s\n  %s%s"):format(first, text, rest) or message
end

return advice
