// labtest.c: guest-side checks of the kernel interfaces that the Linux device uses (UIO, /dev/mem, dma-heap, u-dma-buf, GPIO, VFIO).
// Build: ./guest.sh (static, one binary per architecture). Run in a guest: labtest COMMAND ARGS..., exit status 0 = passed; commands are in main().
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <linux/gpio.h>
#include <linux/vfio.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

typedef volatile uint32_t vu32;
typedef volatile uint64_t vu64;

// ---------------------------------------------------------------- small functions

static void die(const char *fmt, ...)
{
    va_list a;
    int e = errno;
    va_start(a, fmt);
    printf("error: ");
    vprintf(fmt, a);
    printf(" (errno %d %s)\n", e, strerror(e));
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

// the first line of a small file, or NULL; four results stay valid
static char *slurp(const char *fmt, ...)
{
    static char bufs[4][512];
    static int next;
    char path[256], *r = bufs[next++ & 3];
    va_list a;
    va_start(a, fmt);
    vsnprintf(path, sizeof path, fmt, a);
    va_end(a);
    int f = open(path, O_RDONLY);
    if (f < 0)
        return NULL;
    ssize_t n = read(f, r, 511);
    close(f);
    r[n > 0 ? n : 0] = 0;
    r[strcspn(r, "\n")] = 0;
    return r;
}

static int spit(const char *path, const char *text)
{
    int f = open(path, O_WRONLY);
    if (f < 0)
        return -1;
    ssize_t n = write(f, text, strlen(text));
    close(f);
    return n < 0 ? -1 : 0;
}

// waits for a descriptor; 1 = ready, 0 = time limit
static int ready(int fd, int ms)
{
    struct pollfd p = {fd, POLLIN, 0};
    return poll(&p, 1, ms) == 1;
}

static uint64_t physical(const void *va)
{
    long ps = sysconf(_SC_PAGESIZE);
    uint64_t e = 0;
    int f = open("/proc/self/pagemap", O_RDONLY);
    if (f < 0 || pread(f, &e, 8, (uintptr_t)va / ps * 8) != 8)
        e = 0;
    close(f);
    return (e & ((1ULL << 55) - 1)) * ps;
}

// physical address of a buffer when it is contiguous, else 0
static uint64_t contiguous(void *va, size_t n)
{
    long ps = sysconf(_SC_PAGESIZE);
    for (size_t o = 0; o < n; o += ps)
        ((volatile char *)va)[o];
    uint64_t pa = physical(va);
    for (size_t o = 0; pa && o < n; o += ps)
        if (physical((char *)va + o) != pa + o)
            return 0;
    return pa;
}

static void *map(int fd, size_t n, off_t off, const char *what)
{
    void *v = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, fd, off);
    if (v == MAP_FAILED)
        die("mmap %s", what);
    return v;
}

// ---------------------------------------------------------------- buffers

struct buf {
    uint8_t *va;
    uint64_t pa;
    size_t n;
};

static struct buf devmem(uint64_t pa, size_t n)
{
    int f = open("/dev/mem", O_RDWR | O_SYNC);
    if (f < 0)
        die("/dev/mem");
    struct buf b = {map(f, n, pa, "/dev/mem"), pa, n};
    close(f);
    return b;
}

static struct buf udmabuf(const char *name)
{
    char dev[64];
    char *pa = slurp("/sys/class/u-dma-buf/%s/phys_addr", name),
         *n = slurp("/sys/class/u-dma-buf/%s/size", name);
    snprintf(dev, sizeof dev, "/dev/%s", name);
    int f = open(dev, O_RDWR);
    if (f < 0 || !pa || !n)
        die("%s", dev);
    struct buf b = {NULL, strtoull(pa, 0, 0), strtoul(n, 0, 0)};
    b.va = map(f, b.n, 0, dev);
    return b;
}

// a dma-heap buffer; its physical address comes from pagemap (CMA heap: normal pages; system heap: none)
static struct buf heap(const char *name, size_t n)
{
    char dev[64];
    snprintf(dev, sizeof dev, "/dev/dma_heap/%s", name);
    int h = open(dev, O_RDWR | O_CLOEXEC);
    struct dma_heap_allocation_data d = {.len = n, .fd_flags = O_RDWR | O_CLOEXEC};
    if (h < 0 || ioctl(h, DMA_HEAP_IOCTL_ALLOC, &d))
        die("%s", dev);
    struct buf b = {map(d.fd, n, 0, dev), 0, n};
    struct dma_buf_sync s = {DMA_BUF_SYNC_START | DMA_BUF_SYNC_RW};
    if (ioctl(d.fd, DMA_BUF_IOCTL_SYNC, &s))
        die("DMA_BUF_IOCTL_SYNC");
    b.pa = contiguous(b.va, n);
    s.flags = DMA_BUF_SYNC_END | DMA_BUF_SYNC_RW;
    ioctl(d.fd, DMA_BUF_IOCTL_SYNC, &s);
    printf("heap %s: %zu bytes, physical %llx\n", name, n, (unsigned long long)b.pa);
    return b;
}

static struct buf hugepage(void)
{
    size_t n = 2 << 20;
    void *v =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
    if (v == MAP_FAILED)
        die("MAP_HUGETLB");
    memset(v, 0, n);
    return (struct buf){v, contiguous(v, n), n};
}

