--- What simulators that are driven through VPI share: the plug-in (cpp/vpi_plugin.c), the list of pins it gives, and
--- the model with the files of the simulator inside (cpp/vpi_model.cpp).
local child = require "lunq.child"
local errors = require "lunq.errors"
local wrapper = require "lunq.rtl.wrapper"

local vpi = {}

--- Compiles the plug-in with the simulator's own header: lunq.vpi.
---@param folder string of the build
---@param support string
---@param simulator string its name
---@param flags string of the compiler, before the source; and what is linked, behind it
---@param libraries? string
--- Raises `runtime` with the compiler's words.
function vpi.make_plugin(folder, support, simulator, flags, libraries)
  local ok, said = child.run(("cd %s && cc -std=gnu11 -O2 -fPIC -shared %s -I%s -o lunq.vpi %s %s")
    :format(child.word(folder), flags, child.word(support), child.word(support .. "/vpi_plugin.c"), libraries or ""))
  if not ok then
    errors.raise("runtime", "The plug-in for %s doesn't compile (is its vpi_user.h there?):\n%s", simulator, said)
  end
end

--- Compiles the model, with lunq_model.h beside it.
---@param folder string
---@param support string
---@return string path the library
function vpi.compile(folder, support)
  local ok, said = child.run(("cd %s && %s -std=gnu++17 -O1 -fPIC -shared -fvisibility=hidden -Wl,-z,defs "
                              .. "-Wl,-Bsymbolic -I. -I%s -o model.rtl %s"):format(child.word(folder),
                             os.getenv "CXX" or "g++", child.word(support), child.word(support .. "/vpi_model.cpp")))
  if not ok then errors.raise("runtime", "The C++ of the model doesn't compile:\n%s", said) end
  return folder .. "/model.rtl"
end

--- Runs the simulator so that the plug-in lists the pins of the top module.
---@param folder string
---@param top string
---@param words string[] the simulator and its arguments
---@return boolean ok
---@return string text for lunq.rtl.ports.listed; with the simulator's own words
function vpi.list(folder, top, words)
  return child.run(("cd %s && LUNQ_VPI_TOP=%s %s"):format(child.word(folder), top, child.command(words)))
end

--- Part of lunq_model.h: the files that are put into the model, and how they are used.
---@param use table parts (files of the build's folder, their folders behind them with a / at the end), command (words;
---  a character 1 is the folder the parts are in), missing (what to say without the program), words ("icarus" or
---  "ghdl": whose lines they are), plusargs (whether it takes any), vcd (whether it prints a value change dump)
---@return string
function vpi.header(use)
  local inside, symbols, rows, words = {}, {}, {}, {}
  for i, name in ipairs(use.parts) do
    local folder = name:match "^(.*)/$"
    local symbol = "lunq_part_" .. i
    if folder then
      rows[i] = ("    {%s, nullptr, nullptr},"):format(wrapper.literal(folder))
    else
      inside[#inside + 1] = ('    "%s: .incbin \\"%s\\"\\n%s_end:\\n"'):format(symbol, name, symbol)
      symbols[#symbols + 1] = ('extern const char %s[] __attribute__((visibility("hidden"))), '
                               .. '%s_end[] __attribute__((visibility("hidden")));'):format(symbol, symbol)
      rows[i] = ("    {%s, %s, %s_end},"):format(wrapper.literal(name), symbol, symbol)
    end
  end
  for i, word in ipairs(use.command) do words[i] = "    " .. wrapper.literal(word) .. "," end
  return table.concat({
    'asm(".section .rodata\\n"', table.concat(inside, "\n"), '    ".previous\\n");',
    'extern "C" {', table.concat(symbols, "\n"), "}",
    "static const Part lunq_model_parts[] = {", table.concat(rows, "\n"), "};",
    "static const char *const lunq_model_command[] = {", table.concat(words, "\n"), "};",
    "#define LUNQ_MODEL_MISSING " .. wrapper.literal(use.missing),
    "#define LUNQ_MODEL_TAKES_PLUSARGS " .. (use.plusargs and 1 or 0),
    "#define LUNQ_MODEL_VCD " .. (use.vcd and 1 or 0),
    "#define LUNQ_MODEL_LINE " .. use.words .. "_line", "#define LUNQ_MODEL_ENDING " .. use.words .. "_ending",
    "#define LUNQ_MODEL_ONCE " .. use.words .. "_once",
  }, "\n")
end

return vpi
