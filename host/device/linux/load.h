/* load.h - what the files that load bitstreams share. */
#ifndef LUNQ_LINUX_LOAD_H
#define LUNQ_LINUX_LOAD_H

#include "private.h"

#define LX_FIRMWARE "lunq-design.bin" /* the name of a bitstream that has none of its own */

/* load.c. Whether the manager's state is "operating". */
bool lx_manager_operates(const struct lunq_linux *x, int manager);
/* LUNQ_DEVICE "The FPGA manager did not load FILE: WHY", with its state and status. */
int lx_explain_load(const struct lunq_linux *x, int manager, const char *file, const char *why,
                    struct lunq_error *err);

/* load_region.c. Loads p's bitstream by applying p->overlay, which names it. */
int lx_region_load(struct lunq_linux *x, int manager, const struct lunq_program *p,
                   struct lunq_error *err);
/* The same with an overlay of our own, which stays applied as long as the design is loaded: a region
 * shuts its bridges when its overlay goes. */
int lx_region_load_bare(struct lunq_linux *x, int manager, const struct lunq_program *p,
                        struct lunq_error *err);
/* Takes that out before something else is loaded; fine when it is not there. */
int lx_region_free(struct lunq_linux *x, struct lunq_error *err);

#endif
