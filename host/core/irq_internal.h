/* irq_internal.h - the tree of interrupt controllers; shared by irq.c, irq_intc.c, irq_explain.c. */
#ifndef LUNQ_IRQ_INTERNAL_H
#define LUNQ_IRQ_INTERNAL_H

#include "irq.h"
#include "loop.h"
#include "mmio.h"

enum { /* registers of an AXI INTC */
       INTC_ISR = 0x00,
       INTC_IPR = 0x04,
       INTC_IER = 0x08,
       INTC_IAR = 0x0c,
       INTC_SIE = 0x10,
       INTC_CIE = 0x14,
       INTC_MER = 0x1c
};

enum { MAX_CASCADE = 32 }; /* controllers between a pin and the processor */

struct controller;

/* Where something arrives: an input of a controller or a line of the processor. */
struct input {
    struct controller *owner; /* NULL: the processor */
    unsigned index;           /* input number, or GIC number */
    bool edge;
    bool enabled;             /* in the hardware */
    bool retry;               /* a line whose controller could not be asked: ask again */
    struct controller *child; /* what hangs there, or NULL */
    struct lunq_irq_waiter *first, *last;
    uint64_t events;       /* since it was opened */
    struct input *next;    /* the processor's lines */
    struct lunq_irqs *set; /* theirs, and their descriptors, where the device has any */
    struct lunq_watch watch;
};

struct controller {
    struct lunq_irqs *set;
    const struct lunq_module *module;
    const char *path; /* the design's */
    struct lunq_mmio *regs;
    struct input *up; /* where its output arrives */
    struct input inputs[32];
    unsigned n_enabled;
    uint32_t ier;          /* as we left it */
    bool has_ipr, has_set; /* IPR; SIE and CIE: configurations may leave them out */
    bool pulses;           /* its output; see rearm() in irq_intc.c */
    uint32_t there,
        harmless; /* its inputs, and those whose acknowledgement loses nothing: levels */
    /* What a bus error left half done, for the next round: inputs disabled but not acknowledged, so
     * nobody was told; and inputs whose controllers were not served to the end. */
    uint32_t taken, again;
    uint64_t spurious; /* pending inputs nobody had enabled */
    struct controller *next;
};

/* All open pins of the design a device has loaded. */
struct lunq_irqs {
    struct lunq_waiter pump;    /* first: serves all waits as one that looks, while there are any */
    struct lunq_device *dev;    /* no reference: the pins hold it */
    struct lunq_design *design; /* with a reference */
    struct input *lines;
    struct controller *controllers;
    size_t waiting;
    unsigned refs; /* open pins, and whoever is at work */
    bool working, stale;
};

struct lunq_irq {
    struct lunq_device *dev; /* with a reference */
    struct lunq_irqs *set;
    struct input *input;
    char *name;
};

/* irq.c */
/* An armed line's descriptor is watched from now on; nothing where it has none. */
int lunq_line_watch(struct input *line, struct lunq_error *err);
/* Only a line somebody has armed is something to wait for. */
void lunq_line_expect(struct input *line);

/* irq_intc.c */
struct input *lunq_irq_line(struct lunq_irqs *set, unsigned gic, struct lunq_error *err);
/* The controller of the design at this index, opened with all those above it. */
int lunq_intc_open(struct controller **out, struct lunq_irqs *set, size_t index,
                   struct lunq_error *err);
int lunq_input_enable(struct lunq_irqs *set, struct input *in, struct lunq_error *err);
int lunq_input_disable(struct lunq_irqs *set, struct input *in, struct lunq_error *err);
/* Finds out which inputs of c have fired, top down, and wakes their waiters. */
int lunq_intc_service(struct controller *c, uint64_t when, int *woken, struct lunq_error *err);
/* Wakes all waiters of an input that is disabled already. */
int lunq_input_fire(struct lunq_irqs *set, struct input *in, uint64_t count, uint64_t when);

#endif
