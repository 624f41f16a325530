--- The commands documents show, run as a person would: not a spec, used by specs of READMEs and docs.
local blocks = dofile "spec/docs/blocks.lua"
local process = dofile "spec/program/process.lua"
local assert = require "luassert"
local lfs = require "lfs"

local console = {}

local root = lfs.currentdir()

--- Runs a command line in a folder, with `lunq` the program under test. Of make it is only looked
--- whether there is such a target: it runs these tests.
---@return integer code
---@return string out
---@return string err
function console.sh(folder, line)
  local q = process.quote
  local bin = process.bin:find "^/" and process.bin or root .. "/" .. process.bin
  local programs = ('lunq() { %s "$@"; }; make() { grep -q "^$1:" %s/Makefile; }')
                   :format(q(bin), q(root))
  return process.sh(("cd %s && %s; %s"):format(q(folder), programs, line))
end

--- Runs a block: each command succeeds, or, well or not, says what is shown below it.
---@param folder string
---@param text string
function console.run(folder, text)
  for _, c in ipairs(blocks.commands(text)) do
    local code, out, err = console.sh(folder, c.command)
    if not c.output then
      assert.same({ c.command, 0, "" }, { c.command, code, err }, out)
    else
      blocks.same(c.output, c.output:find "^lunq: " and err or out)
    end
  end
end

return console
