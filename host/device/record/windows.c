/* windows.c - accesses to a device that can only be mapped, such as a board: through windows of our own on the device
 * behind, each as large as the one of the script that was opened for it. */
#include <stdlib.h>

#include "../../core/mmio.h"
#include "recorder.h"

enum { PAGE = 4096 };

static bool holds(const struct lunq_mmio *w, uint64_t addr)
{
    return addr >= w->addr && addr - w->addr < w->size;
}

static struct lunq_mmio *open_window(struct recorder *c, uint64_t addr, struct lunq_error *err)
{
    struct lunq_mmio **more = realloc(c->windows, (c->n_windows + 1) * sizeof *more);
    const struct lunq_mmio *asked = c->dev.windows;
    if (!more) {
        lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
        return NULL;
    }
    c->windows = more;
    while (asked && !holds(asked, addr))
        asked = asked->next;
    if (lunq_mmio_open(&more[c->n_windows], c->inner, asked ? asked->addr : addr & ~(PAGE - 1ull),
                       asked ? asked->size : PAGE, false, err) < 0)
        return NULL;
    return more[c->n_windows++];
}

static struct lunq_mmio *window(struct recorder *c, uint64_t addr, struct lunq_error *err)
{
    for (size_t i = 0; i < c->n_windows; i++)
        if (holds(c->windows[i], addr))
            return c->windows[i];
    return open_window(c, addr, err);
}

int recorder_map_read(struct recorder *c, uint64_t addr, unsigned width, uint64_t *value,
                      struct lunq_error *err)
{
    struct lunq_mmio *w = window(c, addr, err);
    return w ? lunq_mmio_read(w, addr - w->addr, width, value, err) : err->kind;
}

int recorder_map_write(struct recorder *c, uint64_t addr, unsigned width, uint64_t value,
                       struct lunq_error *err)
{
    struct lunq_mmio *w = window(c, addr, err);
    return w ? lunq_mmio_write(w, addr - w->addr, width, value, err) : err->kind;
}

void recorder_unmap(struct recorder *c)
{
    for (size_t i = 0; i < c->n_windows; i++)
        lunq_mmio_unref(c->windows[i]);
    free(c->windows);
}
