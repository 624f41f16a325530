/* irq.c - interrupt lines: what arrives at the inputs of interrupt controllers and at the processor.
 * The design says which bit of which pin that is (derive_irq.c); levels come from wire.c. A line of
 * the processor behaves as one under Linux's UIO: armed, it takes one interrupt. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* ---- the wiring ---------------------------------------------------------------------------- */

static int by_target(const void *a, const void *b)
{
    const struct sim_irq_wire *x = a, *y = b;
    if (x->controller != y->controller)
        return x->controller < y->controller ? -1 : 1;
    return x->input < y->input ? -1 : x->input > y->input;
}

static size_t count_wires(const struct lunq_design *d)
{
    size_t n = d->n_controllers;
    for (size_t i = 0; i < d->n_pins; i++)
        n += d->pins[i].source ? d->pins[i].n_wires : 0;
    return n;
}

static const struct lunq_port *port_of(const struct lunq_design *d, const struct lunq_module *m,
                                       const char *name)
{
    if (m)
        return lunq_module_port(m, name);
    for (size_t i = 0; i < d->n_external; i++)
        if (!strcmp(d->external[i].name, name))
            return &d->external[i];
    return NULL;
}

/* What stands behind an output of a reconfigurable region: the pin, in the design loaded into it, on
 * the net of its external port of that name. */
static struct sim_inst *behind_region(struct lunq_sim *s, const struct lunq_module *region,
                                      const char *name, const struct lunq_port **pin)
{
    for (size_t i = 0; i < s->fabric.n_insts; i++) {
        struct sim_inst *inst = s->fabric.insts[i];
        const struct lunq_port *out = NULL;
        if (!inst->region || strcmp(inst->region, region->path))
            continue;
        for (size_t k = 0; k < inst->design->n_external; k++)
            if (!strcmp(inst->design->external[k].name, name))
                out = &inst->design->external[k];
        for (size_t k = 0; out && out->net && k < inst->module->n_ports; k++) {
            const struct lunq_port *p = &inst->module->ports[k];
            if (p->dir == LUNQ_OUT && p->net && !strcmp(p->net, out->net)) {
                *pin = p;
                return inst;
            }
        }
    }
    return NULL;
}

static void add_wire(struct lunq_sim *s, size_t controller, int input, unsigned bit,
                     const struct lunq_module *m, const char *port)
{
    const struct lunq_port *p = port_of(s->fabric.design, m, port);
    struct sim_inst *inst = m && !sim_is_cell(m) ? sim_inst_of(s, m) : NULL;
    if (m && !inst && (inst = behind_region(s, m, port, &p)))
        m = inst->module;
    if (p && input >= 0)
        s->irqs.wires[s->irqs.n_wires++] =
            (struct sim_irq_wire){controller, (unsigned)input, bit, m, p, inst};
}

static void add_wires(struct lunq_sim *s, const struct lunq_design *d)
{
    for (size_t i = 0; i < d->n_pins; i++)
        for (size_t k = 0; d->pins[i].source && k < d->pins[i].n_wires; k++) {
            const struct lunq_irq_wire *w = &d->pins[i].wires[k];
            bool cpu = w->controller == LUNQ_NONE;
            add_wire(s, w->controller, cpu ? w->raw_irq : (int)w->index, w->bit, d->pins[i].module,
                     d->pins[i].port);
        }
    for (size_t i = 0; i < d->n_controllers; i++) {
        const struct lunq_irq_controller *c = &d->controllers[i];
        if (!c->dangling)
            add_wire(s, c->parent, c->parent == LUNQ_NONE ? c->raw_irq : (int)c->index, 0,
                     c->module, "irq");
    }
    if (s->irqs.n_wires)
        qsort(s->irqs.wires, s->irqs.n_wires, sizeof *s->irqs.wires, by_target);
}

/* Whether the source says that it pulses: the line must not miss it. On a board the device tree
 * decides, and Vivado's users copy it from there. */
