#include "run.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flight.h"
#include "memory.h"
#include "run_internal.h"

/* Spare runs a kernel keeps: a device may have a page of pinned memory behind each. */
#define MOST_SPARES 1024u

const char *lunq_run_state_name(enum lunq_run_state state)
{
    static const char *const names[] = {"new",     "waiting", "running",     "completed", "error",
                                        "aborted", "timeout", "no response", "cancelled"};
    return names[state];
}

/* ---- life ---------------------------------------------------------------------------------- */

static struct lunq_run *make(struct lunq_kernel *k)
{
    size_t regs = (k->regs_size + 7) & ~(size_t)7;
    struct lunq_run *r = calloc(1, sizeof *r + regs + k->n_args * sizeof *r->mems);
    if (!r)
        return NULL;
    r->kernel = k;
    r->after = r->few;
    r->room_after = sizeof r->few / sizeof(struct lunq_run *);
    r->regs = (uint8_t *)(r + 1);
    r->mems = (struct lunq_mem **)(r->regs + regs);
    r->next = k->runs;
    if (r->next)
        r->next->prev = r;
    k->runs = r;
    return r;
}

int lunq_run_new(struct lunq_run **out, struct lunq_kernel *k, struct lunq_error *err)
{
    struct lunq_run *r = k->spares;
    *out = NULL;
    if (lunq_kernel_is_stale(k))
        return lunq_fail(err, LUNQ_RUNTIME,
                         "Kernel %s was closed when another design was loaded on %s: take it from "
                         "the overlay that is loaded now.",
                         k->cus[0]->kernel, k->dev->name);
    if (r) {
        k->spares = r->queue;
        k->n_spares--;
        r->queue = NULL;
        memset(r->regs, 0, k->regs_size);
    } else if (!(r = make(k))) {
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    }
    lunq_kernel_ref(k);
    r->refs = 1;
    r->set = 0;
    r->state = r->result = LUNQ_RUN_NEW;
    r->stage = STAGE_NEW;
    r->cu = LUNQ_NONE;
    r->ended = (struct lunq_event){0};
    r->pending = 0;
    r->asked = r->watched = r->cancelled = r->lost = false;
    *out = r;
    return 0;
}

struct lunq_run *lunq_run_ref(struct lunq_run *r)
{
    r->refs++;
    return r;
}

void lunq_run_drop_key(struct lunq_run *r)
{
    struct lunq_device *d = r->kernel->dev;
    if (r->key && d->ops->run_free)
        d->ops->run_free(d, r);
    r->key = NULL;
}

void lunq_run_destroy(struct lunq_run *r)
{
    lunq_run_drop_key(r);
    *(r->prev ? &r->prev->next : &r->kernel->runs) = r->next;
    if (r->next)
        r->next->prev = r->prev;
    if (r->after != r->few)
        free(r->after);
    free(r);
}

static void drop_buffers(struct lunq_run *r)
{
    for (size_t i = 0; i < r->kernel->n_args; i++) {
        lunq_mem_unref(r->mems[i]);
        r->mems[i] = NULL;
    }
}

void lunq_run_unref(struct lunq_run *r)
{
    struct lunq_kernel *k;
    if (!r || --r->refs > 0)
        return;
    k = r->kernel;
    drop_buffers(r); /* of a run that was never started */
    lunq_graph_forgive(r);
    if (k->n_spares < MOST_SPARES) {
        r->queue = k->spares;
        k->spares = r;
        k->n_spares++;
    } else {
        lunq_run_destroy(r);
    }
    lunq_kernel_unref(k);
}

void lunq_run_hold(struct lunq_run *r)
{
    lunq_run_ref(r);
    for (size_t i = 0; i < r->kernel->n_args; i++)
        if (r->mems[i])
            lunq_mem_hold(r->mems[i]);
}

