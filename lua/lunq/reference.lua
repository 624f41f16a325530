--- lunq reference: the API reference, made of the comments of the sources, as help() is.
--
--   lunq reference > lunq.md                 Markdown
--   lunq reference --html > lunq.html        one page for a browser, with an index and a search
--   lunq reference --luacats > lunq.lua      definitions for editors (lua-language-server: put the file in
--                                            a folder named in workspace.library), which then complete
--                                            and check drivers and scripts
local reference = {}

local USAGE <const> = "usage: lunq reference [--html|--luacats] > FILE\n"
local WRITERS <const> = { [""] = "markdown", ["--html"] = "html", ["--luacats"] = "luacats" }

--- The whole reference as text.
---@param form string "markdown", "html" or "luacats"
---@return string
function reference.text(form)
  return require("lunq.reference." .. form)(require "lunq.reference.chapters".all())
end

--- lunq reference [--html|--luacats]
---@return integer exit code
function reference.main(option, ...)
  local form = WRITERS[option or ""]
  if select("#", ...) > 0 or not form then
    io.stderr:write(USAGE)
    return 2
  end
  io.stdout:write(reference.text(form))
  return 0
end

return reference
