#include "device.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flight.h"
#include "gpio.h"
#include "irq.h"
#include "mmio.h"
#include "progress.h"
#include "run_internal.h"

volatile int lunq_interrupted;

void lunq_device_init(struct lunq_device *d, const struct lunq_device_ops *ops, const char *name)
{
    static uint64_t devices;
    d->serial = ++devices;
    d->ops = ops;
    d->refs = 1;
    d->direct = true;
    snprintf(d->name, sizeof d->name, "%s", name);
}

struct lunq_device *lunq_device_ref(struct lunq_device *d)
{
    d->refs++;
    return d;
}

void lunq_device_unref(struct lunq_device *d)
{
    if (!d || --d->refs > 0)
        return;
    lunq_graph_free(d);
    lunq_design_unref(d->design);
    d->design = NULL;
    free(d->line);
    d->ops->destroy(d);
}

static bool inside_region(const struct lunq_design *design, const char *region,
                          const struct lunq_mmio *m)
{
    if (!design)
        return false;
    for (size_t i = 0; i < design->n_ip; i++) {
        const struct lunq_ip *ip = &design->ip[i];
        size_t n = strlen(region);
        bool in = ip->region != LUNQ_NONE && !strcmp(design->regions[ip->region].path, region);
        in = in || (!strncmp(ip->key, region, n) && ip->key[n] == '/');
        if (in && m->addr >= ip->phys_addr && m->addr - ip->phys_addr < ip->addr_range)
            return true;
    }
    return false;
}

/* Windows made for an older design must not reach what stands at their address now. */
static void windows_after_program(struct lunq_device *d, const struct lunq_design *old,
                                  const char *region)
{
    for (struct lunq_mmio *m = d->windows; m; m = m->next) {
        if (m->bound && !m->stale && (!region || inside_region(old, region, m)))
            lunq_mmio_expire(m);
        else if (!m->stale)
            lunq_mmio_map(m);
    }
}

/* What the device had is gone: `now` (NULL: nothing) stands there. */
static void replace(struct lunq_device *d, const char *region, struct lunq_design *now)
{
    struct lunq_design *old = d->design;
    if (!region)
        d->design = now ? lunq_design_ref(now) : NULL;
    windows_after_program(d, old, region); /* maps by the new one */
    if (region)
        return;
    d->loads++;
    lunq_irqs_expire(d);
    lunq_gpio_expire(d);
    lunq_design_unref(old);
}

int lunq_device_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err)
{
    const char *slash = strrchr(p->design->file, '/');
    bool noted = lunq_flight_on;
    struct lunq_progress progress = {.on = false};
    int r;
    if (!d->ops->program)
        return lunq_fail(err, LUNQ_UNSUPPORTED, "Device %s can't load a design.", d->name);
    lunq_device_ref(d); /* a warning may run a script that closes it */
    if (!p->region)
        lunq_runs_close(d);
    d->lost = false;
    lunq_flight_on = false; /* a device behind this one may be told the same */
    if (!d->ops->advance)   /* a bitstream goes somewhere: seconds, in the kernel */
        lunq_progress_block(&progress, "loading the design");
    r = d->ops->program(d, p, err);
    lunq_progress_end(&progress);
    lunq_flight_on = noted;
    if (r == 0 || d->lost)
        replace(d, p->region, r == 0 ? p->design : NULL);
    if (r == 0 && lunq_flight_on)
        lunq_flight_note(d, LUNQ_FLIGHT_LOAD, slash ? slash + 1 : p->design->file, 0, 0);
    lunq_device_unref(d);
    return r < 0 ? r : 0;
}

void lunq_device_adopt(struct lunq_device *d, struct lunq_design *design)
{
    lunq_device_ref(d);
    d->lost = false;
    if (d->ops->adopt)
        d->ops->adopt(d, design);
    replace(d, NULL, design);
    lunq_device_unref(d);
}

uint64_t lunq_device_now(struct lunq_device *d)
{
    struct timespec t;
    if (d && d->ops->now)
        return d->ops->now(d);
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void lunq_wait_begin(struct lunq_wait *w, struct lunq_device *d, double seconds)
{
    uint64_t now = lunq_device_now(d);
    w->dev = d;
    w->now = now;
    w->spins = 0;
    /* 1e9 seconds are 30 years: beyond that there is no limit, and nothing can overflow. */
    if (!(seconds >= 0) || isinf(seconds) || seconds > 1e9)
        w->deadline = UINT64_MAX;
    else
        w->deadline = now + (uint64_t)(seconds * 1e9);
}

int lunq_wait_step(struct lunq_wait *w, struct lunq_error *err)
{
    uint64_t now = w->now = lunq_device_now(w->dev);
    if (lunq_interrupted) {
        lunq_interrupted = 0;
        return lunq_fail(err, LUNQ_RUNTIME, "interrupted");
    }
    if (now >= w->deadline)
        return lunq_fail(err, LUNQ_TIMEOUT, "time is over");
    if (w->dev && w->dev->ops->advance)
        return w->dev->ops->advance(w->dev, w->deadline, err);
    /* Spin for the short waits (a 64-byte DMA takes about a microsecond), then stop eating the
     * CPU: the sleep grows to 50 us, small against anything that takes that long. */
    if (++w->spins > 200) {
        unsigned us = w->spins - 200;
        struct timespec t = {0, (us < 50 ? us : 50) * 1000L};
        nanosleep(&t, NULL);
    }
    return 0;
}
