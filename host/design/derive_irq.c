/* derive_irq.c - interrupt pins and controllers, by a bit-accurate walk from the PS outwards.
 *
 * Each interrupt input of the PS is expanded bit by bit (pynq-behaviour E, "Interrupt truth"): the
 * driver of its net is a concat, which contributes In0, In1, ... each with its full width,
 * connected or not, again expanded the same way; an axi_intc, whose intr input is expanded in
 * turn, to any depth of cascade; a constant, which is no source; or a source. PYNQ counts
 * connected inputs instead of bits and loses pins that go straight to the PS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

enum {
    MAX_BITS = 64,      /* of one input: the PS has 16, an axi_intc 32 */
    MAX_NESTING = 32,   /* concats in concats */
    MAX_STEPS = 4000000 /* pins looked at in one design */
};

/* Where the bits of an expansion arrive. */
struct target {
    size_t controller; /* index, or LUNQ_NONE: the PS */
    const int *raw;    /* GIC number per bit for the PS; NULL: none */
    unsigned first;    /* index of bit 0 */
};

struct wire {
    size_t pin;
    struct lunq_irq_wire w;
};

struct walk {
    struct lunq_design *d;
    struct lunq_nets nets;
    struct lunq_map pin_of;  /* port -> 1 + index into pins */
    struct lunq_map ctrl_of; /* module -> 1 + index into controllers */
    struct lunq_vec pins, controllers, wires;
    const struct lunq_module *stack[MAX_NESTING]; /* concats being expanded */
    unsigned depth;
    size_t steps;
};

static bool is_concat(const struct lunq_module *m)
{
    return m && (lunq_module_is(m, "xlconcat") || lunq_module_is(m, "ilconcat"));
}

static bool is_constant(const struct lunq_module *m)
{
    return m && (lunq_module_is(m, "xlconstant") || lunq_module_is(m, "ilconstant"));
}

static bool is_intc(const struct lunq_module *m)
{
    return m && lunq_module_is(m, "axi_intc");
}

/* ---- results ------------------------------------------------------------------------------- */

static const char *pin_path(struct walk *w, const struct lunq_net_pin *p)
{
    return p->module ? lunq_design_join(w->d, p->module->path, "/", p->port->name) : p->port->name;
}

/* Notes that bits 0 .. width-1 of a pin arrive at `to`. */
static void add_pin(struct walk *w, const struct lunq_net_pin *p, unsigned width,
                    const struct target *to)
{
    size_t at = (size_t)(uintptr_t)lunq_map_get(&w->pin_of, p->port);
    if (!at) {
        struct lunq_irq_pin *pin = lunq_design_push(w->d, &w->pins, sizeof *pin);
        at = w->pins.n;
        if (!pin || !lunq_map_put(&w->pin_of, p->port, (void *)(uintptr_t)at)) {
            w->d->priv->arena.failed = true;
            return;
        }
        pin->path = pin_path(w, p);
        pin->module = p->module;
        pin->port = p->port->name;
        pin->source = p->drives && !is_constant(p->module);
    }
    w->steps += width;
    for (unsigned bit = 0; bit < width && bit < p->port->width; bit++) {
        struct wire *wire = lunq_design_push(w->d, &w->wires, sizeof *wire);
        if (!wire)
            return;
        wire->pin = at - 1;
        wire->w = (struct lunq_irq_wire){to->controller, to->first + bit, bit,
                                         to->raw ? to->raw[bit] : -1};
    }
}

static void add_controller(struct walk *w, const struct lunq_module *m, const struct target *to)
{
    struct lunq_irq_controller *c;
    if (lunq_map_get(&w->ctrl_of, m))
        return; /* on several inputs: the first, lowest one counts */
    if (!(c = lunq_design_push(w->d, &w->controllers, sizeof *c)))
        return;
    *c = (struct lunq_irq_controller){.path = m->path,
                                      .module = m,
                                      .parent = to ? to->controller : LUNQ_NONE,
                                      .dangling = !to,
                                      .index = to ? to->first : 0,
                                      .raw_irq = to && to->raw ? to->raw[0] : -1};
    if (!lunq_map_put(&w->ctrl_of, m, (void *)(uintptr_t)w->controllers.n))
        w->d->priv->arena.failed = true;
}

/* ---- the walk ------------------------------------------------------------------------------ */

static void expand(struct walk *w, const char *net, unsigned width, const struct target *to);

