/* bus_error.h - a bus error in a mapped window becomes an error of the access that met it.
 * The processor gets SIGBUS where nothing answers on the bus (linux-boards.md C2.6). The handler puts an
 * empty page where the access failed, so that it ends, and sets lunq_bus_error; whoever accesses through
 * a mapped pointer looks at that afterwards, which costs one load. A jump out of the handler would cost a
 * sigsetjmp for each access. Writes are posted: their errors may come later, or never. */
#ifndef LUNQ_BUS_ERROR_H
#define LUNQ_BUS_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/* Not 0: an access has failed since the last lunq_bus_error_take. */
extern volatile int lunq_bus_error;

/* Mapped memory that may fail, whole pages. It stays where it is while it is guarded. */
struct lunq_guarded {
    uint8_t *base;
    size_t size;
    void (*restore)(struct lunq_guarded *g); /* maps all of it again: an empty page stands there */
    struct lunq_guarded *next;
};

/* The first one installs the handler; the last one that goes removes it. */
void lunq_guard_add(struct lunq_guarded *g);
void lunq_guard_remove(struct lunq_guarded *g);

/* The host address of the access that failed, with what it belongs to mapped again; NULL: none has. */
const void *lunq_bus_error_take(void);

#endif
