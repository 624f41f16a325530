--- lunq reference: the API reference, made of the comments of the sources, as help() is.
--
--   lunq reference > lunq.md                 Markdown
--   lunq reference --luacats > lunq.lua      definitions for editors (lua-language-server: put the file in
--                                            a folder named in workspace.library), which then complete
--                                            and check drivers and scripts
local comments = require "lunq.help.comments"

local reference = {}

-- Modules that are for users, in the order of reading; other modules are LUNQ's own business.
local CHAPTERS <const> = {
  { "Designs and devices", "lunq", "lunq.load", "lunq.overlay", "lunq.hierarchy", "lunq.ip", "lunq.device",
    "lunq.memory", "lunq.ps", "lunq.clocks", "lunq.gpio", "lunq.info" },
  { "Registers", "lunq.register_map", "lunq.register_array" },
  { "Interrupts and tasks", "lunq.interrupt", "lunq.task", "lunq.waiting",
    "lunq.interrupt_source", "lunq.lock" },
  { "Drivers", "^drivers%.", "lunq.hls", "lunq.engine", "^lunq%.gpio%.", "^lunq%.io%.", "lunq.dma_ring" },
  { "Simulation", "lunq.model", "lunq.peer", "^lunq%.peers" },
  { "PYNQ's names", "lunq.pynq", "lunq.xlnk" },
  { "Errors and help", "lunq.errors", "lunq.warnings", "lunq.help", "lunq.registry", "lunq.class" },
}

