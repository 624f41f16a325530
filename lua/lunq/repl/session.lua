--- What a person has typed so far at the prompt: compiled, and remembered with its results.
--
-- Lua ends a local with its line. At the prompt it stays: a `local` that stands outside every block
-- becomes a variable of the session, seen by all later lines and by nobody else; it hides a global of
-- the same name. (`<const>` and `<close>` say nothing there: what is closed at the end of a block is
-- closed when the prompt ends.) Everything else is as in a script: `x = 1` is a global.
local advice = require "lunq.advice"

local Session = {}
Session.__index = Session

local KEPT <const> = 10 -- results _1, _2 ... that stay: each keeps what it shows alive

-- Not a tail call then: a traceback names the line at the prompt.
local EXPRESSION <const> = "local prompt__ <close> = nil return "

function Session.new()
  local self = setmetatable({ number = 1, texts = {}, locals = {} }, Session)
  self.env = setmetatable({}, {
    __index = _G,
    __newindex = function(env, name, value)
      if self.locals[name] then rawset(env, name, value) else _G[name] = value end
    end,
  })
  rawset(self.env, "help", require "lunq.help")
  rawset(self.env, "watch", require "lunq.watch")
  return self
end

-- ---- locals that stay ---------------------------------------------------------------------------

-- What a piece of Lua looks like at a place: a pattern, and what it is. The first that fits counts.
local TOKENS <const> = {
  { "^%s+()", "space" }, { "^%-%-%[(=*)%[.-%]%1%]()", "space" }, { "^%-%-[^\n]*()", "space" },
  { "^[%a_][%w_]*()", "word" }, { "^%[(=*)%[.-%]%1%]()", "string" },
  { "^0[xX][%x.]*()", "number" }, { "^%d[%w.]*()", "number" },
}

--- The end of a quoted string that begins at `at`.
local function string_end(text, at)
  local quote, i = text:sub(at, at), at + 1
  while i <= #text do
    local c = text:sub(i, i)
    if c == quote then return i + 1 end
    i = i + (c == "\\" and 2 or 1)
  end
  return i
end

--- One token at `at`: its kind and where the next one begins.
local function token(text, at)
  for _, t in ipairs(TOKENS) do
    local a, b = text:match(t[1], at)
    if a then return t[2], b or a end
  end
  if text:find("^[\"']", at) then return "string", string_end(text, at) end
  return "mark", at + 1
end

--- All tokens but spaces: { kind, text, first, last }.
local function tokens(text)
  local list, at = {}, 1
  while at <= #text do
    local kind, after = token(text, at)
    if kind ~= "space" then
      list[#list + 1] = { kind = kind, text = text:sub(at, after - 1), first = at, last = after - 1 }
    end
    at = after
  end
  return list
end

local DEEPER <const> = { ["function"] = 1, ["do"] = 1, ["if"] = 1, ["repeat"] = 1, ["end"] = -1, ["until"] = -1 }

--- The names after `local`, from token i on; the tokens of attributes; the token after all that.
local function name_list(list, i)
  local names, attributes = {}, {}
  repeat
    local name = list[i]
    if not name or name.kind ~= "word" then return nil end
    names[#names + 1] = name.text
    i = i + 1
    if list[i] and list[i].text == "<" and list[i + 2] and list[i + 2].text == ">" then
      attributes[#attributes + 1] = { first = list[i].first, last = list[i + 2].last }
      i = i + 3
    end
    local more = list[i] and list[i].text == ","
    if more then i = i + 1 end
  until not more
  return names, attributes, i
end

--- Makes each `local` outside all blocks an assignment. Lines and columns stay as they are.
---@param text string
---@return string text
---@return string[] names of the locals
function Session.keep_locals(text)
  local list, depth, all, edits = tokens(text), 0, {}, {}
  for i, t in ipairs(list) do
    if t.kind == "word" then depth = depth + (DEEPER[t.text] or 0) end
    if t.kind == "word" and t.text == "local" and depth == 0 then
      local after = list[i + 1]
      if after and after.text == "function" then
        if list[i + 2] then all[#all + 1] = list[i + 2].text end
        edits[#edits + 1] = { t.first, t.last, ";    " }
      else
        local names, attributes, next_token = name_list(list, i + 1)
        if not names then return text, {} end -- the compiler says what is wrong
        table.move(names, 1, #names, #all + 1, all)
        edits[#edits + 1] = { t.first, t.last, ";    " }
        for _, a in ipairs(attributes) do
          edits[#edits + 1] = { a.first, a.last, (" "):rep(a.last - a.first + 1) }
        end
        if not (list[next_token] and list[next_token].text == "=") then
          local last = list[next_token - 1].last
          edits[#edits + 1] = { last + 1, last, "=nil;" }
        end
      end
    end
  end
  for i = #edits, 1, -1 do
    local first, last, new = table.unpack(edits[i])
    text = text:sub(1, first - 1) .. new .. text:sub(last + 1)
  end
  return text, all
end

-- ---- compiling ----------------------------------------------------------------------------------

--- The name of input number n in messages: "[3]:1: ...".
local function chunk_name(n) return ("=[%d]"):format(n) end

--- Compiles what was typed so far: as an expression when it is one, else as statements.
---@param text string
---@return function? chunk nil when it does not compile (yet)
---@return string? message why not
---@return boolean? incomplete more lines could make it whole
function Session:compile(text)
  local name = chunk_name(self.number)
  local chunk, expression_error = load(EXPRESSION .. text, name, "t", self.env)
  if chunk then return chunk end
  local kept, names = Session.keep_locals(text)
  local message
  chunk, message = load(kept, name, "t", self.env)
  if not chunk then return nil, message, (message:find "<eof>$" or expression_error:find "<eof>$") ~= nil end
  for _, k in ipairs(names) do self.locals[k] = true end
  return chunk
end

--- This input is over: remembers its text for messages, and the first of its results as _ and _N.
function Session:done(text, count, first)
  self.texts[self.number] = text
  if count > 0 then
    rawset(self.env, "_", first)
    rawset(self.env, "_" .. self.number, first)
    rawset(self.env, "_" .. self.number - KEPT, nil)
  end
  self.number = self.number + 1
end

--- This input does not compile: its text is for messages, its number for the next one.
function Session:failed(text) self.texts[self.number] = text end

--- True and False, which are nil here, with what Lua has instead.
---@param text string
---@return table<string, string>
function Session:strangers(text)
  local found = {}
  for _, t in ipairs(tokens(text)) do
    local stands = t.kind == "word" and (t.text == "True" or t.text == "False")
    if stands and self.env[t.text] == nil then found[t.text] = advice.name(t.text) end
  end
  return found
end

--- A line of what was typed, or of a file, for messages.
---@param source string debug.getinfo's
---@param line integer
---@return string? text
function Session:source_line(source, line)
  local n, text = source:match "^=%[(%d+)%]$", nil
  if n then
    text = self.texts[tonumber(n)]
  elseif source:sub(1, 1) == "@" and source:sub(1, 6) ~= "@lunq:" then
    local f <close> = io.open(source:sub(2))
    text = f and f:read "a"
  end
  for each in (text or ""):gmatch "([^\n]*)\n?" do
    line = line - 1
    if line == 0 then return each:match "^%s*(.-)%s*$" end
  end
end

return Session
