# test-served.sh: an example design whose logic `lunq serve` plays outside of QEMU, driven through the kernel by the device `linux`.
# Run: ./run.sh served-zynq | served-zynqmp
D=$(sed -n 's/.*lunq_design=\([a-z_]*\).*/\1/p' /proc/cmdline)
F=overlays/$D
L=lunq; [ ! -x /bin/lunq-static ] || L=lunq-static     # as on a small board
cd /work/served
export HOME=/root LUNQ_BIN=/bin/lunq LD_LIBRARY_PATH=$(echo /usr/lib/*-linux-gnu*) TERM=dumb

# ---- the panel's key is a line of the processor, and QEMU has none: gpio-sim stands for its chip
G=/sys/kernel/config/gpio-sim/ps
ps_gpio() {    # ps_gpio LABEL LINES
  for d in /sys/bus/platform/drivers/zynq-gpio/*.gpio; do [ ! -e $d ] || basename $d > /sys/bus/platform/drivers/zynq-gpio/unbind; done
  mkdir -p $G/bank0 && echo $2 > $G/bank0/num_lines && echo $1 > $G/bank0/label && echo 1 > $G/live
}
turn_key() { k=/sys/devices/platform/$(cat $G/dev_name)/$(cat $G/bank0/chip_name)/sim_gpio$KEY/pull; echo pull-up > $k; sleep 0.3; echo pull-down > $k; }
# what the demo says while the hands play; they play again and again, for on a busy machine a press may be too short for it
SAYS="button 3: 1 times so far|button 1: colour 1|button 0: beep|button 2: the light runs right|switch 1: the light rests|switch 1: the light runs|button 0 is held: silence"
said() { echo "$1" | tr '|' '\n' | while read text; do grep -q "$text" /run/demo || { echo "missing: $text"; return 1; }; done; }
# the demo, unchanged, printing each line at once; when everything was pressed the key is turned, which ends it
panel() {
  : > /run/demo
  as_user "$L -e 'io.stdout:setvbuf \"line\" arg[0] = arg[1] dofile(arg[1])' $F/demo.lua" > /run/demo 2>&1 & p=$!
  k=0; until said "$SAYS" > /dev/null || [ $((k += 1)) = 120 ]; do sleep 0.5; done
  turn_key; wait $p; r=$?
  cat /run/demo; [ $r = 0 ] && said "$SAYS|the key: [0-9]* steps, [0-9]* presses of button 3"
}

# ---- an ordinary user, member of the group that may open the nodes (tools/systemd/60-lunq.rules), and load bitstreams
as_user() { if [ -n "$USERS" ]; then su board -s /bin/sh -c "$1"; else sh -c "$1"; fi; }
user() {
  echo 'board:x:1000:1000:board:/:/bin/sh' >> /etc/passwd; echo 'lunq:x:1000:' >> /etc/group
  chgrp lunq /dev/uio* /dev/gpiochip* /dev/dma_heap/* $(fpgasim)/firmware $(fpgasim)/flags /lib/firmware
  chmod 660 /dev/uio* /dev/gpiochip* /dev/dma_heap/*; chmod 664 $(fpgasim)/firmware $(fpgasim)/flags; chmod 775 /lib/firmware
  rm $F/$D.dtbo; USERS=1
  as_user id; as_user "[ \$(id -u) != 0 ]"
}

cases() {
  case $D in
    dma_loopback)
      t "$D$1: demo" as_user "$L $F/demo.lua"
      t "$D$1: its bench" as_user "lunq test --device linux -o plainTerminal $F/${D}_spec.lua"
      t "$D$1: loaded again and again" as_user "$L ../served.lua again $F"
      t "$D$1: 1000 transfers, by interrupts" as_user "$L ../served.lua transfers $F" ;;
    gpio_interrupts)
      t "$D$1: demo" panel
      t "$D$1: 1000 interrupts of a button" as_user "$L ../served.lua interrupts $F"
      t "$D$1: 1000 interrupts of a timer" as_user "$L ../served.lua periods $F" ;;
  esac
}

t "$D: overlay made for this tree" $L dtbo $F/$D.hwh --base /proc/device-tree -o $F/$D.dtbo
KEY=55 LABEL="zynq_gpio 118"; grep -q zynqmp /proc/device-tree/compatible && KEY=79 LABEL="zynqmp_gpio 174"
t "$D: the processor's GPIO" ps_gpio $LABEL
cases
[ $D != dma_loopback ] || t "$D: refused before the first access" $L --device linux ../ready.lua
cp $F/$D.dtbo /lib/firmware/
t "$D: overlay applied for a user" overlay_path $D $D.dtbo
t "$D: user" user
cases ", user"
