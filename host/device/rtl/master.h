/* master.h - where the addresses of a master port of the RTL lead in a simulated device: live buffers,
 * and what its design connects it to. Everything else is DECERR, and a person is told (rtl.md 4.7). */
#ifndef LUNQ_RTL_MASTER_H
#define LUNQ_RTL_MASTER_H

#include "../sim/private.h"
#include "memory.h"

struct rtl_master {
    struct sim_master bus;
    struct rtl_memory *memory;
    struct rtl_target target;
    uint64_t number; /* tells its IDs from those of other masters */
    bool told;       /* of an address that leads nowhere */
    bool refused;    /* and of a port that can't do it */
};

void rtl_master_init(struct rtl_master *m, struct sim_inst *i, struct rtl_memory *memory,
                     bool in_order);
void rtl_master_free(struct rtl_master *m);

#endif
