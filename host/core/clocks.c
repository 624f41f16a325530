/* clocks.c - PLLs, selectors and dividers of both families as tables, and the arithmetic on them.
 * Registers: registers.md 18. Beyond it: LOCKSTA, the 1:1 division by a divider of 0 and the gate in
 * FPGAn_THR_CNT bit 0 are Linux's (drivers/clk/zynq/clkc.c) and UG585's; CRL_WPROT, the fractional
 * part of a PLL and DPLL_TO_LPD, through which the DPLL reaches the clocks of CRL_APB, are UG1087's. */
#include "clocks.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mmio.h"

#define MAX_DIV 63u

/* ---- the two families ---------------------------------------------------------------------- */

enum { SLCR = 0, CRL = 0, CRF = 1, MAX_WINDOWS = 2 };

struct reg {
    unsigned window, off;
};

struct field {
    unsigned at, width; /* width 0: there is none */
};

struct source {
    const char *name; /* NULL: this value of the selector means nothing */
    struct reg pll;
    unsigned lpd; /* in CRF: a divider on the way to the low-power domain; 0: none */
};

struct clock {
    struct reg reg;
    struct field source, div0, div1, act;
};

struct family {
    const char *name;
    double usual_mhz;
    uint64_t base[MAX_WINDOWS], size;
    /* Write protection of the window with the clocks: a status bit, and what to write where. */
    unsigned locked, unlock, unlock_key, lock, lock_key;
    struct source cpu_sources[4], pl_sources[4]; /* by the value of the selector */
    struct clock cpu, pl;                        /* pl: clock 0 */
    unsigned pl_step, gate;                      /* gate: from the clock's register; 0: none */
    struct field stop;                           /* of the gate: not 0 stops the clock */
    struct field fdiv, div2, pre_src;
    unsigned fraction; /* from the PLL's register; 0: none */
};

static const struct family zynq = {
    .name = "Zynq-7000",
    .usual_mhz = 50, /* PYNQ-Z1 and -Z2 */
    .base = {0xF8000000},
    .size = 0x200,
    .locked = 0x00C,
    .unlock = 0x008,
    .unlock_key = 0xDF0D,
    .lock = 0x004,
    .lock_key = 0x767B,
    .cpu_sources = {{"ARM PLL", {SLCR, 0x100}, 0},
                    {"ARM PLL", {SLCR, 0x100}, 0},
                    {"DDR PLL", {SLCR, 0x104}, 0},
                    {"IO PLL", {SLCR, 0x108}, 0}},
    .pl_sources = {{"IO PLL", {SLCR, 0x108}, 0},
                   {"IO PLL", {SLCR, 0x108}, 0},
                   {"ARM PLL", {SLCR, 0x100}, 0},
                   {"DDR PLL", {SLCR, 0x104}, 0}},
    .cpu = {{SLCR, 0x120}, {4, 2}, {8, 6}, {0, 0}, {0, 0}},
    .pl = {{SLCR, 0x170}, {4, 2}, {8, 6}, {20, 6}, {0, 0}},
    .pl_step = 0x10,
    .gate = 8,
    .stop = {0, 16}, /* LAST_CNT: pulses until it stops; Linux writes 1 */
    .fdiv = {12, 7},
};

static const struct family zynqmp = {
    .name = "Zynq UltraScale+",
    .usual_mhz = 33.333,
    .base = {0xFF5E0000, 0xFD1A0000},
    .size = 0x100,
    .locked = 0x01C,
    .unlock = 0x01C,
    .unlock_key = 0,
    .lock = 0x01C,
    .lock_key = 1,
    .cpu_sources = {{"APLL", {CRF, 0x20}, 0},
                    {NULL, {0, 0}, 0},
                    {"DPLL", {CRF, 0x2C}, 0},
                    {"VPLL", {CRF, 0x38}, 0}},
    .pl_sources = {{"IOPLL", {CRL, 0x20}, 0},
                   {NULL, {0, 0}, 0},
                   {"RPLL", {CRL, 0x30}, 0},
                   {"DPLL", {CRF, 0x2C}, 0x4C}},
    .cpu = {{CRF, 0x60}, {0, 3}, {8, 6}, {0, 0}, {0, 0}},
    .pl = {{CRL, 0xC0}, {0, 3}, {8, 6}, {16, 6}, {24, 1}},
    .pl_step = 4,
    .fdiv = {8, 7},
    .div2 = {16, 1},
    .pre_src = {20, 3},
    .fraction = 8,
};

