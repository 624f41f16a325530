/* wire.c - single wires: the level on a pin follows its net to the driver, through concats, slices,
 * constants and gates, bit by bit. Levels are worked out when somebody asks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define MAX_CHAIN 32 /* cells between a pin and its source; a loop of gates ends here */

/* ---- which pin drives a net ---------------------------------------------------------------- */

static size_t hash(const char *s)
{
    uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */
    while (*s)
        h = (h ^ (uint8_t)*s++) * UINT64_C(1099511628211);
    return (size_t)(h ^ h >> 32);
}

static void add_net(struct lunq_sim *s, const char *name, const struct lunq_module *m,
                    const struct lunq_port *port)
{
    size_t at = hash(name) & (s->n_nets - 1);
    while (s->nets[at].name && strcmp(s->nets[at].name, name))
        at = (at + 1) & (s->n_nets - 1);
    if (!s->nets[at].name)
        s->nets[at] = (struct sim_net){name, m, port};
}

/* All output pins and external inputs of the full design by the net they drive. */
static bool make_nets(struct lunq_sim *s)
{
    const struct lunq_design *d = s->fabric.design;
    size_t n = d->n_external, size = 16;
    for (size_t i = 0; i < d->n_modules; i++)
        n += d->modules[i].n_ports;
    while (size < 2 * n)
        size *= 2;
    s->nets = calloc(size, sizeof *s->nets);
    if (!s->nets)
        return false;
    s->n_nets = size;
    for (size_t i = 0; i < d->n_modules; i++)
        for (size_t k = 0; k < d->modules[i].n_ports; k++) {
            const struct lunq_port *p = &d->modules[i].ports[k];
            if (p->net && p->dir == LUNQ_OUT)
                add_net(s, p->net, &d->modules[i], p);
        }
    for (size_t i = 0; i < d->n_external; i++)
        if (d->external[i].net && d->external[i].dir != LUNQ_OUT)
            add_net(s, d->external[i].net, NULL, &d->external[i]);
    return true;
}

void sim_nets_clear(struct lunq_sim *s)
{
    free(s->nets);
    s->nets = NULL;
    s->n_nets = 0;
    free(s->driven);
    s->driven = NULL;
    s->n_driven = 0;
}

const struct sim_net *sim_net_driver(struct lunq_sim *s, const char *net)
{
    size_t at;
    if (!s->fabric.design || (!s->nets && !make_nets(s)))
        return NULL;
    at = hash(net) & (s->n_nets - 1);
    while (s->nets[at].name && strcmp(s->nets[at].name, net))
        at = (at + 1) & (s->n_nets - 1);
    return s->nets[at].name ? &s->nets[at] : NULL;
}

/* ---- levels -------------------------------------------------------------------------------- */

/* Ports may have more than 64 bits (emio_gpio_o of a Zynq UltraScale+ has 95): all of these give 64
 * bits of a level, from bit `from` on. */
static uint64_t output_level(struct lunq_sim *s, const struct lunq_module *m,
                             const struct lunq_port *port, unsigned from, unsigned depth);

static uint64_t mask(unsigned width)
{
    return width >= 64 ? UINT64_MAX : (UINT64_C(1) << width) - 1;
}

/* What a port of this width has left from bit `from` on. */
static uint64_t rest(unsigned width, unsigned from)
{
    return from >= width ? 0 : mask(width - from);
}

static uint64_t shifted(uint64_t level, unsigned from)
{
    return from >= 64 ? 0 : level >> from;
}

static const struct sim_driven *driven(const struct lunq_sim *s, const struct lunq_module *m,
                                       const char *port)
{
    for (size_t i = 0; i < s->n_driven; i++)
        if (s->driven[i].module == m && !strcmp(s->driven[i].port, port))
            return &s->driven[i];
    return NULL;
}

static uint64_t net_level(struct lunq_sim *s, const char *net, unsigned from, unsigned depth)
{
    const struct sim_net *n = net && depth < MAX_CHAIN ? sim_net_driver(s, net) : NULL;
    if (!n)
        return 0;
    return output_level(s, n->module, n->port, from, depth + 1);
}

static uint64_t input_level(struct lunq_sim *s, const struct lunq_module *m, const char *name,
                            unsigned from, unsigned depth)
{
    const struct sim_driven *by_hand = s->n_driven ? driven(s, m, name) : NULL;
    const struct lunq_port *p;
    if (by_hand)
        return shifted(by_hand->level, from);
    p = lunq_module_port(m, name);
    return p ? net_level(s, p->net, from, depth) & rest(p->width, from) : 0;
}

