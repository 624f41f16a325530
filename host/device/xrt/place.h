/* place.h - where XRT's libraries are, and whether they can be called: XRT ends the whole process
 * inside its first call when its shim, the library for a card or an emulation, is not where it looks
 * (xrt.md 3.1). */
#ifndef LUNQ_XRT_PLACE_H
#define LUNQ_XRT_PLACE_H

#include "../../core/error.h"

#define XRT_LIBRARY "libxrt_coreutil.so.2"

struct xrt_place {
    void *coreutil, *shim; /* as dlopen gave them; they stay open */
    char library[4096];    /* the file XRT_LIBRARY is */
};

/* Finds and opens the libraries: XRT_LIBRARY in $XILINX_XRT/lib, by the library path, then in
 * /opt/xilinx/xrt/lib; the shim for $XCL_EMULATION_MODE in $XILINX_XRT/lib, or beside it. Without
 * XILINX_XRT the variable is set to what XRT needs, if need be in xrt_place_enter. `library` is the name
 * to look for. LUNQ_DEVICE: not there, or not usable: what was looked for, where, what to do. */
int xrt_place_find(struct xrt_place *p, const char *library, struct lunq_error *err);
/* Before XRT is called: makes a temporary folder for XILINX_XRT where the libraries are in none that would
 * do (Debian's). LUNQ_DEVICE: it can't be made. leave, when no card is open, and at exit: removes it. */
int xrt_place_enter(struct lunq_error *err);
void xrt_place_leave(void);

#endif
