/* nets.c - which pins hang on which net, and who drives it. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

struct builder {
    struct lunq_nets *nets;
    struct lunq_map last;
    size_t n;
};

static bool add_pins(struct builder *b, const struct lunq_module *m, const struct lunq_port *ports,
                     size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct lunq_port *p = &ports[i];
        struct lunq_net_pin *pin = &b->nets->pins[b->n], *last;
        if (!p->net)
            continue;
        pin->module = m;
        pin->port = p;
        /* An input of the whole design drives its net from inside. */
        pin->drives = p->dir == (m ? LUNQ_OUT : LUNQ_IN);
        last = lunq_map_get(&b->last, p->net);
        if (last)
            last->next = pin;
        else if (!lunq_map_put(&b->nets->first, p->net, pin))
            return false;
        if (!lunq_map_put(&b->last, p->net, pin))
            return false;
        b->n++;
    }
    return true;
}

bool lunq_nets_build(struct lunq_nets *nets, const struct lunq_design *d)
{
    struct builder b = {.nets = nets};
    size_t n = d->n_external;
    bool ok;
    for (size_t i = 0; i < d->n_modules; i++)
        n += d->modules[i].n_ports;
    memset(nets, 0, sizeof *nets);
    nets->pins = calloc(n + 1, sizeof *nets->pins);
    ok = nets->pins != NULL;
    for (size_t i = 0; ok && i < d->n_modules; i++)
        ok = add_pins(&b, &d->modules[i], d->modules[i].ports, d->modules[i].n_ports);
    ok = ok && add_pins(&b, NULL, d->external, d->n_external);
    lunq_map_free(&b.last);
    return ok;
}

void lunq_nets_free(struct lunq_nets *nets)
{
    lunq_map_free(&nets->first);
    free(nets->pins);
    nets->pins = NULL;
}