static void release_buffers(struct lunq_run *r)
{
    for (size_t i = 0; i < r->kernel->n_args; i++)
        if (r->mems[i])
            lunq_mem_release(r->mems[i]);
}

void lunq_run_let_go(struct lunq_run *r)
{
    release_buffers(r);
    drop_buffers(r);
    lunq_run_unref(r);
}

/* ---- arguments ------------------------------------------------------------------------------ */

/* Argument i of a run that can still be changed. */
static int argument(struct lunq_run *r, size_t i, const struct lunq_arg **a, struct lunq_error *err)
{
    struct lunq_kernel *k = r->kernel;
    const char *name = k->cus[0]->kernel;
    if (r->state != LUNQ_RUN_NEW)
        return lunq_fail(err, LUNQ_RUNTIME,
                         "This run of %s was started already: its arguments are what they are.",
                         name);
    if (i >= k->n_args)
        return lunq_fail(err, LUNQ_INDEX, "Kernel %s has no argument %zu: it has %zu.", name, i,
                         k->n_args);
    *a = &k->args[i];
    if ((*a)->kind == LUNQ_ARG_STREAM || (*a)->kind == LUNQ_ARG_LOCAL)
        return lunq_fail(err, LUNQ_TYPE, "Argument %s of %s is %s: it can't be set.", (*a)->name,
                         name,
                         (*a)->kind == LUNQ_ARG_STREAM ? "a stream, connected in the card"
                                                       : "memory of the kernel's own");
    return 0;
}

int lunq_run_set(struct lunq_run *r, size_t i, const void *data, size_t n, struct lunq_error *err)
{
    const struct lunq_arg *a;
    int e = argument(r, i, &a, err);
    if (e < 0)
        return e;
    if (a->kind != LUNQ_ARG_SCALAR)
        return lunq_fail(err, LUNQ_TYPE, "Argument %s of %s (%s) should be a buffer.", a->name,
                         r->kernel->cus[0]->kernel, a->type);
    if (n != a->size)
        return lunq_fail(err, LUNQ_VALUE, "Argument %s of %s (%s) has %" PRIu64 " bytes, not %zu.",
                         a->name, r->kernel->cus[0]->kernel, a->type, a->size, n);
    memcpy(r->regs + a->offset, data, n);
    r->set |= UINT64_C(1) << i;
    return 0;
}

static bool is_freed(const struct lunq_mem *m)
{
    return lunq_mem_gone(m) || m->freed;
}

static int freed(const struct lunq_run *r, const struct lunq_arg *a, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_RUNTIME, "Buffer was freed. (Argument %s of %s.)", a->name,
                     r->kernel->cus[0]->kernel);
}

/* "bank0, bank2" */
static void list_memories(const struct lunq_run *r, const struct lunq_arg *a, char *buf,
                          size_t size)
{
    const struct lunq_card *card = &r->kernel->design->card;
    size_t at = 0;
    buf[0] = 0;
    for (size_t i = 0; i < a->n_memories && at < size; i++)
        if (a->memories[i] < card->n_memories)
            at += (size_t)snprintf(buf + at, size - at, "%s%s", i ? ", " : "",
                                   card->memories[a->memories[i]].tag);
}

/* An argument without connections says nothing about banks. */
static bool reaches(const struct lunq_run *r, const struct lunq_arg *a, const struct lunq_mem *m)
{
    const struct lunq_card *card = &r->kernel->design->card;
    for (size_t i = 0; i < a->n_memories; i++)
        if (a->memories[i] < card->n_memories &&
            card->memories[a->memories[i]].row == m->dev->banks[m->bank].row)
            return true;
    return a->n_memories == 0;
}

