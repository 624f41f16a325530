/* words.h - what the name of a pin says it is (rtl.md 3). */
#ifndef LUNQ_RTL_WORDS_H
#define LUNQ_RTL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* Characters of a name without the direction at its end: "awaddr_i", "irq_out". */
size_t rtl_bare(const char *name);

bool rtl_is_reset(const char *name);  /* "rst", "reset" */
bool rtl_is_low(const char *name);    /* of a reset: active low */
bool rtl_is_clock(const char *name);  /* "aclk", "core_clock_p" */
bool rtl_is_enable(const char *name); /* of a clock: "aclken" */
bool rtl_is_irq(const char *name);    /* of one bit: "irq", "interrupt0", "done_int" */
bool rtl_is_irqs(const char *name);   /* of several: "irq", "usr_irq_out" */

#endif
