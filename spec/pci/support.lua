--- Spec support: copies of what Linux shows of PCI functions, with files where the nodes are: BARs and
-- configuration space are kept in them, interrupts come through a pipe.
local assert = require "luassert"

local support = {}

--- A new, empty tree. tree.root is its folder.
function support.tree()
  local root = os.tmpname()
  os.remove(root)
  local tree = { root = root }

  local made = {}
  local function folder_of(path)
    local folder = root .. path:match "^(.*)/"
    if not made[folder] then assert(os.execute(("mkdir -p '%s'"):format(folder))) end
    made[folder] = true
  end

  function tree.write(path, text)
    folder_of(path)
    local f <close> = assert(io.open(root .. path, "wb"))
    f:write(text)
  end

  function tree.read(path)
    local f <close> = assert(io.open(root .. path, "rb"))
    return f:read "a"
  end

  function tree.link(path, to)
    folder_of(path)
    assert(os.execute(("ln -sfn '%s' '%s%s'"):format(to, root, path)))
  end

  function tree.remove() os.execute(("rm -rf '%s'"):format(root)) end

  --- A function. o: vendor, device, class, driver, group, bars = { [0] = bytes or { bytes, ports = true } },
  --- irq, config.
  function tree.add(address, o)
    local dir = "/sys/bus/pci/devices/" .. address .. "/"
    tree.write(dir .. "vendor", ("0x%04x\n"):format(o.vendor or 0x10ee))
    tree.write(dir .. "device", ("0x%04x\n"):format(o.device or 0x7024))
    tree.write(dir .. "class", ("0x%06x\n"):format(o.class or 0x058000))
    tree.write(dir .. "irq", (o.irq or 11) .. "\n")
    tree.write(dir .. "config", o.config or string.pack("<I2I2I2I2", o.vendor or 0x10ee, o.device or 0x7024, 0, 0x10))
    if o.driver then tree.link(dir .. "driver", "../../../bus/pci/drivers/" .. o.driver) end
    if o.group then tree.link(dir .. "iommu_group", "../../../kernel/iommu_groups/" .. o.group) end
    local lines = {}
    for i = 0, 5 do
      local bar = o.bars and o.bars[i]
      local bytes, ports = type(bar) == "table" and bar[1] or bar, type(bar) == "table" and bar.ports
      if bytes then tree.write(dir .. "resource" .. i, ("\0"):rep(type(bar) == "table" and bar.there or bytes)) end
      lines[i + 1] = bytes and ("0x%016x 0x%016x 0x%016x"):format(0xe0000000 + (i << 24),
                                  0xe0000000 + (i << 24) + bytes - 1, ports and 0x40101 or 0x40200)
                     or ("0x%016x 0x%016x 0x%016x"):format(0, 0, 0)
    end
    tree.write(dir .. "resource", table.concat(lines, "\n") .. "\n")
  end

  --- One that has uio_pci_generic, as uio0 with a pipe for its interrupts.
  function tree.add_uio(address, o)
    o.driver = "uio_pci_generic"
    tree.add(address, o)
    tree.write("/sys/bus/pci/devices/" .. address .. "/uio/uio0/name", "uio_pci_generic\n")
    tree.write("/sys/class/uio/uio0/event", "0\n")
    folder_of "/dev/uio0"
    assert(os.execute(("mkfifo '%s/dev/uio0'"):format(root)))
  end

  --- The command register.
  function tree.command(address)
    return string.unpack("<I2", tree.read("/sys/bus/pci/devices/" .. address .. "/config"), 5)
  end

  return tree
end

--- The error f raises.
function support.fails(kind, f, ...)
  local ok, e = pcall(f, ...)
  assert.is_false(ok)
  assert.equal(kind, e.kind, tostring(e))
  return tostring(e)
end

return support
