/* axi_gpio.c - AXI GPIO 2.0: one or two channels of 1 to 32 lines.
 * Registers and rules: registers.md section 8 (HWH, embeddedsw, Linux). */
#include <stdlib.h>

#include "../model.h"

enum { DATA = 0x00, TRI = 0x04, DATA2 = 0x08, TRI2 = 0x0c, GIER = 0x11c, ISR = 0x120, IER = 0x128 };

struct channel {
    uint32_t mask, out, tri, seen;  /* seen: input lines as they were at the last look */
    bool fixed;                     /* C_ALL_INPUTS or C_ALL_OUTPUTS: TRI can't be written */
    const char *in, *pins, *enable; /* port names */
};

struct gpio {
    struct channel ch[2];
    unsigned channels;
    bool interrupts;
    uint32_t gier, isr, ier;
};

/* A bit that is an input reads its pin, one that is an output reads the output register. */
static uint32_t lines(struct sim_inst *i, const struct channel *c)
{
    uint32_t pins = (uint32_t)sim_wire_get(i, c->in) & c->mask;
    return (pins & c->tri) | (c->out & ~c->tri);
}

static void drive(struct sim_inst *i, struct gpio *g)
{
    for (unsigned k = 0; k < g->channels; k++) {
        sim_wire_set(i, g->ch[k].pins, g->ch[k].out & ~g->ch[k].tri & g->ch[k].mask);
        sim_wire_set(i, g->ch[k].enable, g->ch[k].tri & g->ch[k].mask);
    }
    if (g->interrupts)
        sim_wire_set(i, "ip2intc_irpt", (g->gier >> 31) && (g->isr & g->ier));
}

/* An event is any change of an input bit of the channel. */
static void gpio_wires(struct sim_inst *i)
{
    struct gpio *g = i->state;
    for (unsigned k = 0; g && g->interrupts && k < g->channels; k++) {
        struct channel *c = &g->ch[k];
        uint32_t now = (uint32_t)sim_wire_get(i, c->in) & c->mask;
        if ((now ^ c->seen) & c->tri)
            g->isr |= 1u << k;
        c->seen = now;
    }
    if (g && g->interrupts)
        sim_wire_set(i, "ip2intc_irpt", (g->gier >> 31) && (g->isr & g->ier));
}

static void init_channel(struct sim_inst *i, struct channel *c, bool second)
{
    uint64_t width = (uint64_t)sim_param(i, second ? "C_GPIO2_WIDTH" : "C_GPIO_WIDTH", 32);
    bool inputs = sim_param(i, second ? "C_ALL_INPUTS_2" : "C_ALL_INPUTS", 0) != 0;
    bool outputs = sim_param(i, second ? "C_ALL_OUTPUTS_2" : "C_ALL_OUTPUTS", 0) != 0;
    c->mask = width >= 32 || width == 0 ? UINT32_MAX : (1u << width) - 1;
    c->out = (uint32_t)sim_param(i, second ? "C_DOUT_DEFAULT_2" : "C_DOUT_DEFAULT", 0) & c->mask;
    c->tri = (uint32_t)sim_param(i, second ? "C_TRI_DEFAULT_2" : "C_TRI_DEFAULT", 0xffffffff);
    c->tri = (inputs ? UINT32_MAX : outputs ? 0 : c->tri) & c->mask;
    c->fixed = inputs || outputs;
    c->in = second ? "gpio2_io_i" : "gpio_io_i";
    c->pins = second ? "gpio2_io_o" : "gpio_io_o";
    c->enable = second ? "gpio2_io_t" : "gpio_io_t";
}

static void gpio_reset(struct sim_inst *i)
{
    struct gpio *g = i->state;
    g->channels = sim_param(i, "C_IS_DUAL", 0) ? 2 : 1;
    g->interrupts = sim_param(i, "C_INTERRUPT_PRESENT", 0) != 0;
    g->gier = g->isr = g->ier = 0;
    for (unsigned k = 0; k < g->channels; k++)
        init_channel(i, &g->ch[k], k == 1);
    drive(i, g);
}

static int gpio_create(struct sim_inst *i, struct lunq_error *err)
{
    i->state = calloc(1, sizeof(struct gpio));
    if (!i->state)
        return lunq_fail(err, LUNQ_MEMORY, "Out of memory.");
    gpio_reset(i);
    return 0;
}

static void gpio_destroy(struct sim_inst *i)
{
    free(i->state);
}

static int gpio_read(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                     uint64_t *value, struct lunq_error *err)
{
    struct gpio *g = i->state;
    struct channel *c = &g->ch[(off & 0x1f8) == DATA2];
    bool here = c == g->ch || g->channels == 2;
    (void)slot, (void)width, (void)err;
    switch (off & 0x1ff) { /* nine address bits are decoded */
    case DATA:
    case DATA2: *value = here ? lines(i, c) : 0; break;
    case TRI:
    case TRI2: *value = here ? c->tri : 0; break;
    case GIER: *value = g->gier; break;
    case ISR: *value = g->isr; break;
    case IER: *value = g->ier; break;
    default: *value = 0;
    }
    return SIM_OKAY;
}

static int gpio_write(struct sim_inst *i, struct sim_slot *slot, uint64_t off, unsigned width,
                      uint64_t value, struct lunq_error *err)
{
    struct gpio *g = i->state;
    uint32_t v = (uint32_t)value, channels = g->channels == 2 ? 3 : 1;
    struct channel *c = &g->ch[(off & 0x1f8) == DATA2];
    bool here = c == g->ch || g->channels == 2;
    (void)slot, (void)width, (void)err;
    switch (off & 0x1ff) {
    case DATA:
    case DATA2:
        if (here)
            c->out = v & c->mask;
        break;
    case TRI:
    case TRI2:
        if (here && !c->fixed)
            c->tri = v & c->mask;
        break;
    case GIER: g->gier = g->interrupts ? v & 0x80000000 : 0; break;
    case ISR: g->isr ^= g->interrupts ? v & channels : 0; break; /* toggle on write */
    case IER: g->ier = g->interrupts ? v & channels : 0; break;
    default: break;
    }
    drive(i, g);
    return SIM_OKAY;
}

static const char *const inputs[] = {"gpio_io_i", "gpio2_io_i", NULL};
static const char *const outputs[] = {"gpio_io_o", "gpio_io_t", "gpio2_io_o", "gpio2_io_t", NULL};
static const char *const vlnv[] = {"xilinx.com:ip:axi_gpio:*", NULL};

const struct sim_class sim_axi_gpio = {
    .name = "axi_gpio",
    .origin = "C",
    .vlnv = vlnv,
    .words = true,
    .inputs = inputs,
    .outputs = outputs,
    .create = gpio_create,
    .destroy = gpio_destroy,
    .read = gpio_read,
    .write = gpio_write,
    .wires = gpio_wires,
};
