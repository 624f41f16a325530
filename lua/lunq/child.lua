--- Programs of this machine, run as children of this one, one after the other.
local child = {}

--- A text as one word of a shell's command line.
---@param text string
---@return string
function child.word(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

--- A command line of these words.
---@param words string[]
---@return string
function child.command(words)
  local list = {}
  for i, word in ipairs(words) do list[i] = word:find "[^%w_./=+:,-]" and child.word(word) or word end
  return table.concat(list, " ")
end

--- Runs a command line without standard input; its output and its errors are one text.
---@param command string
---@param on_line? function called with each line as it comes
---@return boolean ok it ended with exit code 0
---@return string text all it said
---@return integer code exit code; 127: there is no such program; 128 + signal
function child.run(command, on_line)
  local lines = {}
  local pipe <close> = io.popen("{ " .. command .. "\n} 2>&1 </dev/null")
  for line in pipe:lines "L" do
    lines[#lines + 1] = line
    if on_line then on_line((line:gsub("\n$", ""))) end
  end
  local ok, how, code = pipe:close()
  return ok == true, table.concat(lines), how == "signal" and 128 + code or code
end

return child
