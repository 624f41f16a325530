/* fdt_private.h - what the files about device trees share. Not for others. */
#ifndef LUNQ_FDT_PRIVATE_H
#define LUNQ_FDT_PRIVATE_H

#include "fdt_check.h"

/* The second half of the checks, on a blob whose structure is sound: what stands in the nodes that
 * make it an overlay or the base of one. LUNQ_VALUE. */
int lunq_fdt_check_links(const char *name, const void *blob, struct lunq_error *err);

#endif
