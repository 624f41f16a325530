--- lunq-helper and the programs that ask it, on a fake kernel which only the helper has: what happens there was
--- done by it.
local dtc = dofile "spec/design/support/dtc.lua"
local fixture = dofile "spec/overlay/fixture.lua"
local kernel = dofile "spec/linux/kernel.lua"
local c_program = dofile "spec/c_program.lua"
local write, read = kernel.write, kernel.read

local BIT <const> = fixture.bit("xczu9eg-ffvb1156-2-e", "\xaa\x99\x55\x66\1\2\3\4")
local BIN <const> = "\x66\x55\x99\xaa\4\3\2\1"
local BUILD <const> = (os.getenv "LUNQ_BIN" or "build/lunq"):match "^(.*)/"
local GROUP <const> = "54321" -- of nobody here

local client = c_program("spec/linux/helper_client.c", {
  flags = "", sources = { "host/core/error.c" } })
local blobs, running = {}, nil

--- Starts the helper on the fake board; `options` go to its command line, `mode` to the fake kernel.
local function start(options, mode)
  running = kernel.root .. "/run"
  assert(os.execute(("mkdir -p %s && chmod 755 %s"):format(running, kernel.root)))
  assert(os.execute(("(ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 LD_PRELOAD=%s FAKE_ROOT=%s "
    .. "FAKE_KERNEL='%s' exec %s/lunq-helper --socket %s/s --root %s %s) 2>%s/log & echo $! >%s/pid"):format(
      kernel.library(), kernel.root, mode or "", BUILD, running, kernel.root, options or "--group " .. GROUP, running,
      running)))
  assert(os.execute(("i=0; until [ -S %s/s ]; do i=$((i + 1)); [ $i -lt 1000 ] || exit 1; sleep 0.01; done")
                    :format(running)), read "/run/log")
end

local function stop()
  if not running then return end
  os.execute(("kill $(cat %s/pid); i=0; while [ -S %s/s ] && [ $i -lt 1000 ]; do i=$((i + 1)); sleep 0.01; done")
             :format(running, running))
  running = nil
end

--- What a script prints whose device is the fake board, and who asks the helper.
local function run(script)
  return kernel.run("", ([[
    local ROOT <const> = %q
    local device = lunq.core.device_open("linux?root=" .. ROOT)
    local function try(f, ...)
      local ok, e = pcall(f, ...)
      print(ok and "ok" or e.kind .. ": " .. e.message)
    end
    local function open(name)
      return lunq.Overlay(ROOT .. "/d/" .. name .. ".bit", { device = device, design = {
        name = name, arch = "zynquplus", part = "xczu9eg", ip = {
          fir = { type = "acme.com:user:fir:1.0", address = 0xa0000000, range = 0x1000 } } } })
    end
    %s]]):format(kernel.root, script), ("FAKE_ROOT= LUNQ_HELPER=%s/s"):format(running))
end

--- What a hostile client is answered.
local function ask(case)
  local _, out = client.run(("%s/s '%s'"):format(running, case))
  return (out:gsub("\n$", ""))
end

--- The same as another user, who has these groups.
local function ask_as(groups, case)
  local copy = kernel.root .. "/client"
  assert(os.execute(("cp %s/spec/linux_helper_client %s && chmod 755 %s && chmod 777 %s/s")
                    :format(BUILD, copy, copy, running)))
  local _, out = dtc.sh(("setpriv --reuid=65534 --regid=65534 %s %s %s/s '%s'"):format(groups, copy, running, case))
  return (out:gsub("\n$", ""))
end

local function is_root()
  local p <close> = io.popen "id -u"
  return p:read "n" == 0
end

