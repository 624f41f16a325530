/* memory_hugetlb.c - buffers in huge pages (../hugetlb.h) where no IOMMU stands between masters and memory.
 * The pages are cached, and cleaned by the program: for 64-bit ARM and machines with coherent DMA
 * (linux-boards.md A7). */
#include <dirent.h>
#include <string.h>

#include "../cache.h"
#include "../hugetlb.h"
#include "private.h"

/* The first IOMMU group that translates: then an address of memory is none of the bus. */
static bool translates(const char *root, char group[32])
{
    char path[LX_PATH], type[32];
    DIR *d = lx_path(path, root, "/sys/kernel/iommu_groups") ? opendir(path) : NULL;
    struct dirent *e;
    bool found = false;
    while (d && !found && (e = readdir(d)))
        if (e->d_name[0] != '.' && strlen(e->d_name) < 32) {
            strcpy(group, e->d_name);
            found = !lx_path(path, root, "/sys/kernel/iommu_groups/%s/type", group) ||
                    !lx_read(path, type, sizeof type) || strcmp(type, "identity") != 0;
        }
    if (d)
        closedir(d);
    return found;
}

static int hugetlb_open(struct lunq_linux *x, const char *part, void **state,
                        struct lunq_error *err)
{
    struct lunq_hugetlb *h;
    char group[32];
    int r = LUNQ_MEMORY;
    (void)part;
    if (translates(x->root, group))
        lunq_fail(err, LUNQ_MEMORY,
                  "an IOMMU translates what masters ask for (/sys/kernel/iommu_groups/%s): boot "
                  "argument iommu.passthrough=1, or u-dma-buf",
                  group);
    else if (!lx_cache_can())
        lunq_fail(err, LUNQ_MEMORY,
                  "huge pages are cached, and a program can't clean the caches of this processor: "
                  "u-dma-buf or zocl can");
    else
        r = lunq_hugetlb_open(&h, x->root, false, err);
    if (r < 0)
        return r == LUNQ_MEMORY ? 0 : r;
    *state = h;
    return 1;
}

static int hugetlb_alloc(void *state, struct lunq_mem *m, struct lunq_error *err)
{
    int r = lunq_hugetlb_alloc(state, m, err);
    if (r < 0)
        return r;
    m->coherent = false;
    lx_cache_sync(m->host, m->size, LUNQ_TO_DEVICE);
    return 0;
}

static void hugetlb_free(void *state, struct lunq_mem *m)
{
    lunq_hugetlb_free(state, m);
}

static int hugetlb_sync(void *state, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
                        struct lunq_error *err)
{
    (void)state, (void)err;
    lx_cache_sync(m->host + off, n, dir);
    return 0;
}

static void hugetlb_close(void *state)
{
    lunq_hugetlb_close(state);
}

const struct lx_memory_kind lx_kind_hugetlb = {
    .name = "hugetlb",
    .open = hugetlb_open,
    .alloc = hugetlb_alloc,
    .free = hugetlb_free,
    .sync = hugetlb_sync,
    .close = hugetlb_close,
};
