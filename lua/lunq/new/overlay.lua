--- `lunq new overlay`: a class for a design, a demo and a spec.
local core = require "lunq.core"
local errors = require "lunq.errors"
local text = require "lunq.new.text"

local overlay = {}

local CLASS <const> = [[
--- Overlay class of $(title).
-- lunq.Overlay($(hwh)) finds this file by its name. In the design:
$(list)local lunq = require "lunq"

---@class $(class): lunq.overlay
local $(class) = lunq.DefaultOverlay:extend { __name = "$(class)" }

--- The design is loaded and its drivers are there when DefaultOverlay.init has returned.
function $(class):init(file, ...)
  lunq.DefaultOverlay.init(self, file, ...)
end

--- An example of a method for the design as a whole: what is where.
---@return string[] lines by address
function $(class):addresses()
  local lines = {}
  for path, ip in pairs(self.ip_dict) do
    if ip.phys_addr then lines[#lines + 1] = ("0x%08x %s"):format(ip.phys_addr, path) end
  end
  table.sort(lines)
  return lines
end

return $(class)
]]

local DEMO <const> = [[
--- Loads the design, shows it, and says what is where.
--   lunq demo.lua
local lunq = require "lunq"

local here = arg and arg[0] and arg[0]:match "^.*/" or ""
local ol <close> = lunq.Overlay(here .. $(hwh))
print(ol)
for _, line in ipairs(ol:addresses()) do print(line) end
]]

local SPEC <const> = [[
-- Spec of $(file), on the simulated device:
--   lunq test $(spec)
-- With another device in Overlay's options it runs on a board.
describe($(quoted), function()
  local lunq = require "lunq"
  local here = debug.getinfo(1, "S").source:match "^@(.*/)" or ""
  local ol

  before_each(function() ol = lunq.Overlay(here .. $(hwh), { device = "sim" }) end)
  after_each(function()
    ol:free()
    ol = nil -- a device of its own for each test: the last one goes too
  end)

  it("loads with a class of its own", function()
    assert.equal("$(class)", getmetatable(ol).__name)
    assert.is_true(ol:is_loaded())
  end)

  it("has its IP where the design says", function()
    assert.same({
$(addresses)    }, ol:addresses())
  end)
end)
]]

local function by_address(dictionaries)
  local list = {}
  for path, ip in pairs(dictionaries.ip_dict) do
    if ip.phys_addr then
      list[#list + 1] = { path = path, type = ip.type or "-", line = ("0x%08x %s"):format(ip.phys_addr, path) }
    end
  end
  table.sort(list, function(a, b) return a.line < b.line end)
  return list
end

local function read_all(path)
  local f <close>, problem = io.open(path, "rb")
  if not f then errors.raise("io", "Can't read %s", problem) end
  return f:read "a"
end

--- The design's own files, for a folder of their own.
local function copies(file, folder)
  local stem, list = file:gsub("%.hwh$", ""), {}
  for _, ending in ipairs { ".hwh", ".bit", ".dtbo" } do
    local from = stem .. ending
    if core.file_kind(from) == "file" then
      list[#list + 1] = { path = text.join(folder, select(2, text.split(from))), text = read_all(from) }
    end
  end
  return list
end

local function values_of(dictionaries, hwh, name)
  local values = {
    title = text.line(name), class = text.class_name(name) .. "Overlay", hwh = text.quoted(hwh),
    quoted = text.quoted("the " .. name .. " overlay"), file = text.line(name .. ".lua"),
    spec = text.line(name .. "_spec.lua"), list = "", addresses = "",
  }
  for _, ip in ipairs(by_address(dictionaries)) do
    values.list = values.list .. ("--   %s  %s\n"):format(text.line(ip.line, 70), text.line(ip.type, 50))
    values.addresses = values.addresses .. "      " .. text.quoted(ip.line) .. ",\n"
  end
  return values
end

--- The files of a new overlay.
---@param file string metadata, .hwh
---@param folder? string where to; nil: beside the metadata
---@return table skeleton { files = { { path, text } }, folder (to be made), advice }
--- Raises `value` when FILE is no .hwh, `unsupported` for a partial design, and what reading it raises.
function overlay.make(file, folder)
  local beside, hwh = text.split(file)
  local name = hwh:match "^(.+)%.hwh$"
  if not name then
    error(errors.new("value", text.line(file, 200) .. " is no .hwh file: the metadata Vivado writes beside a "
                     .. "bitstream.", { usage = true }), 0)
  end
  local dictionaries = core.design_read(file):dictionaries()
  if dictionaries.partial then
    errors.raise("unsupported", "%s is a part of a design, without a processor: it is loaded into the whole one, "
                 .. "ol.REGION:download(%q).", file, hwh)
  end
  local values, to = values_of(dictionaries, hwh, name), folder or beside
  local files = folder and copies(file, folder) or {}
  for _, f in ipairs { { name .. ".lua", CLASS }, { "demo.lua", DEMO }, { name .. "_spec.lua", SPEC } } do
    files[#files + 1] = { path = text.join(to, f[1]), text = text.fill(f[2], values) }
  end
  return {
    files = files, folder = folder,
    advice = ("Try it: lunq %s; lunq test %s"):format(text.shell(text.join(to, "demo.lua")),
                                                       text.shell(text.join(to, name .. "_spec.lua"))),
  }
end

return overlay
