--- What a board has loaded is noted for programs to come, and several programs keep out of each other's way: real
--- programs, one after another and one inside the other, on a fake kernel.
local fixture = dofile "spec/overlay/fixture.lua"
local kernel = dofile "spec/linux/kernel.lua"
local dtc = dofile "spec/design/support/dtc.lua"
local folder_program = dofile "spec/c_program.lua" "spec/linux/run_folder.c"
local write, read = kernel.write, kernel.read

local function bit(more) return fixture.bit("xc7z020clg400-1", "\xaa\x99\x55\x66" .. more) end

local PLAIN

setup(function()
  kernel.setup()
  folder_program.build()
  PLAIN = dtc.blob [[/dts-v1/; /plugin/;
    &amba { fir@43c00000 { compatible = "generic-uio"; reg = <0 0x43c00000 0 0x1000>; }; };]]
  dtc.clean()
end)
teardown(kernel.teardown)
before_each(function()
  kernel.fresh()
  kernel.manager()
  local modules = { { path = "fir", vlnv = "acme.com:user:fir:1.0", base = 0x43c00000, range = 0x1000 },
                    { path = "leds", vlnv = "acme.com:user:leds:1.0", base = 0x43c01000, range = 0x1000 } }
  for i, name in ipairs { "top", "other" } do
    write(("/d/%s.hwh"):format(name), fixture.hwh { name = name, modules = modules })
    write(("/d/%s.bit"):format(name), bit(("\0\0\0%c"):format(i)))
  end
  write("/sys/class/uio/uio0/name", "all\n")
  write("/sys/class/uio/uio0/maps/map0/addr", "0x43c00000\n")
  write("/sys/class/uio/uio0/maps/map0/size", "0x10000\n")
  write("/sys/class/uio/uio0/maps/map0/offset", "0x0\n")
  write("/dev/uio0", ("\0"):rep(0x10000))
end)
after_each(kernel.clean)

--- A script with open(name, options), and inside(script): another program while this one goes on.
local function script(text, options)
  return ([[
    ROOT = %q
    lunq.warnings.set_hook(function(_, text) print("warning: " .. text) end)
    device = lunq.core.device_open("linux?root=" .. ROOT .. %q)
    function try(f, ...)
      local ok, e = pcall(f, ...)
      if not ok then print(type(e) == "table" and e.kind .. ": " .. e.message or e) end
      return ok and e
    end
    function open(name, o)
      o = o or {}
      o.device = device
      local ol = try(lunq.Overlay, ROOT .. "/d/" .. name, o)
      if ol then print(name .. (ol:is_loaded() and " loaded" or " not loaded")) end
      return ol
    end
    function attach(name, force) return open(name, { download = false, force = force }) end
    function inside()
      io.stdout:flush()
      assert(os.execute(os.getenv "INNER"))
    end
    %s]]):format(kernel.root, options or "", text)
end

local function run(text, inner, options)
  local environment = ""
  if inner then
    local bin = os.getenv "LUNQ_BIN" or arg[-1]
    environment = ("INNER='%s %s'"):format(bin, dtc.file_of("lunq = require 'lunq'\n" .. script(inner, options),
                                                            ".lua"))
  end
  return kernel.run("", script(text), environment)
end

--- What a message says of a program, without what differs each time.
local function plain(text)
  return (text:gsub("pid %d+ %(.-%), user %w+, since %d%d%d%d%-%d%d%-%d%d %d%d:%d%d:%d%d", "WHO")
              :gsub("by [^,]* /tmp/[^,]*, user %w+, on [%d: %-]+", "by SOMEBODY"))
end

