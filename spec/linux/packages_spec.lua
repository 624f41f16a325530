--- Firmware packages: what stands in their folders, and dfx-mgr, played by a script called xmutil.
local fixture = dofile "spec/overlay/fixture.lua"
local kernel = dofile "spec/linux/kernel.lua"
local dtc = dofile "spec/design/support/dtc.lua"
local lunq = require "lunq"
local write = kernel.write

local BIN <const> = "\x66\x55\x99\xaa\4\3\2\1"
local dtbo

setup(function()
  kernel.setup()
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

--- What a script prints on the fake kernel, warnings among it; xmutil says this.
local function run(script, said, code)
  local bin = fixture.folder()
  fixture.write(bin .. "/xmutil", ("#!/bin/sh\necho \"asked: $*\" >> %s/log\n%s\nexit %d\n"):format(
    kernel.root, said or "", code or 0))
  os.execute("chmod +x " .. bin .. "/xmutil")
  return kernel.run("", ([[
    lunq.warnings.set_hook(function(_, text)
      if text:find "dfx%%-mgr" then print("warning: " .. text:match "^[^:]*") end
    end)
    local ROOT <const> = %q
    local device = lunq.core.device_open("linux?root=" .. ROOT)
    local o <const> = { device = device, folder = ROOT .. "/lib/firmware/xilinx" }
    local function load(name)
      local ok, e = pcall(lunq.packages.load, name, o)
      print(ok and e:is_loaded() or e.kind .. ": " .. e.message)
    end
    %s]]):format(kernel.root, script), ("FAKE_FIRMWARE=fan.bit.bin PATH=%s:$PATH"):format(bin))
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
    before_each(function() assert(os.execute("mkfifo " .. kernel.root .. "/run-socket; mkdir -p " .. kernel.root
      .. "/run; mv " .. kernel.root .. "/run-socket " .. kernel.root .. "/run/dfx-mgrd.socket")) end)

    it("are loaded by it, and attached to", function()
      assert.equal("true\n", run("load 'fan'", "echo 'fan: loaded to slot 0'"))
      assert.equal("asked: loadapp fan\n", kernel.read "/log")
      run "lunq.packages.unload(nil, device)"
      assert.equal("asked: loadapp fan\nasked: unloadapp 0\n", kernel.read "/log")
    end)

    it("that it does not load are errors with its words", function()
      assert.equal("device: dfx-mgr did not load fan: fan: loaded to slot -1\n",
                   run("load 'fan'", "echo 'fan: loaded to slot -1'"))
      assert.equal("permission: xmutil loadapp fan: connect(/tmp/dfx-mgrd.socket): Permission denied, error\n",
                   run("load 'fan'", "echo 'connect(/tmp/dfx-mgrd.socket): Permission denied, error'"))
      assert.equal("device: xmutil loadapp fan: exit code 3\n", run("load 'fan'", "", 3))
    end)

    it("a load past it is warned about", function()
      assert.equal("warning: dfx-mgr's daemon runs, and goes on believing that what it loaded is there\n",
                   run "lunq.Overlay(ROOT .. '/lib/firmware/xilinx/fan', { device = device })")
    end)
  end)
end)
