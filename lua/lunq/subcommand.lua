--- What `lunq info`, `lunq fdt`, `lunq dtbo` and `lunq doctor` have in common: text to standard output, problems to
--- standard error, and the exit code.
local errors = require "lunq.errors"

--- What to type for the rest: the problem alone is said, not a page that hides it.
local function pointer(usage)
  return ("lunq %s --help says what it takes.\n"):format(usage:gsub("%b[] ?", ""):match "^usage: lunq (%l+)")
end

--- Carries out a subcommand.
---@param arguments string[] those behind its name
---@param usage string
---@param parse fun(arguments: string[]): table?, string? the options (help = true: the usage is asked for), or nil
--- and what makes no sense
---@param run fun(options: table): string, integer? what to print, and the exit code if not 0
---@return integer code 0, or what run says; 1: something is wrong with a file; 2: the arguments make no sense
return function(arguments, usage, parse, run)
  local options, problem = parse(arguments)
  if not options then
    io.stderr:write(problem, "\n", pointer(usage))
    return 2
  end
  if options.help then
    io.write(usage)
    return 0
  end
  local ok, text, code = pcall(run, options)
  if ok then
    io.write(text)
    return code or 0
  end
  if not errors.is(text) then error(text, 0) end
  io.stderr:write("lunq: ", text.message, "\n")
  return 1
end
