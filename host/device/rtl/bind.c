/* bind.c - see bind.h: sorts the pins of a model by what metadata says, and by their names. */
#include "bind.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define INOUT "a pin for both directions: nothing drives it"

/* ---- words in names ------------------------------------------------------------------------ */

static bool has(const char *name, const char *word)
{
    return strcasestr(name, word) != NULL;
}

/* Characters of a name without the direction at its end: "awaddr_i", "irq_out". */
static size_t bare(const char *name)
{
    static const char *const ways[] = {"_i", "_o", "_in", "_out"};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        size_t k = strlen(ways[i]);
        if (n > k && !strcasecmp(name + n - k, ways[i]))
            return n - k;
    }
    return n;
}

static bool ends(const char *name, const char *word)
{
    size_t n = bare(name), k = strlen(word);
    return n >= k && !strncasecmp(name + n - k, word, k);
}

/* "rst" or "reset", but not the end of "first" or "burst". */
static bool is_reset(const char *name)
{
    static const char *const inside[] = {"first", "burst", "worst"};
    for (size_t i = 0; i < sizeof inside / sizeof *inside; i++)
        if (has(name, inside[i]))
            return has(name, "reset");
    return has(name, "rst") || has(name, "reset") || has(name, "por_n") || !strcasecmp(name, "por");
}

static bool is_low(const char *name)
{
    return has(name, "rstn") || has(name, "rst_n") || has(name, "resetn") || has(name, "reset_n") ||
           has(name, "nrst") || has(name, "nreset") || ends(name, "_n") || ends(name, "_b");
}

/* "clk", "aclk", "core_clock_p", but not what only tells of a clock or chooses one. */
static bool is_clock(const char *name)
{
    static const char *const about[] = {"sel",  "select", "lock", "locked", "valid", "good",   "ok",
                                        "stop", "lost",   "mode", "req",    "ack",   "present"};
    if (!has(name, "clk") && !has(name, "clock"))
        return false;
    for (size_t i = 0; i < sizeof about / sizeof *about; i++)
        if (ends(name, about[i]) && name[strlen(name) - strlen(about[i]) - 1] == '_')
            return false;
    return true;
}

/* "aclken", "clk_en", "clock_enable", "clk_ce" */
static bool is_enable(const char *name)
{
    return ends(name, "en") || ends(name, "enable") || ends(name, "_ce");
}

static bool is_irq(const char *name)
{
    return has(name, "interrupt") || has(name, "irq") || has(name, "introut") ||
           ends(name, "_int") || ends(name, "intr") || !strcasecmp(name, "int_o");
}

/* ---- lists --------------------------------------------------------------------------------- */

static void *grown(void *list, size_t n, size_t size)
{
    return n & (n - 1) ? list : realloc(list, (n ? 2 * n : 1) * size); /* full at powers of two */
}

#define PUSH(list, n, item)                                                                        \
    do {                                                                                           \
        void *more = grown(list, n, sizeof *(list));                                               \
        if (!more)                                                                                 \
            return 0; /* false, or no pointer */                                                   \
        (list) = more;                                                                             \
        (list)[(n)++] = item;                                                                      \
    } while (0)

static bool leave(struct rtl_bind *b, const struct rtl_pin *p, const char *why)
{
    struct rtl_left left = {*p, why};
    PUSH(b->left, b->n_left, left);
    return true;
}

/* ---- pins into groups ---------------------------------------------------------------------- */

static struct rtl_bus *group(struct rtl_bind *b, const char *name, size_t n)
{
    struct rtl_bus f = {.kind = RTL_UNBOUND};
    for (size_t i = 0; i < b->n_buses; i++)
        if (strlen(b->buses[i].name) == n && !strncasecmp(b->buses[i].name, name, n))
            return &b->buses[i];
    memcpy(f.name, name, n);
    PUSH(b->buses, b->n_buses, f);
    return &b->buses[b->n_buses - 1];
}

static bool add_single(struct rtl_bind *b, const struct rtl_pin *p)
{
    if (p->direction == LUNQ_RTL_IN && is_reset(p->name)) {
        struct rtl_reset r = {*p, is_low(p->name)};
        PUSH(b->resets, b->n_resets, r);
    } else if (p->direction == LUNQ_RTL_IN && is_clock(p->name) && is_enable(p->name)) {
        PUSH(b->enables, b->n_enables, *p);
    } else if (p->direction == LUNQ_RTL_IN && is_clock(p->name)) {
        PUSH(b->clocks, b->n_clocks, *p);
    } else if (p->direction == LUNQ_RTL_OUT && is_irq(p->name)) {
        PUSH(b->irqs, b->n_irqs, *p);
    } else {
        return leave(b, p, NULL);
    }
    return true;
}

