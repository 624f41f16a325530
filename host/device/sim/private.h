/* private.h - the inside of the simulated device, shared by its files only. */
#ifndef LUNQ_SIM_PRIVATE_H
#define LUNQ_SIM_PRIVATE_H

#include "ram.h"
#include "sim.h"

/* Without a design this range answers like one big register file: M_AXI_GP0 and GP1 of a
 * Zynq-7000 (UG585, "System Addresses"), so that MMIO can be tried before any overlay exists. */
#define SIM_PLAIN_BASE 0x40000000u
#define SIM_PLAIN_SIZE 0x80000000u

enum sim_family { SIM_ANY, SIM_ZYNQ7000, SIM_ZYNQMP };

struct sim_config {
    enum sim_family family;
    uint64_t seed;
    bool coherent;
    uint64_t ddr; /* bytes of memory, from address 0 on */
};

struct lunq_sim {
    struct lunq_device dev; /* first: the device is its simulation */
    struct sim_config config;
    struct lunq_bank bank;
    struct sim_ram ram;
    uint64_t now;   /* ns */
    uint8_t *plain; /* SIM_PLAIN_SIZE bytes, or NULL: not used yet */
};

/* config.c */
int sim_config_parse(struct sim_config *c, const char *spec, struct lunq_error *err);

#endif
