/* huge.c - huge pages, whose bytes are contiguous and stay where they are, at their physical addresses: for
 * functions no IOMMU translates for. Such a function can reach all of the memory; so pages go back to the
 * kernel only after it is no bus master any more, and buffers that are freed are used for buffers alone. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "../pagemap.h"
#include "private.h"

struct huge_pool {
    struct lunq_space space; /* of offsets */
    uint8_t *host;
    size_t size;
    uint64_t address;
    struct huge_pool *next;
};

static uint64_t meminfo(const struct lunq_pci *p, const char *name, uint64_t otherwise)
{
    char path[LX_PATH], text[8192];
    const char *at;
    if (!lx_path(path, p->o.root, "/proc/meminfo") || !lx_read(path, text, sizeof text) ||
        !(at = strstr(text, name)))
        return otherwise;
    return strtoull(at + strlen(name), NULL, 10);
}

uint64_t pci_huge_size(const struct lunq_pci *p)
{
    uint64_t size = meminfo(p, "Hugepagesize:", 2048) << 10;
    return size && !(size & (size - 1)) ? size : UINT64_C(2) << 20;
}

int pci_huge_none(const struct lunq_pci *p, size_t n, struct lunq_error *err)
{
    uint64_t size = pci_huge_size(p), need = n / size + (n % size != 0);
    return lunq_fail(err, LUNQ_MEMORY,
                     "Failed to allocate Memory! %zu bytes for %s need %" PRIu64
                     " huge pages of %" PRIu64 " KiB in a row; %" PRIu64 " of %" PRIu64
                     " are free. As root: echo %" PRIu64 " > /proc/sys/vm/nr_hugepages.",
                     n, p->f.address, need, size >> 10, meminfo(p, "HugePages_Free:", 0),
                     meminfo(p, "HugePages_Total:", 0), meminfo(p, "HugePages_Total:", 0) + need);
}

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

static int physical(struct lunq_pci *p, struct huge_pool *h, struct lunq_error *err)
{
    int r = lx_physical(p->o.root, h->host, h->size, &h->address, err);
    if (r == LUNQ_PERMISSION)
        return lunq_fail(
            err, r,
            "Buffers of %s need physical addresses, which the kernel shows to root only "
            "(CAP_SYS_ADMIN): run as root, or let an IOMMU translate (vfio-pci).",
            p->f.address);
    if (r == LUNQ_MEMORY)
        return lunq_fail(
            err, r,
            "Failed to allocate Memory! %zu bytes in a row for %s are more than the huge "
            "pages of %" PRIu64 " KiB give now: use smaller buffers, or larger pages "
            "(boot arguments default_hugepagesz=1G hugepages=1).",
            h->size, p->f.address, pci_huge_size(p) >> 10);
    return r;
}

static int grow(struct lunq_pci *p, size_t n, struct lunq_error *err)
{
    uint64_t page = pci_huge_size(p), size = ((uint64_t)n + page - 1) & ~(page - 1);
    struct huge_pool *h = calloc(1, sizeof *h);
    void *host = MAP_FAILED;
    int r;
    if (!h)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    if (size >= n && size <= SIZE_MAX)
        host = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);
    if (host == MAP_FAILED) {
        free(h);
        return pci_huge_none(p, n, err);
    }
    *h = (struct huge_pool){.host = host, .size = (size_t)size};
    madvise(host, h->size, MADV_DONTFORK);
    memset(host, 0, h->size);
    r = physical(p, h, err);
    if (r == 0 && !lunq_space_open(&h->space, 0, size))
        r = lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    if (r < 0) {
        munmap(host, h->size);
        free(h);
        return r;
    }
    h->next = p->pool;
    p->pool = h;
    return 0;
}

static bool take(struct lunq_pci *p, struct lunq_mem *m)
{
    struct lunq_space_block *b = NULL;
    struct huge_pool *h = p->pool;
    while (h && !(b = lunq_space_take(&h->space, m->size, 0, h->size, NULL)))
        h = h->next;
    if (!b)
        return false;
    m->host = h->host + b->addr;
    m->address = h->address + b->addr;
    m->key = (uintptr_t)b;
    memset(m->host, 0, m->size);
    return true;
}

static int alloc(struct lunq_pci *p, struct lunq_mem *m, struct lunq_error *err)
{
    int r = check_iommu(p, err);
    if (r < 0 || take(p, m))
        return r;
    r = grow(p, m->size, err);
    if (r < 0)
        return r;
    return take(p, m) ? 0 : lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
}

static void release(struct lunq_pci *p, struct lunq_mem *m)
{
    struct huge_pool *h = p->pool;
    while (!(m->host >= h->host && (size_t)(m->host - h->host) < h->size))
        h = h->next;
    lunq_space_give(&h->space, (struct lunq_space_block *)(uintptr_t)m->key);
}

static void close_all(struct lunq_pci *p)
{
    while (p->pool) {
        struct huge_pool *h = p->pool;
        p->pool = h->next;
        lunq_space_close(&h->space);
        munmap(h->host, h->size);
        free(h);
    }
}

const struct pci_memory pci_huge = {
    .name = "huge", .alloc = alloc, .free = release, .close = close_all};
