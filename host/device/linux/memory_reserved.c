/* memory_reserved.c - buffers in memory the device tree keeps from the kernel (reserved.h), reached through a UIO
 * device that has some of it, else through /dev/mem (linux-boards.md A1, A2). Linux maps both as device memory,
 * where an access that is not aligned, as memcpy has them, is a bus error on ARM. So the bytes of a buffer are
 * ordinary memory of the program, and a sync copies them, a word at a time. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../cache.h"
#include "pool.h"
#include "private.h"
#include "reserved.h"

enum { MOST_REGIONS = 8, MOST_UIO = 64, UIO_MAPS = 5 };

struct region {
    struct lx_pool pool;
    char name[64];    /* of the node */
    uint64_t address; /* of the pool's first byte, which is a page's */
    int fd;
    uint64_t offset; /* in fd, of that byte */
    uint8_t *map;    /* NULL: not needed yet */
    struct region *next;
};

/* What `key` of a buffer means. */
struct block {
    struct region *region;
    struct lunq_space_block *bytes;
};

/* ---- copies ----------------------------------------------------------------------------------- */

typedef uintptr_t word; /* a register: naturally aligned accesses of this size are always allowed */

static bool aligned(const volatile void *p)
{
    return (uintptr_t)p % sizeof(word) == 0;
}

/* Both pointers have the same place in a page. */
static void copy(volatile uint8_t *to, const volatile uint8_t *from, size_t n)
{
    for (; n > 0 && !aligned(to); n--)
        *to++ = *from++;
    for (; n >= sizeof(word); n -= sizeof(word), to += sizeof(word), from += sizeof(word))
        *(volatile word *)to = *(const volatile word *)from;
    for (; n > 0; n--)
        *to++ = *from++;
}

static void clear(volatile uint8_t *to, uint64_t n)
{
    for (uint64_t i = 0; i < n; i += sizeof(word))
        *(volatile word *)(to + i) = 0;
}

/* ---- regions ---------------------------------------------------------------------------------- */

/* Map m of UIO device u, whole pages of it. */
static bool uio_map(const char *root, unsigned u, unsigned m, uint64_t *base, uint64_t *size)
{
    char path[LX_PATH];
    if (!lx_path(path, root, "/sys/class/uio/uio%u/maps/map%u/addr", u, m) ||
        !lx_read_number(path, base) ||
        !lx_path(path, root, "/sys/class/uio/uio%u/maps/map%u/size", u, m) ||
        !lx_read_number(path, size))
        return false;
    *size &= ~(lunq_page_size() - 1);
    return *base % lunq_page_size() == 0;
}

/* The UIO map that has most of a region, which becomes that part; false: none has any. Everybody finds the same
 * one, so that their locks are of the same file. */
static bool narrow_to_uio(const char *root, struct lx_region *r, unsigned *uio, unsigned *map)
{
    uint64_t base, size, at = 0, most = 0;
    for (unsigned u = 0; u < MOST_UIO; u++)
        for (unsigned m = 0; m < UIO_MAPS && uio_map(root, u, m, &base, &size); m++)
            if (base >= r->base && base - r->base <= r->size &&
                size <= r->size - (base - r->base) && size > most) {
                at = base, most = size;
                *uio = u, *map = m;
            }
    if (most == 0)
        return false;
    r->base = at;
    r->size = most;
    return true;
}

/* The whole pages of a region. */
static bool trim(struct lx_region *r)
{
    uint64_t page = lunq_page_size(), skip = (page - r->base % page) % page;
    if (r->size <= skip || r->base > UINT64_MAX - r->size)
        return false;
    r->base += skip;
    r->size = (r->size - skip) & ~(page - 1);
    return r->size > 0 && r->base <= (uint64_t)INT64_MAX && r->size <= SIZE_MAX;
}

static void close_region(struct region *g)
{
    if (g->map)
        munmap(g->map, (size_t)g->pool.size);
    lx_pool_close(&g->pool);
    if (g->fd >= 0)
        close(g->fd);
    free(g);
}

static int open_file(struct region *g, const char *root, struct lx_region *r,
                     struct lunq_error *err)
{
    unsigned uio = 0, map = 0;
    char path[LX_PATH];
    bool fits, has = narrow_to_uio(root, r, &uio, &map);
    if (!trim(r))
        return lunq_fail(err, LUNQ_MEMORY, "%s is less than a page, or larger than this program.",
                         r->name);
    fits = has ? lx_path(path, root, "/dev/uio%u", uio) : lx_path(path, root, "/dev/mem");
    g->offset = has ? map * lunq_page_size() : r->base;
    g->fd = fits ? open(path, O_RDWR | O_SYNC | O_CLOEXEC) : -1;
    if (g->fd >= 0)
        return 0;
    return lunq_fail(err, lx_errno_kind(errno), "%s: %s can't be opened: %s. %s", r->name, path,
                     strerror(errno),
                     has ? "Become a member of its group (udev rules of LUNQ: group lunq)"
                         : "/dev/mem is for root; a node compatible with generic-uio and this reg "
                           "gives the region a UIO device, which a group may have");
}

