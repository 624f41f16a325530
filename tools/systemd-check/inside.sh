# inside.sh: what lunq-helper.service may do, and what it may not, from inside.
failed=0
may() { "$@" || { echo "may not: $*"; failed=1; }; }
may_not() { "$@" 2>/dev/null && { echo "may: $*"; failed=1; }; }
may head -c 1 /dev/mem >/dev/null
may sh -c ': </dev/kmsg'
may sh -c 'echo 1 >/sys/module/kernel/parameters/panic'
may sh -c 'mkdir -p /lib/firmware && echo x >/lib/firmware/inside && rm /lib/firmware/inside'
may ls /run/lunq
may_not touch /etc/inside
may_not touch /usr/bin/inside
may_not touch /var/lib/inside
may_not ls /home/ann
may_not head -c 1 /dev/vda
may_not mknod /tmp/null c 1 3
may_not mount -t tmpfs none /tmp
may_not chown ann /tmp
may_not cat /proc/1/environ
exit $failed