/* What metadata says is one pin, and goes in the right direction. */
static bool add_said(struct rtl_bind *b, const struct rtl_pin *p, const struct rtl_hint *hint)
{
    bool in = p->direction == LUNQ_RTL_IN, single = p->width == 1;
    if (hint->kind == RTL_HINT_RESET && in && single) {
        bool low =
            hint->active == RTL_HINT_NO_LEVEL ? is_low(p->name) : hint->active == RTL_HINT_LOW;
        struct rtl_reset r = {*p, low};
        PUSH(b->resets, b->n_resets, r);
    } else if (hint->kind == RTL_HINT_ENABLE && in && single) {
        PUSH(b->enables, b->n_enables, *p);
    } else if (hint->kind == RTL_HINT_CLOCK && in && single) {
        PUSH(b->clocks, b->n_clocks, *p);
    } else if (hint->kind == RTL_HINT_IRQ && !in && single) {
        PUSH(b->irqs, b->n_irqs, *p);
    } else {
        return leave(b, p, NULL);
    }
    return true;
}

/* What two modules say of pins: that inside the model, which is about this RTL, and the design's. */
struct sources {
    const struct lunq_module *own, *design;
};

static struct rtl_hint hint_of(const struct sources *from, const struct rtl_pin *p)
{
    struct rtl_hint hint = rtl_hint_of(from->own, p);
    return hint.kind == RTL_HINT_NOTHING ? rtl_hint_of(from->design, p) : hint;
}

/* Pins of a bus without a name of its own ("awaddr", "tdata") are those of "axi" and "axis". */
static const char *unnamed(enum rtl_signal k)
{
    return k >= TDATA ? "axis" : "axi";
}

static bool add(struct rtl_bind *b, const struct sources *from, const struct rtl_pin *p)
{
    struct rtl_hint hint = hint_of(from, p);
    const char *name = hint.kind == RTL_HINT_SIGNAL ? hint.bus : p->name;
    unsigned n = (unsigned)strlen(name);
    enum rtl_signal k = hint.signal;
    struct rtl_bus *f;
    if (p->direction == LUNQ_RTL_INOUT)
        return leave(b, p, INOUT);
    if (hint.kind == RTL_HINT_NOTHING)
        k = rtl_signal_of(p->name, bare(p->name), &n);
    else if (hint.kind != RTL_HINT_SIGNAL)
        return add_said(b, p, &hint);
    if (k == RTL_SIGNALS || n >= sizeof f->name)
        return p->width == 1 ? add_single(b, p) : leave(b, p, NULL);
    if (n == 0) {
        name = unnamed(k);
        n = (unsigned)strlen(name);
    }
    if (!(f = group(b, name, n)))
        return false;
    if (f->s[k].name)
        return leave(b, p, "another pin of that bus has the same name");
    f->s[k] = *p;
    return true;
}

/* ---- names such as X_aw_valid: groups that hold one channel each ----------------------------- */

static bool only(const struct rtl_bus *f, const char *channel)
{
    for (int k = 0; k < RTL_SIGNALS; k++)
        if (f->s[k].name && strncmp(rtl_signal_name((enum rtl_signal)k), channel, strlen(channel)))
            return false;
    return true;
}

/* The channel such a group's name ends in, when it holds nothing else: m_axi_b is not one of m_axi. */
static const char *channel_of(const struct rtl_bus *f)
{
    static const char *const channels[] = {"aw", "ar", "w", "b", "r"};
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
        size_t n = strlen(f->name), k = strlen(channels[i]);
        if (n > k + 1 && f->name[n - k - 1] == '_' && !strcasecmp(f->name + n - k, channels[i]) &&
            only(f, channels[i]))
            return channels[i];
    }
    return NULL;
}

static bool clash(const struct rtl_bus *a, const struct rtl_bus *b)
{
    for (int k = 0; k < RTL_SIGNALS; k++)
        if (a->s[k].name && b->s[k].name)
            return true;
    return false;
}

/* All pins of another group. */
static void take(struct rtl_bus *to, const struct rtl_bus *f)
{
    for (int k = 0; k < RTL_SIGNALS; k++)
        if (f->s[k].name)
            to->s[k] = f->s[k];
}

static void merge(struct rtl_bind *b, size_t i, const char *channel)
{
    struct rtl_bus *f = &b->buses[i], *to;
    char whole[sizeof f->name];
    size_t n = strlen(f->name) - strlen(channel) - 1;
    memcpy(whole, f->name, n);
    whole[n] = 0;
    to = rtl_bind_bus(b, whole);
    if (!to) {
        memcpy(f->name, whole, n + 1);
        return;
    }
    if (clash(to, f))
        return;
    take(to, f);
    memmove(f, f + 1, (--b->n_buses - i) * sizeof *f);
}

static void merge_channels(struct rtl_bind *b)
{
    for (size_t i = b->n_buses; i-- > 0;) {
        const char *channel = channel_of(&b->buses[i]);
        if (channel)
            merge(b, i, channel);
    }
}

/* ---- names such as i_X_awvalid and o_X_awready: groups that hold one direction each ------------- */

/* Is this "i" or "i_X", and nothing but inputs? The same for "o" and outputs. */
static bool one_way(const struct rtl_bus *f, char way)
{
    bool in = way == 'i';
    if ((f->name[0] | 0x20) != way || (f->name[1] && f->name[1] != '_'))
        return false;
    for (int k = 0; k < RTL_SIGNALS; k++)
        if (f->s[k].name && (f->s[k].direction == LUNQ_RTL_IN) != in)
            return false;
    return true;
}

