/* linux.c - the board this program runs on, as a device: how it is opened, and its table of functions. */
#include "linux.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/mmio.h"
#include "../lockfile.h"
#include "private.h"

/* ---- accesses ------------------------------------------------------------------------------- */

static int dev_bus_error(struct lunq_device *d, const void *host, struct lunq_error *err)
{
    uint64_t addr = 0;
    const struct lunq_mapping *m = lunq_mapping_find(lx_of(d)->maps, host, &addr);
    const struct lunq_ip *ip;
    if (!m) {
        lunq_fail(err, LUNQ_IO, "Bus error in a window that is closed.");
        return lunq_fault(err);
    }
    ip = d->design ? lunq_design_ip_at(d->design, addr) : NULL;
    lunq_fail(err, LUNQ_IO,
              "Bus error (SIGBUS) at 0x%" PRIx64
              "%s%s, mapped by %s: nothing answers there. Is the "
              "design loaded the one the metadata describe, does the IP have its clock, is its "
              "reset released?",
              addr, ip ? ", " : "", ip ? ip->key : "", m->how);
    return lunq_fault(err);
}

static enum lunq_ps dev_ps(struct lunq_device *d, uint64_t *ref_hz)
{
    *ref_hz = lx_of(d)->soc.ref_hz;
    return lx_of(d)->soc.ps;
}

/* ---- interrupts ------------------------------------------------------------------------------ */

static int dev_irq_arm(struct lunq_device *d, unsigned gic, bool on, struct lunq_error *err)
{
    return lunq_uio_lines_arm(&lx_of(d)->lines, gic, on, err);
}

static int dev_irq_take(struct lunq_device *d, unsigned gic, uint64_t *count, uint64_t *when,
                        struct lunq_error *err)
{
    return lunq_uio_lines_take(&lx_of(d)->lines, gic, count, when, err);
}

static int dev_irq_read(struct lunq_device *d, unsigned gic, uint64_t *count, uint64_t *when,
                        struct lunq_error *err)
{
    return lunq_uio_lines_read(&lx_of(d)->lines, gic, count, when, err);
}

static int dev_irq_fd(struct lunq_device *d, unsigned gic)
{
    return lunq_uio_lines_fd(&lx_of(d)->lines, gic);
}

/* ---- other programs -------------------------------------------------------------------------- */

