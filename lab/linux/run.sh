#!/bin/bash
# run.sh: packs the initramfs of one case and boots it under QEMU (TCG). Everything it needs must have been built (lab.sh does that).
# Run: LAB_DIR=dir ./run.sh CASE   own kernels: lunq-zynq lunq-zcu102 served-zynq served-zynqmp lunq-virt lunq-virt-noiommu zynq zcu102 virt virt-noiommu; Debian's: zcu102-stock virt-stock virt32 q35 q35-noiommu lunq-q35 lunq-q35-noiommu;
# figures: bench-zynq bench-zcu102
# Variables: TEST=script EXTRA="more programs" TREE=folder for the guest's root, APPEND="boot arguments", LIMIT=seconds, V=1 all output;
# OVERLAY=dtbocfg (that optional module instead of lunq-overlay)
set -e
. "$(dirname "$0")/env.sh"
CASE=$1; O=$LAB_DIR/run; mkdir -p "$O"
# the specs take a minute, on a machine that is busy several
case $CASE in lunq-*) export LIMIT=${LIMIT:-600} ;; *) export LIMIT=${LIMIT:-120} ;; esac
common=(-display none -nodefaults -no-reboot -accel tcg)

# add MODULE [ARGS]: the module goes into the initramfs when the file exists; need: it must exist
MODS=; FW=
need() { [ -f "$1" ] || die "missing $1"; MODS+="$*"$'\n'; }
add() { [ ! -f "$1" ] || need "$@"; }
own() {    # modules of the own kernels; u-dma-buf and dtbocfg are optional
  local m=$LAB_DIR/mod/$1
  need "$m/lunq-fpga-sim.ko"
  if [ "$OVERLAY" = dtbocfg ]; then need "$m/dtbocfg.ko"; else need "$m/lunq-overlay.ko"; fi
  need "$m/lunq-fclk.ko"
  add "$m/u-dma-buf.ko"
}
stockkernel() { STOCK=$(ls "$LAB_DIR/k/$1"/boot/vmlinuz-* | head -1); SM=$(echo "$LAB_DIR/k/$1"/lib/modules/*/kernel); [ -f "$STOCK" ] || die "run fetch.sh stock first"; }
vfiomods() {
  add "$SM/virt/lib/irqbypass.ko"; need "$SM/drivers/vfio/vfio.ko"; add "$SM/drivers/vfio/vfio_virqfd.ko"
  need "$SM/drivers/vfio/vfio_iommu_type1.ko" "$1"; need "$SM/drivers/vfio/pci/vfio-pci-core.ko"; need "$SM/drivers/vfio/pci/vfio-pci.ko"
  need "$SM/drivers/uio/uio.ko"; need "$SM/drivers/uio/uio_pci_generic.ko"
}
pack() { MODS=$MODS FW=$FW TREE=$TREE "$LAB/initrd.sh" "$1" "$O/$CASE.gz" "${TEST:-$LAB/guest/$2}" "$LAB_DIR/bin/labtest-$1" $EXTRA; }
boot() { "$LAB/boot.py" "$LIMIT" "${LOG:-$O/$CASE.log}" -- "$@" -initrd "$O/$CASE.gz"; }
# twice: as it is, and with time that is the number of instructions, whatever else the machine does. For the latter the
# kernel's other timer of this kind must stay off: the model of QEMU 7.2 never comes back from a period that is no whole number of ns
bench() {
  local status=0
  boot "$@" || status=1
  LOG=$O/$CASE-counted.log boot "${@:1:$#-1}" "${!#} counted maxcpus=1 initcall_blacklist=ttc_timer_driver_init" -icount shift=1,sleep=off || status=1
  return $status
}

# serve DEVICE GIC MIB BASE DESIGN=RANGES ... -- QEMU...: a boot for each design, whose logic `lunq serve` plays (serve.py)
serve() {
  local head=("${@:1:4}") designs=() d status=0; shift 4
  while [ "$1" != -- ]; do designs+=("$1"); shift; done; shift
  for d in "${designs[@]}"; do
    local name=${d%%=*} bench=-
    [ ! -f "$LAB/served/$name.lua" ] || bench=$LAB/served/$name.lua
    "$LAB/serve.py" "$LAB/../../build/lunq" "${head[0]}" "$TREE/work/served/overlays/$name/$name.hwh" "${head[@]:1}" "${d#*=}" "$bench" -- \
      $((2 * LIMIT)) "$O/$CASE-$name.log" -- "${@:1:$#-1}" "${!#} lunq_design=$name" -initrd "$O/$CASE.gz" || status=1
  done
  return $status
}

ZYNQ_ARGS="console=ttyPS0,115200 panic=-1 quiet maxcpus=1 uio_pdrv_genirq.of_id=generic-uio $APPEND"
ZCU_ARGS="console=ttyPS0,115200 panic=-1 quiet uio_pdrv_genirq.of_id=generic-uio $APPEND"
zcu=(qemu-system-aarch64 -M xlnx-zcu102 "${common[@]}")
# newer QEMU (10.0) has the display's audio device as a machine property, 7.2 refuses it
if qemu-system-aarch64 -M xlnx-zcu102,help 2>&1 | grep -q audiodev; then zcu[2]+=,audiodev=n; fi
zcu+=(-audiodev none,id=n -dtb "$LAB_DIR/dtb/zcu102.dtb")
virt=(qemu-system-aarch64 -cpu cortex-a72 -m 512 "${common[@]}" -serial stdio)
edu=(-device edu,dma_mask=0xffffffff)
rng=(-object rng-builtin,id=r -device virtio-rng-pci,rng=r,disable-legacy=on,iommu_platform=on)

case $CASE in
  zynq)
    kernel zynq; own zynq; FW=$(echo "$LAB_DIR"/dtb/pl32.dtbo "$LAB_DIR"/dtb/zynq-*.dtbo); pack armhf test-zynq.sh
    boot qemu-system-arm -M xilinx-zynq-a9 -m 256 "${common[@]}" -serial null -serial stdio -kernel "$IMAGE" -dtb "$LAB_DIR/dtb/zynq.dtb" -append "$ZYNQ_ARGS" ;;
  zcu102)
    kernel a64; own a64; FW=$LAB_DIR/dtb/pl64.dtbo; pack arm64 test-zcu102.sh
    boot "${zcu[@]}" -m 256 -serial stdio -kernel "$IMAGE" -append "$ZCU_ARGS" ;;
  lunq-zynq)
    kernel zynq; own zynq; FW="$LAB_DIR/dtb/pl32.dtbo $LAB_DIR/mod/zynq/lunq-memory-sim.ko" TREE=$LAB_DIR/tree/armhf; pack armhf test-lunq.sh
    boot qemu-system-arm -M xilinx-zynq-a9 -m 256 "${common[@]}" -serial null -serial stdio -kernel "$IMAGE" -dtb "$LAB_DIR/dtb/zynq.dtb" -append "$ZYNQ_ARGS" ;;
  lunq-zcu102)
    kernel a64; own a64; FW="$LAB_DIR/dtb/pl64.dtbo $LAB_DIR/mod/a64/lunq-memory-sim.ko" TREE=$LAB_DIR/tree/arm64; pack arm64 test-lunq.sh
    boot "${zcu[@]}" -m 256 -serial stdio -kernel "$IMAGE" -append "$ZCU_ARGS" ;;
  bench-zynq)
    kernel zynq; own zynq; TREE=$LAB_DIR/tree/armhf; pack armhf test-bench.sh; export V=1
    bench qemu-system-arm -M xilinx-zynq-a9 -m 256 "${common[@]}" -serial null -serial stdio -kernel "$IMAGE" -dtb "$LAB_DIR/dtb/zynq.dtb" -append "$ZYNQ_ARGS" ;;
  bench-zcu102)
    kernel a64; own a64; TREE=$LAB_DIR/tree/arm64; pack arm64 test-bench.sh; export V=1
    bench "${zcu[@]}" -m 256 -serial stdio -kernel "$IMAGE" -append "$ZCU_ARGS" ;;
  served-zynq)    # RAM reaches over the window of the logic, Linux gets 256 MiB of it
    kernel zynq; own zynq; TREE=$LAB_DIR/tree/armhf; pack armhf test-served.sh
    serve sim:zynq7000 gic 2048 0 dma_loopback=0x40400000+0x20000 \
      gpio_interrupts=0x41200000+0x30000,0x41800000+0x20000,0x42800000+0x10000 -- \
      qemu-system-arm -M xilinx-zynq-a9,memory-backend=ddr "${common[@]}" -serial null -serial stdio \
      -kernel "$IMAGE" -dtb "$LAB_DIR/dtb/zynq.dtb" -append "$ZYNQ_ARGS mem=256M" ;;
  served-zynqmp)  # a stand-in: RAM from 0x40000000 on reaches over the logic, and over the clocks (CRF_APB, CRL_APB)
    kernel a64; own a64; TREE=$LAB_DIR/tree/arm64; pack arm64 test-served.sh
    served=(qemu-system-aarch64 -M virt,gic-version=2 -cpu cortex-a72 -smp 2 "${common[@]}")
    gic=$(printf 'info qom-tree\nquit\n' | "${served[@]}" -S -monitor stdio | grep -ao 'device\[[0-9]*\] (arm_gic)')
    clocks=0xfd1a0000+0x1000,0xff5e0000+0x1000
    serve sim:zynqmp "/machine/unattached/${gic% *}" 3072 0x40000000 dma_loopback=0xa0400000+0x20000,$clocks \
      gpio_interrupts=0xa1200000+0x30000,0xa1800000+0x20000,0xa2800000+0x10000,$clocks -- \
      "${served[@]}" -machine memory-backend=ddr -serial stdio -kernel "$IMAGE" -dtb "$LAB_DIR/dtb/virt.dtb" \
      -append "console=ttyAMA0 panic=-1 quiet uio_pdrv_genirq.of_id=generic-uio mem=512M $APPEND" ;;
  zcu102-stock)
    stockkernel arm64; m=$LAB_DIR/mod/stock
    need "$SM/drivers/uio/uio.ko"; need "$m/uio_pdrv_genirq.ko" of_id=generic-uio; add "$m/u-dma-buf.ko"
    need "$SM/fs/configfs/configfs.ko"; need "$m/irq-sim.ko"; need "$m/gpio-sim.ko"; need "$m/fpga-mgr.ko"; need "$m/lunq-fpga-sim.ko"
    pack arm64 test-zcu102.sh
    boot "${zcu[@]}" -m 512 -serial stdio -kernel "$STOCK" -append "console=ttyPS0,115200 panic=-1 quiet $APPEND" ;;
  virt|virt-stock)
    if [ "$CASE" = virt ]; then kernel a64; else stockkernel arm64; IMAGE=$STOCK; vfiomods; fi
    pack arm64 test-virt.sh
    boot "${virt[@]}" -M virt,gic-version=3,iommu=smmuv3 -kernel "$IMAGE" -append "console=ttyAMA0 quiet panic=-1 $APPEND" "${edu[@]}" ;;
  lunq-virt)
    kernel a64; TREE=$LAB_DIR/tree/arm64; pack arm64 test-lunq-virt.sh
    boot "${virt[@]}" -M virt,gic-version=3,iommu=smmuv3 -kernel "$IMAGE" -append "console=ttyAMA0 quiet panic=-1 $APPEND" "${edu[@]}" "${rng[@]}" ;;
  lunq-virt-noiommu)
    kernel a64; TREE=$LAB_DIR/tree/arm64; pack arm64 test-lunq-virt-noiommu.sh
    boot "${virt[@]}" -M virt,gic-version=3 -kernel "$IMAGE" -append "console=ttyAMA0 quiet panic=-1 vfio.enable_unsafe_noiommu_mode=1 $APPEND" "${edu[@]}" ;;
  virt-noiommu)
    kernel a64; pack arm64 test-noiommu.sh
    boot "${virt[@]}" -M virt,gic-version=3 -kernel "$IMAGE" -append "console=ttyAMA0 quiet panic=-1 vfio.enable_unsafe_noiommu_mode=1 $APPEND" "${edu[@]}" ;;
  virt32)
    stockkernel armhf; need "$SM/drivers/uio/uio.ko"; need "$SM/drivers/uio/uio_pci_generic.ko"; pack armhf test-virt32.sh
    boot qemu-system-arm -M virt,highmem=off -cpu cortex-a15 -m 512 "${common[@]}" -serial stdio -kernel "$STOCK" -append "console=ttyAMA0 quiet panic=-1 $APPEND" "${edu[@]}" ;;
  q35)
    stockkernel amd64; vfiomods allow_unsafe_interrupts=1; pack amd64 test-virt.sh
    boot qemu-system-x86_64 -M q35,kernel-irqchip=split -cpu max -m 512 "${common[@]}" -serial stdio -kernel "$STOCK" \
      -append "console=ttyS0 quiet panic=-1 intel_iommu=on $APPEND" -device intel-iommu,intremap=on,caching-mode=on -device edu ;;
  lunq-q35)
    stockkernel amd64; vfiomods allow_unsafe_interrupts=1; TREE=$LAB_DIR/tree/amd64; pack amd64 test-lunq-virt.sh
    boot qemu-system-x86_64 -M q35,kernel-irqchip=split -cpu max -m 512 "${common[@]}" -serial stdio -kernel "$STOCK" \
      -append "console=ttyS0 quiet panic=-1 intel_iommu=on $APPEND" -device intel-iommu,intremap=on,caching-mode=on \
      "${edu[@]}" "${rng[@]}" ;;
  lunq-q35-noiommu)
    stockkernel amd64; need "$SM/drivers/uio/uio.ko"; need "$SM/drivers/uio/uio_pci_generic.ko"
    TREE=$LAB_DIR/tree/amd64; pack amd64 test-lunq-virt-noiommu.sh
    boot qemu-system-x86_64 -M q35 -cpu max -m 512 "${common[@]}" -serial stdio -kernel "$STOCK" -append "console=ttyS0 quiet panic=-1 $APPEND" "${edu[@]}" ;;
  q35-noiommu)
    stockkernel amd64; need "$SM/drivers/uio/uio.ko"; need "$SM/drivers/uio/uio_pci_generic.ko"; pack amd64 test-q35-noiommu.sh
    boot qemu-system-x86_64 -M q35 -cpu max -m 512 "${common[@]}" -serial stdio -kernel "$STOCK" -append "console=ttyS0 quiet panic=-1 $APPEND" -device edu ;;
  *) die "unknown case '$CASE'" ;;
esac
