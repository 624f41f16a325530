--- Firmware packages: what stands in their folders, and dfx-mgr, played by dfx_mgrd.c.
local fixture = dofile "spec/overlay/fixture.lua"
local kernel = dofile "spec/linux/kernel.lua"
local dtc = dofile "spec/design/support/dtc.lua"
local c_program = dofile "spec/c_program.lua"
local lunq = require "lunq"
local write = kernel.write

local BIN <const> = "\x66\x55\x99\xaa\4\3\2\1"
local daemon = c_program("spec/linux/dfx_mgrd.c", { flags = "" })
local dtbo

setup(function()
  kernel.setup()
  daemon.build()
  dtbo = dtc.blob [[/dts-v1/; /plugin/;
    &fpga_full { firmware-name = "fan.bit.bin"; };
    &amba { fir@a0000000 { compatible = "acme,fir-1.0"; reg = <0 0xa0000000 0 0x1000>; }; };]]
  dtc.clean()
end)
teardown(kernel.teardown)
before_each(function()
  kernel.fresh()
  kernel.manager "operating"
  write("/lib/firmware/xilinx/fan/fan.dtbo", dtbo)
  write("/lib/firmware/xilinx/fan/fan.bit.bin", BIN)
  write("/lib/firmware/xilinx/fan/shell.json", '{ "shell_type": "XRT_FLAT", "num_slots": "1" }')
  write("/lib/firmware/xilinx/shell/shell.dtbo", dtbo)
  write("/lib/firmware/xilinx/shell/shell.json", '{ "shell_type": "PL_DFX", "num_pl_slots": 2 }')
  for slot = 0, 1 do
    local folder = ("/lib/firmware/xilinx/shell/AES128/AES128_slot%d"):format(slot)
    write(folder .. "/AES128.bit.bin", BIN)
    write(folder .. "/AES128.dtbo", dtbo)
    write(folder .. "/accel.json", slot == 0 and '{ "accel_type": "SIHA_PL_DFX" }' or "{ cut")
  end
  write("/lib/firmware/xilinx/old/readme", "no package")
end)
after_each(function()
  kernel.clean()
  fixture.clean()
end)

local function list() return lunq.packages(kernel.root .. "/lib/firmware/xilinx") end

local SHOWN <const> = [[
fan                      XRT_FLAT, slots: 1
shell                    PL_DFX, slots: 2
  slot 0: AES128, SIHA_PL_DFX
  slot 1: AES128, ROOT/lib/firmware/xilinx/shell/AES128/AES128_slot1/accel.json is no JSON]]

--- What a script prints on the fake kernel, warnings among it.
local function run(script)
  return kernel.run("", ([[
    lunq.warnings.set_hook(function(_, text)
      if text:find "dfx%%-mgr" then print("warning: " .. text:match "^[^:]*") end
    end)
    local ROOT <const> = %q
    local device = lunq.core.device_open("linux?root=" .. ROOT)
    local o <const> = { device = device, folder = ROOT .. "/lib/firmware/xilinx" }
    local function try(f, ...)
      local ok, e = pcall(f, ...)
      if not ok then print(e.kind .. ": " .. e.message) end
      return ok and e
    end
    local function load(name)
      local ol = try(lunq.packages.load, name, o)
      if ol then print(ol:is_loaded()) end
    end
    %s]]):format(kernel.root, script), "FAKE_FIRMWARE=fan.bit.bin")
end

