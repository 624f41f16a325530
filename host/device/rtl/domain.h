/* domain.h - RTL instances that share a clock, in the time of the simulated device.
 * The clock runs while the device's time passes: in waits, sleeps and steps, and for the cycles of an
 * access, which takes no other time (rtl.md 5). One thread, one order: every run is the same. */
#ifndef LUNQ_RTL_DOMAIN_H
#define LUNQ_RTL_DOMAIN_H

#include "../sim/private.h"
#include "engine.h"
#include "link.h"
#include "master.h"

struct rtl_device;

/* The RTL that stands for one IP: what sim_inst.state points to. */
struct rtl_inst {
    struct rtl_engine engine;
    struct sim_inst *inst;
    struct rtl_domain *domain;   /* NULL: not in one yet */
    struct rtl_inst *next;       /* in its domain */
    uint64_t hz;                 /* of its main clock; the domain asks for the others */
    struct rtl_master *masters;  /* one for each of engine.memories */
    struct rtl_link *links;      /* one for each of engine.streams */
    uint64_t moved;              /* beats of both when the domain last looked */
    uint64_t *outputs;           /* of engine.bind.left: the levels the design knows */
    const struct sim_slot *slot; /* of the last access, and its port */
    struct rtl_axil *port;
    struct lunq_error ended; /* kind 0: it runs */
};

struct rtl_domain {
    struct rtl_device *device;
    struct rtl_inst *first;
    struct rtl_domain *next_domain;
    uint64_t hz;
    uint64_t period, fraction; /* of a cycle: ns, and what is over in 1/hz ns */
    uint64_t next;             /* when the next rising edge is, ns */
    uint64_t part;             /* and a fraction, in 1/hz ns */
    uint64_t quiet;            /* cycles since anybody saw or asked something */
    uint64_t patience;         /* so many until its clock stands; 0: it never does */
    struct sim_event event;
    bool fresh;    /* members have not seen the levels of their inputs yet */
    bool told;     /* that its clock stands */
    unsigned held; /* accesses under way: they run the clock */
    bool in_cycle;
};

/* r goes to the domain of its frequency from the one it was in, if any, where it stays when it fails: LUNQ_MEMORY.
 * And leaves it for good. */
int rtl_domain_join(struct rtl_device *d, struct rtl_inst *r, struct lunq_error *err);
void rtl_domain_leave(struct rtl_inst *r);

void rtl_domain_wake(struct rtl_domain *d); /* there is something to do: it runs again */

/* An access runs the clock itself, between hold and release; cycle also lets others do what is due. */
void rtl_domain_hold(struct rtl_domain *d);
void rtl_domain_cycle(struct rtl_domain *d);
void rtl_domain_release(struct rtl_domain *d);

/* The levels of plain pins: what the design drives at inputs, and what outputs show. True: one changed. */
bool rtl_take_inputs(struct rtl_inst *r);
bool rtl_show_outputs(struct rtl_inst *r);

#endif
