--- The bits of a status register in words, for messages.
local flags = {}

--- "SR 0xc4 (BusBusy, RxEmpty, TxEmpty)".
---@param register string
---@param word integer
---@param names table<integer, string> by bit, from 0
---@return string
function flags.text(register, word, names)
  local set = {}
  for bit = 0, 31 do
    if names[bit] and word >> bit & 1 == 1 then set[#set + 1] = names[bit] end
  end
  return ("%s 0x%02x (%s)"):format(register, word, #set > 0 and table.concat(set, ", ") or "nothing set")
end

return flags
