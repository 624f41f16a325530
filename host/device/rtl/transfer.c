/* transfer.c - see transfer.h. */
#include "transfer.h"

#include <stdlib.h>

struct rtl_transfer *rtl_transfer_new(const struct rtl_burst *b, bool write)
{
    size_t n = (size_t)(b->last + 1) << b->size;
    struct rtl_transfer *t = calloc(1, sizeof *t + (write ? 2 * n : n));
    if (!t)
        return NULL;
    t->burst = *b;
    t->burst.beat = 0;
    t->write = write;
    t->data = (uint8_t *)(t + 1);
    t->strobes = write ? t->data + n : NULL;
    t->refs = 1;
    return t;
}

void rtl_transfer_unref(struct rtl_transfer *t)
{
    if (t && --t->refs == 0)
        free(t);
}

void rtl_transfer_end(struct rtl_transfer *t, enum rtl_response r)
{
    if (t->done)
        return;
    if (!t->write)
        for (uint32_t i = t->got >> t->burst.size; i <= t->burst.last; i++)
            t->responses[i] = (uint8_t)r;
    t->got = rtl_transfer_size(t);
    if (r > t->response)
        t->response = r;
    t->cut = t->done = true;
}
