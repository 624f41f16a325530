#!/bin/bash
# guest.sh: builds the guest test program labtest (static, per architecture) and the QEMU plugin trap.so (for this machine).
# Run: LAB_DIR=dir ./guest.sh [amd64|arm64|armhf ...]   results: LAB_DIR/bin/labtest-ARCH, LAB_DIR/bin/trap.so
set -e
. "$(dirname "$0")/env.sh"
mkdir -p "$LAB_DIR/bin"
for a in ${*:-armhf arm64}; do
  # 64-bit file offsets: /dev/mem above 2 GiB and the VFIO regions need them on armhf
  $(cc $a) -O2 -Wall -Wextra -D_FILE_OFFSET_BITS=64 -static "$LAB/guest/labtest.c" -o "$LAB_DIR/bin/labtest-$a"
done
[ "$(uname -m)" = x86_64 ] || exit 0   # the plugin reads x86-64 instructions
version=1; case $(qemu-system-arm --version) in *"version "[1-7].*|*"version 8".*) ;; *) version=2 ;; esac
gcc -D_GNU_SOURCE -O2 -Wall -Wextra -shared -fPIC -DPLUGIN_VERSION=$version "$LAB/trap.c" -o "$LAB_DIR/bin/trap.so"
