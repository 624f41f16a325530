/* register.h - one register in a window: whole values, bit ranges, and read-modify-write that does
 * not disturb its neighbours.
 * A view holds no window: the caller passes it each time, so closing and going stale show. */
#ifndef LUNQ_REGISTER_H
#define LUNQ_REGISTER_H

#include "mmio.h"

struct lunq_register_view {
    uint64_t off;   /* bytes in the window, a multiple of 4 */
    unsigned width; /* bits: 32 or 64 */
    bool readable, writable;
    /* Bits on which writing back what was read would act: write-1-to-clear, toggle, self-clearing
     * starts and resets. An update writes them as 0 unless they are meant. */
    uint64_t act;
};

/* The whole register: one access, or for 64 bits off an 8-byte boundary two of 32 bits, the low
 * word first. Errors as lunq_mmio_read; LUNQ_ATTRIBUTE: not readable, not writable. */
int lunq_register_read(struct lunq_mmio *m, const struct lunq_register_view *r, uint64_t *value,
                       struct lunq_error *err);
int lunq_register_write(struct lunq_mmio *m, const struct lunq_register_view *r, uint64_t value,
                        struct lunq_error *err);

/* Replaces the bits under `mask` by those of `value`: one read and one write, or only the write
 * when no other bit has to be kept. Fields of a write-only register beside mask are written 0. */
int lunq_register_update(struct lunq_mmio *m, const struct lunq_register_view *r, uint64_t mask,
                         uint64_t value, struct lunq_error *err);

/* `width` (1 to 64) ones. */
static inline uint64_t lunq_ones(unsigned width)
{
    return UINT64_MAX >> (64 - width);
}

/* The low `width` bits in reverse order; the others are dropped. */
uint64_t lunq_mirror(uint64_t value, unsigned width);

#endif
