#include "ram.h"

#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>

/* From this size on the kernel clears pages faster than memset, and gives them back at once. */
#define LARGE (256u * 1024)
#define HUGE_FROM (4u << 20)

void *lunq_ram_reserve(uint64_t n)
{
    void *p = n > SIZE_MAX ? MAP_FAILED
                           : mmap(NULL, (size_t)n, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

int lunq_ram_open(struct lunq_ram *r, uint64_t first, uint64_t size, bool coherent,
                  const char *more, struct lunq_error *err)
{
    memset(r, 0, sizeof *r);
    r->size = size;
    r->first = first;
    r->more = more;
    r->host = lunq_ram_reserve(size);
    r->device = coherent ? r->host : lunq_ram_reserve(size);
    if (!r->host || !r->device || !lunq_space_open(&r->space, first, size - first)) {
        lunq_ram_close(r);
        return lunq_fail(err, LUNQ_MEMORY,
                         "No address space for %" PRIu64 " MiB of memory for a device.",
                         size >> 20);
    }
    return 0;
}

void lunq_ram_close(struct lunq_ram *r)
{
    lunq_space_close(&r->space);
    if (r->device && r->device != r->host)
        munmap(r->device, r->size);
    if (r->host)
        munmap(r->host, r->size);
    memset(r, 0, sizeof *r);
}

/* Long loops over large buffers spend their time on TLB misses otherwise. */
static void use_huge_pages(uint8_t *p, uint64_t n)
{
#ifdef MADV_HUGEPAGE
    if (n >= HUGE_FROM)
        madvise(p, n, MADV_HUGEPAGE);
#endif
}

static void clear(struct lunq_ram *r, uint64_t addr, uint64_t n)
{
    uint8_t *copies[2] = {r->host + addr, r->device + addr};
    for (int i = 0; i < (r->host == r->device ? 1 : 2); i++) {
        use_huge_pages(copies[i], n);
        if (n < LARGE || madvise(copies[i], n, MADV_DONTNEED) != 0)
            memset(copies[i], 0, n);
    }
}

int lunq_ram_alloc(struct lunq_ram *r, uint64_t n, uint64_t *addr, struct lunq_space_block **key,
                   struct lunq_error *err)
{
    uint64_t all = r->size - r->first, largest;
    struct lunq_space_block *b = lunq_space_take(&r->space, n, r->first, all, &largest);
    if (!b)
        return lunq_fail(err, LUNQ_MEMORY,
                         "Failed to allocate Memory! %" PRIu64 " bytes don't fit: %" PRIu64
                         " of %" PRIu64 " bytes are in use, the largest hole has %" PRIu64 " (%s).",
                         n, r->used, all, largest, r->more ? r->more : "free buffers");
    clear(r, b->addr, b->size);
    r->used += b->size;
    *addr = b->addr;
    *key = b;
    return 0;
}

void lunq_ram_free(struct lunq_ram *r, struct lunq_space_block *b)
{
    r->used -= b->size;
    if (b->size >= LARGE) {
        madvise(r->host + b->addr, b->size, MADV_DONTNEED);
        madvise(r->device + b->addr, b->size, MADV_DONTNEED);
    }
    lunq_space_give(&r->space, b);
}
