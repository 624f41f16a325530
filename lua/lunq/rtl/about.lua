--- The text inside a model that says what it was built from, between two marks: it is read from the file, nothing
--- of the model runs for it.
local errors = require "lunq.errors"

local about = {}

-- In two pieces, so that the marks stand in models only.
local BEGIN <const>, END <const> = "lunq " .. "rtl model 1\n", "end of " .. "lunq rtl model\n"

--- Keys that may stand on several lines, and the name of their list.
local LISTS <const> = { source = "sources", library = "libraries", include = "includes", file = "files",
                        parameter = "parameters", define = "defines", note = "notes", warning = "warnings" }

local function clean(text) return (text:gsub("[%c]", "?")) end

--- The text of a model.
---@param built table { options, tool, pins, notes, warnings, files, metadata? }
---@return string
function about.text(built)
  local o, lines = built.options, {}
  local function add(key, value) lines[#lines + 1] = ("%s: %s\n"):format(key, clean(value)) end
  local function add_all(key, list)
    for _, v in ipairs(list) do add(key, type(v) == "table" and ("%s=%s"):format(v.name, v.value) or v) end
  end
  add("top", o.top)
  add("tool", built.tool)
  if o.trace then add("trace", o.trace) end
  if o.coverage then add("coverage", o.coverage) end
  if built.metadata then add("metadata", built.metadata) end
  add_all("source", o.sources)
  for _, unit in ipairs(o.units) do
    local own = unit.library == "work" or unit.library == "xil_defaultlib"
    add("source", own and unit.path or ("%s (library %s)"):format(unit.path, unit.library))
  end
  add_all("library", o.libraries)
  add_all("include", o.includes)
  add_all("parameter", o.parameters)
  add_all("define", o.defines)
  add_all("file", built.files)
  add_all("note", built.notes)
  for line in built.warnings:gmatch "%%(Warning[^\n]*)" do add("warning", line) end
  for _, p in ipairs(built.pins) do add("pin", ("%s %d %s"):format(p.direction, p.width, p.name)) end
  return BEGIN .. table.concat(lines) .. END
end

local About = {}
About.__index = About

--- Pins of one direction in lines of their own, the width of vectors behind the name.
local function pin_lines(pins)
  local lines = {}
  for _, p in ipairs(pins) do
    local range = p.width > 1 and ("[%d:0]"):format(p.width - 1) or ""
    lines[#lines + 1] = ("  %-6s %s%s\n"):format(p.direction, p.name, range)
  end
  return table.concat(lines)
end

function About:__tostring()
  local lines = { ("%s, by %s\n"):format(self.top, self.tool) }
  local function add(title, value)
    local text = type(value) == "table" and table.concat(value, "\n              ") or value
    if text and text ~= "" then lines[#lines + 1] = ("  %-11s %s\n"):format(title, text) end
  end
  add("sources", self.sources)
  add("libraries", self.libraries)
  add("includes", self.includes)
  add("parameters", self.parameters)
  add("defines", self.defines)
  add("metadata", self.metadata)
  local verilator = self.tool:find "^Verilator"
  if verilator or self.tool:find "^GHDL" then
    add("traces", self.trace or verilator and "none (--trace fst)" or "none (--trace vcd)")
  end
  if verilator then add("coverage", self.coverage or "none") end
  add("notes", self.notes)
  add("warnings", self.warnings)
  lines[#lines + 1] = ("%d pins\n%s"):format(#self.pins, pin_lines(self.pins))
  return table.concat(lines)
end

--- Finds the text in a model.
---@param path string for messages
---@param library string the contents of the file
---@return table about see lunq.rtl.show
--- Raises `value` when there is none.
function about.read(path, library)
  local from, to = library:find(BEGIN, 1, true)
  local stop = from and library:find(END, to, true)
  if not stop then
    errors.raise("value", "%s is no model: it was not made by lunq rtl build, or by another version", path)
  end
  local a = setmetatable({ path = path, pins = {} }, About)
  for _, name in pairs(LISTS) do a[name] = {} end
  for key, value in library:sub(to + 1, stop - 1):gmatch "(%l+): ([^\n]*)\n" do
    local direction, width, name = value:match "^(%l+) (%d+) (.*)$"
    if key == "pin" then
      table.insert(a.pins, { direction = direction, width = math.tointeger(width), name = name })
    elseif LISTS[key] then
      table.insert(a[LISTS[key]], value)
    else
      a[key] = value
    end
  end
  return a
end

return about
