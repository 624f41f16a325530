/* design.c - the design of a model alone: one IP of its name, its slave ports one after another from
 * address 0 on, its interrupts on the first lines of the processor. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "bind.h"
#include "device.h"

/* The most a port gets in the first megabyte, where no buffer is, unless it is the first; and where larger ones are. */
#define SMALL 0x10000u
#define LOW (16 * SMALL)
#define LARGE UINT64_C(0x40000000)
#define MOST_LINES 16u /* IRQ_F2P of a Zynq-7000 */

struct making {
    struct lunq_design *d;
    const struct rtl_bind *b;
    const struct lunq_module *said; /* by the model's metadata; NULL: it has none */
    const struct lunq_design *own;  /* whose module that is */
    struct lunq_module *ip, *ps;
};

static const char *text(struct making *m, const char *s)
{
    return lunq_design_intern(m->d, s, SIZE_MAX);
}

static void *array(struct making *m, size_t n, size_t size)
{
    return lunq_design_alloc(m->d, (n + 1) * size);
}

static const char *sigis_of(const struct rtl_bind *b, uint32_t index, const char **polarity)
{
    *polarity = NULL;
    for (size_t i = 0; i < b->n_clocks; i++)
        if (b->clocks[i].index == index)
            return "clk";
    for (size_t i = 0; i < b->n_irqs; i++)
        if (b->irqs[i].index == index)
            return "INTERRUPT";
    for (size_t i = 0; i < b->n_resets; i++)
        if (b->resets[i].pin.index == index) {
            *polarity = b->resets[i].low ? "ACTIVE_LOW" : "ACTIVE_HIGH";
            return "rst";
        }
    return "data";
}

static void make_ports(struct making *m)
{
    const struct lunq_rtl_model *rtl = m->b->model;
    m->ip->ports = array(m, rtl->n_pins, sizeof *m->ip->ports);
    m->ip->n_ports = m->ip->ports ? rtl->n_pins : 0;
    for (uint32_t i = 0; i < m->ip->n_ports; i++) {
        static const enum lunq_dir dir[] = {LUNQ_IN, LUNQ_OUT, LUNQ_INOUT};
        const struct lunq_rtl_pin *p = &rtl->pins[i];
        m->ip->ports[i] = (struct lunq_port){.name = text(m, p->name),
                                             .sigis = sigis_of(m->b, i, &m->ip->ports[i].polarity),
                                             .polarity = m->ip->ports[i].polarity,
                                             .dir = dir[p->direction],
                                             .width = p->width};
    }
}

static void make_buses(struct making *m)
{
    m->ip->buses = array(m, m->b->n_buses, sizeof *m->ip->buses);
    for (size_t i = 0; m->ip->buses && i < m->b->n_buses; i++) {
        const struct rtl_bus *f = &m->b->buses[i];
        bool stream = f->kind == RTL_SINK || f->kind == RTL_SOURCE;
        bool master = f->kind == RTL_SOURCE || rtl_is_master(f->kind);
        if (f->kind == RTL_UNBOUND)
            continue;
        m->ip->buses[m->ip->n_buses++] = (struct lunq_bus){
            .name = text(m, f->name),
            .bus = stream ? text(m, f->name) : NULL,
            .vlnv = stream ? "xilinx.com:interface:axis:1.0" : "xilinx.com:interface:aximm:1.0",
            .role = master ? LUNQ_BUS_MASTER : LUNQ_BUS_SLAVE,
            .data_width = 8 * f->bytes};
    }
}

/* What the metadata says, else what the address pins reach; a whole address: 64 KiB. */
static uint64_t range_of(const struct making *m, const struct rtl_bus *f)
{
    uint64_t size = UINT64_C(1) << (f->address < 30 ? f->address : 16);
    for (size_t i = 0; m->own && i < m->own->n_external_ranges; i++) {
        const struct lunq_range *r = &m->own->external_ranges[i];
        uint64_t n = r->high - r->base + 1;
        if (r->slave && !strcmp(r->slave, f->name) && n && !(n & (n - 1)) && n <= LARGE)
            return n;
    }
    return size < 16 ? 16 : size;
}

/* The block of registers behind a port. */
static const char *block_of(const struct making *m, const struct rtl_bus *f)
{
    for (size_t i = 0; m->said && i < m->said->n_blocks; i++)
        if (!strcmp(m->said->blocks[i].interface, f->name))
            return lunq_design_intern(m->d, m->said->blocks[i].name, SIZE_MAX);
    return NULL;
}

/* A number of metadata; false: it is none. */
static bool number(const char *text, uint64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoull(text, &end, 0);
    return !errno && end != text && !*end;
}

/* What a table of pins says of a port's place (lua/lunq/rtl/pins.lua has checked it). */
static bool said_place(const struct making *m, const struct rtl_bus *f, uint64_t *base,
                       uint64_t *size)
{
    bool has_base = false, has_size = false;
    for (size_t i = 0; m->said && i < m->said->n_buses; i++) {
        const struct lunq_bus *bus = &m->said->buses[i];
        for (size_t k = 0; !strcasecmp(bus->name, f->name) && k < bus->n_params; k++) {
            if (!strcmp(bus->params[k].name, "BASE_ADDRESS"))
                has_base = number(bus->params[k].value, base);
            if (!strcmp(bus->params[k].name, "RANGE"))
                has_size = number(bus->params[k].value, size);
        }
    }
    return has_base && has_size && *size && *base + *size - 1 >= *base;
}

