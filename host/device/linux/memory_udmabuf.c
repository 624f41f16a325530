/* memory_udmabuf.c - buffers in the devices of the module u-dma-buf that somebody has made, by the device
 * tree or as parameters of the module. They are few and large: ours are cut out of them. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"
#include "udmabuf.h"

/* Opens all devices of a class. How many, or what the last one said. Those that lunq has made are each
 * somebody's own. */
static int open_class(struct lx_udmabuf **list, const struct lunq_linux *x, const char *class,
                      const char *part, struct lunq_error *err)
{
    char path[LX_PATH];
    DIR *d = lx_path(path, x->root, "/sys/class/%s", class) ? opendir(path) : NULL;
    struct dirent *e;
    int n = 0, r = 0;
    while (d && (e = readdir(d))) {
        struct lx_udmabuf *u;
        if (e->d_name[0] == '.' || !strncmp(e->d_name, LX_MGR_PREFIX, strlen(LX_MGR_PREFIX)))
            continue;
        if (*part && strcmp(e->d_name, part))
            continue;
        if ((r = lx_udmabuf_open(&u, x, class, e->d_name, err)) < 0)
            continue;
        u->next = *list;
        *list = u;
        n++;
    }
    if (d)
        closedir(d);
    return n > 0 ? n : r;
}

static int udmabuf_open(struct lunq_linux *x, const char *part, void **state,
                        struct lunq_error *err)
{
    struct lx_udmabuf **list = calloc(1, sizeof *list);
    int r = 0;
    if (!list)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    for (size_t i = 0; r == 0 && lx_udmabuf_classes[i]; i++)
        r = open_class(list, x, lx_udmabuf_classes[i], part, err);
    if (r > 0) {
        *state = list;
        return 1;
    }
    free(list);
    if (r == 0)
        lunq_fail(err, LUNQ_MEMORY,
                  "no buffer of the module u-dma-buf is there: modprobe u-dma-buf "
                  "udmabuf0=16777216, or a node compatible with ikwzm,u-dma-buf (lunq dtbo "
                  "--udmabuf)");
    return r;
}

static int udmabuf_alloc(void *state, struct lunq_mem *m, struct lunq_error *err)
{
    struct lx_udmabuf **list = state;
    int r = LUNQ_MEMORY;
    for (struct lx_udmabuf *u = *list; u && r == LUNQ_MEMORY; u = u->next)
        r = lx_udmabuf_alloc(u, m, err);
    return r;
}

static void udmabuf_free(void *state, struct lunq_mem *m)
{
    struct lx_udmabuf **list = state;
    lx_udmabuf_free(lx_udmabuf_of(*list, m), m);
}

static int udmabuf_sync(void *state, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
                        struct lunq_error *err)
{
    struct lx_udmabuf **list = state;
    return lx_udmabuf_sync(lx_udmabuf_of(*list, m), m, off, n, dir, err);
}

static void udmabuf_close(void *state)
{
    struct lx_udmabuf **list = state;
    while (*list) {
        struct lx_udmabuf *u = *list;
        *list = u->next;
        lx_udmabuf_close(u);
    }
    free(list);
}

const struct lx_memory_kind lx_kind_udmabuf = {
    .name = "udmabuf",
    .more = "More: a larger udmabuf0= of the module, or size = <...> of its node.",
    .open = udmabuf_open,
    .alloc = udmabuf_alloc,
    .free = udmabuf_free,
    .sync = udmabuf_sync,
    .close = udmabuf_close};
