# test-bench.sh: figures, not checks.
# Run: ./run.sh bench-zynq | bench-zcu102
export HOME=/root TERM=dumb
L=lunq-static; [ -x /bin/$L ] || { L=lunq; export LD_LIBRARY_PATH=$(echo /usr/lib/*-linux-gnu*); }
t "bench" $L /work/bench.lua