static int check_buffer(const struct lunq_run *r, const struct lunq_arg *a,
                        const struct lunq_mem *m, struct lunq_error *err)
{
    struct lunq_device *d = r->kernel->dev;
    const char *kernel = r->kernel->cus[0]->kernel;
    char list[512];
    if (is_freed(m))
        return freed(r, a, err);
    if (!m->dev)
        return lunq_fail(
            err, LUNQ_VALUE,
            "Argument %s of %s: the buffer is memory of the host alone. Allocate it on "
            "the card, %s.",
            a->name, kernel, d->name);
    if (m->dev != d)
        return lunq_fail(
            err, LUNQ_VALUE,
            "Argument %s of %s: the buffer is on %s, the kernel on %s. A buffer can be "
            "passed to kernels of its own card only.",
            a->name, kernel, m->dev->name, d->name);
    if (reaches(r, a, m))
        return 0;
    list_memories(r, a, list, sizeof list);
    return lunq_fail(
        err, LUNQ_VALUE,
        "Argument %s of %s: the buffer is in bank %s of %s, where the kernel can't reach "
        "it: the argument is connected to %s. Allocate the buffer there.",
        a->name, kernel, d->banks[m->bank].name, d->name, list);
}

int lunq_run_set_buffer(struct lunq_run *r, size_t i, struct lunq_mem *m, uint64_t offset,
                        struct lunq_error *err)
{
    const struct lunq_arg *a;
    uint64_t address;
    int e = argument(r, i, &a, err);
    if (e < 0)
        return e;
    if (a->kind == LUNQ_ARG_SCALAR)
        return lunq_fail(err, LUNQ_TYPE, "Argument %s of %s should be a number (%s), not a buffer.",
                         a->name, r->kernel->cus[0]->kernel, a->type);
    if ((e = check_buffer(r, a, m, err)) < 0)
        return e;
    if (offset >= m->size)
        return lunq_fail(err, LUNQ_INDEX,
                         "Argument %s of %s: offset %" PRIu64 " is outside a buffer of %zu bytes.",
                         a->name, r->kernel->cus[0]->kernel, offset, m->size);
    address = m->address + offset;
    memcpy(r->regs + a->offset, &address, sizeof address);
    lunq_mem_ref(m);
    lunq_mem_unref(r->mems[i]);
    r->mems[i] = m;
    r->set |= UINT64_C(1) << i;
    return 0;
}

/* ---- start --------------------------------------------------------------------------------- */

static int check_ready(struct lunq_run *r, struct lunq_error *err)
{
    struct lunq_kernel *k = r->kernel;
    if (r->state != LUNQ_RUN_NEW)
        return lunq_fail(err, LUNQ_RUNTIME, "This run of %s was started already.",
                         k->cus[0]->kernel);
    if (lunq_kernel_is_stale(k))
        return lunq_fail(err, LUNQ_RUNTIME,
                         "Kernel %s was closed when another design was loaded on %s.",
                         k->cus[0]->kernel, k->dev->name);
    for (size_t i = 0; i < k->n_args; i++) {
        const struct lunq_arg *a = &k->args[i];
        if (a->kind == LUNQ_ARG_STREAM || a->kind == LUNQ_ARG_LOCAL)
            continue;
        if (!(r->set >> i & 1))
            return lunq_fail(err, LUNQ_VALUE, "Argument %s of %s is missing.", a->name,
                             k->cus[0]->kernel);
        if (r->mems[i] && is_freed(r->mems[i]))
            return freed(r, a, err);
    }
    return 0;
}

int lunq_run_start(struct lunq_run *r, struct lunq_run *const *after, size_t n,
                   struct lunq_error *err)
{
    int e = check_ready(r, err);
    if (e < 0)
        return e;
    lunq_run_hold(r);
    if (lunq_flight_on)
        lunq_flight_note(r->kernel->dev, LUNQ_FLIGHT_RUN, r->kernel->cus[0]->kernel, 0, 0);
    e = lunq_graph_start(r, after, n, err);
    if (e == 0)
        return 0;
    release_buffers(r);
    r->refs--; /* the caller has another */
    return e;
}

/* ---- end ----------------------------------------------------------------------------------- */

