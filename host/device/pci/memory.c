/* memory.c - buffers in memory of this machine that the function reaches: behind an IOMMU any pages, at
 * addresses it translates; without one huge pages, at their physical addresses. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../cache.h"
#include "private.h"

/* Where DMA does not see the caches the device tree says it by leaving out dma-coherent, at the host bridge
 * or above (dt-schema, pci-host-bridge.yaml). Without a device tree a machine with PCI is coherent. */
static bool tree_coherent(const struct lunq_pci *p)
{
    char path[LX_PATH], real[4096], *slash;
    if (!lx_path(path, p->o.root, "/proc/device-tree/compatible") || access(path, F_OK) < 0)
        return true;
    if (!lx_path(path, p->o.root, "/sys/bus/pci/devices/%s", p->f.address) || !realpath(path, real))
        return false;
    for (slash = real + strlen(real); slash && slash > real; slash = strrchr(real, '/')) {
        *slash = 0;
        if (lx_path(path, real, "/of_node/dma-coherent") && access(path, F_OK) == 0)
            return true;
    }
    return false;
}

static bool is_coherent(const struct lunq_pci *p)
{
#if defined __x86_64__ || defined __i386__
    (void)p;
    return true;
#endif
    return pci_vfio_coherent(p) || tree_coherent(p);
}

static int choose(struct lunq_pci *p, struct lunq_error *err)
{
    bool translates = pci_vfio_translates(p);
    if (!translates && !strcmp(p->o.memory, "iommu"))
        return lunq_fail(
            err, LUNQ_UNSUPPORTED,
            "Device \"%s\": no IOMMU translates for %s (driver %s): memory=hugetlb is what "
            "there is.",
            p->dev.name, p->f.address, p->f.driver);
    p->memory = translates ? &pci_iova : &pci_huge;
    p->bank.coherent = is_coherent(p);
    if (!p->bank.coherent && !lx_cache_can())
        lunq_warn("user",
                  "DMA of %s does not see the caches, and this processor can't clean them from a "
                  "program: data will be wrong.",
                  p->f.address);
    return 0;
}

int pci_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err)
{
    struct lunq_pci *p = pci_of(d);
    struct lunq_error e;
    int r = p->memory ? 0 : choose(p, &e);
    if (r == 0)
        r = p->memory->alloc(p, m, &e);
    if (r == 0 && (r = pci_master_on(p, &e)) < 0)
        p->memory->free(p, m);
    if (r < 0)
        return lunq_fail(err, r, "%s", e.message);
    m->coherent = p->bank.coherent;
    return 0;
}

void pci_free(struct lunq_device *d, struct lunq_mem *m)
{
    pci_of(d)->memory->free(pci_of(d), m);
}

int pci_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
             struct lunq_error *err)
{
    (void)d, (void)err;
    lx_cache_sync(m->host + off, n, dir);
    return 0;
}
