/* map.c - windows onto registers: a UIO device's map where there is one, else /dev/mem. One mapping a
 * window, never one over all of the logic (linux-boards.md A1, A2, C2). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

enum { UIO_MAPS = 5 }; /* MAX_UIO_MAPS of include/linux/uio_driver.h */

/* Where a window is found. */
struct place {
    char path[LX_PATH];
    uint64_t offset; /* in the file, a multiple of a page */
    uint64_t skip;   /* bytes from there to the window */
    char how[32];
};

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
        in_page = base & (lunq_page_size() - 1);
    if (in_page >= lunq_page_size())
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
            p->offset = m * lunq_page_size();
            snprintf(p->how, sizeof p->how, "uio%d", n);
        }
    }
    if (d)
        closedir(d);
    return found;
}

static bool find_mem(const struct lunq_linux *x, uint64_t addr, struct place *p)
{
    p->offset = addr & ~(lunq_page_size() - 1);
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

volatile uint8_t *lx_map(struct lunq_device *d, uint64_t addr, uint64_t size,
                         struct lunq_error *err)
{
    struct lunq_linux *x = lx_of(d);
    struct lunq_mapping *m = NULL;
    struct place p;
    int fd;
    if (size == 0 || addr > UINT64_MAX - size - lunq_page_size()) {
        lunq_fail(err, LUNQ_VALUE, "0x%" PRIx64 " bytes at 0x%" PRIx64 " can't be mapped.", size,
                  addr);
        return NULL;
    }
    if (lx_soc_in_pl(&x->soc, addr) && lx_ready(x, addr, err) < 0)
        return NULL;
    if (!find_uio(x, addr, size, &p) && !find_mem(x, addr, &p)) {
        lunq_fail(err, LUNQ_VALUE, "The path of /dev/mem below %s is too long.", x->root);
        return NULL;
    }
    fd = open(p.path, O_RDWR | O_SYNC | O_CLOEXEC);
    if (fd >= 0)
        m = lunq_mapping_add(&x->maps, fd, p.offset, p.skip, size, addr, p.how);
    if (m)
        return m->ptr;
    refused(&p, addr, size, errno, err);
    return NULL;
}

void lx_unmap(struct lunq_device *d, volatile uint8_t *ptr, uint64_t size)
{
    (void)size;
    lunq_mapping_remove(&lx_of(d)->maps, ptr);
}
