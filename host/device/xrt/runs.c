/* runs.c - kernels and runs (xrt.md 2 and 3). No call waits in XRT: the end of a run comes as a callback,
 * on a thread of XRT's, or on ours when we ask for its state. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* Behind lunq_run.key, and kept while the run is spare. */
struct xrt_run {
    void *handle;      /* xrtRunHandle */
    atomic_bool armed; /* started, and its end not told */
    struct lunq_run *run;
    struct xrt_card *card;
};

/* ---- kernels ------------------------------------------------------------------------------- */

/* "vadd:{vadd_1,vadd_2}"; malloc. */
static char *cu_list(const struct lunq_kernel *k)
{
    size_t size = strlen(k->cus[0]->kernel) + sizeof ":{}", at;
    char *name;
    for (size_t i = 0; i < k->n_cus; i++)
        size += strlen(k->cus[i]->name) + 1;
    name = malloc(size);
    if (!name)
        return NULL;
    at = (size_t)sprintf(name, "%s:{", k->cus[0]->kernel);
    for (size_t i = 0; i < k->n_cus; i++)
        at += (size_t)sprintf(name + at, "%s%s", i ? "," : "", k->cus[i]->name);
    strcpy(name + at, "}");
    return name;
}

int xrt_kernel_open(struct lunq_device *d, struct lunq_kernel *k, struct lunq_error *err)
{
    struct xrt_card *c = xrt_card(d);
    char said[512], *name = cu_list(k);
    if (!name)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    k->key = c->xrt->kernel_open(c->handle, k->design->card.uuid, name);
    if (!k->key)
        lunq_fail(err, LUNQ_DEVICE,
                  "Could not open CU context - %s on card %s. %s Another program may have it for "
                  "itself.",
                  name, d->name, xrt_said(said, sizeof said));
    free(name);
    return k->key ? 0 : LUNQ_DEVICE;
}

void xrt_kernel_close(struct lunq_device *d, struct lunq_kernel *k)
{
    xrt_card(d)->xrt->kernel_close(k->key);
}

/* ---- the end of a run ---------------------------------------------------------------------- */

static enum lunq_run_state state_of(unsigned state)
{
    switch (state) {
    case XRT_STATE_COMPLETED: return LUNQ_RUN_COMPLETED;
    case XRT_STATE_ABORT: return LUNQ_RUN_ABORTED;
    case XRT_STATE_TIMEOUT: return LUNQ_RUN_TIMEOUT;
    case XRT_STATE_NO_RESPONSE: return LUNQ_RUN_NO_RESPONSE;
    default: /* 10 and 11 are soft kernels that failed */ return LUNQ_RUN_ERROR;
    }
}

/* Any thread. XRT tells of an end once; where it should tell again nothing happens. */
static void ended(void *handle, unsigned state, void *data)
{
    struct xrt_run *x = data;
    struct lunq_run *run = x->run;
    (void)handle;
    if (state < XRT_STATE_COMPLETED || state == XRT_STATE_SUBMITTED ||
        !atomic_exchange(&x->armed, false))
        return;
    atomic_fetch_sub(&x->card->running, 1);
    lunq_run_ended(run, state_of(state), NULL); /* from here on x may be gone */
}

/* ---- starting ------------------------------------------------------------------------------ */

static int refused(const struct lunq_run *r, const char *what, struct lunq_error *err)
{
    char said[512];
    lunq_fail(err, LUNQ_DEVICE, "Card %s: a run of kernel %s %s. %s", r->kernel->dev->name,
              r->kernel->cus[0]->kernel, what, xrt_said(said, sizeof said));
    return lunq_fault(err);
}

static int open_run(struct xrt_card *c, struct lunq_run *r, struct lunq_error *err)
{
    struct xrt_run *x = calloc(1, sizeof *x);
    if (!x)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    x->run = r;
    x->card = c;
    x->handle = c->xrt->run_open(r->kernel->key);
    if (x->handle && c->xrt->run_callback(x->handle, XRT_STATE_COMPLETED, ended, x) == 0) {
        r->key = x;
        return 0;
    }
    refused(r, "can't be opened", err);
    if (x->handle)
        c->xrt->run_close(x->handle);
    free(x);
    return LUNQ_DEVICE;
}

