/* file.h - loads a whole file for a reader. Private to host/design. */
#ifndef LUNQ_FILE_H
#define LUNQ_FILE_H

#include <stddef.h>

#include "../core/error.h"

/* Reads a regular file of at most `limit` bytes; `what` it should be stands in the message. *data
 * is malloc'ed, with a NUL behind its end, NULL on failure. LUNQ_IO, LUNQ_PERMISSION: not readable;
 * LUNQ_VALUE: too big; LUNQ_MEMORY. */
int lunq_file_load(const char *path, const char *what, size_t limit, char **data, size_t *size,
                   struct lunq_error *err);

#endif
