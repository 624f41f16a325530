/* hwh_registers.c - address blocks, registers and fields of an HWH file.
 * What their texts get wrong: registers.md section 3. */
#include <inttypes.h>
#include <string.h>

#include "hwh_reader.h"

void hwh_start_block(struct hwh_reader *r)
{
    if (!r->in_module)
        return;
    memset(&r->block, 0, sizeof r->block);
    r->block.name = hwh_name_or(r, A_NAME, "");
    r->block.interface = hwh_name_or(r, A_INTERFACE, "");
    r->block.access = hwh_name_or(r, A_ACCESS, "");
    r->block.usage = hwh_name_or(r, A_USAGE, "");
    r->block.range = hwh_number(r, A_RANGE, "RANGE", 0, UINT64_MAX);
    r->in_block = true;
}

void hwh_end_block(struct hwh_reader *r)
{
    struct lunq_block *b = hwh_push(r, &r->blocks, sizeof *b);
    r->in_block = false;
    if (!b)
        return;
    HWH_KEEP(r, r->registers, r->block.registers, r->block.n_registers);
    *b = r->block;
}

void hwh_start_register(struct hwh_reader *r)
{
    if (!r->in_block || !r->at[A_NAME]) {
        r->skip_at = r->depth;
        return;
    }
    memset(&r->reg, 0, sizeof r->reg);
    r->reg.name = hwh_name(r, A_NAME);
    r->reg.description = r->reg.access = lunq_design_intern(r->d, "", 0);
    r->reg.size = 32;
    r->reg.enabled = true;
    r->in_register = true;
}

/* Where the register goes. The same block may stand twice in a module (reached by two masters):
 * equal registers are one, and the later counts, as with PYNQ. */
static struct lunq_register *register_slot(struct hwh_reader *r)
{
    struct lunq_register *x = r->registers.data;
    size_t n = r->registers.n < 256 ? r->registers.n : 256; /* modules have tens */
    for (size_t i = 0; i < n; i++)
        if (x[i].name == r->reg.name && x[i].offset == r->reg.offset)
            return &x[i];
    return hwh_push(r, &r->registers, sizeof *x);
}

void hwh_end_register(struct hwh_reader *r)
{
    struct lunq_register *g;
    r->in_register = false;
    if (!r->reg.size) {
        hwh_warn(r, "a register of 0 bits, such as", r->reg.name);
        r->fields.n = 0;
        return;
    }
    if (r->block.range && r->reg.enabled && r->reg.offset >= r->block.range)
        lunq_design_warn(r->d, "register beyond its block",
                         "%s:%lu: register %.64s of %.64s lies at 0x%" PRIx64
                         ", beyond the 0x%" PRIx64 " bytes of its address block",
                         r->d->file, (unsigned long)XML_GetCurrentLineNumber(r->xml), r->reg.name,
                         r->module.path, r->reg.offset, r->block.range);
    if (!(g = register_slot(r)))
        return;
    HWH_KEEP(r, r->fields, r->reg.fields, r->reg.n_fields);
    *g = r->reg;
}

void hwh_start_field(struct hwh_reader *r)
{
    if (!r->in_register || !r->at[A_NAME]) {
        r->skip_at = r->depth;
        return;
    }
    memset(&r->field, 0, sizeof r->field);
    r->field.name = hwh_name(r, A_NAME);
    r->field.description = r->field.access = lunq_design_intern(r->d, "", 0);
    r->field.bit_width = 1;
    r->in_field = true;
}

void hwh_end_field(struct hwh_reader *r)
{
    struct lunq_field *f;
    r->in_field = false;
    if (!r->field.bit_width) {
        hwh_warn(r, "a field of 0 bits, such as", r->field.name);
        return;
    }
    if ((f = hwh_push(r, &r->fields, sizeof *f)))
        *f = r->field;
}

static void field_property(struct hwh_reader *r, enum hwh_property p)
{
    struct lunq_field *f = &r->field;
    bool said = r->at_len[A_VALUE] > 0;
    switch (p) {
    case P_DESCRIPTION: f->description = hwh_text(r, A_VALUE); break;
    case P_ACCESS: f->access = hwh_name(r, A_VALUE); break;
    case P_MODIFIED_READ_VALUES: /* effects of writes in spite of its name */
        f->write_effect = said ? hwh_name(r, A_VALUE) : NULL;
        break;
    case P_READ_ACTION: f->read_action = said ? hwh_name(r, A_VALUE) : NULL; break;
    case P_BIT_OFFSET:
        f->bit_offset = (unsigned)hwh_number(r, A_VALUE, "BIT_OFFSET", 0, LUNQ_MAX_WIDTH);
        break;
    case P_BIT_WIDTH:
        f->bit_width = (unsigned)hwh_number(r, A_VALUE, "BIT_WIDTH", 1, LUNQ_MAX_WIDTH);
        break;
    default: break; /* ADDRESS_OFFSET repeats BIT_OFFSET */
    }
}

static void register_property(struct hwh_reader *r, enum hwh_property p)
{
    struct lunq_register *g = &r->reg;
    switch (p) {
    case P_DESCRIPTION: g->description = hwh_text(r, A_VALUE); break;
    case P_ACCESS: g->access = hwh_name(r, A_VALUE); break;
    case P_ADDRESS_OFFSET:
        g->offset = hwh_number(r, A_VALUE, "ADDRESS_OFFSET", 0, INT64_MAX);
        break;
    case P_SIZE: g->size = hwh_number(r, A_VALUE, "SIZE", 32, INT64_MAX); break;
    case P_RESET_VALUE: /* unreliable anyway (registers.md section 3), so not worth an error */
        if (!lunq_number(r->at[A_VALUE], &g->reset))
            g->reset = 0;
        break;
    case P_IS_ENABLED: g->enabled = !lunq_same_nocase(r->at[A_VALUE], "false"); break;
    default: break;
    }
}

void hwh_start_property(struct hwh_reader *r)
{
    enum hwh_property p;
    if (!r->at[A_NAME] || !r->at[A_VALUE])
        return;
    p = hwh_property(r->at[A_NAME]);
    if (p == P_UNKNOWN)
        hwh_warn(r, "unknown PROPERTY", r->at[A_NAME]);
    else if (r->in_field)
        field_property(r, p);
    else if (r->in_register)
        register_property(r, p);
}
