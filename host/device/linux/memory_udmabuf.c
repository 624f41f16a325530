/* memory_udmabuf.c - buffers in what the module u-dma-buf has reserved (linux-boards.md A4). Its buffers
 * are few and large: ours are cut out of them. Each is mapped twice, when it is needed: uncached, for
 * buffers that are always coherent, and cached, for those that ask for it and are synced by the module. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../space.h"
#include "private.h"

/* Whole cache lines, and a multiple of the 16 bytes the module counts in. */
enum { LINE = 64 };

/* One buffer of the module, one way of caching. */
struct pool {
    struct lunq_space space;
    uint64_t used;
    char name[256];
    bool cacheable, coherent;
    uint8_t *map;
    uint64_t address, size;
    int sync_for_cpu, sync_for_device; /* files of sysfs, or -1 */
    struct pool *next;
};

struct udmabuf {
    struct lunq_linux *x;
    struct pool *pools;
};

/* The class is called udmabuf in versions before 4. */
static const char *const classes[] = {"u-dma-buf", "udmabuf"};

static bool attribute(const struct lunq_linux *x, const char *class, const char *name,
                      const char *file, uint64_t *n)
{
    char path[LX_PATH];
    return lx_path(path, x->root, "/sys/class/%s/%s/%s", class, name, file) &&
           lx_read_number(path, n);
}

static int open_sync(const struct lunq_linux *x, const char *class, const char *name,
                     const char *file)
{
    char path[LX_PATH];
    if (!lx_path(path, x->root, "/sys/class/%s/%s/%s", class, name, file))
        return -1;
    return open(path, O_WRONLY | O_CLOEXEC);
}

static void close_pool(struct pool *p)
{
    lunq_space_close(&p->space);
    if (p->map)
        munmap(p->map, p->size);
    if (p->sync_for_cpu >= 0)
        close(p->sync_for_cpu);
    if (p->sync_for_device >= 0)
        close(p->sync_for_device);
    free(p);
}