bool lunq_run_look(struct lunq_run *r)
{
    if (r->state >= LUNQ_RUN_COMPLETED)
        return true;
    return r->state != LUNQ_RUN_NEW && lunq_graph_look(r);
}

int lunq_run_cancel(struct lunq_run *r, struct lunq_error *err)
{
    if (r->state == LUNQ_RUN_NEW)
        return lunq_fail(err, LUNQ_RUNTIME, "This run of %s was never started.",
                         r->kernel->cus[0]->kernel);
    if (lunq_run_look(r))
        return 0;
    return lunq_graph_cancel(r, err);
}

int lunq_run_failure(const struct lunq_run *r, struct lunq_error *err)
{
    static const char *const what[] = {
        [LUNQ_RUN_ERROR] = "ended with an error",
        [LUNQ_RUN_ABORTED] = "was aborted",
        [LUNQ_RUN_TIMEOUT] = "was stopped by the card, which did not wait any longer for it",
        [LUNQ_RUN_NO_RESPONSE] = "does not respond: its compute unit never said that it is done",
        [LUNQ_RUN_CANCELLED] = "was not started"};
    const struct lunq_kernel *k = r->kernel;
    size_t cu = r->cu < k->n_cus ? r->cu : k->n_cus == 1 ? 0 : LUNQ_NONE;
    if (r->state <= LUNQ_RUN_COMPLETED)
        return 0;
    lunq_fail(err, LUNQ_RUNTIME, "Kernel %s%s%s %s%s%s.", k->cus[0]->kernel,
              cu == LUNQ_NONE ? "" : " on ", cu == LUNQ_NONE ? "" : k->cus[cu]->name,
              what[r->state], r->why ? ": " : "", r->why ? r->why->text : "");
    if (err && r->state != LUNQ_RUN_CANCELLED && r->state != LUNQ_RUN_ABORTED)
        lunq_fault(err);
    return LUNQ_RUNTIME;
}

/* ---- waiting ------------------------------------------------------------------------------- */

/* Looks before sleeping: a short kernel ends within microseconds, waking up takes as long. */
#define SPINS 2000

struct run_wait {
    struct lunq_waiter w;
    struct lunq_run *run;
};

static int wait_look(struct lunq_waiter *w, bool late, struct lunq_error *err)
{
    struct lunq_run *r = ((struct run_wait *)w)->run;
    if (lunq_run_look(r))
        return 1;
    if (late)
        lunq_fail(err, LUNQ_TIMEOUT, "Kernel %s is not done in time: it is %s. It goes on.",
                  r->kernel->cus[0]->kernel, lunq_run_state_name(r->state));
    return 0;
}

/* lunq_loop_wait tells it instead of this. */
static void wait_done(struct lunq_waiter *w, int result, const struct lunq_error *err)
{
    (void)w, (void)result, (void)err;
}

static int wait_in_loop(struct lunq_run *r, double seconds, struct lunq_error *err)
{
    struct run_wait wait = {.w = {.look = wait_look, .done = wait_done}, .run = r};
    int e = lunq_loop_add(&wait.w, r->kernel->dev, seconds, &r->ended, err);
    return e < 0 ? e : lunq_loop_wait(&wait.w, err);
}

int lunq_run_wait(struct lunq_run *r, double seconds, struct lunq_error *err)
{
    unsigned spins = r->kernel->dev->ops->threads && seconds != 0 ? SPINS : 1;
    int e = 0;
    if (r->state == LUNQ_RUN_NEW)
        return lunq_fail(err, LUNQ_RUNTIME,
                         "This run of %s was never started: a wait for it would never end.",
                         r->kernel->cus[0]->kernel);
    while (spins-- > 0)
        if (lunq_graph_peek(r))
            return lunq_run_failure(r, err);
    lunq_run_ref(r);
    e = wait_in_loop(r, seconds, err);
    if (e == 0)
        e = lunq_run_failure(r, err);
    lunq_run_unref(r);
    return e;
}
