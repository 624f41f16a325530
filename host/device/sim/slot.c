/* slot.c - address ranges of instances, and the plain bytes behind them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "private.h"

struct sim_slot *sim_slot_add(struct sim_inst *i, uint64_t base, uint64_t size)
{
    struct sim_slot *slot = calloc(1, sizeof *slot);
    struct sim_slot **list = realloc(i->slots, (i->n_slots + 1) * sizeof *list);
    if (list)
        i->slots = list;
    if (!slot || !list) {
        free(slot);
        return NULL;
    }
    slot->base = base;
    slot->size = size;
    slot->inst = i;
    i->slots[i->n_slots++] = slot;
    return slot;
}

/* ---- bytes --------------------------------------------------------------------------------- */

static struct sim_store *store_new(uint64_t size, struct lunq_error *err)
{
    uint64_t pages = (size + 4095) & ~UINT64_C(4095);
    struct sim_store *st = calloc(1, sizeof *st);
    void *p = st && pages >= size && pages ? lunq_ram_reserve(pages) : NULL;
    if (!p) {
        free(st);
        lunq_fail(err, LUNQ_MEMORY, "no room for a range of 0x%" PRIx64 " bytes", size);
        return NULL;
    }
    st->mem = p;
    st->size = pages;
    st->refs = 1;
    return st;
}

void sim_store_unref(struct sim_store *st)
{
    if (!st || --st->refs > 0)
        return;
    munmap(st->mem, st->size);
    free(st);
}

/* What the metadata says the registers hold after configuration. Widths from 1 to 4,096 bits
 * occur; a reset value has at most 64. */
static void fill_resets(struct sim_slot *slot)
{
    const struct lunq_block *b = slot->block;
    for (size_t i = 0; b && i < b->n_registers; i++) {
        const struct lunq_register *r = &b->registers[i];
        uint64_t n = r->size > 32 ? 8 : 4;
        if (r->enabled && r->reset && r->offset < slot->size && slot->size - r->offset >= n)
            memcpy(slot->store->mem + r->offset, &r->reset, n);
    }
}

/* The block memory an axi_bram_ctrl is wired to, or NULL when it has its own. */
static const struct lunq_module *memory_of(const struct sim_inst *i)
{
    const struct lunq_design *d = i->design;
    for (size_t b = 0; b < i->module->n_buses; b++) {
        const struct lunq_bus *bus = &i->module->buses[b];
        if (strncmp(bus->name, "BRAM_PORT", 9) || !bus->bus)
            continue;
        for (size_t k = 0; k < d->n_modules; k++)
            for (size_t j = 0; j < d->modules[k].n_buses; j++) {
                const struct lunq_bus *other = &d->modules[k].buses[j];
                if (&d->modules[k] != i->module && other->bus && !strcmp(other->bus, bus->bus))
                    return &d->modules[k];
            }
    }
    return NULL;
}

/* Two controllers on one block memory, or one controller seen at two addresses, share bytes. */
static struct sim_store *shared_store(struct sim_slot *slot)
{
    const struct sim_fabric *f = &slot->inst->sim->fabric;
    const struct lunq_module *memory;
    if (slot->inst->base != &sim_bram)
        return NULL;
    memory = memory_of(slot->inst);
    for (size_t i = 0; i < f->n_insts; i++) {
        struct sim_inst *other = f->insts[i];
        if (other != slot->inst &&
            (!memory || other->base != &sim_bram || other->design != slot->inst->design ||
             memory_of(other) != memory))
            continue;
        for (size_t k = 0; k < other->n_slots; k++)
            if (other->slots[k]->store && other->slots[k]->store->size >= slot->size)
                return other->slots[k]->store;
    }
    return NULL;
}

uint8_t *sim_slot_memory(struct sim_slot *slot, struct lunq_error *err)
{
    if (slot->ddr)
        return slot->inst->sim->ram.device + slot->base;
    if (!slot->store) {
        slot->store = shared_store(slot);
        if (slot->store) {
            slot->store->refs++;
        } else if ((slot->store = store_new(slot->size, err)) != NULL) {
            fill_resets(slot);
        } else {
            return NULL;
        }
    }
    return slot->store->mem;
}