static const char *dev_run_folder(struct lunq_device *d)
{
    struct lunq_linux *x = lx_of(d);
    bool shared = false, there;
    if (x->run_asked)
        return x->run[0] ? x->run : NULL;
    x->run_asked = true;
    there = lunq_run_folder(x->root, x->run, &shared);
    if (there && !shared)
        lunq_warn("resource",
                  "/run/lunq/programs can't be used by this user: locks and the note of what is "
                  "loaded are in "
                  "%s, where programs of other users don't see them. (As root: mkdir -p "
                  "/run/lunq/programs; "
                  "chgrp lunq /run/lunq/programs; chmod 2775 /run/lunq/programs)",
                  x->run);
    else if (!there)
        lunq_warn("resource",
                  "/run/lunq/programs can't be used by this user, and there is no XDG_RUNTIME_DIR: "
                  "nothing keeps programs that use the board out of each other's way.");
    return there ? x->run : NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void dev_destroy(struct lunq_device *d)
{
    struct lunq_linux *x = lx_of(d);
    lunq_uio_lines_close(&x->lines);
    lunq_mapping_close(&x->maps);
    lx_memory_close(x);
    free(x);
}

static const struct lunq_device_ops ops = {
    .kind = "linux",
    .needs_bitstream = true,
    .run_folder = dev_run_folder,
    .destroy = dev_destroy,
    .program = lx_program,
    .map = lx_map,
    .unmap = lx_unmap,
    .bus_error = dev_bus_error,
    .alloc = lx_alloc,
    .free = lx_free,
    .sync = lx_sync,
    .irq_arm = dev_irq_arm,
    .irq_take = dev_irq_take,
    .irq_read = dev_irq_read,
    .irq_fd = dev_irq_fd,
    .gpio_chip = lx_gpio_chip,
    .gpio_open = lx_gpio_open,
    .gpio_close = lx_gpio_close,
    .gpio_read = lx_gpio_read,
    .gpio_write = lx_gpio_write,
    .gpio_watch = lx_gpio_watch,
    .gpio_edges = lx_gpio_edges,
    .ps = dev_ps,
    .clock_get = lx_clock_get,
    .clock_set = lx_clock_set,
    .clock_running = lx_clock_running,
    .clocks_changed = lunq_mmio_map_all, /* lx_map looks at them */
};

bool lunq_linux_is(const struct lunq_device *d)
{
    return d->ops == &ops;
}

/* "KIND" or "KIND:PART". False: too long. */
static bool memory_option(struct lunq_linux *x, const char *s, size_t n)
{
    const char *colon = memchr(s, ':', n);
    size_t kind = colon ? (size_t)(colon - s) : n, part = colon ? n - kind - 1 : 0;
    if (kind == 0 || kind >= sizeof x->memory_kind || part >= sizeof x->memory_part)
        return false;
    snprintf(x->memory_kind, sizeof x->memory_kind, "%.*s", (int)kind, s);
    snprintf(x->memory_part, sizeof x->memory_part, "%.*s", (int)part, colon ? colon + 1 : "");
    return true;
}

static int option(struct lunq_linux *x, const char *s, size_t n, const char *spec,
                  struct lunq_error *err)
{
    if (n > 5 && !memcmp(s, "root=", 5) && n - 5 < sizeof x->root)
        memcpy(x->root, s + 5, n - 5);
    else if (n == 7 && (!memcmp(s, "force=1", 7) || !memcmp(s, "force=0", 7)))
        x->force = s[6] == '1';
    else if (n == 10 && (!memcmp(s, "coherent=1", 10) || !memcmp(s, "coherent=0", 10)))
        x->coherence = s[9] == '1' ? LX_COHERENT : LX_NOT_COHERENT;
    else if (n == 6 && (!memcmp(s, "lock=0", 6) || !memcmp(s, "lock=1", 6)))
        x->dev.unlocked = s[5] == '0';
    else if (n < 7 || memcmp(s, "memory=", 7) || !memory_option(x, s + 7, n - 7))
        return lunq_fail(
            err, LUNQ_VALUE,
            "Device \"%s\": unknown option \"%.*s\". It knows force=1 (no checks before "
            "the first access), lock=0 (no locks against other programs), memory=" LX_MEMORY_KINDS
            " (one of them: memory=udmabuf:NAME), coherent=1 (masters see the caches: no syncs; 0: "
            "they "
            "don't), and root=DIR "
            "(/proc, /sys and /dev below a folder, for tests).",
            spec, (int)n, s);
    return 0;
}

static int parse(struct lunq_linux *x, const char *spec, struct lunq_error *err)
{
    const char *s = spec + strlen("linux");
    int r = 0;
    if (*s && *s != '?')
        return lunq_fail(
            err, LUNQ_VALUE,
            "\"%s\" names no device: a board is just \"linux\", with options after a ?.", spec);
    for (; r == 0 && *s; s += strcspn(s, "&")) {
        s++;
        r = option(x, s, strcspn(s, "&"), spec, err);
    }
    return r;
}

int lunq_linux_open(struct lunq_device **out, const char *spec, struct lunq_error *err)
{
    struct lunq_linux *x = calloc(1, sizeof *x);
    int r;
    if (!x)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    if ((r = parse(x, spec, err)) < 0 || (r = lx_soc_detect(&x->soc, x->root, err)) < 0) {
        free(x);
        return r;
    }
    lunq_device_init(&x->dev, &ops, spec);
    x->dev.root = x->lines.root = x->root;
    x->bank.name = "PSDDR";
    x->dev.banks = &x->bank;
    x->dev.n_banks = 1;
    *out = &x->dev;
    return 0;
}
