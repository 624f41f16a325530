/* fake_memory.c - drivers of contiguous memory, played on files below $FAKE_ROOT for a program that is started
 * with this library in LD_PRELOAD. What they are asked goes to $FAKE_ROOT/log, a line each.
 *   /dev/udmabufN, /dev/lunq-*   u-dma-buf with ioctls; $FAKE_MEMORY without "old"
 *   /dev/u-dma-buf-mgr           create and delete; $FAKE_CMA bytes in all, default 4 MiB */
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