static uint32_t mask(struct field f)
{
    return ((1u << f.width) - 1) << f.at;
}

static unsigned get(uint32_t word, struct field f)
{
    return (word & mask(f)) >> f.at;
}

static uint32_t put(uint32_t word, struct field f, unsigned value)
{
    return (word & ~mask(f)) | (value << f.at & mask(f));
}

/* A divider of 0 lets the clock through undivided. */
static unsigned divider(uint32_t word, struct field f)
{
    unsigned n = get(word, f);
    return n ? n : 1;
}

static double round6(double v)
{
    return rint(v * 1e6) / 1e6;
}

/* ---- one call's way to the registers ------------------------------------------------------- */

struct access {
    struct lunq_device *dev;
    const struct family *family;
    struct lunq_mmio *window[MAX_WINDOWS]; /* NULL: not needed yet */
    struct lunq_error *err;
};

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

static int begin(struct access *a, struct lunq_device *d, struct lunq_error *err)
{
    enum lunq_ps ps;
    int r = lunq_clocks_ps(d, &ps, err);
    *a = (struct access){.dev = d, .family = ps == LUNQ_PS_ZYNQ7000 ? &zynq : &zynqmp, .err = err};
    return r;
}

static void end(struct access *a)
{
    for (size_t i = 0; i < MAX_WINDOWS; i++)
        lunq_mmio_unref(a->window[i]);
}

static int window(struct access *a, unsigned i)
{
    if (a->window[i])
        return 0;
    return lunq_mmio_open(&a->window[i], a->dev, a->family->base[i], a->family->size, false,
                          a->err);
}

static int reg_read(struct access *a, struct reg reg, uint32_t *word)
{
    int r = window(a, reg.window);
    return r < 0 ? r : lunq_mmio_read32(a->window[reg.window], reg.off, word, a->err);
}

static int reg_write(struct access *a, struct reg reg, uint32_t word)
{
    int r = window(a, reg.window);
    return r < 0 ? r : lunq_mmio_write32(a->window[reg.window], reg.off, word, a->err);
}

/* Writes a register of the window with the clocks and looks whether it took the bits in `mask`. */
static int write_checked(struct access *a, struct reg reg, uint32_t word, uint32_t bits)
{
    uint32_t now = 0;
    int r = reg_write(a, reg, word);
    if (r == 0)
        r = reg_read(a, reg, &now);
    if (r < 0 || !((now ^ word) & bits))
        return r;
    return lunq_fail(a->err, LUNQ_IO,
                     "The clock register at 0x%" PRIx64 " does not take 0x%08" PRIx32
                     ": it reads 0x%08" PRIx32
                     ". Is it protected by the firmware, or in the kernel's hands?",
                     a->family->base[reg.window] + reg.off, word, now);
}

/* The same through the write protection, which is put back. */
static int write_unlocked(struct access *a, struct reg reg, uint32_t word, uint32_t bits)
{
    const struct family *f = a->family;
    uint32_t locked = 0;
    int r = reg_read(a, (struct reg){reg.window, f->locked}, &locked), back;
    if (r < 0 || !(locked & 1))
        return r < 0 ? r : write_checked(a, reg, word, bits);
    r = reg_write(a, (struct reg){reg.window, f->unlock}, f->unlock_key);
    if (r < 0)
        return r;
    r = write_checked(a, reg, word, bits);
    back = reg_write(a, (struct reg){reg.window, f->lock}, f->lock_key);
    return r < 0 ? r : back;
}

/* ---- frequencies --------------------------------------------------------------------------- */

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

int lunq_clocks_reference(struct lunq_device *d, double *mhz, const char **from,
                          struct lunq_error *err)
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
    *mhz = ps == LUNQ_PS_ZYNQ7000 ? zynq.usual_mhz : zynqmp.usual_mhz;
    if (!d->ref_assumed)
        lunq_warn("user",
                  "The reference clock of %s is not known: %s says it. It is taken to be %g MHz; "
                  "all frequencies are off by as much as that is. Assign lunq.Clocks.ref_mhz.",
                  d->name, d->design ? "neither the metadata nor the device tree" : "no metadata",
                  *mhz);
    d->ref_assumed = true;
    return 0;
}

