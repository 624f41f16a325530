/* fake_memory.c - drivers of contiguous memory, played on files below $FAKE_ROOT for a program that is started
 * with this library in LD_PRELOAD. What they are asked goes to $FAKE_ROOT/log, a line each.
 *   /dev/udmabufN, /dev/lunq-*   u-dma-buf with ioctls; $FAKE_MEMORY without "old"
 *   /dev/dri/renderD128          zocl; $FAKE_CMA bytes, too, and flags in what is asked for
 *   memfd_create, /proc/self/pagemap  huge pages of 64 KiB, each 64 KiB *below* the one before it
 *   /dev/u-dma-buf-mgr           create and delete; $FAKE_CMA bytes in all, default 4 MiB
 * $FAKE_MEMORY "unasked": the kernel does not say who has locked what. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void note(const char *fmt, ...)
{
    char path[4096], line[256];
    va_list ap;
    int fd, n;
    va_start(ap, fmt);
    n = vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    snprintf(path, sizeof path, "%s/log", getenv("FAKE_ROOT"));
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0644);
    if (fd < 0 || syscall(SYS_write, fd, line, n) < 0)
        abort();
    close(fd);
}

static bool mode(const char *word)
{
    const char *m = getenv("FAKE_MEMORY");
    return m && strstr(m, word);
}

/* The path below the root of an open file, "" when it is another. */
static const char *below(int fd, char path[4096])
{
    const char *root = getenv("FAKE_ROOT");
    char link[64];
    ssize_t n;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, 4095);
    path[n < 0 ? 0 : n] = '\0';
    return strncmp(path, root, strlen(root)) ? "" : path + strlen(root);
}

static void put(const char *text, const char *fmt, const char *name)
{
    char path[4096];
    FILE *f;
    snprintf(path, sizeof path, "%s", getenv("FAKE_ROOT"));
    snprintf(path + strlen(path), sizeof path - strlen(path), fmt, name);
    f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f))
        abort();
}

/* ---- u-dma-buf: the numbers as the module's header has them ----------------------------------- */

static uint64_t sync_mode(const char *name, int set)
{
    char path[4096], text[32] = "1";
    FILE *f;
    if (set >= 0) {
        snprintf(text, sizeof text, "%d\n", set);
        put(text, "/sys/class/u-dma-buf/%s/sync_mode", name);
    }
    snprintf(path, sizeof path, "%s/sys/class/u-dma-buf/%s/sync_mode", getenv("FAKE_ROOT"), name);
    f = fopen(path, "r");
    if (f && fgets(text, sizeof text, f)) {
    }
    if (f)
        fclose(f);
    return strtoull(text, NULL, 10);
}

static int udmabuf(const char *name, unsigned long request, void *arg)
{
    uint64_t *v = arg;
    if (mode("old")) {
        errno = ENOTTY;
        return -1;
    }
    switch (request) {
    case 0x80185501: /* driver info */
        memset(arg, 0, 24);
        v[0] = 2;
        return 0;
    case 0x40085505:
    case 0x40085506:
        note("%s sync_for_%s %016" PRIx64 "\n", name, request == 0x40085505 ? "cpu" : "device", *v);
        return 0;
    case 0x80185508: /* flags, size, offset */
        v[0] = sync_mode(name, -1) << 8 | 1 << 2;
        v[1] = 0x40, v[2] = 0x80;
        return 0;
    case 0x40185509:
        note("%s set_sync mode %d direction %d size %" PRIu64 " offset %" PRIu64 "\n", name,
             (int)(v[0] >> 8 & 0xff), (int)(v[0] >> 2 & 3), v[1], v[2]);
        sync_mode(name, (int)(v[0] >> 8 & 0xff));
        return 0;
    }
    note("%s unknown ioctl %lx\n", name, request);
    errno = ENOTTY;
    return -1;
}

/* ---- zocl: the numbers of a program of 64 bits ------------------------------------------------ */

