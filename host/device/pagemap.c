/* pagemap.c - Documentation/admin-guide/mm/pagemap.rst: bit 63 present, bits 54:0 the page's number. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "pagemap.h"

static int look(int fd, uintptr_t page, uint64_t *frame)
{
    uint64_t entry = 0;
    if (pread(fd, &entry, sizeof entry, (off_t)page * (off_t)sizeof entry) != sizeof entry)
        return -1;
    *frame = entry >> 63 ? entry & ((UINT64_C(1) << 55) - 1) : 0;
    return 0;
}

int lx_physical(const char *root, const void *host, size_t n, uint64_t *address,
                struct lunq_error *err)
{
    char path[LX_PATH];
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t first = (uintptr_t)host / page, last = ((uintptr_t)host + n - 1) / page;
    uint64_t start = 0, frame;
    int fd = lx_path(path, root, "/proc/self/pagemap") ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return lunq_fail(err, LUNQ_PERMISSION, "%s can't be opened: %s.", path, strerror(errno));
    for (uintptr_t p = first; p <= last; p++) {
        int r = look(fd, p, &frame);
        if (r == 0 && frame == 0) {
            close(fd);
            return lunq_fail(err, geteuid() == 0 ? LUNQ_MEMORY : LUNQ_PERMISSION,
                             geteuid() == 0 ? "The kernel gives these pages no address."
                                            : "Physical addresses are shown to root only "
                                              "(CAP_SYS_ADMIN): use u-dma-buf, or run as root.");
        }
        if (p == first)
            start = frame;
        if (r < 0 || frame != start + (p - first)) {
            close(fd);
            return lunq_fail(err, LUNQ_MEMORY, "%zu bytes of memory are not contiguous.", n);
        }
    }
    close(fd);
    *address = start * page + (uintptr_t)host % page;
    return 0;
}

int lx_physical_shown(const char *root, struct lunq_error *err)
{
    uint64_t address;
    volatile char here = 1; /* on a page that is there */
    return lx_physical(root, (const void *)&here, 1, &address, err);
}
