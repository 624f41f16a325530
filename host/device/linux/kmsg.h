/* kmsg.h - what the kernel logs while something is tried: the reasons of refusals stand only there. */
#ifndef LUNQ_KMSG_H
#define LUNQ_KMSG_H

#include <stddef.h>

/* Opens root/dev/kmsg behind its last record; -1 when this user may not: then there is nothing to
 * say. close() it. */
int lunq_kmsg_open(const char *root);
/* The texts of the records since then, the last that fit, separated by "; ". "" when there are none. */
void lunq_kmsg_text(int fd, char *text, size_t size);

#endif
