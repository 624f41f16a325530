-- A card described by a table: its defaults, and what each mistake is answered with.
local core = require "lunq.core"

local function dictionaries(description) return core.design_from_table(description):dictionaries() end

local function fails(description)
  local ok, e = pcall(core.design_from_table, description)
  assert.is_false(ok)
  return { e.kind, tostring(e) }
end

--- One kernel with these arguments.
local function with_args(...) return { kernels = { k = { args = { ... } } } } end

describe("a table with kernels", function()
  it("needs arguments only: the rest has defaults", function()
    local t = dictionaries(with_args("const int *a", "int *b", "int n"))
    assert.same({ 0x1800000, 0x10000, "xilinx.com:hls:k:1.0", "ap_ctrl_hs", "k:k_1", 0 },
                { t.ip_dict.k_1.phys_addr, t.ip_dict.k_1.addr_range, t.ip_dict.k_1.type,
                  t.ip_dict.k_1.hw_control_protocol, t.ip_dict.k_1.cu_name, t.ip_dict.k_1.cu_index })
    assert.same({ 0x4000000000, 16 << 30, "DDR4", 1 },
                { t.mem_dict.bank0.base_address, t.mem_dict.bank0.size, t.mem_dict.bank0.type, t.mem_dict.bank0.used })
    assert.same({ false, nil, "bank0" }, { t.partial, t.ps, t.ip_dict.k_1.registers.b.memory })
  end)

  it("places arguments and units as Vitis does", function()
    local t = dictionaries { kernels = {
      b = { args = { "char c", "double d", "int *p", "short s" }, units = { b_1 = {}, b_2 = {} } },
      a = { args = {}, units = { a_9 = 0x1810000 } },
    } }
    local r = t.ip_dict.b_1.registers
    assert.same({ 0x10, 0x18, 0x24, 0x30 }, { r.c.address_offset, r.d.address_offset, r.p.address_offset,
                                              r.s.address_offset })
    assert.same({ 0x1800000, 0x1810000, 0x1820000 },
                { t.ip_dict.b_1.phys_addr, t.ip_dict.a_9.phys_addr, t.ip_dict.b_2.phys_addr })
    assert.same({ 0, 1, 2 }, { t.ip_dict.b_1.cu_index, t.ip_dict.a_9.cu_index, t.ip_dict.b_2.cu_index })
  end)

  it("writes types as the XML has them", function()
    local args = dictionaries(with_args("const unsigned int  *a", "float& b", "ap_uint<512> *c")).kernels[1].args
    assert.same({ "const unsigned int *", "float", "ap_uint<512>*" }, { args[1].type, args[2].type, args[3].type })
  end)

  it("is refused with the place of what is wrong", function()
    assert.same({ "value", "kernels.k.args.1: \"int\" is no argument; write it as in C, as in \"const int *a\"" },
                fails(with_args "int"))
    assert.same({ "type", "kernels.k.args.2 should be a string, not a number" }, fails(with_args("int a", 7)))
    assert.same({ "value", "kernels.k.args.2: two arguments are called a" }, fails(with_args("int a", "int *a")))
    assert.same({ "value", "kernels.k.args.1: how large is a point_t? Write { \"point_t p\", size = 4 }" },
                fails(with_args "point_t p"))
    assert.same({ "value", "kernels.k.args.1.memory: there is no memory called bank9" },
                fails(with_args { "int *a", memory = "bank9" }))
    assert.same({ "value", "kernels.k.args.1.memory names a memory twice" },
                fails(with_args { "int *a", memory = { "bank0", "bank0" } }))
    assert.same({ "value", "kernels.k.args.1.colour: there is no such key (known: output, port, offset, size, "
                  .. "host_size, memory)" }, fails(with_args { "int *a", colour = 1 }))
    assert.same({ "value", "kernels.k.args.1: s is a stream, which has no memory" },
                fails(with_args { "stream<int> s", memory = "bank0" }))
    assert.same({ "value", "kernels.k: argument a ends at 0x10004, beyond the range of 0x10000 bytes" },
                fails(with_args { "int a", offset = 0x10000 }))
    assert.same({ "value", "kernels.k.control should be one of ap_ctrl_hs, ap_ctrl_chain, ap_ctrl_none, user_managed, "
                  .. "not ap_ctrl" }, fails { kernels = { k = { control = "ap_ctrl" } } })
    assert.same({ "value", "kernels.a/b: a/b can't be the name of a kernel: letters, digits and _ only" },
                fails { kernels = { ["a/b"] = {} } })
    assert.same({ "value", "kernels.k.units.u.memories.n: the kernel has no buffer argument n" },
                fails { kernels = { k = { args = { "int n" }, units = { u = { memories = { n = "bank0" } } } } } })
    assert.same({ "value", "memories.2: two memories are called b" },
                fails { memories = { { tag = "b" }, { tag = "b" } } })
    assert.same({ "value", "memories.1: \"\" can't be a tag: 1 to 16 characters, no space, no /" },
                fails { memories = { {} } })
    assert.same({ "value", "memories.1: 1025 bytes at 0x0 are no memory: whole KiB inside the address space" },
                fails { memories = { { tag = "b", size = 1025 } } })
    assert.same({ "type", "memories.1 is missing: a list with 1 entries has the keys 1 to 1" },
                fails { memories = { bank0 = {} } })
    assert.same({ "value", "uuid should be 32 hexadecimal digits, with or without dashes" },
                fails { memories = {}, uuid = "5fc9" })
    assert.same({ "value", "ip: there is no such key (known: kernels, memories, streams, clocks, platform, uuid, name, "
                  .. "part, arch, board, tool)" }, fails { kernels = {}, ip = {} })
    assert.same({ "value", "clocks.1.type should be one of unused, data, kernel, system, not fast" },
                fails { memories = {}, clocks = { { "A", 100, "fast" } } })
  end)

  it("is refused when a stream has not two ends", function()
    local function stream(text)
      return fails { kernels = { k = { args = { { "stream<int> o", output = true }, "stream<int> i", "int n" },
                                       units = { u = 0, v = 0x10000 } } }, streams = { dc = text } }
    end
    assert.same({ "value", 'streams.dc should look like "vadd_1.out -> vmult_1.in"' }, stream "u.o")
    assert.same({ "value", "streams.dc: there is no stream argument n of a compute unit v" }, stream "u.o -> v.n")
    assert.same({ "value", "streams.dc: there is no stream argument i of a compute unit w" }, stream "u.o->w.i")
    assert.same({ "value", 'streams.dc: o should be an input; in args write { "stream<int> o", output = false }' },
                stream "u.o -> v.o")
    assert.matches("^streams.[ab]: o is on another stream already$",
                   fails { kernels = { k = { args = { { "stream<int> o", output = true }, "stream<int> i" },
                                             units = { u = 0, v = 0x10000 } } },
                           streams = { b = "u.o -> v.i", a = "u.o -> u.i" } }[2])
  end)

  it("gives streams the order of their names", function()
    local units, streams = {}, {}
    for i = 1, 9 do units["u" .. i], streams["s" .. i] = {}, ("u%d.o -> u%d.i"):format(i, i) end
    local t = dictionaries { kernels = { k = { args = { { "stream<int> o", output = true }, "stream<int> i" },
                                               units = units } }, streams = streams }
    for i = 1, 9 do assert.equal(i, t.mem_dict["s" .. i].idx) end
  end)

  it("is refused when two units have one address, or one name", function()
    assert.same({ "value", "kernels: units a_1 and b_1 have the same addresses, 0x10000 bytes at 0x10000" },
                fails { kernels = { a = { units = { a_1 = 0x10000 } }, b = { units = { b_1 = 0x10000 } } } })
    assert.matches("two compute units are called u %(of kernels a and b%)",
                   fails { kernels = { a = { units = { u = 0 } }, b = { units = { u = 0x10000 } } } }[2])
  end)
end)