// mem:ADDR  udma:NAME  heap:NAME  huge
static struct buf buffer(const char *s)
{
    struct buf b = {0};
    if (!strncmp(s, "mem:", 4))
        b = devmem(strtoull(s + 4, 0, 0), 1 << 20);
    else if (!strncmp(s, "udma:", 5))
        b = udmabuf(s + 5);
    else if (!strncmp(s, "heap:", 5))
        b = heap(s + 5, 1 << 20);
    else if (!strcmp(s, "huge"))
        b = hugepage();
    if (!b.pa)
        die("no physical address for '%s'", s);
    return b;
}

// ---------------------------------------------------------------- UIO

struct uio {
    int fd;
    vu32 *r;
    size_t n;
};

// the UIO device whose first map starts at an address
static struct uio uio(const char *addr, int flags)
{
    for (int i = 0; i < 64; i++) {
        char dev[32], *a = slurp("/sys/class/uio/uio%d/maps/map0/addr", i);
        if (!a || strtoull(a, 0, 0) != strtoull(addr, 0, 0))
            continue;
        snprintf(dev, sizeof dev, "/dev/uio%d", i);
        struct uio u = {open(dev, O_RDWR | flags), NULL,
                        strtoul(slurp("/sys/class/uio/uio%d/maps/map0/size", i), 0, 0)};
        if (u.fd < 0)
            die("%s", dev);
        u.r = map(u.fd, u.n, 0, dev);
        return u;
    }
    errno = ENODEV;
    die("no uio at %s", addr);
    return (struct uio){0};
}

static void unmask(int fd)
{
    uint32_t one = 1;
    if (write(fd, &one, 4) != 4)
        die("enabling the uio interrupt");
}

static uint32_t take(int fd, int ms)
{
    uint32_t count;
    if (!ready(fd, ms)) {
        errno = ETIMEDOUT;
        die("no interrupt");
    }
    if (read(fd, &count, 4) != 4)
        die("reading the interrupt count");
    return count;
}

static int uio_list(void)
{
    for (int i = 0; i < 64; i++) {
        char *name = slurp("/sys/class/uio/uio%d/name", i);
        if (name)
            printf("uio%d name=%s map0=%s+%s events=%s\n", i, name,
                   slurp("/sys/class/uio/uio%d/maps/map0/addr", i),
                   slurp("/sys/class/uio/uio%d/maps/map0/size", i),
                   slurp("/sys/class/uio/uio%d/event", i));
    }
    return 0;
}

// a Cadence TTC bound to UIO: ten interrupts 10 ms apart, then none
static int uio_ttc(const char *addr)
{
    struct uio u = uio(addr, 0);
    vu32 *ctrl = u.r + 0x0c / 4, *isr = u.r + 0x54 / 4, *ier = u.r + 0x60 / 4;
    *ctrl = 0x21;          // stop
    (void)*isr;            // clear on read
    *ier = 1;              // interval interrupt
    u.r[0] = 1 | 4 << 1;   // prescaler 32
    u.r[0x24 / 4] = 41500; // 10 ms at 133 MHz
    unmask(u.fd);
    *ctrl = 2 | 16; // interval mode, reset, run
    double t0 = now();
    uint32_t first = 0, last = 0;
    for (int i = 0; i < 10; i++) {
        last = take(u.fd, 2000);
        if (!i)
            first = last;
        if (!(*isr & 1)) {
            errno = 0;
            die("interrupt without a cause");
        }
        unmask(u.fd);
    }
    printf("10 interrupts in %.1f ms, count %u to %u\n", (now() - t0) * 1e3, first, last);
    if (last - first != 9)
        die("count does not grow by one");
    *ier = 0;
    *ctrl = 0x21;
    (void)*isr;
    while (ready(u.fd, 20)) // one may have come before the stop
        take(u.fd, 0);
    if (ready(u.fd, 100))
        die("interrupt after the stop");
    int n = 20000;
    double t = now();
    for (int i = 0; i < n; i++)
        (void)u.r[0x24 / 4];
    printf("%.0f register reads/s\n", n / (now() - t));
    return 0;
}

// what the UIO ABI refuses
static int uio_abi(const char *addr)
{
    struct uio u = uio(addr, O_NONBLOCK);
    uint32_t v = 0;
    if (write(u.fd, &v, 4) != 4)
        die("disabling the interrupt");
    if (write(u.fd, &v, 2) != -1 || errno != EINVAL)
        die("short write must give EINVAL");
    if (read(u.fd, &v, 2) != -1 || errno != EINVAL)
        die("short read must give EINVAL");
    while (read(u.fd, &v, 4) == 4)
        ;
    if (errno != EAGAIN)
        die("read without an event must give EAGAIN");
    if (mmap(NULL, u.n, PROT_READ, MAP_SHARED, u.fd, u.n) != MAP_FAILED || errno != EINVAL)
        die("mmap of an absent map must give EINVAL");
    return 0;
}

// ---------------------------------------------------------------- DMA masters of the PS

