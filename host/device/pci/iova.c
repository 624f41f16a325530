/* iova.c - pages of this process that an IOMMU lets the function reach, and nothing else. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "../hugetlb.h"
#include "private.h"

static void *map_pages(size_t n, bool huge)
{
    void *host = mmap(NULL, n, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | (huge ? MAP_HUGETLB : 0), -1, 0);
    if (host != MAP_FAILED) /* a child's copy would part the program from what the function sees */
        madvise(host, n, MADV_DONTFORK);
    return host;
}

static int no_pages(const struct lunq_pci *p, const struct lunq_mem *m, bool huge,
                    struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_MEMORY, "Failed to allocate Memory! %zu bytes for %s: %s%s", m->size,
                     p->f.address, strerror(errno),
                     huge
                         ? ", too few huge pages are free (echo 64 > /proc/sys/vm/nr_hugepages, as "
                           "root)."
                         : ".");
}

static int alloc(struct lunq_pci *p, struct lunq_mem *m, struct lunq_error *err)
{
    bool huge = !strcmp(p->o.memory, "hugetlb");
    uint64_t granule = pci_vfio_granule(p), page = huge ? lunq_hugetlb_page(p->o.root) : 0, n;
    struct lunq_space_block *b;
    void *host = MAP_FAILED;
    if (page < granule)
        page = granule;
    n = ((uint64_t)m->size + page - 1) & ~(page - 1);
    errno = ENOMEM;
    if (n >= m->size && n <= SIZE_MAX)
        host = map_pages((size_t)n, huge);
    if (host == MAP_FAILED)
        return no_pages(p, m, huge, err);
    b = pci_vfio_map(p, host, (size_t)n, err);
    if (!b) {
        munmap(host, (size_t)n);
        return err->kind;
    }
    m->host = host;
    m->address = b->addr;
    m->key = (uintptr_t)b;
    return 0;
}

/* Pages the IOMMU can't be told to forget are never used for anything else. */
static void release(struct lunq_pci *p, struct lunq_mem *m)
{
    struct lunq_space_block *b = (struct lunq_space_block *)(uintptr_t)m->key;
    size_t n = (size_t)b->size;
    if (pci_vfio_unmap(p, b, n))
        munmap(m->host, n);
    else
        lunq_warn("resource", "The IOMMU did not take back %zu bytes of %s: they stay as they are.",
                  n, p->f.address);
}

static void close_all(struct lunq_pci *p)
{
    (void)p; /* every buffer holds the device: none is left */
}

const struct pci_memory pci_iova = {
    .name = "iommu", .alloc = alloc, .free = release, .close = close_all};
