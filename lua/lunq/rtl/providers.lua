--- What modules a design needs that its sources don't have, and where they come from: for the error message.
local providers = {}

--- Pattern of the name, and what to say. The first that fits.
local KNOWN <const> = {
  { "^xpm_", "one of AMD's macros (XPM) LUNQ has no stub of" },
  { "^PS[78]$", "the processor, which has no RTL: leave it out, LUNQ takes its place" },
  { "^processing_system7", "the processor, which has no RTL: leave it out, LUNQ takes its place" },
  { "^zynq_ultra_ps_e", "the processor, which has no RTL: leave it out, LUNQ takes its place" },
  { "^G[TY][HXYPM]?E?%d?_", "a transceiver, a hard block that can't be simulated here" },
  { "^GT[HXYP]E", "a transceiver, a hard block that can't be simulated here" },
  { "^DSP48", "a DSP block of AMD's unisim library LUNQ has no stub of" },
  { "^RAMB%d", "a block RAM of AMD's unisim library LUNQ has no stub of" },
  { "^FIFO%d", "a FIFO of AMD's unisim library LUNQ has no stub of" },
  { "^URAM", "an UltraRAM of AMD's unisim library LUNQ has no stub of" },
  { "^[IO]SERDES", "a primitive of AMD's unisim library LUNQ has no stub of" },
  { "^%u%u[%u%d_]+$", "perhaps a primitive of a vendor's library (unisim) LUNQ has no stub of" },
  { "_f?acc_.*_dsp_", "an accumulator of Vitis HLS: an IP made in Vivado, without plain RTL" },
  { "^floating_point_", "an IP of Vivado, without plain RTL; LUNQ makes it from its .xci (in a folder given with -y)" },
  { "^blk_mem_gen", "an IP of Vivado, a memory: LUNQ knows what is in its wrapper (NAME.v in sim/ or synth/ below .gen "
    .. "or .srcs): give that" },
  { "^fifo_generator", "an IP of Vivado: a FIFO" },
  { "^axis?_", "perhaps an IP of Vivado: its RTL stands where it was generated (.gen or .srcs, hdl/)" },
  { "_ip$", "perhaps an IP of Vivado: its RTL stands where it was generated (.gen or .srcs, hdl/)" },
  { "_%d+$", "perhaps an IP of Vivado: its RTL stands where it was generated (.gen or .srcs, hdl/)" },
}

--- A sentence about a module that was not found.
---@param name string
---@return string
function providers.advice(name)
  local what, whose = name:match "^lunq_refuses_(.-)_of_(.*)$" -- instantiated by a stub that can't do as it should
  if what then
    return ("LUNQ's stub of %s has no %s. A Verilog module of that name with the same ports, in a folder given with "
            .. "-y, takes its place"):format(whose, (what:gsub("_", " ")))
  end
  for _, known in ipairs(KNOWN) do
    if name:find(known[1]) then
      return ("%s is %s. A Verilog module of that name with the same ports, in a folder given with -y, takes its "
              .. "place"):format(name, known[2])
    end
  end
  return ("%s is in none of the sources: name its file, or its folder with -y (the file is called %s.v or %s.sv "
          .. "there)"):format(name, name, name)
end

--- A sentence about an entity or a package of VHDL that was not found.
---@param name string
---@return string
function providers.entity(name)
  return ("%s is in none of the sources: name its file, or the folder it is in with -y"):format(name)
end

--- A sentence about a library of VHDL that was not found.
---@param name string
---@return string
function providers.vhdl_library(name)
  local amd = name == "unisim" or name == "xpm" or name == "unimacro"
  return ("The library %s is %s files behind -w %s are in it"):format(name,
    amd and "AMD's, and LUNQ has its cells in Verilog only. Any" or "in none of the sources: any", name)
end

return providers
