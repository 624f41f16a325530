--- The prompt: reads a piece of Lua from a person, runs it, prints its results. Tasks, interrupts and
--- timers go on while the person types.
-- Line editing, completion keys and history are the program's (host/editor.c); what a line means is in
-- lunq.repl.session, what is shown in lunq.repl.show and lunq.repl.trouble.
local complete = require "lunq.repl.complete"
local core = require "lunq.core"
local host = require "lunq.host"
local Session = require "lunq.repl.session"
local show = require "lunq.repl.show"
local style = require "lunq.repl.style"
local trouble = require "lunq.repl.trouble"

local repl = {}

local function history_file()
  local state = os.getenv "XDG_STATE_HOME"
  local home = os.getenv "HOME"
  if state and state:sub(1, 1) == "/" then return state .. "/lunq/history" end
  return home and home .. "/.local/state/lunq/history"
end

--- Reads lines until they compile or can't. nil at the end of input, false after Ctrl-C.
local function read_chunk(editor, session)
  local prompt = ("%d> "):format(session.number)
  local more = (" "):rep(#prompt - 3) .. ">> "
  local text
  repeat
    local line = editor:read(text and more or prompt)
    if not line then return line end
    if line:find "%S" then editor:add(line) end
    text = text and text .. "\n" .. line or line
    local chunk, _, incomplete = session:compile(text)
  until chunk or not incomplete
  return text
end

local function print_results(editor, ...)
  local columns, rows = editor:size()
  local paint = style.painter(1)
  for i = 1, select("#", ...) do
    local shown, text = pcall(show.result, (select(i, ...)), columns, rows, paint)
    print(shown and text or "(can't be shown: " .. tostring(text) .. ")")
  end
end

local function run(editor, session, text, chunk)
  local results = table.pack(host.call(trouble.catch, chunk))
  if results[1] then
    session:done(text, results.n - 1, results[2])
    if not host.call(tostring, print_results, editor, table.unpack(results, 2, results.n)) then print "^C" end
    for name, instead in pairs(session:strangers(text)) do print(("  %s is nil. In Lua: %s"):format(name, instead)) end
    return
  end
  session:done(text, 0)
  io.stdout:flush()
  rawset(session.env, "_err", results[2].error)
  local columns, rows = editor:size()
  io.stderr:write(show.cut(trouble.text(results[2], session, style.painter(2)), columns, rows,
                           "print(_err) shows all of it"), "\n")
end

--- One piece of Lua: false when there is no more.
local function step(editor, session)
  local text = read_chunk(editor, session)
  if not text or not text:find "%S" then return text ~= nil end
  local chunk, message = session:compile(text)
  if chunk then
    run(editor, session, text, chunk)
  else
    session:failed(text)
    io.stderr:write(trouble.message(message, session, style.painter(2)), "\n")
  end
  return true
end

--- Runs the prompt until Ctrl-D.
function repl.main()
  local device, why, problem = core.device_choice()
  print(("LUNQ %s, %s, device %s (%s). Ctrl-D leaves."):format(host.version, host.release, device, why))
  if problem then io.stderr:write(tostring(problem), "\n") end
  local session = Session.new()
  local editor <close> = host.editor {
    history = history_file(),
    complete = function(line, columns, rows) return complete.line(line, session.env, columns, rows) end,
  }
  host.call(tostring, function() end) -- from here on Ctrl-C interrupts what a person runs, nothing else
  while step(editor, session) do end
  return 0
end

return repl