/* Objects lie one behind the other in the file, whose offsets are what mmap takes. */
static int zocl(int fd, const char *file, unsigned long request, void *arg)
{
    static uint64_t end, sizes[64], starts[64];
    static uint32_t handles, flags[64];
    const char *cma = getenv("FAKE_CMA");
    uint32_t *w = arg, h = request == 0xc0106440 ? 0 : w[0];
    uint64_t *v = arg;
    errno = EINVAL;
    if (request == 0xc0406400) { /* version: name_len at 16, name at 24 */
        const char *name = strstr(file, "128") ? "zocl" : "vgem";
        memcpy(*(char **)&v[3], name, v[2] < strlen(name) ? v[2] : strlen(name));
        return 0;
    }
    if (request == 0xc0106440) { /* size, handle, flags */
        note("zocl create %" PRIu64 " flags %08x\n", v[0], w[3]);
        if (end + v[0] > (cma ? strtoull(cma, NULL, 0) : 4u << 20) || handles == 63) {
            errno = ENOMEM;
            return -1;
        }
        w[2] = ++handles;
        flags[w[2]] = w[3];
        sizes[w[2]] = (v[0] + 4095) & ~UINT64_C(4095);
        starts[w[2]] = end;
        end += sizes[w[2]];
        return ftruncate(fd, (off_t)end);
    }
    if (h == 0 || h > handles || sizes[h] == 0)
        return -1;
    switch (request) {
    case 0xc0106443: /* handle, pad, offset */ v[1] = mode("unmappable") ? 5 : starts[h]; return 0;
    case 0xc0186444: /* handle, direction, offset, size */
        note("zocl sync %u %s %" PRIu64 " %" PRIu64 "\n", h, w[1] ? "from" : "to", v[1], v[2]);
        return 0;
    case 0xc0186445: /* handle, flags, size, address */
        w[1] = flags[h], v[1] = sizes[h], v[2] = UINT64_C(0x860000000) + starts[h];
        return 0;
    case 0x40086409:
        note("zocl close %u\n", h);
        sizes[h] = 0;
        return 0;
    }
    note("zocl unknown ioctl %lx\n", request);
    return -1;
}

int ioctl(int fd, unsigned long request, ...)
{
    char path[4096];
    const char *file = below(fd, path);
    va_list ap;
    void *arg;
    va_start(ap, request);
    arg = va_arg(ap, void *);
    va_end(ap);
    if (!strncmp(file, "/dev/udmabuf", 12) || !strncmp(file, "/dev/lunq-", 10))
        return udmabuf(file + 5, request & 0xffffffff, arg);
    if (!strncmp(file, "/dev/dri/", 9))
        return zocl(fd, file, request & 0xffffffff, arg);
    return (int)syscall(SYS_ioctl, fd, request, arg);
}

/* ---- u-dma-buf-mgr ---------------------------------------------------------------------------- */

static const char *const attributes[] = {"phys_addr", "size", "sync_mode", "dma_coherent"};

/* The next device's address; what is asked for too much fails as the kernel's CMA does. */
static int create(const char *name, uint64_t size)
{
    const char *cma = getenv("FAKE_CMA");
    char path[4096], text[64];
    struct stat s;
    static uint64_t address = 0x38000000, used;
    snprintf(path, sizeof path, "%s/dev/%s", getenv("FAKE_ROOT"), name);
    if (stat(path, &s) == 0)
        return EEXIST;
    if (used + size > (cma ? strtoull(cma, NULL, 0) : 4u << 20))
        return ENOMEM;
    used += size;
    snprintf(path, sizeof path, "%s/sys/class/u-dma-buf/%s", getenv("FAKE_ROOT"), name);
    if (mkdir(path, 0755) < 0)
        return errno;
    snprintf(text, sizeof text, "0x%016" PRIx64 "\n", address);
    address += size;
    put(text, "/sys/class/u-dma-buf/%s/phys_addr", name);
    snprintf(text, sizeof text, "%" PRIu64 "\n", size);
    put(text, "/sys/class/u-dma-buf/%s/size", name);
    put("1\n", "/sys/class/u-dma-buf/%s/sync_mode", name);
    put("0\n", "/sys/class/u-dma-buf/%s/dma_coherent", name);
    put("", "/dev/%s", name);
    snprintf(path, sizeof path, "%s/dev/%s", getenv("FAKE_ROOT"), name);
    return truncate(path, (off_t)size) < 0 ? errno : 0;
}

