#include "clock.h"

#include <stddef.h>

static bool before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

/* Makes the later of two roots the first child of the other. */
static struct sim_event *join(struct sim_event *a, struct sim_event *b)
{
    if (!a || !b)
        return a ? a : b;
    if (before(b, a)) {
        struct sim_event *t = a;
        a = b;
        b = t;
    }
    b->next = a->child;
    if (b->next)
        b->next->prev = b;
    b->prev = a;
    a->child = b;
    a->next = a->prev = NULL;
    return a;
}

/* Joins a list of siblings into one heap: in pairs from the left, then those from the right. */
static struct sim_event *join_all(struct sim_event *e)
{
    struct sim_event *pairs = NULL, *all = NULL;
    while (e) {
        struct sim_event *a = e, *b = e->next, *pair;
        e = b ? b->next : NULL;
        a->next = a->prev = NULL;
        if (b)
            b->next = b->prev = NULL;
        pair = join(a, b);
        pair->next = pairs; /* roots have no sibling: the link is free to use */
        pairs = pair;
    }
    while (pairs) {
        struct sim_event *next = pairs->next;
        pairs->next = NULL;
        all = join(all, pairs);
        pairs = next;
    }
    return all;
}

static void take_out(struct sim_clock *c, struct sim_event *e)
{
    struct sim_event *children = join_all(e->child);
    e->child = NULL;
    if (e == c->first) {
        c->first = children;
    } else {
        if (e->prev->child == e)
            e->prev->child = e->next;
        else
            e->prev->next = e->next;
        if (e->next)
            e->next->prev = e->prev;
        c->first = join(c->first, children);
    }
    e->next = e->prev = NULL;
    e->planned = false;
}

void sim_clock_plan(struct sim_clock *c, struct sim_event *e, uint64_t delay)
{
    sim_clock_cancel(c, e);
    e->at = delay > UINT64_MAX - c->now ? UINT64_MAX : c->now + delay;
    e->order = c->planned++;
    e->child = e->next = e->prev = NULL;
    e->planned = true;
    c->first = join(c->first, e);
}

void sim_clock_cancel(struct sim_clock *c, struct sim_event *e)
{
    if (e->planned)
        take_out(c, e);
}

struct sim_event *sim_clock_next(struct sim_clock *c, uint64_t until)
{
    struct sim_event *e = c->first;
    if (!e || e->at > until)
        return NULL;
    take_out(c, e);
    if (e->at > c->now)
        c->now = e->at;
    return e;
}

uint64_t sim_clock_latency(struct sim_clock *c, uint64_t ns)
{
    if (!c->random)
        return ns;
    c->random ^= c->random << 13; /* xorshift64, Marsaglia 2003 */
    c->random ^= c->random >> 7;
    c->random ^= c->random << 17;
    return ns + c->random % (ns / 4 + 1);
}
