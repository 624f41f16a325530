--- Makes a shared library of the C++ that Verilator has written.
-- Verilator's own makefile needs Python and runs in no folder with a space in its name; ours names each file when
-- it is done, for the progress.
local cache = require "lunq.rtl.cache"
local child = require "lunq.child"
local core = require "lunq.core"
local errors = require "lunq.errors"

local compile = {}

--- -O2 makes an access to the registers of a small model 8 % faster, and nobody waits longer for it; larger
--- ones are as fast with -O1 within 2 % (rtl.md 7), and take a quarter less to build.
local LEVELS <const> = { small = "-O2", fast = "-O1", slow = "-O0", runtime = "-O2" }

local FLAGS <const> = "-std=gnu++17 -w -pipe -fPIC -fvisibility=hidden -fvisibility-inlines-hidden "
  .. "-fno-gnu-unique -faligned-new"

--- Hidden, bound to itself and complete: any number of models live in one process.
local LINK <const> = "-shared -Wl,-z,defs -Wl,-Bsymbolic -Wl,--version-script=exports.map"

local function compiler() return os.getenv "CXX" or "g++" end

local version -- asked for once

--- The compiler's version and what it is told: a part of the keys of the cache.
---@return string
--- Raises `unsupported` when there is none, or no make.
function compile.version()
  if not version then
    local ok, text = child.run(compiler() .. " --version && make --version")
    if not ok then
      errors.raise("unsupported", "Building RTL needs a C++ compiler and make (on Debian: apt-get install g++ make)")
    end
    version = text .. FLAGS
    for _, kind in ipairs { "small", "fast", "slow", "runtime" } do version = version .. LEVELS[kind] end
  end
  return version
end

--- The lists of files that Verilator's makefile has: VM_CLASSES_FAST and others, and its switches.
local function read_lists(text)
  local lists = {}
  for name, rest in text:gsub("\\\n", " "):gmatch "\n(VM_[%w_]+) %+?=([^\n]*)" do
    lists[name] = {}
    for word in rest:gmatch "%S+" do table.insert(lists[name], word) end
  end
  return lists
end

