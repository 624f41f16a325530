#include "mend.h"

#include <inttypes.h>

enum { DMACR = 0x00, DMASR = 0x04, STEP = 0x30 };
enum { RS = 1, RESET = 4, THRESHOLD = 0xff << 16 }; /* of DMACR */
enum { HALTED = 1, IDLE = 2, IRQS = 7 << 12 };      /* of DMASR */

static int get(struct qt_mend *m, uint64_t off, uint64_t *value, struct lunq_error *err)
{
    return qt_command(m->link, value, err, "readl 0x%" PRIx64 "\n", m->base + off);
}

static int set(struct qt_mend *m, uint64_t off, uint64_t value, struct lunq_error *err)
{
    return qt_command(m->link, NULL, err, "writel 0x%" PRIx64 " 0x%" PRIx64 "\n", m->base + off,
                      value);
}

int qt_mend_read(struct qt_mend *m, uint64_t off, uint64_t *value, struct lunq_error *err)
{
    int r = get(m, off, value, err);
    if (r == 0 && off % STEP == DMASR && !m->running[off / STEP & 1])
        *value = (*value & ~(uint64_t)IDLE) | HALTED;
    return r;
}

static int reset(struct qt_mend *m, struct lunq_error *err)
{
    int r = 0;
    for (int ch = 0; r == 0 && ch < 2; ch++) {
        m->running[ch] = false;
        r = set(m, (uint64_t)ch * STEP + DMACR, RESET, err);
    }
    return r;
}

static int write_control(struct qt_mend *m, unsigned ch, uint64_t value, struct lunq_error *err)
{
    if (value & RESET)
        return reset(m, err);
    if (!(value & THRESHOLD))
        value |= 1u << 16;
    m->running[ch] = value & RS;
    return set(m, ch * STEP + DMACR, value, err);
}

/* QEMU clears all interrupt bits whatever is written, so those that should stay are lost: there is
 * one source of them there, IOC. */
static int write_status(struct qt_mend *m, uint64_t off, uint64_t value, struct lunq_error *err)
{
    uint64_t now;
    int r = value & IRQS ? get(m, off, &now, err) : 0;
    return r < 0 || !(value & IRQS) ? r : set(m, off, now & ~(uint64_t)IRQS, err);
}

int qt_mend_write(struct qt_mend *m, uint64_t off, uint64_t value, struct lunq_error *err)
{
    switch (off % STEP) {
    case DMACR: return write_control(m, off / STEP & 1, value, err);
    case DMASR: return write_status(m, off, value, err);
    default: return set(m, off, value, err);
    }
}