static int open_region(struct region **out, const char *root, struct lx_region *r,
                       struct lunq_error *err)
{
    struct region *g = calloc(1, sizeof *g);
    int rc;
    if (!g)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    g->fd = -1;
    snprintf(g->name, sizeof g->name, "%s", r->name);
    rc = open_file(g, root, r, err);
    g->address = r->base;
    if (rc == 0) /* the bytes' addresses are what is locked, also of /dev/mem */
        rc = lx_pool_open(&g->pool, g->name, r->size, g->fd, r->base, err);
    if (rc < 0) {
        close_region(g);
        return rc;
    }
    *out = g;
    return 0;
}

static void reserved_close(void *state)
{
    struct region **list = state;
    while (*list) {
        struct region *g = *list;
        *list = g->next;
        close_region(g);
    }
    free(list);
}

static int reserved_open(struct lunq_linux *x, const char *part, void **state,
                         struct lunq_error *err)
{
    struct lx_region found[MOST_REGIONS];
    struct region **list, *g = NULL;
    int n = lx_reserved(found, MOST_REGIONS, x->root, part, err), r = 0;
    if (n <= 0)
        return n;
    list = calloc(1, sizeof *list);
    if (!list)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    for (int i = n - 1; i >= 0; i--) {
        if ((r = open_region(&g, x->root, &found[i], err)) < 0)
            continue;
        g->next = *list;
        *list = g;
    }
    *state = list;
    if (*list)
        return 1;
    reserved_close(list);
    return r;
}

static int map_region(struct region *g, struct lunq_error *err)
{
    void *map;
    if (g->map)
        return 0;
    map = mmap(NULL, (size_t)g->pool.size, PROT_READ | PROT_WRITE, MAP_SHARED, g->fd,
               (off_t)g->offset);
    if (map == MAP_FAILED)
        return lunq_fail(err, lx_errno_kind(errno),
                         "%s can't be mapped: %s. A driver of the kernel may have it (/proc/iomem "
                         "names it).",
                         g->name, strerror(errno));
    g->map = map;
    return 0;
}

/* ---- buffers ---------------------------------------------------------------------------------- */

static int take(struct region *g, struct lunq_mem *m, struct lunq_error *err)
{
    struct block *b;
    void *host = MAP_FAILED;
    int r = map_region(g, err);
    if (r < 0)
        return r;
    b = calloc(1, sizeof *b);
    if (b)
        host = mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (host == MAP_FAILED)
        r = lunq_fail(err, LUNQ_MEMORY,
                      "Failed to allocate Memory! The program has no %zu bytes for its side of a "
                      "buffer in %s.",
                      m->size, g->name);
    else
        r = lx_pool_take(&g->pool, m->size, &b->bytes, err);
    if (r < 0) {
        if (host != MAP_FAILED)
            munmap(host, m->size);
        free(b);
        return r;
    }
    b->region = g;
    clear(g->map + b->bytes->addr, b->bytes->size);
    m->host = host;
    m->address = g->address + b->bytes->addr;
    m->coherent = false;
    m->key = (uintptr_t)b;
    return 0;
}

static int reserved_alloc(void *state, struct lunq_mem *m, struct lunq_error *err)
{
    struct region **list = state;
    int r = LUNQ_MEMORY;
    for (struct region *g = *list; g && r == LUNQ_MEMORY; g = g->next)
        r = take(g, m, err);
    return r;
}

static void reserved_free(void *state, struct lunq_mem *m)
{
    struct block *b = (struct block *)(uintptr_t)m->key;
    (void)state;
    munmap(m->host, m->size);
    lx_pool_give(&b->region->pool, b->bytes);
    free(b);
}

static int reserved_sync(void *state, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
                         struct lunq_error *err)
{
    const struct block *b = (struct block *)(uintptr_t)m->key;
    uint8_t *there = b->region->map + b->bytes->addr + off;
    (void)state, (void)err;
    if (dir == LUNQ_TO_DEVICE)
        copy(there, m->host + off, n);
    lx_cache_sync(there, 0, dir); /* no lines, but all that was written is there then */
    if (dir == LUNQ_FROM_DEVICE)
        copy(m->host + off, there, n);
    return 0;
}

const struct lx_memory_kind lx_kind_reserved = {
    .name = "reserved",
    .more = "More: a larger reg of the node.",
    .copies = true,
    .open = reserved_open,
    .alloc = reserved_alloc,
    .free = reserved_free,
    .sync = reserved_sync,
    .close = reserved_close,
};