int sim_plain_read(struct sim_slot *slot, uint64_t off, unsigned width, uint64_t *value,
                   struct lunq_error *err)
{
    const uint8_t *p = sim_slot_memory(slot, err);
    if (!p)
        return SIM_SLVERR;
    *value = 0;
    memcpy(value, p + off, width);
    return SIM_OKAY;
}

int sim_plain_write(struct sim_slot *slot, uint64_t off, unsigned width, uint64_t value,
                    struct lunq_error *err)
{
    uint8_t *p = sim_slot_memory(slot, err);
    if (!p)
        return SIM_SLVERR;
    memcpy(p + off, &value, width);
    return SIM_OKAY;
}

void sim_slot_clear(struct sim_slot *slot)
{
    if (!slot->store || slot->ddr)
        return;
    memset(slot->store->mem, 0, slot->store->size); /* the pages stay where they are mapped */
    fill_resets(slot);
}

/* ---- accesses by a class's rules ------------------------------------------------------------ */

int sim_slot_read(struct sim_slot *slot, uint64_t off, unsigned width, uint64_t *value,
                  struct lunq_error *err)
{
    const struct sim_class *c = slot->inst->cls;
    uint64_t word = 0, high = 0;
    int r;
    *value = 0;
    if (sim_is_silent(slot->inst, err))
        return SIM_SLVERR;
    if (!c->read)
        return sim_plain_read(slot, off, width, value, err);
    if (!c->words || width == 4)
        return c->read(slot->inst, slot, off, width, value, err);
    r = c->read(slot->inst, slot, off & ~UINT64_C(3), 4, &word, err);
    if (r == SIM_OKAY && width == 8)
        r = c->read(slot->inst, slot, off + 4, 4, &high, err);
    if (width == 8)
        *value = (word & 0xffffffff) | high << 32;
    else
        *value = word >> 8 * (off & 3) & ((UINT64_C(1) << 8 * width) - 1);
    return r;
}

int sim_slot_write(struct sim_slot *slot, uint64_t off, unsigned width, uint64_t value,
                   struct lunq_error *err)
{
    const struct sim_class *c = slot->inst->cls;
    int r;
    if (sim_is_silent(slot->inst, err))
        return SIM_SLVERR;
    if (!c->write)
        return sim_plain_write(slot, off, width, value, err);
    if (!c->words || width == 4)
        return c->write(slot->inst, slot, off, width, value, err);
    if (width < 4) {
        lunq_fail(err, LUNQ_IO, "its registers are 32 bits wide: write 4 bytes");
        return SIM_SLVERR;
    }
    r = c->write(slot->inst, slot, off, 4, value & 0xffffffff, err);
    return r == SIM_OKAY ? c->write(slot->inst, slot, off + 4, 4, value >> 32, err) : r;
}

int sim_slot_block(struct sim_slot *slot, uint64_t off, void *data, size_t n, bool write,
                   struct lunq_error *err)
{
    const struct sim_class *c = slot->inst->cls;
    int r;
    if (!c->block || sim_is_silent(slot->inst, err))
        return SIM_SINGLE; /* which says why nobody answers */
    r = c->block(slot->inst, slot, off, data, n, write, err);
    if (r != SIM_SINGLE)
        *(write ? &slot->writes : &slot->reads) += 1;
    return r;
}

/* ---- the CPU's view ------------------------------------------------------------------------ */

struct sim_slot *sim_slot_at(struct lunq_sim *s, uint64_t addr)
{
    const struct sim_fabric *f = &s->fabric;
    size_t lo = 0, hi = f->n_slots;
    while (lo < hi) { /* the first slot that starts behind addr */
        size_t mid = lo + (hi - lo) / 2;
        if (f->slots[mid]->base <= addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    while (lo-- > 0) {
        struct sim_slot *slot = f->slots[lo];
        if (addr - slot->base < slot->size)
            return slot;
        if (!f->overlap)
            break;
    }
    return NULL;
}
