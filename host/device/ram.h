/* ram.h - memory of a device that is no hardware: one reserved mapping, given out first fit.
 * Pages cost nothing before they are touched. Non-coherent memory has two copies: `host` is what
 * the CPU's cache would show, `device` what masters in the fabric see. Where the device keeps a
 * copy of its own, outside this process, only `host` is needed: that is "coherent" here. */
#ifndef LUNQ_DEVICE_RAM_H
#define LUNQ_DEVICE_RAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/error.h"
#include "space.h"

struct lunq_ram {
    uint8_t *host, *device; /* of address 0, the same when coherent */
    uint64_t base, size;    /* memory is at base up to size */
    uint64_t first;         /* allocations start at `first` */
    uint64_t used;          /* bytes given out */
    const char *more;       /* what to do when it is full, for messages; NULL: "free buffers" */
    struct lunq_space space;
};

/* Address space for n bytes, which are zero and cost nothing before they are touched; NULL: there is
 * none. munmap gives it back. */
void *lunq_ram_reserve(uint64_t n);

/* Addresses run from `first` up to `size`; more is kept as it is. LUNQ_MEMORY: no address space. */
int lunq_ram_open(struct lunq_ram *r, uint64_t first, uint64_t size, bool coherent,
                  const char *more, struct lunq_error *err);
/* The memory of somebody else, a file that he maps as well: its first byte is at address `base`, and what
 * lies beyond `end` is left out. Nothing can be allocated in it. LUNQ_IO: the file; LUNQ_VALUE: no memory
 * between base, which is a multiple of a page, and end; LUNQ_MEMORY. */
int lunq_ram_share(struct lunq_ram *r, const char *file, uint64_t base, uint64_t end,
                   struct lunq_error *err);
void lunq_ram_close(struct lunq_ram *r);

/* The device's bytes [addr, addr+n); NULL: they are not all memory. */
uint8_t *lunq_ram_at(const struct lunq_ram *r, uint64_t addr, uint64_t n);

/* Gives out at least n zeroed bytes, 4 KiB aligned. *key goes to lunq_ram_free.
 * LUNQ_MEMORY: no hole is large enough; the message says how full it is. */
int lunq_ram_alloc(struct lunq_ram *r, uint64_t n, uint64_t *addr, struct lunq_space_block **key,
                   struct lunq_error *err);
void lunq_ram_free(struct lunq_ram *r, struct lunq_space_block *key);

#endif
