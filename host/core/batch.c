#include "batch.h"

#include <inttypes.h>

const char *lunq_batch_kind_name(enum lunq_batch_kind kind)
{
    static const char *const names[] = {"read", "write", "update", "poll"};
    return names[kind];
}

static int check_step(const struct lunq_mmio *m, const struct lunq_batch_step *s,
                      struct lunq_error *err)
{
    bool masked = s->kind == LUNQ_BATCH_UPDATE || s->kind == LUNQ_BATCH_POLL;
    if (masked && s->width != 4)
        return lunq_fail(err, LUNQ_VALUE, "An update or poll is 4 bytes wide, not %u.", s->width);
    if (s->kind == LUNQ_BATCH_POLL && (s->value & ~(uint64_t)s->mask))
        return lunq_fail(err, LUNQ_VALUE,
                         "value 0x%" PRIx64 " has bits outside mask 0x%" PRIx32
                         ": it can't be met.",
                         s->value, s->mask);
    return lunq_mmio_check(m, s->off, s->width, 1, false, err);
}

int lunq_batch_check(const struct lunq_mmio *m, const struct lunq_batch_step *steps, size_t n,
                     size_t *bad, struct lunq_error *err)
{
    for (size_t i = 0; i < n; i++) {
        int r = check_step(m, &steps[i], err);
        if (r < 0) {
            *bad = i;
            return r;
        }
    }
    return 0;
}

static int run_update(struct lunq_mmio *m, struct lunq_batch_step *s, struct lunq_error *err)
{
    uint32_t v = 0;
    int r = lunq_mmio_read32(m, s->off, &v, err);
    if (r < 0)
        return r;
    v = (v & ~s->mask) | ((uint32_t)s->value & s->mask);
    s->result = v;
    return lunq_mmio_write32(m, s->off, v, err);
}

static int run_poll(struct lunq_mmio *m, struct lunq_batch_step *s, struct lunq_error *err)
{
    uint32_t last = 0;
    int r = lunq_mmio_poll(m, s->off, s->mask, (uint32_t)s->value, s->seconds, &last, err);
    s->result = last;
    return r;
}

int lunq_batch_step(struct lunq_mmio *m, struct lunq_batch_step *s, struct lunq_error *err)
{
    uint32_t v = 0;
    int r;
    switch (s->kind) {
    case LUNQ_BATCH_READ:
        if (s->width != 4)
            return lunq_mmio_read(m, s->off, s->width, &s->result, err);
        r = lunq_mmio_read32(m, s->off, &v, err);
        s->result = v;
        return r;
    case LUNQ_BATCH_WRITE:
        if (s->width != 4)
            return lunq_mmio_write(m, s->off, s->width, s->value, err);
        return lunq_mmio_write32(m, s->off, (uint32_t)s->value, err);
    case LUNQ_BATCH_UPDATE: return run_update(m, s, err);
    default: return run_poll(m, s, err);
    }
}

int lunq_batch_run(struct lunq_mmio *m, struct lunq_batch_step *steps, size_t n, size_t *bad,
                   struct lunq_error *err)
{
    int r = lunq_batch_check(m, steps, n, bad, err);
    for (size_t i = 0; r == 0 && i < n; i++) {
        *bad = i;
        r = lunq_batch_step(m, &steps[i], err);
    }
    return r;
}
