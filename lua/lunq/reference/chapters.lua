--- What the API reference is made of, whatever it is written as: chapters of sections, each a module or a
--- class of the C core with its functions, from the comments of the sources.
local c_texts = require "lunq.help.c_texts"
local comments = require "lunq.help.comments"

local chapters = {}

-- Modules that are for users, in the order of reading; other modules are LUNQ's own business.
local CHAPTERS <const> = {
  { "Designs and devices", "lunq", "lunq.load", "lunq.overlay", "lunq.node", "lunq.hierarchy", "lunq.ip",
    "lunq.device", "lunq.memory", "lunq.ps", "lunq.clocks", "lunq.gpio", "lunq.info", "lunq.dtbo", "lunq.rtl",
    "lunq.device_tree_segment", "lunq.packages", "lunq.secure" },
  { "Cards", "lunq.kernel", "lunq.stream", "lunq.xclbin" },
  { "Registers", "lunq.register_map", "lunq.register_array" },
  { "Interrupts and tasks", "lunq.interrupt", "lunq.task", "lunq.waiting",
    "lunq.interrupt_source", "lunq.lock" },
  { "Drivers", "^drivers%.", "lunq.hls", "lunq.hls.run", "lunq.hls.types", "lunq.engine",
    "^lunq%.gpio%.", "^lunq%.io%.", "lunq.iic.chip", "lunq.spi_chip", "lunq.spi_flash", "lunq.dma_ring",
    "^lunq%.vdma%." },
  { "Simulation", "lunq.model", "lunq.kernel.model", "lunq.hls.kernel", "lunq.hls.model", "lunq.peer", "^lunq%.peers" },
  { "Benches and pictures", "lunq.bench", "lunq.bench.memory", "lunq.bench.random", "lunq.bench.registers",
    "lunq.bench.scoreboard", "lunq.bench.stream", "lunq.watch", "lunq.plot", "lunq.diagram", "lunq.wave" },
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

--- Names in `lunq` by the module they stand for: "lunq.ip" -> "lunq.DefaultIP".
local function names_by_module()
  local names, lunq = {}, require "lunq"
  for name in pairs(lunq) do
    local module = type(lunq[name]) == "table" and comments.module_of(lunq[name])
    if module then names[module] = "lunq." .. name end
  end
  return names
end

--- The functions of a file. "methods" is what a table of them is called there and nowhere else.
local function items_of(file)
  local items = {}
  for i, item in ipairs(file:public()) do
    local call = item.call:gsub("^%l*_?methods[.:]", ""):gsub("^(%l[%w_]*%()self,? ?", "%1")
    items[i] = { name = item.name, call = call, text = item.text, params = item.params, returns = item.returns }
  end
  return items
end

--- The classes written in C, by name.
local function c_sections()
  local list = {}
  for i, name in ipairs(c_texts.classes()) do
    list[i] = { name = name, text = table.concat(c_texts.headers(name), "\n\n"), fields = {},
                items = c_texts.items(name), in_c = true }
  end
  return list
end

--- The chapters in the order of reading:
-- { title =, sections = { SECTION ... } }, where a section is { name =, as = "lunq.DefaultIP" or nil,
-- text =, fields =, items =, class =, in_c = },
-- an item is { name =, call =, text =, params =, returns = }, a field { name =, type =, optional =, text = },
-- class what the class is called in its file.
---@return table[]
function chapters.all()
  local list, all, names = {}, comments.all(), names_by_module()
  for i, chapter in ipairs(CHAPTERS) do
    local sections = {}
    for k, file in ipairs(files_of(chapter, all)) do
      sections[k] = { name = file.name, as = names[file.name], text = file.text, fields = file.fields,
                      items = items_of(file), class = file.class }
    end
    list[i] = { title = chapter[1], sections = sections }
  end
  list[#list + 1] = { title = "Objects of the C core", sections = c_sections() }
  return list
end

--- Takes a comment apart into paragraphs and examples. Comments are written for a terminal: what is
--- indented is code, or laid out in columns; an example ends before the blank lines behind it.
---@param text string
---@return table[] list of { text =, code = }
function chapters.blocks(text)
  local list, lines, code, blank = {}, {}, false, 0
  local function finish()
    if #lines > 0 then list[#list + 1] = { text = table.concat(lines, "\n"), code = code } end
    lines, blank = {}, 0
  end
  for line in (text .. "\n"):gmatch "(.-)\n" do
    local indented = line:find "^  +%S" ~= nil
    if not line:find "%S" then
      blank = blank + 1
    else
      if indented ~= code or blank > 0 and not code then finish() end
      code = indented
      if #lines > 0 then
        for _ = 1, blank do lines[#lines + 1] = "" end
      end
      blank, lines[#lines + 1] = 0, indented and line:gsub("^  ", "") or line
    end
  end
  finish()
  return list
end

return chapters
