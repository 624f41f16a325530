#include "mmio.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flight.h"

/* ---- life ---------------------------------------------------------------------------------- */

static void unmap(struct lunq_mmio *m)
{
    m->direct_end = 0;
    if (m->ptr && m->dev->ops->unmap)
        m->dev->ops->unmap(m->dev, m->ptr, m->asked);
    m->ptr = NULL;
}

/* Takes over what the device's map returned. */
static void set_ptr(struct lunq_mmio *m, volatile uint8_t *ptr)
{
    m->ptr = ptr;
    m->direct_end =
        ptr && m->size >= 4 && m->addr % 4 == 0 && !lunq_flight_started() ? m->size - 3 : 0;
}

void lunq_mmio_map(struct lunq_mmio *m)
{
    unmap(m);
    if (m->dev->ops->map && m->size > 0)
        set_ptr(m, m->dev->ops->map(m->dev, m->addr, m->size, NULL));
}

void lunq_mmio_map_all(struct lunq_device *d)
{
    for (struct lunq_mmio *m = d->windows; m; m = m->next)
        if (!m->stale)
            lunq_mmio_map(m);
}

void lunq_mmio_expire(struct lunq_mmio *m)
{
    unmap(m);
    m->stale = true;
    m->size = 0;
}

int lunq_mmio_open(struct lunq_mmio **out, struct lunq_device *d, uint64_t addr, uint64_t size,
                   bool bound, struct lunq_error *err)
{
    struct lunq_mmio *m;
    *out = NULL;
    if (!d->ops->map && !(d->ops->read && d->ops->write))
        return lunq_fail(err, LUNQ_VALUE, "Device does not have capabilities for MMIO");
    if (size > 0 && addr > UINT64_MAX - (size - 1))
        return lunq_fail(err, LUNQ_VALUE,
                         "0x%" PRIx64 " bytes at 0x%" PRIx64 " reach beyond the address space.",
                         size, addr);
    m = calloc(1, sizeof *m);
    if (!m)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    m->dev = lunq_device_ref(d);
    m->addr = addr;
    m->size = m->asked = size;
    m->bound = bound;
    m->refs = 1;
    lunq_mmio_map(m);
    m->next = d->windows;
    if (m->next)
        m->next->prev = m;
    d->windows = m;
    *out = m;
    return 0;
}

struct lunq_mmio *lunq_mmio_ref(struct lunq_mmio *m)
{
    m->refs++;
    return m;
}

void lunq_mmio_close(struct lunq_mmio *m)
{
    if (!m || m->closed)
        return;
    m->closed = true;
    m->size = 0; /* first: nothing gets in any more */
    unmap(m);
    if (m->prev)
        m->prev->next = m->next;
    else
        m->dev->windows = m->next;
    if (m->next)
        m->next->prev = m->prev;
    m->prev = m->next = NULL;
    lunq_device_unref(m->dev);
    m->dev = NULL;
}

void lunq_mmio_unref(struct lunq_mmio *m)
{
    if (!m || --m->refs > 0)
        return;
    lunq_mmio_close(m);
    free(m);
}

/* ---- the check ----------------------------------------------------------------------------- */

static int outside(const struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t n,
                   struct lunq_error *err)
{
    char times[32] = "";
    if (n != 1)
        snprintf(times, sizeof times, "%" PRIu64 " times ", n);
    return lunq_fail(err, LUNQ_INDEX,
                     "Offset 0x%" PRIx64 " (%s%u bytes) is outside the 0x%" PRIx64
                     " bytes at 0x%" PRIx64 ".",
                     off, times, width, m->size, m->addr);
}

