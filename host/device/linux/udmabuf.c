#include "udmabuf.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "private.h"

enum {
    UNCACHED,
    CACHED,
    LINE = 64 /* whole cache lines, and a multiple of the 16 bytes the module counts in */
};

/* A sync says offset and size in 32 bits each. */
#define MOST UINT64_C(0xfffff000)

/* u-dma-buf-ioctl.h of the module. */
struct driver_info {
    uint64_t flags; /* bits 7:0: version of the interface */
    char version[16];
};
struct sync_state {
    uint64_t flags; /* bits 1:0 a command, 3:2 direction, 15:8 mode */
    uint64_t size, offset;
};
#define GET_DRIVER_INFO _IOR('U', 1, struct driver_info)
#define SYNC_FOR_CPU _IOW('U', 5, uint64_t)
#define SYNC_FOR_DEVICE _IOW('U', 6, uint64_t)
#define GET_SYNC _IOR('U', 8, struct sync_state)
#define SET_SYNC _IOW('U', 9, struct sync_state)

enum { MODE_SHIFT = 8, MODE_MASK = 0xff, WRITE_COMBINED = 2, DMA_COHERENT = 3 };

/* The class is called udmabuf in versions before 4. */
const char *const lx_udmabuf_classes[] = {"u-dma-buf", "udmabuf", NULL};

static bool attribute_path(const struct lx_udmabuf *u, const char *file, char path[LX_PATH])
{
    return lx_path(path, u->x->root, "/sys/class/%s/%s/%s", u->class, u->name, file);
}

static bool attribute(const struct lx_udmabuf *u, const char *file, uint64_t *n)
{
    char path[LX_PATH];
    return attribute_path(u, file, path) && lx_read_number(path, n);
}

static int open_device(const struct lx_udmabuf *u, int view, struct lunq_error *err)
{
    char path[LX_PATH];
    int fd;
    if (!lx_path(path, u->x->root, "/dev/%s", u->name))
        return lunq_fail(err, LUNQ_IO, "The path of /dev/%s is too long.", u->name);
    fd = open(path, O_RDWR | O_CLOEXEC | (view == UNCACHED ? O_SYNC : 0));
    return fd >= 0
               ? fd
               : lunq_fail(
                     err, lx_errno_kind(errno), "%s can't be opened: %s%s", path, strerror(errno),
                     errno == EACCES ? " (udev rules of LUNQ: become a member of group lunq)" : "");
}

/* Modes 2 and 3 map uncached memory as memory, and cached where it is asked for. The module begins with 1,
 * which makes device memory of it: there an access that is not aligned, as memcpy has them, is a bus
 * error on ARM. It stays set: a program that starts at the same time needs it, too. */
static int set_mode(const struct lx_udmabuf *u, int fd, struct lunq_error *err)
{
    struct sync_state s;
    char path[LX_PATH];
    uint64_t mode;
    if (u->ioctls && ioctl(fd, GET_SYNC, &s) == 0) {
        mode = s.flags >> MODE_SHIFT & MODE_MASK;
        s.flags = (s.flags & 0xc) | WRITE_COMBINED << MODE_SHIFT;
        if (mode == WRITE_COMBINED || mode == DMA_COHERENT || ioctl(fd, SET_SYNC, &s) == 0)
            return 0;
    }
    if (!attribute(u, "sync_mode", &mode) || mode == WRITE_COMBINED || mode == DMA_COHERENT)
        return 0;
    if (attribute_path(u, "sync_mode", path) && lx_write(path, "2"))
        return 0;
    return lunq_fail(err, lx_errno_kind(errno),
                     "%s is %" PRIu64 ", which does not suit buffers, and can't be written: %s. As "
                     "root: echo 2 > %s, or sync-mode = <2> in its node.",
                     path, mode, strerror(errno), path);
}

static bool has_ioctls(int fd)
{
    struct driver_info info = {0};
    return ioctl(fd, GET_DRIVER_INFO, &info) == 0 && (info.flags & 0xff) > 0;
}

