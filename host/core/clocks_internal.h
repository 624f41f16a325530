/* clocks_internal.h - clocks by the registers of the processing system; shared by clocks.c,
 * clocks_registers.c and clocks_divide.c. */
#ifndef LUNQ_CLOCKS_INTERNAL_H
#define LUNQ_CLOCKS_INTERNAL_H

#include "clocks.h"

/* Frequencies have six decimals, as PYNQ's. */
double lunq_clock_round(double mhz);

/* clocks_registers.c: the device has this processing system, the index is checked. */
int lunq_clock_registers_cpu(struct lunq_device *d, enum lunq_ps ps, double *mhz,
                             struct lunq_error *err);
int lunq_clock_registers_get(struct lunq_device *d, enum lunq_ps ps, unsigned index,
                             struct lunq_clock_state *out, struct lunq_error *err);
int lunq_clock_registers_running(struct lunq_device *d, enum lunq_ps ps, unsigned index, bool *on,
                                 struct lunq_error *err);
int lunq_clock_registers_set(struct lunq_device *d, enum lunq_ps ps, unsigned index,
                             const struct lunq_clock_ask *ask, struct lunq_error *err);
int lunq_clock_registers_enable(struct lunq_device *d, enum lunq_ps ps, unsigned index, bool on,
                                struct lunq_error *err);

/* clocks_divide.c: both dividers of a clock from `source` MHz, given or worked out. LUNQ_VALUE: out
 * of range, or a frequency that can't be made; `name` is the source's in the message. */
int lunq_clock_divide(const struct lunq_clock_ask *ask, const char *name, double source,
                      int64_t div[2], struct lunq_error *err);

#endif
