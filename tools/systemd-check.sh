#!/bin/sh
# Installs a package of `make deb` in a Debian 12 that systemd and udev run, in a virtual machine, and tries
# lunq-helper's units, the folders and the device nodes there; tools/systemd-check/guest.sh says what:
#   systemd-check.sh PACKAGE.deb FOLDER
# Needs root (debootstrap) and QEMU. FOLDER is kept for next time.
set -eu
deb=$1 base=$2
top=$(cd "$(dirname "$0")/.." && pwd)
[ "$(id -u)" = 0 ] || { echo "systemd-check.sh: needs root (debootstrap)" >&2; exit 1; }
include=libexpat1,libfdt1,libuv1,passwd,systemd-sysv,udev,kmod,initramfs-tools,linux-image-amd64
mkdir -p "$base"
[ "$(cat "$base/.made" 2>/dev/null)" = "$include" ] || {
  rm -rf "$base/root"
  debootstrap --arch=amd64 --variant=minbase --include="$include" bookworm "$base/root" >"$base/root.log" 2>&1 ||
    { tail -n 5 "$base/root.log" >&2; exit 1; }
  # Drivers that no machine of QEMU's has are most of it.
  (cd "$base"/root/lib/modules/*/kernel && rm -rf sound drivers/gpu drivers/media drivers/net drivers/infiniband)
  echo "$include" >"$base/.made"
}

# What it runs comes on a disk of its own, a tar.
cat >"$base/root/etc/systemd/system/check.service" <<'EOF'
[Unit]
After=multi-user.target
[Service]
Type=exec
ExecStart=/bin/sh -c 'mkdir /run/check && tar xf /dev/vdb -C /run/check && exec sh /run/check/guest.sh >/dev/ttyS0 2>&1'
EOF
mkdir -p "$base/root/etc/systemd/system/multi-user.target.wants"
ln -sf ../check.service "$base/root/etc/systemd/system/multi-user.target.wants/"
rm -rf "$base/disk.img" "$base/check"
mke2fs -q -F -t ext4 -d "$base/root" "$base/disk.img" 1500M
mkdir "$base/check"
cp "$deb" "$base/check/lunq.deb"
cp "$top"/tools/systemd-check/* "$top/lab/linux/guest/lib.sh" "$base/check/"
# /dev/vdb is whole sectors
tar cf "$base/check.tar" -C "$base/check" .

# On a machine that is busy QEMU's timer can be too late for a test of the kernel's: no_timer_check.
boot() { # what comes now, in a file of the guest's disk: installed or not
  echo "systemd-check: $1"
  "$top/lab/linux/boot.py" "${LIMIT:-600}" "$base/boot.log" -- qemu-system-x86_64 -M q35 \
    -cpu max -m 512 -smp 2 -display none -nodefaults -no-reboot -serial stdio \
    -kernel "$(ls "$base"/root/boot/vmlinuz-*)" -initrd "$(ls "$base"/root/boot/initrd.img-*)" \
    -append "root=/dev/vda rw console=ttyS0 quiet loglevel=1 systemd.show_status=no intel_iommu=on no_timer_check panic=-1 \
systemd.mask=serial-getty@ttyS0.service" \
    -drive "file=$base/disk.img,format=raw,if=virtio" -drive "file=$base/check.tar,format=raw,if=virtio,readonly=on" \
    -device intel-iommu -device edu,addr=10 -device edu,addr=11
}
boot "a package is installed and used"
boot "after a restart of the machine"
rm -rf "$base/disk.img" "$base/check" "$base/check.tar"