static bool is_edge(const struct sim_irq_wire *w)
{
    if (w->module && lunq_module_is(w->module, "axi_intc"))
        return !lunq_module_param_int(w->module, "C_IRQ_IS_LEVEL", 1);
    return w->port->sensitivity && !strncmp(w->port->sensitivity, "EDGE", 4);
}

static bool add_lines(struct sim_irqs *q)
{
    size_t at = 0;
    while (at < q->n_wires && q->wires[at].controller != LUNQ_NONE)
        at++;
    if (at == q->n_wires)
        return true;
    q->lines = calloc(q->n_wires - at, sizeof *q->lines);
    if (!q->lines)
        return false;
    for (; at < q->n_wires; at++) {
        struct sim_line *l = q->n_lines ? &q->lines[q->n_lines - 1] : NULL;
        if (!l || l->gic != q->wires[at].input) {
            l = &q->lines[q->n_lines++];
            *l = (struct sim_line){.gic = q->wires[at].input, .first = at};
        }
        l->n++;
        l->edge |= is_edge(&q->wires[at]);
    }
    return true;
}

/* The state of the lines there were before a region was loaded. */
static void carry_over(struct sim_irqs *q, struct sim_line *old, size_t n)
{
    for (size_t i = 0; i < q->n_lines; i++)
        for (size_t k = 0; k < n; k++)
            if (old[k].gic == q->lines[i].gic) {
                struct sim_line *l = &q->lines[i];
                l->armed = old[k].armed;
                l->level = old[k].level;
                l->latched = old[k].latched;
                l->count = old[k].count;
                l->when = old[k].when;
                l->uio = old[k].uio;
                old[k].uio = NULL;
            }
}

static void close_lines(struct sim_irqs *q)
{
    for (size_t i = 0; i < q->n_lines; i++)
        sim_uio_close(q->lines[i].uio);
    free(q->lines);
    free(q->wires);
}

/* Without memory there are no interrupts, which shows as an unknown line. */
static void build(struct lunq_sim *s)
{
    const struct lunq_design *d = s->fabric.design;
    struct sim_irqs old = s->irqs;
    s->irqs = (struct sim_irqs){.built = s->version, .asked = old.asked};
    if (d && (s->irqs.wires = calloc(count_wires(d) + 1, sizeof *s->irqs.wires))) {
        add_wires(s, d);
        if (!add_lines(&s->irqs))
            s->irqs.n_wires = 0;
    }
    carry_over(&s->irqs, old.lines, old.n_lines);
    close_lines(&old);
}

void sim_irqs_rewire(struct lunq_sim *s)
{
    s->irqs.built = 0;
}

void sim_irqs_clear(struct lunq_sim *s)
{
    close_lines(&s->irqs);
    memset(&s->irqs, 0, sizeof s->irqs);
}

/* ---- levels -------------------------------------------------------------------------------- */

static bool is_high(struct lunq_sim *s, const struct sim_irq_wire *w)
{
    uint64_t level = w->inst ? sim_stored_level(s, w->module, w->inst, w->port->name)
                             : sim_output_level(s, w->module, w->port);
    return level >> w->bit & 1;
}

uint32_t sim_irq_inputs(struct sim_inst *i)
{
    struct lunq_sim *s = i->sim;
    const struct lunq_design *d = s->fabric.design;
    uint32_t level = 0;
    size_t c = 0, low = 0, high;
    if (!d || i->design != d)
        return 0;
    s->irqs.asked = true;
    if (s->irqs.built != s->version)
        build(s);
    while (c < d->n_controllers && d->controllers[c].module != i->module)
        c++;
    for (high = s->irqs.n_wires; low < high;) { /* the first wire of this controller */
        size_t middle = low + (high - low) / 2;
        if (s->irqs.wires[middle].controller < c)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < s->irqs.n_wires && s->irqs.wires[low].controller == c; low++)
        if (s->irqs.wires[low].input < 32 && is_high(s, &s->irqs.wires[low]))
            level |= 1u << s->irqs.wires[low].input;
    return level;
}