// ARM PL330, channel 0, event 0: a microcode program copies memory to memory in bursts of 16 x 8 bytes
static void pl330(vu32 *r, struct buf mc, uint32_t src, uint32_t dst, uint32_t len, int fd)
{
    uint8_t c[64];
    int n = 0;
    uint32_t bursts = len / 128, ccr = 1 | 3 << 1 | 15 << 4 | 1 << 14 | 3 << 15 | 15 << 18;
    uint32_t mov[3][2] = {{0, src}, {2, dst}, {1, ccr}};
    for (int i = 0; i < 3; i++) { // MOV SAR, DAR, CCR
        c[n++] = 0xbc, c[n++] = mov[i][0];
        for (int k = 0; k < 32; k += 8)
            c[n++] = mov[i][1] >> k;
    }
    if (bursts > 256)
        c[n++] = 0x22, c[n++] = bursts / 256 - 1;            // LP 1
    c[n++] = 0x20, c[n++] = bursts > 256 ? 255 : bursts - 1; // LP 0
    c[n++] = 0x04, c[n++] = 0x08;                            // LD, ST
    c[n++] = 0x38, c[n++] = 2;                               // LPEND 0
    if (bursts > 256)
        c[n++] = 0x3c, c[n++] = 6; // LPEND 1
    c[n++] = 0x13;                 // WMB
    c[n++] = 0x34, c[n++] = 0;     // SEV 0
    c[n++] = 0;                    // END
    for (int i = 0; i < n; i++)
        ((volatile uint8_t *)mc.va)[i] = c[i];
    __sync_synchronize();
    r[0x20 / 4] = 1; // INTEN
    if (fd >= 0)
        unmask(fd);
    r[0xd08 / 4] = 0xa0u << 16; // DBGINST0: manager, DMAGO channel 0
    r[0xd0c / 4] = mc.pa;
    r[0xd04 / 4] = 0; // execute
    double t = now();
    if (fd >= 0)
        take(fd, 2000);
    while (!(r[0x28 / 4] & 1) && now() - t < 2)
        ;
    printf("pl330 %.2f ms, INTMIS %x FSRC %x FTR0 %x\n", (now() - t) * 1e3, r[0x28 / 4],
           r[0x34 / 4], r[0x40 / 4]);
    r[0x2c / 4] = 1;
}

// ZynqMP GDMA/ADMA channel, simple mode
static void gdma(vu32 *g, uint64_t src, uint64_t dst, uint32_t len, int fd)
{
    g[0x100 / 4] = 0xfff;   // clear ISR
    g[0x110 / 4] = 0;       // simple mode
    g[0x108 / 4] = 1 << 10; // enable DMA_DONE
    g[0x128 / 4] = src, g[0x12c / 4] = src >> 32, g[0x130 / 4] = len;
    g[0x138 / 4] = dst, g[0x13c / 4] = dst >> 32, g[0x140 / 4] = len;
    if (fd >= 0)
        unmask(fd);
    g[0x200 / 4] = 1;
    double t = now();
    if (fd >= 0)
        take(fd, 2000);
    while (!(g[0x100 / 4] & 1 << 10) && now() - t < 2)
        ;
    printf("gdma %.2f ms, ISR %x\n", (now() - t) * 1e3, g[0x100 / 4]);
    g[0x100 / 4] = 0xfff;
}

// dma pl330|gdma uio|mem REGISTERS SOURCE DESTINATION [MICROCODE]: two 64 KiB copies, compared
static int dma(char **v)
{
    int fd = -1;
    vu32 *r;
    if (!strcmp(v[1], "uio")) {
        struct uio u = uio(v[2], 0);
        r = u.r, fd = u.fd;
    } else
        r = (vu32 *)devmem(strtoull(v[2], 0, 0), 4096).va;
    struct buf s = buffer(v[3]), d = buffer(v[4]), mc = {0};
    size_t n = 65536;
    if (!strcmp(v[0], "pl330")) {
        mc = buffer(v[5]);
        mc.va += mc.n - 4096, mc.pa += mc.n - 4096;
    }
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < n; i++)
            s.va[i] = i * 7 + round * 13 + (i >> 8);
        memset(d.va, 0, n);
        if (mc.va)
            pl330(r, mc, s.pa, d.pa, n, fd);
        else
            gdma(r, s.pa, d.pa, n, fd);
        for (size_t i = 0; i < n; i++)
            if (s.va[i] != d.va[i]) {
                errno = 0;
                die("data differ at %zu: %02x %02x", i, s.va[i], d.va[i]);
            }
    }
    printf("%llx -> %llx, 2 x %zu bytes identical\n", (unsigned long long)s.pa,
           (unsigned long long)d.pa, n);
    return 0;
}

