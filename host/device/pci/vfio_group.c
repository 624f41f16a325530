/* vfio_group.c - a group of functions behind an IOMMU, or one of vfio-pci's own without: opening it, and
 * giving out addresses the IOMMU translates. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio.h"

/* Addresses from here on: what a master that was never set up writes to is nobody's then. */
#define FIRST_ADDRESS UINT64_C(0x100000)

static struct vfio_group *groups; /* of this process: a second open of a group is refused */

/* ---- refusals ------------------------------------------------------------------------------- */

/* Who else is in the group and has a driver of the kernel. */
static int not_viable(const struct lunq_pci *p, struct lunq_error *err)
{
    char path[LX_PATH], list[512] = "";
    size_t at = 0;
    struct lunq_pci_function f;
    struct dirent *e;
    DIR *d = lx_path(path, p->o.root, "/sys/kernel/iommu_groups/%d/devices", p->f.group)
                 ? opendir(path)
                 : NULL;
    while (d && (e = readdir(d)))
        if (e->d_name[0] != '.' && pci_function_read(p->o.root, e->d_name, &f) && f.driver[0] &&
            !f.usable && strcmp(f.driver, "pcieport") && at < sizeof list)
            at += (size_t)snprintf(list + at, sizeof list - at, "%s%s (%s)", at ? ", " : "",
                                   f.address, f.driver);
    if (d)
        closedir(d);
    return lunq_fail(err, LUNQ_DEVICE,
                     "IOMMU group %d of %s can't be used: others in it have drivers of the kernel: "
                     "%s. They can't be kept apart from it: give them to vfio-pci too (driverctl "
                     "set-override ADDRESS vfio-pci), or put the card into another slot.",
                     p->f.group, p->f.address, list[0] ? list : "(not shown)");
}

static int failed(const struct lunq_pci *p, const char *what, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_DEVICE, "VFIO refuses %s of IOMMU group %d (%s): %s.", what,
                     p->f.group, p->f.address, strerror(errno));
}

static int no_iommu(const struct lunq_pci *p, struct lunq_error *err)
{
    if (errno == EPERM)
        return lunq_fail(
            err, LUNQ_PERMISSION,
            "VFIO refuses the IOMMU of group %d (%s): %s. Its interrupts can't be kept "
            "apart (no interrupt remapping); where the card is trusted: "
            "echo 1 > /sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts.",
            p->f.group, p->f.address, strerror(errno));
    return failed(p, "the IOMMU", err);
}

/* ---- addresses ------------------------------------------------------------------------------ */

static void add_range(struct vfio_group *g, uint64_t first, uint64_t last)
{
    if (first < FIRST_ADDRESS)
        first = FIRST_ADDRESS;
    first = (first + g->granule - 1) & ~(g->granule - 1);
    if (last > INT64_MAX) /* addresses are integers of Lua */
        last = INT64_MAX;
    if (first >= last || g->n_ranges == VFIO_RANGES)
        return;
    g->ranges[g->n_ranges].first = first;
    g->ranges[g->n_ranges++].last = last;
}

/* Chains of headers, each with the offset of the next from the start of the information. */
static void find_ranges(struct vfio_group *g, const struct vfio_iommu_type1_info *info)
{
    uint32_t at = info->flags & VFIO_IOMMU_INFO_CAPS ? info->cap_offset : 0, hops = 0;
    while (at >= sizeof *info && at <= info->argsz - sizeof(struct vfio_info_cap_header) &&
           hops++ < 64) {
        const struct vfio_info_cap_header *h = (const void *)((const char *)info + at);
        const struct vfio_iommu_type1_info_cap_iova_range *cap = (const void *)h;
        uint32_t room = (info->argsz - at - sizeof *cap) / sizeof cap->iova_ranges[0];
        if (h->id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE && info->argsz - at >= sizeof *cap)
            for (uint32_t i = 0; i < cap->nr_iovas && i < room; i++)
                add_range(g, cap->iova_ranges[i].start, cap->iova_ranges[i].end);
        at = h->next;
    }
}

/* Older kernels say nothing of ranges: then what 39 bits reach, the least an IOMMU of the last years
 * has. */
