/* clock.h - virtual time: events in order of time, equal times in the order they were planned.
 * An event lies in the struct of whoever plans it, so planning never allocates and can't fail. */
#ifndef LUNQ_SIM_CLOCK_H
#define LUNQ_SIM_CLOCK_H

#include "../../core/heap.h"

struct sim_event {
    struct lunq_node due;              /* due.in: planned */
    void (*fire)(struct sim_event *e); /* set once by the owner; it may plan the event again */
};

struct sim_clock {
    uint64_t now;     /* ns */
    uint64_t planned; /* counts events ever planned: breaks ties, and bounds a storm */
    struct lunq_heap events;
    uint64_t random; /* state of the jitter generator; 0: none */
};

/* Plans e to fire `delay` ns from now; an event already planned is moved. */
void sim_clock_plan(struct sim_clock *c, struct sim_event *e, uint64_t delay);
void sim_clock_cancel(struct sim_clock *c, struct sim_event *e); /* nothing when not planned */
/* Takes the first event out when it is due at or before `until`; time moves up to it. */
struct sim_event *sim_clock_next(struct sim_clock *c, uint64_t until);
/* `ns`, with up to a quarter more when the device was opened with a seed. */
uint64_t sim_clock_latency(struct sim_clock *c, uint64_t ns);

#endif