--- The files of a chapter: names are modules, what begins with "^" is a pattern for modules.
local function files_of(chapter, all)
  local list, seen = {}, {}
  for i = 2, #chapter do
    for _, file in ipairs(all) do
      local fits = chapter[i]:sub(1, 1) == "^" and file.name:find(chapter[i]) or file.name == chapter[i]
      if fits and not seen[file] then
        list[#list + 1], seen[file] = file, true
      end
    end
  end
  return list
end

--- The classes written in C: { name =, text =, methods = { { call =, text = } } }, by name.
local function c_classes()
  local classes, order = {}, {}
  for _, entry in ipairs(require "lunq.c_docs") do
    local of_core = entry.name and entry.class == "" and entry.text:find "^core%."
    for name in (of_core and "lunq.core" or entry.class):gmatch "%S+" do
      local class = classes[name]
      if not class then
        class = { name = name, text = "", methods = {} }
        classes[name] = class
        order[#order + 1] = class
      end
      if not entry.name then
        class.text = class.text .. (class.text ~= "" and "\n\n" or "") .. entry.text:gsub("^%S+%.c %- ", "")
      elseif entry.name:sub(1, 2) ~= "__" then
        local call, text = comments.split_call(entry.text)
        class.methods[#class.methods + 1] = { name = entry.name, call = call or entry.name, text = text }
      end
    end
  end
  table.sort(order, function(a, b) return a.name < b.name end)
  return order
end

-- ---- Markdown -----------------------------------------------------------------------------------

--- Comments are written for a terminal: what is indented is code.
local function markdown_text(text)
  local out, code = {}, false
  for line in (text .. "\n"):gmatch "(.-)\n" do
    local indented = line:find "^  +%S" ~= nil
    if indented ~= code and (indented or line:find "%S") then
      out[#out + 1] = indented and "\n```lua" or "```\n"
      code = indented
    end
    out[#out + 1] = line
  end
  if code then out[#out + 1] = "```" end
  return (table.concat(out, "\n"):gsub("\n+$", ""))
end

local function markdown_item(out, item)
  out[#out + 1] = ("#### `%s`\n"):format(item.call)
  out[#out + 1] = markdown_text(item.text)
  if #(item.params or {}) + #(item.returns or {}) > 0 then out[#out + 1] = "" end
  for _, p in ipairs(item.params or {}) do out[#out + 1] = ("- `%s`: %s"):format(p.name, p.text) end
  for _, r in ipairs(item.returns or {}) do out[#out + 1] = ("- returns %s"):format(r) end
  out[#out + 1] = ""
end

--- The whole reference as Markdown.
---@return string
function reference.markdown()
  local out, all = { "# LUNQ API reference\n", "Made of the comments of the sources by `lunq reference`.\n" },
                   comments.all()
  for _, chapter in ipairs(CHAPTERS) do
    out[#out + 1] = ("## %s\n"):format(chapter[1])
    for _, file in ipairs(files_of(chapter, all)) do
      out[#out + 1] = ("### %s\n"):format(file.name)
      out[#out + 1] = markdown_text(file.text) .. "\n"
      for _, item in ipairs(file:public()) do markdown_item(out, item) end
    end
  end
  out[#out + 1] = "## Objects of the C core\n"
  for _, class in ipairs(c_classes()) do
    out[#out + 1] = ("### %s\n"):format(class.name)
    out[#out + 1] = markdown_text(class.text) .. "\n"
    for _, item in ipairs(class.methods) do markdown_item(out, item) end
  end
  return table.concat(out, "\n") .. "\n"
end

-- ---- LuaCATS ------------------------------------------------------------------------------------

local function cats_comment(out, text)
  for line in (text .. "\n"):gmatch "(.-)\n" do out[#out + 1] = "---" .. line end
end

--- Names of arguments that Lua accepts: "[, start]" and defaults are for people.
local function arguments(call)
  local list, keywords = {}, { ["or"] = true, ["and"] = true, ["nil"] = true, ["function"] = true }
  for word in (call:match "%((.*)%)" or ""):gsub("=[^,]*", ""):gsub("%b{}", "options"):gmatch "[%w_.]+" do
    if word == "..." or word:find "^[%a_][%w_]*$" and not keywords[word] then list[#list + 1] = word end
    if word == "..." then break end
  end
  return table.concat(list, ", ")
end

local function cats_function(out, owner, separator, item, name)
  cats_comment(out, item.text)
  for _, p in ipairs(item.params or {}) do
    out[#out + 1] = ("---@param %s%s %s"):format(p.name, p.optional and "?" or "", p.type ~= "" and p.type or "any")
  end
  for _, r in ipairs(item.returns or {}) do out[#out + 1] = "---@return " .. r end
  out[#out + 1] = ("function %s%s%s(%s) end\n"):format(owner, separator, name, arguments(item.call))
end

local function cats_class(out, name, text)
  cats_comment(out, text)
  out[#out + 1] = ("---@class %s"):format(name)
  local variable = name:gsub("[^%w_]", "_")
  out[#out + 1] = ("local %s = {}\n"):format(variable)
  return variable
end

local SETTINGS <const> = { driver_path = "string[]", overlay_path = "string[]", time_limit = "number",
                           version = "string", core = "table" }

--- The table `lunq` itself: which name is of which class.
local function cats_module()
  local out, lunq = { "---@class lunq.Module" }, require "lunq"
  for name in pairs(lunq) do
    local module = not SETTINGS[name] and comments.module_of(lunq[name])
    out[#out + 1] = ("---@field %s %s"):format(name, module or SETTINGS[name] or "function")
  end
  out[#out + 1] = "local lunq = {}\nreturn lunq"
  return table.concat(out, "\n")
end

--- Definitions for editors.
---@return string
function reference.luacats()
  local out, all = { "---@meta lunq", "-- Made of the comments of the sources by `lunq reference --luacats`.\n" },
                   comments.all()
  for _, chapter in ipairs(CHAPTERS) do
    for _, file in ipairs(files_of(chapter, all)) do
      local owner = cats_class(out, file.name, file.text)
      for _, item in ipairs(file:public()) do
        local separator, name = item.name:match "([.:])([%w_]+)$"
        if name then cats_function(out, owner, separator, item, name) end
      end
    end
  end
  for _, class in ipairs(c_classes()) do
    local owner = cats_class(out, class.name, class.text)
    for _, item in ipairs(class.methods) do
      cats_function(out, owner, item.call:find "^core%." and "." or ":", item, item.name)
    end
  end
  out[#out + 1] = cats_module()
  return table.concat(out, "\n") .. "\n"
end

--- lunq reference [--luacats]
---@return integer exit code
function reference.main(option, ...)
  if select("#", ...) > 0 or option ~= nil and option ~= "--luacats" then
    io.stderr:write "usage: lunq reference [--luacats] > FILE\n"
    return 2
  end
  io.stdout:write(option and reference.luacats() or reference.markdown())
  return 0
end

return reference