/* ---- the processor's lines ----------------------------------------------------------------- */

static bool line_level(struct lunq_sim *s, const struct sim_line *l)
{
    bool level = false;
    for (size_t i = 0; i < l->n; i++)
        level = is_high(s, &s->irqs.wires[l->first + i]) || level;
    return level;
}

static void look(struct lunq_sim *s, struct sim_line *l)
{
    bool level = line_level(s, l);
    l->latched = l->latched || (l->edge && level && !l->level);
    l->level = level;
    if (!l->armed || !(l->edge ? l->latched : level))
        return;
    l->armed = l->latched = false;
    l->count++;
    l->when = s->clock.now;
    if (l->uio)
        sim_uio_fire(l->uio);
    if (s->tracing)
        sim_trace(s, "interrupt %u", l->gic);
}

void sim_irqs_changed(struct lunq_sim *s)
{
    if (s->listener && !s->programming)
        s->listener->changed(s->listener);
    if (!s->irqs.asked || !s->irqs.n_lines || s->programming)
        return; /* nobody has asked for any */
    if (s->irqs.built != s->version)
        build(s);
    for (size_t i = 0; i < s->irqs.n_lines; i++)
        if (s->irqs.lines[i].armed || s->irqs.lines[i].edge)
            look(s, &s->irqs.lines[i]);
}

bool sim_irq_line(struct lunq_sim *s, size_t i, unsigned *gic, bool *level)
{
    if (s->irqs.built != s->version)
        build(s);
    if (i >= s->irqs.n_lines)
        return false;
    *gic = s->irqs.lines[i].gic;
    *level = line_level(s, &s->irqs.lines[i]);
    return true;
}

static struct sim_line *line_of(struct lunq_sim *s, unsigned gic)
{
    s->irqs.asked = true;
    if (s->irqs.built != s->version)
        build(s);
    for (size_t i = 0; i < s->irqs.n_lines; i++)
        if (s->irqs.lines[i].gic == gic)
            return &s->irqs.lines[i];
    return NULL;
}

static int no_line(struct lunq_sim *s, unsigned gic, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_VALUE,
                     "Nothing in the design loaded on %s is wired to interrupt %u "
                     "of the processor.",
                     s->dev.name, gic);
}

int sim_irq_arm(struct lunq_device *d, unsigned gic, bool on, struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    struct sim_line *l = line_of(s, gic);
    int r;
    if (!l)
        return no_line(s, gic, err);
    if (s->config.uio && !l->uio && !(l->uio = sim_uio_open(err)))
        return LUNQ_RUNTIME;
    if (l->uio && (r = sim_uio_arm(l->uio, on, &l->armed, err)) < 0)
        return r;
    if (!l->uio)
        l->armed = on;
    if (l->armed)
        look(s, l);
    return 0;
}

int sim_irq_take(struct lunq_device *d, unsigned gic, uint64_t *count, uint64_t *when,
                 struct lunq_error *err)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    struct sim_line *l = line_of(s, gic);
    if (!l)
        return no_line(s, gic, err);
    *count = l->count;
    *when = l->when;
    l->count = 0;
    return l->uio ? sim_uio_take(l->uio, count, err) : 0;
}

int sim_irq_fd(struct lunq_device *d, unsigned gic)
{
    const struct sim_line *l = line_of((struct lunq_sim *)d, gic);
    return l && l->uio ? sim_uio_fd(l->uio) : -1;
}

int sim_irq_level(struct lunq_device *d, unsigned gic)
{
    struct lunq_sim *s = (struct lunq_sim *)d;
    const struct sim_line *l = line_of(s, gic);
    return l ? line_level(s, l) : -1;
}