int lunq_mmio_check(const struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t n, bool fixed,
                    struct lunq_error *err)
{
    uint64_t span = fixed && n > 0 ? 1 : n;
    if (m->closed)
        return lunq_fail(err, LUNQ_RUNTIME, "MMIO at 0x%" PRIx64 " is closed.", m->addr);
    if (m->stale)
        return lunq_fail(err, LUNQ_RUNTIME,
                         "MMIO at 0x%" PRIx64 " belongs to a design that is no longer loaded: "
                         "use the objects of the new overlay.",
                         m->addr);
    if (width != 1 && width != 2 && width != 4 && width != 8)
        return lunq_fail(err, LUNQ_VALUE, "Access width must be 1, 2, 4 or 8 bytes, not %u.",
                         width);
    if (off > m->size || span > (m->size - off) / width)
        return outside(m, off, width, n, err);
    if ((m->addr + off) % width)
        return lunq_fail(err, LUNQ_MEMORY,
                         "Unaligned access: a %u-byte access at 0x%" PRIx64
                         " needs a multiple of %u.",
                         width, m->addr + off, width);
    return 0;
}

/* ---- single accesses ----------------------------------------------------------------------- */

/* Exact-width volatile accesses: memcpy may use widths a register doesn't accept. */
static uint64_t load(const volatile uint8_t *p, unsigned width)
{
    switch (width) {
    case 1: return *p;
    case 2: return *(const volatile uint16_t *)p;
    case 4: return *(const volatile uint32_t *)p;
    default: return *(const volatile uint64_t *)p;
    }
}

static void store(volatile uint8_t *p, unsigned width, uint64_t v)
{
    switch (width) {
    case 1: *p = (uint8_t)v; break;
    case 2: *(volatile uint16_t *)p = (uint16_t)v; break;
    case 4: *(volatile uint32_t *)p = (uint32_t)v; break;
    default: *(volatile uint64_t *)p = v; break;
    }
}

static bool direct(const struct lunq_mmio *m)
{
    return m->ptr && m->dev->direct;
}

int lunq_mmio_bus_error(struct lunq_mmio *m, struct lunq_error *err)
{
    const void *host = lunq_bus_error_take();
    if (m->dev->ops->bus_error)
        return m->dev->ops->bus_error(m->dev, host, err);
    lunq_fail(err, LUNQ_IO, "Bus error in the 0x%" PRIx64 " bytes at 0x%" PRIx64 ".", m->size,
              m->addr);
    return lunq_fault(err);
}

/* A device that only maps could not map this window when it was opened: perhaps it can now, else its map
 * function says why. */
static int map_again(struct lunq_mmio *m, struct lunq_error *err)
{
    lunq_fail(err, LUNQ_IO, "0x%" PRIx64 " bytes at 0x%" PRIx64 " can't be mapped.", m->size,
              m->addr);
    if (m->dev->ops->map && !m->ptr)
        set_ptr(m, m->dev->ops->map(m->dev, m->addr, m->size, err));
    if (direct(m))
        return 0;
    return err ? err->kind : LUNQ_IO;
}

/* One access, already checked. The device is held: a behavioural model may run a script, and the
 * script may close this window or its device. */
static int bus_read(struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t *value,
                    struct lunq_error *err)
{
    struct lunq_device *d = m->dev;
    uint64_t addr = m->addr + off;
    int r = direct(m) || d->ops->read ? 0 : map_again(m, err);
    if (r < 0)
        return r;
    lunq_device_ref(d);
    if (direct(m)) {
        *value = load(m->ptr + off, width);
        r = lunq_mmio_went_well(m, err);
    } else {
        r = d->ops->read(d, addr, width, value, err);
    }
    if (lunq_flight_on)
        lunq_flight_access(d, false, addr, width, r < 0 ? 0 : *value, r);
    lunq_device_unref(d);
    if (r == LUNQ_IO)
        lunq_fault(err); /* the bus failed, not the caller */
    return r;
}

static int bus_write(struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t value,
                     struct lunq_error *err)
{
    struct lunq_device *d = m->dev;
    uint64_t addr = m->addr + off;
    int r = direct(m) || d->ops->write ? 0 : map_again(m, err);
    if (r < 0)
        return r;
    lunq_device_ref(d);
    if (direct(m)) {
        store(m->ptr + off, width, value);
        r = lunq_mmio_went_well(m, err);
    } else {
        r = d->ops->write(d, addr, width, value, err);
    }
    if (lunq_flight_on)
        lunq_flight_access(d, true, addr, width, value, r);
    lunq_device_unref(d);
    if (r == LUNQ_IO)
        lunq_fault(err);
    return r;
}

