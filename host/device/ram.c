#include "ram.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE 4096u
/* From this size on the kernel clears pages faster than memset, and gives them back at once. */
#define LARGE (256u * 1024)
#define HUGE_FROM (4u << 20)

/* Blocks tile [first, size) in address order; the free ones are also in a list of their own. */
struct lunq_ram_block {
    uint64_t addr, size;
    bool free;
    struct lunq_ram_block *prev, *next;           /* neighbours in memory */
    struct lunq_ram_block *prev_free, *next_free; /* list of holes, newest first */
};

static void *reserve(uint64_t n)
{
    void *p =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static void hole_add(struct lunq_ram *r, struct lunq_ram_block *b)
{
    b->free = true;
    b->prev_free = NULL;
    b->next_free = r->spare;
    if (b->next_free)
        b->next_free->prev_free = b;
    r->spare = b;
}

static void hole_remove(struct lunq_ram *r, struct lunq_ram_block *b)
{
    b->free = false;
    if (b->prev_free)
        b->prev_free->next_free = b->next_free;
    else
        r->spare = b->next_free;
    if (b->next_free)
        b->next_free->prev_free = b->prev_free;
}

int lunq_ram_open(struct lunq_ram *r, uint64_t first, uint64_t size, bool coherent,
                  const char *more, struct lunq_error *err)
{
    memset(r, 0, sizeof *r);
    r->size = size;
    r->first = first;
    r->more = more;
    r->host = reserve(size);
    r->device = coherent ? r->host : reserve(size);
    r->blocks = calloc(1, sizeof *r->blocks);
    if (!r->host || !r->device || !r->blocks) {
        lunq_ram_close(r);
        return lunq_fail(err, LUNQ_MEMORY,
                         "No address space for %" PRIu64 " MiB of memory for a device.",
                         size >> 20);
    }
    r->blocks->addr = r->first;
    r->blocks->size = size - r->first;
    hole_add(r, r->blocks);
    return 0;
}

void lunq_ram_close(struct lunq_ram *r)
{
    while (r->blocks) {
        struct lunq_ram_block *b = r->blocks;
        r->blocks = b->next;
        free(b);
    }
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

/* Cuts the end off a hole so that `n` bytes stay. Without memory for the bookkeeping the block
 * stays whole, which is only wasteful. */
static void split(struct lunq_ram *r, struct lunq_ram_block *b, uint64_t n)
{
    struct lunq_ram_block *rest;
    if (b->size == n || !(rest = calloc(1, sizeof *rest)))
        return;
    rest->addr = b->addr + n;
    rest->size = b->size - n;
    rest->prev = b;
    rest->next = b->next;
    if (rest->next)
        rest->next->prev = rest;
    b->next = rest;
    b->size = n;
    hole_add(r, rest);
}

int lunq_ram_alloc(struct lunq_ram *r, uint64_t n, uint64_t *addr, struct lunq_ram_block **key,
                   struct lunq_error *err)
{
    uint64_t all = r->size - r->first, need = (n + PAGE - 1) & ~(uint64_t)(PAGE - 1), largest = 0;
    struct lunq_ram_block *b = r->spare;
    for (; b && (n > all || b->size < need); b = b->next_free)
        largest = b->size > largest ? b->size : largest;
    if (!b)
        return lunq_fail(err, LUNQ_MEMORY,
                         "Failed to allocate Memory! %" PRIu64 " bytes don't fit: %" PRIu64
                         " of %" PRIu64 " bytes are in use, the largest hole has %" PRIu64 " (%s).",
                         n, r->used, all, largest, r->more ? r->more : "free buffers");
    hole_remove(r, b);
    split(r, b, need);
    clear(r, b->addr, b->size);
    r->used += b->size;
    *addr = b->addr;
    *key = b;
    return 0;
}

/* b takes the bytes of the block behind it, which is in no list of holes. */
static void swallow_next(struct lunq_ram_block *b)
{
    struct lunq_ram_block *n = b->next;
    b->size += n->size;
    b->next = n->next;
    if (b->next)
        b->next->prev = b;
    free(n);
}

void lunq_ram_free(struct lunq_ram *r, struct lunq_ram_block *b)
{
    r->used -= b->size;
    if (b->size >= LARGE) {
        madvise(r->host + b->addr, b->size, MADV_DONTNEED);
        madvise(r->device + b->addr, b->size, MADV_DONTNEED);
    }
    if (b->next && b->next->free) {
        hole_remove(r, b->next);
        swallow_next(b);
    }
    if (b->prev && b->prev->free) {
        b = b->prev;
        hole_remove(r, b);
        swallow_next(b);
    }
    hole_add(r, b);
}
