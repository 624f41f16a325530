/* requests.h - bursts a master of the RTL has asked for and which is answered next. Those of one ID are
 * answered in their order, of different IDs in any (IHI 0022, A5.3): as they are ready, and under stress at
 * random, read data of several beat by beat in turns. */
#ifndef LUNQ_RTL_REQUESTS_H
#define LUNQ_RTL_REQUESTS_H

#include "transfer.h"

enum { RTL_REQUESTS = 64 }; /* a power of two */

struct rtl_request {
    struct rtl_burst burst;
    struct rtl_transfer *transfer; /* at a slave port of RTL; NULL: memory or a model answers */
    uint64_t from;                 /* cycle its answer may begin */
    enum rtl_response response;
    bool over;
};

/* Zeroed it is empty. */
struct rtl_requests {
    struct rtl_request list[RTL_REQUESTS];
    unsigned first, end; /* of them; some between may be over */
    bool in_order;       /* also those of different IDs */
};

static inline bool rtl_requests_have_room(const struct rtl_requests *q)
{
    return q->end - q->first < RTL_REQUESTS - 1;
}
void rtl_requests_add(struct rtl_requests *q, const struct rtl_request *r);
/* Whether the next beat, or the answer of a write, may go. */
static inline bool rtl_request_is_ready(const struct rtl_request *r, uint64_t cycle)
{
    const struct rtl_transfer *t = r->transfer;
    if (r->from > cycle)
        return false;
    return !t || (t->write ? t->done : t->got >> r->burst.size > r->burst.beat);
}
/* The one that is answered now; NULL: none may be. */
struct rtl_request *rtl_requests_next(struct rtl_requests *q, struct rtl_stress *stress,
                                      uint64_t cycle);
/* It has all its answers: the transfer goes. */
void rtl_requests_end(struct rtl_requests *q, struct rtl_request *r);
void rtl_requests_clear(struct rtl_requests *q); /* in_order stays */

#endif
