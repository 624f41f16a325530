/* axi_intc.c - AXI INTC 4.1: up to 32 inputs, each edge or level sensitive, and software interrupts.
 * Registers and rules: registers.md section 10 (HWH, embeddedsw, QEMU, Linux). Fast interrupt mode
 * is not modelled: IMR and the vectors keep what is written, and nothing else. */
#include <stdlib.h>

#include "../model.h"

enum {
    ISR = 0x00,
    IPR = 0x04,
    IER = 0x08,
    IAR = 0x0c,
    SIE = 0x10,
    CIE = 0x14,
    IVR = 0x18,
    MER = 0x1c,
    IMR = 0x20,
    ILR = 0x24,
    IVAR = 0x100,
    IVAR_END = 0x180
};
enum { ME = 1, HIE = 2 }; /* of MER */

struct intc {
    uint32_t hardware, software;       /* inputs there are */
    uint32_t edge;                     /* those that latch an edge; the others follow a level */
    uint32_t inverted;                 /* falling edges, low levels */
    bool pulse, active_low, has_level; /* of the output; ILR is there */
    uint32_t isr, ier, mer, imr, ilr;
    uint32_t seen; /* inputs as they were at the last look */
    bool high;     /* an enabled interrupt is pending: what the output was made from */
    uint32_t vectors[32];
};

static uint32_t bits(uint64_t n)
{
    return n >= 32 ? UINT32_MAX : (1u << n) - 1;
}

static uint32_t pending(const struct intc *c)
{
    return c->isr & c->ier & (c->has_level ? bits(c->ilr) : UINT32_MAX);
}

static void drive(struct sim_inst *i, struct intc *c, bool again)
{
    bool was = c->high, high = (c->mer & ME) && pending(c);
    c->high = high;
    if (!c->pulse) {
        sim_wire_set(i, "irq", high != c->active_low);
        return;
    }
    if (high && (!was || again)) { /* one clock long: over before anybody looks */
        sim_wire_set(i, "irq", !c->active_low);
        sim_wire_set(i, "irq", c->active_low);
    }
}

/* Edges are latched, levels are kept as long as they last; neither before HIE is set. */
static void sample(struct sim_inst *i, struct intc *c)
{
    uint32_t now = (sim_irq_inputs(i) & c->hardware) ^ c->inverted;
    uint32_t rising = now & ~c->seen & c->edge;
    c->seen = now;
    if (c->mer & HIE)
        c->isr |= rising | (now & ~c->edge & c->hardware);
}

static void intc_wires(struct sim_inst *i)
{
    struct intc *c = i->state;
    sample(i, c);
    drive(i, c, false);
}

static void intc_reset(struct sim_inst *i)
{
    struct intc *c = i->state;
    uint64_t inputs = (uint64_t)sim_param(i, "C_NUM_INTR_INPUTS", 32);
    uint64_t software = (uint64_t)sim_param(i, "C_NUM_SW_INTR", 0);
    *c = (struct intc){.hardware = bits(inputs)};
    c->software = bits(inputs > 32 || software > 32 ? 32 : inputs + software) & ~c->hardware;
    c->edge = (uint32_t)sim_param(i, "C_KIND_OF_INTR", 0) & c->hardware;
    c->inverted = ~(uint32_t)sim_param(i, "C_KIND_OF_EDGE", 0xffffffff) & c->edge;
    c->inverted |= ~(uint32_t)sim_param(i, "C_KIND_OF_LVL", 0xffffffff) & c->hardware & ~c->edge;
    c->pulse = !sim_param(i, "C_IRQ_IS_LEVEL", 1);
    c->active_low = !sim_param(i, "C_IRQ_ACTIVE", 1);
    c->has_level = sim_param(i, "C_HAS_ILR", 0) != 0;
    c->ilr = UINT32_MAX;
    for (unsigned k = 0; k < 32; k++)
        c->vectors[k] = 0x10;
}

static int intc_create(struct sim_inst *i, struct lunq_error *err)
{
    i->state = calloc(1, sizeof(struct intc));
    if (!i->state)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    intc_reset(i);
    sim_wire_set(i, "irq", ((struct intc *)i->state)->active_low);
    return 0;
}

static void intc_destroy(struct sim_inst *i)
{
    free(i->state);
}

static int intc_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                     uint64_t *value, struct lunq_error *err)
{
    const struct intc *c = i->state;
    (void)slot, (void)width, (void)err;
    switch (off) {
    case ISR: *value = c->isr; break;
    case IPR: *value = c->isr & c->ier; break;
    case IER:
    case SIE:
    case CIE: *value = off == IER ? c->ier : 0; break;
    case IVR: *value = pending(c) ? (uint32_t)__builtin_ctz(pending(c)) : UINT32_MAX; break;
    case MER: *value = c->mer; break;
    case IMR: *value = c->imr; break;
    case ILR: *value = c->ilr; break;
    default: *value = off >= IVAR && off < IVAR_END ? c->vectors[(off - IVAR) / 4] : 0;
    }
    return SIM_OKAY;
}

static int intc_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                      uint64_t value, struct lunq_error *err)
{
    struct intc *c = i->state;
    uint32_t v = (uint32_t)value, all = c->hardware | c->software;
    (void)slot, (void)width, (void)err;
    switch (off) {
    case ISR: /* for tests until HIE is set; software interrupts always */
        c->isr |= v & (c->mer & HIE ? c->software : all);
        break;
    case IER: c->ier = v & all; break;
    case IAR: c->isr &= ~v; break;
    case SIE: c->ier |= v & all; break;
    case CIE: c->ier &= ~v; break;
    case MER: c->mer = (c->mer & HIE) | (v & (ME | HIE)); break; /* HIE stays until reset */
    case IMR: c->imr = v & all; break;
    case ILR: c->ilr = c->has_level ? v : UINT32_MAX; break;
    default:
        if (off >= IVAR && off < IVAR_END)
            c->vectors[(off - IVAR) / 4] = v;
    }
    sample(i, c); /* a level that is still up undoes the acknowledge at once */
    drive(i, c, off == IAR);
    return SIM_OKAY;
}

static const char *const vlnv[] = {"xilinx.com:ip:axi_intc:*", NULL};

const struct sim_class sim_axi_intc = {
    .name = "axi_intc",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .create = intc_create,
    .destroy = intc_destroy,
    .read = intc_read,
    .write = intc_write,
    .wires = intc_wires,
};
