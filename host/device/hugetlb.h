/* hugetlb.h - huge pages of this process, each of which is contiguous, and the addresses they have in memory:
 * for masters no IOMMU translates for. The kernel shows addresses to programs with CAP_SYS_ADMIN only
 * (Documentation/admin-guide/mm/pagemap.rst). The pages are cached. */
#ifndef LUNQ_DEVICE_HUGETLB_H
#define LUNQ_DEVICE_HUGETLB_H

#include "../core/device.h"

struct lunq_hugetlb;

/* `root` as in files.h; it lives as long. keep: what has been given out once goes back to the kernel at
 * lunq_hugetlb_close alone. LUNQ_MEMORY: the kernel keeps no huge pages, and how it would;
 * LUNQ_PERMISSION: it hides addresses. */
int lunq_hugetlb_open(struct lunq_hugetlb **out, const char *root, bool keep,
                      struct lunq_error *err);
void lunq_hugetlb_close(struct lunq_hugetlb *h); /* NULL is allowed */

/* Zeroed, contiguous bytes for m->size: fills in host, address and key. LUNQ_MEMORY: too few huge pages in a
 * row. */
int lunq_hugetlb_alloc(struct lunq_hugetlb *h, struct lunq_mem *m, struct lunq_error *err);
void lunq_hugetlb_free(struct lunq_hugetlb *h, const struct lunq_mem *m);

/* Bytes of a huge page; 0: this kernel has none. */
uint64_t lunq_hugetlb_page(const char *root);

#endif
