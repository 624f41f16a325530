#include "guards.h"

#include <stdlib.h>
#include <string.h>

#include "private.h"

enum { HOPS = 8 }; /* register slices and guards one after another */

static bool is_shutdown(const struct lunq_module *m)
{
    return lunq_module_is(m, "dfx_axi_shutdown_manager") ||
           lunq_module_is(m, "pr_axi_shutdown_manager");
}

static bool is_guard(const struct lunq_module *m)
{
    return is_shutdown(m) || lunq_module_is(m, "dfx_decoupler") ||
           lunq_module_is(m, "pr_decoupler");
}

static bool is_passed(const struct lunq_module *m)
{
    return is_guard(m) || lunq_module_is(m, "axi_register_slice") ||
           lunq_module_is(m, "axis_register_slice");
}

/* ---- who stands at the region ---------------------------------------------------------------- */

static bool share_bus(const struct lunq_module *a, const struct lunq_module *b)
{
    for (size_t i = 0; i < a->n_buses; i++)
        for (size_t k = 0; a->buses[i].bus && k < b->n_buses; k++)
            if (b->buses[k].bus && !strcmp(a->buses[i].bus, b->buses[k].bus))
                return true;
    return false;
}

static bool has_buses(const struct lunq_module *m)
{
    for (size_t i = 0; m && i < m->n_buses; i++)
        if (m->buses[i].bus)
            return true;
    return false;
}

/* reached[i]: module i is the region, or reached from it through modules that are passed. */
static void spread(bool *reached, const struct lunq_design *d)
{
    bool more = true;
    for (int hop = 0; more && hop < HOPS; hop++) {
        more = false;
        for (size_t i = 0; i < d->n_modules; i++)
            for (size_t k = 0; !reached[i] && is_passed(&d->modules[i]) && k < d->n_modules; k++)
                if (reached[k] && share_bus(&d->modules[i], &d->modules[k]))
                    more = reached[i] = true;
    }
}

/* A slice between a decoupler of another region and this one would lead there: what stands at another region
 * itself is its guard. */
static bool is_others(const struct lunq_design *d, const struct lunq_region *region,
                      const struct lunq_module *guard)
{
    for (size_t i = 0; i < d->n_regions; i++)
        if (&d->regions[i] != region && d->regions[i].module &&
            share_bus(d->regions[i].module, guard))
            return !region->module || !share_bus(region->module, guard);
    return false;
}

/* ---- lines of software ----------------------------------------------------------------------- */

static const struct lunq_net_pin *driver(const struct lunq_nets *nets, const char *net)
{
    const struct lunq_net_pin *p = net ? lunq_map_get(&nets->first, net) : NULL;
    while (p && !p->drives)
        p = p->next;
    return p && p->module ? p : NULL;
}

/* The line behind a net, directly or through slices. */
static struct lunq_line line_of(const struct lunq_nets *nets, const struct lunq_design *d,
                                const char *net)
{
    static const struct lunq_line none;
    int64_t bit = 0;
    for (int hop = 0; hop < HOPS; hop++) {
        const struct lunq_net_pin *p = driver(nets, net);
        const struct lunq_port *in;
        const char *name = p ? p->port->name : "";
        if (p && p->module == d->ps && (!strcmp(name, "GPIO_O") || !strcmp(name, "emio_gpio_o")))
            return (struct lunq_line){p->module, 0, (unsigned)bit};
        if (p && lunq_module_is(p->module, "axi_gpio") && !strcmp(name, "gpio_io_o"))
            return (struct lunq_line){p->module, 1, (unsigned)bit};
        if (p && lunq_module_is(p->module, "axi_gpio") && !strcmp(name, "gpio2_io_o"))
            return (struct lunq_line){p->module, 2, (unsigned)bit};
        if (!p || !lunq_module_is(p->module, "xlslice"))
            return none;
        bit += lunq_module_param_int(p->module, "DIN_TO",
                                     lunq_module_param_int(p->module, "DIN_FROM", 0));
        in = lunq_module_port(p->module, "Din");
        net = in ? in->net : NULL;
        if (bit < 0 || bit > 127)
            return none;
    }
    return none;
}

static bool is_inside(const struct lunq_guards *g, const struct lunq_region *region,
                      const struct lunq_module *m)
{
    size_t n = strlen(region->path);
    bool in = m == region->module || (!strncmp(m->path, region->path, n) && m->path[n] == '/');
    for (size_t i = 0; !in && i < g->n; i++)
        in = g->list[i].module == m;
    return in;
}

/* Whether a net ends in the region and its guards only. */
static bool is_own(const struct lunq_nets *nets, const struct lunq_guards *g,
                   const struct lunq_region *region, const char *net)
{
    for (struct lunq_net_pin *p = lunq_map_get(&nets->first, net); p; p = p->next)
        if (!p->drives && (!p->module || !is_inside(g, region, p->module)))
            return false;
    return true;
}

static void find_reset(struct lunq_guards *g, const struct lunq_nets *nets,
                       const struct lunq_design *d, const struct lunq_region *region)
{
    const struct lunq_module *m = region->module;
    for (size_t i = 0; m && !g->reset.module && i < m->n_ports; i++) {
        const struct lunq_port *p = &m->ports[i];
        if (p->dir != LUNQ_IN || !p->net || !p->sigis || strcmp(p->sigis, "rst") ||
            !is_own(nets, g, region, p->net))
            continue;
        g->reset = line_of(nets, d, p->net);
        g->reset_low = !p->polarity || !strcmp(p->polarity, "ACTIVE_LOW");
    }
}

static void add(struct lunq_guards *g, const struct lunq_nets *nets, const struct lunq_design *d,
                const struct lunq_module *m)
{
    bool shutdown = is_shutdown(m);
    const struct lunq_port *pin = lunq_module_port(m, shutdown ? "request_shutdown" : "decouple");
    g->list[g->n++] = (struct lunq_guard){
        .module = m, .shutdown = shutdown, .line = line_of(nets, d, pin ? pin->net : NULL)};
}

int lunq_guards_find(struct lunq_guards *g, const struct lunq_design *d,
                     const struct lunq_region *region, struct lunq_error *err)
{
    bool *reached = calloc(d->n_modules + 1, sizeof *reached);
    bool all = !has_buses(region->module) && d->n_regions == 1;
    struct lunq_nets nets;
    int r = 0;
    memset(g, 0, sizeof *g);
    if (!reached || !lunq_nets_build(&nets, d)) {
        free(reached);
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    for (size_t i = 0; i < d->n_modules; i++)
        reached[i] = &d->modules[i] == region->module;
    spread(reached, d);
    for (size_t i = 0; r == 0 && i < d->n_modules; i++) {
        const struct lunq_module *m = &d->modules[i];
        if (!is_guard(m) || !(all || (reached[i] && !is_others(d, region, m))))
            continue;
        if (g->n == LUNQ_GUARDS)
            r = lunq_fail(err, LUNQ_VALUE, "%s: region %s has more than %d decouplers", d->file,
                          region->path, LUNQ_GUARDS);
        else
            add(g, &nets, d, m);
    }
    find_reset(g, &nets, d, region);
    lunq_nets_free(&nets);
    free(reached);
    return r;
}