// pldma REGISTERS SOURCE DESTINATION COUNT [trap]: AXI DMA (simple mode, loopback stream) served by plsim.py outside QEMU
static int pldma(int c, char **v)
{
    struct uio u = uio(v[0], 0);
    struct buf s = buffer(v[1]), d = buffer(v[2]);
    vu32 *mm2s = u.r, *s2mm = u.r + 0x30 / 4;
    int rounds = atoi(v[3]), trap = c > 4 && !strcmp(v[4], "trap");
    uint32_t last = 0;
    if (trap) { // trapped registers behave: reset clears itself, status is write-1-to-clear
        mm2s[0] = 4, s2mm[0] = 4;
        if (mm2s[0] != 0x10002 || mm2s[1] != 0x10001 || s2mm[1] != 0x10001)
            die("after reset: DMACR %x DMASR %x %x", mm2s[0], mm2s[1], s2mm[1]);
        mm2s[0x28 / 4] = 64; // LENGTH while halted does nothing
        if (mm2s[0x28 / 4] || mm2s[1] != 0x10001)
            die("LENGTH while halted: %x, DMASR %x", mm2s[0x28 / 4], mm2s[1]);
        unmask(
            u.fd); // a packet longer than the receive buffer: DMAIntErr, Err_Irq, halted until a reset
        s2mm[0] = 0x4001, s2mm[0x18 / 4] = d.pa, s2mm[0x28 / 4] = 32;
        mm2s[0] = 0x0001, mm2s[0x18 / 4] = s.pa, mm2s[0x28 / 4] = 64;
        take(u.fd, 5000);
        if (s2mm[1] != 0x14011 || s2mm[0] & 1)
            die("after an overflow: DMASR %x DMACR %x", s2mm[1], s2mm[0]);
        mm2s[0] = 4;
        if (s2mm[1] != 0x10001)
            die("reset of the other channel: DMASR %x", s2mm[1]);
    }
    double t0 = now();
    for (int k = 0; k < rounds; k++) {
        size_t len = 64 << k % 11;
        for (size_t i = 0; i < len; i++)
            s.va[i] = i * 11 + k;
        memset(d.va, 0, len);
        unmask(u.fd);
        s2mm[0] = 0x1001, s2mm[0x18 / 4] = d.pa, s2mm[0x28 / 4] = len;
        mm2s[0] = 0x0001, mm2s[0x18 / 4] = s.pa, mm2s[0x28 / 4] = len;
        last = take(u.fd, 5000);
        if (!(s2mm[1] & 0x1000))
            die("S2MM_DMASR %x", s2mm[1]);
        // plain memory cannot tell a write of 1 from a read-back: bit 31 marks the write for the polling server
        s2mm[1] = trap ? 0x1000 : 0x80001000u;
        double t = now();
        while (s2mm[1] & 0x1000)
            if (now() - t > 2)
                die("status not cleared: %x", s2mm[1]);
        if (trap && s2mm[0x28 / 4] != len)
            die("S2MM_LENGTH %x", s2mm[0x28 / 4]);
        if (memcmp(s.va, d.va, len)) {
            errno = 0;
            die("data differ in round %d", k);
        }
    }
    printf("%d transfers, last interrupt %u, %.0f us each\n", rounds, last,
           (now() - t0) / rounds * 1e6);
    return 0;
}

// ---------------------------------------------------------------- GPIO character device, ABI version 2

// gpio LABEL OUT IN [DIR]: drives OUT; with the gpio-sim folder DIR also checks the level there and takes four edges on IN
static int gpio(char **v)
{
    int out = atoi(v[1]), in = atoi(v[2]), chip = -1;
    char path[256];
    glob_t g;
    glob("/dev/gpiochip*", 0, NULL, &g);
    for (size_t i = 0; i < g.gl_pathc && chip < 0; i++) {
        struct gpiochip_info ci;
        int f = open(g.gl_pathv[i], O_RDWR | O_CLOEXEC);
        if (f >= 0 && !ioctl(f, GPIO_GET_CHIPINFO_IOCTL, &ci) && !strcmp(ci.label, v[0])) {
            printf("%s label %s, %u lines\n", g.gl_pathv[i], ci.label, ci.lines);
            chip = f;
        }
    }
    if (chip < 0)
        die("no chip labelled %s", v[0]);
    struct gpio_v2_line_request q = {
        .num_lines = 1, .consumer = "lunq", .config.flags = GPIO_V2_LINE_FLAG_OUTPUT};
    q.offsets[0] = out;
    if (ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &q))
        die("requesting line %d", out);
    for (unsigned level = 1; level < 2; level--) {
        struct gpio_v2_line_values lv = {level, 1};
        if (ioctl(q.fd, GPIO_V2_LINE_SET_VALUES_IOCTL, &lv))
            die("setting line %d", out);
        if (!v[3])
            continue;
        char *s = slurp("%s/sim_gpio%d/value", v[3], out);
        if (!s || strtoul(s, 0, 0) != level)
            die("line %d is %s, not %u", out, s ? s : "absent", level);
    }
    if (!v[3])
        return 0;
    struct gpio_v2_line_request e = {.num_lines = 1,
                                     .consumer = "lunq-irq",
                                     .config.flags = GPIO_V2_LINE_FLAG_INPUT |
                                                     GPIO_V2_LINE_FLAG_EDGE_RISING |
                                                     GPIO_V2_LINE_FLAG_EDGE_FALLING};
    e.offsets[0] = in;
    if (ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &e))
        die("requesting line %d", in);
    snprintf(path, sizeof path, "%s/sim_gpio%d/pull", v[3], in);
    for (int k = 0; k < 4; k++) {
        struct gpio_v2_line_event ev;
        if (spit(path, k & 1 ? "pull-down" : "pull-up"))
            die("%s", path);
        if (!ready(e.fd, 1000) || read(e.fd, &ev, sizeof ev) != sizeof ev)
            die("no edge %d", k);
        if (ev.id != (k & 1 ? GPIO_V2_LINE_EVENT_FALLING_EDGE : GPIO_V2_LINE_EVENT_RISING_EDGE) ||
            ev.seqno != (unsigned)k + 1)
            die("edge %d: id %u seqno %u", k, ev.id, ev.seqno);
    }
    return 0;
}