/* "In12" -> 12; -1 for other names. */
static int input_number(const char *name)
{
    int n = 0;
    if (strncmp(name, "In", 2) || !name[2] || strlen(name) > 5)
        return -1;
    for (name += 2; *name; name++) {
        if (*name < '0' || *name > '9')
            return -1;
        n = 10 * n + *name - '0';
    }
    return n;
}

static unsigned input_width(const struct lunq_module *m, const struct lunq_port *port, int i)
{
    char name[24];
    int64_t width;
    if (port)
        return port->width;
    snprintf(name, sizeof name, "IN%d_WIDTH", i);
    width = lunq_module_param_int(m, name, 1);
    return width < 1 ? 1 : width > MAX_BITS ? MAX_BITS : (unsigned)width;
}

static void expand_inputs(struct walk *w, const struct lunq_module *m, unsigned width,
                          const struct target *to)
{
    const struct lunq_port *in[MAX_BITS] = {0};
    int64_t inputs = lunq_module_param_int(m, "NUM_PORTS", MAX_BITS);
    unsigned at = 0;
    for (size_t i = 0; i < m->n_ports; i++) {
        int n = input_number(m->ports[i].name);
        if (n >= 0 && n < MAX_BITS && m->ports[i].dir == LUNQ_IN)
            in[n] = &m->ports[i];
    }
    w->steps += m->n_ports;
    /* Every input is at least one bit, so a NUM_PORTS of a billion ends with the bits asked for. */
    for (int i = 0; i < inputs && i < MAX_BITS && at < width; i++) {
        unsigned wide = input_width(m, in[i], i), rest = width - at;
        struct target part = *to;
        part.first += at;
        part.raw = to->raw ? to->raw + at : NULL;
        if (in[i])
            expand(w, in[i]->net, wide < rest ? wide : rest, &part);
        if (wide >= rest)
            break;
        at += wide;
    }
}

static void expand_concat(struct walk *w, const struct lunq_module *m, unsigned width,
                          const struct target *to)
{
    for (unsigned i = 0; i < w->depth; i++)
        if (w->stack[i] == m) {
            lunq_design_warn(w->d, "concat loop",
                             "%s: %s feeds itself; its interrupts are left out", w->d->file,
                             m->path);
            return;
        }
    if (w->depth == MAX_NESTING) {
        lunq_design_warn(w->d, "concat depth",
                         "%s: more than %d concats in a row at %s; the rest is "
                         "left out",
                         w->d->file, MAX_NESTING, m->path);
        return;
    }
    w->stack[w->depth++] = m;
    expand_inputs(w, m, width, to);
    w->depth--;
}

/* The pin that decides what the net is: a concat's output, a controller's, else any source, else
 * a constant, else NULL. */
static const struct lunq_net_pin *driver_of(struct walk *w, const struct lunq_net_pin *first)
{
    const struct lunq_net_pin *best = NULL;
    for (const struct lunq_net_pin *p = first; p; p = p->next) {
        w->steps++;
        if (!p->drives)
            continue;
        if ((is_concat(p->module) && !strcmp(p->port->name, "dout")) ||
            (is_intc(p->module) && !strcmp(p->port->name, "irq")))
            return p;
        if (!best || is_constant(best->module))
            best = p;
    }
    return best;
}

static void expand(struct walk *w, const char *net, unsigned width, const struct target *to)
{
    const struct lunq_net_pin *first = lunq_map_get(&w->nets.first, net), *driver;
    if (!first || !width || w->d->priv->arena.failed)
        return;
    if (w->steps > MAX_STEPS) {
        lunq_design_warn(w->d, "too much wiring",
                         "%s: the interrupt wiring is too large; some "
                         "interrupts are left out",
                         w->d->file);
        return;
    }
    driver = driver_of(w, first);
    if (driver && is_concat(driver->module)) {
        expand_concat(w, driver->module, width, to);
    } else if (driver && is_intc(driver->module) && !strcmp(driver->port->name, "irq")) {
        add_controller(w, driver->module, to);
    } else if (!driver || !is_constant(driver->module)) {
        /* Every pin of the net, as PYNQ lists them: also "concat/In0" and "intc/intr". */
        for (const struct lunq_net_pin *p = first; p && w->steps <= MAX_STEPS; p = p->next) {
            w->steps++;
            if (p->module || p->drives)
                add_pin(w, p, width, to);
        }
    }
}

/* ---- where it starts ----------------------------------------------------------------------- */

static void expand_ps_port(struct walk *w, const char *name, const int *raw, unsigned bits,
                           unsigned first)
{
    const struct lunq_port *p = lunq_module_port(w->d->ps, name);
    struct target to = {LUNQ_NONE, raw, first};
    if (p && p->net)
        expand(w, p->net, p->width < bits ? p->width : bits, &to);
}

