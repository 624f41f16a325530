/* axi_intc.c - AXI INTC 4.1: up to 32 inputs, each edge or level sensitive, and software interrupts.
 * Registers: registers.md section 10. Behaviour: the core's source as Vivado delivers it (axi_intc_v4_1,
 * intc_core.vhd), which goes further than PG099 and registers.md in these points:
 * - Inputs are latched from reset on. HIE only decides whether ISR shows them, so an edge from before
 *   it was set is not lost, and what ISR was written to is gone once it is set.
 * - A write to ISR replaces it: of software interrupts always, of inputs while HIE is 0.
 * - Clearing ME does not take back an output that is up; that takes an IAR or IER write.
 * - An output that pulses (C_IRQ_IS_LEVEL = 0) does so once and then waits for a write to IAR that has
 *   any bit set, whatever comes meanwhile.
 * - An IAR write for a level that lasts takes the output down for two clocks: an edge input behind it
 *   sees another edge.
 * Fast interrupt mode is not modelled: IMR and the vectors keep what is written, and nothing else. */
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
    uint32_t hardware, software; /* inputs there are */
    uint32_t edge;               /* those that latch an edge; the others follow a level */
    uint32_t inverted;           /* falling edges, low levels */
    bool pulse, active_low;      /* the output */
    bool has_ipr, has_set, has_clear, has_ivr, has_level, has_fast; /* registers that are there */
    uint32_t isr, ier, mer, imr, ilr;
    uint32_t latched; /* inputs that came and were not acknowledged */
    uint32_t seen;    /* inputs as they were at the last look */
    bool high;        /* of a level output */
    bool sent;        /* a pulse, not acknowledged yet */
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

static void pulse(struct sim_inst *i, const struct intc *c, bool active)
{
    sim_wire_set(i, "irq", active != c->active_low);
    sim_wire_set(i, "irq", active == c->active_low); /* over before anybody looks */
}

/* gap: all that is pending was acknowledged and came back. */
static void drive(struct sim_inst *i, struct intc *c, bool gap)
{
    bool any = pending(c) != 0, enabled = c->mer & ME;
    if (c->pulse) {
        if (any && enabled && !c->sent) {
            c->sent = true;
            pulse(i, c, true);
        }
        return;
    }
    if (c->high && any && gap)
        pulse(i, c, false);
    c->high = any && (enabled || c->high);
    sim_wire_set(i, "irq", c->high != c->active_low);
}

static void sample(struct sim_inst *i, struct intc *c)
{
    uint32_t now = (sim_irq_inputs(i) & c->hardware) ^ c->inverted;
    uint32_t rising = now & ~c->seen & c->edge;
    c->seen = now;
    c->latched |= rising | (now & ~c->edge & c->hardware);
    if (c->mer & HIE)
        c->isr = (c->isr & c->software) | c->latched;
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
    c->has_ipr = sim_param(i, "C_HAS_IPR", 1) != 0;
    c->has_set = sim_param(i, "C_HAS_SIE", 1) != 0;
    c->has_clear = sim_param(i, "C_HAS_CIE", 1) != 0;
    c->has_fast = sim_param(i, "C_HAS_FAST", 0) != 0;
    c->has_ivr = c->has_fast || sim_param(i, "C_HAS_IVR", 1) != 0;
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

/* The lowest input that is pending; ILR has no say in it. */
static uint32_t vector(const struct intc *c)
{
    uint32_t all = c->isr & c->ier;
    return all && c->has_ivr ? (uint32_t)__builtin_ctz(all) : UINT32_MAX;
}

static int intc_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                     uint64_t *value, struct lunq_error *err)
{
    const struct intc *c = i->state;
    (void)slot, (void)width, (void)err;
    switch (off) {
    case ISR: *value = c->isr; break;
    case IPR: *value = c->has_ipr ? c->isr & c->ier : 0; break;
    case IER: *value = c->ier; break;
    case IAR:
    case SIE:
    case CIE: *value = 0; break; /* write only */
    case IVR: *value = vector(c); break;
    case MER: *value = c->mer; break;
    case IMR: *value = c->imr; break;
    case ILR: *value = c->ilr; break;
    default: *value = off >= IVAR && off < IVAR_END ? c->vectors[(off - IVAR) / 4] : 0;
    }
    return SIM_OKAY;
}

/* Gives whether all that is pending was acknowledged. */
static bool acknowledge(struct intc *c, uint32_t v)
{
    bool all = !(pending(c) & ~v);
    c->isr &= ~v;
    c->latched &= ~v;
    if (v & (c->hardware | c->software))
        c->sent = false;
    return all;
}

static int intc_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                      uint64_t value, struct lunq_error *err)
{
    struct intc *c = i->state;
    uint32_t v = (uint32_t)value, all = c->hardware | c->software;
    uint32_t writable = c->mer & HIE ? c->software : all; /* of ISR */
    bool gap = false;
    (void)slot, (void)width, (void)err;
    switch (off) {
    case ISR: c->isr = (c->isr & ~writable) | (v & writable); break;
    case IER: c->ier = v & all; break;
    case IAR: gap = acknowledge(c, v); break;
    case SIE: c->ier |= c->has_set ? v & all : 0; break;
    case CIE: c->ier &= c->has_clear ? ~v : UINT32_MAX; break;
    case MER: c->mer = (c->mer & HIE) | (v & (ME | HIE)); break; /* HIE stays until reset */
    case IMR: c->imr = c->has_fast ? v & all : 0; break;
    case ILR: c->ilr = c->has_level ? v : UINT32_MAX; break;
    default:
        if (off >= IVAR && off < IVAR_END)
            c->vectors[(off - IVAR) / 4] = v;
    }
    sample(i, c); /* a level that is still up undoes the acknowledge at once */
    drive(i, c, gap);
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
