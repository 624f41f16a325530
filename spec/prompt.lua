--- What a session at the prompt looks like on paper: not a spec, used by specs of READMEs and docs.
local Session = require "lunq.repl.session"
local show = require "lunq.repl.show"

local prompt = {}

--- Types the inputs of a block ("1> ol = ...") at a prompt of its own; gives the block as it should be.
---@param block string
---@return string
function prompt.replay(block)
  local out, session = {}, Session.new()
  for line in ("\n" .. block):gmatch "\n%d+> ([^\n]+)" do
    out[#out + 1] = ("%d> %s"):format(session.number, line)
    local results = table.pack(assert(session:compile(line))())
    session:done(line, results.n, results[1])
    for i = 1, results.n do out[#out + 1] = show.value(results[i]) end
  end
  return table.concat(out, "\n") .. "\n"
end

return prompt
