/* block.h - blocks of bytes into and out of an AXI4 slave of the RTL: bursts of up to 256 beats, none over
 * 4 KiB, several out at once. */
#ifndef LUNQ_RTL_BLOCK_H
#define LUNQ_RTL_BLOCK_H

#include "domain.h"

/* sim_class.block (sim/model.h). What is not whole words of the bus at its ends goes by strobes. */
int rtl_block(struct sim_inst *i, struct sim_slot *slot, uint64_t off, void *data, size_t n,
              bool write, struct lunq_error *err);

/* Runs the clock until the queue gives the pins of this port to an access. False with *err: it doesn't. */
bool rtl_block_yields(struct rtl_inst *r, const struct rtl_axil *p, struct lunq_error *err);

/* The queues of an instance wait as long and in the same order as its accesses. */
void rtl_block_init(struct rtl_inst *r);

/* class.c: the port behind a slot, or NULL; what is said of an access that ran out of time. */
struct rtl_axil *rtl_port_of(struct rtl_inst *r, const struct sim_slot *slot);
void rtl_timed_out(struct rtl_inst *r, const struct rtl_bus *bus, bool write, uint64_t address,
                   const char *missing);

#endif
