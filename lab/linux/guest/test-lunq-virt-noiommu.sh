# test-lunq-virt-noiommu.sh: the device `pci` of the cross-built lunq on QEMU's edu card without an IOMMU: physical addresses.
# Run: ./run.sh lunq-virt-noiommu | lunq-q35-noiommu (Debian's kernels have no VFIO without an IOMMU)
cd /work
export HOME=/root LD_LIBRARY_PATH=$(echo /usr/lib/*-linux-gnu*) TERM=dumb
B=$(pci 0x11e8) P=pci:$B
c() { t "pci $1: $2" lunq pci.lua $2 $P; }
UNSAFE=/sys/module/vfio/parameters/enable_unsafe_noiommu_mode
if [ -e $UNSAFE ]; then
  echo 1 > $UNSAFE
  t "vfio-pci: bound" bind $B vfio-pci
  for k in registers msi intx huge leave left; do c vfio-noiommu $k; done
fi
t "uio_pci_generic: bound" bind $B uio_pci_generic
for k in registers uio_interrupts huge leave left; do c uio $k; done
