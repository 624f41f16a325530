/* requests.c - see requests.h. */
#include "requests.h"

void rtl_requests_add(struct rtl_requests *q, const struct rtl_request *r)
{
    q->list[q->end++ % RTL_REQUESTS] = *r;
}

/* Whether an older one has to go first. */
static bool waits(const struct rtl_requests *q, unsigned i)
{
    uint64_t id = q->list[i % RTL_REQUESTS].burst.id;
    for (unsigned k = q->first; k != i; k++) {
        const struct rtl_request *r = &q->list[k % RTL_REQUESTS];
        if (!r->over && (q->in_order || r->burst.id == id))
            return true;
    }
    return false;
}

struct rtl_request *rtl_requests_next(struct rtl_requests *q, struct rtl_stress *stress,
                                      uint64_t cycle)
{
    struct rtl_request *chosen = NULL;
    uint64_t n = 0;
    for (unsigned i = q->first; i != q->end; i++) {
        struct rtl_request *r = &q->list[i % RTL_REQUESTS];
        if (r->over || !rtl_request_is_ready(r, cycle) || waits(q, i))
            continue;
        if (!stress->random)
            return r;
        if (rtl_random(stress) % ++n == 0) /* each with the same chance */
            chosen = r;
    }
    return chosen;
}

void rtl_requests_end(struct rtl_requests *q, struct rtl_request *r)
{
    rtl_transfer_unref(r->transfer);
    r->transfer = NULL;
    r->over = true;
    while (q->first != q->end && q->list[q->first % RTL_REQUESTS].over)
        q->first++;
}

void rtl_requests_clear(struct rtl_requests *q)
{
    for (; q->first != q->end; q->first++) {
        rtl_transfer_unref(q->list[q->first % RTL_REQUESTS].transfer);
        q->list[q->first % RTL_REQUESTS].transfer = NULL;
    }
}
