/* bind_vector.c - buses that share pins: several in one vector, as crossbars and switches have them
 * ("s_axis_tvalid[3:0]", "s_axis_tdata[127:0]": four streams), and what a table names as "pin[7:4]". */
#include <stdio.h>
#include <strings.h>

#include "bind_groups.h"

/* How many buses: as many as the first VALID has bits. */
static uint32_t count_of(const struct rtl_bus *f)
{
    static const enum rtl_signal valids[] = {TVALID, AWVALID, ARVALID};
    for (size_t i = 0; i < sizeof valids / sizeof *valids; i++)
        if (f->s[valids[i]].name)
            return f->s[valids[i]].width;
    return 1;
}

static bool cut_in(const struct rtl_bus *f, uint32_t n)
{
    for (int k = 0; k < RTL_SIGNALS; k++)
        if (f->s[k].name && f->s[k].width % n)
            return false;
    return true;
}

/* Bus i of n: a part of each pin. */
static bool cut(struct rtl_bind *b, const struct rtl_bus *f, uint32_t i, uint32_t n,
                struct rtl_bus *part)
{
    for (int k = 0; k < RTL_SIGNALS; k++) {
        const struct rtl_pin *p = &f->s[k];
        if (p->name && !rtl_slices_add(&b->slices, p, b->model->n_pins, i * (p->width / n),
                                       p->width / n, &part->s[k]))
            return false;
    }
    return true;
}

enum { INDEX = 16 }; /* characters of "[1]" there is room for */

/* The i-th interface of the metadata that has the pin (IP of a vendor: S00_AXIS and S01_AXIS share s_axis_tvalid),
 * else "s_axis[1]". */
static void name_part(const struct rtl_said *said, const struct rtl_bus *f, unsigned i, uint32_t n,
                      char *name, size_t size)
{
    const struct rtl_pin *p = f->s[TVALID].name    ? &f->s[TVALID]
                              : f->s[AWVALID].name ? &f->s[AWVALID]
                                                   : &f->s[ARVALID];
    const char *known = rtl_hint_interface(said->own, p->name, i, n);
    if (!known)
        known = rtl_hint_interface(said->design, p->name, i, n);
    if (known && strlen(known) < size)
        snprintf(name, size, "%s", known);
    else
        snprintf(name, size, "%.*s[%u]", (int)size - INDEX, f->name, i);
}

/* The first goes where the whole was, the others behind it. */
static bool split(struct rtl_bind *b, const struct rtl_said *said, size_t at, uint32_t n)
{
    struct rtl_bus whole = b->buses[at], empty = {.kind = RTL_UNBOUND};
    for (uint32_t i = 1; i < n; i++)
        RTL_PUSH(b->buses, b->n_buses, empty);
    memmove(&b->buses[at + n], &b->buses[at + 1], (b->n_buses - at - n) * sizeof *b->buses);
    for (uint32_t i = 0; i < n; i++) {
        struct rtl_bus *part = &b->buses[at + i];
        *part = empty;
        name_part(said, &whole, i, n, part->name, sizeof part->name);
        if (!cut(b, &whole, i, n, part))
            return false;
    }
    return true;
}

/* Would they be whole buses? One that isn't stays together, so that its pins are listed once. */
static bool is_worth(const struct rtl_bus *f, uint32_t n)
{
    struct rtl_bus part = *f;
    for (int k = 0; k < RTL_SIGNALS; k++)
        part.s[k].width /= n;
    rtl_bus_decide(&part);
    return part.kind != RTL_UNBOUND;
}

bool rtl_split_vectors(struct rtl_bind *b, const struct rtl_said *said)
{
    for (size_t i = b->n_buses; i-- > 0;) {
        uint32_t n = count_of(&b->buses[i]);
        if (n > 1 && n <= RTL_MOST_PARTS && cut_in(&b->buses[i], n) && is_worth(&b->buses[i], n) &&
            !split(b, said, i, n))
            return false;
    }
    return true;
}

/* ---- parts that a table names ---------------------------------------------------------------- */

/* "pin[7:4]" or "pin[7]" of this pin: which bits. */
static bool is_part(const char *text, const struct rtl_pin *p, unsigned *from, unsigned *width)
{
    size_t n = strlen(p->name);
    unsigned high, low;
    int end = 0;
    if (strncasecmp(text, p->name, n) != 0 || text[n] != '[')
        return false;
    text += n;
    if (sscanf(text, "[%u:%u]%n", &high, &low, &end) == 2 && end && !text[end])
        ;
    else if (sscanf(text, "[%u]%n", &high, &end) == 1 && end && !text[end])
        low = high;
    else
        return false;
    *from = low;
    *width = high - low + 1;
    return high >= low && high < p->width;
}

static bool add_part(struct rtl_bind *b, const struct lunq_bus *bus, enum rtl_signal k,
                     const struct rtl_pin *p, unsigned from, unsigned width)
{
    struct rtl_bus *f = rtl_group(b, bus->name);
    if (!f)
        return false;
    return f->s[k].name || rtl_slices_add(&b->slices, p, b->model->n_pins, from, width, &f->s[k]);
}

bool rtl_add_parts(struct rtl_bind *b, const struct lunq_module *own, const struct rtl_pin *p,
                   bool *any)
{
    *any = false;
    for (size_t i = 0; own && i < own->n_buses; i++)
        for (size_t m = 0; m < own->buses[i].n_portmaps; m++) {
            const struct lunq_portmap *map = &own->buses[i].portmaps[m];
            enum rtl_signal k;
            unsigned from, width;
            if (!map->logical || !map->physical || !is_part(map->physical, p, &from, &width))
                continue;
            k = rtl_signal_named(map->logical);
            if (k == RTL_SIGNALS || strlen(own->buses[i].name) >= sizeof b->buses->name)
                continue;
            *any = true;
            if (!add_part(b, &own->buses[i], k, p, from, width))
                return false;
        }
    return true;
}
