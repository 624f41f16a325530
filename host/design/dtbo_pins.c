/* dtbo_pins.c - interrupts and clocks of the IP in a device-tree overlay. */
#include <stdio.h>
#include <string.h>

#include "dtbo.h"

enum { MAX_PINS = 64, GIC_SPI = 0 };

/* ---- interrupts ----------------------------------------------------------------------------- */

/* The bit of the PS's interrupt input for a number of the device tree (registers.md section 19). */
static int ps_bit(const struct lunq_dtbo *r, uint32_t spi)
{
    uint32_t low = r->zynq ? 29 : 89, high = r->zynq ? 52 : 104;
    if (spi >= low && spi < low + 8)
        return (int)(spi - low);
    return spi >= high && spi < high + 8 ? (int)(spi - high) + 8 : -1;
}

static const char *pin_name(const struct lunq_dtbo_unit *u, const struct lunq_dt_node *n, size_t i,
                            char *buf)
{
    const char *name = lunq_dtbo_text(n, "interrupt-names", i);
    if (lunq_module_is(u->module, "axi_intc"))
        return "irq";
    if (name && !strchr(name, '/'))
        return name;
    if (i == 1 && u->type.irq2)
        return u->type.irq2;
    snprintf(buf, 64, i ? "%s_%zu" : "%s", u->type.irq, i);
    return buf;
}

static void add_port(struct lunq_dtbo *r, const char *name, enum lunq_dir dir, const char *sigis,
                     const char *sensitivity)
{
    struct lunq_port *p = lunq_design_push(r->d, &r->ports, sizeof *p);
    if (p)
        *p = (struct lunq_port){
            .name = lunq_design_intern(r->d, name, SIZE_MAX),
            .dir = dir,
            .width = 1,
            .sigis = lunq_design_intern(r->d, sigis, SIZE_MAX),
            .sensitivity = sensitivity ? lunq_design_intern(r->d, sensitivity, SIZE_MAX) : NULL};
}

static const char *sensitivity(const struct lunq_dt_interrupt *irq)
{
    uint32_t trigger = irq->n_cells > 1 ? irq->cells[irq->n_cells - 1] & 15 : 0;
    return trigger == 1 ? "EDGE_RISING" : trigger == 4 ? "LEVEL_HIGH" : NULL;
}

/* The nodes that have interrupts of a unit: itself, else the channels of a DMA, which fix the names.
 * NULL: no more. */
static const struct lunq_dt_node *pin_node(const struct lunq_dtbo_unit *u, unsigned k,
                                           const char **as)
{
    static const char *const names[] = {NULL, "mm2s_introut", "s2mm_introut"};
    bool own =
        lunq_dt_property(u->node, "interrupts") || lunq_dt_property(u->node, "interrupts-extended");
    *as = names[k];
    if (k == 0)
        return u->node;
    return own ? NULL : lunq_dtbo_channel(u->node, k == 1 ? "mm2s" : "s2mm");
}

static void add_pins(struct lunq_dtbo *r, const struct lunq_dtbo_unit *u)
{
    struct lunq_dt_interrupt irq;
    const char *as;
    char buf[64];
    for (unsigned k = 0; k < 3; k++) {
        const struct lunq_dt_node *n = pin_node(u, k, &as);
        for (size_t i = 0; n && i < MAX_PINS && lunq_dt_interrupt(r->t, n, i, &irq); i++)
            add_port(r, as && !i ? as : pin_name(u, n, i, buf), LUNQ_OUT, "INTERRUPT",
                     sensitivity(&irq));
    }
}

/* What lunq dtbo writes of each pin: "mm2s_introut intc 3", or "- 3" for the processor's input 3. UIO
 * knows one interrupt of the processor at most, and no controllers of the design. */
static bool own_pin(const struct lunq_dt_node *n, size_t i, char *name, char *controller,
                    unsigned *index)
{
    const char *s = lunq_dtbo_text(n, "lunq,pins", i);
    return i < MAX_PINS && s && sscanf(s, "%127s %255s %u", name, controller, index) == 3 &&
           *index < MAX_PINS;
}

