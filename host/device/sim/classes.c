/* classes.c - which model stands for a module: RTL, a script's, one of models/, or a register file. */
#include <string.h>

#include "private.h"

/* First match wins; the HLS class recognises cores by their registers and comes last. */
static const struct sim_class *const classes[] = {
    &sim_axi_dma,      &sim_bram,      &sim_axi_gpio,     &sim_axi_intc,      &sim_axi_fifo,
    &sim_axis_fifo,    &sim_axis_wire, &sim_axi_timer,    &sim_axi_cdma,      &sim_axis_switch,
    &sim_axi_uartlite, &sim_axi_iic,   &sim_axi_quad_spi, &sim_dfx_decoupler, &sim_dfx_shutdown,
    &sim_mailbox,      &sim_axi_vdma,  &sim_xadc,         &sim_hls,
};

static bool fits(const char *pattern, const char *vlnv)
{
    size_t n = strlen(pattern);
    if (n && pattern[n - 1] == '*')
        return !strncmp(pattern, vlnv, n - 1);
    return !strcmp(pattern, vlnv);
}

static const struct sim_class *c_class(const struct lunq_module *m)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        const struct sim_class *c = classes[i];
        for (const char *const *v = c->vlnv; v && *v && m->vlnv; v++)
            if (fits(*v, m->vlnv))
                return c;
        if (c->match && c->match(m))
            return c;
    }
    return &sim_regfile;
}

void sim_class_choose(struct lunq_sim *s, struct sim_inst *i)
{
    const struct sim_class *mine = NULL;
    i->base = c_class(i->module);
    if (s->first.find)
        mine = s->first.find(s->first.ctx, i);
    if (!mine && s->provider.find)
        mine = s->provider.find(s->provider.ctx, i);
    i->cls = mine ? mine : i->base;
    i->provider = s->provider.ctx;
}

bool sim_is_ddr(const struct lunq_module *m)
{
    static const char *const types[] = {"processing_system7",
                                        "zynq_ultra_ps_e",
                                        "versal_cips",
                                        "ps_wizard",
                                        "axi_noc",
                                        "ddr4",
                                        "ddr3",
                                        "mig_7series"};
    for (size_t i = 0; m && m->modtype && i < sizeof types / sizeof *types; i++)
        if (!strcmp(m->modtype, types[i]))
            return true;
    return false;
}
