/* fault.c - injected faults: what goes wrong, where, after how many times and how often. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "private.h"

static const char *const kinds[] = {
    "slave_error",     /* the bus answers SLVERR: registers of the IP, or its own memory accesses */
    "decode_error",    /* the same with DECERR */
    "slow_bus",        /* every access and latency of the IP takes `ns` longer */
    "stuck_reset",     /* a reset bit never clears itself */
    "lose_capture",    /* a timer misses an edge of its capture input */
    "sof_early",       /* a frame begins before the one before it is over (VDMA) */
    "sof_late",        /* or does not begin after it */
    "lose_tlast",      /* TLAST is dropped on a stream the IP sends (or receives) */
    "early_tlast",     /* TLAST comes after `bytes` bytes */
    "stall",           /* a stream takes nothing; a serial line stands still */
    "stuck_interrupt", /* an output pin stays high */
    "lost_interrupt",  /* an output pin stays low */
    "spurious_interrupt", /* an output pin that should stay low goes up for a moment */
    "fifo_empty",         /* a stream FIFO has nothing to read */
    "fifo_full",          /* a stream FIFO has no room */
    "no_done",            /* an HLS core that was started never ends */
    "no_response",        /* a unit of a card does not take a run: its scheduler gives it up */
    "kernel_error",       /* a run of a kernel ends with an error */
    "nack",               /* nobody acknowledges on an I2C bus: where = "address" or "data" */
    "arbitration_lost",   /* another master wins the I2C bus */
    "busy_bus",           /* another master holds the I2C bus */
    "frame_error",        /* a byte arrives at a UART with a bad stop bit */
    "parity_error",       /* or with a bad parity bit */
    "mode_fault",         /* somebody else selects a SPI master */
    "gpio_busy",          /* another process has the GPIO line: where = its number */
    "gpio_denied",        /* this user may not have it */
    NULL,
};

const char *const *lunq_sim_fault_kinds(void)
{
    return kinds;
}

static const char *kind_name(void *ctx, size_t i)
{
    (void)ctx;
    return kinds[i];
}

static const char *inst_name(void *ctx, size_t i)
{
    return ((struct lunq_sim *)ctx)->fabric.insts[i]->path;
}

static int check(struct lunq_sim *s, const struct lunq_sim_fault *f, struct lunq_error *err)
{
    char hint[160];
    size_t n = sizeof kinds / sizeof *kinds - 1, i = 0;
    while (kinds[i] && strcmp(kinds[i], f->kind))
        i++;
    if (!kinds[i]) {
        char list[512] = "";
        for (i = 0; i < n; i++) {
            size_t at = strlen(list);
            snprintf(list + at, sizeof list - at, "%s%s", i ? ", " : "", kinds[i]);
        }
        return lunq_fail(err, LUNQ_VALUE, "There is no fault \"%s\"%s. Faults are: %s.", f->kind,
                         sim_suggest(hint, sizeof hint, f->kind, kind_name, NULL, n), list);
    }
    if (f->ip && !sim_inst_find(s, f->ip))
        return lunq_fail(err, LUNQ_VALUE, "The loaded design has no IP \"%s\"%s.", f->ip,
                         sim_suggest(hint, sizeof hint, f->ip, inst_name, s, s->fabric.n_insts));
    return 0;
}

static void free_texts(struct lunq_sim_fault *f)
{
    free((char *)f->ip);
    free((char *)f->kind);
    free((char *)f->where);
}

