#include "xrt.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* XRT can't always say how many cards there are, and its noop shim opens any number (xrt.md 2). */
enum { MAX_CARDS = 64 };

/* ---- which card ---------------------------------------------------------------------------- */

struct which {
    unsigned index;
    const char *bdf; /* NULL: by index */
};

/* "65:00.1" or "0000:65:00.1" (xrtDeviceOpenByBDF). */
static bool is_bdf(const char *s)
{
    static const char *const shapes[] = {"xx:xx.x", "xxxx:xx:xx.x"};
    for (size_t i = 0; i < 2; i++) {
        const char *shape = shapes[i], *at = s;
        while (*at && *shape && (*shape == 'x' ? isxdigit((unsigned char)*at) : *at == *shape))
            at++, shape++;
        if (!*at && !*shape)
            return true;
    }
    return false;
}

static int parse(struct which *w, const char *spec, struct lunq_error *err)
{
    const char *text = spec + strlen("xrt");
    size_t digits;
    *w = (struct which){0};
    if (!strcmp(text, "") || !strcmp(text, ":"))
        return 0;
    text++;
    digits = strspn(text, "0123456789");
    if (text[-1] == ':' && !text[digits] && digits <= 4) {
        w->index = (unsigned)strtoul(text, NULL, 10);
        return 0;
    }
    if (text[-1] == ':' && is_bdf(text)) {
        w->bdf = text;
        return 0;
    }
    return lunq_fail(err, LUNQ_VALUE,
                     "\"%s\" names no card: there are xrt:0, xrt:1, ... and PCIe addresses as in "
                     "xrt:0000:65:00.1.",
                     spec);
}

/* How many cards there are; UINT32_MAX when only opening them tells. */
static unsigned count(const struct xrt_api *xrt)
{
    return xrt->probe ? xrt->probe() : UINT32_MAX;
}

static const char *emulation(void)
{
    const char *mode = getenv("XCL_EMULATION_MODE");
    return mode ? mode : "";
}

static int check_index(const struct xrt_library *l, unsigned index, struct lunq_error *err)
{
    unsigned n = count(&l->api);
    if (index < n && (n != UINT32_MAX || index < MAX_CARDS))
        return 0;
    if (n == 0)
        return lunq_fail(err, LUNQ_DEVICE,
                         "No Devices Found: %s sees no card%s%s. lunq doctor says what it "
                         "needs; --device sim:alveo works without one.",
                         l->name, *emulation() ? " with XCL_EMULATION_MODE=" : "", emulation());
    if (n == UINT32_MAX)
        n = MAX_CARDS;
    return lunq_fail(err, LUNQ_DEVICE, "There is no card xrt:%u: %s knows %u, the first is xrt:0.",
                     index, l->name, n);
}

static int open_handle(struct xrt_card *c, const struct xrt_library *l, const struct which *w,
                       const char *spec, struct lunq_error *err)
{
    char said[512];
    if (w->bdf && !l->api.device_open_bdf)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "%s can't open a card by its PCIe address (2.11 and later can): use "
                         "xrt:0, xrt:1, ...",
                         l->name);
    c->handle = w->bdf ? l->api.device_open_bdf(w->bdf) : l->api.device_open(w->index);
    if (c->handle)
        return 0;
    return lunq_fail(err, LUNQ_DEVICE,
                     "No Devices Found: %s can't open card %s. %s lunq doctor says more.", l->name,
                     spec, xrt_said(said, sizeof said));
}

/* struct xclDeviceInfo2 begins with a number, then char mName[256]; later releases made it longer. */
static void find_platform(struct xrt_card *c)
{
    const struct xrt_api *xrt = c->xrt;
    union {
        struct {
            uint32_t magic;
            char name[256];
        } head;
        uint64_t room[512];
    } info = {.room = {0}};
    void *shim = xrt->to_shim && xrt->info ? xrt->to_shim(c->handle) : NULL;
    if (shim && xrt->info(shim, &info) == 0)
        snprintf(c->platform, sizeof c->platform, "%.*s", (int)sizeof c->platform - 1,
                 info.head.name);
}

/* ---- life ---------------------------------------------------------------------------------- */

static void destroy(struct lunq_device *d)
{
    struct xrt_card *c = xrt_card(d);
    xrt_exit_forget(c);
    xrt_waiter_close(&c->waiter);
    xrt_close_windows(c);
    if (c->handle)
        c->xrt->device_close(c->handle);
    xrt_forget_design(c);
    free(c);
}

static const struct lunq_device_ops ops = {
    .kind = "xrt",
    .places = 1u << LUNQ_DEVICE_ONLY | 1u << LUNQ_HOST_ONLY | 1u << LUNQ_P2P,
    .destroy = destroy,
    .program = xrt_program,
    .read = xrt_read,
    .write = xrt_write,
    .alloc = xrt_alloc,
    .free = xrt_free,
    .sync = xrt_sync,
    .threads = true,
    .kernel_open = xrt_kernel_open,
    .kernel_close = xrt_kernel_close,
    .run_start = xrt_run_start,
    .run_look = xrt_run_look,
    .run_watch = xrt_run_watch,
    .run_free = xrt_run_free,
};

int lunq_xrt_open(struct lunq_device **out, const char *spec, struct lunq_error *err)
{
    const struct xrt_library *l;
    struct xrt_card *c;
    struct which w;
    int r = parse(&w, spec, err);
    if (r == 0)
        r = xrt_library(&l, err);
    if (r == 0 && !w.bdf)
        r = check_index(l, w.index, err);
    if (r < 0)
        return r;
    c = calloc(1, sizeof *c);
    if (!c)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    lunq_device_init(&c->dev, &ops, strcmp(spec, "xrt") && strcmp(spec, "xrt:") ? spec : "xrt:0");
    c->xrt = &l->api;
    xrt_waiter_init(&c->waiter);
    r = open_handle(c, l, &w, c->dev.name, err);
    if (r < 0) {
        destroy(&c->dev);
        return r;
    }
    find_platform(c);
    xrt_exit_add(c);
    xrt_exit_after(XRT_PART_DEVICE);
    *out = &c->dev;
    return 0;
}

/* Where only opening tells which cards there are. */
static unsigned count_by_opening(const struct xrt_api *xrt)
{
    unsigned n = 0;
    for (void *h; n < MAX_CARDS && (h = xrt->device_open(n)); n++)
        xrt->device_close(h);
    return n;
}

int lunq_xrt_list(const char *spec, char (*names)[LUNQ_DEVICE_NAME], size_t max,
                  struct lunq_error *err)
{
    const struct xrt_library *l;
    struct which w;
    unsigned n = 1;
    int r = parse(&w, spec, err);
    if (r == 0 && strcmp(spec, "xrt") != 0) {
        if (max > 0)
            snprintf(names[0], sizeof names[0], "%s", spec);
        return 1;
    }
    if (r == 0)
        r = xrt_library(&l, err);
    if (r == 0)
        r = check_index(l, 0, err); /* there is one */
    if (r < 0)
        return r;
    n = count(&l->api);
    if (n > MAX_CARDS)
        n = count_by_opening(&l->api);
    for (unsigned i = 0; i < n && i < max; i++)
        snprintf(names[i], sizeof names[i], "xrt:%u", i);
    return n > 0 ? (int)n : 1; /* opening says why there is none */
}
