#include "register.h"

#include <inttypes.h>

/* HLS puts 64-bit arguments on any word boundary; a bus refuses or splits such an access. */
static bool in_halves(const struct lunq_mmio *m, const struct lunq_register_view *r)
{
    return r->width == 64 && (m->addr + r->off) % 8 != 0;
}

int lunq_register_read(struct lunq_mmio *m, const struct lunq_register_view *r, uint64_t *value,
                       struct lunq_error *err)
{
    uint32_t w[2] = {0, 0};
    int status;
    if (!r->readable)
        return lunq_fail(err, LUNQ_ATTRIBUTE, "Register at 0x%" PRIx64 " is write-only.",
                         m->addr + r->off);
    if (r->width == 32) {
        status = lunq_mmio_read32(m, r->off, &w[0], err);
        *value = w[0];
        return status;
    }
    if (!in_halves(m, r))
        return lunq_mmio_read(m, r->off, 8, value, err);
    status = lunq_mmio_read_block(m, r->off, 4, w, 2, false, err);
    *value = (uint64_t)w[1] << 32 | w[0];
    return status;
}

int lunq_register_write(struct lunq_mmio *m, const struct lunq_register_view *r, uint64_t value,
                        struct lunq_error *err)
{
    uint32_t w[2] = {(uint32_t)value, (uint32_t)(value >> 32)};
    if (!r->writable)
        return lunq_fail(err, LUNQ_ATTRIBUTE, "Register at 0x%" PRIx64 " is read-only.",
                         m->addr + r->off);
    if (r->width == 32)
        return lunq_mmio_write32(m, r->off, w[0], err);
    if (!in_halves(m, r))
        return lunq_mmio_write(m, r->off, 8, value, err);
    return lunq_mmio_write_block(m, r->off, 4, w, 2, false, err);
}

int lunq_register_update(struct lunq_mmio *m, const struct lunq_register_view *r, uint64_t mask,
                         uint64_t value, struct lunq_error *err)
{
    uint64_t keep = lunq_ones(r->width) & ~mask & ~r->act, old = 0;
    int status;
    if (keep != 0 && r->readable && r->writable) {
        status = lunq_register_read(m, r, &old, err);
        if (status < 0)
            return status;
    }
    return lunq_register_write(m, r, (old & keep) | (value & mask), err);
}

uint64_t lunq_mirror(uint64_t value, unsigned width)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < width; i++)
        v |= (value >> i & 1) << (width - 1 - i);
    return v;
}
