/* clocks.h - the clocks a Zynq's processing system makes: the CPU's and the four of the programmable
 * logic. Through the kernel where the device offers that, else through the PS registers.
 *
 * Nothing is kept between two calls: each one maps the registers it needs and lets them go, so that
 * nothing is mapped before somebody asks and no device answers for another. */
#ifndef LUNQ_CLOCKS_H
#define LUNQ_CLOCKS_H

#include "device.h"

struct lunq_clock_state {
    bool on;
    unsigned div0,
        div1; /* as in the register, where 0 divides by 1; 0 when the kernel has the clock */
    const char *source; /* "IO PLL", "RPLL"; NULL: the kernel's business */
    double source_mhz;
    double mhz;       /* rounded to 6 decimals, as all frequencies here; also while it is off */
    double asked_mhz; /* of the last set that named a frequency; 0: none */
};

struct lunq_clock_ask {
    const int64_t *div0, *div1; /* 1 to 63; NULL: worked out from mhz */
    double mhz;                 /* 0: both dividers are given */
    const char *source;         /* PLL by name, as in the metadata; NULL: the one it has */
};

/* Which processing system: LUNQ_RUNTIME "Architecture not supported for Clocks" when there is none. */
int lunq_clocks_ps(struct lunq_device *d, enum lunq_ps *ps, struct lunq_error *err);

/* The processing system a design is made for; NONE: none, or another. NULL is allowed. */
enum lunq_ps lunq_clocks_designed_for(const struct lunq_design *d);

/* The reference clock: what a script said (d->ref_mhz), the loaded design, the device tree, or the
 * usual one of the family, about which it warns once per device. *from: "script", "metadata",
 * "device tree", "assumed". */
int lunq_clocks_reference(struct lunq_device *d, double *mhz, const char **from,
                          struct lunq_error *err);

int lunq_clocks_cpu(struct lunq_device *d, double *mhz, struct lunq_error *err);

/* LUNQ_VALUE: index not 0 to 3; a PLL that does not run from the reference clock. */
int lunq_clocks_get(struct lunq_device *d, int64_t index, struct lunq_clock_state *out,
                    struct lunq_error *err);

/* Sets source and dividers with one write and switches the clock on. Off by more than 1 % of the
 * frequency asked for: a warning. LUNQ_VALUE: index, divider or source out of range, a frequency
 * that can't be made; nothing is written then. LUNQ_IO: the register did not take the value.
 * *out (may be NULL) is the clock afterwards. */
int lunq_clocks_set(struct lunq_device *d, int64_t index, const struct lunq_clock_ask *ask,
                    struct lunq_clock_state *out, struct lunq_error *err);

/* Forgets what was asked for: another design has other wishes. */
void lunq_clocks_forget(struct lunq_device *d);

int lunq_clocks_enable(struct lunq_device *d, int64_t index, bool on, struct lunq_error *err);

/* Only whether a clock runs, which takes neither frequencies nor the reference clock. LUNQ_UNSUPPORTED: what
 * stands at the address of the registers can't be they (an emulator without them reads 0). */
int lunq_clocks_running(struct lunq_device *d, int64_t index, bool *on, struct lunq_error *err);

#endif