describe("attaching to a board", function()
  it("takes what another program loaded, when it is this bitstream", function()
    assert.equal("top.bit loaded\n", run "open 'top.bit'")
    local note = require "dkjson".decode(read "/run/lunq/programs/linux.json")
    assert.equal(kernel.root .. "/d/top.bit", note.bitstream.file)
    assert.matches("^%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x$", note.metadata.hash)
    assert.equal("top.bit loaded\n7\ntop.bit loaded\n", run [[
      local ol = attach 'top.bit'
      ol.fir:write(0x10, 7)
      print(ol.fir:read(0x10))
      attach 'top.bit']])
    assert.equal("load 0 lunq-design.bin\n", read "/log") -- once
  end)

  it("refuses another bitstream and names who loaded it; force takes it all the same", function()
    run "open 'top.bit'"
    local why = "linux?root=ROOT has another bitstream: ROOT/d/top.bit, loaded by SOMEBODY"
    assert.equal("other.bit not loaded\n"
                 .. "runtime: Overlay not currently loaded (it was opened with download=false and " .. why .. "; call "
                 .. ":download() first)\n"
                 .. "runtime: Overlay not attached: " .. why .. ". Call :download(), or :attach { force = true } on a "
                 .. "board when you know that it has this design.\n0\ntrue\nother.bit loaded\n", plain(run [[
      local ol = attach 'other.bit'
      try(function() return ol.fir end)
      try(ol.attach, ol)
      ol:attach { force = true }
      print(ol.fir:read(0))
      print(ol:is_loaded())
      attach('other.bit', true)]]))
  end)

  it("compares the metadata where there is no bitstream", function()
    run "open 'top.bit'"
    os.remove(kernel.root .. "/d/top.bit")
    os.remove(kernel.root .. "/d/other.bit")
    assert.equal("top.hwh loaded\nother.hwh not loaded\nruntime: Overlay not attached: linux?root=ROOT has another "
                 .. "design: ROOT/d/top.hwh, loaded by SOMEBODY. Call :download(), or :attach { force = true } on a "
                 .. "board when you know that it has this design.\n", plain(run [[
      attach 'top.hwh'
      local ol = attach 'other.hwh'
      try(ol.attach, ol)]]))
  end)

  it("refuses what nobody noted, a damaged note, and what a failed load left", function()
    local nobody = "top.bit not loaded\nruntime: Overlay not attached: nobody has noted what is loaded on "
                   .. "linux?root=ROOT: a program other than LUNQ did it, or the boot loader. Call :download(), or "
                   .. ":attach { force = true } on a board when you know that it has this design.\n"
    local try_it <const> = "local ol = attach 'top.bit' try(ol.attach, ol)"
    assert.equal(nobody, run(try_it))
    write("/run/lunq/programs/linux.json", "{ cut")
    assert.equal(nobody, run(try_it))
    run "open 'top.bit'"
    write("/refuses", "")
    assert.matches("^device: The FPGA manager did not load ROOT/d/other.bit", run "open 'other.bit'")
    os.remove(kernel.root .. "/refuses")
    write("/sys/class/fpga_manager/fpga0/state", "operating\n")
    assert.equal(nobody, run(try_it))
  end)

  -- Only describing a design used to read its bitstream, which may be one that needs the option secure.
  it("reads the bitstream only to compare it", function()
    write("/d/top.bit", "encrypted")
    assert.equal("top.bit not loaded\n", run "attach 'top.bit'")
  end)

  it("takes out the device trees of a program before", function()
    write("/d/top.dtbo", PLAIN)
    run "open 'top.bit'"
    assert.same({ "top" }, require "dkjson".decode(read "/run/lunq/programs/linux.json").overlays)
    run "open 'other.bit'"
    assert.equal("load 0 lunq-design.bin\ninsert top\nremove top\nload 0 lunq-design.bin\n", read "/log")
    assert.same({}, require "dkjson".decode(read "/run/lunq/programs/linux.json").overlays)
  end)

  it("on a simulated device is for what this program loaded", function()
    assert.equal("runtime: Overlay not attached: sim has another design. Call :download(), or :attach { force = true } "
                 .. "on a board when you know that it has this design.\ntrue\n", run [[
      local sim = lunq.core.device_open "sim"
      local ol = lunq.Overlay(ROOT .. "/d/top.hwh", { device = sim, download = false, force = true })
      try(ol.attach, ol)
      lunq.Overlay(ROOT .. "/d/top.hwh", { device = sim })
      ol:attach()
      print(ol:is_loaded())]])
  end)
end)

describe("programs that use one board", function()
  it("don't load a design over one that another program uses", function()
    assert.equal("top.bit loaded\ndevice: Device linux?root=ROOT is held by WHO. End that program, or open the device "
                 .. 'as "linux?lock=0" when you know that they don\'t get in each other\'s way.\ntrue\n'
                 .. "other.bit loaded\n",
                 plain(run([[
      local ol = open 'top.bit'
      inside()
      print(ol:is_loaded())
      ol:free()
      open 'other.bit']], "open 'other.bit'")))
    assert.equal("load 0 lunq-design.bin\nload 0 lunq-design.bin\n", read "/log")
  end)

  it("use different IP of it, and never the same one", function()
    assert.equal("top.bit loaded\ntop.bit loaded\n5\ndevice: IP fir is held by WHO. End that program, or open the "
                 .. 'device as "linux?lock=0" when you know that they don\'t get in each other\'s way.\n0\n',
                 plain(run([[
      local ol = open 'top.bit'
      local fir = ol.fir
      inside()
      print(fir:read(0))]], [[
      local ol = attach 'top.bit'
      ol.leds:write(0, 5)
      print(ol.leds:read(0))
      try(function() return ol.fir end)]])))
  end)

  it("have an IP again when the other program frees its overlay, or ends", function()
    assert.equal("top.bit loaded\ntop.bit loaded\ntop.bit loaded\n0\n", run([[
      local ol = open 'top.bit'
      local _ = ol.fir
      ol:free()
      ol = attach 'top.bit'
      inside()]], "print(attach('top.bit').fir:read(0)) os.exit(0, false)"))
    assert.equal("top.bit loaded\n0\n", run "print(attach('top.bit').fir:read(0))")
  end)

  it("may be told not to care", function()
    assert.equal("top.bit loaded\ntop.bit loaded\n0\n", run("local ol = open 'top.bit' local _ = ol.fir inside()",
                                                            "print(attach('top.bit').fir:read(0))", "&lock=0"))
  end)

  it("don't stand in their own way", function()
    assert.equal("top.bit loaded\ntop.bit loaded\n0\n0\nother.bit loaded\n", run [[
      local a, b = open 'top.bit', attach 'top.bit'
      print(a.fir:read(0))
      print(b.fir:read(0))
      open 'other.bit']])
  end)

  it("that can't have /run/lunq share with those of the same user, in XDG_RUNTIME_DIR", function()
    local own = fixture.folder()
    os.execute("chmod 777 " .. own)
    local ok, out = folder_program.run(own)
    assert.is_true(ok, out)
    if not out:find "^this user may" then assert.equal(("1 0 %s/lunq\n0 0 ''\n"):format(own), out) end
    fixture.clean()
  end)
end)