/* In0 is the lowest; an input without a net still takes its width (registers.md section 19). */
static uint64_t concat_level(struct lunq_sim *s, const struct lunq_module *m, unsigned from,
                             unsigned depth)
{
    uint64_t level = 0;
    unsigned at = 0;
    int64_t n = lunq_module_param_int(m, "NUM_PORTS", 2);
    for (int64_t i = 0; i < n && at < from + 64; i++) {
        char name[24];
        const struct lunq_port *p;
        unsigned width, skip;
        snprintf(name, sizeof name, "In%d", (int)i);
        p = lunq_module_port(m, name);
        width = p ? p->width : 1;
        skip = from > at ? from - at : 0; /* its bits below the first one asked for */
        if (p && skip < width)
            level |= (net_level(s, p->net, skip, depth) & rest(width, skip))
                     << (at > from ? at - from : 0);
        at += width;
    }
    return level;
}

static uint64_t slice_level(struct lunq_sim *s, const struct lunq_module *m, unsigned from,
                            unsigned depth)
{
    int64_t to = lunq_module_param_int(m, "DIN_TO", 0);
    if (to < 0 || to > 1024 || from > 1024)
        return 0;
    return input_level(s, m, "Din", (unsigned)to + from, depth);
}

static uint64_t gate_level(struct lunq_sim *s, const struct lunq_module *m, unsigned from,
                           unsigned depth)
{
    const char *op = lunq_module_param(m, "C_OPERATION", "and");
    uint64_t a = input_level(s, m, "Op1", from, depth), b = input_level(s, m, "Op2", from, depth);
    if (!strcmp(op, "or"))
        return a | b;
    if (!strcmp(op, "xor"))
        return a ^ b;
    return !strcmp(op, "not") ? ~a : a & b;
}

static bool is(const struct lunq_module *m, const char *a, const char *b)
{
    return m->modtype && (!strcmp(m->modtype, a) || (b && !strcmp(m->modtype, b)));
}

uint64_t sim_stored_level(struct lunq_sim *s, const struct lunq_module *m, struct sim_inst *i,
                          const char *port)
{
    const struct sim_driven *by_hand = s->n_driven ? driven(s, m, port) : NULL;
    uint64_t level = 0;
    if (by_hand)
        return by_hand->level;
    for (size_t k = 0; i && k < i->n_wires; k++)
        if (i->wires[k].port == port || !strcmp(i->wires[k].port, port))
            level = i->wires[k].level;
    if (i && s->armed && sim_fault_armed(s, i, "stuck_interrupt", port))
        level = UINT64_MAX;
    return level;
}

/* Outputs of the processing system: its GPIO lines, unless somebody drives the pin by hand. */
static uint64_t ps_level(struct lunq_sim *s, const struct lunq_module *ps, const char *port,
                         unsigned from)
{
    const struct sim_driven *by_hand = s->n_driven ? driven(s, ps, port) : NULL;
    return by_hand ? shifted(by_hand->level, from) : sim_gpio_output(s, port, from);
}

static uint64_t output_level(struct lunq_sim *s, const struct lunq_module *m,
                             const struct lunq_port *port, unsigned from, unsigned depth)
{
    uint64_t level;
    if (!m) {
        const struct sim_driven *by_hand = driven(s, NULL, port->name);
        level = by_hand ? shifted(by_hand->level, from) : 0;
    } else if (is(m, "xlconcat", "ilconcat")) {
        level = concat_level(s, m, from, depth);
    } else if (is(m, "xlslice", "ilslice")) {
        level = slice_level(s, m, from, depth);
    } else if (is(m, "xlconstant", "ilconstant")) {
        level = shifted((uint64_t)lunq_module_param_int(m, "CONST_VAL", 1), from);
    } else if (is(m, "util_vector_logic", "ilvector_logic")) {
        level = gate_level(s, m, from, depth);
    } else if (m == s->fabric.design->ps) {
        level = ps_level(s, m, port->name, from);
    } else {
        level = shifted(sim_stored_level(s, m, sim_inst_of(s, m), port->name), from);
    }
    return level & rest(port->width, from);
}

