/* card.c - compute units as modules: registers (xrt.md 7), AXI ports and streams as buses, address
 * ranges, so that everything that works on a design works on a card's too. */
#include "card.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* ---- registers ----------------------------------------------------------------------------- */

struct field {
    const char *name;
    unsigned bit;
    const char *description;
};

/* The handshake of HLS at offset 0 (xrt.md 7, pynq-behaviour B15). */
static const struct field hs_fields[] = {{"AP_START", 0, "starts the kernel"},
                                         {"AP_DONE", 1, "it has finished"},
                                         {"AP_IDLE", 2, "it does nothing"},
                                         {"AP_READY", 3, "it can be started again"},
                                         {"AP_CONTINUE", 4, "the results were taken"},
                                         {"AUTO_RESTART", 7, "it starts again by itself"}};

static void add_fields(struct lunq_design *d, struct lunq_register *r, bool chain)
{
    size_t n = sizeof hs_fields / sizeof *hs_fields;
    r->fields = lunq_design_alloc(d, n * sizeof *r->fields);
    for (size_t i = 0; r->fields && i < n; i++) {
        const struct field *f = &hs_fields[i];
        bool status = f->bit >= 1 && f->bit <= 3;
        if (f->bit == 4 && !chain)
            continue;
        r->fields[r->n_fields++] = (struct lunq_field){
            .name = lunq_design_intern(d, f->name, SIZE_MAX),
            .description = lunq_design_intern(d, f->description, SIZE_MAX),
            .access = lunq_design_intern(d, status ? "read-only" : "read-write", SIZE_MAX),
            /* Of ap_ctrl_hs a read clears it; with chain AP_CONTINUE does. */
            .read_action = f->bit == 1 && !chain ? lunq_design_intern(d, "modify", SIZE_MAX) : NULL,
            .bit_offset = f->bit,
            .bit_width = 1};
    }
}

static int by_offset(const void *a, const void *b)
{
    const struct lunq_register *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void set_register(struct lunq_design *d, struct lunq_register *r, const char *name,
                         uint64_t offset, uint64_t bytes, const char *description)
{
    *r = (struct lunq_register){.name = name,
                                .description = description,
                                .access = lunq_design_intern(d, "read-write", SIZE_MAX),
                                .offset = offset,
                                .size = bytes * 8,
                                .enabled = true};
}

static const char *describe(struct lunq_design *d, const struct card_unit *u, const char *name)
{
    for (size_t i = 0; i < u->cu.n_args; i++)
        if (u->cu.args[i].name == name && *u->cu.args[i].type)
            return lunq_design_join(d, u->cu.args[i].type, " ", name);
    return name;
}

static bool make_block(struct lunq_design *d, const struct card_unit *u, const char *interface,
                       struct lunq_module *m)
{
    struct lunq_block *b = lunq_design_alloc(d, sizeof *b);
    struct lunq_register *r = lunq_design_alloc(d, (u->n_registers + u->cu.n_args + 1) * sizeof *r);
    if (!b || !r)
        return false;
    b->registers = r;
    b->name = lunq_design_intern(d, "Reg", SIZE_MAX);
    b->interface = interface;
    b->access = b->usage = lunq_design_intern(d, "", 0);
    b->range = u->cu.range;
    if (u->cu.control == LUNQ_CTRL_HS || u->cu.control == LUNQ_CTRL_CHAIN) {
        set_register(d, r, lunq_design_intern(d, "CTRL", SIZE_MAX), 0, 4,
                     lunq_design_intern(d, "control of the kernel", SIZE_MAX));
        add_fields(d, r++, u->cu.control == LUNQ_CTRL_CHAIN);
    }
    for (size_t i = 0; i < u->n_registers; i++)
        set_register(d, r++, u->registers[i].name, u->registers[i].offset, u->registers[i].size,
                     describe(d, u, u->registers[i].name));
    for (size_t i = 0; i < u->cu.n_args && !u->registers; i++)
        if (u->cu.args[i].kind != LUNQ_ARG_STREAM)
            set_register(d, r++, u->cu.args[i].name, u->cu.args[i].offset, u->cu.args[i].size,
                         describe(d, u, u->cu.args[i].name));
    b->n_registers = (size_t)(r - b->registers);
    if (b->n_registers)
        qsort(b->registers, b->n_registers, sizeof *r, by_offset);
    m->blocks = b;
    m->n_blocks = 1;
    return true;
}

/* ---- ports --------------------------------------------------------------------------------- */

/* The stream an argument is connected to: what both ends have in common. NULL: none. */
static const char *stream_of(const struct lunq_design *d, const struct lunq_arg *a)
{
    for (size_t i = 0; i < a->n_memories; i++)
        if (d->card.memories[a->memories[i]].streaming)
            return d->card.memories[a->memories[i]].tag;
    return NULL;
}

static bool make_buses(struct lunq_design *d, const struct card_unit *u, struct lunq_module *m)
{
    const char *mm = lunq_design_intern(d, "xilinx.com:interface:aximm:1.0", SIZE_MAX);
    const char *stream = lunq_design_intern(d, "xilinx.com:interface:axis:1.0", SIZE_MAX);
    struct lunq_bus *b = lunq_design_alloc(d, (u->n_ports + u->cu.n_args) * sizeof *b + 1);
    if (!b || !mm || !stream)
        return false;
    m->buses = b;
    for (size_t i = 0; i < u->n_ports; i++)
        *b++ = (struct lunq_bus){.name = u->ports[i].name,
                                 .vlnv = mm,
                                 .role = u->ports[i].slave ? LUNQ_BUS_SLAVE : LUNQ_BUS_MASTER,
                                 .data_width = u->ports[i].width};
    for (size_t i = 0; i < u->cu.n_args; i++) {
        const struct lunq_arg *a = &u->cu.args[i];
        if (a->kind == LUNQ_ARG_STREAM)
            *b++ = (struct lunq_bus){.name = a->name,
                                     .bus = stream_of(d, a),
                                     .vlnv = stream,
                                     .role = a->output ? LUNQ_BUS_MASTER : LUNQ_BUS_SLAVE};
    }
    m->n_buses = (size_t)(b - m->buses);
    return true;
}

static const char *slave_name(struct lunq_design *d, const struct card_unit *u)
{
    for (size_t i = 0; i < u->n_ports; i++)
        if (u->ports[i].slave)
            return u->ports[i].name;
    return lunq_design_intern(d, "", 0);
}

/* ---- all of it ----------------------------------------------------------------------------- */

static void set_end(struct lunq_cu *cu)
{
    for (size_t i = 0; i < cu->n_args; i++)
        if (cu->args[i].kind != LUNQ_ARG_STREAM &&
            cu->args[i].offset + cu->args[i].size > cu->args_end)
            cu->args_end = cu->args[i].offset + cu->args[i].size;
}

static int by_base(const void *a, const void *b)
{
    const struct lunq_cu *x = *(struct lunq_cu *const *)a, *y = *(struct lunq_cu *const *)b;
    if (x->base != y->base)
        return x->base < y->base ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* XRT counts compute units by address. */
static bool rank(struct lunq_card *c)
{
    struct lunq_cu **sorted = malloc((c->n_cus + 1) * sizeof *sorted);
    size_t n = 0;
    if (!sorted)
        return false;
    for (size_t i = 0; i < c->n_cus; i++) {
        c->cus[i].index = LUNQ_NONE;
        if (c->cus[i].has_address)
            sorted[n++] = &c->cus[i];
    }
    qsort(sorted, n, sizeof *sorted, by_base);
    for (size_t i = 0; i < n; i++)
        sorted[i]->index = i;
    free(sorted);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(struct lunq_cu *const *)a)->name, (*(struct lunq_cu *const *)b)->name);
}

