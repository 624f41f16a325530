/* clocks.c - see clocks.h. */
#include "clocks.h"

#include <stdlib.h>

bool rtl_clocks_init(struct rtl_clocks *c, const struct rtl_bind *b)
{
    *c = (struct rtl_clocks){.n = b->n_clocks, .main = b->main_clock};
    c->list = calloc(b->n_clocks + 1, sizeof *c->list);
    for (size_t i = 0; c->list && i < c->n; i++)
        c->list[i].pin = &b->clocks[i];
    return c->list;
}

void rtl_clocks_free(struct rtl_clocks *c)
{
    free(c->list);
    *c = (struct rtl_clocks){0};
}

void rtl_clocks_set(struct rtl_clocks *c, size_t i, uint64_t period, uint64_t now)
{
    c->list[i].half = period / 2;
    c->list[i].next = now + period / 2;
    c->own = false;
    for (size_t k = 0; k < c->n; k++)
        c->own = c->own || c->list[k].half;
}

uint64_t rtl_clocks_next(const struct rtl_clocks *c, uint64_t until)
{
    uint64_t next = UINT64_MAX;
    for (size_t i = 0; i < c->n; i++)
        if (c->list[i].half && c->list[i].next < until && c->list[i].next < next)
            next = c->list[i].next;
    return next;
}

void rtl_clocks_flip(struct rtl_clocks *c, uint64_t at)
{
    for (size_t i = 0; i < c->n; i++) {
        struct rtl_clock *k = &c->list[i];
        if (!k->half || k->next != at)
            continue;
        rtl_set(k->pin, !rtl_is_high(k->pin));
        k->next += k->half;
    }
}
