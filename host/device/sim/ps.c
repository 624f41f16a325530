/* ps.c - the processing system: registers that make clocks, their write protection, and the clocks
 * they give the programmable logic.
 *
 * Registers and reset values: registers.md 18, UG585 and UG1087; those and the bits that can be
 * written agree with QEMU's zynq_slcr and xlnx-zynqmp-crf. Other registers of the windows read 0 and
 * take nothing. A PLL locks at once, and its bypass is not modelled. */
#include "ps.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "../../core/clocks.h"
#include "private.h"

/* ---- registers ----------------------------------------------------------------------------- */

struct rule {
    uint16_t off;
    uint32_t writable, reset;
};

struct window {
    const char *name;
    uint64_t base;
    const struct rule *rules;
    size_t n;
};

#define FPGA_CLK(at)                                                                               \
    {(at), 0x03F03F30, 0x00101800}, /* CTRL */                                                     \
        {(at) + 4, 0xF, 0},         /* THR_CTRL */                                                 \
        {(at) + 8, 0xFFFF, 0},      /* THR_CNT: pulses until it stops, 0 never */                  \
    {                                                                                              \
        (at) + 12, 0, 0x00010000                                                                   \
    } /* THR_STA */

static const struct rule slcr_rules[] = {
    {0x00C, 0, 1},                   /* LOCKSTA; 004 and 008 take the keys */
    {0x100, 0x0007F01B, 0x0001A008}, /* ARM, DDR, IO PLL */
    {0x104, 0x0007F01B, 0x0001A008},
    {0x108, 0x0007F01B, 0x0001A008},
    {0x10C, 0, 0x3F},                /* PLL_STATUS: all locked and stable */
    {0x120, 0x1F003F30, 0x1F000400}, /* ARM_CLK_CTRL */
    FPGA_CLK(0x170),
    FPGA_CLK(0x180),
    FPGA_CLK(0x190),
    FPGA_CLK(0x1A0),
};

#define PLL(at, ctrl)                                                                              \
    {(at), 0x07737F09, (ctrl)}, {(at) + 4, 0xFE7FEDEF, 0}, /* CFG */                               \
    {                                                                                              \
        (at) + 8, 0x81CCFFFF, 0 /* FRAC_CFG */                                                     \
    }

static const struct rule crl_rules[] = {
    {0x01C, 1, 0},          /* WPROT */
    PLL(0x20, 0x00012C09),  /* IOPLL */
    PLL(0x30, 0x00012C09),  /* RPLL */
    {0x040, 0, 0x1B},       /* PLL_STATUS */
    {0x044, 0x3F00, 0x400}, /* IOPLL_TO_FPD, RPLL_TO_FPD */
    {0x048, 0x3F00, 0x400},
    {0x0C0, 0x013F3F07, 0x00052000}, /* PL0 to PL3_REF_CTRL */
    {0x0C4, 0x013F3F07, 0x00052000},
    {0x0C8, 0x013F3F07, 0x00052000},
    {0x0CC, 0x013F3F07, 0x00052000},
};

static const struct rule crf_rules[] = {
    {0x01C, 1, 0},          PLL(0x20, 0x00012C09),  /* APLL */
    PLL(0x2C, 0x00002C09),                          /* DPLL */
    PLL(0x38, 0x00012809),                          /* VPLL */
    {0x044, 0, 0x3F},       {0x048, 0x3F00, 0x400}, /* APLL, DPLL, VPLL_TO_LPD */
    {0x04C, 0x3F00, 0x400}, {0x050, 0x3F00, 0x400}, {0x060, 0x03003F07, 0x03000400}, /* ACPU_CTRL */
};

#define WINDOW(name, base, rules)                                                                  \
    {                                                                                              \
        name, base, rules, sizeof(rules) / sizeof *(rules)                                         \
    }

static const struct window zynq_windows[] = {WINDOW("slcr", 0xF8000000, slcr_rules)};
static const struct window mp_windows[] = {WINDOW("crl_apb", 0xFF5E0000, crl_rules),
                                           WINDOW("crf_apb", 0xFD1A0000, crf_rules)};

enum { LOCK = 0x004, UNLOCK = 0x008, LOCKSTA = 0x00C, WPROT = 0x01C };
enum { LOCK_KEY = 0x767B, UNLOCK_KEY = 0xDF0D };

static const struct window *windows_of(enum lunq_ps kind, unsigned *n)
{
    *n = kind == LUNQ_PS_ZYNQ7000 ? 1 : kind == LUNQ_PS_ZYNQMP ? 2 : 0;
    return kind == LUNQ_PS_ZYNQ7000 ? zynq_windows : mp_windows;
}

static const struct rule *rule_at(const struct window *w, uint64_t off)
{
    for (size_t i = 0; i < w->n; i++)
        if (w->rules[i].off == off)
            return &w->rules[i];
    return NULL;
}

/* ---- clocks -------------------------------------------------------------------------------- */

