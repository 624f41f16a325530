--- Small files written by hand for what the corpus does not show: hwh.md section 6.
local core = require "lunq.core"

local function read(name)
  local design = core.design_read("spec/design/fixtures/" .. name .. ".hwh")
  return design:dictionaries(), design
end

local function pin(p) return { p.controller, p.index, p.raw_irq } end
local function keys(t)
  local out = {}
  for k in pairs(t) do out[#out + 1] = k end
  table.sort(out)
  return out
end
local function warned(d, text)
  for _, w in ipairs(d.warnings) do
    if w:find(text, 1, true) then return true end
  end
  return false
end

describe("interrupts", function()
  -- PYNQ counts connected inputs (or inputs of any width as one): it says 3 or 0 here, and the
  -- interrupt never arrives.
  it("count every bit of a concat, connected or not", function()
    local d = read "cascade"
    assert.same({ parent = "", index = 7, raw_irq = 68 }, d.interrupt_controllers.intc_main)
    assert.same({ "", 8, 84 }, pin(d.interrupt_pins.button))
    assert.same({ "intc_main", 8 }, pin(d.interrupt_pins["io/uart/interrupt"]))
  end)

  it("go through a cascade of controllers and an ilconcat", function()
    local d = read "cascade"
    assert.same({ parent = "intc_main", index = 9 }, d.interrupt_controllers["io/intc_sub"])
    assert.same({ "io/intc_sub", 0 }, pin(d.interrupt_pins["timer/interrupt"]))
  end)

  it("belong to their IP, which shares the entry", function()
    local d = read "cascade"
    assert.equal(d.interrupt_pins["timer/interrupt"], d.ip_dict.timer.interrupts.interrupt)
    assert.equal("timer/interrupt", d.ip_dict.timer.interrupts.interrupt.fullpath)
  end)

  it("list the receiving pins too, as PYNQ does", function()
    local d = read "cascade"
    assert.same({ "button", "io/cat/In1", "io/intc_sub/intr", "io/uart/interrupt", "soc/cat/In3",
                  "timer/interrupt" }, keys(d.interrupt_pins))
  end)

  it("report a controller nobody hears", function()
    local d = read "cascade"
    assert.same({ "spare" }, d.dangling_controllers)
    assert.is_nil(d.interrupt_controllers.spare)
    assert.is_true(warned(d, "interrupt controller spare has its irq output open"))
  end)

  it("know two controllers, one on each input of a ZynqMP", function()
    local d = read "two_controllers"
    assert.same({ parent = "", index = 0, raw_irq = 121 }, d.interrupt_controllers.a)
    assert.same({ parent = "", index = 3, raw_irq = 139 }, d.interrupt_controllers.b)
  end)

  it("take the lowest input of a source on several, and no constant", function()
    local d = read "two_controllers"
    assert.same({ "b", 1 }, pin(d.interrupt_pins["kernel/interrupt"]))
    assert.is_nil(d.interrupt_pins["zero/dout"])
    assert.is_nil(d.interrupt_pins["cat_b/In0"])
  end)

  -- The number of a bit in REVERSE mode: the Verilog of processing_system7 puts n inputs on the
  -- upper n of 16 lines.
  it("are numbered from the top in REVERSE mode, with a warning", function()
    local d = read "loop"
    assert.same({ "", 0, 88 }, pin(d.interrupt_pins["ip/irq"]))
    assert.is_true(warned(d, "IRQ_F2P in REVERSE mode"))
  end)

  it("survive a concat that feeds itself and claims a billion inputs", function()
    local d = read "loop"
    assert.is_true(warned(d, "cat feeds itself"))
    assert.same({ "cat/In0", "ip/irq" }, keys(d.interrupt_pins))
  end)

  it("of a Versal PS have an index but no number yet", function()
    local d = read "versal"
    assert.same({ "", 3 }, pin(d.interrupt_pins["k/interrupt"]))
    assert.is_true(warned(d, "not known"))
  end)

  it("of a region are with the region", function()
    local d = read "region"
    assert.same({ "", 0, 121 }, pin(d.hierarchy_dict["dfx/pr_0"].interrupts.done))
  end)
end)

describe("GPIO", function()
  it("finds a slice in a hierarchy, of a PS in a hierarchy", function()
    local d = read "cascade"
    assert.same({ "io/reset_bits" }, keys(d.gpio_dict))
    local g = d.gpio_dict["io/reset_bits"]
    assert.same({ index = 3, lines = 2, pins = { "io/reset_bits/Dout", "io/uart_reset/Op1" } }, g)
    assert.equal(g, d.hierarchy_dict.io.gpio.reset_bits)
  end)

  it("leaves out a slice with impossible bits", function()
    local d = read "loop"
    assert.same({}, d.gpio_dict)
    assert.is_true(warned(d, "GPIO slice slice has impossible bits"))
  end)
end)

describe("names of IP", function()
  it("get the interface when there are several ranges, then the block, then the base", function()
    local d = read "ranges"
    assert.same({ "a/b_c", "dual/S_AXI_A", "dual/S_AXI_B", "emc/S_AXI_REG", "old", "ps",
                  "ref/interface_aximm", "split/S_AXI/High@0x1000000000",
                  "split/S_AXI/High@0x1000010000", "split/S_AXI/Low" }, keys(d.ip_dict))
    assert.same({ "emc/S_AXI_MEM" }, keys(d.mem_dict))
    assert.equal("dual/S_AXI_A", d.ip_dict["dual/S_AXI_A"].fullpath)
  end)

  it("give each range the registers of its own block", function()
    local d = read "ranges"
    assert.same({ "ONE" }, keys(d.ip_dict["dual/S_AXI_A"].registers))
    assert.same({ "TWO" }, keys(d.ip_dict["dual/S_AXI_B"].registers))
  end)

  it("follow the table of instances, never the text", function()
    local d = read "ranges" -- a/b_c and a_b/c have the same text with _ for /
    assert.equal("acme.com:user:x:1.0", d.ip_dict["a/b_c"].type)
    assert.is_nil(d.ip_dict["a_b/c"])
  end)

  it("carry addresses above 4 GiB and sizes to the byte", function()
    local ip = read "ranges".ip_dict["split/S_AXI/High@0x1000000000"]
    assert.equal(0x1000000000, ip.phys_addr)
    assert.equal(0x10000, ip.addr_range)
    assert.equal("integer", math.type(ip.phys_addr))
  end)

  it("leave out what is outside of the design and say so", function()
    assert.is_true(warned(read "ranges", "belongs to M00_AXI_0, which is no module of this design"))
  end)

  it("are there without bus interface names, as before 2015.3", function()
    local old = read "ranges".ip_dict.old
    assert.is_nil(old.mem_id)
    assert.equal(0xA0070000, old.phys_addr)
  end)
end)

describe("registers", function()
  it("have offsets in decimal unless there is a 0x, and sizes in bits", function()
    local d = read "ranges"
    local one, two = d.ip_dict["dual/S_AXI_A"].registers.ONE, d.ip_dict["dual/S_AXI_B"].registers.TWO
    assert.same({ 16, 8, "read-only" }, { one.address_offset, one.size, one.access })
    assert.equal(16, two.address_offset)
  end)

  -- C68: PYNQ lists them like the others, and reading one may hang the bus.
  it("that this configuration lacks are there and marked", function()
    local registers = read "board".ip_dict["dma/engine"].registers
    assert.same({ 8, false }, { registers.MM2S_CURDESC.address_offset, registers.MM2S_CURDESC.enabled })
    assert.is_nil(registers.MM2S_DMACR.enabled)
  end)

  it("of equal names and offsets are one, the last", function()
    local two = read "ranges".ip_dict["dual/S_AXI_B"].registers.TWO
    assert.is_nil(two.enabled)
    assert.same({}, two.fields)
  end)

  it("warn about a field of no bits and go on", function()
    assert.is_true(warned(read "ranges", "a field of 0 bits, such as Nothing"))
  end)
end)

describe("parameters", function()
  -- PYNQ 3.x mixes those of bus interfaces in: PROTOCOL would be there.
  it("are the module's own; one without VALUE is none", function()
    assert.same({ C_WIDTH = "32", C_EMPTY = "" }, read "ranges".ip_dict["dual/S_AXI_A"].parameters)
  end)
end)

describe("oddities", function()
  it("are skipped with one warning for each kind, and the line", function()
    local d, design = read "odd"
    assert.equal("7z010", design.part) -- from STSTEMINFO
    assert.equal("2016.1_AR67511", design.tool)
    assert.is_true(warned(d, "odd.hwh:3: skipped: unknown attribute SHAPE"))
    assert.is_true(warned(d, "odd.hwh:5: skipped: unknown element NEWELEMENT"))
    assert.is_true(warned(d, "odd.hwh:9: skipped: a MODULE without FULLNAME and INSTANCE"))
    assert.is_true(warned(d, "skipped: a PORT without NAME"))
    assert.is_true(warned(d, "a bus interface of unknown TYPE SIDEWAYS"))
    assert.equal(5, #d.warnings)
  end)

  it("keep IP without VLNV, interrupts wired straight to the PS, streams without VLNV", function()
    local d = read "odd"
    assert.is_nil(d.ip_dict.bare.type)
    assert.same({ "", 0, 61 }, pin(d.interrupt_pins["bare/irq"]))
    assert.same({ { bus = "bare_M_AXIS", master = "bare/M_AXIS", slave = "bare/S_AXIS" } }, d.streams)
  end)

  it("read a design without modules, and one that is a container", function()
    local d, design = read "empty"
    assert.same({ true, "xcvu9p", {} }, { d.partial, design.part, d.ip_dict })
    d = read "container"
    assert.same({ true, {} }, { d.partial, d.ip_dict })
    assert.is_true(warned(d, "its contents are in a file of their own (inner_bd_inst_0.hwh)"))
  end)

  it("read a partial design: keyed by master, absolute addresses, open streams", function()
    local d = read "partial"
    assert.is_true(d.partial)
    assert.same({ 0x80120000, "s_axi_control" }, { d.ip_dict.accel.phys_addr, d.ip_dict.accel.mem_id })
    assert.same({ { bus = "External_Interface_in0", slave = "accel/stream_in" } }, d.streams)
    assert.same({}, d.clock_dict)
  end)

  it("keep a reconfigurable region apart from the IP", function()
    local d = read "region"
    assert.same({ "ps" }, keys(d.ip_dict))
    local r = d.regions["dfx/pr_0"]
    assert.same({ { "pr_0_add", "pr_0_mul" }, "pr_0_add" }, { r.variants, r.active })
    assert.same({ phys_addr = 0x80128000, addr_range = 0x8000, mem_id = "s_axi", memtype = "REGISTER" },
                r.ranges[2])
    assert.is_true(d.hierarchy_dict["dfx/pr_0"].region)
    assert.equal(d.hierarchy_dict["dfx/pr_0"], d.hierarchy_dict.dfx.hierarchies.pr_0)
  end)
end)

describe("dictionaries", function()
  it("are fresh tables each time", function()
    local design = core.design_read "spec/design/fixtures/cascade.hwh"
    local a, b = design:dictionaries(), design:dictionaries()
    a.ip_dict.timer.type = "changed"
    assert.equal("xilinx.com:ip:axi_timer:2.0", b.ip_dict.timer.type)
  end)

  it("give the PS type, parameters, interrupts and gpio only", function()
    assert.same({ "gpio", "interrupts", "parameters", "type" }, keys(read "cascade".ip_dict["soc/ps"]))
  end)

  it("link hierarchies to the very entries", function()
    local d = read "cascade"
    assert.same({ "io" }, keys(d.hierarchy_dict)) -- soc has nothing addressable
    assert.equal(d.ip_dict["io/uart"], d.hierarchy_dict.io.ip.uart)
  end)

  it("say in full what a memory is", function()
    local m = read "ranges".mem_dict["emc/S_AXI_MEM"]
    assert.same({ 1, 0xA1000000, 0x1000000, "MEMORY" }, { m.used, m.base_address, m.size, m.memtype })
  end)
end)
