/* derive_clocks.c - the clocks and resets of the PS for the logic: what the parameters say of them, and
 * which pins they reach. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "private.h"

enum { MAX_HOPS = 4 }; /* clocking wizards, or reset controllers, one behind the other */

static int small_param(const struct lunq_module *m, const char *fmt, int i)
{
    char name[64];
    int64_t v;
    snprintf(name, sizeof name, fmt, i);
    v = lunq_module_param_int(m, name, -1);
    return v < 0 || v > INT32_MAX ? -1 : (int)v;
}

static const char *text_param(const struct lunq_module *m, const char *fmt, int i)
{
    char name[64];
    snprintf(name, sizeof name, fmt, i);
    return lunq_module_param(m, name, NULL);
}

/* The frequency the divisors give, which timing was closed for; else the one asked for. */
static double frequency(const struct lunq_module *m, int i, const char *actual, const char *asked)
{
    const char *text = text_param(m, actual, i);
    double mhz = text ? strtod(text, NULL) : 0;
    if (!(mhz > 0) && (text = text_param(m, asked, i)))
        mhz = strtod(text, NULL);
    return mhz > 0 && mhz < 1e5 ? mhz : 0;
}

/* ---- where they go ------------------------------------------------------------------------- */

/* One of them on its way. */
struct spread {
    const struct lunq_nets *nets;
    bool reset;           /* else a clock */
    unsigned char number; /* 1 + its number */
};

static unsigned char *mark(const struct spread *s, struct lunq_port *p)
{
    return s->reset ? &p->pl_reset : &p->pl_clock;
}

/* Whether what enters a module by a pin is what it gives out: the clock of a clocking wizard follows its
 * first input, all resets of a proc_sys_reset follow the external one. */
static bool passes(const struct spread *s, const struct lunq_module *m, const char *in)
{
    return s->reset ? lunq_module_is(m, "proc_sys_reset") && !strcasecmp(in, "ext_reset_in")
                    : lunq_module_is(m, "clk_wiz") && !strcasecmp(in, "clk_in1");
}

static void reach(const struct spread *s, const char *net, unsigned hops);

static void through(const struct spread *s, const struct lunq_module *m, unsigned hops)
{
    for (size_t i = 0; hops < MAX_HOPS && i < m->n_ports; i++)
        if (m->ports[i].net && m->ports[i].dir == LUNQ_OUT && !*mark(s, &m->ports[i]) &&
            (s->reset || !strncasecmp(m->ports[i].name, "clk_out", 7)))
            reach(s, m->ports[i].net, hops + 1);
}

/* Marks every pin on the net that has no mark yet. */
static void reach(const struct spread *s, const char *net, unsigned hops)
{
    for (struct lunq_net_pin *p = lunq_map_get(&s->nets->first, net); p; p = p->next) {
        struct lunq_port *port = (struct lunq_port *)p->port; /* of this design: ours to change */
        if (*mark(s, port))
            continue;
        *mark(s, port) = s->number;
        if (p->module && !p->drives && passes(s, p->module, port->name))
            through(s, p->module, hops);
    }
}

static void from_pin(const struct lunq_design *d, const struct spread *s, const char *fmt)
{
    char name[16];
    const struct lunq_port *out;
    snprintf(name, sizeof name, fmt, s->number - 1);
    out = lunq_module_port(d->ps, name);
    if (out && out->net)
        reach(s, out->net, 0);
}

static void find_pins(struct lunq_design *d)
{
    bool zynq = lunq_module_is(d->ps, "processing_system7");
    struct lunq_nets nets;
    if (!lunq_nets_build(&nets, d))
        d->priv->arena.failed = true;
    for (unsigned char i = 1; i <= 4; i++) {
        struct spread clock = {&nets, false, i}, reset = {&nets, true, i};
        from_pin(d, &clock, zynq ? "FCLK_CLK%d" : "pl_clk%d");
        from_pin(d, &reset, zynq ? "FCLK_RESET%d_N" : "pl_resetn%d");
    }
    lunq_nets_free(&nets);
}

/* The one clock of the PS that all clock pins of a module are on. */
static const struct lunq_port *only_clock(const struct lunq_module *m)
{
    const struct lunq_port *found = NULL;
    for (size_t i = 0; i < m->n_ports; i++) {
        const struct lunq_port *p = &m->ports[i];
        if (p->dir != LUNQ_IN || !(p->pl_clock || (p->sigis && !strcmp(p->sigis, "clk"))))
            continue;
        if (!p->pl_clock || (found && found->pl_clock != p->pl_clock))
            return NULL;
        found = p;
    }
    return found;
}

const struct lunq_port *lunq_module_slave_clock(const struct lunq_module *m, const char *slave)
{
    const char *const names[] = {"s_axi_aclk", "ap_clk", "aclk"};
    char own[96];
    const struct lunq_port *p;
    snprintf(own, sizeof own, "%s_aclk", slave ? slave : "s_axi");
    for (char *c = own; *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
    p = lunq_module_port(m, own);
    for (size_t i = 0; !(p && p->pl_clock) && i < sizeof names / sizeof *names; i++)
        p = lunq_module_port(m, names[i]);
    return p && p->pl_clock ? p : only_clock(m);
}

/* ---- all of it ----------------------------------------------------------------------------- */

void lunq_derive_clocks(struct lunq_design *d)
{
    bool zynq = d->ps && lunq_module_is(d->ps, "processing_system7");
    if (!zynq && !(d->ps && lunq_module_is(d->ps, "zynq_ultra_ps_e")))
        return;
    d->n_clocks = 4;
    d->ref_clock_mhz = lunq_module_param(
        d->ps, zynq ? "PCW_CRYSTAL_PERIPHERAL_FREQMHZ" : "PSU__PSS_REF_CLK__FREQMHZ", NULL);
    for (int i = 0; i < 4; i++) {
        struct lunq_clock *c = &d->clocks[i];
        if (zynq) {
            c->enable = small_param(d->ps, "PCW_FPGA_FCLK%d_ENABLE", i);
            c->divisor0 = small_param(d->ps, "PCW_FCLK%d_PERIPHERAL_DIVISOR0", i);
            c->divisor1 = small_param(d->ps, "PCW_FCLK%d_PERIPHERAL_DIVISOR1", i);
            c->source = text_param(d->ps, "PCW_FCLK%d_PERIPHERAL_CLKSRC", i);
            c->mhz = frequency(d->ps, i, "PCW_ACT_FPGA%d_PERIPHERAL_FREQMHZ",
                               "PCW_FPGA%d_PERIPHERAL_FREQMHZ");
        } else {
            c->enable = small_param(d->ps, "PSU__FPGA_PL%d_ENABLE", i);
            c->divisor0 = small_param(d->ps, "PSU__CRL_APB__PL%d_REF_CTRL__DIVISOR0", i);
            c->divisor1 = small_param(d->ps, "PSU__CRL_APB__PL%d_REF_CTRL__DIVISOR1", i);
            c->source = text_param(d->ps, "PSU__CRL_APB__PL%d_REF_CTRL__SRCSEL", i);
            c->mhz = frequency(d->ps, i, "PSU__CRL_APB__PL%d_REF_CTRL__ACT_FREQMHZ",
                               "PSU__CRL_APB__PL%d_REF_CTRL__FREQMHZ");
        }
    }
    find_pins(d);
}
