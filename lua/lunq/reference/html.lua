--- The API reference as one page of HTML, see lunq.reference.page.
local chapters = require "lunq.reference.chapters"
local page = require "lunq.reference.page"

local ENTITIES <const> = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;" }

local function escape(text) return (text:gsub('[&<>"]', ENTITIES)) end

--- "lunq.ip" and "Clocks:set" as they may stand behind "#".
local function anchor(section, item)
  return (item and section.name .. "." .. item.call:match "^[^({%s]*" or section.name):gsub("[^%w_.:-]", "")
end

-- ---- Lua in colours -----------------------------------------------------------------------------

local WORDS <const> = {}
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then true "
             .. "until while"):gmatch "%S+" do
  WORDS[word] = true
end

--- One piece of Lua at `at`, as HTML, and where the next one begins. Examples are no programs: a quote
--- that is not closed on its line is just a quote.
local function token(line, at, prose)
  local comment = line:match("^%-%-.*", at)
  if comment then return "<i>" .. escape(comment) .. "</i>", at + #comment end
  local quote = line:match("^[\"']", at)
  local text = quote and line:match("^" .. quote .. "[^" .. quote .. "]*" .. quote, at)
  if text then return "<s>" .. escape(text) .. "</s>", at + #text end
  local word = line:match("^[%a_][%w_]*", at)
  if word then return WORDS[word] and at <= prose and "<b>" .. word .. "</b>" or word, at + #word end
  return escape(line:sub(at, at)), at + 1
end

--- A line of an example. What stands behind a gap may be English, as in "b:fill(0)   in place: returns b".
local function coloured_line(line)
  local out, at, prose = {}, 1, line:find "%S  +[^%s%-]" or #line
  while at <= #line do out[#out + 1], at = token(line, at, prose) end
  return table.concat(out)
end

local function coloured(text) return (text:gsub("[^\n]+", coloured_line)) end

-- ---- texts --------------------------------------------------------------------------------------

--- Running text: `code` as code, names of modules as links.
local function running(text, known)
  text = escape(text):gsub("`([^`\n]+)`", "<code>%1</code>")
  return (text:gsub("%f[%w_]([%l]+%.[%w_.]*[%w_])", function(name)
    local target = known[name]
    return target and ('<a href="#%s">%s</a>'):format(target, name)
  end))
end

local function add_text(out, text, known)
  for _, block in ipairs(chapters.blocks(text)) do
    out[#out + 1] = block.code and ("<pre>%s</pre>\n"):format(coloured(block.text))
                    or ("<p>%s</p>\n"):format(running(block.text, known))
  end
end

--- A parameter or field.
local function named(p, known)
  return ("<dt><code>%s</code></dt><dd>%s</dd>\n"):format(escape(p.name), running(p.text, known))
end

local function add_item(out, section, item, known)
  local id = escape(anchor(section, item))
  out[#out + 1] = ('<h4 id="%s" class="call"><a href="#%s">%s</a></h4>\n<div class="item">\n')
                  :format(id, id, escape(item.call))
  add_text(out, item.text, known)
  local list = {}
  for _, p in ipairs(item.params or {}) do list[#list + 1] = named(p, known) end
  for _, r in ipairs(item.returns or {}) do
    list[#list + 1] = ("<dt>returns</dt><dd>%s</dd>\n"):format(running(r, known))
  end
  if #list > 0 then out[#out + 1] = "<dl>\n" .. table.concat(list) .. "</dl>\n" end
  out[#out + 1] = "</div>\n"
end

local function add_section(out, section, known)
  local id = escape(anchor(section))
  out[#out + 1] = ('<h3 id="%s"><a href="#%s">%s</a>%s</h3>\n'):format(id, id, escape(section.as or section.name),
                  section.as and ("<small>%s</small>"):format(escape(section.name)) or "")
  add_text(out, section.text, known)
  local fields = {}
  for i, f in ipairs(section.fields) do fields[i] = named(f, known) end
  if #fields > 0 then out[#out + 1] = "<dl>\n" .. table.concat(fields) .. "</dl>\n" end
  for _, item in ipairs(section.items) do add_item(out, section, item, known) end
end

-- ---- the index ----------------------------------------------------------------------------------

--- What an entry is found by: its own name and that of its section.
local function words(section, item)
  return escape(((item and item.call .. " " or "") .. section.name .. " " .. (section.as or "")):lower())
end

local function add_index(out, chapter)
  out[#out + 1] = ('<details open><summary>%s</summary>\n<ul>\n'):format(escape(chapter.title))
  for _, section in ipairs(chapter.sections) do
    out[#out + 1] = ('<li data-w="%s"><a href="#%s">%s</a>\n<ul>\n')
                    :format(words(section), escape(anchor(section)), escape(section.as or section.name))
    for _, item in ipairs(section.items) do
      out[#out + 1] = ('<li data-w="%s"><a href="#%s">%s</a></li>\n')
                      :format(words(section, item), escape(anchor(section, item)), escape(item.call))
    end
    out[#out + 1] = "</ul></li>\n"
  end
  out[#out + 1] = "</ul></details>\n"
end

--- Where a name that texts speak of is explained: sections by both of their names.
local function targets(list)
  local known = {}
  for _, chapter in ipairs(list) do
    for _, section in ipairs(chapter.sections) do
      known[section.name] = anchor(section)
      if section.as then known[section.as] = anchor(section) end
    end
  end
  return known
end

--- The whole reference.
---@param list table[] of lunq.reference.chapters
---@return string
return function(list)
  local index, body, known = {}, {}, targets(list)
  for i, chapter in ipairs(list) do
    add_index(index, chapter)
    body[#body + 1] = ('<h2 id="chapter%d">%s</h2>\n'):format(i, escape(chapter.title))
    for _, section in ipairs(chapter.sections) do add_section(body, section, known) end
  end
  return page(table.concat(index), table.concat(body))
end
