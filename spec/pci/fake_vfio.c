/* fake_vfio.c - VFIO (linux/vfio.h) played below $FAKE_ROOT for a program that is started with this library
 * in LD_PRELOAD: the nodes in dev/vfio are plain files, and so is `function`, a BAR of 64 KiB at 0 and the
 * configuration space at 1 MiB. What is asked is written to $FAKE_ROOT/log, a line each. An interrupt comes
 * when its eventfd is routed, for INTx when it is unmasked. $FAKE_VFIO says what goes wrong:
 *   shared     the group has others in it      unsafe     the IOMMU is refused with EPERM
 *   pinned     ENOMEM at the first mapping      full       ENOSPC at the first mapping
 *   keeps      nothing is unmapped              ranges     two ranges of addresses, of 64 KiB each
 *   old        says nothing of ranges           large      pages of the IOMMU have 64 KiB
 *   intx, msi, none   its interrupts, in place of MSI-X
 *   ports      the BAR can't be mapped */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BAR_SIZE = 0x10000, CONFIG = 0x100000, VECTORS = 4 };

static int event = -1; /* the eventfd of INTx */

static bool mode(const char *name)
{
    const char *m = getenv("FAKE_VFIO");
    return m && !strcmp(m, name);
}

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *fmt, ...)
{
    char path[4096], line[256];
    va_list ap;
    int fd, n;
    snprintf(path, sizeof path, "%s/log", getenv("FAKE_ROOT"));
    va_start(ap, fmt);
    n = vsnprintf(line, sizeof line - 1, fmt, ap);
    va_end(ap);
    line[n++] = '\n';
    fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (syscall(SYS_write, fd, line, n) == n)
        syscall(SYS_close, fd);
}

static int fail(int e)
{
    errno = e;
    return -1;
}

/* Whether a descriptor is this file below $FAKE_ROOT. */
static bool is_file(int fd, const char *name)
{
    char link[64], path[4096], want[4096];
    ssize_t n;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof path - 1);
    path[n < 0 ? 0 : n] = 0;
    snprintf(want, sizeof want, "%s/%s", getenv("FAKE_ROOT"), name);
    return !strcmp(path, want);
}

/* ---- the container -------------------------------------------------------------------------- */

struct info {
    struct vfio_iommu_type1_info head;
    struct vfio_iommu_type1_info_dma_avail avail;
    struct vfio_iommu_type1_info_cap_iova_range cap;
    struct vfio_iova_range ranges[2];
};

static int get_info(struct vfio_iommu_type1_info *out)
{
    struct info i = {
        .head = {.argsz = sizeof i,
                 .flags = VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS,
                 .iova_pgsizes = mode("large") ? 0x40010000 : 0x40201000,
                 .cap_offset = offsetof(struct info, avail)},
        .avail = {.header = {VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, 1, offsetof(struct info, cap)}},
        .cap = {.header = {VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, 1, 0}, .nr_iovas = 2},
        .ranges = {{0, 0x7ffffff}, {0x8100000, 0xffffffffffff}}};
    uint32_t room = out->argsz;
    if (mode("ranges")) {
        i.ranges[0] = (struct vfio_iova_range){0, 0x10ffff};
        i.ranges[1] = (struct vfio_iova_range){0x8000000, 0x800ffff};
    }
    if (mode("old")) {
        i.head.flags = VFIO_IOMMU_INFO_PGSIZES;
        i.head.argsz = sizeof i.head;
    }
    memcpy(out, &i, room < sizeof i ? room : sizeof i);
    return 0;
}

static int map(const struct vfio_iommu_type1_dma_map *m)
{
    say("map 0x%llx 0x%llx", (unsigned long long)m->iova, (unsigned long long)m->size);
    return mode("pinned") ? fail(ENOMEM) : mode("full") ? fail(ENOSPC) : 0;
}