static int delete (const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/dev/%s", getenv("FAKE_ROOT"), name);
    if (unlink(path) < 0)
        return EINVAL;
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        snprintf(path, sizeof path, "%s/sys/class/u-dma-buf/%s/%s", getenv("FAKE_ROOT"), name,
                 attributes[i]);
        unlink(path);
    }
    *strrchr(path, '/') = '\0';
    return rmdir(path) < 0 ? errno : 0;
}

ssize_t write(int fd, const void *data, size_t n)
{
    char path[4096], text[256], name[64];
    uint64_t size;
    int e = EINVAL;
    if (n >= sizeof text || strcmp(below(fd, path), "/dev/u-dma-buf-mgr"))
        return syscall(SYS_write, fd, data, n);
    memcpy(text, data, n);
    text[n] = '\0';
    if (sscanf(text, "create %63s %" SCNu64, name, &size) == 2)
        e = create(name, size);
    else if (sscanf(text, "delete %63s", name) == 1)
        e = delete (name);
    text[strcspn(text, "\n")] = '\0';
    note("mgr %s%s\n", text, e ? " refused" : "");
    errno = e;
    return e ? -1 : (ssize_t)n;
}

/* ---- huge pages ------------------------------------------------------------------------------- */

enum { HUGE_PAGE = 0x10000, PAGE = 4096 };

int fcntl64(int fd, int command, ...)
{
    va_list ap;
    void *arg;
    va_start(ap, command);
    arg = va_arg(ap, void *);
    va_end(ap);
    if (command == F_OFD_GETLK && mode("unasked")) {
        errno = ENOLCK;
        return -1;
    }
    return (int)syscall(SYS_fcntl, fd, command, arg);
}

int memfd_create(const char *name, unsigned flags)
{
    return (int)syscall(SYS_memfd_create, name, flags & ~4u); /* without MFD_HUGETLB */
}

int fallocate64(int fd, int how, off_t at, off_t n)
{
    note("punch %ld %ld\n", (long)at, (long)n);
    return (int)syscall(SYS_fallocate, fd, how, at, n);
}

/* The offset in the file of huge pages of an address of this program; -1: it is elsewhere. */
static long in_file(unsigned long address)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4096];
    long at = -1;
    while (maps && fgets(line, sizeof line, maps)) {
        unsigned long from, to, offset;
        if (sscanf(line, "%lx-%lx %*s %lx", &from, &to, &offset) == 3 && address >= from &&
            address < to && strstr(line, "memfd:lunq"))
            at = (long)(offset + (address - from));
    }
    if (maps)
        fclose(maps);
    return at;
}

ssize_t pread64(int fd, void *data, size_t n, off_t at)
{
    char path[4096];
    uint64_t entry;
    long offset;
    if (n != 8 || strcmp(below(fd, path), "/proc/self/pagemap"))
        return syscall(SYS_pread64, fd, data, n, at);
    offset = in_file((unsigned long)at / 8 * PAGE);
    entry = 0x7000000; /* of memory that is no huge page */
    if (offset >= 0)
        entry = 0x80000000 -
                (uint64_t)(offset / HUGE_PAGE * HUGE_PAGE) * (mode("scattered") ? 2 : 1) +
                (uint64_t)(offset % HUGE_PAGE);
    entry = (mode("hidden") ? 0 : entry / PAGE) | UINT64_C(1) << 63;
    memcpy(data, &entry, sizeof entry);
    return sizeof entry;
}
