/* vfio.c - a function through vfio-pci. The kernel resets it, where it can be reset, when it is opened and
 * when the last descriptor goes, and then takes the bus master away: also from a program that died. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "vfio.h"

static int region(const struct lunq_pci *p, unsigned index, struct vfio_region_info *info)
{
    *info = (struct vfio_region_info){.argsz = sizeof *info, .index = index};
    return ioctl(p->vfio->fd, VFIO_DEVICE_GET_REGION_INFO, info);
}

/* Which BARs are ports only sysfs says (pci_bars_read has); here is where they are in the descriptor. */
static int find_regions(struct lunq_pci *p, struct lunq_error *err)
{
    struct vfio_region_info info;
    for (unsigned i = 0; i < PCI_BARS; i++) {
        struct pci_bar *b = &p->bars[i];
        if (region(p, VFIO_PCI_BAR0_REGION_INDEX + i, &info) < 0)
            info.size = 0;
        b->size = info.size < PCI_BAR_STEP ? info.size : 0;
        b->fd = p->vfio->fd;
        b->offset = info.offset;
        b->mappable = info.flags & VFIO_REGION_INFO_FLAG_MMAP;
    }
    if (region(p, VFIO_PCI_CONFIG_REGION_INDEX, &info) < 0)
        return lunq_fail(err, LUNQ_DEVICE, "VFIO refuses the configuration space of %s: %s.",
                         p->f.address, strerror(errno));
    p->config_fd = p->vfio->fd;
    p->config_offset = info.offset;
    return 0;
}

static int vfio_open(struct lunq_pci *p, struct lunq_error *err)
{
    struct vfio_group *g;
    int r;
    if (p->f.group < 0)
        return lunq_fail(
            err, LUNQ_DEVICE,
            "%s has the driver vfio-pci, but is in no IOMMU group: bind it again after "
            "the IOMMU is on, or after echo 1 > "
            "/sys/module/vfio/parameters/enable_unsafe_noiommu_mode.",
            p->f.address);
    if (!(p->vfio = calloc(1, sizeof *p->vfio)))
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    p->vfio->fd = -1;
    g = p->vfio->group = vfio_group_open(p, err);
    if (!g)
        return err->kind;
    p->vfio->fd = ioctl(g->fd, VFIO_GROUP_GET_DEVICE_FD, p->f.address);
    if (p->vfio->fd < 0)
        return lunq_fail(err, LUNQ_DEVICE, "VFIO does not give out %s of IOMMU group %d: %s.",
                         p->f.address, g->id, strerror(errno));
    fcntl(p->vfio->fd, F_SETFD, FD_CLOEXEC);
    r = find_regions(p, err);
    return r < 0 ? r : vfio_irq_find(p, err);
}

static void vfio_close(struct lunq_pci *p)
{
    if (!p->vfio)
        return;
    if (p->vfio->fd >= 0)
        close(p->vfio->fd);
    if (p->vfio->group)
        vfio_group_close(p->vfio->group);
    free(p->vfio);
    p->vfio = NULL;
}

const struct pci_driver pci_vfio = {
    .name = "vfio-pci",
    .option = "vfio",
    .open = vfio_open,
    .close = vfio_close,
    .irq_open = vfio_irq_open,
    .irq_enable = vfio_irq_enable,
    .irq_count = vfio_irq_count,
    .irq_close = vfio_irq_close,
};

/* ---- memory -------------------------------------------------------------------------------- */

bool pci_vfio_translates(const struct lunq_pci *p)
{
    return p->vfio && !p->vfio->group->noiommu;
}

uint64_t pci_vfio_granule(const struct lunq_pci *p)
{
    return p->vfio->group->granule;
}

bool pci_vfio_coherent(const struct lunq_pci *p)
{
    return p->vfio && p->vfio->group->coherent;
}

/* The kernel counts what is pinned against RLIMIT_MEMLOCK, for all but CAP_IPC_LOCK. */
static int refused(const struct lunq_pci *p, size_t n, struct lunq_error *err)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    int e = errno;
    getrlimit(RLIMIT_MEMLOCK, &limit);
    if (e == ENOMEM && limit.rlim_cur != RLIM_INFINITY)
        return lunq_fail(
            err, LUNQ_MEMORY,
            "Failed to allocate Memory! %zu bytes can't be pinned for %s: this user may "
            "pin %" PRIu64 " bytes (ulimit -l says it in KiB), %" PRIu64
            " are buffers of this device. Raise it: memlock in "
            "/etc/security/limits.conf, LimitMEMLOCK= of a systemd unit.",
            n, p->f.address, (uint64_t)limit.rlim_cur, p->dev.mem_bytes);
    if (e == ENOSPC)
        return lunq_fail(err, LUNQ_MEMORY,
                         "Failed to allocate Memory! The IOMMU has no room for one more buffer of "
                         "%s (it has %" PRIu64 "): "
                         "/sys/module/vfio_iommu_type1/parameters/dma_entry_limit says how many it "
                         "takes; fewer and larger ones, with views of them, need less.",
                         p->f.address, p->dev.mem_count);
    return lunq_fail(err, LUNQ_MEMORY,
                     "Failed to allocate Memory! %zu bytes can't be mapped for %s: %s.", n,
                     p->f.address, strerror(e));
}

static struct lunq_space_block *take(struct vfio_group *g, size_t n)
{
    struct lunq_space_block *b = NULL;
    for (size_t i = 0; !b && i < g->n_ranges; i++)
        b = lunq_space_take(&g->space, n, g->ranges[i].first,
                            g->ranges[i].last - g->ranges[i].first + 1, NULL);
    return b;
}

struct lunq_space_block *pci_vfio_map(struct lunq_pci *p, void *host, size_t n,
                                      struct lunq_error *err)
{
    struct vfio_group *g = p->vfio->group;
    struct lunq_space_block *b = take(g, n);
    struct vfio_iommu_type1_dma_map map = {
        .argsz = sizeof map,
        .flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
        .vaddr = (uintptr_t)host,
        .size = n,
    };
    if (!b) {
        lunq_fail(err, LUNQ_MEMORY,
                  "Failed to allocate Memory! The IOMMU has no %zu addresses in a row left for %s.",
                  n, p->f.address);
        return NULL;
    }
    map.iova = b->addr;
    if (ioctl(g->container, VFIO_IOMMU_MAP_DMA, &map) == 0)
        return b;
    refused(p, n, err);
    lunq_space_give(&g->space, b);
    return NULL;
}

bool pci_vfio_unmap(struct lunq_pci *p, struct lunq_space_block *b, size_t n)
{
    struct vfio_group *g = p->vfio->group;
    struct vfio_iommu_type1_dma_unmap unmap = {.argsz = sizeof unmap, .iova = b->addr, .size = n};
    if (ioctl(g->container, VFIO_IOMMU_UNMAP_DMA, &unmap) < 0 || unmap.size != n)
        return false;
    lunq_space_give(&g->space, b);
    return true;
}
