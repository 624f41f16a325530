/* ram.h - the memory of the simulated device: one reserved mapping, given out first fit.
 * Pages cost nothing before they are touched. Non-coherent memory has two copies: `host` is what
 * the CPU's cache would show, `device` what masters in the fabric see. */
#ifndef LUNQ_SIM_RAM_H
#define LUNQ_SIM_RAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../core/error.h"

struct sim_block;

struct sim_ram {
    uint8_t *host, *device; /* the same when coherent */
    uint64_t size, first;   /* allocations start at `first` */
    uint64_t used;          /* bytes given out */
    struct sim_block *blocks, *spare;
};

int sim_ram_open(struct sim_ram *r, uint64_t size, bool coherent, struct lunq_error *err);
void sim_ram_close(struct sim_ram *r);

/* Gives out at least n zeroed bytes, 4 KiB aligned. *key goes to sim_ram_free.
 * LUNQ_MEMORY: no hole is large enough; the message says how full it is. */
int sim_ram_alloc(struct sim_ram *r, uint64_t n, uint64_t *addr, struct sim_block **key,
                  struct lunq_error *err);
void sim_ram_free(struct sim_ram *r, struct sim_block *key);

#endif
