--- What a session at the prompt looks like on paper: not a spec, used by specs of READMEs and docs.
local Session = require "lunq.repl.session"
local show = require "lunq.repl.show"

local prompt = {}

--- Types the inputs of a block ("1> ol = ...") at a prompt of its own; gives the block as it should be:
-- with what the inputs print, their results, and the message of an input that fails.
---@param block string
---@return string
function prompt.replay(block)
  local out, session = {}, Session.new()
  rawset(session.env, "print", function(...)
    local words = table.pack(...)
    for i = 1, words.n do words[i] = tostring(words[i]) end
    out[#out + 1] = table.concat(words, "\t")
  end)
  for line in ("\n" .. block):gmatch "\n%d+> ([^\n]+)" do
    out[#out + 1] = ("%d> %s"):format(session.number, line)
    local results = table.pack(pcall(assert(session:compile(line))))
    local n = results[1] and results.n - 1 or 0
    session:done(line, n, results[2])
    if not results[1] then out[#out + 1] = tostring(results[2]) end
    for i = 1, n do out[#out + 1] = show.value(results[i + 1]) end
  end
  return table.concat(out, "\n") .. "\n"
end

return prompt
