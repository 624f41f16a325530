/* guards.h - what keeps a reconfigurable region away from the rest while it is loaded: decouplers, shutdown
 * managers, and the lines that software drives them and the region's reset by. */
#ifndef LUNQ_GUARDS_H
#define LUNQ_GUARDS_H

#include "design.h"

/* An output line that software sets: bit `bit` of an axi_gpio's channel, or of the PS's EMIO outputs. */
struct lunq_line {
    const struct lunq_module *module; /* the axi_gpio or the PS; NULL: none */
    unsigned channel;                 /* of the axi_gpio: 1 or 2 */
    unsigned bit;
};

struct lunq_guard {
    const struct lunq_module
        *module;           /* dfx_decoupler, dfx_axi_shutdown_manager or their older names */
    bool shutdown;         /* a shutdown manager, else a decoupler */
    struct lunq_line line; /* drives its pin `decouple`, or request_shutdown */
};

#define LUNQ_GUARDS 64 /* seen: 2 */
struct lunq_guards {
    struct lunq_guard list[LUNQ_GUARDS];
    size_t n;
    struct lunq_line reset; /* resets the region and nothing else */
    bool reset_low;         /* active at 0 */
};

/* Finds the guards a region is connected to by buses, also through others and register slices; where the
 * metadata know no buses and the design has one region, all there are. LUNQ_MEMORY; LUNQ_VALUE: they are
 * more than LUNQ_GUARDS. */
int lunq_guards_find(struct lunq_guards *g, const struct lunq_design *d,
                     const struct lunq_region *region, struct lunq_error *err);

#endif