/* What lunq_mmio_check says of one access; of a good one at once. */
static inline int check_one(const struct lunq_mmio *m, uint64_t off, unsigned width,
                            struct lunq_error *err)
{
    if (width == 4 && off < m->size && m->size - off >= 4 && !((m->addr + off) & 3))
        return 0; /* size is 0 once it is closed or stale */
    return lunq_mmio_check(m, off, width, 1, false, err);
}

int lunq_mmio_read(struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t *value,
                   struct lunq_error *err)
{
    int r = check_one(m, off, width, err);
    return r < 0 ? r : bus_read(m, off, width, value, err);
}

int lunq_mmio_write(struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t value,
                    struct lunq_error *err)
{
    int r = check_one(m, off, width, err);
    return r < 0 ? r : bus_write(m, off, width, value, err);
}

/* ---- blocks: explicit loops of accesses of the register's width ----------------------------- */

#define LOAD_LOOP(type)                                                                            \
    for (size_t i = 0; i < n; i++, p += step) {                                                    \
        type v = *(const volatile type *)p;                                                        \
        memcpy(out + i * sizeof v, &v, sizeof v);                                                  \
    }

static void load_block(const volatile uint8_t *p, unsigned width, size_t step, uint8_t *out,
                       size_t n)
{
    switch (width) {
    case 1: LOAD_LOOP(uint8_t) break;
    case 2: LOAD_LOOP(uint16_t) break;
    case 4: LOAD_LOOP(uint32_t) break;
    default: LOAD_LOOP(uint64_t) break;
    }
}

#define STORE_LOOP(type)                                                                           \
    for (size_t i = 0; i < n; i++, p += step) {                                                    \
        type v;                                                                                    \
        memcpy(&v, in + i * in_step, sizeof v);                                                    \
        *(volatile type *)p = v;                                                                   \
    }

/* in_step 0 writes one value everywhere */
static void store_block(volatile uint8_t *p, unsigned width, size_t step, const uint8_t *in,
                        size_t in_step, size_t n)
{
    switch (width) {
    case 1: STORE_LOOP(uint8_t) break;
    case 2: STORE_LOOP(uint16_t) break;
    case 4: STORE_LOOP(uint32_t) break;
    default: STORE_LOOP(uint64_t) break;
    }
}

static void note_words(struct lunq_device *d, bool write, uint64_t addr, unsigned width,
                       const uint8_t *data, size_t n, int r)
{
    lunq_flight_block(n > 1);
    for (size_t i = 0; i < n; i++) {
        uint64_t v = 0;
        memcpy(&v, data + i * width, width);
        lunq_flight_access(d, write, addr + i * width, width, v, r);
    }
    lunq_flight_block(false);
}

/* Of a window that is not closed. */
static bool takes_blocks(const struct lunq_mmio *m, size_t n)
{
    return m->dev->ops->block && n > 1 && !direct(m);
}

/* As one block, already checked, with its result in *r. False: nothing has happened, its words have to go
 * one by one. */
static bool bus_block(struct lunq_mmio *m, uint64_t off, unsigned width, uint8_t *data, size_t n,
                      bool write, int *r, struct lunq_error *err)
{
    struct lunq_device *d = m->dev;
    uint64_t addr = m->addr + off;
    int result;
    if (!takes_blocks(m, n))
        return false;
    lunq_device_ref(d); /* as in bus_read */
    result = d->ops->block(d, addr, width, data, n, write, err);
    if (lunq_flight_on && result != 1)
        note_words(d, write, addr, width, data, n, result);
    lunq_device_unref(d);
    if (result == 1)
        return false;
    if (result == LUNQ_IO)
        lunq_fault(err);
    *r = result;
    return true;
}

