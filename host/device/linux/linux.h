/* linux.h - a board with Linux: the machine this program runs on. See private.h for its parts. */
#ifndef LUNQ_LINUX_H
#define LUNQ_LINUX_H

#include "../../core/device.h"

/* "linux", "linux?root=DIR&force=1". LUNQ_DEVICE: this machine has no programmable logic LUNQ knows. */
int lunq_linux_open(struct lunq_device **out, const char *spec, struct lunq_error *err);

#endif
