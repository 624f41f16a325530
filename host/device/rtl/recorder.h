/* recorder.h - the flight recorder of an instance: all its top-level pins in the last cycles, written
 * as a value change dump when somebody wants to know what happened (rtl.md 6). It needs no model with
 * traces. */
#ifndef LUNQ_RTL_RECORDER_H
#define LUNQ_RTL_RECORDER_H

#include <stdbool.h>

#include "../../core/error.h"
#include "pin.h"

struct rtl_recorder {
    const struct lunq_rtl_model *model;
    struct rtl_pin *pins;
    size_t *offsets; /* of the pins in a record */
    const uint8_t
        *span;     /* where all pins lie close together, of the record's size; NULL: they don't */
    uint8_t *ring; /* NULL: off */
    size_t record; /* bytes of a cycle */
    uint64_t depth, cycles; /* of the ring, a power of two; written so far */
};

/* Keeps at least `cycles` of them from now on; 0: none. LUNQ_MEMORY. */
int rtl_recorder_start(struct rtl_recorder *r, const struct lunq_rtl_model *m, void *inst,
                       uint64_t cycles, struct lunq_error *err);
void rtl_recorder_stop(struct rtl_recorder *r); /* one that is zeroed is allowed */
void rtl_recorder_note(struct rtl_recorder *r); /* the pins as they are now are a cycle */

/* Writes what there is. now: cycle of the instance; period in ps. LUNQ_IO: the file can't be written;
 * LUNQ_RUNTIME: it is off. */
int rtl_recorder_write(const struct rtl_recorder *r, const char *path, uint64_t now,
                       uint64_t period_ps, struct lunq_error *err);

#endif
