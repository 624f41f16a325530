#include "clock.h"

#include <stddef.h>

void sim_clock_plan(struct sim_clock *c, struct sim_event *e, uint64_t delay)
{
    sim_clock_cancel(c, e);
    e->due.at = delay > UINT64_MAX - c->now ? UINT64_MAX : c->now + delay;
    e->due.order = c->planned++;
    lunq_heap_put(&c->events, &e->due);
}

void sim_clock_cancel(struct sim_clock *c, struct sim_event *e)
{
    lunq_heap_take(&c->events, &e->due);
}

struct sim_event *sim_clock_next(struct sim_clock *c, uint64_t until)
{
    struct sim_event *e = (struct sim_event *)c->events.first; /* due is its first member */
    if (!e || e->due.at > until)
        return NULL;
    lunq_heap_take(&c->events, &e->due);
    if (e->due.at > c->now)
        c->now = e->due.at;
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
