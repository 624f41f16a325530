# test-lunq.sh: the cross-built lunq in a guest: its own specs and examples on the simulated device, then the device `linux`.
# Run: ./run.sh lunq-zynq | lunq-zcu102
cd /work
export HOME=/root LUNQ_BIN=/bin/lunq LD_LIBRARY_PATH=$(echo /usr/lib/*-linux-gnu*) TERM=dumb
# a spec file: the time limit stops one that hangs, and its summary is what passed
spec() {
  LUNQ_DEVICE=sim timeout 300 lunq test -o plainTerminal "$1" > /run/spec 2>&1; r=$?
  grep -E '^[0-9]+ success' /run/spec | tail -1
  [ $r = 0 ] || { tail -40 /run/spec; return 1; }
}
# an example on the simulated device; those for cards name theirs
example() { case $1 in *card*|*kernel_streams*) lunq $1 ;; *) lunq --device sim $1 ;; esac; }
t "lunq: starts" lunq -e 'print(lunq.version, _VERSION)'
t "lunq: takes the board by itself" sh -c 'lunq info && lunq -e "assert(lunq.Device.active_device.name == [[linux]])"'
[ ! -x /bin/lunq-static ] || {
  t "static lunq: starts" env -i /bin/lunq-static -e 'print(lunq.version, _VERSION)'
  t "static lunq: linux: registers" /bin/lunq-static --device linux /work/linux.lua registers
  t "static lunq: memory" /bin/lunq-static /work/memory.lua copy reserved
}
t "lunq: doctor" sh -c 'lunq doctor --all; [ $? = 0 ]'
# what the doctor says, tried: by root, by somebody, and by a member of the group that LUNQ's udev rules give nodes to
printf 'lunq:x:900:\nnobody:x:65534:\n' >> /etc/group
printf 'ann:x:1000:900::/tmp:/bin/sh\nnobody:x:65534:65534::/tmp:/bin/sh\n' >> /etc/passwd
chmod 1777 /tmp; image 4096 # what the overlay of the doctor's checks loads
t "doctor: true for root" lunq doctor.lua
t "doctor: true for nobody" su nobody -s /bin/sh -c "lunq doctor.lua"
chgrp lunq /dev/uio* /dev/gpiochip* /dev/dma_heap/*; chmod 660 /dev/uio* /dev/gpiochip* /dev/dma_heap/*
t "doctor: true for a member of group lunq" su ann -s /bin/sh -c "lunq doctor.lua"
# the folders as tools/systemd/lunq.tmpfiles has them
mkdir -p /run/lunq/programs; chgrp lunq /run/lunq/programs; chmod 2775 /run/lunq/programs
lunq-helper --socket /run/lunq/helper.sock > /run/helper.log 2>&1 &
for i in 1 2 3 4 5 6 7 8 9 10; do [ -S /run/lunq/helper.sock ] || sleep 0.2; done
t "doctor: true for a member whom lunq-helper serves" su ann -s /bin/sh -c "lunq doctor.lua"
t "doctor: true for nobody beside lunq-helper" su nobody -s /bin/sh -c "lunq doctor.lua"
rm /lib/firmware/design.bin
# as a member, who may do it, and as nobody, who may not; what came of it as root
HELPER=$!
ann() { su ann -s /bin/sh -c "exec lunq --device linux helper.lua $1"; }
nobody() { su nobody -s /bin/sh -c "$2 exec lunq --device linux helper.lua $1 /tmp/nobody.bin"; }
holds() { cmp $1 /sys/kernel/debug/lunq-fpga-image && [ "$(cat $(fpgasim)/state)" = operating ]; }
nothing_left() { [ -z "$(ls $O)" ] && [ ! -e /lib/firmware/design.bin ] && [ ! -e /lib/firmware/lunq-design.bin ]; }
# nothing but the socket is open, no child lives; a client that was killed may have left a request that it is still at
idle() {
  for i in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(pidof lunq-helper)" = $HELPER ] && ! ls -l /proc/$HELPER/fd | grep -q memfd && return
    sleep 0.3
  done
  return 1
}
# at every moment of its work, until one gets to its end
die() {
  k=0
  while [ $k -lt 100 ]; do
    su ann -s /bin/sh -c "exec lunq --device linux helper.lua load" &
    sleep $((k / 10)).$((k % 10)); kill -9 $!; wait $!
    [ $? = 137 ] || break
    k=$((k + 1)); idle || return 1
  done
  echo killed $k times; [ $k -gt 3 ] && [ $k -lt 100 ]
}
failing() { echo 2 > /sys/module/lunq_fpga_sim/parameters/fail; ann failure; r=$?; echo 0 > /sys/module/lunq_fpga_sim/parameters/fail; return $r; }
refused() { image 4096; nobody refused; r=$?; rm /lib/firmware/design.bin; return $r; }
loads() { ann load && holds /tmp/helper.bin && nothing_left; }
t "helper: a member loads" loads
t "helper: a member sets a clock" ann clock
[ ! -d /sys/kernel/debug/clk/fclk0 ] || t "helper: the kernel has that clock" grep -q '^\(4[789]\|50\)......$' /sys/kernel/debug/clk/fclk0/clk_rate
t "helper: nobody is told who may" refused
t "helper: nobody who asks all the same is told, too" nobody asks LUNQ_HELPER=/run/lunq/helper.sock
t "helper: nobody changed nothing" holds /tmp/helper.bin
t "helper: a member is told what went wrong" failing
t "helper: clients that die leave nothing" die
t "helper: the next one is served" loads
t "helper: has nothing open" idle
kill $HELPER; cat /run/helper.log
for c in registers refusals bitstream; do t "linux: $c" lunq --device linux /work/linux.lua $c; done
t "linux: recorded and played back" sh -c 'lunq record -o /run/t --device linux linux.lua registers && lunq --device replay:/run/t linux.lua registers'
for c in kernel registers; do t "linux: clocks by the $c" lunq --device linux /work/clocks.lua $c; done
t "linux: refused before the first access" lunq --device linux /work/ready.lua
# every kind of memory this kernel has; u-dma-buf and zocl are played by a module of the lab
[ ! -e /proc/sys/vm/nr_hugepages ] || echo 8 > /proc/sys/vm/nr_hugepages
t "memory: kinds" lunq memory.lua kinds
t "memory: a module for u-dma-buf and zocl" insmod /lib/firmware/lunq-memory-sim.ko udmabuf0=4194304
image 4096; t "doctor: true with all kinds of memory" lunq doctor.lua; rm /lib/firmware/design.bin
for k in $(lunq memory.lua usable); do
  t "memory: $k, copied by a DMA controller" lunq memory.lua copy $k
  t "memory: $k, two programs" lunq memory.lua share $k
done
# the same without rights of root, where the nodes allow it, as udev rules give them to a group
chmod 755 /; grep -q ^user: /etc/passwd || echo 'user:x:1000:1000::/tmp:/bin/sh' >> /etc/passwd
chmod 666 /dev/udmabuf0 /dev/dri/renderD128 /dev/uio*
for k in udmabuf zocl $(labtest uio-list | grep -q 0e000000 && echo reserved); do
  t "memory: $k, by a user" su user -c "lunq memory.lua copy $k"
done
# udev gives a device that was just made to its group a moment later
chmod 666 /dev/u-dma-buf-mgr
while [ -e /dev/u-dma-buf-mgr ]; do chmod 666 /dev/lunq-* 2> /dev/null; sleep 0.05; done &
t "memory: udmabuf-mgr, by a user" su user -c "lunq memory.lua copy udmabuf-mgr"
t "memory: a heap, refused to a user" su user -c 'lunq memory.lua refused heap'
chmod 666 /dev/dma_heap/reserved
t "memory: a heap without addresses, refused to a user" su user -c 'lunq memory.lua refused heap'
t "memory: what a dead program had is deleted" sh -c 'lunq memory.lua one udmabuf-mgr && [ "$(ls /sys/class/u-dma-buf)" = udmabuf0 ]'
t "memory: the module is used by nobody any more" rmmod lunq-memory-sim
for c in manager overlay region failures refusals partial programs mainline; do t "load: $c" lunq --device linux /work/load.lua $c; done
gpiosim && t "linux: gpio" lunq --device linux /work/linux.lua gpio $(gpiosim_dir)
for o in overlays/*/; do
  [ ! -f ${o}demo.lua ] || t "example: ${o}demo.lua" example ${o}demo.lua
  for f in ${o}*_spec.lua; do [ ! -f $f ] || t "$f" spec $f; done
done
# the ordinary specs that need no compiler and little time
for f in $(cat /work/specs); do t "$f" spec $f; done
