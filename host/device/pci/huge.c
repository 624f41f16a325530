/* huge.c - buffers in huge pages (../hugetlb.h) for functions no IOMMU translates for. Such a function can reach
 * all of the memory; so pages go back to the kernel only after it is no bus master any more, and buffers
 * that are freed are used for buffers alone. */
#include <string.h>

#include "../hugetlb.h"
#include "private.h"

/* An IOMMU that is on blocks physical addresses, unless it passes them through. */
static int check_iommu(const struct lunq_pci *p, struct lunq_error *err)
{
    char path[LX_PATH], type[32];
    if (p->f.group < 0 || p->f.noiommu)
        return 0;
    if (lx_path(path, p->o.root, "/sys/kernel/iommu_groups/%d/type", p->f.group) &&
        lx_read(path, type, sizeof type) && !strcmp(type, "identity"))
        return 0;
    return lunq_fail(
        err, LUNQ_UNSUPPORTED,
        "Device \"%s\" has no buffers: %s is behind an IOMMU (group %d), which blocks "
        "what its DMA does, and %s can't set it up. Use vfio-pci: driverctl set-override "
        "%s vfio-pci.",
        p->dev.name, p->f.address, p->f.group, p->f.driver, p->f.address);
}

static int open_pages(struct lunq_pci *p, struct lunq_error *err)
{
    struct lunq_error e;
    int r = lunq_hugetlb_open(&p->huge, p->o.root, true, &e);
    if (r == LUNQ_PERMISSION)
        return lunq_fail(
            err, r,
            "Buffers of %s need physical addresses, which the kernel shows to root only "
            "(CAP_SYS_ADMIN): run as root, or let an IOMMU translate (vfio-pci).",
            p->f.address);
    return r < 0 ? lunq_fail(err, r,
                             "Failed to allocate Memory! Buffers of %s are in huge pages: %s.",
                             p->f.address, e.message)
                 : 0;
}

static int alloc(struct lunq_pci *p, struct lunq_mem *m, struct lunq_error *err)
{
    int r = check_iommu(p, err);
    if (r == 0 && !p->huge)
        r = open_pages(p, err);
    return r < 0 ? r : lunq_hugetlb_alloc(p->huge, m, err);
}

static void release(struct lunq_pci *p, struct lunq_mem *m)
{
    lunq_hugetlb_free(p->huge, m);
}

static void close_all(struct lunq_pci *p)
{
    lunq_hugetlb_close(p->huge);
}

const struct pci_memory pci_huge = {
    .name = "hugetlb", .alloc = alloc, .free = release, .close = close_all};
