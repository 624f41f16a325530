#!/bin/bash
# guest.sh: builds the guest test program labtest, static, for each architecture.
# Run: LAB_DIR=dir ./guest.sh [amd64|arm64|armhf ...]   results: LAB_DIR/bin/labtest-ARCH
set -e
. "$(dirname "$0")/env.sh"
mkdir -p "$LAB_DIR/bin"
for a in ${*:-armhf arm64}; do
  # 64-bit file offsets: /dev/mem above 2 GiB and the VFIO regions need them on armhf
  $(cc $a) -O2 -Wall -Wextra -D_FILE_OFFSET_BITS=64 -static "$LAB/guest/labtest.c" -o "$LAB_DIR/bin/labtest-$a"
done
