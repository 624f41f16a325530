/* reset.c - IP held in reset by a program: through GPIO lines of the processor or an AXI GPIO, with
 * slices, concats and gates between. Such an IP starts anew, answers no access and takes no stream
 * data while its pin is active, as on a board, where it is held from the download on until somebody
 * lets it go. Resets that come from elsewhere (proc_sys_reset, FCLK_RESET0_N) are over before a
 * program can notice. */
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "private.h"

/* Cells looked at on the way from one pin to its drivers; a loop of gates ends here. */
#define MAX_CELLS 256

/* ---- which pins a program drives ------------------------------------------------------------ */

static bool is_gpio(const struct lunq_sim *s, const struct lunq_module *m, const char *port)
{
    if (m == s->fabric.design->ps)
        return !strcmp(port, "GPIO_O") || !strcmp(port, "emio_gpio_o");
    return lunq_module_is(m, "axi_gpio") &&
           (!strcmp(port, "gpio_io_o") || !strcmp(port, "gpio2_io_o"));
}

static bool driven_by_gpio(struct lunq_sim *s, const char *net, unsigned *budget)
{
    const struct sim_net *n = net && *budget ? sim_net_driver(s, net) : NULL;
    if (!n || !n->module)
        return false;
    if (!sim_is_cell(n->module))
        return is_gpio(s, n->module, n->port->name);
    for (size_t i = 0; i < n->module->n_ports && *budget; i++) {
        const struct lunq_port *p = &n->module->ports[i];
        --*budget;
        if (p->dir == LUNQ_IN && driven_by_gpio(s, p->net, budget))
            return true;
    }
    return false;
}

static bool is_active_low(const struct lunq_port *p)
{
    size_t n = strlen(p->name);
    if (p->polarity)
        return !strcmp(p->polarity, "ACTIVE_LOW");
    return n > 0 && (p->name[n - 1] == 'n' || p->name[n - 1] == 'N'); /* aresetn, ap_rst_n */
}

static bool add(struct lunq_sim *s, struct sim_inst *i, const struct lunq_port *p)
{
    struct sim_reset *list = realloc(s->resets, (s->n_resets + 1) * sizeof *list);
    if (!list)
        return false;
    s->resets = list;
    s->resets[s->n_resets++] = (struct sim_reset){i, p, is_active_low(p)};
    return true;
}

void sim_resets_clear(struct lunq_sim *s)
{
    sim_clock_cancel(&s->clock, &s->reset_event);
    free(s->resets);
    s->resets = NULL;
    s->n_resets = s->n_held = 0;
}

/* ---- going into reset and out of it ---------------------------------------------------------- */

static bool is_held(struct lunq_sim *s, const struct sim_inst *i)
{
    for (size_t k = 0; k < s->n_resets; k++) {
        const struct sim_reset *r = &s->resets[k];
        bool level = r->inst == i && (sim_input_level(s, i->module, r->port->name, 0) & 1);
        if (r->inst == i && level != r->active_low)
            return true;
    }
    return false;
}

/* Registers have their reset values again; memories keep what is in them. */
static void start_anew(struct sim_inst *i)
{
    struct lunq_error err;
    if (i->cls->destroy)
        i->cls->destroy(i);
    i->state = NULL;
    free(i->wires);
    i->wires = NULL;
    i->n_wires = 0;
    i->n_follows = 0; /* they pointed into the state */
    for (size_t k = 0; i->base != &sim_bram && k < i->n_slots; k++)
        sim_slot_clear(i->slots[k]);
    i->broken = i->cls->create && i->cls->create(i, &err) < 0;
    if (i->broken)
        sim_report(i, &err);
}

/* Nothing of any model is running now: models that went into reset may be replaced. */
static void fire(struct sim_event *e)
{
    struct lunq_sim *s = (struct lunq_sim *)((char *)e - offsetof(struct lunq_sim, reset_event));
    for (size_t k = 0; k < s->n_resets; k++) {
        struct sim_inst *i = s->resets[k].inst;
        if (!i->was_reset)
            continue;
        i->was_reset = false;
        start_anew(i);
    }
    sim_wires_changed(s);
}

static void let_go(struct sim_inst *i)
{
    for (struct sim_link *l = i->in; l; l = l->next_in)
        sim_link_ready(l); /* whoever was refused tries again */
}

/* A pin may have changed. */
static void look(struct lunq_sim *s, struct sim_inst *i, bool fresh)
{
    bool held = is_held(s, i);
    if (held == i->held)
        return;
    i->held = held;
    s->n_held += held ? 1 : (size_t)-1;
    if (s->tracing)
        sim_trace(s, "%s %s", i->path, held ? "held in reset" : "out of reset");
    if (held && !fresh) {
        i->was_reset = true;
        sim_clock_plan(&s->clock, &s->reset_event, 0);
    } else if (!held) {
        let_go(i);
    }
    sim_update_direct(s);
}

void sim_resets_changed(struct lunq_sim *s)
{
    for (size_t k = 0; k < s->n_resets && !s->programming; k++)
        look(s, s->resets[k].inst, false);
}

/* Without memory an IP is not held, which is how it was before. */
void sim_resets_build(struct lunq_sim *s)
{
    sim_resets_clear(s);
    s->reset_event.fire = fire;
    for (size_t i = 0; i < s->fabric.n_insts; i++) {
        struct sim_inst *inst = s->fabric.insts[i];
        inst->held = false;
        if (inst->was_reset) /* a region was loaded at that moment */
            sim_clock_plan(&s->clock, &s->reset_event, 0);
        for (size_t k = 0; inst->design == s->fabric.design && k < inst->module->n_ports; k++) {
            const struct lunq_port *p = &inst->module->ports[k];
            unsigned budget = MAX_CELLS;
            if (p->dir == LUNQ_IN && p->sigis && !strcasecmp(p->sigis, "rst") &&
                driven_by_gpio(s, p->net, &budget) && !add(s, inst, p))
                return;
        }
    }
    for (size_t k = 0; k < s->n_resets; k++)
        look(s, s->resets[k].inst, true);
}

bool sim_is_silent(const struct sim_inst *i, struct lunq_error *err)
{
    const struct lunq_sim *s = i->sim;
    if (!i->held && !i->broken)
        return false;
    for (size_t k = 0; i->held && k < s->n_resets; k++)
        if (s->resets[k].inst == i)
            lunq_fail(err, LUNQ_IO,
                      "the IP is held in reset by GPIO, its pin %s is %s; on a board the access "
                      "would never end",
                      s->resets[k].port->name, s->resets[k].active_low ? "low" : "high");
    if (!i->held)
        lunq_fail(err, LUNQ_IO, "its model failed when it was reset");
    return true;
}
