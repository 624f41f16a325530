/* memory_udmabuf_mgr.c - buffers in devices of u-dma-buf that are made when they are needed, by its module
 * u-dma-buf-mgr: "create NAME SIZE" and "delete NAME" written to its node (linux-boards.md A4). Making one
 * takes a device node and, where udev sets its group, a while: small buffers share one. The module does not
 * notice that a program has died; its devices bear its number, and the next program that makes one deletes them. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "private.h"
#include "udmabuf.h"

#define CHUNK UINT64_C(0x100000) /* the size of a device for small buffers */

enum { UDEV_STEP_MS = 5, UDEV_MOST_MS = 1000 };

static unsigned made; /* devices this process has tried to make, for whatever board */

struct manager {
    struct lunq_linux *x;
    struct lx_udmabuf *list;
    bool reclaimed;
};

static bool command(const struct manager *g, const char *verb, const char *name, uint64_t size)
{
    char path[LX_PATH], text[320]; /* any name of a folder fits */
    if (size > 0)
        snprintf(text, sizeof text, "%s %s %" PRIu64 "\n", verb, name, size);
    else
        snprintf(text, sizeof text, "%s %s\n", verb, name);
    return lx_path(path, g->x->root, "/dev/u-dma-buf-mgr") && lx_write(path, text);
}

