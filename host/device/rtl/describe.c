/* describe.c - what a model's own metadata says of its IP, copied into the design of the model alone: type,
 * parameters, registers, how interrupts are to be sensed. */
#include "device.h"

#include "hint.h"

static const char *text(struct lunq_design *d, const char *s)
{
    return s ? lunq_design_intern(d, s, SIZE_MAX) : NULL;
}

/* A copy of n things in the arena; NULL for none, and when there is no memory. */
static void *copy(struct lunq_design *d, const void *from, size_t n, size_t size)
{
    void *to = n ? lunq_design_alloc(d, n * size) : NULL;
    if (to)
        memcpy(to, from, n * size);
    return to;
}

#define COPY(d, list, n) ((list) = copy(d, list, n, sizeof *(list)), (n) = (list) ? (n) : 0)

static void copy_params(struct lunq_design *d, struct lunq_module *ip)
{
    COPY(d, ip->params, ip->n_params);
    for (size_t i = 0; i < ip->n_params; i++) {
        ip->params[i].name = text(d, ip->params[i].name);
        ip->params[i].value = text(d, ip->params[i].value);
    }
}

static void copy_fields(struct lunq_design *d, struct lunq_register *r)
{
    COPY(d, r->fields, r->n_fields);
    for (size_t i = 0; i < r->n_fields; i++) {
        struct lunq_field *f = &r->fields[i];
        f->name = text(d, f->name);
        f->description = text(d, f->description);
        f->access = text(d, f->access);
        f->write_effect = text(d, f->write_effect);
        f->read_action = text(d, f->read_action);
    }
}

static void copy_registers(struct lunq_design *d, struct lunq_block *b)
{
    COPY(d, b->registers, b->n_registers);
    for (size_t i = 0; i < b->n_registers; i++) {
        struct lunq_register *r = &b->registers[i];
        r->name = text(d, r->name);
        r->description = text(d, r->description);
        r->access = text(d, r->access);
        copy_fields(d, r);
    }
}

static void copy_blocks(struct lunq_design *d, struct lunq_module *ip)
{
    COPY(d, ip->blocks, ip->n_blocks);
    for (size_t i = 0; i < ip->n_blocks; i++) {
        struct lunq_block *b = &ip->blocks[i];
        b->name = text(d, b->name);
        b->interface = text(d, b->interface);
        b->access = text(d, b->access);
        b->usage = text(d, b->usage);
        copy_registers(d, b);
    }
}

static void copy_ports(struct lunq_design *d, struct lunq_module *ip,
                       const struct lunq_module *said)
{
    for (size_t i = 0; i < ip->n_ports; i++) {
        const struct lunq_port *p = lunq_module_port(said, ip->ports[i].name);
        if (p && p->sensitivity)
            ip->ports[i].sensitivity = text(d, p->sensitivity);
        if (p)
            ip->ports[i].clk_hz = p->clk_hz;
    }
}

void rtl_describe(struct lunq_design *d, struct lunq_module *ip, const struct lunq_module *said)
{
    ip->vlnv = text(d, said->vlnv);
    ip->params = said->params;
    ip->n_params = said->n_params;
    ip->blocks = said->blocks;
    ip->n_blocks = said->n_blocks;
    copy_params(d, ip);
    copy_blocks(d, ip);
    copy_ports(d, ip, said);
}
