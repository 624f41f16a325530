/* ready.c - whether the programmable logic may be accessed. An access to logic that is not configured, or
 * has no clock, can stop the processor for good: the bus of a Zynq-7000 has no time limit
 * (linux-boards.md C2.5, C2.6). */
#include <string.h>

#include "linux.h"
#include "private.h"

int lx_ready(struct lunq_linux *x, struct lunq_error *err)
{
    char path[LX_PATH], state[64];
    int manager = lx_manager(x);
    /* "unknown" is what a manager says of logic that the boot loader has configured. */
    if (x->force || x->region_failed || manager < 0 ||
        !lx_manager_file(x, manager, "state", path) || !lx_read(path, state, sizeof state) ||
        !strcmp(state, "operating") || !strcmp(state, "unknown"))
        return 0;
    return lunq_fail(
        err, LUNQ_RUNTIME,
        "The programmable logic is not configured (the FPGA manager's state is \"%s\"): "
        "an access could stop the board. Load a bitstream first, or open the device "
        "as \"linux?force=1\" when you know better.",
        state);
}

int lunq_linux_ready(struct lunq_device *d, struct lunq_error *err)
{
    return lx_ready(lx_of(d), err);
}
