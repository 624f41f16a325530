/* registers.c - the registers of compute units (xrt.md 2). Those XRT runs are reached through a kernel
 * handle of one unit; for others (user_managed, ap_ctrl_none) XRT's C API has nothing, and the older
 * shim API opens them for this process alone. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "private.h"

/* ---- windows ------------------------------------------------------------------------------- */

static const struct lunq_cu *find_unit(const struct xrt_card *c, uint64_t addr, size_t *index)
{
    const struct lunq_card *card = c->design ? &c->design->card : NULL;
    for (size_t i = 0; card && i < card->n_cus; i++) {
        const struct lunq_cu *cu = &card->cus[i];
        *index = i;
        if (cu->has_address && addr >= cu->base && addr - cu->base < cu->range)
            return cu;
    }
    return NULL;
}

static bool is_xrts(const struct lunq_cu *cu)
{
    return cu->control == LUNQ_CTRL_HS || cu->control == LUNQ_CTRL_CHAIN;
}

static int not_open(const struct xrt_card *c, const struct lunq_cu *cu, struct lunq_error *err)
{
    char said[512];
    return lunq_fail(err, LUNQ_DEVICE,
                     "Could not open CU context - %s on card %s. %s Another program may use it.",
                     cu->full, c->dev.name, xrt_said(said, sizeof said));
}

static int open_kernel(struct xrt_card *c, const struct lunq_cu *cu, struct xrt_window *w,
                       struct lunq_error *err)
{
    char name[512];
    snprintf(name, sizeof name, "%s:{%s}", cu->kernel, cu->name);
    w->kernel = c->xrt->kernel_open(c->handle, c->design->card.uuid, name);
    return w->kernel ? 0 : not_open(c, cu, err);
}

static int open_context(struct xrt_card *c, const struct lunq_cu *cu, struct xrt_window *w,
                        struct lunq_error *err)
{
    const struct xrt_api *xrt = c->xrt;
    void *shim = xrt->to_shim ? xrt->to_shim(c->handle) : NULL;
    int ip = shim && xrt->ip_index ? xrt->ip_index(shim, cu->full) : (int)cu->index;
    if (!shim || !xrt->context_open || !xrt->context_close || !xrt->reg_read || !xrt->reg_write)
        return lunq_fail(
            err, LUNQ_UNSUPPORTED,
            "The registers of %s can't be reached: it is %s, which this XRT's C functions "
            "know nothing of (2.15 was the last release that has xclRegRead and "
            "xclRegWrite for sure).",
            cu->full, cu->control == LUNQ_CTRL_NONE ? "ap_ctrl_none" : "user_managed");
    if (ip < 0 || xrt->context_open(shim, c->design->card.uuid, (unsigned)ip, false) != 0)
        return not_open(c, cu, err);
    w->ip = (unsigned)ip;
    w->context = true;
    return 0;
}

struct access {
    const struct lunq_cu *cu;
    struct xrt_window *window;
    uint32_t offset;
    unsigned words;
};

/* A register of 8 bytes is two words of a 32-bit bus, as the kernels of Vitis have them. */
static int find(struct xrt_card *c, uint64_t addr, unsigned width, struct access *a,
                struct lunq_error *err)
{
    size_t index;
    a->cu = find_unit(c, addr, &index);
    if (!a->cu || width > a->cu->range - (addr - a->cu->base)) {
        lunq_fail(err, LUNQ_IO,
                  "Nothing can be reached at 0x%" PRIx64 " of card %s: only registers of compute "
                  "units can, and memory through buffers.",
                  addr, c->dev.name);
        return lunq_fault(err);
    }
    if (width < 4)
        return lunq_fail(
            err, LUNQ_UNSUPPORTED,
            "Registers of %s are read and written in 4 bytes, not %u: XRT has no other "
            "access.",
            a->cu->full, width);
    if (!c->windows && !(c->windows = calloc(c->design->card.n_cus, sizeof *c->windows)))
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    a->window = &c->windows[index];
    a->offset = (uint32_t)(addr - a->cu->base);
    a->words = width / 4;
    if (a->window->kernel || a->window->context)
        return 0;
    return is_xrts(a->cu) ? open_kernel(c, a->cu, a->window, err)
                          : open_context(c, a->cu, a->window, err);
}

void xrt_close_windows(struct xrt_card *c)
{
    for (size_t i = 0; c->windows && i < c->design->card.n_cus; i++) {
        const struct xrt_window *w = &c->windows[i];
        if (w->kernel)
            c->xrt->kernel_close(w->kernel);
        if (w->context)
            c->xrt->context_close(c->xrt->to_shim(c->handle), c->design->card.uuid, w->ip);
    }
    free(c->windows);
    c->windows = NULL;
}

/* ---- access -------------------------------------------------------------------------------- */

static int failed(const struct xrt_card *c, const struct access *a, const char *what,
                  struct lunq_error *err)
{
    char said[512];
    lunq_fail(err, LUNQ_IO, "Card %s: register 0x%" PRIx32 " of %s can't be %s. %s", c->dev.name,
              a->offset, a->cu->full, what, xrt_said(said, sizeof said));
    return lunq_fault(err);
}

static int read_word(const struct xrt_card *c, const struct access *a, unsigned i, uint32_t *word)
{
    uint32_t offset = a->offset + 4 * i;
    if (a->window->kernel)
        return c->xrt->kernel_read(a->window->kernel, offset, word);
    return c->xrt->reg_read(c->xrt->to_shim(c->handle), a->window->ip, offset, word);
}

static int write_word(const struct xrt_card *c, const struct access *a, unsigned i, uint32_t word)
{
    uint32_t offset = a->offset + 4 * i;
    if (a->window->kernel)
        return c->xrt->kernel_write(a->window->kernel, offset, word);
    return c->xrt->reg_write(c->xrt->to_shim(c->handle), a->window->ip, offset, word);
}

int xrt_read(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t *value,
             struct lunq_error *err)
{
    struct xrt_card *c = xrt_card(d);
    struct access a;
    uint32_t word = 0;
    int r = find(c, addr, width, &a, err);
    if (r < 0)
        return r;
    *value = 0;
    for (unsigned i = 0; i < a.words; i++) {
        if (read_word(c, &a, i, &word) != 0)
            return failed(c, &a, "read", err);
        *value |= (uint64_t)word << 32 * i;
    }
    return 0;
}

int xrt_write(struct lunq_device *d, uint64_t addr, unsigned width, uint64_t value,
              struct lunq_error *err)
{
    struct xrt_card *c = xrt_card(d);
    struct access a;
    int r = find(c, addr, width, &a, err);
    if (r < 0)
        return r;
    for (unsigned i = 0; i < a.words; i++)
        if (write_word(c, &a, i, (uint32_t)(value >> 32 * i)) != 0)
            return failed(c, &a, "written", err);
    return 0;
}
