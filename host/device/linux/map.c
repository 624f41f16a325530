/* map.c - windows onto registers: a UIO device's map where there is one, else /dev/mem. One mapping a
 * window, never one over all of the logic (linux-boards.md A1, A2, C2). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../core/bus_error.h"
#include "private.h"

enum { UIO_MAPS = 5 }; /* MAX_UIO_MAPS of include/linux/uio_driver.h */

struct lx_map {
    struct lunq_guarded guard; /* first: what is mapped, whole pages */
    uint64_t addr;             /* on the bus, of the first mapped byte */
    uint8_t *ptr;              /* as given out */
    int fd;
    uint64_t offset; /* in fd, of the first mapped byte */
    char how[32];    /* "uio3", "/dev/mem" */
    struct lx_map *next;
};

/* Where a window is found. */
struct place {
    char path[LX_PATH];
    uint64_t offset; /* in the file, a multiple of a page */
    uint64_t skip;   /* bytes from there to the window */
    char how[32];
};

static uint64_t page_size(void)
{
    return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Whether map m of a UIO device holds the window. Older kernels have no `offset` file: then the address
 * says where in the page the map begins. */
static bool uio_map_holds(const struct lunq_linux *x, unsigned n, unsigned m, uint64_t addr,
                          uint64_t size, uint64_t *skip)
{
    char path[LX_PATH];
    uint64_t base, length, in_page;
    if (!lx_path(path, x->root, "/sys/class/uio/uio%u/maps/map%u/addr", n, m) ||
        !lx_read_number(path, &base) ||
        !lx_path(path, x->root, "/sys/class/uio/uio%u/maps/map%u/size", n, m) ||
        !lx_read_number(path, &length))
        return false;
    if (addr < base || addr - base > length || length - (addr - base) < size)
        return false;
    if (!lx_path(path, x->root, "/sys/class/uio/uio%u/maps/map%u/offset", n, m) ||
        !lx_read_number(path, &in_page))
        in_page = base & (page_size() - 1);
    if (in_page >= page_size())
        return false;
    *skip = in_page + (addr - base);
    return true;
}

static bool find_uio(const struct lunq_linux *x, uint64_t addr, uint64_t size, struct place *p)
{
    char path[LX_PATH];
    DIR *d = lx_path(path, x->root, "/sys/class/uio") ? opendir(path) : NULL;
    struct dirent *e;
    bool found = false;
    while (d && !found && (e = readdir(d))) {
        int n = lx_index(e->d_name, "uio");
        for (unsigned m = 0; n >= 0 && !found && m < UIO_MAPS; m++) {
            found = uio_map_holds(x, (unsigned)n, m, addr, size, &p->skip) &&
                    lx_path(p->path, x->root, "/dev/uio%d", n);
            p->offset = m * page_size();
            snprintf(p->how, sizeof p->how, "uio%d", n);
        }
    }
    if (d)
        closedir(d);
    return found;
}

static bool find_mem(const struct lunq_linux *x, uint64_t addr, struct place *p)
{
    p->offset = addr & ~(page_size() - 1);
    p->skip = addr - p->offset;
    snprintf(p->how, sizeof p->how, "/dev/mem");
    return lx_path(p->path, x->root, "/dev/mem");
}

static int refused(const struct place *p, uint64_t addr, uint64_t size, int e,
                   struct lunq_error *err)
{
    bool mem = !strcmp(p->how, "/dev/mem");
    if (e == ENOENT && mem)
        return lunq_fail(err, LUNQ_DEVICE,
                         "0x%" PRIx64 " bytes at 0x%" PRIx64 " can't be reached: no UIO device has "
                         "them, and %s is not there. Give the IP a node compatible with "
                         "generic-uio (lunq dtbo), or use a kernel with CONFIG_DEVMEM=y.",
                         size, addr, p->path);
    if (e == EACCES || (e == EPERM && mem && geteuid() != 0))
        return lunq_fail(err, LUNQ_PERMISSION,
                         "0x%" PRIx64 " bytes at 0x%" PRIx64 " can't be reached: %s: %s. %s", size,
                         addr, p->path, strerror(e),
                         mem ? "No UIO device has them, and /dev/mem is for root: run as root, or "
                               "give the IP a node compatible with generic-uio."
                             : "Become a member of its group (udev rules of LUNQ: group lunq).");
    if (e == EPERM)
        return lunq_fail(err, LUNQ_PERMISSION,
                         "0x%" PRIx64 " bytes at 0x%" PRIx64 " can't be mapped by %s: %s. A driver "
                         "of the kernel has them (/proc/iomem names it), or they are memory.",
                         size, addr, p->path, strerror(e));
    return lunq_fail(err, LUNQ_IO,
                     "0x%" PRIx64 " bytes at 0x%" PRIx64 " can't be mapped by %s: %s.", size, addr,
                     p->path, strerror(e));
}

/* All of it: a UIO device takes the page of the offset for the number of a map. */
static void restore(struct lunq_guarded *g)
{
    struct lx_map *m = (struct lx_map *)g;
    mmap(g->base, g->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, m->fd, (off_t)m->offset);
}

static int map_place(struct lx_map *m, const struct place *p, uint64_t addr, uint64_t size,
                     struct lunq_error *err)
{
    uint64_t length = (p->skip + size + page_size() - 1) & ~(page_size() - 1);
    void *base;
    m->fd = open(p->path, O_RDWR | O_SYNC | O_CLOEXEC);
    if (m->fd < 0)
        return refused(p, addr, size, errno, err);
    base = length > SIZE_MAX || p->offset > (uint64_t)INT64_MAX
               ? MAP_FAILED
               : mmap(NULL, (size_t)length, PROT_READ | PROT_WRITE, MAP_SHARED, m->fd,
                      (off_t)p->offset);
    if (base == MAP_FAILED) {
        int e = errno;
        close(m->fd);
        return refused(p, addr, size, e, err);
    }
    m->guard = (struct lunq_guarded){.base = base, .size = (size_t)length, .restore = restore};
    m->addr = addr - p->skip;
    m->ptr = (uint8_t *)base + p->skip;
    m->offset = p->offset;
    memcpy(m->how, p->how, sizeof m->how);
    return 0;
}

volatile uint8_t *lx_map(struct lunq_device *d, uint64_t addr, uint64_t size,
                         struct lunq_error *err)
{
    struct lunq_linux *x = lx_of(d);
    struct place p;
    struct lx_map *m;
    if (size == 0 || addr > UINT64_MAX - size - page_size()) {
        lunq_fail(err, LUNQ_VALUE, "0x%" PRIx64 " bytes at 0x%" PRIx64 " can't be mapped.", size,
                  addr);
        return NULL;
    }
    if (lx_soc_in_pl(&x->soc, addr) && lx_ready(x, err) < 0)
        return NULL;
    if (!find_uio(x, addr, size, &p) && !find_mem(x, addr, &p)) {
        lunq_fail(err, LUNQ_VALUE, "The path of /dev/mem below %s is too long.", x->root);
        return NULL;
    }
    m = calloc(1, sizeof *m);
    if (!m) {
        lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
        return NULL;
    }
    if (map_place(m, &p, addr, size, err) < 0) {
        free(m);
        return NULL;
    }
    lunq_guard_add(&m->guard);
    m->next = x->maps;
    x->maps = m;
    return m->ptr;
}

static void close_map(struct lx_map *m)
{
    lunq_guard_remove(&m->guard);
    munmap(m->guard.base, m->guard.size);
    close(m->fd);
    free(m);
}

void lx_unmap(struct lunq_device *d, volatile uint8_t *ptr, uint64_t size)
{
    struct lx_map **p = &lx_of(d)->maps, *m;
    (void)size;
    while ((m = *p) && m->ptr != ptr)
        p = &m->next;
    if (!m)
        return;
    *p = m->next;
    close_map(m);
}

bool lx_map_find(const struct lunq_linux *x, const void *host, uint64_t *addr, const char **how)
{
    for (const struct lx_map *m = x->maps; m; m = m->next) {
        uintptr_t off = (uintptr_t)host - (uintptr_t)m->guard.base;
        if ((uintptr_t)host >= (uintptr_t)m->guard.base && off < m->guard.size) {
            *addr = m->addr + off;
            *how = m->how;
            return true;
        }
    }
    return false;
}

void lx_maps_close(struct lunq_linux *x)
{
    while (x->maps) {
        struct lx_map *m = x->maps;
        x->maps = m->next;
        close_map(m);
    }
}
