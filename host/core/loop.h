/* loop.h - waiting for many things at once: the event loop of the process, on libuv.
 * One struct lunq_waiter is one wait: for a look at the hardware to succeed, for an event, or for
 * a moment. lunq_loop_step serves them all, in a fixed order: by deadline, then by start. With
 * simulated devices it lets their time pass, so a run is the same each time; with hardware it
 * sleeps in the kernel. A single wait needs none of this: see lunq_wait_begin in device.h.
 * All of it runs on one thread; libuv is started when it is first needed. */
#ifndef LUNQ_LOOP_H
#define LUNQ_LOOP_H

#include "device.h"
#include "heap.h"

struct lunq_event;
struct lunq_timeline;
struct uv_loop_s;

struct lunq_waiter {
    /* One look: 1 it has happened, 0 not yet, <0 it failed, with *err. `late`: the time limit is
     * over and this is the last look; then 0 is LUNQ_TIMEOUT, and the function may put its words
     * into *err, whose kind is set already. NULL: nothing to look at, an event or the deadline
     * ends the wait. It may be called any number of times. */
    int (*look)(struct lunq_waiter *w, bool late, struct lunq_error *err);
    /* The wait is over: 1, or an error kind with *err. Called once, in the middle of a step: it
     * notes who may go on and leaves the rest to whoever calls lunq_loop_step. */
    void (*done)(struct lunq_waiter *w, int result, const struct lunq_error *err);

    /* Set before the wait begins: its limit alone is no reason to let simulated time pass, so that where
     * nothing is under way that is found out. */
    bool background;

    /* What an event said, for `done` and after. */
    uint64_t count, when;

    /* The loop's own. */
    struct lunq_timeline *line; /* NULL: this wait is not under way */
    struct lunq_node due;
    bool looks;
    struct lunq_waiter *prev, *next; /* those that look, of one timeline, in order of start */
    struct lunq_event *event;
    struct lunq_waiter *event_prev, *event_next;
};

/* Something that happens now and then. What happens while nobody waits is kept and counted, so a
 * wait that comes later ends at once. All zero is a good start. */
struct lunq_event {
    struct lunq_waiter *first, *last;
    uint64_t count; /* not yet delivered */
    uint64_t when;  /* the last time, ns */
};

/* Begins a wait in the time of d (NULL: the wall clock), as lunq_wait_begin counts seconds. Holds
 * the device meanwhile. event: what ends it, or NULL. A wait that looks and has an event looks in the
 * next step, and then only after each event. It does not look yet. LUNQ_MEMORY. */
int lunq_loop_add(struct lunq_waiter *w, struct lunq_device *d, double seconds,
                  struct lunq_event *event, struct lunq_error *err);
/* Ends a wait without calling `done`; nothing when it is not under way. */
void lunq_loop_remove(struct lunq_waiter *w);
/* Ends a wait as said and calls `done`. */
void lunq_loop_end(struct lunq_waiter *w, int result, const struct lunq_error *err);
/* The simulated device in whose time w waits; NULL: the wall clock, or it does not wait. */
struct lunq_device *lunq_loop_device(const struct lunq_waiter *w);
bool lunq_loop_has_limit(const struct lunq_waiter *w);

/* It has happened, at `when`: wakes everybody who waits, or is kept for who comes next. */
void lunq_event_set(struct lunq_event *e, uint64_t when);
/* Takes what was kept: how often it happened, and the last time; 0: not since the last look. */
uint64_t lunq_event_take(struct lunq_event *e, uint64_t *when);

/* Serves what is due. block: when nothing was, lets time pass until something may be.
 * 1: go on; 0: nothing is under way that could end any wait; LUNQ_RUNTIME: Ctrl-C. */
int lunq_loop_step(bool block, struct lunq_error *err);
/* A step is under way: nothing can wait with the loop. */
bool lunq_loop_serving(void);
/* For whoever runs the steps: something can go on now that no wait's end has told of, for example a
 * task that a callback started. The step under way then lets no time pass. */
void lunq_loop_news(void);
/* Waits for w alone, serving everything else: 0, or as `done` was told. For C programs. */
int lunq_loop_wait(struct lunq_waiter *w, struct lunq_error *err);
/* Somebody waits, or somebody else's libuv handles are open. */
bool lunq_loop_busy(void);
/* Now in the time base of d, ns. */
uint64_t lunq_loop_now(struct lunq_device *d);

/* ---- descriptors ----------------------------------------------------------------------------- */

/* A descriptor the loop waits for; zeroed memory is not watched. */
struct lunq_watch {
    int fd;
    /* It is readable, or has failed: reads it, or is called again in the next step. Called in the
     * middle of a step, as a waiter's `done`. */
    void (*ready)(struct lunq_watch *w);
    /* The same when nothing else can end the sleep of the loop: reads it where the read may block, once it has
     * made fd so and lunq_loop_may_read still says yes. May read nothing. NULL: only `ready` is called. */
    void (*read)(struct lunq_watch *w);

    bool on, expected; /* the loop's own */
};

/* LUNQ_RUNTIME: the kernel refuses. */
int lunq_loop_watch(struct lunq_watch *w, struct lunq_error *err);
/* Somebody waits for it (on) and real hardware stands behind it: it may become ready at any moment,
 * so simulated time passes no faster than the wall clock's meanwhile, and no wait is hopeless. */
void lunq_loop_expect(struct lunq_watch *w, bool on);
void lunq_loop_unwatch(struct lunq_watch *w); /* nothing when it is not watched */
/* For `read` of a watch, directly before it blocks: nobody wants the sleep to end since it began. */
bool lunq_loop_may_read(void);
/* The program leaves signal `sig` to the loop, which sleeps in `read` of a watch then: without it, never. Called
 * by the thread that runs the loop. */
void lunq_loop_alarm(int sig);
/* No step sleeps longer than this at once: for whoever has something to do between steps. UINT64_MAX: as
 * long as it likes. */
void lunq_loop_nap(uint64_t ns);
/* Makes a step that sleeps look up: for signal handlers and other threads. */
void lunq_loop_interrupt(void);

/* ---- libuv ----------------------------------------------------------------------------------- */

/* The libuv loop, for whoever has handles of his own: they are served in each step. While any of
 * them is active, simulated time passes no faster than the wall clock's, for somebody outside may
 * act at any moment. NULL: no memory or descriptors. */
struct uv_loop_s *lunq_loop_uv(void);
/* Some of them are active. */
bool lunq_loop_uv_alive(void);
/* Set when none is active any more and somebody waits for that. */
struct lunq_event *lunq_loop_uv_idle(void);
/* Serves those that are ready, without waiting; nothing in one of their callbacks. */
void lunq_loop_uv_turn(void);
/* Whether one of their callbacks is running. */
bool lunq_loop_uv_turning(void);
/* Serves them until none is active. */
void lunq_loop_finish(void);
/* Closes the loop and every handle still open in it. At the end of the process. */
void lunq_loop_close(void);

#endif
