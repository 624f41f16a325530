/* dry_run.h - an overlay tried on the live tree in memory, before the kernel sees it. */
#ifndef LUNQ_LINUX_DRY_RUN_H
#define LUNQ_LINUX_DRY_RUN_H

#include "../../design/dt.h"

/* In a process of its own: libfdt has crashed on damaged overlays that pass its own check (linux-boards.md B3),
 * and what our checks should ever let through takes that process down, not this one. LUNQ_VALUE: it doesn't
 * fit, with the reason, or it crashes or has no end. */
int lx_dry_run(const struct lunq_dt *live, const struct lunq_dt *overlay, struct lunq_error *err);

#endif