// ---------------------------------------------------------------- VFIO with QEMU's edu card

struct vfio {
    int container, group, dev;
};

static struct vfio vfio_open(const char *group, const char *bdf, int noiommu)
{
    struct vfio v = {open("/dev/vfio/vfio", O_RDWR), open(group, O_RDWR), -1};
    if (v.container < 0 || v.group < 0)
        die("vfio container or group %s", group);
    struct vfio_group_status gs = {.argsz = sizeof gs};
    if (ioctl(v.group, VFIO_GROUP_GET_STATUS, &gs) || !(gs.flags & VFIO_GROUP_FLAGS_VIABLE))
        die("group flags %x", gs.flags);
    if (ioctl(v.group, VFIO_GROUP_SET_CONTAINER, &v.container) ||
        ioctl(v.container, VFIO_SET_IOMMU, noiommu ? VFIO_NOIOMMU_IOMMU : VFIO_TYPE1v2_IOMMU))
        die("attaching the group");
    v.dev = ioctl(v.group, VFIO_GROUP_GET_DEVICE_FD, bdf);
    if (v.dev < 0)
        die("device %s", bdf);
    return v;
}

static struct vfio_region_info region(int dev, int index)
{
    struct vfio_region_info i = {.argsz = sizeof i, .index = index};
    if (ioctl(dev, VFIO_DEVICE_GET_REGION_INFO, &i))
        die("region %d", index);
    return i;
}

// memory decoding and bus mastering on
static void pci_enable(int dev)
{
    struct vfio_region_info c = region(dev, VFIO_PCI_CONFIG_REGION_INDEX);
    uint16_t cmd = 0;
    if (pread(dev, &cmd, 2, c.offset + 4) != 2)
        die("reading the PCI command register");
    cmd |= 6;
    if (pwrite(dev, &cmd, 2, c.offset + 4) != 2)
        die("writing the PCI command register");
}

static void irq_route(int dev, int index, const int *fds, int n)
{
    union {
        struct vfio_irq_set s;
        char room[sizeof(struct vfio_irq_set) + 8 * sizeof(int)];
    } u = {.s = {.argsz = sizeof(struct vfio_irq_set) + n * sizeof(int),
                 .index = index,
                 .count = n,
                 .flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER}};
    memcpy(u.s.data, fds, n * sizeof(int));
    if (ioctl(dev, VFIO_DEVICE_SET_IRQS, &u.s))
        die("routing interrupt index %d", index);
}

static void event(int efd, const char *what)
{
    uint64_t n;
    if (!ready(efd, 3000) || read(efd, &n, 8) != 8)
        die("no interrupt: %s", what);
}

// edu registers: 0x04 liveness, 0x08 factorial, 0x20 status, 0x24 irq status, 0x60 raise, 0x64 ack, 0x80.. dma src, dst, count, command
#define EDU_DMA_BUF 0x40000
#define EDU_LEN                                                                                    \
    2048 // never 4096 at EDU_DMA_BUF: the model's range check is off by one and stops QEMU

static void edu_copy(vu32 *r, uint64_t src, uint64_t dst, uint64_t cmd)
{
    vu64 *q = (vu64 *)r;
    q[0x80 / 8] = src, q[0x88 / 8] = dst, q[0x90 / 8] = EDU_LEN, q[0x98 / 8] = cmd | 1;
}

// vfio GROUP BDF msi|intx [noiommu]
static int vfio(int c, char **v)
{
    int noiommu = c > 3, intx = !strcmp(v[2], "intx");
    struct vfio f = vfio_open(v[0], v[1], noiommu);
    struct vfio_region_info bar = region(f.dev, 0);
    pci_enable(f.dev);
    vu32 *r = map(f.dev, bar.size, bar.offset, "BAR 0");
    r[0x64 / 4] = 0xffffffff, r[0x20 / 4] = 0; // edu keeps its status across drivers
    r[1] = 0x12345678;
    if (r[0] != 0x010000ed || r[1] != ~0x12345678u)
        die("not an edu card: %x %x", r[0], r[1]);

    size_t size = 4 << 20, off_s = 0x201000, off_d = 0x302000;
    uint8_t *m =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    uint64_t iova = 0x1000000;
    if (noiommu) {
        mlock(m, 4096);
        iova = physical(m), off_s = 0, off_d = EDU_LEN;
    } else {
        struct vfio_iommu_type1_dma_map dm = {.argsz = sizeof dm,
                                              .flags =
                                                  VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
                                              .vaddr = (uintptr_t)m,
                                              .iova = iova,
                                              .size = size};
        if (ioctl(f.container, VFIO_IOMMU_MAP_DMA, &dm))
            die("VFIO_IOMMU_MAP_DMA");
    }
    printf("memory at %s %llx, physically contiguous: %s\n", noiommu ? "physical" : "IOVA",
           (unsigned long long)iova, contiguous(m, size) ? "yes" : "no");

    int ev = eventfd(0, EFD_CLOEXEC);
    irq_route(f.dev, intx ? VFIO_PCI_INTX_IRQ_INDEX : VFIO_PCI_MSI_IRQ_INDEX, &ev, 1);
    struct vfio_irq_set un = {.argsz = sizeof un,
                              .flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_UNMASK,
                              .index = VFIO_PCI_INTX_IRQ_INDEX,
                              .count = 1};
#define ACK()                                                                                      \
    do {                                                                                           \
        r[0x64 / 4] = r[0x24 / 4];                                                                 \
        if (intx && ioctl(f.dev, VFIO_DEVICE_SET_IRQS, &un))                                       \
            die("unmask");                                                                         \
    } while (0)
    r[0x60 / 4] = 1;
    event(ev, "raised by hand");
    ACK();
    r[0x20 / 4] = 0x80, r[8 / 4] = 12;
    event(ev, "factorial");
    if (r[8 / 4] != 479001600)
        die("12! = %u", r[8 / 4]);
    ACK();

    uint8_t *src = m + off_s, *dst = m + off_d;
    for (size_t i = 0; i < EDU_LEN; i++)
        src[i] = i * 5 + 3;
    memset(dst, 0, EDU_LEN);
    edu_copy(r, iova + off_s, EDU_DMA_BUF, 4);
    event(ev, "DMA into the card");
    ACK();
    edu_copy(r, EDU_DMA_BUF, iova + off_d, 2 | 4);
    event(ev, "DMA out of the card");
    ACK();
    if (memcmp(src, dst, EDU_LEN))
        die("data differ");
    if (!noiommu) { // an address that was never mapped
        memset(dst, 0x55, EDU_LEN);
        edu_copy(r, EDU_DMA_BUF, 0x9000000, 2);
        while (r[0x98 / 4] & 1)
            usleep(1000);
        for (size_t i = 0; i < EDU_LEN; i++)
            if (dst[i] != 0x55)
                die("DMA to an unmapped IOVA changed the buffer");
    }
    return 0;
}

