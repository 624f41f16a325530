/* arguments.c - the arguments of a run, from its register image into XRT's (xrt.md 2, run). */
#include <stdio.h>
#include <string.h>

#include "private.h"

/* Where XRT has no call by pointer and size the type says in which register the C call expects a
 * value: XRT reads "float" and "double" as double, others as an integer of their size. */
static int set_by_type(struct xrt_card *c, void *handle, const struct lunq_arg *a,
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
        return c->xrt->run_set(handle, (int)a->index, (double)single);
    if (!strcmp(a->type, "double"))
        return c->xrt->run_set(handle, (int)a->index, number);
    if (a->size <= 4)
        return c->xrt->run_set(handle, (int)a->index, (uint32_t)bits);
    return c->xrt->run_set(handle, (int)a->index, bits);
}

/* The C call takes buffers by handle, from their start. */
static int set_buffer(struct xrt_card *c, void *handle, const struct lunq_arg *a,
                      const struct lunq_mem *m, const uint8_t *value)
{
    uint64_t address;
    memcpy(&address, value, sizeof address);
    return address == m->address ? c->xrt->run_set(handle, (int)a->index, (void *)(uintptr_t)m->key)
                                 : -1;
}

static int set_argument(struct xrt_card *c, void *handle, const struct lunq_run *r, size_t i)
{
    const struct lunq_arg *a = &r->kernel->args[i];
    const uint8_t *value = r->regs + a->offset;
    if (a->kind == LUNQ_ARG_STREAM || a->kind == LUNQ_ARG_LOCAL)
        return 0;
    if (c->xrt->run_set_value)
        return c->xrt->run_set_value(handle, (int)a->index, value, a->size);
    return r->mems[i] ? set_buffer(c, handle, a, r->mems[i], value)
                      : set_by_type(c, handle, a, value);
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
    return xrt_run_refused(r, what, err);
}

int xrt_run_arguments(const struct lunq_run *r, void *handle, struct lunq_error *err)
{
    struct xrt_card *c = xrt_card(r->kernel->dev);
    for (size_t i = 0; i < r->kernel->n_args; i++)
        if (set_argument(c, handle, r, i) != 0)
            return argument_refused(c, r, i, err);
    return 0;
}
