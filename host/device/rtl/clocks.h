/* clocks.h - the clocks of an instance. A cycle is one of the main one; the others go with it or, where their
 * frequency is another, in their own time between its edges (rtl.md 5), and so do the buses on them. Edges of the
 * same moment come at once. */
#ifndef LUNQ_RTL_CLOCKS_H
#define LUNQ_RTL_CLOCKS_H

#include "bind.h"

struct rtl_clock {
    const struct rtl_pin *pin;
    uint64_t half; /* ps from edge to edge; 0: it goes with the main clock */
    uint64_t next; /* ps: its next edge */
    bool rises;    /* with the edge under way */
};

struct rtl_clocks {
    struct rtl_clock *list; /* in the order of bind.clocks */
    size_t n, main;         /* main: the one of the buses */
    bool own;               /* some have a time of their own */
};

bool rtl_clocks_init(struct rtl_clocks *c, const struct rtl_bind *b); /* false: no memory */
void rtl_clocks_free(struct rtl_clocks *c);
/* Clock i runs at this period in ps from `now` on; 0: with the main one. */
void rtl_clocks_set(struct rtl_clocks *c, size_t i, uint64_t period, uint64_t now);

/* The main clock and those with it. */
static inline void rtl_clocks_put(const struct rtl_clocks *c, bool level)
{
    for (size_t i = 0; i < c->n; i++)
        if (!c->list[i].half)
            rtl_set(c->list[i].pin, level);
}
/* When the next edge of the others is, if before `until`; else UINT64_MAX. */
uint64_t rtl_clocks_next(const struct rtl_clocks *c, uint64_t until);
void rtl_clocks_flip(struct rtl_clocks *c, uint64_t at); /* those whose edge is at this moment */

#endif
