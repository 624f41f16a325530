/* mmio.h - a window of device registers, read and written at exact width.
 * Every access is checked here; callers above never see a raw pointer. The struct is public only
 * so that the check and a direct access can be inlined into a binding; treat it as read-only. */
#ifndef LUNQ_MMIO_H
#define LUNQ_MMIO_H

#include "device.h"

struct lunq_mmio {
    uint64_t size;          /* bytes; 0 once closed or stale: the bounds check is the life check */
    volatile uint8_t *ptr;  /* where it is mapped, or NULL */
    struct lunq_device *dev;
    uint64_t addr;
    uint64_t asked;         /* size as opened, for messages */
    bool bound;             /* belongs to a loaded design: a new download makes it stale */
    bool stale, closed;
    struct lunq_mmio *prev, *next; /* the device's list of windows */
};

/* Opens [addr, addr+size). bound: made for an IP of the loaded design. Holds the device.
 * LUNQ_VALUE: wraps around. Whether the range can be reached shows at the first access. */
int lunq_mmio_open(struct lunq_mmio **out, struct lunq_device *d, uint64_t addr, uint64_t size,
                   bool bound, struct lunq_error *err);
void lunq_mmio_close(struct lunq_mmio *m);   /* frees it; NULL is allowed */

/* Reads `width` (1, 2, 4, 8) bytes at byte offset `off`, naturally aligned. 0, or <0 with *err set:
 * LUNQ_INDEX outside the window, LUNQ_MEMORY misaligned, LUNQ_IO the bus refused, LUNQ_RUNTIME
 * closed or stale. One bus access, or none when it fails. */
int lunq_mmio_read(struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t *value,
                   struct lunq_error *err);
int lunq_mmio_write(struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t value,
                    struct lunq_error *err);

/* n accesses of `width` bytes at rising addresses (step = width) or, with fixed, all at `off`
 * (a FIFO). The whole range is checked before the first access. Data is little endian. */
int lunq_mmio_read_block(struct lunq_mmio *m, uint64_t off, unsigned width, void *data, size_t n,
                         bool fixed, struct lunq_error *err);
int lunq_mmio_write_block(struct lunq_mmio *m, uint64_t off, unsigned width, const void *data,
                          size_t n, bool fixed, struct lunq_error *err);

/* Reads 32-bit words at `off` until (word & mask) == want. *last gets the last word read.
 * LUNQ_TIMEOUT after `seconds`; the message holds the last word. */
int lunq_mmio_poll(struct lunq_mmio *m, uint64_t off, uint32_t mask, uint32_t want, double seconds,
                   uint32_t *last, struct lunq_error *err);

/* The 32-bit read every fast path uses; off must be a multiple of 4. */
static inline int lunq_mmio_read32(struct lunq_mmio *m, uint64_t off, uint32_t *value,
                                   struct lunq_error *err)
{
    uint64_t v;
    int r;
    if (__builtin_expect(off < m->size && m->size - off >= 4 && !(off & 3) && m->ptr &&
                         m->dev->direct, 1)) {
        *value = *(volatile uint32_t *)(m->ptr + off);
        return 0;
    }
    r = lunq_mmio_read(m, off, 4, &v, err);
    if (r == 0)
        *value = (uint32_t)v;
    return r;
}

static inline int lunq_mmio_write32(struct lunq_mmio *m, uint64_t off, uint32_t value,
                                    struct lunq_error *err)
{
    if (__builtin_expect(off < m->size && m->size - off >= 4 && !(off & 3) && m->ptr &&
                         m->dev->direct, 1)) {
        *(volatile uint32_t *)(m->ptr + off) = value;
        return 0;
    }
    return lunq_mmio_write(m, off, 4, value, err);
}

#endif