/* What a PLL gives, divided on its way where it crosses into the low-power domain. */
static int source_mhz(struct access *a, const struct source *s, double *mhz)
{
    const struct family *f = a->family;
    uint32_t word, fraction = 0, lpd = 0;
    const char *from;
    double ref;
    int r = lunq_clocks_reference(a->dev, &ref, &from, a->err);
    if (r == 0)
        r = reg_read(a, s->pll, &word);
    if (r == 0 && f->fraction)
        r = reg_read(a, (struct reg){s->pll.window, s->pll.off + f->fraction}, &fraction);
    if (r == 0 && s->lpd)
        r = reg_read(a, (struct reg){CRF, s->lpd}, &lpd);
    if (r < 0)
        return r;
    if (get(word, f->pre_src) != 0)
        return lunq_fail(a->err, LUNQ_VALUE,
                         "Invalid PLL Source: %s runs from input %u (PRE_SRC), not from the "
                         "reference clock, and nobody knows how fast that is.",
                         s->name, get(word, f->pre_src));
    *mhz = ref * get(word, f->fdiv);
    if (fraction >> 31)
        *mhz += ref * (fraction & 0xFFFF) / 65536;
    if (get(word, f->div2))
        *mhz /= 2;
    if (s->lpd)
        *mhz /= divider(lpd, (struct field){8, 6});
    *mhz = round6(*mhz);
    return 0;
}

/* The source a clock's register selects. */
static int selected(struct access *a, const struct clock *c, const struct source *sources,
                    uint32_t word, const struct source **s)
{
    unsigned n = get(word, c->source);
    *s = n < 4 ? &sources[n] : NULL;
    if (*s && (*s)->name)
        return 0;
    return lunq_fail(a->err, LUNQ_VALUE,
                     "The clock register at 0x%" PRIx64 " reads 0x%08" PRIx32
                     ": source %u means nothing.",
                     a->family->base[c->reg.window] + c->reg.off, word, n);
}

int lunq_clocks_cpu(struct lunq_device *d, double *mhz, struct lunq_error *err)
{
    struct access a;
    const struct source *s;
    uint32_t word;
    int r = begin(&a, d, err);
    if (r < 0)
        return r;
    r = reg_read(&a, a.family->cpu.reg, &word);
    if (r == 0)
        r = selected(&a, &a.family->cpu, a.family->cpu_sources, word, &s);
    if (r == 0)
        r = source_mhz(&a, s, mhz);
    if (r == 0)
        *mhz = round6(*mhz / divider(word, a.family->cpu.div0));
    end(&a);
    return r;
}

/* ---- clocks of the programmable logic ------------------------------------------------------ */

static int check_index(int64_t index, struct lunq_error *err)
{
    if (index >= 0 && index < LUNQ_PL_CLOCKS)
        return 0;
    return lunq_fail(err, LUNQ_VALUE, "Valid PL clock index is 0 - 3.");
}

static struct clock pl_clock(const struct family *f, int64_t index)
{
    struct clock c = f->pl;
    c.reg.off += f->pl_step * (unsigned)index;
    return c;
}

static struct reg gate_of(const struct family *f, const struct clock *c)
{
    return (struct reg){c->reg.window, c->reg.off + f->gate};
}

static int registers_get(struct access *a, int64_t index, struct lunq_clock_state *out)
{
    const struct family *f = a->family;
    struct clock c = pl_clock(f, index);
    const struct source *s;
    uint32_t word, gate = 0;
    int r = reg_read(a, c.reg, &word);
    if (r == 0 && f->gate)
        r = reg_read(a, gate_of(f, &c), &gate);
    if (r == 0)
        r = selected(a, &c, f->pl_sources, word, &s);
    if (r == 0)
        r = source_mhz(a, s, &out->source_mhz);
    if (r < 0)
        return r;
    out->source = s->name;
    out->div0 = get(word, c.div0);
    out->div1 = get(word, c.div1);
    out->on = f->gate ? !get(gate, f->stop) : get(word, c.act) != 0;
    out->mhz = round6(out->source_mhz / (divider(word, c.div0) * divider(word, c.div1)));
    return 0;
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
    out->mhz = round6((double)hz / 1e6);
    return 0;
}

