#!/bin/sh
# Makes netlists of the RTL of our specs with Yosys, as primitives of AMD: LUT6, CARRY4, FDRE, RAMB36, DSP48 ...
#   netlists.sh FOLDER xc7|xcup
# With LUNQ_NETLISTS=FOLDER the specs run on them instead of the sources: what stands for a primitive then has to do
# what Yosys takes it for. See `make netlist-check`.
set -eu
folder=$1 family=$2
mkdir -p "$folder"
for name in regs regs_apart regs_together narrow pulses two_clocks ram mover scale copy; do
  [ "$folder/$name.v" -nt "spec/rtl/$name.v" ] && continue
  yosys -q -p "
    read_verilog -sv spec/rtl/$name.v spec/rtl/axil_port.v
    synth_xilinx -family $family -top $name -flatten
    write_verilog -noattr $folder/$name.part" 2>&1 | grep -v Warning || :
  mv "$folder/$name.part" "$folder/$name.v"
done
