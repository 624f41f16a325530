/* bind.c - see bind.h: sorts the pins of a model by what metadata says, and by their names. */
#include "bind.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "bind_groups.h"
#include "words.h"

#define INOUT "a pin for both directions: nothing drives it"
#define LOW_IRQ "an interrupt that is active low: invert it in a module around it"

const char rtl_twice[] = "another pin of that bus has the same name";

bool rtl_leave(struct rtl_bind *b, const struct rtl_pin *p, const char *why)
{
    struct rtl_left left = {*p, why};
    RTL_PUSH(b->left, b->n_left, left);
    return true;
}

/* ---- single pins --------------------------------------------------------------------------- */

static bool add_irq(struct rtl_bind *b, const struct rtl_pin *p)
{
    if (p->width > RTL_MOST_IRQS - b->irq_bits)
        return rtl_leave(b, p, "more interrupts than are looked at");
    b->irq_bits += p->width;
    RTL_PUSH(b->irqs, b->n_irqs, *p);
    return true;
}

static bool add_by_name(struct rtl_bind *b, const struct rtl_pin *p)
{
    bool in = p->direction == LUNQ_RTL_IN, single = p->width == 1;
    if (!in && (single ? rtl_is_irq(p->name) : rtl_is_irqs(p->name)))
        return rtl_is_low(p->name) ? rtl_leave(b, p, LOW_IRQ) : add_irq(b, p);
    if (in && single && rtl_is_reset(p->name)) {
        struct rtl_reset r = {*p, rtl_is_low(p->name)};
        RTL_PUSH(b->resets, b->n_resets, r);
    } else if (in && single && rtl_is_clock(p->name) && rtl_is_enable(p->name)) {
        RTL_PUSH(b->enables, b->n_enables, *p);
    } else if (in && single && rtl_is_clock(p->name)) {
        RTL_PUSH(b->clocks, b->n_clocks, *p);
    } else {
        return rtl_leave(b, p, NULL);
    }
    return true;
}

/* What metadata says is one pin, and goes in the right direction. */
static bool add_said(struct rtl_bind *b, const struct rtl_pin *p, const struct rtl_hint *hint)
{
    bool in = p->direction == LUNQ_RTL_IN, single = p->width == 1;
    if (hint->kind == RTL_HINT_IRQ && !in)
        return add_irq(b, p);
    if (hint->kind == RTL_HINT_RESET && in && single) {
        bool low =
            hint->active == RTL_HINT_NO_LEVEL ? rtl_is_low(p->name) : hint->active == RTL_HINT_LOW;
        struct rtl_reset r = {*p, low};
        RTL_PUSH(b->resets, b->n_resets, r);
    } else if (hint->kind == RTL_HINT_ENABLE && in && single) {
        RTL_PUSH(b->enables, b->n_enables, *p);
    } else if (hint->kind == RTL_HINT_CLOCK && in && single) {
        RTL_PUSH(b->clocks, b->n_clocks, *p);
    } else {
        return rtl_leave(b, p, NULL);
    }
    return true;
}

/* ---- pins into groups ---------------------------------------------------------------------- */

struct rtl_bus *rtl_group(struct rtl_bind *b, const char *name)
{
    struct rtl_bus f = {.kind = RTL_UNBOUND};
    for (size_t i = 0; i < b->n_buses; i++)
        if (!strcasecmp(b->buses[i].name, name))
            return &b->buses[i];
    snprintf(f.name, sizeof f.name, "%s", name);
    RTL_PUSH(b->buses, b->n_buses, f);
    return &b->buses[b->n_buses - 1];
}

const char *rtl_unnamed(enum rtl_signal k)
{
    return k >= TDATA ? "axis" : "axi";
}

static struct rtl_hint hint_of(const struct rtl_said *said, const struct rtl_pin *p)
{
    struct rtl_hint hint = rtl_hint_of(said->own, p);
    return hint.kind == RTL_HINT_NOTHING ? rtl_hint_of(said->design, p) : hint;
}

