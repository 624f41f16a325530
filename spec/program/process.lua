--- Starts the program under test as a person's shell would: not a spec, used by specs.
local process = {}

--- The program: the one these specs run in, unless LUNQ_BIN names another.
process.bin = os.getenv "LUNQ_BIN" or arg[-1]

local function quote(s) return "'" .. s:gsub("'", "'\\''") .. "'" end
process.quote = quote

local function contents(path)
  local f <close> = assert(io.open(path, "rb"))
  return f:read "a"
end

local state -- a folder for the histories of prompts, until process.clean

--- Writes a temporary file with this ending and returns its name; process.clean removes it.
local temporary = {}
function process.file(text, ending)
  local name = os.tmpname()
  temporary[#temporary + 1] = name
  if ending then
    name = name .. ending
    temporary[#temporary + 1] = name
  end
  local f <close> = assert(io.open(name, "wb"))
  f:write(text)
  return name
end

function process.clean()
  for i, name in ipairs(temporary) do
    os.remove(name)
    temporary[i] = nil
  end
  if state then os.execute("rm -rf " .. state) end
  state = nil
end

--- Runs a shell command line, in which LUNQ stands for the program.
---@return integer code exit code, 128 + signal as shells say it
---@return string out
---@return string err
function process.sh(line)
  local out, err = os.tmpname(), os.tmpname()
  local cmd = "LUNQ() { " .. quote(process.bin) .. " \"$@\"; }\n" .. line
  local _, how, code = os.execute(("sh -c %s >%s 2>%s </dev/null"):format(quote(cmd), out, err))
  local o, e = contents(out), contents(err)
  os.remove(out)
  os.remove(err)
  return how == "signal" and 128 + code or code, o, e
end

--- Runs the program with these arguments.
function process.lunq(...)
  local words = { "LUNQ" }
  for i, a in ipairs { ... } do words[i + 1] = quote(a) end
  return process.sh(table.concat(words, " "))
end

--- The words that run a command as somebody who is not root: "" when this is nobody special already, nil on a
--- system without a program for it (busybox).
function process.unprivileged()
  local _, id = process.sh "id -u"
  if id ~= "0\n" then return "" end
  local who = "setpriv --reuid 65534 --regid 65534 --clear-groups "
  return process.sh(who .. "true") == 0 and who or nil
end

--- Runs a script, sends it a signal once it has printed "ready", `times` times, shortly after one another.
---@return integer code
---@return string out
---@return string err
function process.interrupted(signal, text, command, times)
  local s = process.file("io.stdout:setvbuf 'no' " .. text, "_spec.lua")
  local kill, again = ("kill -%s $p"):format(signal), ("; sleep 0.01; kill -%s $p"):format(signal)
  return process.sh(([[
    f=$(mktemp)
    trap '' INT; ( trap - INT; exec %s %s %s ) >$f 2>$f.err & p=$!
    i=0; until grep -q ready $f || [ $i = 500 ]; do sleep 0.02; i=$((i + 1)); done
    %s; wait $p; r=$?
    cat $f; cat $f.err >&2; rm $f $f.err; exit $r]])
    :format(quote(process.bin), command or "", s, kill .. again:rep((times or 1) - 1)))
end

-- ---- a terminal -------------------------------------------------------------------------------

local Terminal = {}
Terminal.__index = Terminal

--- Starts the program on a pseudo-terminal (util-linux's script). `environment` is put in front,
-- as in "XDG_STATE_HOME=/tmp/x TERM=xterm" (vt100 is the default: no colours). It is killed after 20 s.
function process.terminal(environment, arguments)
  local fifo = os.tmpname()
  os.remove(fifo)
  assert(os.execute("mkfifo " .. fifo))
  local inner = ("exec env TERM=vt100 %s %s %s"):format(environment, quote(process.bin), arguments or "")
  local t = setmetatable({ seen = "", fifo = fifo }, Terminal)
  t.output = assert(io.popen(("SHELL=/bin/sh timeout 20 script -qec %s /dev/null <%s 2>&1")
    :format(quote(inner), fifo)))
  t.keys = assert(io.open(fifo, "w"))
  t.keys:setvbuf "no"
  return t
end

--- The prompt, with a history of its own.
---@param environment? string as for process.terminal
function process.prompt(environment)
  if not state then
    state = os.tmpname()
    os.remove(state)
  end
  return process.terminal((environment or "") .. " XDG_STATE_HOME=" .. state)
end

--- Types keys ("\r" is Enter).
function Terminal:type(keys)
  self.keys:write(keys)
end

--- Waits for the prompt and enters a line. Keys typed before the prompt is there go through the
-- terminal's own line mode, and some are lost when it changes.
function Terminal:line(text)
  self:expect "> "
  self:type(text .. "\r")
end

--- Reads until `text` has appeared since the last expect; returns what came before it.
function Terminal:expect(text)
  while true do
    local from, to = self.seen:find(text, 1, true)
    if from then
      local before = self.seen:sub(1, from - 1)
      self.seen = self.seen:sub(to + 1)
      return before
    end
    local c = self.output:read(1)
    if not c then error(("the program ended before %q came; it said %q"):format(text, self.seen), 2) end
    self.seen = self.seen .. c
  end
end

--- Leaves the prompt with Ctrl-D, which would be taken by the terminal itself before the prompt is there.
function Terminal:leave()
  self:expect "> "
  self:type "\4"
  local code, rest = self:finish()
  assert(code == 0, rest)
end

--- Reads to the end; the exit code and the rest of the output.
function Terminal:finish()
  local rest = self.seen .. self.output:read "a"
  local _, _, code = self.output:close()
  self.keys:close()
  os.remove(self.fifo)
  return code, rest
end

return process
