--- Overlays given to Linux by configfs: fake_kernel.c plays the kernel below a folder of copies; nothing
--- here touches the /sys of the machine that runs the tests.
local lfs = require "lfs"
local dtc = dofile "spec/design/support/dtc.lua"
local kernel = dofile "spec/linux/kernel.lua"
local write, folders = kernel.write, kernel.overlays
local OVERLAYS <const> = kernel.OVERLAYS

local root, overlay
local blob -- the overlay

setup(function()
  kernel.setup()
  blob = dtc.blob(dtc.slurp "spec/design/fixtures/uio.dts")
  dtc.clean()
end)
teardown(kernel.teardown)

before_each(function()
  kernel.fresh()
  root = kernel.root
  write("/lib/firmware/design.bit.bin", "bits")
  overlay = write("/lib/firmware/design.v1.dtbo", blob)
end)
after_each(function()
  dtc.clean()
  kernel.clean()
end)

--- What a script prints on the fake kernel; `segment` is there, errors are "kind: message".
local function run(mode, script)
  return kernel.run(mode, ([[
    local segment = lunq.DeviceTreeSegment(%q, { root = %q })
    local function try(name)
      local ok, e = pcall(segment[name], segment)
      print(ok and name or e.kind .. ": " .. e.message)
    end
    local function applied() print(segment:is_dtbo_applied() and "applied" or "not applied") end
    %s]]):format(overlay, root, script))
end

describe("a device-tree segment", function()
  it("is applied, says so, and goes again as often as it is told", function()
    assert.equal("not applied\ninsert\napplied\nremove\nnot applied\nremove\n",
                 run("", "applied() try 'insert' applied() try 'remove' applied() try 'remove'"))
    assert.same({}, folders())
  end)

  it("has PYNQ's fields: the name ends at the first dot", function()
    assert.equal("design ROOT/lib/firmware/design.v1.dtbo ROOT" .. OVERLAYS .. "/design\n",
                 run("", "print(segment.dtbo_name, segment.dtbo_path, segment.sysfs_dir)"):gsub("\t", " "))
  end)

  it("gives the kernel the bytes of the file", function()
    run("", "try 'insert'")
    assert.equal(dtc.slurp(overlay), dtc.slurp(root .. OVERLAYS .. "/design/dtbo"))
  end)

  it("goes by its name below /lib/firmware where the kernel takes no bytes", function()
    assert.equal("insert\napplied\n", run("paths", "try 'insert' applied()"))
    assert.equal("design.v1.dtbo", dtc.slurp(root .. OVERLAYS .. "/design/path"))
  end)

  it("is switched on where the kernel waits for that", function()
    assert.equal("insert\napplied\n", run("dtbocfg", "try 'insert' applied()"))
  end)

  it("that the kernel refuses is taken out again, with what the kernel logged", function()
    assert.equal("runtime: Device tree design cannot be applied: the kernel does not keep it; the kernel says: "
                 .. "OF: resolver: overlay phandle fixup failed: -22; create_overlay: Failed to resolve tree\n"
                 .. "not applied\n", run("fails", "try 'insert' applied()"))
    assert.same({}, folders())
  end)

  it("that crashes libfdt in memory is refused; the program goes on", function()
    assert.equal("value: ROOT/lib/firmware/design.v1.dtbo: trying it in memory crashes libfdt (Segmentation fault): a "
                 .. "damaged overlay, or one made to do harm; it is refused. Please report it.\nnot applied\n",
                 run("crashes", "try 'insert' applied()"))
    assert.same({}, folders())
  end)

  it("that does not become applied is taken out again", function()
    assert.equal("runtime: Device tree design cannot be applied: its status is not 'applied'; dmesg may tell why\n",
                 run("stays", "try 'insert'"))
    assert.same({}, folders())
  end)

  it("is not applied twice", function()
    assert.equal(("insert\nruntime: Device tree design cannot be applied: an overlay of that name is there already; "
                  .. "remove it first (rmdir ROOT%s/design)\n"):format(OVERLAYS), run("", "try 'insert' try 'insert'"))
  end)

  it("that the kernel keeps is a runtime error when removed", function()
    assert.equal(("insert\nruntime: Device tree design cannot be removed: ROOT%s/design: Device or resource busy\n")
                 :format(OVERLAYS), run("keeps", "try 'insert' try 'remove'"))
  end)
end)