int lunq_mmio_read_block(struct lunq_mmio *m, uint64_t off, unsigned width, void *data, size_t n,
                         bool fixed, struct lunq_error *err)
{
    uint8_t *out = data;
    size_t step = fixed ? 0 : width;
    int r = lunq_mmio_check(m, off, width, n, fixed, err);
    if (r == 0 && direct(m) && !lunq_flight_on) {
        load_block(m->ptr + off, width, step, out, n);
        return lunq_mmio_went_well(m, err);
    }
    if (r == 0 && !fixed && bus_block(m, off, width, out, n, false, &r, err))
        return r;
    lunq_flight_block(n > 1);
    for (size_t i = 0; r == 0 && i < n; i++, out += width) {
        uint64_t v = 0;
        r = lunq_mmio_read(m, off + i * step, width, &v, err); /* may have been closed meanwhile */
        memcpy(out, &v, width);
    }
    lunq_flight_block(false);
    return r;
}

static int write_words(struct lunq_mmio *m, uint64_t off, unsigned width, const uint8_t *in,
                       size_t in_step, size_t n, bool fixed, struct lunq_error *err)
{
    size_t step = fixed ? 0 : width;
    int r = lunq_mmio_check(m, off, width, n, fixed, err);
    if (r == 0 && direct(m) && !lunq_flight_on) {
        store_block(m->ptr + off, width, step, in, in_step, n);
        return lunq_mmio_went_well(m, err);
    }
    if (r == 0 && !fixed && in_step == width &&
        bus_block(m, off, width, (uint8_t *)in, n, true, &r, err)) /* which only reads them */
        return r;
    lunq_flight_block(n > 1);
    for (size_t i = 0; r == 0 && i < n; i++) {
        uint64_t v = 0;
        memcpy(&v, in + i * in_step, width);
        r = lunq_mmio_write(m, off + i * step, width, v, err);
    }
    lunq_flight_block(false);
    return r;
}

int lunq_mmio_write_block(struct lunq_mmio *m, uint64_t off, unsigned width, const void *data,
                          size_t n, bool fixed, struct lunq_error *err)
{
    return write_words(m, off, width, data, width, n, fixed, err);
}

int lunq_mmio_fill(struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t value, size_t n,
                   struct lunq_error *err)
{
    uint8_t words[4096];
    size_t done = 0, most;
    int r = lunq_mmio_check(m, off, width, n, false, err);
    if (r < 0)
        return r;
    if (!takes_blocks(m, n))
        return write_words(m, off, width, (const uint8_t *)&value, 0, n, false, err);
    most = n < sizeof words / width ? n : sizeof words / width;
    for (size_t i = 0; i < most; i++)
        memcpy(words + i * width, &value, width);
    while (r == 0 && done < n) {
        size_t k = n - done < most ? n - done : most;
        if (!bus_block(m, off + done * width, width, words, k, true, &r, err))
            return write_words(m, off + done * width, width, (const uint8_t *)&value, 0, n - done,
                               false, err);
        done += k;
        if (r == 0) /* it may have been closed meanwhile */
            r = lunq_mmio_check(m, off, width, n, false, err);
    }
    return r;
}

/* ---- polling ------------------------------------------------------------------------------- */

enum { BURST_NS = 2000 };

/* n reads of a mapped word, fewer when one matches; true then. Four at a time: counting would cost
 * as much as reading. */
static bool poll_burst(const volatile uint32_t *p, uint32_t mask, uint32_t want, unsigned n,
                       uint32_t *last)
{
    uint32_t v;
    for (; n >= 4; n -= 4) {
        if (((v = *p) & mask) == want || ((v = *p) & mask) == want || ((v = *p) & mask) == want ||
            ((v = *p) & mask) == want) {
            *last = v;
            return true;
        }
        *last = v;
    }
    for (; n > 0; n--) {
        *last = v = *p;
        if ((v & mask) == want)
            return true;
    }
    return false;
}

static int poll_timeout(const struct lunq_mmio *m, uint64_t off, uint32_t mask, uint32_t want,
                        double seconds, uint32_t last, struct lunq_error *err)
{
    return lunq_fail(err, LUNQ_TIMEOUT,
                     "0x%" PRIx64 " still reads 0x%08" PRIx32 " after %g s: waited for 0x%" PRIx32
                     " under mask 0x%" PRIx32 ".",
                     m->addr + off, last, seconds, want, mask);
}

