--- The API reference as Markdown.
local chapters = require "lunq.reference.chapters"

local function add_text(out, text)
  for _, block in ipairs(chapters.blocks(text)) do
    out[#out + 1] = block.code and ("```lua\n%s\n```\n"):format(block.text) or block.text .. "\n"
  end
end

local function add_item(out, item)
  out[#out + 1] = ("#### `%s`\n"):format(item.call)
  add_text(out, item.text)
  local list = {}
  for _, p in ipairs(item.params or {}) do list[#list + 1] = ("- `%s`: %s\n"):format(p.name, p.text) end
  for _, r in ipairs(item.returns or {}) do list[#list + 1] = ("- returns %s\n"):format(r) end
  if #list > 0 then out[#out + 1] = table.concat(list) end
end

--- The whole reference.
---@param list table[] of lunq.reference.chapters
---@return string
return function(list)
  local out = { "# LUNQ API reference\n", "Made of the comments of the sources by `lunq reference`.\n" }
  for _, chapter in ipairs(list) do
    out[#out + 1] = ("## %s\n"):format(chapter.title)
    for _, section in ipairs(chapter.sections) do
      out[#out + 1] = ("### %s%s\n"):format(section.name, section.as and ", " .. section.as or "")
      add_text(out, section.text)
      local fields = {}
      for i, f in ipairs(section.fields) do fields[i] = ("- `%s`: %s\n"):format(f.name, f.text) end
      if #fields > 0 then out[#out + 1] = table.concat(fields) end
      for _, item in ipairs(section.items) do add_item(out, item) end
    end
  end
  return table.concat(out, "\n")
end
