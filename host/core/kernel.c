#include "kernel.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "run_internal.h"

/* The register file of a kernel: a range of 64 KiB on every platform seen. */
#define MOST_REGS (1u << 20)
/* lunq_run.set has a bit for each. */
#define MOST_ARGS 64u

static bool same_wiring(const struct lunq_arg *a, const struct lunq_arg *b)
{
    return !strcmp(a->name, b->name) && a->kind == b->kind && a->offset == b->offset &&
           a->size == b->size && a->n_memories == b->n_memories &&
           (a->n_memories == 0 ||
            !memcmp(a->memories, b->memories, a->n_memories * sizeof *a->memories));
}

/* The units of a kernel take each other's runs, so their arguments have to mean the same. Streams
 * differ in where they lead, which no run has to do with. */
static int check_unit(const struct lunq_cu *first, const struct lunq_cu *cu, struct lunq_error *err)
{
    if (strcmp(first->kernel, cu->kernel))
        return lunq_fail(
            err, LUNQ_VALUE,
            "%s and %s are compute units of different kernels (%s and %s): open each by "
            "itself.",
            first->name, cu->name, first->kernel, cu->kernel);
    if (cu->n_args != first->n_args)
        return lunq_fail(err, LUNQ_VALUE,
                         "%s and %s have different arguments: open each by itself.", first->name,
                         cu->name);
    for (size_t i = 0; i < cu->n_args; i++) {
        const struct lunq_arg *a = &first->args[i], *b = &cu->args[i];
        if (a->kind == LUNQ_ARG_STREAM && b->kind == LUNQ_ARG_STREAM)
            continue;
        if (!same_wiring(a, b))
            return lunq_fail(err, LUNQ_VALUE,
                             "Argument %s is wired differently in %s and %s: one run can't be for "
                             "either of them, open each by itself.",
                             a->name, first->name, cu->name);
    }
    return 0;
}

static int check_control(const struct lunq_cu *cu, struct lunq_error *err)
{
    if (cu->control == LUNQ_CTRL_NONE || cu->control == LUNQ_CTRL_USER)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "%s (%s) can't be started: it %s. Its registers can be read and written.",
                         cu->name, cu->kernel,
                         cu->control == LUNQ_CTRL_NONE ? "always runs (ap_ctrl_none)"
                                                       : "is managed by its user (user_managed)");
    if (!cu->has_address)
        return lunq_fail(err, LUNQ_UNSUPPORTED,
                         "%s (%s) can't be started: it has no control registers.", cu->name,
                         cu->kernel);
    return 0;
}

static int check_units(const struct lunq_device *d, const struct lunq_design *design,
                       const size_t *cus, size_t n, struct lunq_error *err)
{
    const struct lunq_card *card = &design->card;
    if (!d->ops->kernel_open || !d->ops->run_start)
        return lunq_fail(err, LUNQ_UNSUPPORTED, "Device %s runs no kernels of cards.", d->name);
    if (d->design != design)
        return lunq_fail(err, LUNQ_RUNTIME, "Another design is loaded on %s: load %s again.",
                         d->name, design->file);
    if (n == 0)
        return lunq_fail(err, LUNQ_VALUE, "A kernel has at least one compute unit.");
    for (size_t i = 0; i < n; i++) {
        int r = 0;
        if (cus[i] >= card->n_cus)
            return lunq_fail(err, LUNQ_INDEX, "There is no compute unit %zu: the design has %zu.",
                             cus[i], card->n_cus);
        if ((r = check_control(&card->cus[cus[i]], err)) < 0 ||
            (r = check_unit(&card->cus[cus[0]], &card->cus[cus[i]], err)) < 0)
            return r;
    }
    return 0;
}

