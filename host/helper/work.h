/* work.h - carries out a checked request. */
#ifndef LUNQ_HELPER_WORK_H
#define LUNQ_HELPER_WORK_H

#include "../device/linux/helper_request.h"

/* `root` is put before /proc, /sys, /dev and /lib: "" on a board. The descriptors stay the caller's. Fills
 * the reply. */
void work_do(const char *root, const struct lx_helper_request *q, const int *files,
             struct lx_helper_reply *reply);
/* What the request is, for the log: "load design.bit". */
void work_describe(const struct lx_helper_request *q, char *text, size_t size);

#endif
