--- Text of generated Lua files. What comes from a design may be anything: it gets into a file as a quoted
-- string, as an identifier or as one line of a comment, never as it is.
local text = {}

local KEYWORDS <const> = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return
  then true until while]]):gmatch "%a+" do KEYWORDS[word] = true end

--- An identifier: other characters become _, a digit in front gets one, a word of Lua's one behind.
function text.identifier(name)
  local id = name:gsub("[^%w_]", "_"):gsub("^%d", "_%0")
  return KEYWORDS[id] and id .. "_" or id
end

--- A class name: "axi_dma" -> "AxiDma".
function text.class_name(name)
  local camel = text.identifier(name):gsub("^_*(%l)", string.upper):gsub("_+(%w)", string.upper):gsub("_", "")
  return camel:find "^%a" and camel or "C" .. camel
end

--- A Lua string literal on one line.
function text.quoted(s)
  return (("%q"):format(s):gsub("\\\n", "\\n"):gsub("\r", "\\r"):gsub("\0", "\\0"))
end

--- One line for a comment, at most `limit` bytes.
---@param s string
---@param limit? integer default 90
function text.line(s, limit)
  limit = limit or 90
  s = s:gsub("[%c ]+", " "):gsub("^ ", ""):gsub(" $", "")
  if #s <= limit then return s end
  return s:sub(1, (utf8.offset(s, 0, limit - 2) or limit - 2) - 1) .. "..."
end

--- Words in comment lines of about 100 bytes.
---@param first string what the first line starts with
---@param next_line string what the others start with
---@param words string[]
function text.wrap(first, next_line, words)
  local lines, line = {}, first
  for i, word in ipairs(words) do
    word = text.line(word)
    if i > 1 and #line + #word > 100 then
      lines[#lines + 1] = (line:gsub(" $", ""))
      line = next_line
    end
    line = line .. word .. " "
  end
  lines[#lines + 1] = (line:gsub(" $", ""))
  return table.concat(lines, "\n")
end

--- Fills a template: $(name) is replaced by values.name.
function text.fill(template, values)
  return (template:gsub("%$%((%w+)%)", values))
end

--- "a/b/c.hwh" -> "a/b", "c.hwh". The folder of a plain name is ".".
function text.split(path)
  local folder, name = path:match "^(.*)/([^/]*)$"
  if not folder then return ".", path end
  return folder == "" and "/" or folder, name
end

--- A path in a folder, without "./" in front.
function text.join(folder, name)
  if folder == "." then return name end
  return folder:sub(-1) == "/" and folder .. name or folder .. "/" .. name
end

--- A command a person can copy into a shell.
function text.shell(word)
  if word:find "^[%w_%-%./:]+$" then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

return text
