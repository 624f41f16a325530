/* bind.h - what the pins of a model are: buses, clocks, resets, interrupts, and what is left over.
 * By what metadata says, and by names where it says nothing (rtl.md 3). */
#ifndef LUNQ_RTL_BIND_H
#define LUNQ_RTL_BIND_H

#include <stdbool.h>

#include "../../core/error.h"
#include "hint.h"
#include "pin.h"
#include "signal.h"
#include "slice.h"

enum rtl_kind {
    RTL_UNBOUND,
    RTL_LITE_SLAVE, /* AXI4-Lite */
    RTL_FULL_SLAVE, /* AXI4 */
    RTL_LITE_MASTER,
    RTL_FULL_MASTER,
    RTL_SINK,  /* AXI4-Stream into the RTL */
    RTL_SOURCE /* and out of it */
};

#define RTL_MOST_IRQS 64u   /* bits of all interrupt pins that are looked at */
#define RTL_MOST_PARTS 64u  /* buses in one vector */
#define RTL_MOST_BYTES 128u /* of a data bus: 1,024 bits, the widest of AXI4 */

struct rtl_bus {
    char name[64]; /* what its pins have before the signal: "s_axi_control" */
    enum rtl_kind kind;
    unsigned bytes;   /* of the data bus */
    unsigned address; /* bits of the address; 0 of streams */
    size_t clock;     /* index in `clocks` of the one it is on */
    char why[128];    /* RTL_UNBOUND: what is wrong with it */
    struct rtl_pin s[RTL_SIGNALS];
};

struct rtl_reset {
    struct rtl_pin pin;
    bool low; /* active low */
};

struct rtl_left {
    struct rtl_pin pin;
    const char *why; /* it is in no bus although its name is; NULL: a plain pin */
};

/* Lists in the order of the pins. */
struct rtl_bind {
    const struct lunq_rtl_model *model;
    struct rtl_bus *buses;
    size_t n_buses;
    struct rtl_pin *clocks, *enables, *irqs; /* enables: of clocks, held high */
    size_t n_clocks, n_enables, n_irqs;
    size_t main_clock; /* of buses nobody says another of */
    unsigned irq_bits; /* of all interrupt pins: one may be a vector */
    struct rtl_reset *resets;
    size_t n_resets;
    struct rtl_left *left;
    size_t n_left;
    struct rtl_slices slices; /* what pins of buses are parts of others */
};

/* By the model's own metadata, by `said` (a module of a design, or NULL) where that says nothing of a pin, and
 * by names. Nothing of `said` is kept. LUNQ_MEMORY. Free it in any case. */
int rtl_bind_pins(struct rtl_bind *b, const struct lunq_rtl_model *m,
                  const struct lunq_module *said, struct lunq_error *err);
void rtl_bind_attach(struct rtl_bind *b, void *inst); /* points the pins into an instance */
void rtl_bind_free(struct rtl_bind *b);

/* The bus of this name (in any case of letters), or NULL. */
struct rtl_bus *rtl_bind_bus(const struct rtl_bind *b, const char *name);
const char *rtl_kind_name(enum rtl_kind k); /* "AXI4-Lite slave" */
bool rtl_is_slave(enum rtl_kind k);         /* has registers or memory a master can reach */
bool rtl_is_master(enum rtl_kind k);

/* bind_bus.c: what the signals a bus has make of it: sets kind, bytes, address, why. */
void rtl_bus_decide(struct rtl_bus *f);

#endif