/* X, or what a bus without a name is called. */
static const char *way_less(const struct rtl_bus *f)
{
    int k = 0;
    while (k < RTL_SIGNALS && !f->s[k].name)
        k++;
    return f->name[1] ? f->name + 2 : unnamed((enum rtl_signal)k);
}

/* i_X and o_X become X. i_tdata and i_tready are a stream named "i": a group of both directions stays. */
static void merge_ways(struct rtl_bind *b)
{
    for (size_t i = b->n_buses; i-- > 0;) {
        struct rtl_bus *f = &b->buses[i], *to = NULL;
        for (size_t j = 0; one_way(f, 'o') && j < b->n_buses && !to; j++)
            if (one_way(&b->buses[j], 'i') && !strcasecmp(b->buses[j].name + 1, f->name + 1))
                to = &b->buses[j];
        if (!to || clash(to, f) || rtl_bind_bus(b, way_less(f)))
            continue;
        take(to, f);
        snprintf(to->name, sizeof to->name, "%s", way_less(f));
        memmove(f, f + 1, (--b->n_buses - i) * sizeof *f);
    }
}

/* ---- all together -------------------------------------------------------------------------- */

static bool decide(struct rtl_bind *b)
{
    for (size_t i = 0; i < b->n_buses; i++) {
        struct rtl_bus *f = &b->buses[i];
        rtl_bus_decide(f);
        for (int k = 0; f->kind == RTL_UNBOUND && k < RTL_SIGNALS; k++)
            if (f->s[k].name && !leave(b, &f->s[k], f->why))
                return false;
    }
    return true;
}

static bool sort_pins(struct rtl_bind *b, const struct sources *from)
{
    for (uint32_t i = 0; i < b->model->n_pins; i++) {
        const struct lunq_rtl_pin *q = &b->model->pins[i];
        struct rtl_pin p = {NULL, q->name, i, q->width, q->bytes, q->direction};
        if (!add(b, from, &p))
            return false;
    }
    merge_ways(b);
    merge_channels(b);
    return decide(b);
}

int rtl_bind_pins(struct rtl_bind *b, const struct lunq_rtl_model *m,
                  const struct lunq_module *said, struct lunq_error *err)
{
    struct sources from = {.design = said};
    struct lunq_design *own = NULL;
    bool ok;
    *b = (struct rtl_bind){.model = m};
    if (m->metadata &&
        lunq_design_read_mem(&own, m->top, m->metadata, strlen(m->metadata), NULL) == 0)
        from.own = lunq_design_module(own, m->top);
    ok = sort_pins(b, &from);
    lunq_design_unref(own);
    return ok ? 0 : lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
}

static void attach(const struct rtl_bind *b, void *inst, struct rtl_pin *p)
{
    p->at = p->name ? b->model->pin(inst, p->index) : NULL;
}

void rtl_bind_attach(struct rtl_bind *b, void *inst)
{
    for (size_t i = 0; i < b->n_buses; i++)
        for (int k = 0; k < RTL_SIGNALS; k++)
            attach(b, inst, &b->buses[i].s[k]);
    for (size_t i = 0; i < b->n_clocks; i++)
        attach(b, inst, &b->clocks[i]);
    for (size_t i = 0; i < b->n_enables; i++)
        attach(b, inst, &b->enables[i]);
    for (size_t i = 0; i < b->n_irqs; i++)
        attach(b, inst, &b->irqs[i]);
    for (size_t i = 0; i < b->n_resets; i++)
        attach(b, inst, &b->resets[i].pin);
    for (size_t i = 0; i < b->n_left; i++)
        attach(b, inst, &b->left[i].pin);
}

void rtl_bind_free(struct rtl_bind *b)
{
    free(b->buses);
    free(b->clocks);
    free(b->enables);
    free(b->irqs);
    free(b->resets);
    free(b->left);
    memset(b, 0, sizeof *b);
}

struct rtl_bus *rtl_bind_bus(const struct rtl_bind *b, const char *name)
{
    for (size_t i = 0; i < b->n_buses; i++)
        if (!strcasecmp(b->buses[i].name, name))
            return &b->buses[i];
    return NULL;
}

const char *rtl_kind_name(enum rtl_kind k)
{
    static const char *const names[] = {
        [RTL_UNBOUND] = "not bound",         [RTL_LITE_SLAVE] = "AXI4-Lite slave",
        [RTL_FULL_SLAVE] = "AXI4 slave",     [RTL_LITE_MASTER] = "AXI4-Lite master",
        [RTL_FULL_MASTER] = "AXI4 master",   [RTL_SINK] = "AXI4-Stream sink",
        [RTL_SOURCE] = "AXI4-Stream source",
    };
    return names[k];
}

bool rtl_is_slave(enum rtl_kind k)
{
    return k == RTL_LITE_SLAVE || k == RTL_FULL_SLAVE;
}

bool rtl_is_master(enum rtl_kind k)
{
    return k == RTL_LITE_MASTER || k == RTL_FULL_MASTER;
}