uint64_t sim_output_level(struct lunq_sim *s, const struct lunq_module *m,
                          const struct lunq_port *port)
{
    return output_level(s, m, port, 0, 0);
}

uint64_t sim_input_level(struct lunq_sim *s, const struct lunq_module *m, const char *port,
                         unsigned from)
{
    return input_level(s, m, port, from, 0);
}

uint64_t sim_external_level(struct lunq_sim *s, const struct lunq_port *port)
{
    return net_level(s, port->net, 0, 0) & mask(port->width);
}

bool sim_is_cell(const struct lunq_module *m)
{
    return is(m, "xlconcat", "ilconcat") || is(m, "xlslice", "ilslice") ||
           is(m, "xlconstant", "ilconstant") || is(m, "util_vector_logic", "ilvector_logic");
}

/* ---- for models ---------------------------------------------------------------------------- */

void sim_wires_changed(struct lunq_sim *s)
{
    if (s->depth >= SIM_MAX_DEPTH)
        return;
    s->depth++;
    sim_resets_changed(s);
    for (size_t i = 0; s->wires_listen && i < s->fabric.n_insts; i++)
        if (s->fabric.insts[i]->cls->wires && !s->fabric.insts[i]->broken)
            s->fabric.insts[i]->cls->wires(s->fabric.insts[i]);
    sim_irqs_changed(s);
    sim_gpio_changed(s);
    s->depth--;
    if (s->wave)
        sim_wave_wires(s);
}

/* The name as the design or the class has it, or NULL: the instance has no such pin. */
static const char *pin_name(const struct lunq_module *m, const struct sim_class *cls,
                            const char *port, bool out)
{
    const struct lunq_port *p = lunq_module_port(m, port);
    const char *const *more = !cls ? NULL : out ? cls->outputs : cls->inputs;
    if (p)
        return (p->dir == LUNQ_OUT) == out ? p->name : NULL;
    while (more && *more && strcmp(*more, port))
        more++;
    return more ? *more : NULL;
}

/* A pin that should stay low goes up for a moment. */
static void glitch(struct sim_inst *i, struct sim_wire *w)
{
    const char *port = w->port; /* the list may move */
    w->level = UINT64_MAX;
    if (i->sim->tracing)
        sim_trace(i->sim, "%s/%s glitch", i->path, port);
    sim_wires_changed(i->sim);
    for (size_t k = 0; k < i->n_wires; k++)
        if (i->wires[k].port == port)
            i->wires[k].level = i->wires[k].raw;
    sim_wires_changed(i->sim);
}

void sim_wire_set(struct sim_inst *i, const char *port, uint64_t level)
{
    struct sim_wire *list;
    size_t k = 0;
    while (k < i->n_wires && strcmp(i->wires[k].port, port))
        k++;
    if (k == i->n_wires) {
        const char *name = pin_name(i->module, i->base, port, true);
        if (!name || !(list = realloc(i->wires, (k + 1) * sizeof *list)))
            return; /* a pin this configuration doesn't have */
        i->wires = list;
        i->wires[i->n_wires++] = (struct sim_wire){.port = name};
    }
    if (level == 0 && i->wires[k].level == 0 && sim_fault(i, "spurious_interrupt", port)) {
        glitch(i, &i->wires[k]);
        return;
    }
    if (i->wires[k].raw == level)
        return;
    i->wires[k].raw = level;
    i->wires[k].level = level && sim_fault(i, "lost_interrupt", port) ? 0 : level;
    if (i->sim->tracing)
        sim_trace(i->sim, "%s/%s = %llu", i->path, port, (unsigned long long)level);
    sim_wires_changed(i->sim);
}

uint64_t sim_wire_get(struct sim_inst *i, const char *port)
{
    return input_level(i->sim, i->module, port, 0, 0);
}

/* ---- for people ---------------------------------------------------------------------------- */

static const char *external_name(void *ctx, size_t i)
{
    return ((const struct lunq_design *)ctx)->external[i].name;
}

static const char *port_name(void *ctx, size_t i)
{
    return ((const struct lunq_module *)ctx)->ports[i].name;
}