/* One look: 1 matched, 0 not yet. */
static int look(struct lunq_mmio *m, uint64_t off, uint32_t mask, uint32_t want, unsigned burst,
                uint32_t *last, struct lunq_error *err)
{
    int r;
    if (lunq_mmio_direct32(m, off)) {
        bool matched = poll_burst((volatile uint32_t *)(m->ptr + off), mask, want, burst, last);
        r = lunq_mmio_went_well(m, err);
        return r < 0 ? r : matched;
    }
    r = lunq_mmio_read32(m, off, last, err);
    return r < 0 ? r : (*last & mask) == want;
}

/* The longest piece of a poll without limit. */
#define POLL_PIECE_NS 1000000

/* Where time passes only in a step, a step to the deadline would be two looks in all, and a model
 * that answers the third read would never be asked. So time passes in pieces: twice as long each
 * time, 64 to the limit at least. */
static int poll_step(struct lunq_wait *w, uint64_t *pause, struct lunq_error *err)
{
    uint64_t deadline = w->deadline, now;
    bool endless = deadline == UINT64_MAX;
    int r;
    if (!w->dev->ops->advance)
        return lunq_wait_step(w, err);
    now = lunq_device_now(w->dev);
    /* Without a limit the device says when nothing will ever happen, but only when asked for all
     * the time there is: after the first pieces it is. */
    if (now >= deadline || (endless && *pause >= POLL_PIECE_NS))
        return lunq_wait_step(w, err);
    if (*pause < (endless ? POLL_PIECE_NS : (deadline - now) / 64))
        *pause *= 2;
    if (*pause < deadline - now)
        w->deadline = now + *pause;
    r = lunq_wait_step(w, err);
    w->deadline = deadline;
    return r;
}

static int poll_loop(struct lunq_mmio *m, uint64_t off, uint32_t mask, uint32_t want,
                     double seconds, uint32_t *last, struct lunq_error *err)
{
    struct lunq_wait w;
    uint64_t pause = 64; /* ns: about what an access takes */
    unsigned burst = 1;
    int step = 0, r;
    lunq_wait_begin(&w, m->dev, seconds);
    for (;;) {
        uint64_t before = w.now;
        r = look(m, off, mask, want, burst, last, err);
        if (r != 0)
            return r < 0 ? r : 0;
        if (step == LUNQ_TIMEOUT) /* that was one last look: it may have changed while we slept */
            return poll_timeout(m, off, mask, want, seconds, *last, err);
        step = poll_step(&w, &pause, err);
        if (step < 0 && step != LUNQ_TIMEOUT)
            return step;
        /* Looking at the clock costs more than a read of cached memory, less than one of a
         * register: as many reads between two looks as fit in about BURST_NS. */
        if (!w.dev->ops->advance && w.now - before < BURST_NS && burst < LUNQ_POLL_BURST)
            burst *= 2;
    }
}

int lunq_mmio_poll_look(struct lunq_mmio *m, uint64_t off, uint32_t mask, uint32_t want,
                        const double *late, uint32_t *last, struct lunq_error *err)
{
    int r = lunq_mmio_read32(m, off, last, err);
    if (r < 0 || (*last & mask) == want)
        return r < 0 ? r : 1;
    return late ? poll_timeout(m, off, mask, want, *late, *last, err) : 0;
}

int lunq_mmio_poll(struct lunq_mmio *m, uint64_t off, uint32_t mask, uint32_t want, double seconds,
                   uint32_t *last, struct lunq_error *err)
{
    struct lunq_device *d;
    int r = lunq_mmio_check(m, off, 4, 1, false, err);
    if (r < 0)
        return r;
    d = lunq_device_ref(m->dev); /* as in bus_read */
    r = poll_loop(m, off, mask, want, seconds, last, err);
    lunq_device_unref(d);
    return r;
}
