/* cache.h - cache maintenance from a program (linux-boards.md A7). */
#ifndef LUNQ_DEVICE_CACHE_H
#define LUNQ_DEVICE_CACHE_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/device.h"

/* Whether this processor lets a program clean and invalidate its caches. */
bool lx_cache_can(void);
/* Does it for [host, host+n). */
void lx_cache_sync(const void *host, size_t n, enum lunq_sync dir);

#endif
