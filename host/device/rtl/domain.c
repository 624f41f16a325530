/* domain.c - see domain.h. */
#include "domain.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>

#include "device.h"

#define PS UINT64_C(1000000000000) /* in a second */
/* Cycles of one event: the loop and the prompt get their turn after that many. */
#define BUDGET 10000u
/* How often a clock may change in one cycle of the main one, which nothing interrupts. */
#define MOST_RATIO 100000u
/* And how many cycles of the main one a cycle of a bus may last: an access waits for thousands of its own. */
#define SLOWEST_BUS 1000u

/* ---- one cycle of all ---------------------------------------------------------------------- */

static void step_time(struct rtl_domain *d)
{
    d->next += d->period;
    d->part += d->fraction;
    if (d->part >= d->hz) {
        d->part -= d->hz;
        d->next++;
    }
}

static void has_ended(struct rtl_inst *r, const struct lunq_error *e)
{
    r->ended = *e;
    sim_report(r->inst, e);
}

static bool rise(struct rtl_inst *r)
{
    struct lunq_error e;
    if (r->engine.dead || rtl_engine_rise(&r->engine, &e) == 0)
        return false;
    has_ended(r, &e);
    return true;
}

static bool fall(struct rtl_inst *r)
{
    struct lunq_error e;
    if (r->engine.dead || rtl_engine_fall(&r->engine, &e) == 0)
        return false;
    has_ended(r, &e);
    return true;
}

/* Every cycle: a core may raise its interrupt for just one (rtl.md 4.6). */
static bool show_irqs(struct rtl_inst *r)
{
    struct rtl_engine *e = &r->engine;
    uint64_t changed = rtl_engine_edges(e);
    unsigned at = 0;
    for (size_t i = 0; changed && i < e->bind.n_irqs; at += e->bind.irqs[i++].width) {
        uint64_t mask = UINT64_MAX >> (64 - e->bind.irqs[i].width);
        if (changed >> at & mask)
            sim_wire_set(r->inst, e->bind.irqs[i].name, e->irqs >> at & mask);
    }
    return changed;
}

/* True: something happened that somebody may wait for. */
static bool cycle(struct rtl_domain *d)
{
    struct lunq_sim *s = d->device->sim;
    bool happened = false;
    if (d->next > s->clock.now)
        s->clock.now = d->next;
    step_time(d);
    d->in_cycle = true;
    for (struct rtl_inst *r = d->first; r; r = r->next)
        if (!r->engine.dead)
            rtl_engine_drive(&r->engine);
    for (struct rtl_inst *r = d->first; r; r = r->next)
        happened = fall(r) || happened;
    for (struct rtl_inst *r = d->first; r; r = r->next)
        if (!r->engine.dead)
            rtl_engine_sample(&r->engine);
    for (struct rtl_inst *r = d->first; r; r = r->next)
        happened = rise(r) || happened;
    for (struct rtl_inst *r = d->first; r; r = r->next)
        happened = (!r->engine.dead && show_irqs(r)) || happened;
    d->in_cycle = false;
    d->quiet = happened ? 0 : d->quiet + 1;
    return happened;
}

/* ---- in the time of the device --------------------------------------------------------------- */

static bool others_due(const struct lunq_sim *s)
{
    return s->clock.events.first && s->clock.events.first->at <= s->clock.now;
}

static void plan(struct rtl_domain *d)
{
    struct lunq_sim *s = d->device->sim;
    if (d->held || !d->first)
        return;
    sim_clock_plan(&s->clock, &d->event, d->next > s->clock.now ? d->next - s->clock.now : 0);
    s->dev.direct = false;
}

/* Whether a port has moved data since this was asked last. */
static bool has_moved(struct rtl_domain *d)
{
    bool moved = false;
    for (struct rtl_inst *r = d->first; r; r = r->next) {
        uint64_t beats = 0;
        for (size_t i = 0; i < r->engine.n_memories; i++)
            beats += r->engine.memories[i].beats;
        for (size_t i = 0; i < r->engine.n_streams; i++)
            beats += r->engine.streams[i].beats;
        moved = moved || beats != r->moved;
        r->moved = beats;
    }
    return moved;
}