local function join(...)
  local all = {}
  for _, list in ipairs { ... } do table.move(list, 1, #list, #all + 1, all) end
  return all
end

--- Bytes of C++ up to which one file is compiled: reading verilated.h takes half a second whatever follows, and many of
--- the files that Verilator splits a design into are short. Of designs beyond it the slow code is compiled by itself,
--- without optimisation.
local SMALL <const> = 200000

local function size_of(folder, name) return #(cache.read(("%s/%s.cpp"):format(folder, name)) or "") end

--- Files that include others, in order, each as many as SMALL allows.
local function packed(folder, level, names)
  local units, inside, size = {}, {}, 0
  local function finish()
    if #inside == 0 then return end
    local name = level .. #units + 1
    cache.write(("%s/%s.cpp"):format(folder, name), table.concat(inside))
    units[#units + 1] = { name = name, level = level }
    inside, size = {}, 0
  end
  for _, name in ipairs(names) do
    local more = size_of(folder, name)
    if size + more > SMALL then finish() end
    inside[#inside + 1] = ('#include "%s.cpp"\n'):format(name)
    size = size + more
  end
  finish()
  return units
end

--- The files to compile: of a small design one that includes all others.
---@return table[] units { name, level }
local function units_of(folder, lists)
  local fast = join(lists.VM_CLASSES_FAST, lists.VM_SUPPORT_FAST, { "wrapper" })
  local slow = join(lists.VM_CLASSES_SLOW, lists.VM_SUPPORT_SLOW)
  local size = 0
  for _, name in ipairs(join(fast, slow)) do size = size + size_of(folder, name) end
  if size <= SMALL then return packed(folder, "small", join(fast, slow)) end
  return join(packed(folder, "fast", fast), packed(folder, "slow", slow))
end

local function defines(lists)
  local text = { "-DVL_USER_FINISH -DVL_USER_STOP -DVL_USER_FATAL -DVM_SC=0" }
  for _, name in ipairs { "VM_COVERAGE", "VM_TRACE", "VM_TRACE_FST", "VM_TRACE_VCD" } do
    text[#text + 1] = ("-D%s=%s"):format(name, (lists[name] or { "0" })[1])
  end
  return table.concat(text, " ")
end

local function root_folder()
  local _, text = child.run "verilator --getenv VERILATOR_ROOT"
  local root = text:match "^/[^\n]+"
  return root or "/usr/share/verilator"
end

--- Rules of make, and how many files will be made. Names inside have no spaces, those of folders do not stand in the
--- makefile.
local function makefile(units, lists, runtime, root)
  local text, objects, known = {}, {}, 0
  -- A name of its own until it is whole: several builds may make the run time at once.
  local function rule(object, source, level)
    text[#text + 1] = ("%s:\n\t@$(CXX) $(FLAGS) %s -c -o $@.$$$$ %s && mv $@.$$$$ $@ && echo 'lunq: %s'\n")
      :format(object, LEVELS[level], source, source:match "[^/]*$")
    objects[#objects + 1] = object
  end
  for _, unit in ipairs(units) do rule(unit.name .. ".o", unit.name .. ".cpp", unit.level) end
  for _, name in ipairs(join(lists.VM_GLOBAL_FAST, lists.VM_GLOBAL_SLOW)) do
    rule(("../%s/%s.o"):format(runtime, name), ("$(ROOT)/include/%s.cpp"):format(name), "runtime")
    if core.file_kind(("%s/%s/%s.o"):format(root, runtime, name)) then known = known + 1 end
  end
  local all = table.concat(objects, " ")
  text[#text + 1] = ("model.rtl: %s\n\t@$(CXX) %s -o $@ %s -lpthread %s && echo 'lunq: linked'\n")
    :format(all, LINK, all, lists.VM_TRACE_FST[1] == "1" and "-lz" or "")
  return table.concat(text), #objects + 1 - known
end

--- In a makefile these mean something else.
local function escaped(text) return (text:gsub("%$", "$$"):gsub("#", "\\#")) end

local function variables(support, root, lists)
  local flags = FLAGS .. " -include $(SUPPORT)/print.h -I. -I$(SUPPORT) -I$(ROOT)/include -I$(ROOT)/include/vltstd "
    .. defines(lists)
  return ("CXX = %s\nSUPPORT = %s\nROOT = %s\nFLAGS = %s\n.DEFAULT_GOAL = model.rtl\n")
    :format(compiler(), escaped(child.word(support)), escaped(child.word(root)), flags), flags
end

local function explain(said)
  local lines = {}
  for line in said:gmatch "[^\n]+" do
    if not line:find "^lunq: " and #lines < 30 then lines[#lines + 1] = line end
  end
  local text = table.concat(lines, "\n")
  local hint = text:find("zlib.h", 1, true) and "\nFST traces need zlib (on Debian: apt-get install zlib1g-dev)" or ""
  errors.raise("runtime", "The C++ of the model doesn't compile:\n%s%s", text, hint)
end

--- Compiles and links what stands in a folder, with lunq_model.h beside it.
---@param folder string a folder of the cache; what Verilator wrote
---@param support string
---@param versions string of the tools, for the key of the run time
---@param title string for the progress
---@return string path the library
--- Raises `runtime` with the compiler's words.
function compile.run(folder, support, versions, title)
  local lists = read_lists("\n" .. cache.read(folder .. "/Vlunq_classes.mk"))
  local units = units_of(folder, lists)
  local head, flags = variables(support, root_folder(), lists)
  local runtime = "runtime-" .. cache.hash(versions, flags, cache.read(support .. "/print.h"))
  local root = folder:match "^(.*)/"
  cache.make_folder(root .. "/" .. runtime)
  local rules, total = makefile(units, lists, runtime, root)
  cache.write(folder .. "/lunq.mk", head .. rules)
  cache.write(folder .. "/exports.map", "{ global: lunq_rtl_entry; local: *; };\n")
  local progress <close>, done = core.progress(title, total, "files"), 0
  local ok, said = child.run(("cd %s && make -s -r -f lunq.mk -j $(nproc)"):format(child.word(folder)),
    function(line)
      if line:find "^lunq: " then done = done + 1 end
      if progress then progress:at(done, line:match "^lunq: (.*)") end
    end)
  if not ok then explain(said) end
  return folder .. "/model.rtl"
end

return compile
