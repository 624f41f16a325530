/* blocked.h - shows progress of what can't look at the clock by itself, because it is in the kernel or in
 * somebody's Lua code: a thread does. */
#ifndef LUNQ_BLOCKED_H
#define LUNQ_BLOCKED_H

#include "core/progress.h"

/* From here on the thread shows p, which does not change, when it is due. One at a time. */
void blocked_begin(const struct lunq_progress *p, const struct lunq_progress_sink *to);
/* No longer; what was shown is hidden. Nothing when nothing was begun. */
void blocked_end(void);

#endif
