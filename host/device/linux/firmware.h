/* firmware.h - bitstreams where the kernel's firmware loader finds them. `root` is put before /lib and
 * /sys: "" on a board. A name is a path below /lib/firmware. */
#ifndef LUNQ_LINUX_FIRMWARE_H
#define LUNQ_LINUX_FIRMWARE_H

#include "../../core/error.h"
#include "../files.h"

struct lunq_bitstream;

enum { LX_FIRMWARE_LIMIT = 255 }; /* bytes of a name: older drivers copy it without a bound */

/* Whether a name is one: not empty, shorter than LX_FIRMWARE_LIMIT, without "..". */
bool lx_firmware_is_name(const char *name);
/* The file the kernel would read: its parameter firmware_class.path first, then /lib/firmware/updates and
 * /lib/firmware. False: there is none. */
bool lx_firmware_find(const char *root, const char *name, char path[LX_PATH]);

/* Puts a bitstream there in the manager's order of bytes. path: what lx_firmware_take_away removes; "": the
 * very same bytes were there already. LUNQ_VALUE: another file of that name is there, which stays (not
 * when it is `ours`, a name only LUNQ uses), or the data are no whole words; LUNQ_PERMISSION, LUNQ_IO. */
int lx_firmware_put(const char *root, const char *name, bool ours, const struct lunq_bitstream *b,
                    char path[LX_PATH], struct lunq_error *err);
/* The kernel has read it. "" is allowed. */
void lx_firmware_take_away(const char *path);

#endif