static int no_pin(struct lunq_sim *s, const char *pin, const struct lunq_module *m,
                  struct lunq_error *err)
{
    char hint[160];
    struct lunq_design *d = s->fabric.design;
    if (m)
        return lunq_fail(err, LUNQ_VALUE, "%s has no pin \"%s\"%s.", m->path, pin,
                         sim_suggest(hint, sizeof hint, pin, port_name, (void *)m, m->n_ports));
    return lunq_fail(err, LUNQ_VALUE, "The loaded design has no pin \"%s\"%s.", pin,
                     sim_suggest(hint, sizeof hint, pin, external_name, d, d ? d->n_external : 0));
}

/* What a text stands for: an external port, or the pin of a module. */
struct pin {
    const struct lunq_module *module; /* NULL: external */
    const struct lunq_port *port;     /* NULL: a pin only the class knows */
    const char *name;                 /* NULL: there is none */
    struct sim_inst *inst;
    bool out;
};

static const struct lunq_module *module_of(struct lunq_sim *s, const char *pin, const char *slash)
{
    const struct lunq_module *m;
    const struct sim_inst *inst;
    char path[512];
    if (!slash || (size_t)(slash - pin) >= sizeof path)
        return NULL;
    memcpy(path, pin, (size_t)(slash - pin));
    path[slash - pin] = 0;
    if ((m = lunq_design_module(s->fabric.design, path)))
        return m;
    inst = sim_inst_find(s, path); /* of a design loaded into a region */
    return inst ? inst->module : NULL;
}

static int find_pin(struct lunq_sim *s, const char *text, struct pin *pin, struct lunq_error *err)
{
    const struct lunq_design *d = s->fabric.design;
    const char *slash = strrchr(text, '/');
    *pin = (struct pin){0};
    if (!d)
        return lunq_fail(err, LUNQ_RUNTIME, "Pin %s: the device has no design.", text);
    pin->module = module_of(s, text, slash);
    for (size_t i = 0; !slash && i < d->n_external; i++)
        if (!strcmp(d->external[i].name, text))
            pin->port = &d->external[i];
    if (pin->module) {
        const struct sim_class *cls;
        pin->port = lunq_module_port(pin->module, slash + 1);
        pin->inst = sim_inst_of(s, pin->module);
        cls = pin->inst ? pin->inst->base : NULL;
        pin->name = pin_name(pin->module, cls, slash + 1, false);
        if (!pin->name) {
            pin->name = pin_name(pin->module, cls, slash + 1, true);
            pin->out = pin->name != NULL;
        }
    } else if (pin->port) {
        pin->name = pin->port->name;
        pin->out = pin->port->dir == LUNQ_OUT;
    }
    if (!pin->name)
        return no_pin(s, pin->module ? slash + 1 : text, pin->module, err);
    return 0;
}

int lunq_sim_wire(struct lunq_sim *s, const char *text, uint64_t *level, struct lunq_error *err)
{
    struct pin pin;
    int r = sim_gpio_pin(s, text, level, NULL, err);
    if (r)
        return r < 0 ? r : 0;
    r = find_pin(s, text, &pin, err);
    if (r < 0)
        return r;
    if (!pin.module)
        *level = sim_external_level(s, pin.port);
    else if (!pin.out)
        *level = input_level(s, pin.module, pin.name, 0, 0);
    else
        *level = pin.port ? output_level(s, pin.module, pin.port, 0, 0)
                          : sim_stored_level(s, pin.module, pin.inst, pin.name);
    return 0;
}

int lunq_sim_drive(struct lunq_sim *s, const char *text, uint64_t level, struct lunq_error *err)
{
    struct sim_driven *list;
    struct pin pin;
    int r = sim_gpio_pin(s, text, NULL, &level, err);
    if (r)
        return r < 0 ? r : 0;
    r = find_pin(s, text, &pin, err);
    if (r < 0)
        return r;
    if (!pin.module && pin.out)
        return lunq_fail(err, LUNQ_VALUE,
                         "%s is an output of the design: nobody outside drives it.", text);
    if (pin.port && pin.port->width < 64 && level > mask(pin.port->width))
        return lunq_fail(err, LUNQ_VALUE, "%s has %u bits: 0x%llx does not fit.", text,
                         pin.port->width, (unsigned long long)level);
    list = (struct sim_driven *)driven(s, pin.module, pin.name);
    if (!list) {
        list = realloc(s->driven, (s->n_driven + 1) * sizeof *list);
        if (!list)
            return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
        s->driven = list;
        list += s->n_driven++;
        *list = (struct sim_driven){pin.module, pin.name, 0};
    }
    list->level = level;
    sim_wires_changed(s);
    return 0;
}
