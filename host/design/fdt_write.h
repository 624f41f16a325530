/* fdt_write.h - writes a device-tree blob from its beginning to its end, with libfdt's sequential
 * functions: those that insert take 343 ms for 1,000 nodes (linux-boards.md B2). */
#ifndef LUNQ_FDT_WRITE_H
#define LUNQ_FDT_WRITE_H

#include <stddef.h>

#include "../core/error.h"

struct lunq_fdt_writer;

/* NULL when memory is out. Each of the next is of no effect after a failure, which finish reports. */
struct lunq_fdt_writer *lunq_fdt_writer_new(void);
void lunq_fdt_writer_begin(struct lunq_fdt_writer *w, const char *name); /* "" for the root */
/* All properties of a node come before its children. */
void lunq_fdt_writer_property(struct lunq_fdt_writer *w, const char *name, const void *value,
                              size_t size);
void lunq_fdt_writer_end(struct lunq_fdt_writer *w);

/* Frees the writer. *blob is malloc'ed, or NULL after a failure: LUNQ_VALUE when nodes are not closed,
 * properties misplaced, or it has more than LUNQ_FDT_MAX bytes; LUNQ_MEMORY. `name` stands in messages. */
int lunq_fdt_writer_finish(struct lunq_fdt_writer *w, const char *name, void **blob, size_t *size,
                           struct lunq_error *err);

#endif
