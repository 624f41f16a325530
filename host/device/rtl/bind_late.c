/* bind_late.c - names that say less, looked at where the others left pins over: the signal in front of the bus
 * ("AWADDR_S0", "awaddr_m", "tdata_in"), and streams as generators of Verilog write records ("io_in_valid",
 * "io_in_bits", "io_in_payload_data"). What makes no whole bus stays what it was. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bind_groups.h"
#include "words.h"

/* ---- the signal in front --------------------------------------------------------------------- */

/* "_s0", "_in", or "S0", "m": what is behind the signal and names the bus; NULL: that is no such name. */
static const char *suffix_of(const char *rest)
{
    if (*rest == '_')
        return rest[1] ? rest + 1 : NULL;
    if (!strchr("mMsS", *rest) || !*rest)
        return NULL;
    return strspn(rest + 1, "0123456789") == strlen(rest + 1) ? rest : NULL;
}

static bool by_front(const char *name, enum rtl_signal *k, char *bus, size_t size)
{
    size_t longest = 0;
    const char *suffix;
    for (int i = 0; i < RTL_SIGNALS; i++) {
        const char *s = rtl_signal_name((enum rtl_signal)i);
        size_t n = strlen(s);
        if (n > longest && !strncasecmp(name, s, n)) {
            longest = n;
            *k = (enum rtl_signal)i;
        }
    }
    suffix = longest ? suffix_of(name + longest) : NULL;
    return suffix && snprintf(bus, size, "%s", suffix) < (int)size;
}

/* ---- records ----------------------------------------------------------------------------------- */

struct field {
    const char *name;
    enum rtl_signal k;
};

static const struct field fields[] = {
    {"data", TDATA},  {"tdata", TDATA}, {"fragment", TDATA}, {"keep", TKEEP},
    {"tkeep", TKEEP}, {"strb", TSTRB},  {"tstrb", TSTRB},    {"last", TLAST},
    {"tlast", TLAST}, {"id", TID},      {"tid", TID},        {"dest", TDEST},
    {"tdest", TDEST}, {"user", TUSER},  {"tuser", TUSER},    {NULL, RTL_SIGNALS}};

static enum rtl_signal field_named(const char *name, size_t n)
{
    const struct field *f = fields;
    while (f->name && (strlen(f->name) != n || strncasecmp(f->name, name, n) != 0))
        f++;
    return f->k;
}

/* Where the word of a record begins, with its '_'; NULL: it is not in the name. */
static const char *joint(const char *name, const char *word)
{
    const char *at = strcasestr(name, word);
    size_t n = strlen(word);
    return at && at > name && (!at[n] || at[n] == '_') ? at : NULL;
}

/* "X_valid", "X_payload", "X_bits_data"; of a bus whose name has "axis" in it "X_data" too. *k RTL_SIGNALS: a field
 * no stream has, so that X is none. */
static bool by_record(const char *name, enum rtl_signal *k, char *bus, size_t size)
{
    const char *at = joint(name, "_payload"), *end = name + rtl_bare(name), *field;
    size_t n;
    if (!at)
        at = joint(name, "_bits");
    if (at) {
        field = at + (at[1] == 'p' || at[1] == 'P' ? 8 : 5);
        *k = field >= end ? TDATA : field_named(field + 1, (size_t)(end - field) - 1);
    } else {
        for (at = end - 1; at > name && *at != '_'; at--) {
        }
        n = (size_t)(end - at);
        *k = n == 6 && !strncasecmp(at, "_valid", 6)   ? TVALID
             : n == 6 && !strncasecmp(at, "_ready", 6) ? TREADY
             : n > 1 && strcasestr(name, "axis")       ? field_named(at + 1, n - 1)
                                                       : RTL_SIGNALS;
        if (*k == RTL_SIGNALS)
            return false;
    }
    return at > name && snprintf(bus, size, "%.*s", (int)(at - name), name) < (int)size;
}

/* ---- groups ------------------------------------------------------------------------------------ */

typedef bool naming(const char *name, enum rtl_signal *k, char *bus, size_t size);

static bool add(struct rtl_bind *late, const struct rtl_pin *p, naming *by)
{
    char bus[sizeof late->buses->name];
    enum rtl_signal k;
    struct rtl_bus *f;
    if (p->direction == LUNQ_RTL_INOUT || !by(p->name, &k, bus, sizeof bus))
        return true;
    if (!(f = rtl_group(late, bus)))
        return false;
    if (k == RTL_SIGNALS || f->s[k].name)
        snprintf(f->why, sizeof f->why, "%s", p->name); /* spoiled */
    else
        f->s[k] = *p;
    return true;
}

static bool collect(struct rtl_bind *late, const struct rtl_bind *b, naming *by)
{
    for (size_t i = 0; i < b->n_left; i++)
        if ((!b->left[i].why || b->left[i].why == rtl_twice) && !add(late, &b->left[i].pin, by))
            return false;
    for (size_t i = 0; i < b->n_buses; i++)
        for (int k = 0; b->buses[i].kind == RTL_UNBOUND && k < RTL_SIGNALS; k++)
            if (b->buses[i].s[k].name && !add(late, &b->buses[i].s[k], by))
                return false;
    return true;
}

/* The pin is in a bus now. */
static void forget(struct rtl_bind *b, uint32_t index)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n_left; i++)
        if (b->left[i].pin.index != index)
            b->left[n++] = b->left[i];
    b->n_left = n;
    for (size_t i = 0; i < b->n_buses; i++)
        for (int k = 0; b->buses[i].kind == RTL_UNBOUND && k < RTL_SIGNALS; k++)
            if (b->buses[i].s[k].name && b->buses[i].s[k].index == index)
                b->buses[i].s[k].name = NULL;
}

static bool adopt(struct rtl_bind *b, struct rtl_bus *f)
{
    for (int k = 0; k < RTL_SIGNALS; k++)
        if (f->s[k].name)
            forget(b, f->s[k].index);
    RTL_PUSH(b->buses, b->n_buses, *f);
    return true;
}

/* A record has to be ready: "data_valid" alone tells of anything. */
static bool try_names(struct rtl_bind *b, naming *by)
{
    struct rtl_bind late = {.model = b->model};
    bool ok = collect(&late, b, by);
    for (size_t i = 0; ok && i < late.n_buses; i++) {
        struct rtl_bus *f = &late.buses[i];
        bool spoiled = *f->why || (by == by_record && !f->s[TREADY].name);
        rtl_bus_decide(f);
        if (!spoiled && f->kind != RTL_UNBOUND && !rtl_bind_bus(b, f->name))
            ok = adopt(b, f);
    }
    free(late.buses);
    return ok;
}

bool rtl_bind_late(struct rtl_bind *b)
{
    return try_names(b, by_front) && try_names(b, by_record);
}
