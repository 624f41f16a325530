/* kernels.c - compute units of one kernel, opened for runs (xrt.md 2, kernel). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

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
    xrt_exit_after(XRT_PART_KERNEL);
    free(name);
    return k->key ? 0 : LUNQ_DEVICE;
}

void xrt_kernel_close(struct lunq_device *d, struct lunq_kernel *k)
{
    xrt_card(d)->xrt->kernel_close(k->key);
}
