# test-lunq-virt-noiommu.sh: the device `pci` of the cross-built lunq on QEMU's edu card without an IOMMU: physical addresses.
# Run: ./run.sh lunq-virt-noiommu
cd /work
export HOME=/root LD_LIBRARY_PATH=$(echo /usr/lib/*-linux-gnu*) TERM=dumb
B=$(pci 0x11e8) P=pci:$B
c() { t "pci $1: $2" lunq pci.lua $2 $P; }
echo 1 > /sys/module/vfio/parameters/enable_unsafe_noiommu_mode
t "vfio-pci: bound" bind $B vfio-pci
for k in registers msi intx huge leave left; do c vfio-noiommu $k; done
t "uio_pci_generic: bound" bind $B uio_pci_generic
for k in registers huge leave left; do c uio $k; done
