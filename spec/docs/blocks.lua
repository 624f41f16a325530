--- The code blocks of the documents: not a spec, used by specs that run them. The kind of a fenced block says
--- how it is run:
--   lunq       a session at the prompt, replayed; what is printed must be as it stands, "..." is any text
--   lua        a script or piece of one; "--> text" is what a line prints or gives
--   console    commands of the shell behind "$ ", each with the output that is shown below it, if any
--   cpp        what Vitis HLS or g++ compiles
--   text       a drawing, for people only
-- spec/docs/coverage_spec.lua fails when a block is of another kind, or no spec asks for it.
local assert = require "luassert"

local blocks = {}

local KINDS <const> = { lunq = true, lua = true, console = true, cpp = true, text = true }

--- The fenced blocks of a document in their order: { kind =, text =, line = }.
---@param path string
---@param ... string kinds; none: all
---@return table[]
function blocks.of(path, ...)
  local wanted, list, block, number = {}, {}, nil, 0
  for _, kind in ipairs { ... } do wanted[kind] = true end
  for line in io.lines(path) do
    number = number + 1
    local kind = line:match "^```(%S*)%s*$"
    if kind and not block then
      block = { kind = kind, line = number, lines = {} }
    elseif kind then
      block.text = table.concat(block.lines, "\n") .. "\n"
      if not next(wanted) or wanted[block.kind] then list[#list + 1] = block end
      block = nil
    elseif block then
      table.insert(block.lines, line)
    end
  end
  return list
end

--- What is wrong with the blocks of a document, whoever runs them: lines of text.
---@param path string
---@return string[]
function blocks.problems(path)
  local problems, inside, number = {}, false, 0
  for line in io.lines(path) do
    number = number + 1
    if line:find "^```" then
      inside = not inside
    elseif not inside and line:find "^    +%S" or line:find "^\t" then
      problems[#problems + 1] = ("%s:%d: an indented block: fence it, with its kind"):format(path, number)
    end
  end
  for _, block in ipairs(blocks.of(path)) do
    local place = ("%s:%d"):format(path, block.line)
    if not KINDS[block.kind] then
      problems[#problems + 1] = ('%s: nothing runs blocks of kind "%s"'):format(place, block.kind)
    elseif block.kind == "text" and not block.text:find "[│─]" then
      problems[#problems + 1] = place .. ": text is for drawings; what runs has another kind"
    end
  end
  return problems
end

--- Shown text with its gaps: the parts between lines of "..." have to come in this order, from the beginning
--- to the end.
---@param shown string
---@param real string
function blocks.same(shown, real)
  local at, parts = 1, {}
  for part in (shown .. "...\n"):gmatch "(.-)%.%.%.\n" do parts[#parts + 1] = part end
  if #parts == 1 then return assert.equal(shown, real) end
  for i, part in ipairs(parts) do
    local from, to = real:find(part, at, true)
    assert.truthy(from and (i > 1 or from == 1), ("%q in %q"):format(part, real))
    at = to + 1
  end
  assert.is_true(parts[#parts] == "" or at == #real + 1, real)
end

--- The commands of a console block: { command, output that is shown or nil }.
---@param text string
---@return table[]
function blocks.commands(text)
  local list = {}
  for line in text:gmatch "([^\n]*)\n" do
    local command = line:match "^%$ (.*)$"
    if command then
      list[#list + 1] = { command = command }
    else
      local last = assert(list[#list], "no command before: " .. line)
      last.output = (last.output or "") .. line .. "\n"
    end
  end
  return list
end

return blocks