--- Without a kernel: nothing of this reaches it.
describe("a device-tree segment that the kernel never sees", function()
  local function fails(path, where)
    local lunq = require "lunq"
    local ok, e = pcall(function() lunq.DeviceTreeSegment(path, { root = where or root }):insert() end)
    assert.is_false(ok)
    assert.same({}, folders())
    return { e.kind, (e.message:gsub(root, "ROOT")) }
  end

  it("doesn't fit the live tree", function()
    local path = dtc.file "/dts-v1/; /plugin/; &fpga_ful { };"
    local e = fails(path)
    assert.same({ "value", path .. " doesn't fit ROOT/proc/device-tree: label 'fpga_ful' (/fragment@0:target:0) is "
                           .. "not there; lunq fdt ROOT/proc/device-tree shows the labels it has" }, e)
  end)

  it("lacks its bitstream, or names it in a way that is none", function()
    os.remove(root .. "/lib/firmware/design.bit.bin")
    assert.same({ "io", "ROOT/lib/firmware/design.v1.dtbo: its bitstream 'design.bit.bin' is not in /lib/firmware; "
                        .. "copy it there (a .bin; LUNQ makes one of a .bit: "
                        .. "lunq.core.bitstream_read(file):to_bin())" },
                fails(overlay))
    local path = dtc.file '/dts-v1/; /plugin/; &fpga_full { firmware-name = "../x.bin"; };'
    assert.same({ "value", path .. ": firmware-name '../x.bin' should be a name below /lib/firmware, shorter than 255 "
                           .. "bytes and without '..'" }, fails(path))
  end)

  it("finds its bitstream where the kernel is told to look", function()
    os.remove(root .. "/lib/firmware/design.bit.bin")
    assert(os.execute(("mkdir -p %s/sys/module/firmware_class/parameters %s/opt/x"):format(root, root)))
    write("/sys/module/firmware_class/parameters/path", "/opt/x\n")
    write("/opt/x/design.bit.bin", "bits")
    assert.equal("insert\n", run("", "try 'insert'"))
  end)

  it("is damaged", function()
    local path = dtc.file_of(dtc.slurp(overlay):sub(1, 200), ".dtbo")
    assert.matches("the file is cut off", fails(path)[2])
  end)

  it("has a kernel without overlays, or no device tree", function()
    local nothing = os.tmpname()
    os.remove(nothing)
    lfs.mkdir(nothing)
    local e = fails(overlay, nothing)
    assert.same({ "unsupported", "This kernel has no configfs, so no device-tree overlays: there is no "
                                 .. "/sys/kernel/config; load the module (modprobe configfs), or use a kernel with "
                                 .. "CONFIGFS_FS and OF_CONFIGFS" }, e)
    assert(os.execute(("mkdir -p %s/sys/kernel/config"):format(nothing)))
    assert.matches("^This kernel takes no device%-tree overlays: there is no " .. OVERLAYS:gsub("%-", "%%-")
                   .. "%. Mount configfs", fails(overlay, nothing)[2])
    assert(os.execute(("mkdir -p %s%s"):format(nothing, OVERLAYS)))
    assert.same({ "io", ("This machine has no device tree (%s/proc/device-tree): overlays are for boards")
                        :format(nothing) }, fails(overlay, nothing))
    os.execute("rm -r " .. nothing)
  end)

  it("is not there, in PYNQ's words", function()
    assert.same({ "io", "The dtbo file no/such.dtbo does not exist." }, fails "no/such.dtbo")
    assert.same({ "type", "DTBO name has to be a string." }, fails(5))
  end)
end)