/* Zynq-7000: IRQ_F2P[7:0] are GIC 61 to 68, [15:8] 84 to 91 (registers.md section 19). In REVERSE
 * mode the PS wrapper of Vivado puts n inputs on the upper n lines: processing_system7's Verilog,
 * "irq_f2p_select". */
static void expand_zynq(struct walk *w)
{
    const struct lunq_module *ps = w->d->ps;
    const struct lunq_port *p = lunq_module_port(ps, "IRQ_F2P");
    const char *mode = lunq_module_param(ps, "PCW_IRQ_F2P_MODE", "DIRECT");
    int raw[16];
    unsigned skip = 0;
    if (!p)
        return;
    if (!strcmp(mode, "REVERSE")) {
        skip = p->width < 16 ? 16 - p->width : 0;
        if (p->net)
            lunq_design_warn(w->d, "reverse",
                             "%s: %s has IRQ_F2P in REVERSE mode: bit 0 of %u is "
                             "taken as line %u, which has not been verified on a board",
                             w->d->file, ps->path, p->width, skip);
    }
    for (unsigned i = 0; i < 16; i++)
        raw[i] = i + skip < 8 ? (int)(61 + i + skip) : i + skip < 16 ? (int)(76 + i + skip) : -1;
    expand_ps_port(w, "IRQ_F2P", raw, 16, 0);
}

static void expand_zynqmp(struct walk *w)
{
    static const int irq0[8] = {121, 122, 123, 124, 125, 126, 127, 128};
    static const int irq1[8] = {136, 137, 138, 139, 140, 141, 142, 143};
    expand_ps_port(w, "pl_ps_irq0", irq0, 8, 0);
    expand_ps_port(w, "pl_ps_irq1", irq1, 8, 0);
}

/* Versal: pl_ps_irq0 to 15, one bit each; index is the number in the name. */
static void expand_versal(struct walk *w)
{
    bool used = false;
    for (unsigned i = 0; i < 16; i++) {
        char name[16];
        const struct lunq_port *p;
        snprintf(name, sizeof name, "pl_ps_irq%u", i);
        p = lunq_module_port(w->d->ps, name);
        used |= p && p->net;
        expand_ps_port(w, name, NULL, 1, i);
    }
    if (used)
        lunq_design_warn(w->d, "versal",
                         "%s: the interrupt numbers of a Versal PS are not known; "
                         "raw_irq is missing",
                         w->d->file);
}

static void expand_controllers(struct walk *w)
{
    for (size_t i = 0; i < w->controllers.n; i++) { /* grows while it runs: cascades */
        const struct lunq_module *m = ((struct lunq_irq_controller *)w->controllers.data)[i].module;
        const struct lunq_port *p = lunq_module_port(m, "intr");
        struct target to = {i, NULL, 0};
        if (p && p->net)
            expand(w, p->net, p->width < 32 ? p->width : 32, &to);
    }
}

#define MOST_GIVEN 32u /* bits of one pin, as the inputs of an axi_intc */

/* ---- wires given without nets -------------------------------------------------------------- */

static int ps_raw_irq(const struct lunq_design *d, unsigned *index)
{
    if (lunq_module_is(d->ps, "processing_system7"))
        return *index < 8 ? (int)(61 + *index) : *index < 16 ? (int)(76 + *index) : -1;
    if (!lunq_module_is(d->ps, "zynq_ultra_ps_e") || *index >= 16)
        return -1;
    if (*index < 8)
        return (int)(121 + *index);
    *index -= 8; /* pl_ps_irq1 counts from 0 again */
    return (int)(136 + *index);
}

/* False when its controller is not known (yet). */
static bool place_wire(struct walk *w, struct lunq_given_wire *g)
{
    size_t c = (size_t)(uintptr_t)lunq_map_get(&w->ctrl_of,
                                               lunq_map_get(&w->d->priv->modules, g->controller));
    struct lunq_net_pin pin = {g->module, g->port, NULL, true};
    struct target to = {c ? c - 1 : LUNQ_NONE, NULL, g->index};
    int raw[MOST_GIVEN];
    unsigned width = g->port->width < MOST_GIVEN ? g->port->width : MOST_GIVEN;
    if (g->controller ? !c : !w->d->ps)
        return false;
    for (unsigned i = width; !g->controller && i-- > 0;) { /* the first last: its index stays */
        to.first = g->index + i;
        raw[i] = ps_raw_irq(w->d, &to.first);
        to.raw = raw;
    }
    if (is_intc(g->module) && !strcmp(g->port->name, "irq"))
        add_controller(w, g->module, &to);
    else
        add_pin(w, &pin, width, &to);
    return true;
}

