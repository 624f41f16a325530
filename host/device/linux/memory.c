/* memory.c - which mechanism gives this board's contiguous memory: the first that works, or the one asked
 * for. What each can do: linux-boards.md A4 to A7. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux.h"
#include "private.h"

/* In the order they are tried. First what cleans the caches itself and needs no rights of root: a u-dma-buf
 * somebody has made for this, one made when it is needed, zocl. Then reserved memory, which is copied at each
 * sync but right behind every port. A heap and huge pages need root to know their addresses, and a processor
 * that lets a program clean its caches; huge pages also that no IOMMU is there. */
static const struct lx_memory_kind *const kinds[] = {&lx_kind_udmabuf, &lx_kind_udmabuf_mgr,
                                                     &lx_kind_zocl,    &lx_kind_reserved,
                                                     &lx_kind_heap,    &lx_kind_hugetlb};
#define N_KINDS (sizeof kinds / sizeof *kinds)

struct lx_memory {
    const struct lx_memory_kind *kind;
    void *state;
};

/* CmaTotal and CmaFree of /proc/meminfo, for messages. */
static const char *cma(const struct lunq_linux *x, char *buf, size_t size)
{
    char path[LX_PATH], text[4096];
    const char *total, *left;
    if (!lx_path(path, x->root, "/proc/meminfo") || !lx_read(path, text, sizeof text) ||
        !(total = strstr(text, "CmaTotal:")) || !(left = strstr(text, "CmaFree:")))
        return "This kernel has no contiguous memory (CMA): boot argument cma=128M.";
    snprintf(buf, size, "Contiguous memory of the kernel: CmaTotal%.*s, CmaFree%.*s.",
             (int)strcspn(total + 8, "\n"), total + 8, (int)strcspn(left + 7, "\n"), left + 7);
    return buf;
}

static int none(const struct lunq_linux *x, const char *why, struct lunq_error *err)
{
    char buf[160];
    return lunq_fail(
        err, LUNQ_MEMORY,
        "This board has no memory for buffers LUNQ can use:%s\n%s lunq doctor says more.", why,
        cma(x, buf, sizeof buf));
}

static int choose(struct lunq_linux *x, struct lunq_error *err)
{
    char why[1024] = "";
    bool known = !x->memory_kind[0];
    struct lx_memory *y = calloc(1, sizeof *y);
    if (!y)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    for (size_t i = 0; i < N_KINDS; i++) {
        struct lunq_error e;
        size_t at = strlen(why);
        int r;
        if (x->memory_kind[0] && strcmp(x->memory_kind, kinds[i]->name))
            continue;
        known = true;
        r = kinds[i]->open(x, x->memory_part, &y->state, &e);
        if (r > 0) {
            y->kind = kinds[i];
            x->memory = y;
            return 0;
        }
        snprintf(why + at, sizeof why - at, "\n  %s: %.300s", kinds[i]->name, e.message);
    }
    free(y);
    if (!known)
        return lunq_fail(err, LUNQ_VALUE,
                         "Device \"%s\": there is no memory \"%s\": " LX_MEMORY_KINDS ".",
                         x->dev.name, x->memory_kind);
    return none(x, why, err);
}

/* The kinds that could be asked for instead, for messages. */
static const char *others(struct lunq_linux *x, char *buf, size_t size)
{
    size_t used = 0;
    buf[0] = '\0';
    for (size_t i = 0; i < N_KINDS && used < size; i++) {
        struct lunq_error e;
        void *state;
        if (kinds[i] == x->memory->kind || kinds[i]->open(x, "", &state, &e) <= 0)
            continue;
        kinds[i]->close(state);
        used += (size_t)snprintf(buf + used, size - used, "%s%s",
                                 used ? ", " : " Also here: linux?memory=", kinds[i]->name);
    }
    if (used > 0 && used < size - 1)
        strcpy(buf + used, ".");
    return buf;
}

int lx_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err)
{
    struct lunq_linux *x = lx_of(d);
    struct lunq_error e;
    char buf[160], list[160];
    const char *more;
    int r;
    if (m->place != LUNQ_BOTH)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "On a board a buffer is always in memory that both sides share.");
    if (!x->memory && (r = choose(x, err)) < 0)
        return r;
    r = x->memory->kind->alloc(x->memory->state, m, &e);
    if (r == 0 && x->coherence == LX_COHERENT && !x->memory->kind->copies)
        m->coherent = true;
    if (r != LUNQ_MEMORY)
        return r < 0 ? lunq_fail(err, r, "%s", e.message) : 0;
    more = x->memory->kind->more;
    return lunq_fail(err, LUNQ_MEMORY, "%s%s%s %s%s", e.message, more ? " " : "", more ? more : "",
                     cma(x, buf, sizeof buf), others(x, list, sizeof list));
}

void lx_free(struct lunq_device *d, struct lunq_mem *m)
{
    struct lx_memory *y = lx_of(d)->memory;
    y->kind->free(y->state, m);
}

int lx_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n, enum lunq_sync dir,
            struct lunq_error *err)
{
    struct lx_memory *y = lx_of(d)->memory;
    if (!y->kind->copies && lx_coherent(lx_of(d)))
        return 0;
    return y->kind->sync(y->state, m, off, n, dir, err);
}

size_t lunq_linux_memory(struct lunq_device *d, struct lunq_linux_memory *out, size_t max)
{
    struct lunq_linux *x = lx_of(d);
    bool chosen = false;
    for (size_t i = 0; i < N_KINDS && i < max; i++) {
        struct lunq_error e = {0};
        void *state;
        bool asked = !strcmp(x->memory_kind, kinds[i]->name);
        out[i] = (struct lunq_linux_memory){.kind = kinds[i]->name};
        out[i].usable = kinds[i]->open(x, asked ? x->memory_part : "", &state, &e) > 0;
        if (out[i].usable)
            kinds[i]->close(state);
        out[i].chosen = out[i].usable && !chosen && (asked || !x->memory_kind[0]);
        chosen |= out[i].chosen;
        snprintf(out[i].why, sizeof out[i].why, "%.1000s", e.message);
    }
    return N_KINDS < max ? N_KINDS : max;
}

void lx_memory_close(struct lunq_linux *x)
{
    if (!x->memory)
        return;
    x->memory->kind->close(x->memory->state);
    free(x->memory);
    x->memory = NULL;
}
