#!/bin/bash
# lab.sh: the whole lab, unattended: fetches and builds what is missing (cached in LAB_DIR), runs the cases, ends with "N passed, N failed".
# Run: LAB_DIR=dir ./lab.sh [CASE ...]   sets: own (default: kernels built here), stock (Debian's kernels), all; V=1 shows all output
. "$(dirname "$0")/env.sh"
OWN="lunq-zynq lunq-zcu102 served-zynq served-zynqmp lunq-virt lunq-virt-noiommu zynq zcu102 virt virt-noiommu"
STOCKED="zcu102-stock virt-stock virt32 q35 q35-noiommu lunq-q35 lunq-q35-noiommu"
cases=''
for a in ${*:-own}; do
  case $a in own) cases+=" $OWN" ;; stock) cases+=" $STOCKED" ;; all) cases+=" $OWN $STOCKED" ;; *) cases+=" $a" ;; esac
done
wants() { local c w; for c in $cases; do for w in "$@"; do [ "$c" = "$w" ] && return 0; done; done; return 1; }

missing=''
tool() { command -v "$1" > /dev/null || missing+=" $2"; }
tool qemu-system-arm qemu-system-arm; tool qemu-system-aarch64 qemu-system-arm; tool dtc device-tree-compiler; tool cpio cpio; tool bison bison; tool flex flex
tool bc bc; tool make make; tool gcc gcc; tool xz xz-utils; tool python3 python3
tool arm-linux-gnueabihf-gcc "gcc-arm-linux-gnueabihf libc6-dev-armhf-cross"; tool aarch64-linux-gnu-gcc "gcc-aarch64-linux-gnu libc6-dev-arm64-cross"
wants q35 q35-noiommu lunq-q35 lunq-q35-noiommu && tool qemu-system-x86_64 qemu-system-x86
[ -z "$missing" ] || die "missing tools; run: apt-get install --no-install-recommends$missing"

exec 9> "$LAB_DIR/lock"; flock 9       # two runs in one LAB_DIR wait for each other
start=$SECONDS
build() { "$@" || die "stopped: $1 failed"; }
kernels='' sets='' archs=''
wants lunq-zynq served-zynq bench-zynq zynq && kernels+=" zynq" archs+=" armhf"
wants lunq-zcu102 served-zynqmp bench-zcu102 lunq-virt lunq-virt-noiommu zcu102 virt virt-noiommu && kernels+=" a64" archs+=" arm64"
if wants $STOCKED; then sets=stock archs="armhf arm64 amd64"; fi
if [ -n "$kernels$sets" ]; then
  build "$LAB/fetch.sh" base $sets
  [ -z "$kernels" ] || build "$LAB/kernel.sh" $kernels
  if [ -n "$kernels" ] || wants zcu102-stock; then build "$LAB/dtb.sh"; fi
  for k in $kernels; do build "$LAB/module.sh" $k; done
  if wants zcu102-stock; then build "$LAB/stock-modules.sh"; fi
  build "$LAB/guest.sh" $archs
  if wants lunq-q35 lunq-q35-noiommu; then build "$LAB/tree.sh" amd64; fi
  if wants lunq-zynq served-zynq bench-zynq; then build "$LAB/tree.sh" armhf; fi
  if wants lunq-zcu102 served-zynqmp bench-zcu102 lunq-virt lunq-virt-noiommu; then build "$LAB/tree.sh" arm64; fi
fi
built=$((SECONDS - start))

passed=0 failed=0 skipped=0
mkdir -p "$LAB_DIR/run"
for c in $cases; do
  echo "== $c"
  out=$LAB_DIR/run/$c.out
  "$LAB/run.sh" "$c" > "$out" 2>&1
  rc=$?
  cat "$out"
  p=$(grep -c '^PASS ' "$out") f=$(grep -c '^FAIL ' "$out") s=$(grep -c '^SKIP ' "$out")
  # a case that ends badly, or checks nothing, without saying FAIL counts as one failure
  if [ $f = 0 ] && { [ $rc != 0 ] || [ $p = 0 ]; }; then echo "FAIL $c ended with status $rc after $p checks"; f=1; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
echo "built in $built s, ran in $((SECONDS - start - built)) s, $skipped skipped"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
