--- RTL as a device: Verilog and SystemVerilog compiled by Verilator, VHDL run by GHDL, as models that lunq runs.
--
--   local path, about = lunq.rtl.build { sources = { "scale.v" }, top = "scale", libraries = { "lib" } }
--   print(lunq.rtl.show(path))
-- `lunq rtl build|show|clean` is the same from a shell. A model is built once: for the same sources (those they
-- include, and those found in folders, too), options and versions of the tools it comes from a folder of this
-- user, $XDG_CACHE_HOME/lunq/rtl, which lunq.rtl.clean() empties.
local about = require "lunq.rtl.about"
local cache = require "lunq.rtl.cache"
local compile = require "lunq.rtl.compile"
local core = require "lunq.core"
local errors = require "lunq.errors"
local loader = require "lunq.loader"
local models = require "lunq.rtl.models"
local options = require "lunq.rtl.options"
local synth = require "lunq.rtl.synth"
local user_table = require "lunq.rtl.pins"
local wrapper = require "lunq.rtl.wrapper"

local rtl = {}

--- A library of this size is none of ours.
local LARGEST <const> = 1 << 30

--- The folder the program runs in: messages name files below it as a person would.
local function here() return (core.absolute ".":gsub("/%.$", "")) end

--- Builds what is asked for in a folder: the library, and the files it was made of.
local function make(job, folder)
  local o, simulator = job.options, job.simulator
  if synth.is_needed(o) then o = synth.convert(o, folder, here()) end
  local more, warnings = simulator.run(o, simulator.arguments(o, job.support), folder, here())
  local notes, pins, left_out = more.notes, simulator.pins(o, folder)
  table.move(left_out, 1, #left_out, #notes + 1, notes)
  if #pins == 0 then errors.raise("value", "The module %s has no ports: nothing could reach it", o.top) end
  local files, said, from = synth.files(o, simulator.files(folder, o)), nil, nil
  table.move(more.files, 1, #more.files, #files + 1, files)
  if o.described then said, from = o.described.read() end
  if o.pins then said = user_table.over(o.pins, pins, o.top, said) end
  local description = about.text { options = job.options, tool = job.tool, pins = pins, notes = notes,
                                   warnings = warnings, files = files, metadata = from }
  cache.write(folder .. "/lunq_model.h", wrapper.header {
    pins = pins, top = o.top, tool = job.tool, folder = o.folders[1], built = description, metadata = said,
    trace = o.trace, coverage = o.coverage, more = simulator.header and simulator.header(o),
  })
  return simulator.compile(folder, job.support, job.versions, "building " .. o.top), files
end

--- Copies a file under another name until it is whole.
local function copy(from, to)
  local folder = to:match "^(.*)/[^/]*$"
  if folder and folder ~= "" and core.file_kind(folder) ~= "directory" then
    errors.raise("io", "Can't write %s: there is no folder %s", to, folder)
  end
  cache.write(to, cache.read(from))
end

--- Builds a model, or finds it where it was built before.
---@param o table sources (files, the first has the top module), top (its name; needed when that is not the file's),
---  libraries (folders to look for modules in), includes (folders for `include), parameters and defines
---  ({ NAME = value }), instance_parameters (the same, but names the module doesn't have are left out), hwh (a design
---  that has the IP; instance: which module of it) or component (component.xml of the IP, which also names sources and
---  top): what the ports are; pins (a table that says it instead of both: { clocks = { "tick" }, resets = { halt =
---  "high" }, interrupts = { done = "edge" }, buses = { regs = { AWADDR = "a5", ... } }, addresses = { regs = {
---  base = 0, size = 256 } } }; clocks also { m_clk = { hz = 33000000, buses = { "m_axi" } } });
---  simulator ("verilator", or "icarus": slow, but it knows unknown bits); trace ("vcd" or "fst"), coverage ("line",
---  "toggle" or "user"), output (path to write it to), cache (another folder to keep models in)
---@return string path the model, for `--device rtl:PATH`
---@return table about what lunq.rtl.show says of it; cached = true when it was there
--- Raises `value` with Verilator's complaints when the sources are wrong, `unsupported` without Verilator 5.006,
--- g++ and make, `io` for files that aren't there, `type` and `value` for options that make no sense.
function rtl.build(o)
  o = options.check(o)
  local simulator = require("lunq.rtl." .. o.simulator)
  local tool, version = simulator.version()
  local root = o.cache and core.absolute(o.cache) or cache.folder()
  local support = cache.support(root)
  o.support, o.made = support, root .. "/made"
  local job = { options = o, simulator = simulator, tool = tool, versions = version .. compile.version(),
                support = support }
  local store = models.store(root, job)
  local path = store:find()
  local cached = path ~= nil
  if not path then
    local folder <close> = cache.temporary(root)
    path = store:keep(make(job, folder.path))
  end
  if o.output then
    copy(path, o.output)
    path = o.output
  end
  local shown = rtl.show(path)
  shown.cached = cached
  return path, shown
end

--- What a model was built from, and its pins. Nothing of the model is run for it.
---@param path string
---@return table about { top, tool, pins = { { name, direction, width } ... }, sources, libraries, parameters, trace,
---  coverage, notes, warnings ... }; tostring(about) is for people
--- Raises `io` when it can't be read, `value` when it is no model.
function rtl.show(path)
  if type(path) ~= "string" then errors.raise("type", "The path of a model should be a string") end
  if not core.file_kind(path) then errors.raise("io", "The model %s does not exist.", path) end
  return about.read(path, loader.read(path, LARGEST))
end

--- Removes all models that were kept, and what their builds need.
---@param folder? string another than this user's
---@return string folder
---@return integer count models that were in it
function rtl.clean(folder)
  folder = folder or cache.folder()
  local count = 0
  for _, name in ipairs(core.list_dir(folder .. "/models") or {}) do
    if name:find "%.rtl$" then count = count + 1 end
  end
  for _, name in ipairs(core.list_dir(folder) or {}) do
    local prefix = name:match "^(%l+)%-"
    if name == "models" or name == "made" or prefix == "support" or prefix == "runtime" or prefix == "build" then
      cache.remove(folder .. "/" .. name)
    end
  end
  return folder, count
end

--- What of the RTL ran, from files that device:rtl_coverage wrote, all of them together.
---@param paths string|string[]
---@return table summary list of { file, points, hit, never = { lines } }; print it
--- Raises `io`, `value` for what is no such file.
function rtl.coverage(paths) return require "lunq.rtl.coverage".files(paths) end

return rtl
