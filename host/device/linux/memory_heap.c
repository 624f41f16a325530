/* memory_heap.c - buffers from a DMA-BUF heap of contiguous memory (linux-boards.md A5). The interface
 * tells no address, so this needs root; and its memory is cached, with no way to have the kernel clean the
 * caches for a master it does not know: processors that can't do it themselves are warned of. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../cache.h"
#include "../pagemap.h"
#include "private.h"

/* include/uapi/linux/dma-heap.h */
struct heap_allocation {
    uint64_t len;
    uint32_t fd, fd_flags;
    uint64_t heap_flags;
};
#define HEAP_ALLOC _IOWR('H', 0, struct heap_allocation)

struct heap {
    struct lunq_linux *x;
    int fd;
    char name[64];
    bool warned;
};

/* Names differ with kernel and device tree; "system" is scattered. The best first. */
static const char *const names[] = {"reserved", "linux,cma", "default_cma_region", "cma"};

static int open_named(const struct lunq_linux *x, const char *name)
{
    char path[LX_PATH];
    return lx_path(path, x->root, "/dev/dma_heap/%s", name) ? open(path, O_RDWR | O_CLOEXEC) : -1;
}

/* One of the known names, else any that has "cma" in it. */
static int open_any(struct heap *h, const char *part)
{
    char path[LX_PATH];
    DIR *d;
    struct dirent *e;
    if (*part) {
        snprintf(h->name, sizeof h->name, "%s", part);
        return h->fd = open_named(h->x, h->name);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(h->name, sizeof h->name, "%s", names[i]);
        h->fd = open_named(h->x, names[i]);
        if (h->fd >= 0 || errno != ENOENT)
            return h->fd;
    }
    d = lx_path(path, h->x->root, "/dev/dma_heap") ? opendir(path) : NULL;
    while (d && h->fd < 0 && (e = readdir(d)))
        if (strstr(e->d_name, "cma") && strlen(e->d_name) < sizeof h->name) {
            strcpy(h->name, e->d_name);
            h->fd = open_named(h->x, e->d_name);
        }
    if (d)
        closedir(d);
    return h->fd;
}

static int heap_open(struct lunq_linux *x, const char *part, void **state, struct lunq_error *err)
{
    struct heap *h = calloc(1, sizeof *h);
    int r;
    if (!h)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    h->x = x;
    h->fd = -1;
    errno = ENOENT;
    if (open_any(h, part) >= 0 && (r = lx_physical_shown(x->root, err)) < 0) {
        close(h->fd);
        free(h);
        return r;
    }
    if (h->fd < 0) {
        int e = errno;
        lunq_fail(err, e == EACCES || e == EPERM ? LUNQ_PERMISSION : LUNQ_MEMORY,
                  e == ENOENT ? "no DMA-BUF heap of contiguous memory is there: a kernel with "
                                "CONFIG_DMABUF_HEAPS_CMA=y and cma=128M"
                              : "/dev/dma_heap/%s can't be opened: %s",
                  h->name, strerror(e));
        free(h);
        return err->kind == LUNQ_MEMORY ? 0 : err->kind;
    }
    *state = h;
    return 1;
}

static void warn_of_caches(struct heap *h)
{
    if (h->warned || lx_cache_can() || lx_coherent(h->x))
        return;
    h->warned = true;
    lunq_warn(
        "user",
        "Buffers come from the DMA-BUF heap %s: they are cached, and this processor can't clean "
        "its caches from a program. Behind ports that are not coherent (HP) data will be wrong: "
        "load u-dma-buf instead.",
        h->name);
}

static int heap_alloc(void *state, struct lunq_mem *m, struct lunq_error *err)
{
    struct heap *h = state;
    struct heap_allocation a = {.len = m->size, .fd_flags = O_RDWR | O_CLOEXEC};
    void *host;
    int r;
    if (ioctl(h->fd, HEAP_ALLOC, &a) < 0)
        return lunq_fail(err, LUNQ_MEMORY,
                         "Failed to allocate Memory! %zu bytes from the DMA-BUF heap %s: %s.",
                         m->size, h->name, strerror(errno));
    host = mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_SHARED, (int)a.fd, 0);
    if (host == MAP_FAILED) {
        close((int)a.fd);
        return lunq_fail(err, LUNQ_IO, "%zu bytes of the DMA-BUF heap %s can't be mapped: %s.",
                         m->size, h->name, strerror(errno));
    }
    memset(host, 0, m->size); /* every page is there then */
    r = lx_physical(h->x->root, host, m->size, &m->address, err);
    if (r < 0) {
        munmap(host, m->size);
        close((int)a.fd);
        return r;
    }
    warn_of_caches(h);
    m->host = host;
    m->coherent = false;
    m->key = a.fd;
    lx_cache_sync(host, m->size, LUNQ_TO_DEVICE);
    return 0;
}

static void heap_free(void *state, struct lunq_mem *m)
{
    (void)state;
    munmap(m->host, m->size);
    close((int)m->key);
}

static int heap_sync(void *state, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
                     struct lunq_error *err)
{
    (void)state, (void)err;
    lx_cache_sync(m->host + off, n, dir);
    return 0;
}

static void heap_close(void *state)
{
    struct heap *h = state;
    close(h->fd);
    free(h);
}

const struct lx_memory_kind lx_kind_heap = {.name = "heap",
                                            .more = "More: boot argument cma=256M.",
                                            .open = heap_open,
                                            .alloc = heap_alloc,
                                            .free = heap_free,
                                            .sync = heap_sync,
                                            .close = heap_close};
