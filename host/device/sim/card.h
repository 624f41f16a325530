/* card.h - a simulated card under XRT: what private.h's device has beyond, or instead of, a board's.
 * Shared by the simulator's own files only. */
#ifndef LUNQ_SIM_CARD_H
#define LUNQ_SIM_CARD_H

#include "../../core/memory.h"
#include "../../core/run.h"
#include "../space.h"
#include "private.h"

struct sim_card {
    struct lunq_space space;   /* the whole address space: banks may overlap (groups of memories) */
    struct lunq_design *shown; /* whose memories are the banks, with a reference; NULL: none */
    struct lunq_mem *last;     /* found at the last look-up */
    struct sim_unit *units;    /* of shown->card.cus, by the same index */
    struct lunq_sim_kernel *kernels; /* models in C, the newest last */
    size_t n_kernels;
};

/* A run in a unit's queue; lunq_run.key, kept with it. */
struct sim_ticket {
    struct lunq_run *run;
    struct sim_unit *unit;
    struct sim_ticket *next;
};

struct sim_unit {
    struct sim_inst *inst;
    const struct lunq_cu *cu;
    bool (*compute)(struct sim_inst *i); /* of its model; NULL: it has none */
    struct sim_ticket *first, *last;
    size_t waiting;                /* in the queue, with the first */
    bool busy;                     /* the first is on it */
    enum lunq_run_state fate;      /* how that will end */
    char *why;                     /* malloc */
    struct sim_event verdict;      /* ends it when the core does not */
    struct lunq_sim_kernel kernel; /* the model in C, or .run NULL */
};

static inline bool sim_takes_buffer(const struct lunq_arg *a)
{
    return a->kind == LUNQ_ARG_GLOBAL || a->kind == LUNQ_ARG_CONSTANT;
}

/* ---- card.c ----------------------------------------------------------------------------------- */

/* Makes s a card. LUNQ_MEMORY. */
int sim_card_open(struct lunq_sim *s, struct lunq_error *err);
void sim_card_close(struct lunq_sim *s);
int sim_card_program(struct lunq_device *d, const struct lunq_program *p, struct lunq_error *err);

/* ---- card_memory.c ---------------------------------------------------------------------------- */

int sim_card_alloc(struct lunq_device *d, struct lunq_mem *m, struct lunq_error *err);
void sim_card_free(struct lunq_device *d, struct lunq_mem *m);
int sim_card_sync(struct lunq_device *d, struct lunq_mem *m, size_t off, size_t n,
                  enum lunq_sync dir, struct lunq_error *err);
/* The card's copy of the live buffer around [addr, addr+n), from addr on; NULL: there is none. *mem, which
 * may be NULL, gets the buffer. */
uint8_t *sim_card_at(struct lunq_sim *s, uint64_t addr, uint64_t n, struct lunq_mem **mem);

/* ---- card_models.c ----------------------------------------------------------------------------- */

/* A model in Lua, which has set compute, comes before those in C; without any, a start says so. */
void sim_unit_choose_model(struct lunq_sim *s, struct sim_unit *u);
/* LUNQ_UNSUPPORTED, to whoever starts a kernel nobody has described. */
int sim_unit_no_model(const struct sim_unit *u, struct lunq_error *err);

/* ---- card_units.c ----------------------------------------------------------------------------- */

/* For n units, of no instance yet; NULL: no memory. */
struct sim_unit *sim_units_new(size_t n);
/* To the instances of a design that was just loaded. */
void sim_units_bind(struct lunq_sim *s, struct sim_unit *units, const struct lunq_design *d);
/* Their instances may be gone; runs they still have end as aborted. */
void sim_units_free(struct lunq_sim *s, struct sim_unit *units, size_t n);

int sim_card_kernel_open(struct lunq_device *d, struct lunq_kernel *k, struct lunq_error *err);
void sim_card_kernel_close(struct lunq_device *d, struct lunq_kernel *k);
int sim_card_run_start(struct lunq_device *d, struct lunq_run *r, struct lunq_error *err);
int sim_card_run_abort(struct lunq_device *d, struct lunq_run *r, struct lunq_error *err);
void sim_card_run_free(struct lunq_device *d, struct lunq_run *r);

#endif