setup(function()
  kernel.setup()
  client.build()
  blobs.region = dtc.blob '/dts-v1/; /plugin/; &fpga_full { firmware-name = "top.bit.bin"; };'
  blobs.plain = dtc.blob [[/dts-v1/; /plugin/;
    &amba { fir@a0000000 { compatible = "generic-uio"; reg = <0 0xa0000000 0 0x1000>; }; };]]
  blobs.wrong = dtc.blob '/dts-v1/; /plugin/; &nowhere { };'
  blobs.other = dtc.blob '/dts-v1/; /plugin/; &fpga_full { firmware-name = "regulatory.db"; };'
  dtc.clean()
end)
teardown(kernel.teardown)
before_each(function()
  kernel.fresh()
  kernel.manager()
  write("/d/top.bit", BIT)
  write("/d/top.lua.table", "")
end)
after_each(function()
  stop()
  kernel.clean()
end)

describe("lunq-helper", function()
  it("loads a design, and notes who wanted it", function()
    start()
    run "open 'top'"
    assert.equal("load 0 lunq-design.bin\n", read "/log")
    assert.equal(BIN, read "/image")
    assert.equal("", read "/lib/firmware/lunq-design.bin")
    assert.matches("^lunq%-helper: uid %d+ gid %d+ pid %d+: load top.bit: done\n$", read "/run/log")
  end)

  it("inserts overlays and takes them out", function()
    start()
    write("/d/top.dtbo", blobs.plain)
    run "local ol <close> = open 'top'"
    assert.equal("load 0 lunq-design.bin\ninsert top\nremove top\n", read "/log")
    assert.matches("insert overlay top.dtbo as top: done\n.*remove overlay top: done\n", read "/run/log")
  end)

  it("loads by an overlay that names the bitstream", function()
    write("/d/top.dtbo", blobs.region)
    start(nil, "' FAKE_FIRMWARE='top.bit.bin")
    run "open 'top'"
    assert.equal("insert top\nload 0 top.bit.bin\n", read "/log")
    assert.equal(BIN, read "/image")
  end)

  it("hands on what went wrong, and that what was loaded is gone", function()
    start(nil, "refuses")
    assert.matches("^device: The FPGA manager did not load top.bit: .*its state is \"write error\"",
                   run "try(open, 'top')")
    assert.matches("load top.bit: The FPGA manager did not load", read "/run/log")
  end)

  it("refuses an overlay that does not fit the running tree, with the reason", function()
    start()
    write("/d/o.dtbo", blobs.wrong)
    local segment = "try(function() lunq.DeviceTreeSegment(ROOT .. '/d/o.dtbo', { root = ROOT }):insert() end)"
    assert.matches("^value: .*nowhere", run(segment))
    assert.equal("", read "/log")
  end)

  it("lets the kernel read nothing but bitstreams", function()
    start()
    write("/d/o.dtbo", blobs.other)
    write("/lib/firmware/regulatory.db", "x")
    local segment = "try(function() lunq.DeviceTreeSegment(ROOT .. '/d/o.dtbo', { root = ROOT }):insert() end)"
    assert.equal("permission: o.dtbo: firmware-name 'regulatory.db' does not end in .bin: lunq-helper loads bitstreams "
                 .. "only.\n", run(segment))
  end)

  it("sets the clocks of the logic", function()
    local folder = "/sys/bus/platform/devices/amba:fclk1"
    write(folder .. "/set_rate", "20000000\n")
    start()
    run "lunq.Clocks(device).set_pl_clk(1, nil, nil, 50)"
    assert.equal("50000000\n", read(folder .. "/set_rate"))
    assert.matches("set PL clock 1 to 50000000 Hz: done\n", read "/run/log")
  end)

  it("is not asked with LUNQ_HELPER empty; without it there is an error that names it", function()
    start()
    local asked = running
    stop()
    running = asked
    assert.equal("device: lunq-helper at ROOT/run/s can't be reached: No such file or directory. Is "
      .. "lunq-helper.socket started (systemctl status lunq-helper.socket)?\n", run "try(open, 'top')")
    running = nil
    assert.equal("ok\n", kernel.run("", ("lunq.core.device_open('linux?root=%s'); print 'ok'"):format(kernel.root),
                                    "LUNQ_HELPER="))
  end)
end)