/* Names are keys of ip_dict. */
static int check_names(struct lunq_design *d, struct lunq_error *err)
{
    struct lunq_card *c = &d->card;
    struct lunq_cu **sorted = malloc((c->n_cus + 1) * sizeof *sorted);
    int rc = 0;
    if (!sorted)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory", d->file);
    for (size_t i = 0; i < c->n_cus; i++)
        sorted[i] = &c->cus[i];
    qsort(sorted, c->n_cus, sizeof *sorted, by_name);
    for (size_t i = 1; i < c->n_cus && rc == 0; i++)
        if (!strcmp(sorted[i - 1]->name, sorted[i]->name))
            rc = lunq_fail(err, LUNQ_VALUE,
                           "%s: two compute units are called %s (of kernels %s and %s): link the "
                           "design again with different names",
                           d->file, sorted[i]->name, sorted[i - 1]->kernel, sorted[i]->kernel);
    free(sorted);
    return rc;
}

static bool make_module(struct lunq_design *d, const struct card_unit *u, struct lunq_module *m,
                        struct lunq_cu *cu)
{
    *cu = u->cu;
    cu->module = m;
    set_end(cu);
    m->path = m->instance = cu->name;
    m->vlnv = u->vlnv;
    m->modtype = cu->kernel;
    if (!make_buses(d, u, m) || (cu->has_address && !make_block(d, u, slave_name(d, u), m)))
        return false;
    if (cu->has_address)
        d->external_ranges[d->n_external_ranges++] =
            (struct lunq_range){.instance = cu->name,
                                .memtype = lunq_design_intern(d, "REGISTER", SIZE_MAX),
                                .master = slave_name(d, u),
                                .slave = slave_name(d, u),
                                .base = cu->base,
                                .high = cu->base + (cu->range - 1)};
    return true;
}

int lunq_card_build(struct lunq_design *d, const struct card_unit *units, size_t n,
                    struct lunq_error *err)
{
    struct lunq_module *modules = lunq_design_alloc(d, n * sizeof *modules + 1);
    d->external_ranges = lunq_design_alloc(d, n * sizeof *d->external_ranges + 1);
    d->card.cus = lunq_design_alloc(d, n * sizeof *d->card.cus + 1);
    if (!modules || !d->external_ranges || !d->card.cus)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory", d->file);
    for (size_t i = 0; i < n; i++)
        if (!make_module(d, &units[i], &modules[i], &d->card.cus[i]))
            return lunq_fail(err, LUNQ_MEMORY, "%s: no memory", d->file);
    d->modules = modules;
    d->n_modules = d->card.n_cus = n;
    if (!rank(&d->card) || d->priv->arena.failed)
        return lunq_fail(err, LUNQ_MEMORY, "%s: no memory", d->file);
    return check_names(d, err);
}
