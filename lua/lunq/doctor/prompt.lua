--- lunq doctor: the prompt, pictures and tests: terminal, locale, history, optional programs and libraries.
local host = require "lunq.host"
local style = require "lunq.repl.style"

local prompt = { name = "prompt", title = "prompt, pictures, tests" }

function prompt.needed() return true end

local function check_terminal(machine, report)
  local term = machine:variable "TERM"
  if not (host.is_terminal(0) and host.is_terminal(1)) then
    report:add("unneeded", "terminal", "input or output is no terminal here: no prompt, no colours")
    return
  end
  local columns, rows = host.screen()
  report:add("ok", "terminal", ("%s, %sx%s, %s"):format(term or "TERM is not set", columns or "?", rows or "?",
             style.has(1) and "colours" or "no colours (TERM or NO_COLOR)"))
end

local function check_locale(machine, report)
  local locale, from
  for _, name in ipairs { "LC_ALL", "LC_CTYPE", "LANG" } do
    if not locale then locale, from = machine:variable(name), name end
  end
  if locale and locale:lower():find "utf%-?8" then
    report:add("ok", "locale", ("%s=%s"):format(from, locale))
  else
    report:add("unneeded", "locale", locale and ("%s=%s is not UTF-8: letters beyond ASCII can't be edited at the "
               .. "prompt"):format(from, locale) or "not set: letters beyond ASCII can't be edited at the prompt",
               "export LANG=C.UTF-8")
  end
end

--- The history of the prompt; the prompt makes the folders above it when it can.
local function check_history(machine, report)
  local state, home = machine:variable "XDG_STATE_HOME", machine:variable "HOME"
  if not (state and state:sub(1, 1) == "/") then state = home and home .. "/.local/state" end
  if not state then
    report:add("missing", "history", "neither HOME nor XDG_STATE_HOME is set: the history is not kept", "set HOME")
    return
  end
  local file = state .. "/lunq/history"
  local opens = machine:open(file)
  if opens == "ok" or opens == "absent" and machine:may_make(state .. "/lunq") then
    report:add("ok", "history", file)
  else
    report:add("missing", "history", file .. " can't be written: the history is not kept",
               "set XDG_STATE_HOME to a folder of this user")
  end
end

local function add_optional(report, name, path, for_what, package)
  report:add(path and "ok" or "unneeded", name, path or ("not there; only %s"):format(for_what),
             "apt-get install " .. package)
end

function prompt.check(machine, report)
  check_terminal(machine, report)
  check_locale(machine, report)
  check_history(machine, report)
  add_optional(report, "graphviz", machine:command "dot", "ol:diagram needs it", "graphviz")
  add_optional(report, "lua-luv", machine:module("luv", package.cpath), 'require "luv" needs it: sockets, processes',
               "lua-luv")
  add_optional(report, "busted", machine:module("busted.runner", package.path), "lunq test of busted specs needs it",
               "lua-busted")
end

return prompt
