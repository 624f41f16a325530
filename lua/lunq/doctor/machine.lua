--- The machine `lunq doctor` looks at: its files below one root folder, its user, its kernel's options.
-- Nothing here raises for what a file holds: a file that is absent, unreadable or damaged has no text.
local core = require "lunq.core"

local Machine = {}
Machine.__index = Machine

--- What is read of one file at most: enough for the options of a kernel (270 KB), not for a trap.
local MOST <const> = 2 << 20

local EPERM <const>, ENOENT <const>, EACCES <const> = 1, 2, 13

--- CAP_SYS_RAWIO, which opening /dev/mem needs beside the file's mode (linux-boards.md A1): capability(7).
local RAWIO <const> = 17

--- A machine whose files stand below `root`.
---@param root string "/" for this one
---@param env? fun(name: string): string|nil where variables of the environment come from
function Machine.new(root, env)
  return setmetatable({ root = (root:gsub("/+$", "")), env = env or os.getenv, variables = {} }, Machine)
end

--- The value of an environment variable, as it was when it was first asked for; nil when it is empty, too.
function Machine:variable(name)
  if self.variables[name] == nil then self.variables[name] = self.env(name) or "" end
  local v = self.variables[name]
  return v ~= "" and v or nil
end

-- ---- files --------------------------------------------------------------------------------------

--- "file", "directory", "other" (a device, a socket), or nil: not there, or out of reach.
-- Paths may come from damaged files: one with a zero byte names nothing.
function Machine:kind(path) return not path:find "%z" and core.file_kind(self.root .. path) or nil end

--- What a file holds, without zero bytes and white space at its end; nil when it can't be read.
-- Only plain files are opened, as all in /proc and /sys are: reading a pipe could wait for ever.
function Machine:text(path)
  local f <close> = self:kind(path) == "file" and io.open(self.root .. path, "rb") or nil
  local text = f and f:read(MOST)
  return text and (text:gsub("[%z%s]+$", ""))
end