static int find_addresses(struct vfio_group *g, struct lunq_error *err)
{
    struct vfio_iommu_type1_info head = {.argsz = sizeof head}, *info = NULL;
    uint64_t sizes = 0;
    g->granule = lunq_page_size();
    if (ioctl(g->container, VFIO_IOMMU_GET_INFO, &head) == 0) {
        sizes = head.flags & VFIO_IOMMU_INFO_PGSIZES ? head.iova_pgsizes : 0;
        if ((sizes & -sizes) > g->granule)
            g->granule = sizes & -sizes;
        if (head.argsz > sizeof head && head.argsz < 65536 && (info = calloc(1, head.argsz))) {
            info->argsz = head.argsz;
            if (ioctl(g->container, VFIO_IOMMU_GET_INFO, info) == 0 && info->argsz <= head.argsz)
                find_ranges(g, info);
        }
        free(info);
    }
    if (!g->n_ranges)
        add_range(g, 0, (UINT64_C(1) << 39) - 1);
    return lunq_space_open(&g->space, 0, INT64_MAX) ? 0
                                                    : lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
}

/* ---- life ---------------------------------------------------------------------------------- */

static int open_node(const struct lunq_pci *p, int *fd, const char *name, struct lunq_error *err)
{
    char path[LX_PATH];
    if (!lx_path(path, p->o.root, "/dev/vfio/%s", name))
        return lunq_fail(err, LUNQ_VALUE, "The path of /dev/vfio/%s is too long.", name);
    *fd = open(path, O_RDWR | O_CLOEXEC);
    return *fd >= 0 ? 0 : pci_refuse_node(p, path, errno, err);
}

static int join(struct vfio_group *g, const struct lunq_pci *p, struct lunq_error *err)
{
    struct vfio_group_status status = {.argsz = sizeof status};
    char name[32];
    int r = open_node(p, &g->container, "vfio", err);
    snprintf(name, sizeof name, "%s%d", g->noiommu ? "noiommu-" : "", g->id);
    if (r == 0)
        r = open_node(p, &g->fd, name, err);
    if (r < 0)
        return r;
    if (ioctl(g->container, VFIO_GET_API_VERSION) != VFIO_API_VERSION ||
        ioctl(g->fd, VFIO_GROUP_GET_STATUS, &status) < 0)
        return failed(p, "the state", err);
    if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
        return not_viable(p, err);
    if (ioctl(g->fd, VFIO_GROUP_SET_CONTAINER, &g->container) < 0)
        return failed(p, "a container", err);
    if (ioctl(g->container, VFIO_SET_IOMMU, g->noiommu ? VFIO_NOIOMMU_IOMMU : VFIO_TYPE1v2_IOMMU) <
        0)
        return no_iommu(p, err);
    g->coherent = ioctl(g->container, VFIO_CHECK_EXTENSION, VFIO_DMA_CC_IOMMU) == 1;
    return g->noiommu ? 0 : find_addresses(g, err);
}

static void destroy(struct vfio_group *g)
{
    lunq_space_close(&g->space);
    if (g->fd >= 0)
        close(g->fd);
    if (g->container >= 0)
        close(g->container);
    free(g);
}

struct vfio_group *vfio_group_open(struct lunq_pci *p, struct lunq_error *err)
{
    struct vfio_group *g = groups;
    while (g && (g->id != p->f.group || g->noiommu != p->f.noiommu))
        g = g->next;
    if (g) {
        g->refs++;
        return g;
    }
    g = calloc(1, sizeof *g);
    if (!g) {
        lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
        return NULL;
    }
    *g = (struct vfio_group){
        .id = p->f.group, .noiommu = p->f.noiommu, .fd = -1, .container = -1, .refs = 1};
    if (join(g, p, err) < 0) {
        destroy(g);
        return NULL;
    }
    g->next = groups;
    return groups = g;
}

void vfio_group_close(struct vfio_group *g)
{
    struct vfio_group **p = &groups;
    if (--g->refs > 0)
        return;
    while (*p != g)
        p = &(*p)->next;
    *p = g->next;
    destroy(g);
}