static int open_all(struct lx_udmabuf *u, struct lunq_error *err)
{
    uint64_t coherent = 0, size;
    int fd, view;
    if (!attribute(u, "phys_addr", &u->address) || !attribute(u, "size", &size))
        return lunq_fail(err, LUNQ_IO, "%s/sys/class/%s/%s says no address or size.", u->x->root,
                         u->class, u->name);
    attribute(u, "dma_coherent", &coherent);
    u->coherent = u->x->coherence == LX_BY_DESIGN ? coherent != 0 : u->x->coherence == LX_COHERENT;
    view = u->coherent ? CACHED : UNCACHED;
    if ((fd = open_device(u, view, err)) < 0)
        return fd;
    u->view[view].fd = fd;
    u->ioctls = has_ioctls(fd);
    return lx_pool_open(&u->pool, u->name, size < MOST ? size : MOST, fd, 0, err);
}

int lx_udmabuf_open(struct lx_udmabuf **out, const struct lunq_linux *x, const char *class,
                    const char *name, struct lunq_error *err)
{
    struct lx_udmabuf *u = calloc(1, sizeof *u);
    int r;
    if (!u)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    u->x = x;
    u->view[UNCACHED].fd = u->view[CACHED].fd = -1;
    u->sync_file[LUNQ_TO_DEVICE] = u->sync_file[LUNQ_FROM_DEVICE] = -1;
    if (strlen(name) >= sizeof u->name)
        r = lunq_fail(err, LUNQ_IO, "The name of the u-dma-buf %s is too long.", name);
    else {
        snprintf(u->class, sizeof u->class, "%s", class);
        snprintf(u->name, sizeof u->name, "%s", name);
        r = open_all(u, err);
    }
    if (r < 0) {
        lx_udmabuf_close(u);
        return r;
    }
    *out = u;
    return 0;
}

void lx_udmabuf_close(struct lx_udmabuf *u)
{
    for (int i = 0; i < 2; i++) {
        if (u->view[i].map)
            munmap(u->view[i].map, (size_t)u->pool.size);
        if (u->view[i].fd >= 0)
            close(u->view[i].fd);
        if (u->sync_file[i] >= 0)
            close(u->sync_file[i]);
    }
    lx_pool_close(&u->pool);
    free(u);
}

/* ---- syncs ----------------------------------------------------------------------------------- */

static int open_sync(struct lx_udmabuf *u, enum lunq_sync dir, struct lunq_error *err)
{
    char path[LX_PATH];
    if (!attribute_path(u, dir == LUNQ_TO_DEVICE ? "sync_for_device" : "sync_for_cpu", path))
        return lunq_fail(err, LUNQ_IO, "The path of u-dma-buf %s is too long.", u->name);
    u->sync_file[dir] = open(path, O_WRONLY | O_CLOEXEC);
    if (u->sync_file[dir] >= 0)
        return 0;
    return lunq_fail(err, lx_errno_kind(errno), "%s can't be written: %s. Cached buffers need it.",
                     path, strerror(errno));
}

/* Whether buffers can be synced: version 4.7 needs no right but that to the device. */
static int can_sync(struct lx_udmabuf *u, struct lunq_error *err)
{
    int r = 0;
    for (enum lunq_sync dir = LUNQ_TO_DEVICE; r == 0 && dir <= LUNQ_FROM_DEVICE; dir++)
        if (!u->ioctls && u->sync_file[dir] < 0)
            r = open_sync(u, dir, err);
    return r;
}

/* One word says all: the offset in its upper half, the size, with the direction in bits 3:2 and 1 in bit 0.
 * To a file of sysfs it goes as a hexadecimal number. */
