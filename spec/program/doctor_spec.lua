describe("lunq doctor", function()
  local dkjson = require "dkjson"
  local doctor = require "lunq.doctor"
  local lfs = require "lfs"
  local page = require "lunq.doctor.page"
  local process = dofile "spec/program/process.lua"

  local root

  before_each(function()
    root = os.tmpname()
    os.remove(root)
    lfs.mkdir(root)
  end)
  after_each(function() os.execute("rm -rf " .. process.quote(root)) end)

  --- Writes files below the root, with the folders they stand in.
  local function tree(files)
    for path, text in pairs(files) do
      local dir = root
      for part in path:gmatch "([^/]+)/" do
        dir = dir .. "/" .. part
        lfs.mkdir(dir)
      end
      local f <close> = assert(io.open(root .. path, "wb"))
      f:write(text)
    end
  end

  --- Options of a kernel, compressed as /proc/config.gz is.
  local function config_gz(text)
    tree { ["/proc/config"] = text }
    assert(os.execute(("gzip %s/proc/config"):format(process.quote(root))))
  end

  local STATUS <const> = "Name:\tlunq\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\t1000\t1000\t1000\n"
                         .. "Groups:\t27 1000 \nCapEff:\t%s\n"

  local OPTIONS <const> = "# kernel\nCONFIG_DEVMEM=y\nCONFIG_UIO=y\nCONFIG_UIO_PDRV_GENIRQ=m\nCONFIG_CMA=y\n"
    .. "CONFIG_DMA_CMA=y\nCONFIG_GPIO_CDEV=y\nCONFIG_OF_OVERLAY=y\nCONFIG_FPGA=y\nCONFIG_FPGA_MGR_ZYNQ_FPGA=y\n"
    .. "# CONFIG_STRICT_DEVMEM is not set\n"

  --- A PYNQ-Z2 as PYNQ's image has it, plus a u-dma-buf.
  local function zynq()
    tree {
      ["/proc/device-tree/model"] = "TUL PYNQ-Z2\0",
      ["/proc/device-tree/compatible"] = "tul,pynq-z2\0xlnx,zynq-7000\0",
      ["/proc/self/status"] = STATUS:format "0000000000020000",
      ["/proc/sys/kernel/osrelease"] = "5.15.19-xilinx-v2022.1\n",
      ["/proc/meminfo"] = "MemTotal:         507000 kB\nCmaTotal:         131072 kB\nCmaFree:          120000 kB\n"
                          .. "HugePages_Total:       0\n",
      ["/proc/cmdline"] = "console=ttyPS0,115200 uio_pdrv_genirq.of_id=generic-uio clk_ignore_unused\n",
      ["/etc/passwd"] = "root:x:0:0:root:/root:/bin/sh\nxilinx:x:1000:1000::/home/xilinx:/bin/bash\n",
      ["/etc/group"] = "root:x:0:\nsudo:x:27:xilinx\nxilinx:x:1000:\nfpga:x:4242:\n",
      ["/dev/mem"] = "", ["/dev/uio0"] = "", ["/dev/gpiochip0"] = "", ["/dev/udmabuf0"] = "",
      ["/sys/class/uio/uio0/name"] = "fabric\n",
      ["/sys/class/uio/uio0/maps/map0/addr"] = "0x40000000\n", ["/sys/class/uio/uio0/maps/map0/size"] = "0x10000\n",
      ["/sys/class/uio/uio0/device/of_node/interrupts"] = string.pack(">I4I4I4", 0, 0x1d, 4),
      ["/sys/class/u-dma-buf/udmabuf0/size"] = "1048576\n",
      ["/sys/class/u-dma-buf/udmabuf0/phys_addr"] = "0x0000000018100000\n",
      ["/sys/class/fpga_manager/fpga0/name"] = "Xilinx Zynq FPGA Manager\n",
      ["/sys/class/fpga_manager/fpga0/state"] = "operating\n",
      ["/sys/class/fpga_manager/fpga0/firmware"] = "",
      ["/sys/bus/gpio/devices/gpiochip0/of_node/compatible"] = "xlnx,zynq-gpio-1.0\0",
      ["/sys/kernel/config/device-tree/overlays/readme"] = "",
    }
    for i = 0, 3 do
      local folder = ("/sys/class/fclkcfg/fclk%d/"):format(i)
      tree { [folder .. "rate"] = "100000000\n", [folder .. "enable"] = i < 2 and "1\n" or "0\n" }
    end
    config_gz(OPTIONS)
  end

  --- Looks at the tree with these environment variables and no others.
  local function examine(env)
    env = env or {}
    return doctor.examine(root, function(name) return env[name] end)
  end

  local function group(report, name)
    for _, g in ipairs(report.groups) do
      if g.name == name then return g end
    end
  end

  --- State, text and advice of a finding.
  local function item(report, in_group, name)
    for _, i in ipairs(group(report, in_group).items) do
      if i.name == name then return i.state, i.found, i.advice end
    end
    error("nothing called " .. name)
  end

  local function missing(report, name)
    local names = {}
    for _, i in ipairs(group(report, name).items) do
      if i.state == "missing" then names[#names + 1] = i.name end
    end
    return names
  end

  local function text(report, options)
    options = options or {}
    options.width, options.paint = 100, function(_, s) return s end
    return page.text(report, options)
  end

  describe("on a Zynq board", function()
    before_each(zynq)

    it("finds everything", function()
      local report = examine()
      assert.same({}, missing(report, "board"))
      assert.equal("TUL PYNQ-Z2 (Zynq-7000)", group(report, "board").why)
      assert.matches("TUL PYNQ-Z2, Linux 5.15.19-xilinx-v2022.1, 495 MiB of memory, user xilinx", report.machine, 1,
                     true)
      for name, found in pairs {
        ["user"] = "xilinx (1000), may use raw memory (CAP_SYS_RAWIO), there is no group lunq",
        ["/dev/uio*"] = "/dev/uio0 fabric 0x40000000+0x10000 interrupt 61",
        ["interrupts"] = "PL inputs 0 (interrupt 61) by uio0",
        ["buffers"] = "from udmabuf; linux?memory= takes udmabuf", ["CMA"] = "128 MiB, 117 MiB free",
        ["PL"] = "configured",
        ["fpga_manager"] = "fpga0 Xilinx Zynq FPGA Manager, state operating, loads by its file firmware",
        ["overlays"] = "/sys/kernel/config/device-tree/overlays",
        ["gpiochip"] = "/dev/gpiochip0 xlnx,zynq-gpio-1.0",
        ["PL clocks"] = "fclk0 100 MHz by the kernel, fclk1 100 MHz by the kernel, fclk2 off, fclk3 off; "
                        .. "clk_ignore_unused",
        ["kernel"] = "5.15.19-xilinx-v2022.1, by /proc/config.gz: DEVMEM=y UIO=y UIO_PDRV_GENIRQ=m CMA=y DMA_CMA=y "
                     .. "GPIO_CDEV=y OF_OVERLAY=y FPGA=y FPGA_MGR_ZYNQ_FPGA=y",
      } do
        assert.same({ "ok", found }, { item(report, "board", name) })
      end
    end)

    it("says that a mode alone doesn't open /dev/mem", function()
      tree { ["/proc/self/status"] = STATUS:format "0000000000000000" }
      assert.same({ "missing", "its mode allows it, but this user lacks CAP_SYS_RAWIO",
                    "run as root, or bind each IP to a UIO device" }, { item(examine(), "board", "/dev/mem") })
    end)

    it("tells how to get what is missing", function()
      for path, case in pairs {
        ["/dev/mem"] = { "/dev/mem", "is not there", "CONFIG_DEVMEM=y" },
        ["/dev/uio0"] = { "/dev/uio*", "none: no interrupt", 'node with compatible = "generic-uio" for the PL' },
        ["/dev/gpiochip0"] = { "gpiochip", "none", "CONFIG_GPIO_CDEV" },
        ["/sys/class/u-dma-buf/udmabuf0/phys_addr"] = { "buffers", "no kind of memory can be used", "is enough" },
        ["/sys/class/uio/uio0/device/of_node/interrupts"] = { "interrupts", "no UIO device", "lunq dtbo" },
        ["/sys/kernel/config/device-tree/overlays"] = { "overlays", "is not there", "OF_CONFIGFS" },
        ["/proc/meminfo"] = { "CMA", "no contiguous memory", "CONFIG_CMA" },
        ["/proc/config.gz"] = { "kernel", "by what is there: DEVMEM UIO CMA DMA_CMA GPIO_CDEV OF_OVERLAY FPGA; no "
                                .. "sign of UIO_PDRV_GENIRQ FPGA_MGR_ZYNQ_FPGA", "modprobe configs" },
        ["/proc/self/status"] = { "user", "says nothing of the user", "mount /proc" },
        ["/sys/class/fpga_manager/fpga0/firmware"] = { "fpga_manager", "without the firmware attribute, and no node",
                                                       "an fpga-region node" },
      } do
        local aside = root .. "/aside"
        assert(os.rename(root .. path, aside))
        local state, found, advice = item(examine(), "board", case[1])
        assert(os.rename(aside, root .. path))
        assert.equal("missing", state, path)
        assert.matches(case[2], found, 1, true)
        assert.matches(case[3], advice, 1, true)
      end
    end)

    it("names kernel options that are off, and those in the way", function()
      os.remove(root .. "/proc/config.gz")
      tree { ["/boot/config-5.15.19-xilinx-v2022.1"] = (OPTIONS:gsub("CONFIG_UIO[^\n]*\n", ""))
                                                       .. "CONFIG_IO_STRICT_DEVMEM=y\n" }
      local report = examine()
      local _, found, advice = item(report, "board", "kernel")
      assert.matches("by /boot/config-5.15.19-xilinx-v2022.1: DEVMEM=y", found, 1, true)
      assert.matches("; not CONFIG_UIO CONFIG_UIO_PDRV_GENIRQ$", found)
      assert.equal("build the kernel with them", advice)
      assert.matches("IO_STRICT_DEVMEM=y: no map of ranges", text(report), 1, true)
    end)

    it("says of each kind of memory why it can't be used, in full where none can", function()
      local report = examine()
      local state, why = item(report, "board", "  zocl")
      assert.equal("unneeded", state)
      assert.matches("no render node below /dev/dri is of the driver zocl", why, 1, true)
      assert.is_nil(text(report):find("zocl", 1, true))
      assert.matches("zocl", text(report, { all = true }), 1, true)
      os.remove(root .. "/sys/class/u-dma-buf/udmabuf0/phys_addr")
      report = examine()
      assert.equal("missing", (item(report, "board", "  zocl")))
      assert.matches("udmabuf0 says no address or size", select(2, item(report, "board", "  udmabuf")), 1, true)
      assert.matches("no render node", text(report), 1, true)
    end)

    it("finds little contiguous memory too little, and a daemon that has the logic", function()
      tree { ["/proc/meminfo"] = "CmaTotal: 8192 kB\n" }
      assert(os.execute(("mkdir -p %s/tmp && mkfifo %s/tmp/dfx-mgrd.socket"):format(root, root))) -- of 2021 to 2024
      local report = examine()
      assert.same({ "missing", "8 MiB, ? free", "boot argument cma=128M" }, { item(report, "board", "CMA") })
      assert.equal("runs: unload its application (lunq.packages.unload()) before loading a bitstream",
                   select(2, item(report, "board", "dfx-mgrd")))
    end)

    it("tells logic that may not be accessed, and what it is not sure of", function()
      tree { ["/sys/class/fpga_manager/fpga0/state"] = "write error\n" }
      local state, found = item(examine(), "board", "PL")
      assert.equal("missing", state)
      assert.matches('not configured (the FPGA manager\'s state is "write error")', found, 1, true)
      tree { ["/sys/class/fpga_manager/fpga0/state"] = "unknown\n" }
      assert.same({ "unknown", 'whether it is configured the FPGA manager does not know (its state is "unknown")' },
                  { item(examine(), "board", "PL") })
      assert.matches("\n  %?       PL             whether it .* %(%?: not known, %-: not needed here", text(examine()))
    end)

    it("tells a mainline manager, which loads by overlays of its region", function()
      os.remove(root .. "/sys/class/fpga_manager/fpga0/firmware")
      tree { ["/proc/device-tree/fpga-full/compatible"] = "fpga-region\0",
             ["/proc/device-tree/fpga-full/fpga-mgr"] = "\0\0\0\1" }
      assert.same({ "ok", "fpga0 Xilinx Zynq FPGA Manager, state operating, without the firmware attribute: loads by "
                    .. "overlays of its region" }, { item(examine(), "board", "fpga_manager") })
      assert(os.execute("rm -r " .. root .. "/sys/kernel/config"))
      local state, found = item(examine(), "board", "fpga_manager")
      assert.equal("missing", state)
      assert.matches("and none: /sys/kernel/config/device-tree/overlays is not there", found, 1, true)
    end)

    it("tells interrupts by the device tree, else by their names as PYNQ does", function()
      os.remove(root .. "/sys/class/uio/uio0/device/of_node/interrupts")
      tree { ["/proc/interrupts"] = "           CPU0       CPU1\n"
                                    .. " 48:          7          0     GIC-0  63 Level     fabric\n" }
      assert.equal("PL inputs 2 (interrupt 63) by uio0", select(2, item(examine(), "board", "interrupts")))
      tree { ["/sys/class/uio/uio0/device/of_node/interrupts"] = string.pack(">I4I4I4", 0, 37, 4) } -- a timer's
      assert.equal("missing", (item(examine(), "board", "interrupts")))
      assert.equal("/dev/uio0 fabric 0x40000000+0x10000 interrupt 69", select(2, item(examine(), "board", "/dev/uio*")))
    end)

    it("leaves UIO devices of PCI functions alone, which whoever has them would notice", function()
      tree { ["/dev/uio1"] = "", ["/sys/class/uio/uio1/name"] = "uio_pci_generic\n" }
      assert.equal("/dev/uio0 fabric 0x40000000+0x10000 interrupt 61", select(2, item(examine(), "board", "/dev/uio*")))
    end)

    it("warns of clocks that end with the boot where no driver has them", function()
      assert(os.execute("rm -r " .. root .. "/sys/class/fclkcfg"))
      local state, found = item(examine(), "board", "PL clocks") -- its /dev/mem is an empty file
      assert.equal("missing", state)
      assert.matches("^fclk0: Bus error %(SIGBUS%) at 0xf8000%x+", found)
      os.remove(root .. "/proc/cmdline")
      for i = 0, 3 do tree { [("/sys/class/fclkcfg/fclk%d/rate"):format(i)] = "50000000\n" } end
      assert.same({ "ok", "fclk0 50 MHz by the kernel, fclk1 50 MHz by the kernel, fclk2 50 MHz by the kernel, "
                    .. "fclk3 50 MHz by the kernel" }, { item(examine(), "board", "PL clocks") })
    end)

    it("fits on a screen", function()
      local out = text(examine())
      local _, lines = out:gsub("\n", "")
      assert.is_true(lines <= 47, out)
      for line in out:gmatch "[^\n]+" do assert.is_true(#line <= 100, line) end
    end)
  end)

  it("wants the FPGA manager of the board's own family", function()
    zynq()
    tree { ["/proc/device-tree/model"] = "Kria KV260\0",
           ["/proc/device-tree/compatible"] = "xlnx,zynqmp-sm-k26\0xlnx,zynqmp\0" }
    local report = examine()
    assert.equal("Kria KV260 (ZynqMP)", group(report, "board").why)
    assert.matches("; not CONFIG_FPGA_MGR_ZYNQMP_FPGA$", select(2, item(report, "board", "kernel")))
  end)

  -- Root opens everything, so the program runs as somebody else here.
  it("tells a user without permissions which group or rule opens a node", function()
    zynq()
    os.execute(("cd %s && chgrp 4242 dev/uio0 && chmod 660 dev/uio0 && chmod 600 dev/mem dev/udmabuf0 && "
                .. "chmod 200 sys/class/fpga_manager/fpga0/firmware && chmod 755 . && cp %s lunq && chmod 755 lunq")
               :format(process.quote(root), process.quote(process.bin)))
    local who = process.unprivileged()
    if not who or who == "" then pending "needs root, to give files to others" return end
    local code, out, err = process.sh(("cd %s && env -u XDG_STATE_HOME HOME=/home %s ./lunq doctor --json --root .")
                                      :format(process.quote(root), who))
    assert.same({ 3, "" }, { code, err })
    local report = assert(dkjson.decode(out))
    assert.same({ "linux?root=.", false }, { report.device, report.usable })
    assert.matches("^linux%?root=%. %(TUL PYNQ%-Z2%): This is a board .* %./dev/uio0: Permission denied%. Become a "
                   .. "member", select(2, item(report, "simulation", "device")))
    assert.same({ "missing", "/dev/uio0: Permission denied",
                  "/dev/uio0 belongs to root:fpga, mode 660: usermod -aG fpga xilinx, then log in again" },
                { item(report, "board", "/dev/uio*") })
    assert.equal("missing", (item(report, "board", "buffers")))
    assert.matches("udmabuf0 can't be opened: Permission denied", select(2, item(report, "board", "  udmabuf")), 1,
                   true)
    assert.same({ "missing", "Permission denied",
                  "run as root: whoever opens it can do anything, so open it to no group" },
                { item(report, "board", "/dev/mem") })
    assert.same({ "missing", "/home/.local/state/lunq/history can't be written: the history is not kept",
                  "set XDG_STATE_HOME to a folder of this user" }, { item(report, "prompt", "history") })
    assert.matches("firmware: Permission denied", select(2, item(report, "board", "fpga_manager")), 1, true)
  end)

  it("needs neither board nor card on a PC, and says so in few words", function()
    tree { ["/proc/sys/kernel/osrelease"] = "6.1.0-18-amd64\n", ["/proc/sys/kernel/arch"] = "x86_64\n",
           ["/dev/mem"] = "", ["/proc/meminfo"] = "MemTotal: 16000000 kB\nHugePages_Total: 4\nHugepagesize: 2048 kB\n",
           ["/usr/bin/dot"] = "", ["/boot/config-6.1.0-18-amd64"] = "CONFIG_UIO=m\n" }
    local report = examine { PATH = "/usr/bin", HOME = "/root" }
    assert.same({ {}, {} }, { missing(report, "board"), missing(report, "card") })
    assert.same({ "ok", "/usr/bin/dot" }, { item(report, "prompt", "graphviz") })
    assert.same({ "ok", "4 of 2048 KiB" }, { item(report, "card", "hugepages") })
    local out = text(report)
    assert.matches("\nLinux board: not needed here, no device tree, so no Zynq, ZynqMP or Versal\n", out, 1, true)
    assert.matches("not there: user, /dev/mem, ", out, 1, true)
    assert.is_nil(out:find("missing", 1, true))
    assert.matches("buffers        there is no board", text(report, { all = true }), 1, true)
  end)

  it("is no board of AMD's only because it has a device tree", function()
    tree { ["/proc/device-tree/model"] = "Raspberry Pi 4\0", ["/proc/device-tree/compatible"] = "raspberrypi,4\0" }
    local board = group(examine(), "board")
    assert.same({ false, "Raspberry Pi 4 has no AMD device in its device tree" }, { board.needed, board.why })
    assert.is_true(group(examine { LUNQ_DEVICE = "linux" }, "board").needed)
  end)

  it("works in a container without /dev, /proc and /sys", function()
    local report = examine()
    assert.same({ true, "sim" }, { report.usable, report.device })
    assert.matches("no device tree, Linux of unknown release", report.machine, 1, true)
    assert.matches("A device is usable: sim.", text(report), 1, true)
    assert.matches("^in this build: sim, linux, .*rtl", select(2, item(report, "simulation", "kinds")))
  end)

  describe("with a card", function()
    before_each(function()
      tree { ["/sys/bus/pci/devices/0000:03:00.1/vendor"] = "0x10ee\n",
             ["/sys/bus/pci/devices/0000:03:00.1/device"] = "0x5001\n",
             ["/sys/bus/pci/devices/0000:03:00.1/uevent"] = "DRIVER=xocl\nPCI_ID=10EE:5001\n",
             ["/sys/bus/pci/devices/0000:00:02.0/vendor"] = "0x8086\n",
             ["/dev/dri/renderD129"] = "", ["/sys/class/drm/renderD129/device/uevent"] = "DRIVER=xocl\n",
             ["/opt/xilinx/xrt/lib/libxrt_coreutil.so.2"] = "\127ELF...",
             ["/opt/xilinx/xrt/lib/libxrt_core.so.2"] = "\127ELF..." }
    end)

    it("finds the card, its driver and nodes, and the library", function()
      local report = examine { XILINX_XRT = "/opt/xilinx/xrt" }
      assert.same({}, missing(report, "card"))
      assert.same({ "ok", "in this build" }, { item(report, "card", "xrt devices") })
      assert.same({ "ok", "0000:03:00.1 0x10ee:0x5001 (xocl)" }, { item(report, "card", "PCIe") })
      assert.same({ "ok", "/dev/dri/renderD129" }, { item(report, "card", "/dev/dri") })
      assert.same({ "ok", "/opt/xilinx/xrt/lib/libxrt_coreutil.so.2" }, { item(report, "card", "XRT") })
      assert.equal("1 function of FPGA cards on PCIe", group(report, "card").why)
    end)

    it("warns of what makes XRT end the process", function()
      assert.same({ "ok", "not set: LUNQ uses what is beside the library" }, { item(examine(), "card", "XILINX_XRT") })
      local report = examine { XILINX_XRT = "/opt/xilinx/xrt", XCL_EMULATION_MODE = "noop" }
      assert.same({ "missing", "set to /opt/xilinx/xrt: no libxrt_noop.so.2 in /opt/xilinx/xrt/lib, and XRT would end "
                    .. "the process",
                    "source the setup.sh of AMD's XRT; unset it to use the XRT of the library path" },
                  { item(report, "card", "XILINX_XRT") })
      assert.same({ "missing", "not set: no libxrt_noop.so.2 in /opt/xilinx/xrt/lib, and XRT would end the process",
                    "install XRT again" }, { item(examine { XCL_EMULATION_MODE = "noop" }, "card", "XILINX_XRT") })
      assert.same({ "unneeded", "XRT emulates a card" }, { item(report, "card", "PCIe") })
      report = examine { XILINX_XRT = "/opt/xilinx/xrt", XCL_EMULATION_MODE = "fast" }
      assert.equal("XCL_EMULATION_MODE=fast is none of hw_emu, noop, sw_emu",
                   select(2, item(report, "card", "emulation")))
      report = examine { XCL_EMULATION_MODE = "sw_emu" }
      assert.equal("XCL_EMULATION_MODE=sw_emu, but XILINX_VITIS is not set",
                   select(2, item(report, "card", "emulation")))
    end)

    it("names the version, which only the file's full name has", function()
      tree { ["/opt/xilinx/xrt/lib/libxrt_coreutil.so.2.16.204"] = "" }
      assert.same({ "ok", "/opt/xilinx/xrt/lib/libxrt_coreutil.so.2, version 2.16.204" },
                  { item(examine(), "card", "XRT") })
    end)

    it("sees a card without a driver, and a library that is none", function()
      tree { ["/sys/bus/pci/devices/0000:03:00.1/uevent"] = "PCI_ID=10EE:5001\n",
             ["/opt/xilinx/xrt/lib/libxrt_coreutil.so.2"] = "hello" }
      local report = examine()
      assert.same({ "missing", "0000:03:00.1 0x10ee:0x5001 (no driver)",
                    "install XRT's kernel drivers xocl and xclmgmt (package xrt of AMD, with dkms)" },
                  { item(report, "card", "PCIe") })
      assert.matches("is no library", select(2, item(report, "card", "XRT")), 1, true)
    end)

    it("finds libraries where the linker's configuration says", function()
      os.remove(root .. "/opt/xilinx/xrt/lib/libxrt_coreutil.so.2")
      assert.equal("missing", (item(examine(), "card", "XRT")))
      tree { ["/etc/ld.so.conf.d/x.conf"] = "# comment\n/usr/lib/odd  \n",
             ["/usr/lib/odd/libxrt_coreutil.so.2"] = "\127ELF" }
      assert.same({ "ok", "/usr/lib/odd/libxrt_coreutil.so.2" }, { item(examine(), "card", "XRT") })
    end)
  end)

  it("says where the history of the prompt goes, and when it can't be kept", function()
    tree { ["/home/me/file"] = "" }
    for home, case in pairs { ["/home/me"] = { "ok", "/home/me/.local/state/lunq/history" },
                              ["/home/new"] = { "ok", "/home/new/.local/state/lunq/history" },
                              ["/home/me/file"] = { "missing", "/home/me/file/.local/state/lunq/history can't be "
                                .. "written: the history is not kept" } } do
      local state, found = item(examine { HOME = home }, "prompt", "history")
      assert.same(case, { state, found })
    end
    assert.same({ "missing", "neither HOME nor XDG_STATE_HOME is set: the history is not kept", "set HOME" },
                { item(examine(), "prompt", "history") })
    assert.same({ "ok", "/state/lunq/history" }, { item(examine { XDG_STATE_HOME = "/state" }, "prompt", "history") })
  end)

  it("names the simulators that models of Verilog are made with", function()
    tree { ["/bin/other"] = "" }
    assert.same({ "unneeded", "no Verilator, Icarus Verilog or GHDL; only lunq rtl build needs one",
                  "apt-get install verilator g++ make" }, { item(examine { PATH = "/bin" }, "simulation", "rtl") })
    tree { ["/bin/iverilog"] = "" }
    assert.same({ "ok", "no Verilator, which is much faster, /bin/iverilog" },
                { item(examine { PATH = "/bin" }, "simulation", "rtl") })
    tree { ["/bin/verilator"] = "" }
    assert.same({ "ok", "/bin/verilator, /bin/iverilog" }, { item(examine { PATH = "/bin" }, "simulation", "rtl") })
  end)

  it("counts overlays and drivers in the search paths and names folders that aren't there", function()
    tree { ["/overlays/adder/adder.hwh"] = "", ["/overlays/top.hwh"] = "", ["/drivers/adder.lua"] = "" }
    local report = examine { LUNQ_OVERLAYS = "/overlays:/nowhere", LUNQ_DRIVERS = "/drivers" }
    assert.same({ "missing", "/overlays (2 .hwh), no folder that can be read: /nowhere", "correct LUNQ_OVERLAYS" },
                { item(report, "simulation", "LUNQ_OVERLAYS") })
    assert.same({ "ok", "/drivers (1 .lua)" }, { item(report, "simulation", "LUNQ_DRIVERS") })
  end)

  describe("whose files are damaged", function()
    local function is_sound(report)
      local out = text(report, { all = true })
      assert.is_nil(out:find "[%z\1-\9\11-\31\127]", out)
      assert(utf8.len(out), out)
      local json = doctor.json(report)
      assert(utf8.len(json), json)
      assert.equal(4, #assert(dkjson.decode(json)).groups)
    end

    it("takes folders, pipes and dead links where files should be", function()
      zynq()
      os.execute(("cd %s/proc && rm -r meminfo cmdline config.gz device-tree/model ../dev/uio0 ../dev/mem && "
                  .. "mkdir meminfo config.gz ../dev/mem && mkfifo cmdline device-tree/model && "
                  .. "ln -s nowhere ../dev/uio0 && ln -s gpiochip1 ../dev/gpiochip1"):format(process.quote(root)))
      local report = examine()
      is_sound(report)
      assert.equal("missing", (item(report, "board", "/dev/uio*")))
      assert.same({ "missing", "Is a directory", "it is no working device: make it new (mknod -m 600 /dev/mem c 1 1)" },
                  { item(report, "board", "/dev/mem") })
      assert.matches("Too many levels of symbolic links", select(2, item(report, "board", "gpiochip")), 1, true)
    end)

    it("survives any bytes in any of them", function()
      zynq()
      tree { ["/sys/bus/pci/devices/0000:03:00.1/vendor"] = "0x10ee\n", ["/etc/ld.so.conf.d/x.conf"] = "/lib\n" }
      local files <close> = io.popen(("find %s -type f"):format(process.quote(root)))
      local names = {}
      for name in files:lines() do names[#names + 1] = name end
      math.randomseed(4)
      for _ = 1, 150 do
        local name = names[math.random(#names)]
        local f <close> = assert(io.open(name, "r+b"))
        for _ = 1, math.random(4) do
          f:seek("set", math.random(0, 60))
          f:write(string.pack("B", math.random(0, 255)):rep(math.random(40)))
        end
        f:flush()
        is_sound(examine())
      end
    end)

    it("reads no more than it needs of a huge file", function()
      zynq()
      assert(os.execute(("cd %s && truncate -s 3G proc/meminfo proc/self/status"):format(process.quote(root))))
      is_sound(examine())
    end)
  end)

  it("is a subcommand whose exit code says whether the device can be used", function()
    local code, out, err = process.lunq("--device", "sim:zynqmp", "doctor")
    assert.same({ 0, "" }, { code, err })
    assert.matches("sim:zynqmp (as asked for): it opens", out, 1, true)
    assert.matches("\nA device is usable: sim:zynqmp. ", out, 1, true)
    code, out, err = process.lunq("--device", "linux", "doctor")
    assert.same({ 3, "" }, { code, err })
    assert.matches('No Devices Found: ', out:gsub("%s+", " "), 1, true)
    assert.matches("\nThe device linux is not usable. ", out, 1, true)
    code, out = process.lunq("--device", "sum", "doctor", "--json")
    local report = assert(dkjson.decode(out))
    assert.same({ 3, "sum", false }, { code, report.device, report.usable })
  end)

  it("has colours on a terminal, and none in a pipe or with NO_COLOR", function()
    for environment, green in pairs { ["TERM=xterm NO_COLOR="] = true, ["TERM=xterm NO_COLOR=1"] = false } do
      local t = process.terminal("LUNQ_DEVICE=sim " .. environment, "doctor")
      local code, out = t:finish()
      assert.equal(green, out:find("\27[32mok\27[0m ", 1, true) ~= nil, out)
      assert.matches("terminal%s+xterm, %d+x%d+, " .. (green and "" or "no ") .. "colours", out)
      assert.equal(0, code)
    end
    assert.is_nil(select(2, process.lunq "doctor"):find("\27", 1, true))
  end)

  it("explains itself", function()
    local code, out, err = process.lunq("doctor", "--help")
    assert.same({ 0, "" }, { code, err })
    assert.matches("^usage: lunq %[%-%-device D%] doctor", out)
    for problem, words in pairs {
      ["what is --fast?"] = { "--fast" }, ["--root needs a folder"] = { "--root" },
      ["/dev/null/x is no folder"] = { "--root", "/dev/null/x" },
    } do
      code, out, err = process.lunq("doctor", table.unpack(words))
      assert.same({ 2, "" }, { code, out })
      assert.equal(1, (err:find("lunq doctor: " .. problem .. "\nlunq doctor --help says what it takes.\n", 1, true)))
    end
  end)
end)
