/* irq.h - interrupt pins of the loaded design: waiting for them, enabling them only meanwhile.
 *
 * A pin ends at an input of an AXI INTC or at a line of the processor; controllers hang on one
 * another in a tree. All waits on one input share it: it is enabled while somebody waits and
 * disabled when it fires, and so is every stage above. Lines with a descriptor (the device's irq_fd)
 * are on the event loop (loop.h), which sleeps until one is readable; without one it asks the armed
 * lines in each step while anybody waits, once for all waiters.
 *
 * Order of work (registers.md section 10). An edge is acknowledged before its waiters are told, so
 * that the next one is kept. A level is disabled, its waiters are told and clear the source, and it
 * is acknowledged when somebody waits again: an acknowledge before that would be undone at once
 * and give a second, false event. */
#ifndef LUNQ_IRQ_H
#define LUNQ_IRQ_H

#include "device.h"

struct lunq_irq;

/* One wait. Zeroed memory is a waiter that does not wait. */
struct lunq_irq_waiter {
    /* It is over: 1, or an error: LUNQ_RUNTIME because another design was loaded, or what the bus
     * said when nobody else was there to hear it. The waiter waits no longer. Called in the middle of lunq_irq_service or lunq_device_program: it notes who may
     * go on, and neither begins a wait nor runs a script. */
    void (*wake)(struct lunq_irq_waiter *w, int result, const struct lunq_error *err);
    uint64_t count, when; /* how often it fired, and the last time (ns) */

    struct lunq_irq *irq; /* NULL: does not wait */
    struct lunq_irq_waiter *prev, *next;
};

/* Opens a pin of the loaded design by name ("hier/ip/pin"), or a line the device has by itself ("irq0").
 * Holds the device. The first pin below
 * a controller resets it: all inputs disabled and acknowledged, output enabled.
 * "ip/irq[2]" is one bit of a vector; without, the lowest. LUNQ_VALUE: "No Pin of name {} found". */
int lunq_irq_open(struct lunq_irq **out, struct lunq_device *d, const char *pin,
                  struct lunq_error *err);
/* The same for a pin the design on the device does not name, of a region for example: input `index`
 * of a controller (its path), or, with controller "", the processor's line `raw_irq`. */
int lunq_irq_open_at(struct lunq_irq **out, struct lunq_device *d, const char *pin,
                     const char *controller, unsigned index, int raw_irq, struct lunq_error *err);
/* Nobody may wait on it. NULL is allowed. */
void lunq_irq_close(struct lunq_irq *irq);

const char *lunq_irq_name(const struct lunq_irq *irq);
struct lunq_device *lunq_irq_device(const struct lunq_irq *irq);
/* 0, or LUNQ_RUNTIME "Interrupt invalidated by Overlay change". */
int lunq_irq_check(const struct lunq_irq *irq, struct lunq_error *err);

/* Begins a wait: enables the pin and the stages above it. w->wake is set. On failure nothing stays
 * enabled. LUNQ_RUNTIME "Interrupt invalidated by Overlay change". */
int lunq_irq_begin(struct lunq_irq *irq, struct lunq_irq_waiter *w, struct lunq_error *err);
/* Ends a wait without waking; the last one disables the pin. Nothing when w does not wait. */
void lunq_irq_end(struct lunq_irq_waiter *w);

/* Asks the armed lines of a device and wakes whoever waited for what has come. The number of waits
 * that ended, or an error of the bus. */
int lunq_irq_service(struct lunq_device *d, struct lunq_error *err);
/* How many waits for interrupts of this device are under way: their pins are enabled. */
size_t lunq_irq_waiting(const struct lunq_device *d);
/* How often what arrives at an input, named as in lunq_irq_open_at, has fired since pins there were
 * opened first, and how many wait for it. False: none is open. Asks no hardware. */
bool lunq_irq_seen(const struct lunq_device *d, const char *controller, unsigned index, int raw_irq,
                   uint64_t *events, size_t *waiting);
/* The descriptors of armed lines, for a poll(2) of one's own, at most n; their number. 0 on simulated
 * devices, but those with ?uio=1. */
size_t lunq_irq_fds(const struct lunq_device *d, int *fds, size_t n);

/* Waits at most `seconds` (as lunq_wait_begin) for irq alone. For C programs and scripts without
 * tasks. LUNQ_TIMEOUT explains. */
int lunq_irq_wait(struct lunq_irq *irq, double seconds, uint64_t *count, uint64_t *when,
                  struct lunq_error *err);

/* Turns the end of a wait's time, with the words of lunq_wait_step in *err, into an explanation. */
int lunq_irq_timeout(struct lunq_irq *irq, double seconds, struct lunq_error *err);

/* The way of the pin to the processor, one stage a line, with the live state of each and, where it
 * shows, why nothing comes. Returns text, cut to size. */
const char *lunq_irq_explain(struct lunq_irq *irq, char *text, size_t size);

/* For device.c: another design has been loaded; all pins are stale and waits end. */
void lunq_irqs_expire(struct lunq_device *d);

#endif
