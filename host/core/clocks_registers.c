/* clocks_registers.c - PLLs, selectors and dividers of both families as tables, and the way to them.
 * Registers: registers.md 18. Beyond it: LOCKSTA, the 1:1 division by a divider of 0 and the gate in
 * FPGAn_THR_CNT are Linux's (drivers/clk/zynq/clkc.c) and UG585's; CRL_WPROT, the fractional part of a
 * PLL and DPLL_TO_LPD, through which the DPLL reaches the clocks of CRL_APB, are UG1087's. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "clocks_internal.h"
#include "mmio.h"

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

/* ---- one call's way to the registers ------------------------------------------------------- */

struct access {
    struct lunq_device *dev;
    const struct family *family;
    struct lunq_mmio *window[MAX_WINDOWS]; /* NULL: not needed yet */
    struct lunq_error *err;
};

static struct access begin(struct lunq_device *d, enum lunq_ps ps, struct lunq_error *err)
{
    return (struct access){
        .dev = d, .family = ps == LUNQ_PS_ZYNQ7000 ? &zynq : &zynqmp, .err = err};
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
    *mhz = lunq_clock_round(*mhz);
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

int lunq_clock_registers_cpu(struct lunq_device *d, enum lunq_ps ps, double *mhz,
                             struct lunq_error *err)
{
    struct access a = begin(d, ps, err);
    const struct source *s;
    uint32_t word;
    int r = reg_read(&a, a.family->cpu.reg, &word);
    if (r == 0)
        r = selected(&a, &a.family->cpu, a.family->cpu_sources, word, &s);
    if (r == 0)
        r = source_mhz(&a, s, mhz);
    if (r == 0)
        *mhz = lunq_clock_round(*mhz / divider(word, a.family->cpu.div0));
    end(&a);
    return r;
}

/* ---- clocks of the programmable logic ------------------------------------------------------ */

static struct clock pl_clock(const struct family *f, unsigned index)
{
    struct clock c = f->pl;
    c.reg.off += f->pl_step * index;
    return c;
}

static struct reg gate_of(const struct family *f, const struct clock *c)
{
    return (struct reg){c->reg.window, c->reg.off + f->gate};
}

/* The register with the bits that start and stop a clock, and what they say. */
static int read_gate(struct access *a, const struct clock *c, bool *on)
{
    const struct family *f = a->family;
    uint32_t word;
    int r = reg_read(a, f->gate ? gate_of(f, c) : c->reg, &word);
    if (r == 0)
        *on = f->gate ? !get(word, f->stop) : get(word, c->act) != 0;
    return r;
}

/* No PLL multiplies by 0: no registers are there. */
static int look_alive(struct access *a)
{
    const struct family *f = a->family;
    struct reg pll = f->pl_sources[0].pll;
    uint32_t word;
    int r = reg_read(a, pll, &word);
    if (r < 0 || get(word, f->fdiv))
        return r;
    return lunq_fail(a->err, LUNQ_UNSUPPORTED,
                     "the clock registers of a %s are not there: the %s at 0x%" PRIx64
                     " reads 0x%08" PRIx32,
                     f->name, f->pl_sources[0].name, f->base[pll.window] + pll.off, word);
}

static int read_clock(struct access *a, unsigned index, struct lunq_clock_state *out)
{
    struct clock c = pl_clock(a->family, index);
    const struct source *s;
    uint32_t word;
    int r = reg_read(a, c.reg, &word);
    if (r == 0)
        r = read_gate(a, &c, &out->on);
    if (r == 0)
        r = selected(a, &c, a->family->pl_sources, word, &s);
    if (r == 0)
        r = source_mhz(a, s, &out->source_mhz);
    if (r < 0)
        return r;
    out->source = s->name;
    out->div0 = get(word, c.div0);
    out->div1 = get(word, c.div1);
    out->mhz = lunq_clock_round(out->source_mhz / (divider(word, c.div0) * divider(word, c.div1)));
    return 0;
}

/* ---- setting ------------------------------------------------------------------------------- */

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

static int write_clock(struct access *a, unsigned index, const struct lunq_clock_ask *ask)
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
        r = lunq_clock_divide(ask, s->name, mhz, div, a->err);
    if (r < 0)
        return r;
    word = put(put(word, c.div0, (unsigned)div[0]), c.div1, (unsigned)div[1]);
    word = put(word, c.act, 1);
    r = write_unlocked(a, c.reg, word, mask(c.source) | mask(c.div0) | mask(c.div1) | mask(c.act));
    return r < 0 ? r : open_gate(a, &c);
}

static int gate_clock(struct access *a, unsigned index, bool on)
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

/* ---- one call each ------------------------------------------------------------------------- */

int lunq_clock_registers_get(struct lunq_device *d, enum lunq_ps ps, unsigned index,
                             struct lunq_clock_state *out, struct lunq_error *err)
{
    struct access a = begin(d, ps, err);
    int r = read_clock(&a, index, out);
    end(&a);
    return r;
}

int lunq_clock_registers_running(struct lunq_device *d, enum lunq_ps ps, unsigned index, bool *on,
                                 struct lunq_error *err)
{
    struct access a = begin(d, ps, err);
    struct clock c = pl_clock(a.family, index);
    int r = look_alive(&a);
    if (r == 0)
        r = read_gate(&a, &c, on);
    end(&a);
    return r;
}

int lunq_clock_registers_set(struct lunq_device *d, enum lunq_ps ps, unsigned index,
                             const struct lunq_clock_ask *ask, struct lunq_error *err)
{
    struct access a = begin(d, ps, err);
    int r = write_clock(&a, index, ask);
    end(&a);
    return r;
}

int lunq_clock_registers_enable(struct lunq_device *d, enum lunq_ps ps, unsigned index, bool on,
                                struct lunq_error *err)
{
    struct access a = begin(d, ps, err);
    int r = gate_clock(&a, index, on);
    end(&a);
    return r;
}
