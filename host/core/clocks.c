/* clocks.c - clocks of a processing system, by the kernel or by registers, and their reference. */
#include "clocks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clocks_internal.h"

double lunq_clock_round(double mhz)
{
    return rint(mhz * 1e6) / 1e6;
}

/* ---- what there is ------------------------------------------------------------------------- */

int lunq_clocks_ps(struct lunq_device *d, enum lunq_ps *ps, struct lunq_error *err)
{
    uint64_t hz = 0;
    *ps = d->ops->ps ? d->ops->ps(d, &hz) : LUNQ_PS_NONE;
    if (*ps != LUNQ_PS_NONE)
        return 0;
    return lunq_fail(err, LUNQ_RUNTIME,
                     "Architecture not supported for Clocks: %s has no processing system of a "
                     "Zynq%s.",
                     d->name, d->design ? "" : ", and no design is loaded that brings one");
}

/* "33.333" of the metadata in MHz; 0: absent, or no frequency of a crystal. */
static double crystal(const char *text)
{
    char *rest;
    double mhz = text ? strtod(text, &rest) : 0;
    return mhz >= 1 && mhz <= 1000 ? mhz : 0;
}

enum lunq_ps lunq_clocks_designed_for(const struct lunq_design *d)
{
    if (d && d->ps && lunq_module_is(d->ps, "processing_system7"))
        return LUNQ_PS_ZYNQ7000;
    return d && d->ps && lunq_module_is(d->ps, "zynq_ultra_ps_e") ? LUNQ_PS_ZYNQMP : LUNQ_PS_NONE;
}

static int reference(struct lunq_device *d, double *mhz, const char **from, struct lunq_error *err)
{
    enum lunq_ps ps;
    uint64_t hz = 0;
    int r = lunq_clocks_ps(d, &ps, err);
    if (r < 0)
        return r;
    d->ops->ps(d, &hz);
    *from = "script";
    *mhz = d->ref_mhz;
    if (!*mhz && lunq_clocks_designed_for(d->design) == ps) {
        *from = "metadata";
        *mhz = crystal(d->design->ref_clock_mhz);
    }
    if (!*mhz && hz) {
        *from = "device tree";
        *mhz = (double)hz / 1e6;
    }
    if (*mhz)
        return 0;
    *from = "assumed";
    *mhz = ps == LUNQ_PS_ZYNQ7000 ? 50 : 33.333; /* PYNQ-Z1 and -Z2; Kria, ZCU104 */
    if (!d->ref_assumed)
        lunq_warn("user",
                  "The reference clock of %s is not known: %s says it. It is taken to be %g MHz; "
                  "all frequencies are off by as much as that is. Assign lunq.Clocks.ref_mhz.",
                  d->name, d->design ? "neither the metadata nor the device tree" : "no metadata",
                  *mhz);
    d->ref_assumed = true;
    return 0;
}

static int cpu(struct lunq_device *d, double *mhz, struct lunq_error *err)
{
    enum lunq_ps ps;
    int r = lunq_clocks_ps(d, &ps, err);
    return r < 0 ? r : lunq_clock_registers_cpu(d, ps, mhz, err);
}

/* ---- clocks of the programmable logic ------------------------------------------------------ */

/* What every call needs: a processing system that has this clock. */
static int check(struct lunq_device *d, int64_t index, enum lunq_ps *ps, struct lunq_error *err)
{
    int r = lunq_clocks_ps(d, ps, err);
    if (r < 0 || (index >= 0 && index < LUNQ_PL_CLOCKS))
        return r;
    return lunq_fail(err, LUNQ_VALUE, "Valid PL clock index is 0 - 3.");
}

/* LUNQ_UNSUPPORTED: the kernel has nothing to say about this clock. */
static int kernel_get(struct lunq_device *d, int64_t index, struct lunq_clock_state *out,
                      struct lunq_error *err)
{
    uint64_t hz = 0;
    int r = d->ops->clock_get ? d->ops->clock_get(d, (unsigned)index, &hz, err) : LUNQ_UNSUPPORTED;
    if (r < 0)
        return r;
    out->on = hz != 0;
    out->mhz = lunq_clock_round((double)hz / 1e6);
    return 0;
}

static int get(struct lunq_device *d, int64_t index, struct lunq_clock_state *out,
               struct lunq_error *err)
{
    enum lunq_ps ps;
    int r = check(d, index, &ps, err);
    if (r < 0)
        return r;
    *out = (struct lunq_clock_state){.asked_mhz = d->asked_mhz[index]};
    r = kernel_get(d, index, out, err);
    if (r == LUNQ_UNSUPPORTED)
        r = lunq_clock_registers_get(d, ps, (unsigned)index, out, err);
    return r;
}

static int running(struct lunq_device *d, int64_t index, bool *on, struct lunq_error *err)
{
    enum lunq_ps ps;
    int r = check(d, index, &ps, err);
    if (r < 0)
        return r;
    r = d->ops->clock_running ? d->ops->clock_running(d, (unsigned)index, on, err)
                              : LUNQ_UNSUPPORTED;
    if (r == LUNQ_UNSUPPORTED)
        return lunq_clock_registers_running(d, ps, (unsigned)index, on, err);
    return r;
}

