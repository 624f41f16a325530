/* l_run.h - what l_kernel.c needs of lunq.Run. */
#ifndef LUNQ_L_RUN_H
#define LUNQ_L_RUN_H

#include "../host/core/run.h"
#include "lunq_lua.h"

typedef struct l_run {
    struct lunq_run *r;        /* NULL: it has completed, and the kernel uses it again */
    struct lunq_kernel *k;     /* with a reference */
    enum lunq_run_state state; /* when r is NULL */
    size_t cu;
} l_run;

/* Pushes an empty handle. Then l_run_begin makes it one of a run that is not started yet: raises as
 * lunq_run_new. */
l_run *l_newrun(lua_State *L);
void l_run_begin(lua_State *L, l_run *h, struct lunq_kernel *k);
/* The run at idx, for waitfor: NULL, it has completed. Raises `type` for anything else. */
struct lunq_run *l_checkrun(lua_State *L, int idx);
/* Looks: true when the run at idx has completed; raises how it failed. */
bool l_run_completed(lua_State *L, l_run *h);
/* Waits for the run on top of the stack, as its last act: see l_wait. */
int l_run_wait(lua_State *L, l_run *h, double seconds);

#endif