int lunq_clocks_get(struct lunq_device *d, int64_t index, struct lunq_clock_state *out,
                    struct lunq_error *err)
{
    struct access a;
    int r = begin(&a, d, err);
    if (r == 0)
        r = check_index(index, err);
    if (r < 0)
        return r;
    *out = (struct lunq_clock_state){.asked_mhz = d->asked_mhz[index]};
    r = kernel_get(d, index, out, err);
    if (r == LUNQ_UNSUPPORTED)
        r = registers_get(&a, index, out);
    end(&a);
    return r;
}

/* ---- setting ------------------------------------------------------------------------------- */

/* The pair of dividers whose product is nearest to `quotient`, as PYNQ finds it (pynq-behaviour.md
 * B13): products in the order they come up with the first factor counted outside, the first of two
 * equally near ones, and of its pairs the one with the largest first factor. */
static void nearest_pair(double quotient, unsigned *div0, unsigned *div1)
{
    double best = INFINITY;
    unsigned product = 1;
    *div0 = 1;
    for (unsigned i = 1; i <= MAX_DIV; i++)
        for (unsigned k = 1; k <= MAX_DIV; k++)
            if (fabs(i * k - quotient) < best) {
                best = fabs(i * k - quotient);
                product = i * k;
            }
    for (unsigned i = 1; i <= MAX_DIV; i++)
        if (product % i == 0 && product / i <= MAX_DIV)
            *div0 = i;
    *div1 = product / *div0;
}

static int check_divider(const int64_t *div, unsigned n, struct lunq_error *err)
{
    if (!div || (*div >= 1 && *div <= MAX_DIV))
        return 0;
    return lunq_fail(err, LUNQ_VALUE,
                     "Frequency divider %u value out of range. It is %" PRId64 "; %d to %d divide.",
                     n, *div, 1, MAX_DIV);
}

static int check_mhz(double mhz, double source, const char *name, struct lunq_error *err)
{
    if (!(mhz > 0) || isinf(mhz))
        return lunq_fail(err, LUNQ_VALUE, "A clock of %g MHz can't be made.", mhz);
    if (round6(source / mhz) <= 0.5)
        return lunq_fail(err, LUNQ_VALUE,
                         "%g MHz can't be made: the clock comes from the %s, which has %g MHz.",
                         mhz, name, source);
    return 0;
}

/* Fills in the dividers that were not given, from the frequency. */
static int choose(const struct lunq_clock_ask *ask, const char *name, double source, int64_t div[2],
                  struct lunq_error *err)
{
    unsigned pair[2];
    int r = check_divider(ask->div0, 0, err);
    if (r == 0)
        r = check_divider(ask->div1, 1, err);
    if (r == 0 && !(ask->div0 && ask->div1))
        r = check_mhz(ask->mhz, source, name, err);
    if (r < 0)
        return r;
    if (!ask->div0 && !ask->div1) {
        nearest_pair(round6(source / ask->mhz), &pair[0], &pair[1]);
        div[0] = pair[0];
        div[1] = pair[1];
        return 0;
    }
    div[0] =
        ask->div0 ? *ask->div0 : (int64_t)fmin(rint(source / ask->mhz / (double)*ask->div1), 1e9);
    div[1] =
        ask->div1 ? *ask->div1 : (int64_t)fmin(rint(source / ask->mhz / (double)*ask->div0), 1e9);
    r = check_divider(&div[0], 0, err);
    return r < 0 ? r : check_divider(&div[1], 1, err);
}

/* "IO PLL" of a PCW parameter is the "IOPLL" of a PSU one: blanks don't count. */
static bool same_name(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a == ' ')
            a++;
        while (*b == ' ')
            b++;
        if (!*a || strncasecmp(a, b, 1))
            return !*a && !*b;
    }
}

