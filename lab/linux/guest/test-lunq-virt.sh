# test-lunq-virt.sh: the device `pci` of the cross-built lunq on QEMU's edu card and virtio-rng behind an SMMUv3 or VT-d, through vfio-pci and uio_pci_generic.
# Run: ./run.sh lunq-virt | lunq-q35
cd /work
export HOME=/root LD_LIBRARY_PATH=$(echo /usr/lib/*-linux-gnu*) TERM=dumb
B=$(pci 0x11e8) P=pci:$B
c() { t "pci $1: $2" lunq pci.lua $2 $P; }
echo 'user:x:1000:1000:user:/root:/bin/sh' >> /etc/passwd; printf 'user:x:1000:\nlunq:x:100:\n' >> /etc/group
chmod 755 / # it is the temporary folder of initrd.sh
# as a user of the group; ulimit -l is in KiB
as_user() { (ulimit -l 64; exec start-stop-daemon -S -c user:$1 -x /bin/lunq -- pci.lua $2 $P); }
c unbound no_driver
t "vfio-pci: bound" bind $B vfio-pci
G=/dev/vfio/$(group $B)
BUS=; [ $(uname -m) = aarch64 ] && BUS=bus_error # a PC reads all ones
for k in registers $BUS buffers huge_iommu unmapped msi intx busy doctor leave left; do c vfio $k; done
not lunq pci.lua die $P; c vfio left
chgrp lunq $G; chmod 660 $G
t "pci vfio: a user the node is not for" as_user user denied
t "pci vfio: a user with a limit" as_user lunq limited
t "pci: all that can be used" sh -c "lunq --device pci -e 'print(lunq.Device.active_device)' | grep $P"
t "uio_pci_generic: bound" bind $B uio_pci_generic
for k in registers $BUS doctor uio other_driver left; do c uio $k; done
P=pci:$(pci 0x1044)
t "vfio-pci: virtio-rng bound" bind ${P#pci:} vfio-pci
c vfio msix
t "pci: nothing is left open" sh -c "! ls -l /proc/[0-9]*/fd 2> /dev/null | grep vfio"
