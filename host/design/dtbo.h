/* dtbo.h - what the files of the device-tree overlay reader share. Private to host/design. */
#ifndef LUNQ_DTBO_H
#define LUNQ_DTBO_H

#include "dt.h"
#include "private.h"

/* What a node is, by LUNQ's own property, its compatible strings, or its name. */
struct lunq_dtbo_type {
    char vlnv[160]; /* "" when nobody knows; "*:*:adder:1.0": vendor and library are not known */
    const char *irq, *irq2; /* usual names of its interrupt outputs; irq2: NULL */
    bool by_name;           /* guessed from the name of the node alone */
};

void lunq_dtbo_type_of(const struct lunq_dt_node *n, const char *name, struct lunq_dtbo_type *out);

/* A node that becomes a module. */
struct lunq_dtbo_unit {
    const struct lunq_dt_node *node;
    struct lunq_module *module;
    struct lunq_dtbo_type type;
};

struct lunq_dtbo {
    struct lunq_design *d;
    struct lunq_dt *t;
    struct lunq_vec units;
    struct lunq_vec params, ports; /* of one module */
    size_t n_ranges;
    bool zynq; /* Zynq-7000, else ZynqMP */
    struct lunq_error *err;
};

/* String i of a list of strings, or NULL. */
const char *lunq_dtbo_text(const struct lunq_dt_node *n, const char *name, size_t i);

/* Gives a unit its ports: interrupts first, then clocks. */
void lunq_dtbo_ports(struct lunq_dtbo *r, struct lunq_dtbo_unit *u);
/* Connects its interrupts, when all units have their modules. LUNQ_MEMORY. */
int lunq_dtbo_wire(struct lunq_dtbo *r, const struct lunq_dtbo_unit *u);

/* Adds the parameters a node says (struct lunq_param) to `to`, under the names HWH files have. */
void lunq_dtbo_params(struct lunq_design *d, const struct lunq_dt_node *n, struct lunq_vec *to);
/* The child that describes a DMA channel of that direction, "mm2s" or "s2mm", or NULL. */
const struct lunq_dt_node *lunq_dtbo_channel(const struct lunq_dt_node *n, const char *direction);

/* A clock: the processor's clock for the logic that it comes from, and its frequency. */
struct lunq_dtbo_clock {
    unsigned char pl_clock; /* 1 + number, 0: none of them */
    uint64_t hz;            /* 0: not said */
};

/* The clock that reference k of `clocks` or `assigned-clocks` means. */
struct lunq_dtbo_clock lunq_dtbo_clock_of(const struct lunq_dt_property *p, size_t k);

#endif