static int find_source(const struct family *f, const char *name, unsigned *n,
                       struct lunq_error *err)
{
    for (*n = 0; *n < 4; ++*n)
        if (f->pl_sources[*n].name && same_name(f->pl_sources[*n].name, name))
            return 0;
    return lunq_fail(err, LUNQ_VALUE,
                     "\"%s\" is no source of a PL clock of a %s: there are %s, %s and %s.", name,
                     f->name, f->pl_sources[0].name, f->pl_sources[2].name, f->pl_sources[3].name);
}

/* A clock that was stopped runs again; nothing is written to one that does. */
static int open_gate(struct access *a, const struct clock *c)
{
    const struct family *f = a->family;
    uint32_t gate;
    int r = f->gate ? reg_read(a, gate_of(f, c), &gate) : 0;
    if (r < 0 || !f->gate || !get(gate, f->stop))
        return r;
    return write_unlocked(a, gate_of(f, c), put(gate, f->stop, 0), mask(f->stop));
}

static int registers_set(struct access *a, int64_t index, const struct lunq_clock_ask *ask)
{
    const struct family *f = a->family;
    struct clock c = pl_clock(f, index);
    const struct source *s;
    int64_t div[2] = {0, 0};
    double mhz;
    uint32_t word;
    unsigned n;
    int r = reg_read(a, c.reg, &word);
    if (r == 0 && ask->source && (r = find_source(f, ask->source, &n, a->err)) == 0)
        word = put(word, c.source, n);
    if (r == 0)
        r = selected(a, &c, f->pl_sources, word, &s);
    if (r == 0)
        r = source_mhz(a, s, &mhz);
    if (r == 0)
        r = choose(ask, s->name, mhz, div, a->err);
    if (r < 0)
        return r;
    word = put(put(word, c.div0, (unsigned)div[0]), c.div1, (unsigned)div[1]);
    word = put(word, c.act, 1);
    r = write_unlocked(a, c.reg, word, mask(c.source) | mask(c.div0) | mask(c.div1) | mask(c.act));
    return r < 0 ? r : open_gate(a, &c);
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

int lunq_clocks_set(struct lunq_device *d, int64_t index, const struct lunq_clock_ask *ask,
                    struct lunq_clock_state *out, struct lunq_error *err)
{
    struct access a;
    struct lunq_clock_state now;
    int r = begin(&a, d, err);
    if (r == 0)
        r = check_index(index, err);
    if (r < 0)
        return r;
    r = kernel_set(d, index, ask, err);
    if (r == LUNQ_UNSUPPORTED)
        r = registers_set(&a, index, ask);
    end(&a);
    if (r < 0)
        return r;
    d->asked_mhz[index] = ask->mhz > 0 ? ask->mhz : 0;
    r = lunq_clocks_get(d, index, &now, err);
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

/* ---- on and off ---------------------------------------------------------------------------- */

static int registers_enable(struct access *a, int64_t index, bool on)
{
    const struct family *f = a->family;
    struct clock c = pl_clock(f, index);
    struct reg reg = f->gate ? gate_of(f, &c) : c.reg;
    struct field bit = f->gate ? f->stop : c.act;
    uint32_t word;
    int r = reg_read(a, reg, &word);
    if (r < 0)
        return r;
    return write_unlocked(a, reg, put(word, bit, f->gate ? !on : on), mask(bit));
}

int lunq_clocks_enable(struct lunq_device *d, int64_t index, bool on, struct lunq_error *err)
{
    struct access a;
    struct lunq_clock_state now = {0};
    int r = begin(&a, d, err);
    if (r == 0)
        r = check_index(index, err);
    if (r < 0)
        return r;
    r = d->ops->clock_set ? kernel_get(d, index, &now, err) : LUNQ_UNSUPPORTED;
    if (r == LUNQ_UNSUPPORTED)
        r = registers_enable(&a, index, on);
    else if (r == 0 && on && !now.on && !d->asked_mhz[index])
        r = lunq_fail(err, LUNQ_VALUE,
                      "PL clock %d is off, and the kernel of %s wants to know "
                      "how fast it should be: set its frequency.",
                      (int)index, d->name);
    else if (r == 0 && on != now.on)
        r = d->ops->clock_set(d, (unsigned)index,
                              on ? (uint64_t)llrint(d->asked_mhz[index] * 1e6) : 0, err);
    end(&a);
    return r;
}
