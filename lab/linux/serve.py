#!/usr/bin/env python3
"""serve.py: boots a guest whose programmable logic is a design that `lunq serve` has: guest RAM is a memory file that both map.
Run: ./serve.py LUNQ DEVICE DESIGN GIC RAM BASE RANGES BENCH -- boot.py's arguments, with QEMU's command line
LUNQ the program of this machine; DEVICE sim:zynq7000 or sim:zynqmp; DESIGN the .hwh; GIC the QOM path of the interrupt
controller; RAM MiB from address BASE on; RANGES BASE+SIZE,... what is trapped; BENCH a Lua file, or -"""
import os
import shutil
import subprocess
import sys
import tempfile
import time

lunq, device, design, gic, ram, base, ranges, bench, _, *boot = sys.argv[1:]
lab = os.path.dirname(os.path.abspath(__file__))
folder = tempfile.mkdtemp(prefix='lunq')             # short: paths of sockets end at 107 bytes
fd = os.memfd_create('ram', 0)
os.ftruncate(fd, int(ram) << 20)
os.set_inheritable(fd, True)
memory, pl, qtest = '/proc/self/fd/%d' % fd, folder + '/pl', folder + '/qtest'
command = [os.path.abspath(lunq), '--device', '%s?memory=%s&memory_base=%s' % (device, memory, base), 'serve', design, '--socket', pl,
           '--qtest', qtest, '--gic', gic, '--once'] + ([] if bench == '-' else ['--bench', bench])
said = open(folder + '/said', 'w+')
server = subprocess.Popen(command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, close_fds=False,
                          cwd=lab + '/../..')
try:
    while not os.path.exists(qtest) and server.poll() is None:
        time.sleep(.01)
    boot += ['-m', ram, '-object', 'memory-backend-file,id=ddr,size=%sM,mem-path=%s,share=on' % (ram, memory),
             '-qtest', 'unix:' + qtest, '-qtest-log', 'none', '-plugin',
             '%s/bin/trap.so,socket=%s,memory=%s,ram=%s,%s' % (os.environ['LAB_DIR'], pl, memory, base,
                                                               ','.join('at=' + r for r in ranges.split(',')))]
    code = subprocess.call([lab + '/boot.py', *boot], close_fds=False) if server.poll() is None else 1
    try:
        server.wait(5)
    except subprocess.TimeoutExpired:
        server.terminate()
        server.wait()
    said.seek(0)
    print(''.join('    server: ' + line for line in said), end='')
    sys.exit(code or server.returncode)
finally:
    shutil.rmtree(folder)
