--- Modules that are made when a design needs them: those whose names differ from one design to the next, so that no
--- file of stubs/ can be called as they are.
local cache = require "lunq.rtl.cache"
local complaints = require "lunq.rtl.complaints"
local core = require "lunq.core"
local floating = require "lunq.rtl.floating"

local generated = {}

--- Names that stand for a stub of another name.
local CALLED <const> = {
  { "^floating_point_v%d+_%d+", "lunq_floating_point" },
  { "^blk_mem_gen_v8_%d+", "lunq_blk_mem_gen" },
  { "^ila_%d+$", "lunq_ila" },
  { "^vio_%d+$", "lunq_vio" },
}

--- The first of the files that is there.
local function first(...)
  for _, path in ipairs { ... } do
    if core.file_kind(path) == "file" then return path end
  end
end

--- What Vivado or HLS wrote about an IP: beside the sources, in a folder of the IP's name, or in ip/ beside theirs.
local function find_settings(o, name)
  for _, list in ipairs { o.folders, o.libraries } do
    for _, folder in ipairs(list) do
      for _, at in ipairs { folder, folder .. "/" .. name, folder .. "/../ip", folder .. "/../ip/" .. name } do
        local stem = at .. "/" .. name
        local path = first(stem .. ".xci", stem .. ".tcl", stem .. "_ip.tcl")
        if path then return path end
      end
    end
  end
end

--- A stub under another name.
local function called(o, name)
  for _, known in ipairs(CALLED) do
    if name:find(known[1]) then
      local text = cache.read(("%s/stubs/%s.sv"):format(o.support, known[2]))
      return (text:gsub("module " .. known[2], "module " .. name, 1))
    end
  end
end

--- Floating point of HLS or of an .xci.
local function operator(o, name)
  local path = find_settings(o, name)
  local said = path and cache.read(path)
  local generics = said and path:find "%.xci$" and floating.from_xci(said) or floating.from_name(name)
  if not generics then return nil end
  if said and path:find "%.tcl$" then floating.over(generics, said) end
  return floating.module(name, generics), ("%s is %s, as %s says"):format(
    name, floating.summary(generics), path and path:match "[^/]*$" or "its name"), path
end

--- Makes one module.
---@param o table checked options, with `support`: the folder with the stubs
---@param name string
---@return string? text nil: nothing is known of it
---@return string? note for people
---@return string? path the file that says what it is
function generated.module(o, name)
  local text = called(o, name)
  if text then return text end
  return operator(o, name)
end

--- Runs a simulator until no module is missing that can be made.
---@param o table checked options, with `made`: a folder for what is made
---@param run function called with a list of further sources; returns ok, and what was said
---@return boolean ok
---@return string said
---@return table more { sources, files = those that say what the modules are, notes }
function generated.complete(o, run)
  local more, known = { sources = {}, files = {}, notes = {} }, {}
  while true do
    local ok, said = run(more.sources)
    local before = #more.sources
    for _, name in ipairs(ok and {} or complaints.missing(said)) do
      local text, note, path = nil, nil, nil
      if not known[name] then text, note, path = generated.module(o, name) end
      known[name] = true
      if text then
        local folder = ("%s/%s"):format(o.made, cache.hash(text))
        cache.make_folder(folder)
        cache.write(("%s/%s.sv"):format(folder, name), text)
        more.sources[#more.sources + 1] = ("%s/%s.sv"):format(folder, name)
        more.notes[#more.notes + 1], more.files[#more.files + 1] = note, path
      end
    end
    if #more.sources == before then return ok, said, more end
  end
end

return generated