static void add_own_pins(struct lunq_dtbo *r, const struct lunq_dt_node *n)
{
    char name[128], controller[256];
    unsigned index;
    for (size_t i = 0; own_pin(n, i, name, controller, &index); i++)
        add_port(r, name, LUNQ_OUT, "INTERRUPT", NULL);
}

static int wire_own_pins(struct lunq_dtbo *r, const struct lunq_dtbo_unit *u)
{
    char name[128], controller[256];
    unsigned index;
    int rc = 0;
    for (size_t i = 0; rc == 0 && own_pin(u->node, i, name, controller, &index); i++)
        rc = lunq_design_wire(r->d, u->module, &u->module->ports[i],
                              strcmp(controller, "-") ? controller : NULL, index, r->err);
    return rc;
}

static const char *controller_path(const struct lunq_dtbo *r, const struct lunq_dt_node *n)
{
    const struct lunq_dtbo_unit *u = r->units.data;
    for (size_t i = 0; i < r->units.n; i++)
        if (u[i].node == n)
            return u[i].module->path;
    return NULL;
}

static int wire(struct lunq_dtbo *r, const struct lunq_dtbo_unit *u, const struct lunq_port *port,
                const struct lunq_dt_interrupt *irq)
{
    const char *controller = irq->node ? controller_path(r, irq->node) : NULL;
    int bit;
    if (controller && irq->n_cells)
        return lunq_design_wire(r->d, u->module, port, controller, irq->cells[0], r->err);
    bit =
        !irq->node && irq->n_cells == 3 && irq->cells[0] == GIC_SPI ? ps_bit(r, irq->cells[1]) : -1;
    if (bit >= 0)
        return lunq_design_wire(r->d, u->module, port, NULL, (unsigned)bit, r->err);
    lunq_design_warn(r->d, "no PL line",
                     "%s: interrupt %s of %s is none of the processor's inputs from the logic "
                     "(number %u of %s); it is left out",
                     r->d->file, port->name, u->module->path,
                     irq->n_cells > 1 ? irq->cells[1]
                     : irq->n_cells   ? irq->cells[0]
                                      : 0,
                     irq->label ? irq->label : "an unknown controller");
    return 0;
}

/* In the order of add_pins. */
int lunq_dtbo_wire(struct lunq_dtbo *r, const struct lunq_dtbo_unit *u)
{
    struct lunq_dt_interrupt irq;
    const char *as;
    size_t at = 0;
    int rc = 0;
    if (lunq_dt_property(u->node, "lunq,pins"))
        return wire_own_pins(r, u);
    for (unsigned k = 0; k < 3; k++) {
        const struct lunq_dt_node *n = pin_node(u, k, &as);
        for (size_t i = 0; rc == 0 && n && i < MAX_PINS && lunq_dt_interrupt(r->t, n, i, &irq); i++)
            rc = wire(r, u, &u->module->ports[at++], &irq);
    }
    return rc;
}

/* ---- clocks --------------------------------------------------------------------------------- */

static void add_clocks(struct lunq_dtbo *r, const struct lunq_dtbo_unit *u)
{
    const struct lunq_dt_property *p = lunq_dt_property(u->node, "clocks");
    for (size_t k = 0; p && k < p->n_refs && k < MAX_PINS; k++) {
        struct lunq_dtbo_clock c = lunq_dtbo_clock_of(p, k);
        const char *name = lunq_dtbo_text(u->node, "clock-names", k);
        struct lunq_port *port;
        char buf[24];
        snprintf(buf, sizeof buf, "clk%zu", k);
        add_port(r, name ? name : buf, LUNQ_IN, "clk", NULL);
        if (r->d->priv->arena.failed)
            return;
        port = (struct lunq_port *)r->ports.data + r->ports.n - 1;
        port->clk_hz = c.hz;
        port->pl_clock = c.pl_clock;
    }
}

void lunq_dtbo_ports(struct lunq_dtbo *r, struct lunq_dtbo_unit *u)
{
    if (lunq_dt_property(u->node, "lunq,pins"))
        add_own_pins(r, u->node);
    else
        add_pins(r, u);
    add_clocks(r, u);
    u->module->ports =
        lunq_vec_keep(&r->ports, sizeof *u->module->ports, &r->d->priv->arena, &u->module->n_ports);
}
