-- The plugin that brings a guest's accesses to a served device (docs/lab.md), with a program in QEMU's place.
describe("the plugin of the lab", function()
  local process = dofile "spec/program/process.lua"
  local served = dofile "spec/sim/served.lua"
  local program = dofile "spec/c_program.lua"("spec/sim/trap.c", { flags = "" })
  local f <close> = assert(io.popen "uname -m")
  local pc = f:read "l" == "x86_64"
  after_each(function()
    process.clean()
    served.clean()
  end)

  it("carries out accesses of all widths and instructions by a served device", function()
    if not pc then return pending "reads x86-64 instructions" end
    program.build()
    local folder = served.folder()
    local design = folder .. "/design.lua"
    local d <close> = assert(io.open(design, "w"))
    d:write 'return { name = "t", arch = "zynq", ip = { regs = { vlnv = "acme.com:user:regs:1.0", '
    d:write "address = 0x40400000, range = 0x1000 } } }"
    d:close()
    os.execute(("%s serve %s --socket %s/pl --once >%s/out 2>&1 &"):format(process.bin, design, folder, folder))
    for _ = 1, 1000 do
      if os.rename(folder .. "/pl", folder .. "/pl") then break end
      os.execute "sleep 0.01"
    end
    assert.same({ true, "ok\n" }, { program.run(folder .. "/pl") })
  end)
end)
