/* queue.h - transfers to a slave port of the RTL, and the master that carries them out: on AXI4 as
 * bursts, several out at once, on AXI4-Lite as one access after the other. The pins are shared with
 * axil.h: one of both has them. */
#ifndef LUNQ_RTL_QUEUE_H
#define LUNQ_RTL_QUEUE_H

#include "piece.h"

enum { RTL_OUT = 8 }; /* bursts of each direction that may be out */

/* Reads, or writes. */
struct rtl_side {
    struct rtl_transfer *first, *last; /* not all of it at the port yet */
    struct rtl_piece out[RTL_OUT];     /* the oldest first */
    unsigned n;
    uint32_t idle; /* cycles since anything moved of what is out */
};

struct rtl_queue {
    bool active; /* it has the pins */
    bool wanted; /* the host wants them for an access: nothing new begins */
    bool moved;  /* a beat of data went in this cycle */
    const struct rtl_bus *bus;
    struct rtl_stress *stress;
    struct rtl_checks *checks;
    struct rtl_order order;
    uint32_t limit; /* cycles until an answer is missing */
    void (*stuck)(void *ctx, const struct rtl_queue *q, bool write); /* then; or NULL */
    void *ctx;
    uint64_t cycle; /* that it had */
    struct rtl_watch seen_b, seen_r;
    struct rtl_side read, write;
};

void rtl_queue_init(struct rtl_queue *q, const struct rtl_bus *bus, struct rtl_stress *stress,
                    struct rtl_checks *checks);
void rtl_queue_reset(struct rtl_queue *q); /* what was under way has ended with SLVERR */

/* Takes a reference. It begins with the next cycle, when the pins are free. */
void rtl_queue_add(struct rtl_queue *q, struct rtl_transfer *t);
/* Why the port can't take this transfer, or NULL. */
const char *rtl_queue_refuses(const struct rtl_queue *q, const struct rtl_transfer *t);
/* Whether it has something to do. */
static inline bool rtl_queue_waits(const struct rtl_queue *q)
{
    return q->active || q->read.first || q->write.first;
}

void rtl_queue_sample(struct rtl_queue *q); /* of an active one: before the rising edge */
void rtl_queue_drive(
    struct rtl_queue *q); /* of one that waits, while axil has no access: after it */

/* Nothing has moved for too long in one of the directions. */
static inline bool rtl_queue_is_stuck(const struct rtl_queue *q)
{
    return q->read.idle >= q->limit || q->write.idle >= q->limit;
}
/* What the slave has not done yet: "ARREADY", and for which address. */
const char *rtl_queue_missing(const struct rtl_queue *q, bool write, uint64_t *address);

#endif
