--- Which masters see the processor's caches: the ports they reach memory through, as the metadata say them.
local core = require "lunq.core"
local lunq = require "lunq"

local tree = dofile "spec/board/tree.lua"

--- An HWH of a board with masters, { path = { port =, interface =, cache = } }.
local function hwh(arch, masters, parameters)
  local ps = arch == "zynq" and { "processing_system7", "xilinx.com:ip:processing_system7:5.5" }
             or { "zynq_ultra_ps_e", "xilinx.com:ip:zynq_ultra_ps_e:3.4" }
  local text = { ([[<EDKSYSTEM><SYSTEMINFO ARCH="%s" NAME="t"/><MODULES>
    <MODULE FULLNAME="/ps" INSTANCE="ps" MODTYPE="%s" VLNV="%s"><PARAMETERS>%s</PARAMETERS></MODULE>]])
                 :format(arch, ps[1], ps[2], parameters or "") }
  for path, m in pairs(masters) do
    text[#text + 1] = ([[<MODULE FULLNAME="/%s" INSTANCE="%s" MODTYPE="ip" VLNV="a:b:ip:1.0">
      <PARAMETERS><PARAMETER NAME="C_M_AXI_GMEM_CACHE_VALUE" VALUE="&quot;%s&quot;"/></PARAMETERS><MEMORYMAP>
      <MEMRANGE BASEVALUE="0x0" HIGHVALUE="0xFFFF" INSTANCE="ps" MASTERBUSINTERFACE="M_AXI_GMEM" MEMTYPE="%s"
        SLAVEBUSINTERFACE="%s"/></MEMORYMAP></MODULE>]]):format(path, path, m.cache or "0011",
                     m.memtype or "MEMORY", m.port)
  end
  text[#text + 1] = "</MODULES></EDKSYSTEM>"
  return core.design_parse("t.hwh", table.concat(text))
end

local USER <const> = '<PARAMETER NAME="PCW_USE_DEFAULT_ACP_USER_VAL" VALUE="1"/>'

describe("coherence of a board", function()
  local device

  --- Opens the board and loads a design.
  local function open(design, options)
    device = tree.open(options)
    if design then device:program(design, { bitstream = core.bitstream_read(tree.root .. "/design.bin") }) end
    return device
  end

  local function coherent(design, options)
    local d <close> = open(design, options)
    return { core.linux_coherent(d) }
  end

  before_each(function()
    tree.make()
    tree.board()
    tree.write("/sys/class/fpga_manager/fpga0/state", "operating\n")
    tree.write("/sys/class/fpga_manager/fpga0/flags", "0\n")
    tree.write("/sys/class/fpga_manager/fpga0/firmware", "")
    tree.write("/lib/firmware/readme", "")
    tree.write("/design.bin", "\x66\x55\x99\xaa\0\0\0\0")
  end)
  after_each(tree.remove)

  it("is given by ACP of Zynq-7000 where AxUSER is tied", function()
    assert.same({ true, "dma reaches memory through S_AXI_ACP, which is coherent" },
                coherent(hwh("zynq", { dma = { port = "S_AXI_ACP" } }, USER)))
    assert.same({ false, "S_AXI_ACP is coherent for requests that say so, and nothing ties AxUSER to 1 "
                         .. "(PCW_USE_DEFAULT_ACP_USER_VAL)" }, coherent(hwh("zynq", { dma = { port = "S_AXI_ACP" } })))
    assert.same({ false, "dma asks S_AXI_ACP for what is not cached (AxCACHE 0001)" },
                coherent(hwh("zynq", { dma = { port = "S_AXI_ACP", cache = "0001" } }, USER)))
  end)

  it("is not given where one master uses another port", function()
    assert.same({ false, "b reaches memory through S_AXI_HP0, which is not coherent" },
                coherent(hwh("zynq", { a = { port = "S_AXI_ACP" }, b = { port = "S_AXI_HP0" } }, USER)))
    assert.is_true(coherent(hwh("zynq", { a = { port = "S_AXI_ACP" },
                                          b = { port = "S_AXI_GP0", memtype = "REGISTER" } }, USER))[1])
  end)

  it("is not taken for granted behind HPC of ZynqMP, which the boot loader has a say in", function()
    assert.same({ false, "k asks S_AXI_HPC0_FPD for what is not cached (AxCACHE 0011)" },
                coherent(hwh("zynquplus", { k = { port = "S_AXI_HPC0_FPD" } })))
    local design = hwh("zynquplus", { k = { port = "S_AXI_HPC0_FPD", cache = "1111" } })
    assert.same({ false, "k reaches memory through S_AXI_HPC0_FPD, which is coherent where the boot loader has "
                         .. "broadcasts on; ?coherent=1 if it has" }, coherent(design))
    assert.same({ true, "coherent=1 was asked for" }, coherent(design, "&coherent=1"))
  end)

  it("is not known without a design, or without masters in it", function()
    assert.same({ false, "no design is loaded" }, coherent())
    assert.same({ false, "nothing in the metadata says how a master reaches memory" }, coherent(hwh("zynq", {})))
  end)

  it("makes syncs of cached buffers cost nothing, from the moment a design is loaded", function()
    tree.udmabuf("udmabuf0", 0x70000000, 0x10000)
    local d <close> = open()
    local b <close> = lunq.allocate(4096, "u1", { target = d, cacheable = true })
    local file <const> = "/sys/class/u-dma-buf/udmabuf0/sync_for_cpu"
    local function synced()
      tree.write(file, "")
      b:sync_from_device()
      return tree.read(file) ~= ""
    end
    assert.is_true(synced())
    local bits <const> = { bitstream = core.bitstream_read(tree.root .. "/design.bin") }
    d:program(hwh("zynq", { dma = { port = "S_AXI_ACP" } }, USER), bits)
    assert.is_false(synced())
    d:program(hwh("zynq", { dma = { port = "S_AXI_HP0" } }, USER), bits)
    assert.is_true(synced())
  end)

  it("can be said by a person, either way", function()
    tree.udmabuf("udmabuf0", 0x70000000, 0x10000)
    local d <close> = open(hwh("zynq", { dma = { port = "S_AXI_HP0" } }), "&coherent=1")
    local a <close> = lunq.allocate(64, "u1", { target = d, cacheable = true })
    assert.is_true(a.coherent)
    tree.write("/sys/class/u-dma-buf/udmabuf0/dma_coherent", "1\n")
    local e <close> = open(hwh("zynq", { dma = { port = "S_AXI_ACP" } }, USER), "&coherent=0")
    local b <close> = lunq.allocate(64, "u1", { target = e, cacheable = true })
    assert.is_false(b.coherent)
  end)
end)
