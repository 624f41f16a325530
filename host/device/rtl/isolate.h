/* isolate.h - a compiled model in a process of its own behind the same table of functions: a loop without an end or a
 * crash in the RTL ends that process, not this one (rtl.md 7). The pins an instance shows lie in memory both
 * processes have; each other call is a request the processes take turns for (vpi_shared.h). An instance that
 * has lost its process answers every eval with LUNQ_RTL_STOPPED, and error says why. */
#ifndef LUNQ_RTL_ISOLATE_H
#define LUNQ_RTL_ISOLATE_H

#include <stdbool.h>

#include "rtl_model.h"

#define RTL_ISOLATE_SECONDS 10u /* what one call may take where nobody says otherwise */

struct rtl_isolated {
    struct lunq_rtl_model table; /* the first: its address is that of the whole. create: NULL */
    const struct lunq_rtl_model *model;
    uint32_t seconds; /* one call may take */
};

/* The table by which `model` runs in processes of its own, which is *i; or `model` itself when it does so
 * already (LUNQ_RTL_FOUR: vpi_model.cpp). *i stays where it is until all instances are destroyed. */
const struct lunq_rtl_model *rtl_isolate(struct rtl_isolated *i, const struct lunq_rtl_model *model,
                                         uint32_t seconds);
/* True for the table of rtl_isolate, and for a model that is in a process of its own anyway. */
bool rtl_is_isolated(const struct lunq_rtl_model *m);

/* As m->create, for isolated models as well: create is not told which table it belongs to. */
void *rtl_create_instance(const struct lunq_rtl_model *m, int argc, const char *const *argv,
                          void (*log)(void *user, const char *line), void *user);

#endif
