/* xrt.h - cards under AMD's XRT, through its C library, which is found at run time (xrt.md).
 *   "xrt" or "xrt:0"         the first card XRT knows
 *   "xrt:0000:65:00.1"       the card with that PCIe address */
#ifndef LUNQ_XRT_H
#define LUNQ_XRT_H

#include "../../core/device.h"

/* LUNQ_VALUE: the string is not understood; LUNQ_DEVICE: no XRT, or no such card. */
int lunq_xrt_open(struct lunq_device **out, const char *spec, struct lunq_error *err);

/* lunq_device_list: "xrt" stands for "xrt:0", "xrt:1" ..., each card there is. */
int lunq_xrt_list(const char *spec, char (*names)[LUNQ_DEVICE_NAME], size_t max,
                  struct lunq_error *err);

#endif