static int map_pool(const struct lunq_linux *x, struct pool *p, struct lunq_error *err)
{
    char path[LX_PATH];
    void *map = MAP_FAILED;
    int fd = -1, e;
    if (lx_path(path, x->root, "/dev/%s", p->name))
        fd = open(path, O_RDWR | O_CLOEXEC | (p->cacheable ? 0 : O_SYNC));
    if (fd >= 0 && p->size > 0 && p->size <= SIZE_MAX)
        map = mmap(NULL, (size_t)p->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    e = errno;
    if (fd >= 0)
        close(fd);
    if (map == MAP_FAILED)
        return lunq_fail(err, e == EACCES || e == EPERM ? LUNQ_PERMISSION : LUNQ_IO,
                         "%s can't be mapped: %s.", path, strerror(e));
    p->map = map;
    return lunq_space_open(&p->space, 0, p->size) ? 0
                                                  : lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
}

static int open_pool(struct udmabuf *u, const char *class, const char *name, bool cacheable,
                     struct lunq_error *err)
{
    const struct lunq_linux *x = u->x;
    struct pool *p = calloc(1, sizeof *p);
    uint64_t coherent = 0;
    int r;
    if (!p)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    p->sync_for_cpu = p->sync_for_device = -1;
    p->cacheable = cacheable;
    snprintf(p->name, sizeof p->name, "%s", name);
    if (!attribute(x, class, name, "phys_addr", &p->address) ||
        !attribute(x, class, name, "size", &p->size)) {
        close_pool(p);
        return lunq_fail(err, LUNQ_IO, "/sys/class/%s/%s says no address or size.", class, name);
    }
    attribute(x, class, name, "dma_coherent", &coherent);
    p->coherent = !cacheable || coherent;
    if (!p->coherent) {
        p->sync_for_cpu = open_sync(x, class, name, "sync_for_cpu");
        p->sync_for_device = open_sync(x, class, name, "sync_for_device");
        if (p->sync_for_cpu < 0 || p->sync_for_device < 0) {
            close_pool(p);
            return lunq_fail(
                err, LUNQ_PERMISSION,
                "/sys/class/%s/%s/sync_for_device can't be written: %s. Cached buffers "
                "need it.",
                class, name, strerror(errno));
        }
    }
    if ((r = map_pool(x, p, err)) < 0) {
        close_pool(p);
        return r;
    }
    p->next = u->pools;
    u->pools = p;
    return 0;
}

/* Opens all buffers of the module in one way of caching. How many, or what the last one said. */
static int open_pools(struct udmabuf *u, bool cacheable, struct lunq_error *err)
{
    int n = 0, r = 0;
    lunq_fail(err, LUNQ_MEMORY,
              "no buffer of the module u-dma-buf is there: modprobe u-dma-buf "
              "udmabuf0=16777216");
    for (size_t i = 0; i < sizeof classes / sizeof *classes && n == 0; i++) {
        char path[LX_PATH];
        DIR *d = lx_path(path, u->x->root, "/sys/class/%s", classes[i]) ? opendir(path) : NULL;
        struct dirent *e;
        while (d && (e = readdir(d))) {
            if (e->d_name[0] == '.')
                continue;
            r = open_pool(u, classes[i], e->d_name, cacheable, err);
            n += r == 0;
        }
        if (d)
            closedir(d);
    }
    return n > 0 ? n : r;
}

static int udmabuf_open(struct lunq_linux *x, void **state, struct lunq_error *err)
{
    struct udmabuf *u = calloc(1, sizeof *u);
    int r;
    if (!u)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    u->x = x;
    r = open_pools(u, false, err);
    if (r <= 0) {
        free(u);
        return r;
    }
    *state = u;
    return 1;
}

static bool has_pools(const struct udmabuf *u, bool cacheable)
{
    for (const struct pool *p = u->pools; p; p = p->next)
        if (p->cacheable == cacheable)
            return true;
    return false;
}

/* The two ways of one buffer share its bytes: what one of them gives out, the other may not. */
static bool taken_otherwise(const struct udmabuf *u, const struct pool *p)
{
    for (const struct pool *q = u->pools; q; q = q->next)
        if (q != p && q->address == p->address && q->used > 0)
            return true;
    return false;
}

static int udmabuf_alloc(void *state, struct lunq_mem *m, struct lunq_error *err)
{
    struct udmabuf *u = state;
    int r = 0;
    if (!has_pools(u, m->cacheable) && (r = open_pools(u, m->cacheable, err)) < 0)
        return r;
    lunq_fail(
        err, LUNQ_MEMORY,
        "Failed to allocate Memory! The buffers of u-dma-buf have no room for %zu bytes (each of "
        "them serves cached buffers or uncached ones, not both at a time).",
        m->size);
    for (struct pool *p = u->pools; p; p = p->next) {
        struct lunq_space_block *b = NULL;
        if (p->cacheable == m->cacheable && !taken_otherwise(u, p))
            b = lunq_space_take(&p->space, m->size, 0, p->size, NULL);
        if (!b)
            continue;
        p->used += b->size;
        m->host = p->map + b->addr;
        m->address = p->address + b->addr;
        memset(m->host, 0, b->size);
        m->coherent = p->coherent;
        m->key = (uintptr_t)b;
        return 0;
    }
    return LUNQ_MEMORY;
}

static struct pool *pool_of(const struct udmabuf *u, const struct lunq_mem *m)
{
    struct pool *p = u->pools;
    while (p && !(m->host >= p->map && (uint64_t)(m->host - p->map) < p->size))
        p = p->next;
    return p;
}

static void udmabuf_free(void *state, struct lunq_mem *m)
{
    struct pool *p = pool_of(state, m);
    struct lunq_space_block *b = (struct lunq_space_block *)(uintptr_t)m->key;
    p->used -= b->size;
    lunq_space_give(&p->space, b);
}

/* One write says all: offset and size as hexadecimal numbers of eight digits, with the direction in bits
 * 3:2 of the second and 1 in bit 0. */
static int udmabuf_sync(void *state, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
                        struct lunq_error *err)
{
    struct pool *p = pool_of(state, m);
    uint64_t from = (uint64_t)(m->host - p->map) + off, to = from + n;
    bool out = dir == LUNQ_TO_DEVICE;
    char word[32];
    int len;
    from &= ~(uint64_t)(LINE - 1);
    to = (to + LINE - 1) & ~(uint64_t)(LINE - 1);
    len = snprintf(word, sizeof word, "0x%08" PRIX64 "%08" PRIX64, from & 0xffffffff,
                   ((to - from) & 0xfffffff0) | (out ? 1u : 2u) << 2 | 1u);
    if (pwrite(out ? p->sync_for_device : p->sync_for_cpu, word, (size_t)len, 0) == len)
        return 0;
    return lunq_fail(err, LUNQ_IO, "u-dma-buf did not sync %s: %s.", p->name, strerror(errno));
}

static void udmabuf_close(void *state)
{
    struct udmabuf *u = state;
    while (u->pools) {
        struct pool *p = u->pools;
        u->pools = p->next;
        close_pool(p);
    }
    free(u);
}

const struct lx_memory_kind lx_udmabuf = {.name = "udmabuf",
                                          .open = udmabuf_open,
                                          .alloc = udmabuf_alloc,
                                          .free = udmabuf_free,
                                          .sync = udmabuf_sync,
                                          .close = udmabuf_close};
