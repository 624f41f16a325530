/* memory_zocl.c - buffer objects of zocl, the driver XRT has for boards, which images of PYNQ bring along
 * (linux-boards.md A6). No xclbin is needed: memory index 0 is the kernel's contiguous memory. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "private.h"

/* zynq_ioctl.h of XRT; the same layout in programs of 32 and 64 bits. */
struct create_bo {
    uint64_t size;
    uint32_t handle, flags;
};
struct map_bo {
    uint32_t handle, pad;
    uint64_t offset;
};
struct sync_bo {
    uint32_t handle, direction; /* 0 to the device, 1 from it */
    uint64_t offset, size;
};
struct info_bo {
    uint32_t handle, flags;
    uint64_t size, address;
};
_Static_assert(sizeof(struct create_bo) == 16 && sizeof(struct map_bo) == 16 &&
                   sizeof(struct sync_bo) == 24 && sizeof(struct info_bo) == 24,
               "layouts of zocl");
#define CREATE_BO _IOWR('d', 0x40, struct create_bo)
#define MAP_BO _IOWR('d', 0x43, struct map_bo)
#define SYNC_BO _IOWR('d', 0x44, struct sync_bo)
#define INFO_BO _IOWR('d', 0x45, struct info_bo)

/* include/uapi/drm/drm.h, which Debian puts into another package than the rest; of words and pointers, so
 * its number differs between 32 and 64 bits. */
struct version {
    int major, minor, patch;
    size_t name_size;
    char *name;
    size_t date_size;
    char *date;
    size_t description_size;
    char *description;
};
struct gem_close {
    uint32_t handle, pad;
};
#define VERSION _IOWR('d', 0x00, struct version)
#define GEM_CLOSE _IOW('d', 0x09, struct gem_close)

#define FLAG_CACHEABLE (UINT32_C(1) << 24)
#define FLAG_CMA (UINT32_C(1) << 28)

struct zocl {
    int fd;
};

/* Signals and a busy driver make DRM's calls come back early. */
static int drm(int fd, unsigned long request, void *arg)
{
    int r;
    do
        r = ioctl(fd, request, arg);
    while (r < 0 && (errno == EINTR || errno == EAGAIN));
    return r;
}

static bool is_zocl(int fd)
{
    char name[16] = "";
    struct version v = {.name = name, .name_size = sizeof name - 1};
    return drm(fd, VERSION, &v) == 0 && !strcmp(name, "zocl");
}

/* The descriptor of the first render node that is zocl's; -1, *denied: one can't be opened. */
static int find(const char *root, char denied[LX_PATH])
{
    char path[LX_PATH];
    struct dirent *e;
    int fd = -1;
    DIR *d = lx_path(path, root, "/dev/dri") ? opendir(path) : NULL;
    denied[0] = '\0';
    while (d && fd < 0 && (e = readdir(d))) {
        if (lx_index(e->d_name, "renderD") < 0 || !lx_path(path, root, "/dev/dri/%s", e->d_name))
            continue;
        fd = open(path, O_RDWR | O_CLOEXEC);
        if (fd < 0 && errno == EACCES)
            memcpy(denied, path, LX_PATH);
        if (fd >= 0 && !is_zocl(fd)) {
            close(fd);
            fd = -1;
        }
    }
    if (d)
        closedir(d);
    return fd;
}

static int zocl_open(struct lunq_linux *x, const char *part, void **state, struct lunq_error *err)
{
    char denied[LX_PATH];
    struct zocl *z = calloc(1, sizeof *z);
    (void)part;
    if (!z)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    z->fd = find(x->root, denied);
    if (z->fd >= 0) {
        *state = z;
        return 1;
    }
    free(z);
    if (denied[0])
        return lunq_fail(
            err, LUNQ_PERMISSION,
            "%s can't be opened: %s (udev rules of LUNQ or XRT: become a member of its "
            "group)",
            denied, strerror(EACCES));
    lunq_fail(
        err, LUNQ_MEMORY,
        "no render node below /dev/dri is of the driver zocl: modprobe zocl (of XRT), and its "
        "node in the device tree");
    return 0;
}

static void close_object(const struct zocl *z, uint32_t handle)
{
    struct gem_close c = {.handle = handle};
    drm(z->fd, GEM_CLOSE, &c);
}

/* Address and mapping of an object; 0 or -1 with errno. */
static int map_object(const struct zocl *z, uint32_t handle, struct lunq_mem *m)
{
    struct info_bo info = {.handle = handle};
    struct map_bo map = {.handle = handle};
    void *host;
    if (drm(z->fd, INFO_BO, &info) < 0 || drm(z->fd, MAP_BO, &map) < 0)
        return -1;
    if (info.size < m->size || map.offset > (uint64_t)INT64_MAX) {
        errno = ENOMEM;
        return -1;
    }
    host = mmap(NULL, m->size, PROT_READ | PROT_WRITE, MAP_SHARED, z->fd, (off_t)map.offset);
    if (host == MAP_FAILED)
        return -1;
    m->host = host;
    m->address = info.address;
    return 0;
}

static int zocl_sync(void *state, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
                     struct lunq_error *err)
{
    struct zocl *z = state;
    struct sync_bo s = {.handle = (uint32_t)m->key,
                        .direction = dir == LUNQ_TO_DEVICE ? 0 : 1,
                        .offset = off,
                        .size = n};
    return drm(z->fd, SYNC_BO, &s) == 0
               ? 0
               : lunq_fail(err, LUNQ_IO, "zocl did not sync %zu bytes at %zu of a buffer: %s.", n,
                           off, strerror(errno));
}

static void zocl_free(void *state, struct lunq_mem *m)
{
    munmap(m->host, m->size);
    close_object(state, (uint32_t)m->key);
}

static int zocl_alloc(void *state, struct lunq_mem *m, struct lunq_error *err)
{
    struct zocl *z = state;
    struct create_bo c = {.size = m->size, .flags = FLAG_CMA | (m->cacheable ? FLAG_CACHEABLE : 0)};
    int r = 0;
    if (drm(z->fd, CREATE_BO, &c) < 0)
        return lunq_fail(err, LUNQ_MEMORY,
                         "Failed to allocate Memory! zocl made no buffer of %zu bytes: %s.",
                         m->size, strerror(errno));
    if (map_object(z, c.handle, m) < 0) {
        int e = errno;
        close_object(z, c.handle);
        return lunq_fail(err, LUNQ_IO, "A buffer of zocl of %zu bytes can't be mapped: %s.",
                         m->size, strerror(e));
    }
    m->key = c.handle;
    m->coherent = !m->cacheable;
    memset(m->host, 0, m->size);
    if (!m->coherent && (r = zocl_sync(z, m, 0, m->size, LUNQ_TO_DEVICE, err)) < 0)
        zocl_free(z, m);
    return r;
}

static void zocl_close(void *state)
{
    struct zocl *z = state;
    close(z->fd);
    free(z);
}

const struct lx_memory_kind lx_kind_zocl = {
    .name = "zocl",
    .more = "More: boot argument cma=256M.",
    .open = zocl_open,
    .alloc = zocl_alloc,
    .free = zocl_free,
    .sync = zocl_sync,
    .close = zocl_close,
};
