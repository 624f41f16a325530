/* hint.c - see hint.h: port maps of buses first, then what a port is. */
#include "hint.h"

#include <strings.h>

enum rtl_signal rtl_signal_named(const char *logical)
{
    int k = 0;
    while (k < RTL_SIGNALS && strcasecmp(logical, rtl_signal_name((enum rtl_signal)k)) != 0)
        k++;
    return (enum rtl_signal)k;
}

static bool is_axi(const struct lunq_bus *b)
{
    return !b->vlnv || strstr(b->vlnv, ":aximm:") || strstr(b->vlnv, ":axis:");
}

/* The same port may be in two interfaces; that of an AXI bus counts. */
static bool in_bus(const struct lunq_module *m, const char *pin, struct rtl_hint *hint)
{
    for (size_t i = 0; i < m->n_buses; i++)
        for (size_t k = 0; k < m->buses[i].n_portmaps; k++) {
            const struct lunq_portmap *map = &m->buses[i].portmaps[k];
            if (!map->physical || !map->logical || strcasecmp(map->physical, pin) != 0)
                continue;
            hint->signal = rtl_signal_named(map->logical);
            hint->bus = m->buses[i].name;
            hint->kind = is_axi(&m->buses[i]) && hint->signal != RTL_SIGNALS ? RTL_HINT_SIGNAL
                                                                             : RTL_HINT_PLAIN;
            if (hint->kind == RTL_HINT_SIGNAL)
                return true;
        }
    return false;
}

static bool has_pin(const struct lunq_bus *b, const char *pin)
{
    for (size_t k = 0; k < b->n_portmaps; k++)
        if (b->portmaps[k].physical && !strcasecmp(b->portmaps[k].physical, pin))
            return true;
    return false;
}

const char *rtl_hint_interface(const struct lunq_module *m, const char *pin, size_t i, size_t n)
{
    const char *name = NULL;
    size_t seen = 0;
    for (size_t k = 0; m && k < m->n_buses; k++)
        if (is_axi(&m->buses[k]) && has_pin(&m->buses[k], pin) && seen++ == i)
            name = m->buses[k].name;
    return seen == n ? name : NULL;
}

static const struct lunq_port *port_of(const struct lunq_module *m, const char *pin)
{
    for (size_t i = 0; i < m->n_ports; i++)
        if (!strcasecmp(m->ports[i].name, pin))
            return &m->ports[i];
    return NULL;
}

/* SIGIS in any case: "clk", "ce", "rst", "INTERRUPT", and "undef" or "data" for all else. */
static void by_port(const struct lunq_port *port, struct rtl_hint *hint)
{
    const char *is = port->sigis ? port->sigis : "";
    if (!strcasecmp(is, "clk"))
        hint->kind = RTL_HINT_CLOCK;
    else if (!strcasecmp(is, "ce"))
        hint->kind = RTL_HINT_ENABLE;
    else if (!strcasecmp(is, "rst"))
        hint->kind = RTL_HINT_RESET;
    else if (!strcasecmp(is, "intr") || !strcasecmp(is, "interrupt"))
        hint->kind = RTL_HINT_IRQ;
    if (hint->kind == RTL_HINT_RESET && port->polarity)
        hint->active = strcasecmp(port->polarity, "ACTIVE_LOW") ? RTL_HINT_HIGH : RTL_HINT_LOW;
}

struct rtl_hint rtl_hint_of(const struct lunq_module *m, const struct rtl_pin *p)
{
    struct rtl_hint hint = {.kind = RTL_HINT_NOTHING, .signal = RTL_SIGNALS};
    const struct lunq_port *port;
    if (!m || in_bus(m, p->name, &hint))
        return hint;
    if (hint.kind == RTL_HINT_NOTHING && (port = port_of(m, p->name)))
        by_port(port, &hint);
    return hint;
}