/* Whether a device was made by a lunq that is no more; it may have had the number this one has now. */
static bool orphan(const char *name)
{
    const char *number = name + strlen(LX_MGR_PREFIX);
    char *end;
    unsigned long pid;
    if (strncmp(name, LX_MGR_PREFIX, strlen(LX_MGR_PREFIX)) || !isdigit((unsigned char)*number))
        return false;
    pid = strtoul(number, &end, 10);
    if (*end != '-' || pid == 0 || pid > INT32_MAX)
        return false;
    if ((pid_t)pid == getpid())
        return strtoul(end + 1, NULL, 10) + 1 >= made;
    return kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static void delete_orphans(const struct manager *g)
{
    for (size_t i = 0; lx_udmabuf_classes[i]; i++) {
        char path[LX_PATH];
        DIR *d = lx_path(path, g->x->root, "/sys/class/%s", lx_udmabuf_classes[i]) ? opendir(path)
                                                                                   : NULL;
        struct dirent *e;
        while (d && (e = readdir(d)))
            if (orphan(e->d_name))
                command(g, "delete", e->d_name, 0);
        if (d)
            closedir(d);
    }
}

static int manager_open(struct lunq_linux *x, const char *part, void **state,
                        struct lunq_error *err)
{
    char path[LX_PATH];
    struct manager *g;
    (void)part;
    if (!lx_path(path, x->root, "/dev/u-dma-buf-mgr") || access(path, W_OK) < 0) {
        int e = errno;
        if (e == EACCES)
            return lunq_fail(
                err, LUNQ_PERMISSION,
                "%s can't be written: %s (udev rules of LUNQ: become a member of group "
                "lunq)",
                path, strerror(e));
        lunq_fail(err, LUNQ_MEMORY,
                  "%s is not there: modprobe u-dma-buf-mgr (it makes buffers of any size)", path);
        return 0;
    }
    g = calloc(1, sizeof *g);
    if (!g)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    g->x = x;
    *state = g;
    return 1;
}

static int open_made(struct lx_udmabuf **u, const struct lunq_linux *x, const char *name,
                     struct lunq_error *err)
{
    char path[LX_PATH];
    size_t i = 0;
    while (lx_udmabuf_classes[i + 1] &&
           !(lx_path(path, x->root, "/sys/class/%s/%s", lx_udmabuf_classes[i], name) &&
             access(path, F_OK) == 0))
        i++;
    return lx_udmabuf_open(u, x, lx_udmabuf_classes[i], name, err);
}

/* Opens a device that was just made; udev gives it to its group a little later. */
static int open_when_allowed(struct lx_udmabuf **u, const struct lunq_linux *x, const char *name,
                             struct lunq_error *err)
{
    const struct timespec step = {.tv_nsec = UDEV_STEP_MS * 1000000L};
    int r = open_made(u, x, name, err);
    for (int ms = 0; r == LUNQ_PERMISSION && ms < UDEV_MOST_MS; ms += UDEV_STEP_MS) {
        nanosleep(&step, NULL);
        r = open_made(u, x, name, err);
    }
    return r;
}

static bool create(struct manager *g, const char *name, uint64_t *size, uint64_t least)
{
    if (!g->reclaimed)
        delete_orphans(g);
    g->reclaimed = true;
    if (command(g, "create", name, *size))
        return true;
    if (*size == least)
        return false;
    *size = least;
    return command(g, "create", name, *size);
}

static int add_device(struct manager *g, uint64_t bytes, struct lunq_error *err)
{
    /* whole pages, the largest there are */
    uint64_t least = (bytes + 0xffff) & ~UINT64_C(0xffff), size = least > CHUNK ? least : CHUNK;
    struct lx_udmabuf *u = NULL;
    char name[64];
    int r;
    snprintf(name, sizeof name, LX_MGR_PREFIX "%ld-%u", (long)getpid(), made++);
    if (!create(g, name, &size, least)) {
        int e = errno;
        return lunq_fail(err, e == EACCES || e == EPERM ? LUNQ_PERMISSION : LUNQ_MEMORY,
                         "Failed to allocate Memory! u-dma-buf-mgr made no buffer of %" PRIu64
                         " bytes: %s.",
                         size, strerror(e));
    }
    r = open_when_allowed(&u, g->x, name, err);
    if (r < 0) {
        command(g, "delete", name, 0);
        return r;
    }
    u->next = g->list;
    g->list = u;
    return 0;
}

static void drop(struct manager *g, struct lx_udmabuf *u)
{
    struct lx_udmabuf **p = &g->list;
    char name[sizeof u->name];
    while (*p != u)
        p = &(*p)->next;
    *p = u->next;
    memcpy(name, u->name, sizeof name);
    lx_udmabuf_close(u);
    command(g, "delete", name, 0);
}

static int manager_alloc(void *state, struct lunq_mem *m, struct lunq_error *err)
{
    struct manager *g = state;
    int r = LUNQ_MEMORY;
    if (m->size > UINT64_C(0xfff00000))
        return lunq_fail(err, LUNQ_MEMORY,
                         "Failed to allocate Memory! A buffer of u-dma-buf has less than 4 GiB, "
                         "%zu bytes were asked for.",
                         m->size);
    for (struct lx_udmabuf *u = g->list; u && r == LUNQ_MEMORY; u = u->next)
        r = lx_udmabuf_alloc(u, m, err);
    if (r != LUNQ_MEMORY)
        return r;
    r = add_device(g, m->size, err);
    if (r == 0 && (r = lx_udmabuf_alloc(g->list, m, err)) < 0)
        drop(g, g->list);
    return r;
}

/* One empty device stays for the next small buffer. */
static void manager_free(void *state, struct lunq_mem *m)
{
    struct manager *g = state;
    struct lx_udmabuf *u = lx_udmabuf_of(g->list, m);
    bool other = false;
    lx_udmabuf_free(u, m);
    if (u->pool.used > 0)
        return;
    for (const struct lx_udmabuf *v = g->list; v; v = v->next)
        other |= v != u && v->pool.used == 0;
    if (other || u->pool.size > CHUNK)
        drop(g, u);
}

static int manager_sync(void *state, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
                        struct lunq_error *err)
{
    struct manager *g = state;
    return lx_udmabuf_sync(lx_udmabuf_of(g->list, m), m, off, n, dir, err);
}

static void manager_close(void *state)
{
    struct manager *g = state;
    while (g->list)
        drop(g, g->list);
    free(g);
}

const struct lx_memory_kind lx_kind_udmabuf_mgr = {.name = "udmabuf-mgr",
                                                   .more = "More: boot argument cma=256M.",
                                                   .open = manager_open,
                                                   .alloc = manager_alloc,
                                                   .free = manager_free,
                                                   .sync = manager_sync,
                                                   .close = manager_close};
