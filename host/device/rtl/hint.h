/* hint.h - what the metadata of an IP (a module of a design) says of one pin of its RTL: rtl.md 3. */
#ifndef LUNQ_RTL_HINT_H
#define LUNQ_RTL_HINT_H

#include "../../design/design.h"
#include "pin.h"
#include "signal.h"

enum rtl_hint_kind {
    RTL_HINT_NOTHING, /* names have to tell */
    RTL_HINT_SIGNAL,  /* of a bus */
    RTL_HINT_CLOCK,
    RTL_HINT_ENABLE, /* of a clock */
    RTL_HINT_RESET,
    RTL_HINT_IRQ,
    RTL_HINT_PLAIN /* of an interface we know nothing of */
};

enum rtl_hint_level { RTL_HINT_NO_LEVEL, RTL_HINT_LOW, RTL_HINT_HIGH };

struct rtl_hint {
    enum rtl_hint_kind kind;
    const char *bus; /* RTL_HINT_SIGNAL */
    enum rtl_signal signal;
    enum rtl_hint_level active; /* RTL_HINT_RESET */
};

/* m NULL: nothing. */
struct rtl_hint rtl_hint_of(const struct lunq_module *m, const struct rtl_pin *p);

/* The i-th of exactly n AXI interfaces of m that have this pin; NULL: there are more or fewer. m may be NULL. */
const char *rtl_hint_interface(const struct lunq_module *m, const char *pin, size_t i, size_t n);
enum rtl_signal rtl_signal_named(const char *logical); /* "AWADDR" of metadata; RTL_SIGNALS: none */

#endif
