/* bind_clock.c - which clock a bus is on: what metadata says (ASSOCIATED_CLOCK of the interface, which the readers of
 * metadata make of ASSOCIATED_BUSIF of clocks), else names ("s_axis_aclk" and "s_clk" are of s_axis), else the main
 * one. */
#include <string.h>
#include <strings.h>

#include "bind_groups.h"
#include "words.h"

/* The clock of the buses by its name (PG template names: aclk, s_axi_aclk, ap_clk); else the first. */
static size_t main_of(const struct rtl_bind *b)
{
    for (size_t i = 0; i < b->n_clocks; i++)
        if (strcasestr(b->clocks[i].name, "aclk") || strcasestr(b->clocks[i].name, "ap_clk"))
            return i;
    return 0;
}

/* ---- what metadata says ------------------------------------------------------------------------ */

static const char *said_clock(const struct lunq_module *m, const char *bus)
{
    for (size_t i = 0; m && i < m->n_buses; i++)
        for (size_t k = 0; !strcasecmp(m->buses[i].name, bus) && k < m->buses[i].n_params; k++)
            if (!strcmp(m->buses[i].params[k].name, "ASSOCIATED_CLOCK"))
                return m->buses[i].params[k].value;
    return NULL;
}

/* Its index; n_clocks: there is none of this name. */
static size_t clock_named(const struct rtl_bind *b, const char *name)
{
    size_t i = 0;
    while (i < b->n_clocks && (!name || strcasecmp(b->clocks[i].name, name) != 0))
        i++;
    return i;
}

/* ---- names --------------------------------------------------------------------------------------- */

/* What a clock's name has besides the word: "s_axis" of "s_axis_aclk", "s" of "clk_s". *n characters. */
static const char *stem(const char *clock, size_t *n)
{
    static const char *const words[] = {"aclk", "clock", "clk"};
    size_t all = rtl_bare(clock);
    const char *at = NULL, *end = clock + all;
    size_t k = 0;
    for (size_t i = 0; !at && i < sizeof words / sizeof *words; i++) {
        at = strcasestr(clock, words[i]);
        k = strlen(words[i]);
    }
    if (!at)
        return NULL;
    *n = (size_t)(at - clock);
    if (*n == 0) { /* in front */
        clock = at + k;
        *n = clock < end ? (size_t)(end - clock) : 0;
    }
    for (; *n && *clock == '_'; clock++)
        --*n;
    for (; *n && clock[*n - 1] == '_';)
        --*n;
    return clock;
}

static bool begins(const char *bus, const char *s, size_t n)
{
    return !strncasecmp(bus, s, n) && strchr("_[", bus[n]); /* or its end */
}

/* "axis" of "s_axis" and of "s00_axis". */
static const char *without_role(const char *bus)
{
    size_t digits = strchr("sSmM", bus[0]) && bus[0] ? strspn(bus + 1, "0123456789") : 0;
    return bus[0] && strchr("sSmM", bus[0]) && bus[1 + digits] == '_' ? bus + 2 + digits : bus;
}

/* The clock whose name has most in common with that of the bus. */
static size_t clock_by_name(const struct rtl_bind *b, const char *bus)
{
    size_t best = b->main_clock, longest = 0, n;
    for (size_t i = 0; i < b->n_clocks; i++) {
        const char *s = stem(b->clocks[i].name, &n);
        if (s && n > longest && (begins(bus, s, n) || begins(without_role(bus), s, n))) {
            longest = n;
            best = i;
        }
    }
    return best;
}

void rtl_assign_clocks(struct rtl_bind *b, const struct rtl_said *said)
{
    b->main_clock = main_of(b);
    for (size_t i = 0; i < b->n_buses; i++) {
        struct rtl_bus *f = &b->buses[i];
        f->clock = clock_named(b, said_clock(said->own, f->name));
        if (f->clock == b->n_clocks)
            f->clock = clock_named(b, said_clock(said->design, f->name));
        if (f->clock == b->n_clocks)
            f->clock = clock_by_name(b, f->name);
    }
}
