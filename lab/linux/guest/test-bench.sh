# test-bench.sh: figures, not checks: registers and interrupts of a guest from Lua against C, by bench/board.lua and bench/uio.lua.
# Run: ./run.sh bench-zynq | bench-zcu102. Where QEMU counts instructions ("counted" in the command line) only what sleeps: there an
# access to a register is as slow as its translation.
cd /work
export HOME=/root LUNQ=/bin/lunq LD_LIBRARY_PATH=$(echo /usr/lib/*-linux-gnu*) TERM=dumb
if grep -q counted /proc/cmdline; then
  t "bench: interrupts, 2 ns an instruction" bench/run uio
else
  t "bench: registers and interrupts" bench/run board uio
fi
! grep -q failed /run/out || t "bench: runs to its end" false