/* Bytes a run's registers take: up to the end of its last argument. */
static int measure(struct lunq_kernel *k, struct lunq_error *err)
{
    if (k->n_args > MOST_ARGS)
        return lunq_fail(err, LUNQ_UNSUPPORTED, "Kernel %s has %zu arguments: %u at most.",
                         k->cus[0]->kernel, k->n_args, MOST_ARGS);
    for (size_t i = 0; i < k->n_args; i++) {
        const struct lunq_arg *a = &k->args[i];
        if (a->kind == LUNQ_ARG_STREAM || a->kind == LUNQ_ARG_LOCAL)
            continue;
        if (a->offset > MOST_REGS || a->size > MOST_REGS - a->offset)
            return lunq_fail(err, LUNQ_VALUE,
                             "Argument %s of kernel %s, 0x%" PRIx64 " bytes at 0x%" PRIx64
                             ", is beyond any register file.",
                             a->name, k->cus[0]->kernel, a->size, a->offset);
        if (a->kind != LUNQ_ARG_SCALAR && a->size != 8)
            return lunq_fail(err, LUNQ_UNSUPPORTED,
                             "Argument %s of kernel %s is an address of %" PRIu64
                             " bytes: only 8 are known.",
                             a->name, k->cus[0]->kernel, a->size);
        if (a->offset + a->size > k->regs_size)
            k->regs_size = (size_t)(a->offset + a->size);
    }
    return 0;
}

int lunq_kernel_open(struct lunq_kernel **out, struct lunq_device *d, struct lunq_design *design,
                     const size_t *cus, size_t n_cus, struct lunq_error *err)
{
    struct lunq_kernel *k = NULL;
    int r = check_units(d, design, cus, n_cus, err);
    *out = NULL;
    if (r < 0 || (r = lunq_graph_open(d, err)) < 0)
        return r;
    k = calloc(1, sizeof *k);
    if (!k || !(k->cus = calloc(n_cus, sizeof *k->cus))) {
        free(k);
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    k->dev = lunq_device_ref(d);
    k->design = lunq_design_ref(design);
    k->refs = 1;
    k->n_cus = n_cus;
    for (size_t i = 0; i < n_cus; i++)
        k->cus[i] = &design->card.cus[cus[i]];
    k->args = k->cus[0]->args;
    k->n_args = k->cus[0]->n_args;
    k->next = d->kernels;
    if (k->next)
        k->next->prev = k;
    d->kernels = k;
    if ((r = measure(k, err)) < 0 || (r = d->ops->kernel_open(d, k, err)) < 0) {
        lunq_kernel_unref(k);
        return r;
    }
    k->open = true;
    *out = k;
    return 0;
}

struct lunq_kernel *lunq_kernel_ref(struct lunq_kernel *k)
{
    k->refs++;
    return k;
}

void lunq_kernel_shut(struct lunq_kernel *k)
{
    for (struct lunq_run *r = k->runs; r; r = r->next)
        lunq_run_drop_key(r);
    if (k->open && k->dev->ops->kernel_close)
        k->dev->ops->kernel_close(k->dev, k);
    k->open = false;
    k->key = NULL;
}

void lunq_kernel_unref(struct lunq_kernel *k)
{
    struct lunq_device *d;
    if (!k || --k->refs > 0)
        return;
    d = k->dev;
    lunq_kernel_shut(k);
    while (k->runs) /* all of them spare: others have a reference */
        lunq_run_destroy(k->runs);
    *(k->prev ? &k->prev->next : &d->kernels) = k->next;
    if (k->next)
        k->next->prev = k->prev;
    lunq_design_unref(k->design);
    free(k->cus);
    free(k);
    lunq_device_unref(d);
}

void lunq_kernel_runs(const struct lunq_kernel *k, size_t *running, size_t *waiting)
{
    *running = *waiting = 0;
    for (const struct lunq_run *r = k->runs; r; r = r->next) {
        *running += r->state == LUNQ_RUN_RUNNING;
        *waiting += r->state == LUNQ_RUN_WAITING;
    }
}

bool lunq_kernel_is_stale(const struct lunq_kernel *k)
{
    return k->stale || k->dev->design != k->design;
}