static bool is_quiet(struct rtl_domain *d)
{
    if (!d->patience || d->quiet < d->patience)
        return false;
    if (has_moved(d))
        d->quiet = 0;
    return d->quiet >= d->patience;
}

static bool falls_asleep(struct rtl_domain *d)
{
    if (!is_quiet(d))
        return false;
    if (!d->told)
        lunq_warn("user",
                  "Nothing has happened on the pins of %s for %" PRIu64
                  " cycles: its clock stands until somebody uses it. A longer wait needs ?quiet=N "
                  "in the name of the device (0: never).",
                  d->first->inst->path, d->patience);
    d->told = true;
    return true;
}

static bool show_all(struct rtl_domain *d)
{
    bool changed = false;
    for (struct rtl_inst *r = d->first; r; r = r->next)
        changed = rtl_show_outputs(r) || changed;
    return changed;
}

/* Buffers may have gone since; inputs are not there yet when an instance is made: the design it
 * belongs to is not in place then. */
static void look_around(struct rtl_domain *d)
{
    for (struct rtl_inst *r = d->first; r; r = r->next) {
        for (size_t i = 0; i < r->engine.n_memories; i++)
            rtl_memory_look_again(&r->engine.memories[i]);
        if (d->fresh)
            rtl_take_inputs(r);
    }
    d->fresh = false;
}

/* Runs to the next event of somebody else, to where the wait under way ends, or until something
 * happens. */
static void fire(struct sim_event *e)
{
    struct rtl_domain *d = (struct rtl_domain *)((char *)e - offsetof(struct rtl_domain, event));
    struct lunq_sim *s = d->device->sim;
    d->held++;
    look_around(d);
    for (unsigned n = 0; n < BUDGET; n++) {
        bool happened = cycle(d);
        if (happened || s->failure.kind || is_quiet(d) || d->next > s->until ||
            (s->clock.events.first && s->clock.events.first->at < d->next))
            break;
    }
    d->held--;
    if (show_all(d))
        d->quiet = 0;
    if (!falls_asleep(d))
        plan(d);
}

void rtl_domain_wake(struct rtl_domain *d)
{
    struct lunq_sim *s = d->device->sim;
    if (!d->event.due.in && d->held == 0 && d->next <= s->clock.now) { /* it slept, or is new */
        d->next = s->clock.now;
        step_time(d);
    }
    d->quiet = 0;
    if (!d->event.due.in)
        plan(d);
}

void rtl_domain_hold(struct rtl_domain *d)
{
    rtl_domain_wake(d);
    sim_clock_cancel(&d->device->sim->clock, &d->event);
    d->held++;
    look_around(d);
}

/* The other clocks go on as well: what the RTL of this one waits for may be behind them. */
static void run_others(struct rtl_domain *d)
{
    uint64_t now = d->device->sim->clock.now;
    for (struct rtl_domain *o = d->device->domains; o; o = o->next_domain) {
        if (o == d || o->held || !o->event.due.in || o->next > now)
            continue;
        o->held++;
        look_around(o);
        while (o->next <= now)
            cycle(o);
        o->held--;
        plan(o);
    }
}

void rtl_domain_cycle(struct rtl_domain *d)
{
    struct lunq_sim *s = d->device->sim;
    cycle(d);
    /* Deeper, a model is in the middle of something; and a reset makes instances anew, perhaps the one
     * whose access this is. */
    if (s->depth > 1)
        run_others(d);
    else if (s->depth == 1 && others_due(s) && !s->reset_event.due.in)
        sim_run_due(s);
}

void rtl_domain_release(struct rtl_domain *d)
{
    d->held--;
    show_all(d);
    plan(d);
}

/* ---- members ------------------------------------------------------------------------------- */

static struct rtl_domain *domain_of(struct rtl_device *dev, uint64_t hz)
{
    struct rtl_domain *d = dev->domains;
    while (d && d->hz != hz)
        d = d->next_domain;
    if (d || !(d = calloc(1, sizeof *d)))
        return d;
    d->device = dev;
    d->hz = hz;
    d->period = 1000000000u / hz;
    d->fraction = 1000000000u % hz;
    d->event.fire = fire;
    d->next_domain = dev->domains;
    dev->domains = d;
    return d;
}

