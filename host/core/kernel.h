/* kernel.h - kernels of a card that scripts have open: one or several compute units of the same
 * kernel that take each other's runs, the free one first. */
#ifndef LUNQ_KERNEL_H
#define LUNQ_KERNEL_H

#include "device.h"

struct lunq_kernel {
    struct lunq_device *dev;    /* with a reference */
    struct lunq_design *design; /* with a reference: what the fields below point into */
    const struct lunq_cu **cus; /* of one kernel, with the same arguments */
    size_t n_cus;
    const struct lunq_arg *args; /* of all of them, n_args */
    size_t n_args;
    size_t regs_size;        /* bytes of a run's register image */
    bool open;               /* the device has it: kernel_open was called, kernel_close not yet */
    bool stale;              /* closed by lunq_runs_close */
    unsigned refs;           /* handles and runs */
    void *key;               /* the device's own */
    struct lunq_run *runs;   /* all there are, also ended and spare ones: run.c */
    struct lunq_run *spares; /* ended runs nobody refers to, to be used again */
    size_t n_spares;
    uint64_t ended;                  /* runs, well or not */
    struct lunq_kernel *prev, *next; /* the device's list */
};

/* Opens compute units of the loaded design, given as indices into design->card.cus. One reference.
 * LUNQ_RUNTIME: another design is loaded; LUNQ_VALUE: different kernels, or one with another wiring
 * of its arguments (the message names it); LUNQ_UNSUPPORTED: the device runs no kernels, or the
 * kernel has no control protocol (ap_ctrl_none, user_managed): registers are all there is. */
int lunq_kernel_open(struct lunq_kernel **out, struct lunq_device *d, struct lunq_design *design,
                     const size_t *cus, size_t n_cus, struct lunq_error *err);
struct lunq_kernel *lunq_kernel_ref(struct lunq_kernel *k);
void lunq_kernel_unref(struct lunq_kernel *k); /* NULL is allowed */
/* How many of its runs the device has, and how many wait for others, as far as the loop has heard: for
 * people who watch. Asks no device. */
void lunq_kernel_runs(const struct lunq_kernel *k, size_t *running, size_t *waiting);
/* True when its design is no longer the one on the device: lunq_runs_close has closed it. */
bool lunq_kernel_is_stale(const struct lunq_kernel *k);

#endif
