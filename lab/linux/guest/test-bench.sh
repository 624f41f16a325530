# test-bench.sh: figures, not checks: registers and interrupts of a guest from Lua against C, by bench/board.lua.
# Run: ./run.sh bench-zynq | bench-zcu102
cd /work
export HOME=/root LUNQ=/bin/lunq LD_LIBRARY_PATH=$(echo /usr/lib/*-linux-gnu*) TERM=dumb
t "bench: registers and interrupts" bench/run board
! grep -q failed /run/out || t "bench: runs to its end" false