/* Where XRT has no call by pointer and size the type says in which register the C call expects a
 * value: XRT reads "float" and "double" as double, others as an integer of their size. */
static int set_by_type(struct xrt_card *c, struct xrt_run *x, const struct lunq_arg *a,
                       const uint8_t *value)
{
    uint64_t bits = 0;
    double number;
    float single;
    if (a->size > sizeof bits)
        return -1;
    memcpy(&bits, value, a->size);
    memcpy(&number, &bits, sizeof number);
    memcpy(&single, &bits, sizeof single);
    if (!strcmp(a->type, "float"))
        return c->xrt->run_set(x->handle, (int)a->index, (double)single);
    if (!strcmp(a->type, "double"))
        return c->xrt->run_set(x->handle, (int)a->index, number);
    if (a->size <= 4)
        return c->xrt->run_set(x->handle, (int)a->index, (uint32_t)bits);
    return c->xrt->run_set(x->handle, (int)a->index, bits);
}

/* The C call takes buffers by handle, from their start. */
static int set_buffer(struct xrt_card *c, struct xrt_run *x, const struct lunq_arg *a,
                      const struct lunq_mem *m, const uint8_t *value)
{
    uint64_t address;
    memcpy(&address, value, sizeof address);
    return address == m->address
               ? c->xrt->run_set(x->handle, (int)a->index, (void *)(uintptr_t)m->key)
               : -1;
}

static int set_argument(struct xrt_card *c, struct lunq_run *r, size_t i)
{
    const struct lunq_arg *a = &r->kernel->args[i];
    struct xrt_run *x = r->key;
    const uint8_t *value = r->regs + a->offset;
    if (a->kind == LUNQ_ARG_STREAM || a->kind == LUNQ_ARG_LOCAL)
        return 0;
    if (c->xrt->run_set_value)
        return c->xrt->run_set_value(x->handle, (int)a->index, value, a->size);
    return r->mems[i] ? set_buffer(c, x, a, r->mems[i], value) : set_by_type(c, x, a, value);
}

static int argument_refused(const struct xrt_card *c, const struct lunq_run *r, size_t i,
                            struct lunq_error *err)
{
    char what[256];
    snprintf(what, sizeof what, "does not take argument %s%s", r->kernel->args[i].name,
             c->xrt->run_set_value ? ""
             : r->mems[i]          ? ", a slice: this XRT has no xrtRunSetArgV, and takes buffers "
                                     "from their start"
                                   : ": this XRT has no xrtRunSetArgV, and takes 8 bytes at most");
    return refused(r, what, err);
}

/* The first run makes XRT start a thread, which is not to take the program's signals. */
static int start(struct xrt_card *c, void *handle)
{
    sigset_t all, before;
    int r;
    if (atomic_exchange(&c->started, true))
        return c->xrt->run_start(handle);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r = c->xrt->run_start(handle);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    xrt_exit_watch(c);
    return r;
}

void xrt_run_free(struct lunq_device *d, struct lunq_run *r)
{
    struct xrt_run *x = r->key;
    xrt_card(d)->xrt->run_close(x->handle);
    free(x);
    r->key = NULL;
}

int xrt_run_start(struct lunq_device *d, struct lunq_run *r, struct lunq_error *err)
{
    struct xrt_card *c = xrt_card(d);
    struct xrt_run *x;
    int e = r->key ? 0 : open_run(c, r, err);
    if (e < 0)
        return e;
    x = r->key;
    for (size_t i = 0; i < r->kernel->n_args; i++)
        if (set_argument(c, r, i) != 0)
            return argument_refused(c, r, i, err);
    atomic_store(&x->armed, true);
    atomic_fetch_add(&c->running, 1);
    if (start(c, x->handle) == 0)
        return 0; /* it may have ended, and r be gone */
    if (!atomic_exchange(&x->armed, false))
        return 0;
    atomic_fetch_sub(&c->running, 1);
    refused(r, "can't be started", err);
    xrt_run_free(d, r); /* XRT takes it for running from now on */
    return LUNQ_DEVICE;
}
