#include "mmio.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int lunq_mmio_open(struct lunq_mmio **out, struct lunq_device *d, uint64_t addr, uint64_t size,
                   bool bound, struct lunq_error *err)
{
    struct lunq_mmio *m;
    *out = NULL;
    if (size > 0 && addr > UINT64_MAX - (size - 1))
        return lunq_fail(err, LUNQ_VALUE,
                         "0x%" PRIx64 " bytes at 0x%" PRIx64 " reach beyond the address space.", size,
                         addr);
    m = calloc(1, sizeof *m);
    if (!m)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    m->dev = lunq_device_ref(d);
    m->addr = addr;
    m->size = m->asked = size;
    m->bound = bound;
    m->ptr = d->ops->map ? d->ops->map(d, addr, size, NULL) : NULL;
    m->next = d->windows;
    if (m->next)
        m->next->prev = m;
    d->windows = m;
    *out = m;
    return 0;
}

void lunq_mmio_close(struct lunq_mmio *m)
{
    if (!m)
        return;
    if (m->ptr && m->dev->ops->unmap)
        m->dev->ops->unmap(m->dev, m->ptr, m->asked);
    if (m->prev)
        m->prev->next = m->next;
    else
        m->dev->windows = m->next;
    if (m->next)
        m->next->prev = m->prev;
    lunq_device_unref(m->dev);
    free(m);
}

/* The one check before any access: n accesses of width bytes from off on, all inside. */
static int check(const struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t bytes,
                 struct lunq_error *err)
{
    if (m->stale)
        return lunq_fail(err, LUNQ_RUNTIME,
                         "MMIO at 0x%" PRIx64 " belongs to a design that is no longer loaded: "
                         "use the objects of the new overlay.", m->addr);
    if (width != 1 && width != 2 && width != 4 && width != 8)
        return lunq_fail(err, LUNQ_VALUE, "Access width must be 1, 2, 4 or 8 bytes, not %u.", width);
    if (off > m->size || m->size - off < bytes)
        return lunq_fail(err, LUNQ_INDEX,
                         "Offset 0x%" PRIx64 " (%" PRIu64 " bytes) is outside the 0x%" PRIx64
                         " bytes at 0x%" PRIx64 ".", off, bytes, m->size, m->addr);
    if ((m->addr + off) % width)
        return lunq_fail(err, LUNQ_MEMORY,
                         "Unaligned access: a %u-byte access at 0x%" PRIx64
                         " needs a multiple of %u.", width, m->addr + off, width);
    return 0;
}

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

int lunq_mmio_read(struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t *value,
                   struct lunq_error *err)
{
    int r = check(m, off, width, width, err);
    if (r < 0)
        return r;
    if (m->ptr && m->dev->direct) {
        *value = load(m->ptr + off, width);
        return 0;
    }
    return m->dev->ops->read(m->dev, m->addr + off, width, value, err);
}

int lunq_mmio_write(struct lunq_mmio *m, uint64_t off, unsigned width, uint64_t value,
                    struct lunq_error *err)
{
    int r = check(m, off, width, width, err);
    if (r < 0)
        return r;
    if (m->ptr && m->dev->direct) {
        store(m->ptr + off, width, value);
        return 0;
    }
    return m->dev->ops->write(m->dev, m->addr + off, width, value, err);
}

static int check_block(const struct lunq_mmio *m, uint64_t off, unsigned width, size_t n, bool fixed,
                       struct lunq_error *err)
{
    if (n > SIZE_MAX / 8)
        return lunq_fail(err, LUNQ_INDEX, "A block of %zu words is too large.", n);
    if (n == 0)
        return check(m, off, width, 0, err);
    return check(m, off, width, fixed ? width : (uint64_t)n * width, err);
}

int lunq_mmio_read_block(struct lunq_mmio *m, uint64_t off, unsigned width, void *data, size_t n,
                         bool fixed, struct lunq_error *err)
{
    uint8_t *out = data;
    int r = check_block(m, off, width, n, fixed, err);
    for (size_t i = 0; r == 0 && i < n; i++, out += width) {
        uint64_t v = 0, at = fixed ? off : off + i * width;
        if (m->ptr && m->dev->direct)
            v = load(m->ptr + at, width);
        else
            r = m->dev->ops->read(m->dev, m->addr + at, width, &v, err);
        memcpy(out, &v, width);
    }
    return r;
}

int lunq_mmio_write_block(struct lunq_mmio *m, uint64_t off, unsigned width, const void *data,
                          size_t n, bool fixed, struct lunq_error *err)
{
    const uint8_t *in = data;
    int r = check_block(m, off, width, n, fixed, err);
    for (size_t i = 0; r == 0 && i < n; i++, in += width) {
        uint64_t v = 0, at = fixed ? off : off + i * width;
        memcpy(&v, in, width);
        if (m->ptr && m->dev->direct)
            store(m->ptr + at, width, v);
        else
            r = m->dev->ops->write(m->dev, m->addr + at, width, v, err);
    }
    return r;
}

int lunq_mmio_poll(struct lunq_mmio *m, uint64_t off, uint32_t mask, uint32_t want, double seconds,
                   uint32_t *last, struct lunq_error *err)
{
    struct lunq_wait w;
    int timeout = 0;
    lunq_wait_begin(&w, m->dev, seconds);
    for (;;) {
        int r = lunq_mmio_read32(m, off, last, err);
        if (r < 0)
            return r;
        if ((*last & mask) == want)
            return 0;
        if (timeout)
            return lunq_fail(err, LUNQ_TIMEOUT,
                             "0x%" PRIx64 " still reads 0x%08" PRIx32 " after %g s: waited for "
                             "0x%" PRIx32 " under mask 0x%" PRIx32 ".",
                             m->addr + off, *last, seconds, want, mask);
        r = lunq_wait_step(&w, err);
        if (r == LUNQ_TIMEOUT)
            timeout = 1; /* one last look: the word may have changed while we slept */
        else if (r < 0)
            return r;
    }
}