describe("lunq-helper and clients that mean no good:", function()
  it("a request that is none is refused, and the next one is served", function()
    start()
    local answers = {
      { "short", "A request has 288 bytes, this one has 100." },
      { "long", "A request has 288 bytes, this one has 289." },
      { "magic", "This is no request of this version of LUNQ." },
      { "operation", "There is no operation 77." },
      { "no file", "Operation 1 came with 0 files." },
      { "many files", "The request came with too many files." },
      { "a path", "x.bin did not come as sealed memory." },
      { "a pipe", "x.bin did not come as sealed memory." },
      { "not sealed", "x.bin did not come as sealed memory." },
      { "empty", "x.bin has 0 bytes; 1 to 134217728 are possible." },
      { "too big", "x.bin has 134217732 bytes; 1 to 134217728 are possible." },
      { "a name", "'../../../etc' is no name for an overlay: up to 64 letters, digits, and . _ - but no dot in "
                  .. "front." },
    }
    for _, a in ipairs(answers) do assert.equal("value: " .. a[2], ask(a[1]), a[1]) end
    assert.matches("^value: .*x.bin", ask "no overlay")
    assert.equal("gone", ask "hang up")
    assert.equal("sent", ask "garbage")
    run "open 'top'"
    assert.equal("load 0 lunq-design.bin\n", read "/log")
  end)

  it("no file of theirs stays open", function()
    start()
    local function open_files() return select(2, dtc.sh(("ls /proc/$(cat %s/pid)/fd | wc -l"):format(running))) end
    ask "magic"
    local before = open_files()
    assert.equal("value: The connection ended without a request.", ask "files alone")
    ask "many files"
    ask "a path"
    assert.equal(before, open_files())
  end)

  -- The helper used to ask for the same connection again at once, and had a processor to itself.
  it("who comes when there is no descriptor left waits, and the helper does, too", function()
    start()
    local usual = ask "clock"
    local limit = ("prlimit --pid $(cat %s/pid) --nofile="):format(running)
    assert(os.execute(([[%s4: && { (i=0
      until grep -q taken %s/log || [ $i -gt 200 ]; do i=$((i + 1)); sleep 0.05; done; %s64:) & }]]):format(
        limit, running, limit)))
    assert.equal(usual, ask "clock")
    local log = read "/run/log"
    assert.matches("lunq%-helper: a connection can't be taken: Too many open files\n", log)
    assert.is_true(select(2, log:gsub("be taken", "")) < 20)
  end)

  it("who says nothing is sent away", function()
    start("--time-limit 1 --group " .. GROUP)
    assert.equal("timeout: No request came within 1 s.", ask "nothing")
  end)

  it("who is not in the group is refused, whatever the mode of the socket", function()
    if not is_root() then pending "needs root" return end
    start()
    assert.equal("permission: lunq-helper serves the members of group 54321, and user 65534 was none when this program "
      .. "started: usermod -a -G 54321 USER makes one, from the next login on.", ask_as("--clear-groups", "clock"))
    assert.matches("uid 65534 gid 65534 pid %d+: refused: lunq%-helper serves", read "/run/log")
    assert.not_matches("^permission", ask_as("--groups=" .. GROUP, "clock"))
    assert.not_matches("^permission", ask_as("--regid=" .. GROUP .. " --clear-groups", "clock"))
  end)

  it("serves nobody but root when there is no such group", function()
    start "--group 0"
    assert.not_matches("^permission", ask "clock")
  end)

  it("makes its socket for the group alone", function()
    start()
    local _, mode = dtc.sh(("stat -c '%%a %%g' %s/s"):format(running))
    assert.equal("660 " .. GROUP .. "\n", mode)
  end)

  it("says what it takes on its command line", function()
    local code, _, err = dtc.sh(BUILD .. "/lunq-helper --socket")
    assert.equal(2, code)
    assert.matches("^lunq%-helper: what is %-%-socket%?\n", err)
    code, _, err = dtc.sh(BUILD .. "/lunq-helper")
    assert.same({ 2, "lunq-helper: systemd passed no socket; --socket PATH makes one\n" }, { code, err })
  end)
end)