// uio-edu UIO dma|nodma|blocked: uio_pci_generic gives INTx through /dev/uioN and the BARs through sysfs
static int uio_edu(char **v)
{
    char path[128];
    snprintf(path, sizeof path, "/dev/%s", v[0]);
    int f = open(path, O_RDWR);
    snprintf(path, sizeof path, "/sys/class/uio/%s/device/resource0", v[0]);
    int b = open(path, O_RDWR | O_SYNC);
    snprintf(path, sizeof path, "/sys/class/uio/%s/device/config", v[0]);
    int cfg = open(path, O_RDWR);
    if (f < 0 || b < 0 || cfg < 0)
        die("%s", v[0]);
    vu32 *r = map(b, 1 << 20, 0, "resource0");
    uint16_t cmd;
    for (uint32_t i = 1; i <= 2; i++) {
        if (pread(cfg, &cmd, 2, 4) != 2)
            die("config");
        if (i == 2 && !(cmd & 0x400))
            die("the driver must have disabled INTx, command %x", cmd);
        cmd = (cmd | 6) & ~0x400; // the program enables INTx again, not write()
        if (pwrite(cfg, &cmd, 2, 4) != 2)
            die("config");
        if (i == 1)
            r[0x64 / 4] = 0xffffffff;
        r[0x60 / 4] = i;
        take(f, 1000);
        r[0x64 / 4] = i;
    }
    if (!strcmp(v[1], "nodma"))
        return 0;
    struct buf m = hugepage();
    uint8_t *s = m.va, *d = s + 0x100000;
    for (int i = 0; i < EDU_LEN; i++)
        s[i] = i * 3 + 1;
    edu_copy(r, m.pa, EDU_DMA_BUF, 0);
    while (r[0x98 / 4] & 1)
        usleep(1000);
    edu_copy(r, EDU_DMA_BUF, m.pa + 0x100000, 2);
    while (r[0x98 / 4] & 1)
        usleep(1000);
    int same = !memcmp(s, d, EDU_LEN), blocked = !strcmp(v[1], "blocked");
    printf("DMA to physical address %llx %s\n", (unsigned long long)m.pa,
           same ? "arrived" : "did not arrive");
    return same == blocked;
}

// ivsh GROUP BDF COUNT: the card served by ivsim.py (ivshmem-doorbell): BAR 2 shared memory, BAR 0 doorbell, MSI-X
static int ivsh(char **v)
{
    struct vfio f = vfio_open(v[0], v[1], 0);
    struct vfio_region_info b0 = region(f.dev, 0), b2 = region(f.dev, 2);
    pci_enable(f.dev);
    vu32 *bell = map(f.dev, b0.size, b0.offset, "BAR 0");
    uint8_t *m = map(f.dev, b2.size, b2.offset, "BAR 2");
    vu32 *r = (vu32 *)m;
    if (r[0] != 0x4c554e51)
        die("card id %x", r[0]);
    int ev[2] = {eventfd(0, 0), eventfd(0, 0)}, rounds = atoi(v[2]);
    irq_route(f.dev, VFIO_PCI_MSIX_IRQ_INDEX, ev, 2);
    double t = now();
    for (int k = 0; k < rounds; k++) {
        uint32_t len = 4096, src = 0x100000, dst = 0x200000;
        for (uint32_t i = 0; i < len; i++)
            m[src + i] = i * 3 + k;
        r[4] = src, r[5] = dst, r[6] = len;
        bell[12 / 4] = 1 << 16 | 0; // peer 1, vector 0
        event(ev[1], "vector 1");
        for (uint32_t i = 0; i < len; i++)
            if (m[dst + i] != (uint8_t)(m[src + i] + 1)) {
                errno = 0;
                die("data differ in round %d", k);
            }
    }
    printf("%d round trips, %.0f us each\n", rounds, (now() - t) / rounds * 1e6);
    return 0;
}