/* The signal and the bus a pin's name tells of. An element of an array has its index behind: "s_axis_tdata[0]" is of
 * "s_axis[0]". False: of none. */
static bool by_name(const struct rtl_pin *p, enum rtl_signal *k, char *bus, size_t size)
{
    const char *index = strchr(p->name, '[');
    char plain[256];
    unsigned n;
    int len = snprintf(plain, sizeof plain, "%.*s", index ? (int)(index - p->name) : 255, p->name);
    if (len < 0 || (size_t)len >= sizeof plain)
        return false;
    *k = rtl_signal_of(plain, rtl_bare(plain), &n);
    if (*k == RTL_SIGNALS)
        return false;
    len = snprintf(bus, size, "%.*s%s", n ? (int)n : 4, n ? plain : rtl_unnamed(*k),
                   index ? index : "");
    return len >= 0 && (size_t)len < size;
}

static bool add(struct rtl_bind *b, const struct rtl_said *said, const struct rtl_pin *p)
{
    struct rtl_hint hint = hint_of(said, p);
    enum rtl_signal k = hint.signal;
    struct rtl_bus *f;
    char bus[sizeof f->name];
    bool in_parts;
    if (p->direction == LUNQ_RTL_INOUT)
        return rtl_leave(b, p, INOUT);
    if (!rtl_add_parts(b, said->own, p, &in_parts))
        return false;
    if (in_parts)
        return true;
    if (hint.kind != RTL_HINT_NOTHING && hint.kind != RTL_HINT_SIGNAL)
        return add_said(b, p, &hint);
    if (hint.kind == RTL_HINT_SIGNAL && strlen(hint.bus) < sizeof bus)
        strcpy(bus, hint.bus);
    else if (!by_name(p, &k, bus, sizeof bus))
        return add_by_name(b, p);
    if (!(f = rtl_group(b, bus)))
        return false;
    if (f->s[k].name)
        return rtl_leave(b, p, rtl_twice);
    f->s[k] = *p;
    return true;
}

/* ---- all together -------------------------------------------------------------------------- */

/* Pins of what is no whole bus, with the reason. Their groups stay where they are from now on: reasons are theirs. */
static bool leave_unbound(struct rtl_bind *b)
{
    for (size_t i = 0; i < b->n_buses; i++) {
        const struct rtl_bus *f = &b->buses[i];
        for (int k = 0; f->kind == RTL_UNBOUND && k < RTL_SIGNALS; k++)
            if (f->s[k].name && !rtl_leave(b, &f->s[k], f->why))
                return false;
    }
    return true;
}

static bool sort_pins(struct rtl_bind *b, const struct rtl_said *said)
{
    for (uint32_t i = 0; i < b->model->n_pins; i++) {
        const struct lunq_rtl_pin *q = &b->model->pins[i];
        struct rtl_pin p = {NULL, q->name, i, q->width, q->bytes, q->direction};
        if (!add(b, said, &p))
            return false;
    }
    rtl_merge_ways(b);
    rtl_merge_channels(b);
    if (!rtl_split_vectors(b, said))
        return false;
    for (size_t i = 0; i < b->n_buses; i++)
        rtl_bus_decide(&b->buses[i]);
    if (!rtl_bind_late(b) || !leave_unbound(b))
        return false;
    rtl_name_others(b);
    rtl_assign_clocks(b, said);
    return true;
}

int rtl_bind_pins(struct rtl_bind *b, const struct lunq_rtl_model *m,
                  const struct lunq_module *said, struct lunq_error *err)
{
    struct rtl_said from = {.design = said};
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
    uint32_t n = b->model->n_pins;
    p->at = !p->name        ? NULL
            : p->index >= n ? b->slices.list[p->index - n].part
                            : b->model->pin(inst, p->index);
}

void rtl_bind_attach(struct rtl_bind *b, void *inst)
{
    for (size_t i = 0; i < b->slices.n; i++)
        b->slices.list[i].whole = b->model->pin(inst, b->slices.list[i].pin);
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
    rtl_slices_free(&b->slices);
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
