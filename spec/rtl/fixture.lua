--- Spec support: models of the Verilog beside this file. Not a spec, used by specs.
--   local fixture = dofile "spec/rtl/fixture.lua"
--   local it = fixture.with_verilator(it, pending)     -- where there is none, the specs are counted as pending
--   it("does this", function() local path = fixture.model "regs" ... end)
local assert = require "luassert"
local lunq = require "lunq"

local fixture = {}

local _, why = pcall(require "lunq.rtl.verilator".version)
local has = type(why) == "string" and why:find "^Verilator"

--- Why there are no models, or nil.
fixture.missing = not has and tostring(why) or nil

--- busted's `it`, or what counts a spec as pending where nothing can be built.
function fixture.with_verilator(it, pending)
  return has and it or function(name) pending(name .. " (" .. fixture.missing .. ")") end
end

local function with(simulator, name)
  return function(it, pending)
    local _, version = pcall(require("lunq.rtl." .. simulator).version)
    if type(version) == "string" and version:find("^" .. name) then return it end
    return function(text) pending(("%s (%s)"):format(text, tostring(version))) end
  end
end

--- The same where Icarus Verilog, or GHDL is missing.
fixture.with_icarus = with("icarus", "Icarus")
fixture.with_ghdl = with("ghdl", "GHDL")

--- XDG_CACHE_HOME of these specs: models stay from one run to the next, beside what is built anyway.
fixture.home = require "lunq.core".absolute "build/cache"
fixture.cache = fixture.home .. "/lunq/rtl"

--- Writes a source of a spec's own. It has a folder to itself: what else is in a source's folder is a part of the
--- cache's key, and beside others it would be built anew as soon as another spec has written one.
---@param name string of the file
---@param text string
---@return string path
function fixture.source(name, text)
  local cache = require "lunq.rtl.cache"
  local folder = ("%s/sources/%s"):format(fixture.home, name)
  cache.make_folder(folder)
  cache.write(folder .. "/" .. name, text)
  return folder .. "/" .. name
end

--- Where netlists of NAME.v are (`make netlist-check`): they stand for the sources, unless parameters are asked for.
local netlists = os.getenv "LUNQ_NETLISTS"

local function source(name, options)
  local netlist = netlists and not next(options or {}) and ("%s/%s.v"):format(netlists, name)
  if netlist and require "lunq.core".file_kind(netlist) == "file" then return netlist end
  return "spec/rtl/" .. name .. ".v"
end

--- The model of spec/rtl/NAME.v, or of files of your own in options.sources.
---@param name string its top module
---@param options? table as for lunq.rtl.build
---@return string path
---@return table about
function fixture.model(name, options)
  local o = { sources = source(name, options), top = name, cache = fixture.cache }
  for k, v in pairs(options or {}) do o[k] = v end
  require "lunq.rtl.cache".make_folder(fixture.cache)
  return lunq.rtl.build(o)
end

--- What a call says that fails with an error object of this kind.
---@return string text
function fixture.fails(kind, f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok)
  assert.equal(kind, e.kind, tostring(e))
  return tostring(e)
end

return fixture