static unsigned bits(uint32_t word, unsigned at, unsigned n)
{
    return word >> at & ((1u << n) - 1);
}

/* A divider of 0 divides by 1 (Linux, drivers/clk/zynq/clkc.c). */
static double divide(double hz, unsigned by)
{
    return by ? hz / by : hz;
}

static double mp_pll(const struct sim_ps_image *im, unsigned window, unsigned off)
{
    uint32_t ctrl = im->words[window][off / 4], frac = im->words[window][off / 4 + 2];
    double n = bits(ctrl, 8, 7) + (frac >> 31 ? (frac & 0xFFFF) / 65536.0 : 0);
    return im->ref_hz * n / (bits(ctrl, 16, 1) ? 2 : 1);
}

static double zynq_clock(const struct sim_ps_image *im, unsigned k, bool *on)
{
    static const unsigned plls[] = {0x108, 0x108, 0x100, 0x104};
    const uint32_t *w = im->words[0];
    uint32_t ctrl = w[0x170 / 4 + 4 * k];
    double hz = im->ref_hz * bits(w[plls[bits(ctrl, 4, 2)] / 4], 12, 7);
    *on = w[0x178 / 4 + 4 * k] == 0;
    return divide(divide(hz, bits(ctrl, 8, 6)), bits(ctrl, 20, 6));
}

static double mp_clock(const struct sim_ps_image *im, unsigned k, bool *on)
{
    uint32_t ctrl = im->words[0][0xC0 / 4 + k];
    double hz = 0;
    switch (bits(ctrl, 0, 3)) {
    case 0: hz = mp_pll(im, 0, 0x20); break;
    case 2: hz = mp_pll(im, 0, 0x30); break;
    case 3: hz = divide(mp_pll(im, 1, 0x2C), bits(im->words[1][0x4C / 4], 8, 6)); break;
    default: break;
    }
    *on = bits(ctrl, 24, 1) && hz > 0;
    return divide(divide(hz, bits(ctrl, 8, 6)), bits(ctrl, 16, 6));
}

static double clock_of(const struct sim_ps *ps, const struct sim_ps_image *im, unsigned k, bool *on)
{
    return ps->kind == LUNQ_PS_ZYNQ7000 ? zynq_clock(im, k, on) : mp_clock(im, k, on);
}

/* Works out the clocks anew and tells the models when one is another, or in any case. */
static void update(struct lunq_sim *s, bool changed)
{
    struct sim_ps *ps = &s->ps;
    ps->stopped = false;
    for (unsigned k = 0; k < LUNQ_PL_CLOCKS; k++) {
        struct sim_ps_clock *c = &ps->clock[k];
        double scale;
        c->hz = clock_of(ps, &ps->now, k, &c->on);
        scale = c->hz > 0 && c->designed_hz > 0 ? c->hz / c->designed_hz : 1;
        changed = changed || scale != c->scale;
        c->scale = scale;
        ps->stopped = ps->stopped || (c->designed_on && !c->on);
    }
    sim_update_direct(s);
    for (size_t n = 0; changed && n < s->fabric.n_insts; n++) {
        struct sim_inst *i = s->fabric.insts[n];
        if (i->broken)
            continue;
        for (size_t k = 0; k < i->n_follows; k++)
            *i->follows[k].hz = sim_clock_hz(i, i->follows[k].pin);
        if (i->cls->clocked)
            i->cls->clocked(i);
    }
}

/* ---- booting ------------------------------------------------------------------------------- */

static void reset(struct sim_ps_image *im, enum lunq_ps kind)
{
    unsigned n;
    const struct window *w = windows_of(kind, &n);
    memset(im, 0, sizeof *im);
    for (unsigned i = 0; i < n; i++)
        for (size_t k = 0; k < w[i].n; k++)
            im->words[i][w[i].rules[k].off / 4] = w[i].rules[k].reset;
}

/* The crystal and the PLLs are the board's: a design with the same ones runs on the same board. */
static bool same_board(const struct sim_ps_image *a, const struct sim_ps_image *b)
{
    static const unsigned plls[SIM_PS_WINDOWS][5] = {{0x100, 0x104, 0x108, 0x20, 0x30},
                                                     {0x20, 0x2C, 0x38}};
    bool same = a->ref_hz == b->ref_hz;
    for (unsigned i = 0; i < SIM_PS_WINDOWS; i++)
        for (unsigned k = 0; k < 5; k++)
            same = same && a->words[i][plls[i][k] / 4] == b->words[i][plls[i][k] / 4];
    return same;
}