static int unmap(struct vfio_iommu_type1_dma_unmap *m)
{
    say("unmap 0x%llx 0x%llx", (unsigned long long)m->iova, (unsigned long long)m->size);
    if (mode("keeps"))
        m->size = 0;
    return 0;
}

static int container(unsigned long request, void *arg)
{
    switch (request) {
    case VFIO_GET_API_VERSION: return VFIO_API_VERSION;
    case VFIO_CHECK_EXTENSION: return 1;
    case VFIO_SET_IOMMU: return mode("unsafe") ? fail(EPERM) : 0;
    case VFIO_IOMMU_GET_INFO: return get_info(arg);
    case VFIO_IOMMU_MAP_DMA: return map(arg);
    case VFIO_IOMMU_UNMAP_DMA: return unmap(arg);
    }
    return fail(ENOTTY);
}

static int group(unsigned long request, void *arg)
{
    char path[4096];
    if (request == VFIO_GROUP_GET_STATUS)
        ((struct vfio_group_status *)arg)->flags = mode("shared") ? 0 : VFIO_GROUP_FLAGS_VIABLE;
    if (request != VFIO_GROUP_GET_DEVICE_FD)
        return 0;
    say("open %s", (char *)arg);
    snprintf(path, sizeof path, "%s/function", getenv("FAKE_ROOT"));
    return (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR);
}

/* ---- the function --------------------------------------------------------------------------- */

static int region(struct vfio_region_info *i)
{
    i->size = i->index == 0 ? BAR_SIZE : i->index == VFIO_PCI_CONFIG_REGION_INDEX ? 256 : 0;
    i->offset = i->index == 0 ? 0 : CONFIG;
    i->flags = i->index == 0 && !mode("ports") ? VFIO_REGION_INFO_FLAG_MMAP : 0;
    return 0;
}

static int irq_info(struct vfio_irq_info *i)
{
    bool has = i->index == VFIO_PCI_MSIX_IRQ_INDEX  ? !mode("msi") && !mode("intx") && !mode("none")
               : i->index == VFIO_PCI_MSI_IRQ_INDEX ? mode("msi")
                                                    : mode("intx");
    i->count = !has ? 0 : i->index == VFIO_PCI_INTX_IRQ_INDEX ? 1 : VECTORS;
    return 0;
}

static void raise(int fd)
{
    uint64_t one = 1;
    if (fd >= 0 && write(fd, &one, sizeof one) != sizeof one)
        say("an interrupt was lost");
}

static int set_irqs(const struct vfio_irq_set *s)
{
    if (s->flags & VFIO_IRQ_SET_ACTION_MASK)
        say("mask");
    if (s->flags & VFIO_IRQ_SET_ACTION_UNMASK) {
        say("unmask");
        raise(event);
    }
    if (!(s->flags & VFIO_IRQ_SET_ACTION_TRIGGER))
        return 0;
    say("irqs %u: %u from %u", s->index, s->count, s->start);
    for (uint32_t i = 0; i < s->count; i++) {
        memcpy(&event, s->data + i * sizeof event, sizeof event);
        raise(event);
    }
    return 0;
}

static int function(unsigned long request, void *arg)
{
    switch (request) {
    case VFIO_DEVICE_GET_REGION_INFO: return region(arg);
    case VFIO_DEVICE_GET_IRQ_INFO: return irq_info(arg);
    case VFIO_DEVICE_SET_IRQS: return set_irqs(arg);
    }
    return fail(ENOTTY);
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list ap;
    void *arg;
    va_start(ap, request);
    arg = va_arg(ap, void *);
    va_end(ap);
    if (is_file(fd, "function"))
        return function(request, arg);
    if (is_file(fd, "dev/vfio/vfio"))
        return container(request, arg);
    if (is_file(fd, "dev/vfio/7"))
        return group(request, arg);
    return (int)syscall(SYS_ioctl, fd, request, arg);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at)
{
    if (is_file(fd, "function") && at == CONFIG + 4)
        say("command %02x", *(const unsigned char *)data);
    return syscall(SYS_pwrite64, fd, data, n, at);
}
