/* derive_clocks.c - the clocks of the PS for the logic: what the parameters say of them, and which pins
 * they reach. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "private.h"

#define MAX_WIZARDS 4 /* clocking wizards one behind the other */

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

static void reach(struct lunq_design *d, const struct lunq_nets *nets, const char *net,
                  unsigned char clock, unsigned depth);

/* What a clocking wizard makes follows its first input. */
static void through_wizard(struct lunq_design *d, const struct lunq_nets *nets,
                           const struct lunq_module *m, unsigned char clock, unsigned depth)
{
    for (size_t i = 0; depth < MAX_WIZARDS && i < m->n_ports; i++)
        if (m->ports[i].net && m->ports[i].dir == LUNQ_OUT && !m->ports[i].pl_clock &&
            !strncasecmp(m->ports[i].name, "clk_out", 7))
            reach(d, nets, m->ports[i].net, clock, depth + 1);
}

/* Marks every pin on the net that has no clock yet. */
static void reach(struct lunq_design *d, const struct lunq_nets *nets, const char *net,
                  unsigned char clock, unsigned depth)
{
    for (struct lunq_net_pin *p = lunq_map_get(&nets->first, net); p; p = p->next) {
        struct lunq_port *port = (struct lunq_port *)p->port; /* of this design: ours to change */
        if (port->pl_clock)
            continue;
        port->pl_clock = clock;
        if (p->module && !p->drives && lunq_module_is(p->module, "clk_wiz") &&
            !strcasecmp(port->name, "clk_in1"))
            through_wizard(d, nets, p->module, clock, depth);
    }
}

static void find_pins(struct lunq_design *d)
{
    bool zynq = lunq_module_is(d->ps, "processing_system7");
    struct lunq_nets nets;
    if (!lunq_nets_build(&nets, d))
        d->priv->arena.failed = true;
    for (unsigned char i = 0; i < 4; i++) {
        char name[16];
        const struct lunq_port *out;
        snprintf(name, sizeof name, zynq ? "FCLK_CLK%d" : "pl_clk%d", i);
        out = lunq_module_port(d->ps, name);
        if (out && out->net)
            reach(d, &nets, out->net, i + 1, 0);
    }
    lunq_nets_free(&nets);
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