static bool sync_range(const struct lx_udmabuf *u, int fd, uint64_t from, uint64_t to,
                       enum lunq_sync dir)
{
    bool out = dir == LUNQ_TO_DEVICE;
    uint64_t word;
    char text[32];
    int len;
    from &= ~(uint64_t)(LINE - 1);
    to = (to + LINE - 1) & ~(uint64_t)(LINE - 1);
    word = from << 32 | ((to - from) & 0xfffffff0) | (out ? 1u : 2u) << 2 | 1u;
    if (u->ioctls)
        return ioctl(fd, out ? SYNC_FOR_DEVICE : SYNC_FOR_CPU, &word) == 0;
    len = snprintf(text, sizeof text, "0x%016" PRIX64, word);
    return pwrite(u->sync_file[dir], text, (size_t)len, 0) == len;
}

static uint8_t *map_of(const struct lx_udmabuf *u, const struct lunq_mem *m, int *view)
{
    for (int i = 0; i < 2; i++)
        if (u->view[i].map && m->host >= u->view[i].map &&
            (uint64_t)(m->host - u->view[i].map) < u->pool.size) {
            *view = i;
            return u->view[i].map;
        }
    return NULL;
}

int lx_udmabuf_sync(struct lx_udmabuf *u, const struct lunq_mem *m, size_t off, size_t n,
                    enum lunq_sync dir, struct lunq_error *err)
{
    int view = CACHED;
    uint64_t from = (uint64_t)(m->host - map_of(u, m, &view)) + off;
    if (sync_range(u, u->view[view].fd, from, from + n, dir))
        return 0;
    return lunq_fail(err, LUNQ_IO, "u-dma-buf did not sync %s: %s.", u->name, strerror(errno));
}

/* ---- buffers --------------------------------------------------------------------------------- */

static int map_view(struct lx_udmabuf *u, int view, struct lunq_error *err)
{
    void *map;
    int fd = u->view[view].fd, r;
    if (u->view[view].map)
        return 0;
    if (fd < 0 && (fd = open_device(u, view, err)) < 0)
        return fd;
    u->view[view].fd = fd;
    if ((r = set_mode(u, fd, err)) < 0)
        return r;
    map = u->pool.size > SIZE_MAX
              ? MAP_FAILED
              : mmap(NULL, (size_t)u->pool.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        return lunq_fail(err, lx_errno_kind(errno),
                         "%s/dev/%s: %" PRIu64 " bytes can't be mapped: %s.", u->x->root, u->name,
                         u->pool.size, strerror(errno));
    u->view[view].map = map;
    return 0;
}

/* Writes back what the caches hold of a block, if this user may. */
static void clean(struct lx_udmabuf *u, int view, const struct lunq_space_block *b)
{
    if (can_sync(u, NULL) == 0)
        sync_range(u, u->view[view].fd, b->addr, b->addr + b->size, LUNQ_TO_DEVICE);
}

int lx_udmabuf_alloc(struct lx_udmabuf *u, struct lunq_mem *m, struct lunq_error *err)
{
    int view = u->coherent || m->cacheable ? CACHED : UNCACHED, r;
    struct lunq_space_block *b;
    if ((!u->coherent && m->cacheable && (r = can_sync(u, err)) < 0) ||
        (r = map_view(u, view, err)) < 0 || (r = lx_pool_take(&u->pool, m->size, &b, err)) < 0)
        return r;
    m->host = u->view[view].map + b->addr;
    m->address = u->address + b->addr;
    m->coherent = u->coherent || view == UNCACHED;
    m->key = (uintptr_t)b;
    if (view == UNCACHED)
        clean(u, view, b); /* of what a cached buffer was there before */
    memset(m->host, 0, b->size);
    if (!m->coherent)
        clean(u, view, b); /* the zeros must not come down on what a master writes */
    return 0;
}

void lx_udmabuf_free(struct lx_udmabuf *u, struct lunq_mem *m)
{
    lx_pool_give(&u->pool, (struct lunq_space_block *)(uintptr_t)m->key);
}

struct lx_udmabuf *lx_udmabuf_of(struct lx_udmabuf *list, const struct lunq_mem *m)
{
    int view;
    while (list && !map_of(list, m, &view))
        list = list->next;
    return list;
}