static void add_range(struct making *m, const struct rtl_bus *f, uint64_t base, uint64_t size)
{
    m->ps->ranges[m->ps->n_ranges++] = (struct lunq_range){.instance = m->ip->path,
                                                           .block = block_of(m, f),
                                                           .memtype = "REGISTER",
                                                           .slave = text(m, f->name),
                                                           .master = "M_AXI_GP0",
                                                           .base = base,
                                                           .high = base + size - 1};
}

/* The range that is in the way, or NULL. */
static const struct lunq_range *in_the_way(const struct making *m, uint64_t base, uint64_t size)
{
    for (size_t i = 0; i < m->ps->n_ranges; i++)
        if (m->ps->ranges[i].base <= base + size - 1 && base <= m->ps->ranges[i].high)
            return &m->ps->ranges[i];
    return NULL;
}

/* The first free place from *at on, at a multiple of the size; *at goes behind it. */
static uint64_t take_place(const struct making *m, uint64_t *at, uint64_t size, uint64_t step)
{
    const struct lunq_range *other;
    uint64_t base = (*at + size - 1) & ~(size - 1);
    while ((other = in_the_way(m, base, size)))
        base = (other->high + size) & ~(size - 1);
    *at = (base + size + step - 1) & ~(step - 1);
    return base;
}

/* Is there room for a port in the first megabyte, of which this much is given away? */
static bool fits_low(uint64_t given, uint64_t size)
{
    return given == 0 ? size <= LOW : size <= SMALL && given < LOW - SMALL;
}

/* Those whose place is said first, so that the others go around them. */
static void make_ranges(struct making *m)
{
    uint64_t small = 0, large = LARGE, base, size;
    m->ps->ranges = array(m, m->b->n_buses, sizeof *m->ps->ranges);
    for (size_t i = 0; m->ps->ranges && i < m->b->n_buses; i++)
        if (rtl_is_slave(m->b->buses[i].kind) && said_place(m, &m->b->buses[i], &base, &size))
            add_range(m, &m->b->buses[i], base, size);
    for (size_t i = 0; m->ps->ranges && i < m->b->n_buses; i++) {
        const struct rtl_bus *f = &m->b->buses[i];
        if (!rtl_is_slave(f->kind) || said_place(m, f, &base, &size))
            continue;
        size = range_of(m, f);
        base = fits_low(small, size) ? take_place(m, &small, size, SMALL)
                                     : take_place(m, &large, size, 1);
        add_range(m, f, base, size);
    }
}

/* The names alone don't say whether a pin pulses: an edge is kept until somebody takes it. */
static int make_interrupts(struct making *m, struct lunq_error *err)
{
    unsigned line = 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < m->b->n_irqs && line < MOST_LINES; i++) {
        struct lunq_port *p = &m->ip->ports[m->b->irqs[i].index];
        if (!p->sensitivity)
            p->sensitivity = "EDGE_RISING";
        r = lunq_design_wire(m->d, m->ip, p, NULL, line, err);
        line += p->width;
    }
    return r;
}

static int build(struct making *m, struct lunq_error *err)
{
    struct lunq_module *list = array(m, 2, sizeof *list);
    if (!list)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory", m->d->file);
    m->ip = &list[0];
    m->ps = &list[1];
    m->d->modules = list;
    m->d->n_modules = 2;
    m->d->arch = "zynq";
    m->d->name = text(m, m->b->model->top);
    m->ip->path = m->ip->instance = m->ip->modtype = m->d->name;
    m->ps->path = m->ps->instance = "processing_system7_0";
    m->ps->modtype = "processing_system7";
    m->ps->vlnv = "xilinx.com:ip:processing_system7:5.5";
    make_ports(m);
    if (m->said)
        rtl_describe(m->d, m->ip, m->said);
    make_buses(m);
    make_ranges(m);
    if (!m->ip->ports || !m->ip->buses || !m->ps->ranges)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory", m->d->file);
    return make_interrupts(m, err);
}

int rtl_design(struct lunq_design **out, const char *file, const struct lunq_rtl_model *model,
               struct lunq_error *err)
{
    struct rtl_bind b;
    struct lunq_design *d = NULL, *own = NULL;
    const struct lunq_module *said = NULL;
    int r;
    if (model->metadata &&
        lunq_design_read_mem(&own, file, model->metadata, strlen(model->metadata), NULL) == 0)
        said = lunq_design_module(own, model->top);
    r = rtl_bind_pins(&b, model, said, err);
    if (r == 0)
        r = lunq_design_new(&d, file, "rtl", err);
    if (r == 0)
        r = build(&(struct making){.d = d, .b = &b, .said = said, .own = said ? own : NULL}, err);
    if (r == 0)
        r = lunq_design_finish(d, err);
    rtl_bind_free(&b);
    lunq_design_unref(own);
    if (r < 0) {
        lunq_design_unref(d);
        d = NULL;
    }
    *out = d;
    return r;
}