void sim_ps_boot(struct lunq_sim *s, const struct lunq_design *d)
{
    static const enum lunq_ps families[] = {[SIM_ANY] = LUNQ_PS_NONE,
                                            [SIM_ZYNQ7000] = LUNQ_PS_ZYNQ7000,
                                            [SIM_ZYNQMP] = LUNQ_PS_ZYNQMP,
                                            [SIM_ALVEO] = LUNQ_PS_NONE};
    struct sim_ps *ps = &s->ps;
    enum lunq_ps fixed = families[s->config.family], own = lunq_clocks_designed_for(d);
    enum lunq_ps kind = fixed ? fixed : own;
    struct sim_ps_image image;
    if (kind == LUNQ_PS_NONE && d && !d->ps)
        kind = ps->kind; /* a design without a processing system: the board is the same */
    if (kind == LUNQ_PS_NONE) {
        ps->kind = kind;
        ps->stopped = false;
        for (unsigned k = 0; k < LUNQ_PL_CLOCKS; k++)
            ps->clock[k].scale = 1;
        return;
    }
    reset(&image, kind);
    sim_ps_image(&image, kind, own == kind ? d : NULL);
    if (ps->kind != kind || (own == kind && !same_board(&image, &ps->booted)))
        ps->booted = ps->now = image;
    ps->kind = kind;
    for (unsigned k = 0; k < LUNQ_PL_CLOCKS; k++) {
        struct sim_ps_clock *c = &ps->clock[k];
        c->designed_hz = clock_of(ps, &image, k, &c->designed_on);
        c->designed_on = c->designed_on && own == kind;
    }
    update(s, true);
}

/* ---- accesses ------------------------------------------------------------------------------ */

static const struct window *window_at(const struct lunq_sim *s, uint64_t addr, unsigned *index)
{
    unsigned n;
    const struct window *w = windows_of(s->ps.kind, &n);
    for (*index = 0; *index < n; ++*index)
        if (addr - w[*index].base < SIM_PS_WINDOW)
            return &w[*index];
    return NULL;
}

bool sim_ps_has(const struct lunq_sim *s, uint64_t addr, unsigned width)
{
    unsigned i;
    const struct window *w = window_at(s, addr, &i);
    return w && SIM_PS_WINDOW - (addr - w->base) >= width;
}

/* What is protected takes nothing and says nothing. */
static void write_word(struct sim_ps *ps, const struct window *w, unsigned index, uint64_t off,
                       uint32_t value)
{
    uint32_t *words = ps->now.words[index];
    const struct rule *rule = rule_at(w, off);
    bool zynq = ps->kind == LUNQ_PS_ZYNQ7000;
    if (zynq && off == LOCK && (value & 0xFFFF) == LOCK_KEY)
        words[LOCKSTA / 4] = 1;
    else if (zynq && off == UNLOCK && (value & 0xFFFF) == UNLOCK_KEY)
        words[LOCKSTA / 4] = 0;
    else if (rule && (off == WPROT || !words[(zynq ? LOCKSTA : WPROT) / 4]))
        words[off / 4] = (words[off / 4] & ~rule->writable) | (value & rule->writable);
}

/* Words only: the registers sit on an APB bus; a wide access is two, a narrow write is refused. */
int sim_ps_access(struct lunq_sim *s, uint64_t addr, unsigned width, uint64_t *value, bool write,
                  struct lunq_error *err)
{
    unsigned index;
    const struct window *w = window_at(s, addr, &index);
    uint64_t off = addr - w->base;
    uint32_t *words = s->ps.now.words[index];
    if (write && width < 4)
        return lunq_fail(err, LUNQ_IO,
                         "Bus error (SLVERR) writing %u bytes at 0x%" PRIx64 " (%s + 0x%" PRIx64
                         "): registers of the processing system take whole words.",
                         width, addr, w->name, off);
    if (write) {
        write_word(&s->ps, w, index, off, (uint32_t)*value);
        if (width == 8)
            write_word(&s->ps, w, index, off + 4, (uint32_t)(*value >> 32));
        update(s, false);
    } else if (width == 8) {
        *value = words[off / 4] | (uint64_t)words[off / 4 + 1] << 32;
    } else {
        *value = words[off / 4] >> 8 * (off & 3) & (UINT64_MAX >> (64 - 8 * width));
    }
    if (s->tracing)
        sim_trace(s, "%s %s+0x%" PRIx64 " %u 0x%" PRIx64, write ? "write" : "read", w->name, off,
                  width, *value);
    return 0;
}

/* ---- what hangs on the clocks -------------------------------------------------------------- */

int sim_ps_clock(const struct sim_inst *i, const char *pin)
{
    const struct lunq_port *p = lunq_module_port(i->module, pin);
    return p ? p->pl_clock - 1 : -1;
}

const char *sim_ps_stopped(const struct sim_slot *slot, char *buf, size_t size)
{
    const struct lunq_port *pin = lunq_module_slave_clock(slot->inst->module, slot->slave);
    unsigned k = pin ? pin->pl_clock - 1u : 0;
    if (!pin || slot->inst->sim->ps.clock[k].on)
        return NULL;
    snprintf(buf, size,
             "its clock %s, PL clock %u, is off. A board hangs here. lunq.Clocks[%u].on = true "
             "starts it.",
             pin->name, k, k);
    return buf;
}