// ---------------------------------------------------------------- commands

static sigjmp_buf bus;

static void on_sigbus(int s)
{
    (void)s;
    siglongjmp(bus, 1);
}

// devmem ADDR [refused | sigbus | VALUE]: reads a word; "refused": the mapping must fail with EPERM; "sigbus": the read must raise SIGBUS
static int devmem_cmd(int c, char **v)
{
    uint64_t a = strtoull(v[0], 0, 0);
    int f = open("/dev/mem", O_RDWR | O_SYNC);
    if (f < 0)
        die("/dev/mem");
    vu32 *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, a & ~4095ULL);
    if (c > 1 && !strcmp(v[1], "refused"))
        return !(m == MAP_FAILED && errno == EPERM);
    if (m == MAP_FAILED)
        die("mmap %s", v[0]);
    int want = c > 1 && !strcmp(v[1], "sigbus");
    signal(SIGBUS, on_sigbus);
    if (sigsetjmp(bus, 1)) {
        printf("SIGBUS at %s\n", v[0]);
        return !want;
    }
    uint32_t w = m[(a & 4095) / 4];
    if (want)
        die("no SIGBUS at %s, read %x", v[0], w);
    printf("%s = %x\n", v[0], w);
    return c > 1 && w != strtoul(v[1], 0, 0);
}

// heap NAME SIZE contiguous|scattered
static int heap_cmd(char **v)
{
    struct buf b = heap(v[0], strtoul(v[1], 0, 0));
    memset(b.va, 0xa5, b.n);
    return !!b.pa != !strcmp(v[2], "contiguous");
}

// ---------------------------------------------------------------- what buffers cost

static void clean(const volatile uint8_t *p, size_t n, int invalidate)
{
#ifdef __aarch64__
    uint64_t ctr;
    __asm__ volatile("mrs %0, ctr_el0" : "=r"(ctr));
    for (size_t i = 0, step = 4u << (ctr >> 16 & 15); i < n; i += step) {
        if (invalidate)
            __asm__ volatile("dc civac, %0" ::"r"(p + i) : "memory");
        else
            __asm__ volatile("dc cvac, %0" ::"r"(p + i) : "memory");
    }
    __asm__ volatile("dsb sy" ::: "memory");
#else
    (void)p, (void)n, (void)invalidate;
    __sync_synchronize();
#endif
}

static void words(volatile uintptr_t *to, const volatile uintptr_t *from, size_t n)
{
    for (size_t i = 0; i < n / sizeof *to; i++)
        to[i] = from ? from[i] : 0;
}

// the system calls LUNQ does for a buffer of one kind: allocated, zeroed, located; `shared` is what is opened and mapped once
struct way {
    int fd;
    uint8_t *shared;
    uint32_t handle; // of zocl's buffer
};

static void call(int fd, unsigned long request, void *arg)
{
    if (ioctl(fd, request, arg))
        die("ioctl %lx", request);
}

// u-dma-buf's sync of [0, n): 5 from the device, 6 to it
static void udma_sync(int fd, size_t n, int from)
{
    uint64_t word = n | (from ? 2 : 1) << 2 | 1;
    call(fd, _IOW('U', from ? 5 : 6, uint64_t), &word);
}

static void zocl_sync(const struct way *w, size_t n, int from)
{
    uint64_t s[3] = {w->handle | (uint64_t)from << 32, 0, n};
    call(w->fd, _IOWR('d', 0x44, uint64_t[3]), s);
}

static uint8_t *get(const char *kind, struct way *w, size_t n, int *fd)
{
    uint8_t *va;
    if (!strcmp(kind, "udmabuf")) {
        struct flock l = {.l_type = F_WRLCK, .l_len = n};
        if (fcntl(w->fd, F_OFD_SETLK, &l))
            die("udmabuf");
        memset(w->shared, 0, n);
        udma_sync(w->fd, n, 0);
        return w->shared;
    }
    if (!strcmp(kind, "zocl")) { // cacheable, of CMA
        uint64_t create[2] = {n, (uint64_t)0x11000000 << 32}, info[3] = {0}, at[2] = {0};
        call(w->fd, _IOWR('d', 0x40, uint64_t[2]), create);
        at[0] = info[0] = w->handle = create[1];
        call(w->fd, _IOWR('d', 0x45, uint64_t[3]), info);
        call(w->fd, _IOWR('d', 0x43, uint64_t[2]), at);
        va = map(w->fd, n, at[1], "zocl");
        memset(va, 0, n);
        zocl_sync(w, n, 0);
        return va;
    }
    if (!strcmp(kind, "heap")) {
        struct dma_heap_allocation_data d = {.len = n, .fd_flags = O_RDWR | O_CLOEXEC};
        uint64_t e;
        if (ioctl(w->fd, DMA_HEAP_IOCTL_ALLOC, &d))
            die("DMA_HEAP_IOCTL_ALLOC");
        *fd = d.fd;
        va = map(d.fd, n, 0, "heap");
        memset(va, 0, n);
        int p = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
        for (size_t i = 0; i < n; i += 4096)
            if (pread(p, &e, 8, ((uintptr_t)va + i) / 4096 * 8) != 8)
                die("pagemap");
        close(p);
    } else if (!strcmp(kind, "reserved")) {
        struct flock l = {.l_type = F_WRLCK, .l_start = 0x0e000000, .l_len = n};
        va = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (va == MAP_FAILED || fcntl(w->fd, F_OFD_SETLK, &l))
            die("reserved");
        words((void *)w->shared, NULL, n);
        return va;
    } else {
        va = w->shared;
        memset(va, 0, n);
    }
    clean(va, n, 0);
    return va;
}