static int kernel_set(struct lunq_device *d, int64_t index, const struct lunq_clock_ask *ask,
                      struct lunq_error *err)
{
    struct lunq_clock_state now;
    int r = d->ops->clock_set ? kernel_get(d, index, &now, err) : LUNQ_UNSUPPORTED;
    if (r < 0)
        return r;
    if (!(ask->mhz > 0) || ask->mhz > 1e6)
        return lunq_fail(err, LUNQ_VALUE,
                         "PL clock %d is the kernel's on %s, which takes a frequency and no "
                         "dividers: name one in MHz.",
                         (int)index, d->name);
    return d->ops->clock_set(d, (unsigned)index, (uint64_t)llrint(ask->mhz * 1e6), err);
}

/* Python writes 500.0 and 499.995: at least one decimal, at most five. */
static const char *python_float(double v, char *buf, size_t size)
{
    char *last;
    snprintf(buf, size, "%.5f", v);
    for (last = buf + strlen(buf) - 1; *last == '0' && last[-1] != '.'; last--)
        *last = 0;
    return buf;
}

static void warn_far(int64_t index, double asked, const struct lunq_clock_state *c)
{
    char text[48];
    if (!(fabs(asked - c->mhz) > 0.01 * asked))
        return;
    python_float(c->mhz, text, sizeof text);
    if (c->source)
        lunq_warn("user",
                  "Setting frequency to the closest possible value %sMHz. %g MHz were asked of "
                  "clock %d, which is made by dividing the %s's %g MHz.",
                  text, asked, (int)index, c->source, c->source_mhz);
    else
        lunq_warn("user",
                  "Setting frequency to the closest possible value %sMHz. %g MHz were asked of "
                  "clock %d.",
                  text, asked, (int)index);
}

static int set(struct lunq_device *d, int64_t index, const struct lunq_clock_ask *ask,
               struct lunq_clock_state *out, struct lunq_error *err)
{
    enum lunq_ps ps;
    struct lunq_clock_state now;
    int r = check(d, index, &ps, err);
    if (r < 0)
        return r;
    r = kernel_set(d, index, ask, err);
    if (r == LUNQ_UNSUPPORTED)
        r = lunq_clock_registers_set(d, ps, (unsigned)index, ask, err);
    if (r < 0)
        return r;
    d->asked_mhz[index] = ask->mhz > 0 ? ask->mhz : 0;
    r = get(d, index, &now, err);
    if (r < 0)
        return r;
    if (!(ask->div0 && ask->div1))
        warn_far(index, ask->mhz, &now);
    if (out)
        *out = now;
    return 0;
}

void lunq_clocks_forget(struct lunq_device *d)
{
    memset(d->asked_mhz, 0, sizeof d->asked_mhz);
}

static int enable(struct lunq_device *d, int64_t index, bool on, struct lunq_error *err)
{
    enum lunq_ps ps;
    struct lunq_clock_state now = {0};
    int r = check(d, index, &ps, err);
    if (r < 0)
        return r;
    r = d->ops->clock_set ? kernel_get(d, index, &now, err) : LUNQ_UNSUPPORTED;
    if (r == LUNQ_UNSUPPORTED)
        r = lunq_clock_registers_enable(d, ps, (unsigned)index, on, err);
    else if (r == 0 && on && !now.on && !d->asked_mhz[index])
        r = lunq_fail(err, LUNQ_VALUE,
                      "PL clock %d is off, and the kernel of %s wants to know "
                      "how fast it should be: set its frequency.",
                      (int)index, d->name);
    else if (r == 0 && on != now.on)
        r = d->ops->clock_set(d, (unsigned)index,
                              on ? (uint64_t)llrint(d->asked_mhz[index] * 1e6) : 0, err);
    return r;
}

/* ---- the calls ----------------------------------------------------------------------------- */

/* A warning may run a script, which may close the device: it stays until the call is over. */
static int done(struct lunq_device *d, int r)
{
    lunq_device_unref(d);
    return r;
}

/* Also one that failed: it may have got half way. */
static int changed(struct lunq_device *d, int r)
{
    if (d->ops->clocks_changed)
        d->ops->clocks_changed(d);
    return done(d, r);
}

int lunq_clocks_reference(struct lunq_device *d, double *mhz, const char **from,
                          struct lunq_error *err)
{
    return done(d, reference(lunq_device_ref(d), mhz, from, err));
}

int lunq_clocks_cpu(struct lunq_device *d, double *mhz, struct lunq_error *err)
{
    return done(d, cpu(lunq_device_ref(d), mhz, err));
}

int lunq_clocks_get(struct lunq_device *d, int64_t index, struct lunq_clock_state *out,
                    struct lunq_error *err)
{
    return done(d, get(lunq_device_ref(d), index, out, err));
}

int lunq_clocks_set(struct lunq_device *d, int64_t index, const struct lunq_clock_ask *ask,
                    struct lunq_clock_state *out, struct lunq_error *err)
{
    return changed(d, set(lunq_device_ref(d), index, ask, out, err));
}

int lunq_clocks_enable(struct lunq_device *d, int64_t index, bool on, struct lunq_error *err)
{
    return changed(d, enable(lunq_device_ref(d), index, on, err));
}

int lunq_clocks_running(struct lunq_device *d, int64_t index, bool *on, struct lunq_error *err)
{
    return done(d, running(lunq_device_ref(d), index, on, err));
}
