/* overlay.h - device-tree overlays in a running Linux, by configfs (linux-boards.md A8). Vendor
 * kernels have it (PYNQ, PetaLinux, Kria, Raspberry Pi), mainline has not.
 *
 * `root` is put before /proc, /sys, /dev and /lib: "" on a board, a folder with copies in tests.
 * `name` is the overlay's folder in configfs. */
#ifndef LUNQ_OVERLAY_H
#define LUNQ_OVERLAY_H

#include <stdbool.h>

#include "../../design/dt.h"

/* Where overlays are, below root. */
#define LUNQ_OVERLAY_FOLDER "/sys/kernel/config/device-tree/overlays"

/* Whether this kernel would take it, tried on the live tree in memory; changes nothing. LUNQ_VALUE,
 * LUNQ_IO, LUNQ_UNSUPPORTED as below; LUNQ_RUNTIME: one of that name is there. */
int lunq_overlay_check(const char *root, const char *name, const struct lunq_dt *overlay,
                       struct lunq_error *err);

/* Checks the overlay and looks for its bitstreams, then gives it to the kernel and reads back what that
 * made of it; what did not work is taken out again.
 * LUNQ_VALUE: it doesn't fit the live tree, with the reason; LUNQ_IO: a bitstream is missing, or
 * no device tree here; LUNQ_UNSUPPORTED: this kernel takes none; LUNQ_PERMISSION; LUNQ_RUNTIME:
 * "Device tree NAME cannot be applied", with what the kernel logged, or one of that name is there. */
int lunq_overlay_apply(const char *root, const char *name, const struct lunq_dt *overlay,
                       struct lunq_error *err);

/* What an overlay lays over an FPGA region, which loads the bitstream that its `firmware-name` names;
 * NULL: it loads none. */
const struct lunq_dt_node *lunq_overlay_region(const struct lunq_dt *overlay);

/* Takes it out; fine when it is not there. LUNQ_PERMISSION; LUNQ_RUNTIME: the kernel keeps it. */
int lunq_overlay_remove(const char *root, const char *name, struct lunq_error *err);

/* True when it is there and the kernel says it is applied. */
bool lunq_overlay_is_applied(const char *root, const char *name);

#endif