--- The names in a folder in order, those that match a pattern if one is given; {} when there is none.
function Machine:list(path, pattern)
  local names = {}
  for _, name in ipairs(core.list_dir(self.root .. path) or {}) do
    if not pattern or name:find(pattern) then names[#names + 1] = name end
  end
  return names
end

--- Whether this user may make what is missing of a path and write into it.
function Machine:may_make(path)
  while not self:kind(path) and path:find "/." do path = path:match "^(.*)/" end
  return self:kind(path) == "directory" and core.may_write(self.root .. path)
end

--- Opens a device node for reading and writing and closes it again.
-- To open is the only honest question: capabilities and the device rules of a container refuse what
-- the mode allows. It reads and writes nothing.
---@param mode? string as io.open has it; "ab" for an attribute that can only be written
---@return string state "ok", "absent", "denied" or "dead" (something stands there that can't be opened)
---@return string|nil reason the system's words
function Machine:open(path, mode)
  if not self:kind(path) then
    local f <close>, _, code = io.open(self.root .. path, "rb")
    if f or code == ENOENT then return "absent" end
  end
  local f <close>, message, code = io.open(self.root .. path, mode or "r+b")
  if f then return "ok" end
  if code == EACCES or code == EPERM then return "denied", message:match "([^:]*)$":gsub("^ ", "") end
  return code == ENOENT and "absent" or "dead", message:match "([^:]*)$":gsub("^ ", "")
end

--- Where a command is that a shell would find by its name, or nil.
function Machine:command(name)
  for dir in (self:variable "PATH" or "/usr/bin:/bin"):gmatch "[^:]+" do
    local path = dir .. "/" .. name
    if dir:sub(1, 1) == "/" and self:kind(path) == "file" then return path end
  end
  return nil
end

--- Where a Lua module is that `require` would load, by package.path or package.cpath; or nil.
function Machine:module(name, templates)
  for template in templates:gmatch "[^;]+" do
    local path = template:gsub("?", (name:gsub("%.", "/")))
    if path:sub(1, 1) == "/" and self:kind(path) == "file" then return path end
  end
  return nil
end

-- ---- who ----------------------------------------------------------------------------------------

--- The name of a number in /etc/passwd or /etc/group, or the number itself.
function Machine:name_of(id, file)
  for name, number in ("\n" .. (self:text(file) or "")):gmatch "\n([^:\n]+):[^:\n]*:(%d+)" do
    if tonumber(number) == id then return name end
  end
  return tostring(id)
end

--- Who runs this program: { uid, name, groups (set of numbers), raw (CAP_SYS_RAWIO) }; nil: unknown.
function Machine:user()
  local status = self:text "/proc/self/status" or ""
  local uid = tonumber(status:match "\nUid:%s+%d+%s+(%d+)")
  if not uid then return nil end
  local groups = {}
  local own, more = status:match "\nGid:%s+%d+%s+(%d+)", status:match "\nGroups:([^\n]*)" or ""
  for id in ((own or "") .. " " .. more):gmatch "%d+" do groups[tonumber(id) or -1] = true end
  local capabilities = tonumber(status:match "\nCapEff:%s*(%x+)" or "", 16) or 0
  return { uid = uid, name = self:name_of(uid, "/etc/passwd"), groups = groups,
           raw = capabilities >> RAWIO & 1 == 1 }
end

--- A udev rule that gives nodes like this one to the group lunq, and what makes the user a member.
local function udev_rule(machine, path, user)
  local group = ("\n" .. (machine:text "/etc/group" or "")):find("\nlunq:", 1, true) and "" or "groupadd lunq; "
  local node = path:match "[^/]*$":gsub("%d+$", "*")
  return ('line KERNEL=="%s", GROUP="lunq", MODE="0660" in /etc/udev/rules.d/60-lunq.rules; %susermod -aG lunq %s; '
          .. "restart"):format(node, group, user)
end

--- What would let this user open a node: words for a person.
function Machine:permission_advice(path)
  local uid, gid, mode = core.file_owner(self.root .. path)
  if not uid then return "run lunq as root" end
  local user, group = self:user(), self:name_of(gid, "/etc/group")
  local name = user and user.name or "USER"
  local stands = ("%s belongs to %s:%s, mode %03o"):format(path, self:name_of(uid, "/etc/passwd"), group, mode)
  if user and user.uid == 0 then return stands .. "; root is refused: this container or sandbox keeps devices away" end
  if mode & 6 << 3 == 6 << 3 and gid ~= 0 then
    return ("%s: usermod -aG %s %s, then log in again"):format(stands, group, name)
  end
  return ("%s: %s"):format(stands, udev_rule(self, path, name))
end

-- ---- the kernel ---------------------------------------------------------------------------------

function Machine:release() return self:text "/proc/sys/kernel/osrelease" end

--- The text of a .gz file, or nil. gzip is part of every Debian and of busybox.
local function unzipped(path)
  local f <close> = io.popen(("gzip -dc '%s' 2>/dev/null </dev/null"):format(path:gsub("'", "'\\''")))
  return f and f:read(MOST)
end

--- What the running kernel was built with: { source, options = { UIO = "m", CMA = "y" } }, or nil and why.
function Machine:kernel()
  if self.config == nil then self.config = self:read_kernel() end
  return self.config or nil
end

function Machine:read_kernel()
  local release = self:release()
  local places = { "/proc/config.gz" }
  if release and not release:find "[^%w%._+~-]" then
    places[2] = "/boot/config-" .. release
    places[3] = "/lib/modules/" .. release .. "/config"
  end
  for _, place in ipairs(places) do
    local text
    if place:find "%.gz$" then
      text = self:kind(place) == "file" and unzipped(self.root .. place)
    else
      text = self:text(place)
    end
    local options, n = {}, 0
    for name, value in (text or ""):gmatch "CONFIG_([%w_]+)=([^\n]*)" do options[name], n = value, n + 1 end
    if n > 0 then return { source = place, options = options } end
  end
  return false
end

--- A number of /proc/meminfo in bytes ("CmaTotal"), or as it is for what has no unit; or nil.
function Machine:memory(name)
  local number, unit = ("\n" .. (self:text "/proc/meminfo" or "")):match("\n" .. name .. ":%s*(%d+)%s*(k?B?)")
  number = math.tointeger(tonumber(number))
  return number and (unit == "kB" and number << 10 or number)
end

-- ---- what it is ---------------------------------------------------------------------------------

--- The device programs are started with here: as --device has it, why it is that one, and for a board that
--- can't be used an error that says why.
function Machine:device() return core.device_choice(self:variable "LUNQ_DEVICE" or "", self.root) end

--- The board as a device, whatever programs are started with; nil and why it is none, or can't be opened.
function Machine:linux()
  if not self:board() then return nil, "there is no board" end
  if self.board_device == nil then
    local ok, device = pcall(core.device_open, self.root == "" and "linux" or "linux?root=" .. self.root)
    self.board_device, self.no_board = ok and device, not ok and tostring(device) or nil
  end
  return self.board_device or nil, self.no_board
end

--- Gives back what was opened.
function Machine:close()
  if self.board_device then self.board_device:close() end
  self.board_device = nil
end

--- Its kind, "linux" of "linux?force=1".
function Machine:device_kind() return (self:device():match "^[^:?]*") end

--- Families by the words of the device tree's `compatible` (linux-boards.md A11).
local FAMILIES <const> = {
  { "xlnx,zynq-7000", "Zynq-7000" }, { "xlnx,zynqmp", "ZynqMP" }, { "xlnx,versal", "Versal" },
}

--- What the device tree says: { model, family } or nil where there is none, as on a PC.
function Machine:board()
  for _, dir in ipairs { "/proc/device-tree", "/sys/firmware/devicetree/base" } do
    local model, compatible = self:text(dir .. "/model"), self:text(dir .. "/compatible")
    if model or compatible then
      local board = { model = model or compatible:match "^[^%z]*" }
      for _, family in ipairs(FAMILIES) do
        if ("\0" .. (compatible or "") .. "\0"):find("\0" .. family[1], 1, true) then board.family = family[2] break end
      end
      return board
    end
  end
  return nil
end

--- AMD's PCIe vendor, and that of AWS with the numbers of F1's user function (aws-fpga, f1 documents).
local AMD <const>, AWS <const> = "0x10ee", "0x1d0f"

--- PCIe functions that are FPGA cards: { address, device, driver }.
function Machine:cards()
  local cards = {}
  for _, address in ipairs(self:list "/sys/bus/pci/devices") do
    local dir = "/sys/bus/pci/devices/" .. address
    local vendor, device = self:text(dir .. "/vendor"), self:text(dir .. "/device") or "?"
    if vendor == AMD or vendor == AWS and device:find "^0xf0" then
      cards[#cards + 1] = { address = address, device = vendor .. ":" .. device, driver = self:driver(dir) }
    end
  end
  return cards
end

--- The name of the kernel driver of a PCIe function, from uevent: links would leave the root folder.
function Machine:driver(dir)
  return (self:text(dir .. "/uevent") or ""):match "DRIVER=([^\n]+)"
end

return Machine
