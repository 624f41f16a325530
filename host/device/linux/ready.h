/* ready.h - checks before the first access to the programmable logic; shared by ready.c and ready_logic.c. */
#ifndef LUNQ_LINUX_READY_H
#define LUNQ_LINUX_READY_H

#include "../../core/mmio.h"
#include "linux.h"
#include "private.h"

/* One look at the board. */
struct lx_look {
    struct lunq_linux *x;
    struct lunq_mmio *page; /* of registers, that was read last; NULL: none */
    unsigned running;       /* bit n: PL clock n was seen to run */
};

/* Says what was found, and what to do about it. */
void lx_found(struct lunq_linux_check *c, enum lunq_linux_found found, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void lx_advise(struct lunq_linux_check *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* ready_logic.c: the checks for all of the logic of this family, NULL behind the last. Each says all of *c. */
typedef void lx_check(struct lx_look *l, struct lunq_linux_check *c);
lx_check *const *lx_logic_checks(const struct lunq_linux *x);

/* Which resets of the logic are held, bit n for number n. False: not known, as *c says. */
bool lx_resets_held(struct lx_look *l, unsigned *held, struct lunq_linux_check *c);
/* "FCLK_RESET0_N", "pl_resetn0" */
void lx_reset_name(const struct lunq_linux *x, unsigned n, char *name, size_t size);

#endif
