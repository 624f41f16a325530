--- A live view: text that is drawn anew in place, five times a second, until a key or Ctrl-C; printed once where
--- input or output is no terminal. What `watch` and `monitor` share.
local live = {}

local INTERVAL <const> = 0.2 -- seconds of the wall clock, also on a simulated device

--- The text as it can stand on one line of a terminal: no more than so many characters, none that moves the
--- cursor.
local function fit(text, columns)
  text = text:gsub("\t", "  "):gsub("%c", "?")
  local past = utf8.len(text) and utf8.offset(text, columns + 1) or not utf8.len(text) and columns + 1
  return past and text:sub(1, past - 1) or text
end

--- What the screen shows of the lines, with "* " before those that are not as they were.
local function arrange(lines, before, columns, rows)
  local shown, room = {}, math.max(2, rows - 2)
  for i = 1, math.min(#lines, #lines > room and room - 1 or room) do
    local line = lines[i]
    local mark = type(line) == "table" and "" or before and before[i] ~= line and "* " or "  "
    shown[i] = fit(mark .. (mark == "" and line[1] or line), columns - 1)
  end
  if #lines > #shown then shown[#shown + 1] = ("  ... and %d more lines"):format(#lines - #shown) end
  return table.concat(shown, "\n") .. "\n"
end

local function draw_on(view, look)
  local before
  repeat
    local lines = look(true)
    local columns, rows = view:size()
    view:draw(arrange(lines, before, columns, rows))
    before = lines
  until view:wait(INTERVAL)
end

--- Shows what look() gives, again and again. Tasks and interrupts go on meanwhile, and what they print appears
--- above it.
---@param look fun(is_live: boolean): table gives a list of lines: a string is marked when it changes, { string }
--- never is; is_live: it is drawn anew
--- Raises what look raises.
function live.show(look)
  local has_host, host = pcall(require, "lunq.host")
  local view <close> = has_host and host.view() or nil
  if not view then
    local lines = look(false)
    for i, line in ipairs(lines) do lines[i] = type(line) == "table" and line[1] or line end
    return print(table.concat(lines, "\n"))
  end
  local ok, e = pcall(draw_on, view, look)
  if not ok and not view:stopped(e) then error(e, 0) end
end

--- Adds the lines of a text to a list.
function live.add_text(lines, text)
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do lines[#lines + 1] = line end
end

return live
