/* space.h - addresses of a device's memory, given out first fit; ram.h and the banks of simulated cards
 * put bytes behind them. */
#ifndef LUNQ_DEVICE_SPACE_H
#define LUNQ_DEVICE_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#define LUNQ_SPACE_PAGE 4096u /* what is given out starts and ends at a multiple of it */

/* Blocks tile the space in address order; the free ones are also in a list of their own. */
struct lunq_space_block {
    uint64_t addr, size;
    bool free;
    struct lunq_space_block *prev, *next;           /* neighbours in memory */
    struct lunq_space_block *prev_free, *next_free; /* list of holes, newest first */
};

struct lunq_space {
    struct lunq_space_block *blocks, *spare;
};

/* From `first` on, `size` bytes. False: no memory. */
bool lunq_space_open(struct lunq_space *s, uint64_t first, uint64_t size);
void lunq_space_close(struct lunq_space *s);

/* At least n bytes, whole pages, within [first, first+size). NULL: no hole is large enough (the largest
 * there is in *largest, unless that is NULL), or no memory. */
struct lunq_space_block *lunq_space_take(struct lunq_space *s, uint64_t n, uint64_t first,
                                         uint64_t size, uint64_t *largest);
void lunq_space_give(struct lunq_space *s, struct lunq_space_block *b);
/* Bytes in use within [first, first+size). */
uint64_t lunq_space_used(const struct lunq_space *s, uint64_t first, uint64_t size);

#endif