static void put(const char *kind, const struct way *w, uint8_t *va, size_t n, int fd)
{
    struct flock l = {.l_type = F_UNLCK, .l_len = n};
    uint64_t handle = w->handle;
    if (!strcmp(kind, "reserved"))
        l.l_start = 0x0e000000;
    if (strcmp(kind, "hugetlb") && strcmp(kind, "udmabuf"))
        munmap(va, n);
    if (!strcmp(kind, "heap"))
        close(fd);
    else if (!strcmp(kind, "zocl"))
        call(w->fd, _IOW('d', 0x09, uint64_t), &handle);
    else if (strcmp(kind, "hugetlb"))
        fcntl(w->fd, F_OFD_SETLK, &l);
}

static void sync_way(const char *kind, const struct way *w, uint8_t *va, size_t n, int from)
{
    if (!strcmp(kind, "udmabuf"))
        udma_sync(w->fd, n, from);
    else if (!strcmp(kind, "zocl"))
        zocl_sync(w, n, from);
    else if (strcmp(kind, "reserved"))
        clean(va, n, from);
    else if (from)
        words((void *)va, (void *)w->shared, n);
    else
        words((void *)w->shared, (void *)va, n);
}

// memory heap|reserved|hugetlb|udmabuf|zocl: microseconds, as `memory.lua bench` prints them
static int memory(const char *kind)
{
    struct way w = {-1, NULL, 0};
    if (!strcmp(kind, "udmabuf")) {
        w.fd = open("/dev/udmabuf0", O_RDWR | O_CLOEXEC);
        w.shared = map(w.fd, 1 << 20, 0, "udmabuf0");
    } else if (!strcmp(kind, "zocl"))
        w.fd = open("/dev/dri/renderD128", O_RDWR | O_CLOEXEC);
    else if (!strcmp(kind, "heap"))
        w.fd = open("/dev/dma_heap/reserved", O_RDWR | O_CLOEXEC);
    else if (!strcmp(kind, "reserved")) {
#ifdef __arm__ // the Zynq guest has a UIO device on a part of it
        struct uio u = uio("0xe000000", O_SYNC);
        w.fd = u.fd, w.shared = (uint8_t *)u.r;
#else
        w.fd = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
        w.shared = map(w.fd, 1 << 20, 0x0e000000, "/dev/mem");
#endif
    } else
        w.shared = hugepage().va;
    for (size_t n = 4096; n <= 1 << 20; n <<= 8) {
        int fd = -1;
        double t0 = now(), t1, t2, t3;
        for (int i = 0; i < 100; i++)
            put(kind, &w, get(kind, &w, n, &fd), n, fd);
        t1 = now();
        uint8_t *va = get(kind, &w, n, &fd);
        t2 = now();
        for (int i = 0; i < 200; i++)
            sync_way(kind, &w, va, n, 0);
        t3 = now();
        for (int i = 0; i < 200; i++)
            sync_way(kind, &w, va, n, 1);
        printf("C %s %zu bytes: allocate and free %.1f us, sync to %.1f us, from %.1f us\n", kind,
               n, (t1 - t0) * 1e4, (t3 - t2) * 5e3, (now() - t3) * 5e3);
        put(kind, &w, va, n, fd);
    }
    return 0;
}

int main(int c, char **v)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    const char *cmd = c > 1 ? v[1] : "";
    c -= 2, v += 2;
    if (!strcmp(cmd, "uio-list"))
        return uio_list();
    if (!strcmp(cmd, "uio-ttc") && c == 1)
        return uio_ttc(v[0]);
    if (!strcmp(cmd, "uio-abi") && c == 1)
        return uio_abi(v[0]);
    if (!strcmp(cmd, "uio-edu") && c == 2)
        return uio_edu(v);
    if (!strcmp(cmd, "devmem") && c >= 1)
        return devmem_cmd(c, v);
    if (!strcmp(cmd, "heap") && c == 3)
        return heap_cmd(v);
    if (!strcmp(cmd, "memory") && c == 1)
        return memory(v[0]);
    if (!strcmp(cmd, "dma") && c >= 5)
        return dma(v);
    if (!strcmp(cmd, "pldma") && c >= 4)
        return pldma(c, v);
    if (!strcmp(cmd, "gpio") && c >= 3)
        return gpio(v);
    if (!strcmp(cmd, "vfio") && c >= 3)
        return vfio(c, v);
    if (!strcmp(cmd, "ivsh") && c == 3)
        return ivsh(v);
    printf("unknown command '%s' or wrong arguments\n", cmd);
    return 2;
}
