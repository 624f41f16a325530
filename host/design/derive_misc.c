/* derive_misc.c - GPIO lines of the PS, and the streams between modules. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* ---- GPIO ---------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

#define MAX_GPIO_PINS 65536 /* of all slices together; seen some tens */

/* All module pins on the net, by path; as in PYNQ, ports of the design are not listed. */
static void list_pins(struct lunq_design *d, const struct lunq_nets *nets, const char *net,
                      struct lunq_gpio *g, size_t *listed)
{
    struct lunq_vec v = {0};
    for (struct lunq_net_pin *p = lunq_map_get(&nets->first, net); p; p = p->next) {
        const char **slot;
        if (++*listed > MAX_GPIO_PINS) {
            lunq_design_warn(d, "gpio pins", "%s: more than %d GPIO pins; the rest is left out",
                             d->file, MAX_GPIO_PINS);
            break;
        }
        slot = p->module ? lunq_design_push(d, &v, sizeof *slot) : NULL;
        if (slot && !(*slot = lunq_design_join(d, p->module->path, "/", p->port->name)))
            v.n--;
    }
    if (v.n)
        qsort(v.data, v.n, sizeof(char *), by_name);
    g->pins = lunq_vec_keep(&v, sizeof *g->pins, &d->priv->arena, &g->n_pins);
    lunq_vec_free(&v);
}

static void add_slice(struct lunq_design *d, const struct lunq_nets *nets,
                      const struct lunq_module *m, struct lunq_vec *to, size_t *listed)
{
    int64_t from = lunq_module_param_int(m, "DIN_FROM", -1);
    int64_t down = lunq_module_param_int(m, "DIN_TO", from);
    const struct lunq_port *out = lunq_module_port(m, "Dout");
    struct lunq_gpio *g;
    if (down < 0 || from < down || from >= 1024) {
        lunq_design_warn(d, "slice",
                         "%s: GPIO slice %s has impossible bits DIN_FROM and DIN_TO; it "
                         "is left out",
                         d->file, m->path);
        return;
    }
    if (!(g = lunq_design_push(d, to, sizeof *g)))
        return;
    *g = (struct lunq_gpio){.path = m->path,
                            .module = m,
                            .index = (unsigned)from,
                            .first = (unsigned)down,
                            .lines = (unsigned)(from - down) + 1};
    if (out && out->net)
        list_pins(d, nets, out->net, g, listed);
    else if (out && (g->pins = lunq_design_alloc(d, sizeof *g->pins)) &&
             (g->pins[0] = lunq_design_join(d, m->path, "/", out->name)))
        g->n_pins = 1;
}

void lunq_derive_gpio(struct lunq_design *d)
{
    static const char *const names[] = {"GPIO_O", "emio_gpio_o"};
    struct lunq_nets nets;
    struct lunq_vec v = {0};
    size_t listed = 0;
    if (!d->ps)
        return;
    if (!lunq_nets_build(&nets, d))
        d->priv->arena.failed = true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct lunq_port *out = lunq_module_port(d->ps, names[i]);
        struct lunq_net_pin *p = out && out->net ? lunq_map_get(&nets.first, out->net) : NULL;
        for (; p; p = p->next)
            if (p->module && !p->drives &&
                (lunq_module_is(p->module, "xlslice") || lunq_module_is(p->module, "ilslice")))
                add_slice(d, &nets, p->module, &v, &listed);
    }
    d->gpio = lunq_vec_keep(&v, sizeof *d->gpio, &d->priv->arena, &d->n_gpio);
    lunq_vec_free(&v);
    lunq_nets_free(&nets);
}

/* ---- streams ------------------------------------------------------------------------------- */

/* Before Vivado 2016.1 buses had no VLNV: then the name has to do. */
static bool is_stream(const struct lunq_bus *b)
{
    return b->bus && b->role != LUNQ_BUS_MONITOR &&
           (b->vlnv ? strstr(b->vlnv, ":axis:") != NULL : strstr(b->name, "AXIS") != NULL);
}

struct streams {
    struct lunq_design *d;
    struct lunq_map by_bus; /* BUSNAME -> 1 + index of its first link */
    struct lunq_vec links;
};

/* Masters first, then slaves: a slave completes the link its bus has, further ones get links of
 * their own with the same master. */
static void add_end(struct streams *s, const struct lunq_module *m, const struct lunq_bus *b)
{
    size_t at = (size_t)(uintptr_t)lunq_map_get(&s->by_bus, b->bus);
    struct lunq_stream *l = at ? (struct lunq_stream *)s->links.data + at - 1 : NULL;
    struct lunq_stream fresh = {.bus = b->bus};
    if (b->role == LUNQ_BUS_SLAVE && l && !l->slave_if) {
        l->slave = m;
        l->slave_if = b;
        return;
    }
    if (b->role == LUNQ_BUS_SLAVE) {
        if (l)
            fresh = *l;
        fresh.slave = m;
        fresh.slave_if = b;
    } else {
        fresh.master = m;
        fresh.master_if = b;
    }
    if (!(l = lunq_design_push(s->d, &s->links, sizeof *l)))
        return;
    *l = fresh;
    if (!at && !lunq_map_put(&s->by_bus, b->bus, (void *)(uintptr_t)s->links.n))
        s->d->priv->arena.failed = true;
}

void lunq_derive_streams(struct lunq_design *d)
{
    struct streams s = {.d = d};
    for (int role = LUNQ_BUS_MASTER; role <= LUNQ_BUS_SLAVE; role++)
        for (size_t i = 0; i < d->n_modules; i++)
            for (size_t k = 0; k < d->modules[i].n_buses; k++) {
                const struct lunq_bus *b = &d->modules[i].buses[k];
                if (is_stream(b) && (int)b->role == role)
                    add_end(&s, &d->modules[i], b);
            }
    d->streams = lunq_vec_keep(&s.links, sizeof *d->streams, &d->priv->arena, &d->n_streams);
    lunq_vec_free(&s.links);
    lunq_map_free(&s.by_bus);
}
