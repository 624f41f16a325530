/* mmio.h - a window of device registers, read and written at exact width.
 * Every access is checked here; callers above never see a raw pointer. The struct is public only
 * so that the check and a direct access can be inlined into a binding; treat it as read-only.
 *
 * Life: a window is shared by reference count, so an engine or a register that outlives the
 * script's object never holds a dangling pointer. Closing (or a new download, for a window bound
 * to the old design) sets size to 0: from then on every access fails with a clear error. */
#ifndef LUNQ_MMIO_H
#define LUNQ_MMIO_H

#include "bus_error.h"
#include "device.h"

struct lunq_mmio {
    /* Offsets below it can be read and written through ptr as 32-bit words, when they are multiples
     * of 4 and the device says `direct`: 0 when it is not mapped, closed or stale. One compare is
     * the check of bounds, mapping and life. */
    uint64_t direct_end;
    volatile uint8_t *ptr;   /* where it is mapped, or NULL */
    struct lunq_device *dev; /* NULL once closed */
    uint64_t size;           /* bytes; 0 once closed or stale */
    uint64_t addr;
    uint64_t asked; /* size as opened, for messages */
    unsigned refs;
    bool bound; /* belongs to a loaded design: a new download makes it stale */
    bool stale, closed;
    struct lunq_mmio *prev, *next; /* the device's list of windows */
};

/* Opens [addr, addr+size) with one reference. bound: made for an IP of the loaded design. Holds
 * the device. LUNQ_VALUE: wraps around, or the device has no registers. Whether the range can be
 * reached shows at the first access. */
int lunq_mmio_open(struct lunq_mmio **out, struct lunq_device *d, uint64_t addr, uint64_t size,
                   bool bound, struct lunq_error *err);
struct lunq_mmio *lunq_mmio_ref(struct lunq_mmio *m);
void lunq_mmio_unref(struct lunq_mmio *m); /* the last one closes and frees; NULL is allowed */
/* Ends all access, for everybody who shares the window. May be repeated; NULL is allowed. */
void lunq_mmio_close(struct lunq_mmio *m);
/* For device.c, after program: maps the window again where the device offers that; or ends all
 * access, because what stands at its address is no longer what it was made for. */
void lunq_mmio_map(struct lunq_mmio *m);
/* All windows that are not stale: whether they can be mapped may have changed. */
void lunq_mmio_map_all(struct lunq_device *d);
void lunq_mmio_expire(struct lunq_mmio *m);

/* The check before any access: n accesses of `width` (1, 2, 4, 8) bytes at rising addresses from
 * byte offset `off` on or, with fixed, all at `off` (a FIFO). Never wraps. LUNQ_RUNTIME closed or
 * stale, LUNQ_VALUE no such width, LUNQ_INDEX outside the window, LUNQ_MEMORY misaligned. */
int lunq_mmio_check(const struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t n, bool fixed,
                    struct lunq_error *err);

/* Reads `width` bytes at byte offset `off`, naturally aligned. 0, or <0 with *err set as by
 * lunq_mmio_check, or LUNQ_IO: the bus refused. One bus access, or none when the check fails. */
int lunq_mmio_read(struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t *value,
                   struct lunq_error *err);
int lunq_mmio_write(struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t value,
                    struct lunq_error *err);

/* n accesses as lunq_mmio_check says, which runs once for all of them before the first access.
 * Data is little endian. */
int lunq_mmio_read_block(struct lunq_mmio *m, uint64_t off, unsigned width, void *data, size_t n,
                         bool fixed, struct lunq_error *err);
int lunq_mmio_write_block(struct lunq_mmio *m, uint64_t off, unsigned width, const void *data,
                          size_t n, bool fixed, struct lunq_error *err);
/* n writes of the same value at rising addresses. */
int lunq_mmio_fill(struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t value, size_t n,
                   struct lunq_error *err);

/* The most reads between two looks at the clock. */
enum { LUNQ_POLL_BURST = 1024 };

/* Reads 32-bit words at `off` until (word & mask) == want. *last gets the last word read.
 * LUNQ_TIMEOUT after `seconds` (as lunq_wait_begin); the message holds the last word. */
int lunq_mmio_poll(struct lunq_mmio *m, uint64_t off, uint32_t mask, uint32_t want, double seconds,
                   uint32_t *last, struct lunq_error *err);

/* One look of a poll that somebody else repeats: 1 the word matched, 0 not yet. late: the limit of
 * so many seconds is over, and a word that does not match is LUNQ_TIMEOUT. */
int lunq_mmio_poll_look(struct lunq_mmio *m, uint64_t off, uint32_t mask, uint32_t want,
                        const double *late, uint32_t *last, struct lunq_error *err);

/* True when the 32-bit word at `off` can be accessed through m->ptr right now. */
static inline bool lunq_mmio_direct32(const struct lunq_mmio *m, uint64_t off)
{
    return __builtin_expect(off < m->direct_end && !(off & 3) && m->dev->direct, 1);
}

/* What a bus error under m->ptr means: LUNQ_IO, with what the device says. */
int lunq_mmio_bus_error(struct lunq_mmio *m, struct lunq_error *err);
/* After an access through m->ptr: 0, or LUNQ_IO. */
static inline int lunq_mmio_went_well(struct lunq_mmio *m, struct lunq_error *err)
{
    return __builtin_expect(lunq_bus_error, 0) ? lunq_mmio_bus_error(m, err) : 0;
}

/* The 32-bit accesses every fast path uses. */
static inline int lunq_mmio_read32(struct lunq_mmio *m, uint64_t off, uint32_t *value,
                                   struct lunq_error *err)
{
    uint64_t v = 0;
    int r;
    if (lunq_mmio_direct32(m, off)) {
        *value = *(volatile uint32_t *)(m->ptr + off);
        return lunq_mmio_went_well(m, err);
    }
    r = lunq_mmio_read(m, off, 4, &v, err);
    *value = (uint32_t)v;
    return r;
}

static inline int lunq_mmio_write32(struct lunq_mmio *m, uint64_t off, uint32_t value,
                                    struct lunq_error *err)
{
    if (lunq_mmio_direct32(m, off)) {
        *(volatile uint32_t *)(m->ptr + off) = value;
        return lunq_mmio_went_well(m, err);
    }
    return lunq_mmio_write(m, off, 4, value, err);
}

#endif