describe("firmware packages", function()
  it("are listed with their slots", function()
    local found = list()
    assert.same({ "fan", "shell" }, { found[1].name, found[2].name })
    assert.equal(kernel.root .. "/lib/firmware/xilinx/fan/fan.bit.bin", found[1].bitstream)
    assert.same({ type = "PL_DFX", slots = 2 }, found[2].shell)
    local slot = found[2].slots[1]
    assert.same({ "AES128", 0, "SIHA_PL_DFX" }, { slot.accelerator, slot.slot, slot.accel.accel_type })
    assert.equal(kernel.root .. "/lib/firmware/xilinx/shell/AES128/AES128_slot0/AES128.bit.bin", slot.bitstream)
    assert.equal(SHOWN, (tostring(found):gsub(kernel.root, "ROOT")))
    assert.equal("no firmware packages", tostring(lunq.packages "/dev/null/x"))
  end)

  it("are shown by lunq info", function()
    local code, out = dtc.lunq("info", kernel.root .. "/lib/firmware/xilinx/")
    assert.same({ 0, SHOWN .. "\n" }, { code, (out:gsub(kernel.root, "ROOT")) })
  end)

  it("that are damaged say why", function()
    write("/lib/firmware/xilinx/fan/shell.json", "{}")
    assert.matches("fan%s+.*shell.json: no shell_type", tostring(list()))
    os.remove(kernel.root .. "/lib/firmware/xilinx/shell/shell.dtbo")
    assert.matches("shell%s+.* is a folder without a device%-tree overlay", tostring(list()))
  end)

  it("are loaded by ourselves where dfx-mgr does not run", function()
    assert.equal("true\n", run "load 'fan'")
    assert.equal("insert fan\nload 0 fan.bit.bin\n", kernel.read "/log")
    assert.matches("attribute: There is no firmware package fam in .*; did you mean \"fan\"%?", run "load 'fam'")
  end)

  describe("where dfx-mgr runs", function()
    --- Starts the stand-in; kernel.root/log has what it was asked.
    local function start(version)
      local socket = kernel.root .. "/run/dfx-mgrd.socket"
      assert(os.execute(("mkdir -p %s/run; %s %s %s %s/log & echo $! >%s/run/pid"):format(
        kernel.root, daemon.path, socket, version, kernel.root, kernel.root)))
      assert(os.execute(("i=0; until [ -S %s ]; do i=$((i + 1)); [ $i -lt 1000 ] || exit 1; sleep 0.01; done")
                        :format(socket)))
      return socket
    end
    after_each(function() -- that it ends by this says that it was there until now
      assert(os.execute(("kill $(cat %s/run/pid)"):format(kernel.root)), "the daemon has died")
    end)

    -- Its versions by how they speak: 2021 (old), 2022 to 2024 (plain), 2025 (new).
    for _, version in ipairs { "old", "plain", "new" } do
      it("are listed, loaded and unloaded by it, " .. version, function()
        start(version)
        write("/lib/firmware/xilinx/none/none.dtbo", dtbo)
        local out = run [[
          local list = lunq.packages.loaded(device)
          print(list)
          for _, p in ipairs(list) do print(p.name, table.concat(p.slots, " ")) end
          load "fan"
          lunq.packages.unload(nil, device)
          lunq.packages.unload(1, device)
          load "none"
          try(lunq.packages.unload, 9, device)]]
        local heading, rest = out:match "^([^\n]*)\n.*(\nfan\t.*)$"
        assert.matches("Accelerator", heading)
        assert.equal("\nfan\t0\nAES128\t\ntrue\ndevice: dfx-mgr did not load none: it answered -1. Its log says why "
          .. "(journalctl -u dfx-mgr); is its slot taken (lunq.packages.loaded(), lunq.packages.unload())?\n"
          .. (version == "old" and "" or "device: dfx-mgr did not unload slot 9: it answered -1.\n"), rest)
        assert.equal("load fan\nremove 0\nremove 1\nload none\nremove 9\n", kernel.read "/log")
      end)
    end

    it("a load past it is warned about", function()
      start "plain"
      assert.equal("warning: dfx-mgr's daemon runs, and goes on believing that what it loaded is there\n",
                   run "lunq.Overlay(ROOT .. '/lib/firmware/xilinx/fan', { device = device })")
    end)

    it("errors say what is wrong with it", function()
      local socket = start "mute"
      local function fails(kind, message, ...)
        local ok, e = pcall(lunq.core.dfx_mgr, ...)
        assert.is_false(ok)
        assert.same({ kind, message }, { e.kind, (e.message:gsub(kernel.root, "ROOT")) })
      end
      fails("device", "dfx-mgr's daemon at ROOT/run/dfx-mgrd.socket went away without an answer: is it dfx-mgr 2021.1 "
            .. "or later?", socket, "load", "fan")
      fails("device", "dfx-mgr's daemon at ROOT/log can't be reached: Connection refused. Does it run (systemctl "
            .. "status dfx-mgr)?", write("/log", ""), "list", "")
      fails("value", "dfx-mgr is asked to list, load or unload, not to x.", socket, "x", "")
      fails("value", "A package's name has at most 4000 bytes.", socket, "load", ("x"):rep(4001))
    end)

    it("but listens to root, who is no root is told", function()
      local socket = start "plain"
      local program = kernel.root .. "/lunq"
      if not os.execute "test $(id -u) = 0" then pending "needs root" return end
      assert(os.execute(("cp %s %s; chmod -R go+rX %s"):format(os.getenv "LUNQ_BIN" or arg[-1], program, kernel.root)))
      local _, out = dtc.sh(("setpriv --reuid=65534 --clear-groups %s -e 'print(select(2, pcall(lunq.core.dfx_mgr, %q, "
        .. "%q, %q)).message)'"):format(program, socket, "list", ""))
      assert.equal("dfx-mgr's daemon at ROOT/run/dfx-mgrd.socket listens to root only: run this as root, or give its "
                   .. "socket to your group.\n", (out:gsub(kernel.root, "ROOT")))
    end)
  end)
end)
