# guest.sh: what systemd-check.sh runs in its virtual machine, as root, once with the package to install and once
# after a restart. lib.sh has t.
cd /run/check
. ./lib.sh
export SYSTEMD_PAGER=
# As slowly as it can be: udevd has time to read the rules before the package is configured.
installs() {
  dpkg --unpack lunq.deb && sleep 4 && udevadm trigger --subsystem-match=block && udevadm settle &&
    dpkg --configure lunq
}
service() { [ "$(systemctl show -P "$1" lunq-helper.service)" = "$2" ]; }
is() { [ "$(stat -c '%U:%G %a' "$1")" = "$2" ] || { stat -c '%n %U:%G %a' "$1"; return 1; }; }
# A folder that is a board with one clock, whose file is one of the real /sys, and a manager that takes any bitstream,
# from the real /lib/firmware.
CLOCK=/sys/module/kernel/parameters/panic
MANAGER=/srv/board/sys/class/fpga_manager/fpga0
board() {
  folder=/srv/board/sys/bus/platform/devices/fclk0
  mkdir -p /srv/board/proc/device-tree /srv/board/lib $folder $MANAGER /etc/systemd/system/lunq-helper.service.d \
    /srv/board/sys/kernel/config/device-tree/overlays
  echo operating >$MANAGER/state
  echo 0 >$MANAGER/flags
  : >$MANAGER/firmware
  ln -s /lib/firmware /srv/board/lib/firmware
  printf 'tul,pynq-z2\0xlnx,zynq-7000\0' >/srv/board/proc/device-tree/compatible
  ln -sf $CLOCK $folder/set_rate
  printf '[Service]\nExecStart=\nExecStart=/usr/libexec/lunq-helper --root /srv/board\nReadWritePaths=/srv/board/sys\n' \
    >/etc/systemd/system/lunq-helper.service.d/board.conf
  systemctl daemon-reload
}
clock() { # user, MHz
  runuser -u "$1" -- env LUNQ_HELPER=/run/lunq/helper.sock lunq -e \
    "lunq.Clocks(lunq.core.device_open 'linux?root=/srv/board').fclk0_mhz = $2"
}
sets() { clock ann "$1" && [ "$(cat $CLOCK)" = "${1}000000" ] && service ActiveState active; }
loads() {
  runuser -u ann -- env LUNQ_HELPER=/run/lunq/helper.sock lunq load.lua && grep -q lunq-design.bin $MANAGER/firmware &&
    [ ! -e /lib/firmware/lunq-design.bin ]
}
refuses() {
  clock bob 77 2>&1 | tee refused
  grep -q 'serves the members of group lunq: usermod -a -G lunq USER' refused && ! grep -q 77 $CLOCK
}
waits() { systemctl is-active lunq-helper.socket && systemctl is-enabled lunq-helper.socket && service ActiveState inactive; }
folders() { is /run/lunq 'root:root 755' && is /run/lunq/programs 'root:lunq 2775' && is /run/lunq/helper.sock 'root:lunq 660'; }
# The unit's walls, seen from inside.
walls() {
  sed 's,^ExecStart=.*,Type=oneshot\nExecStart=/bin/sh /run/check/inside.sh,; /^Requires=/d' \
    /usr/lib/systemd/system/lunq-helper.service >/run/systemd/system/inside.service
  systemctl daemon-reload
  systemctl start inside.service
  r=$?
  journalctl -u inside -o cat
  return $r
}
# Whoever has been asked waits a minute for the next one.
ends() { clock ann 31 && sleep 65 && service ActiveState inactive && service Result success; }
crashes() { clock ann 32 && systemctl kill -s KILL lunq-helper.service && sleep 1 && sets 33; }
logs() { journalctl -u lunq-helper -o cat | grep "uid $(id -u ann) gid .*: set PL clock 0 to 50000000 Hz: done"; }
give() { # slot of one of QEMU's edu devices, its driver to be
  d=/sys/bus/pci/devices/0000:00:$1.0
  modprobe "$2"
  echo "$2" >$d/driver_override
  echo "0000:00:$1.0" >/sys/bus/pci/drivers_probe
  udevadm settle
  [ -e $d/driver ]
}
uio() { give 10 uio_pci_generic && is /dev/uio0 'root:lunq 660' && runuser -u ann -- sh -c ': <>/dev/uio0' && ! runuser -u bob -- sh -c ': <>/dev/uio0'; }
vfio() { give 11 vfio-pci && is "/dev/vfio/$(basename "$(readlink /sys/bus/pci/devices/0000:00:11.0/iommu_group)")" 'root:lunq 660'; }
# Files of a system that packages bring; not its logs and caches.
files() { find /etc /usr /var/lib /run/lunq /run/systemd/system -xdev 2>/dev/null | grep -v '/dpkg/\|ld.so.cache\|/systemd/\(timers\|random-seed\|deb-systemd\)\|/etc/g\?s\?group-\|/etc/gshadow-' | sort; }
gone() {
  files | diff files.before - && ! getent group lunq && ! pgrep lunq-helper && ! systemctl cat lunq-helper.socket &&
    [ -z "$(systemctl list-units --all --plain --no-legend 'lunq*')" ]
}

KEPT=/root/check
echo "@@INIT"
[ -d $KEPT ] && {
  t "the machine is well after the restart" systemctl is-system-running --wait
  t "the socket waits" waits
  t "its folders are there" folders
  t "a member's request starts the service" sets 51
  cp $KEPT/files.before .
  rm -r /etc/systemd/system/lunq-helper.service.d
  t "purge while it runs" dpkg -P lunq
  t "nothing is left" gone
  t "the machine is well" systemctl is-system-running
  echo "@@END failed=$FAILED"
  exec systemctl poweroff
}
mkdir $KEPT
t "the machine is well" systemctl is-system-running --wait
useradd -m ann
useradd -m bob
files >$KEPT/files.before
t "install" installs
usermod -a -G lunq ann
t "the socket waits" waits
t "its folders are there" folders
t "systemctl status" systemctl status lunq-helper.socket
t "the units" systemd-analyze verify --man=no lunq-helper.socket lunq-helper.service
t "the exposure of the service" systemd-analyze security --threshold=30 --no-pager lunq-helper.service
t "its walls" walls
board
t "a member's request starts the service" sets 50
t "a member loads" loads
t "who is no member is refused" refuses
t "the log names the user" logs
t "systemctl status of the service" systemctl status lunq-helper.service
t "after systemctl restart" sh -c 'systemctl restart lunq-helper.socket'
t "the next request starts it again" sets 52
t "a crash ends nothing but the request" crashes
t "it ends when nobody comes" ends
t "a UIO device is the group's" uio
t "a VFIO group is the group's" vfio
t "install again while it runs" dpkg -i lunq.deb
t "the next one is served" sets 53
t "nothing has failed" systemctl is-system-running
echo "@@END failed=$FAILED"
exec systemctl reboot
