/* walk.h - what the fuzz targets of design readers share: asking a design everything. */
#ifndef LUNQ_FUZZ_WALK_H
#define LUNQ_FUZZ_WALK_H

#include <stdlib.h>
#include <string.h>

#include "design/design.h"

/* Reads every string and array the design has, so that a bad pointer shows. */
static inline size_t walk_design(const struct lunq_design *d)
{
    size_t n = strlen(d->tool) + strlen(d->arch) + strlen(d->name);
    for (size_t i = 0; i < d->n_ip; i++) {
        const struct lunq_ip *ip = &d->ip[i];
        n += strlen(ip->key) + (ip->has_address && ip->addr_range == 0);
        if (ip->region == LUNQ_NONE && lunq_design_ip(d, ip->key) != ip)
            abort();
        for (size_t k = 0; ip->block && k < ip->block->n_registers; k++) {
            const struct lunq_register *r = &ip->block->registers[k];
            n += strlen(r->name) + strlen(r->description) + strlen(r->access);
            for (size_t f = 0; f < r->n_fields; f++)
                n += strlen(r->fields[f].name) + strlen(r->fields[f].description);
        }
    }
    for (size_t i = 0; i < d->n_mem; i++)
        if (lunq_design_ip(d, d->mem[i].key) != &d->mem[i] || d->mem[i].addr_range == 0)
            abort();
    for (size_t i = 0; i < d->n_pins; i++) {
        const struct lunq_irq_pin *p = &d->pins[i];
        n += strlen(p->path) + strlen(p->port);
        if (p->controller != LUNQ_NONE && p->controller >= d->n_controllers)
            abort();
        for (size_t k = 0; k < p->n_wires; k++)
            n += p->wires[k].index;
    }
    for (size_t i = 0; i < d->n_controllers; i++)
        n += strlen(d->controllers[i].path);
    for (size_t i = 0; i < d->n_gpio; i++)
        for (size_t k = 0; k < d->gpio[i].n_pins; k++)
            n += strlen(d->gpio[i].pins[k]);
    for (size_t i = 0; i < d->n_hierarchies; i++)
        n += strlen(d->hierarchies[i].path);
    for (size_t i = 0; i < d->n_regions; i++)
        n += strlen(d->regions[i].path) + strlen(d->regions[i].variants);
    for (size_t i = 0; i < d->n_streams; i++)
        n += strlen(d->streams[i].bus);
    for (size_t i = 0; i < d->n_warnings; i++)
        n += strlen(d->warnings[i]);
    for (size_t i = 0; i < d->n_modules; i++)
        n += lunq_design_module(d, d->modules[i].path) != NULL;
    return n;
}

#endif
