/* fdt_check.h - takes device-tree blobs (.dtb, .dtbo, sections of an xclbin) in and checks all that
 * libfdt relies on without looking. libfdt 1.6.1 crashes on overlays that pass its own
 * fdt_check_full (linux-boards.md B3), and that itself never ends on some blobs; after these checks
 * it may be used freely:
 *   header, reserve map, every token, length and name, with bounds that can't wrap;
 *   depth; one root; properties before children;
 *   __local_fixups__ and __fixups__ point into properties that are there and long enough;
 *   symbols, aliases and target paths are text, and no alias leads to another. */
#ifndef LUNQ_FDT_CHECK_H
#define LUNQ_FDT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "../core/error.h"

enum {
    LUNQ_FDT_MAX = 4 << 20, /* bytes; Linux takes trees of 2 MiB and overlays of 1 MiB */
    LUNQ_FDT_DEPTH = 32     /* nodes in a path; real trees have some 10 */
};

/* A checked copy of a blob, aligned as libfdt wants it, without what follows its end: free() it.
 * `name` stands in messages. LUNQ_VALUE: no blob or a damaged one, with the offset in `data`;
 * LUNQ_MEMORY. *blob is NULL then. */
int lunq_fdt_copy(void **blob, const char *name, const void *data, size_t size,
                  struct lunq_error *err);

/* The same from a file. LUNQ_IO, LUNQ_PERMISSION: not readable. */
int lunq_fdt_load(void **blob, const char *path, struct lunq_error *err);

/* True for data that start as a blob does. */
bool lunq_fdt_is(const void *data, size_t size);

#endif