int lunq_sim_inject(struct lunq_sim *s, const struct lunq_sim_fault *f, struct lunq_error *err)
{
    struct lunq_sim_fault copy = *f, *list;
    int r = check(s, f, err);
    if (r < 0)
        return r;
    copy.ip = f->ip ? strdup(f->ip) : NULL;
    copy.kind = strdup(f->kind);
    copy.where = f->where ? strdup(f->where) : NULL;
    list = realloc(s->faults, (s->n_faults + 1) * sizeof *list);
    if (list)
        s->faults = list;
    if (!list || !copy.kind || (f->ip && !copy.ip) || (f->where && !copy.where)) {
        free_texts(&copy);
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    copy.id = ++s->last_fault;
    copy.fired = 0;
    s->faults[s->n_faults++] = copy;
    s->armed += copy.count > 0;
    sim_update_direct(s);
    sim_wires_changed(s);
    return (int)copy.id;
}

size_t lunq_sim_faults(struct lunq_sim *s)
{
    return s->n_faults;
}

const struct lunq_sim_fault *lunq_sim_fault(struct lunq_sim *s, size_t index)
{
    return index < s->n_faults ? &s->faults[index] : NULL;
}

static void after_clearing(struct lunq_sim *s)
{
    sim_update_direct(s);
    for (size_t i = 0; i < s->fabric.n_links; i++) /* a stall may be over */
        sim_link_ready(s->fabric.links[i]);
    sim_wires_changed(s);
}

void lunq_sim_clear_faults(struct lunq_sim *s)
{
    for (size_t i = 0; i < s->n_faults; i++)
        free_texts(&s->faults[i]);
    free(s->faults);
    s->faults = NULL;
    s->n_faults = s->armed = 0;
    after_clearing(s);
}

bool lunq_sim_clear_fault(struct lunq_sim *s, unsigned id)
{
    size_t i = 0;
    while (i < s->n_faults && s->faults[i].id != id)
        i++;
    if (i == s->n_faults)
        return false;
    s->armed -= s->faults[i].count > 0;
    free_texts(&s->faults[i]);
    memmove(&s->faults[i], &s->faults[i + 1], (s->n_faults - i - 1) * sizeof *s->faults);
    s->n_faults--;
    after_clearing(s);
    return true;
}

/* ---- striking ------------------------------------------------------------------------------ */

static bool meant(const struct lunq_sim_fault *f, const struct sim_inst *i, const char *kind,
                  const char *where, uint64_t off)
{
    return f->count > 0 && !strcmp(f->kind, kind) && (!f->ip || (i && !strcmp(f->ip, i->path))) &&
           (!f->where || (where && !strcasecmp(f->where, where))) &&
           (f->offset == UINT64_MAX || f->offset == off);
}

/* A match: lets it pass, or strikes. */
static bool count_down(struct lunq_sim *s, struct lunq_sim_fault *f)
{
    if (f->after > 0) {
        if (f->after != UINT64_MAX)
            f->after--;
        return false;
    }
    f->fired++;
    if (f->count != UINT64_MAX && --f->count == 0) {
        s->armed--;
        sim_update_direct(s);
    }
    return true;
}

const struct lunq_sim_fault *sim_fault_strike(struct lunq_sim *s, const struct sim_inst *i,
                                              const char *kind, const char *where, uint64_t off)
{
    for (size_t k = 0; s->armed && k < s->n_faults; k++)
        if (meant(&s->faults[k], i, kind, where, off) && count_down(s, &s->faults[k]))
            return &s->faults[k];
    return NULL;
}

const struct lunq_sim_fault *sim_fault_strike_input(struct lunq_sim *s, const struct sim_inst *i,
                                                    const char *kind, const char *where)
{
    for (size_t k = 0; s->armed && k < s->n_faults; k++)
        if (s->faults[k].ip && (s->faults[k].where || !i->out) &&
            meant(&s->faults[k], i, kind, where, UINT64_MAX) && count_down(s, &s->faults[k]))
            return &s->faults[k];
    return NULL;
}

bool sim_fault_armed(struct lunq_sim *s, const struct sim_inst *i, const char *kind,
                     const char *where)
{
    for (size_t k = 0; s->armed && k < s->n_faults; k++)
        if (meant(&s->faults[k], i, kind, where, UINT64_MAX) && s->faults[k].after == 0)
            return true;
    return false;
}

bool sim_fault(struct sim_inst *i, const char *kind, const char *where)
{
    return i->sim->armed && sim_fault_strike(i->sim, i, kind, where, UINT64_MAX);
}

/* Errors of an IP's registers, or of its own accesses to memory (off UINT64_MAX): those are meant
 * only by faults that name the master interface. */
int sim_fault_access(struct lunq_sim *s, struct sim_inst *i, const char *where, uint64_t off,
                     uint64_t *delay)
{
    for (size_t k = 0; s->armed && k < s->n_faults; k++) {
        struct lunq_sim_fault *f = &s->faults[k];
        if (off == UINT64_MAX && !f->where)
            continue;
        if (meant(f, i, "slow_bus", where, off) && count_down(s, f))
            *delay += f->ns;
        else if (meant(f, i, "slave_error", where, off) && count_down(s, f))
            return SIM_SLVERR;
        else if (meant(f, i, "decode_error", where, off) && count_down(s, f))
            return SIM_DECERR;
    }
    return SIM_OKAY;
}
