/* pagemap.h - where memory of this process lies, as /proc/self/pagemap says it to root. */
#ifndef LUNQ_DEVICE_PAGEMAP_H
#define LUNQ_DEVICE_PAGEMAP_H

#include <stddef.h>
#include <stdint.h>

#include "../core/error.h"

/* The physical address of n contiguous bytes at `host`, which are touched; `root` as in files.h.
 * LUNQ_PERMISSION: the kernel hides it; LUNQ_MEMORY: they have none, or are not contiguous. */
int lx_physical(const char *root, const void *host, size_t n, uint64_t *address,
                struct lunq_error *err);
/* 0: this program is shown such addresses; else as lx_physical. */
int lx_physical_shown(const char *root, struct lunq_error *err);

#endif