/* Controllers first become known by their own wire, so it takes as many rounds as cascades. */
static void place_wires(struct walk *w)
{
    struct lunq_given_wire *g = w->d->priv->wires.data;
    size_t n = w->d->priv->wires.n;
    bool more = n > 0;
    while (more) {
        more = false;
        for (size_t i = 0; i < n; i++)
            if (!g[i].placed && place_wire(w, &g[i]))
                g[i].placed = more = true;
    }
    for (size_t i = 0; i < n; i++)
        if (!g[i].placed)
            lunq_design_warn(w->d, "unplaced wire", "%s: interrupt %s of %s does not reach the PS",
                             w->d->file, g[i].port->name, g[i].module->path);
}

/* Controllers the PS does not see: private to a MicroBlaze, or with irq open. */
static void add_dangling(struct walk *w)
{
    const char *open = NULL;
    for (size_t i = 0; i < w->d->n_modules; i++) {
        const struct lunq_module *m = &w->d->modules[i];
        const struct lunq_port *irq = is_intc(m) ? lunq_module_port(m, "irq") : NULL;
        if (!is_intc(m) || lunq_map_get(&w->ctrl_of, m))
            continue;
        if (!irq || !irq->net)
            open = m->path;
        add_controller(w, m, NULL);
    }
    if (open)
        lunq_design_warn(w->d, "dangling",
                         "%s: interrupt controller %s has its irq output open: "
                         "nobody receives its interrupts",
                         w->d->file, open);
}

/* ---- putting it together ------------------------------------------------------------------- */

/* Each pin's wires side by side, in the order found; its lowest input first. */
static void sort_wires(struct walk *w)
{
    struct lunq_irq_pin *pins = w->pins.data;
    const struct wire *wires = w->wires.data;
    struct lunq_irq_wire *all;
    size_t at = 0;
    if (!w->wires.n || !(all = lunq_design_alloc(w->d, w->wires.n * sizeof *all)))
        return;
    for (size_t i = 0; i < w->wires.n; i++)
        pins[wires[i].pin].n_wires++;
    for (size_t i = 0; i < w->pins.n; i++) {
        pins[i].wires = all + at;
        at += pins[i].n_wires;
        pins[i].n_wires = 0;
    }
    for (size_t i = 0; i < w->wires.n; i++) {
        struct lunq_irq_pin *p = &pins[wires[i].pin];
        size_t k = p->n_wires++;
        struct lunq_irq_wire *to = all + (p->wires - all);
        to[k] = wires[i].w;
        /* Only wires of the same controller compete for "lowest". */
        if (k && to[k].controller == to[0].controller && to[k].index < to[0].index) {
            struct lunq_irq_wire lower = to[k];
            to[k] = to[0];
            to[0] = lower;
        }
    }
    for (size_t i = 0; i < w->pins.n; i++) {
        pins[i].controller = pins[i].n_wires ? pins[i].wires[0].controller : LUNQ_NONE;
        pins[i].index = pins[i].n_wires ? pins[i].wires[0].index : 0;
        pins[i].raw_irq = pins[i].n_wires ? pins[i].wires[0].raw_irq : -1;
    }
}

void lunq_derive_interrupts(struct lunq_design *d)
{
    struct walk w = {.d = d};
    struct lunq_arena *a = &d->priv->arena;
    if (!lunq_nets_build(&w.nets, d))
        a->failed = true;
    else if (d->ps && lunq_module_is(d->ps, "processing_system7"))
        expand_zynq(&w);
    else if (d->ps && lunq_module_is(d->ps, "zynq_ultra_ps_e"))
        expand_zynqmp(&w);
    else if (d->ps)
        expand_versal(&w);
    expand_controllers(&w);
    place_wires(&w);
    add_dangling(&w);
    sort_wires(&w);
    d->pins = lunq_vec_keep(&w.pins, sizeof *d->pins, a, &d->n_pins);
    d->controllers = lunq_vec_keep(&w.controllers, sizeof *d->controllers, a, &d->n_controllers);
    lunq_nets_free(&w.nets);
    lunq_map_free(&w.pin_of);
    lunq_map_free(&w.ctrl_of);
    lunq_vec_free(&w.pins);
    lunq_vec_free(&w.controllers);
    lunq_vec_free(&w.wires);
}