static bool has_bus(const struct rtl_bind *b, size_t clock)
{
    for (size_t i = 0; i < b->n_buses; i++)
        if (b->buses[i].kind != RTL_UNBOUND && b->buses[i].clock == clock)
            return true;
    return false;
}

static void set_clock(struct rtl_inst *r, size_t i)
{
    struct rtl_engine *e = &r->engine;
    const struct rtl_pin *clocks = e->bind.clocks;
    uint64_t period = PS / sim_clock_hz(r->inst, clocks[i].name);
    bool slow = period / e->period_ps > SLOWEST_BUS && has_bus(&e->bind, i);
    if (e->period_ps / period > MOST_RATIO || slow)
        lunq_warn("user",
                  "Clock %s of %s is more than %u times as %s as %s, by what the metadata say: "
                  "it runs with that one.",
                  clocks[i].name, r->inst->path, slow ? SLOWEST_BUS : MOST_RATIO,
                  slow ? "slow" : "fast", clocks[e->clocks.main].name);
    else
        rtl_engine_clock(e, i, period);
}

static void forget(struct rtl_domain *d)
{
    struct rtl_domain **at = &d->device->domains;
    while (*at != d)
        at = &(*at)->next_domain;
    *at = d->next_domain;
    free(d);
}

/* About ten seconds of its models: those in processes of their own are slow. */
static uint64_t patience(const struct rtl_domain *d)
{
    if (d->device->settings.quiet != RTL_QUIET)
        return d->device->settings.quiet;
    for (const struct rtl_inst *r = d->first; r; r = r->next)
        if (rtl_is_isolated(r->engine.model))
            return 100000;
    return 10000000;
}

void rtl_domain_leave(struct rtl_inst *r)
{
    struct rtl_domain *d = r->domain;
    struct rtl_inst **at;
    if (!d)
        return;
    for (at = &d->first; *at != r; at = &(*at)->next) {
    }
    *at = r->next;
    r->domain = NULL;
    d->patience = patience(d);
    if (d->first)
        return;
    sim_clock_cancel(&d->device->sim->clock, &d->event);
    if (!d->held)
        forget(d);
}

/* At its end: members take their turns in the order they came. */
static void append(struct rtl_domain *d, struct rtl_inst *r)
{
    struct rtl_inst **last = &d->first;
    while (*last)
        last = &(*last)->next;
    *last = r;
    r->next = NULL;
    r->domain = d;
    d->patience = patience(d);
    d->fresh = true;
}

int rtl_domain_join(struct rtl_device *dev, struct rtl_inst *r, struct lunq_error *err)
{
    struct rtl_domain *d = domain_of(dev, r->hz);
    if (!d)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    if (r->domain != d) {
        rtl_domain_leave(r);
        append(d, r);
    }
    rtl_engine_period(&r->engine, PS / r->hz);
    for (size_t i = 0; i < r->engine.bind.n_clocks; i++)
        set_clock(r, i);
    rtl_domain_wake(d);
    return 0;
}

/* ---- plain pins ---------------------------------------------------------------------------- */

bool rtl_take_inputs(struct rtl_inst *r)
{
    const struct rtl_bind *b = &r->engine.bind;
    bool changed = false;
    for (size_t i = 0; i < b->n_left; i++) {
        const struct rtl_pin *p = &b->left[i].pin;
        uint64_t level;
        if (p->direction != LUNQ_RTL_IN)
            continue;
        level = sim_wire_get(r->inst, p->name);
        if (level == rtl_get(p, 0))
            continue;
        rtl_put(p, level);
        changed = true;
    }
    return changed;
}

bool rtl_show_outputs(struct rtl_inst *r)
{
    const struct rtl_bind *b = &r->engine.bind;
    bool changed = false;
    for (size_t i = 0; i < b->n_left && !r->engine.dead; i++) {
        uint64_t level = rtl_get(&b->left[i].pin, 0);
        if (b->left[i].pin.direction != LUNQ_RTL_OUT || level == r->outputs[i])
            continue;
        r->outputs[i] = level;
        sim_wire_set(r->inst, b->left[i].pin.name, level);
        changed = true;
    }
    return changed;
}
