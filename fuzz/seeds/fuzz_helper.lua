--- Requests to lunq-helper, one of each kind (host/device/linux/helper_request.h).
local folder = arg[1]

local function seed(name, op, n_files, o)
  local f <close> = assert(io.open(folder .. "/" .. name, "wb"))
  local function text(s, size) return (s or "") .. ("\0"):rep(size - #(s or "")) end
  f:write(string.char(n_files), string.pack("<I4I4I4I4I8", 0x31514e4c, op, o.index or 0, n_files, o.hz or 0),
          text(o.name, 72), text(o.region, 64), text(o.file, 128))
end

seed("load", 1, 1, { file = "top.bit" })
seed("partial", 1, 1, { file = "part.bit", region = "pr_0" })
seed("by_overlay", 1, 2, { file = "top.bit", name = "top" })
seed("insert", 2, 1, { file = "top.dtbo", name = "top" })
seed("remove", 3, 0, { name = "top" })
seed("get", 4, 0, { index = 3 })
seed("set", 5, 0, { index = 1, hz = 100000000 })
